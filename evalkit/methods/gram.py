"""Sums over a cell's answers as whole numbers, which add, subtract and come out the same everywhere.

A score is a whole number once it is multiplied by its scale (`CellSums.scale`). Of whole numbers the
matrix product of a cell's answers with themselves is exact in floating point as long as nothing
passes 2**53: whatever the order of the rows, the blocks they are read in, or the number of threads,
the sums are the same bits. Means and covariances are divided out at the very end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods.coded import EXACT, Tally, whole_square
from evalkit.methods.moments import CellMoments

Integers = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Key = tuple[str, ...]

_ROUNDING = 1e-6
"""Of a score times its scale: what is further from a whole number has another scale."""
_INT64 = 61
"""Bits that products of sums may have before they are taken with Python's own whole numbers."""


@dataclass(frozen=True, slots=True)
class CellSums:
    """Sums over the respondents of C cells and I indicators.

    Attributes
    ----------
    scale : ndarray of int, shape (I,)
        Whole numbers are scores times this.
    keys : tuple of tuple of str
        What each cell is called; no two alike.
    n : ndarray of int, shape (C,)
        Respondents with an answer to anything.
    products : ndarray of int, shape (C, I * (2 I + 1))
        Every respondent has 2 I numbers: 1 for each indicator that was answered (else 0), then its
        number (0 where it was not). The sums of their products, of which the upper triangle is kept.
    """

    scale: Integers
    keys: tuple[Key, ...]
    n: Integers
    products: Integers

    def __add__(self, other: CellSums) -> CellSums:
        """Return the sums over both samples, with the cells of either; they have the same scales."""
        if self.keys == other.keys:
            self._alike(other)
            return replace(self, n=self.n + other.n, products=self.products + other.products)
        return together([self, other])

    def __sub__(self, other: CellSums) -> CellSums:
        """Return the sums over those of this sample who are not in the other, part of it."""
        self._alike(other)
        place = {key: at for at, key in enumerate(self.keys)}
        if not set(other.keys) <= set(place):
            raise ValueError("only part of a sample can be taken from it")
        at = np.array([place[key] for key in other.keys], dtype=np.intp)
        n, products = self.n.copy(), self.products.copy()
        n[at] -= other.n
        products[at] -= other.products
        if (n < 0).any():
            raise ValueError("only part of a sample can be taken from it")
        return replace(self, n=n, products=products)

    def _alike(self, other: CellSums) -> None:
        if not np.array_equal(self.scale, other.scale):
            raise ValueError("sums can be put together where scales are the same")

    def content(self) -> Iterator[bytes]:
        """Yield what the sums are as bytes: the same for the same answers, however they were added up.

        A line of JSON with the scales and the keys of the cells that have answers, ascending; then
        of every such cell its number of respondents and its products, as little-endian 64-bit
        integers.
        """
        there = sorted((key, at) for at, key in enumerate(self.keys) if self.n[at])
        head = {"scale": self.scale.tolist(), "cells": [list(key) for key, _ in there]}
        yield json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        for _, at in there:
            yield np.append(self.n[at], self.products[at]).astype("<i8").tobytes()

    def digest(self) -> str:
        """Return the SHA-256 of all sums."""
        found = hashlib.sha256()
        for part in self.content():
            found.update(part)
        return found.hexdigest()

    def moments(self, cell: int, population: float | None = None) -> CellMoments:
        """Return what `moments.cell_moments` finds of unweighted, independent respondents.

        Means to the bit of exact division; covariances without any rounding before the last
        division, so that a cell of identical answers has none at all.

        Raises
        ------
        ValueError
            For fewer people in the population than respondents.
        """
        n = int(self.n[cell])
        if population is not None and not population >= n:
            raise ValueError(f"population {population:g} is smaller than the {n} respondents")
        square, width = whole_square(self.products[cell], 2 * len(self.scale)), len(self.scale)
        both, first, products = (
            square[:width, :width],
            square[width:, :width],
            square[width:, width:],
        )
        answered, total = both.diagonal(), first.diagonal()
        known, estimable = answered > 0, answered >= 2
        mean = np.full(width, np.nan)
        mean[known] = total[known] / (self.scale[known] * answered[known])
        covariance = np.full((width, width), np.nan)
        if n >= 2:
            size = (answered**2 * self.scale).astype(np.float64)
            correction = 1.0 if population is None else 1.0 - n / population
            if estimable.all():
                spread = _spread(both, first, products)
                covariance = correction * n / (n - 1) * (spread / np.outer(size, size))
            else:
                at = np.ix_(estimable, estimable)
                spread = _spread(both[at], first[at], products[at])
                size = size[estimable]
                covariance[at] = correction * n / (n - 1) * (spread / np.outer(size, size))
        counts = (answered.copy(), answered.copy(), n, max(n - 1, 0))
        return CellMoments(n, float(n), mean, covariance, *counts)


