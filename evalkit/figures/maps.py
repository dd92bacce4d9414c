"""Maps of one value by area: from boundaries, or as a grid of tiles where none are known.

Both colour by five quantile classes, print every value, and hatch what is uncertain.
Both are `Figure`s, as in `charts`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from . import geometry, layout, style
from .boundaries import Problem, check_boundaries, feature_id
from .geometry import Shape
from .layout import Entry
from .render import Drawing, Row, figure

__all__ = ["Problem", "check_boundaries", "choropleth", "tile_grid"]

Z95 = 1.959963984540054
HATCH_GAP = 6.0
HATCH_MARK = "M-1,-1H1V1H-1ZM-1,0L0,-1M-1,1L1,-1M0,1L1,0"
NAME_SIZE = 9.5
VALUE_SIZE = 11.0
ZONE_HEIGHT = 24.0
TILE_GAP = 4.0


@dataclass(frozen=True, slots=True)
class Map:
    """Layout of a map."""

    key: tuple[Entry, ...]
    zones: bool
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Classed:
    """One area's class and looks."""

    id: str
    name: str
    value: float | None
    fill: str
    ink: str
    hatched: bool


def _classed(
    data: pd.DataFrame, spanned: int, decimals: int
) -> tuple[list[Classed], tuple[Entry, ...]]:
    """Return every area's class, and the key."""
    values = [layout.value(v) for v in data["value"]]
    seen = np.array([v for v in values if v is not None])
    if not len(seen):
        raise ValueError("图表没有任何可画的数值")
    breaks = np.unique(np.quantile(seen, (0.2, 0.4, 0.6, 0.8)))
    colours = style.ramp(style.SEQUENTIAL, len(breaks) + 1)

    def class_of(v: float) -> int:
        return int(np.searchsorted(breaks, v, side="left"))

    areas = []
    for r, v in zip(layout.records(data, ("id", "name", "se")), values, strict=True):
        se = layout.value(r["se"])
        fill = style.WHITE if v is None else colours[class_of(v)]
        hatched = False
        if v is not None and se is not None:
            hatched = class_of(v + Z95 * se) - class_of(v - Z95 * se) + 1 >= spanned
        areas.append(
            Classed(str(r["id"]), style.clean(r["name"]), v, fill, style.ink_on(fill), hatched)
        )
    entries = []
    for i, colour in enumerate(colours):
        inside = [float(v) for v in seen if class_of(v) == i]
        if inside:
            low, high = style.number(min(inside), decimals), style.number(max(inside), decimals)
            label = low if low == high else f"{low}～{high}"
            entries.append(Entry(label, "square", style.GREY, colour, 120))
    if any(a.hatched for a in areas):
        label = f"95%区间跨{spanned}档及以上"
        entries.append(Entry(label, HATCH_MARK, style.GREY, style.WHITE, 100))
    if None in values:
        entries.append(Entry("无数据", "square", style.GREY, style.WHITE, 120))
    return areas, tuple(entries)


