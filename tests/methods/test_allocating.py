"""Allocation by linear programming against every way there is."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from evalkit.methods.allocating import allocate


def best(preferred: np.ndarray) -> tuple[int, float]:
    """The most that can be served one by one, and the highest preference then: by trying all."""
    d, s = preferred.shape

    @cache
    def from_row(at: int, taken: int) -> tuple[int, float]:
        if at == d:
            return 0, 0.0
        found = [from_row(at + 1, taken)]
        for place in range(s):
            if not taken >> place & 1 and not np.isnan(preferred[at, place]):
                n, total = from_row(at + 1, taken | 1 << place)
                found.append((n + 1, total + float(preferred[at, place])))
        return max(found)

    return from_row(0, 0)


@pytest.mark.parametrize(("d", "s"), [*product((1, 3, 6), (1, 4, 6))])
def test_it_is_as_good_as_the_best_of_all_ways(d: int, s: int) -> None:
    rng = np.random.default_rng(100 * d + s)
    for _ in range(4):
        preferred = rng.integers(1, 4, (d, s)).astype(np.float64)
        preferred[rng.random((d, s)) < 0.4] = np.nan
        found = allocate(preferred, np.ones(d, np.int64), np.ones(s, np.int64))
        assert (found.sum(axis=0) <= 1).all()
        assert (found.sum(axis=1) <= 1).all()
        assert not found[np.isnan(preferred)].any()
        total = float((found * np.nan_to_num(preferred)).sum())
        assert (int(found.sum()), total) == best(preferred)


def test_supplies_and_demands_are_kept_and_equals_go_by_their_order() -> None:
    found = allocate(np.ones((2, 2)), np.array([3, 3]), np.array([4, 1]))
    assert found.sum(axis=0).tolist() == [4, 1]
    assert (found.sum(axis=1) <= 3).all()
    same = [allocate(np.ones((1, 3)), np.array([2]), np.array([1, 1, 1])) for _ in range(2)]
    assert same[0].tolist() == same[1].tolist() == [[1, 1, 0]]


@pytest.mark.parametrize("n", [2, 3, 7])
def test_equals_are_paired_in_their_order(n: int) -> None:
    one = np.ones(n, np.int64)
    assert allocate(np.zeros((n, n)), one, one).tolist() == np.eye(n).tolist()


def test_more_served_comes_before_nearer() -> None:
    preferred = np.array([[3.0, 1.0], [3.0, np.nan]])
    found = allocate(preferred, np.ones(2, np.int64), np.ones(2, np.int64))
    assert found.tolist() == [[0, 1], [1, 0]]
