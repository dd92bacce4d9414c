"""How names are typed by those who do not switch the keyboard: pinyin, whole and by initials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

MOST = 12
"""Readings of one name: of names with many ambiguous characters only the likeliest is kept."""

_LETTERS = re.compile(r"[^a-z0-9]")


def spellings(names: Iterable[str]) -> list[str]:
    """Return how names may be typed: in full, and by the initials of every common reading.

    Examples
    --------
    >>> spellings(["长寿", "长风"])
    ['changshou', 'cs', 'zhangfeng', 'zf', 'cf']
    """
    from pypinyin import Style, lazy_pinyin, pinyin  # its dictionaries take their time

    found: dict[str, None] = {}
    for name in names:
        found[_plain("".join(lazy_pinyin(name)))] = None
        found[_plain("".join(lazy_pinyin(name, style=Style.FIRST_LETTER)))] = None
        heard = pinyin(name, style=Style.FIRST_LETTER, heteronym=True)
        readings = [sorted(set(letters)) for letters in heard]
        if 1 < _count(readings) <= MOST:
            found |= {_plain("".join(letters)): None for letters in product(*readings)}
    return [text for text in found if text]


def _count(readings: list[list[str]]) -> int:
    total = 1
    for letters in readings:
        total *= len(letters)
    return total


def _plain(text: str) -> str:
    return _LETTERS.sub("", text.lower())
