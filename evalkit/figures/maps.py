"""Maps by area: from boundaries, or as a grid of tiles where none are known.

Of kinds that are given they show names and marks. Of a value alone they show five quantile classes
with every value, and hatch what is uncertain. An area of no kind, or without a value, is hatched
crosswise on white. Both are `Figure`s, as in `charts`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from . import geometry, layout, lettering, style
from .boundaries import Problem, check_boundaries, feature_id
from .classes import Area, Classes, Kind, classify, sort_into
from .geometry import Shape
from .lettering import LARGE, NAMES, SMALL, SMALL_NAMES, Label, Sizes, Swatch
from .render import Drawing, Row, figure

__all__ = ["Problem", "check_boundaries", "choropleth", "tile_grid"]

WIDEST_TILE = 132.0
DETAIL = 0.4
"""Corners of a boundary nearer to one another than this many pixels are drawn as one."""


UNSIZED = 100
"""Pixels that a layout has until the drawing says how large it is."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Layout of a map; everything else is in its rows, and in its size."""

    sizes: Sizes
    signs: float = 0.0
    """Size of the signs of points; none without."""


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
    title: str = "",
    subtitle: str = "",
    hatch_label: str = "",
    blank_label: str = "无数据",
    small: bool = False,
    foot: bool = True,
    kinds: Sequence[tuple[str, str, str]] = (),
) -> Drawing:
    """Areas coloured by their kind, or by five quantile classes of their value; with their names.

    Parameters
    ----------
    geojson
        FeatureCollection of Polygons and MultiPolygons in degrees (longitude, latitude); other
        features are left out. Check it first with `check_boundaries`.
    frame
        One row an area: id (as in the GeoJSON), name, value (nullable), se (nullable); optional
        hatched (flag), mark (text before the value) and note (text for a missing value).
        With `kinds`: id, name, kind (place in `kinds`, nullable); optional mark.
        Rows without a boundary are not drawn, boundaries without a row are blank.
    id_property
        Property of a feature that holds its id; where absent, the feature's own id counts.
    spanned
        Without `hatched`, an area is hatched where its 95% interval spans so many classes.
    decimals
        Decimals of printed values.
    width, max_height
        Greatest size of the map in pixels; it keeps its proportions. Words above and below add
        to the height.
    title, subtitle
        Words above the map; spaces in the subtitle are where its lines may break.
    hatch_label, blank_label
        What hatching, and an area without a value, mean.
    small
        Smaller type, for several maps on a page that says what hatching means: without `kinds`
        it is not in the key.
    foot
        Whether a name that does not fit is replaced by a part of it, or a number, and told below.
    kinds
        (label, mark, fill) of every kind, in the order of the key.
    """
    classes, sizes = _classed(frame, kinds, spanned, decimals, small)
    by_id = {a.id: a for a in classes.areas}
    flat, low, extent, _ = flattened(geojson, id_property, by_id)
    scale = float(min((width - 4) / extent[0], max_height / extent[1]))
    swatches = (
        [] if small and not kinds else _swatches(classes, kinds, spanned, hatch_label, blank_label)
    )
    rows, top = heading(classes, title, subtitle, swatches, width, sizes)
    shift = np.array([(width - extent[0] * scale) / 2, top])
    on_page = [(area, in_pixels(shape, low, scale, shift)) for area, shape in flat]
    for area, pixels in on_page:
        rows += outlined(area, pixels, sizes)
    labels, items = lettered([(a, pixels) for a, pixels in on_page if a is not None], sizes, foot)
    rows += labels
    below, tall = lettering.foot(items, width, sizes)
    bottom = top + float(extent[1]) * scale + 6
    rows += [{**row, "y": round(row["y"] + bottom, 1)} for row in below]
    return Drawing(rows, draw, Canvas(sizes), (width, math.ceil(bottom + tall)))


def _classed(
    frame: pd.DataFrame,
    kinds: Sequence[tuple[str, str, str]],
    spanned: int,
    decimals: int,
    small: bool,
) -> tuple[Classes, Sizes]:
    """Return the areas in their classes, and how large their words are."""
    if kinds:
        data = layout.required(frame, ("id", "name", "kind"))
        return sort_into(data, [Kind(*kind) for kind in kinds]), SMALL_NAMES if small else NAMES
    data = layout.required(frame, ("id", "name", "value", "se"))
    return classify(data, spanned, decimals), SMALL if small else LARGE


def flattened(
    geojson: dict[str, Any], id_property: str, by_id: Mapping[str, Area]
) -> tuple[list[tuple[Area | None, Shape]], np.ndarray, np.ndarray, float]:
    """Return the areas on a plane, its corner, how far it reaches, and the latitude it is true at."""
    shapes: list[tuple[Area | None, Shape]] = []
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
    return flat, low, high - low, latitude


def in_pixels(shape: Shape, low: np.ndarray, scale: float, shift: np.ndarray) -> Shape:
    """Return an area of the plane where it stands on the page, without corners nobody sees."""
    return [
        [geometry.thinned((ring - low) * scale + shift, DETAIL) for ring in polygon]
        for polygon in shape
    ]


