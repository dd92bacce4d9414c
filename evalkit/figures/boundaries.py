"""Checks of a boundary file before it is drawn: every problem found, none repaired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from . import geometry
from .geometry import Ring

CHINA = (73.0, 3.0, 136.0, 54.5)
"""West, south, east and north of China, in degrees."""


class Problem(NamedTuple):
    """One problem of a boundary file: a code for programs, the id concerned, words for people."""

    code: str
    id: str
    detail: str


def feature_id(feature: dict[str, Any], id_property: str) -> Any:
    """Return the id of a feature: its property of that name, else its own id, else None."""
    return (feature.get("properties") or {}).get(id_property, feature.get("id"))


def check_boundaries(
    geojson: dict[str, Any],
    ids: Iterable[object],
    *,
    id_property: str = "id",
    bounds: tuple[float, float, float, float] = CHINA,
) -> list[Problem]:
    """Return every problem of a boundary file, in the file's order; an empty list means sound.

    Parameters
    ----------
    geojson
        FeatureCollection in degrees (longitude, latitude).
    ids
        Ids that need a boundary.
    id_property
        Property of a feature that holds its id; where absent, the feature's own id counts.
    bounds
        West, south, east, north in degrees: where the areas may lie.

    Returns
    -------
    list of Problem
        Codes: `not_collection`, `no_id`, `duplicate_id`, `unknown_id` (a boundary nobody needs),
        `missing_id` (an id without a boundary), `geometry_type`, `coordinates` (not pairs of
        finite numbers), `too_few_points`, `unclosed`, `coordinate_order` (latitude first),
        `out_of_bounds`, `zero_area`, `self_intersection`.
    """
    features = geojson.get("features")
    if geojson.get("type") != "FeatureCollection" or not isinstance(features, list):
        return [Problem("not_collection", "", "文件不是 GeoJSON FeatureCollection")]
    wanted = [str(i) for i in ids]
    found = [feature_id(f, id_property) for f in features]
    counts = Counter(str(i) for i in found if i is not None)
    problems: list[Problem] = []
    for place, (feature, own) in enumerate(zip(features, found, strict=True), start=1):
        key = "" if own is None else str(own)
        if own is None:
            problems.append(Problem("no_id", "", f"第{place}个要素没有 {id_property}"))
        elif key not in wanted:
            problems.append(Problem("unknown_id", key, "名册中没有这个编号"))
        problems += _geometry_problems(key, feature.get("geometry") or {}, bounds)
    problems += [Problem("duplicate_id", i, f"编号出现了{n}次") for i, n in counts.items() if n > 1]
    problems += [
        Problem("missing_id", i, "没有边界") for i in dict.fromkeys(wanted) if i not in counts
    ]
    return problems


def _geometry_problems(
    key: str, raw: dict[str, Any], bounds: tuple[float, float, float, float]
) -> list[Problem]:
    kind = raw.get("type")
    if kind not in {"Polygon", "MultiPolygon"}:
        return [Problem("geometry_type", key, f"几何类型应为面，实为 {kind}")]
    try:
        shape = geometry.shape_of(raw)
    except (KeyError, TypeError, ValueError):
        return [Problem("coordinates", key, "坐标不是成对的数字")]
    rings = [ring for polygon in shape for ring in polygon]
    if not rings or not all(np.isfinite(ring).all() for ring in rings):
        return [Problem("coordinates", key, "坐标为空或不是有限的数字")]
    problems = [p for ring in rings if (p := _ring_problem(key, ring)) is not None]
    if problems:
        return problems
    place = _place_problem(key, np.concatenate(rings), bounds)
    if place is not None:
        problems.append(place)
    for polygon in shape:
        if geometry.area(polygon[0]) == 0:
            problems.append(Problem("zero_area", key, "面积为 0"))
        elif (at := geometry.self_crossing(polygon)) is not None:
            where = f"({at[0]:.6f}, {at[1]:.6f})"
            problems.append(Problem("self_intersection", key, f"边界在 {where} 处与自身相交"))
    return problems


def _ring_problem(key: str, ring: Ring) -> Problem | None:
    if len(ring) < 4:
        return Problem("too_few_points", key, f"一圈边界只有{len(ring)}个点，至少要4个")
    if not (ring[0] == ring[-1]).all():
        return Problem("unclosed", key, "边界没有闭合：首尾两点不同")
    return None


def _place_problem(
    key: str, points: Ring, bounds: tuple[float, float, float, float]
) -> Problem | None:
    west, south, east, north = bounds
    low, high = np.array([west, south]), np.array([east, north])
    if ((points >= low) & (points <= high)).all():
        return None
    swapped = points[:, ::-1]
    if ((swapped >= low) & (swapped <= high)).all():
        return Problem("coordinate_order", key, "坐标顺序应为（经度, 纬度），文件里是反的")
    outside = points[~((points >= low) & (points <= high)).all(axis=1)][0]
    return Problem(
        "out_of_bounds", key, f"点 ({outside[0]:g}, {outside[1]:g}) 不在应有的经纬度范围内"
    )
