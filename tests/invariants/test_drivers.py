from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.methods.drivers import Method, relative_importance

seeds = st.integers(0, 2**32 - 1)
methods = st.sampled_from(["lmg", "johnson"])


def example(seed: int, p: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.clip(np.round(rng.normal(3.5, 1, (60, p)) + rng.normal(0, 1, (60, 1))), 1, 5)
    X[:2] = [[1.0] * p, [5.0] * p]
    groups = np.r_[0, 0, rng.integers(0, 3, 58)]
    y = X @ rng.normal(size=p) + rng.normal(0, 2, 60)
    return {"X": X, "y": y, "weights": rng.uniform(0.2, 3, 60), "groups": groups}


@given(seeds, st.integers(1, 6), methods)
@settings(max_examples=80, deadline=None)
def test_importances_are_shares_that_add_up_to_r_squared(seed: int, p: int, method: Method) -> None:
    d = example(seed, p)
    got = relative_importance(**d, method=method)
    assert (got.importance >= -1e-12).all()
    within = np.eye(3)[d["groups"]]
    root = np.sqrt(d["weights"])[:, None]

    def rest(terms: np.ndarray) -> float:
        target = root[:, 0] * d["y"]
        fit = np.linalg.lstsq(root * terms, target, rcond=None)[0]
        return float(((target - root * terms @ fit) ** 2).sum())

    r_squared = 1 - rest(np.hstack([within, d["X"]])) / rest(within)
    assert got.importance.sum() == pytest.approx(r_squared, abs=1e-9)
    assert got.r_squared == pytest.approx(r_squared, abs=1e-9)


@given(seeds, st.integers(2, 6), methods)
@settings(max_examples=60, deadline=None)
def test_order_units_doubling_and_silent_rows(seed: int, p: int, method: Method) -> None:
    d = example(seed, p)
    plain = relative_importance(**d, method=method).importance
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(60), rng.permutation(p)

    def same(changed: dict[str, np.ndarray], expected: np.ndarray) -> None:
        got = relative_importance(**changed, method=method).importance
        np.testing.assert_allclose(got, expected, atol=1e-9)

    same({k: v[rows] for k, v in d.items()}, plain)
    same(d | {"X": d["X"][:, columns]}, plain[columns])
    same(d | {"X": d["X"] * rng.uniform(0.1, 9, p) + 3, "y": 100 - 5 * d["y"]}, plain)
    same(d | {"y": d["y"] + 50.0 * d["groups"]}, plain)
    same({k: np.concatenate([v, v]) for k, v in d.items()}, plain)
    silent = {k: np.concatenate([v, v[:5]]) for k, v in d.items()}
    silent["y"][60:] = -1e3
    silent["weights"][60:] = 0
    same(silent, plain)
