"""What is found of persons, and the little of it that may be told elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from evalkit.errors import Note
from evalkit.tables.frames import no_rows


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What a track's evaluation says of every person; frames of these names.

    Attributes
    ----------
    notes : tuple of Note
    """

    persons: pd.DataFrame = field(default_factory=lambda: no_rows("persons"))
    raters: pd.DataFrame = field(default_factory=lambda: no_rows("raters"))
    quotas: pd.DataFrame = field(default_factory=lambda: no_rows("quotas"))
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """What the street's own results may know of its tracks: counts, reliability, distribution.

    Attributes
    ----------
    table, grades : DataFrame
        Frames ``tracks`` and ``track_grades``: of all persons together, and nobody's number.
    fingerprints : dict of track id to str
        Of what each was made of.
    """

    table: pd.DataFrame = field(default_factory=lambda: no_rows("tracks"))
    grades: pd.DataFrame = field(default_factory=lambda: no_rows("track_grades"))
    fingerprints: dict[str, str] = field(default_factory=dict)

    def of(self, wave: str) -> TrackSummary:
        """Return what is known of one wave."""
        table, grades = self.table, self.grades
        return TrackSummary(
            table[table["wave"] == wave].reset_index(drop=True),
            grades[grades["wave"] == wave].reset_index(drop=True),
            self.fingerprints,
        )
