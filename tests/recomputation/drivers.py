"""What explains overall satisfaction, once more: LMG or Johnson's weights, with a bootstrap.

References
----------
Lindeman, Merenda & Gold (1980); Grömping (2007), The American Statistician 61 (LMG).
Johnson (2000), Multivariate Behav. Res. 35 (relative weights).
Green (1991), Multivariate Behav. Res. 26 (50 + 8 P answers).
"""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from tests.recomputation import trust
from tests.recomputation.residents import opinions

SAMPLES = 500


def drivers(street: Any, rows: Any, seed: int) -> pd.DataFrame:
    """Rows of drivers.csv, most important first; empty where the data do not allow it."""
    scheme = street.scheme
    residents = trust.residents_of(scheme)
    kept = rows.kept[rows.kept["group"].isin([g["code"] for g in residents])]
    scores = opinions(street, rows).loc[kept.index]
    judged = trust.covers(scheme)[[bool(g.get("residents")) for g in scheme["groups"]]].any(axis=0)
    codes = [i["code"] for i, own in zip(trust.indicators_of(scheme), judged, strict=True) if own]
    weight = kept["weight"].to_numpy(dtype=float).copy()
    for group in residents:
        inside = (kept["group"] == group["code"]).to_numpy()
        if weight[inside].sum() > 0:
            weight[inside] *= group["weight"] / weight[inside].sum()
    weight *= len(weight) / weight.sum()
    names = (kept["subject"].astype(str) + "\0" + kept["group"].astype(str)).to_numpy()
    cell = np.unique(names, return_inverse=True)[1]
    for predictors in (scores[codes], by_dimension(scheme, scores[codes])):
        usable = predictors.loc[:, varying(predictors, cell)]
        complete = (usable.notna().all(axis=1) & scores[trust.OVERALL].notna()).to_numpy()
        spare = complete.sum() - len(set(cell[complete]))
        if usable.shape[1] == 0 or spare < 50 + 8 * usable.shape[1]:
            continue
        usable = usable.loc[:, varying(usable[complete], cell[complete])]
        complete = (usable.notna().all(axis=1) & scores[trust.OVERALL].notna()).to_numpy()
        complete = complete & (weight > 0)
        data = np.column_stack([usable, scores[trust.OVERALL]])[complete]
        order = np.argsort(cell[complete], kind="stable")
        data, w, own = data[order], weight[complete][order], cell[complete][order]
        points = importance(within(data, w, own))
        low, high = np.quantile(bootstrap(data, w, own, seed), [0.025, 0.975], axis=0)
        means = [performance(predictors[c].to_numpy(), kept, weight, residents) for c in usable]
        found = pd.DataFrame(
            {
                "code": list(usable),
                "importance": points,
                "low": low,
                "high": high,
                "performance": [mean for mean, _ in means],
                "performance_se": [se for _, se in means],
                "r_squared": points.sum(),
                "n": len(data),
            }
        )
        return found.sort_values("importance", ascending=False, kind="stable", ignore_index=True)
    return pd.DataFrame()


def by_dimension(scheme: Any, scores: pd.DataFrame) -> pd.DataFrame:
    """Weighted means over the indicators answered, if these carry enough of the weight."""
    found = {}
    for dimension in scheme["dimensions"]:
        inside = [i for i in dimension["indicators"] if i["code"] in scores]
        if not inside:
            continue
        w = np.array([i["weight"] for i in inside], float)
        x = scores[[i["code"] for i in inside]]
        mass = x.notna().to_numpy() @ w
        enough = (mass > 0) & (mass >= scheme.get("minimum_answered", 0.5) * w.sum())
        total = x.fillna(0.0).to_numpy() @ w
        found[dimension["code"]] = np.where(enough, total / np.maximum(mass, 1e-12), np.nan)
    return pd.DataFrame(found, index=scores.index)


def varying(scores: pd.DataFrame, cell: np.ndarray) -> np.ndarray:
    """Which columns 30 residents judged and some cell does not agree on."""
    away = (scores - scores.groupby(cell).transform("mean")).abs().max()
    return ((scores.notna().sum() >= 30) & (away > 1e-9)).to_numpy()


