"""Changes from wave to wave, and how much of a move up or down the table is luck."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails
from evalkit.methods.multiplicity import holm
from evalkit.methods.rank_sets import competition_rank, rank_sets
from evalkit.methods.shrinkage import between_variance
from evalkit.methods.uncertain import Uncertain, checked

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_SCORES_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class RelativeChange:
    """Changes of scores, plain and against the street.

    Attributes
    ----------
    change : (K,) score_to - score_from, in points.
    relative : (K,) the change less the mean change of all subjects.
    se : (K,) standard error of ``relative``.
    p, p_adjusted : (K,) two-sided p-values of "no relative change", plain and by Holm.
    change_se : (K,) standard error of ``change``.
    change_p, change_p_adjusted : (K,) two-sided p-values of "no change", plain and by Holm.
    """

    change: FloatArray
    relative: FloatArray
    se: FloatArray
    p: FloatArray
    p_adjusted: FloatArray
    change_se: FloatArray
    change_p: FloatArray
    change_p_adjusted: FloatArray


@dataclass(frozen=True, slots=True)
class RankChangeSets:
    """Confidence sets of rank_to - rank_from; negative is upward.

    Attributes
    ----------
    low, high : (K,) ends of the set: the furthest move up and the furthest move down.
    """

    low: IntArray
    high: IntArray


@dataclass(frozen=True, slots=True)
class LuckReference:
    """Probabilities of a rank move at least as large, up or down, had nothing truly changed.

    Attributes
    ----------
    own_probability : (K,) that this subject moves at least as far as it did.
    any_probability : (K,) that any subject at all moves at least as far as this one did.
    """

    own_probability: FloatArray
    any_probability: FloatArray


def relative_change(
    scores_from: ArrayLike,
    cov_from: ArrayLike,
    scores_to: ArrayLike,
    cov_to: ArrayLike,
    *,
    df: ArrayLike | None = None,
    shared: ArrayLike | None = None,
) -> RelativeChange:
    """Return each subject's change, plain and relative to the street, each with its test.

    relative_j = (x_j2 - xbar_2) - (x_j1 - xbar_1), xbar the plain mean over subjects. Its variance
    comes from both waves' full covariances, and from what the waves' errors have in common. The
    two tests are families of their own.

    Parameters
    ----------
    scores_from, scores_to : (K,) scores of the same subjects in the same order.
    cov_from, cov_to : (K, K) sampling covariances, or (K,) variances of independent errors.
    df : degrees of freedom of a t reference, one number or (K,); normal when left out.
    shared : (K, K) covariance of the errors of `scores_from` (rows) with those of `scores_to`;
        none when left out.

    Returns
    -------
    RelativeChange
        Where the standard error is 0 the p-value is 1 for no relative change. For another nothing
        was tested and it is NaN: identical answers are no certainty.

    Raises
    ------
    ValueError
        For input that ``uncertain.checked`` refuses, waves of different length, or ``df`` not
        above 0.

    Examples
    --------
    >>> found = relative_change([80, 80], [1, 1], [85, 81], [1, 1])
    >>> found.relative.tolist(), found.se.round(9).tolist(), found.p.round(4).tolist()
    ([2.0, -2.0], [1.0, 1.0], [0.0455, 0.0455])
    """
    before, after = _both(scores_from, cov_from, scores_to, cov_to)
    if df is not None and not (np.asarray(df, dtype=np.float64) > 0).all():
        raise ValueError(f"df must be above 0, got {df}")
    change = after.estimates - before.estimates
    relative = change - change.mean()
    both = np.zeros((change.size, change.size)) if shared is None else np.asarray(shared, float)
    if both.shape != (change.size, change.size) or not np.isfinite(both).all():
        raise ValueError(f"shared must be finite, of {change.size} by {change.size} subjects")
    variance = _centred_variances(before) + _centred_variances(after) - 2.0 * _centred(both)
    se = np.sqrt(np.maximum(variance, 0.0))
    own = before.variances + after.variances - 2.0 * np.diagonal(both)
    own = np.sqrt(np.maximum(own, 0.0))
    p = _no_change(relative, se, df)
    own_p = _no_change(change, own, df)
    return RelativeChange(change, relative, se, p, holm(p), own, own_p, holm(own_p))


def _no_change(moved: FloatArray, se: FloatArray, df: ArrayLike | None) -> FloatArray:
    """Return two-sided p-values; NaN where something moved that has no error."""
    distance = np.abs(moved)
    t = np.divide(distance, se, out=np.where(distance > 0, np.nan, 0.0), where=se > 0)
    tail = (
        tails.normal_above(t) if df is None else tails.t_above(t, np.asarray(df, dtype=np.float64))
    )
    return np.minimum(2.0 * np.asarray(tail, dtype=np.float64), 1.0)


def rank_change_sets(
    from_est: ArrayLike,
    from_cov: ArrayLike,
    to_est: ArrayLike,
    to_cov: ArrayLike,
    confidence: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
    *,
    from_df: ArrayLike | None = None,
    to_df: ArrayLike | None = None,
) -> RankChangeSets:
    """Return, per subject, a confidence set of its true rank change, rank_to - rank_from.

    With marginal rank sets [L, U] at 1 - alpha / 2 in each wave (Bonferroni, whatever the
    dependence between waves) the set is [L_2 - U_1, U_2 - L_1]. Each set holds for one subject.

    Parameters
    ----------
    from_est, to_est : (K,) scores of the same subjects in the same order.
    from_cov, to_cov : (K, K) covariances, or (K,) variances of independent errors.
    confidence, draws, seed : as in ``rank_sets``.
    from_df, to_df : degrees of freedom of the differences in either wave, as in ``rank_sets``.

    Returns
    -------
    RankChangeSets
        Negative is upward; ``high`` < 0 is a move up beyond doubt, ``low`` > 0 a move down.

    Raises
    ------
    ValueError
        As ``rank_sets``, or for waves of different length.

    Examples
    --------
    >>> sure = [0, 0, 0]
    >>> found = rank_change_sets([3, 2, 1], sure, [1, 2, 3], sure)
    >>> found.low.tolist(), found.high.tolist()
    ([2, 0, -2], [2, 0, -2])
    """
    _both(from_est, from_cov, to_est, to_cov)
    level = 1.0 - (1.0 - confidence) / 2.0
    before = rank_sets(from_est, from_cov, confidence=level, draws=draws, seed=seed, df=from_df)
    after = rank_sets(to_est, to_cov, confidence=level, draws=draws, seed=seed, df=to_df)
    return RankChangeSets(after.low - before.high, after.high - before.low)


def luck_reference(
    scores_from: ArrayLike,
    cov_from: ArrayLike,
    cov_to: ArrayLike,
    observed_rank_change: ArrayLike,
    draws: int = 20_000,
    seed: int = 0,
    shared: ArrayLike | None = None,
) -> LuckReference:
    """Return how often luck alone moves ranks as far as observed, and the same way.

    The truth is drawn from what the first wave says about it after shrinkage: normal around the
    shrunken scores, with the variance that shrinkage leaves (REML tau2, the street mean unknown).
    The second wave is that same truth plus its own errors, and its ranks are compared with the
    published ranks of the first. Regression to the mean is therefore part of luck; what the errors
    of both waves have in common comes again, and is not.

    Parameters
    ----------
    scores_from : (K,) scores of the first wave; the same subjects as the second.
    cov_from, cov_to : (K, K) covariances, or (K,) variances above 0, of both waves.
    observed_rank_change : (K,) rank_to - rank_from among these subjects. No move at all is matched
        by anything.
    draws : simulated second waves.
    seed : of PCG64. Results do not depend on the order of the subjects.
    shared : (K, K) covariance of the first wave's errors (rows) with the second's; none if None.

    Returns
    -------
    LuckReference
        Probabilities (1 + hits) / (1 + draws), so never 0.

    Raises
    ------
    ValueError
        For input that ``uncertain.checked`` or ``between_variance`` refuses, other lengths, fewer
        than 100 draws, or moves that are not finite.

    Examples
    --------
    Committees 20 points apart whose scores have a standard error of 1 do not change places by luck:

    >>> found = luck_reference([90, 70], [1, 1], [1, 1], [1, -1], draws=100)
    >>> found.own_probability.round(4).tolist()  # 1 / 101
    [0.0099, 0.0099]
    """
    before, after = _both(scores_from, cov_from, scores_from, cov_to)
    k = before.estimates.size
    observed = np.asarray(observed_rank_change, dtype=np.float64)
    move = np.abs(observed)
    if move.shape != (k,) or not np.isfinite(move).all():
        raise ValueError(f"observed_rank_change must be {k} finite numbers, one per subject")
    if draws < 100:
        raise ValueError(f"{draws} draws are too few; use at least 100, better 20,000")
    both = _square(shared, k)
    order = np.lexsort((after.variances, before.variances, before.estimates))
    own_hits, risen, fallen = _lucky_hits(
        before.reordered(order), after.reordered(order), both[np.ix_(order, order)],
        observed[order], draws, seed,
    )  # fmt: skip
    short_of_risen = np.searchsorted(np.sort(risen), move, side="left")
    short_of_fallen = np.searchsorted(np.sort(fallen), move, side="left")
    any_hits = draws - np.select([observed < 0, observed > 0], [short_of_risen, short_of_fallen], 0)
    own = np.empty(k)
    own[order] = (1.0 + own_hits) / (1.0 + draws)
    anyone = np.asarray((1.0 + any_hits) / (1.0 + draws), dtype=np.float64)
    return LuckReference(own, anyone)


def _square(shared: ArrayLike | None, k: int) -> FloatArray:
    both = np.zeros((k, k)) if shared is None else np.asarray(shared, dtype=np.float64)
    if both.shape != (k, k) or not np.isfinite(both).all():
        raise ValueError(f"shared must be {k} by {k} finite numbers")
    return both


def _both(
    scores_from: ArrayLike, cov_from: ArrayLike, scores_to: ArrayLike, cov_to: ArrayLike
) -> tuple[Uncertain, Uncertain]:
    before, after = checked(scores_from, cov_from), checked(scores_to, cov_to)
    if before.estimates.size != after.estimates.size:
        raise ValueError(
            f"waves have {before.estimates.size} and {after.estimates.size} subjects; compare only "
            "subjects present in both"
        )
    return before, after


def _centred_variances(wave: Uncertain) -> FloatArray:
    k = wave.estimates.size
    rows = wave.matrix().sum(axis=1)
    return np.asarray(wave.variances - 2.0 * rows / k + rows.sum() / k**2)


def _centred(both: FloatArray) -> FloatArray:
    """Return the covariances (K,) of both waves' errors, each less the mean of its wave."""
    means = both.mean(axis=0) + both.mean(axis=1)
    return np.asarray(np.diagonal(both) - means + both.mean())


