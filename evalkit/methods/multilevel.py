"""Means of subjects from few answers each: a linear mixed model, post-stratified to who lives there.

An answer is a mean, what its respondent's characteristics add, what its subject adds, and chance:

    y = X b + sum_f Z_f u_f + a_j + e,    u_f ~ N(0, s_f^2),  a_j ~ N(0, s_a^2),  e ~ N(0, s^2).

Effects of characteristics are random: those of a category that few chose are drawn towards none.
They add up, so that the mean over the cells of a population is known from the shares of every
characteristic alone; how the characteristics go together need not be known.

References
----------
Gelman, A. & Little, T. C. (1997). Poststratification into many categories using hierarchical
logistic regression. Survey Methodology 23, 127-135; Park, Gelman & Bafumi (2004), Political Analysis
12, 375-385. Battese, Harter & Fuller (1988), JASA 83, 28-36, for the linear model of small areas;
Prasad & Rao (1990), JASA 85, for what unknown variances cost. Bates, Maechler, Bolker & Walker
(2015), Fitting linear mixed-effects models using lme4, Journal of Statistical Software 67(1), for
the profiled restricted likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from evalkit.methods.shrinkage import of_unknown_spread

FloatArray = NDArray[np.float64]

_START = 0.3
_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is expected of some subjects' populations.

    Attributes
    ----------
    estimate : (K,) means over the population.
    mse : (K,) their mean squared errors: of what is known of the effects, and of the variances.
    """

    estimate: FloatArray
    mse: FloatArray


@dataclass(frozen=True, slots=True)
class Fitted:
    """A mixed model, fitted by restricted maximum likelihood.

    Attributes
    ----------
    fixed : (p,) coefficients b.
    fixed_covariance : (p, p).
    effects : tuple of (C_f,) effects of the categories of every factor (BLUP).
    subject_effects : (K,) of the subjects, in the order of their codes.
    sd : (F,) standard deviations of the factors' effects.
    between, residual : standard deviations of the subjects' effects and of chance.
    deviance : -2 log restricted likelihood.
    """

    fixed: FloatArray
    fixed_covariance: FloatArray
    effects: tuple[FloatArray, ...]
    subject_effects: FloatArray
    sd: FloatArray
    between: float
    residual: float
    deviance: float
    _solved: _Solved

    def predict(self, fixed: ArrayLike, shares: Sequence[ArrayLike]) -> Prediction:
        """Predict every subject's mean over its population.

        Parameters
        ----------
        fixed : (K, p) mean of X over each population.
        shares : of every factor (K, C_f): what each category is of each population; rows of 0 for
            a population of which nothing is known.
        """
        solved = self._solved
        rows = np.column_stack([*(np.asarray(s, dtype=np.float64) for s in shares), fixed])
        away = rows - solved.pull[:, None] * solved.sums
        known = np.einsum("kp,pq,kq->k", away, solved.error, away)
        inflated = solved.of_means
        tau2 = self.between**2
        own = tau2 * inflated / (tau2 + inflated)
        g3 = of_unknown_spread(tau2, inflated)
        estimate = rows @ solved.coefficients + self.subject_effects
        return Prediction(np.asarray(estimate), np.asarray(known + own + 2.0 * g3))


@dataclass(frozen=True, slots=True)
class _Solved:
    """The mixed model equations at the variances found.

    Attributes
    ----------
    coefficients, error : of all factors' effects and the fixed ones, (m,) and (m, m).
    sums : (K, m) of every subject's rows.
    pull : (K,) what of the sum of a subject's residuals is its effect.
    of_means : (K,) variance of the mean of a subject's answers around its own level.
    """

    coefficients: FloatArray
    error: FloatArray
    sums: FloatArray
    pull: FloatArray
    of_means: FloatArray


@dataclass(frozen=True, slots=True)
class _Sums:
    """What is left of the answers: cross products.

    Attributes
    ----------
    cross : (m + 1, m + 1) of factors, X and y, in this order.
    by_subject : (K, m + 1) sums of these.
    n : (K,) answers.
    inflation : (K,) c_j: further variance common to the answers of a subject, in units of s^2.
    sizes : categories of every factor.
    fixed : columns of X.
    """

    cross: FloatArray
    by_subject: FloatArray
    n: FloatArray
    inflation: FloatArray
    sizes: tuple[int, ...]
    fixed: int

    def scales(self, theta: FloatArray) -> FloatArray:
        """Return the standard deviation of every column over s; 1 of those of X."""
        return np.concatenate([np.repeat(theta, self.sizes), np.ones(self.fixed)])


