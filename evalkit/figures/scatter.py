"""The importance-performance map: points with two intervals, and labels that keep clear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import altair as alt
import pandas as pd

from . import layout, style
from .render import Drawing, Row

AXES = ("performance", "importance")
ENDS = ("", "_low", "_high")
LEFT, RIGHT, TOP, BOTTOM = 34, 16, 28, 40
FLOOR = 28
"""Pixels below the least important point, for the lower captions."""
STEPS = 8
"""Wanted steps of the axis of importance: fine ones waste less room above the points."""
DOT = 5.0
WHISKER = 3.0
GAP = 5.0
"""Pixels between two labels on one line."""


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Return the shared area."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, high)


def place_labels(
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    size: float,
    within: tuple[float, float],
    avoid: Sequence[Box] = (),
    kept: Sequence[Box] = (),
) -> list[tuple[float, float]]:
    """Place each text beside its point, where it covers least; returns the texts' centres.

    Parameters
    ----------
    points
        Points as (x, y) in pixels from the top left.
    texts
        One label a point.
    size
        Font size in pixels.
    within
        Width and height of the plot.
    avoid
        Areas to keep clear if possible, such as whiskers; other dots and labels come first.
    kept
        Areas as much to be kept clear as dots and labels.
    """
    taken = [*kept, *(Box(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in points)]
    centres: list[tuple[float, float]] = []
    for (x, y), text in zip(points, texts, strict=True):
        half, tall = style.text_width(text, size) / 2, size * 0.6
        across, up = half + DOT + 4, tall + DOT + 2
        spots = [
            *((x + s * (half + 4), y + t * (tall + 4)) for t in (-1, 1) for s in (1, -1)),
            *((x + s * across, y) for s in (1, -1)),
            *((x, y + t * up) for t in (-1, 1)),
            *((x + s * (half + 8), y + t * (3 * tall + 5)) for t in (-1, 1) for s in (1, -1)),
        ]

        def cost(spot: tuple[float, float], half: float = half, tall: float = tall) -> float:
            box = Box(spot[0] - half, spot[1] - tall, spot[0] + half, spot[1] + tall)
            outside = 2 * half * 2 * tall - box.overlap(Box(0, 0, *within))
            covered = 4 * sum(box.overlap(t) for t in taken) + sum(box.overlap(a) for a in avoid)
            return covered + 10 * outside

        best = min(range(len(spots)), key=lambda i: (round(cost(spots[i]), 3), i))
        cx, cy = spots[best]
        taken.append(Box(cx - half - GAP, cy - tall, cx + half + GAP, cy + tall))
        centres.append((cx, cy))
    return centres


@dataclass(frozen=True, slots=True)
class Crossed:
    """Layout of a map with cross-hairs: ticks across and up, the first and last the axes' ends."""

    across: tuple[float, ...]
    up: tuple[float, ...]
    titles: tuple[str, str]
    quadrants: tuple[str, str, str, str]
    width: int
    height: int


def captions(s: Crossed) -> list[tuple[float, float, str, str]]:
    """Return the quadrants' captions as (x, y, alignment, text), in the plot's corners."""
    plot, tall = s.width - LEFT - RIGHT, s.height - TOP - BOTTOM
    corners = (
        (6, 12, "left"),
        (plot - 6, 12, "right"),
        (6, tall - 12, "left"),
        (plot - 6, tall - 12, "right"),
    )
    return [(*corner, text) for corner, text in zip(corners, s.quadrants, strict=True)]


def plan(
    data: pd.DataFrame,
    lines: tuple[float, float],
    titles: tuple[str, str],
    quadrants: tuple[str, str, str, str],
    limits: tuple[float, float],
    width: int,
    height: int,
) -> Drawing:
    """Plan the map; see `evidence.importance_performance`."""
    ticks = [
        layout.enclosing(
            [line, *data[axis]],
            [*data[f"{axis}_low"], *data[f"{axis}_high"]],
            limits=limits if axis == "performance" else None,
            count=5 if axis == "performance" else STEPS,
        )
        for axis, line in zip(AXES, lines, strict=True)
    ]
    settings = Crossed(ticks[0], ticks[1], titles, quadrants, width, height)
    plot, tall = width - LEFT - RIGHT, height - TOP - BOTTOM
    rows = _rows(data, lines, ticks)

    def across(v: float) -> float:
        return (v - ticks[0][0]) / (ticks[0][-1] - ticks[0][0]) * plot

    def down(v: float) -> float:
        return (ticks[1][-1] - v) / (ticks[1][-1] - ticks[1][0]) * (tall - FLOOR)

    points = [(across(r["performance"]), down(r["importance"])) for r in rows]
    whiskers = [
        box
        for r, (x, y) in zip(rows, points, strict=True)
        for box in (
            _whisker(r["performance_low"], r["performance_high"], across, y, upright=False),
            _whisker(r["importance_high"], r["importance_low"], down, x, upright=True),
        )
        if box is not None
    ]
    corners = [
        Box(x, y - 9, x + style.text_width(t, 12), y + 9)
        if align == "left"
        else Box(x - style.text_width(t, 12), y - 9, x, y + 9)
        for x, y, align, t in captions(settings)
    ]
    hairs = [
        Box(across(lines[0]) - WHISKER, 0, across(lines[0]) + WHISKER, tall),
        Box(0, down(lines[1]) - WHISKER, plot, down(lines[1]) + WHISKER),
    ]
    names = [str(r["name"]) for r in rows]
    centres = place_labels(points, names, style.SMALL_SIZE, (plot, tall), whiskers, corners + hairs)
    for r, (x, y) in zip(rows, centres, strict=True):
        r |= {"text_x": round(x, 1), "text_y": round(y, 1), "line_x": None, "line_y": None}
    rows.reverse()
    rows[0] |= {"line_x": round(across(lines[0]), 1), "line_y": round(down(lines[1]), 1)}
    return Drawing(rows, draw, settings)


