"""A straight line through three and more waves: how much a score moves from wave to wave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails

FloatArray = NDArray[np.float64]

MANY = 1e9
"""Degrees of freedom of a variance that is as good as known."""


@dataclass(frozen=True, slots=True)
class Slope:
    """What a line through the waves says.

    Attributes
    ----------
    value, se : points from one wave to the next, and the standard error of that.
    df : degrees of freedom of the standard error.
    """

    value: float
    se: float
    df: float

    @property
    def p(self) -> float:
        """Two-sided p-value of no slope; NaN for a slope whose error is not known."""
        if not self.se > 0:
            return 1.0 if self.value == 0 else float("nan")
        return float(2.0 * tails.t_above(abs(self.value) / self.se, self.df))

    def reach(self, confidence: float) -> float:
        """Return the half-width of the slope's interval by Student's t."""
        return float(self.se * tails.t_quantile(0.5 + confidence / 2.0, self.df))


def contrast(places: ArrayLike) -> FloatArray:
    """Return the weights (T,) of the least-squares slope over waves at these places.

    Examples
    --------
    >>> contrast([0, 1, 2]).tolist()
    [-0.5, 0.0, 0.5]
    """
    at = np.asarray(places, dtype=np.float64)
    if at.ndim != 1 or len(np.unique(at)) < 2:
        raise ValueError(f"a slope needs two waves at least, got {at.tolist()}")
    steps = at - at.mean()
    return np.asarray(steps / (steps**2).sum())


def slope(
    values: ArrayLike, covariance: ArrayLike, df: ArrayLike, places: ArrayLike | None = None
) -> Slope:
    """Return the slope of a line through the waves, with its test.

    Every wave counts alike, however sure it is: satisfied answers scatter least, so a line weighted
    by the waves' own variances would be drawn to where the score came out high.

    Parameters
    ----------
    values : (T,) scores of the waves, earliest first.
    covariance : (T, T) of their errors, or (T,) variances of independent ones.
    df : (T,) degrees of freedom of the waves' variances.
    places : (T,) which wave each is, counted through those that are left out; 0, 1, ... if None.

    Returns
    -------
    Slope
        Degrees of freedom by Satterthwaite. What waves have in common makes the slope surer and
        its degrees of freedom fewer.

    Raises
    ------
    ValueError
        For shapes that do not match, values that are not finite, or fewer than two waves.

    Examples
    --------
    >>> found = slope([80, 82, 84], [2, 2, 2], [10, 10, 10])
    >>> found.value, found.se, found.df  # (84 - 80) / 2, sqrt(4) / 2
    (2.0, 1.0, 20.0)
    >>> round(slope([80, 82, 83], [2, 2, 2], [10, 10, 10], places=[0, 2, 3]).value, 9)
    1.0
    """
    x, v = np.asarray(values, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    own_df = np.asarray(df, dtype=np.float64)
    joint = np.diag(v) if v.ndim == 1 else v
    if x.ndim != 1 or joint.shape != (x.size, x.size) or own_df.shape != x.shape:
        raise ValueError(f"{x.shape} values, {v.shape} covariances, {own_df.shape} df do not match")
    if not (np.isfinite(x).all() and np.isfinite(joint).all() and (own_df > 0).all()):
        raise ValueError("values and covariances must be finite, df above 0")
    c = contrast(np.arange(x.size) if places is None else places)
    if c.shape != x.shape:
        raise ValueError(f"{x.shape} values at {c.shape} places do not match")
    value = float(c @ x)
    variance = max(float(c @ joint @ c), 0.0)
    spread = float(((c**2 * np.diag(joint)) ** 2 / np.minimum(own_df, MANY)).sum())
    freedom = min(max(variance**2 / spread, 1.0), MANY) if spread > 0 else MANY
    return Slope(value, variance**0.5, freedom)
