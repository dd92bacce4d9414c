"""A ledger's table before it is written, and what is true of the units that it tells of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evalkit.definitions.calendar import working_days
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.roster import Subject
from evalkit.methods.working_time import WorkingDays
from evalkit.simulation.truth import Floats, Integers

BLOTTED = "（略）"
DROPPED = 2
"""Columns that are not read and yet stand in the file, where a ledger names so many."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What records are made from.

    Attributes
    ----------
    subjects : tuple of Subject
        K units, or persons.
    start, end : date
        The days that are told of.
    truth : dict of measure code to ndarray of shape (K,)
        What an endless file would say, 0 to 100.
    volume : ndarray of shape (K,)
        Expected records.
    kinds : sequence of str
        What records are about, where the ledger does not list it.
    rings : dict of subject id to ndarray of shape (n, 2)
        Outlines, degrees of WGS 84.
    written : dict of ledger id to Book
        Those of the same wave that are there already.
    """

    wave: str
    subjects: tuple[Subject, ...]
    start: dt.date
    end: dt.date
    truth: Mapping[str, Floats]
    volume: Floats
    kinds: Sequence[str]
    rings: Mapping[str, Floats]
    written: Mapping[str, Book]
    calendar: Sequence[dt.date]
    rng: np.random.Generator

    @property
    def worked(self) -> WorkingDays:
        """The days that are worked."""
        return working_days(self.calendar)


@dataclass(frozen=True, slots=True)
class Book:
    """A table: cells by column code, as texts, and whose every row is (places in the subjects)."""

    ledger: Ledger
    columns: Mapping[str, Sequence[str]]
    at: Integers

    def rows(self) -> list[list[str]]:
        """Return the rows as they are written, the header first."""
        blotted = [header for header in self.ledger.drop if header][:DROPPED]
        header = [c.headers[0] for c in self.ledger.columns if c.code in self.columns]
        cells: list[Sequence[Any]] = [
            self.columns[c.code] for c in self.ledger.columns if c.code in self.columns
        ]
        blots = [BLOTTED] * len(blotted)
        return [[*header, *blotted], *([*row, *blots] for row in zip(*cells, strict=True))]


def texts(values: Sequence[object] | np.ndarray) -> list[str]:
    """Return what stands in cells."""
    return ["" if value is None else str(value) for value in values]
