"""Raters are known again in another wave by a fingerprint, whatever file and order they come in."""

from __future__ import annotations

from evalkit.errors import Problems
from evalkit.intake.importing import import_wave, in_two_files
from tests.deciding import decided, order
from tests.intake import exported as files


def marks(*rows: list[str]) -> dict[str, str]:
    found = files.imported(files.source("peer", list(rows), group="office"))
    assert found.problems == []
    return dict(found.answers.who)


def test_a_rater_has_the_same_fingerprint_in_every_file_and_no_name() -> None:
    one = marks(files.answer("peer", 1), files.answer("peer", 2))
    other = marks(files.answer("peer", 7))
    (mark,) = set(other.values())
    assert set(one.values()) == {mark}
    assert len(mark) == 16
    assert int(mark, 16) >= 0


def test_residents_have_none() -> None:
    found = files.imported(files.source("resident", [files.answer("resident", 1)]))
    assert found.answers.who == {}


NUMBERED = files.RESIDENT.replace(
    "  - {id: r1,", "  - {id: me, text: 编号, kind: text, role: panel}\n  - {id: r1,"
)


def numbered(*numbers: str, seed: int = 1) -> files.Imported:
    rows = [[*files.answer("resident", at), number] for at, number in enumerate(numbers, start=1)]
    headers = (*files.HEADERS["resident"], "编号")
    source = files.source("resident", rows, document=files.questionnaire(NUMBERED), headers=headers)
    problems = Problems()
    by = decided(files.scheme(), {}, files.roster(), order=order(seed=seed))
    answers, reports = import_wave(files.wave(), (source,), by, problems)
    return files.Imported(answers, reports, list(problems))


def test_a_resident_who_gives_a_number_leaves_a_keyed_mark_and_nothing_else() -> None:
    found = numbered("13812345678", "１３８ 1234-5678", "A-7", "", "a7")
    assert found.problems == []
    one, same, other, again = found.answers.who.values()
    assert one == same != other == again
    assert len(found.answers.who) == 4
    assert list(numbered("13812345678", seed=2).answers.who.values()) != [one]
    assert "me" not in found.answers.codes["resident"]
    everything = repr((found.answers, found.reports)) + found.answers.respondents.to_csv()
    assert "13812345678" not in everything
    assert "1234-5678" not in everything
    assert one not in found.answers.respondents.to_csv()


def test_who_answers_as_before_is_not_one_file_twice() -> None:
    """Typed forms have no times: number and answers are all there is, the same in two years."""
    headers = ["编号", *files.HEADERS["resident"][4:]]
    numbers = [f"{at * 7919:06d}" for at in range(1, 9)]
    rows = [[number, *files.answer("resident", 1)[4:]] for number in numbers]
    for text, found in ((NUMBERED, []), (files.RESIDENT, ["same_answers"])):
        sources = {
            wave: [
                files.source(
                    "resident", rows, document=files.questionnaire(text), headers=headers,
                    file=f"{wave}.csv",
                )
            ]
            for wave in ("2015", "2016")
        }  # fmt: skip
        problems = Problems()
        in_two_files(sources, problems)
        assert [problem.code for problem in problems] == found
