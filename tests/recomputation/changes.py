"""What changed between two waves: `changes.csv` and `contributions.csv`.

From `docs/method.md` (Change): d_j = (x_j2 - xbar_2) - (x_j1 - xbar_1), its variance from both
waves' covariances less what they have in common, t with Satterthwaite's degrees of freedom, Holm over
committees. The change itself, x_j2 - x_j1, has the same t, and Holm's family of its own. The
rank-change set is [L2 - U1, U2 - L1] from marginal sets at 1 - alpha/2 in each wave. Points are Bennet's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tests.recomputation import panel, ranks
from tests.recomputation import weights as weighing
from tests.recomputation.scores import Wave, combined, complete

Array = np.ndarray


def holm(p: list[float]) -> list[float]:
    """Holm (1979): the smallest times m, the next times m - 1, ..., never falling, at most 1."""
    adjusted, highest = [0.0] * len(p), 0.0
    for place, which in enumerate(sorted(range(len(p)), key=lambda at: p[at])):
        highest = max(highest, (len(p) - place) * p[which])
        adjusted[which] = min(highest, 1.0)
    return adjusted


def common(before: Wave, after: Wave, scheme: dict[str, Any]) -> list[str]:
    """Committees complete in both waves, in roster order."""
    first = set(complete(before, scheme))
    return [subject for subject in complete(after, scheme) if subject in first]


def table(
    before: Wave,
    after: Wave,
    scheme: dict[str, Any],
    names: dict[str, str],
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """As `changes.csv`; without rows where fewer than two committees can be compared."""
    subjects = common(before, after, scheme)
    order = [
        "subject",
        "name",
        "from_wave",
        "to_wave",
        "score_from",
        "score_to",
        "change",
        "relative_change",
        "se",
        "p_adjusted",
        "verdict",
        "rank_from",
        "rank_to",
        "rank_change",
        "rank_change_low",
        "rank_change_high",
        "change_se",
        "change_p_adjusted",
        "change_verdict",
        "change_rank",
        "change_rank_low",
        "change_rank_high",
    ]
    if len(subjects) < 2:
        return pd.DataFrame(columns=order)
    whole = weighing.measures(scheme)[0]
    first, last = combined(before, whole, subjects), combined(after, whole, subjects)
    k = len(subjects)
    change = last.mean - first.mean
    relative = change - change.sum() / k

    # Against the street: committee j less the mean of all, as weights on the scores.
    against = np.eye(k) - 1 / k
    both, more = panel.in_common(before, after, whole, subjects)
    moved = first.covariance + last.covariance - both - both.T
    variance = np.diag(against @ moved @ against.T)
    se = np.sqrt(variance)
    own_variance = first.variance + last.variance - 2 * np.diag(both)
    spread = first.variance**2 / first.df + last.variance**2 / last.df + more
    df = np.maximum(own_variance**2 / spread, 1)
    p = 2 * stats.t.sf(np.abs(relative) / se, df)
    adjusted = holm(p.tolist())
    alpha = 1 - scheme["confidence"]
    verdict = [
        "无明显变化" if not q < alpha else "明显上升" if points > 0 else "明显下降"
        for q, points in zip(adjusted, relative, strict=True)
    ]
    own_se = np.sqrt(own_variance)
    own = holm((2 * stats.t.sf(np.abs(change) / own_se, df)).tolist())
    rank_from, rank_to = ranks.competition(first.mean), ranks.competition(last.mean)
    level = 1 - alpha / 2
    sets = [
        ranks.marginal(
            wave.mean,
            wave.covariance,
            ranks.published_errors(wave.mean, wave.covariance, draws, seed),
            level,
            wave.pair_df,
        )
        for wave in (first, last)
    ]
    apart = [_of_pairs(wave.covariance) for wave in (first, last)]
    spread = apart[0] ** 2 / first.pair_df + apart[1] ** 2 / last.pair_df
    with np.errstate(invalid="ignore", divide="ignore"):
        df_of_pairs = np.where(spread > 0, np.maximum(_of_pairs(moved) ** 2 / spread, 1), np.inf)
    among = ranks.marginal(
        change, moved, ranks.published_errors(change, moved, draws, seed), 1 - alpha, df_of_pairs
    )
    return pd.DataFrame(
        {
            "subject": subjects,
            "name": [names[subject] for subject in subjects],
            "from_wave": before.name,
            "to_wave": after.name,
            "score_from": first.mean,
            "score_to": last.mean,
            "change": change,
            "relative_change": relative,
            "se": se,
            "p_adjusted": adjusted,
            "verdict": verdict,
            "rank_from": rank_from,
            "rank_to": rank_to,
            "rank_change": rank_to - rank_from,
            "rank_change_low": sets[1].low - sets[0].high,
            "rank_change_high": sets[1].high - sets[0].low,
            "change_se": own_se,
            "change_p_adjusted": own,
            "change_verdict": [
                "无显著变化" if not q < alpha else "上升" if points > 0 else "下降"
                for q, points in zip(own, change, strict=True)
            ],
            "change_rank": ranks.competition(change),
            "change_rank_low": among.low,
            "change_rank_high": among.high,
        }
    )[order]


def _of_pairs(covariance: Array) -> Array:
    own = np.diag(covariance)
    return np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0)


def contributions(before: Wave, after: Wave, scheme: dict[str, Any]) -> pd.DataFrame:
    """As `contributions.csv`: points of every committee's change by rater group and indicator.

    Bennet (1920): mean weight times change of the cell plus mean of the cell times change of its
    weight. Both waves are scored under one scheme, so that the weights do not change.
    """
    subjects = common(before, after, scheme)
    order = ["subject", "from_wave", "to_wave", "code", "points", "group"]
    if len(subjects) < 2:
        return pd.DataFrame(columns=order)
    weights = weighing.in_composite(scheme)
    rows = []
    for subject in subjects:
        old, new = before.subjects.index(subject), after.subjects.index(subject)
        for group in weights.index:
            for i, code in enumerate(weights.columns):
                weight = weights.loc[group, code]
                if weight > 0:
                    moved = after.cells[group].mean[new, i] - before.cells[group].mean[old, i]
                    rows.append((subject, before.name, after.name, code, weight * moved, group))
    return pd.DataFrame(rows, columns=order)
