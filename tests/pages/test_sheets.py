"""Papers fill their sheets: how empty one is, and which settings are tried."""

from __future__ import annotations

import pytest
import weasyprint

from evalkit.pages.press import printing, sheets
from evalkit.pages.press.planned import Page, Paper

PAPER = Paper("a/b.pdf", "x", "题", "", "", {}, {})


def body(text: str, density: str = "") -> Page:
    return Page(
        f'<html lang="zh-CN"><title>题</title><body class="{density}">{text}</body></html>', {}
    )


def block(percent: float) -> str:
    """A paragraph on a block of so many per cent of a sheet's height, its text at the foot."""
    return f'<div style="height: {percent * 2.6 - 6:.1f}mm"></div><p style="height: 6mm; margin: 0">字</p>'


def laid(text: str) -> weasyprint.Document:
    return weasyprint.HTML(string=text).render(
        stylesheets=[weasyprint.CSS(string="@page { size: 200mm 280mm; margin: 10mm }")]
    )


@pytest.mark.parametrize(
    ("heights", "expected"),
    [
        ((30,), 0.0),
        ((95, 60), 0.4 - sheets.LAST_SPARE),
        ((95, 10), 0.9 - sheets.LAST_SPARE),
        ((30, 95), 0.7 - sheets.SPARE),
    ],
)
def test_excess_is_how_much_emptier_than_allowed(
    heights: tuple[float, ...], expected: float
) -> None:
    pages = "".join(f'<div style="break-inside: avoid">{block(h)}</div>' for h in heights)
    document = laid(f'<body style="margin: 0">{pages}')
    assert len(document.pages) == len(heights)
    assert sheets.excess(document) == pytest.approx(expected, abs=0.02)


def test_nearest_settings_are_tried_first_and_none_twice() -> None:
    for own, first in (("", "close"), ("close", "close closer"), ("close closer", "close")):
        tried = [text.split('"')[1] for text in sheets.settings(f'<body class="{own}">', False)]
        assert tried[0] == first
        assert len({frozenset(text.split()) for text in [own, *tried]}) == len(tried) + 1 == 6


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("", ["close", "close closer", "close closer flowing"]),
        ("close", ["close closer", "close closer flowing"]),
        ("close closer", ["close closer flowing"]),
    ],
)
def test_of_too_many_sheets_only_denser_settings_are_tried(own: str, expected: list[str]) -> None:
    found = sheets.settings(f'<body class="{own}">', crowded=True)
    assert [text.split('"')[1] for text in found] == expected


@pytest.mark.parametrize("crowded", [True, False])
def test_a_page_of_its_own_setting_keeps_it(crowded: bool) -> None:
    assert list(sheets.settings('<body class="large">', crowded)) == []
    assert list(sheets.settings("<body>", crowded)) == []


def test_a_large_block_breaks_where_a_sheet_would_stay_empty() -> None:
    lines = "".join("<p>一行字</p>" for _ in range(34))
    text = f'{"".join("<p>前面的字</p>" for _ in range(16))}<div class="whole">{lines}</div>'
    plain = printing._set(PAPER, body(text), body(text).text)
    assert sheets.excess(plain) > 0
    document = printing.lay_out(PAPER, body(text))
    assert sheets.excess(document) <= 0


FULL, PART = 52, 42
"""Lines that fill two sheets, and that leave the second too empty."""


def test_what_fills_its_sheets_is_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[str] = []
    once = printing._set

    def counted(paper: Paper, page: Page, text: str) -> weasyprint.Document:
        laid_out.append(text)
        return once(paper, page, text)

    monkeypatch.setattr(printing, "_set", counted)
    for lines, pages in ((FULL, 2), (PART, 2)):
        laid_out.clear()
        page = body("".join("<p>一行字</p>" for _ in range(lines)))
        assert len(printing.lay_out(PAPER, page).pages) <= pages
        assert (len(laid_out) == 1) == (lines == FULL)
