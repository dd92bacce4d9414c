"""A column of a frame: how frames are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

Kind = Literal["text", "integer", "number", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a frame: name, kind of values, unit and meaning."""

    name: str
    kind: Kind
    meaning: str
    nullable: bool


def columns(*rows: tuple[str, str, str]) -> tuple[Column, ...]:
    """Declare columns as (name, kind, meaning); a kind that ends in ``?`` may be empty."""
    return tuple(
        Column(name, cast(Kind, kind.rstrip("?")), meaning, kind.endswith("?"))
        for name, kind, meaning in rows
    )
