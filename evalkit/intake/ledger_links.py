"""Records that point to records of other ledgers: what points to nothing, what is used beyond its capacity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from evalkit import personal
from evalkit.codes import NoteCode
from evalkit.definitions.ledger import Ledger, LedgerColumn
from evalkit.errors import Note, Problem
from evalkit.intake.ledger_checks import Read
from evalkit.intake.ledger_columns import place
from evalkit.intake.ledger_values import rows_of
from evalkit.problems import ledgers as faults

Reads = Mapping[str, Sequence[Read]]
"""A wave's files by ledger."""


def broken(reads: Reads) -> Iterator[Problem]:
    """Yield what points to no record of the ledgers that it may point to."""
    for read, column in _links(reads):
        known = _keys(reads, column)
        if known is None:
            continue
        own = standing(read.table, read.ledger)
        texts = own[column.code]
        wrong = (texts != "") & ~texts.isin(known)
        if rows := rows_of(own.index, wrong):
            at = place(read.sheet, read.columns[column.code], rows[0])
            shown = personal.shown(str(texts[wrong].iloc[0]))
            yield faults.link_to_nothing(at, shown, rows, _titles(reads, column))


def notes(reads: Reads) -> Iterator[tuple[Read, Note]]:
    """Yield, with the file, what could not be checked, and what is used beyond its capacity."""
    for read, column in _links(reads):
        header, where = read.columns[column.code].header, read.sheet.file
        if _keys(reads, column) is None:
            facts: dict[str, object] = {"column": header, "ledgers": list(column.points_to)}
            yield read, Note(NoteCode.LEDGER_LINK_UNCHECKED, where, len(read.table), facts)
            continue
        room = capacities(reads, column)
        taken = standing(read.table, read.ledger)[column.code].value_counts()
        over = (taken - room.reindex(taken.index)).dropna()
        over = over[over > 0].sort_index().sort_values(ascending=False, kind="stable")
        if len(over):
            first = over.index[0]
            facts = {
                "column": header,
                "first": personal.shown(str(first)),
                "taken": int(taken[first]),
                "capacity": f"{room[first]:g}",
            }
            yield read, Note(NoteCode.LEDGER_BEYOND_CAPACITY, where, len(over), facts)


def standing(table: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return the records that were not withdrawn."""
    if ledger.state not in table:
        return table
    return table[~table[ledger.state].isin(ledger.withdrawn)]


def capacities(reads: Reads, column: LedgerColumn) -> pd.Series[float]:
    """Return the capacity of what a column points to, by key, where it is told."""
    parts = [
        pd.Series(
            one.table[one.ledger.capacity].to_numpy(dtype="float64"), index=one.table["key"]
        ).dropna()
        for name in column.points_to
        for one in reads.get(name, ())
        if one.ledger.capacity is not None and one.ledger.capacity in one.table
    ]
    found = pd.concat(parts) if parts else pd.Series(dtype="float64")
    return found[~found.index.duplicated()]


def _links(reads: Reads) -> Iterator[tuple[Read, LedgerColumn]]:
    for own in reads.values():
        for read in own:
            for column in read.ledger.columns:
                if column.points_to and column.code in read.table:
                    yield read, column


def _keys(reads: Reads, column: LedgerColumn) -> set[str] | None:
    """Return what a column may point to; None where none of these ledgers has a file."""
    present = [one for name in column.points_to for one in reads.get(name, ())]
    return {str(key) for one in present for key in one.table["key"]} if present else None


def _titles(reads: Reads, column: LedgerColumn) -> list[str]:
    return [reads[name][0].ledger.title for name in column.points_to if reads.get(name)]
