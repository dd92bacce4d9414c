from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.methods.agreement import congruence, cronbach_alpha, icc, item_total, omega

seeds = st.integers(0, 2**32 - 1)


def answers(seed: int, items: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, 1)) * rng.uniform(0.3, 1.5, items) + rng.normal(size=(60, items))
    return np.clip(np.round(3 + X), 1, 5) + rng.normal(0, 0.01, X.shape)


@given(seeds, st.integers(3, 7))
@settings(max_examples=60, deadline=None)
def test_order_and_units_do_not_matter(seed: int, items: int) -> None:
    X = answers(seed, items)
    rng = np.random.default_rng(seed)
    columns = rng.permutation(items)
    other = 20 * X[rng.permutation(60)][:, columns] + 7
    plain, moved = cronbach_alpha(X), cronbach_alpha(other)
    np.testing.assert_allclose(moved.alpha, plain.alpha)
    np.testing.assert_allclose(moved.if_dropped, plain.if_dropped[columns], rtol=1e-7)
    np.testing.assert_allclose(item_total(other).rest, item_total(X).rest[columns], rtol=1e-7)
    one, two = omega(X), omega(other)
    assert two.chi_square == pytest.approx(one.chi_square, abs=1e-5)
    if not one.heywood:
        np.testing.assert_allclose(two.loadings, one.loadings[columns], atol=1e-4)
        assert two.omega == pytest.approx(one.omega, abs=1e-4)


@given(seeds, st.integers(3, 7))
@settings(max_examples=60, deadline=None)
def test_ranges(seed: int, items: int) -> None:
    X = answers(seed, items)
    alpha, factor = cronbach_alpha(X), omega(X)
    assert alpha.low < alpha.alpha < alpha.high <= 1
    assert 0 <= factor.omega <= 1
    assert factor.loadings.sum() >= 0
    if not factor.heywood:
        # at an inner optimum the model takes over the items' variances, as near as the search stops
        np.testing.assert_allclose(factor.loadings**2 + factor.uniquenesses, 1, atol=1e-4)
    dropped = cronbach_alpha(X[:, 1:])
    assert alpha.if_dropped[0] == pytest.approx(dropped.alpha)
    assert congruence(factor.loadings, 3 * factor.loadings) == pytest.approx(1)


@given(seeds, st.integers(3, 12), st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_icc_means_follow_spearman_and_brown(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    ratings = rng.normal(0, 2, (n, 1)) + rng.normal(0, 1, k) + rng.normal(size=(n, k))
    got = icc(ratings)
    single, mean = got.value[:3], got.value[3:]
    inner = 1 + (k - 1) * single > 1e-9
    np.testing.assert_allclose(mean[inner], (k * single / (1 + (k - 1) * single))[inner], rtol=1e-6)
    assert (mean <= 1).all()
    assert inner[[0, 2]].all()
    known = ~np.isnan(got.low)
    assert known[[0, 2, 3, 5]].all()
    assert known[[1, 4]].all() or single[1] < 0
    assert (got.low[known] <= got.value[known]).all()
    assert (got.value[known] <= got.high[known]).all()
    shifted = icc(ratings + rng.normal(0, 5, k))
    np.testing.assert_allclose(shifted["3,1"], got["3,1"], rtol=1e-6)
    shuffled = icc(ratings[rng.permutation(n)][:, rng.permutation(k)] * -3)
    np.testing.assert_allclose(shuffled.value, got.value, rtol=1e-6)
