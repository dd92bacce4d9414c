"""Answers as bytes become sums, with nothing but numpy: what runs wherever the rows are.

Every answer is one byte: the place of the option among the options of its question, `NOTHING` where
there is no answer. A `CodeBook` says what the bytes of one questionnaire are worth. Blocks of rows
are turned into whole numbers by looking bytes up, and their products are added up by cell; of whole
numbers below 2**53 the sums are exact, so that neither order nor blocks nor machines matter.

Engines send the functions of this module to where the rows lie: it imports nothing of evalkit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
FloatArray = NDArray[np.floating]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

EXACT = 2**53
"""Whole numbers up to here are their own floating point numbers."""
NOTHING = 255
"""The byte that stands for no answer; as a signed number, as databases have them, -1."""
UNKNOWN = 254
"""The byte that stands for what cannot be read: NULL, or what is no small whole number (-2)."""
OPTIONS = 127
"""Most options that a question can have: bytes are signed in databases."""
ROWS = 16_384
"""Rows that are turned into numbers at a time: these stay near the processor."""
SHORT = 2**16
"""Cells whose places are sorted as numbers of two bytes."""
SINGLE = 2**24
"""As `EXACT`, of floating point numbers of half the size: twice as fast, where they do."""
ENOUGH = 128
"""Rows that single precision must add up exactly to be used."""


@dataclass(frozen=True, slots=True)
class CodeBook:
    """What the bytes of one questionnaire's answers are worth.

    Attributes
    ----------
    scale : tuple of int, length I
        Whole numbers are an indicator's score times this.
    scores : dict of column to tuple of int or None
        Of every option of every question, its score times the scale of its indicator; None where
        an option has none.
    columns : tuple of tuple of str, length I
        The questions of each indicator; none for what the questionnaire does not ask.
    least : tuple of int, length I
        How many of them must be answered.
    covered : dict of rater group to tuple of bool, length I
        The indicators that the group judges.

    Raises
    ------
    ValueError
        Where sums would not be exact: see `limit`.
    """

    scale: tuple[int, ...]
    scores: Mapping[str, tuple[int | None, ...]]
    columns: tuple[tuple[str, ...], ...]
    least: tuple[int, ...]
    covered: Mapping[str, tuple[bool, ...]]

    def __post_init__(self) -> None:
        if any(len(options) > OPTIONS for options in self.scores.values()):
            raise ValueError(f"a byte holds {OPTIONS} options at most")
        for columns in self.columns:
            told = [s for column in columns for s in self.scores[column] if s is not None]
            for answered in range(1, len(columns) + 1):
                if any(score % answered for score in told):
                    raise ValueError("means of answered questions are no whole numbers")
        if self.limit < 1:
            raise ValueError("sums of products pass 2**53")

    @property
    def _largest(self) -> int:
        """The largest product of two numbers."""
        told = [abs(s) for options in self.scores.values() for s in options if s is not None]
        return max(max(told, default=1), 1) ** 2

    @property
    def single(self) -> bool:
        """Whether single precision is exact for as many rows as are worth it."""
        return SINGLE // self._largest >= ENOUGH

    @property
    def limit(self) -> int:
        """How many rows may be added up in floating point before their sums are no longer exact."""
        return (SINGLE if self.single else EXACT) // self._largest

    def unknown(self, column: str, codes: Bytes) -> dict[int, int]:
        """Return the signed numbers in a column that no option has, and how many of each."""
        found = np.bincount(codes, minlength=256)
        found[: len(self.scores[column])] = 0
        found[NOTHING] = 0
        return {int(np.uint8(at).view(np.int8)): int(found[at]) for at in np.flatnonzero(found)}


class Coder:
    """Looks bytes up: the tables of a `CodeBook`, made once."""

    def __init__(self, book: CodeBook) -> None:
        self._book = book
        self._kind = np.dtype(np.float32 if book.single else np.float64)
        self._tables = [self._table(columns, at) for at, columns in enumerate(book.columns)]

    def numbers(self, codes: Mapping[str, Bytes], rows: slice) -> FloatArray:
        """Return the numbers (2 I, n) of these rows; NaN where a byte is of no option.

        First, of every indicator, 1 where it was answered and else 0; then its number and else 0.
        """
        width = len(self._book.scale)
        size = rows.stop - rows.start
        found = np.empty((2 * width, size), dtype=self._kind)
        for at, columns in enumerate(self._book.columns):
            if not columns:
                found[[at, width + at]] = 0.0
                continue
            own = [codes[column][rows] for column in columns]
            told, number = self._tables[at]
            if len(own) == 1:
                place = own[0].astype(np.intp)
            elif len(own) == 2:
                pair = own[0].astype(np.uint16)
                pair <<= 8
                pair |= own[1]
                place = pair.astype(np.intp)
            else:
                self._several(own, at, found)
                continue
            np.take(told, place, out=found[at], mode="wrap")
            np.take(number, place, out=found[width + at], mode="wrap")
        return found

    def _table(self, columns: Sequence[str], at: int) -> tuple[FloatArray, FloatArray]:
        """Return what one byte, or the bytes of two questions, say: answered or not, and the number."""
        worth = [self._worth(column) for column in columns]
        if len(worth) > 2:
            return np.array([w[0] for w in worth]), np.array([w[1] for w in worth])
        count, total = worth[0] if worth else (np.zeros(256), np.zeros(256))
        for more, rest in worth[1:]:
            count = np.add.outer(count, more).ravel()
            total = np.add.outer(total, rest).ravel()
        told, number = self._settled(count, total, at)
        return told.astype(self._kind), number.astype(self._kind)

    def _several(self, own: Sequence[Bytes], at: int, found: FloatArray) -> None:
        counts, totals = self._tables[at]
        count, total = np.zeros(len(own[0])), np.zeros(len(own[0]))
        for column, codes in enumerate(own):
            count += counts[column][codes]
            total += totals[column][codes]
        width = len(self._book.scale)
        found[at], found[width + at] = self._settled(count, total, at)

    def _worth(self, column: str) -> tuple[FloatArray, FloatArray]:
        """Return by byte whether it is a scored answer, and its score; NaN for what is no option."""
        options = self._book.scores[column]
        told, score = np.full(256, np.nan), np.full(256, np.nan)
        told[NOTHING] = score[NOTHING] = 0.0
        told[: len(options)] = [float(one is not None) for one in options]
        score[: len(options)] = [float(one or 0) for one in options]
        return told, score

    def _settled(
        self, count: FloatArray, total: FloatArray, at: int
    ) -> tuple[FloatArray, FloatArray]:
        enough = count >= max(self._book.least[at], 1)
        known = ~np.isnan(count)
        told = np.where(known, enough.astype(np.float64), np.nan)
        mean = np.where(enough, total / np.maximum(count, 1.0), 0.0)
        return told, np.where(known, mean, np.nan)


class Tally:
    """Adds up the products of respondents' numbers by cell, block by block.

    Parameters
    ----------
    width : int
        I, the number of indicators.
    limit : int
        Rows that are added up in floating point at a time: see `CodeBook.limit`.
    """

    def __init__(self, width: int, limit: int = EXACT) -> None:
        self._limit = limit
        first, second = np.triu_indices(2 * width)
        self._upper = first * (2 * width) + second
        self._n: dict[int, int] = {}
        self._products: dict[int, Integers] = {}
        self.sound = True
        """Whether every number was one; else the sums are of no use."""

    def add(self, rows: FloatArray, there: Flags, cells: Places) -> None:
        """Add rows (2 I, n), of which `there` (n,) have an answer to anything, to their `cells` (n,).

        Rows of one cell that follow one another are added up at once.
        """
        if not len(cells):
            return
        begins = np.append(0, np.flatnonzero(cells[1:] != cells[:-1]) + 1)
        counts = np.add.reduceat(there.astype(np.int64), begins).tolist()
        ends = [*begins[1:].tolist(), len(cells)]
        for begin, end, own, at in zip(
            begins.tolist(), ends, counts, cells[begins].tolist(), strict=True
        ):
            self._n[at] = self._n.get(at, 0) + own
            for first in range(begin, end, self._limit):
                part = rows[:, first : min(end, first + self._limit)]
                square = part @ part.T
                if np.isnan(square[0].sum()):  # whatever is no number makes all of its row none
                    self.sound = False
                    continue
                sums = square.ravel()[self._upper].astype(np.int64)
                if at in self._products:
                    self._products[at] += sums
                else:
                    self._products[at] = sums

    def total(self, count: int) -> tuple[Integers, Integers]:
        """Return how many respondents (count,) and the upper triangles (count, T) of their sums."""
        n = np.array([self._n.get(at, 0) for at in range(count)], dtype=np.int64)
        products = np.zeros((count, len(self._upper)), dtype=np.int64)
        for at, sums in self._products.items():
            products[at] = sums
        return n, products


class Summing:
    """Adds up rows of bytes, in blocks of any size and order.

    Attributes
    ----------
    keys : list of tuple of str
        The cells that were met: street, subject and rater group.
    unknown : dict of column to dict of int to int
        Signed numbers that no option of the question has, and how many; where there are any the
        sums are of no use.
    """

    def __init__(self, book: CodeBook) -> None:
        self._book, self._coder = book, Coder(book)
        self._tally = Tally(len(book.scale), book.limit)
        self._place: dict[tuple[str, ...], int] = {}
        self.unknown: dict[str, dict[int, int]] = {}

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """The cells that were met, in the order in which they were."""
        return list(self._place)

    def add(
        self, keys: Sequence[tuple[str, ...]], cells: Places, codes: Mapping[str, Bytes]
    ) -> None:
        """Add a block of rows.

        Parameters
        ----------
        keys : sequence of (street, subject, group)
        cells : (n,) the place of every row's key among them.
        codes : dict of column to (n,) bytes.
        """
        if not len(cells):
            return
        for key in keys:
            self._place.setdefault(tuple(key), len(self._place))
        if np.count_nonzero(cells[1:] != cells[:-1]) > 2 * len(keys):
            short = cells.astype(np.uint16) if len(keys) <= SHORT else cells
            order = np.argsort(short, kind="stable")
            cells, codes = cells[order], {name: own[order] for name, own in codes.items()}
        place = np.array([self._place[tuple(key)] for key in keys], dtype=np.intp)
        masks, mask_of = self._masks(keys)
        for first in range(0, len(cells), ROWS):
            rows = slice(first, min(first + ROWS, len(cells)))
            own = cells[rows]
            numbers = self._coder.numbers(codes, rows)
            there: Flags = np.zeros(len(own), dtype=np.bool_)
            for at, mask in enumerate(masks):
                judged = numbers[: len(mask)]
                told: Flags = np.any(judged if mask.all() else judged[mask], axis=0)
                there = told if len(masks) == 1 else np.where(mask_of[own] == at, told, there)
            self._tally.add(numbers, there, place[own])
        if not self._tally.sound:
            self._look(codes)

    def _masks(self, keys: Sequence[tuple[str, ...]]) -> tuple[list[Flags], Places]:
        """Return the different sets of indicators that groups judge, and which is each key's."""
        every = (True,) * len(self._book.scale)
        told = [self._book.covered.get(key[-1], every) for key in keys]
        masks = list(dict.fromkeys(told))
        places = np.array([masks.index(mask) for mask in told], dtype=np.intp)
        return [np.array(mask, dtype=np.bool_) for mask in masks], places

    def _look(self, codes: Mapping[str, Bytes]) -> None:
        for column in self._book.scores:
            for value, count in self._book.unknown(column, codes[column]).items():
                found = self.unknown.setdefault(column, {})
                found[value] = found.get(value, 0) + count
        self._tally.sound = True

    def total(self) -> tuple[Integers, Integers]:
        """Return how many respondents (C,) and the upper triangles (C, T) of the sums, by `keys`.

        Of what a group does not judge there is nothing.
        """
        n, products = self._tally.total(len(self._place))
        width = len(self._book.scale)
        upper = np.triu_indices(2 * width)
        for at, key in enumerate(self._place):
            mask = self._book.covered.get(key[-1])
            if mask is not None and not all(mask):
                twice = np.array([*mask, *mask], dtype=np.int64)
                products[at] *= np.outer(twice, twice)[upper]
        return n, products


def whole_square(upper: Integers, side: int) -> Integers:
    """Return the symmetric matrix (side, side) of which this is the upper triangle, row by row.

    Examples
    --------
    >>> whole_square(np.array([1, 2, 3]), 2).tolist()
    [[1, 2], [2, 3]]
    """
    return np.asarray(upper, dtype=np.int64)[_in_upper(side)]


@cache
def _in_upper(side: int) -> Places:
    """Return where each entry of a symmetric matrix (side, side) stands in its upper triangle."""
    at = np.triu_indices(side)
    found = np.zeros((side, side), dtype=np.intp)
    found[at] = found.T[at] = np.arange(len(at[0]))
    return found
