"""Tests of skewed answers: the variance to divide by, so that both tails are false equally often.

Satisfied answers scatter least. A committee that happens to have a high mean therefore happens to
have a small variance too, and a plain t calls it outstanding too often and the low one too rarely.

References
----------
Johnson (1978), Modified t tests and confidence intervals for asymmetrical populations, Journal of
the American Statistical Association 73.
Hall (1992), On the removal of skewness by transformation, Journal of the Royal Statistical
Society B 54.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

_OWN = 1.0 / 3.0
"""Share of the mean's own pull on the variance that leaves t without skewness."""
_LEAST = 0.25
"""Share of a variance that is kept at least, however steep the slope."""


def slope(means: ArrayLike, variances: ArrayLike, weights: ArrayLike) -> float:
    """Return how variances change with means over K samples, weighted least squares.

    For samples of one population it estimates the third central moment over the variance, since
    cov(mean, variance) = mu3 / n and var(mean) = sigma^2 / n.

    Parameters
    ----------
    means, variances, weights : (K,) of the answers; weights are their numbers. NaN is left out.

    Returns
    -------
    float
        In the unit of the means; 0 with fewer than four samples or without scatter.

    Raises
    ------
    ValueError
        Where they are not vectors of one length.

    Examples
    --------
    >>> slope([1, 2, 3, 4], [2, 4, 6, 8], [1, 1, 1, 1])
    2.0
    """
    x, y, w = _vectors(means, variances, weights)
    known = np.isfinite(x) & np.isfinite(y) & (w > 0)
    if known.sum() < 4:
        return 0.0
    x, y, w = x[known], y[known], w[known]
    x = x - np.average(x, weights=w)
    scatter = float(w @ x**2)
    return float(w @ (x * (y - np.average(y, weights=w)))) / scatter if scatter > 0 else 0.0


def variances_for_testing(
    means: ArrayLike, raw: ArrayLike, used: ArrayLike, weights: ArrayLike
) -> FloatArray:
    """Return the variances of one answer for testing means against their common mean.

    To first order, the skewness of (mean - common mean) / sqrt(variance / n) is that of the answers
    times 1 - 3a, if the variance follows the mean with a times the slope of `slope`: 1 for a
    sample's own variance, 0 for a pooled one. Johnson's correction amounts to a = 1/3.

    Parameters
    ----------
    means : (K,) means of the samples.
    raw : (K,) their own variances of one answer, which tell the slope.
    used : (K,) the variances in use, for instance moderated ones.
    weights : (K,) numbers of answers.

    Returns
    -------
    ndarray of shape (K,)
        Never below a quarter of the variance in use; NaN where that is.

    Raises
    ------
    ValueError
        Where they are not vectors of one length.

    Examples
    --------
    >>> means, own = [-1, 0, 0, 1], [1, 2, 2, 3]  # the slope is 1; a third of it stays
    >>> variances_for_testing(means, own, own, [1, 1, 1, 1]).round(4).tolist()
    [1.6667, 2.0, 2.0, 2.3333]
    """
    x, v, w, own = _vectors(means, used, weights, raw)
    known = np.isfinite(x) & np.isfinite(v) & (w > 0)
    if not known.any():
        return v.copy()
    away = x - np.average(x[known], weights=w[known])
    tilt = _OWN * slope(x, own, w) - slope(x, v, w)
    return np.maximum(v + tilt * np.where(known, away, 0.0), _LEAST * v)


def _vectors(*given: ArrayLike) -> list[FloatArray]:
    arrays = [np.asarray(one, dtype=np.float64) for one in given]
    if any(array.ndim != 1 or array.shape != arrays[0].shape for array in arrays):
        raise ValueError(
            f"vectors of one length are needed, got {[array.shape for array in arrays]}"
        )
    return arrays
