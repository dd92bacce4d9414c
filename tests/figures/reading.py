"""Reads an SVG back: where its texts and shapes stand, in pixels of the whole chart."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from evalkit.figures import style

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Text:
    text: str
    x: float
    y: float
    size: float
    left: float
    right: float
    bold: bool


@dataclass(frozen=True)
class Mark:
    kind: str
    tag: str
    x: float
    y: float
    attributes: dict[str, str]


def _walk(
    node: ET.Element, x: float, y: float, kind: str
) -> Iterator[tuple[ET.Element, float, float, str]]:
    move = re.match(r"translate\(([-\d.e]+),([-\d.e]+)\)", node.get("transform", ""))
    if move:
        x, y = x + float(move[1]), y + float(move[2])
    kind = node.get("class", kind) if node.tag == f"{SVG}g" else kind
    yield node, x, y, kind
    for child in node:
        yield from _walk(child, x, y, kind)


def texts(svg: str) -> list[Text]:
    found = []
    for node, x, y, _ in _walk(ET.fromstring(svg), 0.0, 0.0, ""):
        if node.tag != f"{SVG}text":
            continue
        size = float(node.get("font-size", "0").removesuffix("px"))
        words = node.text or ""
        width = style.text_width(words, size)
        left = (
            x - {"start": 0.0, "middle": width / 2, "end": width}[node.get("text-anchor", "start")]
        )
        bold = node.get("font-weight") == "bold"
        found.append(Text(words, x, y, size, left, left + width, bold))
    return found


def marks(svg: str, kind: str) -> list[Mark]:
    """Return the marks of one Vega type (symbol, rule, rect, shape), axes left out."""
    return [
        Mark(k, node.tag.removeprefix(SVG), x, y, dict(node.attrib))
        for node, x, y, k in _walk(ET.fromstring(svg), 0.0, 0.0, "")
        if k.startswith(f"mark-{kind} role-mark") and node.tag != f"{SVG}g"
    ]


def size(svg: str) -> tuple[float, float]:
    root = ET.fromstring(svg)
    return float(root.get("width", "0")), float(root.get("height", "0"))


def axis_scale(svg: str) -> tuple[float, float]:
    """Return (slope, intercept) from pixel x to value, read off the x axis labels.

    Vega moves axes by half a pixel, so that their hairlines are crisp on screens.
    """
    labels = [
        (x - 0.5, float((node.text or "").replace(style.MINUS, "-")))
        for node, x, _, kind in _walk(ET.fromstring(svg), 0.0, 0.0, "")
        if kind.startswith("mark-text role-axis-label") and node.tag == f"{SVG}text"
    ]
    (x0, v0), (x1, v1) = labels[0], labels[-1]
    slope = (v1 - v0) / (x1 - x0)
    return slope, v0 - slope * x0
