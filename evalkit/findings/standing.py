"""How far the league table can be trusted: bands, reliability, shrunken and adjusted scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from evalkit.definitions.roster import Roster
from evalkit.errors import Note
from evalkit.findings.combining import steadied
from evalkit.findings.ranking import verdict
from evalkit.methods import banding, irregularities, shrinkage
from evalkit.tables import OVERALL, Cells, Floats, Ranking, Scores, frame, no_rows

MEANING = {
    "reliability": "信度：各居民区得分的差异里，有多大比例是真实差别，其余是抽样的偶然；低于 0.7 的表不能逐名排序。",
    "tau": "真实差别：去掉抽样偶然之后，居民区之间得分的标准差大约是多少分。",
    "distinguishable_pairs": "能分先后的比例：任取两个居民区，有多大比例能有把握地说谁高谁低。",
    "icc": "单份答卷的信度：只看一份答卷，其差异里有多大比例来自居民区的真实差别。",
    "validity": "效度：综合得分与居民“总体满意度”一题在居民区之间的相关；越接近 1，综合得分越反映居民的总体感受。",
    "bands": "预期区间：落在“符合预期”内的居民区，与街道平均的差别在通常的波动之内，不宜表扬或批评。",
    "shrunken": "收缩得分：样本少的居民区向街道平均靠拢后的得分，是对真实水平更稳妥的估计；排名仍按原始得分。",
    "adjusted": "结构调整得分：假如各居民区的受访者年龄、性别、住房等构成相同，得分会是多少；只供参考，不用于排名。",
    "gap": "重点与随机之差：重点居民评分减随机居民评分；某居民区的差明显大于全街道的通常水平时，应核查重点问卷的发放。",
}
"""One sentence for every published figure: what it means for a street leader."""


def stand(
    scores: Scores,
    ranking: Ranking,
    roster: Roster,
    adjusted: Mapping[str, tuple[float, float]],
) -> Any:
    """Place raw, case-mix-adjusted and shrunken scores side by side, with their bands.

    Parameters
    ----------
    adjusted : dict of subject to (adjusted composite, its standard error)
        Subjects that could not be adjusted are missing.

    Returns
    -------
    DataFrame
        Frame ``bands``, in roster order; empty with fewer than three complete committees.
    """
    if len(scores.subjects) < 3:
        return no_rows("bands")
    bands = banding.expected_range(scores.composite, scores.variance[0])
    shrunken = shrinkage.shrink(scores.composite, scores.variance[0])
    ranks = ranking.table.set_index("subject")["rank"]
    subjects = list(scores.subjects)
    pairs = [adjusted.get(subject, (np.nan, np.nan)) for subject in subjects]
    return frame(
        "bands",
        {
            "wave": [scores.wave] * len(subjects),
            "subject": subjects,
            "name": [roster.subject(subject).name for subject in subjects],
            "score": scores.composite,
            "rank": ranks.loc[subjects].to_numpy(),
            "band": list(bands.band),
            "z": bands.z,
            "adjusted": [pair[0] for pair in pairs],
            "adjusted_se": [pair[1] for pair in pairs],
            "shrunken": shrunken.estimate,
            "shrunken_se": np.sqrt(shrunken.mse),
        },
    )


def reliability(cells: Cells, scores: Scores, ranking: Ranking) -> dict[str, Any]:
    """Collect what is known of the table's reliability and validity.

    Returns
    -------
    dict
        Numbers without rounding, and the verdict.
    """
    found: dict[str, Any] = {
        "wave": scores.wave,
        "subjects": len(scores.subjects),
        "reliability": ranking.reliability,
        "tau": ranking.tau,
        "icc": _icc(cells, scores, ranking),
        "distinguishable_pairs": ranking.distinguishable_pairs,
        "validity": validity(cells, scores),
        "verdict": verdict(ranking),
    }
    return found


def validity(cells: Cells, scores: Scores) -> dict[str, float] | None:
    """Correlate the composite with the residents' overall satisfaction, over committees.

    Returns
    -------
    dict or None
        ``correlation``, ``low``, ``high`` (95%, Fisher's z) and ``subjects``; None with fewer
        than four committees or where the item was not asked or never varies.
    """
    at = [cells.subjects.index(subject) for subject in scores.subjects]
    column = cells.measures.index(OVERALL)
    overall = _overall(cells, column)[at]
    known = np.isfinite(overall)
    if known.sum() < 4 or np.ptp(overall[known]) == 0 or np.ptp(scores.composite[known]) == 0:
        return None
    r = float(np.corrcoef(overall[known], scores.composite[known])[0, 1])
    reach = stats.norm.ppf(0.975) / np.sqrt(known.sum() - 3.0)
    middle = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    return {
        "correlation": r,
        "low": float(np.tanh(middle - reach)),
        "high": float(np.tanh(middle + reach)),
        "subjects": int(known.sum()),
    }


def gaps(
    cells: Cells, scores: Scores, residents: tuple[str, ...]
) -> tuple[dict[str, tuple[float, float, bool]], dict[str, float]]:
    """Compare the two resident groups of every committee: key residents less random ones.

    Parameters
    ----------
    residents : tuple of str
        Codes of exactly two groups, or nothing is compared.

    Returns
    -------
    by_subject : dict of subject to (gap, statistic, outlier)
    street : dict
        ``mean``, ``se`` and ``tau`` of the gap over the street, points; empty if not compared.
    """
    if len(residents) != 2 or len(scores.subjects) < 3:
        return {}, {}
    at = np.array([cells.subjects.index(subject) for subject in scores.subjects])
    groups = list(cells.groups)
    delta, variance, spread = np.zeros(len(at)), np.zeros(len(at)), np.zeros(len(at))
    for code, sign in zip(residents, (1.0, -1.0), strict=True):
        weights = scores.cell_weights[groups.index(code)]
        used = np.flatnonzero(weights > 0)
        w = weights[used] / weights[used].sum()
        group = cells.groups[code]
        delta += sign * (group.mean[np.ix_(at, used)] @ w)
        steady = steadied(group, used, w)
        own, df = steady.variance[at], steady.df[at]
        variance += own
        spread += own**2 / df
    if not (np.isfinite(delta) & (variance > 0)).all():
        return {}, {}
    found = irregularities.key_random_gap(delta, variance, df=variance**2 / spread)
    rows = zip(scores.subjects, delta, found.statistic, found.outlier, strict=True)
    street = {"mean": found.mean, "se": found.se, "tau": float(np.sqrt(found.tau2))}
    return {s: (float(d), float(z), bool(o)) for s, d, z, o in rows}, street


def notes(scores: Scores, table: Any, gap_outliers: int) -> tuple[Note, ...]:
    """Return what a reader must know about bands and gaps."""
    found = []
    if not len(table):
        found.append(Note("no_bands", "完整的居民区少于三个，无法判断通常的波动范围", scores.wave))
    if gap_outliers:
        found.append(
            Note(
                "gap_outlier",
                f"有 {gap_outliers} 个居民区的重点居民与随机居民评分之差明显大于通常水平，应核查重点问卷的发放",
                scores.wave,
                gap_outliers,
            )
        )
    return tuple(found)


def _overall(cells: Cells, column: int) -> Floats:
    """Overall satisfaction by committee, answers of all groups that were asked pooled."""
    total = np.zeros(len(cells.subjects))
    count = np.zeros(len(cells.subjects))
    for group in cells.groups.values():
        n = group.n_measure[:, column].astype(float)
        total += np.where(n > 0, np.nan_to_num(group.mean[:, column]) * n, 0.0)
        count += n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))


def _icc(cells: Cells, scores: Scores, ranking: Ranking) -> float | None:
    """Share of one answer's variance that lies between committees."""
    if len(scores.subjects) < 2:
        return None
    at = [cells.subjects.index(subject) for subject in scores.subjects]
    n = sum(group.n[at].astype(float) for group in cells.groups.values())
    within = float(np.mean(scores.variance[0] * n))
    between = ranking.tau**2
    return between / (between + within) if between + within > 0 else None