@figure
def tile_grid(
    frame: pd.DataFrame,
    *,
    spanned: int = 4,
    decimals: int = 1,
    columns: int | None = None,
    width: int = style.WIDTH,
    title: str = "",
    subtitle: str = "",
    hatch_label: str = "",
    blank_label: str = "无数据",
    small: bool = False,
    kinds: Sequence[tuple[str, str, str]] = (),
) -> Drawing:
    """Tiles in the frame's order, coloured as the areas of a `choropleth`, with their names.

    Parameters
    ----------
    frame
        One row an area, as for `choropleth`; optional zone (text): each zone, in order of first
        appearance, starts a row under its heading.
    spanned, decimals, title, subtitle, hatch_label, blank_label, small, kinds
        As for `choropleth`.
    columns
        Tiles in a row; by default what suits their number.
    width
        Greatest width of the chart in pixels.
    """
    classes, sizes = _classed(frame, kinds, spanned, decimals, small)
    zones = [style.clean(z) for z in frame["zone"]] if "zone" in frame else [""] * len(frame)
    across = columns or _columns(zones)
    wide = min(width / across, WIDEST_TILE)
    swatches = (
        [] if small and not kinds else _swatches(classes, kinds, spanned, hatch_label, blank_label)
    )
    rows, top = heading(classes, title, subtitle, swatches, width, sizes)
    for zone in dict.fromkeys(zones):
        if zone:
            tall = 2.0 * sizes.zone
            rows.append(
                {"part": "zone", "x": 0.0, "y": round(top + tall / 2, 1), "text": zone}
                | {"ink": style.TEXT}
            )
            top += tall
        members = [a for a, z in zip(classes.areas, zones, strict=True) if z == zone]
        for start in range(0, len(members), across):
            row = members[start : start + across]
            written = [_on_tile(a, wide - sizes.gap - 2, sizes) for a in row]
            tall = max(w.size(sizes)[1] for w in written) + 2.5 * sizes.gap
            for k, (area, label) in enumerate(zip(row, written, strict=True)):
                left, right, bottom = k * wide, (k + 1) * wide - sizes.gap, top + tall - sizes.gap
                corners = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
                rows += outlined(area, [[np.array(corners)]], sizes)
                middle = ((left + right) / 2, (top + bottom) / 2)
                rows += lettering.written(area, label, middle, sizes)
            top += tall
    return Drawing(rows, draw, Canvas(sizes), (width, math.ceil(top)))


def _columns(zones: Sequence[str]) -> int:
    """Return how many tiles make a row: what suits their number, or up to 3 more for the zones."""
    sizes = Counter(zones).values()
    count = sum(sizes)
    most = next((c for limit, c in ((20, 5), (42, 7), (64, 8)) if count <= limit), 10)
    usual = math.ceil(count / math.ceil(count / most))
    if len(sizes) == 1:
        return usual
    return min(range(usual, usual + 4), key=lambda c: (sum(math.ceil(n / c) for n in sizes), c))


def _on_tile(area: Area, room: float, sizes: Sizes) -> Label:
    lines = lettering.wrapped(area.name, room, sizes.name)
    smaller = lettering.wrapped(area.name, room, sizes.minor)
    minor = len(smaller) < len(lines)
    return Label(tuple(smaller if minor else lines), minor, area.text)


def lettered(
    drawn: Sequence[tuple[Area, Shape]], sizes: Sizes, foot: bool
) -> tuple[list[Row], list[str]]:
    """Write on every area what fits it; return the rows, and what is told below the map."""
    rows: list[Row] = []
    numbered: list[str] = []
    bare: list[str] = []
    widest = "0" * len(str(len(drawn))) if foot else ""
    short = lettering.shortened([a.name for a, _ in drawn]) if sizes in (NAMES, SMALL_NAMES) else {}
    for area, pixels in drawn:
        choices = lettering.labels(area, sizes, widest, short.get(area.name, ""))
        found = lettering.fitted(pixels, [label.size(sizes) for label in choices])
        if found is None:
            bare.append(f"{area.name} {area.text}".rstrip())
            continue
        label = choices[found[0]]
        if label.numbered:
            own = str(len(numbered) + 1)
            told = label.value or len(label.lines) > 1
            numbered.append(f"{own} {area.name}" + ("" if told else f" {area.text}").rstrip())
            label = replace(label, lines=(own, *label.lines[1:]))
        if label.short:
            numbered.append(f"{short[area.name]}：{area.name}")
        rows += lettering.written(area, label, found[1], sizes)
    if not foot:
        return rows, []
    return rows, numbered + ([f"太小未标号：{bare[0]}", *bare[1:]] if bare else [])


def _points(shapes: Sequence[Shape]) -> geometry.Ring:
    return np.concatenate([ring for shape in shapes for polygon in shape for ring in polygon])


