"""Case-mix adjustment: what each subject's mean would be if all served the same mix of people.

The effect of people's characteristics is estimated within subjects (fixed effects), so that a
subject is never excused for what it does badly. As in the CAHPS patient-experience surveys the
adjusted score is shown beside the raw one, never instead of it.

References
----------
Agency for Healthcare Research and Quality. Instructions for Analyzing Data from CAHPS Surveys
(adjustment by subject fixed effects, missing adjusters replaced by the subject's mean).
O'Malley, A. J. et al. (2005). Case-mix adjustment of the CAHPS Hospital Survey. Health Services
Research 40, 2162-2181.
Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
International Statistical Review 51, 279-292 (the sandwich).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Raw and case-mix adjusted means of K subjects, in the unit of the values.

    Attributes
    ----------
    subjects
        (K,) the subjects' labels, sorted; all arrays below follow this order.
    n
        (K,) respondents with a value and a weight.
    mean
        (K,) weighted means, unadjusted.
    adjusted
        (K,) mean - beta'(covariate mean - reference).
    covariance
        (K, K) sandwich covariance of `adjusted`; NaN in the row and column of a subject with a
        single respondent (or cluster), whose variance nobody can know.
    beta
        (P,) effect of one unit of each covariate within subjects.
    beta_covariance
        (P, P) sandwich covariance of `beta`.
    covariate_means
        (K, P) weighted covariate means of each subject.
    reference
        (P,) the mix of people that all subjects are adjusted to.
    imputed
        (P,) covariate values that were missing and took the subject's mean.
    """

    subjects: NDArray[Any]
    n: NDArray[np.int64]
    mean: Float
    adjusted: Float
    covariance: Float
    beta: Float
    beta_covariance: Float
    covariate_means: Float
    reference: Float
    imputed: NDArray[np.int64]


def adjust(
    values: ArrayLike,
    subjects: ArrayLike,
    covariates: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    reference: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
) -> Adjusted:
    """Adjust subjects' means for who answered.

    Parameters
    ----------
    values
        (n,) answers; NaN rows are left out.
    subjects
        (n,) labels.
    covariates
        (n, P) characteristics as numbers (dummies for categories, one of them left out). A missing
        one takes the weighted mean of the subject, or of all where the subject has none.
    weights
        (n,) weights >= 0; 1 by default. A row with weight 0 is left out.
    reference
        (P,) the mix to adjust to, for instance last year's; by default the weighted mean over all
        respondents. It counts as known: its own error would move all subjects alike.
    clusters
        (n,) labels of raters who answer more than once; by default every row stands for itself.

    Returns
    -------
    Adjusted
        The covariance is the sandwich of the regression of values on subject indicators and
        covariates, with the corrections for small samples that `_sandwich` and `_effects` name.

    Raises
    ------
    ValueError
        On malformed input, when a covariate never varies within any subject or is a combination of
        others (its index is named), or when nothing is left to estimate the error from.

    Examples
    --------
    Each unit of the covariate adds 2; B only has more of it.

    >>> found = adjust([1, 3, 3, 5], ["A", "A", "B", "B"], [[0], [1], [1], [2]])
    >>> found.mean.tolist(), found.beta.round(9).tolist()
    ([2.0, 4.0], [2.0])
    >>> found.adjusted.round(9).tolist()
    [3.0, 3.0]
    """
    rows = _rows(values, subjects, covariates, weights, clusters)
    return _adjusted(*rows, reference=reference)


def _adjusted(
    y: Float,
    labels: NDArray[Any],
    x: Float,
    w: Float,
    clusters: NDArray[np.intp],
    *,
    reference: ArrayLike | None,
) -> Adjusted:
    """Adjust the means of checked rows: means, effects within subjects, their sandwich."""
    unique, code = np.unique(labels, return_inverse=True)
    k = unique.size
    n = np.bincount(code, minlength=k)
    total = np.bincount(code, w, minlength=k)
    x, imputed = _impute(x, code, w, k)

    mean = np.bincount(code, w * y, minlength=k) / total
    xbar = _subject_sums(x, code, w, k) / total[:, None]
    target = _reference(reference, x, w)

    x_within = x - xbar[code]
    _check_variation(x, x_within, w)
    beta, inverse, error = _effects(x_within, y - mean[code], w, k)
    psi, covariance = _sandwich(error, code, clusters, x_within, inverse, xbar - target, total)
    return Adjusted(
        subjects=unique,
        n=n.astype(np.int64),
        mean=mean,
        adjusted=mean - (xbar - target) @ beta,
        covariance=covariance,
        beta=beta,
        beta_covariance=psi.T @ psi,
        covariate_means=xbar,
        reference=target,
        imputed=imputed,
    )


def _effects(x_within: Float, y_within: Float, w: Float, k: int) -> tuple[Float, Float, Float]:
    """Return the covariates' effects, the inverse of their cross product, and weighted errors.

    Errors are enlarged by sqrt((n-K)/(n-K-P)) for the P covariates.
    """
    n, p = x_within.shape
    spare = n - k - p
    if spare <= 0:
        raise ValueError(
            f"{n} respondents are too few for {k} subjects and {p} covariates: "
            f"no error can be estimated"
        )
    inverse = np.asarray(np.linalg.inv(x_within.T @ (w[:, None] * x_within)), dtype=np.float64)
    beta: Float = inverse @ (x_within.T @ (w * y_within))
    return beta, inverse, w * (y_within - x_within @ beta) * np.sqrt((n - k) / spare)


