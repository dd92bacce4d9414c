"""docs/figures.md shows every figure, and what it shows is what its code draws."""

from __future__ import annotations

import inspect
import re
import struct
import types

import altair as alt
import pandas as pd
import pytest

from evalkit import figures
from scripts import gallery

TEXT = gallery.PAGE.read_text(encoding="utf-8")
KINDS = [name for name in figures.__all__ if isinstance(getattr(figures, name), figures.Figure)]


@pytest.fixture(scope="module")
def drawn() -> dict[str, alt.TopLevelMixin]:
    return dict(gallery.charts(TEXT))


def test_the_page_names_everything_the_gallery_offers() -> None:
    assert set(figures.__all__) <= set(re.findall(r"`?\b(\w+)\b`?", TEXT))
    assert len(KINDS) > 10


@pytest.mark.parametrize("name", KINDS)
def test_every_figure_has_a_section_that_calls_it_and_explains_its_columns(
    name: str, drawn: dict[str, alt.TopLevelMixin]
) -> None:
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    assert section is not None
    assert f"ek.figures.{name}(" in section[1]
    assert f"![{name}](images/figures/{name}.png)" in section[1]
    assert isinstance(drawn[name], alt.LayerChart)
    explained = set(re.findall(r"`(\w+)`", section[1].partition("```")[0]))
    assert required(name) <= explained


def required(name: str) -> set[str]:
    """The columns that a figure asks for, as it names them itself."""
    figure = getattr(figures, name)
    parameters = inspect.signature(figure).parameters.values()
    options = {p.name: "" for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty}
    frames = {"frame": pd.DataFrame({"unknown": [1]}), "geojson": figures.examples.boundaries(1)}
    given = [frames[p.name] for p in parameters if p.kind is not p.KEYWORD_ONLY]
    with pytest.raises(ValueError, match="缺少列：") as refusal:
        figure(*given, **options)
    return set(str(refusal.value).partition("：")[2].split("、"))


@pytest.mark.parametrize("name", KINDS)
def test_its_picture_is_as_large_as_what_the_code_draws(
    name: str, drawn: dict[str, alt.TopLevelMixin]
) -> None:
    content = (gallery.PICTURES / f"{name}.png").read_bytes()
    svg = figures.to_svg(drawn[name])
    size = [
        round(gallery.SCALE * float(re.search(rf'{side}="([0-9.]+)"', svg)[1]))  # type: ignore[index]
        for side in ("width", "height")
    ]
    assert list(struct.unpack(">II", content[16:24])) == pytest.approx(size, abs=2)


def test_pictures_stay_small_and_none_is_left_over() -> None:
    files = list(gallery.PICTURES.iterdir())
    assert {file.stem for file in files} == set(KINDS)
    assert sum(file.stat().st_size for file in files) < 1_000_000


def test_examples_are_frames_that_never_change() -> None:
    for name, make in vars(figures.examples).items():
        if isinstance(make, types.FunctionType) and name != "boundaries":
            assert make().equals(make()), name


@pytest.mark.parametrize("count", [3, 35, 120])
def test_a_chart_shows_itself_in_a_notebook(count: int) -> None:
    street = figures.examples.street(count).drop(columns="highlight")
    chart = figures.caterpillar(street)
    with alt.renderers.enable("svg"):
        shown = chart._repr_mimebundle_(None, None)
    assert shown == {"image/svg+xml": figures.to_svg(chart)}
    assert figures.caterpillar(street).to_dict() == chart.to_dict()
