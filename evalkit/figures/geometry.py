"""Plane geometry of boundaries: projection, area, a point to write on, hatching, crossings.

A ring is an (m, 2) float array whose last point repeats the first. A shape is a list of
polygons, a polygon a list of rings, the outer one first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
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


def encloses(outer: Ring, inner: Ring) -> bool:
    """Tell whether a ring lies inside another that it does not cross."""
    x, y = (inner[0] + inner[1]) / 2
    return any(left <= x <= right for left, right in crossings([outer], float(y)))


def overlaps(shapes: Sequence[Shape], least: float) -> list[tuple[int, int, float]]:
    """Return pairs of shapes whose common area is more than a part of the smaller one's.

    Parameters
    ----------
    shapes
        Without self-crossings.
    least
        Part of the smaller area, 0 to 1.

    Returns
    -------
    list of (int, int, float)
        Positions, and the common part of the smaller area, measured on 48 level lines.
    """
    if not shapes:
        return []
    points = [np.concatenate([ring for polygon in s for ring in polygon]) for s in shapes]
    low = np.array([p.min(axis=0) for p in points])
    high = np.array([p.max(axis=0) for p in points])
    areas = [
        sum(abs(area(p[0])) - sum(abs(area(hole)) for hole in p[1:]) for p in s) for s in shapes
    ]
    found = []
    for i in range(len(shapes) - 1):
        box = np.minimum(high[i], high[i + 1 :]) - np.maximum(low[i], low[i + 1 :])
        smaller = np.minimum(areas[i], areas[i + 1 :])
        near = (box > 0).all(axis=1) & (box.prod(axis=1) > least * smaller)
        for j in (i + 1 + np.flatnonzero(near)).tolist():
            bottom, top = max(low[i, 1], low[j, 1]), min(high[i, 1], high[j, 1])
            step = (top - bottom) / 48
            common = sum(
                max(0.0, min(b, d) - max(a, c))
                for k in range(48)
                for a, b in _level(shapes[i], bottom + (k + 0.5) * step)
                for c, d in _level(shapes[j], bottom + (k + 0.5) * step)
            )
            share = common * step / min(areas[i], areas[j])
            if share > least:
                found.append((i, j, float(min(share, 1.0))))
    return found


def _level(shape: Shape, y: float) -> list[tuple[float, float]]:
    return [stretch for polygon in shape for stretch in crossings(polygon, y)]


def self_crossing(polygon: list[Ring]) -> tuple[float, float] | None:
    """Return where a polygon's rings cross or overlap themselves or one another, else None.

    Touching at a point that both have as a vertex is allowed between rings, not within one.
    Segments are compared with those that begin before they end, from left to right.
    """
    starts = np.concatenate([r[:-1] for r in polygon])
    ends = np.concatenate([r[1:] for r in polygon])
    kept = (starts != ends).any(axis=1)
    owner = np.concatenate([np.full(len(r) - 1, i) for i, r in enumerate(polygon)])[kept]
    starts, ends = starts[kept], ends[kept]
    origin = starts[0].copy() if len(starts) else np.zeros(2)
    starts, ends = starts - origin, ends - origin
    count = len(starts)
    span = np.ptp(np.concatenate([starts, ends]), axis=0).max() if count else 0.0
    tolerance = 1e-12 * span * span
    begin = np.minimum(starts[:, 0], ends[:, 0])
    order = np.argsort(begin, kind="stable")
    starts, ends, owner, begin = starts[order], ends[order], owner[order], begin[order]
    last = np.searchsorted(begin, np.maximum(starts[:, 0], ends[:, 0]), side="right")
    for i in range(count - 1):
        a, b = starts[i], ends[i]
        later = slice(i + 1, max(i + 1, int(last[i])))
        c, d = starts[later], ends[later]
        side_c, side_d = _side(a, b, c), _side(a, b, d)
        side_a, side_b = _side(c, d, a), _side(c, d, b)
        proper = (
            (np.minimum(side_c, side_d) < -tolerance)
            & (np.maximum(side_c, side_d) > tolerance)
            & (np.minimum(side_a, side_b) < -tolerance)
            & (np.maximum(side_a, side_b) > tolerance)
        )
        bad = proper | _overlapping(a, b, c, d, side_c, side_d, tolerance)
        same = owner[later] == owner[i]
        repeated = same & ((c == a).all(axis=1))
        bad |= repeated
        if bad.any():
            j = int(np.argmax(bad))
            return _meeting(a, b, c[j], d[j], origin)
    return None


def _side(a: Ring, b: Ring, p: Ring) -> NDArray[np.float64]:
    left, right = b - a, p - a
    return np.asarray(left[..., 0] * right[..., 1] - left[..., 1] * right[..., 0])


def _overlapping(
    a: Ring,
    b: Ring,
    c: Ring,
    d: Ring,
    side_c: NDArray[np.float64],
    side_d: NDArray[np.float64],
    tolerance: float,
) -> NDArray[np.bool_]:
    """Tell which segments c-d share a stretch of positive length with a-b."""
    along = b - a
    length = float(along @ along)
    t_c, t_d = (c - a) @ along / length, (d - a) @ along / length
    shared = np.minimum(np.maximum(t_c, t_d), 1.0) - np.maximum(np.minimum(t_c, t_d), 0.0)
    flat = (np.abs(side_c) <= tolerance) & (np.abs(side_d) <= tolerance)
    return np.asarray(flat & (shared > 1e-9))


def _meeting(a: Ring, b: Ring, c: Ring, d: Ring, origin: Ring) -> tuple[float, float]:
    r, s = b - a, d - c
    denominator = float(r[0] * s[1] - r[1] * s[0])
    q = c - a
    t = 0.0 if denominator == 0 else float(q[0] * s[1] - q[1] * s[0]) / denominator
    point = a + min(max(t, 0.0), 1.0) * r + origin
    return float(point[0]), float(point[1])
