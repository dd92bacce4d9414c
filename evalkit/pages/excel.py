"""Tables into an Excel workbook: frozen, wide enough, and not one live formula in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.formatting.rule import DataBarRule
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from evalkit.pages import wording as say

FIXED = datetime(2000, 1, 1)
"""Time stamp of every file and part: a workbook depends on its content alone."""

NARROWEST, WIDEST = 6.0, 60.0
"""Column widths, in characters."""

FORMATS = {
    **dict.fromkeys(
        ("score", "low", "high", "estimate", "score_from", "score_to", "street"), "0.0"
    ),
    **dict.fromkeys(("change", "relative_change", "difference"), "+0.0;-0.0;0.0"),
    **dict.fromkeys(
        ("adjusted", "shrunken", "performance", "score_without", "half_width", "n_per_subject"),
        "0.0",
    ),
    **dict.fromkeys(
        ("grade_probability", "same_grade", "same_third", "same_place", "r_squared"), "0%"
    ),
    **dict.fromkeys(("rate", "street_rate", "importance", "p"), "0.0%"),
    **dict.fromkeys(("gap",), "+0.0;-0.0;0.0"),
    **dict.fromkeys(
        (
            *("adjusted_se", "shrunken_se", "performance_se", "z", "gap_statistic"),
            *("first", "first_low", "first_high", "total", "total_low", "total_high"),
        ),
        "0.00",
    ),
    **dict.fromkeys(("reliability", "se"), "0.00"),
    **dict.fromkeys(("p_adjusted",), "0.000"),
    "points": "+0.000;-0.000;0.000",
    **dict.fromkeys(("rank_change", "rank_change_low", "rank_change_high"), "+0;-0;0"),
}
NAMES = frozenset({"name", "subject_name"})
"""The first of these stays in view, with all columns before it."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Text that a spreadsheet might take for a formula is marked as text (quote prefix)."""

BARS = {"score": "FF9DC3E0", "estimate": "FF9DC3E0"}
"""Columns that carry a bar in the cell, and its colour."""

_HEADER = Font(bold=True, color="FFFFFFFF")
_FILL = PatternFill("solid", fgColor="FF155A8A")
_MACHINE = Font(color="FF808B97", size=8)
_TITLE = Font(bold=True, size=14)
_TERM = Font(bold=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a workbook.

    Attributes
    ----------
    headings : dict of column to Chinese heading
        In the order to print.
    rows : sequence of dict
    note : str
        What the read-me sheet says of it.
    """

    title: str
    headings: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    note: str


def workbook(title: str, lines: Sequence[tuple[str, str]], sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook: a read-me sheet of (term, text) lines, then one sheet a table.

    The same content gives the same bytes.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    _read_me(book.create_sheet("说明"), lines, sheets)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    properties = DocumentProperties(creator="evalkit", title=title, created=FIXED, modified=FIXED)
    return _settled(book, properties)


def _read_me(page: Worksheet, lines: Sequence[tuple[str, str]], sheets: Sequence[Sheet]) -> None:
    contents = [(s.title, f"{len(s.rows):,} 行。{s.note}") for s in sheets]
    for number, (term, text) in enumerate([*lines, ("", ""), *contents], start=1):
        _put(page, number, 1, term).font = _TITLE if number == 1 else _TERM
        body = _put(page, number, 2, text)
        body.alignment = Alignment(wrap_text=True, vertical="top")
        if number == 1:
            body.font = _TITLE
    page.column_dimensions["A"].width = 34
    page.column_dimensions["B"].width = 90
    page.sheet_view.showGridLines = False


def _fill(page: Worksheet, sheet: Sheet) -> None:
    for at, (column, heading) in enumerate(sheet.headings.items(), start=1):
        head = _put(page, 1, at, heading)
        head.font, head.fill = _HEADER, _FILL
        head.alignment = Alignment(wrap_text=True, vertical="center")
        _put(page, 2, at, column).font = _MACHINE
        shown = FORMATS.get(column, "General")
        style = None
        longest = max(_width(heading) / (2 if len(heading) > 8 else 1), 0.8 * _width(column))
        for line, row in enumerate(sheet.rows, start=3):
            cell = _put(page, line, at, row.get(column))
            if cell.data_type == "n" and cell.value is not None:
                if style is None:
                    cell.number_format = shown
                    style = cell._style  # type: ignore[attr-defined]
                cell._style = style  # type: ignore[attr-defined]
            longest = max(longest, _shown_width(cell, shown))
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = min(WIDEST, max(NARROWEST, longest + 2))
        if column in BARS and sheet.rows:
            bar = DataBarRule("num", 0, "num", 100, BARS[column], showValue=True)  # type: ignore[no-untyped-call]
            page.conditional_formatting.add(f"{letter}3:{letter}{len(sheet.rows) + 2}", bar)
    names = [at for at, column in enumerate(sheet.headings, start=1) if column in NAMES]
    page.freeze_panes = f"{get_column_letter(names[0] + 1 if names else 1)}3"
    last = get_column_letter(len(sheet.headings))
    page.auto_filter.ref = f"A2:{last}{len(sheet.rows) + 2}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:2"


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
    if cell.data_type == "n" and shown != "General":
        return float(len(shown.split(";")[0]) + 3)
    return _width(str(cell.value))


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
