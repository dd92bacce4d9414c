from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from evalkit.methods import rank_counts, rank_sets, rank_step_down

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT.parent / "shared" / "peers"
GOLDEN = json.loads((ROOT / "tests/golden/rank_sets.json").read_text())


def pisa() -> pd.DataFrame:
    return pd.read_csv(PEERS / "pisa2018.csv")


def agree_unless_near(sets: rank_sets.RankSets, golden: dict[str, Any]) -> int:
    """Compare with another implementation where neither says that luck may decide."""
    near = sets.near_flip | np.array(golden["near"])
    assert_array_equal(sets.low[~near], np.array(golden["low"])[~near])
    assert_array_equal(sets.high[~near], np.array(golden["high"])[~near])
    assert (np.abs(sets.low - golden["low"]) <= 1 + near).all()
    return int(near.sum())


@pytest.mark.shared
class TestPisa:
    @pytest.mark.parametrize("kind", ["marginal", "joint"])
    def test_against_independent_r(self, kind: Any) -> None:
        d = pisa()
        sets = rank_sets.rank_sets(d["math_score"], d["math_se"] ** 2, kind=kind)
        near = agree_unless_near(sets, GOLDEN[f"pisa_{kind}"])
        assert near <= 10
        assert sets.method == "step-down"

    def test_published_top_five(self) -> None:
        # vignette "Inference for Ranks" of R package csranks 1.2.2, cstaubest(tau = 5)
        d = pisa()
        twelve = {"Belgium", "Canada", "Denmark", "Estonia", "Finland", "Japan", "Korea"}
        twelve |= {"Netherlands", "Poland", "Slovenia", "Sweden", "Switzerland"}
        for confidence, expected in ((0.95, twelve), (0.9, twelve - {"Sweden"})):
            mask = rank_sets.top_set(
                d["math_score"], d["math_se"] ** 2, top=5, confidence=confidence
            )
            assert set(d["jurisdiction"][mask]) == expected

    def test_published_united_kingdom(self) -> None:
        # same vignette: csranks(simul = FALSE) prints rank 13, set 8..23, its text says 7..23: with
        # its 1,000 draws the lower bound hangs on luck, as near_flip says here.
        d = pisa()
        sets = rank_sets.rank_sets(d["math_score"], d["math_se"] ** 2)
        uk = int(np.flatnonzero(d["jurisdiction"] == "United Kingdom")[0])
        assert sets.rank[uk] == 13
        assert sets.low[uk] in (7, 8)
        assert sets.high[uk] == 23
        assert sets.near_flip[uk]

    def test_published_bottom_three(self) -> None:
        # same vignette: the joint sets of Chile, Mexico and Colombia overlap with nobody else's
        d = pisa()
        sets = rank_sets.rank_sets(d["math_score"], d["math_se"] ** 2, kind="joint")
        three = d["jurisdiction"].isin(["Chile", "Mexico", "Colombia"])
        costa_rica = d["jurisdiction"] == "Costa Rica"  # joined OECD and the table later
        assert sets.low[three].min() > sets.high[~three & ~costa_rica].max()


@pytest.mark.shared
def test_travel_time_klein_sets() -> None:
    d = pd.read_csv(PEERS / "traveltime2011.csv")
    sets = rank_sets.sidak_sets(-d["Estimate.2dec"], d["SE.2dec"] ** 2, confidence=0.9)
    assert_array_equal(sets.low, GOLDEN["travel_sidak"]["low"])
    assert_array_equal(sets.high, GOLDEN["travel_sidak"]["high"])
    assert_array_equal(sets.rank, d["Rank"])
    assert not sets.near_flip.any()


@pytest.mark.parametrize("kind", ["marginal", "joint"])
def test_dependent_errors_against_independent_r(kind: Any) -> None:
    case = GOLDEN["dependent"]
    sets = rank_sets.rank_sets(case["x"], case["S"], confidence=0.9, kind=kind)
    assert agree_unless_near(sets, case[kind]) <= 3


