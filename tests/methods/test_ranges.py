"""Ranges of exact numbers, against every corner of the box and by hand."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction as F

import pytest

from evalkit.methods.ranges import Range, quotient, total


def test_halves_are_rounded_away_from_zero() -> None:
    half = F(1, 2)
    for value, low, high in ((2, True, False), (-2, False, True), (0, False, False)):
        found = Range.rounded(F(value), F(1))
        assert (found.holds(value - half), found.holds(value + half)) == (low, high)
        assert found.holds(F(value))


def test_ranges_that_only_touch_share_a_number_where_both_hold_it() -> None:
    below, above = Range(F(0), F(1), True, False), Range(F(1), F(2))
    assert not below.meets(above)
    assert not above.meets(below)
    assert Range(F(0), F(1)).meets(above)
    assert Range(F(5), None).meets(Range(F(6), F(7)))
    assert not Range(None, F(5)).meets(Range(F(6), F(7)))


def test_within_tells_open_ends_apart() -> None:
    whole = Range(F(0), F(1), True, False)
    assert whole.within(Range(F(0), F(1)))
    assert not Range(F(0), F(1)).within(whole)
    assert whole.within(Range(None, None))
    assert not Range(F(0), None).within(whole)
    assert not Range(None, F(0)).within(whole)
    assert Range(F(0), F(1), False, False).within(Range(F(0), F(1), False, False))
    assert not whole.within(Range(F(0), F(1), False, False))


def test_a_sum_ends_where_its_parts_do() -> None:
    parts = [Range.rounded(F("86.76"), F("0.01")), Range.point(3), Range(F(1), None)]
    found = total([F(1), F(-1), F(0)], parts)
    assert found == Range(F("83.755"), F("83.765"), True, False)
    assert total([F(1), F(0), F(1)], parts).high is None
    assert total([F(1), F(0), F(-1)], parts).low is None
    assert total([], []) == Range.point(0)


def test_a_quotient_reaches_the_extremes_over_all_corners() -> None:
    """A part may stand above and below at once: what Moore's rule alone would make too wide."""
    dice = random.Random(14)
    for _ in range(150):
        n = dice.randint(1, 5)
        parts = [Range.rounded(F(dice.randint(1, 50)), F(1)) for _ in range(n)]
        over = [F(dice.randint(-2, 3)) for _ in range(n)]
        under = [F(dice.randint(0, 3)) for _ in range(n - 1)] + [F(1)]
        corners = [
            sum(a * x for a, x in zip(over, at, strict=True))
            / sum(b * x for b, x in zip(under, at, strict=True))
            for at in itertools.product(*[(p.low, p.high) for p in parts])
        ]
        found = quotient(over, under, parts)
        assert found is not None
        assert (found.low, found.high) == (min(corners), max(corners))


def test_a_share_of_the_whole_is_no_wider_than_it_can_be() -> None:
    parts = [Range.rounded(F(1), F(1)), Range.rounded(F(1), F(1))]
    found = quotient([F(1), F(0)], [F(1), F(1)], parts)
    assert found == Range(F(1, 4), F(3, 4), False, False)


@pytest.mark.parametrize(
    ("over", "under", "low", "high"),
    [
        ([1, 0], [0, 1], F(2), None),
        ([0, 1], [1, 0], F(0), F(1, 2)),
        ([1, 0], [1, 1], F(2, 3), F(1)),
        ([-1, 0], [0, 1], None, F(-2)),
    ],
)
def test_a_part_without_an_end_runs_on(
    over: list[int], under: list[int], low: F | None, high: F | None
) -> None:
    parts = [Range(F(2), None), Range.point(1)]
    found = quotient([F(a) for a in over], [F(b) for b in under], parts)
    assert found is not None
    assert (found.low, found.high) == (low, high)


def test_nothing_is_divided_by_what_may_be_0() -> None:
    for divisor in (Range.point(0), Range(F(0), F(3)), Range.rounded(F(0), F(1))):
        assert quotient([F(1), F(0)], [F(0), F(1)], [Range.point(1), divisor]) is None
