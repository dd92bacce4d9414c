"""The evaluation: everything above, of all waves, before the first page is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.tables.cells import Cells
from evalkit.tables.frames import no_rows
from evalkit.tables.results import Assurance, Changes, Diagnosis, Heard, Ranking, Scores
from evalkit.tables.rows import FileReport


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that is known before the first page is written.

    Attributes
    ----------
    decided : Decided
        The documents it was made under.
    wave : str
        The wave this evaluation is about: the last one of `waves`.
    waves : tuple of str
        All waves up to it, earliest first, scored under one scheme.
    reports : tuple of FileReport
        One for every file read, of every wave.
    cells, scores_by_wave, ranking_by_wave : dict of wave to result
    changes_by_wave : dict of later wave to Changes
    diagnoses : dict of subject id to Diagnosis
        For the current wave.
    assurance : Assurance
        How far the current wave's table can be trusted.
    notes : tuple of Note
        Warnings that reach the reader.
    fingerprint : str
        SHA-256 over all inputs, the scheme and the seed.
    heard : Heard
        What residents of the current wave ask for and write about.
    peer_groups, street_means : DataFrame
        The frames of these names, of the current wave.
    """

    decided: Decided
    wave: str
    waves: tuple[str, ...]
    reports: tuple[FileReport, ...]
    cells: Mapping[str, Cells]
    scores_by_wave: Mapping[str, Scores]
    ranking_by_wave: Mapping[str, Ranking]
    changes_by_wave: Mapping[str, Changes]
    diagnoses: Mapping[str, Diagnosis]
    assurance: Assurance
    notes: tuple[Note, ...]
    fingerprint: str
    heard: Heard = field(default_factory=Heard.nothing)
    peer_groups: pd.DataFrame = field(default_factory=lambda: no_rows("peer_groups"))
    street_means: pd.DataFrame = field(default_factory=lambda: no_rows("street_means"))

    @property
    def order(self) -> EvaluationOrder:
        """What was evaluated, and when."""
        return self.decided.order

    @property
    def scheme(self) -> Scheme:
        """How answers became scores."""
        return self.decided.scheme

    @property
    def questionnaires(self) -> Mapping[str, Questionnaire]:
        """What was asked."""
        return self.decided.questionnaires

    @property
    def roster(self) -> Roster:
        """Who was evaluated."""
        return self.decided.roster

    @property
    def scores(self) -> pd.DataFrame:
        """Frame ``scores`` of all waves, earliest first."""
        return pd.concat(
            [self.scores_by_wave[wave].table for wave in self.waves], ignore_index=True
        )

    @property
    def indicators(self) -> pd.DataFrame:
        """Frame ``indicators`` of all waves, earliest first."""
        return pd.concat(
            [self.scores_by_wave[wave].indicators for wave in self.waves], ignore_index=True
        )

    @property
    def ranking(self) -> pd.DataFrame:
        """Frame ``ranking`` of all waves, earliest first."""
        return pd.concat(
            [self.ranking_by_wave[wave].table for wave in self.waves], ignore_index=True
        )

    @property
    def changes(self) -> pd.DataFrame:
        """Frame ``changes`` of all pairs of neighbouring waves; empty with a single wave."""
        return _stacked("changes", [c.table for c in self.changes_by_wave.values()])

    @property
    def contributions(self) -> pd.DataFrame:
        """Frame ``contributions`` of all pairs of neighbouring waves."""
        return _stacked("contributions", [c.contributions for c in self.changes_by_wave.values()])

    def diagnosis(self, subject: str) -> Diagnosis:
        """Return one subject's diagnosis; raise `KeyError` if there is no such subject."""
        return self.diagnoses[subject]


def _stacked(name: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    if parts:
        return pd.concat(parts, ignore_index=True)
    return no_rows(name)
