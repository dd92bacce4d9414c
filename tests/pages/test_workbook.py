"""results.xlsx and import-report.xlsx, read back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from evalkit.pages import workbook
from evalkit.tables import FRAMES, Evaluation
from tests.pages.conftest import REASONS
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

FORMULAS = ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)"]


@pytest.fixture(scope="module")
def small() -> Evaluation:
    return made_up(Street(count=5, names=[*FORMULAS, "普雄"]))


@pytest.fixture(scope="module")
def book(small: Evaluation) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook.results(small, REASONS)))


def test_no_cell_is_a_formula(book: openpyxl.Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    for text in FORMULAS:
        found = [cell for cell in cells if cell.value == text]
        assert found
        assert all(cell.data_type == "s" for cell in found)
        assert all(cell.quotePrefix for cell in found)


def test_frames_are_complete_and_numbers_not_rounded(
    book: openpyxl.Workbook, small: Evaluation
) -> None:
    for title, name, table in (
        ("名次", "ranking", small.ranking_by_wave["2016"].table),
        ("得分", "scores", small.scores_by_wave["2016"].table),
        ("变化", "changes", small.changes_by_wave["2016"].table),
        ("变化构成", "contributions", small.changes_by_wave["2016"].contributions),
    ):
        rows = list(book[title].iter_rows(values_only=True))
        assert [c for c in rows[1] if not c.endswith("_name")] == [c.name for c in FRAMES[name]]
        assert len(rows) == len(table) + 2
        for at, column in enumerate(rows[1]):
            if column in table and table[column].dtype.kind == "f":
                written = [row[at] for row in rows[2:]]
                assert written == pytest.approx(table[column].tolist(), rel=1e-14)


def test_every_declared_column_has_a_chinese_heading() -> None:
    shown = ("scores", "ranking", "changes", "contributions", "indicators", *workbook.ASSURANCE)
    for name in shown:
        assert {column.name for column in FRAMES[name]} <= set(workbook.HEADINGS)


def test_headers_are_frozen_and_numbers_formatted(book: openpyxl.Workbook) -> None:
    sheet = book["名次"]
    assert sheet.freeze_panes == "D3"
    assert sheet.auto_filter.ref == "A2:J7"
    assert sheet["D3"].number_format == "0.0"
    assert isinstance(sheet["D3"].value, float)
    assert sheet.conditional_formatting
    assert all(6 <= d.width <= 60 for d in sheet.column_dimensions.values())


def test_the_read_me_names_every_sheet_and_marks_synthetic_data(book: openpyxl.Workbook) -> None:
    terms = [row[0] for row in book["说明"].iter_rows(values_only=True)]
    assert set(book.sheetnames) - {"说明"} <= set(terms)
    assert "模拟数据" in terms


def test_withheld_cells_are_empty(book: openpyxl.Workbook) -> None:
    made = made_up(Street(count=5, few={1: "department"}))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.results(made, REASONS)))["分主体得分"]
    rows = [
        dict(zip([c.value for c in sheet[2]], r, strict=True))
        for r in sheet.iter_rows(3, values_only=True)
    ]
    own = [r for r in rows if r["subject"] == "CS002" and r["group"] == "街道职能部门"]
    assert own
    assert all(r["estimate"] is None and r["se"] is None and r["n"] is None for r in own)


@pytest.mark.parametrize("make", [workbook.results, workbook.import_report])
def test_the_same_content_gives_the_same_bytes(make, small: Evaluation) -> None:
    first = make(small, REASONS)
    assert make(small, REASONS) == first
    parts = zipfile.ZipFile(io.BytesIO(first))
    assert {part.date_time for part in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    assert b"2000-01-01T00:00:00Z" in parts.read("docProps/core.xml")


def test_the_import_report_accounts_for_every_row(small: Evaluation) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.import_report(small, REASONS)))
    sheet = book["导入文件"]
    names = [cell.value for cell in sheet[2]]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(3, values_only=True)]
    assert len(rows) == len(small.reports)
    assert all(row["rows_read"] == row["rows_kept"] + row["rejected"] for row in rows)
    assert book["剔除的行"].max_row == 2 + sum(len(r.rejections) for r in small.reports)
    assert book["未匹配的名称"]["E3"].value == "玉佛城"


def test_characters_that_excel_cannot_hold_are_replaced(small: Evaluation) -> None:
    odd = replace(small.reports[0], unmapped_columns=("坏\x01字",))
    book = openpyxl.load_workbook(
        io.BytesIO(workbook.import_report(replace(small, reports=(odd,)), REASONS))
    )
    assert book["未用的列"]["D3"].value == "坏\N{REPLACEMENT CHARACTER}字"
