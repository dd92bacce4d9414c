"""Tables into an Excel workbook: frozen, wide enough, and not one live formula in it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evalkit.codes import ChangeVerdict, Comparison
from evalkit.files.writing import FIXED, Book, set_width
from evalkit.pages.press import wording as say
from evalkit.pages.workbook.dictionary import TEXT, Term

READ_ME, COLUMNS = "说明", "列说明"
NARROWEST = 6.0
HEADING = 9.0
"""Column widths, in characters; a longer heading breaks into lines of four characters."""
A4 = 9
"""As Excel numbers papers."""
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

BARS = {"score": "#9DC3E0", "estimate": "#9DC3E0"}
"""Columns that carry a bar in the cell, from 0 to 100, and its colour."""


Look = Mapping[str, Any]


def _font(**looks: Any) -> Look:
    return {"font_name": "Microsoft YaHei", "font_size": 10, **looks}


_BLUE, _ORANGE, _GREY = "#155A8A", "#B3541E", "#808B97"
INKS: Mapping[str, Look] = {
    **dict.fromkeys(
        (Comparison.ABOVE.value, ChangeVerdict.RISEN.value, "优势"),
        _font(bold=True, font_color=_BLUE),
    ),
    **dict.fromkeys(
        (Comparison.BELOW.value, ChangeVerdict.FALLEN.value, "短板"),
        _font(bold=True, font_color=_ORANGE),
    ),
    **dict.fromkeys(say.PLAIN.values(), _font(font_color=_GREY)),
}
"""How a verdict is set; its word says the same without the colour."""
VERDICTS = frozenset({"verdict", "kind"})

_FILL = {"bg_color": _BLUE}
_HEADER = _font(bold=True, font_color="#FFFFFF", **_FILL)
_COLUMN_HEAD = {**_HEADER, "align": "center", "valign": "vcenter", "text_wrap": True}
_PLAIN = _font()
_MACHINE = _font(font_color=_GREY, font_size=8)
_TITLE = _font(bold=True, font_size=16, font_color=_BLUE)
_MARKED = {"bg_color": "#FBEFE6"}
_MARK = _font(bold=True, font_color=_ORANGE, **_MARKED)
_PICTURE = {"font_name": "Courier New", "font_size": 9, "bold": True, "font_color": _BLUE}
_RULE = {"bottom": 7, "bottom_color": "#BCC4CC"}
_WRAPPED = {"text_wrap": True, "valign": "top"}
_TERM = {**_font(bold=True), **_WRAPPED}
_LINK = {**_font(underline=1, font_color=_BLUE), **_WRAPPED}


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
    book = Book(FIXED, read_me.title)
    columns = _columns(sheets)
    _read_me(book, read_me, [columns, *sheets])
    for sheet in (columns, *sheets):
        page = book.sheet(sheet.title)
        _fill(book, page, sheet)
        _printable(page, read_me, landscape=True, pages=1 if len(sheet.rows) <= ONE_PAGE else 0)
    return book.saved()


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


def _read_me(book: Book, read_me: ReadMe, sheets: Sequence[Sheet]) -> None:
    page = book.sheet(READ_ME)
    for column, width in enumerate(READ_ME_WIDTHS):
        set_width(page, column, width)
    page.hide_gridlines(2)
    book.put(page, 0, 0, read_me.title, **_TITLE)
    page.set_row(0, 2 * LINE)
    line = 1
    if read_me.mark:
        for at in range(3):
            book.put(
                page, line, at, read_me.mark if at == 0 else None, **(_MARKED if at else _MARK)
            )
        line += 1
    for heading, lines in (("本次评估", read_me.about), ("怎样读", read_me.reading)):
        line = _told(book, page, line + 1, heading, lines)
    line = _contents(book, page, line + 1, sheets)
    if read_me.sources:
        _told(book, page, line + 1, "资料与假定", read_me.sources)
    _printable(page, read_me, landscape=False)


def _told(
    book: Book, page: Worksheet, line: int, heading: str, lines: Sequence[tuple[str, str]]
) -> int:
    """Write a heading and its lines of (term, text); return the next free line."""
    _heading(book, page, line, (heading, "", ""))
    for number, (term, text) in enumerate(lines, start=line + 1):
        book.put(page, number, 0, term, **_TERM)
        page.merge_range(number, 1, number, 2, "", book.look(**_WRAPPED))
        book.put(page, number, 1, text, **_WRAPPED)
        _as_tall_as(page, number, text, sum(READ_ME_WIDTHS[1:]))
    return line + 1 + len(lines)


def _contents(book: Book, page: Worksheet, line: int, sheets: Sequence[Sheet]) -> int:
    """List the sheets, each with a link to it; return the next free line."""
    _heading(book, page, line, ("工作表", "行数", "内容"))
    for number, sheet in enumerate(sheets, start=line + 1):
        page.write_url(number, 0, f"internal:'{sheet.title}'!A1", book.look(**_LINK), sheet.title)
        rows = {"num_format": "#,##0", "align": "left", "valign": "top"}
        book.put(page, number, 1, len(sheet.rows), **rows)
        text = f"{sheet.note}对应 {sheet.source}。" if sheet.source else sheet.note
        book.put(page, number, 2, text, **_WRAPPED)
        _as_tall_as(page, number, text, READ_ME_WIDTHS[2])
    return line + 1 + len(sheets)


def _heading(book: Book, page: Worksheet, line: int, texts: Sequence[str]) -> None:
    for at, text in enumerate(texts):
        book.put(page, line, at, text, **_HEADER)


def _as_tall_as(page: Worksheet, line: int, text: str, width: float) -> None:
    page.set_row(line, LINE * max(1, math.ceil(1.06 * _width(text) / width)))


# --- one table ----------------------------------------------------------------------------------


def _fill(book: Book, page: Worksheet, sheet: Sheet) -> None:
    lines = 1
    for at, (column, term) in enumerate(sheet.columns.items()):
        book.put(page, 0, at, term.heading, **_COLUMN_HEAD)
        book.put(page, 1, at, column, **_MACHINE, align="center", shrink=True)
        long = _width(term.heading)
        widest = max(_column(book, page, sheet, at, column, term), 0.6 * _width(column)) + 2
        width = min(term.widest, max(NARROWEST, widest, min(long + 2, HEADING)))
        set_width(page, at, width)
        lines = max(lines, math.ceil(long / (width - 1)))
    page.set_row(0, LINE * lines + 3)
    _heighten(page, sheet)
    if not sheet.rows:
        book.put(page, 2, 0, "（没有）", **_MACHINE)
    names = [at for at, column in enumerate(sheet.columns) if column in NAMES]
    page.freeze_panes(2, names[0] + 1 if names else 0)
    page.autofilter(1, 0, len(sheet.rows) + 1, len(sheet.columns) - 1)
    page.repeat_rows(0, 1)


def _heighten(page: Worksheet, sheet: Sheet) -> None:
    """Give lines of broken text the height they need."""
    for line, row in enumerate(sheet.rows, start=2):
        lines = max(
            math.ceil(_width(str(row.get(column))) / (term.widest - 4))
            if _breaks(row.get(column), term)
            else 1
            for column, term in sheet.columns.items()
        )
        if lines > 1:
            page.set_row(line, LINE * lines)


def _column(book: Book, page: Worksheet, sheet: Sheet, at: int, column: str, term: Term) -> float:
    """Write one column's cells; return the width of the widest."""
    widest = 0.0
    greatest: dict[str, float] = {}
    looks: dict[tuple[bool, str, str, bool], Format] = {}
    for line, row in enumerate(sheet.rows):
        value = _plain(row.get(column))
        number = isinstance(value, int | float) and not isinstance(value, bool)
        shown = sheet.forms.get((line, column), term.form) if number else TEXT
        word = str(value) if column in VERDICTS else ""
        key = (number, shown, word, _breaks(value, term))
        if key not in looks:
            ink = _PICTURE if column.endswith("_picture") else INKS.get(word, _PLAIN)
            looks[key] = book.look(**_set(ink, *key))
        book.write(page, line + 2, at, value, looks[key])
        if number and shown != TEXT:
            greatest[shown] = max(greatest.get(shown, 0.0), abs(value))
        else:
            widest = max(widest, _shown_width(value))
    widest = max([widest, *(_number_width(value, shown) for shown, value in greatest.items())])
    if column in BARS and sheet.rows:
        ends = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 100}
        bar = {"type": "data_bar", "bar_color": BARS[column], **ends}
        page.conditional_format(2, at, len(sheet.rows) + 1, at, bar)
    return widest


