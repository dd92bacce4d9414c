"""A drawing as a picture, for papers that cannot show SVG: few colours, small, on white."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache

import vl_convert
from PIL import Image

SCALE = 2.0
"""Pixels of a picture for each CSS pixel of the drawing: some 220 to the inch on A4."""
COLOURS = 64

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
    paper = f'{head[0]}<rect width="100%" height="100%" fill="#ffffff"/>'
    png = vl_convert.svg_to_png(svg[: head.start()] + paper + svg[head.end() :], scale=SCALE)
    with Image.open(io.BytesIO(png)) as full:
        few = full.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    buffer = io.BytesIO()
    few.save(buffer, "PNG", compress_level=9)
    return Picture(buffer.getvalue(), float(head[1]), float(head[2]))
