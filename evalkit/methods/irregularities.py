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
import scipy
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails
from evalkit.methods.copies import subject_labels
from evalkit.methods.multiplicity import holm
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
        (K,) p adjusted for all subjects below the level, and enough flags.
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
        (K,) statistic above the limit, and too far out for chance among K subjects.
    """

    mean: float
    se: float
    tau2: float
    statistic: Float
    outlier: Bool


def excess_rates(
    flags: ArrayLike,
    subjects: ArrayLike,
    *,
    together: ArrayLike | None = None,
    level: float = 0.05,
    least: int = 3,
    seed: int = 0,
) -> ExcessRates:
    """Subjects with more flags than the street's rate and its natural spread explain.

    Parameters
    ----------
    flags
        (n,) True where a questionnaire was flagged.
    subjects
        (n,) labels.
    together
        (n,) at least 1: how many questionnaires one and the same chance flags at once. Copies
        come in twos (A resembles B and B resembles A); counts of what comes in twos scatter twice
        as much as binomial counts. 1 everywhere when left out.
    level
        Chance that any subject of a street without irregularities is flagged: p is adjusted for
        the number of subjects (Holm).
    least
        Fewer flags than this never flag a subject: a couple of look-alikes is no pattern.
    seed
        Of the simulated reference of the spread.

    Returns
    -------
    ExcessRates
        Flags of a subject are compared with a beta-binomial distribution around the street's rate.
        Its variance between subjects is the DerSimonian-Laird moment estimate from z values
        winsorised at the 10% and 90% quantiles, whose mean square is measured against that of
        simulated streets without spread: with rare flags no constant fits. It is at least what
        `together` says. Without either it is the binomial distribution. The tail is exact where a
        normal limit fails: rare flags and small subjects.

    Raises
    ------
    ValueError
        On malformed input.

    Examples
    --------
    >>> subjects = np.repeat(list("ABCDEFGHIJ"), 50)
    >>> flags = np.tile(np.arange(50), 10) < np.repeat([1, 2, 1, 0, 1, 2, 1, 0, 1, 25], 50)
    >>> found = excess_rates(flags, subjects)
    >>> found.street, found.subjects[found.flagged].tolist()  # 34 of 500
    (0.068, ['J'])
    """
    flagged, at_once = _flags(flags, together)
    labels, code = np.unique(subject_labels(subjects, flagged.size), return_inverse=True)
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1")
    n = np.bincount(code).astype(np.int64)
    hits = np.bincount(code, flagged).astype(np.int64)
    street = float(flagged.mean())
    if 0 < street < 1:
        p, z, between = _against_the_street(hits, n, street, float(at_once[flagged].mean()), seed)
    else:
        p, z, between = np.ones(n.size), np.zeros(n.size), 0.0
    excess = (holm(p) < level) & (hits >= least) & (hits / n > street)
    return ExcessRates(labels, n, hits, hits / n, street, between, p, z, excess)


def _flags(
    flags: ArrayLike, together: ArrayLike | None
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the flags, and how many come together with each; refuse what is neither."""
    flagged = np.asarray(flags)
    if flagged.ndim != 1 or flagged.size == 0 or flagged.dtype != np.bool_:
        raise ValueError("flags must be a non-empty vector of True and False")
    at_once = np.ones(flagged.size) if together is None else np.asarray(together, np.float64)
    if at_once.shape != flagged.shape or not (at_once >= 1).all():
        raise ValueError("together must be one number of at least 1 for each flag")
    return flagged, at_once


