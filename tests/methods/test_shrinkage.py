from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import chi2, norm
from statsmodels.regression.mixed_linear_model import MixedLM

from evalkit.methods.shrinkage import (
    between_interval,
    between_variance,
    needed_n,
    own_variances,
    reliability,
    shrink,
)

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT.parent / "shared" / "peers"
GOLDEN = json.loads((ROOT / "tests/golden/shrinkage.json").read_text())
SAE = json.loads((ROOT / "tests/golden/sae_milk.json").read_text())


def milk() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    d = pd.read_csv(PEERS / "milk.csv")
    areas = (d["MajorArea"].to_numpy()[:, None] == [2, 3, 4]).astype(float)
    return d["yi"].to_numpy(), d["SD"].to_numpy() ** 2, areas


@pytest.mark.shared
class TestMilk:
    @pytest.mark.parametrize("key", ["major", "mean_only"])
    def test_against_dense_r(self, key: str) -> None:
        y, v, areas = milk()
        result = shrink(y, v, areas if key == "major" else None)
        expected = GOLDEN[key]
        # both are roots of the same score; R's uniroot stops at about 1e-13 of tau2 ~ 0.02
        assert_allclose(result.tau2, expected["tau2"], rtol=1e-9)
        assert_allclose(result.tau2, expected["tau2_optimised"], rtol=1e-6)
        assert_allclose(result.beta, np.atleast_1d(expected["beta"]), rtol=1e-9)
        assert_allclose(result.estimate, expected["estimate"], rtol=1e-9)
        assert_allclose(result.mse, expected["mse"], rtol=1e-8)

    def test_against_published_sae(self) -> None:
        # sae stops Fisher scoring at a relative step of 1e-4, which moves the 7th decimal
        y, v, areas = milk()
        result = shrink(y, v, areas)
        assert_allclose(result.beta, SAE["beta"], atol=1e-6)
        assert_allclose(result.estimate, SAE["estimate"], atol=1e-6)
        assert_allclose(result.mse, SAE["mse"], atol=1e-7)

    def test_a_covariance_that_is_diagonal_changes_nothing(self) -> None:
        y, v, areas = milk()
        by_variances = between_variance(y, v, areas)
        tiny = np.zeros((43, 43))
        tiny[0, 1] = tiny[1, 0] = 1e-15
        assert between_variance(y, np.diag(v), areas) == by_variances
        assert_allclose(between_variance(y, np.diag(v) + tiny, areas), by_variances, rtol=1e-8)


class TestBetweenVariance:
    def test_balanced_case_is_the_anova_estimator(self) -> None:
        # equal variances: REML is max(0, s^2 - V)
        x = np.array([3.0, 7.0, 11.0, 4.0, 10.0])
        assert_allclose(between_variance(x, np.full(5, 2.5)), np.var(x, ddof=1) - 2.5, rtol=1e-10)
        assert between_variance(x, np.full(5, 50.0)) == 0.0

    def test_against_mixed_lm_on_rows(self) -> None:
        # MixedLM estimates the residual variance too; given that one, tau2 must agree
        generator = np.random.Generator(np.random.PCG64(4))
        groups, size = 40, 12
        truth = generator.normal(0, 2.0, groups)
        rows = truth[:, None] + generator.normal(0, 3.0, (groups, size))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = MixedLM(
                rows.ravel(), np.ones((groups * size, 1)), groups=np.repeat(range(groups), size)
            ).fit(reml=True, gtol=1e-10)
        tau2 = between_variance(rows.mean(axis=1), np.full(groups, fit.scale / size))
        # MixedLM stops its optimiser at a gradient, good to about 5 digits
        assert_allclose(tau2, float(np.asarray(fit.cov_re).item()), rtol=1e-4)

    def test_a_common_error_is_no_difference_between_subjects(self) -> None:
        generator = np.random.Generator(np.random.PCG64(5))
        x = generator.normal(0, 3.0, 30)
        v = generator.uniform(0.5, 2.0, 30)
        shared = np.diag(v) + 40.0  # raters strict this year, alike for all
        assert_allclose(between_variance(x, shared), between_variance(x, v), rtol=1e-7)
        assert between_variance(x, np.diag(shared)) < between_variance(x, shared) / 2

    @pytest.mark.parametrize(
        ("x", "v"),
        [
            # restricted likelihoods with two bumps: precise subjects agree, vague ones do not
            ([-0.2, 0.2, -0.3, 17.8], [0.1, 0.01, 0.07, 25.6]),
            ([0.4, -0.1, -3.5], [0.41, 0.03, 2.27]),
            ([20.6, 0.0, -0.7, 0.0], [38.82, 0.07, 2.76, 0.13]),
            ([27.8, 0.3, -1.5, -36.6, 0.0], [57.06, 0.07, 0.53, 67.71, 0.03]),
        ],
    )
    def test_is_the_global_maximum(self, x: list[float], v: list[float]) -> None:
        tau2 = between_variance(x, v)

        def restricted(t: float) -> float:
            w = 1 / (t + np.array(v))
            mean = (w @ x) / w.sum()
            return float(np.log(w).sum() - np.log(w.sum()) - w @ (np.array(x) - mean) ** 2)

        elsewhere = [0.0, *np.geomspace(1e-6, 1e5, 4000)]
        assert restricted(tau2) >= max(restricted(t) for t in elsewhere) - 1e-9

    @given(
        st.lists(st.tuples(st.integers(-80, 80), st.integers(1, 64)), min_size=2, max_size=15),
        st.sampled_from([1e-3, 1.0, 1e4]),
    )
    @settings(max_examples=60, deadline=None)
    def test_invariants(self, rows: list[tuple[int, int]], unit: float) -> None:
        x, v = np.array(rows, dtype=float).T / 8
        tau2 = between_variance(x, v)
        assert tau2 >= 0
        assert_allclose(
            between_variance(x * unit, v * unit**2), tau2 * unit**2, rtol=1e-6, atol=1e-6 * unit**2
        )
        assert_allclose(between_variance(x + 50, v), tau2, rtol=1e-6, atol=1e-8)
        assert_allclose(between_variance(x[::-1], v[::-1]), tau2, rtol=1e-6, atol=1e-8)

        result = shrink(x, v)
        assert result.tau2 == tau2
        low, high = np.minimum(x, result.beta[0]), np.maximum(x, result.beta[0])
        assert (result.estimate >= low - 1e-9).all()
        assert (result.estimate <= high + 1e-9).all()
        assert (result.mse > 0).all()
        share = reliability(tau2, v)
        assert ((share >= 0) & (share < 1)).all()
        assert_allclose(result.estimate, share * x + (1 - share) * result.beta[0], atol=1e-9)


