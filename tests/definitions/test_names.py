"""Texts that reach a page: nothing that cannot be seen, no name longer than its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.documents import Document
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.roster_file import read_roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.themes import Themes
from evalkit.definitions.validating import validate
from evalkit.errors import Problem, Problems
from evalkit.files import limits

HIDDEN = [
    "\u202e",
    "\u200b",
    "\u200f",
    "\u2066",
    "\ufeff",
    "\xad",
    "\u2028",
    "\u3164",
    "\x1b",
    "\x85",
]

PLACES: list[tuple[str, tuple[str | int, ...]]] = [
    ("roster", ("subjects", 0, "name")),
    ("roster", ("subjects", 0, "aliases", 0)),
    ("roster", ("subjects", 0, "zone")),
    ("evaluation", ("street",)),
    ("evaluation", ("waves", 0, "title")),
    ("scheme", ("dimensions", 0, "name")),
    ("scheme", ("dimensions", 0, "indicators", 0, "name")),
    ("scheme", ("groups", 0, "name")),
    ("scheme", ("grades", 0, "name")),
    ("resident", ("scales", "satisfaction", 0, "label")),
    ("actions", ("actions", 0, "what")),
    ("themes", ("themes", 0, "name")),
]


MODELS: dict[str, type[Document]] = {
    "roster": Roster,
    "evaluation": EvaluationOrder,
    "scheme": Scheme,
    "resident": Questionnaire,
    "actions": ActionLibrary,
    "themes": Themes,
}


def validate_any(document: str, path: tuple[str | int, ...], text: str, problems: Problems) -> None:
    """Validate nothing but that text where it would stand: other problems do not hide it."""
    data: object = text
    for step in reversed(path):
        data = [data] if isinstance(step, int) else {step: data}
    validate(MODELS[document], data, "文档", problems)


def roster(text: str, folder: Path) -> list[Problem]:
    path = folder / "名册.csv"
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    assert read_roster(path, "名册.csv", problems) is None
    return list(problems)


@pytest.mark.parametrize("sign", HIDDEN, ids=lambda sign: f"U+{ord(sign):04X}")
def test_a_sign_that_cannot_be_seen_is_a_problem_of_its_cell(tmp_path: Path, sign: str) -> None:
    (problem,) = roster(f"id,name,zone\na,甲,东\nb,乙{sign}村,西\n", tmp_path)
    assert (problem.code, problem.row, problem.column) == ("unprintable_character", 3, "B（name）")
    assert problem.found == f"U+{ord(sign):04X}，在第 2 个字"


@pytest.mark.parametrize(("document", "path"), PLACES, ids=lambda value: str(value))
def test_every_text_of_a_page_is_asked(document: str, path: tuple[str | int, ...]) -> None:
    problems = Problems()
    validate_any(document, path, "a\u202eb", problems)
    assert "unprintable_character" in {problem.code for problem in problems}
    (key,) = [problem.key for problem in problems if problem.code == "unprintable_character"]
    assert str(path[-1]) in str(key)


def test_half_a_character_is_a_problem_too(tmp_path: Path) -> None:
    problems = Problems()
    validate_any("roster", ("subjects", 0, "name"), json.loads('"甲\\ud83d"'), problems)
    assert "unprintable_character" in {problem.code for problem in problems}


def test_a_crosswalk_may_say_what_a_file_says() -> None:
    """Its texts are those of a file's headers and cells, which nobody can retype."""
    problems = Problems()
    data = {"values": {"q1": {"满\u200b意": "1"}}}
    assert validate(Crosswalk, data, "对照表", problems) is None
    assert "unprintable_character" not in {problem.code for problem in problems}


@pytest.mark.parametrize(
    ("column", "most"),
    [("name", 40), ("aliases", 100), ("zone", 100), ("kind", 100), ("housing", 100)],
)
def test_names_have_a_length_that_pages_can_hold(tmp_path: Path, column: str, most: int) -> None:
    head, row = ("id,name", "a,{}") if column == "name" else (f"id,name,{column}", "a,甲,{}")
    path = tmp_path / "名册.csv"
    path.write_text(f"{head}\n{row.format('长' * most)}\n", encoding="utf-8")
    assert read_roster(path, "名册.csv", Problems()) is not None
    (problem,) = roster(f"{head}\n{row.format('长' * (most + 1))}\n", tmp_path)
    assert (problem.code, problem.row, problem.expected) == (
        "wrong_value",
        2,
        f"不超过 {most} 个字",
    )


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("evaluation", ("street",)),
        ("scheme", ("groups", 0, "name")),
        ("themes", ("themes", 0, "name")),
    ],
)
def test_names_of_other_documents_too(document: str, path: tuple[str | int, ...]) -> None:
    for length, expected in ((100, False), (101, True)):
        problems = Problems()
        validate_any(document, path, "长" * length, problems)
        assert ("不超过 100 个字" in {problem.expected for problem in problems}) is expected


def test_a_roster_of_more_cells_than_a_document_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_DOCUMENT_CELLS", 5)
    (problem,) = roster("id,name\na,甲\nb,乙\n", tmp_path)
    assert (problem.code, problem.found) == ("document_too_large", "3 行 x 2 列")
