"""What a ledger's records contradict, and what in them a reader must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.ledger import Ledger, LedgerMeasure
from evalkit.errors import Note, Problem
from evalkit.intake import ledger_loops
from evalkit.intake.ledger_cohorts import eligible
from evalkit.intake.ledger_columns import place
from evalkit.intake.ledger_points import misplaced
from evalkit.intake.ledger_values import rows_of
from evalkit.platforms import RawColumn, RawSheet
from evalkit.problems import ledgers as faults

BULK = 10
"""Closings within ten minutes from which on they are told as closed at one go."""
BULK_SHARE = 0.1
"""And the share of all closings that they make up at least."""
ROUNDING = 0.051
"""Per cent by which a stated rate may differ: it is printed with one decimal at least."""
UNATTRIBUTED = 0.3
"""A share of records of no unit beyond which a reader is told."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file's records with where their columns stand; the index has row numbers."""

    sheet: RawSheet
    ledger: Ledger
    columns: Mapping[str, RawColumn]
    table: pd.DataFrame
    boundaries: Mapping[str, Any] | None = None


def contradictions(read: Read) -> Iterator[Problem]:
    """Yield what cannot be so."""
    if read.ledger.rows == "counts":
        yield from _of_counts(read)
    else:
        yield from _of_times(read)
    yield from _blanks(read)
    yield from misplaced(read.sheet, read.ledger, read.columns, read.table, read.boundaries)


def _blanks(read: Read) -> Iterator[Problem]:
    """Yield rows with some of the counts that make a number, and blanks in what is added up."""
    table, counted = read.table, read.ledger.rows == "counts"
    told: dict[tuple[str, ...], bool] = {}
    for measure in read.ledger.measures:
        if (columns := measure.added) or (columns := measure.counted if counted else ()):
            ours = [c for c in columns if read.ledger.column(c).holds == "number"]
            if not set(ours) <= set(table) or told.setdefault(tuple(ours), False):
                continue
            blank = table[ours].isna()
            some = blank.any(axis=1) & eligible(measure, table) & table["belongs"]
            if not measure.added:
                some &= ~blank.all(axis=1)
            wrong = rows_of(table.index, some)
            if wrong:
                told[tuple(ours)] = True
                empty = [code for code in ours if blank.loc[some, code].any()]
                at = place(read.sheet, read.columns[empty[0]], wrong[0])
                headers = [read.columns[code].header for code in ours]
                yield faults.count_blank(at, headers, wrong)


def _of_times(read: Read) -> Iterator[Problem]:
    table, ledger = read.table, read.ledger
    pairs = {(c.start, c.stop, False): None for c in ledger.clocks}
    pairs |= {(c.start, c.due, True): None for c in ledger.clocks if c.due is not None}
    if ledger.opened and ledger.closed:
        pairs[ledger.opened, ledger.closed, False] = None
    for first, last, due in pairs:
        if first in table and last in table:
            begun = table[first].where(~_midnight(table[last]), table[first].dt.normalize())
            wrong = rows_of(table.index, table[last] < begun)
            if wrong:
                at = place(read.sheet, read.columns[str(last)], wrong[0])
                header = read.columns[first].header
                tell = faults.deadline_before_start if due else faults.end_before_start
                yield tell(at, header, wrong)
    state, closed = str(ledger.state), str(ledger.closed)
    if state in table and closed in table and ledger.finished:
        at_end, told = table[state].isin(ledger.finished), table[closed].notna()
        withdrawn = table[state].isin(ledger.withdrawn)
        column = read.columns[closed]
        if missing := rows_of(table.index, at_end & ~told):
            yield faults.closed_without_time(place(read.sheet, column, missing[0]), missing)
        if early := rows_of(table.index, ~at_end & ~withdrawn & (table[state] != "") & told):
            yield faults.open_with_time(place(read.sheet, column, early[0]), early)


