"""A paper with a limit: set smaller where it has too many sheets, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest
import weasyprint

from evalkit.pages.press import printing, sheets
from evalkit.pages.press.planned import Page, Paper

PAPER = Paper("a/b.pdf", "x", "题", "", "", {}, {}, most=1)


def body(lines: int, setting: str) -> Page:
    text = "".join("<p>一行字</p>" for _ in range(lines))
    return Page(
        f'<html lang="zh-CN"><title>题</title><body class="{setting}">{text}</body></html>', {}
    )


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The settings that pages are laid out in, in order."""
    found: list[str] = []
    once = printing._set

    def counted(paper: Paper, page: Page, text: str) -> weasyprint.Document:
        found.append(text.split('<body class="')[1].split('"')[0])
        return once(paper, page, text)

    monkeypatch.setattr(printing, "_set", counted)
    return found


NOTICE = [
    "notice",
    "notice nearer",  # the same type, less white around it
    "notice nearer closer",
    "notice nearer closest",
]


def test_a_notice_that_fits_is_laid_out_once(tried: list[str]) -> None:
    assert len(printing.lay_out(PAPER, body(10, "notice")).pages) == 1
    assert tried == ["notice"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (29, NOTICE[:2]),
        (38, NOTICE[:3]),
        (42, NOTICE),
    ],
)
def test_a_notice_that_is_too_long_is_set_no_smaller_than_it_must_be(
    tried: list[str], lines: int, expected: list[str]
) -> None:
    assert len(printing.lay_out(PAPER, body(lines, "notice")).pages) == 1
    assert tried == expected


def test_where_no_setting_is_small_enough_the_fewest_sheets_are_taken(tried: list[str]) -> None:
    document = printing.lay_out(PAPER, body(200, "notice"))
    found = len(document.pages)
    assert len(tried) == len(NOTICE)
    counts = [len(printing._set(PAPER, body(200, s), body(200, s).text).pages) for s in [*tried]]
    assert found == min(counts) < counts[0]


def test_a_paper_without_a_limit_may_be_as_long_as_it_is(tried: list[str]) -> None:
    assert len(printing.lay_out(replace(PAPER, most=None), body(45, "notice")).pages) == 2
    assert tried == ["notice"]


def test_other_papers_are_set_more_densely_before_they_have_too_many(tried: list[str]) -> None:
    roomy = len(printing._set(PAPER, body(36, ""), body(36, "").text).pages)
    assert roomy == 2
    tried.clear()
    assert len(printing.lay_out(PAPER, body(36, "")).pages) == 1
    assert tried[:2] == ["", "close"]
    tried.clear()
    assert len(printing.lay_out(replace(PAPER, most=2), body(60, "")).pages) == 2
    assert tried == [""]


def test_sheets_too_many_weigh_more_than_empty_ones() -> None:
    full = printing._set(PAPER, body(200, "close"), body(200, "close").text)
    count = len(full.pages)
    assert sheets.faults(full, count)[0] == 0
    assert sheets.faults(full, count - 2)[0] == 2
    assert sheets.faults(full, None)[0] == 0
    assert (0, 0.5) < (1, 0.0)
    assert list(sheets.settings('<body class="notice closer">', crowded=True)) == []
