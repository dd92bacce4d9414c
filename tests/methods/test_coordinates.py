"""Coordinates against published points, and circles against their formula."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evalkit.methods.coordinates import Plane, bd09_of_gcj02, gcj02_of_wgs84, wgs84_of
from evalkit.methods.reaching import areas_reached, distances, distances_to

POINT = np.array([[116.404, 39.915]])
PUTUO = np.array([[121.395, 31.249]])


def square(half: float) -> list[list[NDArray[np.float64]]]:
    return [[half * np.array([[-1.0, -1.0], [1, -1], [1, 1], [-1, 1], [-1, -1]])]]


def apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    plane = Plane(float(one[0, 0]), float(one[0, 1]))
    return float(np.hypot(*plane.metres(other)[0]))


def test_the_published_points_come_out() -> None:
    """Both are published of the same numbers: taken as WGS 84, and taken as GCJ-02."""
    shifted = gcj02_of_wgs84(POINT)[0]
    assert shifted == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-11)
    baidu = bd09_of_gcj02(POINT)[0]
    assert baidu == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-11)


def test_the_way_back_is_right_within_a_centimetre() -> None:
    rng = np.random.default_rng(7)
    points = np.column_stack([rng.uniform(75, 135, 500), rng.uniform(18, 53, 500)])
    for system, shifted in (
        ("gcj02", gcj02_of_wgs84(points)),
        ("bd09", bd09_of_gcj02(gcj02_of_wgs84(points))),
    ):
        back = wgs84_of(shifted, system)
        worst = max(apart(points[[at]], back[[at]]) for at in range(len(points)))
        assert worst < 0.01
    assert (wgs84_of(points, "wgs84") == points).all()


def test_a_system_that_is_not_declared_is_hundreds_of_metres_off() -> None:
    shifted = gcj02_of_wgs84(PUTUO)
    assert apart(PUTUO, shifted) == pytest.approx(486, rel=0.05)
    assert apart(PUTUO, bd09_of_gcj02(shifted)) == pytest.approx(1166, rel=0.05)


def test_nothing_is_shifted_outside_of_china() -> None:
    paris = np.array([[2.35, 48.86]])
    assert (gcj02_of_wgs84(paris) == paris).all()


def test_a_degree_is_as_long_as_geodesy_says() -> None:
    # WGS 84 at 31 degrees north: 110,869.6 m of latitude, 95,505.9 m of longitude.
    metres = Plane(121.0, 31.0).metres(np.array([[122.0, 32.0]]))[0]
    assert metres == pytest.approx((95_505.9, 110_869.6), rel=2e-5)


def test_a_circle_of_500_metres_has_its_area() -> None:
    reached, whole = areas_reached([square(1000.0)], np.zeros((1, 2)), 500.0)
    assert reached[0] / 1e6 == pytest.approx(0.785398, rel=1e-3)
    assert whole[0] == 4e6


def test_what_two_places_reach_counts_once_and_no_place_reaches_nothing() -> None:
    twice = np.zeros((2, 2))
    once, _ = areas_reached([square(1000.0)], twice[:1], 500.0)
    both, _ = areas_reached([square(1000.0), square(10.0)], twice, 500.0)
    assert both[0] == pytest.approx(once[0])
    assert both[1] == pytest.approx(400.0)
    none, _ = areas_reached([square(1000.0)], np.zeros((0, 2)), 500.0)
    assert none[0] == 0.0


def test_the_nearest_place_counts() -> None:
    places = np.array([[0.0, 0.0], [300.0, 400.0]])
    assert distances(np.array([[0.0, 10.0], [300.0, 0.0]]), places).tolist() == [10.0, 300.0]
    assert np.isinf(distances(np.zeros((1, 2)), np.zeros((0, 2)))).all()
    assert distances_to([square(100.0)], np.array([[0.0, 0.0], [150.0, 0.0]])).tolist() == [0, 50]
