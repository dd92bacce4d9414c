"""Type that people over fifty can read: what is promised is read out of laid-out papers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from weasyprint.formatting_structure.boxes import ReplacedBox, TextBox

from evalkit import assets
from evalkit.pages import diagnosis, notice, street, technical
from evalkit.pages.press import printing, sheets
from evalkit.pages.press.planned import Page, Paper
from tests.pages.streets_planned import planned
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up
from tests.pages.test_reply import asked, slip
from tests.pages.test_tasks import NEEDS, ticked

BODY, TABLE, NOTE, CHART = 11.0, 9.5, 9.0, 7.5
"""Points that text, tables, notes and the letters of charts have at least."""
NOTES = frozenset(
    [
        "small",
        "fine",
        "by",
        "term",
        "print",
        "why",
        "tag",
        "meta",
        "toc",
        "label",
        "detail",
        "unit",
        "figcaption",
        "caption",
    ]
)
"""Classes and elements of what stands beside: remarks, evidence, captions, legends."""
ROUND = 0.02


def sizes(box: Any, over: frozenset[str] = frozenset()) -> Iterator[tuple[float, float, str]]:
    """Yield how large every text on a sheet is, how large it has to be, and the text."""
    element = getattr(box, "element", None)
    if element is not None and not isinstance(element, str):
        over |= {element.tag, *(element.get("class") or "").split()}
    if isinstance(box, TextBox) and box.text.strip():
        margin = "body" not in over
        least = NOTE if margin or over & NOTES else TABLE if over & {"td", "th"} else BODY
        yield 0.75 * float(box.style["font_size"]), least, box.text
    for child in getattr(box, "children", ()):
        yield from sizes(child, over)


def letters(page: Page, sheet: Any) -> Iterator[tuple[float, float, str]]:
    """Yield how large the smallest letters of every chart on a sheet come out."""
    for box in sheet.descendants():
        svg = page.charts.get(box.element.get("src")) if isinstance(box, ReplacedBox) else None
        if svg:
            drawn = float(re.findall(r'<svg[^>]*? width="([\d.]+)', svg)[0])
            smallest = min(float(size) for size in re.findall(r'font-size[=:]"?\s*([\d.]+)', svg))
            yield 0.75 * smallest * box.width / drawn, CHART, box.element.get("alt")[:30]


def too_small(paper: Paper, setting: str = "") -> list[tuple[float, float, str]]:
    """Return what is smaller on a laid-out paper than promised."""
    page = printing.fill(paper)
    text = sheets._BODY.sub(f'<body class="{setting}"', page.text, count=1)
    document = printing._set(paper, page, text) if setting else printing.lay_out(paper, page)
    found = [
        told
        for sheet in document.pages
        for told in (*sizes(sheet._page_box), *letters(page, sheet._page_box))
    ]
    assert len({least for _, least, _ in found}) > 1
    return [told for told in found if told[0] < told[1] - ROUND]


DENSEST = f"{sheets.DENSITIES[-1]} {sheets.FLOWING}"


def test_report_and_note_keep_the_sizes_as_dense_as_they_get() -> None:
    made, _ = planned("three")
    assert too_small(street.plan(made), DENSEST) == []
    assert too_small(technical.plan(made), DENSEST) == []


@pytest.mark.parametrize(
    ("name", "subject"), [("ordinary", "CS006"), ("first wave", "CS004"), ("gaps", "CS003")]
)
def test_diagnoses_keep_the_sizes(name: str, subject: str) -> None:
    made, _ = planned(name)
    assert too_small(diagnosis.plan(made, subject)) == []


def test_the_chart_of_few_committees_in_their_first_wave_keeps_them() -> None:
    made = made_up(Street(count=9, waves=("2016",), mean=89.0))
    assert too_small(diagnosis.plan(made, "CS004")) == []


@pytest.mark.parametrize("count", [8, 20])
def test_the_slip_keeps_them_however_many_tasks_there_are(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    asked(monkeypatch, count, "把常办事项的材料清单印成一次告知单放在接待台" * 20)
    made, _ = planned("three")
    assert too_small(slip(made)) == []


@pytest.mark.parametrize("setting", ["notice", *(f"notice {own}" for own in sheets.SMALLER)])
def test_a_notice_keeps_them_in_every_setting(setting: str) -> None:
    made = ticked(made_up(Street(count=3, waves=("2016",), mean=80.0)), NEEDS)
    assert too_small(notice.plan_all(made)[0], setting) == []


def test_no_rule_of_the_papers_is_smaller_than_a_note_may_be() -> None:
    style = (assets.templates() / "style.css").read_text(encoding="utf-8")
    found = [float(size) for size in re.findall(r"font-size: ([\d.]+)pt", style)]
    assert len(found) > 50
    assert min(found) == NOTE
    assert not re.findall(r"font-size: [\d.]+(?!pt)[a-z%]", style)
