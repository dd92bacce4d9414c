"""When the answers of a file were submitted: one reading for the whole column, and how exact it is.

A cell such as ``03/09/2026`` does not say which figure is the month. The column does, where one
cell can only be read one way; else the wave does, where only one reading puts every answer inside
it. What stays open is a problem where it decides about rows, and a note where it does not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problem, Problems
from evalkit.files.alike import held, places, taken
from evalkit.files.texts import UNTOLD, Texts
from evalkit.intake.clocks import Clock, Clocks, Parts, clock_text, parts_of
from evalkit.intake.swaps import swap_of
from evalkit.platforms import ORDERS, Grain, Order, RawColumn, RawSheet, Stamp, of
from evalkit.problems import intake as faults

Period = tuple[dt.date | None, dt.date | None]

ROUNDED_SHARE = 0.1
"""Zero seconds are natural in one time of sixty; where more have them, they were never recorded."""
UNREAD_SHARE = 0.5
"""Where more of the times cannot be read, the column says nothing about the wave."""


_MIDNIGHT = " 00:00:00"

NEVER = np.iinfo(np.int64).min
"""The moment of a cell that says none."""

_SECOND, _MINUTE, DAY = 10**6, 60 * 10**6, 86_400 * 10**6
_FIRST = dt.date(1970, 1, 1).toordinal()
_LIMITS = ((1 - _FIRST) * DAY, (dt.date.max.toordinal() - _FIRST + 1) * DAY)

_NEAR = 2**20
"""Numbers so close to one another are told apart by a table of that size."""

Moments = NDArray[np.int64]
Places = NDArray[np.int32]


@dataclass(frozen=True)
class Times:
    """The column of submission times of one file, read: every different day and clock once.

    Attributes
    ----------
    column : RawColumn
    rows : Index
        Row numbers.
    days : tuple of dict of Order to date
        The different days, each under every order of its figures that gives one.
    clocks : Clocks
        The different times of the day.
    day, clock : ndarray of int, shape (n,)
        Which of them every row has; -1 where the cell says no time.
    order : Order
        In which the figures of all cells are read.
    blank : ndarray of bool, shape (n,)
        Cells that hold nothing.
    """

    column: RawColumn
    rows: pd.Index[int]
    days: tuple[Mapping[Order, dt.date], ...]
    clocks: Clocks
    day: NDArray[np.int32]
    clock: NDArray[np.int32]
    blank: NDArray[np.bool_]
    order: Order = ORDERS[0]

    def at(self, order: Order) -> Moments:
        """Return microseconds since 1970 by one clock, shape (n,); `NEVER` where there is none."""
        days = [_days_since(said.get(order)) for said in self.days]
        moments = np.array([*days, NEVER], dtype=np.int64)[self.day]
        known = moments != NEVER
        moments += np.where(known, np.append(self.clocks.micro, 0)[self.clock], 0)
        moments[known & ((moments < _LIMITS[0]) | (moments >= _LIMITS[1]))] = NEVER
        return moments

    @property
    def unread(self) -> tuple[int, ...]:
        """Row numbers of cells that hold something, and no time."""
        return tuple(self.rows[(self.day < 0) & ~self.blank].tolist())

    @cached_property
    def moments(self) -> Moments:
        """Times in the order that was decided on; see `at`."""
        return self.at(self.order)

    @property
    def told(self) -> NDArray[np.bool_]:
        """Which rows have a time that can be read in this order, shape (n,)."""
        return np.asarray(self.moments != NEVER)

    @property
    def exact(self) -> frozenset[int]:
        """Row numbers of times that are known to the second, not rounded to a minute, hour or day."""
        return frozenset(self.rows[self.to_the_second].tolist())

    @cached_property
    def to_the_second(self) -> NDArray[np.bool_]:
        """Which times are `exact`, shape (n,)."""
        told, _, distinct = self._seconds
        rounded = distinct % _MINUTE == 0
        if int(rounded.sum()) > ROUNDED_SHARE * len(distinct):
            return np.asarray(told & (self.moments % _MINUTE != 0))
        return told

    @cached_property
    def _seconds(self) -> tuple[NDArray[np.bool_], NDArray[np.intp], Moments]:
        """Which times have seconds, shape (n,); the number of each of these; the different ones."""
        told = self.told & self.clocks.of_grain("second", self.clock)
        return (told, *pd.factorize(self.moments if told.all() else self.moments[told]))

    def numbered(self) -> tuple[NDArray[np.intp], Moments]:
        """Return a number for each time that is `exact`, as they come, and the different ones."""
        told, which, distinct = self._seconds
        if self.to_the_second is told:
            return which, distinct
        return pd.factorize(self.moments[self.to_the_second])

    def text(self, row: int) -> str | None:
        """Return the time of one row; see `texts`."""
        told = self.texts()[self.rows.tolist().index(row)]
        return told if isinstance(told, str) else None

    def texts(self) -> Texts:
        """Return times as ISO 8601 has them, no more exact than the file; nothing where unread, shape (n,)."""
        found = np.full(len(self.rows), UNTOLD, dtype=f"S{len('2026-11-01 09:05:07')}")
        letters: tuple[tuple[Grain, int], ...] = (("second", 8), ("minute", 5), ("day", 0))
        for grain, kept in letters:
            own = self.told & self.clocks.of_grain(grain, self.clock)
            if not own.any():
                continue
            days, micro = np.divmod(self.moments if own.all() else self.moments[own], DAY)
            texts = _each(days, lambda day: day_of(day).isoformat())
            if kept:
                clocks = _each(micro // _SECOND, partial(_clock, letters=kept))
                texts = np.strings.add(texts, clocks)
            found[own] = texts
        return Texts(found)


def _clock(seconds: int, letters: int) -> str:
    return f" {clock_text(seconds)[:letters]}"


def _each(numbers: Moments, told: Callable[[int], str]) -> NDArray[np.bytes_]:
    """Return what is told of every number, shape (n,), asked once for every different one."""
    first = int(numbers.min())
    if int(numbers.max()) - first > _NEAR:
        places, different = pd.factorize(numbers)
        return np.array([told(one) for one in different.tolist()], dtype=np.bytes_)[places]
    places = numbers - first
    used = np.flatnonzero(np.bincount(places))
    listed = np.array([told(first + at) for at in used.tolist()], dtype=np.bytes_)
    texts = np.zeros(int(used[-1]) + 1, dtype=listed.dtype)
    texts[used] = listed
    return texts[places]


def day_of(days: int) -> dt.date:
    """Return the date of a number of days since 1970."""
    return dt.date.fromordinal(days + _FIRST)


def read_times(
    sheet: RawSheet, rows: pd.Index[int], period: Period, problems: Problems
) -> tuple[Times | None, tuple[Note, ...]]:
    """Read the submission times of these rows.

    Parameters
    ----------
    period : tuple of date or None
        First and last day of the wave.

    Returns
    -------
    times : Times or None
        None where the sheet has no such column.
    notes : tuple of Note
        What was decided, and what could not be read.
    """
    column = next((c for c in sheet.columns if c.metadata == "submitted"), None)
    if column is None:
        return None, ()
    times = _read(sheet, column, rows)
    order, notes = _order(sheet, times, period, problems)
    times = replace(times, order=order)
    notes += _swap(sheet, times, period, problems)
    return times, (*notes, *_zone_notes(sheet, times), *_gaps(sheet, times, period, problems))


def _read(sheet: RawSheet, column: RawColumn, rows: pd.Index[int]) -> Times:
    cells = taken(sheet.cells, rows)[column.position]
    texts: list[str] | Texts
    if isinstance(cells.dtype, pd.CategoricalDtype):
        place, texts = places(cells)
    else:
        texts = cells.array if isinstance(cells.array, Texts) else cells.tolist()
    known = _Known(sheet)
    parts = parts_of(texts) if sheet.zone is None else None
    day, clock, clocks = known.whole(texts) if parts is None else known.by_parts(parts)
    if isinstance(cells.dtype, pd.CategoricalDtype):
        day, clock = day[place], clock[place]
    return Times(column, rows, tuple(known.days), clocks, day, clock, ~held(cells))


class _Known:
    """The different days and clocks of a column, as far as it has been read."""

    def __init__(self, sheet: RawSheet) -> None:
        self._sheet = sheet
        self.days: list[Mapping[Order, dt.date]] = []
        self._clocks: list[Clock] = []
        self._places: dict[object, int] = {}

    def whole(self, texts: list[str] | Texts) -> tuple[Places, Places, Clocks]:
        """Return which day and clock every cell says, shape (n,) each; -1 where it is no time."""
        stamps = {text: _stamp(self._sheet, text) for text in dict.fromkeys(texts)}
        found = {
            text: (-1, -1) if stamp is None else (self._day(stamp), self._clock(stamp))
            for text, stamp in stamps.items()
        }
        day, clock = np.array([found[text] for text in texts], dtype=np.int32).reshape(-1, 2).T
        return day, clock, Clocks.of(self._clocks)

    def by_parts(self, parts: Parts) -> tuple[Places, Places, Clocks]:
        """Return which day and clock cells say whose parts are these, shape (n,) each."""
        stamps = [_stamp(self._sheet, one + _MIDNIGHT) for one in parts.days]
        days = np.array([-1 if s is None else self._day(s) for s in stamps], dtype=np.int32)
        sound = next((stamp for stamp in stamps if stamp is not None), None)
        clocks = Clocks.usual(parts.clocks, None if sound is None else sound.offset)
        day, clock = days[parts.day], parts.clock
        wrong = (day < 0) | (clock < 0)
        if wrong.any():
            day, clock = np.where(wrong, -1, day), np.where(wrong, -1, clock)
        return day, clock, clocks

    def _day(self, stamp: Stamp) -> int:
        key = tuple(sorted(stamp.days.items()))
        if key not in self._places:
            self._places[key] = len(self.days)
            self.days.append(stamp.days)
        return self._places[key]

    def _clock(self, stamp: Stamp) -> int:
        key = (stamp.clock, stamp.grain, stamp.offset)
        if key not in self._places:
            self._places[key] = len(self._clocks)
            self._clocks.append(key)
        return self._places[key]


def _days_since(day: dt.date | None) -> int:
    return NEVER if day is None else (day.toordinal() - _FIRST) * DAY


def _stamp(sheet: RawSheet, text: str) -> Stamp | None:
    """Read a time; one without a zone by that in which the file says that it writes them."""
    stamp = of(sheet).stamp(text)
    if stamp is None or sheet.zone is None or stamp.clock is None or stamp.offset is not None:
        return stamp
    day = next(iter(stamp.days.values()))
    try:
        offset = ZoneInfo(sheet.zone).utcoffset(dt.datetime.combine(day, stamp.clock))
    except (KeyError, ValueError, OSError):
        offset = dt.timedelta() if sheet.zone.upper() in ("Z", "UTC", "GMT") else None
    return stamp if offset is None else replace(stamp, offset=offset)


def _order(
    sheet: RawSheet, times: Times, period: Period, problems: Problems
) -> tuple[Order, list[Note]]:
    """Decide in which order figures stand: by the cells, else by the wave."""
    column = times.column
    possible = [o for o in ORDERS if all(o in days for days in times.days)]
    is_open = [len({days.get(o) for o in ORDERS}) > 1 for days in times.days]
    open_to = np.flatnonzero(np.array([*is_open, False], dtype=np.bool_)[times.day])
    if not len(open_to):
        return ORDERS[0], []
    if not possible:
        problems.collect(_contradiction(sheet, times, open_to))
        return ORDERS[0], []
    inside = {o: _inside(times.at(o)[open_to], period) for o in possible}
    whole = [o for o in possible if inside[o].all()]
    first = int(open_to[0])
    days = times.days[times.day[first]]
    choices = [(o, days[o]) for o in possible]
    row = int(times.rows[first])
    if len({one.tobytes() for one in inside.values()}) > 1 and not whole:
        place = faults.Position(sheet.file, sheet.sheet, row, f"{column.letters} {column.header}")
        problems.collect(faults.times_ambiguous(place, len(open_to), choices))
        return possible[0], []
    order = (whole or possible)[0]
    if all(
        d[o] == d[order]
        for d, one in zip(times.days, is_open, strict=True)
        if one
        for o in possible
    ):
        return order, []
    facts = {
        "column": column.letters,
        "order": order,
        "row": row,
        "day": days[order],
        "by_wave": len(whole) < len(possible) and bool(whole),
    }
    return order, [Note(NoteCode.TIMES_READ_AS, sheet.file, len(open_to), facts)]


def _inside(moments: Moments, period: Period) -> NDArray[np.bool_]:
    """Tell which moments are in a period, shape (n,); none that is not told."""
    found = moments != NEVER
    start, end = period
    if start is not None:
        found &= moments >= _days_since(start)
    if end is not None:
        found &= moments < _days_since(end) + DAY
    return np.asarray(found)


def _swap(sheet: RawSheet, times: Times, period: Period, problems: Problems) -> list[Note]:
    """Tell dates whose day and month have changed places: a problem where that decides about rows."""
    column = times.column
    swap = swap_of(times.days, times.day, times.rows, period)
    if swap is None:
        return []
    cells = sheet.cells[column.position]
    shown = [(row, str(cells[row])) for row in (swap.gained or swap.rows)[:1]]
    shown += [(swap.text, str(cells[swap.text]))] if swap.text is not None else []
    if swap.gained:
        where = f"{column.letters} {column.header}"
        place = faults.Position(sheet.file, sheet.sheet, swap.gained[0], where)
        problems.collect(faults.times_swapped(place, len(swap.gained), shown))
        return []
    facts = {"column": column.letters, "row": shown[0][0], "cell": shown[0][1]}
    return [Note(NoteCode.TIMES_MAYBE_SWAPPED, sheet.file, len(swap.rows), facts)]


def _contradiction(sheet: RawSheet, times: Times, open_to: NDArray[np.intp]) -> Problem:
    """Name the first two cells that no order reads both."""
    column = times.column
    first: dict[frozenset[Order], int] = {}
    codes, at = np.unique(times.day[open_to], return_index=True)
    for place, code in sorted(zip(at.tolist(), codes.tolist(), strict=True)):
        first.setdefault(frozenset(times.days[code]), int(times.rows[open_to[place]]))
    pairs = (
        (row, other)
        for orders, row in first.items()
        for others, other in first.items()
        if row < other and not orders & others
    )
    named = next(pairs, tuple(first.values())[:2])
    place = faults.Position(sheet.file, sheet.sheet, named[0], f"{column.letters} {column.header}")
    cells = sheet.cells[column.position]
    return faults.times_contradict(place, [(row, str(cells[row])) for row in named])


def _zone_notes(sheet: RawSheet, times: Times) -> list[Note]:
    """Say that times of other zones, or of some rows only, were told by one clock."""
    away, zoned, without = times.clocks.zones(times.clock)
    if not away and not (zoned and without):
        return []
    facts = {"column": times.column.letters, "without": without}
    return [Note(NoteCode.TIME_ZONES, sheet.file, away, facts)]


def _gaps(sheet: RawSheet, times: Times, period: Period, problems: Problems) -> list[Note]:
    """Say how many rows have no time that can be read, and so cannot be held against the wave."""
    if period == (None, None):
        return []
    notes = []
    unread = times.unread
    blank, written = int(times.blank.sum()), int((times.day >= 0).sum()) + len(unread)
    if len(unread) > UNREAD_SHARE * written:
        header = f"{times.column.letters} {times.column.header}"
        place = faults.Position(sheet.file, sheet.sheet, unread[0], header)
        problems.collect(faults.times_unreadable(place, len(unread), written))
    elif len(unread):
        facts = {"column": times.column.letters, "rows": tuple(map(str, unread))}
        notes.append(Note(NoteCode.TIMES_UNREAD, sheet.file, len(unread), facts))
    if blank:
        facts = {"column": times.column.letters}
        notes.append(Note(NoteCode.TIMES_MISSING, sheet.file, blank, facts))
    return notes


def within(day: dt.date, period: Period) -> bool:
    """Tell whether a day is in a period; an open end excludes nothing."""
    start, end = period
    return (start is None or day >= start) and (end is None or day <= end)