def _rows(
    data: pd.DataFrame, lines: tuple[float, float], ticks: Sequence[Sequence[float]]
) -> list[Row]:
    """Return a row a point, the sure ones first; sure is whose intervals miss both lines."""
    rows: list[Row] = []
    for r in layout.records(data, list(data.columns)):
        sure = True
        row: Row = {"name": style.clean(r["name"])}
        for axis, line, ends in zip(AXES, lines, ticks, strict=True):
            low, high = (layout.value(r[f"{axis}{e}"]) for e in ("_low", "_high"))
            sure &= low is not None and high is not None and not low <= line <= high
            row |= {
                axis: layout.value(r[axis]),
                f"{axis}_low": layout.within(low, ends),
                f"{axis}_high": layout.within(high, ends),
            }
        row["sure"] = sure
        if "label" in r:
            row["name"] = style.clean(r["label"])
        row["ink"] = style.ACCENT if sure else style.GREY
        row["fill"] = style.ACCENT if sure else style.WHITE
        rows.append(row)
    rows.sort(key=lambda r: (not r["sure"], len(r["name"]) < 3, -float(r["importance"]), r["name"]))
    return rows


def _whisker(
    start: float | None,
    end: float | None,
    pixel: Callable[[float], float],
    at: float,
    *,
    upright: bool,
) -> Box | None:
    if start is None or end is None:
        return None
    a, b = pixel(start), pixel(end)
    if upright:
        return Box(at - WHISKER, a, at + WHISKER, b)
    return Box(a, at - WHISKER, b, at + WHISKER)


def draw(s: Crossed) -> alt.LayerChart:
    """Lay out the map."""
    plot, tall = s.width - LEFT - RIGHT, s.height - TOP - BOTTOM
    x_span = alt.Scale(domain=[s.across[0], s.across[-1]], nice=False, zero=False)
    floor = s.up[0] - (s.up[-1] - s.up[0]) * FLOOR / (tall - FLOOR)
    y_span = alt.Scale(domain=[round(floor, 6), s.up[-1]], nice=False, zero=False)
    x = alt.X("performance:Q", scale=x_span, axis=style.axis(s.titles[0], s.across, grid=False))
    y = alt.Y(
        "importance:Q",
        scale=y_span,
        axis=style.axis(
            s.titles[1],
            s.up,
            grid=False,
            titleAngle=0,
            titleAlign="left",
            titleBaseline="bottom",
            titleX=-LEFT + 4,
            titleY=-10,
        ),
    )
    base = alt.Chart()
    cross = base.transform_filter("isValid(datum.line_x)").mark_rule(
        color=style.GREY, strokeDash=[4, 3]
    )
    layers: layout.Layers = [
        cross.encode(x=alt.X("line_x:Q", scale=None), y=alt.YValue(0), y2=alt.Y2Value(tall)),
        cross.encode(y=alt.Y("line_y:Q", scale=None), x=alt.XValue(0), x2=alt.X2Value(plot)),
    ]
    for cx, cy, align, text in captions(s):
        look = style.labels(align, 12, style.GREY, fontWeight="bold", text=text)
        layers.append(
            alt.Chart(alt.InlineData(values=[{}]))
            .mark_text(**layout.mark(look))
            .encode(x=alt.XValue(cx), y=alt.YValue(cy))
        )
    layers += _points(base, x, y, x_span, y_span)
    return layout.finish(layers, width=plot, height=tall, margins=(LEFT, RIGHT, TOP, BOTTOM))


def _points(
    base: alt.Chart, x: alt.X, y: alt.Y, x_span: alt.Scale, y_span: alt.Scale
) -> layout.Layers:
    """Return whiskers, points and names; what is sure stands out."""
    ink = alt.Color("ink:N", scale=None, legend=None)
    whisker = base.mark_rule(
        strokeWidth=alt.ExprRef("datum.sure ? 1.6 : 1"),
        opacity=alt.ExprRef("datum.sure ? 0.7 : 0.35"),
    )
    return [
        whisker.transform_filter(
            "isValid(datum.performance_low) && isValid(datum.performance_high)"
        ).encode(
            x=alt.X("performance_low:Q", scale=x_span),
            x2=alt.X2("performance_high:Q"),
            y=y,
            color=ink,
        ),
        whisker.transform_filter(
            "isValid(datum.importance_low) && isValid(datum.importance_high)"
        ).encode(
            y=alt.Y("importance_low:Q", scale=y_span),
            y2=alt.Y2("importance_high:Q"),
            x=x,
            color=ink,
        ),
        base.mark_point(size=64, opacity=1, strokeWidth=1.5).encode(
            x=x,
            y=y,
            stroke=alt.Stroke("ink:N", scale=None, legend=None),
            fill=alt.Fill("fill:N", scale=None, legend=None),
            shape=alt.ShapeValue(alt.expr("datum.sure ? 'diamond' : 'circle'")),
        ),
        base.mark_text(
            **layout.mark(
                style.labels(
                    "center",
                    style.SMALL_SIZE,
                    fontWeight=alt.ExprRef("datum.sure ? 'bold' : 'normal'"),
                )
            )
        ).encode(
            x=alt.X("text_x:Q", scale=None),
            y=alt.Y("text_y:Q", scale=None),
            text=alt.Text("name:N"),
        ),
    ]
