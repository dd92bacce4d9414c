"""Dates of which a spreadsheet took the day for the month, and which look like any other date since.

A program set to month first that opens a file written day first makes dates of what it can, 03/09 becoming
9 March, and leaves 13/09 as the text it was. What gives it away: no date has a day past the
12th, no text has one up to it; or the wave, where dates outside lie inside once turned round.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.platforms import ORDERS, Stamp

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
    stamps: Mapping[int, Stamp], period: tuple[dt.date | None, dt.date | None]
) -> Swap | None:
    """Tell whether day and month of a column's dates have probably changed places; None if not.

    Parameters
    ----------
    period : tuple of date or None
        First and last day of the wave.
    """
    readings = {id(stamp.days): stamp for stamp in stamps.values()}
    sure = {key for key, stamp in readings.items() if _is_beyond_doubt(stamp)}
    if any(readings[key].days[ORDERS[0]].day > LAST_MONTH for key in sure):
        return None
    fixed = {row: s.days[ORDERS[0]] for row, s in stamps.items() if id(s.days) in sure}
    texts = {row: s for row, s in stamps.items() if row not in fixed}
    off = {row: day for row, day in fixed.items() if day.day != day.month}
    if not off:
        return None
    if any(len(_FIGURES & stamp.days.keys()) != 1 for stamp in texts.values()):
        return None
    gained = tuple(
        row for row, day in off.items() if not _in(day, period) and _in(turned(day), period)
    )
    lost = any(_in(day, period) and not _in(turned(day), period) for day in off.values())
    stay_out = sum(not _in(day, period) for day in off.values()) - len(gained)
    if lost or stay_out > len(gained) or (not texts and len(gained) < LEAST):
        return None
    return Swap(tuple(off), next(iter(texts), None), gained)


def _is_beyond_doubt(stamp: Stamp) -> bool:
    return len(stamp.days) == len(ORDERS) and len(set(stamp.days.values())) == 1


def _in(day: dt.date, period: tuple[dt.date | None, dt.date | None]) -> bool:
    start, end = period
    return (start is None or day >= start) and (end is None or day <= end)