class TestByHand:
    @pytest.mark.parametrize("kind", ["marginal", "joint"])
    @pytest.mark.parametrize(("gap", "apart"), [(1.93, False), (1.99, True)])
    def test_two_subjects_are_a_z_test(self, kind: Any, gap: float, apart: bool) -> None:
        # max over both directions of one pair is |N(0, 1)|: the critical value is 1.96
        sets = rank_sets.rank_sets([gap * 5.0, 0.0], [9.0, 16.0], kind=kind, draws=200_000)
        assert sets.rank.tolist() == [1, 2]
        assert sets.low.tolist() == ([1, 2] if apart else [1, 1])
        assert sets.high.tolist() == ([1, 2] if apart else [2, 2])

    def test_correlation_sharpens_the_comparison(self) -> None:
        # s = sqrt(1 + 1 - 2 * 0.9) = 0.447: a gap of 1 is 2.24 s; independent it is 0.71 s
        x = [1.0, 0.0]
        assert rank_sets.rank_sets(x, [[1.0, 0.9], [0.9, 1.0]]).high[0] == 1
        assert rank_sets.rank_sets(x, [1.0, 1.0]).high[0] == 2

    @pytest.mark.parametrize(("gap", "apart"), [(2.30, False), (2.38, True)])
    def test_three_alike_joint_is_the_studentised_range(self, gap: float, apart: bool) -> None:
        # table value q(0.95; 3, inf) = 3.314, over sqrt(2): 2.343
        x = np.array([1.0, 0.5, 0.0]) * gap * np.sqrt(2.0)
        sets = rank_sets.rank_sets(x, np.ones(3), kind="joint", draws=200_000)
        assert sets.low.tolist() == ([1, 1, 2] if apart else [1, 1, 1])
        assert sets.high.tolist() == ([2, 3, 3] if apart else [3, 3, 3])

    def test_step_down_finds_what_one_step_misses(self) -> None:
        # Three unit-variance errors a, b, c; a lies far ahead. After the first step the claims
        # (b,c), (c,b), (b,a), (c,a) stay open. With m = max(b, c) and r = sqrt(2) critical,
        # P(none exceeds) = integral of 2 phi(m) (Phi(m) - Phi(m - r)) Phi(r - m) dm.
        def covered(r: float) -> float:
            def density(m: float) -> float:
                near = norm.cdf(m) - norm.cdf(m - r)
                return float(2 * norm.pdf(m) * near * norm.cdf(r - m))

            return quad(density, -9, 9)[0]

        second_step = brentq(lambda r: covered(r) - 0.95, 2.0, 4.0)
        assert second_step < 3.3145 - 0.06  # q(0.95; 3, inf), the single step, is well above
        gap = second_step + 0.03
        sets = rank_sets.rank_sets([100.0, gap, 0.0], np.ones(3), kind="joint", draws=200_000)
        assert sets.low.tolist() == [1, 2, 3]
        below = [100.0, second_step - 0.03, 0.0]
        sets = rank_sets.rank_sets(below, np.ones(3), kind="joint", draws=200_000)
        assert sets.low.tolist() == [1, 2, 2]
        # the same gap without the far subject's help (three alike) is not enough
        middling = rank_sets.rank_sets([gap, 0.0, gap / 2], np.ones(3), kind="joint", draws=200_000)
        assert middling.high.tolist() == [3, 3, 3]

    def test_ties_share_the_better_rank(self) -> None:
        assert rank_sets.competition_rank([3.0, 5.0, 5.0, 1.0]).tolist() == [3, 1, 1, 4]
        sets = rank_sets.rank_sets([3.0, 5.0, 5.0, 1.0], np.full(4, 1e-9))
        assert sets.low.tolist() == [3, 1, 1, 4]
        assert sets.high.tolist() == [3, 2, 2, 4]


