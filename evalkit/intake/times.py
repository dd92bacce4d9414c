"""When the answers of a file were submitted: one reading for the whole column, and how exact it is.

A cell such as ``03/09/2026`` does not say which figure is the month. The column does, where one
cell can only be read one way; else the wave does, where only one reading puts every answer inside
it. What stays open is a problem where it decides about rows, and a note where it does not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problem, Problems
from evalkit.intake.swaps import swap_of
from evalkit.platforms import HOME, ORDERS, Order, RawColumn, RawSheet, Stamp, of
from evalkit.problems import intake as faults

Period = tuple[dt.date | None, dt.date | None]

ROUNDED_SHARE = 0.1
"""Zero seconds are natural in one time of sixty; where more have them, they were never recorded."""
UNREAD_SHARE = 0.5
"""Where more of the times cannot be read, the column says nothing about the wave."""


@dataclass(frozen=True)
class Times:
    """The column of submission times of one file, read.

    Attributes
    ----------
    column : RawColumn
    stamps : dict of row number to Stamp
        Of the cells that say a time.
    order : Order
        In which the figures of all cells are read.
    unread, blank : tuple of row numbers
        Cells that hold something else, and cells that hold nothing.
    """

    column: RawColumn
    stamps: Mapping[int, Stamp]
    order: Order
    unread: tuple[int, ...]
    blank: tuple[int, ...]

    @cached_property
    def moments(self) -> dict[int, dt.datetime]:
        """Times by row, by one clock; of the cells that can be read in this order."""
        found = {row: stamp.at(self.order) for row, stamp in self.stamps.items()}
        return {row: moment for row, moment in found.items() if moment is not None}

    @cached_property
    def exact(self) -> frozenset[int]:
        """Rows whose time is known to the second, not rounded to a minute, hour or day."""
        told = {row: m for row, m in self.moments.items() if self.stamps[row].grain == "second"}
        distinct = set(told.values())
        round_ones = {m for m in distinct if m.second == 0 and m.microsecond == 0}
        if len(round_ones) > ROUNDED_SHARE * len(distinct):
            return frozenset(row for row, moment in told.items() if moment not in round_ones)
        return frozenset(told)

    def text(self, row: int) -> str | None:
        """Return the time of a row as ISO 8601 has it, no more exact than the file; None if unread."""
        moment = self.moments.get(row)
        if moment is None:
            return None
        if self.stamps[row].grain == "day":
            return moment.date().isoformat()
        return moment.isoformat(" ", "minutes" if self.stamps[row].grain == "minute" else "seconds")


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
    cells = dict(zip(map(int, rows), sheet.cells.loc[rows, column.position], strict=True))
    known = {text: _stamp(sheet, text) for text in set(cells.values())}
    stamps = {row: stamp for row, text in cells.items() if (stamp := known[text]) is not None}
    blank = tuple(row for row, text in cells.items() if not text)
    unread = tuple(row for row, text in cells.items() if text and known[text] is None)
    order, notes = _order(sheet, column, stamps, period, problems)
    notes += _swap(sheet, column, stamps, period, problems)
    times = Times(column, stamps, order, unread, blank)
    return times, (*notes, *_zone_notes(sheet, times), *_gaps(sheet, times, period, problems))


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
    sheet: RawSheet,
    column: RawColumn,
    stamps: Mapping[int, Stamp],
    period: Period,
    problems: Problems,
) -> tuple[Order, list[Note]]:
    """Decide in which order figures stand: by the cells, else by the wave."""
    readings = {id(stamp.days): stamp.days for stamp in stamps.values()}
    possible = [o for o in ORDERS if all(o in days for days in readings.values())]
    open_days = {key for key, days in readings.items() if len({days.get(o) for o in ORDERS}) > 1}
    open_to = {row: stamp for row, stamp in stamps.items() if id(stamp.days) in open_days}
    if not open_to:
        return ORDERS[0], []
    if not possible:
        problems.collect(_contradiction(sheet, column, open_to))
        return ORDERS[0], []
    inside = {
        o: frozenset(
            row for row, s in open_to.items() if (m := s.at(o)) and within(m.date(), period)
        )
        for o in possible
    }
    whole = [o for o in possible if len(inside[o]) == len(open_to)]
    first = next(iter(open_to))
    choices = [(o, open_to[first].days[o]) for o in possible]
    if len(set(inside.values())) > 1 and not whole:
        place = faults.Position(sheet.file, sheet.sheet, first, f"{column.letters} {column.header}")
        problems.collect(faults.times_ambiguous(place, len(open_to), choices))
        return possible[0], []
    order = (whole or possible)[0]
    if len({tuple(stamp.days[o] for stamp in open_to.values()) for o in possible}) == 1:
        return order, []
    facts = {
        "column": column.letters,
        "order": order,
        "row": first,
        "day": open_to[first].days[order],
        "by_wave": len(whole) < len(possible) and bool(whole),
    }
    return order, [Note(NoteCode.TIMES_READ_AS, sheet.file, len(open_to), facts)]


def _swap(
    sheet: RawSheet,
    column: RawColumn,
    stamps: Mapping[int, Stamp],
    period: Period,
    problems: Problems,
) -> list[Note]:
    """Tell dates whose day and month have changed places: a problem where that decides about rows."""
    swap = swap_of(stamps, period)
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


def _contradiction(sheet: RawSheet, column: RawColumn, open_to: Mapping[int, Stamp]) -> Problem:
    """Name the first two cells that no order reads both."""
    first: dict[frozenset[Order], int] = {}
    for row, stamp in open_to.items():
        first.setdefault(frozenset(stamp.days), row)
    pairs = (
        (row, other)
        for orders, row in first.items()
        for others, other in first.items()
        if row < other and not orders & others
    )
    places = next(pairs, tuple(first.values())[:2])
    place = faults.Position(sheet.file, sheet.sheet, places[0], f"{column.letters} {column.header}")
    cells = sheet.cells[column.position]
    return faults.times_contradict(place, [(row, str(cells[row])) for row in places])


def _zone_notes(sheet: RawSheet, times: Times) -> list[Note]:
    """Say that times of other zones, or of some rows only, were told by one clock."""
    exact = {row: stamp for row, stamp in times.stamps.items() if stamp.clock is not None}
    zoned = {row: stamp for row, stamp in exact.items() if stamp.offset is not None}
    away = [row for row, stamp in zoned.items() if stamp.offset != HOME]
    without = len(exact) - len(zoned)
    if not away and not (zoned and without):
        return []
    facts = {"column": times.column.letters, "without": without}
    return [Note(NoteCode.TIME_ZONES, sheet.file, len(away), facts)]


def _gaps(sheet: RawSheet, times: Times, period: Period, problems: Problems) -> list[Note]:
    """Say how many rows have no time that can be read, and so cannot be held against the wave."""
    if period == (None, None):
        return []
    notes = []
    written = len(times.stamps) + len(times.unread)
    if len(times.unread) > UNREAD_SHARE * written:
        header = f"{times.column.letters} {times.column.header}"
        place = faults.Position(sheet.file, sheet.sheet, times.unread[0], header)
        problems.collect(faults.times_unreadable(place, len(times.unread), written))
    elif times.unread:
        facts = {"column": times.column.letters, "rows": tuple(map(str, times.unread))}
        notes.append(Note(NoteCode.TIMES_UNREAD, sheet.file, len(times.unread), facts))
    if times.blank:
        facts = {"column": times.column.letters}
        notes.append(Note(NoteCode.TIMES_MISSING, sheet.file, len(times.blank), facts))
    return notes


def within(day: dt.date, period: Period) -> bool:
    """Tell whether a day is in a period; an open end excludes nothing."""
    start, end = period
    return (start is None or day >= start) and (end is None or day <= end)
