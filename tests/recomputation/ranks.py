"""Ranks, their confidence sets, and how much of the table's spread is real.

From `docs/method.md` (Ranks), Mogstad, Romano, Shaikh & Wilhelm (2024) and Romano & Wolf (2005):
of every pair, "j is no better than k" is rejected where (x_j - x_k) / s_jk exceeds the quantile of
the largest (Z_j - Z_k) / s_jk over the claims not yet rejected; repeat until nothing new falls. As s_jk
has few degrees of freedom, (x_j - x_k) / s_jk counts as the normal quantile that is as improbable as
it is under Student's t with those.

Two sources of errors Z are used. `published_errors` are the draws that the documents promise:
"seed: of PCG64. Results do not depend on the order of the subjects" (`methods.rank_sets`), made of
the symmetric eigenvectors as the code makes them, since the same draws give the same sets to the
last place. `own_errors` are draws of a different generator through a Cholesky root, against which
the sets may differ only where a comparison lies within simulation error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from tests.recomputation import weights as weighing
from tests.recomputation.scores import Wave, combined, complete
from tests.recomputation.shrinking import apart

Array = np.ndarray


@dataclass(frozen=True)
class Sets:
    """Best and worst rank of every committee, and those that the simulation may have misplaced."""

    low: Array
    high: Array
    doubtful: Array


def competition(x: Array) -> Array:
    """1224: one more than the number of better scores."""
    return np.array([1 + sum(other > own for other in x) for own in x])


def published_errors(x: Array, covariance: Array, draws: int, seed: int) -> Array:
    """Errors (K, draws) of the draws that the published sets rest on.

    The committees take their draws from the lowest score up; where they share no rater, each
    committee's draws are its standard error times its normals.
    """
    order = np.lexsort((np.abs(covariance).sum(axis=1), np.diag(covariance), x))
    normals = np.random.Generator(np.random.PCG64(seed)).standard_normal((len(x), draws))
    sorted_ = covariance[np.ix_(order, order)]
    if np.count_nonzero(sorted_ - np.diag(np.diag(sorted_))) == 0:
        errors = np.sqrt(np.diag(sorted_))[:, None] * normals
    else:
        values, vectors = np.linalg.eigh(sorted_)
        errors = (vectors * np.sqrt(np.clip(values, 0, None))) @ normals
    back = np.empty_like(errors)
    back[order] = errors
    return back


def own_errors(covariance: Array, draws: int, seed: int) -> Array:
    """Errors (K, draws) of another generator through another root of the covariance."""
    root = np.linalg.cholesky(covariance + 1e-12 * np.trace(covariance) * np.eye(len(covariance)))
    return root @ np.random.Generator(np.random.Philox(seed)).standard_normal(
        (len(covariance), draws)
    )


def marginal(
    x: Array, covariance: Array, errors: Array, confidence: float, df: Array | None = None
) -> Sets:
    """One family a committee: both directions of all its pairs."""
    k = len(x)
    low, high, doubtful = np.ones(k, int), np.full(k, k), np.zeros(k, bool)
    for j in range(k):
        claims = [(j, o) for o in range(k) if o != j] + [(o, j) for o in range(k) if o != j]
        better, near = step_down(x, covariance, errors, confidence, claims, df)
        low[j] += sum(1 for winner, loser in better if loser == j)
        high[j] -= sum(1 for winner, loser in better if winner == j)
        doubtful[j] = bool(near)
    return Sets(low, high, doubtful)


def joint(
    x: Array, covariance: Array, errors: Array, confidence: float, df: Array | None = None
) -> Sets:
    """One family of all pairs in both directions."""
    k = len(x)
    claims = [(j, o) for j in range(k) for o in range(k) if o != j]
    better, near = step_down(x, covariance, errors, confidence, claims, df)
    low = np.array([1 + sum(loser == j for _, loser in better) for j in range(k)])
    high = np.array([k - sum(winner == j for winner, _ in better) for j in range(k)])
    return Sets(low, high, np.array([any(j in pair for pair in near) for j in range(k)]))


def step_down(
    x: Array,
    covariance: Array,
    errors: Array,
    confidence: float,
    claims: list[tuple[int, int]],
    df: Array | None = None,
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Return the pairs (j, k) of which j is known to be better, and pairs near the last bar.

    Near means within four standard errors of the simulated quantile: its order statistics at
    confidence +- 4 sqrt(confidence (1 - confidence) / draws).
    """
    variance = np.diag(covariance)
    better, open_, statistic, scale = set(), [], {}, {}
    for j, k in claims:
        s2 = variance[j] + variance[k] - 2 * covariance[j, k]
        if s2 <= 1e-12 * (variance[j] + variance[k]):
            if x[j] > x[k]:
                better.add((j, k))
            continue
        scale[j, k] = np.sqrt(s2)
        statistic[j, k] = (x[j] - x[k]) / scale[j, k]
        if df is not None and np.isfinite(df[j, k]):
            statistic[j, k] = stats.norm.isf(stats.t.sf(statistic[j, k], df[j, k]))
        open_.append((j, k))
    tested, near = list(open_), set()
    while open_:
        largest = np.full(errors.shape[1], -np.inf)
        for j, k in open_:
            np.maximum(largest, (errors[j] - errors[k]) / scale[j, k], out=largest)
        largest.sort()
        draws = len(largest)
        places = np.ceil(
            confidence * draws + _WITHIN * np.sqrt(draws * confidence * (1 - confidence))
        )
        low, bar, high = largest[np.clip(places.astype(int) - 1, 0, draws - 1)]
        near |= {pair for pair in tested if low <= statistic[pair] <= high}
        rejected = {pair for pair in open_ if statistic[pair] > bar}
        better |= rejected
        open_ = [pair for pair in open_ if pair not in rejected]
        if not rejected:
            break
    return better, near