def within(data: np.ndarray, w: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Cross products about the weighted means of each cell, the outcome last; cells in order."""
    _, begin, place = np.unique(cell, return_index=True, return_inverse=True)
    mass = np.add.reduceat(w, begin)
    sums = np.add.reduceat(w[:, None] * data, begin)
    x = data - (sums / np.where(mass > 0, mass, 1.0)[:, None])[place]
    return x.T @ (w[:, None] * x)


def importance(products: np.ndarray) -> np.ndarray:
    """Shares of the outcome's variance: LMG for up to 12 predictors, else relative weights."""
    return (lmg if len(products) <= 13 else relative_weights)(products)


def lmg(products: np.ndarray) -> np.ndarray:
    """A predictor's gain in R2 over all orders: each subset S counts |S|! (P - |S| - 1)! / P!."""
    p = len(products) - 1
    y = products[-1, -1]

    def explained(subset: tuple[int, ...]) -> float:
        if not subset:
            return 0.0
        xx, xy = products[np.ix_(subset, subset)], products[list(subset), -1]
        return float(xy @ np.linalg.pinv(xx, hermitian=True) @ xy / y)

    subsets = [s for size in range(p + 1) for s in combinations(range(p), size)]
    r2 = {frozenset(s): explained(s) for s in subsets}
    found = np.zeros(p)
    for s in subsets:
        count = factorial(len(s)) * factorial(p - len(s) - 1) / factorial(p) if len(s) < p else 0
        for i in set(range(p)) - set(s):
            found[i] += count * (r2[frozenset({*s, i})] - r2[frozenset(s)])
    return found


def relative_weights(products: np.ndarray) -> np.ndarray:
    """Johnson: predictors by their nearest orthogonal ones, Lambda^2 beta^2, Lambda = R^(1/2)."""
    sd = np.sqrt(np.diag(products))
    sd = np.where(sd > 0, sd, 1.0)
    correlation = products / np.outer(sd, sd)
    values, vectors = np.linalg.eigh(correlation[:-1, :-1])
    kept = values > 1e-10
    root = vectors @ np.diag(np.sqrt(np.clip(values, 0, None))) @ vectors.T
    inverse = vectors[:, kept] @ np.diag(values[kept] ** -0.5) @ vectors[:, kept].T
    return root**2 @ (inverse @ correlation[:-1, -1]) ** 2


def bootstrap(data: np.ndarray, w: np.ndarray, cell: np.ndarray, seed: int) -> np.ndarray:
    """Importances of samples drawn with replacement within each cell, PCG64 of the seed.

    Row r of a cell of m rows that begins at row b is replaced by row b + floor(m u_r).
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    cells, begin, size = np.unique(cell, return_index=True, return_counts=True)
    place = np.searchsorted(cells, cell)
    first, many = begin[place], size[place]
    uniform = rng.random((SAMPLES, len(data)))
    observed = np.diag(within(data, w, cell))
    found = []
    for one in uniform:
        drawn = first + (one * many).astype(int)
        products = within(data[drawn], w[drawn], cell)
        varies = np.diag(products) > 1e-12 * observed
        products = products * varies[:, None] * varies[None, :]
        if varies[-1]:
            found.append(importance(products))
    return np.array(found)


def performance(
    x: np.ndarray, kept: pd.DataFrame, weight: np.ndarray, residents: list[dict[str, Any]]
) -> tuple[float, float]:
    """The mean over committees of the residents' means, groups by the scheme's weights; its se."""
    total, variance, mass = 0.0, 0.0, 0.0
    for group in residents:
        own = (kept["group"] == group["code"]).to_numpy() & ~np.isnan(x) & (weight > 0)
        if not own.any():
            continue
        frame = pd.DataFrame({"x": x[own], "w": weight[own], "s": kept["subject"].to_numpy()[own]})
        means = {s: np.average(f["x"], weights=f["w"]) for s, f in frame.groupby("s")}
        mean = float(np.mean(list(means.values())))
        spread = 0.0
        for s, f in frame.groupby("s"):
            # a single answer has no spread of its own: its distance from the street's mean serves
            away = f["x"] - (mean if len(f) == 1 else means[s])
            part = ((f["w"] / f["w"].sum() * away / len(means)) ** 2).sum()
            spread += part * (1.0 if len(f) == 1 else len(f) / (len(f) - 1))
        share = group["weight"]
        total, variance, mass = total + share * mean, variance + share**2 * spread, mass + share
    return total / mass, float(np.sqrt(variance)) / mass
