"""Numbers read back from what the report prints, so that slides cannot round otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evalkit.pages.press import wording as say

_NUMBER = re.compile(rf"[+{say.MINUS}-]?[\d,]+(?:\.(\d+))?")


def number(text: str) -> float | None:
    """Return the number at the head of a printed text; None where none is printed.

    Examples
    --------
    >>> number("88.2%"), number("\N{MINUS SIGN}3.0 ▼"), number("—")
    (88.2, -3.0, None)
    """
    found = _NUMBER.match(text)
    if found is None:
        return None
    return float(found[0].replace(",", "").replace(say.MINUS, "-"))


def form_of(texts: Iterable[str], unit: str) -> str:
    """Return how Office is to write these numbers; empty where no one form writes all of them."""
    found = [_NUMBER.match(text) for text in texts]
    decimals = {len(match[1] or "") for match in found if match is not None}
    if len(decimals) != 1:
        return ""
    zeros = "0" * decimals.pop()
    return f"0{'.' if zeros else ''}{zeros}" + (f'"{unit}"' if unit else "")
