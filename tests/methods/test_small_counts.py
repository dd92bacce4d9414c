"""Which counts of people may be told: every limit one below, at it and one above."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.methods.small_counts import counted, publishable

TEN = 10


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ([30, 9, 10], [True, False, True]),
        ([30, 9, 1], [True, True, True]),  # ten together
        ([30, 5, 4], [True, False, False]),
        ([10, 10], [True, True]),
        ([9], [False]),
        ([], []),
    ],
)
def test_small_committees_count_for_the_street_if_they_are_ten_together(
    of: list[int], expected: list[bool]
) -> None:
    assert counted(np.array(of, dtype=np.int64), TEN).tolist() == expected


@pytest.mark.parametrize(
    ("n", "rest", "shown", "street"),
    [
        ([10, 40], [10, 40], [True, True], True),
        ([9, 40], [40, 40], [False, False], True),  # the second would give away the nine
        ([40, 40], [9, 40], [False, False], True),
        ([9, 10, 40], [40, 40, 40], [False, False, True], True),  # 19 are hidden together
        ([5, 5, 40], [40, 40, 40], [False, False, True], True),  # ten together
        ([5, 4, 40, 11], [40, 40, 40, 40], [False, False, True, False], True),
        ([40, 40, 40], [5, 5, 40], [False, False, True], True),
        ([40, 40, 40], [5, 4, 40], [False, False, False], True),
        ([12, 30, 9], [30, 11, 40], [True, False, False], True),  # by the smaller of both sides
        ([30, 30, 9], [40, 40, 40], [False, True, False], True),  # of equals the first
        ([5, 5], [40, 40], [False, False], True),
        ([5, 4], [40, 40], [False, False], False),
        ([40, 40], [5, 4], [False, False], False),
        ([40, 40], [5, 5], [False, False], True),
        # 13 said it in a committee of 40 and one of five: eight at least of the 40. A third helps.
        ([9, 4, 20, 30], [31, 1, 30, 30], [False, False, False, True], True),
        ([9, 4, 20, 30], [31, 6, 30, 30], [False, False, True, True], True),
    ],
)
def test_a_count_is_published_if_neither_side_nor_what_is_left_is_below_ten(
    n: list[int], rest: list[int], shown: list[bool], street: bool
) -> None:
    found = publishable(np.array(n), np.array(rest), TEN)
    assert (found[0].tolist(), found[1]) == (shown, street)


COUNTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8)


@given(COUNTS)
def test_what_is_left_out_cannot_be_had_by_subtraction(counts: list[tuple[int, int]]) -> None:
    n, rest = (np.array(part) for part in zip(*counts, strict=True))
    shown, street = publishable(n, rest, TEN)
    assert (np.minimum(n, rest)[shown] >= TEN).all()
    assert street or not shown.any()
    if street and not shown.all():
        assert min(n[~shown].sum(), rest[~shown].sum()) >= TEN


def test_who_said_neither_counts_beside_the_largest_that_is_left_out() -> None:
    """Nine of forty and four of five are left out: of 13 the forty said eight at least."""
    n, any_ = np.array([9, 4, 30, 40]), np.full(4, TEN)
    shown, _ = publishable(n, any_, TEN, np.array([40, 5, 60, 60]))
    assert shown.tolist() == [False, False, False, True]
    shown, _ = publishable(n, any_, TEN, np.array([40, 10, 60, 60]))
    assert shown.tolist() == [False, False, True, True]


def test_no_more_is_left_out_than_needed() -> None:
    n = np.array([30, 9, 25, 12])
    shown, _ = publishable(n, np.full(4, 50), TEN)
    assert shown.tolist() == [True, False, True, False]
    shown, _ = publishable(np.array([30, 9, 25, 8]), np.full(4, 50), TEN)
    assert shown.tolist() == [True, False, True, False]


def test_one_small_committee_does_not_count_for_the_street() -> None:
    assert counted(np.array([30, 9, 25]), TEN).tolist() == [True, False, True]
    assert counted(np.array([30, 9, 2]), TEN).all()
