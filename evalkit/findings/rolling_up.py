"""Weighted sums over committees: their values A m, their covariance A C A', and how sure that is.

The street's mean, a zone's mean, a group of like committees against the rest: each is a row of
weights over the committees, applied to what is known of them. There is no other code for the
variance of a mean of committees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.methods import tails
from evalkit.tables import Floats

NOTHING = 1e-9
"""Smaller sums are rounding, points."""

MANY = 1e9
"""Degrees of freedom of a variance that is as good as known."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """What is known of K committees, from one source of error.

    Attributes
    ----------
    value, variance, df : ndarray of shape (K,)
    covariance : ndarray of shape (K, K)
    shared : bool
        Whether the same raters judge several of the committees: they are not more of them for
        that, so a sum has as many degrees of freedom as the fewest of its committees.
    """

    value: Floats
    covariance: Floats
    variance: Floats
    df: Floats
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """A weighted sum of committees' estimates: its value, variance and degrees of freedom."""

    value: float
    variance: float
    df: float

    @property
    def se(self) -> float:
        """Standard error."""
        return float(self.variance**0.5)

    def reach(self, confidence: float) -> float:
        """Return the half-width of its interval by Student's t."""
        return float(self.se * tails.t_quantile(0.5 + confidence / 2.0, self.df))

    @property
    def p(self) -> float:
        """Two-sided p-value of the sum being 0; NaN for another one whose error is not known."""
        if not self.variance > 0:
            return 1.0 if self.value == 0 else float("nan")
        return float(2.0 * tails.t_above(abs(self.value) / self.se, self.df))


def roll_up(weights: Floats, sources: Iterable[Estimates]) -> Sum:
    """Return the weighted sum of committees' estimates over independent sources of error.

    Parameters
    ----------
    weights : ndarray of shape (K,)
    sources : iterable of Estimates
        One for every rater group whose errors are independent of the others', or a single one of
        estimates that are combined already. Values add up.

    Returns
    -------
    Sum
        Degrees of freedom by Satterthwaite (1946), over committees and over sources.

    Examples
    --------
    The difference of two committees, each known with variance 2 and 10 degrees of freedom:

    >>> known = Estimates(np.array([80.0, 75.0]), 2 * np.eye(2), np.full(2, 2.0), np.full(2, 10.0))
    >>> found = roll_up(np.array([1.0, -1.0]), [known])
    >>> found.value, found.variance, found.df, found.se
    (5.0, 4.0, 20.0, 2.0)
    """
    value = variance = spread = 0.0
    for source in sources:
        own = float(np.maximum(weights @ source.covariance @ weights, 0.0))
        value += float(weights @ source.value)
        variance += own
        spread += own**2 / _df(weights, source)
    df = variance**2 / spread if spread > 0 else MANY
    return Sum(0.0 if abs(value) < NOTHING else value, variance, df)


@dataclass(frozen=True, slots=True)
class Rolled:
    """Committees rolled up to U units: their values, joint covariance and degrees of freedom.

    Attributes
    ----------
    value, df : ndarray of shape (U,)
    covariance : ndarray of shape (U, U)
    pair_df : ndarray of shape (U, U)
        Of the variance of the difference of two units; inf on the diagonal.
    """

    value: Floats
    covariance: Floats
    df: Floats
    pair_df: Floats


def shares(weights: Floats, units: Sequence[Sequence[int]]) -> Floats:
    """Return what every committee (K,) weighs in every unit that it is part of, shape (U, K).

    Rows add up to 1. Committees summed up to zones and these to the street weigh what they weigh
    in the street at once, where zones weigh as much as their committees together.

    Examples
    --------
    >>> shares(np.array([1.0, 3.0, 4.0]), [[0, 1], [2]])
    array([[0.25, 0.75, 0.  ],
           [0.  , 0.  , 1.  ]])
    """
    rows = np.zeros((len(units), len(weights)))
    for row, members in zip(rows, units, strict=True):
        own = np.asarray(members, dtype=np.intp)
        row[own] = weights[own] / weights[own].sum()
    return rows


def roll_up_to(matrix: Floats, sources: Sequence[Estimates]) -> Rolled:
    """Return A m and A C A' for A of shape (U, K), over independent sources of error.

    What committees have in common, because the same raters judge several, is in C: so it is in
    the covariance of the units, whether they share committees or not.
    """
    sums = [roll_up(row, sources) for row in matrix]
    covariance = sum(
        (matrix @ source.covariance @ matrix.T for source in sources),
        np.zeros((len(matrix), len(matrix))),
    )
    pair_df = np.full(covariance.shape, np.inf)
    for u, one in enumerate(matrix):
        for v in range(u):
            pair_df[u, v] = pair_df[v, u] = roll_up(one - matrix[v], sources).df
    return Rolled(
        np.array([own.value for own in sums]),
        np.asarray(covariance),
        np.array([own.df for own in sums]),
        pair_df,
    )


def difference(later: Sum, earlier: Sum, shared: float = 0.0) -> Sum:
    """Return the difference of two sums, independent but for a covariance `shared`.

    What they share makes it surer, and its degrees of freedom fewer.
    """
    variance = max(later.variance + earlier.variance - 2.0 * shared, 0.0)
    spread = later.variance**2 / later.df + earlier.variance**2 / earlier.df
    df = max(variance**2 / spread, 1.0) if spread > 0 else MANY
    return Sum(later.value - earlier.value, variance, df)


def _df(weights: Floats, source: Estimates) -> float:
    used = weights != 0
    if source.shared:
        return max(float(source.df[used].min()), 1.0)
    own = weights**2 * source.variance
    spread = float((own[used] ** 2 / np.minimum(source.df[used], MANY)).sum())
    return float(own.sum()) ** 2 / spread if spread > 0 else MANY