class TestDeterminedDifferences:
    @pytest.mark.parametrize("kind", ["marginal", "joint"])
    def test_perfectly_dependent_subjects_are_compared_exactly(self, kind: Any) -> None:
        covariance = np.full((3, 3), 4.0)
        sets = rank_sets.rank_sets([1.0, 1.0 + 1e-9, 1.0], covariance, kind=kind)
        assert sets.rank.tolist() == [2, 1, 2]
        assert sets.low.tolist() == [2, 1, 2]
        assert sets.high.tolist() == [3, 1, 3]

    @pytest.mark.parametrize("kind", ["marginal", "joint"])
    def test_a_mixture(self, kind: Any) -> None:
        # subjects 0 and 1 have one common error, subject 2 its own and is far below
        covariance = [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        sets = rank_sets.rank_sets([10.0, 10.1, 0.0], covariance, kind=kind)
        assert sets.low.tolist() == [2, 1, 3]
        assert sets.high.tolist() == [2, 1, 3]

    @pytest.mark.parametrize("kind", ["marginal", "joint"])
    def test_no_error_at_all(self, kind: Any) -> None:
        sets = rank_sets.rank_sets([2.0, 2.0, 3.0], np.zeros((3, 3)), kind=kind)
        assert sets.method == "exact"
        assert sets.low.tolist() == [2, 2, 1]
        assert sets.high.tolist() == [3, 3, 1]
        assert_array_equal(rank_sets.sidak_sets([2.0, 2.0, 3.0], np.zeros(3)).low, sets.low)


def test_near_flip_marks_what_another_seed_moves() -> None:
    generator = np.random.Generator(np.random.PCG64(11))
    x, v = generator.normal(0, 3, 25), generator.uniform(0.5, 2.0, 25)
    base = rank_sets.rank_sets(x, v)
    assert base.near_flip.any()
    assert not base.near_flip.all()
    for seed in (1, 2, 3):
        other = rank_sets.rank_sets(x, v, seed=seed)
        moved = (other.low != base.low) | (other.high != base.high)
        assert not (moved & ~base.near_flip & ~other.near_flip).any()


@pytest.mark.parametrize("kind", ["marginal", "joint"])
def test_subjects_truly_alike_are_told_apart_as_rarely_as_promised(kind: Any) -> None:
    generator = np.random.Generator(np.random.PCG64(21))
    loading = generator.normal(size=(6, 2))
    covariance = np.diag(generator.uniform(0.3, 4.0, 6)) + loading @ loading.T
    root = np.linalg.cholesky(covariance)
    silent = np.zeros(6)
    every, tables = 0, 600
    for seed in range(tables):
        x = root @ generator.normal(size=6)
        sets = rank_sets.rank_sets(x, covariance, kind=kind, confidence=0.9, draws=2_000, seed=seed)
        untold = (sets.low == 1) & (sets.high == 6)
        silent += untold
        every += untold.all()
    covered = np.array([every]) if kind == "joint" else silent
    # the critical value of 2,000 draws wavers too: variances 0.09 / 600 and 0.09 / 2000 / 600
    assert_allclose(covered / tables, 0.9, atol=4 * np.sqrt(0.09 / tables))


def test_a_family_that_shrinks_far_is_computed_afresh() -> None:
    # from all ordered pairs of 12 to one claim: the critical value falls from about 3.3 to 1.645,
    # below most of the old maxima that stand in for draws not computed again
    errors = np.random.Generator(np.random.PCG64(2)).standard_normal((12, 4_000), np.float32)
    first, second = np.triu_indices(12, 1)
    root = np.full(first.size, np.sqrt(2.0))
    pairs = rank_step_down._Pairs(first, second, root, np.zeros(first.size))
    every = np.ones(first.size, bool)
    before, start = rank_step_down._shrunken_maxima(errors, pairs, every, every, None, 0.95)
    assert start.value > 3.0
    one = np.arange(first.size) == 5
    _, critical = rank_step_down._shrunken_maxima(errors, pairs, one, ~every, before, 0.95)
    claim = (errors[first[5]] - errors[second[5]]) / np.sqrt(2.0)
    assert critical.value == pytest.approx(np.quantile(claim, 0.95, method="inverted_cdf"))


class TestManySubjects:
    def test_studentised_range_against_r(self) -> None:
        # qtukey promises about 1e-4; K = 2 is the normal quantile exactly
        for case in GOLDEN["studentised_range"]:
            value = rank_counts.joint_critical_value(case["k"], case["confidence"])
            assert_allclose(value * np.sqrt(2.0), case["q"], atol=1e-4)
        assert_allclose(rank_counts.joint_critical_value(2, 0.95), norm.ppf(0.975), rtol=1e-9)

    def test_marginal_critical_values_against_simulation(self) -> None:
        generator = np.random.Generator(np.random.PCG64(5))
        sigma = generator.uniform(0.2, 4.0, 60)
        critical = rank_counts.marginal_critical_values(sigma, 0.95)
        errors = generator.standard_normal((60, 50_000)) * sigma[:, None]
        for j in (int(np.argmin(sigma)), int(np.argmax(sigma)), 7):
            others = np.arange(60) != j
            scale = np.hypot(sigma[j], sigma[others])[:, None]
            largest = np.abs((errors[j] - errors[others]) / scale).max(axis=0)
            covered = (largest <= critical[j]).mean()
            assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 50_000))

    def test_interpolation_is_as_good_as_the_integral(self) -> None:
        sigma = np.exp(np.random.Generator(np.random.PCG64(6)).normal(0, 0.7, 300))
        critical = rank_counts.marginal_critical_values(sigma, 0.95)
        for j in (3, 40, 111):
            at = rank_counts._critical_value(float(sigma[j]), *rank_counts._binned(sigma), 0.95)
            # twenty times finer than the Monte-Carlo error of 20,000 draws
            assert critical[j] == pytest.approx(at, abs=1e-3)

    def test_the_others_are_grouped_in_a_hundred_bins(self) -> None:
        # log sigma at a tenth and at nine tenths of each hundredth, and at both ends
        each = (np.arange(100)[:, None] + [0.1, 0.9]) / 100
        others, counts = rank_counts._binned(np.exp(np.r_[0.0, each.ravel(), 1.0]))
        assert counts.tolist() == [3.0, *[2.0] * 98, 3.0]
        assert_allclose(others[1:-1], np.exp(each[1:-1]).mean(axis=1), rtol=1e-12)
        assert_allclose(others[0], (1 + np.exp(each[0]).sum()) / 3, rtol=1e-12)
        assert_allclose(others[-1], (np.e + np.exp(each[-1]).sum()) / 3, rtol=1e-12)

    def test_equal_errors_two_subjects(self) -> None:
        assert_allclose(
            rank_counts.marginal_critical_values(np.array([2.0, 2.0]), 0.95),
            norm.ppf(0.975),
            rtol=1e-8,
        )

    @pytest.mark.parametrize("spread", [0.0, 0.3, 1.5])
    def test_counting_in_windows_is_counting_pairs(self, spread: float) -> None:
        generator = np.random.Generator(np.random.PCG64(8))
        k = 1500
        x = np.round(generator.normal(0, 5, k), 1)
        sigma = np.exp(generator.normal(0, spread, k))
        critical = generator.uniform(2, 4, k)
        pairs = x[None, :] - x[:, None] > critical[:, None] * np.hypot(
            sigma[:, None], sigma[None, :]
        )
        assert_array_equal(rank_counts.count_above(x, sigma, critical), pairs.sum(axis=1))

    def test_windows_longer_than_one_block(self, monkeypatch: pytest.MonkeyPatch) -> None:
        generator = np.random.Generator(np.random.PCG64(9))
        x, sigma = generator.normal(size=400), np.exp(generator.normal(size=400))
        whole = rank_counts.count_above(x, sigma, np.full(400, 1.0))
        monkeypatch.setattr(rank_counts, "_PAIRS_AT_ONCE", 3)
        assert_array_equal(rank_counts.count_above(x, sigma, np.full(400, 1.0)), whole)
        assert whole.max() > 0

    @pytest.mark.parametrize(
        ("lengths", "batches"),
        [
            ([], []),
            ([4], [(0, 1)]),
            ([2, 2, 1, 5, 1, 3, 1], [(0, 2), (2, 3), (3, 4), (4, 6), (6, 7)]),
            ([9, 1, 1, 1, 1, 1], [(0, 1), (1, 5), (5, 6)]),
        ],
    )
    def test_windows_are_compared_four_pairs_at_a_time(
        self, lengths: list[int], batches: list[tuple[int, int]]
    ) -> None:
        found = list(rank_counts._batches(np.array(lengths, dtype=np.intp), 4))
        assert [(batch.start, batch.stop) for batch in found] == batches

    def test_single_step_is_a_step_down_without_steps(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        generator = np.random.Generator(np.random.PCG64(10))
        x, v = generator.normal(0, 6, 120), generator.uniform(1, 3, 120)
        stepped = rank_sets.rank_sets(x, v)
        monkeypatch.setattr(rank_sets, "SIMULATION_LIMIT", 100)
        single = rank_sets.rank_sets(x, v)
        assert (stepped.method, single.method) == ("step-down", "single-step")
        sure = ~stepped.near_flip
        assert (single.low <= stepped.low)[sure].all()
        assert (single.high >= stepped.high)[sure].all()
        width = (single.high - single.low).sum() / (stepped.high - stepped.low).sum()
        assert 1.0 <= width < 1.1

    def test_method_by_size_and_dependence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rank_sets, "SIMULATION_LIMIT", 4)
        x, v = np.arange(5.0), np.ones(5)
        dependent = np.full((5, 5), 0.5) + np.eye(5) / 2
        expected = {
            ("marginal", False): "single-step",
            ("joint", False): "single-step",
            ("marginal", True): "step-down",
            ("joint", True): "sidak",
        }
        for (kind, correlated), method in expected.items():
            uncertainty = dependent if correlated else np.diag(v)
            assert rank_sets.rank_sets(x, uncertainty, kind=kind).method == method  # type: ignore[arg-type]


