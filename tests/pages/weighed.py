"""What a dimension or indicator weighs in fact, from the scheme; and what a calculator makes of it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tests.pages.reading import Files, fixed


def share(files: Files, code: str) -> float:
    """The part of the composite that an indicator or dimension has, over all rater groups."""
    scheme = files.evaluation.scheme
    members = {d.code: [i.code for i in d.indicators] for d in scheme.dimensions}
    weights = scheme.weights()
    codes = members.get(code, [code])
    return float(
        sum(weights[:, i].sum() for i, own in enumerate(scheme.indicators) if own.code in codes)
    )


def weight(files: Files, code: str) -> str:
    """The same as printed, of 100."""
    return fixed(round(100 * share(files, code), 9), 2)


def calculated(rows: Iterable[tuple[str, str]]) -> float:
    """What a reader's calculator makes of printed weights and scores."""
    return math.fsum(float(own) * float(score) for own, score in rows) / 100