@figure
def choropleth(
    geojson: dict[str, Any],
    frame: pd.DataFrame,
    *,
    id_property: str = "id",
    spanned: int = 4,
    decimals: int = 1,
    width: int = style.WIDTH,
    max_height: int = 640,
) -> Drawing:
    """Areas coloured by five quantile classes, each with its value and, where it fits, its name.

    Parameters
    ----------
    geojson
        FeatureCollection of Polygons and MultiPolygons in degrees (longitude, latitude); other
        features are left out. Check it first with `check_boundaries`.
    frame
        One row an area: id (as in the GeoJSON), name, value (nullable), se (nullable).
        Rows without a boundary are not drawn, boundaries without a row are blank.
    id_property
        Property of a feature that holds its id; where absent, the feature's own id counts.
    spanned
        An area is hatched where its 95% interval spans at least so many classes.
    decimals
        Decimals of printed values.
    width, max_height
        Greatest size of the chart in pixels; the map keeps its proportions.
    """
    data = layout.required(frame, ("id", "name", "value", "se"))
    areas, key = _classed(data, spanned, decimals)
    by_id = {a.id: a for a in areas}
    shapes: list[tuple[Classed | None, Shape]] = []
    for feature in geojson["features"]:
        if (feature.get("geometry") or {}).get("type") in {"Polygon", "MultiPolygon"}:
            shape = geometry.shape_of(feature["geometry"])
            shapes.append((by_id.get(str(feature_id(feature, id_property))), shape))
    if not shapes:
        raise ValueError("边界文件里没有任何面")
    points = _points([s for _, s in shapes])
    latitude = float((points[:, 1].min() + points[:, 1].max()) / 2)
    flat = [(a, geometry.project(s, latitude)) for a, s in shapes]
    points = _points([s for _, s in flat])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = float(min((width - 4) / (high - low)[0], max_height / (high - low)[1]))
    size = (high - low) * scale
    shift = np.array([(width - size[0]) / 2, 0.0])
    rows: list[Row] = []
    for area, shape in flat:
        pixels = [[(ring - low) * scale + shift for ring in polygon] for polygon in shape]
        rows += _area_rows(area, pixels)
        if area is None:
            continue
        at = geometry.label_point(pixels)
        room = max(
            (
                right - left
                for polygon in pixels
                for left, right in geometry.crossings(polygon, at[1])
                if left <= at[0] <= right
            ),
            default=0.0,
        )
        lines = _wrapped(area.name, room - 6) if room > 4 * NAME_SIZE else []
        rows += _text_rows(area, at, lines if len(lines) <= 2 else [], decimals)
    return Drawing(rows, draw, Map(key, False, width, math.ceil(float(size[1]))))


