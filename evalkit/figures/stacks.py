"""Bars made of parts: contributions that add up, counts of grades, shares of answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import altair as alt
import pandas as pd

from . import layout, style
from .layout import Entry
from .render import Drawing, Row

WATERFALL_TITLE = "对得分变化的贡献（分）"
WATERFALL_ASIDE = 8
BAR_TEXT = 40
TONES = 101
"""Colours between best and worst where every part has a place of its own."""
UNDER = 12.0
UNDER_SIZE = style.SMALL_SIZE
"""Height and size of names below a bar."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Layout of signed bars that add up."""

    count: int
    ticks: tuple[float, ...]
    domain: tuple[float, float]
    gutter: int
    width: int


def waterfall(
    data: pd.DataFrame, total: str, largest: int | None, decimals: int, width: int
) -> Drawing:
    """Plan signed bars; see `charts.contributions`."""
    parts = [(style.clean(n), float(p)) for n, p in zip(data["name"], data["points"], strict=True)]
    whole = sum(p for _, p in parts)
    if layout.value(whole) is None:
        raise ValueError("变化的组成部分不能有缺失值")
    parts.sort(key=lambda part: (-abs(part[1]), part[0]))
    shown, rest = (parts, []) if largest is None else (parts[:largest], parts[largest:])
    shown = sorted(shown, key=lambda part: (-part[1], part[0]))
    if rest:
        shown.append((f"其余{len(rest)}项", sum(p for _, p in rest)))
    rows: list[Row] = []
    start = 0.0
    for name, points in [*shown, (total, whole)]:
        closing = len(rows) == len(shown)
        begin = 0.0 if closing else start
        end = whole if closing else start + points
        worse = points < 0
        rows.append(
            {
                "row": len(rows),
                "name": name,
                "strong": closing,
                "start": round(begin, 6),
                "end": round(end, 6),
                "fill": style.WORSE if worse else style.BETTER,
                "text": style.signed(points, decimals),
                "text_at": round(min(begin, end) if worse else max(begin, end), 6),
                "worse": worse,
            }
        )
        start = end
    ticks = layout.enclosing([v for r in rows for v in (r["start"], r["end"], 0.0)])
    gutter = style.column(str(r["name"]) for r in rows) + 16
    inner = width - gutter - WATERFALL_ASIDE - 2 * BAR_TEXT
    text = BAR_TEXT * (ticks[-1] - ticks[0]) / inner
    domain = (round(ticks[0] - text, 6), round(ticks[-1] + text, 6))
    return Drawing(rows, draw_waterfall, Waterfall(len(rows), ticks, domain, gutter, width))


def draw_waterfall(s: Waterfall) -> alt.LayerChart:
    """Lay out signed bars."""
    step, aside = 21.0, WATERFALL_ASIDE
    plot = s.width - s.gutter - aside
    height = s.count * step
    span = alt.Scale(domain=list(s.domain), nice=False, zero=False)
    rows = alt.Scale(domain=[-0.5, s.count - 0.5], reverse=True, nice=False, zero=False)
    x = alt.X("start:Q", scale=span, axis=style.axis(WATERFALL_TITLE, s.ticks))
    y = alt.Y("row:Q", scale=rows, axis=None)
    base = alt.Chart()
    bold = alt.ExprRef("datum.strong ? 'bold' : 'normal'")
    layers: layout.Layers = [
        *layout.upright_layers(
            layout.uprights([layout.Line(0.0, "", dashed=False)], s.domain, plot), height
        ),
        alt.Chart(alt.InlineData(values=[{"row": s.count - 1.5}]))
        .mark_rule(color=style.PALE, strokeWidth=1)
        .encode(y=y, x=alt.XValue(-s.gutter), x2=alt.X2Value(plot + aside)),
        base.mark_rule(strokeWidth=12).encode(
            x=x, x2=alt.X2("end:Q"), y=y, color=alt.Color("fill:N", scale=None, legend=None)
        ),
        base.mark_text(**layout.mark(style.labels("right", fontWeight=bold))).encode(
            x=alt.XValue(-10), y=y, text=alt.Text("name:N")
        ),
    ]
    for side, align, dx in (("!datum.worse", "left", 5), ("datum.worse", "right", -5)):
        look = style.labels(align, style.SMALL_SIZE, dx=dx, fontWeight=bold)
        layers.append(
            base.mark_text(**layout.mark(look))
            .transform_filter(side)
            .encode(x=alt.X("text_at:Q", scale=span), y=y, text=alt.Text("text:N"))
        )
    return layout.finish(layers, width=plot, height=height, margins=(s.gutter, aside, 6, 38))


