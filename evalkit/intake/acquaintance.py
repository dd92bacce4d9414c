"""Who answers is known again in another wave: a fingerprint in the place of a name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache

import pandas as pd

from evalkit import personal
from evalkit.definitions.text import comparable
from evalkit.intake.sieves import File

LETTERS = 16
"""Of a fingerprint; enough to tell a city's raters apart."""


def who(file: File, rows: pd.Index[int]) -> Iterator[str]:
    """Yield a fingerprint of who answered every row; ``""`` where nothing tells.

    Raters are organisations, whose names are no secret: their fingerprints need no key. What may
    be a person's name leaves none, since whoever has a list of names could find it again.

    A resident's leaves one only where a question of the role ``panel`` asks for it, keyed by the
    street and its seed, so that a list made for another street, or by another seed, does not fit.
    What protects is that it is needed while waves are measured, and written nowhere.
    """
    order = file.decided.order
    key = f"{order.street}\0{order.settings.seed}"
    alone = {g.code for g in file.decided.scheme.groups if g.raters == "respondent"}
    numbers, raters = file.names("panel").loc[rows], file.raters.loc[rows]
    for group, number, name in zip(file.groups.loc[rows], numbers, raters, strict=True):
        if group in alone:
            yield _keyed(group, number, key)
        else:
            yield _fingerprint(group, name) if name else ""


@cache
def _fingerprint(group: str, name: str) -> str:
    if personal.is_name(name) or personal.identifies(name):
        return ""
    return hashlib.sha256(f"{group}\0{name}".encode()).hexdigest()[:LETTERS]


def _keyed(group: str, number: str, key: str) -> str:
    """Return a fingerprint of what a resident goes by; blanks and strokes in it do not matter."""
    bare = "".join(sign for sign in comparable(number) if sign.isalnum())
    if not bare:
        return ""
    secret = hashlib.sha256(key.encode()).digest()
    return hashlib.blake2b(
        f"{group}\0{bare}".encode(), key=secret, digest_size=LETTERS // 2
    ).hexdigest()
