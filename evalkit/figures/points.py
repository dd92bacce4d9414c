"""A map of places: areas with their names, one of them perhaps picked out, and signs where things are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from . import layout, maps, style
from .classes import Kind, sort_into
from .geometry import project
from .lettering import NAMES, SMALL_NAMES, Swatch
from .render import Drawing, Row, figure

__all__ = ["point_map"]

SIGNS = ("●", "▲", "■", "◆", "★", "▼")
"""Signs of kinds of places, in the order of the key; of more kinds the last sign stands for all."""
INKS = ("#9a3f10", "#155a8a", "#3d6b35", "#6b3fa0", "#8a6d00", "#20262c")
HERE, ELSEWHERE = "#cfe2f1", "#f3f5f6"


@figure
def point_map(
    geojson: dict[str, Any],
    frame: pd.DataFrame,
    *,
    points: pd.DataFrame,
    kinds: Sequence[str],
    width: int = style.WIDTH,
    max_height: int = 640,
    title: str = "",
    subtitle: str = "",
    small: bool = False,
) -> Drawing:
    """Areas with their names, and a sign for everything that is somewhere in them.

    Parameters
    ----------
    geojson
        FeatureCollection of Polygons and MultiPolygons in degrees, with their id as a property.
    frame
        One row an area: id, name, here (flag: picked out by its colour).
    points
        One row a place: longitude and latitude in degrees of the same system, kind (place in
        `kinds`).
    kinds
        What the key says of every kind, in its order.
    width, max_height, title, subtitle, small
        As for a `choropleth`.
    """
    data = layout.required(frame, ("id", "name", "here"))
    areas = data.assign(kind=np.where(data["here"], 0.0, 1.0))
    looks = [Kind("", "", HERE), Kind("", "", ELSEWHERE)]
    classes, sizes = sort_into(areas, looks), SMALL_NAMES if small else NAMES
    flat, low, extent, latitude = maps.flattened(geojson, "id", {a.id: a for a in classes.areas})
    scale = float(min((width - 4) / extent[0], max_height / extent[1]))
    key = [
        Swatch(style.clean(f"{sign(at)} {label}"), ink(at), style.ink_on(ink(at)), False, True)
        for at, label in enumerate(kinds)
    ]
    rows, top = maps.heading(classes, title, subtitle, key, width, sizes)
    shift = np.array([(width - extent[0] * scale) / 2, top])
    drawn = [(area, maps.in_pixels(shape, low, scale, shift)) for area, shape in flat]
    for area, shape in drawn:
        rows += maps.outlined(area, shape, sizes)
    rows += maps.lettered([(a, shape) for a, shape in drawn if a is not None], sizes, False)[0]
    if len(points):
        places = layout.required(points, ("longitude", "latitude", "kind"))
        on_plane = project(
            [[places[["longitude", "latitude"]].to_numpy(dtype=np.float64)]], latitude
        )[0][0]
        at = (on_plane - low) * scale + shift
        rows += [_sign(x, y, int(kind)) for (x, y), kind in zip(at, places["kind"], strict=True)]
    bottom = top + float(extent[1]) * scale + 6
    return Drawing(
        rows,
        maps.draw,
        maps.Canvas(sizes, 9.0 if small else 12.0),
        (width, math.ceil(bottom)),
    )


def sign(kind: int) -> str:
    """Return the sign of a kind of places."""
    return SIGNS[min(kind, len(SIGNS) - 1)]


def ink(kind: int) -> str:
    """Return the colour of a kind's sign."""
    return INKS[min(kind, len(INKS) - 1)]


def _sign(x: float, y: float, kind: int) -> Row:
    place = {"x": round(float(x), 1), "y": round(float(y), 1)}
    return {"part": "point", **place, "text": sign(kind), "ink": ink(kind)}
