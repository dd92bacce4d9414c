"""The step-down behind rank sets: which pairs of subjects the data can tell apart.

References
----------
Romano & Wolf (2005), Exact and approximate stepdown methods for multiple hypothesis testing,
JASA 100; Mogstad, Romano, Shaikh & Wilhelm (2024), Inference for Ranks, Review of Economic Studies
91. For degrees of freedom of every comparison's own: Games & Howell (1976), Pairwise multiple
comparison procedures with unequal n's and/or variances, Journal of Educational Statistics 1; Hasler &
Hothorn (2008), Multiple contrast tests in the presence of heteroscedasticity, Biometrical Journal 50.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from evalkit.methods import tails
from evalkit.methods.uncertain import Uncertain

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Errors = NDArray[np.float32]

_MONTE_CARLO_Z = float(ndtri(0.995))
_MANY = 1e9
"""Degrees of freedom of a variance that is as good as known."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What the data can tell of each subject.

    Attributes
    ----------
    better, worse : (K,) how many others are known to be better, known to be worse.
    near_flip : (K,) whether one of these verdicts lies within Monte-Carlo error of turning.
    ahead : (K, K) whether the row is known to be better than the column; None for marginal
        families, whose verdicts of a pair depend on whose family is asked.
    """

    better: IntArray
    worse: IntArray
    near_flip: BoolArray
    ahead: BoolArray | None = None


@dataclass(frozen=True, slots=True)
class _Critical:
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of subjects: s_jk, 0 where known without error, and the signed (x_j - x_k) / s_jk.

    The statistic is that of normal errors: where s_jk has few degrees of freedom, `as_normal`.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    scale: FloatArray
    statistic: FloatArray


@dataclass(frozen=True, slots=True)
class _Verdict:
    ahead: BoolArray
    behind: BoolArray
    near: BoolArray


def settle(
    given: Uncertain,
    confidence: float,
    kind: Literal["marginal", "joint"],
    draws: int,
    seed: int,
) -> Settled:
    """Test all ordered pairs of each family against simulated errors, stepping down.

    Parameters
    ----------
    given : checked estimates; larger is better; at least one variance above 0.
    confidence : probability that a family contains no false verdict.
    kind : "marginal" has one family per subject, both directions of its pairs; "joint" has one
        family of all pairs.
    draws, seed : number of simulated errors and seed of PCG64.

    Returns
    -------
    Settled
        Independent of the order in which the subjects come.
    """
    order = _canonical_order(given)
    ordered = _in_handy_units(given.reordered(order))
    errors = _simulated_errors(ordered, draws, seed)
    family = _joint if kind == "joint" else _marginal
    settled = family(ordered, errors, confidence)
    back = np.argsort(order)
    ahead = None if settled.ahead is None else settled.ahead[np.ix_(back, back)]
    return Settled(settled.better[back], settled.worse[back], settled.near_flip[back], ahead)


def simulated(given: Uncertain, draws: int, seed: int) -> tuple[Errors, NDArray[np.intp]]:
    """Simulate errors (K, draws) of subjects in an order that does not depend on theirs.

    Returns
    -------
    errors : (K, draws) in the unit of the estimates.
    order : (K,) whose errors the rows are.
    """
    order = _canonical_order(given)
    return _simulated_errors(given.reordered(order), draws, seed), order


def _canonical_order(given: Uncertain) -> NDArray[np.intp]:
    dependence = (
        np.zeros(given.estimates.size)
        if given.covariance is None
        else np.abs(given.covariance).sum(axis=1)
    )
    sure = np.zeros_like(dependence) if given.df is None else (1.0 / given.df).sum(axis=1)
    return np.lexsort((sure, dependence, given.variances, given.estimates))


def _in_handy_units(given: Uncertain) -> Uncertain:
    """Divide by a power of two, which rounds nothing, so that variances are about 1."""
    exponent = -math.frexp(math.sqrt(float(given.variances.max())))[1]
    unit = math.ldexp(1.0, exponent)
    covariance = None if given.covariance is None else given.covariance * unit**2
    return Uncertain(given.estimates * unit, given.variances * unit**2, covariance, given.df)


def _simulated_errors(given: Uncertain, draws: int, seed: int) -> Errors:
    """Return (K, draws) errors; single precision is far finer than the Monte-Carlo error."""
    generator = np.random.Generator(np.random.PCG64(seed))
    normals = generator.standard_normal((given.estimates.size, draws))
    if given.covariance is None:
        normals *= np.sqrt(given.variances)[:, None]
    else:
        eigenvalues, vectors = np.linalg.eigh(given.covariance)
        normals = (vectors * np.sqrt(np.maximum(eigenvalues, 0.0))) @ normals
    return normals.astype(np.float32)


def _critical(maxima: Errors, confidence: float) -> _Critical:
    draws = maxima.size
    spread = _MONTE_CARLO_Z * math.sqrt(draws * confidence * (1.0 - confidence))
    positions = [
        min(max(math.ceil(confidence * draws + shift) - 1, 0), draws - 1)
        for shift in (-spread, 0.0, spread)
    ]
    ordered = np.partition(maxima, sorted(set(positions)))
    lower, value, upper = (float(ordered[p]) for p in positions)
    return _Critical(value, lower, upper)


def _pairs(given: Uncertain, j: int, others: NDArray[np.intp]) -> _Pairs:
    variance = given.difference_variances(j)[others]
    difference = given.estimates[j] - given.estimates[others]
    scale = np.sqrt(variance)
    exact = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    statistic = np.divide(difference, scale, out=exact, where=variance > 0)
    if given.df is not None:
        statistic = as_normal(statistic, given.df[j, others])
    return _Pairs(np.full(others.size, j), others, scale, statistic)


def as_normal(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Return the normal quantiles as improbable as these values of Student's t.

    A difference over a standard error of few degrees of freedom is thereby held against simulated
    normal errors like every other, with the chance of error that its own t has.

    Examples
    --------
    >>> as_normal(np.array([2.2281, -2.2281, 1.96]), np.array([10, 10, np.inf])).round(3).tolist()
    [1.96, -1.96, 1.96]
    """
    size = np.abs(statistic)
    normal = -ndtri(tails.t_above(size, np.minimum(df, _MANY)))
    return np.where(df < _MANY, np.copysign(normal, statistic), statistic)


