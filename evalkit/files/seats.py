"""Cells that are known, each found at one place of a table: no two share theirs.

A column of answers says the same few things over and over. Once they are known, a cell's bytes, taken
as numbers, are mixed into a place of a table that was made so that every known cell has a place of its
own; what lies there is the cell or the cell is none of them. No cell is taken for another.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

MOST = 2**8
"""Known cells for which a table is made: of more, places without a clash are hard to find."""

_WORD = 8
_LEAST_BITS = 8
_MIXES = tuple(
    np.uint64(one)
    for one in (
        0x9E3779B97F4A7C15,
        0xD6E8FEB86659FD93,
        0xA0761D6478BD642F,
        0xE7037ED1A0B428DB,
        0x8EBC6AF09C88C6E3,
        0x589965CC75374CC3,
        0x1D8E4E27C47D124F,
        0xEB44ACCAB455D165,
    )
)

Words = NDArray[np.uint64]


class Seats:
    """A table of known cells of up to so many words.

    Attributes
    ----------
    count : int
        How many words of a cell are compared.
    """

    def __init__(self, words: Words, codes: NDArray[np.int32], mix: np.uint64, bits: int) -> None:
        self.count = words.shape[1]
        self._mix, self._shift = mix, np.uint64(64 - bits)
        places = self._places(words)
        self._codes = np.full(2**bits, -1, dtype=np.int32)
        self._codes[places] = codes
        self._words = np.zeros((self.count, 2**bits), dtype=np.uint64)
        self._words[:, places] = words.T

    @classmethod
    def of(cls, known: Mapping[bytes, int], count: int) -> Seats | None:
        """Return a table of those cells that have so many words; None where there are too many."""
        if not 0 < len(known) <= MOST:
            return None
        size = _WORD * count
        fitting = {cell: code for cell, code in known.items() if len(cell) <= size}
        padded = b"".join(cell.ljust(size, b"\0") for cell in fitting)
        words = np.frombuffer(padded, dtype="<u8").reshape(-1, count)
        codes = np.fromiter(fitting.values(), np.int32, len(fitting))
        bits = max(_LEAST_BITS, 2 * len(fitting).bit_length())
        tables = (cls(words, codes, mix, bits) for mix in _MIXES)
        return next((table for table in tables if table._is_whole(len(fitting))), None)

    def _is_whole(self, cells: int) -> bool:
        """Tell whether so many cells have a place each."""
        return bool(np.count_nonzero(self._codes >= 0) == cells)

    def find(self, words: Words) -> NDArray[np.int32]:
        """Return the code of every cell, shape (n,); -1 where it is not known.

        Parameters
        ----------
        words : ndarray, shape (n, count)
            The bytes of cells as numbers, 0 behind their end.
        """
        places = self._places(words)
        codes = self._codes.take(places)
        same = self._words[0].take(places) == words[:, 0]
        for at in range(1, self.count):
            same &= self._words[at].take(places) == words[:, at]
        if not same.all():
            codes[~same] = -1
        return codes

    def _places(self, words: Words) -> NDArray[np.int64]:
        mixed = words[:, 0] * self._mix
        for at in range(1, self.count):
            mixed ^= words[:, at]
            mixed *= self._mix
        mixed >>= self._shift
        return mixed.view(np.int64)
