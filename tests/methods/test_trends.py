"""Slopes over waves by hand and against least squares; what waves have in common."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evalkit.methods.trends import contrast, slope


def test_the_slope_is_that_of_least_squares() -> None:
    values = [81.0, 83.5, 82.0, 86.0, 85.5]
    expected = np.polyfit(range(5), values, 1)[0]
    assert slope(values, np.ones(5), np.full(5, 9.0)).value == pytest.approx(expected)


def test_its_error_and_test_are_those_of_the_contrast() -> None:
    found = slope([80.0, 81.0, 84.0], [2.0, 5.0, 4.0], [8.0, 3.0, 10.0])
    variance = 0.25 * (2.0 + 4.0)  # the middle wave weighs nothing
    df = variance**2 / ((0.25 * 2.0) ** 2 / 8.0 + (0.25 * 4.0) ** 2 / 10.0)
    assert (found.value, found.se, found.df) == pytest.approx((2.0, variance**0.5, df))
    assert found.p == pytest.approx(2 * stats.t.sf(2.0 / variance**0.5, df))
    assert found.reach(0.95) == pytest.approx(variance**0.5 * stats.t.ppf(0.975, df))


def test_what_the_first_and_last_wave_have_in_common_makes_a_slope_surer() -> None:
    joint = np.diag([2.0, 2.0, 2.0])
    joint[0, 2] = joint[2, 0] = 1.0
    found = slope([80.0, 81.0, 84.0], joint, [8.0, 8.0, 8.0])
    assert found.se**2 == pytest.approx(0.25 * (2.0 + 2.0 - 2.0))


def test_an_error_of_nothing_is_no_proof() -> None:
    still, moved = (slope(x, [0.0] * 3, [5.0] * 3) for x in ([80.0] * 3, [80.0, 81.0, 82.0]))
    assert still.p == 1.0
    assert np.isnan(moved.p)


@pytest.mark.parametrize(
    ("values", "covariance", "df"),
    [([1.0], [1.0], [1.0]), ([1.0, 2.0], [1.0], [1.0, 1.0]), ([1.0, np.nan], [1, 1], [1, 1]),
     ([1.0, 2.0], [1, 1], [1, 0])],
)  # fmt: skip
def test_what_is_no_series_is_refused(values: object, covariance: object, df: object) -> None:
    with pytest.raises(ValueError, match=r"match|finite|two waves"):
        slope(values, covariance, df)  # type: ignore[arg-type]


def test_a_contrast_leaves_a_level_alone() -> None:
    for waves in range(2, 6):
        places = np.arange(waves)
        assert contrast(places).sum() == pytest.approx(0.0)
        assert contrast(places) @ places == pytest.approx(1.0)


def test_a_wave_that_is_left_out_keeps_its_place() -> None:
    found = slope([80.0, 82.0, 83.0], [2.0, 5.0, 4.0], [9.0] * 3, places=[0, 2, 3])
    by_hand = np.array([-5.0, 1.0, 4.0]) / 14.0  # places less 5/3, over 14/3
    assert found.value == pytest.approx(1.0)
    assert found.se**2 == pytest.approx(by_hand**2 @ [2.0, 5.0, 4.0])


@pytest.mark.parametrize("places", [[0], [2, 2, 2], [0, 1], [[0, 1, 2]]])
def test_places_of_no_line_are_refused(places: list[int]) -> None:
    with pytest.raises(ValueError, match=r"two waves|match"):
        slope([80.0, 82.0, 83.0], [2.0] * 3, [9.0] * 3, places=places)
