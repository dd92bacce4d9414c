from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.methods.raking import rake

ROOT = Path(__file__).parents[2]
PEERS = ROOT.parent / "shared" / "peers"
MARGINS = {"stype": ["E", "H", "M"], "sch.wide": ["No", "Yes"], "awards": ["No", "Yes"]}

shared = pytest.mark.shared


def golden() -> pd.DataFrame:
    """Numbers made by tests/golden/raking.R."""
    return pd.read_csv(ROOT / "tests/golden/raking.csv", comment="#").set_index(
        ["design", "quantity", "key"]
    )["value"]


def api(name: str) -> tuple[pd.DataFrame, list[tuple[np.ndarray, np.ndarray]]]:
    sample = pd.read_csv(PEERS / f"{name}.csv")
    known = golden().loc["population"]
    margins = [
        (
            pd.Categorical(sample[column], categories).codes.astype(int),
            np.array([known[column, c] for c in categories]),
        )
        for column, categories in MARGINS.items()
    ]
    return sample, margins


def taylor_variance(
    influence: np.ndarray, strata: np.ndarray, clusters: np.ndarray, population: np.ndarray
) -> float:
    total = 0.0
    for stratum in np.unique(strata):
        rows = strata == stratum
        _, code = np.unique(clusters[rows], return_inverse=True)
        sums = np.bincount(code, influence[rows])
        n, size = sums.size, population[rows][0]
        total += (1 - n / size) * n / (n - 1) * ((sums - sums.mean()) ** 2).sum()
    return total


@pytest.mark.parametrize(
    "design", [pytest.param(d, marks=shared) for d in ("apistrat", "apiclus1")]
)
def test_weights_and_standard_errors_of_rs_survey(design: str) -> None:
    sample, margins = api(design)
    expected = golden().loc[design]
    raked = rake(sample["pw"], margins)
    # both sides stop within 1e-10 of the targets
    np.testing.assert_allclose(raked.weights, expected["weight"].to_numpy(), rtol=1e-8)

    strata = sample["stype"].to_numpy() if design == "apistrat" else np.zeros(len(sample))
    clusters = np.arange(len(sample)) if design == "apistrat" else sample["dnum"].to_numpy()
    population = sample["fpc"].to_numpy()
    for variable in ("api00", "enroll"):
        x, w = sample[variable].to_numpy(float), raked.weights
        mean = (w @ x) / w.sum()
        assert mean == pytest.approx(expected["mean", variable], rel=1e-9)
        influence = w * (x - mean) / w.sum()
        swept = raked.residual_sweep(influence)
        se = np.sqrt(taylor_variance(swept, strata, clusters, population))
        assert se == pytest.approx(expected["se", variable], rel=1e-7)


def fixed_example() -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    rng = np.random.default_rng(5)
    n = 120
    codes = [np.r_[np.arange(c), rng.integers(0, c, n - c)] for c in (2, 3, 4)]
    totals = [np.array(t, float) for t in ([450, 550], [200, 300, 500], [100, 200, 300, 400])]
    return rng.uniform(0.5, 2, n), list(zip(codes, totals, strict=True))


def test_sweep_is_the_residual_of_a_regression_on_all_margin_cells() -> None:
    weights, margins = fixed_example()
    raked = rake(weights, margins)
    u = np.random.default_rng(1).normal(size=(120, 3))
    swept = raked.residual_sweep(u * raked.weights[:, None])
    dummies = np.hstack([np.eye(t.size)[c] for c, t in margins])
    root = np.sqrt(weights)[:, None]
    fitted = dummies @ np.linalg.lstsq(root * dummies, root * u, rcond=None)[0]
    np.testing.assert_allclose(swept, (u - fitted) * raked.weights[:, None], atol=1e-9)
    one = raked.residual_sweep(u[:, 0] * raked.weights)
    np.testing.assert_allclose(one, swept[:, 0], atol=1e-12)


def test_kish_by_hand() -> None:
    codes = np.array([0, 0, 0, 1])
    raked = rake(np.ones(4), [(codes, np.array([3.0, 3.0]))])
    np.testing.assert_allclose(raked.weights, [1, 1, 1, 3])
    assert raked.n_effective == pytest.approx(36 / 12)
    assert raked.design_effect == pytest.approx(4 / 3)


def test_names_the_margin_with_an_empty_cell() -> None:
    codes = np.array([0, 0, 2, 2])
    with pytest.raises(ValueError, match=r"'age': cell 1 has a target but no respondent"):
        rake(np.ones(4), [(codes, np.array([2.0, 1.0, 1.0]))], names=["age"])
    weighted_out = np.array([1.0, 1.0, 0.0, 0.0])
    with pytest.raises(ValueError, match=r"'margin 1': cell 2 has a target but no respondent"):
        rake(weighted_out, [(codes, np.array([2.0, 0.0, 1.0]))])


