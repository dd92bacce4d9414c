"""Tables as the sheets of a workbook: written for analysts to edit, read back cell for cell.

Everything is written as text or as a number, never as a formula: a text that begins with ``=``,
``+``, ``-`` or ``@`` is a text in the file and comes back unchanged. The bytes of a workbook hang
on its content alone.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from evalkit.definitions.yaml_text import MAXIMUM_BYTES, read_bytes
from evalkit.errors import Problems
from evalkit.files.grid import column_letters
from evalkit.files.reading import read_sheets

Value = str | int | float | None

GUIDE = "说明"
"""The sheet that explains the others; it is not read."""

_HEADER_FILL = PatternFill("solid", fgColor="DCE6F1")
_FIXED_DATE = datetime.datetime(2014, 1, 1, tzinfo=datetime.UTC)
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_TEXT_FORMAT = "@"
_SPARE_ROWS = 500
_LINE_HEIGHT = 15.0
_LIST_LIMIT = 255
"""Characters that Excel allows in a list of choices, and in a prompt."""
_TITLE_LIMIT = 32
"""Characters that Excel allows in the title of a message."""


@dataclass(frozen=True, slots=True)
class Heading:
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
class Grid:
    """One sheet to be written: as many values in every row as there are headings.

    Attributes
    ----------
    choices : dict of (0-based row, 0-based column) to texts
        Offered as a list in that cell.
    """

    title: str
    headings: tuple[Heading, ...]
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


def as_workbook(grids: Sequence[Grid]) -> bytes:
    """Return sheets as the bytes of a workbook; the same sheets always give the same bytes."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for grid in grids:
        _write_grid(workbook.create_sheet(grid.title), grid)
    workbook.properties.creator = "evalkit"
    workbook.properties.created = _FIXED_DATE
    buffer = BytesIO()
    workbook.save(buffer)
    return _without_times(buffer.getvalue())


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
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _write_grid(sheet: Worksheet, grid: Grid) -> None:
    last = len(grid.rows) + 1
    for place, heading in enumerate(grid.headings):
        letters = column_letters(place)
        dimension = sheet.column_dimensions[letters]
        dimension.width = heading.width or _width(
            [heading.title, *(row[place] for row in grid.rows)]
        )
        if heading.is_text:
            dimension.number_format = _TEXT_FORMAT
        source = heading.choices_from or heading.choices
        cells = f"{letters}2:{letters}{last + _SPARE_ROWS}"
        _offer(sheet, heading.title, source, cells, heading.prompt)
        cell = sheet.cell(1, place + 1)
        _put_text(cell, heading.title)
        cell.font = Font(bold=True)
        cell.fill = _HEADER_FILL
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        for number, row in enumerate(grid.rows, 2):
            _put(sheet.cell(number, place + 1), row[place])
    for (at, place), choices in grid.choices.items():
        _offer(sheet, str(grid.rows[at][0]), choices, f"{column_letters(place)}{at + 2}")
    lines = [_width([h.title]) / h.width for h in grid.headings if h.width]
    if lines:
        sheet.row_dimensions[1].height = _LINE_HEIGHT * (math.ceil(max(lines)) + 1)
    sheet.freeze_panes = "A2"


def _put(cell: Any, value: Value) -> None:
    if value is None:
        return
    if isinstance(value, str):
        _put_text(cell, value)
    elif _survives(value):
        cell.value = value
    else:
        _put_text(cell, repr(value))
    cell.alignment = Alignment(vertical="top", wrap_text=True)


def _put_text(cell: Any, text: str) -> None:
    cell.value = _ESCAPE.sub("_x005F_", text)
    cell.data_type = "s"
    cell.number_format = _TEXT_FORMAT
    cell.quotePrefix = text.startswith(("=", "+", "-", "@", "'"))


def _survives(value: int | float) -> bool:
    """Tell whether Excel's 16 digits give the same number back."""
    return float(f"{value:.16g}") == value and abs(value) < 2**53


def _offer(
    sheet: Worksheet, title: str, source: str | tuple[str, ...], cells: str, prompt: str = ""
) -> None:
    """Offer a list of choices, or the first column of the sheet of that title, in cells."""
    if not source and not prompt:
        return
    validation = DataValidation(allow_blank=True)
    if source:
        validation.type, validation.formula1 = "list", _formula(source)
        validation.showErrorMessage = True
        validation.errorTitle = title[:_TITLE_LIMIT]
        validation.error = "请从列表中选择"
    if prompt:
        validation.showInputMessage = True
        validation.prompt = prompt[:_LIST_LIMIT]
    validation.add(cells)
    sheet.add_data_validation(validation)


def _formula(source: str | tuple[str, ...]) -> str:
    if isinstance(source, str):
        return f"'{source}'!$A$2:$A${_SPARE_ROWS}"
    formula = '"' + ",".join(source).replace('"', '""') + '"'
    assert len(formula) <= _LIST_LIMIT
    return formula


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


def _without_times(content: bytes) -> bytes:
    """Write an archive anew, without the time it was made."""
    buffer = BytesIO()
    modified = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
    stamp = _FIXED_DATE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with (
        zipfile.ZipFile(BytesIO(content)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename == "docProps/core.xml":
                part = modified.sub(rb"\g<1>" + stamp, part)
            info = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, part)
    return buffer.getvalue()
