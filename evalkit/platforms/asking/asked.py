"""What is asked, as any platform has it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["single", "multiple", "ranking", "number", "text"]

_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, or one row of a matrix.

    Attributes
    ----------
    name : str
        What the platform calls it in its exports.
    options : tuple of (code, label)
        Empty for numbers, texts, and choices that stand elsewhere.
    stem : str or None
        Of a matrix, above all rows.
    """

    name: str
    text: str
    kind: Kind
    options: tuple[tuple[str, str], ...] = ()
    stem: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A whole questionnaire; `left_out` are questions of kinds that nobody could score or count."""

    title: str
    questions: tuple[Asked, ...]
    left_out: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Return a wording without mark-up, on one line.

    Examples
    --------
    >>> plain("<p>办事是否<b>方便</b>&nbsp;？</p>")
    '办事是否方便 ？'
    """
    return " ".join(html.unescape(_TAG.sub("", text)).split())
