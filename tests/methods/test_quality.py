from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.methods import copies
from evalkit.methods.quality import (
    bursts,
    duplicates,
    excess_rates,
    irv,
    key_random_gap,
    longstring,
    mahalanobis,
    near_duplicates,
    seconds_per_item,
    shared_device,
    speeding,
)

GOLDEN = Path(__file__).parents[1] / "golden"
NAN = np.nan


def golden(quantity: str) -> np.ndarray:
    """Numbers made by tests/golden/quality.R."""
    table = pd.read_csv(GOLDEN / "quality.csv", comment="#")
    return table.loc[table["quantity"] == quantity, "value"].to_numpy()


def items() -> np.ndarray:
    return pd.read_csv(GOLDEN / "agreement_items.csv").to_numpy(float)


def with_holes() -> np.ndarray:
    """Knock the same holes into the items as quality.R does."""
    X = items()
    X[np.arange(0, 250, 5), np.resize(np.arange(8), 50)] = NAN
    return X


def test_longstring() -> None:
    np.testing.assert_array_equal(longstring(items()[:20]), golden("longstring"))
    X = [[1, 1, 1, 2], [1, NAN, 1, 1], [NAN, NAN, NAN, NAN], [1, 2, 3, 4], [5, 5, 5, 5]]
    assert longstring(X).tolist() == [3, 2, 0, 1, 4]


def test_irv_is_the_sd_of_a_row() -> None:
    np.testing.assert_allclose(irv(with_holes()[:20]), golden("irv"), rtol=1e-12)
    got = irv([[0.1, 0.1, 0.1], [1, NAN, NAN], [NAN, NAN, NAN], [1, NAN, 3]])
    np.testing.assert_allclose(got, [0, NAN, NAN, np.sqrt(2)])


def test_mahalanobis_is_rs() -> None:
    got = mahalanobis(items())
    np.testing.assert_allclose(got.squared, golden("mahalanobis"), rtol=1e-10)
    np.testing.assert_allclose(got.p, stats.chi2.sf(got.squared, 8))
    holes = mahalanobis(with_holes())
    np.testing.assert_allclose(holes.squared, golden("mahalanobis_with_holes"), rtol=1e-10)
    assert set(holes.answered) == {7, 8}


def test_mahalanobis_leaves_out_flat_items_and_survives_repeated_ones() -> None:
    X = items()
    flat = np.column_stack([np.full(250, 3.0), X])
    np.testing.assert_allclose(mahalanobis(flat).squared, mahalanobis(X).squared)
    repeated = mahalanobis(np.column_stack([X, X[:, 0]]))
    assert np.isfinite(repeated.squared).all()
    empty = mahalanobis(np.vstack([X, np.full((1, 8), NAN)]))
    assert np.isnan(empty.squared[-1])
    assert empty.answered[-1] == 0
    with pytest.raises(ValueError, match="no item varies"):
        mahalanobis(np.ones((5, 3)))
    X[:125, 0], X[125:, 6] = NAN, NAN
    with pytest.raises(ValueError, match="items 0 and 6"):
        mahalanobis(X)


def test_speed() -> None:
    assert seconds_per_item([59.0, 60.0, 61.0, NAN], 30).tolist() == [True, False, False, False]
    assert seconds_per_item([59.0, 59.0], [30, 29]).tolist() == [True, False]
    assert seconds_per_item([50.0], 10, limit=6).tolist() == [True]
    # median of 100, 200, 300 is 200; exactly half of it is not below half
    assert speeding([100.0, 99.9, 200.0, 300.0, 301, NAN]).tolist() == [False, True] + [False] * 4
    assert speeding([100.0, 200.0, 300.0], share=0.6).tolist() == [True, False, False]
    with pytest.raises(ValueError, match="positive"):
        seconds_per_item([1.0], 0)
    with pytest.raises(ValueError, match="not negative"):
        speeding([-1.0])
    with pytest.raises(ValueError, match="no time"):
        speeding([NAN])


def test_duplicates_count_rows_of_the_same_content() -> None:
    X = [[1, NAN], [1, NAN], [1, 2], [0.0, 3], [-0.0, 3], [NAN, 1]]
    assert duplicates(X).tolist() == [2, 2, 1, 2, 2, 1]


