"""How much of the spread of a table is real: between-subject variance, reliability, shrinkage."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails
from evalkit.methods.uncertain import checked

FloatArray = NDArray[np.float64]

_GRID_POINTS = 80
_LEAST = 1e-9
"""Share of a sampling variance that is never taken for what all subjects have in common."""


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Scores pulled towards what the model expects, as far as their noise demands.

    Attributes
    ----------
    estimate : (K,) empirical best linear unbiased predictions, in the unit of the scores.
    mse : (K,) their mean squared errors g1 + g2 + 2 g3, unit squared.
    tau2 : between-subject variance (REML), unit squared.
    beta : (1 + p,) coefficients, the intercept first.
    covariance : (K, K) of the errors of the predictions; its diagonal is `mse`.
    """

    estimate: FloatArray
    mse: FloatArray
    tau2: float
    beta: FloatArray
    covariance: FloatArray


def between_variance(
    estimates: ArrayLike,
    covariance_or_variances: ArrayLike,
    covariates: ArrayLike | None = None,
) -> float:
    """Return the true variance between subjects, by restricted maximum likelihood.

    Model: x ~ N(X beta, tau2 I + S), S the known sampling covariance.

    Parameters
    ----------
    estimates : (K,) scores.
    covariance_or_variances : (K,) sampling variances above 0, or their (K, K) covariance, which
        matters when the same raters judge many subjects.
    covariates : (K, p) or (K,) known facts of the subjects; the intercept is added.

    Returns
    -------
    tau2, at least 0: the global maximum of the restricted likelihood.

    Raises
    ------
    ValueError
        For input that ``uncertain.checked`` refuses, zero variances, covariates that are not
        finite or are linearly dependent, or no more subjects than coefficients.

    References
    ----------
    Patterson & Thompson (1971), Biometrika 58; Harville (1977), JASA 72.

    Examples
    --------
    >>> round(between_variance([-2, 0, 2], [1, 1, 1]), 6)  # 4 - 1
    3.0
    """
    given = checked(estimates, covariance_or_variances)
    _check_positive(given.variances)
    design = _design(covariates, given.estimates.size)
    if given.covariance is None:
        return _reml(given.estimates, given.variances, design)
    return _reml_of_contrasts(*_contrasts(given.estimates, given.covariance, design))


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends of an interval."""

    low: float
    high: float


def between_interval(
    estimates: ArrayLike,
    covariance_or_variances: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
) -> Interval:
    """Return the interval of the true variance between subjects, by the Q-profile method.

    With the true tau2 the generalised Q = u' (tau2 I + S)^-1 u of K - p contrasts of the scores is
    chi-square with K - p degrees of freedom, and it falls as tau2 grows; the interval holds every
    tau2 whose Q is an ordinary value of that distribution. Exact where S is known.

    Parameters
    ----------
    estimates, covariance_or_variances, covariates : as ``between_variance``.
    confidence : between 0 and 1.

    Returns
    -------
    Interval
        Unit squared; both ends 0 where the scores scatter less than their errors alone would.

    Raises
    ------
    ValueError
        As ``between_variance``, or for a confidence out of range.

    References
    ----------
    Viechtbauer (2007), Statistics in Medicine 26, 37-52; the same as metafor's ``confint``.

    Examples
    --------
    >>> found = between_interval([-2, 0, 2], [1, 1, 1])  # 8 / (1 + tau2) = 7.378 and 0.0506
    >>> round(found.low, 3), round(found.high, 1)
    (0.084, 157.0)
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence:g}")
    given = checked(estimates, covariance_or_variances)
    _check_positive(given.variances)
    design = _design(covariates, given.estimates.size)
    full = np.diag(given.variances) if given.covariance is None else given.covariance
    u, noise = _contrasts(given.estimates, full, design)
    tail = (1.0 - confidence) / 2.0
    ends = (tails.chi2_upper(tail, u.size), tails.chi2_quantile(tail, u.size))
    return Interval(*(_where_q_is(float(end), u**2, noise) for end in ends))


