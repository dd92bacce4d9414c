"""Places of which there are few: who is among the best when scores are not quite reliable.

A mean of several raters is more reliable than one rater's mark (Spearman-Brown); with what is left of
error, whoever is truly best need not be among the best of the scores.

References
----------
Spearman, C. (1910). Correlation calculated from faulty data. British Journal of Psychology 3, 271-295.
Brown, W. (1910). Some experimental results in the correlation of mental abilities. Ibid., 296-322.
David, H. A. & Nagaraja, H. N. (2003). Order Statistics, 3rd ed., ch. 6.8 (concomitants).
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

FloatArray = NDArray[np.float64]

_REACH, _STEPS = 8.0, 800
"""True scores are integrated so many standard deviations to either side, in so many steps."""


def spearman_brown(single: float, raters: ArrayLike) -> FloatArray:
    """Return the reliability of means over so many raters.

    Parameters
    ----------
    single : float
        Reliability of a single rater's mark: the share of its variance that is real, 0 to 1.
    raters : array_like of shape (K,)
        Not below 0; nobody rated gives NaN, since nothing is known then.

    Returns
    -------
    ndarray of shape (K,)

    Raises
    ------
    ValueError
        For a reliability outside 0 to 1, or numbers below 0.

    Examples
    --------
    >>> spearman_brown(0.135, [5, 15]).round(2).tolist()
    [0.44, 0.7]
    """
    n = np.atleast_1d(np.asarray(raters, dtype=np.float64))
    if not 0.0 <= single <= 1.0:
        raise ValueError(f"a reliability lies between 0 and 1, got {single:g}")
    if (n < 0).any():
        raise ValueError("there are no fewer raters than none")
    with np.errstate(invalid="ignore"):
        found = n * single / (1.0 + (n - 1.0) * single)
    return np.where(n > 0, found, np.nan)


def places(persons: int, share: float) -> int:
    """Return how many places a quota has: a share (0 to 1) of the persons, rounded down.

    Examples
    --------
    >>> places(8, 0.15), places(20, 0.15), places(6, 0.15)
    (1, 3, 0)
    """
    return int(np.floor(persons * share + 1e-9))


def best_in_quota(reliability: float, persons: int, quota: int) -> float:
    """Return how probable it is that the truly best person holds one of the quota's places.

    True scores and errors are normal, alike for all persons; places go to the highest scores.

    Parameters
    ----------
    reliability : float
        Share of the scores' variance that is real, 0 to 1.
    persons, quota : int
        How many compete for how many places.

    Raises
    ------
    ValueError
        For a reliability outside 0 to 1, or places that are not 1 to all.

    Examples
    --------
    >>> [round(best_in_quota(r, 8, 1), 2) for r in (0.5, 0.7, 0.85)]  # 15% of 8 persons
    [0.46, 0.59, 0.7]
    >>> best_in_quota(0.0, 8, 2), best_in_quota(1.0, 8, 1)
    (0.25, 1.0)
    """
    if not 0.0 <= reliability <= 1.0:
        raise ValueError(f"a reliability lies between 0 and 1, got {reliability:g}")
    if not 1 <= quota <= persons:
        raise ValueError(f"the quota must lie in 1..{persons}, got {quota}")
    if reliability == 1.0 or quota == persons:
        return 1.0
    if reliability == 0.0:
        return quota / persons
    true = np.linspace(-_REACH, _REACH, _STEPS + 1)
    step = true[1] - true[0]
    density = np.exp(-0.5 * true**2) / np.sqrt(2.0 * np.pi)
    signal, noise = np.sqrt(reliability), np.sqrt(1.0 - reliability)
    # Rows: the best one's true score; columns: scores. Below it in truth, and below in score.
    given = ndtr((true[None, :] - signal * true[:, None]) / noise)
    low = density[:, None] * given
    both = step * (np.cumsum(low, axis=0) - 0.5 * low - 0.5 * low[:1])
    worse = ndtr(true)[:, None]
    ahead = np.maximum(worse - both, 0.0)
    rest = persons - 1
    told = np.zeros_like(both)
    for more in range(quota):
        told += comb(rest, more) * ahead**more * np.maximum(both, 0.0) ** (rest - more)
    own = np.exp(-0.5 * ((true[None, :] - signal * true[:, None]) / noise) ** 2)
    own /= noise * np.sqrt(2.0 * np.pi)
    return float(persons * step**2 * (density[:, None] * own * told).sum())