def _lucky_hits(
    before: Uncertain,
    after: Uncertain,
    shared: FloatArray,
    observed: FloatArray,
    draws: int,
    seed: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return how often each subject moved as far by luck, and the farthest of every draw.

    Returns
    -------
    hits : ndarray of shape (K,)
        Draws in which the subject moved at least as far as observed, and the same way.
    risen, fallen : ndarray of shape (draws,)
        How far up, and down, anybody moved.
    """
    hits = np.zeros(observed.size)
    risen, fallen = np.empty(draws), np.empty(draws)
    way, move = np.sign(observed), np.abs(observed)
    start = 0
    for moves in _lucky_moves(before, after, shared, draws, seed):
        hits += (np.where(way == 0, np.abs(moves), way * moves) >= move).sum(axis=0)
        stop = start + moves.shape[0]
        risen[start:stop] = -moves.min(axis=1)
        fallen[start:stop] = moves.max(axis=1)
        start = stop
    return hits, risen, fallen


def _lucky_moves(
    before: Uncertain, after: Uncertain, shared: FloatArray, draws: int, seed: int
) -> Iterator[FloatArray]:
    """Yield rank moves (draws at once, K) of simulated second waves in which nothing changed."""
    generator = np.random.Generator(np.random.PCG64(seed))
    centre, root = _second_wave_given_first(before, after, shared)
    published = competition_rank(before.estimates)
    k = published.size
    step = max(1, _SCORES_AT_ONCE // k)
    for start in range(0, draws, step):
        count = min(step, draws - start)
        second = centre + generator.standard_normal((count, k)) @ root.T
        ranks = np.empty((count, k))
        np.put_along_axis(
            ranks, np.argsort(-second, axis=1), np.arange(1.0, k + 1)[None, :], axis=1
        )
        yield ranks - published


def _second_wave_given_first(
    before: Uncertain, after: Uncertain, shared: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the mean (K,) and a root R (K, K), covariance R R', of an unchanged second wave.

    The best linear prediction from the first, with the mean of the true scores unknown; the two
    waves' scores have the covariance tau2 I + C', of truth and of shared errors.
    """
    k = before.estimates.size
    uncertainty = before.variances if before.covariance is None else before.covariance
    tau2 = between_variance(before.estimates, uncertainty)
    total = before.matrix() + tau2 * np.eye(k)
    solved = np.linalg.solve(total, np.column_stack([before.estimates, np.ones(k), np.eye(k)]))
    precision_x, precision_one, precision = solved[:, 0], solved[:, 1], solved[:, 2:]
    information = float(precision_one.sum())
    street = float(precision_x.sum()) / information
    told = tau2 * np.eye(k) + shared.T
    centre = street + told @ (precision_x - street * precision_one)
    reach = 1.0 - told @ precision_one
    remaining = tau2 * np.eye(k) - told @ precision @ told.T + np.outer(reach, reach) / information
    covariance = remaining + after.matrix()
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    return centre, vectors * np.sqrt(np.maximum(values, 0.0))
