"""What the commands print about the town, about a damaged copy of it, and about another town's shapes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evalkit.cli import app
from tests.approved import approving
from tests.conftest import TOLD, WIDE
from tests.pages import town


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return town.write(tmp_path_factory.mktemp("console") / "town")


def told(folder: Path, *arguments: str) -> str:
    """The words of a command: no times, no folder, lines as wide as they are."""
    outcome = CliRunner().invoke(app, [*arguments, str(folder)], env=WIDE)
    return plain(outcome.output, folder, outcome.exit_code)


def plain(output: str, folder: Path, exit_code: int) -> str:
    text = output.replace(str(folder), "FOLDER").replace(str(folder.parent), "ABOVE")
    text = re.sub(r"\d+(\.\d+)? ?秒", "N 秒", text)
    return f"exit {exit_code}\n{text}"


def test_what_check_says_of_a_sound_workspace_is_as_approved(folder: Path) -> None:
    approving.compare("console/check", told(folder, "check"))


def test_what_run_says_is_as_approved(town_folder: Path) -> None:
    output = town_folder.with_name(TOLD).read_text(encoding="utf-8")
    approving.compare("console/run", plain(output, town_folder, 0))


DAMAGE = {
    "scheme.yaml": ("weight: 18", "weight: 17"),
    "roster.csv": ("s02,松涛里", "s01,松涛里"),
    "questionnaires/resident.yaml": ("code: 3, label: 基本满意, score: 60", "code: 3, label: 满意"),
    "themes.yaml": ("code: lift", "code: parking"),
    "actions.yaml": ("indicator: A2", "indicator: A9"),
}
"""A fault for every document that the evaluation names."""
ORDER = {"evaluation.yaml": ("start: 2016-03-01", "start: 2016-13-01")}


@pytest.mark.parametrize(("name", "damage"), [("documents", DAMAGE), ("order", ORDER)])
def test_what_check_says_of_damaged_documents_is_as_approved(
    name: str, damage: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    folder = town.write(tmp_path / "town")
    for document, (old, new) in damage.items():
        path = folder / document
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    approving.compare(f"console/damaged-{name}", told(folder, "check"))


ROWS = {
    "responses/2016/key.csv": [("满意", "很满意"), ("居民区", "居委")],
    "responses/2016/random.csv": [("松涛里", "松涛理"), ("2016/4/", "2016-13-")],
    "responses/2016/office.csv": [("党建办", ""), ("90秒", "九十秒")],
    "responses/2015/key.csv": [("┋", "、")],
}
"""Faults of answers: an unknown option and a changed heading, a misspelt committee and a date that is none ..."""


def test_what_check_says_of_damaged_answers_is_as_approved(tmp_path: Path) -> None:
    folder = town.write(tmp_path / "town")
    for name, changes in ROWS.items():
        path = folder / name
        text = path.read_text(encoding="utf-8-sig")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 30)
        path.write_text(text, encoding="utf-8-sig")
    approving.compare("console/damaged-answers", told(folder, "check"))
