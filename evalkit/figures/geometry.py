"""Plane geometry of boundaries: projection, area, a point to write on, hatching, crossings.

A ring is an (m, 2) float array whose last point repeats the first. A shape is a list of
polygons, a polygon a list of rings, the outer one first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

Ring: TypeAlias = NDArray[np.float64]
Shape: TypeAlias = list[list[Ring]]


def shape_of(geometry: dict[str, Any]) -> Shape:
    """Return the shape of a GeoJSON Polygon or MultiPolygon, heights dropped.

    Raises
    ------
    ValueError
        For any other type, and for coordinates that are not numbers.
    """
    kind = geometry.get("type")
    if kind not in {"Polygon", "MultiPolygon"}:
        raise ValueError(f"不支持的几何类型：{kind}")
    polygons = geometry["coordinates"]
    if kind == "Polygon":
        polygons = [polygons]
    return [[_ring(points) for points in polygon] for polygon in polygons]


def _ring(points: list[list[float]]) -> Ring:
    for x, y, *_ in points:
        for number in (x, y):
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ValueError("坐标不是成对的数字")
    return np.array([p[:2] for p in points], dtype=np.float64).reshape(-1, 2)


def project(shape: Shape, latitude: float) -> Shape:
    """Return the shape in a plane true to scale near `latitude` (degrees), y pointing down."""
    scale = np.array([math.cos(math.radians(latitude)), -1.0])
    return [[ring * scale for ring in polygon] for polygon in shape]


def area(ring: Ring) -> float:
    """Return the signed area, positive where x right and y down run clockwise."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def wound(polygon: list[Ring]) -> list[Ring]:
    """Return the polygon with holes that run against its outer ring."""
    turn = area(polygon[0]) > 0
    return [
        ring[::-1] if place and (area(ring) > 0) == turn else ring
        for place, ring in enumerate(polygon)
    ]


def centroid(ring: Ring) -> tuple[float, float]:
    """Return the centroid of the ring's area (of its points where the area is 0)."""
    origin = ring[0]
    x, y = (ring - origin).T
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    total = float(cross.sum())
    if total == 0:
        middle = ring[:-1].mean(axis=0) if len(ring) > 1 else ring[0]
        return float(middle[0]), float(middle[1])
    cx = float(((x[:-1] + x[1:]) * cross).sum() / (3 * total))
    cy = float(((y[:-1] + y[1:]) * cross).sum() / (3 * total))
    return cx + float(origin[0]), cy + float(origin[1])


def thinned(ring: Ring, least: float) -> Ring:
    """Return the ring without corners that lie nearer than `least` to the last one kept.

    A ring that would lose its shape (fewer than three corners) is returned as it is.
    """
    corners = ring.tolist()
    kept = [corners[0]]
    for x, y in corners[1:-1]:
        if abs(x - kept[-1][0]) >= least or abs(y - kept[-1][1]) >= least:
            kept.append([x, y])
    return ring if len(kept) < 3 else np.array([*kept, corners[-1]])


def crossings(polygon: list[Ring], y: float) -> list[tuple[float, float]]:
    """Return the stretches (from x, to x) of the horizontal line at `y` inside the polygon."""
    found: list[float] = []
    for ring in polygon:
        y0, y1 = ring[:-1, 1], ring[1:, 1]
        cut = (y0 <= y) != (y1 <= y)
        share = (y - y0[cut]) / (y1[cut] - y0[cut])
        found.extend((ring[:-1, 0][cut] + share * (ring[1:, 0] - ring[:-1, 0])[cut]).tolist())
    found.sort()
    return list(zip(found[::2], found[1::2], strict=False))


def label_point(shape: Shape) -> tuple[float, float]:
    """Return a point well inside the largest polygon: its centroid where that has room.

    Of nine horizontal lines through the polygon (one through the centroid), takes the middle of
    the widest stretch, the centroid's own line preferred.
    """
    polygon = max(shape, key=lambda p: abs(area(p[0])))
    cx, cy = centroid(polygon[0])
    for left, right in crossings(polygon, cy):
        if left <= cx <= right and min(cx - left, right - cx) > 0.2 * (right - left):
            return cx, cy
    low, high = float(polygon[0][:, 1].min()), float(polygon[0][:, 1].max())
    best = (0.0, cx, cy)
    for y in [cy, *(low + (high - low) * k / 9 for k in range(1, 9))]:
        for left, right in crossings(polygon, y):
            if right - left > best[0] * 1.05:
                best = (right - left, (left + right) / 2, y)
    return best[1], best[2]


def hatch(shape: Shape, gap: float) -> list[tuple[float, float, float, float]]:
    """Return lines (x, y, x2, y2) at 45 degrees that fill the shape, `gap` apart."""
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / math.sqrt(2)
    lines: list[tuple[float, float, float, float]] = []
    for polygon in shape:
        turned = [ring @ turn for ring in polygon]
        first = math.ceil(float(turned[0][:, 1].min()) / gap)
        last = math.floor(float(turned[0][:, 1].max()) / gap)
        for k in range(first, last + 1):
            for left, right in crossings(turned, k * gap):
                (x, y), (x2, y2) = np.array([[left, k * gap], [right, k * gap]]) @ turn.T
                lines.append((float(x), float(y), float(x2), float(y2)))
    return lines


def fault(polygon: list[Ring]) -> tuple[str, tuple[float, float]] | None:
    """Return why a polygon is none in the sense of the OGC, and where; None for a sound one.

    Returns
    -------
    str, (float, float)
        GEOS's reason ("Self-intersection", "Hole lies outside shell" ...), and the point.

    References
    ----------
    OGC 06-103r4, Simple feature access; by shapely. Rings may touch one another at a point, a ring
    may not touch itself.
    """
    reason = shapely.is_valid_reason(shapely.Polygon(polygon[0], polygon[1:]))
    told = re.fullmatch(r"(.+)\[(\S+) (\S+)\]", reason)
    return None if told is None else (told[1], (float(told[2]), float(told[3])))


def overlaps(shapes: Sequence[Shape], least: float) -> list[tuple[int, int, float]]:
    """Return pairs of shapes whose common area is more than a part of the smaller one's.

    Parameters
    ----------
    shapes
        Without faults.
    least
        Part of the smaller area, 0 to 1.

    Returns
    -------
    list of (int, int, float)
        Positions, and the common part of the smaller area; by shapely.
    """
    if not shapes:
        return []
    # Polygons of one shape may overlap: their union counts a place once.
    plane = [shapely.union_all([shapely.Polygon(p[0], p[1:]) for p in s]) for s in shapes]
    tree = shapely.STRtree(plane)
    pairs = sorted((i, j) for i, j in tree.query(plane, "intersects").T.tolist() if i < j)
    shares = [
        (i, j, plane[i].intersection(plane[j]).area / min(plane[i].area, plane[j].area))
        for i, j in pairs
    ]
    return [found for found in shares if found[2] > least]
