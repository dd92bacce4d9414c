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
from evalkit.errors import Known, Note, UnknownId
from evalkit.tables.cells import Cells
from evalkit.tables.frames import no_rows
from evalkit.tables.persons import Appraisal, TrackSummary
from evalkit.tables.results import Assurance, Changes, Diagnosis, History, Needs, Ranking, Scores
from evalkit.tables.rows import Answers, FileReport
from evalkit.tables.showing import shown


@dataclass(frozen=True, slots=True)
class WaveResult:
    """One wave, scored under the evaluation's scheme.

    Attributes
    ----------
    answers : Answers or None
        None where only archived cells are left.
    changes : Changes or None
        From the wave before; None for the first.
    """

    answers: Answers | None
    cells: Cells
    scores: Scores
    ranking: Ranking
    changes: Changes | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that is known before the first page is written.

    Attributes
    ----------
    decided : Decided
        The documents it was made under.
    wave : str
        The wave this evaluation is about: the last one of `waves`.
    waves : dict of wave id to WaveResult
        All waves up to it, earliest first, scored under one scheme.
    reports : tuple of FileReport
        One for every file read, of every wave.
    diagnoses : dict of subject id to Diagnosis
        For the current wave.
    assurance : Assurance
        How far the current wave's table can be trusted.
    notes : tuple of Note
        Warnings that reach the reader.
    fingerprint : str
        SHA-256 over all inputs, the scheme and the seed.
    needs : Needs
        What residents of the current wave ask for and write about.
    satisfaction, composition, modes, peer_groups, peers, street_means, rollup : DataFrame
    follow_up, objective, clocks, flows, demand, listed, integrity, points, validity,
    claims : DataFrame
        The frames of these names, of the current wave.
    ledgers : DataFrame
        What became of the rows of every file of records, of all waves.
    history : History
        The current wave beside those before it.
    earlier_satisfaction : DataFrame
        Frame ``satisfaction`` of the earlier waves: the overall question, without changes.
    tracks : TrackSummary
        What may be known here of evaluations of persons.
    appraisal : Appraisal
        What is found of persons, where these are evaluated; nothing in a street's own evaluation.
    """

    decided: Decided
    wave: str
    waves: Mapping[str, WaveResult]
    reports: tuple[FileReport, ...]
    diagnoses: Mapping[str, Diagnosis]
    assurance: Assurance
    notes: tuple[Note, ...]
    fingerprint: str
    needs: Needs = field(default_factory=Needs.nothing)
    satisfaction: pd.DataFrame = field(default_factory=lambda: no_rows("satisfaction"))
    composition: pd.DataFrame = field(default_factory=lambda: no_rows("composition"))
    modes: pd.DataFrame = field(default_factory=lambda: no_rows("modes"))
    earlier_satisfaction: pd.DataFrame = field(default_factory=lambda: no_rows("satisfaction"))
    peer_groups: pd.DataFrame = field(default_factory=lambda: no_rows("peer_groups"))
    peers: pd.DataFrame = field(default_factory=lambda: no_rows("peers"))
    street_means: pd.DataFrame = field(default_factory=lambda: no_rows("street_means"))
    rollup: pd.DataFrame = field(default_factory=lambda: no_rows("rollup"))
    follow_up: pd.DataFrame = field(default_factory=lambda: no_rows("follow_up"))
    ledgers: pd.DataFrame = field(default_factory=lambda: no_rows("ledgers"))
    objective: pd.DataFrame = field(default_factory=lambda: no_rows("objective"))
    clocks: pd.DataFrame = field(default_factory=lambda: no_rows("clocks"))
    flows: pd.DataFrame = field(default_factory=lambda: no_rows("flows"))
    demand: pd.DataFrame = field(default_factory=lambda: no_rows("demand"))
    listed: pd.DataFrame = field(default_factory=lambda: no_rows("listed"))
    integrity: pd.DataFrame = field(default_factory=lambda: no_rows("integrity"))
    points: pd.DataFrame = field(default_factory=lambda: no_rows("points"))
    validity: pd.DataFrame = field(default_factory=lambda: no_rows("validity"))
    claims: pd.DataFrame = field(default_factory=lambda: no_rows("claims"))
    history: History = field(default_factory=History)
    tracks: TrackSummary = field(default_factory=TrackSummary)
    appraisal: Appraisal = field(default_factory=Appraisal)

    def __post_init__(self) -> None:
        object.__setattr__(self, "waves", Known("wave", self.waves))
        object.__setattr__(self, "diagnoses", Known("subject", self.diagnoses))

    @property
    def current(self) -> WaveResult:
        """The wave this evaluation is about."""
        return self.waves[self.wave]

    @property
    def previous(self) -> WaveResult | None:
        """The wave before it, if there is one."""
        earlier = list(self.waves.values())[:-1]
        return earlier[-1] if earlier else None

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
        return _stacked("scores", [wave.scores.table for wave in self.waves.values()])

    @property
    def indicators(self) -> pd.DataFrame:
        """Frame ``indicators`` of all waves, earliest first."""
        return _stacked("indicators", [wave.scores.indicators for wave in self.waves.values()])

    @property
    def ranking(self) -> pd.DataFrame:
        """Frame ``ranking`` of all waves, earliest first."""
        return _stacked("ranking", [wave.ranking.table for wave in self.waves.values()])

    @property
    def changes(self) -> pd.DataFrame:
        """Frame ``changes`` of all pairs of neighbouring waves; empty with a single wave."""
        return _stacked("changes", [changes.table for changes in self._changes()])

    @property
    def contributions(self) -> pd.DataFrame:
        """Frame ``contributions`` of all pairs of neighbouring waves."""
        return _stacked("contributions", [changes.contributions for changes in self._changes()])

    def _changes(self) -> list[Changes]:
        return [wave.changes for wave in self.waves.values() if wave.changes is not None]

    def diagnosis(self, subject: str) -> Diagnosis:
        """Return one subject's diagnosis; `UnknownId` if there is no such subject."""
        return self.diagnoses[subject]

    def indicator(self, code: str) -> pd.DataFrame:
        """Return the rows of frame ``indicators`` of one measure; `UnknownId` if there is none."""
        found = self.indicators
        if code not in (known := list(dict.fromkeys(found["code"]))):
            raise UnknownId("indicator", code, known)
        return found[found["code"] == code].reset_index(drop=True)

    def _repr_html_(self) -> str | None:
        """Return what notebooks show."""
        return shown(self)


def _stacked(name: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    if parts:
        return pd.concat(parts, ignore_index=True)
    return no_rows(name)
