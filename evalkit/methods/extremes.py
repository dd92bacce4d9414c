"""How likely subjects are to be among the best or the worst of all, beyond what their scores say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import rank_step_down
from evalkit.methods.uncertain import checked

FloatArray = NDArray[np.float64]

MOST = 4_000_000
"""Simulated true scores at once: of very many subjects fewer draws are made, 1,000 at the least."""
_MANY = 1e9


@dataclass(frozen=True, slots=True)
class Extremes:
    """Of every subject: how probable an end of the table is, and the rank to be expected.

    Attributes
    ----------
    best, worst : (K,) probability that the true score is among so many best, so many worst.
    rank : (K,) mean rank of the true score, 1 = best.
    """

    best: FloatArray
    worst: FloatArray
    rank: FloatArray


def among(
    expected: ArrayLike,
    covariance: ArrayLike,
    *,
    best: int,
    worst: int,
    df: ArrayLike | None = None,
    draws: int = 20_000,
    seed: int = 0,
) -> Extremes:
    """Return how likely each true score is to be among the best and among the worst.

    True scores are simulated around what is expected of them. What all errors of a draw have in
    common changes nobody's place and is taken out; the rest is scaled to Student's t where the
    variances have few degrees of freedom. Over all subjects the probabilities of being among the
    best add up to their number.

    Parameters
    ----------
    expected : (K,) expected true scores (``shrinkage.shrink``), not the scores themselves: these
        are far out by luck as well as by merit, and their ends would be told as too sure.
    covariance : (K, K) of their errors, or (K,) variances.
    best, worst : how many make an end, 1 to K.
    df : (K,) degrees of freedom of the variances, or one of all; known variances when left out.
    draws, seed : of the simulation; the result does not depend on the order of the subjects.

    Returns
    -------
    Extremes

    Raises
    ------
    ValueError
        For input that ``uncertain.checked`` refuses, or an end of none or of more than all.

    References
    ----------
    Laird & Louis (1989), Journal of Educational Statistics 14, 29-46 (expected ranks); Goldstein &
    Spiegelhalter (1996), JRSS A 159, 385-443; Shen & Louis (1998), JRSS B 60, 455-471.

    Examples
    --------
    >>> found = among([2.0, 0.0], [0.5, 0.5], best=1, worst=1)  # 2 above 0 by 2 standard errors
    >>> found.best.round(2).tolist(), found.worst.round(2).tolist()
    ([0.98, 0.02], [0.02, 0.98])
    """
    given = checked(expected, covariance)
    k = given.estimates.size
    for name, size in (("best", best), ("worst", worst)):
        if not 1 <= size <= k:
            raise ValueError(f"{name} must lie in 1..{k}, got {size}")
    freedom = np.broadcast_to(np.asarray(np.inf if df is None else df, dtype=np.float64), (k,))
    if not (freedom > 0).all():
        raise ValueError("degrees of freedom must be above 0")
    made = min(draws, max(1_000, MOST // k))
    errors, order = rank_step_down.simulated(given, made, seed)
    scores = _true_scores(given.estimates[order], errors, freedom[order], seed)
    places = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
    back = np.argsort(order)
    return Extremes(
        (places < best).mean(axis=0)[back],
        (places >= k - worst).mean(axis=0)[back],
        1.0 + places.mean(axis=0)[back],
    )


def _true_scores(
    expected: FloatArray, errors: rank_step_down.Errors, df: FloatArray, seed: int
) -> FloatArray:
    """Return simulated true scores (draws, K), less what all of a draw have in common."""
    own = np.asarray(errors.T - errors.mean(axis=0)[:, None], dtype=np.float64)
    few = np.flatnonzero(df < _MANY)
    if few.size:
        generator = np.random.Generator(np.random.PCG64([seed, 1]))
        own[:, few] *= np.sqrt(df[few] / generator.chisquare(df[few], (len(own), few.size)))
    return np.asarray(expected + own)