def _swatches(
    classes: Classes,
    kinds: Sequence[tuple[str, str, str]],
    spanned: int,
    hatched: str,
    blank: str,
) -> list[Swatch]:
    """Return what the key tells beside the classes."""
    found = [
        Swatch(style.clean(f"{mark} {label}"), fill, style.ink_on(fill), False, True)
        for label, mark, fill in kinds
    ]
    if any(a.hatched for a in classes.areas):
        label = style.clean(hatched) or f"误差范围跨{spanned}档及以上"
        found.append(Swatch(label, style.WHITE, style.INK, True, True))
    if not all(a.known for a in classes.areas):
        found.append(Swatch(style.clean(blank), style.WHITE, style.INK, False, False))
    return found


def heading(
    classes: Classes, title: str, subtitle: str, extra: Sequence[Swatch], width: float, sizes: Sizes
) -> tuple[list[Row], float]:
    """Return what stands above the map and its height."""
    above = lettering.head(classes, title, subtitle, extra, width, sizes)
    rows = above.rows
    for swatch, x, y in above.swatches:
        right, bottom = x + 1.6 * sizes.key, y + sizes.key
        corners = [[x, y], [right, y], [right, bottom], [x, bottom], [x, y]]
        looks = Area("", "", "", "", swatch.known, swatch.fill, swatch.ink, swatch.hatched)
        rows += [
            {**row, "part": f"key-{row['part']}"}
            for row in outlined(looks, [[np.array(corners)]], sizes)
        ]
    return rows, above.height


def outlined(area: Area | None, shape: Shape, sizes: Sizes) -> list[Row]:
    """Return an area's outline, holes wound against it, and its hatching, in pixels."""
    outline = [
        [np.round(ring, 1).tolist() for ring in geometry.wound(polygon)] for polygon in shape
    ]
    rows: list[Row] = [
        {
            "part": "area",
            "id": area.id if area else "",
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": outline},
            "fill": area.fill if area else style.WHITE,
        }
    ]
    if area is None or (area.known and not area.hatched):
        return rows
    strokes = geometry.hatch(shape, sizes.hatch)
    if not area.known:
        mirrored = [[ring * (-1, 1) for ring in polygon] for polygon in shape]
        strokes += [(-x, y, -x2, y2) for x, y, x2, y2 in geometry.hatch(mirrored, sizes.hatch)]
    lines = [[[round(x, 1), round(y, 1)], [round(x2, 1), round(y2, 1)]] for x, y, x2, y2 in strokes]
    rows.append(
        {
            "part": "hatch",
            "id": area.id,
            "type": "Feature",
            "geometry": {"type": "MultiLineString", "coordinates": lines},
            "ink": area.ink,
        }
    )
    return rows


def draw(s: Canvas) -> alt.LayerChart:
    """Lay out a map whose rows are in pixels already."""
    base = alt.Chart()
    ink = alt.Color("ink:N", scale=None, legend=None)
    fill = alt.Fill("fill:N", scale=None, legend=None)
    x, y = alt.X("x:Q", scale=None, axis=None), alt.Y("y:Q", scale=None, axis=None)
    box = {"x": x, "x2": "x2:Q", "y": y, "y2": "y2:Q", "fill": fill}
    layers: layout.Layers = [
        base.mark_geoshape(clip=False, stroke=style.GREY, strokeWidth=0.7)
        .transform_filter("datum.part == 'area' || datum.part == 'key-area'")
        .encode(fill=fill),
        base.mark_geoshape(clip=False, filled=False, strokeWidth=0.7, opacity=0.4)
        .transform_filter("datum.part == 'hatch' || datum.part == 'key-hatch'")
        .encode(stroke=alt.Stroke("ink:N", scale=None, legend=None)),
        base.mark_rect().transform_filter("datum.part == 'plate'").encode(**box),
        base.mark_rect(stroke=style.GREY, strokeWidth=0.7)
        .transform_filter("datum.part == 'class'")
        .encode(**box),
    ]
    if s.signs:
        look = style.labels("center", s.signs, stroke=style.WHITE, strokeWidth=0.6)
        layers.append(
            base.mark_text(**layout.mark(look))
            .transform_filter("datum.part == 'point'")
            .encode(x=x, y=y, text="text:N", color=ink)
        )
    for part, look in (
        ("name", style.labels("center", s.sizes.name)),
        ("minor", style.labels("center", s.sizes.minor)),
        ("value", style.labels("center", s.sizes.value, fontWeight="bold")),
        ("tick", style.labels("center", s.sizes.note)),
        ("note", style.labels("left", s.sizes.note)),
        ("key", style.labels("left", s.sizes.key, fontWeight="bold" if s.sizes.key > 12 else 400)),
        ("zone", style.labels("left", s.sizes.zone, fontWeight="bold")),
        ("title", style.labels("left", s.sizes.title, fontWeight="bold")),
    ):
        layers.append(
            base.mark_text(**layout.mark(look))
            .transform_filter(f"datum.part == '{part}'")
            .encode(x=x, y=y, text=alt.Text("text:N"), color=ink)
        )
    layers = [layer.project(type="identity", scale=1, translate=[0, 0]) for layer in layers]
    return layout.finish(layers, width=UNSIZED, height=UNSIZED, margins=(0, 0, 0, 2))
