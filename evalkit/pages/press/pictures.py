"""A drawing as a picture, for papers that cannot show SVG: few colours, small, on white."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache

import vl_convert
from PIL import Image

from evalkit.pages.press import lettering

SCALE = 2.0
"""Pixels of a picture for each CSS pixel of the drawing: some 220 to the inch on A4."""
COLOURS = 64
NEARLY_WHITE = 252
"""What the reduction of colours makes of paper, which is to be white."""

_SIZE = re.compile(r'<svg[^>]*? width="([0-9.]+)" height="([0-9.]+)"[^>]*>')


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and how large it is meant to be, in CSS pixels of 1/96 inch."""

    png: bytes
    width: float
    height: float


@lru_cache(maxsize=64)
def picture(svg: str) -> Picture:
    """Return a drawing as a picture; the same drawing is rendered once.

    Raises
    ------
    ValueError
        If the drawing does not say how large it is.
    """
    head = _SIZE.search(svg)
    if head is None:
        raise ValueError("a drawing without its size")
    found = lettering.apart(svg)
    shapes, letters = (svg, []) if found is None else found
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    start = shapes.index(">", shapes.index("<svg")) + 1
    png = vl_convert.svg_to_png(shapes[:start] + paper + shapes[start:], scale=SCALE)
    with Image.open(io.BytesIO(png)) as full:
        drawn = full.convert("RGB")
    lettering.draw(drawn, letters, SCALE)
    few = drawn.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = few.getpalette() or []
    few.putpalette([255 if part >= NEARLY_WHITE else part for part in palette])
    buffer = io.BytesIO()
    few.save(buffer, "PNG", compress_level=6)
    return Picture(buffer.getvalue(), float(head[1]), float(head[2]))
