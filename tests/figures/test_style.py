from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise

import numpy as np
import pytest
from fontTools import ttLib
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from evalkit.figures import style
from evalkit.figures.lines import rank_ticks

from . import gallery, reading

values = st.floats(-1e6, 1e6).map(lambda v: round(v, 4))


@given(values, values)
def test_ticks_are_round_few_and_enclose(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    ticks = style.ticks(low, high)
    step = ticks[1] - ticks[0]
    slack = 1e-6 * step
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 7
    assert np.allclose(np.diff(ticks), step)
    mantissa = step / 10 ** np.floor(np.log10(step) + 1e-9)
    assert min(abs(mantissa - m) for m in (1, 2, 5)) < 1e-3


@given(st.lists(st.floats(0, 300), max_size=12), st.floats(1, 40))
def test_spread_keeps_order_gap_and_bounds(wanted: list[float], gap: float) -> None:
    placed = style.spread(wanted, gap, 0, 300)
    gap = min(gap, 300 / max(1, len(wanted) - 1))
    ordered = [p for _, p in sorted(zip(wanted, placed, strict=True), key=lambda pair: pair[1])]
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(ordered))
    assert all(-1e-6 <= p <= 300 + 1e-6 for p in placed)
    for i, a in enumerate(wanted):
        for j, b in enumerate(wanted):
            assert not (a < b and placed[i] > placed[j])


def test_spread_leaves_alone_what_is_far_apart() -> None:
    assert style.spread([250.0, 10.0, 120.0], 20, 0, 300) == [250.0, 10.0, 120.0]


@pytest.mark.parametrize(
    ("value", "plain", "signed"),
    [(1.25, "1.2", "+1.2"), (-0.04, "0.0", "0.0"), (0.04, "0.0", "0.0"), (-3.06, "−3.1", "−3.1")],
)
def test_numbers(value: float, plain: str, signed: str) -> None:
    assert style.number(value) == plain
    assert style.signed(value) == signed


def test_text_on_every_colour_has_the_contrast_of_wcag_aa() -> None:
    for palette in (
        style.SEQUENTIAL,
        style.DIVERGING,
        *(style.ramp(style.DIVERGING, n) for n in range(1, 9)),
    ):
        for colour in palette:
            assert style.contrast(colour, style.ink_on(colour)) >= 4.5, colour


def test_sequential_palette_darkens_step_by_step() -> None:
    lights = [style.luminance(c) for c in style.SEQUENTIAL]
    assert lights == sorted(lights, reverse=True)
    assert all(style.contrast(a, b) > 1.3 for a, b in pairwise(style.SEQUENTIAL))


def test_ramp_keeps_ends_and_length() -> None:
    for n in range(2, 8):
        ramp = style.ramp(style.DIVERGING, n)
        assert (ramp[0], ramp[-1], len(ramp)) == (style.DIVERGING[0], style.DIVERGING[-1], n)
    assert style.ramp(style.DIVERGING, 5) == style.DIVERGING


@pytest.mark.parametrize("last", [2, 3, 6, 9, 17, 35, 36, 120, 1000, 6000])
def test_rank_ticks_start_at_one_and_end_at_the_last(last: int) -> None:
    ticks = rank_ticks(last)
    assert (ticks[0], ticks[-1]) == (1.0, float(last))
    assert list(ticks) == sorted(set(ticks))
    assert len(ticks) <= 10


def installed_font() -> tuple[str, int]:
    matcher = shutil.which("fc-match")
    if matcher is None:
        pytest.skip("fc-match is not installed")
    command = [matcher, "-f", "%{file}|%{index}|%{family}", "Noto Sans CJK SC:style=Regular"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("|")
    if "CJK SC" not in found[2]:
        pytest.skip("Noto Sans CJK SC is not installed")
    return found[0], int(found[1])


@pytest.mark.parametrize(
    "text", ["东新路第二联合居民区筹备小组", "玉佛城\u2002 9", "87.9（84.4～91.4）", "Road 35/35"]
)
def test_estimated_width_is_never_below_the_set_width(text: str) -> None:
    path, index = installed_font()
    true = ImageFont.truetype(path, 100, index=index).getlength(text) / 100 * style.LABEL_SIZE
    assert true <= style.text_width(text, style.LABEL_SIZE) + 0.5
    assert style.text_width(text, style.LABEL_SIZE) <= 1.15 * true + 5


def test_the_font_has_every_character_that_the_charts_add() -> None:
    path, index = installed_font()
    has = ttLib.TTFont(path, fontNumber=index).getBestCmap()
    used = {
        c
        for case in gallery.by_name().values()
        for t in reading.texts(case.drawn[0])
        for c in t.text
    }
    assert {c for c in used if ord(c) not in has} == set()
    assert {style.GAP, style.MINUS} <= used
