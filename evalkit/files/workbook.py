"""xlsx and xls sheets as grids of text, by python-calamine.

Seen in real files: 问卷星's xls files store by-number codes as floating point numbers (5.0 for 5);
18-digit identity numbers typed as numbers have lost their last digits before anyone exports them;
dates are serial numbers unless the cell is formatted as a date; a merged area keeps only its top
left value; hidden sheets hold option lists.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import python_calamine as calamine

from evalkit import numerals
from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files import guard, limits, unmerged
from evalkit.files.extent import Extent, Refused, Spot, check_texts, encrypted
from evalkit.files.grid import Column, Grid, column_letters, listed

T = TypeVar("T")

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

DAMAGED_FROM = 10**15
"""Excel keeps 15 digits of a number; of longer ones the last are zeros that nobody typed."""

_BLOCK = 64
"""Rows that are turned into columns at a time, while their values are still at hand."""


class _Column(dict[Value, int]):
    """Which text every value of a column is, each made once; `damaged` gets those that are not exact."""

    def __init__(self, damaged: set[str]) -> None:
        super().__init__()
        self._places: dict[str, int] = {}
        self._codes = array("i")
        self._damaged = damaged

    def __missing__(self, value: Value) -> int:
        text = as_text(value)
        if isinstance(value, (int, float)) and _is_damaged(value):
            self._damaged.add(text)
        code = self[value] = self._place(text)
        return code

    def _place(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    def take(self, values: Sequence[Value]) -> None:
        """Add cells from above to below."""
        known, placed, height = len(self), len(self._places), len(self._codes)
        if not self._may_be_truth():
            self._codes.extend(map(self.__getitem__, values))
            if not self._may_be_truth():
                return
            while len(self) > known:
                self.popitem()
            while len(self._places) > placed:
                self._places.popitem()
            del self._codes[height:]
        if bool in set(map(type, values)):  # True == 1 == 1.0: one key
            self._codes.extend(self._place(as_text(value)) for value in values)
        else:
            self._codes.extend(map(self.__getitem__, values))

    def _may_be_truth(self) -> bool:
        """Tell whether there is a value that a truth value may be taken for, or is one."""
        return 0 in self or 1 in self

    def done(self) -> Column:
        """Return the column."""
        return Column(list(self._places), self._codes)


@dataclass(frozen=True, slots=True)
class Values:
    """One sheet of a workbook as it is stored.

    Attributes
    ----------
    rows : list of list of Value
        From the first row of the sheet on; an empty text for an empty cell.
    errors, uncomputed : list of Spot
        Cells that hold an error, and formulas without a value; both read as empty.
    """

    rows: list[list[Value]]
    errors: list[Spot]
    uncomputed: list[Spot]


def read(path: Path, name: str, problems: Problems, sheet: str | None = None) -> Grid | None:
    """Read one sheet of a workbook, xlsx or xls; to be called by `cage.call`.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        Path as shown to analysts.
    problems : Problems
        Collects what stops the reading.
    sheet : str or None
        Name of the sheet; None where only one has content.

    Returns
    -------
    Grid or None
        None when at least one problem was added.
    """
    seen = guard.look(path, name, problems)
    if seen is None:
        return None

    def rows(book: calamine.CalamineWorkbook) -> Grid | None:
        if not guard.is_zip(path):
            _compare(book, seen)
        return _read(book, name, sheet, list(seen.values()), problems)

    return _with_book(path, seen, name, problems, rows)


def read_all(path: Path, name: str, problems: Problems) -> dict[str, Values] | None:
    """Read every sheet of a document's workbook as it is stored; to be called by `cage.call`."""
    seen = guard.look(path, name, problems, limits.MAX_DOCUMENT_CELLS)
    if seen is None:
        return None
    if not guard.is_zip(path):
        guard.not_a_workbook(name, "旧格式 .xls", problems)
        return None

    def values(book: calamine.CalamineWorkbook) -> dict[str, Values]:
        return {
            title: Values(
                book.get_sheet_by_name(title).to_python(skip_empty_area=False),
                extent.errors,
                extent.uncomputed,
            )
            for title, extent in seen.items()
            if title in _titles(book)
        }

    return _with_book(path, seen, name, problems, values)


