from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.methods import drivers
from evalkit.methods.drivers import importance_from_covariance, relative_importance

ROOT = Path(__file__).parents[2]
SWISS = ROOT.parent / "shared" / "peers" / "swiss.csv"


def golden(quantity: str) -> np.ndarray:
    """Numbers made by tests/golden/drivers.R, predictors in the order of the file."""
    table = pd.read_csv(ROOT / "tests/golden/drivers.csv", comment="#")
    return table.loc[table["quantity"] == quantity, "value"].to_numpy()


@pytest.mark.shared
class TestSwiss:
    # exact methods on both sides: only rounding differs
    data = pd.read_csv(SWISS, index_col=0) if SWISS.exists() else pd.DataFrame()

    def test_lmg_of_all_orders(self) -> None:
        got = relative_importance(self.data.iloc[:, 1:], self.data["Fertility"])
        np.testing.assert_allclose(got.importance, golden("lmg"), rtol=1e-10)
        assert got.r_squared == pytest.approx(golden("r_squared")[0], rel=1e-12)
        assert got.n == 47

    def test_johnson(self) -> None:
        got = relative_importance(self.data.iloc[:, 1:], self.data["Fertility"], method="johnson")
        np.testing.assert_allclose(got.importance, golden("johnson"), rtol=1e-10)

    def test_weights_and_groups(self) -> None:
        n = len(self.data)
        got = relative_importance(
            self.data.iloc[:, 1:],
            self.data["Fertility"],
            np.resize([1.0, 2.0, 3.0], n),
            groups=np.repeat([0, 1, 2, 3], 12)[:n],
        )
        np.testing.assert_allclose(got.importance, golden("lmg_weighted_grouped"), rtol=1e-9)

    def test_from_the_correlation_matrix(self) -> None:
        columns = [*self.data.columns[1:], "Fertility"]
        for matrix in (self.data[columns].corr(), self.data[columns].cov()):
            got = importance_from_covariance(matrix)
            np.testing.assert_allclose(got.importance, golden("lmg"), rtol=1e-10)
            assert got.n == 0
            assert np.isnan(got.low).all()


def correlated(seed: int, n: int = 300, p: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + 0.8 * rng.normal(size=(n, 1))
    return X, X @ np.arange(p, dtype=float) + rng.normal(0, 3, n)


def test_twelve_predictors_agree_with_sampled_orders() -> None:
    X, y = correlated(1, p=12)
    got = relative_importance(X, y).importance
    rng = np.random.default_rng(2)
    Xc, yc = X - X.mean(0), y - y.mean()
    gains = np.zeros((400, 12))
    for row in gains:
        order, before = rng.permutation(12), 0.0
        for i in range(12):
            fit = Xc[:, order[: i + 1]] @ np.linalg.lstsq(Xc[:, order[: i + 1]], yc, rcond=None)[0]
            after = (fit @ fit) / (yc @ yc)
            row[order[i]], before = after - before, after
    error = gains.std(axis=0) / np.sqrt(400)
    assert (np.abs(gains.mean(axis=0) - got) < 4.5 * error).all()


def test_brute_force_with_a_repeated_predictor() -> None:
    X, y = correlated(3, p=3)
    X = np.column_stack([X, X[:, 0]])
    Xc, yc = X - X.mean(0), y - y.mean()
    expected = np.zeros(4)
    orders = list(permutations(range(4)))
    for order in orders:
        before = 0.0
        for i in range(4):
            part = Xc[:, order[: i + 1]]
            fit = part @ np.linalg.lstsq(part, yc, rcond=None)[0]
            after = (fit @ fit) / (yc @ yc)
            expected[order[i]] += (after - before) / len(orders)
            before = after
    got = relative_importance(X, y).importance
    np.testing.assert_allclose(got, expected, atol=1e-9)
    assert got[0] == pytest.approx(got[3])


def test_a_difference_between_groups_is_no_driver() -> None:
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(10), 60)
    level = rng.normal(0, 5, 10)[groups]
    X = rng.normal(size=(600, 2))
    y = X[:, 1] + rng.normal(size=600) + level
    X[:, 0] += level
    assert relative_importance(X, y).importance[0] > 0.5
    within = relative_importance(X, y, groups=groups).importance
    assert within[0] < 0.02
    assert within[1] == pytest.approx(0.5, abs=0.08)


