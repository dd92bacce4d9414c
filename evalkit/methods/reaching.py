"""What lies within reach of places: a part of an area, or some of many points; all in metres.

References
----------
Areas by shapely (GEOS), nearest points by scipy's k-d tree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

Points = NDArray[np.float64]
Shape = Sequence[Sequence[Points]]
"""Polygons, each of rings, the outer one first."""

_ARCS = 32
"""Pieces of a quarter of a circle: its area is right within 0.05%."""


def areas_reached(shapes: Sequence[Shape], places: Points, radius: float) -> tuple[Points, Points]:
    """Return how much of every shape lies within a radius of some place, and its whole area.

    Parameters
    ----------
    shapes : sequence of K shapes
        Without faults, in metres.
    places : ndarray of shape (n, 2)
    radius : float

    Returns
    -------
    ndarray of shape (K,), ndarray of shape (K,)
        Square metres.
    """
    circles = shapely.buffer(shapely.points(places), radius, quad_segs=_ARCS)
    within = shapely.union_all(circles)
    flat = [shapely.union_all([shapely.Polygon(p[0], p[1:]) for p in shape]) for shape in shapes]
    reached = shapely.area(shapely.intersection(flat, within)) if flat else np.zeros(0)
    return np.asarray(reached, dtype=np.float64), np.asarray(shapely.area(flat), dtype=np.float64)


def distances(points: Points, places: Points) -> Points:
    """Return how far every point is from the nearest place; infinite where there is none."""
    if not len(places) or not len(points):
        return np.full(len(points), np.inf)
    return np.asarray(scipy.spatial.cKDTree(places).query(points)[0], dtype=np.float64)


def distances_to(shapes: Sequence[Shape], points: Points) -> Points:
    """Return how far every point is from the nearest shape; 0 inside of one."""
    whole = shapely.union_all([shapely.Polygon(p[0], p[1:]) for shape in shapes for p in shape])
    shapely.prepare(whole)
    return np.asarray(shapely.distance(whole, shapely.points(points)), dtype=np.float64)