def _sandwich(
    error: Float,
    code: NDArray[np.intp],
    clusters: NDArray[np.intp],
    x_within: Float,
    inverse: Float,
    away: Float,
    total: NDArray[Any],
) -> tuple[Float, Float]:
    """Return the clusters' influence on the effects, and the covariance of the adjusted means.

    Influence values are u_r = w_r e_r / W_j (own subject's row only)
    - (xbar_j - reference)' A^-1 w_r (x_r - xbar_j) e_r with A the within-subject cross product,
    summed over clusters. Errors w_r e_r are enlarged by sqrt(g/(g-1)) with g the clusters of the
    subject, as n/(n-1) in a plain mean.
    """
    k = total.size
    pairs = np.unique(np.stack([code, clusters]), axis=1)
    g = np.bincount(pairs[0], minlength=k)
    with np.errstate(divide="ignore", invalid="ignore"):
        enlarge = np.sqrt(g / (g - 1.0))
    enlarge[g == 1] = 1.0
    error = error * enlarge[code]
    psi = (x_within * error[:, None]) @ inverse
    influence = -psi @ away.T
    influence[np.arange(error.size), code] += error / total[code]
    influence = _cluster_sums(influence, clusters)
    covariance = influence.T @ influence
    covariance[g == 1, :] = np.nan
    covariance[:, g == 1] = np.nan
    return _cluster_sums(psi, clusters), covariance


def _rows(
    values: ArrayLike,
    subjects: ArrayLike,
    covariates: ArrayLike,
    weights: ArrayLike | None,
    clusters: ArrayLike | None,
) -> tuple[Float, NDArray[Any], Float, Float, NDArray[np.intp]]:
    y = np.asarray(values, dtype=np.float64)
    if y.ndim != 1:
        raise ValueError(f"values must be a vector, got shape {y.shape}")
    x = np.asarray(covariates, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] != y.size or x.shape[1] == 0:
        raise ValueError(f"covariates must be ({y.size}, P) with P >= 1, got shape {x.shape}")
    labels = np.asarray(subjects)
    if labels.shape != y.shape:
        raise ValueError(f"subjects must have shape {y.shape}, got {labels.shape}")
    w = np.ones(y.size) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != y.shape or not np.isfinite(w).all() or (w < 0).any():
        raise ValueError(f"weights must be {y.size} finite numbers, not negative")
    if np.isinf(y).any() or np.isinf(x).any():
        raise ValueError("values and covariates must not be infinite")
    keep = (w > 0) & ~np.isnan(y)
    if not keep.any():
        raise ValueError("no respondent has both a value and a weight")
    if clusters is None:
        cluster_codes = np.arange(int(keep.sum()), dtype=np.intp)
    else:
        given = np.asarray(clusters)
        if given.shape != y.shape:
            raise ValueError(f"clusters must have shape {y.shape}, got {given.shape}")
        cluster_codes = np.unique(given[keep], return_inverse=True)[1].astype(np.intp)
    return y[keep], labels[keep], x[keep].copy(), w[keep], cluster_codes


def _subject_sums(x: Float, code: NDArray[np.intp], w: Float, k: int) -> Float:
    return np.stack([np.bincount(code, w * column, minlength=k) for column in x.T], axis=1)


def _impute(x: Float, code: NDArray[np.intp], w: Float, k: int) -> tuple[Float, NDArray[np.int64]]:
    missing = np.isnan(x)
    imputed = missing.sum(axis=0).astype(np.int64)
    for column in np.flatnonzero(imputed):
        there = ~missing[:, column]
        if not there.any():
            raise ValueError(f"covariate {column} is missing for every respondent")
        value, weight, own = x[there, column], w[there], code[there]
        sums = np.bincount(own, weight, minlength=k)
        means = np.full(k, np.average(value, weights=weight))
        np.divide(np.bincount(own, weight * value, minlength=k), sums, out=means, where=sums > 0)
        x[~there, column] = means[code[~there]]
    return x, imputed


def _reference(reference: ArrayLike | None, x: Float, w: Float) -> Float:
    if reference is None:
        return np.average(x, axis=0, weights=w)
    target = np.asarray(reference, dtype=np.float64)
    if target.shape != (x.shape[1],) or not np.isfinite(target).all():
        raise ValueError(f"reference must be {x.shape[1]} finite numbers, one for each covariate")
    return target


def _check_variation(x: Float, x_within: Float, w: Float) -> None:
    """Name the first covariate that adds nothing to those before it within subjects."""
    root = np.sqrt(w)[:, None]
    size = np.linalg.norm(root * x, axis=0)
    spread = np.linalg.norm(root * x_within, axis=0)
    flat = np.flatnonzero(spread <= 1e-10 * size)
    if flat.size:
        raise ValueError(f"covariate {flat[0]} never varies within a subject")
    r = np.abs(np.diag(np.linalg.qr(root * x_within / spread, mode="r")))
    tied = np.flatnonzero(r <= 1e-9)
    if r.size < spread.size or tied.size:
        index = int(tied[0]) if tied.size else r.size
        raise ValueError(f"covariate {index} is a combination of the covariates before it")


def _cluster_sums(influence: Float, clusters: NDArray[np.intp]) -> Float:
    if clusters.size == clusters.max() + 1:
        return influence
    sums = np.zeros((int(clusters.max()) + 1, influence.shape[1]))
    np.add.at(sums, clusters, influence)
    return sums
