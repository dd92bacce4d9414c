"""Which records a number is about: those of a wave, of a condition, and what fell due in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.definitions.evaluation import Wave
from evalkit.definitions.ledger import Clock, Ledger, LedgerMeasure
from evalkit.definitions.opening_hours import spans
from evalkit.methods.working_time import WorkingDays

Mask = NDArray[np.bool_]
Moment = pd.Timestamp | None

LONGEST_REST = 30
"""Days by which a deadline of n working days is at most later than 2n days: weekends and feasts."""


def bounds_of(wave: Wave) -> tuple[Moment, Moment]:
    """Return a wave's first moment for records, and the first one after it; None where it has none."""
    since, until = wave.recorded
    start = None if since is None else pd.Timestamp(since)
    end = None if until is None else pd.Timestamp(until) + pd.Timedelta(days=1)
    return start, end


def within(moments: pd.Series[Any], start: Moment, end: Moment) -> pd.Series[bool]:
    """Tell which moments lie between two, the second left out; one that is not told never does."""
    inside = moments.notna()
    if start is not None:
        inside &= moments >= start
    if end is not None:
        inside &= moments < end
    return inside


def of_wave(table: pd.DataFrame, ledger: Ledger, start: Moment, end: Moment) -> pd.Series[bool]:
    """Tell which records are of a wave, by the time that the ledger says.

    Where that is when they ended, what is still open is of every wave that it did not begin after.
    """
    by = ledger.wave_by
    if by is None or by not in table:
        return pd.Series(True, index=table.index)
    inside = within(table[by], start, end)
    if by == ledger.closed:
        still = table[by].isna()
        if ledger.opened in table and end is not None:
            still &= ~(table[ledger.opened] >= end)
        inside |= still
    return inside


def eligible(measure: LedgerMeasure, table: pd.DataFrame) -> Mask:
    """Tell which records a measure is about, by its condition."""
    if measure.where is None:
        return np.ones(len(table), dtype=bool)
    if measure.where not in table:
        return np.zeros(len(table), dtype=bool)
    return table[measure.where].isin(measure.among).to_numpy(dtype=bool)


@dataclass(frozen=True, slots=True)
class Due:
    """When records fall due.

    Attributes
    ----------
    at : Series of moments
        NaT where there is no deadline, or it cannot be told.
    days : Series of bool
        Where the deadline is a day, to its end, and no moment.
    untold : ndarray of int
        The year of which somebody would have to tell the days off; 0 where there is none.
    """

    at: pd.Series[Any]
    days: pd.Series[bool]
    untold: NDArray[np.int64]


def deadline(clock: Clock, table: pd.DataFrame, worked: WorkingDays) -> Due | None:
    """Return when records fall due; None where the file does not have what it takes.

    A limit in working days ends with the last of them, whatever the hour at which it began. One in
    hours runs on working days while offices are open, where the clock has opening hours.
    """
    if clock.stop not in table or (clock.due or clock.start) not in table:
        return None
    nowhere = np.zeros(len(table), dtype=np.int64)
    if clock.due is not None:
        at = table[clock.due]
        return Due(at, at == at.dt.normalize(), nowhere)
    begun, limit = table[clock.start], float(clock.limit or 0.0)
    only_days = begun == begun.dt.normalize()
    moments = begun.to_numpy(dtype="datetime64[s]")
    if clock.unit == "workdays":
        reached = worked.after(moments.astype("datetime64[D]"), int(limit))
        only_days = pd.Series(True, index=begun.index)
    elif clock.hours is not None:
        reached = worked.open_after(moments, dt.timedelta(hours=limit), spans(clock.hours))
    else:
        at = begun + pd.to_timedelta(limit, unit="h" if clock.unit == "hours" else "D")
        return Due(at, only_days, nowhere)
    ends = pd.Series(reached.ends.astype("datetime64[s]"), index=begun.index)
    return Due(ends, only_days, reached.untold)


def untold_years(
    clock: Clock, due: Due, table: pd.DataFrame, start: Moment, end: Moment
) -> list[int]:
    """Return the years that must be told to know what falls due between two moments.

    What began after them, or so long before them that it fell due earlier, needs none.
    """
    if not due.untold.any():
        return []
    days = float(clock.limit or 0.0)
    if clock.hours is not None:
        open_for = [_length(opens, closes) for opens, closes in spans(clock.hours)]
        days = days / (sum(open_for, dt.timedelta()) / dt.timedelta(hours=1)) + 1.0
    longest = pd.Timedelta(days=2.0 * days + LONGEST_REST)
    matters = within(table[clock.start], None if start is None else start - longest, end)
    return sorted({int(year) for year in due.untold[matters.to_numpy(dtype=bool)]} - {0})


def _length(opens: dt.time, closes: dt.time) -> dt.timedelta:
    day = dt.date(2000, 1, 1)
    return dt.datetime.combine(day, closes) - dt.datetime.combine(day, opens)
