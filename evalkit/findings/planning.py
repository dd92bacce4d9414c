"""From this wave's variance components to next wave's sampling plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings.combining import steadied
from evalkit.methods import planning
from evalkit.tables import FRAMES, Cells, Floats, Ranking, Scores, check, no_rows

RELIABILITIES = (0.7, 0.8, 0.9)
HALF_WIDTH = 2.0
EXTRA = 500

MEANING = (
    "抽样方案：按今年测得的差别和波动推算，明年每个居民区要收回多少份有效问卷，名次才有相应的把握；"
    "假定居民区之间的差别和居民意见的分散程度与今年相同。"
)
"""What the plan means for a street leader."""


def plan(
    cells: Cells,
    scores: Scores,
    ranking: Ranking,
    scheme: Scheme,
    issued: Mapping[str, int],
) -> pd.DataFrame:
    """Tell how many residents' questionnaires the next wave needs, and what this one's deliver.

    Only the resident groups are planned; the other groups stay as they are, and what they leave
    uncertain sets the limit that no number of residents' questionnaires can pass. A questionnaire
    tells as much as one of this wave does, with what this wave's weights cost it.

    Parameters
    ----------
    issued : dict of rater group to questionnaires handed out
        Gives the return rate; groups without it have no number to issue.

    Returns
    -------
    DataFrame
        Frame ``plan``; empty with fewer than two complete committees or no resident group.
    """
    residents = [group for group in scheme.groups if group.residents]
    if len(scores.subjects) < 2 or not residents:
        return no_rows("plan")
    at = np.array([cells.subjects.index(subject) for subject in scores.subjects])
    shares, variances = _group_variances(cells, scores, at)
    codes = list(cells.groups)
    chosen = [codes.index(group.code) for group in residents]
    present = np.stack([cells.groups[codes[g]].n[at] for g in chosen], axis=1).astype(np.float64)
    within = _usual_where_zero(np.sqrt(variances[chosen].T * present))
    components = planning.Components(
        within_sd=within,
        group_weights=shares[chosen],
        between_variance=ranking.tau**2,
        fixed_variance=_fixed(shares, variances, chosen),
        confidence=scheme.confidence,
    )
    least = max(group.minimum_n for group in residents)
    rates = _return_rates(cells, [group.code for group in residents], issued)
    names = [group.code for group in residents]
    rows = [*_rows("present", names, planning.deliver(present, components), rates)]
    for target in RELIABILITIES:
        if ranking.tau > 0:
            found = planning.needed(components, reliability=target, least=least)
            rows += _rows(f"reliability {target:g}", names, found, rates)
    found = planning.needed(components, half_width=HALF_WIDTH, least=least)
    rows += _rows(f"half-width {HALF_WIDTH:g}", names, found, rates)
    bought = planning.extra(present, components, EXTRA)
    rows += _rows(f"extra {EXTRA}", names, bought.after, rates)
    table = pd.DataFrame(rows, columns=[column.name for column in FRAMES["plan"]])
    for column in ("n_total", "issued_total"):
        table[column] = table[column].astype("Int64")
    return check(table, "plan")


def target_name(target: str) -> str:
    """Return how pages and commands call a target of the frame ``plan``."""
    if target == "present":
        return "今年的方案"
    kind, _, value = target.partition(" ")
    return {
        "reliability": f"信度达到 {value}",
        "half-width": f"区间不超过 ±{value} 分",
        "extra": f"再加 {value} 份",
    }[kind]


def sentences(
    table: pd.DataFrame, scheme: Scheme, *, subject: str = "居民区", street: str = "街道"
) -> tuple[str, ...]:
    """Return the plan in words, one sentence a target.

    Parameters
    ----------
    table : DataFrame
        Frame ``plan``.
    scheme : Scheme
    subject, street : str
        What a subject, and all of them together, are called.
    """
    names = {group.code: group.name for group in scheme.groups}
    found = []
    for target, rows in table.groupby("target", sort=False):
        parts = rows[rows["group"] != "all"]
        total = rows[rows["group"] == "all"].iloc[0]
        split = "、".join(
            f"{names[str(code)]} {n:.1f} 份"
            for code, n in zip(parts["group"], parts["n_per_subject"], strict=True)
        )
        issue = total["issued_total"]
        found.append(
            f"{target_name(str(target))}：平均每个{subject}有效 {split}，全{street} {total['n_total']:,} 份"
            + ("" if pd.isna(issue) else f"（按今年回收率需发放 {issue:,} 份）")
            + f"；信度 {total['reliability']:.2f}，区间约 ±{total['half_width']:.1f} 分"
            + ("" if total["reachable"] else f"；有的{subject}达不到，未计在内")
        )
    return tuple(found)


def notes(table: pd.DataFrame, scores: Scores) -> tuple[Note, ...]:
    """Return what a reader must know about the plan."""
    found = []
    if not len(table):
        found.append(
            Note("no_plan", "完整的居民区少于两个，或没有居民类主体，无法推算抽样方案", scores.wave)
        )
    beyond = _beyond(table) if len(table) else 0
    if beyond:
        found.append(
            Note(
                "unreachable_target",
                f"下一次抽样的目标中，有 {beyond} 个只靠增加居民问卷达不到：单位类主体的评分波动已经超出目标",
                scores.wave,
                beyond,
            )
        )
    return tuple(found)


def _beyond(table: pd.DataFrame) -> int:
    """Count the targets that some committee cannot reach, and those that none can (no rows)."""
    partly = table.loc[~table["reachable"].astype(bool), "target"].nunique()
    targets = {f"half-width {HALF_WIDTH:g}"}
    if (table["reliability"] > 0).any():
        targets |= {f"reliability {target:g}" for target in RELIABILITIES}
    return int(partly) + len(targets - set(table["target"]))


def _usual_where_zero(within: Floats) -> Floats:
    """Let identical answers (K, G) vary as the group's other committees do, else as any group."""
    filled = within.copy()
    for own in filled.T:
        varying = own[own > 0] if (own > 0).any() else within[within > 0]
        own[own <= 0] = np.median(varying)
    return filled