def _where_q_is(value: float, squares: FloatArray, noise: FloatArray) -> float:
    """Return the tau2 at which Q has this value; 0 where it is smaller even there."""

    def above(tau2: float) -> float:
        return float((squares / (tau2 + noise)).sum()) - value

    floor = 1e-12 * max(float(noise.max()), float(squares.max()), np.finfo(np.float64).tiny)
    noise = np.maximum(noise, floor)
    if above(0.0) <= 0:
        return 0.0
    most = float(squares.sum()) / value
    return float(scipy.optimize.brentq(above, 0.0, most, xtol=1e-13, rtol=1e-13))


def own_variances(covariance_or_variances: ArrayLike) -> FloatArray:
    """Return what of each sampling variance tells subjects apart: V less what all have in common.

    Raters who judge everybody and are severe move all scores alike, which changes no difference.
    The mean covariance between subjects is left out of every variance (none of it below 0); the
    variance that ``between_variance`` finds does not depend on it either.

    Parameters
    ----------
    covariance_or_variances : (K,) sampling variances, or their (K, K) covariance.

    Examples
    --------
    >>> own_variances([[3, 1], [1, 5]]).tolist()
    [2.0, 4.0]
    """
    v = np.asarray(covariance_or_variances, dtype=np.float64)
    if v.ndim == 1:
        return v
    own = np.diagonal(v)
    return np.asarray(np.maximum(own - common_variance(v), _LEAST * own))


def common_variance(covariance: ArrayLike) -> float:
    """Return what all subjects' errors have in common: their mean covariance, or 0.

    Parameters
    ----------
    covariance : (K, K) of the scores.

    Examples
    --------
    >>> common_variance([[3, 1], [1, 5]])
    1.0
    """
    v = np.asarray(covariance, dtype=np.float64)
    k = len(v)
    return max(0.0, float((v.sum() - np.trace(v)) / (k * (k - 1)))) if k > 1 else 0.0


def reliability(tau2: float, variances: ArrayLike) -> FloatArray:
    """Return the share of a score's variance that is real: tau2 / (tau2 + V), in 0..1.

    Parameters
    ----------
    tau2 : between-subject variance, at least 0.
    variances : (K,) sampling variances above 0, in the same unit.

    Raises
    ------
    ValueError
        When ``tau2`` is negative or a variance is not above 0.

    Examples
    --------
    >>> reliability(3.0, [1.0, 3.0]).tolist()
    [0.75, 0.5]
    """
    v = np.asarray(variances, dtype=np.float64)
    _check_positive(v)
    if not tau2 >= 0:
        raise ValueError(f"tau2 must be at least 0, got {tau2}")
    return np.asarray(tau2 / (tau2 + v))


def shrink(
    estimates: ArrayLike,
    covariance_or_variances: ArrayLike,
    covariates: ArrayLike | None = None,
) -> Shrunken:
    """Return scores shrunken by the Fay-Herriot model.

    Parameters
    ----------
    estimates : (K,) scores.
    covariance_or_variances : (K,) sampling variances above 0 (not standard errors), or their
        (K, K) covariance: what all errors have in common moves nobody towards the others, and
        stays in full in the mean squared errors.
    covariates : (K, p) or (K,) known facts of the subjects; the intercept is added.

    Returns
    -------
    Shrunken

    Raises
    ------
    ValueError
        As ``between_variance``.

    References
    ----------
    Fay & Herriot (1979), JASA 74; Prasad & Rao (1990), JASA 85; Datta & Lahiri (2000), Statistica
    Sinica 10, for the mean squared error under REML; Rao & Molina (2015), ch. 5.3 for correlated
    errors and ch. 6.

    Examples
    --------
    >>> shrink([-2, 0, 2], [1, 1, 1]).estimate.round(6).tolist()  # a quarter of the way to 0
    [-1.5, 0.0, 1.5]
    """
    given = checked(estimates, covariance_or_variances)
    tau2 = between_variance(estimates, covariance_or_variances, covariates)
    x, v = given.estimates, given.variances
    design = _design(covariates, x.size)
    if given.covariance is not None:
        return _shrunken_together(x, given.covariance, design, tau2)
    total = tau2 + v
    scaled = design / total[:, None]
    beta_covariance = np.linalg.inv(design.T @ scaled)
    beta = beta_covariance @ (scaled.T @ x)
    expected = design @ beta
    gamma = tau2 / total
    g1 = gamma * v
    missed = (1.0 - gamma)[:, None] * design
    g2 = missed @ beta_covariance @ missed.T
    g3 = of_unknown_spread(tau2, v)
    errors = np.diag(g1 + 2.0 * g3) + g2
    return Shrunken(
        expected + gamma * (x - expected), np.diagonal(errors).copy(), tau2, beta, errors
    )