def _of_counts(read: Read) -> Iterator[Problem]:
    table, ledger = read.table, read.ledger
    for measure in ledger.measures:
        part, whole = str(measure.numerator), str(measure.denominator)
        if part in table and whole in table:
            wrong = rows_of(table.index, table[part] > table[whole])
            if wrong:
                yield faults.part_above_whole(
                    place(read.sheet, read.columns[part], wrong[0]), wrong
                )
    for balance in ledger.balances:
        if balance.total not in table or not set(balance.parts) <= set(table):
            continue
        total, parts = table[balance.total], table[list(balance.parts)].sum(axis=1)
        wrong = rows_of(table.index, total.notna() & (np.abs(total - parts) > 1e-9))
        if wrong:
            at = place(read.sheet, read.columns[balance.total], wrong[0])
            names = " + ".join(read.columns[part].header for part in balance.parts)
            sums = float(total[wrong[0]]), float(parts[wrong[0]])
            yield faults.counts_do_not_add_up(at, names, wrong, *sums)
    yield from _stated(read)


def _stated(read: Read) -> Iterator[Problem]:
    """Hold the rates that a file states against its own counts."""
    table = read.table
    rated = [
        m for m in read.ledger.measures
        if m.stated in table and m.numerator in table and m.denominator in table
    ]  # fmt: skip
    computed = {m.code: _rate(table, m) for m in rated}
    for measure in rated:
        stated = table[str(measure.stated)]
        off = np.abs(stated - computed[measure.code]) > ROUNDING
        off &= stated.notna() & (table[str(measure.denominator)] > 0)
        wrong = rows_of(table.index, off)
        if wrong:
            like = next(
                (m.name for m in rated if m is not measure and _alike(stated, computed[m.code])),
                None,
            )
            at = place(read.sheet, read.columns[str(measure.stated)], wrong[0])
            right = f"{computed[measure.code][wrong[0]]:.2f}%"
            yield faults.stated_otherwise(at, f"{stated[wrong[0]]:g}%", right, like)


def _rate(table: pd.DataFrame, measure: LedgerMeasure) -> pd.Series[float]:
    return 100.0 * table[str(measure.numerator)] / table[str(measure.denominator)]


def _alike(stated: pd.Series[float], computed: pd.Series[float]) -> bool:
    both = stated.notna() & computed.notna()
    return bool(both.any() and (np.abs(stated - computed)[both] <= ROUNDING).all())


def _midnight(moments: pd.Series[pd.Timestamp]) -> pd.Series[bool]:
    return moments.notna() & (moments == moments.dt.normalize())


def notes(read: Read, unattributed: int, rows: int) -> Iterator[Note]:
    """Yield what stops nothing: days without times, closings at one go, ratings all alike."""
    table, ledger, where = read.table, read.ledger, read.sheet.file
    if rows and unattributed > UNATTRIBUTED * rows:
        yield Note(NoteCode.LEDGER_UNATTRIBUTED, where, unattributed, {"rows": rows})
    yield from ledger_loops.notes(table, ledger, where)
    closed = str(ledger.closed)
    if closed in table:
        days = int(_midnight(table[closed]).sum())
        if days:
            facts: dict[str, object] = {"column": read.columns[closed].letters}
            yield Note(NoteCode.LEDGER_DAYS_ONLY, where, days, facts)
        exact = table.loc[table[closed].notna() & ~_midnight(table[closed]), closed]
        together = exact.dt.floor("10min").value_counts()
        bulk = together[(together >= BULK) & (together > BULK_SHARE * len(exact))]
        if len(bulk):
            facts = {"column": read.columns[closed].letters, "times": len(bulk)}
            yield Note(NoteCode.LEDGER_BULK_CLOSINGS, where, int(bulk.sum()), facts)
    for measure in ledger.measures:
        if measure.how == "score" and measure.column in table:
            scores = ledger.values.get(str(measure.column), {})
            rated = table[measure.column]
            rated = rated[rated.isin([t for t, s in scores.items() if s is not None])]
            if len(rated) >= BULK and bool((rated == rated.iloc[0]).all()):
                facts = {"measure": measure.name, "value": str(rated.iloc[0])}
                yield Note(NoteCode.LEDGER_ONE_RATING, where, len(rated), facts)
