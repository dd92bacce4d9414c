"""lineage.csv: how it is read, every fault at once, and what hangs together between two waves."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.codes import Kinship
from evalkit.definitions.consistency import Origin
from evalkit.definitions.levels import Count, Level
from evalkit.definitions.lineage import Lineage, Succession, components
from evalkit.definitions.lineage_consistency import check_lineage, disagreeing
from evalkit.definitions.places import Places
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.roster_file import read_lineage
from evalkit.definitions.territory import Territory
from evalkit.definitions.units import Units
from evalkit.errors import Note, Problem, Problems
from tests.deciding import order

HEADER = "wave,kind,from,to,households,document\n"
WAVES = ("2014", "2015", "2016")


def roster(*rows: str, counts: str = "") -> Roster:
    """Committees as ``id since until``, with ``-`` for nothing; households as ``id wave number``."""
    cells = [dict(zip(("id", "since", "until"), row.split(), strict=True)) for row in rows]
    return Territory(
        subjects=[
            Subject(
                name=f"{own['id']}村",
                **{key: value for key, value in own.items() if value != "-"},  # type: ignore[arg-type]
            )
            for own in cells
        ],
        levels=[Level(code="committee", name="居民区")],
        evaluated="committee",
        counts=[
            Count(unit=unit, wave=wave, households=int(n))
            for unit, wave, n in (line.split() for line in counts.split(";") if line.strip())
        ],
    )


def read(text: str, folder: Path) -> tuple[Lineage | None, Problems, Places]:
    path = folder / "lineage.csv"
    path.write_text(text, encoding="utf-8")
    problems, places = Problems(), Places()
    found = read_lineage(path, "lineage.csv", problems, places, even_if_faulty=True)
    return found, problems, places


def faults(rows: str, of: Roster, folder: Path, **settings: str) -> list[Problem]:
    lineage, problems, places = read(HEADER + rows, folder)
    assert lineage is not None
    asked = order(WAVES).model_copy(update=settings)
    check_lineage(lineage, asked, of, problems, Origin("lineage.csv", places))
    return list(problems)


def lineage(*rows: str) -> Lineage:
    """Events as ``wave kind from to [households]``, with ``-`` for nothing."""
    keys = ("wave", "event", "origin", "target", "households")
    events = [
        {key: cell for key, cell in zip(keys, row.split(), strict=False) if cell != "-"}
        for row in rows
    ]
    return Lineage(events=[Succession.model_validate(event) for event in events])


def test_it_is_read_in_english_and_in_chinese(tmp_path: Path) -> None:
    english, problems, _ = read(
        HEADER + "2015,merge,a,c,,民〔2015〕3号\n2015,merge,b,c,400,\n2016,closed,c,,,\n", tmp_path
    )
    chinese, more, _ = read(
        "批次,变动,原代码,新代码,户数,文号\n"
        "2015,合并,a,c,,民〔2015〕3号\n2015,合并,b,c,400,\n2016,撤销,c,,,\n",
        tmp_path,
    )
    assert not problems
    assert not more
    assert english == chinese
    assert english is not None
    assert [e.event for e in english.events] == ["merge", "merge", "closed"]
    assert english.events[0].document == "民〔2015〕3号"
    assert english.events[1].households == 400


SOUND = "2015,merge,a,c,,\n2015,merge,b,c,,\n"
THERE = (
    "a - 2014",
    "b - 2014",
    "c 2015 -",
    "d - -",
    "e - -",
    "g - 2015",
    "f 2016 -",
    "i - -",
    "l 2016 -",
)


@pytest.mark.parametrize(
    ("rows", "more", "code", "column", "found"),
    [
        ("2016,rename,zz,f,,", (), "unknown_subject", "C", "zz"),
        ("2017,closed,d,,,", (), "unknown_wave", "A", "2017"),
        ("2016,swallow,d,e,,", (), "lineage_kind", "B", "swallow"),
        ("2016,transfer,d,e,124,", (), "lineage_households", "E", "124"),
        ("2016,closed,e,,,", (), "lineage_still_there", "C", "e 的最后批次是 空（至今）"),
        ("2016,new,,d,,", (), "lineage_existed_before", "D", "d 的首个批次是 空（一直参评）"),
        ("2016,rename,g,d,,", (), "lineage_existed_before", "D", "d 的首个批次是 空（一直参评）"),
        ("2016,split,d,e,,\n2016,split,d,f,,", (), "lineage_existed_before", "D", None),
        ("2016,merge,g,f,,", (), "lineage_of_one", "B", "f 只有 1 行"),
        ("2016,split,g,f,,", (), "lineage_of_one", "B", "g 只有 1 行"),
        ("2016,split,d,,,", (), "lineage_ends", "D", "split：d → 空"),
        ("2016,new,d,f,,", (), "lineage_ends", "C", "new：d → f"),
        ("2016,transfer,d,d,,", (), "lineage_same", "D", "d"),
        ("2016,transfer,f,d,,", (), "lineage_not_there", "C", "不存在"),
        ("2016,transfer,g,d,,", (), "lineage_not_there", "C", "不存在"),
        (
            "2016,closed,g,,,\n2016,rename,g,f,,", (), "lineage_contradiction", "B",
            "closed、rename；第 4-5 行",
        ),
        (
            "2016,transfer,d,e,5,\n2016,transfer,d,e,5,", (), "duplicate_id", None,
            "2016、transfer、d、e（2 次）；第 4-5 行",
        ),
    ],
)  # fmt: skip
def test_a_fault_has_its_row_its_column_what_is_expected_and_what_to_do(
    rows: str, more: tuple[str, ...], code: str, column: str | None, found: str | None,
    tmp_path: Path,
) -> None:  # fmt: skip
    of = roster(*THERE, *more, counts="d 2015 100;e 2016 900")
    problems = faults(SOUND + rows, of, tmp_path)
    own = [problem for problem in problems if problem.code == code]
    assert own, [(p.code, p.row, p.column, p.found) for p in problems]
    (problem,) = own[-1:]
    assert problem.file == "lineage.csv"
    assert problem.row in (4, 5)
    assert column is None or (problem.column or "").startswith(column)
    assert found is None or problem.found == found
    assert problem.expected
    assert problem.remedy


def test_a_code_that_ended_is_not_used_again(tmp_path: Path) -> None:
    problems = faults(SOUND + "2016,merge,d,a,,\n2016,merge,g,a,,\n", roster(*THERE), tmp_path)
    reused = [p for p in problems if p.code == "lineage_code_reused"]
    assert [(p.row, p.found) for p in reused] == [(4, "a；第 2、4 行"), (5, "a；第 2、5 行")]


def test_what_comes_out_of_itself_is_a_cycle(tmp_path: Path) -> None:
    of = roster("a - 2014", "b 2015 2015", "c - -")
    problems = faults("2015,rename,a,b,,\n2016,rename,b,a,,\n", of, tmp_path)
    (cycle,) = (p for p in problems if p.code == "lineage_cycle")
    assert (cycle.row, cycle.found) == (3, "a、b；第 2-3 行")
    assert not [p for p in problems if p.code == "lineage_code_reused"]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    rows = (
        "2016,rename,zz,f,,\n2017,closed,d,,,\n2016,swallow,d,e,,\n2016,transfer,d,e,124,\n"
        "2016,closed,i,,,\n2016,new,,d,,\n2016,transfer,d,d,,\n2016,split,g,l,,\n2016,transfer,,a,,\n"
    )
    problems = faults(SOUND + rows, roster(*THERE, counts="d 2015 100"), tmp_path)
    assert all(p.expected and p.remedy for p in problems)
    assert sorted((p.row, p.code) for p in problems) == [
        (4, "unknown_subject"),
        (5, "unknown_wave"),
        (6, "lineage_kind"),
        (7, "lineage_households"),
        (8, "lineage_still_there"),
        (9, "lineage_existed_before"),
        (10, "lineage_same"),
        (11, "lineage_of_one"),
        (12, "lineage_code_reused"),
        (12, "lineage_ends"),
        (12, "lineage_not_there"),
    ]


def test_a_committee_that_takes_in_another_is_a_merge_of_two(tmp_path: Path) -> None:
    of = roster("a - -", "b - 2014", "c - -", "d 2016 -")
    assert faults("2015,merge,b,a,,\n2016,split,c,d,,\n", of, tmp_path) == []


def test_124_households_agree_with_what_is_counted_before_and_after() -> None:
    told = lineage("2016 transfer a b 124")
    counts = "a 2015 910;b 2015 1850;a 2016 786;b 2016 1974"
    of = roster("a - -", "b - -", counts=counts)
    assert list(disagreeing(told, order(WAVES), of)) == []
    of = roster("a - -", "b - -", counts=counts.replace("786", "790"))
    (note,) = disagreeing(told, order(WAVES), of)
    assert isinstance(note, Note)
    assert (note.code, note.where) == ("households_disagree", "2016")
    assert note.facts == {
        "subject": "a", "name": "a村", "before": 910, "came": 0, "went": 124, "expected": 786,
        "counted": 790,
    }  # fmt: skip


def test_what_is_not_counted_in_both_waves_or_not_told_agrees_with_anything() -> None:
    of = roster("a - -", "b - -", counts="a 2016 786;b 2015 1850;b 2016 1900")
    assert list(disagreeing(lineage("2016 transfer a b"), order(WAVES), of)) == []


def test_weights_that_are_declared_are_counted_or_it_is_a_fault(tmp_path: Path) -> None:
    counted = "a 2014 300;b 2014 100;a 2015 1"
    assert faults(SOUND, roster(*THERE, counts=counted), tmp_path, unions="households") == []
    (problem,) = faults(SOUND, roster(*THERE, counts="a 2014 300"), tmp_path, unions="households")
    assert (problem.code, problem.row) == ("lineage_without_counts", 2)
    assert (problem.expected, problem.found) == ("2014 的户数", "没有：b")
    assert faults(SOUND, roster(*THERE), tmp_path, unions="answers") == []


# --- what hangs together --------------------------------------------------------------------


def kinds(of: Roster, told: Lineage | None, before: str, after: str) -> dict[str, tuple[str, str]]:
    found = components(Units.of(of), told, before, after)
    for side, wave in (("before", before), ("after", after)):
        listed = [code for part in found for code in getattr(part, side)]
        assert sorted(listed) == sorted(s.id for s in Units.of(of).present(wave))
    return {
        "".join(part.before) + ">" + "".join(part.after): (part.code, part.kind.value)
        for part in found
    }


STREET = (
    "a - 2014", "b - 2014", "c 2015 -", "d - -", "e - 2014", "f 2015 -", "g - -", "h 2015 -",
    "i - -", "j - -", "k - 2014", "n 2015 -",
)  # fmt: skip
TOLD = lineage(
    "2015 merge a c", "2015 merge b c", "2015 rename e f", "2015 split g h",
    "2015 transfer i j 124", "2015 closed k -", "2015 new - n",
)  # fmt: skip


def test_committees_are_unchanged_renamed_merged_split_or_mixed() -> None:
    assert kinds(roster(*STREET), TOLD, "2014", "2015") == {
        "ab>c": ("c", Kinship.MERGED),
        "d>d": ("d", Kinship.UNCHANGED),
        "e>f": ("f", Kinship.RENAMED),
        "g>gh": ("g", Kinship.SPLIT),
        "ij>ij": ("i", Kinship.MIXED),
        "k>": ("k", Kinship.CLOSED),
        ">n": ("n", Kinship.NEW),
    }


def test_a_wave_later_they_are_what_they_are() -> None:
    found = kinds(roster(*STREET), TOLD, "2015", "2016")
    assert {kind for _, kind in found.values()} == {Kinship.UNCHANGED}


def test_several_waves_are_passed_through_at_once() -> None:
    """Merged in 2015, renamed in 2016: from 2014 to 2016 the two are the one."""
    of = roster("a - 2014", "b - 2014", "c 2015 2015", "d 2016 -")
    told = lineage("2015 merge a c", "2015 merge b c", "2016 rename c d")
    assert kinds(of, told, "2014", "2016") == {"ab>d": ("d", Kinship.MERGED)}
    assert kinds(of, told, "2015", "2016") == {"c>d": ("d", Kinship.RENAMED)}


def test_who_parts_and_is_joined_again_is_what_it_was() -> None:
    of = roster("a - -", "b 2015 2015")
    told = lineage("2015 split a b", "2016 merge b a")
    assert kinds(of, told, "2014", "2016") == {"a>a": ("a", Kinship.UNCHANGED)}


def test_without_a_lineage_a_code_is_itself_and_others_come_and_go() -> None:
    found = kinds(roster(*STREET), None, "2014", "2015")
    assert found["d>d"] == ("d", Kinship.UNCHANGED)
    assert found["a>"] == ("a", Kinship.CLOSED)
    assert found[">c"] == ("c", Kinship.NEW)
