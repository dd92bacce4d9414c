"""Where words fit: lines of a name, the room inside an area, the words above and below a map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import geometry, style
from .classes import Area, Classes
from .geometry import Ring, Shape
from .render import Row

LEADING = 1.26
"""Height of a line by the size of its letters."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a map's words, pixels."""

    name: float = 9.5
    minor: float = 8.0
    value: float = 11.0
    title: float = 14.0
    zone: float = 12.0
    note: float = 10.0
    key: float = 10.0
    gap: float = 4.0
    hatch: float = 6.0


LARGE = Sizes()
SMALL = Sizes(
    name=8.0, minor=7.3, value=8.8, title=11.5, zone=9.0, note=8.2, key=8.2, gap=2.0, hatch=4.5
)
"""For several maps on one page; 7.3 pixels are 5.5 points, the smallest type of Chinese books."""
LEAST = 12.2
"""Pixels of 9 points, the smallest type of papers, and a little more: a figure may be shrunk to its column."""
NAMES = replace(LARGE, name=13.0, minor=LEAST, value=13.0, title=16.0, note=LEAST, key=16.0)
SMALL_NAMES = replace(
    SMALL, name=LEAST, minor=LEAST, value=LEAST, zone=LEAST, note=LEAST, title=LEAST, key=LEAST
)
"""Where areas bear no numbers there is room for names, and a key to be read at arm's length.

On a small map a name that does not fit is left out: the large one has it.
"""


