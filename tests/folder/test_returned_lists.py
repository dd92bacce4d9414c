"""A folder with last wave's list in it, from the list that a run makes to the next wave's results."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

import evalkit as ek
from evalkit.codes import NoteCode, TaskState
from evalkit.inputs import fingerprint, waves_up_to
from evalkit.pages.press.sentences import said
from tests import tiny


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first wave as it was run, its list laid where it comes back; not to be touched."""
    root = tiny.write(tmp_path_factory.mktemp("handed-out") / "ws")
    space = ek.open(root)
    space.publish(space.evaluate(wave="2015"), pdf=False)
    (root / "follow-up").mkdir()
    (root / "follow-up/2015.xlsx").write_bytes((root / "out/2015/actions.xlsx").read_bytes())
    return root


@pytest.fixture
def root(handed_out: Path, tmp_path: Path) -> Path:
    """A copy of it, for a test to spoil."""
    return Path(shutil.copytree(handed_out, tmp_path / "ws"))


def tasks(root: Path) -> dict[str, int]:
    """The rows of the tasks in its list."""
    page = openpyxl.load_workbook(root / "follow-up/2015.xlsx")["整改清单"]
    return {str(row[0].value): row[0].row for row in page.iter_rows(min_row=4) if row[0].value}


def fill(root: Path, row: int, cells: Mapping[str, str]) -> None:
    path = root / "follow-up/2015.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["整改清单"]
    at = {str(cell.value): cell.column for cell in page[3]}
    for title, text in cells.items():
        page.cell(row, at[title]).value = text
    book.save(path)


def test_a_list_that_a_run_made_comes_back_and_is_told_of(root: Path) -> None:
    rows = tasks(root)
    assert rows
    first = next(iter(rows))
    inputs = ek.open(root).inputs()
    before = fingerprint(inputs, waves_up_to(inputs, None))
    fill(
        root,
        rows[first],
        {"状态": "已完成", "佐证材料": "张建国的台账", "实际完成日期": "2016-03-01"},
    )
    space = ek.open(root)
    checked = space.check()
    assert checked.problems == ()
    assert NoteCode.REPORTS_INCOMPLETE in {note.code for note in checked.notes}
    evaluation = space.evaluate()
    assert evaluation.fingerprint != before
    table = evaluation.follow_up.set_index("task")
    assert list(table.index) == list(rows)
    assert table.loc[first, "state"] == TaskState.SAID_DONE
    assert set(table["state"]) <= {TaskState.SAID_DONE, TaskState.UNREPORTED}
    space.publish(evaluation, pdf=False)
    assert "follow-up/2015.xlsx" in evaluation.decided.digests
    assert space.verify()[1] == ()
    for file in (root / "out/2016").rglob("*"):
        if file.is_file():
            assert "张建国".encode() not in file.read_bytes(), file


def test_a_changed_row_stops_a_run_and_writes_nothing(root: Path) -> None:
    rows = tasks(root)
    fill(root, next(iter(rows.values())), {"存在问题": "没有问题", "状态": "办了"})
    (changed, state) = ek.open(root).check().problems
    assert (changed.code, changed.column) == ("task_changed", "D 存在问题")
    assert (state.code, state.found) == ("unknown_state", "办了")
    assert not (root / "out/2016").exists()


def test_lists_that_are_not_of_an_earlier_wave_are_said_not_to_be_used(root: Path) -> None:
    for name in ("2016.xlsx", "2015.csv"):
        (root / "follow-up" / name).write_bytes(b"x")
    notes = {n.where: said(n) for n in ek.open(root).check().notes if n.code == "file_not_used"}
    assert set(notes) == {"follow-up/2016.xlsx", "follow-up/2015.csv"}
    assert all("follow-up/<批次>.xlsx" in text for text in notes.values())
