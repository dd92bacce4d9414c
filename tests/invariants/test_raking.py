from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.methods.raking import rake

seeds = st.integers(0, 2**32 - 1)
shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3)


def example(seed: int, sizes: list[int]) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Totals of a table without empty cells that some weights reach: raking has a solution."""
    rng = np.random.default_rng(seed)
    grid = np.array(np.meshgrid(*[np.arange(c) for c in sizes], indexing="ij"))
    rows = np.concatenate([grid.reshape(len(sizes), -1).T] * 2)
    extra = np.stack([rng.integers(0, c, 10) for c in sizes], axis=1)
    codes = rng.permutation(np.concatenate([rows, extra]))
    population = rng.uniform(0.2, 5, codes.shape[0])
    margins = [
        (codes[:, m], np.bincount(codes[:, m], population, minlength=c))
        for m, c in enumerate(sizes)
    ]
    return rng.uniform(0.2, 5, codes.shape[0]), margins


@given(seeds, shapes)
@settings(max_examples=60, deadline=None)
def test_every_margin_is_met_and_ratios_are_a_product_of_cell_factors(
    seed: int, sizes: list[int]
) -> None:
    weights, margins = example(seed, sizes)
    raked = rake(weights, margins)
    assert (raked.weights > 0).all()
    for codes, totals in margins:
        sums = np.bincount(codes, raked.weights, minlength=totals.size)
        np.testing.assert_allclose(sums, totals, rtol=1e-9)
    dummies = np.hstack([np.eye(t.size)[c] for c, t in margins])
    ratio = np.log(raked.weights / weights)
    fitted = dummies @ np.linalg.lstsq(dummies, ratio, rcond=None)[0]
    np.testing.assert_allclose(fitted, ratio, atol=1e-8)
    assert raked.design_effect >= 1
    assert raked.n_effective <= weights.size + 1e-9


@given(seeds, shapes)
@settings(max_examples=40, deadline=None)
def test_order_scale_and_rows_without_weight_do_not_matter(seed: int, sizes: list[int]) -> None:
    weights, margins = example(seed, sizes)
    raked = rake(weights, margins).weights
    order = np.random.default_rng(seed).permutation(weights.size)
    shuffled = rake(weights[order], [(c[order], t) for c, t in margins]).weights
    np.testing.assert_allclose(shuffled, raked[order], rtol=1e-7)
    scaled = rake(weights * 7, [(c, t * 3) for c, t in margins]).weights
    np.testing.assert_allclose(scaled, raked * 3, rtol=1e-7)
    silent = rake(np.r_[weights, 0.0], [(np.r_[c, 0], t) for c, t in margins]).weights
    assert silent[-1] == 0
    np.testing.assert_allclose(silent[:-1], raked, rtol=1e-7)


@given(seeds, shapes)
@settings(max_examples=40, deadline=None)
def test_doubling_all_rows_halves_weights_and_leaves_means_alone(
    seed: int, sizes: list[int]
) -> None:
    weights, margins = example(seed, sizes)
    x = np.random.default_rng(seed).normal(size=weights.size)
    once = rake(weights, margins)
    twice = rake(np.tile(weights, 2), [(np.tile(c, 2), t) for c, t in margins])
    np.testing.assert_allclose(twice.weights, np.tile(once.weights / 2, 2), rtol=1e-7)
    assert np.isclose(
        np.average(x, weights=once.weights), np.average(np.tile(x, 2), weights=twice.weights)
    )
    assert np.isclose(twice.n_effective, 2 * once.n_effective)


@given(seeds, shapes)
@settings(max_examples=40, deadline=None)
def test_what_the_margins_know_has_no_influence_left(seed: int, sizes: list[int]) -> None:
    weights, margins = example(seed, sizes)
    raked = rake(weights, margins)
    rng = np.random.default_rng(seed)
    known = sum(rng.normal(size=t.size)[c] for c, t in margins) * raked.weights
    other = rng.normal(size=weights.size) * raked.weights
    swept = raked.residual_sweep(np.stack([known, other, known + other], axis=1))
    np.testing.assert_allclose(swept[:, 0], 0, atol=1e-8 * np.abs(known).max())
    np.testing.assert_allclose(swept[:, 2], swept[:, 1], atol=1e-8 * np.abs(known).max() + 1e-9)
    again = raked.residual_sweep(swept[:, 1])
    np.testing.assert_allclose(again, swept[:, 1], atol=1e-8 * np.abs(other).max())