_WITHIN = np.array([-4.0, 0.0, 4.0])


def between(x: Array, covariance: Array) -> float:
    """True variance between committees by REML: x ~ N(mu 1, tau2 I + S).

    The restricted likelihood's derivative is (x'PPx - tr P) / 2 with P = W - W11'W / 1'W1 and W the
    inverse of tau2 I + S (Harville 1977); its root with the largest likelihood, or 0.
    """
    one = np.ones(len(x))

    def projected(tau2: float) -> tuple[Array, float]:
        total = covariance + tau2 * np.eye(len(x))
        w = np.linalg.inv(total)
        p = w - np.outer(w @ one, w @ one) / (one @ w @ one)
        logs = np.linalg.slogdet(total)[1] + np.log(one @ w @ one)
        return p, -0.5 * float(logs + x @ p @ x)

    def slope(tau2: float) -> float:
        p, _ = projected(tau2)
        return float((p @ x) @ (p @ x) - np.trace(p))

    grid = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 200) * np.diag(covariance).mean()])
    slopes = [slope(tau2) for tau2 in grid]
    roots = [0.0]
    for left, right, up, down in zip(grid[:-1], grid[1:], slopes[:-1], slopes[1:], strict=True):
        if up > 0 >= down:
            roots.append(optimize.brentq(slope, left, right, xtol=1e-15, rtol=1e-14))
    return max(roots, key=lambda tau2: projected(tau2)[1])


def table(
    wave: Wave,
    scheme: dict[str, Any],
    names: dict[str, str],
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """As `ranking.csv`: complete committees, best first, in roster order where they tie."""
    subjects = complete(wave, scheme)
    found = combined(wave, weighing.measures(scheme)[0], subjects)
    x, covariance = found.mean, found.covariance
    rank = competition(x)
    if len(x) >= 2:
        errors = published_errors(x, covariance, draws, seed)
        one = marginal(x, covariance, errors, scheme["confidence"], found.pair_df)
        all_ = joint(x, covariance, errors, scheme["confidence"], found.pair_df)
        tau2 = between(x, covariance)
        reliability = tau2 / (tau2 + apart(covariance))
    else:
        one = all_ = Sets(rank, rank, np.zeros(len(x), bool))
        reliability = np.zeros(len(x))
    rows = pd.DataFrame(
        {
            "wave": wave.name,
            "subject": subjects,
            "name": [names[subject] for subject in subjects],
            "score": x,
            "rank": rank,
            "rank_low": one.low,
            "rank_high": one.high,
            "rank_low_joint": all_.low,
            "rank_high_joint": all_.high,
            "reliability": reliability,
        }
    )
    return rows.iloc[sorted(range(len(rows)), key=lambda at: (rank[at], at))].reset_index(drop=True)
