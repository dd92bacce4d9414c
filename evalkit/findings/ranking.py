"""The league table, and how much of it is luck."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.definitions.roster import Roster
from evalkit.errors import Note
from evalkit.methods import rank_sets, shrinkage
from evalkit.tables import Ranking, Scores, frame

RELIABLE = 0.7
"""Below this reliability a table cannot rank: read the bands (Adams 2009, RAND, on profiling)."""
MOSTLY = 0.5
"""Below this share of pairs that can be told apart, a table does not put its rows in order."""


def rank(scores: Scores, roster: Roster, *, confidence: float, draws: int, seed: int) -> Ranking:
    """Rank the complete committees of a wave on their unrounded scores.

    Parameters
    ----------
    confidence : float
        Of each marginal set, and of all joint sets together.
    draws, seed : int
        Of the simulated errors.

    Returns
    -------
    Ranking
        With fewer than two complete committees the table is empty or has one sure row.
    """
    k = len(scores.subjects)
    if k < 2:
        return _too_few(scores, roster)
    marginal = rank_sets.rank_sets(
        scores.composite, scores.covariance, confidence=confidence, draws=draws, seed=seed
    )
    joint = rank_sets.rank_sets(
        scores.composite,
        scores.covariance,
        confidence=confidence,
        kind="joint",
        draws=draws,
        seed=seed,
    )
    tau2 = shrinkage.between_variance(scores.composite, scores.covariance)
    reliability = shrinkage.reliability(tau2, scores.variance[0])
    table = pd.DataFrame(
        {
            "wave": scores.wave,
            "subject": list(scores.subjects),
            "name": [roster.subject(subject).name for subject in scores.subjects],
            "score": scores.composite,
            "rank": marginal.rank,
            "rank_low": marginal.low,
            "rank_high": marginal.high,
            "rank_low_joint": joint.low,
            "rank_high_joint": joint.high,
            "reliability": reliability,
        }
    ).sort_values("rank", kind="stable", ignore_index=True)
    surely_ahead = int((joint.low - 1).sum())
    near = marginal.near_flip | joint.near_flip
    return Ranking(
        scores.wave,
        frame("ranking", table),
        float(reliability.mean()),
        float(np.sqrt(tau2)),
        surely_ahead / (k * (k - 1) / 2.0),
        tuple(s for s, close in zip(scores.subjects, near, strict=True) if close),
        joint.ahead,
    )


def verdict(ranking: Ranking) -> str:
    """Say in plain Chinese what a street leader may read from the table."""
    share = f"{ranking.reliability:.0%}"
    if ranking.reliability < RELIABLE:
        return f"得分差异中约 {share} 是居民区之间的真实差别，其余是抽样的偶然：这张表不足以逐名排序，请看名次区间和等第。"
    apart = ranking.distinguishable_pairs
    if apart < MOSTLY:
        return (
            f"得分差异中约 {share} 是居民区之间的真实差别，但任取两个居民区，只有 {apart:.0%} 能有把握地分出先后："
            "这张表宜分出高、中、低，不宜逐名排序。"
        )
    return f"得分差异中约 {share} 是居民区之间的真实差别：这张表能大致分出先后，但相邻名次仍可能只是偶然。"


def notes(ranking: Ranking) -> tuple[Note, ...]:
    """Return what a reader must know about this table."""
    found = []
    if len(ranking.table) >= 2 and ranking.reliability < RELIABLE:
        found.append(Note("low_reliability", verdict(ranking), ranking.wave))
    if ranking.unstable:
        found.append(
            Note(
                "monte_carlo",
                f"有 {len(ranking.unstable)} 个居民区的名次区间端点处在模拟误差之内，重新模拟一次可能差一名",
                ranking.wave,
                len(ranking.unstable),
            )
        )
    return tuple(found)


def _too_few(scores: Scores, roster: Roster) -> Ranking:
    ones = np.ones(len(scores.subjects), dtype=np.int64)
    table = frame(
        "ranking",
        {
            "wave": [scores.wave] * len(ones),
            "subject": list(scores.subjects),
            "name": [roster.subject(subject).name for subject in scores.subjects],
            "score": scores.composite,
            "rank": ones,
            "rank_low": ones,
            "rank_high": ones,
            "rank_low_joint": ones,
            "rank_high_joint": ones,
            "reliability": np.zeros(len(ones)),
        },
    )
    return Ranking(scores.wave, table, 0.0, 0.0, 0.0, ())
