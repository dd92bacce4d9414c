"""Which frames an evaluation has: the one list that files, database and workbook are made from.

A new frame is declared in `frames.FRAMES` and gets one line here; its file, its table in the
database and its sheet follow. What its sheet is called and what its columns mean in Chinese
stands in `pages.workbook.titles` and `dictionary`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from evalkit.tables.evaluated import Evaluation
from evalkit.tables.frames import check, frame, no_rows

Find = Callable[[Evaluation], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Registered:
    """A frame of every evaluation.

    Attributes
    ----------
    name : str
        As declared in `FRAMES`; the file is ``<name>.csv``, the table in the database `name`.
    find : callable
        Finds it for the wave the evaluation is about: what the file and the sheet hold.
    all_waves : callable or None
        Finds it for all waves, where the database holds more than the file.
    whose : {"all", "tracks", "persons"}
        Whose it is: every evaluation's, one that has tracks, or a track's own.
    """

    name: str
    find: Find
    all_waves: Find | None = None
    whose: Literal["all", "tracks", "persons"] = "all"

    def of(self, evaluation: Evaluation) -> pd.DataFrame:
        """Return the frame of the current wave, checked against its declaration."""
        return check(self.find(evaluation), self.name)

    def archived(self, evaluation: Evaluation) -> pd.DataFrame:
        """Return what the database keeps, checked against the declaration."""
        return check((self.all_waves or self.find)(evaluation), self.name)


def _changes(evaluation: Evaluation) -> pd.DataFrame:
    changes = evaluation.current.changes
    return no_rows("changes") if changes is None else changes.table


def _contributions(evaluation: Evaluation) -> pd.DataFrame:
    changes = evaluation.current.changes
    return no_rows("contributions") if changes is None else changes.contributions


def _profiles(evaluation: Evaluation) -> pd.DataFrame:
    """Return the profile of every complete committee: who stands out from the street, and in what."""
    told = [
        diagnosis.profile.assign(wave=evaluation.wave, subject=subject)
        for subject, diagnosis in evaluation.diagnoses.items()
        if len(diagnosis.profile)
    ]
    return frame("profiles", pd.concat(told, ignore_index=True)) if told else no_rows("profiles")


REGISTRY: tuple[Registered, ...] = (
    Registered("ranking", lambda e: e.current.ranking.table, lambda e: e.ranking),
    Registered("scores", lambda e: e.current.scores.table, lambda e: e.scores),
    Registered("profiles", _profiles),
    Registered("indicators", lambda e: e.current.scores.indicators, lambda e: e.indicators),
    Registered("changes", _changes, lambda e: e.changes),
    Registered("contributions", _contributions, lambda e: e.contributions),
    Registered("lineage", lambda e: e.history.lineage),
    Registered("dimension_changes", lambda e: e.history.dimension_changes),
    Registered("series", lambda e: e.history.series),
    Registered("trends", lambda e: e.history.trends),
    Registered("satisfaction", lambda e: e.satisfaction),
    Registered("composition", lambda e: e.composition),
    Registered("modes", lambda e: e.modes),
    Registered("street_means", lambda e: e.street_means),
    Registered("peer_groups", lambda e: e.peer_groups),
    Registered("peers", lambda e: e.peers),
    Registered("rollup", lambda e: e.rollup),
    Registered("bands", lambda e: e.assurance.bands),
    Registered("extremes", lambda e: e.assurance.extremes),
    Registered("multilevel", lambda e: e.assurance.multilevel),
    Registered("reliability", lambda e: e.assurance.by_group),
    Registered("samples", lambda e: e.assurance.samples),
    Registered("forecasts", lambda e: e.history.forecasts),
    Registered("sensitivity", lambda e: e.assurance.sensitivity),
    Registered("weight_influence", lambda e: e.assurance.weight_influence),
    Registered("drivers", lambda e: e.assurance.drivers),
    Registered("quality", lambda e: e.assurance.quality),
    Registered("design_effects", lambda e: e.assurance.design_effects),
    Registered("plan", lambda e: e.assurance.plan),
    Registered("needs", lambda e: e.needs.table),
    Registered("themes", lambda e: e.needs.themes),
    Registered("follow_up", lambda e: e.follow_up),
    Registered("ledgers", lambda e: e.ledgers),
    Registered("objective", lambda e: e.objective),
    Registered("clocks", lambda e: e.clocks),
    Registered("flows", lambda e: e.flows),
    Registered("demand", lambda e: e.demand),
    Registered("listed", lambda e: e.listed),
    Registered("integrity", lambda e: e.integrity),
    Registered("points", lambda e: e.points),
    Registered("validity", lambda e: e.validity),
    Registered("claims", lambda e: e.claims),
    Registered("tracks", lambda e: e.tracks.table, whose="tracks"),
    Registered("track_grades", lambda e: e.tracks.grades, whose="tracks"),
    Registered("persons", lambda e: e.appraisal.persons, whose="persons"),
    Registered("raters", lambda e: e.appraisal.raters, whose="persons"),
    Registered("quotas", lambda e: e.appraisal.quotas, whose="persons"),
)
"""In the order in which people read them: that of the sheets."""

OF_PERSONS = frozenset({"persons", "raters", "quotas", "ledgers", "objective"})
"""What is written of a track: what puts all its persons in one order is not."""


def published(evaluation: Evaluation) -> tuple[Registered, ...]:
    """Return the frames that become files: a track's are its own, and nobody else has these."""
    if evaluation.decided.track is not None:
        return tuple(frame for frame in REGISTRY if frame.name in OF_PERSONS)
    return tuple(
        frame
        for frame in REGISTRY
        if frame.whose == "all" or (frame.whose == "tracks" and len(frame.of(evaluation)))
    )
