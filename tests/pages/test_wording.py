from __future__ import annotations

import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.pages.press import wording as say


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("value", [None, math.nan, pd.NA])
@pytest.mark.parametrize(
    "write", [say.fixed, say.signed, say.score, say.percent, say.chance, say.place, say.count]
)
def test_a_missing_value_is_a_dash(write, value) -> None:
    assert write(value) == "—"


@pytest.mark.parametrize(
    ("value", "written"),
    [(83.44, "83.4"), (-0.3, "−0.3"), (-0.04, "0.0"), (0.0, "0.0"), (100.0, "100.0")],
)
def test_fixed(value: float, written: str) -> None:
    assert say.fixed(value) == written


@pytest.mark.parametrize(("value", "written"), [(2.12, "+2.1"), (-2.1, "−2.1"), (0.04, "0.0")])
def test_signed(value: float, written: str) -> None:
    assert say.signed(value) == written


CUTS = (90.0, 85.0, 75.0, 60.0, 0.0)


@pytest.mark.parametrize(
    ("value", "written"), [(89.97, "89.97"), (89.94, "89.9"), (90.0, "90.0"), (84.9996, "84.9996")]
)
def test_a_score_below_a_cut_off_is_never_printed_as_having_reached_it(value, written) -> None:
    assert say.score(value, CUTS) == written


@given(st.floats(0, 100))
def test_a_printed_score_has_the_grade_of_the_score(value: float) -> None:
    printed = float(say.score(value, CUTS))
    if min(abs(value - c) for c in CUTS) > 1e-8:
        assert [printed >= c for c in CUTS] == [value >= c for c in CUTS]


def test_ranks_and_moves() -> None:
    assert plain(say.place(7)) == "第 7 名"
    assert plain(say.places(3, 17)) == "第 3–17 名"
    assert plain(say.places(4, 4)) == "第 4 名"
    assert plain(say.moved(-13)) == "上升 13 名"
    assert say.moved(0) == "名次不变"
    assert plain(say.moves(-16, 3)) == "上升 16 名至下降 3 名"
    assert plain(say.moves(-16, -3)) == "上升 3–16 名"
    assert plain(say.moves(2, 9)) == "下降 2–9 名"
    assert plain(say.moves(-5, 0)) == "上升 5 名至名次不变"


def test_counts_below_the_minimum_are_not_told() -> None:
    assert say.count(9, 10) == "<10"
    assert say.count(10, 10) == "10"
    assert say.count(0, 10) == "0"
    assert say.count(1790) == "1,790"


def test_a_probability_never_claims_certainty() -> None:
    assert say.chance(1.0) == ">99%"
    assert say.chance(0.0) == "<1%"
    assert say.chance(0.62) == "62%"
    assert say.likely(1.0) == "99% 以上"
    assert say.p_value(1e-9) == "<0.001"


def test_a_growth_is_a_percentage_with_two_decimals() -> None:
    assert say.percent(10 / 18, 2) == "55.56%"


def test_names_stay_on_their_line_the_longest_first_and_only_short_ones() -> None:
    long = "长寿路街道第一居民区联合党总支部服务站"
    names = ("玉佛", "玉佛城", "玉佛城二村", "梧桐里", "A&B苑", long)
    marked = str(say.together(f"玉佛城二村、玉佛城、梧桐里、A&B苑、{long}", names))
    kept = re.findall(r'<span class="together">([^<]*)</span>', marked)
    assert kept == ["玉佛城二村", "玉佛城", "梧桐里", "A&amp;B苑"]
    assert str(say.together("比上次，2015年度")).count("together") == 2


def test_together_escapes_first() -> None:
    marked = say.together(f"<b>有 4 个，{say.places(3, 17)}，81.2–85.6")
    assert "<b>" not in marked
    assert marked.count('<span class="together">') == 3
