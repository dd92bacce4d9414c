from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.methods.agreement import (
    ICC_KINDS,
    compare_loadings,
    congruence,
    cronbach_alpha,
    icc,
    item_total,
    omega,
)

GOLDEN = Path(__file__).parents[1] / "golden"
# Shrout & Fleiss (1979), table 2: six targets in rows, four judges in columns
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def golden(quantity: str) -> np.ndarray:
    """Numbers made by tests/golden/agreement.R."""
    table = pd.read_csv(GOLDEN / "agreement.csv", comment="#")
    return table.loc[table["quantity"] == quantity, "value"].to_numpy()


def items() -> np.ndarray:
    return pd.read_csv(GOLDEN / "agreement_items.csv").to_numpy(float)


def with_holes() -> np.ndarray:
    """Knock the same holes into the items as agreement.R does."""
    X = items()
    rows = np.tile(np.arange(0, 250, 5), 2)
    X[rows, np.r_[np.resize(np.arange(8), 50), np.resize(np.arange(7, -1, -1), 50)]] = np.nan
    return X


def test_alpha_is_psychs() -> None:
    got = cronbach_alpha(items())
    # closed formulas on both sides: only rounding differs
    np.testing.assert_allclose(
        [got.alpha, got.standardised, got.mean_correlation], golden("alpha"), rtol=1e-12
    )
    np.testing.assert_allclose([got.low, got.high], golden("alpha_feldt"), rtol=1e-10)
    np.testing.assert_allclose(got.if_dropped, golden("alpha_dropped"), rtol=1e-12)
    assert got.n == 250
    holes = cronbach_alpha(with_holes())
    assert holes.alpha == pytest.approx(golden("alpha_with_holes")[0], rel=1e-12)
    assert holes.n < 250


def test_item_total_is_psychs() -> None:
    got = item_total(items())
    np.testing.assert_allclose(got.total, golden("item_total"), rtol=1e-12)
    np.testing.assert_allclose(got.rest, golden("item_rest"), rtol=1e-12)


def test_omega_is_factanals() -> None:
    got = omega(items())
    # factanal stops where its objective is flat to about 1e-10, which leaves 1e-5 in the loadings
    np.testing.assert_allclose(got.loadings, golden("loading"), atol=2e-5)
    np.testing.assert_allclose(got.uniquenesses, golden("uniqueness"), atol=2e-5)
    np.testing.assert_allclose([got.omega, got.standardised], golden("omega"), rtol=1e-6)
    np.testing.assert_allclose(
        [got.chi_square, got.df, got.p], golden("one_factor_test"), rtol=1e-6
    )
    assert not got.heywood


def test_heywood_case_is_said() -> None:
    got = omega(items()[30:50, 4:8])
    assert got.heywood
    np.testing.assert_allclose(got.uniquenesses, golden("heywood_uniqueness"), atol=2e-5)


def test_omega_finds_the_model_it_is_given() -> None:
    loadings = np.array([0.9, 0.7, 0.6, 0.4, 0.8])
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1)
    # respondents whose sample covariance is exactly this one
    raw = np.random.default_rng(0).normal(size=(200, 5))
    raw -= raw.mean(0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T)).T)
    got = omega(white @ np.linalg.cholesky(correlation).T * np.array([1, 2, 3, 4, 5]) + 7)
    np.testing.assert_allclose(got.loadings, loadings, atol=1e-8)
    assert got.chi_square == pytest.approx(0, abs=1e-9)
    scaled = loadings * np.array([1, 2, 3, 4, 5])
    unique = (1 - loadings**2) @ np.array([1, 4, 9, 16, 25])
    assert got.omega == pytest.approx(scaled.sum() ** 2 / (scaled.sum() ** 2 + unique))


def test_icc_is_shrouts_and_fleisss_and_psychs() -> None:
    got = icc(SHROUT_FLEISS)
    # table 4 of the paper, two decimals
    np.testing.assert_array_equal(got.value.round(2), [0.17, 0.29, 0.71, 0.44, 0.62, 0.91])
    for field, quantity in [
        ("value", "icc_ICC"),
        ("f", "icc_F"),
        ("df1", "icc_df1"),
        ("df2", "icc_df2"),
        ("p", "icc_p"),
        ("low", "icc_lower_bound"),
        ("high", "icc_upper_bound"),
    ]:
        np.testing.assert_allclose(getattr(got, field), golden(quantity), rtol=1e-9, err_msg=field)
    assert got["2,1"] == got.value[ICC_KINDS.index("2,1")]