def _set(ink: Look, number: bool, shown: str, word: str, broken: bool) -> dict[str, Any]:
    """Return how a cell of the table is set."""
    look = {**ink, **_RULE, "num_format": shown, "valign": "vcenter", "text_wrap": broken}
    return look if number else {**look, "align": "left", "indent": 1}


def _plain(value: Any) -> Any:
    """Return a value of a frame as a plain one; None where it is missing."""
    if say.missing(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _breaks(value: Any, term: Term) -> bool:
    return isinstance(value, str) and _width(value) + 2 > term.widest


def _printable(page: Worksheet, read_me: ReadMe, *, landscape: bool, pages: int = 0) -> None:
    (page.set_landscape if landscape else page.set_portrait)()
    page.set_paper(A4)
    page.fit_to_pages(1, pages)
    page.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.8)
    title, mark = _escaped(read_me.title), _escaped(read_me.mark)
    page.set_header(f"&L{title}&R{_escaped(page.get_name())}", {"margin": 0.3})
    page.set_footer(f"&L{mark}&R第 &P 页，共 &N 页", {"margin": 0.3})


def _escaped(text: str) -> str:
    """Return a text for a printed header: ``&`` begins a code there, and 255 signs are the end."""
    return text[:HEADER_LENGTH].replace("&", "&&")


@lru_cache(maxsize=1 << 16)
def _width(text: str) -> float:
    return sum(2.0 if ord(c) > 0x2E7F else 1.0 for c in text)


def _shown_width(value: Any) -> float:
    return 0.0 if value is None else _width(str(value)) + 1


def _number_width(value: float, shown: str) -> float:
    """Return how wide a number is, which no smaller one of the same form exceeds."""
    last = shown.split(";")[-1]
    decimals = len(last.partition(".")[2].rstrip("%"))
    scale = 100 if last.endswith("%") else 1
    return float(len(f"{value * scale:,.{decimals}f}")) + 1.5
