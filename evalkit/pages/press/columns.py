"""How wide the columns of a table must be, from what stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

Text = tuple[Sequence[str], bool]
"""A cell's lines, and whether they may break."""

LEAST_WORDS = 3.2
"""Signs of Chinese text that stand on a line, at the least."""
A_WORD = 7.0
"""Signs of a text so short that it reads as one word: kept on a line where there is room."""
_UNBROKEN = re.compile("[\x21-\x7e\xa0\u2010-\u2015\u2212]+")
_TWIPS = 20
SLACK = 0.3
"""Signs that every column has to spare."""
NARROW, MIDDLE, BROAD = 0.6, 0.75, 0.95
"""Widths of digits and letters, of signs, and of the percent sign: a little more than most fonts
need, since nobody knows which one the reader has."""


def widths(
    columns: Sequence[Sequence[Text]],
    room: int,
    size: float,
    padding: int,
    word: float = LEAST_WORDS,
) -> tuple[list[int], bool]:
    """Return the widths of columns that fill the room, and whether everything fits.

    Parameters
    ----------
    columns : sequence of sequence of (lines, may they break)
        By column, by row.
    room, padding : int
        Of the table, and of each cell, in twips.
    size : float
        Points of the type.
    word : float
        Signs of a text that is not broken, however narrow its column.
    """
    unit = size * _TWIPS
    padding += round(SLACK * unit)
    least = [
        padding + unit * max((_least(cell, word) for cell in column), default=1.0)
        for column in columns
    ]
    wish = [padding + unit * max(map(_wish, column), default=1.0) for column in columns]
    wish = [max(low, full) for low, full in zip(least, wish, strict=True)]
    if sum(wish) <= room:
        given = [full * room / sum(wish) for full in wish]
        return _whole(given, room), True
    if sum(least) > room:
        return _whole([low * room / sum(least) for low in least], room), False
    spare = (room - sum(least)) / (sum(wish) - sum(least))
    return _whole([a + spare * (b - a) for a, b in zip(least, wish, strict=True)], room), True


def shared(shares: Sequence[float], room: int) -> list[int]:
    """Return the widths of columns that share the room as they are told to."""
    return _whole([room * share / sum(shares) for share in shares], room)


@lru_cache(maxsize=8192)
def ems(text: str) -> float:
    """Return how wide a text is, in widths of a Chinese sign."""
    return sum(map(_em, text))


def _em(sign: str) -> float:
    if sign.isascii():
        return BROAD if sign in "%@MW" else MIDDLE if sign in "<>+=~&" else NARROW
    if sign in "\xa0\u2009\u2010\u2011\u2012\u2013":
        return NARROW
    return MIDDLE if sign in "±\u2212" else 1.0


def _wish(cell: Text) -> float:
    lines, breaks = cell
    longest = max(map(ems, lines), default=0.0)
    return min(longest, 40.0) if breaks else longest


def _least(cell: Text, word: float) -> float:
    lines, breaks = cell
    if not breaks:
        return _wish(cell)
    tokens = [ems(token) for line in lines for token in _UNBROKEN.findall(line)]
    whole = _wish(cell)
    least = whole if whole <= word else min(whole, LEAST_WORDS)
    return max(least, min(max(tokens, default=0.0), 12.0))


def _whole(given: Sequence[float], room: int) -> list[int]:
    """Return whole twips that add up to the room."""
    found = [int(width) for width in given]
    found[-1] += room - sum(found)
    return found
