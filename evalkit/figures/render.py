"""From a drawing to Altair, to a Vega-Lite dictionary and to SVG, each layout compiled once."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, cast

import altair as alt
import pandas as pd
import vl_convert

from .taking import taken

P = ParamSpec("P")
Row = dict[str, Any]

DATASET = "rows"
VEGALITE = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
"""The version of the specifications, which whatever draws them must understand."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as its parts: what varies (rows) and what is laid out once (draw and settings).

    Attributes
    ----------
    rows
        Records of plain Python values; everything about a single mark is in them.
    draw
        Builds the Altair chart over `rows_data` from the settings alone.
    settings
        Hashable layout: sizes, domain, titles, reference lines.
    size
        Width and height in pixels where these alone differ among drawings of one layout; None where
        the layout has them.
    """

    rows: list[Row]
    draw: Callable[[Any], alt.LayerChart]
    settings: Hashable
    size: tuple[float, float] | None = None

    def sized(self) -> dict[str, float]:
        """Return what the layout does not know of the drawing's size."""
        return {} if self.size is None else dict(zip(("width", "height"), self.size, strict=True))


def rows_data() -> alt.NamedData:
    """Return the placeholder for a drawing's rows."""
    return alt.NamedData(name=DATASET)


class Figure(Generic[P]):
    """A kind of chart. Call it for an Altair chart; ask `svg` or `spec` for speed.

    Building a specification takes about 0.05 s, so `svg` and `spec` keep the compiled layout and
    swap the rows; committees that share a layout share the work. Only a called figure validates
    its specification against Vega-Lite's schema, as tests do with every layout.

    Examples
    --------
    >>> from evalkit import figures
    >>> frame = figures.examples.street(6)
    >>> svg = figures.strip.svg(frame)
    >>> svg[:4], svg == figures.strip.svg(frame)
    ('<svg', True)
    >>> len(figures.strip.spec(frame)["datasets"]["rows"])  # one mark for each committee
    6
    """

    def __init__(self, plan: Callable[P, Drawing]) -> None:
        self._given = plan
        functools.update_wrapper(self, plan)

    def _plan(self, *args: P.args, **kwargs: P.kwargs) -> Drawing:
        """Plan a drawing of a frame that has an evaluation's columns, or the figure's own."""
        name = self._given.__name__
        fresh = [taken(name, one) if isinstance(one, pd.DataFrame) else one for one in args]
        more = {
            key: taken(name, one) if isinstance(one, pd.DataFrame) else one
            for key, one in kwargs.items()
        }
        return cast(Callable[..., Drawing], self._given)(*fresh, **more)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> alt.LayerChart:
        """Return the chart with its data inside."""
        drawing = self._plan(*args, **kwargs)
        chart = drawing.draw(drawing.settings)
        chart.data = alt.InlineData(values=drawing.rows, name=DATASET)
        return chart.properties(**drawing.sized()) if drawing.size else chart

    def spec(self, *args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        """Return the chart as a Vega-Lite dictionary of its own, ready for a web page."""
        return spec_of(self._plan(*args, **kwargs))

    def svg(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return the chart as SVG text: the same bytes for the same input, without any id."""
        return svg_of(self._plan(*args, **kwargs))

    def plan(self, *args: P.args, **kwargs: P.kwargs) -> Drawing:
        """Return the chart before it is drawn, for `spec_of` and `svg_of`."""
        return self._plan(*args, **kwargs)


def spec_of(drawing: Drawing) -> dict[str, Any]:
    """Return a drawing as a Vega-Lite dictionary of its own."""
    spec = cast(dict[str, Any], json.loads(_vegalite(drawing.draw, drawing.settings)))
    spec["datasets"] = {**spec.get("datasets", {}), DATASET: drawing.rows}
    return {**spec, **drawing.sized()}


def svg_of(drawing: Drawing) -> str:
    """Return a drawing as SVG text."""
    vega = {**_unmeasured_vega(drawing.draw, drawing.settings), **drawing.sized()}
    vega["data"] = [
        {**d, "values": drawing.rows} if d["name"] == DATASET else d for d in vega["data"]
    ]
    return _with_sizes(vl_convert.vega_to_svg(vega))


def figure(plan: Callable[P, Drawing]) -> Figure[P]:
    """Turn a function that plans a drawing into a `Figure` (used as a decorator)."""
    return Figure(plan)


def to_svg(chart: alt.TopLevelMixin) -> str:
    """Return any Altair chart as SVG text.

    For the charts of this package `Figure.svg` gives the same bytes several times faster.
    """
    return vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=VEGALITE)


@functools.lru_cache(maxsize=512)
def _vegalite(draw: Callable[[Any], alt.LayerChart], settings: Hashable) -> str:
    return json.dumps(draw(settings).to_dict(validate=False), ensure_ascii=False)


@functools.lru_cache(maxsize=512)
def _unmeasured_vega(draw: Callable[[Any], alt.LayerChart], settings: Hashable) -> dict[str, Any]:
    spec = json.loads(_vegalite(draw, settings))
    spec["datasets"] = {**spec.get("datasets", {}), DATASET: []}
    vega = vl_convert.vegalite_to_vega(spec, vl_version=VEGALITE)
    _hide_sizes(vega["marks"])
    return vega


# vl-convert measures every text of a chart with a full shaping run (about 5 ms a Chinese label),
# although marks of fixed position need no measure; size 0 is not measured. So the size travels in
# the font name and is put back in the SVG. Text marks must use the alphabetic baseline (as
# `style.labels` does), whose position does not depend on the size.
_HIDDEN = re.compile(r'font-family="@([0-9.]+)@([^"]*)" font-size="0px"')


def _hide_sizes(marks: list[dict[str, Any]]) -> None:
    for mark in marks:
        _hide_sizes(mark.get("marks", []))
        if mark["type"] != "text":
            continue
        look = mark["encode"]["update"]
        if look["baseline"] != {"value": "alphabetic"}:
            raise ValueError("文字标记须用 style.labels")
        size, font = look["fontSize"]["value"], look["font"]["value"]
        look["fontSize"] = {"value": 0}
        look["font"] = {"value": f"@{size:g}@{font}"}


def _with_sizes(svg: str) -> str:
    return _HIDDEN.sub(r'font-family="\2" font-size="\1px"', svg)
