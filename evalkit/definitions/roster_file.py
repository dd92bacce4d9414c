"""Rosters as street offices keep them: a CSV file or a workbook with one row for each, committee or person."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from evalkit.definitions.persons import Persons
from evalkit.definitions.places import Places
from evalkit.definitions.roster import Roster
from evalkit.definitions.sheets.cells import Table, cell_text, is_blank, read_tables, table
from evalkit.definitions.sheets.columns import FieldColumn, is_header_of
from evalkit.definitions.sheets.layouts import LAYOUTS
from evalkit.definitions.sheets.shapes import Reading, Records
from evalkit.definitions.validating import validate
from evalkit.definitions.whole_file import read_bytes
from evalkit.errors import Problems
from evalkit.files import delimited, limits

MAXIMUM_BYTES = 32 * 1024 * 1024
"""100,000 committees with all their columns are some 15 MB."""

Listed = TypeVar("Listed", Roster, Persons)
"""What has one list, and is kept as a table."""

_TITLE_ROWS = 10
"""Above the column titles there may be a title and remarks."""


def read_roster(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Roster | None:
    """Read a roster of committees; as `read_listed`."""
    return read_listed(Roster, path, name, problems, places, even_if_faulty=even_if_faulty)


def read_listed(
    model: type[Listed],
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Listed | None:
    """Read a roster from CSV (UTF-8 with or without BOM, or GB18030) or xlsx.

    Parameters
    ----------
    model : type
        Of committees, or of persons.
    path : Path
        Its suffix tells which of the two it is.
    name : str
        Path as the analyst knows it.
    problems : Problems
        Collects every fault with its row and column.
    places : Places, optional
        Takes the sheet, row and column of every value.
    even_if_faulty : bool
        Return a roster that could be read completely although it has faults.

    Returns
    -------
    Roster, Persons or None
        None if there is any fault, or with `even_if_faulty` if some of it is not readable.
    """
    before = len(problems)
    places = Places() if places is None else places
    (layout,) = LAYOUTS[model]
    assert isinstance(layout, Records)
    reader = _sheet_table if path.suffix.lower() == ".xlsx" else _csv_table
    found = reader(path, name, layout, problems)
    if found is None:
        return None
    if len(problems) > before:
        places.tear(())
    reading = Reading(name, problems, places, {})
    layout.read(found, reading)
    roster = validate(model, reading.data, name, problems, places, even_if_faulty=even_if_faulty)
    return roster if len(problems) == before or even_if_faulty else None


def _sheet_table(path: Path, name: str, layout: Records, problems: Problems) -> Table | None:
    sheets = read_tables(path, name, problems, MAXIMUM_BYTES)
    if sheets is None:
        return None
    columns, sheet = layout.columns, layout.sheet
    for title, rows in sheets.items():
        if title.strip() == sheet:
            return table(title, rows, _header_at(rows, columns) or 0)
    candidates = [
        table(title, rows, at)
        for title, rows in sheets.items()
        if (at := _header_at(rows, columns)) is not None
    ]
    if len(candidates) == 1:
        return candidates[0]
    problems.add(
        "missing_sheet" if not candidates else "ambiguous_sheet",
        "没有名册的工作表" if not candidates else "几张工作表都像名册",
        file=name,
        expected=f"一张名为“{sheet}”的工作表，列名为 {'、'.join(c.title for c in columns)}",
        found="、".join(sheets)[:200],
        remedy=f"把名册所在的工作表改名为“{sheet}”",
    )
    return None


def _csv_table(path: Path, name: str, layout: Records, problems: Problems) -> Table | None:
    if read_bytes(path, name, problems, MAXIMUM_BYTES) is None:
        return None
    grid = delimited.read(path, name, None, problems)
    if grid is None:
        return None
    if len(grid.rows) * len(grid.rows[0] if grid.rows else ()) > limits.MAX_DOCUMENT_CELLS:
        problems.add(
            "document_too_large",
            "名册太大",
            file=name,
            expected=f"不超过 {limits.MAX_DOCUMENT_CELLS} 格",
            found=f"{len(grid.rows)} 行 x {len(grid.rows[0])} 列",
            remedy="确认文件是否放错",
        )
        return None
    rows = [tuple(map(cell_text, row)) for row in grid.rows]
    if all(is_blank(row) for row in rows):
        problems.add("empty_document", "文档是空的", file=name, remedy="补上内容")
        return None
    first_row = next(at for at, row in enumerate(rows) if not is_blank(row))
    at = _header_at(rows, layout.columns)
    return table(None, rows, first_row if at is None else at)


def _header_at(rows: list[tuple[str, ...]], columns: tuple[FieldColumn, ...]) -> int | None:
    return next(
        (at for at, row in enumerate(rows[:_TITLE_ROWS]) if is_header_of(row, columns)), None
    )
