"""The strip of all subjects and the slopes between two waves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from . import layout, style
from .layout import Line
from .render import Drawing, Row

LEAST_PLOT = 0.4
"""Names on the left give way where the slopes would have less than this share of the width."""


def rank_ticks(last: int) -> tuple[float, ...]:
    """Return rank ticks from 1 to `last`: 1, round steps, and the last rank itself."""
    step = next((s for s in (1, 2, 5, 10, 20, 50, 100) if last / s <= 8), last // 5)
    inner = [float(r) for r in range(step, last, step) if r > 1 and last - r >= step * 0.6]
    return (1.0, *inner, float(last))


@dataclass(frozen=True, slots=True)
class Strip:
    """Layout of a strip."""

    ticks: tuple[float, ...]
    lines: tuple[Line, ...]
    margin: int
    width: int


def strip(
    data: pd.DataFrame,
    lines: Sequence[Line],
    domain: tuple[float, float] | None,
    limits: tuple[float, float],
    width: int,
) -> Drawing:
    """Plan a strip; see `charts.strip`."""
    for c in ("low", "high"):
        if c not in data:
            data[c] = float("nan")
    own = data[data["highlight"].astype(bool)]
    ticks = layout.enclosing(
        data["score"], [*own["low"], *own["high"]], domain=domain, limits=limits
    )
    margin = 14
    plot = width - 2 * margin
    scale = plot / (ticks[-1] - ticks[0])
    texts = [
        f"{style.clean(n)}{style.GAP}{style.number(v)}"
        for n, v in zip(own["name"], own["score"], strict=True)
    ]
    halves = [style.text_width(t) / 2 for t in texts]
    gap = 2 * max(halves, default=0.0) + 10
    edge = max(halves, default=0.0)
    wanted = [(float(v) - ticks[0]) * scale for v in own["score"]]
    placed = style.spread(wanted, gap, edge, plot - edge)
    texts_at = dict(zip(own.index, zip(texts, placed, strict=True), strict=True))
    rows: list[Row] = []
    for i, name, score, low, high in zip(
        data.index, data["name"], data["score"], data["low"], data["high"], strict=True
    ):
        text, at = texts_at.get(i, ("", 0.0))
        rows.append(
            {
                "name": style.clean(name),
                "score": layout.value(score),
                "low": layout.within(low, ticks) if text else None,
                "high": layout.within(high, ticks) if text else None,
                "text": text,
                "at": round(at, 1),
                "strong": bool(text),
            }
        )
    rows.sort(key=lambda r: (r["strong"], r["score"] is None, r["score"] or 0.0, r["name"]))
    inside = tuple(line for line in lines if ticks[0] <= line.value <= ticks[-1])
    return Drawing(rows, draw_strip, Strip(ticks, inside, margin, width))


def draw_strip(s: Strip) -> alt.LayerChart:
    """Lay out a strip."""
    height, middle = 34, 17
    plot = s.width - 2 * s.margin
    ends = (s.ticks[0], s.ticks[-1])
    placed = layout.uprights(s.lines, ends, plot, room=(s.margin, s.margin))
    span = alt.Scale(domain=[s.ticks[0], s.ticks[-1]], nice=False, zero=False)
    x = alt.X("score:Q", scale=span, axis=style.axis(None, s.ticks, grid=False))
    base = alt.Chart().transform_filter("isValid(datum.score)")
    own = base.transform_filter("datum.strong")
    layers: layout.Layers = [
        *layout.upright_layers(placed, height),
        base.mark_rule(color=style.GREY, strokeWidth=1.4, opacity=0.75)
        .transform_filter("!datum.strong")
        .encode(x=x, y=alt.YValue(middle - 9), y2=alt.Y2Value(middle + 9)),
        own.mark_rule(color=style.ACCENT, strokeWidth=4, opacity=0.55)
        .transform_filter("isValid(datum.low) && isValid(datum.high)")
        .encode(x=alt.X("low:Q", scale=span), x2=alt.X2("high:Q"), y=alt.YValue(middle)),
        own.mark_point(
            shape="diamond", fill=style.ACCENT, stroke=style.WHITE, size=190, opacity=1
        ).encode(x=x, y=alt.YValue(middle)),
        own.mark_text(
            **layout.mark(style.labels("center", 12, style.ACCENT, fontWeight="bold"))
        ).encode(x=alt.X("at:Q", scale=None), y=alt.YValue(height + 30), text=alt.Text("text:N")),
    ]
    room = layout.upright_room(placed)
    return layout.finish(
        layers, width=plot, height=height, margins=(s.margin, s.margin, room + 2, 40)
    )


@dataclass(frozen=True, slots=True)
class Slope:
    """Layout of slopes."""

    ticks: tuple[float, ...]
    domain: tuple[float, float]
    ends: tuple[str, str]
    ranks: bool
    left: int
    right: int
    width: int
    height: int


def slope(
    data: pd.DataFrame, ends: tuple[str, str], *, ranks: bool, width: int, height: int
) -> Drawing:
    """Plan slopes; see `charts.slope`."""
    seen = [*data["from_value"], *data["to_value"]]
    ticks = rank_ticks(int(max(*seen, 2))) if ranks else layout.enclosing(seen)
    domain = (ticks[0] - 0.5, ticks[-1] + 0.5) if ranks else (ticks[0], ticks[-1])
    top, bottom = 32, 10
    plot = height - top - bottom
    scale = plot / (domain[1] - domain[0])

    def pixels(v: float) -> float:
        return (v - domain[0]) * scale if ranks else (domain[1] - v) * scale

    data = data.sort_values(["highlight", "to_value", "name"], ignore_index=True)
    strong = data["highlight"].astype(bool)
    own = data[strong]
    places: dict[str, dict[int, float]] = {}
    for side in ("from_value", "to_value"):
        at = style.spread([pixels(float(v)) for v in own[side]], 14.0, 4.0, plot - 4.0)
        places[side] = dict(zip(own.index, at, strict=True))

    def words(v: float) -> str:
        return f"第{v:.0f}名" if ranks else style.number(v)

    def margin(texts: list[str], title: str) -> int:
        return max(style.column(texts) + 32, math.ceil(style.text_width(title, 12) / 2))

    names = [style.clean(n) for n in own["name"]]
    before, after = (
        [f"{n}{style.GAP}{words(float(v))}" for n, v in zip(names, own[side], strict=True)]
        for side in ("from_value", "to_value")
    )
    left, right = margin(before, ends[0]), margin(after, ends[1])
    if len(own) == 1 or width - left - right < LEAST_PLOT * width:
        before = [words(float(v)) for v in own["from_value"]]
        left = margin(before, ends[0])
    texts = dict(zip(own.index, zip(before, after, strict=True), strict=True))
    rows: list[Row] = []
    for i, a, b in zip(data.index, data["from_value"], data["to_value"], strict=True):
        named = i in texts
        from_text, to_text = texts.get(i, ("", ""))
        rows.append(
            {
                "from": layout.value(a),
                "to": layout.value(b),
                "strong": named,
                "ink": style.ACCENT if named else style.PALE,
                "from_text": from_text,
                "to_text": to_text,
                "from_at": round(places["from_value"].get(i, 0.0), 1),
                "to_at": round(places["to_value"].get(i, 0.0), 1),
            }
        )
    settings = Slope(ticks, domain, ends, ranks, left, right, width, height)
    return Drawing(rows, draw_slope, settings)


def draw_slope(s: Slope) -> alt.LayerChart:
    """Lay out slopes."""
    top, bottom = 32, 10
    plot = s.width - s.left - s.right
    height = s.height - top - bottom
    span = alt.Scale(domain=list(s.domain), nice=False, zero=False, reverse=s.ranks)
    base = alt.Chart()
    own = base.transform_filter("datum.strong")
    y = alt.Y("from:Q", scale=span, axis=None)
    y_to = alt.Y("to:Q", scale=span, axis=None)
    ink = alt.Color("ink:N", scale=None, legend=None)
    layers: layout.Layers = []
    for at, title, align in ((0, s.ends[0], "right"), (plot, s.ends[1], "left")):
        frame = alt.Chart(alt.InlineData(values=[{}]))
        layers.append(
            frame.mark_rule(color=style.PALE, strokeWidth=1).encode(
                x=alt.XValue(at), y=alt.YValue(0), y2=alt.Y2Value(height)
            )
        )
        layers.append(
            frame.mark_text(
                **layout.mark(style.labels("center", 12, style.TEXT, fontWeight="bold", text=title))
            ).encode(x=alt.XValue(at), y=alt.YValue(-20))
        )
        scale_marks = alt.Chart(
            alt.InlineData(values=[{"at": t, "label": f"{t:g}"} for t in s.ticks])
        )
        layers.append(
            scale_marks.mark_text(
                **layout.mark(style.labels(align, 9, style.GREY, dx=-6 if at == 0 else 6))
            ).encode(
                x=alt.XValue(at), y=alt.Y("at:Q", scale=span, axis=None), text=alt.Text("label:N")
            )
        )
    layers.append(
        base.mark_rule(strokeWidth=alt.ExprRef("datum.strong ? 2.6 : 1")).encode(
            x=alt.XValue(0), x2=alt.X2Value(plot), y=y, y2=alt.Y2("to:Q"), color=ink
        )
    )
    for at, end, channel, align in ((0, "from", y, "right"), (plot, "to", y_to, "left")):
        layers.append(
            own.mark_point(
                shape="diamond", fill=style.ACCENT, stroke=style.WHITE, size=110, opacity=1
            ).encode(x=alt.XValue(at), y=channel)
        )
        layers.append(
            own.mark_text(
                **layout.mark(
                    style.labels(
                        align,
                        style.LABEL_SIZE,
                        style.ACCENT,
                        fontWeight="bold",
                        dx=-28 if at == 0 else 28,
                    )
                )
            ).encode(
                x=alt.XValue(at),
                y=alt.Y(f"{end}_at:Q", scale=None, axis=None),
                text=f"{end}_text:N",
            )
        )
    return layout.finish(layers, width=plot, height=height, margins=(s.left, s.right, top, bottom))
