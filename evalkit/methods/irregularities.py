"""Irregularities of subjects: more flags, or a stranger gap between groups, than the street's.

References
----------
Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. Quality and Safety
in Health Care 14, 347-351.
Viechtbauer, W. (2005). Bias and efficiency of meta-analytic variance estimators in the
random-effects model. Journal of Educational and Behavioral Statistics 30, 261-293 (REML).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from evalkit.methods.copies import subject_labels
from evalkit.methods.shrinkage import between_variance

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ExcessRates:
    """Rates of flags of K subjects against the street.

    Attributes
    ----------
    subjects
        (K,) labels, sorted; the arrays below follow.
    n, flags
        (K,) respondents and flagged ones.
    rate
        (K,) flags / n.
    street
        Rate over all respondents.
    between
        Variance of the true rates between subjects (over-dispersion), 0 where chance explains all.
    p
        (K,) chance of so many flags or more for a subject of this size in this street.
    z
        (K,) the same as a normal deviate (mid-p), for ordering and drawing.
    flagged
        (K,) p below the level.
    """

    subjects: NDArray[Any]
    n: Int
    flags: Int
    rate: Float
    street: float
    between: float
    p: Float
    z: Float
    flagged: Bool


@dataclass(frozen=True, slots=True)
class GapOutliers:
    """Differences between two rater groups that stand out among K subjects.

    Attributes
    ----------
    mean, se
        Random-effects mean of the differences and its standard error.
    tau2
        Variance of the true differences between subjects (REML).
    statistic
        (K,) |delta - mean| / sqrt(variance + tau2); NaN where the difference is missing.
    outlier
        (K,) statistic above the limit.
    """

    mean: float
    se: float
    tau2: float
    statistic: Float
    outlier: Bool


def excess_rates(flags: ArrayLike, subjects: ArrayLike, *, level: float = 0.001) -> ExcessRates:
    """Subjects with more flags than the street's rate and its natural spread explain.

    Parameters
    ----------
    flags
        (n,) True where a questionnaire was flagged.
    subjects
        (n,) labels.
    level
        One-sided tail below which a subject is flagged; 0.001 is Spiegelhalter's 3.09 limit.

    Returns
    -------
    ExcessRates
        Flags of a subject are compared with a beta-binomial distribution around the street's rate,
        whose variance between subjects is the DerSimonian-Laird moment estimate from z values
        winsorised at the 10% and 90% quantiles and divided by 0.679, the mean square of a normal
        winsorised so. Without over-dispersion it is the binomial distribution. The tail is exact
        where a normal limit fails: rare flags and small subjects. The spread is underestimated, and
        too many subjects flagged, when fewer than 1 in 20 answers is flagged and subjects differ.

    Raises
    ------
    ValueError
        On malformed input.
    """
    flagged = np.asarray(flags)
    if flagged.ndim != 1 or flagged.size == 0 or flagged.dtype != np.bool_:
        raise ValueError("flags must be a non-empty vector of True and False")
    labels, code = np.unique(subject_labels(subjects, flagged.size), return_inverse=True)
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1")
    n = np.bincount(code).astype(np.int64)
    hits = np.bincount(code, flagged).astype(np.int64)
    street = float(flagged.mean())
    between = _between_rates(hits, n, street)
    p: Float = np.ones(n.size)
    z: Float = np.zeros(n.size)
    if 0 < street < 1:
        spread = street * (1 - street)
        if between > 1e-6 * spread:
            total = spread / min(between, 0.99 * spread) - 1
            shape = street * total, (1 - street) * total
            p = np.asarray(stats.betabinom.sf(hits - 1, n, *shape))
            here = np.asarray(stats.betabinom.pmf(hits, n, *shape))
        else:
            p = np.asarray(stats.binom.sf(hits - 1, n, street))
            here = np.asarray(stats.binom.pmf(hits, n, street))
        middle = np.clip(p - here / 2, 1e-300, 1 - 1e-16)
        z = stats.norm.isf(middle)
    return ExcessRates(labels, n, hits, hits / n, street, between, p, z, p < level)


def key_random_gap(delta: ArrayLike, variances: ArrayLike, *, limit: float = 3.0) -> GapOutliers:
    """Subjects whose gap between two rater groups is out of line with the others'.

    Parameters
    ----------
    delta
        (K,) differences, for instance key minus random residents; NaN where one group is missing.
    variances
        (K,) their sampling variances, > 0.
    limit
        In standard deviations.

    Returns
    -------
    GapOutliers

    Raises
    ------
    ValueError
        On malformed input or with fewer than three differences.
    """
    gap = np.asarray(delta, dtype=np.float64)
    variance = np.asarray(variances, dtype=np.float64)
    if gap.ndim != 1 or gap.shape != variance.shape or np.isinf(gap).any():
        raise ValueError("delta and variances must be vectors of one length, not infinite")
    known = ~np.isnan(gap)
    if known.sum() < 3:
        raise ValueError("at least three subjects with both groups are needed")
    d, v = gap[known], variance[known]
    if not (np.isfinite(v) & (v > 0)).all():
        raise ValueError("variances must be positive and finite wherever delta is known")
    tau2 = between_variance(d, v)
    weight = 1 / (v + tau2)
    mean = float(weight @ d / weight.sum())
    statistic = np.full(gap.size, np.nan)
    statistic[known] = np.abs(d - mean) * np.sqrt(weight)
    se = float(1 / np.sqrt(weight.sum()))
    return GapOutliers(mean, se, tau2, statistic, statistic > limit)


def _between_rates(hits: Int, n: Int, street: float) -> float:
    """Variance of true rates between subjects beyond binomial chance."""
    k = n.size
    if k < 3 or street in (0.0, 1.0):
        return 0.0
    variance = street * (1 - street) / n
    z = (hits / n - street) / np.sqrt(variance)
    phi = float((np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2).mean()) / _WINSORISED_SQUARE
    w = 1 / variance
    return max(0.0, (k * phi - (k - 1)) / float(w.sum() - (w**2).sum() / w.sum()))


def _winsorised_square() -> float:
    edge = stats.norm.isf(0.1)
    return float(0.8 - 2 * edge * stats.norm.pdf(edge) + 0.2 * edge**2)


_WINSORISED_SQUARE = _winsorised_square()
