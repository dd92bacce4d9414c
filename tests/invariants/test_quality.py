from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.methods.quality import (
    bursts,
    duplicates,
    excess_rates,
    irv,
    key_random_gap,
    longstring,
    mahalanobis,
    near_duplicates,
    speeding,
)

seeds = st.integers(0, 2**32 - 1)


def street(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.integers(1, 4, (50, 5)).astype(float)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, rng.integers(0, 4, 50), rng.permutation(50)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_each_respondents_number_follows_the_respondent(seed: int) -> None:
    X, subjects, order = street(seed)
    np.testing.assert_array_equal(longstring(X[order]), longstring(X)[order])
    np.testing.assert_array_equal(duplicates(X[order]), duplicates(X)[order])
    np.testing.assert_allclose(irv(X[order]), irv(X)[order])
    np.testing.assert_allclose(mahalanobis(X[order]).squared, mahalanobis(X).squared[order])
    seconds = np.random.default_rng(seed).uniform(0, 400, 50)
    np.testing.assert_array_equal(speeding(seconds[order]), speeding(seconds)[order])
    np.testing.assert_array_equal(
        bursts(seconds[order], subjects[order]), bursts(seconds, subjects)[order]
    )
    one = near_duplicates(X, subjects, permutations=2)
    two = near_duplicates(X[order], subjects[order], permutations=2)
    np.testing.assert_array_equal(two.share, one.share[order])


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_ranges(seed: int) -> None:
    X, subjects, _ = street(seed)
    answered = (~np.isnan(X)).sum(axis=1)
    longest = longstring(X)
    assert ((longest >= 1) == (answered >= 1)).all()
    assert (longest <= answered).all()
    spread = irv(X)
    assert (np.isnan(spread) == (answered < 2)).all()
    assert ((longest == 5) <= (spread == 0)).all()
    assert (duplicates(X) >= 1).all()
    near = near_duplicates(X, subjects, permutations=3)
    known = near.match >= 0
    assert ((near.share[known] >= 0) & (near.share[known] <= 1)).all()
    assert ((near.p[known] > 0) & (near.p[known] <= near.p_subject[known] + 1e-12)).all()
    assert (subjects[near.match[known]] == subjects[known]).all()
    copies = (duplicates(np.column_stack([X, subjects])) > 1) & known
    assert (near.share[copies] == 1).all()


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_one_more_flag_never_makes_a_subject_look_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    subjects = np.repeat(np.arange(8), 20)
    flags = rng.random(160) < rng.uniform(0.02, 0.6)
    got = excess_rates(flags, subjects)
    assert ((got.p > 0) & (got.p <= 1)).all()
    assert got.flags.sum() == flags.sum()
    order = np.argsort(got.flags, kind="stable")
    assert (np.diff(got.p[order]) <= 1e-12).all()
    assert (np.diff(got.z[order]) >= -1e-9).all()


@given(seeds, st.floats(-20, 20), st.floats(0.1, 10))
@settings(max_examples=60, deadline=None)
def test_gap_does_not_depend_on_the_unit(seed: int, shift: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.3, 3, 12)
    delta = rng.normal(0, 1.5, 12) + np.sqrt(v) * rng.normal(size=12)
    plain, moved = key_random_gap(delta, v), key_random_gap(delta * scale + shift, v * scale**2)
    np.testing.assert_allclose(moved.statistic, plain.statistic, atol=1e-3)
    order = rng.permutation(12)
    np.testing.assert_allclose(
        key_random_gap(delta[order], v[order]).statistic, plain.statistic[order], atol=1e-6
    )
