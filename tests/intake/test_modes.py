"""How an answer was given: by its own question, else by what is said of the file."""

from __future__ import annotations

from dataclasses import replace

from tests.intake import exported as files

ASKED = files.RESIDENT.replace(
    "  - {id: r1,",
    "  - id: how\n    text: 来源\n    role: mode\n    options:\n"
    "      - {code: '1', label: 微信, mode: online}\n"
    "      - {code: '2', label: 录入, mode: paper}\n"
    "      - {code: '3', label: 不详, missing: dont_know}\n"
    "  - {id: r1,",
)


def modes(*answers: str, declared: str | None = None) -> list[str]:
    rows = [[*files.answer("resident", at), answer] for at, answer in enumerate(answers, start=1)]
    headers = (*files.HEADERS["resident"], "来源")
    made = files.source("resident", rows, document=files.questionnaire(ASKED), headers=headers)
    found = files.imported(replace(made, entry=made.entry.model_copy(update={"mode": declared})))
    assert found.problems == []
    assert "how" not in found.answers.codes["resident"]
    return [found.answers.modes.get(name, "") for name in found.answers.respondents.index]


def test_a_question_tells_the_mode_row_by_row() -> None:
    assert modes("微信", "录入", "不详", "") == ["online", "paper", "", ""]


def test_what_is_said_of_the_file_holds_where_the_question_tells_nothing() -> None:
    assert modes("微信", "不详", "", declared="telephone") == ["online", "telephone", "telephone"]


def test_a_file_alone_may_tell_it() -> None:
    plain = files.source("resident", [files.answer("resident", 1)])
    entry = plain.entry.model_copy(update={"mode": "paper"})
    found = files.imported(replace(plain, entry=entry))
    assert list(found.answers.modes.values()) == ["paper"]
    assert files.imported(plain).answers.modes == {}
