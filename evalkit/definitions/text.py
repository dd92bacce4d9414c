"""How two texts are compared: after Unicode normalisation, never by likeness."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import opencc

_SPACE = re.compile("[\\s\u00ad\u200b-\u200d\u2060\ufeff]+")
_PUNCTUATION = str.maketrans({"～": "~", "—": "-", "–": "-", "、": ",", "。": "."})

COMMITTEE_SUFFIXES = (
    "社区居民委员会",
    "居民委员会",
    "社区居委会",
    "居民区",
    "居委会",
    "社区",
    "小区",
)
"""The declared suffix rule: one of these at the end of a name does not tell committees apart."""


def comparable(text: str) -> str:
    """Return a text as it is compared: NFKC, one kind of dash and tilde, no white space.

    Characters of no width, which come along when text is copied from web pages, count as space.
    """
    normal = unicodedata.normalize("NFKC", text).translate(_PUNCTUATION)
    return _SPACE.sub("", normal).casefold()


def committee_key(name: str) -> str:
    """Return a committee's name as it is compared: `comparable`, simplified, without suffix."""
    key = comparable(_simplifier().convert(name))
    for suffix in COMMITTEE_SUFFIXES:
        if key.endswith(suffix) and len(key) > len(suffix):
            return key.removesuffix(suffix)
    return key


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
