"""How two kinds of people of the same places differ: places with both, each place for itself.

Whatever makes one place better than another is the same for both kinds in it and falls out. What
is left is no effect of belonging to a kind, where people chose it themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Within:
    """A mean difference within places.

    Attributes
    ----------
    difference : float
        Mean of the first kind less that of the second, in the unit of the values; NaN where no
        place has both.
    se, df : float
        NaN where fewer than two places have both.
    places : int
        Those that have both.
    """

    difference: float
    se: float
    df: float
    places: int


def difference_within(
    values: ArrayLike, weights: ArrayLike, first: ArrayLike, places: ArrayLike
) -> Within:
    """Return how two kinds differ within places, weighing every place by what it tells.

    Least squares with an effect for every place, d = sum(h_k d_k) / sum(h_k), where h_k is
    n m / (n + m) of the place's weights of both kinds. The variance is robust and over places, with
    the small-sample correction CR2, sum(p_k^2 (d_k - d)^2 / (1 - p_k)) for p_k = h_k / sum(h), and
    degrees of freedom by Satterthwaite: differences between places may differ in truth, too.

    Parameters
    ----------
    values : (n,) finite.
    weights : (n,) above 0.
    first : (n,) whether of the first kind.
    places : (n,) labels.

    Returns
    -------
    Within

    Raises
    ------
    ValueError
        For shapes that do not match, values that are not finite, or weights that are not above 0.

    References
    ----------
    Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky & Tipton (2018), Small-sample
    methods for cluster-robust variance estimation and hypothesis testing in fixed effects models,
    Journal of Business & Economic Statistics 36, 672-683.

    Examples
    --------
    >>> found = difference_within([3, 1, 9, 5], [1] * 4, [True, False] * 2, ["a", "a", "b", "b"])
    >>> found.difference, round(found.se, 9), found.places
    (3.0, 1.0, 2)
    """
    x, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    one, place = np.asarray(first, dtype=bool), np.asarray(places)
    if not (x.shape == w.shape == one.shape == place.shape and x.ndim == 1):
        raise ValueError(f"values, weights, kinds and places do not match: {x.shape}, {w.shape}")
    if not np.isfinite(x).all() or not (w > 0).all():
        raise ValueError("values must be finite, and weights above 0")
    labels, at = np.unique(place, return_inverse=True)
    mass, total = (np.zeros((2, labels.size)) for _ in range(2))
    np.add.at(mass, (one.astype(np.intp), at), w)
    np.add.at(total, (one.astype(np.intp), at), w * x)
    both = (mass > 0).all(axis=0)
    mass, total = mass[:, both], total[:, both]
    k = int(both.sum())
    if k == 0:
        return Within(np.nan, np.nan, np.nan, 0)
    apart = total[1] / mass[1] - total[0] / mass[0]
    h = mass[0] * mass[1] / mass.sum(axis=0)
    p = h / h.sum()
    difference = float(p @ apart)
    if k < 2:
        return Within(difference, np.nan, np.nan, k)
    variance = float((p**2 * (apart - difference) ** 2 / (1.0 - p)).sum())
    return Within(difference, float(np.sqrt(variance)), _df(p), k)


def _df(p: FloatArray) -> float:
    """Return the degrees of freedom where the places' differences have variances of 1 / p."""
    root = np.sqrt(p)
    left = np.eye(p.size) - np.outer(root, root)
    form = left @ np.diag(p / (1.0 - p)) @ left
    return float(np.trace(form) ** 2 / (form**2).sum())
