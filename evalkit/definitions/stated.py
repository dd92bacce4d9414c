"""Numbers that people state in words, held against those that the documents have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from evalkit.definitions.scheme import Scheme

_STATED = re.compile(r"(?<![\d.])(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>%|百分点|分(?!之|钟)|份)")
_DIGITS = 9
"""Weights such as 100/3 are compared at this precision."""


def unknown_numbers(
    texts: Iterable[str], scheme: Scheme | None, forms: Iterable[BaseModel]
) -> list[tuple[str, ...]]:
    """Return, for every text that states some, the percentages, points and counts nobody decided.

    Percentages may be a number of the scheme, the weight of all residents or of all others, a share
    or what is left of it; points and counts a number of the scheme or of a questionnaire.

    Examples
    --------
    >>> unknown_numbers(["权重 70%，优秀线 95 分"], None, [])
    [('70%', '95分')]
    """
    decided: list[float] = []
    if scheme is not None:
        residents = scheme.residents_share()
        decided = [*_numbers(scheme.model_dump()), residents, 100 - residents]
    asked = [number for document in forms for number in _numbers(document.model_dump())]
    shares = [100 * number for number in decided if 0 <= number <= 1]
    percent = _comparable([*decided, *shares, *(100 - share for share in shares), 0, 100])
    points = _comparable([*decided, *asked, 0, 100])
    found = []
    for text in texts:
        stated = _STATED.finditer(unicodedata.normalize("NFKC", text))
        strange = tuple(
            f"{match['number']}{match['unit']}"
            for match in stated
            if float(match["number"]) not in (points if match["unit"] in "分份" else percent)
        )
        if strange:
            found.append(strange)
    return found


def _comparable(numbers: Iterable[float]) -> frozenset[float]:
    return frozenset(round(number, _DIGITS) for number in numbers)


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _numbers(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _numbers(one)
