"""The cells of a long run of sheet XML, looked at all at once: how far they reach, which texts they use.

For sheets so large that an expression tried at every cell would take longer than the reader. Only
markup as spreadsheets write it is understood; `look` says None of any other, and of nothing wrong.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]

_LETTERS, _DIGITS, _NUMBER = 3, 7, 9
_ROOM = 32


class Seen(NamedTuple):
    """What cells that hold something are seen in a run of XML.

    Attributes
    ----------
    row : int
        The last one.
    columns : list of int
        From 1.
    filled : int
        How many cells.
    text : int
        The largest place in the table of texts; -1 where none is used.
    """

    row: int
    columns: list[int]
    filled: int
    text: int


def look(data: bytes) -> Seen | None:
    """Look at whole cells ``<c r="A1" ...>``; None where any is written otherwise."""
    every = np.frombuffer(data + bytes(_ROOM), dtype=np.uint8)
    opens = np.flatnonzero(every == ord("<"))
    opens = opens[every[opens + 1] == ord("c")]
    behind = every[opens + 2]
    if np.isin(behind, np.frombuffer(b">/\t\r\n", np.uint8)).any():
        return None
    starts = opens[behind == ord(" ")]
    if not len(starts):
        return Seen(0, [], 0, -1)
    if not (_at(every, starts + 3, 3) == np.frombuffer(b'r="', np.uint8)).all():
        return None
    place = _reference(every, starts + 6)
    ends = _next(np.flatnonzero(every == ord(">")), starts)
    if place is None or ends is None:
        return None
    closes = every[ends - 1] == ord("/")
    inside = np.where(closes, ends - 1, ends)
    for sign in "/<":
        signs = np.flatnonzero(every == ord(sign))
        after = _next(np.append(signs, len(every)), starts + 1)
        if after is None or (after < inside).any():
            return None
    empty = closes | (_at(every, ends + 1, 4) == np.frombuffer(b"</c>", np.uint8)).all(axis=1)
    text = _texts(every)
    if text is None:
        return None
    row, column = place[0][~empty], place[1][~empty]
    columns = np.flatnonzero(np.bincount(column)).tolist() if len(column) else []
    return Seen(int(row.max(initial=0)), columns, len(row), text)


def _found(every: Bytes, mark: bytes) -> Places:
    found = every[: len(every) - len(mark) + 1] == mark[0]
    for at, sign in enumerate(mark[1:], 1):
        found &= every[at : len(every) - len(mark) + 1 + at] == sign
    return np.flatnonzero(found)


def _at(every: Bytes, places: Places, width: int) -> Bytes:
    """Return some bytes from every place on, shape (n, width)."""
    whole = np.ndarray((len(every) - width + 1,), f"V{width}", every, 0, (1,))
    return whole[np.minimum(places, len(whole) - 1)].view(np.uint8).reshape(-1, width)


def _next(places: Places, starts: Places) -> Places | None:
    """Return the first place from every start on; None where there is none behind some."""
    at = np.searchsorted(places, starts)
    return None if not len(places) or int(at[-1]) >= len(places) else places[at]


def _reference(every: Bytes, begins: Places) -> tuple[Places, Places] | None:
    """Return row and column of references such as ``AB12``; None where one is none."""
    signs = _at(every, begins, _LETTERS + _DIGITS + 1)
    column, letters = np.zeros((2, len(begins)), dtype=np.intp)
    going = np.ones(len(begins), dtype=np.bool_)
    for at in range(_LETTERS):
        going &= (signs[:, at] >= ord("A")) & (signs[:, at] <= ord("Z"))
        column = np.where(going, column * 26 + signs[:, at] - (ord("A") - 1), column)
        letters += going
    number, digits = _number(every, begins + letters, _DIGITS)
    ends = every[begins + letters + digits] == ord('"')
    if not ((letters > 0) & (digits > 0) & ends).all():
        return None
    return number, column


def _number(every: Bytes, begins: Places, most: int) -> tuple[Places, Places]:
    """Return the numbers that begin at places, and how many digits each has, up to so many."""
    signs = _at(every, begins, most)
    number, digits = np.zeros((2, len(begins)), dtype=np.intp)
    going = np.ones(len(begins), dtype=np.bool_)
    for at in range(most):
        going &= (signs[:, at] >= ord("0")) & (signs[:, at] <= ord("9"))
        number = np.where(going, number * 10 + signs[:, at] - ord("0"), number)
        digits += going
    return number, digits


def _texts(every: Bytes) -> int | None:
    """Return the largest place in the table of texts that cells ``t="s"`` use; None for odd ones."""
    starts = _found(every, b' t="s"')
    if not len(starts):
        return -1
    ends = _next(np.flatnonzero(every == ord(">")), starts)
    if ends is None:
        return None
    if not (_at(every, ends + 1, 3) == np.frombuffer(b"<v>", np.uint8)).all():
        return None
    number, digits = _number(every, ends + 4, _NUMBER)
    closed = (_at(every, ends + 4 + digits, 4) == np.frombuffer(b"</v>", np.uint8)).all(axis=1)
    return int(number.max()) if bool(((digits > 0) & closed).all()) else None
