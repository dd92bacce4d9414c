"""From a plan to bytes: what must not get through, and what must come out the same."""

from __future__ import annotations

import gc
import logging
from dataclasses import replace
from pathlib import Path

import jinja2
import pandas as pd
import pytest
import weasyprint
from weasyprint.urls import FatalURLFetchingError

from evalkit import assets
from evalkit.errors import RenderError
from evalkit.pages import diagnosis
from evalkit.pages.press import planned, printing
from evalkit.pages.press.planned import Chart, Page, Paper
from tests.pages.conftest import read, text_of, words
from tests.pages.synthetic import NAMES, Street
from tests.pages.synthetic import evaluation as made_up

BODY = "<html lang='zh-CN'><head><title>页</title></head><body>{}</body></html>"


def paper(**proof: str) -> Paper:
    return Paper("diagnosis/x1.pdf", "none", "页", "", "", {}, proof)


def lay_out(body: str, charts: dict[str, str] | None = None, **proof: str) -> weasyprint.Document:
    return printing.lay_out(paper(**proof), Page(BODY.format(body), charts or {}))


def finish(body: str, charts: dict[str, str] | None = None) -> bytes:
    document = lay_out(body, charts)
    with printing._listening(paper().path):
        return document.write_pdf()


# --- templates ---


def test_everything_is_escaped_in_every_template() -> None:
    environment = planned.environment()
    assert environment.autoescape is True
    for name in environment.list_templates(extensions=["j2"]):
        assert "|safe" not in Path(assets.templates() / name).read_text().replace(" ", "")


def test_every_template_compiles() -> None:
    environment = planned.environment()
    names = environment.list_templates(extensions=["j2"])
    assert "diagnosis.html.j2" in names
    for name in names:
        environment.get_template(name)


def test_an_undefined_variable_names_paper_and_template(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = diagnosis.plan(made_up(Street(count=3)), "CS001")
    short = {key: value for key, value in plan.context.items() if key != "wave"}
    with pytest.raises(RenderError, match=r"diagnosis/CS001\.pdf.*diagnosis\.html\.j2.*wave"):
        printing.fill(replace(plan, context=short))
    assert planned.environment().undefined is jinja2.StrictUndefined


NASTY = "<script>alert(1)</script>{{7*7}}{% if"


def test_a_name_is_never_markup_nor_template() -> None:
    street = made_up(Street(count=3, names=[NASTY, "A&B", '"引号"']))
    page = printing.fill(diagnosis.plan(street, "CS001"))
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "49" not in page.text.split("data-proof")[1][:80]
    pressed = printing.press(diagnosis.plan(street, "CS001"))
    assert words(NASTY) in text_of(pressed)
    assert words(NASTY) in words(read(pressed).metadata.title)


# --- resources ---


@pytest.mark.parametrize(
    "body",
    [
        "<img src='file:///etc/passwd' alt='x'>",
        "<img src='http://127.0.0.1:9/x.png' alt='x'>",
        "<img src='data:image/svg+xml,%3Csvg/%3E' alt='x'>",
        "<img src='chart:9' alt='x'>",
        "<link rel='stylesheet' href='file:///etc/passwd'>",
        "<style>@import url(file:///etc/passwd)</style>",
        "<style>body { background: url(file:///etc/passwd) }</style>",
        "<object data='file:///etc/passwd'></object>",
        "<a rel='attachment' href='file:///etc/passwd'>x</a><p>y</p>",
    ],
)
def test_a_page_can_fetch_nothing(body: str) -> None:
    with pytest.raises(RenderError, match=r"diagnosis/x1\.pdf"):
        finish(body)


def test_a_chart_can_fetch_nothing() -> None:
    inner = '<image href="file:///etc/passwd" width="5" height="5"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{inner}</svg>'
    with pytest.raises(RenderError, match=r"diagnosis/x1\.pdf"):
        finish("<img src='chart:1' alt='x'>", {"chart:1": svg})


def test_a_style_sheet_reads_only_its_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out.txt"
    inside.mkdir()
    (inside / "a.txt").write_text("a")
    outside.write_text("b")
    fetcher = printing.Shipped(inside)
    assert fetcher.fetch((inside / "a.txt").as_uri()).read() == b"a"
    for url in (outside.as_uri(), f"{inside.as_uri()}/../out.txt", "http://127.0.0.1:9/"):
        with pytest.raises(FatalURLFetchingError):
            fetcher.fetch(url)


# --- warnings, glyphs, proofs ---


def test_a_renderers_warning_fails_the_paper_by_name() -> None:
    with pytest.raises(RenderError, match=r"diagnosis/x1\.pdf.*no-such-property"):
        lay_out("<p style='no-such-property: 1'>x</p>")


def test_a_missing_glyph_is_named() -> None:
    lone = "\U000f0000"
    street = made_up(Street(count=3, names=["玉佛城", f"普{lone}雄", "西康"]))
    with pytest.raises(RenderError, match=r"diagnosis/CS002\.pdf.*U\+F0000.*fonts-noto-cjk"):
        printing.press(diagnosis.plan(street, "CS002"))


@pytest.mark.parametrize("character", ["㛃", "龘", "𠮷"])
def test_rare_characters_are_there(character: str) -> None:
    lay_out(f"<p>{character}<b>{character}</b></p>").write_pdf()


def test_a_proof_must_be_shown_and_nothing_else() -> None:
    lay_out("<p data-proof='id'>x1</p>", id="x1")
    with pytest.raises(RenderError, match="应为 x1，页面上是 x2"):
        lay_out("<p data-proof='id'>x2</p>", id="x1")
    with pytest.raises(RenderError, match="应为 x1，页面上是 没有"):
        lay_out("<p>x1</p>", id="x1")
    with pytest.raises(RenderError, match="未经核对"):
        lay_out("<p data-proof='rank'>x1</p>")


def test_a_proof_may_break_over_lines() -> None:
    name = "很长的名字" * 12
    lay_out(f"<p style='width: 40mm' data-proof='name'>{name}</p>", name=name)


def test_a_page_of_somebody_elses_numbers_fails() -> None:
    street = made_up(Street(count=5))
    own, other = (diagnosis.plan(street, s) for s in ("CS001", "CS002"))
    with pytest.raises(RenderError, match=r"diagnosis/CS001\.pdf"):
        printing.press(replace(own, context=other.context))


# --- state and bytes ---


def test_rendering_leaves_collector_and_logger_as_they_were() -> None:
    logger = logging.getLogger("weasyprint")
    before = (gc.isenabled(), logger.level, logger.propagate, list(logger.handlers))
    lay_out("<p>x</p>")
    with pytest.raises(RenderError):
        lay_out("<p style='no-such-property: 1'>x</p>")
    assert before == (gc.isenabled(), logger.level, logger.propagate, list(logger.handlers))


def test_the_same_plan_gives_the_same_bytes_whatever_came_between() -> None:
    street = made_up(Street(count=4, names=NAMES[:4]))
    plan = diagnosis.plan(street, "CS001")
    first = printing.press(plan).pdf
    printing.press(diagnosis.plan(street, "CS002"))
    assert printing.press(plan).pdf == first


def test_a_chart_is_drawn_from_its_plan() -> None:
    frame = pd.DataFrame({"name": ["甲"], "points": [1.0]})
    chart = Chart("contributions", frame, "构成", {"total": "合计"})
    assert "甲" in chart.svg()
    assert "合计" in chart.svg()