@dataclass(frozen=True, slots=True)
class Stacks:
    """Layout of stacked bars."""

    rows: int
    step: float
    bar: float
    gutter: int
    aside: int
    total: float
    key: tuple[Entry, ...]
    heads: bool
    width: int
    under: float = 0.0


def counts(data: pd.DataFrame, order: list[str], width: int) -> Drawing:
    """Plan stacked counts; see `charts.grade_counts`."""
    unknown = sorted(set(data["grade"]) - set(order))
    if unknown:
        raise ValueError(f"等第不在顺序表中：{'、'.join(map(str, unknown))}")
    waves = list(dict.fromkeys(data["wave"]))
    table = data.groupby(["wave", "grade"])["count"].sum()
    total = float(table.groupby(level=0).sum().max())
    if total <= 0:
        raise ValueError("各等第的数量都是 0")
    colours = style.ramp(style.DIVERGING, len(order))
    gutter = style.column(style.clean(w) for w in waves) + 16
    scale = (width - gutter - 60) / total
    rows: list[Row] = []
    for i, wave in enumerate(waves):
        start = 0.0
        for grade, colour in zip(order, colours, strict=True):
            count = float(table.get((wave, grade), 0))
            if count == 0:
                continue
            text = style.number(count, 0)
            fits = style.text_width(text, style.LABEL_SIZE) + 5 <= count * scale
            rows.append(_part(i, start, start + count, colour, text, inside=fits))
            start += count
        rows.append(_aside(i, style.clean(wave), f"共{start:.0f}个"))
    entries = tuple(
        Entry(style.clean(g), "square", c, c, 110) for g, c in zip(order, colours, strict=True)
    )
    return Drawing(
        rows,
        draw_stacks,
        Stacks(len(waves), 34.0, 22.0, gutter, 60, total, entries, False, width),
    )


def shares(
    data: pd.DataFrame, apart: Collection[str], decimals: int, step: float, width: int
) -> Drawing:
    """Plan stacked shares; see `evidence.distribution`."""
    aside = 8
    rows: list[Row] = []
    nameless: list[tuple[int, float, str]] = []
    scales: set[tuple[str, ...]] = set()
    outside: dict[str, None] = {}
    items = list(dict.fromkeys(data["item"]))
    for i, item in enumerate(items):
        block = data[data["item"] == item].sort_values("order")
        total = float(block["share"].sum())
        if block["share"].isna().any() or block["share"].min() < 0 or not 0 < total <= 1.001:
            raise ValueError(f"各选项占比须为 0 到 1，合计不超过 1：{style.clean(item)}")
        options = [style.clean(o) for o in block["option"]]
        scored = [o for o in options if o not in apart]
        scales.add(tuple(scored))
        outside |= dict.fromkeys(o for o in options if o in apart)
        colours = dict(zip(scored, _colours(block, options, scored), strict=True))
        start = 0.0
        for option, share in zip(options, block["share"].astype(float), strict=True):
            if share == 0:
                continue
            percent = f"{style.number(100 * share, decimals)}%"
            room = share * (width - aside) - 4
            text = next(
                (
                    t
                    for t in (f"{option} {percent}", percent)
                    if style.text_width(t, style.SMALL_SIZE) <= room
                ),
                "",
            )
            if not text.startswith(option):
                nameless.append((i, start + share / 2, option))
            fill = colours.get(option, style.WHITE)
            rows.append(_part(i, start, start + share, fill, text, inside=True))
            start += share
        n = layout.value(block["n"].iloc[0])
        answered = "" if n is None else f"有效{n:.0f}份"
        beside = style.clean(block["aside"].iloc[0]) if "aside" in block else answered
        rows.append(_aside(i, style.clean(item), beside))
    entries: list[Entry] = []
    if len(scales) == 1 and nameless and "tone" not in data:
        scored = list(scales.pop())
        pairs = zip(scored, style.ramp(style.DIVERGING, len(scored)), strict=True)
        entries = [Entry(o, "square", c, c, 110) for o, c in pairs]
        entries += [Entry(o, "square", style.GREY, style.WHITE, 110) for o in outside]
    under = [] if entries else _under(nameless, width - aside)
    rows += under
    more = UNDER if under else 0.0
    settings = Stacks(
        len(items), step + more, 18.0, 0, aside, 1.0, tuple(entries), True, width, more
    )
    return Drawing(rows, draw_stacks, settings)