def test_names_the_margin_with_respondents_nobody_expects() -> None:
    with pytest.raises(ValueError, match=r"'sex': cell 1 has target 0 but respondents"):
        rake(np.ones(3), [(np.array([0, 0, 1]), np.array([3.0, 0.0]))], names=["sex"])


def test_names_margins_with_different_sums() -> None:
    a = (np.array([0, 1]), np.array([1.0, 1.0]))
    b = (np.array([0, 1]), np.array([1.0, 1.1]))
    with pytest.raises(ValueError, match=r"'sex' and 'age' add up to different totals: 2 and 2.1"):
        rake(np.ones(2), [a, b], names=["sex", "age"])


def test_names_the_margin_that_does_not_converge() -> None:
    # only the first cell of sex holds anybody of age 1: 3 of them cannot fit into its 2
    first = (np.array([0, 0, 1]), np.array([2.0, 2.0]))
    second = (np.array([0, 1, 0]), np.array([1.0, 3.0]))
    with pytest.raises(
        ValueError, match=r"did not converge in 50 iterations: margin 'age' is still"
    ):
        rake(np.ones(3), [first, second], names=["sex", "age"], max_iterations=50)


def test_without_being_told_it_gives_up_after_a_thousand_rounds() -> None:
    # nobody is in two of the four cells of the table
    first, second = ([0, 1], [60.0, 40.0]), ([0, 1], [50.0, 50.0])
    with pytest.raises(ValueError, match="did not converge in 1000 iterations"):
        rake(np.ones(2), [first, second])


@pytest.mark.parametrize(("off", "same"), [(0.8e-8, True), (1.2e-8, False)])
def test_sums_may_differ_by_rounding(off: float, same: bool) -> None:
    margins = [([0, 1], [60.0, 40.0]), ([0, 0], [100.0 + off])]
    if same:
        assert rake(np.ones(2), margins).weights == pytest.approx([60.0, 40.0], rel=1e-9)
    else:
        with pytest.raises(ValueError, match="add up to different totals"):
            rake(np.ones(2), margins)


def test_weights_in_the_right_proportion_need_one_round() -> None:
    found = rake([3.0, 2.0], [([0, 1], [60.0, 40.0])])
    assert found.weights == pytest.approx([60.0, 40.0], rel=1e-12)
    assert found.iterations == 1
    assert rake([2.0, 3.0], [([0, 1], [60.0, 40.0])]).iterations == 2


def test_a_margin_may_have_one_cell_and_cells_of_nobody() -> None:
    assert rake([1.0, 3.0], [([0, 0], [8.0])]).weights.tolist() == [2.0, 6.0]
    found = rake([1.0, 1.0], [([0, 2], [60.0, 0.0, 40.0])])
    assert found.weights == pytest.approx([60.0, 40.0], rel=1e-12)


@pytest.mark.parametrize(
    ("weights", "codes", "totals", "message"),
    [
        ([1.0, -1.0], [0, 1], [1.0, 1.0], "not negative"),
        ([1.0, np.nan], [0, 1], [1.0, 1.0], "finite"),
        ([0.0, 0.0], [0, 1], [1.0, 1.0], "all weights are 0"),
        ([], [], [1.0], "non-empty"),
        ([1.0, 1.0], [0, 2], [1.0, 1.0], r"1 codes outside 0\.\.1"),
        ([1.0, 1.0], [0, -1], [1.0, 1.0], r"1 codes outside 0\.\.1"),
        ([1.0, 1.0], [0.0, 1.0], [1.0, 1.0], "must be integers"),
        ([1.0, 1.0], [0], [1.0, 1.0], "one each is needed"),
        ([1.0, 1.0], [0, 1], [1.0, np.nan], "finite numbers"),
        ([1.0, 1.0], [0, 1], [2.0, -1.0], "not be negative"),
        ([1.0, 1.0], [0, 1], [], "vector of finite numbers"),
        ([1.0, 1.0], [0, 1], [0.0, 0.0], "not all 0"),
    ],
)
def test_malformed_input(weights: list, codes: list, totals: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rake(weights, [(codes, totals)])


def test_no_margin_and_wrong_names() -> None:
    with pytest.raises(ValueError, match="no margin"):
        rake(np.ones(2), [])
    with pytest.raises(ValueError, match="2 names for 1 margins"):
        rake(np.ones(2), [([0, 1], [1.0, 1.0])], names=["a", "b"])


def test_sweep_refuses_what_does_not_fit() -> None:
    raked = rake(np.ones(2), [([0, 1], [1.0, 1.0])])
    with pytest.raises(ValueError, match="2 rows"):
        raked.residual_sweep(np.ones(3))
    with pytest.raises(ValueError, match="missing"):
        raked.residual_sweep(np.array([1.0, np.nan]))
