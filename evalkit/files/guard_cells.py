"""The cells of a long run of sheet XML, looked at all at once: how far they reach, which texts they use.

For sheets so large that an expression tried at every cell would take longer than the reader. Only
markup as spreadsheets write it is understood; `look` says None of any other, and of nothing wrong.
What is to be told of a cell is read from eight bytes of it as one number: at its beginning, at its
reference, before its tag ends and behind that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]
Words = NDArray[np.uint64]

_SHARED = b' t="s"'
_LETTERS = 3
_ROOM = 32
_MANY = 2**12
"""Tags that hold more, from which on the whole run is searched for it."""


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
    tags : bytes
        The tags that hold more than a reference and the use of a text, and those of rows and columns;
        the whole run where they are many.
    formulas : bool
        Whether there are any.
    """

    row: int
    columns: list[int]
    filled: int
    text: int
    tags: bytes = b""
    formulas: bool = False


def look(data: bytes) -> Seen | None:
    """Look at whole cells ``<c r="A1" ...>``; None where any is written otherwise."""
    return Glance()(data)


class Glance:
    """What looks at run after run, in the same memory; see `look`."""

    def __init__(self) -> None:
        self._marks = np.zeros(0, dtype=np.bool_)

    def __call__(self, data: bytes) -> Seen | None:
        """Look at one run."""
        every = np.frombuffer(data + bytes(_ROOM), dtype=np.uint8)
        colons = self._where(every, b":")
        if (every[colons + 1] == ord("c")).any():
            return None
        opens, ends = self._where(every, b"<"), self._where(every, b">")
        if len(opens) != len(ends) or (opens > ends).any() or (ends[:-1] > opens[1:]).any():
            return None
        names = every[opens + 1]
        at = np.flatnonzero(names == ord("c"))
        behind = every[opens[at] + 2]
        if _ODD[behind].any():
            return None
        is_cell = behind == ord(" ")
        cells = at[is_cell]
        others = np.concatenate([np.flatnonzero(names == ord("r")), at[~is_cell]])
        starts, closed = opens[cells], ends[cells]
        seen = _cells(data, every, starts, closed)
        if seen is None:
            return None
        tags = seen.tags
        if tags is not data:
            tags += _joined(data, opens[others], ends[others])
        return seen._replace(tags=tags, formulas=bool((names == ord("f")).any()))

    def _where(self, every: Bytes, sign: bytes) -> Places:
        if len(self._marks) < len(every):
            self._marks = np.zeros(len(every), dtype=np.bool_)
        marks = np.equal(every, sign[0], out=self._marks[: len(every)])
        return np.flatnonzero(marks)


_ODD = np.zeros(256, dtype=np.bool_)
_ODD[list(b">/\t\r\n")] = True
"""What may stand behind ``<c`` in the tag of a cell that is not written as usual."""

_BYTE = np.uint64(0xFF)
_ONE, _TWO, _FOUR, _FIVE, _SEVEN = (np.uint64(8 * signs) for signs in (1, 2, 4, 5, 7))
"""Bits of so many signs."""

_EIGHT = np.uint64(8)
_ZEROS = np.uint64(0x3030303030303030)
_BEYOND, _TOP = np.uint64(0x7676767676767676), np.uint64(0x8080808080808080)
_WHICH = np.uint64(0x0001020304050607)
_PAIRS = (
    (np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(10 * 2**8 + 1), np.uint64(8)),
    (np.uint64(0x00FF00FF00FF00FF), np.uint64(100 * 2**16 + 1), np.uint64(16)),
    (np.uint64(0x0000FFFF0000FFFF), np.uint64(10_000 * 2**32 + 1), np.uint64(32)),
)
"""How neighbouring figures become one number: what of each counts, by what it is multiplied, where it lies."""


def _number_of(signs: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(signs, "little"))


def _cells(data: bytes, every: Bytes, starts: Places, closed: Places) -> Seen | None:
    """Look at cells whose tags begin and end at these places; None where one is not understood."""
    if not len(starts):
        return Seen(0, [], 0, -1)
    if (_words(every, starts) << _TWO != _number_of(b'\0\0<c r="')).any():
        return None
    reference = _words(every, starts + 6)
    column, letters = _column(reference)
    found = _figures(_words(every, starts + 6 + letters))
    if found is None or not letters.all():
        return None
    row, digits, sign = found
    if (sign != ord('"')).any():
        return None
    before, behind = _words(every, closed - 8), _words(every, closed + 1)
    shared = before >> _TWO == _number_of(_SHARED)
    filled = (before >> _SEVEN != ord("/")) & (behind << _FOUR != _number_of(b"\0\0\0\0</c>"))
    if not filled.any():
        return Seen(0, [], 0, -1)
    more = np.flatnonzero(~(shared | (closed == starts + 7 + letters + digits)))
    tags = data if len(more) > _MANY else _joined(data, starts[more], closed[more])
    text = _text(every, closed[shared], behind[shared])
    if text is None or tags.count(_SHARED) != (np.count_nonzero(shared) if tags is data else 0):
        return None
    columns = np.flatnonzero(np.bincount(column[filled])).tolist()
    rows = row[filled]
    return Seen(int(rows.max(initial=0)), columns, len(rows), text, tags)


def _words(every: Bytes, places: Places) -> Words:
    """Return the eight bytes from every place on as a number, shape (n,)."""
    words: Words = np.ndarray((len(every) - 7,), "<u8", every, 0, (1,))[places]
    return words


def _joined(data: bytes, opens: Places, ends: Places) -> bytes:
    """Return tags one behind the other."""
    both = zip(opens.tolist(), (ends + 1).tolist(), strict=True)
    return b"".join([data[begin:end] for begin, end in both])


def _column(reference: Words) -> tuple[Places, Places]:
    """Return which column letters name, and how many there are up to three; 0 where there is none."""
    column, letters = np.zeros((2, len(reference)), dtype=np.intp)
    going = np.ones(len(reference), dtype=np.bool_)
    for at in range(_LETTERS):
        sign = ((reference >> np.uint64(8 * at)) & _BYTE).view(np.int64) - ord("A")
        going &= (sign >= 0) & (sign < 26)
        if not going.any():
            break
        column = np.where(going, column * 26 + sign + 1, column)
        letters += going
    return column, letters


def _figures(words: Words) -> tuple[Places, Places, Words] | None:
    """Return the numbers that words begin with, how many figures each has, and what stands behind.

    None where one has none, or more than seven.
    """
    signs = words ^ _ZEROS
    others = ((signs + _BEYOND) | signs) & _TOP
    lowest = others & (~others + np.uint64(1))
    digits = ((lowest >> np.uint64(7)) * _WHICH) >> _SEVEN
    if not (others.all() and digits.all()):
        return None
    number = signs << (_EIGHT - digits) * _ONE
    for mask, times, shift in _PAIRS:
        number = ((number & mask) * times) >> shift
    behind = (words >> digits * _ONE) & _BYTE
    return number.view(np.int64), digits.view(np.int64), behind


def _text(every: Bytes, closed: Places, behind: Words) -> int | None:
    """Return the largest place in the table of texts that cells ``t="s"`` use; None for odd ones."""
    if not len(closed):
        return -1
    if (behind << _FIVE != _number_of(b"\0\0\0\0\0<v>")).any():
        return None
    found = _figures(_words(every, closed + 4))
    if found is None:
        return None
    number, digits, _ = found
    ended = _words(every, closed + 4 + digits) << _FOUR == _number_of(b"\0\0\0\0</v>")
    return int(number.max()) if bool(ended.all()) else None