def _with_book(
    path: Path,
    seen: dict[str, Extent],
    name: str,
    problems: Problems,
    use: Callable[[calamine.CalamineWorkbook], T | None],
) -> T | None:
    """Use a workbook; what the reader stumbles over in it becomes a problem."""
    parts = {extent.unmerged for extent in seen.values()} - {""}
    try:
        with unmerged.opened(path, parts) as handle:
            book = calamine.load_workbook(handle)  # which takes all there is into its own memory
        with book:
            return use(book)
    except Refused as refusal:
        refusal.report(name, problems)
    except calamine.PasswordError:
        encrypted("已加密的内容").report(name, problems)
    except (calamine.CalamineError, OSError, ValueError) as error:
        guard.damaged(name, error, problems)
    except BaseException as error:
        # The reader is compiled; its panics are no Exception, and stop only this file.
        if type(error).__name__ != "PanicException":
            raise
        guard.damaged(name, error, problems)
    return None


def _compare(book: calamine.CalamineWorkbook, seen: dict[str, Extent]) -> None:
    """Hold what the reader found in an old workbook against its records, row by row."""
    for sheet, extent in zip(book.sheets_metadata, seen.values(), strict=True):
        if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        source = book.get_sheet_by_name(sheet.name)
        rows = list(source.iter_rows())
        first = (source.end[0] if source.end else -1) + 2 - len(rows)
        found = {
            number: len(values) - values.count("")
            for number, values in enumerate(rows, start=first)
            if values.count("") < len(values)
        }
        if found != extent.by_row:
            wrong = min(dict(found.items() ^ extent.by_row.items()))
            raise ValueError(
                f"工作表“{sheet.name}”第 {wrong} 行有 {extent.by_row.get(wrong, 0)} 格有内容，"
                f"读出 {found.get(wrong, 0)} 格"
            )


def _titles(book: calamine.CalamineWorkbook) -> dict[str, str]:
    """Return the sheets that hold cells, and what to call each in a message."""
    return {
        item.name: item.name
        if item.visible == calamine.SheetVisibleEnum.Visible
        else f"{item.name}（隐藏）"
        for item in book.sheets_metadata
        if item.typ == calamine.SheetTypeEnum.WorkSheet
    }


def _read(
    book: calamine.CalamineWorkbook,
    name: str,
    sheet: str | None,
    seen: list[Extent],
    problems: Problems,
) -> Grid | None:
    titles = _titles(book)
    if sheet is not None and sheet not in titles:
        problems.add(
            "sheet_missing",
            "没有这个工作表",
            file=name,
            sheet=sheet,
            expected=listed(list(titles.values())) or None,
            found=sheet,
            remedy="改正工作表名",
        )
        return None
    if sheet is not None:
        return _chosen(book, titles, (sheet, book.get_sheet_by_name(sheet)), name, seen)
    candidates = ((title, book.get_sheet_by_name(title)) for title in titles)
    full = {title: source for title, source in candidates if _has_content(source)}
    if not full:
        problems.add("no_content", "工作簿是空的，没有任何内容", file=name, remedy="重新导出")
        return None
    if len(full) > 1:
        problems.add(
            "several_sheets",
            "几个工作表都有内容，不知道读哪一个",
            file=name,
            expected="一个有内容的工作表，或写明工作表名",
            found=listed([titles[title] for title in full]),
            remedy="在 evaluation.yaml 中为这个文件写明 sheet",
        )
        return None
    return _chosen(book, titles, next(iter(full.items())), name, seen)


def _chosen(
    book: calamine.CalamineWorkbook,
    titles: dict[str, str],
    chosen: tuple[str, calamine.CalamineSheet],
    name: str,
    seen: list[Extent],
) -> Grid:
    """Read one sheet; tell whether it is hidden, and which others have content."""
    title, source = chosen
    grid = _grid(source, title, name, seen)
    where = f"{name} [{title}]"
    notes = []
    if titles[title] != title:
        notes.append(Note(NoteCode.HIDDEN_SHEET_READ, where))
    others = [
        titles[other]
        for other in titles
        if other != title and _has_content(book.get_sheet_by_name(other))
    ]
    if others:
        facts = {"sheets": tuple(others)}
        notes.append(Note(NoteCode.OTHER_SHEETS, where, len(others), facts))
    return replace(grid, notes=(*grid.notes, *notes))


