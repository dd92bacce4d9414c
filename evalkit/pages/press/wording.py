"""How numbers are written on Chinese pages. Missing values are a dash, never 0 or nan."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import pandas as pd
from jinja2 import pass_context
from markupsafe import Markup, escape

from evalkit.codes import ChangeVerdict, Comparison, OwnChange

MISSING = "—"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
SPACE = "\N{NO-BREAK SPACE}"
"""Between a numeral and its measure word, so that a line never breaks there."""

UNKNOWN_P = 0.001
"""Smaller p-values are written as smaller than this."""

PLAIN: Mapping[str, str] = {
    Comparison.LEVEL: "尚看不出差别",
    ChangeVerdict.SAME: "尚看不出变化",
    OwnChange.SAME: "尚看不出变化",
}
"""What is not sure, in words that nobody takes for "there is none"; the files hold the code."""


def plainly(verdict: object) -> str:
    """Return a verdict as it stands on a page."""
    return PLAIN.get(str(verdict), str(verdict))


def missing(value: object) -> bool:
    """Tell whether a value is None, NaN or NA."""
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def fixed(value: Any, decimals: int = 1) -> str:
    """Write a number with fixed decimals and a true minus; what rounds to 0 has no sign."""
    if missing(value):
        return MISSING
    text = f"{float(value):.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def coarse(value: Any, decimals: int = 1) -> float:
    """Return a number as exact as it is printed, for what a page sorts and draws by."""
    return round(float(value), decimals)


def signed(value: Any, decimals: int = 1) -> str:
    """Write a number with its sign; what rounds to 0 has none."""
    text = fixed(value, decimals)
    bare = text == MISSING or text.startswith(MINUS) or float(text) == 0
    return text if bare else f"+{text}"


def score(value: Any, cutoffs: Sequence[float] = ()) -> str:
    """Write a score with one decimal; with more where rounding would cross a grade's cut-off.

    Grades are cut on unrounded scores: 89.97 is below 90 and must not be printed as 90.0.
    """
    if missing(value):
        return MISSING
    number = float(value)
    for decimals in range(1, 9):
        rounded = float(f"{number:.{decimals}f}")
        if all((number >= c) == (rounded >= c) for c in cutoffs):
            return fixed(number, decimals)
    return fixed(number, 9)


def interval(low: Any, high: Any, decimals: int = 1) -> str:
    """Write both ends of an interval: ``81.2–85.6``."""
    if missing(low) or missing(high):
        return MISSING
    join = DASH if float(low) >= 0 else " 至 "
    return f"{fixed(low, decimals)}{join}{fixed(high, decimals)}"


def percent(share: Any, decimals: int = 0) -> str:
    """Write a share (0 to 1, or beyond) as a percentage."""
    return MISSING if missing(share) else f"{fixed(100 * float(share), decimals)}%"


def chance(probability: Any) -> str:
    """Write a probability as a percentage that never claims certainty."""
    if missing(probability):
        return MISSING
    p = float(probability)
    if p > 0.99:
        return ">99%"
    return "<1%" if p < 0.01 else percent(p)


def likely(probability: Any) -> str:
    """Write a probability inside a sentence."""
    text = chance(probability)
    return {">99%": "99% 以上", "<1%": "不到 1%"}.get(text, text)


def probable(probability: Any) -> str:
    """Write a probability behind 可能性: ``为 5%``, ``不到 1%``."""
    text = likely(probability)
    return text if text.startswith("不到") else f"为 {text}"


def p_value(value: Any) -> str:
    """Write a p-value with three decimals."""
    if missing(value):
        return MISSING
    return f"<{UNKNOWN_P:g}" if float(value) < UNKNOWN_P else fixed(value, 3)


def place(rank: Any) -> str:
    """Write a rank: ``第 7 名``."""
    return MISSING if missing(rank) else f"第{SPACE}{int(rank)}{SPACE}名"


def places(low: Any, high: Any) -> str:
    """Write a set of ranks: ``第 3–17 名``; one rank where both ends agree."""
    if missing(low) or missing(high):
        return MISSING
    if int(low) == int(high):
        return place(low)
    return f"第{SPACE}{int(low)}{DASH}{int(high)}{SPACE}名"


def count(n: Any, minimum: int = 0) -> str:
    """Write a number of answers; below the minimum that may be published only that it is below."""
    if missing(n):
        return MISSING
    if 0 < int(n) < minimum:
        return f"<{minimum}"
    return f"{int(n):,}"


def moved(change: Any) -> str:
    """Write a rank change (negative = up): ``上升 13 名``, ``下降 2 名``, ``名次不变``."""
    if missing(change):
        return MISSING
    places_moved = int(change)
    if places_moved == 0:
        return "名次不变"
    return f"{'上升' if places_moved < 0 else '下降'}{SPACE}{abs(places_moved)}{SPACE}名"


def moves(low: Any, high: Any) -> str:
    """Write a set of rank changes (negative = up): ``上升 16 名至下降 3 名之间``."""
    if missing(low) or missing(high):
        return MISSING
    if int(low) == int(high):
        return moved(low)
    ends = [moved(low), moved(high)]
    if ends[0][:2] == ends[1][:2] and "不变" not in ends:
        return f"{ends[0][:2]}{SPACE}{'–'.join(sorted_ends(low, high))}{SPACE}名"
    return f"{ends[0]}至{ends[1]}"


def sorted_ends(low: Any, high: Any) -> tuple[str, str]:
    """Return the absolute values of both ends, smaller first."""
    a, b = sorted((abs(int(low)), abs(int(high))))
    return str(a), str(b)


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors an interval of that confidence reaches to either side."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def margin(se: Any, confidence: float) -> str:
    """Write half an interval behind its sign: ``± 2.4``."""
    return MISSING if missing(se) else f"± {fixed(normal_quantile(confidence) * float(se))}"


def joined(parts: Iterable[str], limit: int | None = None, unit: str = "个") -> str:
    """Join names with the Chinese enumeration comma; beyond the limit say how many there are."""
    names = list(parts)
    if limit is not None and len(names) > limit:
        return f"{'、'.join(names[:limit])}等 {len(names)} {unit}"
    return "、".join(names)


def unpunctuated(text: str) -> str:
    """Return a question without its final punctuation, to be set inside a sentence."""
    return text.rstrip("。？！?!")


def quoted(name: str) -> str:
    """Set a name of an indicator or dimension in Chinese quotation marks."""
    return f"“{name}”"


_TOGETHER = re.compile(
    rf"(?:并列)?(?:第|上升|下降){SPACE}[\d{DASH}]+{SPACE}名"
    rf"|[+{MINUS}]?\d[\d.,]*%? [\u4e00-\u9fff]"
    r"|\d{4}年度|比上次"
    rf"|[\d.,]+{DASH}[\d.,]+"
)
"""Ranks, numbers with their measure words, years, and ranges."""


LONGEST_NAME = 8
"""Signs of a name that is kept on one line; in a longer one a break does less harm than a gap."""


def together(text: str, names: tuple[str, ...] = ()) -> Markup:
    """Escape a sentence and keep what belongs together in it from breaking over two lines.

    Parameters
    ----------
    names : tuple of str
        Names that are kept on a line where they are short.
    """
    pattern = _kept_together(names)
    return Markup(pattern.sub(r'<span class="together">\g<0></span>', str(escape(text))))


@pass_context
def _with_names(context: Mapping[str, Any], text: str) -> Markup:
    """Do so with the names that a page has in its context; it may have none."""
    return together(text, context.get("names") or ())


@lru_cache(maxsize=32)
def _kept_together(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return what is kept together: names, the longest first, then numbers with what they count."""
    short = sorted({n for n in names if 2 < len(n) <= LONGEST_NAME}, key=lambda n: (-len(n), n))
    parts = [re.escape(str(escape(name))) for name in short]
    return re.compile("|".join([*parts, _TOGETHER.pattern]))


FILTERS: Mapping[str, Callable[..., str]] = {
    "fixed": fixed,
    "signed": signed,
    "score": score,
    "interval": interval,
    "percent": percent,
    "chance": chance,
    "p_value": p_value,
    "place": place,
    "places": places,
    "count": count,
    "moved": moved,
    "moves": moves,
    "joined": joined,
    "together": _with_names,
}
"""What templates call these functions."""
