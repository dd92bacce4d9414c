"""The letters of a drawing, set apart from its shapes and drawn by the font engine itself.

The renderer of SVG opens the font file once a sign, a third of a millisecond each; for pictures of
every committee's charts that is more than everything else of a Word document. Where a drawing has
text of a kind that is not expected here, or signs that the font lacks, it is left to the renderer.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache, lru_cache

from lxml import etree
from PIL import Image, ImageColor, ImageDraw, ImageFont

_MOVED = re.compile(r"translate\((-?[\d.]+),(-?[\d.]+)\)")
_KNOWN = frozenset(
    {"text-anchor", "transform", "font-family", "font-size", "font-weight", "fill", "opacity"}
)
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}
_BLANK = re.compile("[ \t\r\n]+")
_NOBODYS = "\U0010fffd"
"""A sign that no font has."""


@dataclass(frozen=True, slots=True)
class Letters:
    """A text of a drawing: where its baseline is, in CSS pixels, and how it is set."""

    text: str
    x: float
    y: float
    anchor: str
    size: float
    families: str
    bold: bool
    colour: str
    opacity: float


def apart(svg: str) -> tuple[str, list[Letters]] | None:
    """Return a drawing without its letters, and these; None for what is left to the renderer."""
    root = etree.fromstring(svg.encode())
    found: list[Letters] = []
    for element in list(root.iter("{*}text")):
        letters = _letters(element)
        if letters is None or any(_lacks(_font(letters), sign) for sign in set(letters.text)):
            return None
        found.append(letters)
        element.text = ""
    return etree.tostring(root, encoding="unicode"), found


def draw(image: Image.Image, letters: list[Letters], scale: float) -> None:
    """Draw letters onto a picture that has so many pixels for each CSS pixel."""
    canvas = ImageDraw.Draw(image)
    for one in letters:
        font = _font(one, scale)
        if font is not None:
            place = (one.x * scale, one.y * scale)
            canvas.text(place, one.text, fill=_ink(one), font=font, anchor=one.anchor)


def _letters(element: etree._Element) -> Letters | None:
    if len(element) or set(map(str, element.attrib)) - _KNOWN:
        return None
    x = y = 0.0
    for parent in (element, *element.iterancestors()):
        if parent.get("transform") is None:
            continue
        moved = _MOVED.fullmatch(str(parent.get("transform")))
        if moved is None:
            return None
        x, y = x + float(moved[1]), y + float(moved[2])
    size = str(element.get("font-size", ""))
    anchor = _ANCHORS.get(str(element.get("text-anchor", "start")))
    fill = str(element.get("fill", ""))
    if not size.endswith("px") or anchor is None or not fill.startswith("#"):
        return None
    return Letters(
        text=_BLANK.sub(" ", element.text or "").strip(" "),
        x=x,
        y=y,
        anchor=anchor,
        size=float(size.removesuffix("px")),
        families=str(element.get("font-family", "")),
        bold=element.get("font-weight") == "bold",
        colour=fill,
        opacity=float(element.get("opacity", "1")),
    )


def _ink(letters: Letters) -> tuple[int, ...]:
    """Return the colour of letters on white."""
    ink = ImageColor.getrgb(letters.colour)[:3]
    return tuple(round(255 - (255 - part) * letters.opacity) for part in ink)


def _font(letters: Letters, scale: float = 1.0) -> ImageFont.FreeTypeFont | None:
    return _loaded(letters.families, letters.bold, letters.size * scale)


@lru_cache(maxsize=64)
def _loaded(families: str, bold: bool, size: float) -> ImageFont.FreeTypeFont | None:
    found = _file(families, bold)
    if found is None:
        return None
    path, index = found
    return ImageFont.truetype(path, size, index, layout_engine=ImageFont.Layout.BASIC)


@cache
def _file(families: str, bold: bool) -> tuple[str, int] | None:
    """Find the font file as the papers' own layout does; None where nobody can be asked."""
    asked = f"{families}:{'bold' if bold else 'regular'}"
    try:
        told = subprocess.run(
            ["fc-match", "-f", "%{file}|%{index}", asked],
            capture_output=True, text=True, check=True, timeout=20,
        ).stdout  # fmt: skip
        path, _, index = told.partition("|")
        ImageFont.truetype(path, 10, int(index))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return path, int(index)


def _lacks(font: ImageFont.FreeTypeFont | None, sign: str) -> bool:
    return font is None or (not sign.isspace() and _shape(font, sign) == _shape(font, _NOBODYS))


@lru_cache(maxsize=8192)
def _shape(font: ImageFont.FreeTypeFont, sign: str) -> bytes:
    return bytes(font.getmask(sign))
