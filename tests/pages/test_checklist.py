"""actions.xlsx, read back: what is told and locked, what is to be filled in, nothing that computes."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

import evalkit as ek
from evalkit.keeping.verifying import Kind
from evalkit.pages import checklist
from evalkit.pages.telling import tasks
from evalkit.tables import Evaluation, Needs
from tests.deciding import with_decided
from tests.pages import published
from tests.pages.reading import Files
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up
from tests.pages.test_tasks import NEEDS, ticked

HEADINGS = (
    "编号", "单位", "类别", "存在问题", "依据", "整改措施", "责任人", "完成时限", "看什么算办成",
    "状态", "实际完成日期", "办理情况", "佐证材料", "居民回访（人数、认可数）", "未完成或不再适用的原因",
    "新时限", "核查意见", "核查人、日期",
)  # fmt: skip
TOLD = 9
HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "＝HYPERLINK(1)")


def sheet(data: bytes) -> Worksheet:
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["整改清单", "核对用（请勿改动）"]
    assert book["核对用（请勿改动）"].sheet_state == "hidden"
    return book["整改清单"]


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> Worksheet:
    return sheet((files.folder / "actions.xlsx").read_bytes())


@pytest.fixture(scope="module")
def small() -> Evaluation:
    return made_up(Street(count=6, waves=("2016",), names=[*HOSTILE, "普雄"]))


def test_its_rows_are_the_tasks_of_street_and_committees_in_order(
    files: Files, page: Worksheet
) -> None:
    rows = list(page.iter_rows(values_only=True))
    assert rows[2] == HEADINGS
    own = [
        tuple(text or None for text in (task.id, *task[2:10]))
        for task in tasks.everything(files.evaluation)
    ]
    assert len(own) > 20
    assert [row[:TOLD] for row in rows[3:]] == own
    assert {value for row in rows[3:] for value in row[TOLD:]} == {None}


def test_what_is_told_is_locked_and_what_is_asked_is_not(page: Worksheet) -> None:
    assert page.protection.sheet
    for row in page.iter_rows(min_row=1, max_row=3):
        assert all(cell.protection.locked for cell in row)
    for row in page.iter_rows(min_row=4):
        assert all(cell.protection.locked for cell in row[:TOLD])
        assert not any(cell.protection.locked for cell in row[TOLD:])
        assert len(row) == len(HEADINGS)


def test_the_hidden_sheet_has_every_line_once_more_with_what_it_is_about(files: Files) -> None:
    book = openpyxl.load_workbook(files.folder / "actions.xlsx")
    copy = list(book["核对用（请勿改动）"].iter_rows(values_only=True))
    assert copy[0] == ("批次", "对象", "指标", *HEADINGS[:TOLD])
    own = [
        tuple(text or None for text in (files.evaluation.wave, t.subject, t.about, t.id, *t[2:10]))
        for t in tasks.everything(files.evaluation)
    ]
    assert copy[1:] == own
    codes = {measure.code for measure in files.evaluation.current.scores.measures}
    assert {t.about for t in tasks.everything(files.evaluation)} - {""} <= codes


def test_a_protected_sheet_may_still_be_filtered_and_made_wider(page: Worksheet) -> None:
    """True says that it is forbidden."""
    assert (page.protection.autoFilter, page.protection.formatColumns) == (False, False)
    assert page.protection.formatCells
    assert page.protection.insertRows


def test_the_state_is_one_of_four_in_every_line(page: Worksheet) -> None:
    (rule,) = page.data_validations.dataValidation
    assert rule.type == "list"
    assert rule.formula1 == '"未启动,推进中,已完成,不再适用"'
    assert rule.allow_blank
    assert str(rule.sqref) == f"J4:J{page.max_row}"
    assert "未启动、推进中、已完成、不再适用" in str(rule.error)
    assert page.auto_filter.ref == f"A3:R{page.max_row}"
    assert page.freeze_panes == "C4"


def test_its_head_says_what_it_is_and_that_it_is_simulated(files: Files, page: Worksheet) -> None:
    order = files.evaluation.order
    assert page["A1"].value == f"{order.street}{order.title}整改清单（2016年度）"
    assert order.synthetic
    assert str(page["A2"].value).startswith(
        "模拟数据，非真实评估结果。白色部分由评估产生，不要改动"
    )
    assert "模拟数据，非真实评估结果" in str(page.oddFooter.left.text)
    assert page.print_title_rows == "$3:$3"


def test_real_data_are_not_called_simulated(small: Evaluation) -> None:
    order = small.order.model_copy(update={"synthetic": False})
    found = sheet(checklist.workbook(with_decided(small, order=order)))
    assert str(found["A2"].value).startswith("白色部分")
    assert "模拟" not in str(found.oddFooter.left.text)


def test_no_cell_computes_whatever_committees_and_needs_are_called(small: Evaluation) -> None:
    rows = [
        *(row for row in NEEDS if row[0] == "all"),
        *(("all", name, 50 - n, None) for n, name in enumerate(HOSTILE)),
        *((f"CS00{at}", name, 30, "高于") for at, name in enumerate(HOSTILE, start=1)),
    ]
    order = small.order.model_copy(update={"street": "=街道", "title": "+1"})
    made = with_decided(ticked(small, rows), order=order, actions=None)
    data = checklist.workbook(made)
    cells = [cell for row in sheet(data).iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.value for cell in cells if cell.data_type == "n")
    texts = {cell.value: cell for cell in cells}
    for name in HOSTILE:
        assert texts[name].quotePrefix
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    named = {cell.value for cell in cells if cell.column == 2}
    assert set(HOSTILE) <= named
    assert set(HOSTILE) <= {cell.value for cell in cells if cell.column == 4}


def test_the_same_tasks_give_the_same_bytes(small: Evaluation) -> None:
    assert checklist.workbook(small) == checklist.workbook(small)


def test_where_nobody_has_anything_to_do_a_line_says_so(
    small: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "of_committee", lambda facts: [])
    found = sheet(checklist.workbook(replace(small, needs=Needs.nothing())))
    rows = list(found.iter_rows(values_only=True))
    assert rows[2] == HEADINGS
    assert [value for row in rows[3:] for value in row if value] == ["（没有需要列出的事项）"]
    assert not found.data_validations.dataValidation
    assert found.protection.sheet


def test_it_lies_in_the_results_and_a_changed_byte_is_noticed(
    tiny_folder: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(tiny_folder, tmp_path / "ws"))
    space = ek.open(root)
    file = root / "out/2016/actions.xlsx"
    assert file.is_file()
    assert space.verify()[1] == ()
    file.write_bytes(file.read_bytes() + b" ")
    (found,) = space.verify()[1]
    assert (found.kind, found.file) == (Kind.CHANGED, "out/2016/actions.xlsx")


def test_the_manifest_has_its_hash(files: Files) -> None:
    assert "actions.xlsx" in files.json("manifest")["outputs"]