def key_random_gap(
    delta: ArrayLike,
    variances: ArrayLike,
    *,
    df: ArrayLike | None = None,
    limit: float = 3.0,
    level: float = 0.05,
) -> GapOutliers:
    """Subjects whose gap between two rater groups is out of line with the others'.

    Parameters
    ----------
    delta
        (K,) differences, for instance key minus random residents; NaN where one group is missing.
    variances
        (K,) their sampling variances, > 0.
    df
        (K,) degrees of freedom of the variances, one number or (K,); known exactly when left out.
    limit
        In standard deviations.
    level
        Chance that any subject of a street whose gaps scatter normally is an outlier: beside the
        limit, the statistic's t tail (Satterthwaite: tau2 known, the variance with its df),
        adjusted for the number of subjects (Holm), must lie below it. One in eleven streets of 35
        honest subjects has a gap beyond 3 standard deviations by chance.

    Returns
    -------
    GapOutliers

    Raises
    ------
    ValueError
        On malformed input or with fewer than three differences.

    Examples
    --------
    >>> gaps = [0.5, -0.5, 0.2, -0.2, 0.1, -0.1, 0.3, -0.3, 0.4, -0.4, 0.0, 0.0, 9.0]
    >>> np.flatnonzero(key_random_gap(gaps, [1.0] * 13).outlier).tolist()
    [12]
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
    freedom = np.broadcast_to(np.asarray(np.inf if df is None else df, np.float64), gap.shape)
    if not (freedom[known] > 0).all():
        raise ValueError("df must be above 0 wherever delta is known")
    tau2 = between_variance(d, v)
    weight = 1 / (v + tau2)
    mean = float(weight @ d / weight.sum())
    statistic = np.full(gap.size, np.nan)
    statistic[known] = np.abs(d - mean) * np.sqrt(weight)
    p = np.full(gap.size, np.nan)
    p[known] = 2 * tails.t_above(statistic[known], freedom[known] * (1 + tau2 / v) ** 2)
    se = float(1 / np.sqrt(weight.sum()))
    return GapOutliers(mean, se, tau2, statistic, (statistic > limit) & (holm(p) < level))


def _against_the_street(
    hits: Int, n: Int, street: float, inflation: float, seed: int
) -> tuple[Float, Float, float]:
    """Return the chance of so many flags, as a normal deviate too, and the rates' own variance."""
    correlation = np.minimum((inflation - 1) / np.maximum(n - 1, 1), _CERTAIN)
    between = _between_rates(hits, n, street, correlation, seed)
    correlation = np.minimum(correlation + between / (street * (1 - street)), _CERTAIN)
    p, here = _tail(hits, n, street, correlation)
    return p, -tails.normal_quantile(np.clip(p - here / 2, 1e-300, 1 - 1e-16)), between


def _tail(hits: Int, n: Int, rate: float, correlation: Float) -> tuple[Float, Float]:
    """Chance of so many flags or more, and of just so many, in subjects of these sizes."""
    spread = correlation > 1e-6
    total = 1 / np.where(spread, correlation, 1.0) - 1
    shape = rate * total, (1 - rate) * total
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = np.where(
            spread,
            scipy.stats.betabinom.sf(hits - 1, n, *shape),
            scipy.stats.binom.sf(hits - 1, n, rate),
        )
        here = np.where(
            spread, scipy.stats.betabinom.pmf(hits, n, *shape), scipy.stats.binom.pmf(hits, n, rate)
        )
    return upper, here


def _between_rates(hits: Int, n: Int, street: float, correlation: Float, seed: int) -> float:
    """Variance of true rates between subjects beyond chance, some of which comes together."""
    k = n.size
    if k < 3:
        return 0.0
    rng = np.random.Generator(np.random.PCG64(seed))
    total = 1 / np.maximum(correlation, 1e-6) - 1
    rates = rng.beta(street * total, (1 - street) * total, (_REFERENCE, k))
    rates = np.where(correlation > 1e-6, rates, street)
    variance = street * (1 - street) / n * (1 + (n - 1) * correlation)
    reference = _winsorised_square(rng.binomial(n, rates), n, variance).mean()
    if not reference > 0:
        return 0.0
    phi = float(_winsorised_square(hits[None], n, variance)[0] / reference)
    w = 1 / variance
    return max(0.0, (k * phi - (k - 1)) / float(w.sum() - (w**2).sum() / w.sum()))


def _winsorised_square(hits: Int, n: Int, variance: Float) -> Float:
    """Mean square over subjects of z values winsorised at their 10% and 90% quantiles."""
    street = hits.sum(axis=1, keepdims=True) / n.sum()
    z = (hits / n - street) / np.sqrt(variance)
    low, high = np.quantile(z, [0.1, 0.9], axis=1, keepdims=True)
    return np.asarray((np.clip(z, low, high) ** 2).mean(axis=1))


_REFERENCE = 2_000
_CERTAIN = 0.99
