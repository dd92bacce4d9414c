"""Tables as the sheets of a workbook: written for analysts to edit, read back cell for cell.

Everything is written as text or as a number, never as a formula: a text that begins with ``=``,
``+``, ``-`` or ``@`` is a text in the file and comes back unchanged. The bytes of a workbook hang
on its content alone.
"""

from __future__ import annotations

import datetime
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit import numerals
from evalkit.definitions.whole_file import read_bytes
from evalkit.definitions.yaml_text import MAXIMUM_BYTES
from evalkit.errors import Problems
from evalkit.files.grid import column_letters
from evalkit.files.reading import read_sheets
from evalkit.files.writing import Book, set_width

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

Value = str | int | float | None

GUIDE = "说明"
"""The sheet that explains the others; it is not read."""

_TEXT = {"num_format": "@"}
_CELL = {"valign": "top", "text_wrap": True}
_HEADER = {"bold": True, "bg_color": "#DCE6F1", "valign": "vcenter", "text_wrap": True, **_TEXT}
_FIXED_DATE = datetime.datetime(2014, 1, 1, tzinfo=datetime.UTC)
_SPARE_ROWS = 500
_LINE_HEIGHT = 15.0
_LIST_LIMIT = 255
"""Characters that Excel allows in a list of choices, and in a prompt."""
_TITLE_LIMIT = 32
"""Characters that Excel allows in the title of a message."""


@dataclass(frozen=True, slots=True)
class NewColumn:
    """One column of a sheet to be written.

    Attributes
    ----------
    title : str
    is_text : bool
        Whether cells are formatted as text, so that Excel keeps ``01`` and ``1-2`` as typed.
    choices : tuple of str
        Offered as a list in every cell.
    choices_from : str or None
        A sheet whose first column holds the choices.
    prompt : str
        Shown beside every cell of the column when it is entered.
    width : float or None
        In characters; None for as wide as the contents.
    """

    title: str
    is_text: bool = True
    choices: tuple[str, ...] = ()
    choices_from: str | None = None
    prompt: str = ""
    width: float | None = None


