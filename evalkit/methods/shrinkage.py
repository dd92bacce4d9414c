"""How much of the spread of a table is real: between-subject variance, reliability, shrinkage."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import qr
from scipy.optimize import brentq

from evalkit.methods.uncertain import checked

FloatArray = NDArray[np.float64]

_GRID_POINTS = 80


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Scores pulled towards what the model expects, as far as their noise demands.

    Attributes
    ----------
    estimate : (K,) empirical best linear unbiased predictions, in the unit of the scores.
    mse : (K,) their mean squared errors g1 + g2 + 2 g3, unit squared.
    tau2 : between-subject variance (REML), unit squared.
    beta : (1 + p,) coefficients, the intercept first.
    """

    estimate: FloatArray
    mse: FloatArray
    tau2: float
    beta: FloatArray


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
    x = given.estimates
    if given.covariance is None:
        return _reml(x, given.variances, design)
    contrasts = np.asarray(qr(design)[0])[:, design.shape[1] :]
    noise, axes = np.linalg.eigh(contrasts.T @ given.covariance @ contrasts)
    return _reml_of_contrasts(axes.T @ (contrasts.T @ x), np.maximum(noise, 0.0))


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
    estimates: ArrayLike, variances: ArrayLike, covariates: ArrayLike | None = None
) -> Shrunken:
    """Return scores shrunken by the Fay-Herriot model with independent errors.

    Parameters
    ----------
    estimates : (K,) scores.
    variances : (K,) sampling variances above 0 (not standard errors).
    covariates : (K, p) or (K,) known facts of the subjects; the intercept is added.

    Returns
    -------
    Shrunken

    Raises
    ------
    ValueError
        As ``between_variance``, or when a full covariance is passed.

    References
    ----------
    Fay & Herriot (1979), JASA 74; Prasad & Rao (1990), JASA 85; Datta & Lahiri (2000), Statistica
    Sinica 10, for the mean squared error under REML; Rao & Molina (2015), ch. 6.

    Examples
    --------
    >>> shrink([-2, 0, 2], [1, 1, 1]).estimate.round(6).tolist()  # a quarter of the way to 0
    [-1.5, 0.0, 1.5]
    """
    given = checked(estimates, variances)
    if given.covariance is not None:
        raise ValueError("shrink takes the (K,) variances; errors are modelled as independent")
    _check_positive(given.variances)
    x, v = given.estimates, given.variances
    design = _design(covariates, x.size)
    tau2 = _reml(x, v, design)
    total = tau2 + v
    scaled = design / total[:, None]
    beta_covariance = np.linalg.inv(design.T @ scaled)
    beta = beta_covariance @ (scaled.T @ x)
    expected = design @ beta
    gamma = tau2 / total
    g1 = gamma * v
    leverage = np.einsum("kp,pq,kq->k", design, beta_covariance, design)
    g2 = (1.0 - gamma) ** 2 * leverage
    g3 = v**2 / total**3 * (2.0 / (1.0 / total**2).sum())
    return Shrunken(expected + gamma * (x - expected), g1 + g2 + 2.0 * g3, tau2, beta)


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
            candidates.append(float(brentq(score, left, right, xtol=1e-14 * top, rtol=1e-13)))
    return max(candidates, key=likelihood)
