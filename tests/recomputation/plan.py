"""The sampling plan, once more: questionnaires one after another to where they help most.

V_j = fixed_j + sum_g W_g^2 S_gj^2 / n_gj over the resident groups; reliability tau2 / (tau2 + V - C),
C what all committees have in common.
Greedy allocation is optimal here, since the n-th questionnaire helps less than the one before it
(Wright 2012, The American Statistician 66).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tests.recomputation import trust


def plan(
    scheme: Mapping[str, Any],
    cells: Mapping[str, Any],
    scored: trust.Table,
    tau2: float,
    issued: Mapping[str, int],
    df: np.ndarray,
) -> pd.DataFrame:
    """Rows of plan.csv, in its order."""
    groups = scheme["groups"]
    residents = [g for g, group in enumerate(groups) if group.get("residents")]
    share = scored.weights.sum(axis=1)
    variance = np.stack(
        [
            trust.steady(cells[group["code"]], scored.rows[:, g] / share[g]).variance[scored.at]
            for g, group in enumerate(groups)
        ],
        axis=1,
    )
    present = np.stack([cells[groups[g]["code"]].n[scored.at] for g in residents], axis=1).astype(
        float
    )
    # what one questionnaire leaves of a group's part of the variance: W^2 S^2
    single = share[residents] ** 2 * variance[:, residents] * present
    for column in single.T:
        column[column <= 0] = np.median(column[column > 0])
    others = [g for g in range(len(groups)) if g not in residents]
    fixed = (share[others] ** 2 * variance[:, others]).sum(axis=1)
    k = len(scored.covariance)
    alike = max(scored.covariance[~np.eye(k, dtype=bool)].mean(), 0.0)
    z = stats.norm.ppf(0.5 + scheme.get("confidence", 0.95) / 2)
    least = float(max(groups[g]["minimum_n"] for g in residents))
    codes = [groups[g]["code"] for g in residents]
    rates = [cells[code].n.sum() / issued[code] if issued.get(code) else np.nan for code in codes]

    sure = scheme.get("confidence", 0.95)
    centre = np.eye(k) - 1 / k
    now = np.diag(centre @ scored.covariance @ centre.T)

    def moves(v: np.ndarray) -> dict[str, float]:
        """What verdicts on changes find where the next wave has these variances."""
        apart = np.diag(np.maximum(v - alike, 0))
        then = np.diag(centre @ apart @ centre.T)
        se = np.sqrt(now + then)
        freedom = (now + then) ** 2 / (now**2 / df + then**2 / df)
        limit = stats.t.ppf(1 - (1 - sure) / k / 2, freedom)
        least = (limit + stats.t.ppf(0.8, freedom)) * se
        away = 5 * (1 - 1 / k) / se
        power = 1 - stats.nct.cdf(limit, freedom, away) + stats.nct.cdf(-limit, freedom, away)
        return {"detectable": least.mean() / (1 - 1 / k), "power": power.mean()}

    def told(target: str, n: np.ndarray) -> list[dict[str, Any]]:
        possible = np.isfinite(n).all(axis=1)
        if not possible.any():
            return []
        own = np.where(possible[:, None], n, present)  # who cannot reach it stays as it is
        v = fixed + (single / own).sum(axis=1)
        common = {
            "reliability": (tau2 / (tau2 + np.maximum(v - alike, 0))).mean(),
            "half_width": (z * np.sqrt(v)).mean(),
            "reachable": bool(possible.all()),
            **moves(v),
        }
        totals = [round(own[:, g].sum()) for g in range(len(codes))]
        issue = [
            np.ceil(t / rate) if rate > 0 else np.nan for t, rate in zip(totals, rates, strict=True)
        ]
        rows = [
            {"target": target, "group": code, "n_per_subject": own[:, g].mean(),
             "n_total": totals[g], "issued_total": issue[g], **common}
            for g, code in enumerate(codes)
        ]  # fmt: skip
        rows.append(
            {"target": target, "group": "all", "n_per_subject": own.sum(axis=1).mean(),
             "n_total": round(own.sum()), "issued_total": sum(issue), **common}
        )  # fmt: skip
        return rows

    found = told("present", present)
    for target in (0.7, 0.8, 0.9) if tau2 > 0 else ():
        limit = tau2 * (1 - target) / target + alike
        found += told(f"reliability {target:g}", fewest(single, fixed, limit, least))
    found += told("half-width 2", fewest(single, fixed, (2 / z) ** 2, least))
    found += told("extra 500", extra(single, present, 500))
    return pd.DataFrame(found)


def fewest(single: np.ndarray, fixed: np.ndarray, limit: float, least: float) -> np.ndarray:
    """Fewest questionnaires (K, G) whose variance is within the limit; inf where none is."""
    n = np.full(single.shape, np.inf)
    for k, a in enumerate(single):
        if fixed[k] >= limit:
            continue
        own = np.full(len(a), least)
        while fixed[k] + (a / own).sum() > limit:
            own[np.argmax(a / (own * (own + 1)))] += 1
        n[k] = own
    return n


def extra(single: np.ndarray, present: np.ndarray, questionnaires: int) -> np.ndarray:
    """The present plan with so many more, each to the cell where it lowers a variance most."""
    n = present.copy()
    waiting = [(-a / (n[at] * (n[at] + 1)), at) for at, a in np.ndenumerate(single)]
    heapq.heapify(waiting)
    for _ in range(questionnaires):
        _, at = heapq.heappop(waiting)
        n[at] += 1
        heapq.heappush(waiting, (-single[at] / (n[at] * (n[at] + 1)), at))
    return n
