"""The league table, and how much of it is luck."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode, TableVerdict
from evalkit.definitions.roster import Roster
from evalkit.errors import Note
from evalkit.methods import rank_sets, shrinkage
from evalkit.tables import MOSTLY, RELIABLE, Ranking, Scores, frame, no_rows

_KINDS: tuple[Literal["marginal", "joint"], ...] = ("marginal", "joint")


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
        With fewer than two complete committees the table is empty or has one sure row. It is
        empty, too, where the scores have no errors: places would be told as if they were certain.
    """
    k = len(scores.subjects)
    if not scores.errors_known:
        return Ranking(scores.wave, no_rows("ranking"), np.nan, np.nan, np.nan, ())
    if k < 2:
        return _too_few(scores, roster)
    marginal, joint = (
        rank_sets.rank_sets(
            scores.composite,
            scores.covariance,
            confidence=confidence,
            kind=kind,
            draws=draws,
            seed=seed,
            df=scores.pair_df,
        )
        for kind in _KINDS
    )
    tau2 = shrinkage.between_variance(scores.composite, scores.covariance)
    ends = shrinkage.between_interval(scores.composite, scores.covariance, confidence=confidence)
    own = shrinkage.own_variances(scores.covariance)
    reliability = shrinkage.reliability(tau2, own)
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
        float(shrinkage.reliability(ends.low, own).mean()),
        float(shrinkage.reliability(ends.high, own).mean()),
    )


def verdict(ranking: Ranking) -> TableVerdict:
    """Tell what a street leader may read from the table, where its reliability is sure enough.

    Only an interval that lies on one side of `RELIABLE` decides whether the table can rank.
    """
    if ranking.reliability_high < RELIABLE:
        return TableVerdict.NO_ORDER
    if not ranking.reliability_low >= RELIABLE:
        return TableVerdict.UNDECIDED
    if ranking.distinguishable_pairs < MOSTLY:
        return TableVerdict.THIRDS
    return TableVerdict.ROUGH_ORDER


def notes(ranking: Ranking) -> tuple[Note, ...]:
    """Return what a reader must know about this table."""
    found = []
    told = {
        TableVerdict.NO_ORDER: NoteCode.LOW_RELIABILITY,
        TableVerdict.UNDECIDED: NoteCode.UNDECIDED_RELIABILITY,
    }
    code = told.get(verdict(ranking)) if len(ranking.table) >= 2 else None
    if code is not None:
        facts = {
            "reliability": ranking.reliability,
            "reliability_low": ranking.reliability_low,
            "reliability_high": ranking.reliability_high,
        }
        found.append(Note(code, ranking.wave, facts=facts))
    if ranking.unstable:
        found.append(Note(NoteCode.MONTE_CARLO, ranking.wave, len(ranking.unstable)))
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
    return Ranking(scores.wave, table, 0.0, 0.0, 0.0, (), None, 0.0, 0.0)
