"""Coordinates of places in China: three systems that differ by hundreds of metres, and metres on a plane.

References
----------
The transformation of GCJ-02 is published by nobody who made it; this is the form that all open
libraries share (wandergis/coordtransform, googollee/eviltransform, both MIT), with the ellipsoid
SK-42. BD-09 is Baidu's own further shift. The way back has no closed form and is iterated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Longitude and latitude in degrees, or metres east and north, shape (n, 2)."""

_RADIUS, _FLATNESS = 6378245.0, 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0
_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271
"""Outside of this nothing is shifted."""

_STEPS = 12
"""Of the way back; each step makes the error about a thousand times smaller."""

_EQUATOR, _SQUEEZED = 6378137.0, 0.00669437999014
"""Half axis in metres and squared eccentricity of WGS 84."""


def gcj02_of_wgs84(points: Points) -> Points:
    """Return points as Chinese maps (GCJ-02) show them."""
    longitude, latitude = points[:, 0], points[:, 1]
    x, y = longitude - 105.0, latitude - 35.0
    waves = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    north = north + (waves + _waves(y, 160.0, 320.0)) * 2.0 / 3.0
    east = east + (waves + _waves(x, 150.0, 300.0)) * 2.0 / 3.0
    angle = np.radians(latitude)
    squeezed = 1.0 - _FLATNESS * np.sin(angle) ** 2
    root = np.sqrt(squeezed)
    per_north = np.radians(_RADIUS * (1.0 - _FLATNESS) / (squeezed * root))
    per_east = np.radians(_RADIUS / root * np.cos(angle))
    shift = np.column_stack([east / per_east, north / per_north])
    inside = (longitude >= _WEST) & (longitude <= _EAST)
    inside &= (latitude >= _SOUTH) & (latitude <= _NORTH)
    return np.asarray(points + np.where(inside[:, None], shift, 0.0))


def _waves(along: Points, long: float, longest: float) -> Points:
    short = 20.0 * np.sin(along * np.pi) + 40.0 * np.sin(along / 3.0 * np.pi)
    far = long * np.sin(along / 12.0 * np.pi) + longest * np.sin(along / 30.0 * np.pi)
    return np.asarray(short + far)


def bd09_of_gcj02(points: Points) -> Points:
    """Return points of Chinese maps as Baidu's (BD-09) show them."""
    x, y = points[:, 0], points[:, 1]
    far = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU)
    return np.column_stack([far * np.cos(angle) + 0.0065, far * np.sin(angle) + 0.006])


def _undone(forward: Callable[[Points], Points], shifted: Points) -> Points:
    """Return the points that `forward` shifts to these."""
    found = shifted
    for _ in range(_STEPS):
        found = found - (forward(found) - shifted)
    return found


def wgs84_of(points: Points, system: str) -> Points:
    """Return points as receivers tell them (WGS 84).

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Longitude and latitude in degrees.
    system : {"wgs84", "gcj02", "bd09"}
    """
    if system == "bd09":
        points = _undone(bd09_of_gcj02, points)
    return points if system == "wgs84" else _undone(gcj02_of_wgs84, points)


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres on a plane around a place: the equidistant projection of the ellipsoid there.

    True to a few centimetres in a kilometre within a street.
    """

    longitude: float
    latitude: float

    def metres(self, points: Points) -> Points:
        """Return metres east and north of the place, for degrees of WGS 84."""
        angle = np.radians(self.latitude)
        squeezed = 1.0 - _SQUEEZED * np.sin(angle) ** 2
        north = np.radians(_EQUATOR * (1.0 - _SQUEEZED) / squeezed**1.5)
        east = np.radians(_EQUATOR / np.sqrt(squeezed) * np.cos(angle))
        return np.asarray((points - (self.longitude, self.latitude)) * (east, north))
