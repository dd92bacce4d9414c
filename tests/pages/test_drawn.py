"""A drawing as the layout takes it: every change by hand."""

from __future__ import annotations

import pytest
from lxml import etree

from evalkit.pages.press import drawn, typefaces

FONT = 'font-family="Noto Sans CJK SC, sans-serif"'
CUT = pytest.mark.skipif(not typefaces.small(), reason="a font engine that cannot cut")


def marks(inside: str) -> list[dict[str, str]]:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g fill="none">{inside}</g></svg>'
    root = etree.fromstring(drawn.lighter(svg).encode())
    return [{str(name): str(value) for name, value in e.attrib.items()} for e in root[0]]


def text(more: str, content: str = "居民") -> str:
    return f'<text transform="translate(100,7)" {FONT} font-size="12px" {more}>{content}</text>'


@CUT
@pytest.mark.parametrize(
    ("anchor", "x"), [("start", "100"), ("middle", "88"), ("end", "76")]
)  # two signs of 12 pixels
def test_letters_begin_where_their_anchor_put_them(anchor: str, x: str) -> None:
    (found,) = marks(text(f'text-anchor="{anchor}" fill="#111111"'))
    assert (found["x"], found["y"], "text-anchor" in found) == (x, "7", False)
    assert found["font-family"].startswith("Papers Sans, Noto Sans CJK SC")


def test_letters_that_the_smaller_font_lacks_keep_their_anchor() -> None:
    (found,) = marks(text('text-anchor="middle"', "䶮"))
    assert (found["text-anchor"], found["transform"]) == ("middle", "translate(100,7)")


def test_transparency_is_given_to_a_single_ink_only() -> None:
    line, both, solid = marks(
        '<line stroke="#111111" opacity="0.5"/><path fill="#111111" stroke="#222222" opacity="0.5"/>'
        '<rect fill="#111111" opacity="1"/>'
    )
    assert line == {"stroke": "#111111", "stroke-opacity": "0.5"}
    assert both["opacity"] == "0.5"
    assert solid == {"fill": "#111111"}


def test_what_paints_nothing_goes_and_what_paints_stays() -> None:
    found = marks(
        '<path class="background" d="M0,0h1v1h-1Z"/><path class="background" fill="#111111" d="M0,0h1"/>'
        '<path d="M0,0h1" display="none" fill="#111111"/><g role="graphics-object" transform="translate(0,0)"/>'
    )
    assert found == [{"fill": "#111111", "d": "M0,0h1"}, {}]
