"""Working days and open hours: when something ends that they count, and how much of them passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.datetime64]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Hours = Sequence[tuple[dt.time, dt.time]]
"""From when until when offices are open on a working day: spans, one after another."""

_DAY = dt.timedelta(days=1)
_DAY_SECONDS = 86_400


class UnknownYear(LookupError):
    """A year whose days off nobody told."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(year)


@dataclass(frozen=True, slots=True)
class Reached:
    """When something ends, as far as it is known.

    Attributes
    ----------
    ends : ndarray of datetime64
        NaT without a beginning, and where a year on the way has days off that nobody told.
    untold : ndarray of int
        The first such year; 0 where there is none.
    """

    ends: Moments
    untold: Integers


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which days are worked, in the years that are known.

    Attributes
    ----------
    worked : tuple of int
        Proleptic ordinals (`date.toordinal`) of the days that are worked, in order.
    years : frozenset of int
        Of whose days `worked` tells all.

    Examples
    --------
    Half an hour on a Friday, and half an hour on the Monday after it, are one hour:

    >>> plain = WorkingDays.of([2021])
    >>> friday = np.array(["2021-06-04T16:30"], dtype="datetime64[s]")
    >>> plain.open_after(friday, dt.timedelta(hours=1), [(dt.time(9), dt.time(17))]).ends
    array(['2021-06-07T09:30:00'], dtype='datetime64[s]')
    >>> plain.after(friday.astype("datetime64[D]"), 2).ends
    array(['2021-06-08'], dtype='datetime64[D]')
    """

    worked: tuple[int, ...]
    years: frozenset[int]
    _days: Integers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Days since 1970, and one past all of them: the first of a year that nobody told.
        beyond = dt.date(max(self.years, default=0) + 1, 1, 1).toordinal()
        days = np.array([*self.worked, beyond], dtype=np.int64) - dt.date(1970, 1, 1).toordinal()
        object.__setattr__(self, "_days", days)

    @classmethod
    def of(cls, years: Iterable[int], otherwise: Iterable[dt.date] = ()) -> WorkingDays:
        """Make it of Monday to Friday in these years, but for the days where it is otherwise."""
        known, changed = frozenset(years), frozenset(otherwise)
        days = (
            dt.date(year, 1, 1) + n * _DAY
            for year in sorted(known)
            for n in range((dt.date(year, 12, 31) - dt.date(year, 1, 1)).days + 1)
        )
        worked = tuple(day.toordinal() for day in days if (day.weekday() < 5) != (day in changed))
        return cls(worked, known)

    def on_or_after(self, day: dt.date) -> dt.date:
        """Return the day itself if it is worked, else the next one that is.

        Raises
        ------
        UnknownYear
            If that cannot be told without the days off of a year that nobody told.
        """
        reached = self.after(np.array([day - _DAY], dtype="datetime64[D]"), 1)
        if reached.untold[0]:
            raise UnknownYear(int(reached.untold[0]))
        found: dt.date = reached.ends[0].item()
        return found

    def unknown(self, *days: dt.date) -> list[int]:
        """Return the years that nobody told and without which `on_or_after` these is not known."""
        before = np.array([day - _DAY for day in days], dtype="datetime64[D]")
        return sorted({int(year) for year in self.after(before, 1).untold} - {0})

    def between(self, first: dt.date, last: dt.date) -> int:
        """Count the working days from the first to the last, both included.

        Raises
        ------
        UnknownYear
            If nobody told the days off of one of their years.

        Examples
        --------
        >>> WorkingDays.of([2021]).between(dt.date(2021, 6, 4), dt.date(2021, 6, 7))
        2
        """
        for year in range(first.year, last.year + 1):
            if year not in self.years:
                raise UnknownYear(year)
        return sum(first.toordinal() <= day <= last.toordinal() for day in self.worked)

    def after(self, days: Moments, number: int) -> Reached:
        """Return the last of so many working days after each day, which does not count itself.

        Parameters
        ----------
        days : ndarray of datetime64
        number : int
            At least 1.
        """
        asked = ~np.isnat(days)
        own = np.where(asked, days, np.datetime64(0, "D")).astype("datetime64[D]").astype(np.int64)
        places = np.searchsorted(self._days, own, side="right") - 1 + number
        ends, untold = self._reached(own + 1, places, asked)
        return Reached(np.where((untold > 0) | ~asked, np.datetime64("NaT", "D"), ends), untold)

    def open_after(self, moments: Moments, length: dt.timedelta, hours: Hours) -> Reached:
        """Return the moment by which offices have been open for so long after each moment.

        Where that is when they close, it is that, and not when they open again.

        Parameters
        ----------
        moments : ndarray of datetime64
        length : timedelta
            More than nothing.
        hours : sequence of (time, time)
            Spans of every working day, one after another.
        """
        opens, closes = (np.array([_seconds(t) for t in ts]) for ts in zip(*hours, strict=True))
        before = np.append(0, np.cumsum(closes - opens))
        asked = ~np.isnat(moments)
        given = np.where(asked, moments, np.datetime64(0, "s")).astype("datetime64[s]")
        own, clock = np.divmod(given.astype(np.int64), _DAY_SECONDS)
        places = np.searchsorted(self._days, own)
        is_worked = self._days[np.minimum(places, len(self._days) - 1)] == own
        gone = np.clip(clock[:, None] - opens, 0, closes - opens).sum(axis=1)
        target = np.where(is_worked, gone, 0) + max(1, round(length.total_seconds()))
        whole = (target - 1) // before[-1]
        rest = target - whole * before[-1]
        span = np.searchsorted(before[1:], rest)
        ends, untold = self._reached(own, places + whole, asked)
        at = ends.astype("datetime64[s]") + (opens[span] + rest - before[span])
        return Reached(np.where((untold > 0) | ~asked, np.datetime64("NaT", "s"), at), untold)

    def days_passed(self, first: Moments, last: Moments) -> Floats:
        """Return how many working days lie after one day, up to another and with it.

        NaN where one of the two is not told, or a year on the way has days off that nobody told.
        """
        known, own, until = self._days_of(first, last)
        counts = np.searchsorted(self._days, until, side="right")
        counts -= np.searchsorted(self._days, own, side="right")
        return np.where(known, counts, np.nan)

    def hours_passed(self, first: Moments, last: Moments, hours: Hours) -> Floats:
        """Return for how many hours offices were open between moments; NaN as in `days_passed`."""
        opens, closes = (np.array([_seconds(t) for t in ts]) for ts in zip(*hours, strict=True))
        known, *days = self._days_of(first, last)
        gone = []
        for moments, own in zip((first, last), days, strict=True):
            given = np.where(known, moments, np.datetime64(0, "s")).astype("datetime64[s]")
            clock = given.astype(np.int64) % _DAY_SECONDS
            places = np.searchsorted(self._days, own)
            worked = self._days[np.minimum(places, len(self._days) - 1)] == own
            today = np.clip(clock[:, None] - opens, 0, closes - opens).sum(axis=1)
            gone.append(places * (closes - opens).sum() + np.where(worked, today, 0))
        return np.where(known, (gone[1] - gone[0]) / 3600.0, np.nan)

    def _days_of(self, first: Moments, last: Moments) -> tuple[Any, Integers, Integers]:
        """Return where all days between moments are known, and both as days since 1970."""
        both = ~(np.isnat(first) | np.isnat(last))
        own, until = (
            np.where(both, moments.astype("datetime64[D]"), np.datetime64(0, "D"))
            .astype("datetime64[D]")
            .astype(np.int64)
            for moments in (first, last)
        )
        begun, ended = (_years(days.astype("datetime64[D]")) for days in (own, until))
        lacking = [
            year
            for year in range(int(begun.min(initial=9999)), int(ended.max(initial=0)) + 1)
            if year not in self.years
        ]
        for year in lacking if both.any() else ():
            both &= ~((begun <= year) & (year <= ended))
        return both, own, until

    def _reached(self, first: Integers, places: Any, asked: Any) -> tuple[Moments, Integers]:
        """Return the worked days at these places, and the first year before them not known."""
        ends = self._days[np.minimum(places, len(self._days) - 1)].astype("datetime64[D]")
        begun = _years(first.astype("datetime64[D]"))
        gaps = np.zeros(len(begun), dtype=np.int64)
        for year in np.unique(begun):
            gap = int(year)
            while gap in self.years:
                gap += 1
            gaps[begun == year] = gap
        untold = asked & (gaps <= np.maximum(_years(ends), begun))
        return ends, np.where(untold, gaps, 0)


def _years(days: Moments) -> Integers:
    return days.astype("datetime64[Y]").astype(np.int64) + 1970


def _seconds(time: dt.time) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second