def of_unknown_spread(tau2: float, variances: FloatArray) -> FloatArray:
    """Return g3: what it costs each shrunken score that tau2 is an estimate, too (REML).

    Parameters
    ----------
    tau2 : between-subject variance, at least 0.
    variances : (K,) sampling variances above 0.

    References
    ----------
    Prasad & Rao (1990), JASA 85; Datta & Lahiri (2000), Statistica Sinica 10.

    Examples
    --------
    >>> of_unknown_spread(1.0, np.array([1.0, 1.0])).tolist()  # 1 / 8 of a variance of 2 / (2 / 4)
    [0.5, 0.5]
    """
    total = tau2 + variances
    return np.asarray(variances**2 / total**3 * (2.0 / (1.0 / total**2).sum()))


def _shrunken_together(
    x: FloatArray, covariance: FloatArray, design: FloatArray, tau2: float
) -> Shrunken:
    """Shrink scores whose errors are correlated; with a diagonal covariance the same as without."""
    least = _LEAST * float(np.diagonal(covariance).max())
    precision = np.linalg.inv(covariance + max(tau2, least) * np.eye(x.size))
    beta_covariance = np.linalg.inv(design.T @ precision @ design)
    beta = beta_covariance @ (design.T @ precision @ x)
    expected = design @ beta
    kept = tau2 * precision
    missed = design - kept @ design
    g1 = tau2 * np.eye(x.size) - tau2 * kept
    np.fill_diagonal(g1, np.maximum(np.diagonal(g1), 0.0))
    g2 = missed @ beta_covariance @ missed.T
    bent = precision @ covariance @ precision
    g3 = bent @ covariance @ precision * (2.0 / float((precision**2).sum()))
    errors = np.asarray(g1 + g2 + 2.0 * g3)
    errors = (errors + errors.T) / 2.0
    return Shrunken(
        expected + kept @ (x - expected), np.diagonal(errors).copy(), tau2, beta, errors
    )


def needed_n(target_reliability: float, icc: float) -> int:
    """Return the respondents per subject that reach a reliability.

    Parameters
    ----------
    target_reliability : wanted reliability of a subject's mean, between 0 and 1.
    icc : share of the variance of single answers that lies between subjects, between 0 and 1.

    Returns
    -------
    The smallest whole n with n icc / (n icc + 1 - icc) >= target, at least 1.

    Raises
    ------
    ValueError
        When either lies outside 0..1, ends excluded.

    References
    ----------
    Spearman (1910) and Brown (1910).

    Examples
    --------
    >>> needed_n(0.8, icc=0.1)  # 4 * 9
    36
    """
    for name, value in (("target_reliability", target_reliability), ("icc", icc)):
        if not 0.0 < value < 1.0:
            raise ValueError(f"{name} must lie between 0 and 1, got {value:g}")
    exact = target_reliability / (1.0 - target_reliability) * (1.0 - icc) / icc
    return max(1, math.ceil(exact * (1.0 - 1e-12)))


