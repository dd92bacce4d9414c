"""What claims come to in the records of ledgers: counts, sums and measures, exact."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from evalkit.definitions.claims import Term
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.tables.records import Counted, Records, Reduced, TermKey

ByWave = Mapping[str, Mapping[str, Records]]
DIGITS = 9
"""Decimals that sums of points are cut to: points have fewer, what is beyond is the machine's."""


def count(
    decided: Decided, records: ByWave, reduced: Mapping[str, Mapping[str, Reduced]], wave: str
) -> dict[TermKey, Counted]:
    """Return what every term that speaks of a ledger comes to; none where it has no records.

    Parameters
    ----------
    decided : Decided
    records, reduced : dict of wave id to dict of ledger id
    wave : str
        The wave of terms that name none.
    """
    found: dict[TermKey, Counted] = {}
    for claim in decided.claims.claims if decided.claims else ():
        for place, term in enumerate(claim.terms):
            of, name = term.wave or wave, term.ledger or ""
            own, numbers = records.get(of, {}).get(name), reduced.get(of, {}).get(name)
            if own is None or numbers is None:
                continue
            if term.measure is not None:
                counted = _measured(numbers, term.measure)
            else:
                counted = _counted(own.table, term, decided.ledgers[name])
            if counted is not None:
                found[claim.id, place] = counted
    return found


def _counted(table: pd.DataFrame, term: Term, ledger: Ledger) -> Counted | None:
    """Count records, or add up a column of theirs; None where the files lack a column."""
    if not {*term.where, *([term.column] if term.column else ())} <= set(table):
        return None
    mine = table["belongs"].to_numpy(dtype=bool)
    for column, texts in term.where.items():
        mine = mine & table[column].isin(texts).to_numpy(dtype=bool)
    least = ledger.minimum_n
    if term.column is None:
        return Counted(Fraction(int(mine.sum())), int(mine.sum()), least, is_count=True)
    cells = table.loc[mine, term.column].dropna()
    value = sum((Decimal(repr(float(cell))) for cell in cells), Decimal(0))
    # A row of counts stands for as many records as it counts.
    behind = int(value) if ledger.rows == "counts" else len(cells)
    return Counted(Fraction(value), behind, least, is_count=ledger.rows == "counts")


def _measured(found: Reduced, code: str) -> Counted | None:
    """Return the street's number of a measure: of all its records; a share is a part of 1."""
    measure, place = found.ledger.measure(code), found.at(code)
    n, hits = found.n[:, place], found.hits[:, place]
    known = np.isfinite(found.raw[:, place])
    over, records = _exact(hits[known].sum()), int(n[known].sum())
    under = Fraction(records)
    if measure.how == "rate":
        records, under = int(over), _exact(found.exposure[known, place].sum())
    if not under:
        return None
    factor = {"share": Fraction(1), "score": Fraction(100)}.get(
        measure.how, Fraction(repr(measure.per))
    )
    return Counted(factor * over / under, records, found.ledger.minimum_n, is_count=False)


def _exact(value: float) -> Fraction:
    """Return a number that a machine added up as the decimal that it stands for."""
    return Fraction(repr(round(float(value), DIGITS)))
