"""Means of domains that share raters: their covariance as one row of influence a rater.

A rater who judges several subjects makes their means dependent. The joint covariance of all K
subjects and I indicators is L'L for an L of shape (R, K I): it needs R / (K I) of the memory and
is positive semi-definite whatever rounding does.

References
----------
Särndal, C.-E., Swensson, B. & Wretman, J. (1992). Model Assisted Survey Sampling. Springer,
section 4.2 (clusters), section 5.7 (domain means).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RaterInfluence:
    """What every rater contributes to the error of every domain's means.

    Attributes
    ----------
    domains : ndarray of shape (D,)
        Sorted.
    influence : ndarray of shape (R, D, I)
        Centred over raters and scaled: ``np.einsum("rdi,rej->diej", L, L)`` is the joint
        covariance of the means. NaN where fewer than two raters judged.
    raters : ndarray of int, shape (D,)
        How many raters judged the domain.
    labels : ndarray of shape (R,)
        The raters, sorted: whose rows the influence has.
    """

    domains: NDArray[Any]
    influence: FloatArray
    raters: NDArray[np.int64]
    labels: NDArray[Any]


def rater_influence(
    values: ArrayLike,
    weights: ArrayLike,
    domains: ArrayLike,
    raters: ArrayLike,
    *,
    population: float | None = None,
) -> RaterInfluence:
    """Return the influence of every rater on the weighted means of every domain.

    Parameters
    ----------
    values : (n, I) answers; NaN where there is none.
    weights : (n,) finite weights of at least 0.
    domains, raters : (n,) labels; the raters are the sampling units.
    population : number of raters there are, where it is known; the covariance then carries
        1 - R / population.

    Returns
    -------
    RaterInfluence
        Of the design in which every rater counts for every domain, with R / (R - 1).

    Raises
    ------
    ValueError
        For shapes that do not match, infinite values, negative or missing weights, or if there are
        more raters than the population has.

    Examples
    --------
    >>> found = rater_influence([[1.0], [3.0]], [1, 1], ["a", "a"], ["one", "other"])
    >>> found.raters.tolist(), joint_covariance(found.influence).round(9).tolist()  # s^2 / n
    ([2], [[[[1.0]]]])
    """
    x = np.asarray(values, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    domain_of, rater_of = np.asarray(domains), np.asarray(raters)
    _check(x, w, domain_of, rater_of)
    domain_labels, domain = np.unique(domain_of, return_inverse=True)
    present = (w > 0) & ~np.isnan(x).all(axis=1)
    x, w, domain = x[present], w[present], domain[present]
    rater_labels, rater = np.unique(rater_of[present], return_inverse=True)
    r, d, i = rater_labels.size, domain_labels.size, x.shape[1]
    if population is not None and population < r:
        raise ValueError(f"population {population:g} is smaller than the {r} raters")
    unsampled = 1.0 if population is None else 1.0 - r / population

    answered = ~np.isnan(x)
    influence = np.zeros((r, d, i))
    np.add.at(influence, (rater, domain), _influence_of_answers(x, w, domain, d))

    judged = np.zeros((r, d, i), dtype=bool)
    np.logical_or.at(judged, (rater, domain), answered)
    unknown = judged.sum(axis=0) < 2
    if r > 1:
        influence -= influence.mean(axis=0)
        influence *= np.sqrt(unsampled * r / (r - 1.0))
    elif unsampled > 0:
        unknown[:] = True
    influence[:, unknown] = np.nan
    return RaterInfluence(domain_labels, influence, judged.any(axis=2).sum(axis=0), rater_labels)


def _check(x: FloatArray, w: FloatArray, domains: NDArray[Any], raters: NDArray[Any]) -> None:
    if x.ndim != 2:
        raise ValueError(f"values must be answers by indicators; got shape {x.shape}")
    for name, given in {"weights": w, "domains": domains, "raters": raters}.items():
        if given.shape != (len(x),):
            raise ValueError(f"{name} must be one for each answer, ({len(x)},); got {given.shape}")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and at least 0; a missing weight is not 0")
    if np.isinf(x).any():
        raise ValueError("values must be finite, or NaN where there is no answer")


def _influence_of_answers(
    x: FloatArray, w: FloatArray, domain: NDArray[np.intp], d: int
) -> FloatArray:
    """Return what every answer (n, I) moves the mean of its domain by: its share times its error."""
    answered = ~np.isnan(x)
    mass = np.zeros((d, x.shape[1]))
    total = np.zeros((d, x.shape[1]))
    np.add.at(mass, domain, w[:, None] * answered)
    np.add.at(total, domain, w[:, None] * np.where(answered, x, 0.0))
    mean = np.divide(total, mass, out=np.full_like(total, np.nan), where=mass > 0)
    share = np.divide(w[:, None], mass[domain], out=np.zeros_like(x), where=answered)
    return np.where(answered, share * (x - mean[domain]), 0.0)


def joint_covariance(influence: ArrayLike) -> FloatArray:
    """Return the joint covariance (K, I, K, I) that influence (R, K, I) stands for.

    Examples
    --------
    One rater who moves both subjects makes them dependent:

    >>> joint_covariance([[[1.0], [2.0]]]).reshape(2, 2).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    given = np.asarray(influence, dtype=np.float64)
    if given.ndim != 3:
        raise ValueError(f"influence must be (R, K, I), got shape {given.shape}")
    return np.asarray(np.einsum("rki,rlj->kilj", given, given, optimize=True))


def influence_of(joint: ArrayLike) -> FloatArray:
    """Return an influence (R, K, I) whose joint covariance is the given one (K, I, K, I).

    Measures of unknown variance (NaN) stay unknown. R is the rank of what is known.

    Examples
    --------
    >>> joint = joint_covariance([[[1.0], [2.0]]])
    >>> joint_covariance(influence_of(joint)).round(9).reshape(2, 2).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    given = np.asarray(joint, dtype=np.float64)
    if given.ndim != 4 or given.shape[:2] != given.shape[2:]:
        raise ValueError(f"a joint covariance must be (K, I, K, I), got shape {given.shape}")
    k, i = given.shape[:2]
    flat = given.reshape(k * i, k * i)
    known = np.flatnonzero(np.isfinite(np.diagonal(flat)))
    values, vectors = np.linalg.eigh(flat[np.ix_(known, known)])
    kept = values > max(values.max(initial=0.0), 0.0) * 1e-13
    rows = np.full((int(kept.sum()), k * i), np.nan)
    rows[:, known] = (vectors[:, kept] * np.sqrt(values[kept])).T
    return rows.reshape(-1, k, i)