def test_congruence_is_psychs() -> None:
    X = items()
    got = congruence(omega(X[:125]).loadings, omega(X[125:]).loadings)
    assert got == pytest.approx(golden("congruence")[0], abs=1e-5)
    with pytest.raises(ValueError, match="same items"):
        congruence([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="not all 0"):
        congruence([0.0, 0.0], [1.0, 2.0])


def scale(seed: int, slopes: np.ndarray, n: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) * slopes + rng.normal(size=(n, slopes.size))


def test_a_moved_item_is_noticed_and_a_moved_level_is_not() -> None:
    same = np.array([1.0, 0.9, 0.8, 0.9, 1.0])
    moved = same.copy()
    moved[2] = 0.1
    got = compare_loadings(scale(1, same), scale(2, moved), seed=3)
    assert got.moved
    assert got.item == 2
    assert got.difference[2] == pytest.approx(-got.largest)
    assert got.p == pytest.approx(1 / 200)
    level = compare_loadings(scale(1, same), 5 * scale(2, same) + 40, seed=3)
    assert not level.moved
    assert level.congruence > 0.99


def test_scales_that_did_not_move_are_rarely_noted() -> None:
    same = np.array([1.0, 0.9, 0.8, 0.9])
    noted = [
        compare_loadings(
            scale(2 * s, same, 150), scale(2 * s + 1, same, 200), permutations=9, level=0.1, seed=s
        ).moved
        for s in range(60)
    ]
    # promised at most 10%; binomial(60, 0.1) exceeds 14 with probability 0.001
    assert sum(noted) <= 14


def test_drawing_ends_with_the_verdict_that_all_permutations_would_have_given() -> None:
    slopes = np.array([1.0, 0.9, 0.8, 0.9])
    moved = slopes - [0.0, 0.0, 0.2, 0.0]
    verdicts = []
    for seed in range(12):
        pair = scale(2 * seed, slopes, 150), scale(2 * seed + 1, moved, 150)
        # At a level near 1 all are drawn.
        whole = compare_loadings(*pair, permutations=19, level=0.999, seed=seed)
        early = compare_loadings(*pair, permutations=19, level=0.1, seed=seed)
        assert (early.p <= 0.1) == (whole.p <= 0.1)
        assert early.p > 0.1 or early.p == whole.p
        verdicts.append(early.p <= 0.1)
    assert 0 < sum(verdicts) < len(verdicts)


def test_the_wave_itself_counts_among_the_permutations() -> None:
    """Nothing moved: every permutation moves as much. One decides at 0.05, all 19 are drawn near 1."""
    wave = scale(1, np.array([1.0, 0.9, 0.8, 0.9]), 60)
    assert compare_loadings(wave, wave, permutations=19, level=0.05).p == 2 / 2
    assert compare_loadings(wave, wave, permutations=39, level=0.05).p == 3 / 3
    assert compare_loadings(wave, wave, permutations=19, level=0.999).p == 20 / 20


def test_permutations_must_be_able_to_reach_the_level() -> None:
    with pytest.raises(ValueError, match=r"50 permutations cannot reach the level 0\.01"):
        compare_loadings(items(), items(), permutations=50)
    with pytest.raises(ValueError, match="same items"):
        compare_loadings(items(), items()[:, 1:])


@pytest.mark.parametrize("function", [cronbach_alpha, item_total, omega])
def test_names_the_item_that_never_varies(function: object) -> None:
    X = items()
    X[:, 3] = 0.1
    with pytest.raises(ValueError, match="item 3 never varies"):
        function(X)  # type: ignore[operator]


def test_names_items_nobody_answered_together() -> None:
    X = items()
    X[:125, 0] = np.nan
    X[125:, 6] = np.nan
    with pytest.raises(ValueError, match="items 0 and 6 were answered together by fewer than 3"):
        cronbach_alpha(X)


def test_repeated_item_has_no_factor_model() -> None:
    X = items()
    with pytest.raises(ValueError, match="not positive definite"):
        omega(np.column_stack([X, X[:, 0]]))


@pytest.mark.parametrize(
    ("function", "bad", "message"),
    [
        (cronbach_alpha, np.ones((5, 1)), "I >= 2"),
        (omega, np.ones((5, 2)), "I >= 3"),
        (item_total, np.full((5, 2), np.inf), "infinite"),
        (icc, np.ones((4, 1)), "at least 2 x 2"),
        (icc, np.array([[1.0, np.nan], [2.0, 3.0]]), "complete"),
        (icc, np.ones((4, 3)), "vary too little"),
    ],
)
def test_malformed_input(function: object, bad: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(bad)  # type: ignore[operator]