def fit(
    values: ArrayLike,
    subjects: ArrayLike,
    factors: Sequence[ArrayLike] = (),
    *,
    fixed: ArrayLike | None = None,
    design_effect: float = 1.0,
) -> Fitted:
    """Fit the model of the module to answers.

    Parameters
    ----------
    values : (n,) answers.
    subjects : (n,) codes 0 to K-1; every code has an answer.
    factors : of each (n, C_f): 1 in the column of the row's category, or shares where it is not
        known for sure; a row of 0 has no effect.
    fixed : (n, p) X; an intercept alone by default.
    design_effect : what answers of one building and the like do to the variance of a subject's
        mean, at least 1: a mean of n answers is worth n / design_effect.

    Returns
    -------
    Fitted

    Raises
    ------
    ValueError
        On shapes that do not fit, values that are not finite or never vary, fewer than three
        subjects, or no more answers than coefficients and subjects.

    Examples
    --------
    >>> found = fit([1, 3, 5, 7, 9, 11], [0, 0, 1, 1, 2, 2])
    >>> found.fixed.round(6).tolist(), round(found.residual**2, 3), round(found.between**2, 3)
    ([6.0], 2.0, 15.0)
    """
    sums, rows = _sums(values, subjects, factors, fixed, design_effect)
    theta = _maximum(sums, rows)
    deviance, variance, solved = _profile(theta, sums, rows)
    ends = np.cumsum(sums.sizes)
    at = int(ends[-1]) if len(ends) else 0
    residuals = sums.by_subject[:, -1] - solved.sums @ solved.coefficients
    s = float(np.sqrt(variance))
    return Fitted(
        solved.coefficients[at:],
        solved.error[at:, at:],
        tuple(np.split(solved.coefficients[:at], ends[:-1])) if sums.sizes else (),
        solved.pull * residuals,
        theta[1:] * s,
        float(theta[0]) * s,
        s,
        deviance,
        solved,
    )


def _maximum(sums: _Sums, rows: int) -> FloatArray:
    """Return the standard deviations over s, subjects' first, at which the likelihood is greatest."""

    def deviance(theta: FloatArray) -> float:
        return _profile(np.abs(theta), sums, rows)[0]

    found = np.full(1 + len(sums.sizes), _START)
    options: Any = {"xatol": _TOLERANCE, "fatol": _TOLERANCE, "maxiter": 400 * found.size}
    for _ in range(2):  # a simplex that shrank too soon is opened once more
        result = scipy.optimize.minimize(deviance, found, method="Nelder-Mead", options=options)
        found = np.asarray(result.x, dtype=np.float64)
    return np.asarray(np.abs(found))


def _profile(theta: FloatArray, sums: _Sums, rows: int) -> tuple[float, float, _Solved]:
    """Return deviance, s^2 and solution at these standard deviations over s, subjects' first."""
    own = theta[0] ** 2
    extra = own + sums.inflation
    weight = extra / (extra * sums.n + 1.0)
    scale = np.append(sums.scales(theta[1:]), 1.0)
    swept = sums.cross - (sums.by_subject * weight[:, None]).T @ sums.by_subject
    system = swept * scale * scale[:, None]
    random = int(sum(sums.sizes))
    m = random + sums.fixed
    system[np.arange(random), np.arange(random)] += 1.0
    root = scipy.linalg.cholesky(system[:m, :m], lower=True)
    half = scipy.linalg.solve_triangular(root, system[:m, m], lower=True)
    spare = rows - sums.fixed
    variance = max(float(system[m, m] - half @ half), np.finfo(np.float64).tiny) / spare
    logdet = float(np.log(extra * sums.n + 1.0).sum()) + 2.0 * float(np.log(np.diag(root)).sum())
    deviance = logdet + spare * (1.0 + float(np.log(2.0 * np.pi * variance)))
    inverse = scipy.linalg.solve_triangular(root, np.eye(m), lower=True) * scale[:m]
    solved = _Solved(
        inverse.T @ half,
        variance * (inverse.T @ inverse),
        sums.by_subject[:, :m],
        own / (extra * sums.n + 1.0),
        variance * (1.0 / sums.n + sums.inflation),
    )
    return deviance, variance, solved


def _sums(
    values: ArrayLike,
    subjects: ArrayLike,
    factors: Sequence[ArrayLike],
    fixed: ArrayLike | None,
    design_effect: float,
) -> tuple[_Sums, int]:
    y = np.asarray(values, dtype=np.float64)
    code = np.asarray(subjects, dtype=np.int64)
    x = np.ones((y.size, 1)) if fixed is None else np.asarray(fixed, dtype=np.float64)
    z = [np.asarray(factor, dtype=np.float64) for factor in factors]
    if y.ndim != 1 or code.shape != y.shape:
        raise ValueError(f"values and subjects must be vectors alike, got {y.shape}, {code.shape}")
    if any(part.ndim != 2 or len(part) != y.size for part in (x, *z)):
        raise ValueError(f"factors and fixed must have {y.size} rows, one for each answer")
    if not all(np.isfinite(part).all() for part in (y, x, *z)):
        raise ValueError("values, factors and fixed must be finite")
    if not design_effect >= 1.0:
        raise ValueError(f"design_effect must be at least 1, got {design_effect:g}")
    if y.size and np.ptp(y) == 0:
        raise ValueError("values never vary: nothing tells their error")
    n = np.bincount(code)
    if len(n) < 3 or not (n > 0).all():
        raise ValueError("there must be three subjects or more, each with an answer")
    if y.size <= len(n) + x.shape[1]:
        raise ValueError(
            f"{y.size} answers are too few for {len(n)} subjects: no error can be estimated"
        )
    table = np.column_stack([*z, x, y])
    by_subject = np.zeros((len(n), table.shape[1]))
    np.add.at(by_subject, code, table)
    found = _Sums(
        table.T @ table,
        by_subject,
        n.astype(np.float64),
        (design_effect - 1.0) / n,
        tuple(part.shape[1] for part in z),
        x.shape[1],
    )
    return found, y.size
