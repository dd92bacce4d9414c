from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.methods.sensitivity import random_weights, robustness

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(2, 8), st.floats(0.05, 0.8))
@settings(max_examples=60, deadline=None)
def test_weightings_are_weightings(seed: int, count: int, spread: float) -> None:
    nominal = np.random.default_rng(seed).uniform(1, 30, count)
    drawn = random_weights(nominal, draws=50, spread=spread, seed=seed)
    assert (drawn >= 0).all()
    np.testing.assert_allclose(drawn.sum(axis=1), nominal.sum())
    np.testing.assert_array_equal(
        drawn, random_weights(nominal, draws=50, spread=spread, seed=seed)
    )


@given(seeds, st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_ranks_stay_in_the_table_and_follow_their_subject(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    nominal = rng.integers(60, 96, k).astype(float)
    scores = nominal + rng.integers(-3, 4, (30, k))
    got = robustness(scores, nominal, [90, 85, 75, 60], quantiles=(0, 0.5, 1))
    assert ((got.rank >= 1) & (got.rank <= k)).all()
    assert ((got.rank_quantiles >= 1) & (got.rank_quantiles <= k)).all()
    assert (np.diff(got.rank_quantiles, axis=0) >= 0).all()
    assert (got.same_place <= got.same_third).all()
    assert got.unchanged <= got.same_place.min()
    order = rng.permutation(k)
    other = robustness(scores[:, order], nominal[order], [60, 75, 85, 90], quantiles=(0, 0.5, 1))
    np.testing.assert_array_equal(other.rank_quantiles, got.rank_quantiles[:, order])
    np.testing.assert_array_equal(other.same_grade, got.same_grade[order])
    still = robustness(np.tile(nominal, (5, 1)), nominal, [90])
    assert still.unchanged == 1
