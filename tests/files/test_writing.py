"""The one writer: what is put into a cell stands there, as what it is, and nothing runs."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from evalkit.files.writing import Book, set_width

WHEN = dt.datetime(2016, 12, 17, 8, 30)

LIVE = [
    "=1+1", "+86 21", "-5", "@sum", "'quoted", "＝1+1", " ＋1", "\u3000－1", "\t＠x", "\u200b=1",
    "\n@x",
]  # fmt: skip
TEXTS = [
    *LIVE, "{=A1}", "https://example.org", "internal:A1",
    "007", "1e3", "TRUE", " blanks ", "two\nlines", "a\tb", "<r>x</r>", "<r><t>x</t></r>",
    "_x0041_", "_x005F_x0041_", "_x0041_x0042_x0043_", "<&>\"'", "居民区",
]  # fmt: skip


def written(*values: object) -> bytes:
    book = Book(WHEN, "题")
    sheet = book.sheet("表")
    for row, value in enumerate(values):
        book.put(sheet, row, 0, value)
    return book.saved()


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_a_text(text: str) -> None:
    content = written(text)
    cell = openpyxl.load_workbook(io.BytesIO(content))["表"]["A1"]
    assert cell.data_type == "s"
    assert bool(cell.quotePrefix) is (text in LIVE)
    read = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("表").to_python()
    assert read == [[text]]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f" not in parts.read("xl/worksheets/sheet1.xml").replace(b"<fo", b"")


def test_values_are_what_they_are() -> None:
    content = written(5, 0.1 + 0.2, True, None, "", 1e-300, -7)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["表"]
    assert [cell.value for (cell,) in sheet.iter_rows()] == [
        5, pytest.approx(0.3, rel=1e-15), True, None, None, 1e-300, -7,
    ]  # fmt: skip
    assert [cell.data_type for (cell,) in sheet.iter_rows()][:3] == ["n", "n", "b"]


def test_what_no_workbook_may_hold_is_replaced_and_cut() -> None:
    content = written("a\x01b\x0bc\uffffd", "长" * 40_000, "半\ud83d")
    sheet = openpyxl.load_workbook(io.BytesIO(content))["表"]
    assert sheet["A1"].value == "a\ufffdb\ufffdc\ufffdd"
    assert sheet["A2"].value == "长" * 32_767
    assert sheet["A3"].value == "半\ufffd"


def test_the_same_content_gives_the_same_bytes_and_one_date() -> None:
    assert written("a", 1) == written("a", 1)
    assert written("a", 1) != written("a", 2)
    properties = openpyxl.load_workbook(io.BytesIO(written("a"))).properties
    assert (properties.created, properties.modified) == (WHEN, WHEN)
    assert (properties.creator, properties.title) == ("evalkit", "题")


def test_a_column_is_as_wide_as_it_is_to_be(tmp_path: Path) -> None:
    book = Book(WHEN)
    sheet = book.sheet("表")
    for column, width in enumerate((6.0, 14.0, 60.0)):
        set_width(sheet, column, width)
    (tmp_path / "a.xlsx").write_bytes(book.saved())
    found = openpyxl.load_workbook(tmp_path / "a.xlsx")["表"].column_dimensions
    for letter, width in zip("ABC", (6.0, 14.0, 60.0), strict=True):
        assert found[letter].width == pytest.approx(width, abs=1 / 14)


def test_equal_looks_are_one() -> None:
    book = Book(WHEN)
    assert book.look(bold=True, num_format="@") is book.look(num_format="@", bold=True)
    assert book.look(bold=True) is not book.look(italic=True)