def test_bootstrap_is_that_of_plain_resampling_within_groups() -> None:
    X, y = correlated(5, n=240)
    groups = np.arange(240) % 3
    got = relative_importance(X, y, groups=groups, bootstrap=1500, confidence=0.9, seed=7)
    again = relative_importance(X, y, groups=groups, bootstrap=1500, confidence=0.9, seed=7)
    np.testing.assert_array_equal(got.low, again.low)
    assert got.replicates == 1500
    assert (got.low < got.importance).all()
    assert (got.importance < got.high).all()
    rng = np.random.default_rng(8)
    draws = []
    for _ in range(1500):
        rows = np.concatenate([rng.choice(np.flatnonzero(groups == g), 80) for g in range(3)])
        draws.append(relative_importance(X[rows], y[rows], groups=groups[rows]).importance)
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    spread = np.std(draws, axis=0)
    # a 5% quantile of 1,500 draws is known to about a twentieth of the spread, on either side
    assert (np.abs(got.low - low) < 0.25 * spread).all()
    assert (np.abs(got.high - high) < 0.25 * spread).all()


def test_bootstrap_draws_the_same_in_chunks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = correlated(5, n=40)
    groups = np.arange(40) % 3
    whole = relative_importance(X, y, groups=groups, bootstrap=50, seed=7)
    for elements in (1, 2500):
        monkeypatch.setattr(drivers, "_CHUNK_ELEMENTS", elements)
        got = relative_importance(X, y, groups=groups, bootstrap=50, seed=7)
        np.testing.assert_allclose([got.low, got.high], [whole.low, whole.high], rtol=1e-9)
    assert (whole.low < whole.high).all()


def test_bootstrap_leaves_out_samples_without_variation() -> None:
    X = np.arange(6.0)[:, None] % 4
    y = np.array([0.0, 0, 0, 0, 0, 1.0])
    got = relative_importance(X, y, bootstrap=400)
    # the only 1 is missed with probability (5/6)^6 = 0.335
    assert 400 * 0.57 < got.replicates < 400 * 0.76
    assert np.isfinite(got.low).all()


def test_incomplete_rows_are_left_out() -> None:
    X, y = correlated(6)
    holes = X.copy()
    holes[::3, 1] = np.nan
    keep = ~np.isnan(holes[:, 1])
    got, expected = relative_importance(holes, y), relative_importance(X[keep], y[keep])
    assert got.n == keep.sum()
    np.testing.assert_allclose(got.importance, expected.importance)


def test_names_what_never_varies() -> None:
    X, y = correlated(7)
    groups = np.arange(300) % 4
    flat = X.copy()
    flat[:, 2] = groups * 10.0
    relative_importance(flat, y)
    with pytest.raises(ValueError, match="predictor 2 never varies within the groups"):
        relative_importance(flat, y, groups=groups)
    with pytest.raises(ValueError, match="the outcome never varies"):
        relative_importance(X, np.full(300, 0.1))
    with pytest.raises(ValueError, match="predictor 0 never varies"):
        importance_from_covariance([[0.0, 0.0], [0.0, 1.0]])


def test_thirteen_predictors_need_johnson() -> None:
    X, y = correlated(8, p=13)
    with pytest.raises(ValueError, match="lmg takes up to 12 predictors, got 13; use 'johnson'"):
        relative_importance(X, y)
    got = relative_importance(X, y, method="johnson")
    assert got.importance.sum() == pytest.approx(got.r_squared)
    assert got.r_squared > 0.5


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1.0, 0.2]], "square"),
        ([[1.0, 0.2], [0.3, 1.0]], "symmetric"),
        ([[1.0, 1.2], [1.2, 1.0]], "positive semi-definite"),
        ([[1.0, np.nan], [np.nan, 1.0]], "finite"),
    ],
)
def test_malformed_matrix(matrix: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        importance_from_covariance(matrix)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [1.0, 2.0, 3.0]}, r"X must be \(n, P\)"),
        ({"y": [1.0]}, "y must have shape"),
        ({"weights": [1.0, 1.0, -1.0]}, "not negative"),
        ({"weights": [0.0, 0.0, 0.0]}, "no respondent"),
        ({"groups": [1]}, "groups must have shape"),
        ({"method": "shapley"}, "method must be"),
        ({"confidence": 1.0}, "confidence"),
        ({"X": [[1.0], [2.0], [np.inf]]}, "infinite"),
    ],
)
def test_malformed_input(change: dict, message: str) -> None:
    given = {"X": [[1.0], [2.0], [4.0]], "y": [1.0, 2.0, 2.5]}
    relative_importance(**given)
    with pytest.raises(ValueError, match=message):
        relative_importance(**(given | change))
