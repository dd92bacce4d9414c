"""One subject over the waves: scores with intervals, and the street's mean beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from . import layout, style
from .layout import Entry, Line
from .render import Drawing, Row

ACROSS = "M-1,0L1,0"
"""A symbol path: a short horizontal stroke."""

HEIGHT = 190
GUTTER = 34
FOOT = 20
TIER = 14
SCORE_ROOM = 14


@dataclass(frozen=True, slots=True)
class Trend:
    """Layout of a trend."""

    waves: tuple[str, ...]
    tiers: int
    ticks: tuple[float, ...]
    lines: tuple[Line, ...]
    key: tuple[Entry, ...]
    aside: int
    width: int


def trend(
    data: pd.DataFrame,
    lines: Sequence[Line],
    key: Sequence[Entry],
    domain: tuple[float, float] | None,
    limits: tuple[float, float],
    width: int,
) -> Drawing:
    """Plan a trend; see `charts.trend`."""
    ticks = layout.enclosing(
        [*data["score"], *data["street"]],
        [*data["low"], *data["high"]],
        domain=domain,
        limits=limits,
    )
    rows: list[Row] = []
    scores = [layout.value(v) for v in data["score"]]
    rises = [
        own is not None and after is not None and after > own
        for own, after in zip(scores, [*scores[1:], None], strict=True)
    ]
    before: dict[str, float | None] = {"score": None, "street": None}
    for at, r in enumerate(layout.records(data, ("score", "low", "high", "street", "label"))):
        own = {c: layout.value(r[c]) for c in ("score", "street")}
        rows.append(
            {
                "at": at,
                "before": at - 1,
                "rises": rises[at],
                **own,
                "low": layout.within(r["low"], ticks),
                "high": layout.within(r["high"], ticks),
                "score_before": before["score"],
                "street_before": before["street"],
                "text": _text(own["score"], r["label"]),
            }
        )
        before = own
    inside = tuple(line for line in lines if ticks[0] <= line.value <= ticks[-1])
    aside = style.column((line.label for line in inside), style.SMALL_SIZE) + 14
    waves = tuple(style.clean(wave) for wave in data["wave"])
    step = (width - GUTTER - aside) / len(waves)
    crowded = max(style.text_width(w, style.SMALL_SIZE) for w in waves) > step - 4
    tiers = 2 if crowded and len(waves) > 1 else 1
    return Drawing(rows, draw, Trend(waves, tiers, ticks, inside, tuple(key), aside, width))


def _text(score: float | None, label: object) -> str:
    if score is None:
        return "无得分"
    return style.clean(label) if label else style.number(score)


def draw(s: Trend) -> alt.LayerChart:
    """Lay out a trend."""
    plot = s.width - GUTTER - s.aside
    across = alt.Scale(domain=[-0.5, len(s.waves) - 0.5], nice=False, zero=False)
    up = alt.Scale(domain=[s.ticks[0], s.ticks[-1]], nice=False, zero=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=across, axis=None)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=up)

    base = alt.Chart()
    both = {
        name: base.transform_filter(f"isValid(datum.{name}) && isValid(datum.{name}_before)")
        for name in ("street", "score")
    }
    scored = base.transform_filter("isValid(datum.score)")
    axis = style.axis(None, s.ticks)
    beside = {"dx": 9, "dy": alt.ExprRef("datum.rises ? 15 : -6"), "fontWeight": "bold"}
    layers: layout.Layers = [
        *_levels(s, plot, up),
        both["street"]
        .mark_rule(color=style.GREY, strokeWidth=1.2, strokeDash=[3, 3])
        .encode(x=x("before"), x2=alt.X2("at:Q"), y=y("street_before"), y2=alt.Y2("street:Q")),
        both["score"]
        .mark_rule(color=style.ACCENT, strokeWidth=1.6, opacity=0.6)
        .encode(x=x("before"), x2=alt.X2("at:Q"), y=y("score_before"), y2=alt.Y2("score:Q")),
        base.mark_point(shape=ACROSS, stroke=style.INK, strokeWidth=2, size=260)
        .transform_filter("isValid(datum.street)")
        .encode(x=x("at"), y=y("street")),
        scored.mark_rule(color=style.ACCENT, strokeWidth=2.2, opacity=0.75)
        .transform_filter("isValid(datum.low) && isValid(datum.high)")
        .encode(x=x("at"), y=y("low"), y2=alt.Y2("high:Q")),
        scored.mark_point(
            shape="diamond", fill=style.ACCENT, stroke=style.WHITE, size=110, opacity=1
        ).encode(x=x("at"), y=alt.Y("score:Q", scale=up, axis=axis)),
        scored.mark_text(**layout.mark(style.labels("left", style.LABEL_SIZE) | beside)).encode(
            x=x("at"), y=y("score"), text=alt.Text("text:N")
        ),
        base.mark_text(**layout.mark(style.labels("center", style.SMALL_SIZE, style.MUTED)))
        .transform_filter("!isValid(datum.score)")
        .encode(x=x("at"), y=alt.YValue(HEIGHT - 12), text=alt.Text("text:N")),
        *_feet(s, plot),
    ]
    key = layout.key_lines(s.key, plot + s.aside)
    layers += layout.stacked_key(key, -SCORE_ROOM - 6)
    top = SCORE_ROOM + layout.key_height(key)
    foot = FOOT + TIER * s.tiers
    return layout.finish(layers, width=plot, height=HEIGHT, margins=(GUTTER, s.aside, top, foot))


def _levels(s: Trend, plot: float, up: alt.Scale) -> layout.Layers:
    """Return layers with the cut-offs, named at the right."""
    span = s.ticks[-1] - s.ticks[0]
    wanted = [(s.ticks[-1] - line.value) / span * HEIGHT for line in s.lines]
    placed = style.spread(wanted, 12.0, 0.0, HEIGHT)
    layers: layout.Layers = []
    for line, label_at in zip(s.lines, placed, strict=True):
        base = alt.Chart(alt.InlineData(values=[{"value": line.value}]))
        layers.append(
            base.mark_rule(color=style.GREY, strokeWidth=1, strokeDash=[4, 3]).encode(
                x=alt.XValue(0), x2=alt.X2Value(plot), y=alt.Y("value:Q", scale=up)
            )
        )
        look = style.labels("left", style.SMALL_SIZE, style.MUTED, text=line.label)
        layers.append(
            base.mark_text(**layout.mark(look)).encode(
                x=alt.XValue(plot + 8), y=alt.YValue(round(label_at, 1))
            )
        )
    return layers


def _feet(s: Trend, plot: float) -> layout.Layers:
    """Return layers with the waves' names below the plot, on two tiers where they are crowded."""
    layers: layout.Layers = []
    for at, wave in enumerate(s.waves):
        look = style.labels("center", style.SMALL_SIZE, style.TEXT, text=wave)
        layers.append(
            alt.Chart(alt.InlineData(values=[{}]))
            .mark_text(**layout.mark(look))
            .encode(
                x=alt.XValue(round((at + 0.5) * plot / len(s.waves), 1)),
                y=alt.YValue(HEIGHT + FOOT - 6 + TIER * (at % s.tiers)),
            )
        )
    return layers
