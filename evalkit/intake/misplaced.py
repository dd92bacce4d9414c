"""What is told of columns that have no place: alike, undecided, or not there."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from evalkit import personal
from evalkit.definitions.questionnaire import Item
from evalkit.definitions.text import comparable
from evalkit.errors import Problem, Problems
from evalkit.files.alike import held
from evalkit.platforms.base import RawColumn, RawSheet
from evalkit.problems import cells as cell_faults
from evalkit.problems import intake as faults


def ambiguous(
    sheet: RawSheet, item: Item, columns: Sequence[RawColumn], row: int | None
) -> Problem:
    """Return the problem of several columns that may be one item; `row` fills more than one."""
    named = [(column.letters, column.header) for column in columns]
    return faults.ambiguous_column(sheet.file, sheet.sheet, item.id, item.text, named, row)


def header_row(sheet: RawSheet) -> int:
    """Return the number of the last row that was taken for a header."""
    return int(sheet.cells.index[0]) - 1 if len(sheet.cells.index) else 1


def answers(sheet: RawSheet, column: RawColumn) -> int:
    """Return how many cells of a column hold something."""
    return int(held(sheet.cells[column.position]).sum())


def report_undecided(
    sheet: RawSheet, column: RawColumn, crosswalk: str, because: str, problems: Problems
) -> None:
    """Report a column that holds something and that a crosswalk leaves undecided."""
    count = answers(sheet, column)
    if count:
        place = faults.Position(sheet.file, sheet.sheet, header_row(sheet), column.letters)
        header = personal.heading_shown(column.header)
        problems.collect(cell_faults.undecided_column(place, crosswalk, header, count, because))


def report_missing(sheet: RawSheet, item: Item, free: list[RawColumn], problems: Problems) -> None:
    """Report an item that is needed and not there, with the column that is most like it.

    A column of the very same text that is no match stands under another stem: both are told.
    """
    whole = comparable(f"{item.stem}-{item.text}" if item.stem else item.text)
    texts = {comparable(column.text): column for column in free}
    texts |= {comparable(f"{c.stem}-{c.text}" if c.stem else c.header): c for c in free}
    near = difflib.get_close_matches(whole, list(texts), n=1, cutoff=0.6)
    near = near or difflib.get_close_matches(comparable(item.text), list(texts), n=1, cutoff=0.6)
    guess = None
    if near:
        found = texts[near[0]]
        stem = found.stem if item.stem else None
        guess = (found.letters, personal.heading_shown(found.header), stem)
    row = header_row(sheet)
    problems.collect(
        faults.missing_column(sheet.file, sheet.sheet, item.id, item.stem, item.text, guess, row)
    )
