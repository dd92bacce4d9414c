"""Pieces that several charts share: the key, reference lines, finishing, and reading a frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import altair as alt
import pandas as pd

from . import style
from .render import rows_data

Layers = list[alt.Chart]

STREET_MARK = "M0,-1L0,1"
"""A symbol path: a short vertical stroke."""

KEY_HEIGHT = 24
KEY_LINE = 18
LINE_LABEL_HEIGHT = 15


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a key: a symbol and what it stands for."""

    label: str
    shape: str
    ink: str
    fill: str
    size: float = 60.0


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A reference line at `value`, labelled; dashed for a cut-off, solid for a mean or zero."""

    value: float
    label: str
    dashed: bool = True


SCORE_LIMITS = (0.0, 100.0)

LEAST = 2.0
"""Reach of an axis to either side of a single value on a scale with limits."""


def required(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the frame with a fresh index, or raise `ValueError` naming what it lacks."""
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise ValueError(f"图表数据缺少列：{'、'.join(missing)}")
    if frame.empty:
        raise ValueError("图表数据为空")
    return frame.reset_index(drop=True)


def highlighted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its column `highlight` as flags; nobody's is set if it has none."""
    marks = frame["highlight"] if "highlight" in frame else pd.Series(False, index=frame.index)
    return frame.assign(highlight=marks.fillna(False).astype(bool))


