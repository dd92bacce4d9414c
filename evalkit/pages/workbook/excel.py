"""Tables into an Excel workbook: frozen, wide enough, and not one live formula in it."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.formatting.rule import DataBarRule
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from evalkit.codes import ChangeVerdict, Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.workbook.dictionary import TEXT, Term

FIXED = datetime(2000, 1, 1)
"""Time stamp of every file and part: a workbook depends on its content alone."""

READ_ME, COLUMNS = "说明", "列说明"
NARROWEST = 6.0
HEADING = 9.0
"""Column widths, in characters; a longer heading breaks into lines of four characters."""
LINE = 15.0
"""Height of a line of text, points."""
ONE_PAGE = 45
"""A table of so many rows is printed on one page; of more, on as many as it takes."""
HEADER_LENGTH = 70
LONGEST_TITLE = 31
UNTITLED = re.compile(r"[\\/?*:\[\]'\x00-\x1f]")
"""What the title of a sheet may not have in it."""
READ_ME_WIDTHS = (20.0, 12.0, 96.0)

NAMES = frozenset({"name", "subject_name"})
"""The first of these stays in view, with all columns before it."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Text that a spreadsheet might take for a formula is marked as text (quote prefix)."""

BARS = {"score": "FF9DC3E0", "estimate": "FF9DC3E0"}
"""Columns that carry a bar in the cell, from 0 to 100, and its colour."""


def _font(**looks: Any) -> Font:
    return Font(**{"name": "Microsoft YaHei", "size": 10, **looks})


_BLUE, _ORANGE, _GREY = "FF155A8A", "FFB3541E", "FF808B97"
INKS: Mapping[str, Font] = {
    **dict.fromkeys(
        (Comparison.ABOVE.value, ChangeVerdict.RISEN.value, "优势"), _font(bold=True, color=_BLUE)
    ),
    **dict.fromkeys(
        (Comparison.BELOW.value, ChangeVerdict.FALLEN.value, "短板"),
        _font(bold=True, color=_ORANGE),
    ),
    **dict.fromkeys((Comparison.LEVEL.value, ChangeVerdict.SAME.value), _font(color=_GREY)),
}
"""How a verdict is set; its word says the same without the colour."""
VERDICTS = frozenset({"verdict", "kind"})

_HEADER = _font(bold=True, color="FFFFFFFF")
_FILL = PatternFill("solid", fgColor=_BLUE)
_PLAIN = _font()
_MACHINE = _font(color=_GREY, size=8)
_TITLE = _font(bold=True, size=16, color=_BLUE)
_TERM = _font(bold=True)
_LINK = _font(underline="single", color=_BLUE)
_MARK = _font(bold=True, color=_ORANGE)
_MARKED = PatternFill("solid", fgColor="FFFBEFE6")
_PICTURE = Font(name="Courier New", size=9, bold=True, color=_BLUE)
_RULE = Border(bottom=Side("hair", color="FFBCC4CC"))
_WRAPPED = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a workbook.

    Attributes
    ----------
    columns : dict of column to Term
        In the order to print.
    rows : sequence of dict
    note : str
        What the read-me sheet says of it.
    source : str
        The file that holds the same table for other tools, if there is one.
    forms : dict of (row, column) to number format
        Of single cells that need another one than their column's.
    """

    title: str
    columns: Mapping[str, Term]
    rows: Sequence[Mapping[str, Any]]
    note: str
    source: str = ""
    forms: Mapping[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadMe:
    """What stands on the first sheet, above the list of sheets and below it.

    Attributes
    ----------
    mark : str
        Set in colour under the title; empty for none.
    about, reading, sources : sequence of (term, text)
    """

    title: str
    mark: str
    about: Sequence[tuple[str, str]]
    reading: Sequence[tuple[str, str]]
    sources: Sequence[tuple[str, str]] = ()


def sheet_title(text: str) -> str:
    """Return a text as a sheet's title: without what Excel refuses there, and not too long."""
    return UNTITLED.sub(" ", text)[:LONGEST_TITLE].strip()


