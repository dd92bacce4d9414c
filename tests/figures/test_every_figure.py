"""What holds for every chart: it fits its frame, prints safely and comes out the same each time."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pandas as pd
import pypdf
import pytest
import vl_convert
import weasyprint

from evalkit import figures

from . import gallery, reading
from .gallery import Case

CASES = gallery.by_name()
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def svg_of(name: str) -> str:
    return CASES[name].drawn[0]


@every_case
def test_fast_svg_is_byte_for_byte_what_its_spec_draws(case: Case) -> None:
    spec = json.dumps(case.figure.spec(*case.arguments, **case.options))
    assert vl_convert.vegalite_to_svg(spec) == svg_of(case.name)


ONE_OF_EACH_KIND = {id(case.figure): case for case in reversed(CASES.values())}.values()


@pytest.mark.parametrize("case", ONE_OF_EACH_KIND, ids=lambda case: case.name)
def test_chart_draws_what_its_spec_draws(case: Case) -> None:
    assert figures.to_svg(case.chart()) == svg_of(case.name)


@every_case
def test_svg_has_nothing_that_weasyprint_gets_wrong_or_that_could_clash(case: Case) -> None:
    svg = svg_of(case.name)
    for forbidden in ("style=", "<mask", "<filter", "foreignObject", "paint-order", "<clipPath"):
        assert forbidden not in svg
    assert not re.search(r'\bid="|url\(#|href=|NaN|undefined|"null"', svg)


@every_case
def test_every_text_lies_inside_the_picture(case: Case) -> None:
    svg = svg_of(case.name)
    width, height = reading.size(svg)
    found = reading.texts(svg)
    assert width == case.options.get("width", 420 if case.figure is figures.slope else 680)
    assert found
    for text in found:
        assert text.left >= -1, text
        assert text.right <= width + 1, text
        assert text.size * 0.8 <= text.y <= height, text


@every_case
def test_input_frames_are_left_alone(case: Case) -> None:
    _, is_left_alone = case.drawn
    assert is_left_alone


SAMPLE = ("map", "tiles-3", "strip", "importance-performance", "caterpillar-6")


def digest(names: Iterable[str]) -> dict[str, str]:
    return {n: hashlib.sha256(CASES[n].svg().encode()).hexdigest() for n in names}


def test_another_process_draws_the_same_bytes_in_another_order() -> None:
    code = (
        "import json; from tests.figures.test_every_figure import SAMPLE, digest;"
        "print(json.dumps(digest(reversed(SAMPLE))))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
    )
    assert json.loads(other.stdout) == digest(SAMPLE)


def test_pdf_prints_every_name_without_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    chosen = [svg_of(n) for n in ("caterpillar-35", "tiles-35", "map", "distribution")]
    logging.getLogger("weasyprint").propagate = True
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        pdf = weasyprint.HTML(string="".join(chosen)).write_pdf()
    assert [r.getMessage() for r in caplog.records] == []
    words = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)
    for name in gallery.NAMES:
        assert name in words
    assert "非常满意45.2%" in words.replace(" ", "")


@pytest.mark.parametrize(
    "figure",
    [
        figures.caterpillar,
        figures.standings,
        figures.strip,
        figures.rank_intervals,
        figures.tile_grid,
    ],
    ids=["caterpillar", "standings", "strip", "rank_intervals", "tile_grid"],
)
def test_a_name_that_is_markup_stays_text(figure: figures.Figure[[pd.DataFrame]]) -> None:
    frame = gallery.street(6).assign(standing=0)
    frame.loc[5, "name"] = gallery.HOSTILE
    svg = figure.svg(frame)
    shown = "".join(t.text for t in reading.texts(svg))
    assert "<b>甲&乙\"丙' 丁</b>" in shown
    assert "<b>" not in svg


@pytest.mark.parametrize(
    ("figure", "column"),
    [
        (figures.caterpillar, "rank"),
        (figures.standings, "standing"),
        (figures.strip, "score"),
        (figures.tile_grid, "se"),
    ],
)
def test_a_missing_column_is_named(figure: figures.Figure[[pd.DataFrame]], column: str) -> None:
    with pytest.raises(ValueError, match=f"缺少列：{column}"):
        figure.svg(gallery.street(6).assign(standing=0).drop(columns=column))


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="为空"):
        figures.caterpillar(gallery.street(6).head(0))


def test_committees_that_share_a_layout_compile_it_once() -> None:
    from evalkit.figures import render

    frame = gallery.street(35)
    figures.caterpillar.svg(frame)
    before = render._unmeasured_vega.cache_info().misses
    drawn = {
        figures.caterpillar.svg(frame.assign(highlight=[i == k for i in range(35)]))
        for k in (1, 2, 3)
    }
    assert len(drawn) == 3
    assert render._unmeasured_vega.cache_info().misses - before <= 1
