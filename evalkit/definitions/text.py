"""How two texts are compared: after Unicode normalisation, never by likeness."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import opencc

_SPACE = re.compile("[\\s\u00ad\u200b-\u200d\u2060\ufeff]+")
_PUNCTUATION = str.maketrans({"～": "~", "—": "-", "–": "-", "、": ",", "。": "."})

_BETWEEN_CHINESE = re.compile(r"(?<=[\u2e80-\uffef]) (?=[\u2e80-\uffef])")
_HOW_TO_ANSWER = re.compile(r"(?:\((?:可多选|多选|选填|选答)\))+$")
_LETTER = re.compile(r"[a-z][.,:)\]](?=..|[^\x00-\x7f])")
_FIGURE = re.compile(r"[(\[]?\d{1,2}[.,:)\]](?=[^\d\W])")
_CIRCLED = re.compile("[\u2460-\u249b\u24eb-\u24ff\u2776-\u2793]\\s*(?=\\S)")
_POINTS = re.compile(r"(?<=[^\d\W])[(\[]?-?\d{1,3}(?:\.\d+)?(?:分|%)[)\]]?$")
_SPECIFY = re.compile(r"(?:[(\[【](?:请注明|请说明|请填写)?[)\]】]|请注明|请说明|请填写)$")

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


_DENIAL = re.compile("[不没无未]")


def comparable(text: str) -> str:
    """Return a text as it is compared: NFKC, one kind of dash and tilde, no white space.

    Characters of no width, which come along when text is copied from web pages, count as space.
    """
    normal = unicodedata.normalize("NFKC", text).translate(_PUNCTUATION)
    return _SPACE.sub("", normal).casefold()


def on_one_line(text: str) -> str:
    """Return a text with its line breaks as blanks, and without blanks between Chinese characters.

    YAML folds lines with a blank, which Chinese does not want.
    """
    return _BETWEEN_CHINESE.sub("", " ".join(text.split()))


@lru_cache(maxsize=4096)
def question_key(text: str) -> str:
    """Return a question as it is compared: `comparable`, without a last remark how to answer it.

    Platforms add and drop ``（可多选）`` and ``（选填）`` when a form is imported. Every header is held
    against every question, so the last few thousand are remembered: they are no answers.
    """
    return _HOW_TO_ANSWER.sub("", comparable(text))


def option_key(label: str) -> str:
    """Return an option as it is compared where exactly it is not found: without ``【请注明】``.

    What asks for a text beside an option is a setting to platforms, which they may drop.
    """
    return _SPECIFY.sub("", comparable(label))


def undecorated(key: str) -> str:
    """Return a comparable option without what platforms put around it: ``a.上门(5分)`` is ``上门``.

    A letter or number before it with a point or the like, and points or percent behind it; never so
    that digits are left in front, as in ``1,2年``, or nothing but digits.

    Examples
    --------
    >>> [undecorated(comparable(text)) for text in ("A.满意", "1、满意", "满意（5分）", "满意100%")]
    ['满意', '满意', '满意', '满意']
    >>> [undecorated(comparable(text)) for text in ("1、2年", "5分", "2.5", "B")]
    ['1,2年', '5分', '2.5', 'b']
    """
    for before in (_LETTER, _FIGURE):
        key = before.sub("", key, count=1) if before.match(key) else key
    return _POINTS.sub("", key)


def uncircled(label: str) -> str:
    """Return a label without the circled number that it begins with: ``①满意`` is ``满意``."""
    bare = label.strip()
    return _CIRCLED.sub("", bare, count=1) if _CIRCLED.match(bare) else bare


def bare_option(label: str) -> str:
    """Return an option as it is compared between files, without all that platforms put around it.

    Examples
    --------
    >>> [bare_option(label) for label in ("A.满意", "①满意", "满意（5分）", "满意【请注明】")]
    ['满意', '满意', '满意', '满意']
    """
    return undecorated(option_key(uncircled(label)))


def denies(text: str) -> bool:
    """Tell a text that says no to something: 不满意 is not 满意, however alike they are."""
    return _DENIAL.search(text) is not None


def simplified(text: str) -> str:
    """Return a text as it is compared where 漏水 and 漏 水 and 停車 and 停车 are the same words."""
    return comparable(_simplifier().convert(text))


def committee_key(name: str) -> str:
    """Return a committee's name as it is compared: `simplified`, without suffix."""
    key = simplified(name)
    for suffix in COMMITTEE_SUFFIXES:
        if key.endswith(suffix) and len(key) > len(suffix):
            return key.removesuffix(suffix)
    return key


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