def _has_content(sheet: calamine.CalamineSheet) -> bool:
    return any(
        not isinstance(value, str) or value.strip() for row in sheet.iter_rows() for value in row
    )


def _grid(source: calamine.CalamineSheet, title: str, name: str, seen: list[Extent]) -> Grid:
    left = source.start[1] if source.start else 0
    bottom = source.end[0] if source.end else -1
    where = f"{name} [{title}]"
    damaged: set[str] = set()
    taking: list[_Column] = []
    source_rows, height = source.iter_rows(), 0
    while block := list(itertools.islice(source_rows, _BLOCK)):
        height += len(block)
        taking = taking or [_Column(damaged) for _ in block[0]]
        for column, values in zip(taking, zip(*block, strict=True), strict=True):
            column.take(values)
    margin = Column([""], array("i", bytes(array("i").itemsize * height)))
    columns = (*[margin] * left, *(column.done() for column in taking)) if height else ()
    for done in columns:
        check_texts(done.texts)
    merged = tuple(
        (first[0] + 1, first[1], last[0] + 1, last[1])
        for first, last in source.merged_cell_ranges or ()
    )
    notes = _notes(columns, damaged, seen, len(merged), where)
    return Grid(title, columns, height, bottom + 2 - height, merged=merged, notes=notes)


def _notes(
    columns: Sequence[Column], damaged: set[str], seen: list[Extent], merged: int, where: str
) -> tuple[Note, ...]:
    notes = []
    if damaged:
        counts = [_count(column, damaged) for column in columns]
        letters = tuple(column_letters(at) for at, count in enumerate(counts) if count)
        notes.append(Note(NoteCode.INTEGERS_DAMAGED, where, sum(counts), {"columns": letters}))
    for code, marked in (
        (NoteCode.LEADING_ZEROS_FORMATTED, set().union(*(extent.padded for extent in seen))),
        (NoteCode.PERCENT_FORMATTED, set().union(*(extent.percent for extent in seen))),
    ):
        if marked:
            facts = {"columns": tuple(column_letters(at - 1) for at in sorted(marked))}
            notes.append(Note(code, where, len(marked), facts))
    for code, count in (
        (NoteCode.HIDDEN_ROWS, sum(extent.hidden_rows for extent in seen)),
        (NoteCode.HIDDEN_COLUMNS, sum(extent.hidden_columns for extent in seen)),
        (NoteCode.ERROR_CELLS, sum(len(extent.errors) for extent in seen)),
        (NoteCode.FORMULAS_UNCOMPUTED, sum(len(extent.uncomputed) for extent in seen)),
        (NoteCode.MERGED_CELLS, merged),
    ):
        if count:
            notes.append(Note(code, where, count))
    return tuple(notes)


def _count(column: Column, texts: set[str]) -> int:
    """Return how many cells of a column say one of these."""
    codes = {code for code, text in enumerate(column.texts) if text in texts}
    return sum(code in codes for code in column.codes) if codes else 0


def _is_damaged(value: float) -> bool:
    return math.isfinite(value) and abs(value) >= DAMAGED_FROM and value == int(value)


def _whole_second(value: dt.datetime) -> dt.datetime:
    """Round what a fraction of a day cannot express: 14:22:54.999997 is 14:22:55."""
    return (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)


def as_text(value: Value) -> str:
    """Return a cell's value as an analyst would write it.

    Whole numbers have no decimals, dates and times are ISO 8601 with a blank between them,
    durations are ``hours:minutes:seconds``, truth values ``TRUE`` and ``FALSE``.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        if value == int(value):
            return str(int(value))
        return numerals.written(value)
    if isinstance(value, dt.datetime):
        return _whole_second(value).isoformat(sep=" ")
    if isinstance(value, dt.time):
        return _whole_second(dt.datetime.combine(dt.date.min, value)).time().isoformat()
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat()
