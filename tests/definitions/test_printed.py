"""Printed numbers: what was rounded to them, and what the words beside them leave open."""

from __future__ import annotations

import pytest

from evalkit.definitions.printed import AFTER, BEFORE, read_printed

EXACT = [
    ("9,742", 9742, ""),
    ("９，７４２ 项", 9742, "项"),
    ("31,531 户", 31531, "户"),
    ("0", 0, ""),
    ("13 名", 13, "人"),
    ("24 个", 24, ""),
    ("-3", -3, ""),
]


@pytest.mark.parametrize(("text", "value", "noun"), EXACT)
def test_a_whole_number_of_things_is_exact(text: str, value: int, noun: str) -> None:
    found = read_printed(text)
    assert found is not None
    assert (found.value, found.noun, found.fuzz) == (value, noun, "")
    assert found.reach(counted=True).is_point


ROUNDED = [
    ("86.76 万元", 867_550, 867_650, "元"),
    ("94.69%", 0.94685, 0.94695, "%"),
    ("94.70", 94.695, 94.705, ""),
    ("2 万人次", 15_000, 25_000, "人次"),
    ("1.5 个百分点", 0.0145, 0.0155, "%"),
    ("3‰", 0.0025, 0.0035, "‰"),
    ("1.2 亿元", 115_000_000, 125_000_000, "元"),
    ("约 500", 450, 550, ""),
    ("约 9,740 项", 9735, 9745, "项"),
    ("300 人左右", 250, 350, "人"),
    ("约 94.70", 94.695, 94.705, ""),
    ("500 余人", 500, 600, "人"),
    ("1 万多户", 10_000, 20_000, "户"),
    ("10 余万", 100_000, 200_000, ""),
    ("3.5 万余人", 35_000, 36_000, "人"),
    ("近 3 万人", 20_000, 30_000, "人"),
    ("近 500", 400, 500, ""),
    ("约 100%", 0.95, 1.05, "%"),
    ("30 人以上", 30, None, "人"),
    ("超过 100 项", 100, None, "项"),
    ("不足 20 人", 0, 20, "人"),
    ("20 天以内", 0, 20, "天"),
    ("5 至 8 个", 5, 8, ""),
    ("30-40", 30, 40, ""),
]


@pytest.mark.parametrize(("text", "low", "high", "noun"), ROUNDED)
def test_a_printed_number_is_a_range(text: str, low: float, high: float | None, noun: str) -> None:
    found = read_printed(text)
    assert found is not None
    reach = found.reach(counted=True)
    assert float(reach.low or 0) == pytest.approx(low, rel=1e-12)
    assert (None if reach.high is None else float(reach.high)) == (
        None if high is None else pytest.approx(high, rel=1e-12)
    )
    assert found.noun == noun


def test_the_number_itself_counts_or_not_as_the_word_says() -> None:
    told = {
        text: found.reach(counted=True).holds(found.value)
        for text in ("30 以上", "超过 30", "30 以内", "不足 30", "30 余", "近 30", "约 30")
        if (found := read_printed(text)) is not None
    }
    assert told == {
        "30 以上": True,
        "超过 30": False,
        "30 以内": True,
        "不足 30": False,
        "30 余": True,
        "近 30": True,
        "约 30": True,
    }


def test_a_whole_number_that_was_divided_out_is_rounded() -> None:
    found = read_printed("445")
    assert found is not None
    reach = found.reach(counted=False)
    assert (float(reach.low or 0), float(reach.high or 0)) == (444.5, 445.5)


def test_every_word_is_understood() -> None:
    for word, meant in BEFORE:
        found = read_printed(f"{word} 30 人")
        assert found is not None, word
        assert found.fuzz == meant
    for word, meant in AFTER:
        found = read_printed(f"30 人{word}")
        assert found is not None, word
        assert found.fuzz == meant


@pytest.mark.parametrize(
    "text",
    [
        "三千",
        "几百",
        "若干",
        "1,2",
        "=SUM(A1:A3)",
        "约 500 余",
        "8 至 5",
        "12 人 3 户",
        "1 3 人",
        "5.",
        "",
        "1_0",
        "%",
    ],
)
def test_what_is_no_printed_number_is_none(text: str) -> None:
    assert read_printed(text) is None