def records(frame: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return the named columns of the frame as records of plain Python values."""
    return cast(list[dict[str, Any]], frame[list(columns)].to_dict("records"))


def value(x: object) -> float | None:
    """Return a finite number rounded to 6 decimals, or None for whatever is missing."""
    if x is None or x is pd.NA or x is pd.NaT:
        return None
    number = float(x)  # type: ignore[arg-type]
    return round(number, 6) if math.isfinite(number) else None


def within(x: object, ends: Sequence[float]) -> float | None:
    """Return a number moved to the nearest end of the axis if outside it, or None if missing."""
    number = value(x)
    return None if number is None else min(max(number, ends[0]), ends[-1])


def known(values: Iterable[object]) -> list[float]:
    """Return the values that are not missing."""
    return [v for v in (value(x) for x in values) if v is not None]


def enclosing(
    points: Iterable[object],
    ends: Iterable[object] = (),
    *,
    domain: tuple[float, float] | None = None,
    limits: tuple[float, float] | None = None,
    count: int = 5,
) -> tuple[float, ...]:
    """Return round axis ticks, the first and last enclosing the data.

    Parameters
    ----------
    points
        Values that must be on the axis.
    ends
        Ends of their intervals.
    domain
        Ends that the axis must reach at least, so that several charts share one axis.
    limits
        Natural limits of the scale: where all points are inside, intervals do not stretch the
        axis beyond.
    count
        Wanted number of steps.
    """
    inner = known(points)
    outer = inner + known(ends)
    if not outer:
        raise ValueError("图表没有任何可画的数值")
    low, high = min(outer), max(outer)
    if limits is not None and all(limits[0] <= v <= limits[1] for v in inner):
        low, high = max(low, limits[0]), min(high, limits[1])
        if low == high:
            low, high = max(low - LEAST, limits[0]), min(high + LEAST, limits[1])
    if domain is not None:
        low, high = min(low, domain[0]), max(high, domain[1])
    return style.ticks(low, high, count)


def key(entries: Sequence[Entry], y: float, x: float = 0.0) -> Layers:
    """Return layers that set a key in one line at height `y` (negative: above the plot)."""
    layers: Layers = []
    for entry in entries:
        dot = alt.Chart(alt.InlineData(values=[{}]))
        layers.append(
            dot.mark_point(
                shape=entry.shape,
                filled=False,
                stroke=entry.ink,
                fill=entry.fill,
                size=entry.size,
                opacity=1,
                strokeWidth=1.6,
            ).encode(x=alt.XValue(x + 6), y=alt.YValue(y))
        )
        layers.append(
            dot.mark_text(
                **mark(style.labels("left", style.SMALL_SIZE, style.MUTED, text=entry.label))
            ).encode(x=alt.XValue(x + 15), y=alt.YValue(y))
        )
        x += _entry_width(entry)
    return layers


def _entry_width(entry: Entry) -> float:
    return 15 + style.text_width(entry.label, style.SMALL_SIZE) + 16


def key_lines(entries: Sequence[Entry], room: float) -> list[list[Entry]]:
    """Break a key into lines that fit a width in pixels; never within an entry."""
    lines: list[list[Entry]] = []
    left = 0.0
    for entry in entries:
        wide = _entry_width(entry)
        if not lines or wide - 16 > left:
            lines.append([])
            left = room
        lines[-1].append(entry)
        left -= wide
    return lines


def stacked_key(lines: Sequence[Sequence[Entry]], y: float, x: float = 0.0) -> Layers:
    """Return layers that set the lines of a key, the last of them at height `y`."""
    return [
        layer
        for up, line in enumerate(reversed(lines))
        for layer in key(line, y - KEY_LINE * up, x)
    ]


def key_height(lines: Sequence[Sequence[Entry]]) -> int:
    """Return the pixels above the plot that the lines of a key need."""
    return KEY_HEIGHT + KEY_LINE * (len(lines) - 1) if lines else 0


def mark(properties: dict[str, Any]) -> dict[str, Any]:
    """Return mark properties without the type, as Altair's `mark_*` methods want them."""
    return {k: v for k, v in properties.items() if k != "type"}


@dataclass(frozen=True, slots=True)
class Upright:
    """A reference line's place in a plot: pixel from the left, and its label's pixel and tier."""

    line: Line
    at: float
    label_at: float
    tier: int


def uprights(
    lines: Sequence[Line],
    ends: tuple[float, float],
    width: float,
    *,
    room: tuple[float, float] = (0.0, 0.0),
) -> list[Upright]:
    """Place reference lines and stack those labels that would overlap.

    Parameters
    ----------
    lines
        Reference lines within the axis.
    ends
        Values at the left and the right end of the plot.
    width
        Plot width in pixels.
    room
        Pixels that a label may reach beyond the plot at its left and right.
    """
    taken: list[float] = []
    placed: list[Upright] = []
    for at, line in sorted(
        ((line.value - ends[0]) / (ends[1] - ends[0]) * width, line) for line in lines
    ):
        half = style.text_width(line.label, style.SMALL_SIZE) / 2
        centre = min(max(at, half - room[0]), width + room[1] - half)
        tier = next((t for t, end in enumerate(taken) if centre - half >= end + 8), len(taken))
        taken[tier:] = [centre + half, *taken[tier + 1 :]]
        placed.append(Upright(line, round(at, 1), round(centre, 1), tier))
    return placed


def upright_layers(placed: Sequence[Upright], height: float) -> Layers:
    """Return layers with vertical reference lines from above the plot to its foot."""
    layers: Layers = []
    for p in placed:
        base = alt.Chart(alt.InlineData(values=[{}]))
        layers.append(
            base.mark_rule(
                color=style.GREY, strokeWidth=1, strokeDash=[4, 3] if p.line.dashed else [1, 0]
            ).encode(x=alt.XValue(p.at), y=alt.YValue(0), y2=alt.Y2Value(height))
        )
        if p.line.label:
            look = style.labels("center", style.SMALL_SIZE, style.MUTED, text=p.line.label)
            layers.append(
                base.mark_text(**mark(look)).encode(
                    x=alt.XValue(p.label_at), y=alt.YValue(-8 - LINE_LABEL_HEIGHT * p.tier)
                )
            )
    return layers


def upright_room(placed: Sequence[Upright]) -> int:
    """Return the pixels above the plot that the labels need."""
    return LINE_LABEL_HEIGHT * (1 + max(p.tier for p in placed)) if placed else 0


def finish(
    layers: Layers, *, width: float, height: float, margins: tuple[int, int, int, int]
) -> alt.LayerChart:
    """Layer the marks over the rows, in a frame of exact size.

    Parameters
    ----------
    layers
        Marks, from back to front.
    width, height
        Plot size in pixels, margins excluded.
    margins
        Left, right, top and bottom margin in pixels.
    """
    chart = alt.layer(
        *layers,
        data=rows_data(),
        width=width,
        height=height,
        autosize=alt.AutoSizeParams(type="none"),
        padding=dict(zip(("left", "right", "top", "bottom"), margins, strict=True)),
        config=alt.Config(**style.config()),
    )
    assert isinstance(chart, alt.LayerChart)  # of several rows it would be facets
    return chart