class TestRefuses:
    @pytest.mark.parametrize(
        ("x", "v", "message"),
        [
            ([1.0], [1.0], "at least 2 subjects"),
            ([1.0, np.nan], [1.0, 1.0], r"subjects \[1\] are not finite"),
            ([[1.0, 2.0]], [1.0, 1.0], "one number per subject"),
            ([1.0, 2.0], 1.0, "one common variance must be repeated"),
            ([1.0, 2.0], [[1.0], [1.0]], "pass the variances as a 1-D array"),
            ([1.0, 2.0], np.ones((3, 3)), r"shape \(2, 2\)"),
            ([1.0, 2.0], [1.0, np.nan], "fewer than two respondents"),
            ([1.0, 2.0], [[1.0, np.nan], [np.nan, 1.0]], "not finite"),
            ([1.0, 2.0], [1.0, -1.0], r"subjects \[1\] are negative"),
            ([1.0, 2.0], [[1.0, 0.5], [0.2, 1.0]], "not symmetric"),
            ([1.0, 2.0], [[0.5, 0.9], [0.9, 0.5]], "standard errors instead of a covariance"),
            ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0], r"\[1\] have zero variance"),
        ],
    )
    def test_bad_input(self, x: Any, v: Any, message: str) -> None:
        for function in (rank_sets.rank_sets, rank_sets.sidak_sets):
            with pytest.raises(ValueError, match=message):
                function(x, v)
        with pytest.raises(ValueError, match=message):
            rank_sets.top_set(x, v, top=1)

    def test_rounding_is_forgiven(self) -> None:
        covariance = np.full((3, 3), 1.0)
        covariance[0, 1] += 1e-13
        covariance[2, 2] -= 1e-13
        assert rank_sets.rank_sets([1.0, 2.0, 3.0], covariance).low.tolist() == [3, 2, 1]

    @pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, -0.1])
    def test_confidence(self, confidence: float) -> None:
        with pytest.raises(ValueError, match=r"write 0\.95 for 95%"):
            rank_sets.rank_sets([1.0, 2.0], [1.0, 1.0], confidence=confidence)
        with pytest.raises(ValueError, match=r"write 0\.95 for 95%"):
            rank_sets.sidak_sets([1.0, 2.0], [1.0, 1.0], confidence=confidence)

    def test_options(self) -> None:
        with pytest.raises(ValueError, match="too few for confidence"):
            rank_sets.rank_sets([1.0, 2.0], [1.0, 1.0], draws=300)
        with pytest.raises(ValueError, match='"marginal" or "joint"'):
            rank_sets.rank_sets([1.0, 2.0], [1.0, 1.0], kind="both")  # type: ignore[arg-type]
        for top in (0, 3):
            with pytest.raises(ValueError, match=r"top must lie in 1\.\.2"):
                rank_sets.top_set([1.0, 2.0], [1.0, 1.0], top=top)
        with pytest.raises(ValueError, match="leave incomplete subjects out"):
            rank_sets.competition_rank([1.0, np.nan])
