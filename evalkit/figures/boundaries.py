"""Checks of a boundary file before it is drawn: every problem found, none repaired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from . import geometry
from .geometry import Ring, Shape

CHINA = (73.0, 3.0, 136.0, 54.5)
"""West, south, east and north of China, in degrees."""

EARTH = (-180.0, -90.0, 180.0, 90.0)

REACH = 3.0
"""No area of one map lies farther than this from the middle of all, degrees."""

TIMES = 6.0
"""Nor farther than so many times what is usual in this map: an area's distance or half its size."""

TINY = 1e-4
"""No area is smaller than this part of the median area."""

OVERLAP = 0.1
"""Two areas may share this part of the smaller one: outlines drawn by hand never meet exactly."""


CORNERS = 50_000
"""A committee's outline has some hundreds; what has more than this takes minutes to check."""


class Problem(NamedTuple):
    """One problem of a boundary file: a code for programs, the id concerned, words for people."""

    code: str
    id: str
    detail: str


def feature_id(feature: Mapping[str, Any], id_property: str) -> Any:
    """Return the id of a feature: its property of that name, else its own id, else None."""
    properties = feature.get("properties")
    if isinstance(properties, Mapping) and properties.get(id_property) is not None:
        return properties[id_property]
    return feature.get("id")


def check_boundaries(
    geojson: Any,
    ids: Iterable[object],
    *,
    id_property: str = "id",
    spare: Iterable[object] = (),
    present: Mapping[str, Collection[str]] | None = None,
) -> list[Problem]:
    """Return every problem of a boundary file, in the file's order; an empty list means sound.

    Areas may lie anywhere on earth, but together. Latitude before longitude is told where that
    is certain: where it leaves the globe, or leaves China and would lie in it.

    Parameters
    ----------
    geojson
        FeatureCollection in degrees (longitude, latitude); any JSON value is taken.
    ids
        Ids that need a boundary.
    id_property
        Property of a feature that holds its id; where absent, the feature's own id counts.
    spare
        Ids that may have a boundary.
    present
        Waves in which an id exists: areas that never exist together may overlap.

    Returns
    -------
    list of Problem
        Codes: `not_collection`, `not_feature`, `no_id`, `duplicate_id`, `unknown_id` (a boundary
        nobody needs), `missing_id` (an id without a boundary), `geometry_type`, `coordinates`
        (not pairs of finite numbers), `too_few_points`, `too_many_points`, `unclosed`,
        `coordinate_order` (latitude first), `out_of_bounds` (not degrees), `far_away` (an area or
        a corner of it), `zero_area`, `too_small`, `self_intersection`, `hole_outside`, `overlap`.
    """
    features = geojson.get("features") if isinstance(geojson, dict) else None
    if not isinstance(features, list) or geojson.get("type") != "FeatureCollection":
        return [Problem("not_collection", "", "文件不是 GeoJSON FeatureCollection")]
    wanted = [str(i) for i in ids]
    allowed = {*wanted, *(str(i) for i in spare)}
    problems, sound, counts = _features(features, allowed, id_property)
    problems += [*_far_away(sound), *_too_small(sound)]
    problems += [
        Problem("duplicate_id", key, f"编号出现了{n}次")
        for key, n in counts.items()
        if key and n > 1
    ]
    problems += [
        Problem("missing_id", i, "没有边界") for i in dict.fromkeys(wanted) if i not in counts
    ]
    problems += _overlaps([s for s in sound if counts[s[0]] == 1], present)
    return problems


def _features(
    features: list[Any], allowed: Collection[str], id_property: str
) -> tuple[list[Problem], list[tuple[str, Shape]], Counter[str]]:
    """Return the problems of single features, the sound shapes by id, and how often an id occurs."""
    counts: Counter[str] = Counter()
    problems: list[Problem] = []
    sound: list[tuple[str, Shape]] = []
    for place, feature in enumerate(features, start=1):
        if not isinstance(feature, dict):
            problems.append(Problem("not_feature", "", f"第{place}个要素不是 GeoJSON Feature"))
            continue
        own = feature_id(feature, id_property)
        key = "" if own is None else str(own)
        if not key:
            problems.append(Problem("no_id", "", f"第{place}个要素没有 {id_property}"))
        elif key not in allowed:
            problems.append(Problem("unknown_id", key, "没有这个编号"))
        counts[key] += 1
        found = _geometry(feature.get("geometry"))
        if isinstance(found, Problem):
            problems.append(found._replace(id=key))
            continue
        own_problems = _shape_problems(key, found)
        problems += own_problems
        if not own_problems:
            sound.append((key, found))
    return problems, sound, counts