def workbook(read_me: ReadMe, sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook: a read-me sheet, what the columns mean, then one sheet a table.

    The same content gives the same bytes.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    columns = _columns(sheets)
    _read_me(book.create_sheet(READ_ME), read_me, [columns, *sheets])
    for sheet in (columns, *sheets):
        page = book.create_sheet(sheet.title)
        _fill(page, sheet)
        _printable(page, read_me, landscape=True, pages=1 if len(sheet.rows) <= ONE_PAGE else 0)
    properties = DocumentProperties(
        creator="evalkit", title=read_me.title, created=FIXED, modified=FIXED
    )
    return _settled(book, properties)


def _columns(sheets: Sequence[Sheet]) -> Sheet:
    """List every column with what it means; once where it means the same on several sheets."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for sheet in sheets:
        for column, term in sheet.columns.items():
            places.setdefault((term.heading, column, term.meaning), []).append(sheet.title)
    rows = [
        {"heading": heading, "key": key, "meaning": meaning, "sheets": "、".join(titles)}
        for (heading, key, meaning), titles in places.items()
    ]
    columns = {
        "heading": Term("列", ""),
        "key": Term("数据文件中的列名", ""),
        "meaning": Term("含义", ""),
        "sheets": Term("工作表", ""),
    }
    return Sheet(COLUMNS, columns, rows, "每一列是什么意思。")


# --- the first sheet --------------------------------------------------------------------------


def _read_me(page: Worksheet, read_me: ReadMe, sheets: Sequence[Sheet]) -> None:
    for letter, width in zip("ABC", READ_ME_WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    page.sheet_view.showGridLines = False
    _put(page, 1, 1, read_me.title).font = _TITLE
    page.row_dimensions[1].height = 2 * LINE
    line = 2
    if read_me.mark:
        for at in (1, 2, 3):
            page.cell(line, at).fill = _MARKED
        _put(page, line, 1, read_me.mark).font = _MARK
        line += 1
    for heading, lines in (("本次评估", read_me.about), ("怎样读", read_me.reading)):
        line = _told(page, line + 1, heading, lines)
    line = _contents(page, line + 1, sheets)
    if read_me.sources:
        _told(page, line + 1, "资料与假定", read_me.sources)
    _printable(page, read_me, landscape=False)


def _told(page: Worksheet, line: int, heading: str, lines: Sequence[tuple[str, str]]) -> int:
    """Write a heading and its lines of (term, text); return the next free line."""
    _heading(page, line, (heading, "", ""))
    for number, (term, text) in enumerate(lines, start=line + 1):
        _put(page, number, 1, term).font = _TERM
        page.cell(number, 1).alignment = _WRAPPED
        _put(page, number, 2, text).alignment = _WRAPPED
        page.merge_cells(start_row=number, start_column=2, end_row=number, end_column=3)
        _as_tall_as(page, number, text, sum(READ_ME_WIDTHS[1:]))
    return line + 1 + len(lines)


def _contents(page: Worksheet, line: int, sheets: Sequence[Sheet]) -> int:
    """List the sheets, each with a link to it; return the next free line."""
    _heading(page, line, ("工作表", "行数", "内容"))
    for number, sheet in enumerate(sheets, start=line + 1):
        link = _put(page, number, 1, sheet.title)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{sheet.title}'!A1")
        link.font = _LINK
        link.alignment = _WRAPPED
        rows = _put(page, number, 2, len(sheet.rows))
        rows.number_format, rows.alignment = "#,##0", Alignment("left", "top")
        text = f"{sheet.note}对应 {sheet.source}。" if sheet.source else sheet.note
        _put(page, number, 3, text).alignment = _WRAPPED
        _as_tall_as(page, number, text, READ_ME_WIDTHS[2])
    return line + 1 + len(sheets)


def _heading(page: Worksheet, line: int, texts: Sequence[str]) -> None:
    for at, text in enumerate(texts, start=1):
        head = _put(page, line, at, text)
        head.font, head.fill = _HEADER, _FILL


def _as_tall_as(page: Worksheet, line: int, text: str, width: float) -> None:
    page.row_dimensions[line].height = LINE * max(1, math.ceil(1.06 * _width(text) / width))


# --- one table ----------------------------------------------------------------------------------


def _fill(page: Worksheet, sheet: Sheet) -> None:
    lines = 1
    for at, (column, term) in enumerate(sheet.columns.items(), start=1):
        head = _put(page, 1, at, term.heading)
        head.font, head.fill = _HEADER, _FILL
        head.alignment = Alignment("center", "center", wrap_text=True)
        machine = _put(page, 2, at, column)
        machine.font, machine.alignment = _MACHINE, Alignment("center", shrink_to_fit=True)
        long = _width(term.heading)
        widest = max(_column(page, sheet, at, column, term), 0.6 * _width(column)) + 2
        width = min(term.widest, max(NARROWEST, widest, min(long + 2, HEADING)))
        page.column_dimensions[get_column_letter(at)].width = width
        lines = max(lines, math.ceil(long / (width - 1)))
    page.row_dimensions[1].height = LINE * lines + 3
    _heighten(page, sheet)
    if not sheet.rows:
        _put(page, 3, 1, "（没有）").font = _MACHINE
    names = [at for at, column in enumerate(sheet.columns, start=1) if column in NAMES]
    page.freeze_panes = f"{get_column_letter(names[0] + 1 if names else 1)}3"
    last = get_column_letter(len(sheet.columns))
    page.auto_filter.ref = f"A2:{last}{len(sheet.rows) + 2}"
    page.print_title_rows = "1:2"


def _heighten(page: Worksheet, sheet: Sheet) -> None:
    """Give lines of broken text the height they need."""
    for line, row in enumerate(sheet.rows, start=3):
        lines = max(
            math.ceil(_width(str(row.get(column))) / (term.widest - 4))
            if _breaks(row.get(column), term)
            else 1
            for column, term in sheet.columns.items()
        )
        if lines > 1:
            page.row_dimensions[line].height = LINE * lines


def _column(page: Worksheet, sheet: Sheet, at: int, column: str, term: Term) -> float:
    """Write one column's cells; return the width of the widest."""
    widest = 0.0
    looks: dict[tuple[object, ...], Any] = {}
    for line, row in enumerate(sheet.rows, start=3):
        cell = _put(page, line, at, row.get(column))
        number = cell.data_type == "n" and cell.value is not None
        shown = sheet.forms.get((line - 3, column), term.form) if number else TEXT
        word = str(cell.value) if column in VERDICTS and str(cell.value) in INKS else ""
        look = (number, shown, word, cell.quotePrefix, _breaks(cell.value, term))
        if look not in looks:
            cell.number_format, cell.border = shown, _RULE
            cell.font = _PICTURE if column.endswith("_picture") else INKS.get(word, _PLAIN)
            cell.alignment = Alignment(
                vertical="center",
                wrap_text=_breaks(cell.value, term),
                indent=0 if number else 1,
                horizontal=None if number else "left",
            )
            looks[look] = cell._style  # type: ignore[attr-defined]
        cell._style = looks[look]  # type: ignore[attr-defined]
        widest = max(widest, _shown_width(cell, shown))
    if column in BARS and sheet.rows:
        letter = get_column_letter(at)
        bar = DataBarRule("num", 0, "num", 100, BARS[column], showValue=True)  # type: ignore[no-untyped-call]
        page.conditional_formatting.add(f"{letter}3:{letter}{len(sheet.rows) + 2}", bar)
    return widest


def _breaks(value: Any, term: Term) -> bool:
    return isinstance(value, str) and _width(value) + 2 > term.widest


def _printable(page: Worksheet, read_me: ReadMe, *, landscape: bool, pages: int = 0) -> None:
    page.page_setup.orientation = "landscape" if landscape else "portrait"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, pages
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top = page.page_margins.bottom = 0.8
    page.page_margins.header = page.page_margins.footer = 0.3
    for band, left, right in (
        (page.oddHeader, _escaped(read_me.title), _escaped(page.title)),
        (page.oddFooter, _escaped(read_me.mark), "第 &P 页，共 &N 页"),
    ):
        band.left.text, band.right.text = left, right  # type: ignore[union-attr]


def _escaped(text: str) -> str:
    """Return a text for a printed header: ``&`` begins a code there, and 255 signs are the end."""
    return text[:HEADER_LENGTH].replace("&", "&&")


def _put(page: Worksheet, line: int, at: int, value: Any) -> Cell:
    """Store a value as what it is; text stays text even where it looks like a formula."""
    cell = page.cell(line, at)
    assert isinstance(cell, Cell)
    if say.missing(value):
        return cell
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)
        cell.data_type = "s"
        if value.startswith(FORMULA_STARTS):
            cell.quotePrefix = True
        return cell
    cell.value = value.item() if hasattr(value, "item") else value
    return cell


def _width(text: str) -> float:
    return sum(2.0 if ord(c) > 0x2E7F else 1.0 for c in text)


def _shown_width(cell: Cell, shown: str) -> float:
    if cell.value is None:
        return 0.0
    if cell.data_type != "n" or shown == TEXT:
        return _width(str(cell.value)) + 1
    last = shown.split(";")[-1]
    decimals = len(last.partition(".")[2].rstrip("%"))
    scale = 100 if last.endswith("%") else 1
    return float(len(f"{abs(cell.value) * scale:,.{decimals}f}")) + 1.5  # type: ignore[operator, arg-type]


def _settled(book: Workbook, properties: DocumentProperties) -> bytes:
    """Save a workbook whose bytes depend on its content alone: no clock in it anywhere."""
    saved = io.BytesIO()
    book.save(saved)
    settled = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = (
                tostring(properties.to_tree()) if name == "docProps/core.xml" else old.read(name)
            )
            part = zipfile.ZipInfo(name, FIXED.timetuple()[:6])
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(part, content)
    return settled.getvalue()
