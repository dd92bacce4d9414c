"""How alike two texts are. For hints and drafts only: nothing is ever decided by likeness."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from evalkit.definitions.questionnaire import Option
from evalkit.definitions.text import comparable, denies

SUGGESTED = 0.3
"""Likeness from which an option is named beside a value; only what an analyst reads hangs on it."""

_POLITE = re.compile(r"^(?:请问|请选择|请填写)?(?:您|你)?的?|(?:是|为|是什么|是多少|呢|吗)$")
_MARKS = re.compile(r"[^\w~%+-]+")
CODE = re.compile(r"[a-z]{0,4}[_.\-]?\d+(?:[_.\-]?[a-z0-9]{1,3}){0,3}")


@lru_cache(maxsize=8192)
def _core(text: str) -> str:
    """Return a text without punctuation and the polite words around a question."""
    bare = _MARKS.sub("", text)
    return _POLITE.sub("", bare) or bare


@lru_cache(maxsize=8192)
def _bigrams(text: str) -> Counter[str]:
    return Counter(a + b for a, b in zip(f"^{text}", f"{text}$", strict=True))


def wording(one: str, other: str) -> float:
    """Return how alike two comparable texts are, 0 to 1.

    Sørensen-Dice coefficient of their character bigrams, ends of the text included, or that of
    the texts without punctuation and polite words (请问您的...是), whichever is greater: needs no
    words to be told apart, forgives changed and moved ones. It is 1 for the same text only. Codes
    such as ``q3_01`` are the same or not.
    """
    if one == other:
        return 1.0
    if not one or not other or CODE.fullmatch(one) or CODE.fullmatch(other):
        return 0.0
    alike = max(_dice(one, other), _dice(_core(one), _core(other)))
    return min(alike, 0.99)


def _dice(one: str, other: str) -> float:
    left, right = _bigrams(one), _bigrams(other)
    return 2 * (left & right).total() / (left.total() + right.total())


def closest(text: str, candidates: Sequence[str]) -> tuple[str, float] | None:
    """Return the candidate most like a text, with its `wording`; None if none is at all."""
    scored = [(wording(comparable(text), comparable(c)), c) for c in candidates]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return (best[1], best[0]) if best[0] > 0 else None


def suggested(value: str, options: Sequence[Option], seen: Collection[str]) -> Option | None:
    """Return the option a value may be another name of; None where none is like it.

    Parameters
    ----------
    seen : collection of str
        Comparable values of the same column. What stands there under its own name has no other:
        where 满意 is ticked, 很满意 means something else.

    Notes
    -----
    What is denied is no other name of what is not: 较满意 is not 不满意.
    """
    denied = denies(value)
    free: Mapping[str, Option] = {
        option.label: option
        for option in options
        if comparable(option.label) not in seen and denies(option.label) == denied
    }
    near = closest(value, list(free))
    return free[near[0]] if near is not None and near[1] >= SUGGESTED else None
