"""A number is digits, a sign, a point; whatever else Python takes for one is none."""

from __future__ import annotations

import pytest

from evalkit import numerals


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7.0), (" 7.50 ", 7.5), ("-3", -3.0), ("+3", 3.0), ("８", 8.0), ("－１．５", -1.5), ("−2", -2.0), ("007", 7.0)],
)  # fmt: skip
def test_digits_of_either_width_are_numbers(text: str, value: float) -> None:
    assert numerals.number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "1_0", "nan", "inf", "-inf", "Infinity", "1e1", "0x1A", "1.", ".5", "1,2", "70%", "7,000", "①", "²",
        "٣", "十", "7分", "1 0", "--1", "9" * 400, "1d", "True",
    ],
)  # fmt: skip
def test_habits_of_programs_are_none(text: str) -> None:
    assert numerals.number(text) is None
    assert numerals.whole(text) is None


def test_percent_and_thousands_are_told_apart_from_other_texts() -> None:
    assert [numerals.mark(t) for t in ("70%", "７０％", "7,000", "1,234.5", "7", "a%")] == [
        "percent", "percent", "thousands", "thousands", None, None,
    ]  # fmt: skip
    assert [numerals.marked(t) for t in ("12.5 %", "1,234", "3", "1,2", "nan%")] == [
        12.5, 1234.0, 3.0, None, None,
    ]  # fmt: skip
