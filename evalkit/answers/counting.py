"""What claims come to in the records of ledgers: counts, sums and measures, exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import Reason
from evalkit.definitions.claims import Claim, Term
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.printed import read_printed
from evalkit.methods.small_counts import of_records
from evalkit.tables.records import Counted, LedgerReport, Records, Reduced, TermKey

Flags = NDArray[np.bool_]
ByWave = Mapping[str, Mapping[str, Records]]
DIGITS = 9
"""Decimals that sums of points are cut to: points have fewer, what is beyond is the machine's."""


def count(
    decided: Decided,
    records: ByWave,
    reduced: Mapping[str, Mapping[str, Reduced]],
    reports: Sequence[LedgerReport],
    wave: str,
) -> dict[TermKey, Counted]:
    """Return what every term that speaks of a ledger comes to; none where it has no records.

    Parameters
    ----------
    decided : Decided
    records, reduced : dict of wave id to dict of ledger id
    reports : sequence of LedgerReport
        They tell how many rows name no unit, or one that is not counted.
    wave : str
        The wave of terms that name none.
    """
    found: dict[TermKey, Counted] = {}
    told: dict[tuple[str, str], list[Flags]] = {}
    for claim in decided.claims.claims if decided.claims else ():
        for place, term in enumerate(claim.terms):
            of, name = term.wave or wave, term.ledger or ""
            own, numbers = records.get(of, {}).get(name), reduced.get(of, {}).get(name)
            if own is None or numbers is None:
                continue
            more = sum(
                report.because(reason)
                for report in reports
                for reason in (Reason.NO_SUBJECT, Reason.UNMATCHED_SUBJECT)
                if (report.wave, report.ledger) == (of, name)
            )
            if term.measure is not None:
                counted = _measured(numbers, term.measure, more, _in_percent(claim))
            else:
                counted = _counted(own.table, term, numbers, more, told.setdefault((of, name), []))
            if counted is not None:
                found[claim.id, place] = counted
    return found


def _in_percent(claim: Claim) -> bool:
    """Tell a number of points that was published with %: 94.69% stands for 94.69 of 100."""
    printed = read_printed(claim.printed)
    return claim.way == "sum" and printed is not None and printed.is_share


def _counted(
    table: pd.DataFrame, term: Term, found: Reduced, more: int, told: list[Flags]
) -> Counted | None:
    """Count records, or add up a column of theirs; None where the files lack a column.

    `told` are the records of all counts of this ledger that may be told so far; what is told of
    these, too, is added. Where one count contains another and all but a few, the difference of both
    would tell the few.
    """
    ledger, subjects = found.ledger, found.subjects
    if not {*term.where, *([term.column] if term.column else ())} <= set(table):
        return None
    mine = table["belongs"].to_numpy(dtype=bool) & table["subject"].isin(subjects).to_numpy()
    everything = mine
    for column, texts in term.where.items():
        mine = mine & table[column].isin(texts).to_numpy(dtype=bool)
    own, by_rows = table[mine], ledger.rows == "counts"
    value: Fraction | None = Fraction(len(own))
    behind: pd.Series[Any] = own["subject"].value_counts()
    if term.column is not None:
        cells = own[term.column].astype(np.float64)
        times = cells.value_counts()
        total = sum(
            (_exact(cell) * n for cell, n in zip(times.index, times, strict=True)), Fraction(0)
        )
        value = None if cells.isna().any() else total
        # A row of counts stands for as many records as it counts.
        behind = cells.groupby(own["subject"]).sum() if by_rows else behind
    upper = value
    if more and value is not None:
        upper = value + more if term.column is None else None
    counted = _told(value, behind, ledger, is_count=by_rows or term.column is None)
    if not by_rows:
        if any(_apart(mine, one, ledger.minimum_n) for one in (everything, *told)):
            counted = replace(counted, is_told=False)
        if counted.is_told:
            told.append(mine)
    return replace(counted, lower=value, upper=upper)


def _apart(one: Flags, other: Flags, least: int) -> bool:
    """Tell two sets of records of which one is the other but for too few."""
    both = int((one & other).sum())
    left = max(int(one.sum()), int(other.sum())) - both
    return both == min(one.sum(), other.sum()) and 0 < left < least


def _measured(found: Reduced, code: str, more: int, in_percent: bool) -> Counted | None:
    """Return the street's number of a measure: of all its records; a share is a part of 1.

    So are points that were published with %; otherwise they are of 100.
    """
    measure, place = found.ledger.measure(code), found.at(code)
    known = np.isfinite(found.raw[:, place])
    rate = measure.how == "rate"
    under = (found.exposure if rate else found.n)[known, place].sum()
    if not under > 0:
        return None
    factor = {"share": Fraction(1), "score": Fraction(1 if in_percent else 100)}.get(
        measure.how, Fraction(repr(measure.per))
    )
    hits, whole = _exact(found.hits[known, place].sum()), _exact(under)
    counted = _told(
        factor * hits / whole, pd.Series(found.behind(place)), found.ledger, is_count=False
    )
    beyond = whole + (0 if rate else more)
    lower, upper = factor * hits / beyond, factor * (hits + more) / beyond
    if more and (found.ledger.rows == "counts" or found.adds_amounts(place)):
        return replace(counted, lower=Fraction(0), upper=None)
    return replace(counted, lower=lower, upper=upper)


def _told(
    value: Fraction | None, behind: pd.Series[Any], ledger: Ledger, *, is_count: bool
) -> Counted:
    """Say what may be told, given the records of every committee."""
    n = np.ceil(np.nan_to_num(behind.to_numpy(dtype=np.float64))).astype(np.int64)
    street = of_records(n, ledger.minimum_n)[1]
    return Counted(value, street, ledger.minimum_n, is_count)


def _exact(value: float) -> Fraction:
    """Return a number that a machine added up as the decimal that it stands for."""
    return Fraction(repr(round(float(value), DIGITS)))