def _geometry(raw: Any) -> Shape | Problem:
    """Return a feature's shape, all rings closed and of finite numbers, or its problem."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        return Problem("geometry_type", "", f"几何类型应为面，实为 {kind}")
    try:
        shape = geometry.shape_of(raw)
    except (KeyError, TypeError, ValueError, OverflowError):
        return Problem("coordinates", "", "坐标不是成对的数字")
    rings = [ring for polygon in shape for ring in polygon]
    if not shape or not all(shape) or not all(np.isfinite(ring).all() for ring in rings):
        return Problem("coordinates", "", "坐标为空或不是有限的数字")
    if (corners := sum(map(len, rings))) > CORNERS:
        return Problem("too_many_points", "", f"边界有{corners}个点，超过{CORNERS}个")
    for ring in rings:
        if len(ring) < 4:
            return Problem("too_few_points", "", f"一圈边界只有{len(ring)}个点，至少要4个")
        if not (ring[0] == ring[-1]).all():
            return Problem("unclosed", "", "边界没有闭合：首尾两点不同")
    return shape


def _shape_problems(key: str, shape: Shape) -> list[Problem]:
    place = _place_problem(key, np.concatenate([r for polygon in shape for r in polygon]))
    problems = [] if place is None else [place]
    for polygon in shape:
        if geometry.area(polygon[0]) == 0:
            problems.append(Problem("zero_area", key, "面积为 0"))
        elif (found := geometry.fault(polygon)) is not None:
            reason, (x, y) = found
            if reason == "Hole lies outside shell":
                problems.append(Problem("hole_outside", key, "挖去的洞不在外圈之内"))
            else:
                told = f"边界在 ({x:.6f}, {y:.6f}) 处与自身相交"
                problems.append(Problem("self_intersection", key, told))
    return problems


def _inside(points: Ring, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return bool(((points >= (west, south)) & (points <= (east, north))).all())


def _place_problem(key: str, points: Ring) -> Problem | None:
    turned = points[:, ::-1]
    on_earth = _inside(points, EARTH)
    in_china = _inside(points, CHINA)
    if (not on_earth and _inside(turned, EARTH)) or (not in_china and _inside(turned, CHINA)):
        return Problem("coordinate_order", key, "坐标顺序应为（经度, 纬度），文件里是反的")
    if not on_earth:
        outside = points[~((np.abs(points) <= (180.0, 90.0)).all(axis=1))][0]
        return Problem("out_of_bounds", key, f"点 ({outside[0]:g}, {outside[1]:g}) 不是经纬度")
    return None


def _far_away(sound: list[tuple[str, Shape]]) -> list[Problem]:
    """Find areas, or single corners, far from all others by the map's own measure."""
    if not sound:
        return []
    points = [np.concatenate([r for polygon in shape for r in polygon]) for _, shape in sound]
    centres = np.array([geometry.centroid(shape[0][0]) for _, shape in sound])
    middle = np.median(centres, axis=0)
    distance = float(np.median(np.abs(centres - middle).max(axis=1)))
    half = float(np.median([np.ptp(own, axis=0).max() / 2.0 for own in points]))
    usual = half if len(sound) == 2 else max(distance, half)
    limit = min(REACH, TIMES * usual) if len(sound) > 1 else REACH
    found = []
    for (key, _), own in zip(sound, points, strict=True):
        away = np.abs(own - middle).max(axis=1)
        if away.max() > limit:
            x, y = own[int(away.argmax())]
            where = (
                f"点 ({x:g}, {y:g}) 离全图中心 {away.max():.3g} 度，各边界通常在 {usual:.2g} 度以内"
            )
            found.append(Problem("far_away", key, where))
    return found


def _too_small(sound: list[tuple[str, Shape]]) -> list[Problem]:
    sizes = [sum(abs(geometry.area(polygon[0])) for polygon in shape) for _, shape in sound]
    usual = float(np.median(sizes)) if sizes else 0.0
    return [
        Problem("too_small", key, f"面积只有各边界中位数的 {size / usual:.1g}")
        for (key, _), size in zip(sound, sizes, strict=True)
        if 0.0 < size < TINY * usual
    ]


def _overlaps(
    sound: list[tuple[str, Shape]], present: Mapping[str, Collection[str]] | None
) -> list[Problem]:
    problems = []
    for i, j, share in geometry.overlaps([shape for _, shape in sound], OVERLAP):
        one, other = sound[i][0], sound[j][0]
        if present is not None and not set(present.get(one, ())) & set(present.get(other, ())):
            continue
        problems.append(
            Problem("overlap", one, f"与 {other} 重叠，占较小一个面积的 {100 * share:.0f}%")
        )
    return problems