@figure
def tile_grid(
    frame: pd.DataFrame,
    *,
    spanned: int = 4,
    decimals: int = 1,
    columns: int | None = None,
    width: int = style.WIDTH,
) -> Drawing:
    """Tiles in the frame's order, coloured by five quantile classes, with name and value.

    Parameters
    ----------
    frame
        One row an area: id, name, value (nullable), se (nullable); optional zone (text): each
        zone, in order of first appearance, starts a row under its heading.
    spanned, decimals
        As for `choropleth`.
    columns
        Tiles in a row; by default what suits their number.
    width
        Greatest width of the chart in pixels.
    """
    data = layout.required(frame, ("id", "name", "value", "se"))
    areas, key = _classed(data, spanned, decimals)
    zones = [style.clean(z) for z in data["zone"]] if "zone" in data else [""] * len(areas)
    across = columns or _columns(len(areas))
    wide = min(width / across, 132.0)
    names = {a.id: _wrapped(a.name, wide - TILE_GAP - 8) for a in areas}
    tall = 12.0 * max(len(lines) for lines in names.values()) + 30
    rows: list[Row] = []
    top = 0.0
    for zone in dict.fromkeys(zones):
        if zone:
            rows.append({"part": "zone", "x": 0.0, "y": top + ZONE_HEIGHT / 2, "text": zone})
            top += ZONE_HEIGHT
        members = [a for a, z in zip(areas, zones, strict=True) if z == zone]
        for k, area in enumerate(members):
            x, y = (k % across) * wide, top + (k // across) * tall
            right, bottom = x + wide - TILE_GAP, y + tall - TILE_GAP
            corners = [[x, y], [right, y], [right, bottom], [x, bottom], [x, y]]
            rows += _area_rows(area, [[np.array(corners)]])
            rows += _text_rows(area, ((x + right) / 2, (y + bottom) / 2), names[area.id], decimals)
        top += math.ceil(len(members) / across) * tall
    return Drawing(rows, draw, Map(key, any(zones), width, math.ceil(top)))


def _columns(count: int) -> int:
    most = next((c for limit, c in ((20, 5), (42, 7), (64, 8)) if count <= limit), 10)
    return math.ceil(count / math.ceil(count / most))


def _wrapped(name: str, room: float) -> list[str]:
    """Break a name into lines of about equal length that fit."""
    lines = math.ceil(style.text_width(name, NAME_SIZE) / room)
    while True:
        length = math.ceil(len(name) / lines)
        parts = [name[i : i + length].strip() for i in range(0, len(name), length)]
        if length == 1 or all(style.text_width(p, NAME_SIZE) <= room for p in parts):
            return parts
        lines += 1


def _points(shapes: Sequence[Shape]) -> geometry.Ring:
    return np.concatenate([ring for shape in shapes for polygon in shape for ring in polygon])


def _area_rows(area: Classed | None, shape: Shape) -> list[Row]:
    """Return an area's outline and hatching, in pixels."""
    outline = [[np.round(ring, 1).tolist() for ring in polygon] for polygon in shape]
    rows: list[Row] = [
        {
            "part": "area",
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": outline},
            "fill": area.fill if area else style.WHITE,
        }
    ]
    if area and area.hatched:
        lines = [
            [[round(x, 1), round(y, 1)], [round(x2, 1), round(y2, 1)]]
            for x, y, x2, y2 in geometry.hatch(shape, HATCH_GAP)
        ]
        rows.append(
            {
                "part": "hatch",
                "type": "Feature",
                "geometry": {"type": "MultiLineString", "coordinates": lines},
                "ink": area.ink,
            }
        )
    return rows


def _text_rows(
    area: Classed, at: tuple[float, float], lines: Sequence[str], decimals: int
) -> list[Row]:
    """Return an area's name and value, and the plate that keeps hatching off them."""
    value = "—" if area.value is None else style.number(area.value, decimals)
    widths = [style.text_width(t, NAME_SIZE) for t in lines]
    half = max([*widths, style.text_width(value, VALUE_SIZE)]) / 2 + 2
    first = at[1] - 6.0 * len(lines)
    rows: list[Row] = []
    if area.hatched:
        tall = 12.0 * len(lines) + 14.0
        rows.append(
            {
                "part": "plate",
                "x": round(at[0] - half, 1),
                "x2": round(at[0] + half, 1),
                "y": round(at[1] - tall / 2, 1),
                "y2": round(at[1] + tall / 2, 1),
                "fill": area.fill,
            }
        )
    texts = [("name", t) for t in lines] + [("value", value)]
    for k, (part, text) in enumerate(texts):
        y = first + 12.0 * k
        rows.append(
            {
                "part": part,
                "x": round(at[0], 1),
                "y": round(y, 1),
                "text": text,
                "ink": area.ink,
            }
        )
    return rows


def draw(s: Map) -> alt.LayerChart:
    """Lay out a map whose rows are in pixels already."""
    base = alt.Chart()
    ink = alt.Color("ink:N", scale=None, legend=None)
    fill = alt.Fill("fill:N", scale=None, legend=None)
    x, y = alt.X("x:Q", scale=None, axis=None), alt.Y("y:Q", scale=None, axis=None)
    layers: layout.Layers = [
        base.mark_geoshape(clip=False, stroke=style.GREY, strokeWidth=0.7)
        .transform_filter("datum.part == 'area'")
        .encode(fill=fill),
        base.mark_geoshape(clip=False, filled=False, strokeWidth=0.8, opacity=0.35)
        .transform_filter("datum.part == 'hatch'")
        .encode(stroke=alt.Stroke("ink:N", scale=None, legend=None)),
        base.mark_rect()
        .transform_filter("datum.part == 'plate'")
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", fill=fill),
    ]
    for part, look in (
        ("name", style.labels("center", NAME_SIZE)),
        ("value", style.labels("center", VALUE_SIZE, fontWeight="bold")),
    ):
        layers.append(
            base.mark_text(**layout.mark(look))
            .transform_filter(f"datum.part == '{part}'")
            .encode(x=x, y=y, text="text:N", color=ink)
        )
    if s.zones:
        layers.append(
            base.mark_text(**layout.mark(style.labels("left", 12, fontWeight="bold")))
            .transform_filter("datum.part == 'zone'")
            .encode(x=x, y=y, text="text:N")
        )
    layers = [layer.project(type="identity", scale=1, translate=[0, 0]) for layer in layers]
    layers += layout.key(s.key, -14)
    return layout.finish(
        layers, width=s.width, height=s.height, margins=(0, 0, layout.KEY_HEIGHT + 4, 2)
    )
