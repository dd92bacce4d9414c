"""What Excel shows is not what it stores: every such habit is read one way, and told."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files import workbook
from evalkit.files.grid import Grid
from evalkit.files.writing import Book
from tests.files.building import (
    SHEET,
    archive,
    biff,
    compound,
    parts,
    read_well,
    refusal,
    rows_of,
    with_sheet,
)

Told = dict[str, tuple[int | None, dict[str, Any]]]


def told(notes: tuple[Note, ...]) -> Told:
    return {str(note.code): (note.count, dict(note.facts)) for note in notes}


def fresh(path: Path, fill: Callable[[Any, Any], None]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "分"])
    fill(book, sheet)
    book.save(path)
    return path


def early(path: Path, formats: list[tuple[float | str, str]]) -> Path:
    """An xls file: one row of values, each in its number format."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("一")
    for column, (value, look) in enumerate(formats):
        sheet.write(0, column, f"列{column}")
        sheet.write(1, column, value, xlwt.easyxf(num_format_str=look))
    book.save(str(path))
    return path


# --- numbers ------------------------------------------------------------------------------------


def test_per_cent_is_read_as_it_is_stored_and_told(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.append([1, 0.85])
        sheet["B2"].number_format = "0.0%"

    sheet = read_well(fresh(tmp_path / "a.xlsx", fill))
    assert rows_of(sheet) == [["1", "0.85"]]
    assert told(sheet.notes) == {"percent_formatted": (1, {"columns": ("B",)})}
    old = read_well(early(tmp_path / "a.xls", [("x", "@"), (0.85, "0%"), (0.5, "0.00")]))
    assert rows_of(old) == [["x", "0.85", "0.5"]]
    assert told(old.notes) == {"percent_formatted": (1, {"columns": ("B",)})}


def test_leading_zeros_of_an_old_workbook_are_told_as_of_a_new_one(tmp_path: Path) -> None:
    sheet = read_well(early(tmp_path / "a.xls", [("x", "@"), (7, "000"), (7, "0")]))
    assert rows_of(sheet) == [["x", "7", "7"]]
    assert told(sheet.notes) == {"leading_zeros_formatted": (1, {"columns": ("B",)})}


@pytest.mark.parametrize(
    ("value", "lost"),
    [(123456789012345, False), (1234567890123450, True), (310101199001011000, True)],
)
def test_more_than_fifteen_digits_are_not_what_was_typed(
    tmp_path: Path, value: int, lost: bool
) -> None:
    sheet = read_well(fresh(tmp_path / "a.xlsx", lambda book, sheet: sheet.append([value, 5])))
    assert rows_of(sheet) == [[str(int(float(value))), "5"]]
    assert ("integers_damaged" in told(sheet.notes)) is lost


def test_dates_truths_and_rich_texts_are_read_as_they_are_seen(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        rich = CellRichText("很", TextBlock(InlineFont(b=True), "满"), "意")
        sheet.append([dt.datetime(2016, 12, 17, 14, 22, 55), rich])
        sheet.append([dt.date(2016, 12, 17), True])
        sheet.append([45809.5, False])

    sheet = read_well(fresh(tmp_path / "a.xlsx", fill))
    assert rows_of(sheet) == [
        ["2016-12-17 14:22:55", "很满意"],
        ["2016-12-17", "TRUE"],
        ["45809.5", "FALSE"],
    ]


def test_errors_and_formulas_without_a_value_are_empty_and_counted(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.append(["#N/A", "=1+1"])
        sheet.append(["甲", 5])

    sheet = read_well(fresh(tmp_path / "a.xlsx", fill))
    assert rows_of(sheet) == [["", ""], ["甲", "5"]]
    assert told(sheet.notes) == {"error_cells": (1, {}), "formulas_uncomputed": (1, {})}


# --- what is not seen ---------------------------------------------------------------------------


def test_hidden_rows_and_columns_are_read_and_told(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        for row in (["甲", 5, "x"], ["乙", 4, "y"], ["丙", 3, "z"]):
            sheet.append(row)
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet["C1"] = "备注"

    sheet = read_well(fresh(tmp_path / "a.xlsx", fill))
    assert rows_of(sheet)[1] == ["乙", "4", "y"]
    assert told(sheet.notes) == {"hidden_rows": (1, {}), "hidden_columns": (1, {})}

    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("一")
    table: list[list[str | int]] = [["编号", "分"], ["甲", 5], ["乙", 4]]
    for at, row in enumerate(table):
        for column, value in enumerate(row):
            page.write(at, column, value)
    page.row(2).hidden = True
    page.col(1).hidden = True
    book.save(str(tmp_path / "a.xls"))
    old = read_well(tmp_path / "a.xls")
    assert rows_of(old) == [["甲", "5"], ["乙", "4"]]
    assert told(old.notes) == {"hidden_rows": (1, {}), "hidden_columns": (1, {})}


def test_hidden_rows_of_unusual_markup_are_told_too(tmp_path: Path) -> None:
    rows = "<row><c t='str'><v>姓名</v></c></row><row hidden='1'><c t='str'><v>甲</v></c></row>"
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_sheet(rows))
    sheet = read_well(path)
    assert rows_of(sheet) == [["甲"]]
    assert told(sheet.notes) == {"hidden_rows": (1, {})}


def test_which_of_several_sheets_was_read_is_told(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.append(["甲", 5])
        other = book.create_sheet("旧")
        other.append(["x"])
        other.sheet_state = "hidden"
        book.create_sheet("空")

    path = fresh(tmp_path / "a.xlsx", fill)
    assert refusal(path).code == "several_sheets"
    sheet = read_well(path, sheet="Sheet")
    assert told(sheet.notes) == {"other_sheets": (1, {"sheets": ("旧（隐藏）",)})}
    assert [note.where for note in sheet.notes] == ["a.xlsx [Sheet]"]
    hidden = fresh(tmp_path / "b.xlsx", fill)
    assert refusal(hidden, sheet="旧").code == "no_answers"


def test_a_hidden_sheet_that_alone_has_content_is_read_and_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.create_sheet("数据")
    page.append(["编号", "分"])
    page.append(["甲", 5])
    page.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    sheet = read_well(tmp_path / "a.xlsx")
    assert rows_of(sheet) == [["甲", "5"]]
    assert told(sheet.notes) == {"hidden_sheet_read": (None, {})}


# --- texts that are not there -------------------------------------------------------------------


@pytest.mark.parametrize("odd", [False, True], ids=["usual", "unusual markup"])
@pytest.mark.parametrize("index", [2, 99, 2**31, -1])
def test_a_text_outside_the_table_of_texts_is_damage(tmp_path: Path, index: int, odd: bool) -> None:
    """Of the texts 姓名 (0) and 甲 (1) a third is asked for: not an empty cell."""
    book = Book(dt.datetime(2016, 12, 17))
    page = book.sheet("一")
    book.put(page, 0, 0, "姓名")
    book.put(page, 1, 0, "甲")
    with zipfile.ZipFile(io.BytesIO(book.saved())) as whole:
        entries = {name: whole.read(name) for name in whole.namelist()}
    path = tmp_path / "a.xlsx"
    path.write_bytes(archive(entries))
    assert rows_of(read_well(path)) == [["甲"]]
    changed = entries[SHEET].replace(b"<v>1</v>", f"<v>{index}</v>".encode())
    assert changed != entries[SHEET]
    if odd:
        changed = changed.replace(b'r="A2"', b"r='A2'")
    entries[SHEET] = changed
    path.write_bytes(archive(entries))
    assert refusal(path).code == "damaged"


def test_a_damaged_part_beside_the_sheets_is_damage(tmp_path: Path) -> None:
    """A picture is not looked into, but its check sum is held against it."""
    data = archive({**parts(), "xl/media/image1.png": b"\x89PNG" + bytes(range(256))})
    at = data.index(b"\x89PNG") if b"\x89PNG" in data else data.index(b"image1.png") + 20
    broken = bytearray(data)
    broken[at + 5] ^= 1
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    assert rows_of(read_well(path)) == [["甲", "5"]]
    path.write_bytes(bytes(broken))
    assert refusal(path).code == "damaged"


def test_a_truth_value_is_no_number_wherever_it_stands_in_a_column() -> None:
    blocks = [[1.0, "甲"], ["乙", True, 1], [False, 0, "1"], [True, 2]]
    column = workbook._Column(set())
    for block in blocks:
        column.take(block)
    found = column.done()
    assert found.cells(0, 10) == ["1", "甲", "乙", "TRUE", "1", "FALSE", "0", "1", "TRUE", "2"]
    late = workbook._Column(set())
    for block in [["甲", "乙"], [2, True, 1, "丙"]]:
        late.take(block)
    assert late.done().cells(0, 6) == ["甲", "乙", "2", "TRUE", "1", "丙"]
    assert late.done().texts == ["甲", "乙", "2", "TRUE", "1", "丙"]


# --- a workbook, and every sheet of one ---------------------------------------------------------


def test_a_sheet_that_is_asked_for_may_be_empty(tmp_path: Path) -> None:
    path, problems = fresh(tmp_path / "a.xlsx", lambda book, _: book.create_sheet("空")), Problems()
    found = workbook.read(path, "a.xlsx", problems, "空")
    other = Note(NoteCode.OTHER_SHEETS, "a.xlsx [空]", 1, {"sheets": ("Sheet",)})
    assert found == Grid("空", (), 0, notes=(other,))
    assert not problems


def test_a_document_is_read_from_its_first_row_on_whatever_is_empty(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "表"
    page["B3"] = "甲"
    page["C4"] = "=1+1"
    page["C5"] = "#N/A"
    book.create_sheet("空")
    book.create_chartsheet("图")
    book.save(tmp_path / "a.xlsx")
    problems = Problems()
    found = workbook.read_all(tmp_path / "a.xlsx", "a.xlsx", problems)
    assert not problems
    rows = [["", "", ""], ["", "", ""], ["", "甲", ""], ["", "", ""], ["", "", ""]]
    assert found == {
        "表": workbook.Values(rows, [(5, 3)], [(4, 3)]), "空": workbook.Values([], [], []),
    }  # fmt: skip
    grid = workbook.read(tmp_path / "a.xlsx", "a.xlsx", problems, "表")
    assert grid is not None
    assert (grid.first_row, [*grid.rows]) == (1, rows)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (biff([["甲", 5]]), "not_a_workbook", "旧格式 .xls"),
        (with_sheet("<row r='1'><c r='A1'><v>5</v></c>"), "damaged", None),
    ],
)
def test_a_document_that_is_no_whole_workbook_is_told_once(
    content: bytes, code: str, said: str | None, tmp_path: Path
) -> None:
    path, problems = tmp_path / "a.xlsx", Problems()
    path.write_bytes(content if content.startswith(b"PK") else compound(content))
    assert workbook.read_all(path, "a.xlsx", problems) is None
    (problem,) = problems
    assert (problem.code, problem.file) == (code, "a.xlsx")
    assert said in (None, problem.found)
