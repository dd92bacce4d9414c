"""One look for every chart: type, palette, sizes, number formats and tick positions."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from typing import Any

import altair as alt

FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
"""The first family is what prints; the others serve browsers that lack it."""

WIDTH = 680
"""Width of A4 text (180 mm) in CSS pixels at 96 dpi."""

LABEL_SIZE = 12
SMALL_SIZE = 11

INK = "#1f2933"
TEXT = "#3b4754"
MUTED = "#5f6b78"
GREY = "#808b97"
PALE = "#bcc4cc"
GRID = "#e6eaee"
WASH = "#e8f0f7"
WHITE = "#ffffff"
BLACK = "#000000"
ACCENT = "#155a8a"
BETTER = "#155a8a"
WORSE = "#b3541e"

SEQUENTIAL = ("#eff3f8", "#bdd7e7", "#6baed6", "#2171b5", "#08386f")
"""Five classes, light to dark, told apart by every common form of colour vision and in print."""

STANDINGS = ("#6aa5d0", "#e1e6ea", "#9a3f10")
"""High, not told apart, low: low is the darkest, not told apart the lightest, also in grey."""

KINDS = (
    "#6fa3c7",
    "#e0a458",
    "#7fb294",
    "#b79ac8",
    "#d98f6c",
    "#8c96a3",
    "#c9b458",
    "#d79bb3",
    "#4f8fa8",
    "#a7b86a",
)
"""Things of different kind, all with dark letters on them; a sign on each tells them apart in grey."""

DIVERGING = ("#14507d", "#6fa3c7", "#dde2e7", "#eab88a", "#b3541e")
"""Best to worst: blue over grey to orange, never red against green."""

MINUS = "\N{MINUS SIGN}"
GAP = "\N{EN SPACE}"
"""Sets words apart and pads digits: SVG keeps it, and the CJK fonts have it, unlike U+2007."""


def config() -> dict[str, Any]:
    """Return the Vega-Lite configuration that every chart carries."""
    return {
        "font": FONT,
        "background": "transparent",
        "aria": False,
        "view": {"stroke": None},
        "axis": {
            "domain": False,
            "ticks": False,
            "grid": True,
            "gridColor": GRID,
            "labelColor": MUTED,
            "labelFontSize": SMALL_SIZE,
            "tickRound": False,
            "labelPadding": 5,
            "labelLimit": 0,
            "titleColor": MUTED,
            "titleFontSize": SMALL_SIZE,
            "titleFontWeight": "normal",
            "titlePadding": 6,
            "titleLimit": 0,
        },
    }


def ramp(colours: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Return `count` colours spread evenly over `colours`, both ends kept, mixed where needed."""
    if count <= 1:
        return colours[:count]
    last = len(colours) - 1
    return tuple(_mixed(colours, last * i / (count - 1)) for i in range(count))


def _mixed(colours: tuple[str, ...], position: float) -> str:
    index = min(int(position), len(colours) - 2)
    share = position - index
    pair = zip(_channels(colours[index]), _channels(colours[index + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pair)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def luminance(colour: str) -> float:
    """Return the relative luminance (0 black to 1 white) of a `#rrggbb` colour, as in WCAG 2."""
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (v / 255 for v in _channels(colour))
    )
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio (1 to 21) of two colours, as in WCAG 2.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 6)
    21.0
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """Return the ink for text on a background: contrast 4.5 or more, dark ink if it will do."""
    return max((INK, WHITE, BLACK), key=lambda ink: (min(contrast(ink, colour), 4.5), ink == WHITE))


def clean(value: object) -> str:
    r"""Return a text fit for SVG: control characters and line breaks become spaces.

    Examples
    --------
    >>> clean("澳门\n新村")
    '澳门 新村'
    """
    text = "".join(
        " " if unicodedata.category(c) in {"Cc", "Cs", "Cn", "Zl", "Zp"} else c for c in str(value)
    )
    return " ".join(text.split())


def text_width(text: str, size: float = LABEL_SIZE) -> float:
    """Return the approximate width of `text` in pixels, set at `size` pixels."""
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WFA")
    return size * (wide + 0.58 * (len(text) - wide))


def column(texts: Iterable[str], size: float = LABEL_SIZE, *, least: int = 0) -> int:
    """Return a column width in pixels that holds every text, in steps of 8 so that specs repeat."""
    widest = max((text_width(t, size) for t in texts), default=0.0)
    return max(least, 8 * math.ceil(widest / 8))


def number(value: float, decimals: int = 1) -> str:
    """Return a number with fixed decimals and a true minus sign; what rounds to 0 has no sign.

    Examples
    --------
    >>> number(-1.25), number(-0.04), number(2, 0)
    ('−1.2', '0.0', '2')
    """
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def signed(value: float, decimals: int = 1) -> str:
    """Return a number with its sign, `+` included; what rounds to 0 has no sign.

    Examples
    --------
    >>> signed(1.5), signed(-1.5), signed(0.01)
    ('+1.5', '−1.5', '0.0')
    """
    text = number(value, decimals)
    return text if text.startswith(MINUS) or float(text) == 0 else f"+{text}"


def ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Return round tick values whose first and last enclose `low` and `high`.

    Parameters
    ----------
    low, high
        Ends of the data, finite, `low <= high`.
    count
        Wanted number of steps; the result has between half and about twice as many.

    Examples
    --------
    >>> ticks(61, 98)
    (60.0, 70.0, 80.0, 90.0, 100.0)
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("坐标轴需要有限的数值")
    spread = high - low or max(abs(high), 1.0) * 0.1
    power = 10.0 ** math.floor(math.log10(spread / count))
    step = next(power * m for m in (1, 2, 5, 10) if spread / (power * m) <= count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(i * step, 10) for i in range(first, max(last, first + 1) + 1))


def spread(positions: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move positions apart so that neighbours keep `gap`, staying near where they were.

    Parameters
    ----------
    positions
        Wanted positions, any order.
    gap
        Least distance between two; shrunk where `high - low` is too small for all of them.
    low, high
        Ends that no position may pass.
    """
    if not positions:
        return []
    gap = min(gap, (high - low) / max(1, len(positions) - 1))
    order = sorted(range(len(positions)), key=lambda i: (positions[i], i))
    blocks: list[list[float]] = []
    for rank, i in enumerate(order):
        blocks.append([positions[i] - rank * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            last, before = blocks.pop(), blocks.pop()
            total = before[1] + last[1]
            blocks.append([(before[0] * before[1] + last[0] * last[1]) / total, total])
    bases = [base for base, size in blocks for _ in range(int(size))]
    top = high - (len(order) - 1) * gap
    moved = [0.0] * len(positions)
    for rank, i in enumerate(order):
        moved[i] = min(max(bases[rank], low), top) + rank * gap
    return moved


def labels(
    align: str = "left", size: float = LABEL_SIZE, colour: str = TEXT, **more: Any
) -> dict[str, Any]:
    """Return properties of a text mark, centred on its y whatever the viewer's font metrics."""
    return {
        "type": "text",
        "align": align,
        "baseline": "alphabetic",
        "dy": round(0.36 * size, 1),
        "font": FONT,
        "fontSize": size,
        "color": colour,
        **more,
    }


def axis(title: str | None, values: tuple[float, ...], **more: Any) -> alt.Axis:
    """Return an axis with the given tick values."""
    return alt.Axis(
        title=title,
        values=list(values),
        format=".4~f",
        labelFlush=False,
        labelOverlap=False,
        **more,
    )