class TestNeededN:
    @pytest.mark.parametrize(
        ("target", "icc", "n"),
        [(0.7, 0.05, 45), (0.8, 0.1, 36), (0.5, 0.5, 1), (0.9, 0.01, 891), (0.7, 0.99, 1)],
    )
    def test_by_hand(self, target: float, icc: float, n: int) -> None:
        assert needed_n(target, icc) == n

    @given(st.floats(0.05, 0.99), st.floats(0.005, 0.95))
    @settings(max_examples=100, deadline=None)
    def test_reaches_the_target_and_no_fewer_would(self, target: float, icc: float) -> None:
        n = needed_n(target, icc)

        def reached(m: int) -> float:
            return m * icc / (m * icc + 1 - icc)

        assert reached(n) >= target - 1e-9
        assert n == 1 or reached(n - 1) < target

    @pytest.mark.parametrize(("target", "icc"), [(0.0, 0.1), (1.0, 0.1), (0.7, 0.0), (0.7, 1.0)])
    def test_refuses(self, target: float, icc: float) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            needed_n(target, icc)


class TestRefuses:
    @pytest.mark.parametrize(
        ("x", "v", "covariates", "message"),
        [
            ([1.0], [1.0], None, "at least 2 subjects"),
            ([1.0, 2.0], [1.0, 0.0], None, r"\[1\] are not above 0"),
            ([1.0, 2.0], [[1.0, 2.0], [2.0, 1.0]], None, "positive semi-definite"),
            ([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], [1.0, 2.0], "one row for each of 3"),
            ([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], [1.0, np.nan, 2.0], "covariates must be finite"),
            ([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], [5.0, 5.0, 5.0], "linearly dependent"),
            ([1.0, 2.0], [1.0, 1.0], [1.0, 2.0], "cannot carry 2 coefficients"),
        ],
    )
    def test_bad_input(self, x: Any, v: Any, covariates: Any, message: str) -> None:
        for function in (between_variance, shrink):
            with pytest.raises(ValueError, match=message):
                function(x, v, covariates)

    def test_a_confidence_out_of_range(self) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            between_interval([1.0, 2.0, 3.0], np.ones(3), confidence=95)

    def test_reliability(self) -> None:
        assert_allclose(reliability(4.0, [4.0, 12.0]), [0.5, 0.25])
        assert reliability(0.0, [1.0]).tolist() == [0.0]
        with pytest.raises(ValueError, match="not above 0"):
            reliability(1.0, [0.0])
        with pytest.raises(ValueError, match="tau2 must be at least 0"):
            reliability(-1.0, [1.0])


BCG = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]  # fmt: skip
"""metafor's dat.bcg (Colditz et al. 1994): cases and others, with the vaccine and without it."""


