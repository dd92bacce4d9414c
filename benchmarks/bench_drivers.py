"""LMG of 12 predictors: the all-subsets recursion against fitting every subset by itself.

Both sides get the same simulated answers (2,300 respondents in 35 committees, centred within the
committee) in the same run, and must agree. Prints seconds and their ratio.

    python benchmarks/bench_drivers.py [--respondents 2300] [--predictors 12] [--repeats 5]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from itertools import combinations
from math import comb

import numpy as np
import statsmodels.api as sm

from evalkit.methods.drivers import relative_importance


def simulated(n: int, p: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.Generator(np.random.PCG64(2016))
    committee = rng.integers(0, 35, n)
    halo = rng.normal(size=(n, 1)) + rng.normal(0, 0.3, 35)[committee, None]
    X = np.clip(np.round(4 + 0.7 * halo + rng.normal(0, 0.7, (n, p))), 1, 5)
    return X, X @ rng.uniform(0, 1, p) + rng.normal(0, 2, n), committee


def centred(values: np.ndarray, committee: np.ndarray) -> np.ndarray:
    totals = np.zeros((committee.max() + 1, values.shape[1]))
    np.add.at(totals, committee, values)
    return values - (totals / np.bincount(committee)[:, None])[committee]


def shapley(r_squared: Callable[[tuple[int, ...]], float], p: int) -> np.ndarray:
    subsets = [s for size in range(p + 1) for s in combinations(range(p), size)]
    value = {s: r_squared(s) for s in subsets}
    gains = np.zeros(p)
    for s in subsets:
        for i in set(range(p)) - set(s):
            gain = value[tuple(sorted((*s, i)))] - value[s]
            gains[i] += gain / (p * comb(p - 1, len(s)))
    return gains


def by_lstsq(X: np.ndarray, y: np.ndarray, committee: np.ndarray) -> np.ndarray:
    data = centred(np.column_stack([X, y]), committee)
    X, y = data[:, :-1], data[:, -1]

    def r_squared(s: tuple[int, ...]) -> float:
        if not s:
            return 0.0
        part = X[:, s]
        residual = y - part @ np.linalg.lstsq(part, y, rcond=None)[0]
        return float(1 - (residual @ residual) / (y @ y))

    return shapley(r_squared, X.shape[1])


def by_statsmodels(X: np.ndarray, y: np.ndarray, committee: np.ndarray) -> np.ndarray:
    data = centred(np.column_stack([X, y]), committee)
    X, y = data[:, :-1], data[:, -1]

    def r_squared(s: tuple[int, ...]) -> float:
        return float(sm.OLS(y, X[:, s]).fit().rsquared) if s else 0.0

    return shapley(r_squared, X.shape[1])


def by_solving(X: np.ndarray, y: np.ndarray, committee: np.ndarray) -> np.ndarray:
    """Solve the normal equations of every subset: the honest rival, which also forgets the rows."""
    products = np.cov(centred(np.column_stack([X, y]), committee).T)

    def r_squared(s: tuple[int, ...]) -> float:
        if not s:
            return 0.0
        cross = products[list(s), -1]
        return float(cross @ np.linalg.solve(products[np.ix_(s, s)], cross) / products[-1, -1])

    return shapley(r_squared, X.shape[1])


def by_evalkit(X: np.ndarray, y: np.ndarray, committee: np.ndarray) -> np.ndarray:
    return relative_importance(X, y, groups=committee).importance


def timed(run: Callable[[], np.ndarray], repeats: int) -> tuple[float, np.ndarray]:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)), result


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--respondents", type=int, default=2300)
    options.add_argument("--predictors", type=int, default=12)
    options.add_argument("--repeats", type=int, default=5)
    given = options.parse_args()
    data = simulated(given.respondents, given.predictors)

    by_evalkit(*data)
    ours, expected = timed(lambda: by_evalkit(*data), given.repeats)
    report = {
        "respondents": given.respondents,
        "predictors": given.predictors,
        "subsets": 2**given.predictors,
        "evalkit_seconds": round(ours, 5),
    }
    peers = {
        "normal_equations": by_solving,
        "numpy_lstsq": by_lstsq,
        "statsmodels_ols": by_statsmodels,
    }
    for name, peer in peers.items():
        seconds, got = timed(lambda peer=peer: peer(*data), 1)  # type: ignore[misc]
        np.testing.assert_allclose(got, expected, atol=1e-9)
        report[f"{name}_seconds"] = round(seconds, 3)
        report[f"{name}_ratio"] = round(seconds / ours, 1)
    start = time.perf_counter()
    relative_importance(*data[:2], groups=data[2], bootstrap=1000)
    report["evalkit_bootstrap_1000_seconds"] = round(time.perf_counter() - start, 2)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
