"""Ranges of exact numbers: what must be true of a result when its parts are known up to rounding.

Everything is a fraction and every end is open or closed, so that two ranges either share a number
or do not: nothing here is compared with a tolerance.

References
----------
R. E. Moore, R. B. Kearfott and M. J. Cloud (2009), Introduction to Interval Analysis, SIAM, ch. 2
(ranges of sums). W. Dinkelbach (1967), On nonlinear fractional programming, Management Science 13,
492-498 (the ends of a quotient of two sums that may share parts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Weights = Sequence[Fraction]


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers between two ends.

    Attributes
    ----------
    low, high : Fraction or None
        None where there is no end.
    holds_low, holds_high : bool
        Whether the end itself is one of the numbers.
    """

    low: Fraction | None
    high: Fraction | None
    holds_low: bool = True
    holds_high: bool = True

    @classmethod
    def point(cls, value: Fraction | int) -> Range:
        """Return the range of one number."""
        exact = Fraction(value)
        return cls(exact, exact)

    @classmethod
    def rounded(cls, value: Fraction, step: Fraction) -> Range:
        """Return what is rounded to a value, halves away from zero.

        Examples
        --------
        >>> Range.rounded(Fraction(445), Fraction(1)).holds(Fraction("444.5"))
        True
        >>> Range.rounded(Fraction(445), Fraction(1)).holds(Fraction("445.5"))
        False
        """
        return cls(value - step / 2, value + step / 2, value > 0, value < 0)

    @property
    def is_point(self) -> bool:
        """Whether there is only one number."""
        return self.low is not None and self.low == self.high

    def holds(self, value: Fraction) -> bool:
        """Tell whether a number is in the range."""
        return self.meets(Range.point(value))

    def meets(self, other: Range) -> bool:
        """Tell whether two ranges share a number."""
        return _reaches(self, other) and _reaches(other, self)

    def within(self, other: Range) -> bool:
        """Tell whether every number of this range is in the other."""
        below = other.low is None or (
            self.low is not None
            and (self.low > other.low or (self.low == other.low and _no_worse(self, other, "low")))
        )
        above = other.high is None or (
            self.high is not None
            and (
                self.high < other.high
                or (self.high == other.high and _no_worse(self, other, "high"))
            )
        )
        return below and above

    def times(self, factor: Fraction) -> Range:
        """Return the range of a positive multiple."""
        low, high = (None if end is None else end * factor for end in (self.low, self.high))
        return Range(low, high, self.holds_low, self.holds_high)


def _no_worse(inner: Range, outer: Range, end: str) -> bool:
    return bool(getattr(outer, f"holds_{end}") or not getattr(inner, f"holds_{end}"))


def _reaches(a: Range, b: Range) -> bool:
    """Tell whether the upper end of one is not below the lower end of the other."""
    if a.high is None or b.low is None:
        return True
    return a.high > b.low or (a.high == b.low and a.holds_high and b.holds_low)


def total(weights: Weights, parts: Sequence[Range]) -> Range:
    """Return the range of a weighted sum whose parts vary freely.

    Examples
    --------
    >>> tenth = Fraction(1, 10)
    >>> parts = [Range.rounded(Fraction("0.3"), tenth), Range.rounded(Fraction("0.3"), tenth)]
    >>> total([Fraction(1), Fraction(1)], parts)
    Range(low=Fraction(1, 2), high=Fraction(7, 10), holds_low=True, holds_high=False)
    """
    ends: list[tuple[Fraction | None, bool]] = []
    for up in (False, True):
        value: Fraction | None = Fraction(0)
        held = True
        for weight, part in zip(weights, parts, strict=True):
            if weight == 0:
                continue
            end, holds = _end(part, up == (weight > 0))
            held = held and holds
            value = None if value is None or end is None else value + weight * end
        ends.append((value, held))
    (low, holds_low), (high, holds_high) = ends
    return Range(low, high, holds_low, holds_high)


def _end(part: Range, up: bool) -> tuple[Fraction | None, bool]:
    return (part.high, part.holds_high) if up else (part.low, part.holds_low)


def quotient(over: Weights, under: Weights, parts: Sequence[Range]) -> Range | None:
    """Return the range of a quotient of two weighted sums of the same parts, which vary freely.

    Exact also where a part stands both above and below: with all other parts held a quotient of
    sums rises or falls throughout, so its ends lie where every part is at an end, or runs on
    without one. Parts have a lower end.

    Returns
    -------
    Range or None
        None where the lower sum may be 0 or less.

    Examples
    --------
    The share of 26,476 in 26,476 + 5,058, both counted:

    >>> parts = [Range.point(26476), Range.point(5058)]
    >>> round(float(quotient([1, 0], [1, 1], parts).low), 4)
    0.8396
    """
    divisor = total(under, parts)
    if divisor.low is None or divisor.low <= 0:
        return None
    low, holds_low = _extreme(over, under, parts, up=False)
    high, holds_high = _extreme(over, under, parts, up=True)
    endless = [
        (Fraction(a), Fraction(b))
        for a, b, part in zip(over, under, parts, strict=True)
        if part.high is None and (a or b)
    ]
    slopes = [a / b for a, b in endless if b]
    if slopes and min(slopes) < low:
        low, holds_low = min(slopes), False
    if slopes and max(slopes) > high:
        high, holds_high = max(slopes), False
    return Range(
        None if any(a < 0 and not b for a, b in endless) else low,
        None if any(a > 0 and not b for a, b in endless) else high,
        holds_low,
        holds_high,
    )


def _extreme(
    over: Weights, under: Weights, parts: Sequence[Range], *, up: bool
) -> tuple[Fraction, bool]:
    """Return an end of a quotient among parts with ends, and whether it is reached (Dinkelbach)."""
    at = [_finite(part, False)[0] for part in parts]
    while True:
        ratio = _sum(over, at) / _sum(under, at)
        slopes = [a - ratio * b for a, b in zip(over, under, strict=True)]
        chosen = [
            _finite(part, (slope > 0) == up) if slope else (here, True)
            for part, slope, here in zip(parts, slopes, at, strict=True)
        ]
        at = [value for value, _ in chosen]
        if _sum(slopes, at) == 0:
            return ratio, all(holds for _, holds in chosen)


def _sum(weights: Weights, values: Sequence[Fraction]) -> Fraction:
    return sum((w * v for w, v in zip(weights, values, strict=True)), Fraction(0))


def _finite(part: Range, up: bool) -> tuple[Fraction, bool]:
    assert part.low is not None, "parts of a quotient have a lower end"
    return (
        (part.high, part.holds_high) if up and part.high is not None else (part.low, part.holds_low)
    )