def log_risk_ratios() -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = np.array(BCG, dtype=float).T
    y = np.log(a / (a + b)) - np.log(c / (c + d))
    return y, 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


class TestBetweenInterval:
    def test_against_metafor(self) -> None:
        """`confint(rma(ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg, measure="RR"))` prints

        tau^2 0.3132, 0.1197 to 1.1115 (metafor's reference manual; all its digits are in test_golden_metafor).
        """
        y, v = log_risk_ratios()
        found = between_interval(y, v)
        assert round(between_variance(y, v), 4) == 0.3132
        assert (round(found.low, 4), round(found.high, 4)) == (0.1197, 1.1115)

    def test_q_is_an_ordinary_value_at_both_ends(self) -> None:
        """By the weighted sum of squares of the textbook, around the weighted mean."""
        y, v = log_risk_ratios()
        found = between_interval(y, v, confidence=0.9)
        for tau2, p in ((found.low, 0.95), (found.high, 0.05)):
            w = 1.0 / (v + tau2)
            q = float(w @ (y - (w @ y) / w.sum()) ** 2)
            assert_allclose(q, chi2.ppf(p, 12), rtol=1e-9)

    def test_scores_that_scatter_less_than_their_errors_have_no_spread(self) -> None:
        assert between_interval([50.0, 50.1, 50.0], np.full(3, 50.0)).low == 0.0
        assert between_interval([50.0, 50.0, 50.0], np.full(3, 50.0)).high == 0.0

    def test_what_all_errors_have_in_common_widens_nothing(self) -> None:
        y, v = log_risk_ratios()
        alone, together = between_interval(y, v), between_interval(y, np.diag(v) + 3.0)
        assert_allclose([together.low, together.high], [alone.low, alone.high], rtol=1e-7)

    def test_it_holds_the_truth_as_often_as_it_says(self) -> None:
        """1,000 streets of twelve, tau2 = 4, errors of 1 to 9: Monte-Carlo error 0.7%."""
        rng = np.random.Generator(np.random.PCG64(8))
        v = np.linspace(1.0, 9.0, 12)
        held = 0
        for _ in range(1000):
            found = between_interval(rng.normal(0.0, np.sqrt(4.0 + v)), v)
            held += found.low <= 4.0 <= found.high
        assert 0.93 < held / 1000 < 0.97


class TestTogether:
    def test_an_equal_error_of_all_moves_nobody_and_stays_in_the_error(self) -> None:
        y, v = log_risk_ratios()
        alone, together = shrink(y, v), shrink(y, np.diag(v) + 0.5)
        assert_allclose(together.estimate, alone.estimate, atol=1e-9)
        assert_allclose(together.mse, alone.mse + 0.5, atol=3e-3)

    def test_a_covariance_that_is_diagonal_changes_nothing(self) -> None:
        y, v = log_risk_ratios()
        full = np.diag(v)
        full[0, 1] = full[1, 0] = 1e-14
        alone, together = shrink(y, v), shrink(y, full)
        assert_allclose(together.estimate, alone.estimate, atol=1e-12)
        assert_allclose(together.mse, alone.mse, atol=1e-12)

    def test_own_variances_are_what_is_not_common(self) -> None:
        assert_allclose(own_variances(np.diag([1.0, 2.0]) + 3.0), [1.0, 2.0])
        assert_allclose(own_variances([1.0, 2.0]), [1.0, 2.0])
        assert_allclose(own_variances([[2.0, -1.0], [-1.0, 2.0]]), [2.0, 2.0])

    @pytest.mark.parametrize("tau", [2.0, 4.0])
    def test_the_truth_lies_within_the_errors_that_shrunken_scores_claim(self, tau: float) -> None:
        """By decile of the chance of lying above a mark: what is claimed is what is true.

        400 streets of 35; within 3 Monte-Carlo errors and .05 for the estimated spread.
        """
        rng = np.random.Generator(np.random.PCG64(5))
        claimed, true = [], []
        for _ in range(400):
            truth = 84.0 + tau * rng.standard_normal(35)
            v = (2.0 * np.exp(0.25 * rng.standard_normal(35))) ** 2
            found = shrink(truth + np.sqrt(v) * rng.standard_normal(35), v)
            claimed.append(norm.sf(85.0, found.estimate, np.sqrt(found.mse)))
            true.append(truth >= 85.0)
        p, hit = np.concatenate(claimed), np.concatenate(true)
        for low in np.arange(0.0, 1.0, 0.1):
            own = (p >= low) & (p < low + 0.1)
            if own.sum() >= 200:
                error = (p[own].mean() * (1 - p[own].mean()) / own.sum()) ** 0.5
                assert abs(hit[own].mean() - p[own].mean()) < 0.05 + 3.0 * error
