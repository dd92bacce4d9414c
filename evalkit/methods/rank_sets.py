"""Confidence sets for ranks: which places in the table a subject may truly hold.

Rank 1 is the largest estimate. A marginal set holds the true rank of one subject with the stated
confidence; joint sets hold the true ranks of all subjects at once.

How it is computed, by the number of subjects K:

- K up to ``SIMULATION_LIMIT``: step-down over simulated errors, independent or dependent.
- More, independent errors: a single step, nothing simulated, no K x K table. Marginal critical
  values come from one-dimensional integrals, interpolated over the standard error; the joint one
  is that of the studentised range (Tukey-Kramer).
- More, dependent errors: marginal sets by step-down as above, in time growing with draws * K^2 and
  memory with draws * K; joint sets by ``sidak_sets``.

A single step is a little wider than a step-down, never less certain.

Variances that are estimated have degrees of freedom, those of every difference its own: a difference
over its standard error is referred to Student's t, and the normal quantile as improbable takes its
place (Games & Howell's Welch degrees of freedom, with the maximum of simulated errors in place of
the studentised range). Where nothing is simulated the fewest degrees of freedom count for all.

References
----------
Mogstad, Romano, Shaikh & Wilhelm (2024), Inference for Ranks, Review of Economic Studies 91;
Romano & Wolf (2005), JASA 100, for the step-down; Hayter (1984), Annals of Statistics 12, for
Tukey-Kramer under unequal variances; Klein, Wright & Wieczorek (2020), A joint
confidence region for an overall ranking of populations, JRSS C 69; Games & Howell (1976), Pairwise
multiple comparison procedures with unequal n's and/or variances, Journal of Educational Statistics 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from evalkit.methods import rank_counts, rank_step_down, tails
from evalkit.methods.uncertain import Uncertain, checked

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

BEYOND = 20
"""Simulated errors that must lie beyond a critical value for it to be one."""
SIMULATION_LIMIT = 200


@dataclass(frozen=True, slots=True)
class RankSets:
    """Ranks and their confidence sets.

    Attributes
    ----------
    rank : (K,) competition rank (1224) of the estimates, 1 = largest.
    low, high : (K,) best and worst rank of each set, 1 <= low <= rank <= high <= K.
    near_flip : (K,) whether a bound hangs on a comparison that lies within the (99%) Monte-Carlo
        error of the critical value, so that another seed may move it. Always False where nothing
        was simulated.
    method : "step-down" (simulated), "single-step" (integrated), "sidak" or "exact" (every
        difference known without error).
    ahead : (K, K) whether the row is known to be better than the column, all pairs together;
        None for marginal sets and for more than ``SIMULATION_LIMIT`` subjects.
    """

    rank: IntArray
    low: IntArray
    high: IntArray
    near_flip: BoolArray
    method: Literal["step-down", "single-step", "sidak", "exact"]
    ahead: BoolArray | None = None


def competition_rank(estimates: ArrayLike) -> IntArray:
    """Return competition ranks (1224), 1 = largest, of unrounded estimates (K,).

    Raises
    ------
    ValueError
        When the estimates are not 1-D or not finite.

    Examples
    --------
    >>> competition_rank([90, 95, 90]).tolist()
    [2, 1, 2]
    """
    x = np.asarray(estimates, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise ValueError("estimates must be 1-D and finite; leave incomplete subjects out")
    return 1 + x.size - np.searchsorted(np.sort(x), x, side="right").astype(np.int64)


def rank_sets(
    estimates: ArrayLike,
    covariance_or_variances: ArrayLike,
    *,
    confidence: float = 0.95,
    kind: Literal["marginal", "joint"] = "marginal",
    draws: int = 20_000,
    seed: int = 0,
    df: ArrayLike | None = None,
) -> RankSets:
    """Return confidence sets for the ranks of subjects with normally distributed errors.

    For every ordered pair of the family, "j is not better than k" is rejected where
    x_j - x_k > c s_jk; c is the quantile, at ``confidence``, of the maximum of (Z_j - Z_k) / s_jk
    over the pairs of the family not yet rejected, Z being the errors, and the test repeats until
    it rejects nothing new. The set of j starts at 1 + #{k known better} and ends at
    K - #{k known worse}. The family is both directions of all pairs of one subject (marginal), or
    all pairs (joint).

    Parameters
    ----------
    estimates : (K,) scores; larger is better.
    covariance_or_variances : (K, K) sampling covariance, or (K,) variances (not standard errors)
        of independent errors.
    confidence : coverage of each set (marginal) or of all of them together (joint).
    kind : "marginal" or "joint".
    draws : simulated errors; used only where something is simulated (see the module).
    seed : of PCG64. Results do not depend on the order of the subjects.
    df : of the variance of every difference, (K, K), or of all; known variances when left out.

    Returns
    -------
    RankSets
        A difference without error (s_jk = 0) is compared exactly. With the same ``draws`` and
        ``seed`` joint sets contain the marginal ones (where K is too large and the errors
        dependent, up to Monte-Carlo error). Coverage is exact when all subjects are truly alike
        and higher, often near 1, when they are spread out.

    Raises
    ------
    ValueError
        For input that ``uncertain.checked`` refuses, a zero variance among others that are not, a
        confidence outside 0..1, or too few draws for it.

    Examples
    --------
    >>> found = rank_sets([90, 89, 70], [1, 1, 1], draws=2_000)
    >>> list(zip(found.low.tolist(), found.high.tolist()))
    [(1, 2), (1, 2), (3, 3)]
    """
    if kind not in ("marginal", "joint"):
        raise ValueError(f'kind must be "marginal" or "joint", got {kind!r}')
    _check_confidence(confidence)
    given = _comparable(estimates, covariance_or_variances, df)
    k = given.estimates.size
    if not given.variances.any():
        return _exact(given.estimates, pairs=kind == "joint" and k <= SIMULATION_LIMIT)
    if k > SIMULATION_LIMIT and given.covariance is None:
        return _single_step(given, confidence, kind)
    if k > SIMULATION_LIMIT and kind == "joint":
        return sidak_sets(estimates, covariance_or_variances, confidence=confidence, df=df)
    if draws * (1.0 - confidence) < BEYOND:
        raise ValueError(
            f"{draws} draws are too few for confidence {confidence:g}: fewer than {BEYOND} of them lie "
            "beyond the critical value; use at least 20,000"
        )
    settled = rank_step_down.settle(given, confidence, kind, draws, seed)
    sets = _sets(given.estimates, settled.better, settled.worse, settled.near_flip, "step-down")
    return replace(sets, ahead=settled.ahead)


def top_set(
    estimates: ArrayLike,
    covariance_or_variances: ArrayLike,
    *,
    top: int,
    confidence: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
    df: ArrayLike | None = None,
) -> BoolArray:
    """Return which subjects may be among the best ``top``: those whose joint set reaches it.

    With probability ``confidence`` every subject truly among the best ``top`` is marked.

    Parameters
    ----------
    estimates, covariance_or_variances, confidence, draws, seed, df : as in ``rank_sets``.
    top : number of places, 1..K.

    Returns
    -------
    (K,) bool

    Raises
    ------
    ValueError
        As ``rank_sets``, or when ``top`` lies outside 1..K.

    Examples
    --------
    >>> top_set([90, 89, 70], [1, 1, 1], top=1, draws=2_000).tolist()
    [True, True, False]
    """
    sets = rank_sets(
        estimates,
        covariance_or_variances,
        confidence=confidence,
        kind="joint",
        draws=draws,
        seed=seed,
        df=df,
    )
    if not 1 <= top <= sets.low.size:
        raise ValueError(f"top must lie in 1..{sets.low.size}, got {top}")
    return np.asarray(sets.low <= top)


def sidak_sets(
    estimates: ArrayLike,
    covariance_or_variances: ArrayLike,
    *,
    confidence: float = 0.95,
    df: ArrayLike | None = None,
) -> RankSets:
    """Return joint rank sets from simultaneous intervals of the scores; nothing is simulated.

    Each score gets the interval x +- c s with P(|N| <= c) = confidence^(1/K); who lies wholly
    above is better, who lies wholly below is worse. Valid under any dependence of normal errors
    (Sidak's inequality), and wider than ``rank_sets(kind="joint")``.

    Parameters
    ----------
    estimates, covariance_or_variances, confidence, df : as in ``rank_sets``.

    Returns
    -------
    RankSets

    Raises
    ------
    ValueError
        As ``rank_sets``.

    References
    ----------
    Klein, Wright & Wieczorek (2020), JRSS C 69.

    Examples
    --------
    >>> found = sidak_sets([90, 89, 70], [1, 1, 1])
    >>> list(zip(found.low.tolist(), found.high.tolist()))
    [(1, 2), (1, 2), (3, 3)]
    """
    _check_confidence(confidence)
    given = _comparable(estimates, covariance_or_variances, df)
    x = given.estimates
    if not given.variances.any():
        return _exact(x)
    tail = -math.expm1(math.log(confidence) / x.size) / 2.0
    margin = _of_few(-float(ndtri(tail)), given) * np.sqrt(given.variances)
    lower, upper = x - margin, x + margin
    better = x.size - np.searchsorted(np.sort(lower), upper, side="left")
    worse = np.searchsorted(np.sort(upper), lower, side="right")
    return _sets(x, better, worse, np.zeros(x.size, bool), "sidak")


def _comparable(
    estimates: ArrayLike, covariance_or_variances: ArrayLike, df: ArrayLike | None
) -> Uncertain:
    given = checked(estimates, covariance_or_variances, df=df)
    zero = given.variances == 0
    if zero.any() and not zero.all():
        raise ValueError(
            f"subjects {np.flatnonzero(zero)[:5].tolist()} have zero variance while others do "
            "not: one respondent, or identical answers, is no certainty; leave them out or give "
            "them a pooled variance"
        )
    return given


def _of_few(critical: ArrayLike, given: Uncertain) -> FloatArray:
    """Return the critical values of t that normal ones stand for, at the fewest degrees of freedom."""
    normal = np.asarray(critical, dtype=np.float64)
    fewest = np.inf if given.df is None else float(given.df.min())
    return normal if fewest == np.inf else np.asarray(-tails.t_quantile(ndtr(-normal), fewest))


def _check_confidence(confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise ValueError(
            f"confidence must lie between 0 and 1, got {confidence:g}; write 0.95 for 95%"
        )


def _sets(
    estimates: FloatArray,
    better: NDArray[np.signedinteger],
    worse: NDArray[np.signedinteger],
    near_flip: BoolArray,
    method: Literal["step-down", "single-step", "sidak", "exact"],
) -> RankSets:
    low = (1 + better).astype(np.int64)
    high = (estimates.size - worse).astype(np.int64)
    return RankSets(competition_rank(estimates), low, high, near_flip, method)


def _exact(estimates: FloatArray, *, pairs: bool = False) -> RankSets:
    ordered = np.sort(estimates)
    better = estimates.size - np.searchsorted(ordered, estimates, side="right")
    worse = np.searchsorted(ordered, estimates, side="left")
    sets = _sets(estimates, better, worse, np.zeros(estimates.size, bool), "exact")
    return replace(sets, ahead=estimates[:, None] > estimates[None, :]) if pairs else sets


def _single_step(
    given: Uncertain, confidence: float, kind: Literal["marginal", "joint"]
) -> RankSets:
    x, sigma = given.estimates, np.sqrt(given.variances)
    if kind == "joint":
        critical = np.full(x.size, rank_counts.joint_critical_value(x.size, confidence))
    else:
        critical = rank_counts.marginal_critical_values(sigma, confidence)
    critical = np.asarray(_of_few(critical, given), dtype=np.float64)
    better = rank_counts.count_above(x, sigma, critical)
    worse = rank_counts.count_above(-x, sigma, critical)
    return _sets(x, better, worse, np.zeros(x.size, bool), "single-step")
