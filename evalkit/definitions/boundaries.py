"""Boundaries of the subjects: a GeoJSON file, read whole or refused with every problem it has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.definitions.roster import Roster
from evalkit.definitions.whole_file import read_text
from evalkit.errors import Problems
from evalkit.figures.boundaries import check_boundaries, feature_id
from evalkit.figures.geometry import Shape, shape_of

BOUNDARIES = "boundaries.geojson"
MAXIMUM_BYTES = 32 * 1024 * 1024
"""Six thousand committees of two hundred corners each."""

LISTED = 200
"""Ids named in one problem, and problems of one kind told one by one."""

_DEGREES = "WGS84（EPSG:4326）的经纬度，先经度后纬度"
_EXPORT = f"在 GIS 软件里重新导出为 GeoJSON，坐标系选 {_DEGREES}"
_REDRAW = "在 GIS 软件里修正这条边界"

_MEANING: Mapping[str, tuple[str, str, str]] = {
    "not_collection": (
        "文件不是 GeoJSON 要素集合",
        "type 为 FeatureCollection，features 为列表",
        "在 GIS 软件里重新导出为 GeoJSON",
    ),
    "not_feature": ("有要素不是 Feature", "每个要素是一个对象", "删去或改正该要素"),
    "no_id": ("有边界没有写明是谁的", "properties.id 为名册中的 id", "补上 id"),
    "unknown_id": ("边界的 id 不在名册里", "名册中的 id", "改正 id，或删去这条边界，或补全名册"),
    "missing_id": ("有评估对象没有边界", "每个参评的都有一条边界", "补上边界，或移走边界文件"),
    "duplicate_id": ("同一个 id 有几条边界", "每个 id 一条", "合并为一个 MultiPolygon，或改正 id"),
    "geometry_type": ("边界不是面", "Polygon 或 MultiPolygon", "改为面，或删去该要素"),
    "coordinates": ("坐标不能用", "成对的有限数字", _EXPORT),
    "too_few_points": ("一圈边界的点太少", "至少 4 个点，首尾相同", _REDRAW),
    "too_many_points": ("边界的点太多", "几百个点", "在 GIS 软件里简化这条边界"),
    "unclosed": ("边界没有闭合", "首尾两点相同", _REDRAW),
    "coordinate_order": ("坐标的顺序反了", "先经度后纬度，如 121.44, 31.24", _EXPORT),
    "out_of_bounds": ("坐标不是经纬度", _DEGREES, _EXPORT),
    "far_away": ("边界或它的一个点离其他边界太远", "同一次评估的边界在一起", "检查坐标是否输错"),
    "too_small": ("边界小得不像一个评估对象", "与其他边界大小相当", "检查坐标和单位"),
    "zero_area": ("边界的面积为 0", "围成一个面", _REDRAW),
    "self_intersection": ("边界与自身相交", "互不相交的一圈", _REDRAW),
    "hole_outside": ("洞在边界之外", "洞在外圈之内", _REDRAW),
    "overlap": ("两条边界重叠", "互不重叠（边缘允许少许误差）", _REDRAW),
}


def read_boundaries(
    path: Path, name: str, roster: Roster, waves: Sequence[str], problems: Problems
) -> dict[str, Any] | None:
    """Read the boundaries of a roster's subjects; None, with problems, if there is any fault.

    Every subject of the last wave needs exactly one area, by ``properties.id``; the others of the
    roster may have one. Subjects that never existed together may overlap.

    Parameters
    ----------
    path : Path
    name : str
        Path as the analyst knows it.
    roster : Roster
    waves : sequence of str
        Earliest first.
    problems : Problems
        Collects every fault; areas with the same one are told together.
    """
    content = _parsed(path, name, problems)
    if content is None:
        return None
    present = {s.id: [w for w in waves if s.exists_in(w)] for s in roster.subjects}
    needed = [s for s, own in present.items() if waves[-1] in own]
    found = check_boundaries(content, needed, spare=present, present=present)
    names = {s.id: f"{s.id}（{s.name}）" for s in roster.subjects}
    told: dict[tuple[str, str], list[str]] = {}
    for problem in found:
        told.setdefault((problem.code, problem.detail), []).append(problem.id)
    kinds = Counter(code for code, _ in told)
    seen: Counter[str] = Counter()
    for (code, detail), ids in told.items():
        seen[code] += 1
        if seen[code] > LISTED:
            continue
        message, expected, remedy = _MEANING[code]
        if seen[code] == LISTED < kinds[code]:
            message += f"（这类问题共 {kinds[code]} 处，以下不再逐一列出）"
        own = [names.get(i, i[:60]) for i in dict.fromkeys(ids) if i]
        more = f"等 {len(own)} 个" if len(own) > LISTED else ""
        problems.add(
            f"boundary_{code}",
            message,
            file=name,
            key="features" if code != "not_collection" else None,
            expected=expected,
            found="：".join(filter(None, ["、".join(own[:LISTED]) + more, detail])),
            remedy=remedy,
        )
    return None if found else content


def areas(boundaries: Mapping[str, Any]) -> dict[str, Shape]:
    """Return the shape of every subject, by id, in degrees of WGS 84."""
    return {
        str(feature_id(feature, "id")): shape_of(feature["geometry"])
        for feature in boundaries["features"]
    }


def _parsed(path: Path, name: str, problems: Problems) -> Any | None:
    """Return the file's content as JSON, whatever it is; None, with a problem, if it is none."""
    text = read_text(path, name, problems, MAXIMUM_BYTES, "边界文件")
    if text is None:
        return None
    row, fault = None, ""
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        row, fault = error.lineno, f"第 {error.lineno} 行第 {error.colno} 个字符处读不下去"
    except RecursionError:
        fault = "层次太深"
    except ValueError as error:
        fault = str(error)
    else:
        if found is not None:
            return found
        fault = "null"
    problems.add(
        "malformed_json",
        "边界文件不是合法的 JSON" if text.strip() else "边界文件是空的",
        file=name,
        row=row,
        expected="GeoJSON",
        found=fault if text.strip() else None,
        remedy="在 GIS 软件里重新导出为 GeoJSON",
    )
    return None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} 不是 JSON 的数字")
