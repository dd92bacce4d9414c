"""Design effects of clustered answers: how much less they tell than as many independent ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def design_effect(clustered: ArrayLike, independent: ArrayLike, weights: ArrayLike) -> float:
    """Return by how much clusters enlarge the variance of a weighted mean, over all subjects.

    The variances of all subjects are added up before they are divided, since a single subject with
    a handful of clusters hardly tells its own.

    Parameters
    ----------
    clustered, independent : (K, I, I) covariances of the means, linearised over clusters, and as if
        every answer were a draw of its own; NaN where they are not known.
    weights : (I,) of the indicators.

    Returns
    -------
    float
        Above 1 where answers of a cluster are alike; 1 where nothing tells it. Chance can make it
        smaller than 1.

    Raises
    ------
    ValueError
        For shapes that do not match.

    References
    ----------
    Kish (1965), Survey Sampling, section 5.4; Lumley (2010), Complex Surveys, section 3.1.

    Examples
    --------
    >>> design_effect([[[2.25]]], [[[0.75]]], [1.0])
    3.0
    """
    with_clusters = np.asarray(clustered, dtype=np.float64)
    without = np.asarray(independent, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    if with_clusters.shape != without.shape or with_clusters.shape[1:] != (w.size, w.size):
        raise ValueError(
            f"covariances must be (K, {w.size}, {w.size}); got {with_clusters.shape} and {without.shape}"
        )
    used = np.flatnonzero(w > 0)
    at = np.ix_(np.arange(len(without)), used, used)
    pair = np.stack([with_clusters[at], without[at]])
    pair = np.where(np.isfinite(pair).all(axis=0), pair, 0.0)
    large, small = np.einsum("i,skij,j->s", w[used], pair, w[used])
    return float(large / small) if small > 0 else 1.0


def intraclass(effect: float, sizes: ArrayLike) -> float:
    """Return the intraclass correlation that makes a design effect with clusters of these sizes.

    Kish's 1 + (b - 1) rho, with b = sum of squared sizes over their sum for clusters of unlike size.

    Parameters
    ----------
    effect : of the mean.
    sizes : (C,) answers of every cluster, at least 1.

    Returns
    -------
    float
        NaN where no cluster has two answers.

    References
    ----------
    Kish (1965), Survey Sampling, section 5.4; Gabler, Haeder & Lahiri (1999), A model based
    justification of Kish's formula for design effects, Survey Methodology 25.

    Examples
    --------
    >>> round(intraclass(1.35, [8, 8, 8]), 9)
    0.05
    """
    b = np.asarray(sizes, dtype=np.float64)
    usual = float((b**2).sum() / b.sum()) if b.size else 1.0
    return (effect - 1.0) / (usual - 1.0) if usual > 1.0 else float("nan")
