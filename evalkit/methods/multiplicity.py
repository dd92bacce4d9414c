"""Many tests at once: p-values adjusted so that a street of committees stays honest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def holm(p: ArrayLike) -> FloatArray:
    """Return p-values adjusted by Holm's step-down method, which keeps the family-wise error.

    Parameters
    ----------
    p : p-values of one family, any shape; NaN marks a test that was not made and stays NaN.

    Returns
    -------
    Adjusted p-values of the same shape; reject where they are below the family-wise level.

    Raises
    ------
    ValueError
        When a p-value lies outside 0..1.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(9).tolist()
    [0.03, 0.06, 0.06]
    """
    return _adjusted(p, _holm)


def benjamini_hochberg(p: ArrayLike) -> FloatArray:
    """Return p-values adjusted by Benjamini and Hochberg, which keeps the false discovery rate.

    Parameters
    ----------
    p : p-values of one family, any shape; NaN marks a test that was not made and stays NaN.

    Returns
    -------
    Adjusted p-values of the same shape.

    Raises
    ------
    ValueError
        When a p-value lies outside 0..1.

    References
    ----------
    Benjamini & Hochberg (1995), JRSS B 57.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(9).tolist()
    [0.03, 0.04, 0.04]
    """
    return _adjusted(p, _step_up)


def _step_up(p: FloatArray) -> FloatArray:
    """Largest first, each times the number of tests over its rank."""
    order = np.argsort(p)
    scaled = p[order] * (p.size / np.arange(1, p.size + 1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(0.0, 1.0)
    return adjusted


def _holm(p: FloatArray) -> FloatArray:
    """Smallest first, each times the tests left; statsmodels' multipletests collects garbage at every call."""
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)).clip(max=1.0)
    return adjusted


def _adjusted(p: ArrayLike, method: Callable[[FloatArray], FloatArray]) -> FloatArray:
    given = np.asarray(p, dtype=np.float64)
    made = ~np.isnan(given)
    if ((given[made] < 0) | (given[made] > 1)).any():
        raise ValueError("p-values must lie in 0..1; did you pass test statistics?")
    adjusted = np.full(given.shape, np.nan)
    if made.any():
        adjusted[made] = method(given[made])
    return adjusted
