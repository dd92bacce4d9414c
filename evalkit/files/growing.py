"""One column of delimited text as it grows, piece by piece: every different cell is decoded once.

Cells are told apart eight bytes at a time, as numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.files.grid import Column
from evalkit.files.seats import Seats
from evalkit.files.texts import Texts

Places = NDArray[np.int32]

_MIX, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)

_WORD = 8

_WORDS = 8
"""Cells of up to so many words are compared as numbers, longer ones as bytes."""

_NOT_ASCII = np.uint64(0x8080808080808080)

_MANY = 2**9
"""Different cells in one piece from which a column may be one in which hardly any repeats."""


_NEW = 2**6
"""Cells not yet known in a piece up to which the others are looked up."""


class Odd(Exception):
    """Something that only the reader that goes record by record can say, or read."""


class Spots(NamedTuple):
    """Where cells lie in a piece of a file: begins and widths, shape (n,) each."""

    begins: Places
    widths: Places

    def cells(self, piece: bytes) -> list[bytes]:
        """Return the bytes of every cell."""
        both = zip(self.begins.tolist(), self.widths.tolist(), strict=True)
        return [piece[begin : begin + width] for begin, width in both]


class Growing:
    """One column as far as it has been read: codes of its cells, or all their texts."""

    def __init__(self, height: int, codec: str) -> None:
        self._codec, self._height = codec, height
        self._known: dict[bytes, int] = {}
        self._texts: dict[str, int] = {"": 0} if height else {}
        self._parts: list[NDArray[Any]] = [np.zeros(height, dtype=np.int8)] if height else []
        self._every: list[Texts | list[str]] | None = None
        self._seats: dict[int, Seats | None] = {}

    def take(
        self, piece: bytes, buffer: NDArray[np.uint8], spots: Spots, own: Mapping[int, str]
    ) -> None:
        """Add cells.

        Parameters
        ----------
        piece : bytes
            In which they lie.
        buffer : ndarray of int
            The same bytes, `with_room`.
        own : dict of row to str
            Cells of which it is known what they say.
        """
        longest = int(spots.widths.max(initial=0))
        if longest > csv.field_size_limit():
            raise Odd
        words = words_of(buffer, spots, longest) if longest <= _WORD * _WORDS else None
        if self._every is None:
            if words is not None and self._found(piece, words, spots, own):
                return
            if words is not None:
                place, first = alike(words)
                cells = Spots(spots.begins[first], spots.widths[first]).cells(piece)
            else:
                place, every = pd.factorize(np.array(spots.cells(piece), dtype=object))
                cells = every.tolist()
            few = len(cells) < _MANY or 2 * len(cells) < len(place)
            if few or 2 * len(self._texts) < self._height:
                known = np.array([self._code(cell) for cell in cells], dtype=np.int32)
                self._add(known[place], own)
                return
            self._every = [self._texts_so_far()]
            self._known, self._texts, self._parts, self._seats = {}, {}, [], {}
        if words is not None and not own and not (words & _NOT_ASCII).any():
            kind = _WORD * words.shape[1]
            self._every.append(Texts(words.view(f"S{kind}").ravel()).narrow)
            return
        texts = [cell.decode(self._codec) for cell in spots.cells(piece)]
        for row, text in own.items():
            texts[row] = text
        self._every.append(texts)

    def _found(
        self,
        piece: bytes,
        words: NDArray[np.uint64],
        spots: Spots,
        own: Mapping[int, str],
    ) -> bool:
        """Add cells of which all, or all but a few, are known; tell whether they were."""
        count = words.shape[1]
        if count not in self._seats:
            self._seats[count] = Seats.of(self._known, count)
        seats = self._seats[count]
        if seats is None:
            return False
        codes = seats.find(words)
        new = np.flatnonzero(codes < 0)
        if len(new) > _NEW:
            return False
        if len(new):
            cells = Spots(spots.begins[new], spots.widths[new]).cells(piece)
            codes[new] = [self._code(cell) for cell in cells]
        self._add(codes, own)
        return True

    def _code(self, cell: bytes) -> int:
        code = self._known.get(cell)
        if code is None:
            code = self._known[cell] = self._code_of(cell.decode(self._codec))
            self._seats.clear()
        return code

    def _code_of(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _add(self, found: NDArray[np.signedinteger[Any]], own: Mapping[int, str]) -> None:
        more = {row: self._code_of(text) for row, text in own.items()}
        codes = found.astype(_smallest(len(self._texts)))
        for row, code in more.items():
            codes[row] = code
        self._parts.append(codes)
        self._height += len(codes)

    def _texts_so_far(self) -> list[str]:
        listed = list(self._texts)
        return [listed[code] for part in self._parts for code in part.tolist()]

    def done(self) -> Column:
        """Return the column."""
        if self._every is not None:
            return Column(_one_by_one(self._every), None)
        codes = np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=np.int8)
        return Column(list(self._texts), codes)


def _one_by_one(parts: list[Texts | list[str]]) -> Texts | list[str]:
    """Return all texts: as bytes, where most are plain figures and signs and none is long."""
    plain = [part for part in parts if isinstance(part, Texts)]
    if 2 * sum(map(len, plain)) >= sum(map(len, parts)):
        every = [part if isinstance(part, Texts) else Texts.of(part) for part in parts]
        known = [part for part in every if part is not None]
        if len(known) == len(every):
            return Texts.joined(known)
    return [text for part in parts for text in part]


def _smallest(count: int) -> type[np.signedinteger[Any]]:
    return np.int8 if count < 2**7 else np.int16 if count < 2**15 else np.int32


def with_room(piece: bytes) -> NDArray[np.uint8]:
    """Return the bytes of a piece, with room behind it for the words of its last cell."""
    return np.frombuffer(piece + bytes(_WORD * _WORDS), dtype=np.uint8)


_MASKS = np.array(
    [
        (1 << 8 * min(max(width, 0), _WORD)) - 1
        for width in range(-_WORD * _WORDS, _WORD * _WORDS + 1)
    ],
    dtype=np.uint64,
)
"""What leaves of a word the bytes of a cell that has so many left, counted from `-_WORD * _WORDS`."""


def words_of(buffer: NDArray[np.uint8], spots: Spots, longest: int) -> NDArray[np.uint64]:
    """Return the bytes of cells as numbers, shape (n, words): 0 behind their end."""
    count = max(-(-longest // _WORD), 1)
    kind = f"V{_WORD * count}"
    every = np.ndarray((len(buffer) - _WORD * count + 1,), kind, buffer, 0, (1,))
    words = every[spots.begins].view("<u8").reshape(-1, count)
    for at in range(count):
        words[:, at] &= _MASKS[_WORD * (_WORDS - at) :].take(spots.widths)
    return words


def alike(words: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give cells numbers: return that of every cell, and the first cell of each number.

    Cells hold no NUL, so that those of one word are told apart by it. Of longer ones the words are
    mixed into one, and compared.
    """
    mixed = words[:, 0].copy()
    for at in range(1, words.shape[1]):
        mixed ^= mixed >> _HALF
        mixed *= _MIX
        mixed ^= words[:, at]
    place, different = pd.factorize(mixed)
    first = np.empty(len(different), dtype=np.intp)
    first[place[::-1]] = np.arange(len(place) - 1, -1, -1)
    if words.shape[1] > 1:
        kind = f"V{_WORD * words.shape[1]}"
        same = words.view(kind).ravel()[first[place]].view("<u8").reshape(words.shape)
        if not (same == words).all():
            raise Odd
    return place, first
