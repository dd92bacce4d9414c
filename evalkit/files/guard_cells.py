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
Numbers = NDArray[np.int32]

_SHARED = b' t="s"'
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
    opens, ends = np.flatnonzero(every == ord("<")), np.flatnonzero(every == ord(">"))
    if len(opens) != len(ends) or not ((opens < ends).all() and (ends[:-1] < opens[1:]).all()):
        return None
    tags = np.flatnonzero(every[opens + 1] == ord("c"))
    behind = every[opens[tags] + 2]
    if any((behind == sign).any() for sign in b">/\t\r\n"):
        return None
    tags = tags[behind == ord(" ")]
    if not len(tags):
        return Seen(0, [], 0, -1)
    starts, closed = opens[tags], ends[tags]
    place = _reference(every, starts + 6)
    if place is None or not _says(every, starts + 3, b'r="').all():
        return None
    empty = (every[closed - 1] == ord("/")) | _says(every, closed + 1, b"</c>")
    text = _texts(every, tags, opens, ends, data.count(_SHARED))
    if text is None:
        return None
    row, column = place[0][~empty], place[1][~empty]
    columns = np.flatnonzero(np.bincount(column)).tolist() if len(column) else []
    return Seen(int(row.max(initial=0)), columns, len(row), text)


def _says(every: Bytes, places: Places, text: bytes) -> NDArray[np.bool_]:
    """Tell from which places on a text stands, shape (n,)."""
    found: NDArray[np.bool_] = (_at(every, places, len(text)) == np.frombuffer(text, np.uint8)).all(
        axis=1
    )
    return found


def _at(every: Bytes, places: Places, width: int) -> Bytes:
    """Return some bytes from every place on, shape (n, width)."""
    whole = np.ndarray((len(every) - width + 1,), f"V{width}", every, 0, (1,))
    return whole[np.minimum(places, len(whole) - 1)].view(np.uint8).reshape(-1, width)


def _reference(every: Bytes, begins: Places) -> tuple[Numbers, Numbers] | None:
    """Return row and column of references such as ``AB12``; None where one is none."""
    signs = _at(every, begins, _LETTERS + _DIGITS + 1)
    column, letters = np.zeros((2, len(begins)), dtype=np.int32)
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


def _number(every: Bytes, begins: Places, most: int) -> tuple[Numbers, Numbers]:
    """Return the numbers that begin at places, and how many digits each has, up to so many."""
    signs = _at(every, begins, most)
    number, digits = np.zeros((2, len(begins)), dtype=np.int32)
    going = np.ones(len(begins), dtype=np.bool_)
    for at in range(most):
        if not going.any():
            break
        going &= (signs[:, at] >= ord("0")) & (signs[:, at] <= ord("9"))
        number = np.where(going, number * 10 + signs[:, at] - ord("0"), number)
        digits += going
    return number, digits


def _texts(every: Bytes, tags: Places, opens: Places, ends: Places, count: int) -> int | None:
    """Return the largest place in the table of texts that cells ``t="s"`` use; None for odd ones."""
    shared = tags[_says(every, ends[tags] - len(_SHARED), _SHARED)]
    if len(shared) != count:
        return None
    if not count:
        return -1
    if int(shared[-1]) + 2 >= len(opens):
        return None
    begins = ends[shared] + 1
    usual = (opens[shared + 1] == begins) & (ends[shared + 1] == begins + 2)
    usual &= _says(every, begins, b"<v>") & _says(every, opens[shared + 2], b"</v>")
    number, digits = _number(every, begins + 3, _NUMBER)
    usual &= (digits > 0) & (begins + 3 + digits == opens[shared + 2])
    return int(number.max()) if bool(usual.all()) else None