@dataclass(frozen=True, slots=True)
class NewSheet:
    """One sheet to be written: as many values in every row as there are headings.

    Attributes
    ----------
    choices : dict of (0-based row, 0-based column) to texts
        Offered as a list in that cell.
    """

    title: str
    headings: tuple[NewColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    choices: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet, or one CSV file, as read.

    Attributes
    ----------
    sheet : str or None
        None for CSV.
    header_row : int
        Row number of the column titles, 1 for the first row of the file.
    header : tuple of str
    rows : tuple of (row number, cells)
        Every row that is not blank; as many cells as the widest row of the sheet.
    """

    sheet: str | None
    header_row: int
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def as_workbook(sheets: Sequence[NewSheet]) -> bytes:
    """Return sheets as the bytes of a workbook; the same sheets always give the same bytes."""
    book = Book(_FIXED_DATE)
    for new in sheets:
        _write(book, book.sheet(new.title), new)
    return book.saved()


def read_tables(
    path: Path, name: str, problems: Problems, maximum: int = MAXIMUM_BYTES
) -> dict[str, list[tuple[str, ...]]] | None:
    """Read every sheet of a workbook as text.

    Returns
    -------
    dict of sheet title to rows, or None
        Rows from the first of the file on, all of the same width. None, with a problem, where the
        workbook cannot be read.
    """
    if read_bytes(path, name, problems, maximum) is None:
        return None
    sheets = read_sheets(path, name, problems)
    if sheets is None:
        return None
    for title, values in sheets.items():
        for code, message, spots in (
            ("error_cell", "公式的结果是错误值", values.errors),
            ("formula_without_value", "公式没有结果", values.uncomputed),
        ):
            for row, column in spots:
                problems.add(
                    code,
                    message,
                    file=name,
                    sheet=title,
                    row=row,
                    column=column_letters(column - 1),
                    expected="数值或文字",
                    remedy="改成数值或文字；公式须先在 Excel 中算出结果并保存",
                )
    return {
        title: [tuple(cell_text(cell) for cell in row) for row in values.rows]
        for title, values in sheets.items()
    }


def table(sheet: str | None, rows: Sequence[tuple[str, ...]], header_at: int = 0) -> Table:
    """Return rows as a table whose titles stand in the row at `header_at` (0-based)."""
    width = max((len(row) for row in rows), default=0)
    padded = [row + ("",) * (width - len(row)) for row in rows]
    header = tuple(title.strip() for title in padded[header_at]) if padded else ()
    return Table(
        sheet,
        header_at + 1,
        header,
        tuple(
            (number, row)
            for number, row in enumerate(padded[header_at + 1 :], header_at + 2)
            if not is_blank(row)
        ),
    )


def is_blank(row: Sequence[str]) -> bool:
    """Tell whether a row holds nothing but white space."""
    return not any(cell.strip() for cell in row)


def cell_text(value: object) -> str:
    """Return a cell's value as the text a person would have typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = math.isfinite(value) and value.is_integer() and abs(value) < 2**53
        return str(int(value)) if whole else numerals.written(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _write(book: Book, sheet: Worksheet, new: NewSheet) -> None:
    last = len(new.rows) + _SPARE_ROWS
    for place, heading in enumerate(new.headings):
        width = heading.width or _width([heading.title, *(row[place] for row in new.rows)])
        set_width(sheet, place, width, book.look(**_TEXT) if heading.is_text else None)
        source = heading.choices_from or heading.choices
        _offer(sheet, heading.title, source, (1, place, last, place), heading.prompt)
        book.put(sheet, 0, place, heading.title, **_HEADER)
        for number, row in enumerate(new.rows, 1):
            value = row[place]
            if value is not None and not isinstance(value, str) and not _survives(value):
                value = numerals.written(value) if isinstance(value, float) else str(value)
            if value is not None:
                book.put(sheet, number, place, value, **(_CELL | _form(value)))
    for (at, place), choices in new.choices.items():
        _offer(sheet, str(new.rows[at][0]), choices, (at + 1, place, at + 1, place))
    lines = [_width([h.title]) / h.width for h in new.headings if h.width]
    if lines:
        sheet.set_row(0, _LINE_HEIGHT * (math.ceil(max(lines)) + 1))
    sheet.freeze_panes(1, 0)


def _form(value: Value) -> dict[str, str]:
    return _TEXT if isinstance(value, str) else {}


def _survives(value: int | float) -> bool:
    """Tell whether Excel's 16 digits give the same number back."""
    return float(f"{value:.16g}") == value and abs(value) < 2**53


def _offer(
    sheet: Worksheet,
    title: str,
    source: str | tuple[str, ...],
    cells: tuple[int, int, int, int],
    prompt: str = "",
) -> None:
    """Offer a list of choices, or the first column of the sheet of that title, in cells."""
    if not source and not prompt:
        return
    rule: dict[str, Any] = {
        "validate": "any",
        "show_input": bool(prompt),
        "show_error": bool(source),
    }
    if source:
        rule |= {
            "validate": "list",
            "source": _source(source),
            "error_title": title[:_TITLE_LIMIT],
            "error_message": "请从列表中选择",
        }
    if prompt:
        rule["input_message"] = prompt[:_LIST_LIMIT]
    assert sheet.data_validation(*cells, rule) == 0


def _source(source: str | tuple[str, ...]) -> str | list[str]:
    if isinstance(source, str):
        return f"='{source}'!$A$2:$A${_SPARE_ROWS}"
    return [choice.replace('"', '""') for choice in source]


def _width(values: Sequence[Value]) -> float:
    longest = max(
        (
            sum(2 if unicodedata.east_asian_width(c) in "FW" else 1 for c in line)
            for value in values
            if value is not None
            for line in str(value)[:400].split("\n")
        ),
        default=0,
    )
    return float(min(60, max(8, longest + 2)))
