"""Items that rise together: by hand, against a two-group factor model, and as often as promised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from evalkit.methods.item_levels import compare_levels
from evalkit.methods.one_factor import omega


def test_three_items_by_hand() -> None:
    """Loadings 1, 1, 2 and errors 1: k = (1 + 1 + 8) / 6; the third against (1 + 1) / 2 * 2."""
    found = compare_levels([1, 1, 4], np.eye(3), [1, 1, 2])
    assert found.factor == pytest.approx(10 / 6)
    assert found.factor_se == pytest.approx(6**-0.5)
    left = np.array([1, 1, 4]) - np.array([1, 1, 2]) * 10 / 6
    assert found.chi_square == pytest.approx(float(left @ left))
    assert found.shift[2] == pytest.approx(2.0)
    assert found.shift_se[2] == pytest.approx(3**0.5)
    assert found.p[2] == pytest.approx(2 * stats.norm.sf(2 / 3**0.5))


def deviance(theta: np.ndarray, waves: list[np.ndarray], free: bool) -> float:
    """-2 log likelihood of two groups with one factor, equal loadings, free or equal intercepts."""
    i = waves[0].shape[1]
    loadings, unique, spread = theta[:i], np.exp(theta[i : 3 * i]), np.exp(theta[3 * i])
    level, factor, total = theta[3 * i + 1 : 4 * i + 1], theta[4 * i + 1 : 5 * i + 1], 0.0
    for g, wave in enumerate(waves):
        common = (1.0, spread)[g] * np.outer(loadings, loadings)
        covariance = common + np.diag(unique[g * i : (g + 1) * i])
        mean = level + (g * factor if free else g * loadings * factor[0])
        away = wave - mean
        s = away.T @ away / len(wave)
        total += len(wave) * (
            np.linalg.slogdet(covariance)[1] + np.trace(np.linalg.solve(covariance, s))
        )
    return float(total)


def test_the_distance_is_the_likelihood_ratio_of_a_two_group_factor_model() -> None:
    """Four items, 1,500 and 1,200 people, the factor up .3, one intercept up .15."""
    rng = np.random.Generator(np.random.PCG64(12))
    loadings = np.array([0.8, 0.6, 0.7, 0.9])
    waves = [
        np.outer(rng.standard_normal(n) + up, loadings) + 0.6 * rng.standard_normal((n, 4)) + shift
        for n, up, shift in ((1500, 0.0, np.zeros(4)), (1200, 0.3, np.array([0, 0, 0.15, 0])))
    ]
    start = np.concatenate([loadings, np.full(8, -1.0), [0.0], waves[0].mean(axis=0), np.zeros(4)])
    fits = [
        optimize.minimize(deviance, start, args=(waves, free), method="L-BFGS-B").fun
        for free in (True, False)
    ]
    centred = np.concatenate([w - w.mean(axis=0) for w in waves])
    own = omega(centred).loadings * centred.std(axis=0, ddof=1)
    covariance = sum(np.cov(w.T) / len(w) for w in waves)
    found = compare_levels(waves[1].mean(axis=0) - waves[0].mean(axis=0), covariance, own)
    assert found.chi_square == pytest.approx(fits[1] - fits[0], rel=0.05)
    assert found.df == 3
    assert int(np.argmin(found.p)) == 2
    assert found.shift[2] == pytest.approx(0.15, abs=3 * found.shift_se[2])


def test_items_that_rise_together_are_told_apart_as_seldom_as_promised() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    loadings = rng.uniform(0.4, 1.0, 8)
    v = np.outer(loadings, loadings) + np.diag(rng.uniform(0.5, 1.5, 8))
    drawn = rng.multivariate_normal(2.0 * loadings, v, 800)
    found = [compare_levels(d, v, loadings) for d in drawn]
    assert np.mean([f.chi_square_p < 0.05 for f in found]) == pytest.approx(0.05, abs=0.025)
    assert np.mean([f.p < 0.05 for f in found]) == pytest.approx(0.05, abs=0.015)
    held = [abs(f.factor - 2.0) < 1.96 * f.factor_se for f in found]
    assert np.mean(held) == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(
    ("difference", "covariance", "loadings", "words"),
    [
        ([1, 2], np.eye(2), [1, 1], "three items"),
        ([1, 2, 3], np.eye(2), [1, 1, 1], "three items"),
        ([1, 2, np.nan], np.eye(3), [1, 1, 1], "finite"),
        ([1, 2, 3], np.ones((3, 3)), [1, 1, 1], "positive definite"),
        ([1, 2, 3], np.eye(3), [1, 0, 0], "fewer than two"),
    ],
)
def test_what_is_refused(
    difference: list[float], covariance: np.ndarray, loadings: list[float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        compare_levels(difference, covariance, loadings)
