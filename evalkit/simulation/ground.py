"""Invented boundaries for invented committees: neighbouring cells in a street that is nowhere."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from evalkit.definitions.roster import Subject

Points = NDArray[np.float64]

SEED = 20140606
PLACE = (123.2, 30.6)
"""Longitude and latitude of the street's middle: open sea, where nobody lives."""

SPACE = 9e-6
"""Mean area of a committee, square degrees of latitude: a tenth of a square kilometre."""

OUTLINE = (
    (-1.00, -0.35), (-0.62, -0.66), (0.02, -0.72), (0.58, -0.60), (0.98, -0.22),
    (1.04, 0.20), (0.66, 0.55), (0.10, 0.70), (-0.50, 0.62), (-0.94, 0.24),
)  # fmt: skip
"""The street, counterclockwise and convex; cells cut by it stay in one piece."""

COMPASS = {"东": (1.0, 0.0), "西": (-1.0, 0.0), "南": (0.0, -1.0), "北": (0.0, 1.0)}
ROUNDS = 24


def invented_boundaries(subjects: Sequence[Subject], seed: int = SEED) -> dict[str, Any]:
    """Return a GeoJSON FeatureCollection with one area a subject, marked as invented.

    The areas are the Voronoi cells of relaxed random points within a street. Zones named after a
    direction lie there, the others around and the last one in the middle; within a zone
    neighbours on the roster are neighbours on the ground, as far as can be.

    Parameters
    ----------
    subjects : sequence of Subject
    seed : int
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    outline = np.array(OUTLINE)
    points = _spread(rng, outline, len(subjects))
    places = _places([s.zone or "" for s in subjects], points)
    cells = _cells(points, outline)
    side = math.sqrt(SPACE * len(subjects) / _area(outline))
    scale = np.array([side / math.cos(math.radians(PLACE[1])), side])
    return {
        "type": "FeatureCollection",
        "name": "示意边界：编造的街道，不代表任何真实的地方",
        "evalkit": {"invented": True},
        "features": [
            {
                "type": "Feature",
                "properties": {"id": s.id, "name": s.name},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [
                            [round(float(lon), 6), round(float(lat), 6)]
                            for lon, lat in PLACE
                            + cells[place][[*range(len(cells[place])), 0]] * scale
                        ]
                    ],
                },
            }
            for s, place in zip(subjects, places, strict=True)
        ],
    }


def geojson_text(boundaries: dict[str, Any]) -> str:
    """Write a FeatureCollection as JSON, one feature a line."""
    features = boundaries["features"]
    rest = {key: value for key, value in boundaries.items() if key != "features"}
    head = json.dumps(rest, ensure_ascii=False)[:-1]
    lines = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    return f'{head}, "features": [\n{lines}\n]}}\n'


def _spread(rng: np.random.Generator, outline: Points, count: int) -> Points:
    """Return points within the outline, moved to the middle of their cells a few times."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    drawn = rng.uniform(low, high, (60 * count + 60, 2))
    points = drawn[[_within(p, outline) for p in drawn]][:count]
    for _ in range(ROUNDS):
        moved = np.array([_middle(cell) for cell in _cells(points, outline)])
        points = 0.5 * (points + moved)
    return points


def _cells(points: Points, outline: Points) -> list[Points]:
    """Return each point's Voronoi cell within the outline, counterclockwise."""
    far = 50.0 * np.array([[1, 0.1], [-0.1, 1], [-1, -0.1], [0.1, -1]])
    diagram = scipy.spatial.Voronoi(np.concatenate([points, far]))
    cells = []
    for place in range(len(points)):
        corners = diagram.vertices[diagram.regions[diagram.point_region[place]]]
        turn = np.argsort(np.arctan2(*(corners - corners.mean(axis=0)).T[::-1]), kind="stable")
        cells.append(_clipped(corners[turn], outline))
    return cells


def _clipped(cell: Points, outline: Points) -> Points:
    """Return the part of a convex cell within a convex outline (both counterclockwise)."""
    kept = list(cell)
    for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        corners, kept = kept, []
        for p, q in zip(corners, [*corners[1:], *corners[:1]], strict=True):
            side_p, side_q = _left(a, b, p), _left(a, b, q)
            if side_p >= 0:
                kept.append(p)
            if side_p * side_q < 0:
                kept.append(p + (q - p) * side_p / (side_p - side_q))
    return np.array(kept)


def _left(a: Points, b: Points, p: Points) -> float:
    return float((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]))


def _within(p: Points, outline: Points) -> bool:
    return all(
        _left(a, b, p) > 0 for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True)
    )


def _area(ring: Points) -> float:
    x, y = ring.T
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) / 2)


def _middle(ring: Points) -> Points:
    x, y = ring.T
    cross = x * np.roll(y, -1) - y * np.roll(x, -1)
    corners = ring + np.roll(ring, -1, axis=0)
    return np.asarray((corners * cross[:, None]).sum(axis=0) / (3 * cross.sum()))


def _places(zones: Sequence[str], points: Points) -> list[int]:
    """Return the point of every subject: zone by zone, the outermost in its direction."""
    names = sorted(dict.fromkeys(zones), key=lambda zone: zone[:1] not in COMPASS)
    others = [zone for zone in names if zone[:1] not in COMPASS]
    free = list(range(len(points)))
    found = [0] * len(zones)
    for name in names:
        turn = 2 * math.pi * others.index(name) / len(others) if name in others else 0.0
        x, y = COMPASS.get(name[:1], (math.cos(turn), math.sin(turn)))
        members = [place for place, zone in enumerate(zones) if zone == name]
        outward = sorted(free, key=lambda place: -(points[place] @ (x, y)))
        taken = outward[: len(members)]
        free = outward[len(members) :]
        along = sorted(taken, key=lambda place: points[place] @ (-y, x))
        for member, place in zip(members, along, strict=True):
            found[member] = place
    return found
