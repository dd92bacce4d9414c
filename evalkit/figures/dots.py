"""Rows of dots with intervals: the layout behind six of the charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from . import layout, style
from .layout import Entry, Line
from .render import Drawing, Row

HIGHLIGHT_SIZE = 90.0
DOT_SIZE = 34.0
FINE_SIZE = 16.0


@dataclass(frozen=True, slots=True)
class DotRows:
    """Everything about rows of dots that does not depend on a single row."""

    count: int
    step: float
    label_size: float
    gutter: int
    aside: int
    ticks: tuple[float, ...]
    domain: tuple[float, float]
    title: str
    lines: tuple[Line, ...]
    key: tuple[Entry, ...]
    extras: tuple[str, ...]
    width: int


def dot(
    at: int,
    label: str,
    x: object,
    low: object,
    high: object,
    *,
    strong: bool = False,
    shape: str = "circle",
    hollow: bool = False,
    ink: str | None = None,
    aside: str = "",
    street: object = None,
    previous: object = None,
) -> Row:
    """Return one row: a dot, its interval, its label on the left and a text on the right."""
    colour = ink or (style.ACCENT if strong else style.GREY)
    return {
        "row": at,
        "label": label,
        "strong": strong,
        "x": layout.value(x),
        "low": layout.value(low),
        "high": layout.value(high),
        "shape": shape,
        "ink": colour,
        "fill": style.WHITE if hollow else colour,
        "size": HIGHLIGHT_SIZE if strong else DOT_SIZE,
        "aside": aside,
        "street": layout.value(street),
        "previous": layout.value(previous),
    }


def row_step(count: int) -> float:
    """Return the height of one row: airy for a few rows, thin for a hundred."""
    if count <= 8:
        return 26.0
    if count <= 16:
        return 20.0
    if count <= 30:
        return 13.5
    return 12.0 if count <= 51 else max(5.0, 620.0 / count)


def thin_labels(rows: Sequence[Row], step: float) -> None:
    """Blank labels in place until those left have room; strong rows keep theirs."""
    every = max(1, round(style.LABEL_SIZE * 1.15 / step + 0.45)) if step < 12 else 1
    strong = [r["row"] for r in rows if r["strong"]]
    for r in rows:
        crowded = any(0 < abs(r["row"] - s) < every for s in strong)
        if not r["strong"] and (r["row"] % every or crowded):
            r["label"] = ""


def drawing(
    rows: list[Row],
    *,
    title: str,
    ticks: tuple[float, ...],
    width: int,
    lines: Sequence[Line] = (),
    key: Sequence[Entry] = (),
    step: float | None = None,
    pad: float = 0.0,
) -> Drawing:
    """Return the drawing of rows made by `dot`, sized to their labels."""
    step = row_step(len(rows)) if step is None else step
    thin_labels(rows, step)
    low, high = ticks[0] - pad, ticks[-1] + pad
    for r in rows:
        for end in ("low", "high"):
            r[end] = layout.within(r[end], (low, high))
    extras = tuple(c for c in ("street", "previous") if any(r[c] is not None for r in rows))
    if step < 8:
        for r in rows:
            r["size"] = min(float(r["size"]), HIGHLIGHT_SIZE if r["strong"] else FINE_SIZE)
    asides = [str(r["aside"]) for r in rows if r["aside"]]
    label_size = style.LABEL_SIZE if step >= 12 else style.SMALL_SIZE
    return Drawing(
        rows=rows,
        draw=draw,
        settings=DotRows(
            count=len(rows),
            step=step,
            label_size=label_size,
            gutter=style.column((str(r["label"]) for r in rows), label_size) + 16,
            aside=style.column(asides, style.SMALL_SIZE) + 16 if asides else 16,
            ticks=ticks,
            domain=(low, high),
            title=title,
            lines=tuple(line for line in lines if low <= line.value <= high),
            key=tuple(key),
            extras=extras,
            width=width,
        ),
    )


def draw(s: DotRows) -> alt.LayerChart:
    """Lay out rows of dots."""
    plot = s.width - s.gutter - s.aside
    height = round(s.count * s.step, 1)
    placed = layout.uprights(s.lines, s.domain, plot, room=(s.gutter, s.aside))
    span = alt.Scale(domain=list(s.domain), nice=False, zero=False)
    anchor = {"titleAnchor": "end"} if style.text_width(s.title, style.SMALL_SIZE) > plot else {}
    x = alt.X("x:Q", scale=span, axis=style.axis(s.title, s.ticks, **anchor))
    y = alt.Y(
        "row:Q",
        scale=alt.Scale(domain=[-0.5, s.count - 0.5], reverse=True, nice=False, zero=False),
        axis=None,
    )
    base = alt.Chart()
    ink = alt.Color("ink:N", scale=None, legend=None)
    bold = alt.ExprRef("datum.strong ? 'bold' : 'normal'")
    layers: layout.Layers = [
        base.mark_rule(color=style.WASH, strokeWidth=min(max(s.step, 12.0), 22.0))
        .transform_filter("datum.strong")
        .encode(y=y, x=alt.XValue(-s.gutter), x2=alt.X2Value(plot + s.aside)),
        *layout.upright_layers(placed, height),
        base.mark_rule(strokeWidth=alt.ExprRef("datum.strong ? 2.6 : 1.3"), opacity=0.75)
        .transform_filter("isValid(datum.low) && isValid(datum.high)")
        .encode(y=y, x=alt.X("low:Q", scale=span), x2=alt.X2("high:Q"), color=ink),
    ]
    if "street" in s.extras:
        layers.append(
            base.mark_point(shape=layout.STREET_MARK, stroke=style.INK, strokeWidth=2, size=260)
            .transform_filter("isValid(datum.street)")
            .encode(y=y, x=alt.X("street:Q", scale=span))
        )
    if "previous" in s.extras:
        layers.append(
            base.mark_point(stroke=style.MUTED, fill=style.WHITE, size=44, opacity=1)
            .transform_filter("isValid(datum.previous)")
            .encode(y=y, x=alt.X("previous:Q", scale=span))
        )
    layers += [
        base.mark_point(opacity=1, strokeWidth=1.5)
        .transform_filter("isValid(datum.x)")
        .encode(
            y=y,
            x=x,
            stroke=alt.Stroke("ink:N", scale=None, legend=None),
            fill=alt.Fill("fill:N", scale=None, legend=None),
            shape=alt.Shape("shape:N", scale=None, legend=None),
            size=alt.Size("size:Q", scale=None, legend=None),
        ),
        base.mark_text(**layout.mark(style.labels("right", s.label_size, fontWeight=bold)))
        .transform_filter("datum.label != ''")
        .encode(y=y, x=alt.XValue(-10), text=alt.Text("label:N")),
        base.mark_text(**layout.mark(style.labels("left", style.SMALL_SIZE, fontWeight=bold)))
        .transform_filter("datum.aside != ''")
        .encode(y=y, x=alt.XValue(plot + 10), text=alt.Text("aside:N")),
    ]
    room = layout.upright_room(placed)
    key = layout.key_lines(s.key, plot + s.aside)
    layers += layout.stacked_key(key, -room - 12)
    top = room + (layout.key_height(key) if s.key else 4)
    return layout.finish(
        layers, width=plot, height=height, margins=(s.gutter, s.aside, top, 38 if s.title else 22)
    )
