"""Sentences of papers, each with how its numbers and names come out of the published files.

A pattern yields pairs (what the sentence says, what the files say); a wrong sentence is one with a
pair that differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.statements.files import Folder

Pair = tuple[object, object]
Recompute = Callable[[Folder, re.Match[str]], Iterator[Pair]]
PATTERNS: list[tuple[re.Pattern[str], Recompute]] = []

SURE = {"高于": "明显高于", "低于": "明显低于", "无显著差异": "尚看不出差别"}


def moved(words: str) -> str:
    """A verdict on a change, however it is worded: up, down or neither."""
    return next((way for way in ("上升", "下降") if words.removeprefix("明显") == way), "")


def says(pattern: str) -> Callable[[Recompute], Recompute]:
    def keep(function: Recompute) -> Recompute:
        PATTERNS.append((re.compile(pattern), function))
        return function

    return keep


def listed(text: str) -> list[str]:
    return [part for part in text.split("、") if part]


def bracketed(text: str) -> list[tuple[str, ...]]:
    """``甲（1）、乙（2）`` as pairs; names may be quoted, and hold commas and brackets of their own."""
    parts = re.split(r"(?<=）)、", text)
    parts = [re.sub(r"？”这一问（回答满意的占 ", "”（", part) for part in parts]
    found = (re.fullmatch(r"“?(.+?)”?（([^（）]+)）", part) for part in parts)
    return [one.groups() if one else ("", part) for one, part in zip(found, parts, strict=True)]
