"""Sums over a cell's answers as whole numbers, which add, subtract and come out the same everywhere.

A score is a whole number once it is multiplied by its scale (`CellSums.scale`). Of whole numbers the
matrix product of a cell's answers with themselves is exact in floating point as long as nothing
passes 2**53: whatever the order of the rows, the blocks they are read in, or the number of threads,
the sums are the same bits. Means and covariances are divided out at the very end.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods.moments import CellMoments

Integers = NDArray[np.int64]
FloatArray = NDArray[np.float64]

EXACT = 2**53
"""Whole numbers up to here are their own floating point numbers."""
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
    n : ndarray of int, shape (C,)
        Respondents with an answer to anything.
    both : ndarray of int, shape (C, I, I)
        How many answered indicator i and indicator j.
    first : ndarray of int, shape (C, I, I)
        Sum of the numbers of i over those who answered j as well; the sum of i on the diagonal.
    products : ndarray of int, shape (C, I, I)
        Sum of the products of the numbers of i and j.
    """

    scale: Integers
    n: Integers
    both: Integers
    first: Integers
    products: Integers

    def __add__(self, other: CellSums) -> CellSums:
        """Return the sums over both samples; they have the same cells and scales."""
        return self._with(other, 1)

    def __sub__(self, other: CellSums) -> CellSums:
        """Return the sums over those of this sample who are not in the other, part of it."""
        return self._with(other, -1)

    def _with(self, other: CellSums, sign: int) -> CellSums:
        if not np.array_equal(self.scale, other.scale) or self.n.shape != other.n.shape:
            raise ValueError("sums can be put together where cells and scales are the same")
        return CellSums(
            self.scale,
            self.n + sign * other.n,
            self.both + sign * other.both,
            self.first + sign * other.first,
            self.products + sign * other.products,
        )

    def digest(self) -> str:
        """Return the SHA-256 of all sums."""
        found = hashlib.sha256()
        for part in (self.scale, self.n, self.both, self.first, self.products):
            found.update(np.ascontiguousarray(part, dtype="<i8").tobytes())
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
        answered = np.diagonal(self.both[cell])
        total = np.diagonal(self.first[cell])
        known, estimable = answered > 0, answered >= 2
        mean = np.full(len(answered), np.nan)
        mean[known] = total[known] / (self.scale[known] * answered[known])
        covariance = np.full((len(answered), len(answered)), np.nan)
        if n >= 2:
            at = np.flatnonzero(estimable)
            spread = self._spread(cell, at)
            size = (answered[at] ** 2 * self.scale[at]).astype(np.float64)
            correction = 1.0 if population is None else 1.0 - n / population
            covariance[np.ix_(at, at)] = correction * n / (n - 1) * (spread / np.outer(size, size))
        counts = (answered.copy(), answered.copy(), n, max(n - 1, 0))
        return CellMoments(n, float(n), mean, covariance, *counts)

    def _spread(self, cell: int, at: NDArray[np.intp]) -> FloatArray:
        """Return sum (n_i x_i - S_i)(n_j x_j - S_j) over those who answered both, exactly."""
        square = np.ix_(at, at)
        both, first = self.both[cell][square], self.first[cell][square]
        products = self.products[cell][square]
        n, total = np.diagonal(both), np.diagonal(first)
        most = max(int(np.abs(products).max(initial=0)), int(np.abs(first).max(initial=0)), 1)
        if 2 * int(n.max(initial=1)).bit_length() + most.bit_length() + 2 > _INT64:
            both, first, products, n, total = (
                part.astype(object) for part in (both, first, products, n, total)
            )
        # Transposed, `first` has the sum of j's numbers over those who answered i as well.
        found = (
            np.outer(n, n) * products
            - np.outer(n, total) * first
            - np.outer(total, n) * first.T
            + np.outer(total, total) * both
        )
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


def cell_sums(numbers: ArrayLike, scale: ArrayLike, cells: ArrayLike, count: int) -> CellSums:
    """Add up whole numbers by cell.

    Parameters
    ----------
    numbers : (n, I) whole numbers, NaN where there is no answer (`whole`).
    scale : (I,) what they were multiplied by.
    cells : (n,) the cell of every row, 0 to `count` - 1.
    count : number of cells.

    Raises
    ------
    ValueError
        For shapes that do not match, numbers that are not whole, or so large or so many that their
        sums would not be exact.

    Examples
    --------
    >>> found = cell_sums([[1, 2], [3, np.nan]], [1, 1], [0, 0], 1)
    >>> found.n.tolist(), found.both.tolist(), found.first.tolist(), found.products.tolist()
    ([2], [[[2, 1], [1, 1]]], [[[4, 1], [2, 2]]], [[[10, 2], [2, 4]]])
    """
    x, cell = np.asarray(numbers, dtype=np.float64), np.asarray(cells, dtype=np.intp)
    factor = np.asarray(scale, dtype=np.int64)
    if x.ndim != 2 or cell.shape != x.shape[:1] or factor.shape != x.shape[1:]:
        raise ValueError(f"numbers must be rows by indicators; got {x.shape} and {cell.shape}")
    told = ~np.isnan(x)
    filled = np.where(told, x, 0.0)
    if (filled != np.rint(filled)).any() or not fits(x, cell):
        raise ValueError("numbers must be whole, and their sums of products below 2**53")
    rows = np.hstack([told.astype(np.float64), filled])
    order = np.argsort(cell, kind="stable")
    ends = np.searchsorted(cell[order], np.arange(count + 1))
    width = x.shape[1]
    sums = np.zeros((count, 2 * width, 2 * width), dtype=np.int64)
    for at in np.flatnonzero(np.diff(ends)):
        own = rows[order[ends[at] : ends[at + 1]]]
        sums[at] = (own.T @ own).astype(np.int64)
    n = np.bincount(cell[told.any(axis=1)], minlength=count).astype(np.int64)
    return CellSums(
        factor,
        n,
        sums[:, :width, :width],
        sums[:, width:, :width],
        sums[:, width:, width:],
    )