def _spread(both: Integers, first: Integers, products: Integers) -> FloatArray:
    """Return sum (n_i x_i - S_i)(n_j x_j - S_j) over those who answered both, exactly.

    Parameters
    ----------
    both : (I, I) how many answered i and j.
    first : (I, I) sums of the numbers of i over those who answered j as well.
    products : (I, I) sums of products.
    """
    n, total = both.diagonal(), first.diagonal()
    most = max(int(np.abs(products).max(initial=0)), int(np.abs(first).max(initial=0)), 1)
    if 2 * int(n.max(initial=1)).bit_length() + most.bit_length() + 2 > _INT64:
        both, first, products, n, total = (
            part.astype(object) for part in (both, first, products, n, total)
        )
    # Transposed, `first` has the sum of j's numbers over those who answered i as well.
    crossed = n[:, None] * total * first
    found = n[:, None] * n * products - crossed - crossed.T + total[:, None] * total * both
    return np.asarray(found, dtype=np.float64)


def whole(values: ArrayLike, scale: ArrayLike) -> FloatArray | None:
    """Return scores (n, I) times their scales (I,) as whole numbers, NaN where there is no answer.

    None where they are no whole numbers: the scores have another scale.

    Examples
    --------
    >>> whole([[50.0], [100 / 3]], [3]).tolist()
    [[150.0], [100.0]]
    """
    scaled = np.asarray(values, dtype=np.float64) * np.asarray(scale, dtype=np.float64)
    numbers = np.rint(scaled)
    off = np.abs(scaled - numbers)
    return None if (off > _ROUNDING).any() else numbers


def fits(numbers: ArrayLike, cells: ArrayLike) -> bool:
    """Tell whether whole numbers are so small, or so few in a cell (n,), that their sums are exact."""
    size = np.abs(np.asarray(numbers, dtype=np.float64))
    largest = float(np.fmax.reduce(size, axis=None, initial=1.0))
    return int(np.bincount(np.asarray(cells, dtype=np.intp)).max(initial=0)) * largest**2 < EXACT


def cell_sums(
    numbers: ArrayLike, scale: ArrayLike, cells: ArrayLike, keys: Sequence[Key]
) -> CellSums:
    """Add up whole numbers by cell.

    Parameters
    ----------
    numbers : (n, I) whole numbers, NaN where there is no answer (`whole`).
    scale : (I,) what they were multiplied by.
    cells : (n,) the cell of every row, its place among `keys`.
    keys : what the cells are called.

    Raises
    ------
    ValueError
        For shapes that do not match, numbers that are not whole, or so large or so many that their
        sums would not be exact.

    Examples
    --------
    >>> found = cell_sums([[1, 2], [3, np.nan]], [1, 1], [0, 0], [("a",)])
    >>> found.n.tolist()
    [2]
    >>> whole_square(found.products[0], 4).tolist()
    [[2, 1, 4, 2], [1, 1, 1, 2], [4, 1, 10, 2], [2, 2, 2, 4]]
    """
    x, cell = np.asarray(numbers, dtype=np.float64), np.asarray(cells, dtype=np.intp)
    factor = np.asarray(scale, dtype=np.int64)
    if x.ndim != 2 or cell.shape != x.shape[:1] or factor.shape != x.shape[1:]:
        raise ValueError(f"numbers must be rows by indicators; got {x.shape} and {cell.shape}")
    told = ~np.isnan(x)
    filled = np.where(told, x, 0.0)
    if (filled != np.rint(filled)).any() or not fits(x, cell):
        raise ValueError("numbers must be whole, and their sums of products below 2**53")
    rows = np.vstack([told.T.astype(np.float64), filled.T])
    order = np.argsort(cell, kind="stable")
    tally = Tally(x.shape[1])
    tally.add(rows[:, order], np.asarray(told.any(axis=1))[order], cell[order])
    n, products = tally.total(len(keys))
    return CellSums(factor, tuple(keys), n, products)


def together(parts: Iterable[CellSums]) -> CellSums:
    """Return the sums over samples that share nobody, with the cells of any, ascending.

    Raises
    ------
    ValueError
        Where scales differ, or there is no sample.
    """
    scale: Integers | None = None
    n: dict[Key, int] = {}
    products: dict[Key, Integers] = {}
    for part in parts:
        scale = part.scale if scale is None else scale
        if not np.array_equal(scale, part.scale):
            raise ValueError("sums can be put together where scales are the same")
        for key, count, own in zip(part.keys, part.n.tolist(), part.products, strict=True):
            if key in n:
                n[key] += count
                products[key] = products[key] + own
            else:
                n[key], products[key] = count, own
    if scale is None:
        raise ValueError("there are no sums to put together")
    keys = tuple(sorted(n))
    width = len(scale) * (2 * len(scale) + 1)
    stacked = np.array([products[key] for key in keys], dtype=np.int64).reshape(len(keys), width)
    return CellSums(scale, keys, np.array([n[key] for key in keys], dtype=np.int64), stacked)
