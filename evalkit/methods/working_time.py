"""Working days and working time: what is counted, and what is counted on, where offices are open."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

_DAY = dt.timedelta(days=1)


class UnknownYear(LookupError):
    """A year whose days off nobody told."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(year)


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
    Without a holiday, Friday 16:30 to Monday 09:30 is half an hour on either day:

    >>> plain = WorkingDays.of([2021])
    >>> start, end = dt.datetime(2021, 6, 4, 16, 30), dt.datetime(2021, 6, 7, 9, 30)
    >>> plain.time_between(start, end, dt.time(9), dt.time(17))
    datetime.timedelta(seconds=3600)
    """

    worked: tuple[int, ...]
    years: frozenset[int]
    _all: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_all", frozenset(self.worked))

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

    def unknown(self, *days: dt.date) -> list[int]:
        """Return the years of these days that are not known, in order."""
        return sorted({day.year for day in days} - self.years)

    def is_worked(self, day: dt.date) -> bool:
        """Tell whether a day is worked; `UnknownYear` where nobody told."""
        self._must_know(day, day)
        return day.toordinal() in self._all

    def count(self, first: dt.date, last: dt.date) -> int:
        """Count the working days from the first to the last, both included; 0 where reversed."""
        self._must_know(first, last)
        at = bisect_left(self.worked, first.toordinal())
        return max(0, bisect_right(self.worked, last.toordinal()) - at)

    def on_or_after(self, day: dt.date) -> dt.date:
        """Return the day itself if it is worked, else the next one that is."""
        while not self.is_worked(day):
            day += _DAY
        return day

    def after(self, day: dt.date, number: int) -> dt.date:
        """Return the day that is so many working days after a day, which does not count itself."""
        for _ in range(number):
            day = self.on_or_after(day + _DAY)
        return day

    def time_between(
        self, start: dt.datetime, end: dt.datetime, opens: dt.time, closes: dt.time
    ) -> dt.timedelta:
        """Return the time between two moments while the office is open.

        Parameters
        ----------
        start, end : datetime
            Where the end is not after the start, no time has passed.
        opens, closes : time
            Of every working day; the office opens before it closes.

        Raises
        ------
        UnknownYear
            If the moments reach into a year that is not known.
        """
        if end <= start:
            return dt.timedelta()
        open_for = self._open(start.date(), dt.time(23, 59, 59), opens, closes)
        if start.date() == end.date():
            return self._open(end.date(), end.time(), opens, closes) - self._open(
                start.date(), start.time(), opens, closes
            )
        first = open_for - self._open(start.date(), start.time(), opens, closes)
        last = self._open(end.date(), end.time(), opens, closes)
        whole = _length(opens, closes) * self.count(start.date() + _DAY, end.date() - _DAY)
        return first + whole + last

    def _open(self, day: dt.date, until: dt.time, opens: dt.time, closes: dt.time) -> dt.timedelta:
        """Return how long the office was open on a day until an hour."""
        if not self.is_worked(day):
            return dt.timedelta()
        return _length(opens, min(max(until, opens), closes))

    def _must_know(self, first: dt.date, last: dt.date) -> None:
        for year in range(first.year, last.year + 1):
            if year not in self.years:
                raise UnknownYear(year)


def _length(opens: dt.time, closes: dt.time) -> dt.timedelta:
    day = dt.date(2000, 1, 1)
    return dt.datetime.combine(day, closes) - dt.datetime.combine(day, opens)
