from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from evalkit.methods import rank_changes
from evalkit.methods.rank_changes import luck_reference, rank_change_sets, relative_change
from evalkit.methods.rank_sets import competition_rank, rank_sets
from evalkit.methods.shrinkage import between_variance
from evalkit.methods.uncertain import checked


def street(seed: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.Generator(np.random.PCG64(seed))
    covariances = []
    for _ in range(2):
        loading = generator.normal(size=(k, 2))
        covariances.append(np.diag(generator.uniform(0.5, 2.0, k)) + loading @ loading.T)
    first = generator.normal(75, 4, k)
    return first, covariances[0], first + generator.normal(0, 2, k), covariances[1]


class TestRelativeChange:
    def test_against_the_contrast_matrix(self) -> None:
        x1, s1, x2, s2 = street(1, 9)
        centre = np.eye(9) - 1 / 9
        result = relative_change(x1, s1, x2, s2)
        assert_allclose(result.change, x2 - x1)
        assert_allclose(result.relative, centre @ (x2 - x1))
        assert_allclose(result.se, np.sqrt(np.diag(centre @ (s1 + s2) @ centre.T)))
        assert_allclose(result.p, 2 * stats.norm.sf(np.abs(result.relative / result.se)))

    def test_holm_by_hand(self) -> None:
        # equal variances v = 1: se^2 = 2 (1 - 1/3) = 4/3 for each of three subjects
        result = relative_change([0, 0, 0], np.ones(3), [4.0, -1.0, 0.0], np.ones(3))
        assert_allclose(result.se, np.sqrt(4 / 3))
        order = np.argsort(result.p)
        p = result.p[order]
        assert_allclose(result.p_adjusted[order[0]], 3 * p[0])
        assert_allclose(result.p_adjusted[order[1]], max(3 * p[0], 2 * p[1]))
        assert result.p_adjusted[0] < 0.05
        assert result.p_adjusted[2] > 0.05

    def test_a_t_reference_is_more_careful(self) -> None:
        x1, s1, x2, s2 = street(2, 6)
        normal, t = relative_change(x1, s1, x2, s2), relative_change(x1, s1, x2, s2, df=8)
        assert_allclose(t.p, 2 * stats.t.sf(np.abs(t.relative / t.se), 8))
        assert (t.p > normal.p).all()

    def test_a_change_shared_by_all_is_no_relative_change(self) -> None:
        # error common to all subjects cancels, too
        result = relative_change(
            [1.0, 2.0, 3.0], np.full((3, 3), 5.0), [11.0, 12.0, 13.0], np.full((3, 3), 2.0)
        )
        assert_allclose(result.change, 10.0)
        assert_allclose(result.relative, 0.0)
        assert_allclose(result.se, 0.0)
        assert result.p.tolist() == [1.0, 1.0, 1.0]

    def test_known_without_error(self) -> None:
        result = relative_change([1.0, 2.0], np.zeros(2), [1.0, 4.0], np.zeros(2))
        assert np.isnan(result.p).all()
        assert np.isnan(result.p_adjusted).all()

    @pytest.mark.parametrize("df", [0, -1, np.nan])
    def test_refuses_df(self, df: float) -> None:
        with pytest.raises(ValueError, match="df must be above 0"):
            relative_change([1.0, 2.0], [1.0, 1.0], [1.0, 2.0], [1.0, 1.0], df=df)


class TestRankChangeSets:
    def test_is_the_difference_of_two_sharper_marginal_sets(self) -> None:
        x1, s1, x2, s2 = street(3, 10)
        sets = rank_change_sets(x1, s1, x2, s2, 0.9, draws=4_000, seed=5)
        one = rank_sets(x1, s1, confidence=0.95, draws=4_000, seed=5)
        two = rank_sets(x2, s2, confidence=0.95, draws=4_000, seed=5)
        assert_array_equal(sets.low, two.low - one.high)
        assert_array_equal(sets.high, two.high - one.low)

    def test_negative_is_upward(self) -> None:
        # the last of four becomes the first beyond doubt
        x1, x2 = [40.0, 30.0, 20.0, 10.0], [40.0, 30.0, 20.0, 50.0]
        sets = rank_change_sets(x1, np.full(4, 0.01), x2, np.full(4, 0.01))
        assert (sets.low[3], sets.high[3]) == (-3, -3)
        assert (sets.low[0], sets.high[0]) == (1, 1)

    @given(st.integers(0, 1000), st.integers(2, 8), st.sampled_from([0.8, 0.95]))
    @settings(max_examples=30, deadline=None)
    def test_holds_the_observed_change(self, seed: int, k: int, confidence: float) -> None:
        x1, s1, x2, s2 = street(seed, k)
        sets = rank_change_sets(x1, s1, x2, s2, confidence, draws=2_000)
        observed = competition_rank(x2) - competition_rank(x1)
        assert (sets.low <= observed).all()
        assert (observed <= sets.high).all()
        assert (np.abs(sets.low) < k).all()
        assert (np.abs(sets.high) < k).all()
        back = rank_change_sets(x2, s2, x1, s1, confidence, draws=2_000)
        assert_array_equal(back.low, -sets.high)
        assert_array_equal(back.high, -sets.low)


class TestLuckReference:
    def test_everybody_who_names_no_draws_has_the_same_ones(self) -> None:
        given = ([1.0, 0.0, 0.5], np.ones(3), np.ones(3), [1, -1, 0])
        found = luck_reference(*given)
        same = luck_reference(*given, draws=20_000, seed=0)
        other = luck_reference(*given, draws=20_000, seed=1)
        assert_array_equal(found.own_probability, same.own_probability)
        assert (found.own_probability != other.own_probability).any()

    def test_two_subjects_by_integral(self) -> None:
        # x = (d, 0), variances 1 and 1 in both waves. REML: tau2 = d^2 / 2 - 1. The difference of
        # the truths given x is N(g d, 2 tau2 (1 - g)), g = tau2 / (tau2 + 1); the second wave adds
        # 2. The pair swaps where the new difference is negative.
        d = 3.0
        tau2 = d**2 / 2 - 1
        g = tau2 / (tau2 + 1)
        swap = stats.norm.cdf(0, g * d, np.sqrt(2 * tau2 * (1 - g) + 2))
        luck = luck_reference([d, 0.0], np.ones(2), np.ones(2), [1, -1], draws=40_000, seed=2)
        error = 4 * np.sqrt(swap * (1 - swap) / 40_000)
        assert_allclose(luck.own_probability, swap, atol=error)
        assert_allclose(luck.any_probability, swap, atol=error)

    @pytest.mark.parametrize("common", [0.0, 0.3, 0.9, 1.0])
    def test_errors_that_come_again_move_nobody(self, common: float) -> None:
        """Two subjects 3 apart: tau2 = 9 / 2 - 1, and only what is not shared can swap them."""
        luck = luck_reference(
            [3.0, 0.0], np.ones(2), np.ones(2), [1, -1], draws=40_000, seed=2,
            shared=common * np.eye(2),
        )  # fmt: skip
        tau2 = 4.5 - 1.0
        told = (tau2 + common) / (tau2 + 1.0)
        spread = 2.0 * (tau2 + 1.0) * (1.0 - told**2)
        swap = stats.norm.cdf(-3.0 * told / spread**0.5) if spread > 0 else 0.0
        assert_allclose(luck.own_probability, swap, atol=0.01)

    def test_without_true_differences_every_order_is_as_likely(self) -> None:
        # tau2 = 0: the second wave is a random order; |rank move| of the first of 4 is uniform 0..3
        luck = luck_reference(
            [0.3, 0.2, 0.1, 0.0], np.ones(4), np.ones(4), [1, 2, 3, 0], draws=40_000
        )
        error = 4 * np.sqrt(0.25 / 40_000)
        assert luck.own_probability[0] == pytest.approx(3 / 4, abs=error)
        assert luck.own_probability[1] == pytest.approx(1 / 4, abs=error)  # second cannot fall 3
        assert luck.own_probability[2] == pytest.approx(0.0, abs=1e-4)  # third cannot move 3
        assert luck.own_probability[3] == 1.0
        # all 24 orders: somebody falls in all but 1; somebody falls 3 where the first ends last
        assert luck.any_probability[2] == pytest.approx(6 / 24, abs=error)
        assert luck.any_probability[0] == pytest.approx(23 / 24, abs=error)

    def test_rising_is_not_falling(self) -> None:
        """The first can only fall, the last only rise: luck the other way is impossible."""
        x = [0.3, 0.2, 0.1, 0.0]
        up = luck_reference(x, np.ones(4), np.ones(4), [-1, -1, -1, -1], draws=5_000)
        down = luck_reference(x, np.ones(4), np.ones(4), [1, 1, 1, 1], draws=5_000)
        assert up.own_probability[0] == pytest.approx(0.0, abs=1e-3)
        assert down.own_probability[0] == pytest.approx(3 / 4, abs=0.03)
        assert up.own_probability[3] == pytest.approx(3 / 4, abs=0.03)
        assert down.own_probability[3] == pytest.approx(0.0, abs=1e-3)

    @pytest.mark.parametrize("independent", [True, False])
    def test_second_wave_is_the_textbook_posterior_predictive(self, independent: bool) -> None:
        # the street mean gets a prior variance of 1e6 in place of the flat prior
        x1, s1, _, s2 = street(4, 7)
        if independent:
            s1, s2 = np.diag(np.diag(s1)), np.diag(np.diag(s2))
        tau2 = between_variance(x1, s1)
        assert tau2 > 1
        prior = tau2 * np.eye(7) + 1e6
        for shared in (np.zeros((7, 7)), 0.3 * np.sqrt(np.outer(np.diag(s1), np.diag(s2)))):
            shared = np.tril(shared)
            gain = (prior + shared.T) @ np.linalg.inv(prior + s1)
            waves = checked(x1, s1), checked(x1, s2)
            centre, root = rank_changes._second_wave_given_first(*waves, shared)
            assert_allclose(centre, 75 + gain @ (x1 - 75), rtol=1e-5)
            left = prior + s2 - gain @ (prior + shared)
            values, vectors = np.linalg.eigh((left + left.T) / 2)
            near = vectors * np.maximum(values, 0) @ vectors.T
            assert_allclose(root @ root.T, near, rtol=1e-4, atol=1e-4)

    @given(st.integers(0, 1000), st.integers(2, 9), st.booleans())
    @settings(max_examples=30, deadline=None)
    def test_invariants(self, seed: int, k: int, independent: bool) -> None:
        x1, s1, x2, s2 = street(seed, k)
        if independent:
            s1, s2 = np.diag(s1), np.diag(s2)
        move = competition_rank(x2) - competition_rank(x1)
        luck = luck_reference(x1, s1, s2, move, draws=500, seed=seed)
        for probability in (luck.own_probability, luck.any_probability):
            assert ((probability > 0) & (probability <= 1)).all()
        assert (luck.own_probability <= luck.any_probability).all()
        assert (luck.own_probability[move == 0] == 1).all()
        farther = luck_reference(x1, s1, s2, move + np.sign(move), draws=500, seed=seed)
        assert (farther.own_probability <= luck.own_probability).all()
        assert (farther.any_probability <= luck.any_probability).all()
        order = np.random.Generator(np.random.PCG64(seed)).permutation(k)
        p1, p2 = (s[order] if independent else s[np.ix_(order, order)] for s in (s1, s2))
        shuffled = luck_reference(x1[order], p1, p2, move[order], draws=500, seed=seed)
        assert_allclose(shuffled.own_probability, luck.own_probability[order], atol=0.01)
        assert_allclose(shuffled.any_probability, luck.any_probability[order], atol=0.01)

    @pytest.mark.parametrize(
        ("move", "draws", "message"),
        [([1], 500, "2 finite numbers"), ([1, np.nan], 500, "finite"), ([1, -1], 50, "too few")],
    )
    def test_refuses(self, move: Any, draws: int, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            luck_reference([1.0, 0.0], [1.0, 1.0], [1.0, 1.0], move, draws=draws)


def test_waves_must_match() -> None:
    for function in (relative_change, rank_change_sets):
        with pytest.raises(ValueError, match="present in both"):
            function([1.0, 2.0], [1.0, 1.0], [1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
