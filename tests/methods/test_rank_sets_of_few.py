"""Rank sets where standard errors have few degrees of freedom: Student's t, of every pair its own."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from scipy import stats

from evalkit.methods import rank_changes, rank_sets
from evalkit.methods.rank_step_down import as_normal

KINDS: tuple[Literal["marginal", "joint"], ...] = ("marginal", "joint")


def test_two_committees_are_told_apart_where_students_t_tells_them_apart() -> None:
    """One pair, 6 degrees of freedom: beyond 2.447 standard errors, not beyond 1.960."""
    known = stats.t.ppf(0.975, 6)
    for distance, told in ((known - 0.1, False), (known + 0.1, True)):
        x = [50.0, 50.0 - distance * np.sqrt(2)]
        for kind in KINDS:
            sets = rank_sets.rank_sets(x, [1, 1], kind=kind, df=6)
            assert bool(sets.high[0] == 1) is told
            assert rank_sets.rank_sets(x, [1, 1], kind=kind).high[0] == 1


def test_a_pair_has_its_own_degrees_of_freedom() -> None:
    """All pairs are 3.6 standard errors apart or more; only the one of 3 is not told apart."""
    df = np.full((3, 3), 1e3)
    df[0, 1] = df[1, 0] = 3
    x, v = np.array([10.0, 4.9, -0.2]), np.ones(3)
    sets = rank_sets.rank_sets(x, v, kind="joint", df=df)
    assert sets.low.tolist() == [1, 1, 3]
    assert sets.high.tolist() == [2, 2, 3]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [20, 210])
def test_fewer_degrees_of_freedom_never_shorten_a_set(kind: Any, k: int) -> None:
    rng = np.random.default_rng(5)
    x, v = rng.normal(80, 4, k), rng.uniform(0.5, 2, k)
    before = rank_sets.rank_sets(x, v, kind=kind, draws=2_000)
    lengths = [(before.high - before.low).sum()]
    for df in (200.0, 20.0, 5.0):
        sets = rank_sets.rank_sets(x, v, kind=kind, draws=2_000, df=df)
        assert (sets.low <= before.low).all()
        assert (sets.high >= before.high).all()
        before = sets
        lengths.append((sets.high - sets.low).sum())
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[-1]


def test_endless_degrees_of_freedom_are_known_variances() -> None:
    rng = np.random.default_rng(6)
    x, v = rng.normal(80, 2, 12), np.ones(12)
    plain = rank_sets.rank_sets(x, v, kind="joint", draws=2_000)
    same = rank_sets.rank_sets(x, v, kind="joint", draws=2_000, df=np.inf)
    assert plain.low.tolist() == same.low.tolist()
    assert plain.high.tolist() == same.high.tolist()


def test_sidaks_intervals_are_those_of_t() -> None:
    """Two intervals of 97.5% each, 4 degrees of freedom: they meet at 2 t s."""
    reach = 2 * stats.t.ppf(0.5 + np.sqrt(0.95) / 2, 4)
    for distance, best in ((reach - 0.01, 2), (reach + 0.01, 1)):
        sets = rank_sets.sidak_sets([distance, 0.0], [1, 1], df=4)
        assert sets.high[0] == best


def test_rank_changes_take_the_degrees_of_freedom_of_either_wave() -> None:
    x0, x1, sure = [10.0, 5.5], [5.5, 10.0], [1.0, 1.0]
    plain = rank_changes.rank_change_sets(x0, sure, x1, sure)
    assert plain.low.tolist() == [1, -1]
    few = rank_changes.rank_change_sets(x0, sure, x1, sure, from_df=4)
    assert few.low.tolist() == [0, -1]
    assert few.high.tolist() == [1, 0]


def test_equally_improbable_whatever_the_degrees_of_freedom() -> None:
    t = np.array([-3.0, 0.0, 0.5, 40.0])
    for df in (1.0, 7.5, 300.0):
        normal = as_normal(t, np.full(4, df))
        np.testing.assert_allclose(stats.norm.sf(normal), stats.t.sf(t, df), rtol=1e-9)
    np.testing.assert_array_equal(as_normal(t, np.full(4, np.inf)), t)


@pytest.mark.parametrize(
    ("df", "message"),
    [
        (0.0, "above 0"),
        (np.nan, "above 0"),
        ([3.0, 3.0], "one number, or one for every difference"),
        ([[1.0, 2.0], [3.0, 1.0]], "both directions"),
    ],
)
def test_impossible_degrees_of_freedom_are_refused(df: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rank_sets.rank_sets([1, 2], [1, 1], df=df)
