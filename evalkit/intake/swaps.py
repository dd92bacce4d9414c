"""Dates of which a spreadsheet took the day for the month, and which look like any other date since.

A program set to month first that opens a file written day first makes dates of what it can, 03/09 becoming
9 March, and leaves 13/09 as the text it was. What gives it away: no date has a day past the
12th, no text has one up to it; or the wave, where dates outside lie inside once turned round.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.platforms import ORDERS, Order

LAST_MONTH = 12
_FIGURES = frozenset({"mdy", "dmy"})
LEAST = 3
"""Where no text is left to tell, so many dates outside the wave must lie inside once turned round."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Dates whose day and month may have changed places.

    Attributes
    ----------
    rows : tuple of row numbers
        All of them.
    text : int or None
        A row whose date is still the text it was.
    gained : tuple of row numbers
        Outside the wave as they stand, inside once turned round.
    """

    rows: tuple[int, ...]
    text: int | None
    gained: tuple[int, ...]


def turned(day: dt.date) -> dt.date:
    """Return a date with day and month in each other's place."""
    return day.replace(month=day.day, day=day.month)


def swap_of(
    days: Sequence[Mapping[Order, dt.date]],
    place: NDArray[np.int32],
    rows: pd.Index[int],
    period: tuple[dt.date | None, dt.date | None],
) -> Swap | None:
    """Tell whether day and month of a column's dates have probably changed places; None if not.

    Parameters
    ----------
    days : sequence of dict of Order to date
        The different dates.
    place : ndarray of int, shape (n,)
        Which of them every row has; -1 where it has none.
    rows : Index
        Row numbers.
    period : tuple of date or None
        First and last day of the wave.
    """
    fixed = {at: said[ORDERS[0]] for at, said in enumerate(days) if _is_beyond_doubt(said)}
    if any(day.day > LAST_MONTH for day in fixed.values()):
        return None
    texts = [at for at in range(len(days)) if at not in fixed]
    off = {at: day for at, day in fixed.items() if day.day != day.month}
    if not off or any(len(_FIGURES & days[at].keys()) != 1 for at in texts):
        return None
    gained = [at for at, day in off.items() if not _in(day, period) and _in(turned(day), period)]
    lost = any(_in(day, period) and not _in(turned(day), period) for day in off.values())
    turned_in = _rows(rows, place, gained)
    out = _rows(rows, place, [at for at, day in off.items() if not _in(day, period)])
    stay_out = len(out) - len(turned_in)
    if lost or stay_out > len(turned_in) or (not texts and len(turned_in) < LEAST):
        return None
    return Swap(
        _rows(rows, place, list(off)), next(iter(_rows(rows, place, texts)), None), turned_in
    )


def _rows(rows: pd.Index[int], place: NDArray[np.int32], wanted: list[int]) -> tuple[int, ...]:
    return tuple(rows[np.isin(place, wanted)].tolist())


def _is_beyond_doubt(said: Mapping[Order, dt.date]) -> bool:
    return len(said) == len(ORDERS) and len(set(said.values())) == 1


def _in(day: dt.date, period: tuple[dt.date | None, dt.date | None]) -> bool:
    start, end = period
    return (start is None or day >= start) and (end is None or day <= end)
