"""Opening hours as a document writes them: ``09:00-17:00``, a break between two spans."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

EXPECTED = "办公时间，如 09:00-17:00；中午休息的写两段：09:00-11:30、13:30-17:00；到半夜的写 23:59"

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-~—–至到]+\s*(\d{1,2}):(\d{2})")

Spans = tuple[tuple[dt.time, dt.time], ...]


def spans(text: str) -> Spans:
    """Return from when until when offices are open, one span after another.

    Raises
    ------
    ValueError
        If the text says anything else.
    """
    parts = [p.strip() for p in re.split(r"[、,;]", unicodedata.normalize("NFKC", text))]
    matches = [_SPAN.fullmatch(part) for part in parts]
    try:
        found = tuple(
            (dt.time(int(m[1]), int(m[2])), dt.time(int(m[3]), int(m[4]))) for m in matches if m
        )
    except ValueError:
        found = ()
    moments = [moment for span in found for moment in span]
    if len(found) != len(parts) or not all(a < b for a, b in pairwise(moments)):
        raise ValueError(EXPECTED)
    return found


def _none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _written(value: str | None) -> str | None:
    if value is None:
        return None
    return "、".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans(value))


MaybeHours = Annotated[str | None, BeforeValidator(_none), AfterValidator(_written)]
"""Opening hours, always written alike; None where nothing but white space stands."""
