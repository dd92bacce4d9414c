"""Numbers as people write them: the one reader of outside text that may be a number.

Python's ``float()`` takes much that nobody means as a number: ``1_0``, ``nan``, ``inf``, ``1e1``,
digits of other scripts. Here a number is digits, perhaps a sign, perhaps a point and more digits;
full-width digits are digits.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Literal

_WIDE = str.maketrans("０１２３４５６７８９．－＋，％−", "0123456789.-+,%-")
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,15}")

Mark = Literal["percent", "thousands"]
"""What stands beside the digits of what is no plain number."""


def plain(text: str) -> str | None:
    """Return a number in plain digits, as it is written; None if it is no number.

    Examples
    --------
    >>> plain(" ７.50 "), plain("-3")
    ('7.50', '-3')
    >>> [plain(text) for text in ("1_0", "nan", "1e1", "0x1", "70%", "7,000", "①")]
    [None, None, None, None, None, None, None]
    """
    found = text.strip().translate(_WIDE)
    return found if _PLAIN.fullmatch(found) else None


def number(text: str) -> float | None:
    """Return a number; None if it is none, or greater than a computer can hold.

    Examples
    --------
    >>> number("８"), number("1_0"), number("9" * 400)
    (8.0, None, None)
    """
    found = plain(text)
    value = math.nan if found is None else float(found)
    return value if math.isfinite(value) else None


def written(value: float) -> str:
    """Write a number in plain digits, so that `number` gives it back.

    Examples
    --------
    >>> written(1e-05), written(7.5), written(1e22)
    ('0.00001', '7.5', '10000000000000000000000')
    """
    text = repr(value)
    return f"{Decimal(text):f}" if "e" in text else text


def whole(text: str) -> int | None:
    """Return a whole number without a sign; None if it is none.

    Examples
    --------
    >>> whole("１２"), whole("-1"), whole("1.0"), whole("²")
    (12, None, None, None)
    """
    found = text.strip().translate(_WIDE)
    return int(found) if _WHOLE.fullmatch(found) else None


def mark(text: str) -> Mark | None:
    """Tell which mark keeps a text from being a plain number; None if it is another matter.

    Examples
    --------
    >>> mark("70％"), mark("7,000"), mark("1,2"), mark("7")
    ('percent', 'thousands', None, None)
    """
    found = text.strip().translate(_WIDE)
    if found.endswith("%") and unmarked(found) is not None:
        return "percent"
    return "thousands" if _THOUSANDS.fullmatch(found) else None


def unmarked(text: str) -> str | None:
    """Return the plain digits of a number without its percent sign and thousands marks.

    Examples
    --------
    >>> unmarked("40 %"), unmarked("１，７９０"), unmarked("1,79")
    ('40', '1790', None)
    """
    found = text.strip().translate(_WIDE)
    found = found.removesuffix("%").strip()
    return plain(found.replace(",", "") if _THOUSANDS.fullmatch(found) else found)


def marked(text: str) -> float | None:
    """Return a number that may have a percent sign (which is dropped) or thousands marks.

    Examples
    --------
    >>> marked("12.5%"), marked("1,234"), marked("1,2,3")
    (12.5, 1234.0, None)
    """
    return number(unmarked(text) or "")