def _marginal(given: Uncertain, errors: Errors, confidence: float) -> Settled:
    k = given.estimates.size
    better, worse = np.zeros(k, np.int64), np.zeros(k, np.int64)
    near = np.zeros(k, bool)
    for j in range(k):
        pairs = _pairs(given, j, np.delete(np.arange(k), j))
        verdict = _step_down(errors, pairs, confidence)
        better[j] = verdict.behind.sum()
        worse[j] = verdict.ahead.sum()
        near[j] = verdict.near.any()
    return Settled(better, worse, near)


def _joint(given: Uncertain, errors: Errors, confidence: float) -> Settled:
    k = given.estimates.size
    rows = [_pairs(given, j, np.arange(j + 1, k)) for j in range(k - 1)]
    pairs = _Pairs(
        np.concatenate([row.first for row in rows]),
        np.concatenate([row.second for row in rows]),
        np.concatenate([row.scale for row in rows]),
        np.concatenate([row.statistic for row in rows]),
    )
    verdict = _step_down(errors, pairs, confidence)
    winners = np.where(verdict.ahead, pairs.first, pairs.second)
    losers = np.where(verdict.ahead, pairs.second, pairs.first)
    known = verdict.ahead | verdict.behind
    near = np.zeros(k, bool)
    near[pairs.first[verdict.near]] = True
    near[pairs.second[verdict.near]] = True
    ahead = np.zeros((k, k), bool)
    ahead[winners[known], losers[known]] = True
    return Settled(ahead.sum(axis=0), ahead.sum(axis=1), near, ahead)


def _step_down(errors: Errors, pairs: _Pairs, confidence: float) -> _Verdict:
    """Settle a family: who of each pair is known ahead, and what another seed may turn."""
    uncertain = pairs.scale > 0
    ahead, behind = uncertain.copy(), uncertain.copy()
    size = np.abs(pairs.statistic)
    near = np.zeros(len(size), dtype=bool)
    maxima: Errors | None = None
    while ahead.any() or behind.any():
        maxima, critical = _shrunken_maxima(errors, pairs, ahead, behind, maxima, confidence)
        still_ahead = ahead & (pairs.statistic <= critical.value)
        still_behind = behind & (-pairs.statistic <= critical.value)
        decided = (still_ahead != ahead) | (still_behind != behind)
        ahead, behind = still_ahead, still_behind
        if not decided.any():
            near |= uncertain & (size >= critical.lower) & (size <= critical.upper)
            break
        near |= decided & (size <= critical.upper)
    return _Verdict(
        np.where(uncertain, ~ahead, pairs.statistic > 0),
        np.where(uncertain, ~behind, pairs.statistic < 0),
        near,
    )


def _shrunken_maxima(
    errors: Errors,
    pairs: _Pairs,
    ahead: BoolArray,
    behind: BoolArray,
    before: Errors | None,
    confidence: float,
) -> tuple[Errors, _Critical]:
    """Return upper bounds of the draws' maxima, exact where it matters, and the critical value.

    ``before`` holds upper bounds from a larger family. Draws far below the critical value stay
    below it when the family shrinks, so only the others are computed again.
    """
    if before is not None:
        below = int((before.size - 1) * max(0.0, 1.0 - 6.0 * (1.0 - confidence)))
        floor = float(np.partition(before, below)[below])
        live = before > floor
        if live.any():
            maxima = before.copy()
            maxima[live] = _maxima(errors[:, live], pairs, ahead, behind)
            critical = _critical(maxima, confidence)
            if critical.lower > floor:
                return maxima, critical
    maxima = _maxima(errors, pairs, ahead, behind)
    return maxima, _critical(maxima, confidence)


def _maxima(errors: Errors, pairs: _Pairs, ahead: BoolArray, behind: BoolArray) -> Errors:
    """Return, per draw, the largest standardised error in favour of a claim still open."""
    largest = np.full(errors.shape[1], -np.inf, dtype=np.float32)
    smallest = -largest
    scaled = np.empty_like(largest)
    for p in np.flatnonzero(ahead | behind).tolist():
        np.subtract(errors[pairs.first[p]], errors[pairs.second[p]], out=scaled)
        scaled /= np.float32(pairs.scale[p])
        if ahead[p]:
            np.maximum(largest, scaled, out=largest)
        if behind[p]:
            np.minimum(smallest, scaled, out=smallest)
    return np.asarray(np.maximum(largest, -smallest))
