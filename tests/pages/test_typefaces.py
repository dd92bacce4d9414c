"""The smaller fonts of the papers are the fonts of the system, without what nobody reads."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
from weasyprint.formatting_structure.boxes import TextBox

from evalkit.pages.press import printing, typefaces
from evalkit.pages.press.planned import Page, Paper

BODY = (
    '<html lang="zh-CN"><title>字</title><body><h1>居民区 7 号</h1><p>得分 71.3±2.4，“高于”街道 −1.5 ▼</p>'
    '<p><b>第 1 名</b>，①②，AVTo 100%{}</p><img src="chart:1" alt="图">'
)
CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><text x="9" y="30" font-size="12px"'
    ' font-family="Noto Sans CJK SC, sans-serif">图中的字</text></svg>'
)
PAPER = Paper("p.pdf", "", "字", "", "", {}, {})


def _placed(page: Page) -> list[tuple[str, float, float, float]]:
    document = printing._set(PAPER, page, page.text)
    boxes = [box for sheet in document.pages for box in sheet._page_box.descendants()]
    return [
        (box.text, box.position_x, box.position_y, box.width)
        for box in boxes
        if isinstance(box, TextBox)
    ]


def _fonts(page: Page) -> set[str]:
    reader = pypdf.PdfReader(io.BytesIO(printing.press(PAPER, page).pdf))
    found = reader.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    return {re.sub("^/[A-Z]+[+]", "", str(font.get_object()["/BaseFont"])) for font in found}


@pytest.mark.skipif(not typefaces.small(), reason="a font engine that cannot cut")
def test_text_stands_where_the_system_s_fonts_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(BODY.format("䶮"), {"chart:1": CHART})
    small = _placed(page)
    assert len(small) > 4
    printing._machine.cache_clear()
    monkeypatch.setattr(typefaces, "small", dict)
    try:
        assert _placed(page) == small
    finally:
        printing._machine.cache_clear()


@pytest.mark.skipif(not typefaces.small(), reason="a font engine that cannot cut")
def test_only_a_rare_sign_needs_the_whole_font() -> None:
    own = {"Papers-Sans", "Papers-Sans-Bold", "Papers-Serif-Bold"}
    assert _fonts(Page(BODY.format(""), {"chart:1": CHART})) == own
    whole = _fonts(Page(BODY.format("䶮"), {"chart:1": CHART})) - own
    assert len(whole) == 1