def _contrasts(
    x: FloatArray, covariance: FloatArray, design: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return K - p uncorrelated contrasts of the scores that the design leaves free, and their noise."""
    free = np.asarray(scipy.linalg.qr(design)[0])[:, design.shape[1] :]
    noise, axes = np.linalg.eigh(free.T @ covariance @ free)
    return np.asarray(axes.T @ (free.T @ x)), np.maximum(noise, 0.0)


def _check_positive(variances: FloatArray) -> None:
    if not (variances > 0).all():
        raise ValueError(
            f"variances of subjects {np.flatnonzero(~(variances > 0))[:5].tolist()} are not above "
            "0: one respondent, or identical answers, is no certainty"
        )


def _design(covariates: ArrayLike | None, k: int) -> FloatArray:
    if covariates is None:
        design = np.ones((k, 1))
    else:
        facts = np.asarray(covariates, dtype=np.float64)
        facts = facts[:, None] if facts.ndim == 1 else facts
        if facts.ndim != 2 or facts.shape[0] != k:
            raise ValueError(f"covariates must have one row for each of {k} subjects")
        if not np.isfinite(facts).all():
            raise ValueError("covariates must be finite")
        design = np.column_stack([np.ones(k), facts])
    if k <= design.shape[1]:
        raise ValueError(f"{k} subjects cannot carry {design.shape[1]} coefficients and a variance")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError(
            "covariates are linearly dependent; the intercept is added, so leave out constant "
            "columns and one level of each factor"
        )
    return design


def _reml(x: FloatArray, v: FloatArray, design: FloatArray) -> float:
    def parts(tau2: float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        w = 1.0 / (tau2 + v)
        information = design.T @ (w[:, None] * design)
        beta = np.linalg.solve(information, design.T @ (w * x))
        return w, information, x - design @ beta, w[:, None] * design

    def likelihood(tau2: float) -> float:
        w, information, residual, _ = parts(tau2)
        logdet = float(np.linalg.slogdet(information)[1])
        return -0.5 * (logdet - float(np.log(w).sum()) + float(w @ residual**2))

    def score(tau2: float) -> float:
        w, information, residual, weighted = parts(tau2)
        trace = w.sum() - np.trace(np.linalg.solve(information, weighted.T @ weighted))
        return 0.5 * float((w * residual) @ (w * residual) - trace)

    start = np.linalg.lstsq(design, x, rcond=None)[0]
    spread = float(((x - design @ start) ** 2).sum()) / (x.size - design.shape[1])
    return _global_maximum(likelihood, score, spread, float(v.min()), float(v.max()))


def _reml_of_contrasts(u: FloatArray, noise: FloatArray) -> float:
    floor = 1e-12 * max(float(noise.max()), np.finfo(np.float64).tiny)
    noise = np.maximum(noise, floor)

    def likelihood(tau2: float) -> float:
        total = tau2 + noise
        return -0.5 * float((np.log(total) + u**2 / total).sum())

    def score(tau2: float) -> float:
        total = tau2 + noise
        return 0.5 * float((u**2 / total**2 - 1.0 / total).sum())

    spread = float((u**2).mean())
    return _global_maximum(likelihood, score, spread, float(noise.min()), float(noise.max()))


def _global_maximum(
    likelihood: Callable[[float], float],
    score: Callable[[float], float],
    spread: float,
    smallest: float,
    largest: float,
) -> float:
    # From here on the score is negative: with m degrees of freedom and all total variances within
    # t and t + largest it is at most m/2 (spread / t^2 - 1 / (t + largest)).
    top = 2.0 * (spread + largest)
    grid = [0.0, *np.geomspace(1e-6 * smallest, top, _GRID_POINTS).tolist()]
    slopes = [score(t) for t in grid]
    candidates = [0.0]
    for left, right, up, down in zip(grid[:-1], grid[1:], slopes[:-1], slopes[1:], strict=True):
        if up > 0 >= down:
            root = scipy.optimize.brentq(score, left, right, xtol=1e-14 * top, rtol=1e-13)
            candidates.append(float(root))
    return max(candidates, key=likelihood)