# --- inside an area -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    """What is written on an area: lines over the value.

    Attributes
    ----------
    lines : tuple of str
        Above the value; may be empty.
    minor : bool
        Whether they are set small.
    value : str
        May be empty.
    numbered : bool
        Whether a number stands for the name.
    short : bool
        Whether a part of the name stands for it.
    """

    lines: tuple[str, ...]
    minor: bool
    value: str
    numbered: bool = False
    short: bool = False

    def size(self, sizes: Sizes) -> tuple[float, float]:
        """Return width and height in pixels."""
        letters = sizes.minor if self.minor else sizes.name
        wide = [style.text_width(line, letters) for line in self.lines]
        tall = LEADING * letters * len(self.lines)
        if self.value:
            wide.append(style.text_width(self.value, sizes.value))
            tall += LEADING * sizes.value
        return max(wide), tall


def labels(area: Area, sizes: Sizes, number: str, short: str = "") -> list[Label]:
    """Return the ways to label an area, best first: name, a short name, or a number, and value."""
    lines = dict.fromkeys(tuple(broken(area.name, count)) for count in (1, 2, 3, 4))
    found = [Label(own, minor, area.text) for minor in (False, True) for own in lines]
    if area.number:
        found += [Label((*own, area.text), True, "") for own in lines]
    elif area.mark:
        found += [Label((area.mark + own[0], *own[1:]), True, "") for own in lines]
    if short:
        found += [Label((short,), minor, area.text, short=True) for minor in (False, True)]
        found += [Label((area.mark + short,), True, "", short=True)]
    if number:
        found += [
            Label((number,), True, area.text, numbered=True),
            *([Label((number, area.text), True, "", numbered=True)] if area.text else []),
            Label((number,), True, "", numbered=True),
        ]
    elif area.text:
        found += [Label((), True, area.text), Label((area.text,), True, "")]
        found += [Label((area.mark,), True, "")] if area.mark else []
    return found


def shortened(names: Sequence[str]) -> dict[str, str]:
    """Return the two or three letters that stand for a name and no other; longer ones have none.

    Examples
    --------
    >>> shortened(["苏河一村", "苏河二村", "昌化新村", "澳门坊"])
    {'苏河一村': '苏河一', '苏河二村': '苏河二', '昌化新村': '昌化', '澳门坊': '澳门'}
    """
    found = {}
    for name in names:
        for length in (2, 3):
            start = name[:length]
            if len(name) > length and sum(other.startswith(start) for other in names) == 1:
                found[name] = start
                break
    return found


def broken(name: str, lines: int) -> list[str]:
    """Break a name into that many lines of about equal length."""
    length = max(1, math.ceil(len(name) / lines))
    parts = (name[i : i + length].strip() for i in range(0, len(name), length))
    return [part for part in parts if part]


def wrapped(name: str, room: float, size: float) -> list[str]:
    """Break a name into as few lines of about equal length as fit the room."""
    lines = max(1, math.ceil(style.text_width(name, size) / room))
    while lines < len(name):
        parts = broken(name, lines)
        if all(style.text_width(part, size) <= room for part in parts):
            return parts
        lines += 1
    return list(name)


def fitted(
    shape: Shape, boxes: Sequence[tuple[float, float]], margin: float = 1.0
) -> tuple[int, tuple[float, float]] | None:
    """Return the first box that fits inside the shape, and where its centre comes to lie.

    Parameters
    ----------
    shape
        In pixels.
    boxes
        Widths and heights, most wanted first.
    margin
        Pixels left free on all sides, at the least; five are preferred.
    """
    scans = [_Scan.of(p) for p in sorted(shape, key=lambda p: -abs(geometry.area(p[0])))]
    for place, (width, height) in enumerate(boxes):
        for free in (5.0, margin):
            for scan in scans:
                at = scan.centre(width + 2 * free, height + 2 * free)
                if at is not None:
                    return place, at
    return None


@dataclass(frozen=True, slots=True)
class _Scan:
    """A polygon as level stretches, the widest at each height."""

    step: float
    y: Ring
    left: Ring
    right: Ring
    middle: tuple[float, float]

    @classmethod
    def of(cls, polygon: list[Ring]) -> _Scan:
        low, high = float(polygon[0][:, 1].min()), float(polygon[0][:, 1].max())
        step = max(2.0, (high - low) / 60)
        y = np.arange(low + step / 2, high, step)
        stretches = [
            max(geometry.crossings(polygon, level), key=lambda s: s[1] - s[0], default=(0.0, 0.0))
            for level in y.tolist()
        ]
        ends = np.array(stretches, dtype=np.float64).reshape(-1, 2)
        return cls(step, y, ends[:, 0], ends[:, 1], geometry.centroid(polygon[0]))

    def centre(self, width: float, height: float) -> tuple[float, float] | None:
        """Return where a box fits, as near to the centroid as can be."""
        count = math.ceil(height / self.step)
        if count > len(self.y):
            return None
        left = sliding_window_view(self.left, count).max(axis=1)
        right = sliding_window_view(self.right, count).min(axis=1)
        fits = right - left >= width
        if not fits.any():
            return None
        y = sliding_window_view(self.y, count).mean(axis=1)
        x = np.clip(self.middle[0], left + width / 2, np.maximum(right, left + width) - width / 2)
        far = np.where(fits, np.hypot(x - self.middle[0], y - self.middle[1]), np.inf)
        best = int(np.argmin(far))
        return float(x[best]), float(y[best])


def written(area: Area, label: Label, at: tuple[float, float], sizes: Sizes) -> list[Row]:
    """Return a label's rows around a point, and the plate that keeps hatching off them."""
    width, height = label.size(sizes)
    rows: list[Row] = []
    if area.hatched or not area.known:
        rows.append(
            {
                "part": "plate",
                "id": area.id,
                "x": round(at[0] - width / 2 - 1, 1),
                "x2": round(at[0] + width / 2 + 1, 1),
                "y": round(at[1] - height / 2, 1),
                "y2": round(at[1] + height / 2, 1),
                "fill": area.fill,
            }
        )
    letters = sizes.minor if label.minor else sizes.name
    texts = [("minor" if label.minor else "name", letters, line) for line in label.lines]
    if label.value:
        texts.append(("value", sizes.value, label.value))
    y = at[1] - height / 2
    for part, size, text in texts:
        middle = y + LEADING * size / 2
        rows.append(
            {
                "part": part,
                "id": area.id,
                "x": round(at[0], 1),
                "y": round(middle, 1),
                "text": text,
                "ink": area.ink,
            }
        )
        y += LEADING * size
    return rows


