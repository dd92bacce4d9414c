"""Whether the items of a scale rose and fell together between two waves.

Where one factor stands behind the items and the scale stayed the same, a change of the factor moves every
item by its loading (scalar invariance). What an item moved beyond that is its own: because what it
asks about changed, or because it is understood otherwise. Numbers cannot tell which.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LevelChange:
    """What I items have in common in their change, and what each did alone.

    Attributes
    ----------
    factor, factor_se : change of the common factor, in units in which the loadings are its effect.
    shift, shift_se : (I,) change of an item beyond what the factor of the other items makes of it.
    p : (I,) of no such shift, item by item, not adjusted.
    chi_square, df, chi_square_p : test that no item has one.
    """

    factor: float
    factor_se: float
    shift: FloatArray
    shift_se: FloatArray
    p: FloatArray
    chi_square: float
    df: int
    chi_square_p: float


def compare_levels(
    difference: ArrayLike, covariance: ArrayLike, loadings: ArrayLike
) -> LevelChange:
    """Compare changes of item means with what one factor would make of them.

    The change of the factor is that of minimum distance (generalised least squares of the differences on
    the loadings), and the distance that is left is chi-square: asymptotically the likelihood ratio
    of equal against free intercepts in a two-group factor model with equal loadings. Loadings count as known.

    Parameters
    ----------
    difference : (I,) item means of the later wave less those of the earlier, I at least 3.
    covariance : (I, I) of these differences, from whatever sampling there was.
    loadings : (I,) effect of the factor on each item, not all 0.

    Returns
    -------
    LevelChange

    Raises
    ------
    ValueError
        On shapes that do not fit, numbers that are not finite, fewer than three items, a covariance
        that is not positive definite or loadings that vanish but for one.

    References
    ----------
    Jöreskog & Goldberger (1975), JASA 70, 631-639, and Muthén (1989), Psychometrika 54, 557-585
    (MIMIC); Browne (1984), British Journal of Mathematical and Statistical Psychology 37, 62-83
    (minimum distance); Meredith (1993), Psychometrika 58, 525-543 (what invariance allows).

    Examples
    --------
    Three items rose by 2, as one factor has it; the fourth by 5:

    >>> found = compare_levels([2, 2, 2, 5], np.eye(4), [1, 1, 1, 1])
    >>> found.shift.round(6).tolist()  # each against the mean of the others
    [-1.0, -1.0, -1.0, 3.0]
    >>> round(found.factor, 6), round(found.chi_square, 6), found.df
    (2.75, 6.75, 3)
    """
    d, v, own = _checked(difference, covariance, loadings)
    factor, variance, _ = _common(d, v, own)
    left = d - own * factor
    chi_square = float(left @ np.linalg.solve(v, left))
    shift, error = np.empty(d.size), np.empty(d.size)
    for item in range(d.size):
        others = np.delete(np.arange(d.size), item)
        _, _, of_others = _common(d[others], v[np.ix_(others, others)], own[others])
        contrast = np.zeros(d.size)
        contrast[others] = -own[item] * of_others
        contrast[item] = 1.0
        shift[item], error[item] = contrast @ d, float(np.sqrt(contrast @ v @ contrast))
    df = d.size - 1
    return LevelChange(
        factor,
        float(np.sqrt(variance)),
        shift,
        error,
        2.0 * tails.normal_above(np.abs(shift) / error),
        chi_square,
        df,
        float(tails.chi2_above(chi_square, df)),
    )


def _checked(
    difference: ArrayLike, covariance: ArrayLike, loadings: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    d = np.asarray(difference, dtype=np.float64)
    v = np.asarray(covariance, dtype=np.float64)
    own = np.asarray(loadings, dtype=np.float64)
    if d.ndim != 1 or d.size < 3 or own.shape != d.shape or v.shape != (d.size, d.size):
        raise ValueError(
            f"three items at least, each with a loading, got {d.shape}, {v.shape}, {own.shape}"
        )
    if not (np.isfinite(d).all() and np.isfinite(v).all() and np.isfinite(own).all()):
        raise ValueError("differences, covariance and loadings must be finite")
    if np.linalg.eigvalsh(v)[0] <= 1e-12 * float(np.trace(v)):
        raise ValueError("the covariance of the differences is not positive definite")
    if np.count_nonzero(own) < 2:
        raise ValueError("a factor that moves fewer than two items is none")
    return d, v, own


def _common(d: FloatArray, v: FloatArray, loadings: FloatArray) -> tuple[float, float, FloatArray]:
    """Return the factor's change, its variance, and the weights of the differences in it."""
    scaled = np.linalg.solve(v, loadings)
    variance = 1.0 / float(loadings @ scaled)
    weights = np.asarray(scaled * variance)
    return float(weights @ d), variance, weights
