"""The papers' typefaces without the signs that no paper uses: small enough to be cut down for each.

What is embedded in a PDF is cut out of a font; from Noto's 65,535 glyphs that takes as long as the
layout of a page, for each face of each paper. So everything but the signs of GB 2312 and of the
Latin alphabets is cut away once, with the metrics, features and outlines of what is left untouched.
Any other sign is taken from the font of the system, which stands next in the list of families.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from weasyprint.text.ffi import ffi, gobject, harfbuzz, harfbuzz_subset, pango
from weasyprint.text.fonts import FontConfiguration


@dataclass(frozen=True, slots=True)
class Family:
    """A family of the style sheet, and what its smaller copy is called.

    Attributes
    ----------
    own : str
    system : str
        The first name under which the style sheet and the charts ask for it.
    families : str
        All names under which it may be installed.
    weights : tuple of int
        Those in which papers are set.
    """

    own: str
    system: str
    families: str
    weights: tuple[int, ...]


FAMILIES = (
    Family("Papers Sans", "Noto Sans CJK SC", "Noto Sans CJK SC,Source Han Sans SC", (400, 700)),
    Family("Papers Serif", "Noto Serif CJK SC", "Noto Serif CJK SC,Source Han Serif SC", (700,)),
)
FEATURES = (b"tnum", b"lnum", b"pnum", b"palt", b"halt", b"fwid", b"hwid", b"pwid")
"""Features that are kept beside those that are always on."""
UPRIGHT = (b"vhea", b"vmtx", b"VORG")
"""Tables for text from top to bottom, which no paper has."""


@cache
def small() -> Mapping[str, tuple[Family, int, bytes]]:
    """Return the smaller fonts by an address; none where the font engine cannot cut or need not.

    A variable font is left to the system, since its weights are no faces of their own.
    """
    if not harfbuzz_subset:
        return {}
    configuration = FontConfiguration()
    found: dict[str, tuple[Family, int, bytes]] = {}
    for family in FAMILIES:
        for weight in family.weights:
            font, face = _face(configuration, family.families, weight)
            if _table(face, b"fvar") or not _table(face, b"cmap"):
                continue
            if content := _cut(face):
                found[f"face:{len(found) + 1}"] = (family, weight, content)
            del font
    return found


def faces(fonts: Mapping[str, tuple[Family, int, bytes]]) -> str:
    """Return the rules of a style sheet that make the smaller fonts known."""
    return "\n".join(
        f'@font-face {{ font-family: "{family.own}"; font-weight: {weight}; src: url("{address}") }}'
        for address, (family, weight, _) in fonts.items()
    )


def in_css(text: str, fonts: Mapping[str, tuple[Family, int, bytes]]) -> str:
    """Return a style sheet that asks for the smaller fonts first."""
    for own, system in _names(fonts):
        text = text.replace(f'"{system}"', f'"{own}", "{system}"')
    return text


def in_svg(text: str, fonts: Mapping[str, tuple[Family, int, bytes]]) -> str:
    """Return a drawing that asks for the smaller fonts first."""
    for own, system in _names(fonts):
        text = text.replace(f'font-family="{system}', f'font-family="{own}, {system}')
    return text


def _names(fonts: Mapping[str, tuple[Family, int, bytes]]) -> list[tuple[str, str]]:
    return sorted({(family.own, family.system) for family, _, _ in fonts.values()})


@cache
def signs() -> frozenset[int]:
    """Return the signs that papers use: GB 2312, Latin alphabets, punctuation, symbols.

    Examples
    --------
    >>> [ord(sign) in signs() for sign in "居é—"], ord("䶮") in signs()
    ([True, True, True], False)
    """
    ours = {*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x2000, 0x2800), *range(0x3000, 0x3040)}
    rows, cells = range(0xA1, 0xF8), range(0xA1, 0xFF)
    chinese = bytes(byte for row in rows for cell in cells for byte in (row, cell))
    return frozenset(ours) | frozenset(map(ord, chinese.decode("gb2312", "ignore")))


def _face(configuration: FontConfiguration, families: str, weight: int) -> tuple[Any, Any]:
    """Return the font that the layout takes, and its face, which lives as long as the font."""
    context = ffi.gc(
        pango.pango_font_map_create_context(configuration.font_map), gobject.g_object_unref
    )
    asked = ffi.gc(pango.pango_font_description_new(), pango.pango_font_description_free)
    names = ffi.new("char[]", families.encode())
    pango.pango_font_description_set_family(asked, names)
    pango.pango_font_description_set_weight(asked, weight)
    pango.pango_font_description_set_absolute_size(asked, 16 * 1024)
    font = ffi.gc(
        pango.pango_font_map_load_font(configuration.font_map, context, asked),
        gobject.g_object_unref,
    )
    return font, harfbuzz.hb_font_get_face(pango.pango_font_get_hb_font(font))


def _tag(name: bytes) -> int:
    return int(harfbuzz.hb_tag_from_string(name, -1))


def _table(face: Any, tag: bytes) -> int:
    """Return how long a table of a font is, in bytes."""
    blob = harfbuzz.hb_face_reference_table(face, _tag(tag))
    length = int(harfbuzz.hb_blob_get_length(blob))
    harfbuzz.hb_blob_destroy(blob)
    return length


def _cut(face: Any) -> bytes:
    """Return the part of a font that papers use; nothing where it cannot be cut."""
    asked = ffi.gc(
        harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy
    )
    _add(asked, harfbuzz_subset.HB_SUBSET_SETS_UNICODE, signs())
    _add(asked, harfbuzz_subset.HB_SUBSET_SETS_LAYOUT_FEATURE_TAG, map(_tag, FEATURES))
    _add(asked, harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG, map(_tag, UPRIGHT))
    cut = harfbuzz_subset.hb_subset_or_fail(face, asked)
    if not cut:
        return b""
    blob = harfbuzz.hb_face_reference_blob(ffi.gc(cut, harfbuzz.hb_face_destroy))
    length = ffi.new("unsigned int *")
    content = bytes(ffi.buffer(harfbuzz.hb_blob_get_data(blob, length), length[0]))
    harfbuzz.hb_blob_destroy(blob)
    return content


def _add(asked: Any, which: int, values: Iterable[int]) -> None:
    numbers = sorted(values)
    kept = harfbuzz_subset.hb_subset_input_set(asked, which)
    harfbuzz.hb_set_add_sorted_array(kept, ffi.new("hb_codepoint_t[]", numbers), len(numbers))