# --- above and below ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Swatch:
    """An entry of the key beside the classes: a small area with its looks, and what they mean."""

    label: str
    fill: str
    ink: str
    hatched: bool
    known: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a map.

    Attributes
    ----------
    rows : list of Row
    swatches : list of (Swatch, x, y)
        Top left corners of the key's small areas, as high as its letters, 1.6 times as wide.
    height : float
        Pixels, with the gap below.
    """

    rows: list[Row]
    swatches: list[tuple[Swatch, float, float]]
    height: float


def head(
    classes: Classes, title: str, subtitle: str, extra: Sequence[Swatch], width: float, sizes: Sizes
) -> Head:
    """Set title and subtitle, the scale of classes below them, and swatches beside or below it."""
    rows: list[Row] = []
    y = 0.0
    for line in wrapped(style.clean(title), width, 1.05 * sizes.title):
        middle = y + LEADING * sizes.title / 2
        rows.append({**_text("title", 0.0, middle, line), "ink": style.INK})
        y += LEADING * sizes.title
    told, tall = foot(style.clean(subtitle).split(" "), width, sizes)
    rows += [{**row, "y": round(row["y"] + y, 1)} for row in told]
    y += tall + 3.0 if rows else 0.0
    scale, x = _scale(classes, y, sizes)
    rows += scale
    bottom = y + (2.4 if classes.key else 0.0) * sizes.note
    swatches: list[tuple[Swatch, float, float]] = []
    for swatch in extra:
        wide = 1.6 * sizes.key
        lines = wrapped(swatch.label, width - 1.25 * wide, sizes.key)
        room = 1.25 * wide + max(style.text_width(line, sizes.key) for line in lines)
        if x and x + room > width:
            x, y = 0.0, bottom + 0.3 * sizes.key
        swatches.append((swatch, round(x, 1), round(y, 1)))
        for place, line in enumerate(lines):
            middle = y + sizes.key / 2 + place * LEADING * sizes.key
            label = _text("key", x + 1.25 * wide, middle, line)
            rows.append({**label, "ink": style.INK if sizes.key > sizes.note else style.MUTED})
        x += room + 1.2 * sizes.key
        bottom = max(bottom, y + sizes.key + (len(lines) - 1) * LEADING * sizes.key)
    return Head(rows, swatches, bottom + 6 if rows else 0.0)


def _scale(classes: Classes, y: float, sizes: Sizes) -> tuple[list[Row], float]:
    """Return the classes as boxes side by side with their ends below, and where they end."""
    rows: list[Row] = []
    wide = max((style.text_width(label, sizes.note) for label, _ in classes.key), default=0.0) + 6
    for place, (label, colour) in enumerate(classes.key):
        rows += [
            {
                "part": "class",
                "x": round(place * wide, 1),
                "x2": round((place + 1) * wide, 1),
                "y": round(y, 1),
                "y2": round(y + sizes.note, 1),
                "fill": colour,
            },
            _text("tick", (place + 0.5) * wide, y + 1.75 * sizes.note, label),
        ]
    return rows, len(classes.key) * wide + 14 if rows else 0.0


def foot(items: Sequence[str], width: float, sizes: Sizes) -> tuple[list[Row], float]:
    """Return lines of items set from y = 0 downwards, and the height they take."""
    step = LEADING * sizes.note
    lines = wrapped_items(items, width, sizes.note)
    return [_text("note", 0.0, (k + 0.5) * step, line) for k, line in enumerate(lines)], (
        step * len(lines)
    )


def wrapped_items(items: Sequence[str], room: float, size: float) -> list[str]:
    """Set items one after the other, an en space between, breaking lines between items."""
    lines: list[str] = []
    for item in items:
        longer = f"{lines[-1]}{style.GAP}{item}" if lines else item
        if lines and style.text_width(longer, size) <= room:
            lines[-1] = longer
        elif item:
            lines += wrapped(item, room, size)
    return lines


def _text(part: str, x: float, y: float, text: str) -> Row:
    return {"part": part, "x": round(x, 1), "y": round(y, 1), "text": text, "ink": style.MUTED}
