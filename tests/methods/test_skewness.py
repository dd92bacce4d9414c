from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evalkit.methods.skewness import slope, variances_for_testing

COMMITTEES, ANSWERS, STREETS = 40, 30, 400
SCORES = np.array([100.0, 80.0, 60.0, 30.0, 0.0])
SHARES = np.array([0.55, 0.30, 0.10, 0.03, 0.02])


def _streets(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and variances of left-skewed answers, all committees truly alike: (streets, K) each."""
    rng = np.random.Generator(np.random.PCG64(seed))
    answers = rng.choice(SCORES, (STREETS, COMMITTEES, ANSWERS), p=SHARES)
    return answers.mean(axis=-1), answers.var(axis=-1, ddof=1)


def test_the_slope_is_the_third_moment_over_the_variance() -> None:
    means, variances = _streets(1)
    weights = np.full(COMMITTEES, float(ANSWERS))
    found = [slope(m, v, weights) for m, v in zip(means, variances, strict=True)]
    error = np.std(found, ddof=1) / np.sqrt(STREETS)
    away = SCORES - SCORES @ SHARES
    assert abs(np.mean(found) - (away**3 @ SHARES) / (away**2 @ SHARES)) < 4.0 * error


def test_neither_tail_is_false_too_often() -> None:
    means, variances = _streets(2)
    weights = np.full(COMMITTEES, float(ANSWERS))
    away = means - means.mean(axis=1, keepdims=True)
    plain = away / np.sqrt(variances / ANSWERS)
    mended = away / np.sqrt(
        np.array(
            [variances_for_testing(m, v, v, weights) for m, v in zip(means, variances, strict=True)]
        )
        / ANSWERS
    )
    cut = stats.t.ppf(0.995, ANSWERS - 1)
    before, after = (np.array([(t > cut).mean(), (t < -cut).mean()]) for t in (plain, mended))
    assert before.max() > 4.0 * 0.005 > 1.2 * 0.005 > after.max()
    assert abs(stats.skew(mended, axis=None)) < 0.25 * abs(stats.skew(plain, axis=None))


@given(
    st.integers(0, 10_000),
    st.floats(0.1, 100.0),
    st.floats(-100.0, 100.0),
)
def test_units_do_not_matter(seed: int, scale: float, shift: float) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    means, raw = rng.normal(size=8), rng.gamma(4.0, size=8)
    used, weights = (raw + 1.0) / 2.0, rng.integers(2, 60, 8).astype(float)
    here = variances_for_testing(means, raw, used, weights)
    there = variances_for_testing(shift + scale * means, scale**2 * raw, scale**2 * used, weights)
    np.testing.assert_allclose(there, scale**2 * here, rtol=1e-6)
    mirrored = variances_for_testing(-means, raw, used, weights)
    np.testing.assert_allclose(mirrored, here, rtol=1e-9)


def test_a_quarter_of_a_variance_is_always_kept() -> None:
    """Means 0, 1, 2, 3 and variances 13, 9, 5, 1: they fall by 4 a point.

    Two thirds of that are taken back, 8/3 for each point from the middle: 13 - 4, 9 - 4/3,
    5 + 4/3 and 1 + 4. The other way round, where the variance used does not follow the mean,
    a third of the slope is put on: used is 1 throughout, and 1 + 2 and 1 + 2/3, 1 - 2/3 = 1/3,
    which is more than a quarter, and 1 - 2 = -1, of which a quarter is kept.
    """
    means, raw, n = [0.0, 1.0, 2.0, 3.0], [13.0, 9.0, 5.0, 1.0], [10.0] * 4
    np.testing.assert_allclose(
        variances_for_testing(means, raw, raw, n), [9.0, 9.0 - 4 / 3, 5.0 + 4 / 3, 5.0], rtol=1e-12
    )
    np.testing.assert_allclose(
        variances_for_testing(means, raw, [1.0] * 4, n), [3.0, 5 / 3, 1 / 3, 0.25], rtol=1e-12
    )


def test_the_mean_of_the_variances_stays() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    means, weights = rng.normal(size=12), rng.integers(5, 60, 12).astype(float)
    raw = 10.0 - means + rng.uniform(0.0, 0.1, 12)
    found = variances_for_testing(means, raw, raw, weights)
    assert np.average(found, weights=weights) == pytest.approx(np.average(raw, weights=weights))


def test_few_samples_and_gaps() -> None:
    assert slope([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [5.0, 5.0, 5.0]) == 0.0
    assert slope([2.0] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], [5.0] * 5) == 0.0
    found = variances_for_testing(
        [1.0, np.nan, 3.0, 4.0, 5.0, 6.0],
        [2.0, np.nan, 2.0, 2.0, 2.0, 2.0],
        [2.0, np.nan, 2.0, 2.0, 2.0, 2.0],
        [9.0, 0.0, 9.0, 9.0, 9.0, 9.0],
    )
    np.testing.assert_allclose(found, [2.0, np.nan, 2.0, 2.0, 2.0, 2.0])
    assert np.isnan(variances_for_testing([np.nan], [np.nan], [np.nan], [0.0])).all()
