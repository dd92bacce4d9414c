"""One entry of the catalogue in `sentences`."""

from __future__ import annotations

from typing import NamedTuple


class Sentence(NamedTuple):
    """What a code says, and what whoever reads it can do."""

    text: str
    remedy: str
