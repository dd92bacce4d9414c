"""The table under other weights, once more: named alternatives, random weightings, Sobol indices.

The random numbers are part of the method: NumPy's PCG64 with the evaluation's seed for the rater
groups and the next seed for the indicators; the Sobol sequence is scrambled by the same seed, and
its bootstrap goes on with the same stream. So everything here is compared to the last digits.

References
----------
OECD & JRC (2008), Handbook on Constructing Composite Indicators, step 7 (Dirichlet weights).
Saltelli et al. (2010), Comput. Phys. Commun. 181, table 2: first order (b), total (f, Jansen).
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tests.recomputation import trust

DRAWS = 10_000
POINTS = 1_024
RESAMPLES = 200


def alternatives(
    street: Any,
    rows: Any,
    cells: Mapping[str, Any],
    published: trust.Table,
    subjects: Sequence[str],
    cells_of: Callable[[Any, Any], Mapping[str, Any]],
) -> pd.DataFrame:
    """The wave again under every alternative that the scheme names."""
    scheme = street.scheme
    before = dict(zip(published.subjects, trust.ranks(published.composite), strict=True))
    found = []
    for alternative in scheme.get("alternatives", []):
        weights = alternative.get("group_weights") or {}
        groups = np.array([weights.get(g["code"], g["weight"]) for g in scheme["groups"]], float)
        replaced = alternative.get("option_scores") or {}
        own = cells_of(rescored(street, replaced), rows) if replaced else cells
        other = trust.table(scheme, own, subjects, groups)
        places = trust.ranks(other.composite)
        for subject, score, rank in zip(other.subjects, other.composite, places, strict=True):
            found.append(
                {
                    "scenario": alternative["id"],
                    "scenario_name": alternative["name"],
                    "subject": subject,
                    "score": score,
                    "rank": rank,
                    "rank_change": rank - before[subject] if subject in before else np.nan,
                    "grade": trust.grade(scheme, score),
                }
            )
    return pd.DataFrame(found)


def rescored(street: Any, scores: Mapping[str, float]) -> Any:
    """The same street, its options of these scores worth others."""
    worth = {float(old): float(new) for old, new in scores.items()}
    forms = copy.deepcopy(dict(street.questionnaires))
    seen: set[int] = set()
    for form in forms.values():
        lists = [item.get("options") or [] for item in form["items"]]
        for option in (o for options in lists for o in options):
            if option.get("score") is not None and id(option) not in seen:
                seen.add(id(option))
                option["score"] = worth.get(float(option["score"]), option["score"])
    return dataclasses.replace(street, questionnaires=forms)


def around(weights: np.ndarray, seed: int) -> np.ndarray:
    """Dirichlet weights whose mean is the decided one; an average one varies by a quarter.

    A share w of I has standard deviation sqrt(w (1 - w) / (c + 1)). At w = 1/I that is a quarter
    of w when c + 1 = (I - 1) / 0.25 ** 2.
    """
    if len(weights) < 2:
        return np.tile(weights, (DRAWS, 1))
    share = weights / weights.sum()
    c = (len(weights) - 1) / 0.25**2 - 1
    return np.random.Generator(np.random.PCG64(seed)).dirichlet(c * share, DRAWS) * weights.sum()


def composites(scored: trust.Table, weights: np.ndarray) -> np.ndarray:
    found = np.einsum("pgi,kgi->pk", weights, np.nan_to_num(scored.means))
    judged = scored.weights > 0
    for k, means in enumerate(scored.means):
        if (judged & np.isnan(means)).any():  # a group's others carry what it left out
            kept = weights * np.isfinite(means)
            own = (kept * np.nan_to_num(means)).sum(axis=2) / kept.sum(axis=2)
            found[:, k] = (own * weights.sum(axis=2)).sum(axis=1)
    return found


def random_weightings(scheme: Mapping[str, Any], scored: trust.Table, seed: int) -> pd.DataFrame:
    """How often a committee keeps its grade, its third and its place."""
    groups = around(np.array([g["weight"] for g in scheme["groups"]], float), seed)
    indicators = around(
        np.array([i["weight"] for i in trust.indicators_of(scheme)], float), seed + 1
    )
    drawn = composites(scored, trust.weights_of(scheme, groups, indicators))
    k = len(scored.subjects)
    place = 1 + (drawn[:, None, :] > drawn[:, :, None]).sum(axis=2)
    own = trust.ranks(scored.composite)
    cuts = np.array([g["cutoff"] for g in scheme["grades"][:-1]], float)
    earned = (drawn[:, :, None] >= cuts).sum(axis=2)
    mine = (scored.composite[:, None] >= cuts).sum(axis=1)
    third, my_third = 3 * (place - 1) // k, 3 * (own - 1) // k
    ordered = np.sort(place, axis=0)
    return pd.DataFrame(
        {
            "subject": scored.subjects,
            "same_grade": (earned == mine).mean(axis=0),
            "same_third": (third == my_third).mean(axis=0),
            "same_place": (place == own).mean(axis=0),
            # the smallest rank that at least 5%, or 95%, of the weightings do not exceed
            "rank_low": ordered[int(np.ceil(0.05 * DRAWS)) - 1],
            "rank_high": ordered[int(np.ceil(0.95 * DRAWS)) - 1],
        }
    )


def weight_influence(scheme: Mapping[str, Any], scored: trust.Table, seed: int) -> pd.DataFrame:
    """Sobol indices of the mean absolute shift of ranks, weights between half and 1.5 times."""
    groups = np.array([g["weight"] for g in scheme["groups"]], float)
    indicators = np.array([i["weight"] for i in trust.indicators_of(scheme)], float)
    owner = np.array([d for d, x in enumerate(scheme["dimensions"]) for _ in x["indicators"]])
    published = trust.ranks(scored.composite)
    g, d = len(groups), len(groups) + len(scheme["dimensions"])

    def shift(factors: np.ndarray) -> np.ndarray:
        weights = trust.weights_of(
            scheme, groups * factors[:, :g], indicators * factors[:, g:][:, owner]
        )
        drawn = composites(scored, weights)
        place = 1 + (drawn[:, None, :] > drawn[:, :, None]).sum(axis=2)
        return np.abs(place - published).mean(axis=1)

    rng = np.random.Generator(np.random.PCG64(seed))
    factors = 0.5 + stats.qmc.Sobol(2 * d, rng=rng).random(POINTS)
    a, b = factors[:, :d], factors[:, d:]
    at_a, at_b, mixed = shift(a), shift(b), []
    for i in range(d):
        one_changed = a.copy()
        one_changed[:, i] = b[:, i]
        mixed.append(shift(one_changed))
    if np.ptp(at_a) == 0:
        return pd.DataFrame()
    first, total = indices(at_a, at_b, np.array(mixed))
    again = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, POINTS, POINTS)
        again.append(indices(at_a[rows], at_b[rows], np.array(mixed)[:, rows]))
    (first_low, total_low), (first_high, total_high) = np.quantile(again, [0.025, 0.975], axis=0)
    return pd.DataFrame(
        {
            "kind": ["group"] * g + ["dimension"] * (d - g),
            "code": [x["code"] for x in (*scheme["groups"], *scheme["dimensions"])],
            "name": [x["name"] for x in (*scheme["groups"], *scheme["dimensions"])],
            "first": first, "first_low": first_low, "first_high": first_high,
            "total": total, "total_low": total_low, "total_high": total_high,
        }
    )  # fmt: skip


def indices(a: np.ndarray, b: np.ndarray, mixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First-order and total indices (d,) from outputs at A, B and A with one column of B."""
    both = np.r_[a, b]
    first = ((b - both.mean()) * (mixed - a)).mean(axis=1) / both.var()
    total = 0.5 * ((a - mixed) ** 2).mean(axis=1) / both.var()
    return first, total
