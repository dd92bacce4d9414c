"""What must hold for every ranking, over the whole grid of options."""

from __future__ import annotations

import itertools
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from evalkit.methods import rank_sets as rs

DRAWS = 2_000
Kind = Literal["marginal", "joint"]

kinds = st.sampled_from(["marginal", "joint"])
confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])
seeds = st.integers(0, 3)


@st.composite
def tables(draw: st.DrawFn, most: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Estimates on a grid of eighths (ties happen) and variances or a covariance."""
    k = draw(st.integers(2, most))
    x = np.array(draw(st.lists(st.integers(-40, 40), min_size=k, max_size=k))) / 8.0
    shape = draw(st.sampled_from(["variances", "diagonal", "factors", "common", "none"]))
    if shape == "none":
        return x, np.zeros(k)
    scale = np.array(draw(st.lists(st.integers(1, 16), min_size=k, max_size=k))) / 8.0
    if shape == "variances":
        return x, scale
    if shape == "diagonal":
        return x, np.diag(scale)
    loading = np.array(draw(st.lists(st.integers(-8, 8), min_size=k, max_size=k))) / 8.0
    if shape == "common":  # some differences are known without error
        return x, np.full((k, k), 2.0) + np.outer(loading, loading)
    return x, np.diag(scale) + np.outer(loading, loading)


def same(a: rs.RankSets, b: rs.RankSets, order: Any = slice(None)) -> None:
    for name in ("rank", "low", "high", "near_flip"):
        assert_array_equal(getattr(a, name)[order], getattr(b, name))


def within(inner: rs.RankSets, outer: rs.RankSets) -> None:
    assert (outer.low <= inner.low).all()
    assert (inner.high <= outer.high).all()


grid = given(tables(), kinds, confidences, seeds)
quick = settings(max_examples=60, deadline=None)


@grid
@quick
def test_sets_hold_the_rank_and_stay_in_the_table(
    table: Any, kind: Kind, confidence: float, seed: int
) -> None:
    x, v = table
    sets = rs.rank_sets(x, v, confidence=confidence, kind=kind, draws=DRAWS, seed=seed)
    assert (sets.low >= 1).all()
    assert (sets.low <= sets.rank).all()
    assert (sets.rank <= sets.high).all()
    assert (sets.high <= x.size).all()
    assert_array_equal(sets.rank, [1 + (x > value).sum() for value in x])
    # known better and known worse are two sides of one verdict: they add up over a joint table
    if kind == "joint":
        assert (sets.low - 1).sum() == (x.size - sets.high).sum()


@given(tables(), kinds, confidences, seeds, st.randoms(use_true_random=False))
@quick
def test_order_of_subjects_is_irrelevant(
    table: Any, kind: Kind, confidence: float, seed: int, random: Any
) -> None:
    x, v = table
    order = np.array(random.sample(range(x.size), x.size))
    permuted = v[order] if v.ndim == 1 else v[np.ix_(order, order)]
    options: dict[str, Any] = {"confidence": confidence, "kind": kind}
    base = rs.rank_sets(x, v, draws=DRAWS, seed=seed, **options)
    other = rs.rank_sets(x[order], permuted, draws=DRAWS, seed=seed, **options)
    assert_array_equal(base.rank[order], other.rank)
    # subjects of equal score and variance may trade their draws; without such twins nothing moves
    # (`test_order_of_many_different_subjects_is_irrelevant` has none)
    own = np.column_stack([x, v if v.ndim == 1 else np.diag(v)])
    if np.unique(own, axis=0).shape[0] == x.size:
        same(base, other, order)
    same(
        rs.sidak_sets(x, v, confidence=confidence),
        rs.sidak_sets(x[order], permuted, confidence=confidence),
        order,
    )


@pytest.mark.parametrize("kind", ["marginal", "joint"])
@pytest.mark.parametrize("seed", range(4))
def test_order_of_many_different_subjects_is_irrelevant(kind: Kind, seed: int) -> None:
    """No ties, shared raters: never skipped, and the sets are neither all nothing nor all alike."""
    generator = np.random.Generator(np.random.PCG64(seed))
    x = generator.normal(80.0, 5.0, 9)
    v = np.diag(generator.uniform(0.5, 6.0, 9)) + np.outer(*[generator.uniform(0.2, 1.5, 9)] * 2)
    order = generator.permutation(9)
    base = rs.rank_sets(x, v, kind=kind, draws=DRAWS, seed=seed)
    other = rs.rank_sets(x[order], v[np.ix_(order, order)], kind=kind, draws=DRAWS, seed=seed)
    same(base, other, order)
    assert 0 < (base.high - base.low).sum() < 9 * 8
    assert (base.low[order] != base.low).any(), "another order would be noticed"


@given(tables(), kinds, confidences, seeds, st.sampled_from([0.25, 2.0, 1024.0]))
@quick
def test_unit_and_origin_are_irrelevant(
    table: Any, kind: Kind, confidence: float, seed: int, unit: float
) -> None:
    x, v = table
    options: dict[str, Any] = {"confidence": confidence, "kind": kind, "draws": DRAWS, "seed": seed}
    base = rs.rank_sets(x, v, **options)
    same(base, rs.rank_sets(x * unit, v * unit**2, **options))
    same(base, rs.rank_sets(x + 1000.0, v, **options))


@given(tables(), confidences, seeds)
@quick
def test_joint_contains_marginal_and_sidak_contains_joint_verdicts(
    table: Any, confidence: float, seed: int
) -> None:
    x, v = table
    marginal = rs.rank_sets(x, v, confidence=confidence, draws=DRAWS, seed=seed)
    joint = rs.rank_sets(x, v, confidence=confidence, kind="joint", draws=DRAWS, seed=seed)
    within(marginal, joint)  # exactly: the same draws, a larger family
    # in theory the Sidak intervals are the widest; simulation may differ where a verdict is near
    sidak = rs.sidak_sets(x, v, confidence=confidence)
    sure = ~marginal.near_flip
    assert (sidak.low <= marginal.low)[sure].all()
    assert (sidak.high >= marginal.high)[sure].all()


@given(tables(), kinds, seeds)
@quick
def test_more_confidence_is_wider(table: Any, kind: Kind, seed: int) -> None:
    x, v = table
    options: dict[str, Any] = {"kind": kind, "draws": DRAWS, "seed": seed}
    sets = [rs.rank_sets(x, v, confidence=c, **options) for c in (0.5, 0.8, 0.95, 0.99)]
    for narrow, wide in itertools.pairwise(sets):
        within(narrow, wide)


@given(tables(), kinds, confidences, seeds)
@quick
def test_less_error_is_never_wider(table: Any, kind: Kind, confidence: float, seed: int) -> None:
    x, v = table
    options: dict[str, Any] = {"confidence": confidence, "kind": kind, "draws": DRAWS, "seed": seed}
    within(rs.rank_sets(x, v / 4.0, **options), rs.rank_sets(x, v, **options))


@given(tables(), confidences, st.data())
@quick
def test_sidak_no_single_smaller_variance_widens_any_set(
    table: Any, confidence: float, data: st.DataObject
) -> None:
    x, v = table
    variances = (v if v.ndim == 1 else np.diag(v)).copy()
    wide = rs.sidak_sets(x, variances, confidence=confidence)
    j = data.draw(st.integers(0, x.size - 1))
    variances[j] /= data.draw(st.sampled_from([1.5, 4.0, 100.0]))
    within(rs.sidak_sets(x, variances, confidence=confidence), wide)


@given(tables(), confidences, st.data())
@quick
def test_sidak_better_answers_never_lower_a_subject(
    table: Any, confidence: float, data: st.DataObject
) -> None:
    x, v = table
    j = data.draw(st.integers(0, x.size - 1))
    raised = x.copy()
    raised[j] += data.draw(st.integers(0, 40)) / 8.0
    before = rs.sidak_sets(x, v, confidence=confidence)
    after = rs.sidak_sets(raised, v, confidence=confidence)
    assert after.rank[j] <= before.rank[j]
    assert after.low[j] <= before.low[j]
    assert after.high[j] <= before.high[j]


@given(tables(), confidences, st.data())
@quick
def test_top_set_holds_the_observed_top_and_grows(
    table: Any, confidence: float, data: st.DataObject
) -> None:
    x, v = table
    sizes = range(1, x.size + 1)
    masks = [rs.top_set(x, v, top=t, confidence=confidence, draws=DRAWS) for t in sizes]
    for top, mask in zip(sizes, masks, strict=True):
        assert mask[rs.competition_rank(x) <= top].all()
    for small, large in itertools.pairwise(masks):
        assert (small <= large).all()
    assert masks[-1].all()


@pytest.mark.parametrize("kind", ["marginal", "joint"])
@given(
    st.integers(rs.SIMULATION_LIMIT + 1, rs.SIMULATION_LIMIT + 40),
    st.integers(0, 50),
    st.booleans(),
    confidences,
)
@settings(max_examples=3, deadline=None)
def test_many_subjects(kind: Kind, k: int, seed: int, equal: bool, confidence: float) -> None:
    generator = np.random.Generator(np.random.PCG64(seed))
    x = np.round(generator.normal(0, 8, k), 1)
    v = np.ones(k) if equal else np.exp(generator.normal(0, 0.8, k))
    sets = rs.rank_sets(x, v, kind=kind, confidence=confidence)
    assert sets.method == "single-step"
    assert not sets.near_flip.any()
    assert (sets.low >= 1).all()
    assert (sets.low <= sets.rank).all()
    assert (sets.rank <= sets.high).all()
    assert (sets.high <= k).all()
    order = generator.permutation(k)
    same(sets, rs.rank_sets(x[order], v[order], kind=kind, confidence=confidence), order)
    mirror = rs.rank_sets(-x, v, kind=kind, confidence=confidence)
    assert_array_equal(mirror.low, k + 1 - sets.high)
    assert_array_equal(mirror.high, k + 1 - sets.low)
    within(rs.rank_sets(x, v / 4.0, kind=kind, confidence=confidence), sets)
    if kind == "joint":
        within(rs.rank_sets(x, v, confidence=confidence), sets)
