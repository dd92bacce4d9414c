"""Rows: what people said, and what became of every row that was read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import pandas as pd

from evalkit.codes import Reason
from evalkit.errors import Note
from evalkit.tables.frames import no_rows


class State(StrEnum):
    """Why a cell of an answer sheet holds a value or none. Only `ANSWERED` scores."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    EMPTY = "empty"
    NOT_ASKED = "not_asked"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Answers:
    """What people said in one wave. The only type with rows; it stops at `measure`.

    Attributes
    ----------
    respondents : DataFrame
        Frame ``respondents``, indexed by ``respondent``.
    codes : dict of questionnaire id to DataFrame
        Option code (or number, or text) of every respondent (index) and item (columns); missing
        where the state is not ``answered``. Multi-select codes are joined by ``;``.
    states : dict of questionnaire id to DataFrame
        `State` of the same cells.
    who : dict of respondent to str
        A fingerprint of who answered, the same in every wave; only where something tells.
    modes : dict of respondent to str
        How the answer was given (`definitions.questionnaire.Mode`); only where something tells.
    links : dict of (questionnaire id, item id) to links
        Items that the wave asked with another scale: what the files say, and the option that an
        approved crosswalk scores it as.
    units : dict of respondent to str
        The unit inside the committee (compound, building) that the answer names; only of those
        that name one.
    """

    wave: str
    respondents: pd.DataFrame
    codes: Mapping[str, pd.DataFrame]
    states: Mapping[str, pd.DataFrame]
    who: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def none(cls, wave: str) -> Answers:
        """Return the answers of a wave in which nobody was asked: it has records alone."""
        return cls(wave, no_rows("respondents"), {}, {})

    def of_groups(self, groups: Collection[str]) -> Answers:
        """Return what people of these rater groups said."""
        kept = self.respondents.index[self.respondents["group"].isin(list(groups))]
        return replace(
            self,
            respondents=self.respondents.loc[kept],
            codes=_rows_of(self.codes, kept),
            states=_rows_of(self.states, kept),
            who={name: mark for name, mark in self.who.items() if name in kept},
            modes={name: mode for name, mode in self.modes.items() if name in kept},
        )


def _rows_of(tables: Mapping[str, pd.DataFrame], kept: pd.Index[str]) -> dict[str, pd.DataFrame]:
    """Return these rows of every questionnaire that has some."""
    found = {name: table.loc[table.index.isin(kept)] for name, table in tables.items()}
    return {name: table for name, table in found.items() if len(table)}


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was read and not kept."""

    row: int
    reason: Reason
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file: ``rows_read == rows_kept + len(rejections)``, always."""

    file: str
    wave: str
    questionnaire: str
    platform: str
    variant: str
    encoding: str | None
    sha256: str
    rows_read: int
    rows_kept: int
    rejections: tuple[Rejection, ...]
    unmapped_columns: tuple[str, ...] = ()
    dropped_columns: tuple[str, ...] = ()
    unknown_values: tuple[tuple[str, str, int], ...] = ()
    unmatched: tuple[tuple[str, int, tuple[str, ...]], ...] = ()
    notes: tuple[Note, ...] = ()

    def noting(self, notes: Iterable[Note]) -> FileReport:
        """Return the report with more notes."""
        return replace(self, notes=(*self.notes, *notes))

    @property
    def rejected_by_reason(self) -> dict[Reason, int]:
        """Number of rejected rows by reason, sorted by reason."""
        counts: dict[Reason, int] = {}
        for rejection in self.rejections:
            counts[rejection.reason] = counts.get(rejection.reason, 0) + 1
        return dict(sorted(counts.items()))