def _colours(block: pd.DataFrame, options: list[str], scored: list[str]) -> tuple[str, ...]:
    """Colour the options of a scale: evenly, or each by its own place between best and worst."""
    if "tone" not in block:
        return style.ramp(style.DIVERGING, len(scored))
    fine = style.ramp(style.DIVERGING, TONES)
    tones = dict(zip(options, block["tone"].astype(float), strict=True))
    return tuple(fine[round(tones[o] * (TONES - 1))] for o in scored)


def _under(nameless: list[tuple[int, float, str]], plot: int) -> list[Row]:
    """Name below the bar what has no room in it, from left to right as far as there is room."""
    rows: list[Row] = []
    taken: dict[int, float] = {}
    for i, middle, name in nameless:
        half = style.text_width(name, UNDER_SIZE) / 2
        x = min(max(middle * plot, half), plot - half)
        if x - half >= taken.get(i, -1.0):
            taken[i] = x + half + 6
            rows.append({**_aside(i, "", ""), "middle": round(x / plot, 6), "under": name})
    return rows


def _part(at: int, start: float, end: float, fill: str, text: str, *, inside: bool) -> Row:
    return {
        "row": at,
        "start": round(start, 6),
        "end": round(end, 6),
        "middle": round((start + end) / 2, 6),
        "fill": fill,
        "ink": style.ink_on(fill) if inside else style.TEXT,
        "text": text,
        "inside": inside,
        "head": "",
        "aside": "",
        "under": "",
    }


def _aside(at: int, head: str, aside: str) -> Row:
    row: Row = {"row": at, "start": None, "end": None, "text": "", "head": head, "aside": aside}
    return {**row, "under": ""}


def draw_stacks(s: Stacks) -> alt.LayerChart:
    """Lay out stacked bars, their heads on the left or above."""
    plot = s.width - s.gutter - s.aside
    height = s.rows * s.step
    span = alt.Scale(domain=[0, s.total], nice=False, zero=False)
    lines = alt.Scale(domain=[-0.5, s.rows - 0.5], reverse=True, nice=False, zero=False, padding=0)
    y = alt.Y("row:Q", scale=lines, axis=None)
    base = alt.Chart()
    parts = base.transform_filter("isValid(datum.start)")
    drop, lift = (10 - s.under / 2, 11 + s.under / 2) if s.heads else (0.0, 0.0)
    ink = alt.Color("ink:N", scale=None, legend=None)
    x = alt.X("middle:Q", scale=span)
    inside = style.labels("center", style.SMALL_SIZE if s.heads else style.LABEL_SIZE)
    below = style.labels("center", style.SMALL_SIZE)
    under = style.labels("center", UNDER_SIZE, style.MUTED)
    head = style.labels("left" if s.heads else "right", style.LABEL_SIZE)
    aside = style.labels("right" if s.heads else "left", style.SMALL_SIZE, style.MUTED)
    layers: layout.Layers = [
        parts.mark_bar(
            orient="horizontal", size=s.bar, yOffset=drop, stroke=style.GREY, strokeWidth=0.5
        ).encode(
            x=alt.X("start:Q", scale=span, axis=None),
            x2=alt.X2("end:Q"),
            y=y,
            fill=alt.Fill("fill:N", scale=None, legend=None),
        ),
        parts.mark_text(**{**layout.mark(inside), "dy": inside["dy"] + drop})
        .transform_filter("datum.text != '' && datum.inside")
        .encode(x=x, y=y, text=alt.Text("text:N"), color=ink),
        parts.mark_text(**{**layout.mark(below), "dy": below["dy"] + s.bar / 2 + 6})
        .transform_filter("datum.text != '' && !datum.inside")
        .encode(x=x, y=y, text=alt.Text("text:N"), color=ink),
        base.mark_text(**{**layout.mark(under), "dy": under["dy"] + drop + s.bar / 2 + 8})
        .transform_filter("datum.under != ''")
        .encode(x=x, y=y, text=alt.Text("under:N")),
        base.mark_text(**{**layout.mark(head), "dy": head["dy"] - lift})
        .transform_filter("datum.head != ''")
        .encode(x=alt.XValue(0 if s.heads else -10), y=y, text=alt.Text("head:N")),
        base.mark_text(**{**layout.mark(aside), "dy": aside["dy"] - lift})
        .transform_filter("datum.aside != ''")
        .encode(x=alt.XValue(plot if s.heads else plot + 8), y=y, text=alt.Text("aside:N")),
    ]
    layers += layout.key(s.key, -12)
    top = layout.KEY_HEIGHT if s.key else 2
    return layout.finish(layers, width=plot, height=height, margins=(s.gutter, s.aside, top, 4))