def test_bursts_look_a_half_minute_either_way() -> None:
    seconds = [0.0, 29, 58, 59, 89, NAN, 30, 10_000]
    subjects = [1, 1, 1, 1, 1, 1, 2, 1]
    assert bursts(seconds, subjects).tolist() == [2, 4, 3, 4, 2, 0, 1, 1]
    assert bursts(seconds, subjects, window=2).tolist() == [1, 1, 2, 2, 1, 0, 1, 1]
    by_hand = np.random.default_rng(0).uniform(0, 3000, 200)
    code = np.arange(200) % 3
    near = (np.abs(by_hand[:, None] - by_hand) <= 30) & (code[:, None] == code)
    np.testing.assert_array_equal(bursts(by_hand, code), near.sum(1))
    with pytest.raises(ValueError, match="window"):
        bursts([1.0], [1], window=0)


def test_shared_device_counts_known_keys() -> None:
    keys = ["a1", "b2", "a1", None, "", float("nan"), "a1"]
    assert shared_device(keys).tolist() == [3, 1, 3, 0, 0, 0, 3]
    assert shared_device([7, 7, 8]).tolist() == [2, 2, 1]
    assert shared_device([None]).tolist() == [0]


def honest_street(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    subjects = np.repeat(np.arange(6), 60)
    satisfied = rng.normal(0, 0.9, 360)
    noise = rng.normal(0, 0.6, (360, 24))
    X = np.clip(np.round(4 + 0.7 * satisfied[:, None] + noise), 1, 5)
    X[rng.random(X.shape) < 0.05] = NAN
    return X, subjects


def test_near_duplicates_share_and_match_by_hand() -> None:
    X, subjects = honest_street(1)
    X[7], X[20] = X[3], X[3]
    X[20, :6] = np.where(X[20, :6] == 5, 1, 5)
    got = near_duplicates(X, subjects, permutations=20)
    same = (X[:, None] == X) | (np.isnan(X[:, None]) & np.isnan(X))
    share = np.where(subjects[:, None] == subjects, same.mean(2), -1)
    np.fill_diagonal(share, -1)
    np.testing.assert_allclose(got.share, share.max(1))
    assert got.share[3] == got.share[7] == 1
    assert got.match[[3, 7]].tolist() == [7, 3]
    np.testing.assert_allclose(share[np.arange(360), got.match], got.share)


def test_many_rows_are_compared_with_those_of_like_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_AT_ONCE", 3)
    X = [[1, 5, 5], [1, 1, 2], [5, 5, 4], [1, 1, 1], [2, 1, 1], [5, 5, 5]]
    got = near_duplicates(X, ["a"] * 6, permutations=5)
    low, high = {1, 3, 4}, {0, 2, 5}  # by their means; row 0 shares a 1 with rows 1 and 3
    assert all(set(got.match[list(part)]) <= part for part in (low, high))
    assert got.share.round(4).tolist() == [0.6667, 0.6667, 0.6667, 0.6667, 0.6667, 0.6667]
    assert np.isfinite(got.p_subject).all()


def test_copies_stand_out_and_honest_rows_do_not() -> None:
    X, subjects = honest_street(2)
    rng = np.random.default_rng(3)
    for copy, source in zip(range(8), range(20, 28), strict=True):
        keep = rng.random(24) < 0.92
        X[copy, keep] = X[source, keep]
    got = near_duplicates(X, subjects, seed=4)
    assert (got.p_subject[:8] < 0.02).sum() >= 6
    honest = got.p_subject[60:]
    assert (honest < 0.02).mean() < 0.05
    assert (got.p <= got.p_subject + 1e-12).all()
    again = near_duplicates(X, subjects, seed=4)
    np.testing.assert_array_equal(got.p, again.p)


def test_permutation_p_is_uniform_when_items_are_unrelated() -> None:
    rng = np.random.default_rng(5)
    X = rng.integers(1, 6, (300, 12)).astype(float)
    got = near_duplicates(X, np.zeros(300), permutations=100, bands=1)
    # p jumps by steps of 1/12 in the share; at each step reached it holds its level
    steps = np.unique(got.p)
    assert steps.size >= 3
    for step in steps:
        assert (got.p <= step).mean() == pytest.approx(step, abs=0.09)
    np.testing.assert_allclose(got.expected, got.share.mean(), atol=0.02)


def test_lonely_respondent_matches_nobody() -> None:
    got = near_duplicates([[1.0, 2], [1, 2], [1, 2]], ["a", "a", "b"], permutations=5)
    assert np.isnan(got.share[2])
    assert np.isnan(got.p[2])
    assert got.match.tolist() == [1, 0, -1]
    with pytest.raises(ValueError, match="at least 1"):
        near_duplicates([[1.0]], [1], permutations=0)
    with pytest.raises(ValueError, match="subjects must have shape"):
        near_duplicates([[1.0]], [1, 2])


def flags_of(hits: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flags = np.concatenate([np.arange(size) < hit for size, hit in zip(n, hits, strict=True)])
    return flags, np.repeat(np.arange(n.size), n)


def test_excess_rates_without_over_dispersion_are_binomial() -> None:
    n = np.full(20, 50)
    hits = np.array([5, 4, 6, 5, 5, 4, 6, 5, 5, 5] * 2)
    hits[3] = 16
    got = excess_rates(*flags_of(hits, n))
    assert got.between == 0
    assert got.street == pytest.approx(hits.sum() / 1000)
    np.testing.assert_allclose(got.p, stats.binom.sf(hits - 1, 50, got.street))
    assert np.flatnonzero(got.flagged).tolist() == [3]
    np.testing.assert_array_equal(got.flags, hits)
    np.testing.assert_allclose(got.rate, hits / 50)
    assert got.z[3] > 3.09


def test_over_dispersion_is_estimated_and_forgiven() -> None:
    rng = np.random.default_rng(6)
    rate, between = 0.15, 0.05**2
    total = rate * (1 - rate) / between - 1
    false, found, estimates = 0, 0, []
    for _ in range(75):
        n = rng.integers(40, 90, 35)
        truth = rng.beta(rate * total, (1 - rate) * total, 35)
        hits = rng.binomial(n, truth)
        got = excess_rates(*flags_of(hits, n))
        estimates.append(got.between)
        false += int(got.flagged.sum())
        hits[0] = round(0.55 * n[0])
        found += bool(excess_rates(*flags_of(hits, n)).flagged[0])
    # 75 x 35 honest subjects at level 0.001: 2.6 expected; Poisson exceeds 10 with p = 0.0001
    assert false <= 10
    assert found >= 72
    assert np.mean(estimates) == pytest.approx(between, rel=0.2)


@pytest.mark.parametrize("value", [False, True])
def test_excess_rates_where_all_are_alike(value: bool) -> None:
    got = excess_rates(np.full(20, value), np.repeat([0, 1], 10))
    assert not got.flagged.any()
    np.testing.assert_array_equal(got.p, 1)
    np.testing.assert_array_equal(got.z, 0)


def test_excess_rates_refuse_what_is_no_flag() -> None:
    with pytest.raises(ValueError, match="True and False"):
        excess_rates([0, 1], [0, 0])
    with pytest.raises(ValueError, match="level"):
        excess_rates([True], [0], level=0)


DELTA = [1.2, 0.4, -0.8, 2.1, 9.5, 0.3, -1.6, 1.1, 0.9, -0.2, 1.7, 0.6]
VARIANCES = [0.9, 1.4, 0.7, 1.1, 1.0, 0.5, 2.2, 0.8, 1.3, 0.6, 1.9, 1.0]


def test_gap_is_that_of_the_restricted_likelihood() -> None:
    got = key_random_gap(DELTA, VARIANCES)
    # R's optimise stops when tau2 is known to 1e-8 of itself: the likelihood is flat there
    np.testing.assert_allclose([got.tau2, got.mean, got.se], golden("gap"), rtol=1e-6)
    np.testing.assert_allclose(got.statistic, golden("gap_statistic"), rtol=1e-6)
    assert not got.outlier.any()
    assert got.statistic[4] > 2.5
    lower = key_random_gap(DELTA, VARIANCES, limit=2.5)
    assert np.flatnonzero(lower.outlier).tolist() == [4]


def test_gap_of_a_street_with_one_stranger() -> None:
    rng = np.random.default_rng(8)
    delta = rng.normal(2, 1.5, 35)
    delta[9] = 14
    delta[3] = NAN
    got = key_random_gap(delta, np.where(np.isnan(delta), NAN, 1.0))
    assert np.flatnonzero(got.outlier).tolist() == [9]
    assert np.isnan(got.statistic[3])


@pytest.mark.parametrize(
    ("delta", "variances", "message"),
    [
        ([1.0, 2.0], [1.0, 1.0], "at least three"),
        ([1.0, 2.0, 3.0], [1.0, 1.0], "one length"),
        ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0], "positive"),
        ([1.0, 2.0, 3.0], [1.0, NAN, 1.0], "positive"),
    ],
)
def test_malformed_gaps(delta: list, variances: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        key_random_gap(delta, variances)


@pytest.mark.parametrize("function", [longstring, irv, mahalanobis, duplicates])
def test_malformed_tables(function: object) -> None:
    with pytest.raises(ValueError, match="table"):
        function([1.0, 2.0])  # type: ignore[operator]
    with pytest.raises(ValueError, match="infinite"):
        function([[1.0, np.inf]])  # type: ignore[operator]
