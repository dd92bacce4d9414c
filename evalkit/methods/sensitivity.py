"""Sensitivity: how far a table depends on the weights somebody chose.

References
----------
Saltelli, A. et al. (2010). Variance based sensitivity analysis of model output. Design and
estimator for the total sensitivity index. Computer Physics Communications 181, 259-270.
OECD & JRC (2008). Handbook on Constructing Composite Indicators, step 7. OECD Publishing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """Sobol indices of S outputs for d inputs, with percentile bootstrap bounds.

    Attributes
    ----------
    first, first_low, first_high
        (S, d) share of an output's variance that an input makes on its own.
    total, total_low, total_high
        (S, d) share that involves the input at all, interactions included.
    evaluations
        Points at which the model was computed.
    """

    first: Float
    first_low: Float
    first_high: Float
    total: Float
    total_low: Float
    total_high: Float
    evaluations: int


@dataclass(frozen=True, slots=True)
class Robustness:
    """How K subjects fare under P perturbed weightings.

    Attributes
    ----------
    rank
        (K,) competition rank under the nominal scores, 1 = best; NaN without a score.
    same_grade, same_third, same_place
        (K,) share of the weightings (0 to 1) that leave the subject in its grade, its third of the
        table, its place.
    rank_quantiles
        (Q, K) quantiles of the subject's rank over the weightings.
    score_low, score_high
        (K,) lowest and highest score over the weightings.
    unchanged
        Share of the weightings under which no subject changes place.
    """

    rank: Float
    same_grade: Float
    same_third: Float
    same_place: Float
    rank_quantiles: Float
    score_low: Float
    score_high: Float
    unchanged: float


def sobol_indices(
    model: Callable[[Float], Float],
    inputs: Sequence[Any],
    *,
    n: int = 1024,
    confidence: float = 0.95,
    resamples: int = 500,
    seed: int = 0,
) -> SobolIndices:
    """First-order and total Sobol indices (Saltelli 2010), by `scipy.stats.sobol_indices`.

    Parameters
    ----------
    model
        Takes points (m, d) and returns outputs (m,) or (m, S).
    inputs
        d frozen `scipy.stats` distributions, independent of one another.
    n
        Base sample size, a power of 2; the model is computed at n (d + 2) points.
    confidence, resamples
        Of the bootstrap bounds.
    seed
        Of the sample and the bootstrap.

    Raises
    ------
    ValueError
        When n is not a power of 2, no input is given, or an output does not vary or is not finite.

    Examples
    --------
    >>> inputs = [scipy.stats.uniform(), scipy.stats.uniform()]
    >>> found = sobol_indices(lambda x: x[:, 0], inputs, n=256, resamples=10)
    >>> found.total.round(1).tolist(), found.evaluations  # the second input does nothing
    ([[1.0, 0.0]], 1024)
    """
    d = len(inputs)
    if d == 0:
        raise ValueError("no input to vary")
    if n < 2 or n & (n - 1):
        raise ValueError(f"n must be a power of 2, got {n}")
    if resamples < 1 or not 0 < confidence < 1:
        raise ValueError("resamples must be >= 1 and confidence between 0 and 1")
    rng = np.random.Generator(np.random.PCG64(seed))
    uniform = scipy.stats.qmc.Sobol(2 * d, rng=rng).random(n)
    points = np.stack([inputs[i % d].ppf(uniform[:, i]) for i in range(2 * d)], axis=1)
    a, b = points[:, :d], points[:, d:]
    f_a, f_b = _outputs(model, a), _outputs(model, b)
    f_ab = np.stack([_outputs(model, np.where(np.arange(d) == i, b, a)) for i in range(d)])
    flat = np.flatnonzero(np.ptp(f_a, axis=1) <= 1e-12 * np.abs(f_a).max(axis=1))
    if flat.size:
        raise ValueError(f"output {flat[0]} does not vary with the inputs")

    def indices(rows: NDArray[np.intp]) -> tuple[Float, Float]:
        sample: dict[Literal["f_A", "f_B", "f_AB"], Float] = {
            "f_A": f_a[:, rows],
            "f_B": f_b[:, rows],
            "f_AB": f_ab[..., rows],
        }
        found = scipy.stats.sobol_indices(func=sample, n=n)
        return np.reshape(found.first_order, (-1, d)), np.reshape(found.total_order, (-1, d))

    first, total = indices(np.arange(n))
    again = [indices(rng.integers(0, n, n)) for _ in range(resamples)]
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    first_low, first_high = np.quantile([pair[0] for pair in again], tails, axis=0)
    total_low, total_high = np.quantile([pair[1] for pair in again], tails, axis=0)
    return SobolIndices(first, first_low, first_high, total, total_low, total_high, n * (d + 2))


def _outputs(model: Callable[[Float], Float], points: Float) -> Float:
    values = np.asarray(model(points), dtype=np.float64)
    if values.ndim not in (1, 2) or values.shape[0] != points.shape[0]:
        raise ValueError(
            f"the model must return one output or one row of outputs for each of "
            f"{points.shape[0]} points, got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError("the model returned a missing or infinite output")
    return values.reshape(points.shape[0], -1).T


def random_weights(
    nominal: ArrayLike, *, draws: int = 1000, spread: float = 0.25, seed: int = 0
) -> Float:
    """Draw weightings around the nominal one.

    Parameters
    ----------
    nominal
        (I,) weights >= 0, any sum; a weight of 0 stays 0.
    draws
        Weightings to draw.
    spread
        Relative standard deviation of a weight of average size. Weights w (as shares) follow a
        Dirichlet distribution with mean w and standard deviation sqrt(w (1 - w) / (c + 1)); c is
        chosen so that the average share 1/I has standard deviation spread / I. Smaller weights vary
        relatively more, larger ones less.
    seed
        Of the draws.

    Returns
    -------
    (draws, I) weightings, each with the nominal sum.

    Raises
    ------
    ValueError
        On malformed weights, or a spread that no Dirichlet distribution reaches.

    Examples
    --------
    >>> drawn = random_weights([50, 30, 0, 20], draws=3)
    >>> drawn.sum(axis=1).round(9).tolist(), drawn[:, 2].tolist()
    ([100.0, 100.0, 100.0], [0.0, 0.0, 0.0])
    """
    weights = np.asarray(nominal, dtype=np.float64)
    if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("nominal must be a vector of finite weights, not negative")
    used = weights > 0
    count = int(used.sum())
    if count < 2:
        raise ValueError("at least two weights must be positive")
    if draws < 1 or not 0 < spread < np.sqrt(count - 1):
        raise ValueError(f"draws must be >= 1 and spread between 0 and {np.sqrt(count - 1):.3g}")
    concentration = (count - 1) / spread**2 - 1
    total = weights.sum()
    rng = np.random.Generator(np.random.PCG64(seed))
    result = np.zeros((draws, weights.size))
    result[:, used] = rng.dirichlet(weights[used] / total * concentration, draws) * total
    return result


def robustness(
    scores: ArrayLike,
    nominal: ArrayLike,
    cuts: ArrayLike,
    *,
    quantiles: Sequence[float] = (0.05, 0.5, 0.95),
) -> Robustness:
    """Summarise scores under perturbed weights.

    Parameters
    ----------
    scores
        (P, K) scores under P weightings; a subject without a score is NaN in all of them.
    nominal
        (K,) scores under the weights as decided.
    cuts
        (C,) lowest score of each grade but the last, in any order (for instance 90, 85, 75, 60).
        Scores are not rounded.
    quantiles
        Of the ranks, in [0, 1]; a quantile is a rank that occurred (the lower one of two).

    Raises
    ------
    ValueError
        On malformed input, or when a subject has a score under some weightings only.

    Examples
    --------
    >>> found = robustness([[90, 80], [80, 90]], [90, 80], [85])
    >>> found.same_place.tolist(), found.same_grade.tolist(), found.unchanged
    ([0.5, 0.5], [0.5, 0.5], 0.5)
    """
    perturbed, base, ranked = _scored(scores, nominal)
    limits = np.sort(np.asarray(cuts, dtype=np.float64).ravel())
    if np.isnan(limits).any():
        raise ValueError("cuts must not be missing")

    values, own = perturbed[:, ranked], base[ranked]
    ranks = scipy.stats.rankdata(-values, method="min", axis=1)
    own_rank = scipy.stats.rankdata(-own, method="min")
    same_place = ranks == own_rank

    def whole(found: Float) -> Float:
        filled = np.full((*found.shape[:-1], base.size), np.nan)
        filled[..., ranked] = found
        return filled

    def grade(points: Float) -> NDArray[np.intp]:
        return np.searchsorted(limits, points, side="right")

    def third(places: Float) -> Float:
        return np.floor(3 * (places - 1) / own.size)

    return Robustness(
        rank=whole(own_rank.astype(np.float64)),
        same_grade=whole((grade(values) == grade(own)).mean(axis=0)),
        same_third=whole((third(ranks) == third(own_rank)).mean(axis=0)),
        same_place=whole(same_place.mean(axis=0)),
        rank_quantiles=whole(np.quantile(ranks, quantiles, axis=0, method="inverted_cdf")),
        score_low=whole(values.min(axis=0)),
        score_high=whole(values.max(axis=0)),
        unchanged=float(same_place.all(axis=1).mean()),
    )


def _scored(scores: ArrayLike, nominal: ArrayLike) -> tuple[Float, Float, NDArray[np.bool_]]:
    """Check scores under perturbed weights; tell which subjects have them."""
    perturbed = np.asarray(scores, dtype=np.float64)
    base = np.asarray(nominal, dtype=np.float64)
    if base.ndim != 1 or perturbed.ndim != 2 or perturbed.shape[1:] != base.shape:
        raise ValueError(
            f"scores (P, K) and nominal (K,) do not match: {perturbed.shape}, {base.shape}"
        )
    if perturbed.shape[0] == 0 or np.isinf(perturbed).any() or np.isinf(base).any():
        raise ValueError("at least one weighting is needed and no score may be infinite")
    ranked = ~np.isnan(base)
    if not ranked.any():
        raise ValueError("no subject has a score")
    if (np.isnan(perturbed) == ranked).any():
        subject = int(np.flatnonzero((np.isnan(perturbed) == ranked).any(axis=0))[0])
        raise ValueError(f"subject {subject} has a score under some weightings only")
    return perturbed, base, ranked
