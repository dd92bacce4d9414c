from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.methods.planning import Components, deliver, extra, needed, split

seeds = st.integers(0, 2**32 - 1)


def components(seed: int, k: int = 4, g: int = 2) -> Components:
    rng = np.random.default_rng(seed)
    return Components(
        within_sd=rng.uniform(4, 30, (k, g)),
        group_weights=rng.uniform(0.1, 0.6, g),
        between_variance=float(rng.uniform(2, 40)),
        population=rng.choice([np.inf, 30, 90], (k, g)),
        fixed_variance=rng.uniform(0, 0.1, k),
    )


@given(seeds, st.sampled_from([0.7, 0.8, 0.9]), st.integers(1, 3), st.integers(1, 12))
@settings(max_examples=80, deadline=None)
def test_needed_is_enough_and_one_fewer_is_not(
    seed: int, reliability: float, groups: int, least: int
) -> None:
    c = components(seed, g=groups)
    got = needed(c, reliability=reliability, least=least)
    assert np.isfinite(got.n).all()
    assert (got.reliability >= reliability - 1e-12).all()
    assert (got.n == np.floor(got.n)).all()
    assert (got.n <= c.population).all()
    floor = np.minimum(least, c.population)
    assert (got.n >= floor).all()
    for group in range(groups):
        one_fewer = got.n.copy()
        one_fewer[:, group] -= 1
        allowed = (one_fewer >= floor).all(axis=1)
        if allowed.any():
            without = deliver(np.maximum(one_fewer, 1), c)
            assert (without.reliability[allowed] < reliability).all()
    again = split(got.n.sum(axis=1), c, least=least)
    np.testing.assert_allclose(again.variance, got.variance)


@given(seeds, st.integers(0, 40), st.sampled_from(["mean", "worst"]))
@settings(max_examples=80, deadline=None)
def test_more_questionnaires_never_hurt(seed: int, more: int, objective: str) -> None:
    c = components(seed)
    plan = np.random.default_rng(seed).integers(2, 30, (4, 2))
    got = extra(plan, c, more, objective=objective)  # type: ignore[arg-type]
    assert (got.added >= 0).all()
    assert got.added.sum() <= more
    assert got.added.sum() == min(more, (np.asarray(c.population) - plan).sum())
    assert (got.after.variance <= got.before.variance + 1e-12).all()
    assert (got.after.half_width <= got.before.half_width + 1e-12).all()
    assert ((got.after.reliability > 0) & (got.after.reliability <= 1)).all()


@given(seeds, st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_no_single_move_improves_a_mean_allocation(seed: int, more: int) -> None:
    c = components(seed)
    plan = np.random.default_rng(seed).integers(2, 30, (4, 2))
    got = extra(plan, c, more)
    total = got.after.variance.sum()
    n = got.after.n
    for giver in np.argwhere(got.added > 0):
        for taker in np.argwhere(n < c.population):
            moved = n.copy()
            moved[tuple(giver)] -= 1
            moved[tuple(taker)] += 1
            assert deliver(moved, c).variance.sum() >= total - 1e-9
