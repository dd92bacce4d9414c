"""Numbers as they are printed: what was rounded to them, and what 约、余、近、以上 make of them.

A printed number is a range. Rounding is known from its last digit; a word beside it says how much
less is known. What a word means is settled here once:

* 约、左右: rounded at the last digit that is not 0, so 约 500 is 450 to 550, and of shares at the
  tens at the most, so 约 100% is 95% to 105%;
* 余、多: at least that, and less than one more of that digit, so 500 余 is 500 to 600;
* 近: at most that, and more than one less of that digit, so 近 500 is 400 to 500;
* 以上、至少: at least that; 超过: more; 以内、至多: at most; 不足: less;
* 5 至 8: from the one to the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from evalkit import numerals
from evalkit.methods.ranges import Range

Fuzz = Literal[
    "", "about", "and_more", "nearly", "at_least", "above", "at_most", "below", "between"
]

BEFORE: tuple[tuple[str, Fuzz], ...] = (
    *((word, "about") for word in ("大约", "约为", "约", "大概", "上下")),
    *((word, "at_least") for word in ("不少于", "不低于", "至少", "最少")),
    *((word, "at_most") for word in ("不超过", "不多于", "不高于", "至多", "最多")),
    *((word, "nearly") for word in ("将近", "接近", "近")),
    *((word, "above") for word in ("超过", "突破", "高于", "多于", "大于", "逾", "超")),
    *((word, "below") for word in ("不足", "不到", "少于", "低于", "小于")),
)
AFTER: tuple[tuple[str, Fuzz], ...] = (
    *((word, "about") for word in ("左右", "上下")),
    *((word, "at_least") for word in ("及以上", "以上")),
    *((word, "at_most") for word in ("及以下", "以下", "以内", "之内")),
    *((word, "and_more") for word in ("有余", "余")),
)
MORE = "余多来"
"""Behind the digits, or behind 万: and some more."""

MEASURED = frozenset(
    {
        *("元", "分", "%", "‰", "米", "公里", "千米", "平方米", "平方公里", "公顷", "亩"),
        *("小时", "分钟", "秒", "吨", "公斤", "千克", "度"),
    }
)
"""What is measured and not counted: a whole number of it was rounded."""

ALIKE = {"名": "人", "位": "人", "个": ""}
"""What counts the same thing by another word; 个 counts anything."""

_TENS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_PARTS = {"%": (Fraction(1, 100), "%"), "‰": (Fraction(1, 1000), "‰")}
_POINTS = ("个百分点", "百分点")
_DIGITS = r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?"
_SHAPE = re.compile(
    rf"(?P<digits>{_DIGITS})(?:(?P<to>[-–—~～至到])(?P<second>{_DIGITS}))?"
    rf"(?P<more>[{MORE}]?)(?P<tens>[十百千]?[万亿]?|[十百千])(?P<again>[{MORE}]?)(?P<unit>.*)"
)
_WIDE = str.maketrans("０１２３４５６７８９．，％－−", "0123456789.,%--")
LONGEST_UNIT = 12
MOST_DIGITS = 15
"""Nobody counts further, and what is longer is no number but a code."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it is printed.

    Attributes
    ----------
    value, second : Fraction, Fraction or None
        What stands there, in units; the other end of 5 至 8.
    step : Fraction
        One more in the last digit that is printed.
    coarse : Fraction
        One more in the last digit that is not 0; of decimals in the last one, of shares ten at most.
    scale : Fraction
        One of what is printed, in units: 10,000 of 万, a hundredth of %.
    decimals : int
    unit : str
        What is counted, and 万 or % before it.
    noun : str
        The unit without 万: what can be added up.
    fuzz : str
        What a word beside it makes of it; empty where there is none.
    """

    text: str
    value: Fraction
    second: Fraction | None
    step: Fraction
    coarse: Fraction
    scale: Fraction
    decimals: int
    unit: str
    noun: str
    fuzz: Fuzz

    @property
    def is_bound(self) -> bool:
        """Whether a word leaves open more than rounding does."""
        return self.fuzz not in ("", "about")

    @property
    def is_measured(self) -> bool:
        """Whether it is of what is measured and not counted, such as 元."""
        return self.noun in MEASURED

    @property
    def is_share(self) -> bool:
        """Whether it is printed as parts of a hundred or a thousand."""
        return self.scale < 1

    def reach(self, *, counted: bool) -> Range:
        """Return the numbers that are printed like this.

        Parameters
        ----------
        counted : bool
            A whole number without 万, 亿 or % is exact; else it was rounded, as all others were.
        """
        one = Range.point(self.value)
        match self.fuzz:
            case "about":
                return Range.rounded(self.value, self.coarse)
            case "and_more":
                return Range(self.value, self.value + self.coarse, True, False)
            case "nearly":
                return Range(self.value - self.coarse, self.value, False, True)
            case "at_least" | "above":
                return Range(self.value, None, self.fuzz == "at_least")
            case "at_most" | "below":
                return Range(Fraction(0), self.value, True, self.fuzz == "at_most")
            case "between":
                return Range(self.value, self.second)
            case _:
                exact = counted and self.scale == 1 and self.decimals == 0
                return one if exact else Range.rounded(self.value, self.step)


@lru_cache(maxsize=1024)
def read_printed(text: str) -> Printed | None:
    """Read a printed number; None where it is none, or has its digits in words.

    Examples
    --------
    >>> found = read_printed("86.76 万元")
    >>> float(found.value), found.decimals, found.unit, found.noun
    (867600.0, 2, '万元', '元')
    >>> read_printed("500 余人").fuzz, read_printed("三千") is None
    ('and_more', True)
    """
    if re.search(r"[0-9０-９]\s+[0-9０-９]", text):
        return None
    bare = re.sub(r"\s", "", text).translate(_WIDE)
    fuzz: Fuzz = ""
    for word, meant in BEFORE:
        if bare.startswith(word):
            bare, fuzz = bare.removeprefix(word), meant
            break
    shape = _SHAPE.fullmatch(bare)
    if shape is None:
        return None
    digits, unit = numerals.unmarked(shape["digits"]), shape["unit"]
    second = numerals.unmarked(shape["second"]) if shape["second"] else None
    if digits is None or (shape["second"] and second is None):
        return None
    if max(len(re.sub("[^0-9]", "", part)) for part in (digits, second or "")) > MOST_DIGITS:
        return None
    told: list[Fuzz] = [fuzz] if fuzz else []
    if shape["more"] or shape["again"]:
        told.append("and_more")
    for word, meant in AFTER:
        if unit.endswith(word):
            unit = unit.removesuffix(word)
            told.append(meant)
            break
    if second is not None:
        told.append("between")
    if len(told) > 1 or re.search(r"[0-9=]|^[.,]", unit) or len(unit) > LONGEST_UNIT:
        return None
    return _printed(text, digits, second, shape["tens"], unit, told[0] if told else "")


def _printed(
    text: str, digits: str, second: str | None, tens: str, unit: str, fuzz: Fuzz
) -> Printed | None:
    scale, noun = Fraction(10) ** sum(_TENS[sign] for sign in tens), unit
    for sign, (part, name) in _PARTS.items():
        if unit.startswith(sign):
            scale, noun = scale * part, name
    if unit in _POINTS:
        scale, noun = scale * Fraction(1, 100), "%"
    noun = ALIKE.get(noun, noun)
    whole, _, decimal = digits.partition(".")
    decimals = len(decimal)
    bare = whole.lstrip("+-")
    zeros = len(bare) - len(bare.rstrip("0")) if bare.strip("0") and not decimal else 0
    value = Fraction(digits) * scale
    end = None if second is None else Fraction(second) * scale
    if end is not None and end < value:
        return None
    return Printed(
        text=text.strip(),
        value=value,
        second=end,
        step=Fraction(10) ** -decimals * scale,
        coarse=Fraction(10) ** ((min(zeros, 1) if scale < 1 else zeros) - decimals) * scale,
        scale=scale,
        decimals=decimals,
        unit=f"{tens}{unit}",
        noun=noun,
        fuzz=fuzz,
    )