def _group_variances(cells: Cells, scores: Scores, at: np.ndarray) -> tuple[Floats, Floats]:
    """Each group's share of the composite (G,) and the variance of its own composite (G, K)."""
    weights = scores.cell_weights
    shares = weights.sum(axis=1)
    variances = np.zeros((len(cells.groups), len(at)))
    for g, code in enumerate(cells.groups):
        used = np.flatnonzero(weights[g] > 0)
        w = weights[g, used] / shares[g]
        variances[g] = steadied(cells.groups[code], used, w).variance[at]
    return shares, variances


def _fixed(shares: Floats, variances: Floats, chosen: list[int]) -> Floats:
    others = [g for g in range(len(shares)) if g not in chosen]
    return np.asarray((shares[others, None] ** 2 * variances[others]).sum(axis=0))


def _return_rates(cells: Cells, codes: list[str], issued: Mapping[str, int]) -> list[float]:
    return [
        float(cells.groups[code].n.sum()) / issued[code] if issued.get(code) else np.nan
        for code in codes
    ]


def _rows(
    target: str, groups: list[str], delivered: planning.Delivered, rates: list[float]
) -> list[tuple[object, ...]]:
    reachable = bool(np.isfinite(delivered.n).all())
    possible = np.isfinite(delivered.n).all(axis=1)
    n = delivered.n[possible]
    if not len(n):
        return []
    reliability = float(delivered.reliability[possible].mean())
    half_width = float(delivered.half_width[possible].mean())
    rows: list[tuple[object, ...]] = []
    issued_sum: float = 0.0
    for g, group in enumerate(groups):
        total = round(float(n[:, g].sum()))
        issue = int(np.ceil(total / rates[g])) if rates[g] > 0 else None
        issued_sum = issued_sum + issue if issue is not None else np.nan
        rows.append(
            (target, group, float(n[:, g].mean()), total, issue, reliability, half_width, reachable)
        )
    total = round(float(n.sum()))
    issue = int(issued_sum) if np.isfinite(issued_sum) else None
    rows.append(
        (
            target,
            "all",
            float(n.sum(axis=1).mean()),
            total,
            issue,
            reliability,
            half_width,
            reachable,
        )
    )
    return rows
