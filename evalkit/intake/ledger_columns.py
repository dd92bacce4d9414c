"""Which column of a file is which of a ledger's; what is left out, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evalkit import personal
from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.text import comparable
from evalkit.errors import Problems
from evalkit.platforms import RawColumn, RawSheet
from evalkit.problems import ledgers as faults
from evalkit.problems.intake import Position

LOOKED_AT = 400
"""Different values of a column that are looked at before it may be passed over."""

SOME_PERSONAL = 0.2
"""A share of names beyond which a column that nobody declared holds persons."""


@dataclass(frozen=True, slots=True)
class Found:
    """The columns of a file.

    Attributes
    ----------
    read : dict of the ledger's column to RawColumn
    unused, dropped : tuple of str
        Headers that nobody declared, and that were left out on purpose; as they may be shown.
    """

    read: Mapping[str, RawColumn]
    unused: tuple[str, ...]
    dropped: tuple[str, ...]


def place(sheet: RawSheet, column: RawColumn | None, row: int | None = None) -> Position:
    """Say where something stands, with a header as it may be shown."""
    where = None if column is None else f"{column.letters} {personal.heading_shown(column.header)}"
    return Position(sheet.file, sheet.sheet, row, where)


def find_columns(
    sheet: RawSheet,
    ledger: Ledger,
    crosswalk: Crosswalk | None,
    is_unit: Callable[[str], bool],
    problems: Problems,
) -> Found:
    """Match a file's columns to a ledger's, by header or through a crosswalk.

    Columns that are neither declared nor dropped are passed over, unless they look personal: by
    their heading, or by what they hold. Those are refused, and nothing of them is shown. What
    `is_unit` knows is the name of a unit and of no person.
    """
    read, dropped, rest = (
        _by_header(sheet, ledger, problems)
        if crosswalk is None
        else _by_crosswalk(sheet, crosswalk, problems)
    )
    header_row = int(sheet.cells.index[0]) - 1
    for column in ledger.columns:
        if column.required and column.code not in read:
            at = place(sheet, None, header_row)
            problems.collect(faults.record_column_missing(at, column.code, column.headers))
    unused = []
    for raw in rest:
        if _is_personal(sheet, raw, is_unit):
            problems.collect(faults.personal_column_refused(place(sheet, raw)))
        elif raw.header.strip():
            unused.append(personal.heading_shown(raw.header))
    return Found(read, tuple(unused), tuple(c.header for c in dropped))


_Columns = tuple[dict[str, RawColumn], list[RawColumn], list[RawColumn]]


def _by_header(sheet: RawSheet, ledger: Ledger, problems: Problems) -> _Columns:
    by_key: dict[str, list[RawColumn]] = {}
    for raw in sheet.columns:
        by_key.setdefault(comparable(raw.header), []).append(raw)
    read: dict[str, RawColumn] = {}
    for column in ledger.columns:
        keys = [key for header in column.headers if (key := comparable(header)) in by_key]
        if not keys:
            continue
        first, *more = by_key[keys[0]]
        read[column.code] = first
        if more:
            both = [first.header, *(other.header for other in more)]
            problems.collect(faults.record_column_twice(place(sheet, first), column.code, both))
    taken = {raw.position for raw in read.values()}
    dropping = {comparable(header) for header in ledger.drop}
    others = [raw for raw in sheet.columns if raw.position not in taken]
    dropped = [raw for raw in others if comparable(raw.header) in dropping]
    return read, dropped, [raw for raw in others if raw not in dropped]


def _by_crosswalk(sheet: RawSheet, crosswalk: Crosswalk, problems: Problems) -> _Columns:
    mapped = {mapping.column - 1: mapping for mapping in crosswalk.columns}
    read: dict[str, RawColumn] = {}
    dropped: list[RawColumn] = []
    rest: list[RawColumn] = []
    for column in sheet.columns:
        mapping = mapped.get(column.position)
        if mapping is None:
            rest.append(column)
        elif mapping.item is None:
            dropped.append(column)
        elif mapping.item == UNDECIDED:
            problems.collect(faults.column_undecided(place(sheet, column), UNDECIDED))
        elif mapping.item in read:
            both = [read[mapping.item].header, column.header]
            problems.collect(faults.record_column_twice(place(sheet, column), mapping.item, both))
        else:
            read[mapping.item] = column
    return read, dropped, rest


def _is_personal(sheet: RawSheet, column: RawColumn, is_unit: Callable[[str], bool]) -> bool:
    if personal.heading_is_personal(column.header) or personal.identifies(column.header):
        return True
    values = sheet.cells[column.position]
    distinct = [str(text) for text in values.unique()[:LOOKED_AT] if text]
    if any(personal.identifies(text) for text in distinct if not _is_code(text)):
        return True
    names = sum(personal.is_name(text) and not is_unit(text) for text in distinct)
    return len(distinct) >= 2 and names > SOME_PERSONAL * len(distinct)


def _is_code(text: str) -> bool:
    """Tell a running number of a system, which is no telephone number, from one that may be."""
    bare = text.strip()
    return bare.isascii() and bare.isalnum() and (len(bare) >= 12 or not bare.isdigit())
