"""Times of the day of a column, each different one once, as numbers; and texts of times taken apart."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from evalkit.files.growing import Growing, Odd, Spots, with_room
from evalkit.files.texts import Texts
from evalkit.platforms import HOME, Grain

Clock = tuple[dt.time | None, Grain, dt.timedelta | None]
"""A time of the day, how exact it is, and how far from Greenwich it is told, where the cell says so."""

Places = NDArray[np.int32]

_DAY_PART = re.compile(r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}")
_LONGEST = 10
"""Bytes of a day that is written in the usual way; none has more."""
_WITH_SECONDS = 6
"""Bytes from which a clock has seconds."""
_BLOCK = 2**15
"""Cells that are taken apart at a time: these stay near the processor."""
_DAY = 86_400

_MICRO = dt.timedelta(microseconds=1)
_SECOND = 10**6
_GRAINS: tuple[Grain, ...] = get_args(Grain)
_NO_CLOCK, _NO_ZONE, _AT_HOME, _AWAY = range(4)


@dataclass(frozen=True)
class Clocks:
    """Different times of the day.

    Attributes
    ----------
    micro : ndarray of int, shape (k,)
        Microseconds since midnight by the clock of `HOME`; 0 where a cell has a day alone.
    """

    micro: NDArray[np.int64]
    _grain: NDArray[np.int8]
    _zone: NDArray[np.int8]

    @classmethod
    def of(cls, told: Sequence[Clock]) -> Clocks:
        """Return clocks as numbers."""
        return cls(
            np.array([_within_a_day(clock) for clock in told], dtype=np.int64),
            np.array([_GRAINS.index(grain) for _, grain, _ in told], dtype=np.int8),
            np.array([_zone_of(clock) for clock in told], dtype=np.int8),
        )

    @classmethod
    def usual(cls, codes: Places, offset: dt.timedelta | None) -> Clocks:
        """Return clocks that are seconds of a day, or `_DAY` and its minutes, shape (k,)."""
        exact = codes < _DAY
        seconds = np.where(exact, codes, (codes - _DAY) * 60).astype(np.int64)
        shift = 0 if offset is None else (HOME - offset) // _MICRO
        grain = np.where(exact, _GRAINS.index("second"), _GRAINS.index("minute"))
        zone = _zone_of((dt.time(), "second", offset))
        zones = np.full(len(codes), zone, dtype=np.int8)
        return cls(seconds * _SECOND + shift, grain.astype(np.int8), zones)

    def of_grain(self, grain: Grain, rows: Places) -> NDArray[np.bool_]:
        """Tell which rows have a clock that is so exact, shape (n,).

        Parameters
        ----------
        rows : ndarray of int, shape (n,)
            The clock of every row; -1 where it has none.
        """
        own = np.append(self._grain == _GRAINS.index(grain), False)
        return np.asarray(own[rows])

    def zones(self, rows: Places) -> tuple[int, int, int]:
        """Return how many rows tell the time by another zone's clock, by any named one's, by none."""
        of_clocks = np.bincount(rows[rows >= 0], minlength=len(self._zone))
        counts = np.zeros(4, dtype=np.int64)
        np.add.at(counts, self._zone, of_clocks)
        away, without = int(counts[_AWAY]), int(counts[_NO_ZONE])
        return away, away + int(counts[_AT_HOME]), without


class Parts(NamedTuple):
    """Days and clocks of a column: every different one once, and which of them every cell has.

    Attributes
    ----------
    days : list of str
    day : ndarray of int, shape (n,)
    clocks : ndarray of int, shape (k,)
        As `Clocks.usual` takes them.
    clock : ndarray of int, shape (n,)
        -1 where hours, minutes or seconds are no time of the day.
    """

    days: list[str]
    day: Places
    clocks: Places
    clock: Places


def parts_of(texts: Sequence[str] | Texts) -> Parts | None:
    """Take texts apart which all are a day and a clock in the usual way; None where some are not.

    Examples
    --------
    >>> found = parts_of(["2026/11/1 9:05", "2026/11/2 9:05"])
    >>> found.days, found.day.tolist(), found.clock.tolist()
    (['2026/11/1', '2026/11/2'], [0, 1], [0, 0])
    """
    days, every = Growing(0, "ascii"), list[Places]()
    for first in range(0, len(texts), _BLOCK):
        own = texts[first : first + _BLOCK]
        joined = "\n".join((*own, ""))
        if not joined.isascii() or "\0" in joined:
            return None
        piece = joined.encode("ascii")
        buffer = with_room(piece)
        body = buffer[: len(piece)]
        ends = np.flatnonzero((body == ord(" ")) | (body == ord("\n"))).astype(np.int32)
        if len(ends) != 2 * len(own) or (body[ends[::2]] != ord(" ")).any():
            return None
        begins = np.append(np.int32(0), ends[1:-1:2] + np.int32(1))
        widths = ends[::2] - begins
        clocks = _codes(buffer, ends[1::2], ends[1::2] - ends[::2] - 1)
        if clocks is None or int(widths.max()) > _LONGEST:
            return None
        try:
            days.take(piece, buffer, Spots(begins, widths), {})
        except Odd:
            return None
        every.append(clocks)
    column = days.done()
    listed = list(column.texts)
    if column.codes is None or not all(map(_DAY_PART.fullmatch, listed)) or not every:
        return None
    codes = np.concatenate(every)
    used = np.bincount(codes + 1, minlength=1)[1:] > 0
    place = np.append(np.cumsum(used, dtype=np.int32) - 1, np.int32(-1))
    return Parts(listed, column.codes, np.flatnonzero(used).astype(np.int32), place[codes])


def _codes(buffer: NDArray[np.uint8], ends: Places, widths: Places) -> Places | None:
    """Return clocks ``9:05:07`` or ``09:05`` as seconds of the day, or `_DAY` and minutes, shape (n,).

    -1 where there is no such time of the day; None where some are written otherwise.
    """
    short = widths < _WITH_SECONDS
    if short.any() and not short.all():
        found = np.empty(len(ends), dtype=np.int32)
        for own in (short, ~short):
            part = _codes(buffer, ends[own], widths[own])
            if part is None:
                return None
            found[own] = part
        return found
    size = 5 if short.all() else 8
    if not np.isin(widths, (size - 1, size)).all():
        return None
    every = np.ndarray((len(buffer) - size + 1,), f"V{size}", buffer, 0, (1,))
    signs = every[ends - size].view(np.uint8).reshape(-1, size)
    figures = signs.T.astype(np.int32) - ord("0")
    figures[0, widths < size] = 0
    told = [at for at in range(size) if at % 3 != 2]
    if (signs[:, 2::3] != ord(":")).any() or ((figures[told] < 0) | (figures[told] > 9)).any():
        return None
    parts = [10 * figures[at] + figures[at + 1] for at in range(0, size, 3)]
    codes = parts[0] * 60 + parts[1]
    codes = codes + _DAY if size == 5 else codes * 60 + parts[2]
    wrong = (parts[0] > 23) | (parts[1] > 59) | (parts[-1] > 59)
    return np.where(wrong, -1, codes).astype(np.int32)


def clock_text(seconds: int) -> str:
    """Return seconds since midnight as ISO 8601 has them."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _within_a_day(clock: Clock) -> int:
    time, _, offset = clock
    if time is None:
        return 0
    own = dt.timedelta(
        hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond
    )
    return (own + (dt.timedelta() if offset is None else HOME - offset)) // _MICRO


def _zone_of(clock: Clock) -> int:
    time, _, offset = clock
    if time is None:
        return _NO_CLOCK
    return _NO_ZONE if offset is None else _AT_HOME if offset == HOME else _AWAY
