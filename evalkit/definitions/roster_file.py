"""Lists as offices keep them: roster, counts, lineage, streets, persons. CSV or a workbook, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from evalkit.definitions.city import CityRoster, CitySubject, Street, Streets
from evalkit.definitions.counts import Counts
from evalkit.definitions.documents import Document, Part
from evalkit.definitions.levels import Count
from evalkit.definitions.lineage import Lineage, Succession
from evalkit.definitions.persons import Person, Persons
from evalkit.definitions.places import Places
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.sheets.cells import Table, cell_text, is_blank, read_tables, table
from evalkit.definitions.sheets.columns import FieldColumn, columns_of, is_header_of
from evalkit.definitions.sheets.layouts import LAYOUTS
from evalkit.definitions.sheets.shapes import Reading
from evalkit.definitions.validating import validate
from evalkit.definitions.whole_file import read_bytes
from evalkit.errors import Problems
from evalkit.files import delimited, limits

MAXIMUM_BYTES = 32 * 1024 * 1024
"""100,000 committees with all their columns are some 15 MB."""

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class Listing(Generic[D]):
    """A document that is one list: its model, that of a row, and its sheet's title."""

    document: type[D]
    row: type[Part]
    sheet: str

    @property
    def columns(self) -> tuple[FieldColumn, ...]:
        """The columns of a row."""
        return columns_of(self.row)


ROSTER = Listing(Roster, Subject, "名册")
COUNTS = Listing(Counts, Count, "人口与户数")
LINEAGE = Listing(Lineage, Succession, "沿革")
STREETS = Listing(Streets, Street, "街道")
CITY_ROSTER = Listing(CityRoster, CitySubject, "名册")
PERSONS = Listing(Persons, Person, "人员名册")

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
    """Read a roster; see `read_list`."""
    return read_list(ROSTER, path, name, problems, places, even_if_faulty=even_if_faulty)


def read_counts(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Counts | None:
    """Read the counts of people and households; see `read_list`."""
    return read_list(COUNTS, path, name, problems, places, even_if_faulty=even_if_faulty)


def read_lineage(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Lineage | None:
    """Read what became of units from wave to wave; see `read_list`."""
    return read_list(LINEAGE, path, name, problems, places, even_if_faulty=even_if_faulty)


def read_list(
    listing: Listing[D],
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> D | None:
    """Read a list from CSV (UTF-8 with or without BOM, or GB18030) or xlsx.

    Parameters
    ----------
    listing : Listing
        What it is a list of.
    path : Path
        Its suffix tells which of the two it is.
    name : str
        Path as the analyst knows it.
    problems : Problems
        Collects every fault with its row and column.
    places : Places, optional
        Takes the sheet, row and column of every value.
    even_if_faulty : bool
        Return a list that could be read completely although it has faults.

    Returns
    -------
    Document or None
        None if there is any fault, or with `even_if_faulty` if some of it is not readable.
    """
    before = len(problems)
    places = Places() if places is None else places
    reader = _sheet_table if path.suffix.lower() == ".xlsx" else _csv_table
    found = reader(listing, path, name, problems)
    if found is None:
        return None
    if len(problems) > before:
        places.tear(())
    reading = Reading(name, problems, places, {})
    (layout,) = LAYOUTS[listing.document]
    layout.read(found, reading)
    document = validate(
        listing.document, reading.data, name, problems, places, even_if_faulty=even_if_faulty
    )
    return document if len(problems) == before or even_if_faulty else None


def _sheet_table(listing: Listing[D], path: Path, name: str, problems: Problems) -> Table | None:
    sheets = read_tables(path, name, problems, MAXIMUM_BYTES)
    if sheets is None:
        return None
    columns = listing.columns
    for title, rows in sheets.items():
        if title.strip() == listing.sheet:
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
        f"没有{listing.sheet}的工作表" if not candidates else f"几张工作表都像{listing.sheet}",
        file=name,
        expected=f"一张名为“{listing.sheet}”的工作表，列名为 {'、'.join(c.title for c in columns)}",
        found="、".join(sheets)[:200],
        remedy=f"把{listing.sheet}所在的工作表改名为“{listing.sheet}”",
    )
    return None


def _csv_table(listing: Listing[D], path: Path, name: str, problems: Problems) -> Table | None:
    if read_bytes(path, name, problems, MAXIMUM_BYTES) is None:
        return None
    grid = delimited.read(path, name, None, problems)
    if grid is None:
        return None
    if len(grid.rows) * len(grid.rows[0] if grid.rows else ()) > limits.MAX_DOCUMENT_CELLS:
        problems.add(
            "document_too_large",
            f"{listing.sheet}太大",
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
    at = _header_at(rows, listing.columns)
    return table(None, rows, first_row if at is None else at)


def _header_at(rows: list[tuple[str, ...]], columns: tuple[FieldColumn, ...]) -> int | None:
    return next(
        (at for at, row in enumerate(rows[:_TITLE_ROWS]) if is_header_of(row, columns)), None
    )
