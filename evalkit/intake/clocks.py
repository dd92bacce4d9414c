"""Times of the day of a column, each different one once, as numbers; and texts of times taken apart."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from evalkit.files.growing import Spots, alike, with_room, words_of
from evalkit.platforms import HOME, Grain

Clock = tuple[dt.time | None, Grain, dt.timedelta | None]
"""A time of the day, how exact it is, and how far from Greenwich it is told, where the cell says so."""

Places = NDArray[np.int32]

_DAY_PART = re.compile(r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}")
_CLOCK_PART = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_LONGEST = 16
"""Bytes of a day, and of a clock, that is written in the usual way; none has more."""

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
    def usual(
        cls, texts: Sequence[str], offset: dt.timedelta | None
    ) -> tuple[Clocks, NDArray[np.bool_]]:
        """Return clocks written as hours, minutes and perhaps seconds, and which are none, shape (k,)."""
        whole = [text if text.count(":") == 2 else text + ":00" for text in texts]
        padded = "".join(text.rjust(8, "0") for text in whole).encode("ascii")
        signs = np.frombuffer(padded, dtype=np.uint8).reshape(-1, 8).astype(np.int64) - ord("0")
        hours, minutes, seconds = (10 * signs[:, at] + signs[:, at + 1] for at in (0, 3, 6))
        wrong = (hours > 23) | (minutes > 59) | (seconds > 59)
        shift = 0 if offset is None else (HOME - offset) // _MICRO
        exact = [text.count(":") == 2 for text in texts]
        grain = np.where(exact, _GRAINS.index("second"), _GRAINS.index("minute"))
        zone = _zone_of((dt.time(), "second", offset))
        micro = ((hours * 60 + minutes) * 60 + seconds) * _SECOND + shift
        found = cls(micro, grain.astype(np.int8), np.full(len(texts), zone, dtype=np.int8))
        return found, np.asarray(wrong)

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
    """Days and clocks of a column: every different text once, and which of them every cell has."""

    days: list[str]
    day: NDArray[np.intp]
    clocks: list[str]
    clock: NDArray[np.intp]


def parts_of(texts: Sequence[str]) -> Parts | None:
    """Take texts apart which all are a day and a clock in the usual way; None where some are not.

    Examples
    --------
    >>> found = parts_of(["2026/11/1 9:05", "2026/11/2 9:05"])
    >>> found.days, found.clocks, found.clock.tolist()
    (['2026/11/1', '2026/11/2'], ['9:05'], [0, 0])
    """
    joined = "\n".join((*texts, ""))
    if not texts or not joined.isascii() or "\0" in joined:
        return None
    piece = joined.encode("ascii")
    buffer = with_room(piece)
    body = buffer[: len(piece)]
    ends = np.flatnonzero((body == ord(" ")) | (body == ord("\n"))).astype(np.int32)
    if len(ends) != 2 * len(texts) or (body[ends[::2]] != ord(" ")).any():
        return None
    begins = np.append(np.int32(0), ends[:-1] + np.int32(1))
    widths = ends - begins
    if int(widths.max(initial=0)) > _LONGEST:
        return None
    found: list[tuple[list[str], NDArray[np.intp]]] = []
    for at, usual in enumerate((_DAY_PART, _CLOCK_PART)):
        spots = Spots(np.ascontiguousarray(begins[at::2]), np.ascontiguousarray(widths[at::2]))
        place, first = alike(words_of(buffer, spots, int(spots.widths.max(initial=0))))
        own = [
            cell.decode() for cell in Spots(spots.begins[first], spots.widths[first]).cells(piece)
        ]
        if not all(map(usual.fullmatch, own)):
            return None
        found.append((own, place))
    return Parts(*found[0], *found[1])


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
