"""An xlsx file with one sheet, whose bytes depend on nothing but its cells and its date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from evalkit.files.writing import Book

Cell = str | int | None


def write_workbook(
    path: Path, rows: Iterable[Sequence[Cell]], *, sheet: str, at: dt.datetime
) -> None:
    """Write rows to the only sheet of a workbook, dated `at` wherever the format holds a date.

    Parameters
    ----------
    rows : iterable of rows
        A text stays text, also where it looks like a number; None leaves a cell empty.
    """
    book = Book(at)
    page = book.sheet(sheet)
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None:
                book.put(page, line, column, cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(book.saved())
