"""How far the table can be trusted: the same wave seen from every side that could move it.

Part of the first story, told apart because it asks a question of its own. `assure` reads top to
bottom; what needs rows is asked of `answers`, everything else of `findings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.answers import (
    adjusting,
    behaviour,
    clustering,
    explaining,
    post_stratifying,
    rising_together,
)
from evalkit.answers.measuring import measure
from evalkit.answers.weighting import GroupRaking
from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Alternative
from evalkit.engines.base import Engine
from evalkit.errors import Note
from evalkit.findings import by_group, extremes, planning, samples, scoring, sensitivity, standing
from evalkit.methods.rank_sets import competition_rank
from evalkit.tables import Answers, Assurance, GroupCells, Scores, WaveResult, frame, no_rows

BOOTSTRAP = 500
"""Samples behind the drivers' intervals: bounds settle to about a twentieth of their length."""


def assure(
    current: WaveResult,
    before: WaveResult | None,
    decided: Decided,
    engine: Engine,
    *,
    sweeps: Mapping[str, GroupRaking],
) -> tuple[Assurance, tuple[Note, ...]]:
    """Ask everything that could make this wave's table less certain than it looks.

    Parameters
    ----------
    current : WaveResult
    before : WaveResult or None
        The wave before, where there is one.
    sweeps : dict of rater group to GroupRaking
        Of the groups whose weights were raked.

    Returns
    -------
    assurance : Assurance
    notes : tuple of Note
        What a reader must know, and what could not be asked and why.
    """
    cells, scores, ranking = current.cells, current.scores, current.ranking
    scheme, roster = decided.scheme, decided.roster
    seed = decided.order.settings.seed

    rows = _asked_of_rows(current, before, decided, engine)
    notes = list(rows.notes)

    bands = standing.stand(scores, ranking, roster, scheme, rows.adjusted)
    residents = tuple(group.code for group in scheme.residents)
    gaps, gap = standing.gaps(cells, scores, residents)
    notes += standing.notes(scores, bands, sum(outlier for _, _, outlier in gaps.values()))
    shares = by_group.reliability(cells, scores, scheme)
    reliability = standing.reliability(cells, scores, ranking, scheme, shares)
    reliability |= rows.found()

    others = _alternatives(current, decided, engine, sweeps, notes)
    tried = [
        sensitivity.alternatives(scores, others, roster, scheme),
        sensitivity.random_weightings(scores, scheme, roster, seed=seed),
    ]
    influence = sensitivity.weight_influence(scores, scheme, seed=seed)
    notes += sensitivity.notes(influence, scores)

    plan = planning.plan(cells, scores, ranking, scheme, decided.order.issued(scores.wave))
    notes += planning.notes(plan, scores)

    assurance = Assurance(
        bands=bands,
        sensitivity=sensitivity.together(tried),
        weight_influence=influence,
        drivers=rows.drivers,
        quality=_quality(rows.flagged, gaps, scores, roster),
        plan=plan,
        reliability=reliability,
        gap=samples.street_gap(gap, len(gaps), scheme.confidence),
        design_effects=rows.design_effects,
        multilevel=rows.multilevel,
        by_group=shares,
        samples=samples.samples(cells, scores, scheme, roster),
        extremes=extremes.extremes(scores, ranking, decided),
    )
    return assurance, tuple(notes)


@dataclass(frozen=True, slots=True)
class _OfRows:
    """What only answers can tell; nothing but a note where a wave has left only its cells.

    Attributes
    ----------
    adjusted : dict of subject to (score, standard error)
        For the mix of people.
    drivers : DataFrame
    agreement : dict
        Of the measures of consistency.
    flagged : _Flagged or None
    levels : dict
        Whether the indicators rose and fell together since the wave before.
    notes : tuple of Note
    """

    adjusted: Mapping[str, tuple[float, float]]
    drivers: pd.DataFrame
    agreement: Mapping[str, float | int | str]
    flagged: _Flagged | None
    design_effects: pd.DataFrame
    multilevel: pd.DataFrame
    levels: Mapping[str, Any]
    notes: tuple[Note, ...]

    def found(self) -> dict[str, Any]:
        """Return what there is to say of consistency and of levels, for ``reliability.json``."""
        parts = {"agreement": dict(self.agreement), "levels": dict(self.levels)}
        return {key: own for key, own in parts.items() if own}


def _asked_of_rows(
    current: WaveResult, before: WaveResult | None, decided: Decided, engine: Engine
) -> _OfRows:
    """Ask the answers: who answered, what drives, how consistent, how many look irregular."""
    answers, scores, seed = current.answers, current.scores, decided.order.settings.seed
    if answers is None:
        lost = (Note(NoteCode.NO_ROWS, scores.wave),) if decided.scheme.asked else ()
        empty = (no_rows(name) for name in ("drivers", "design_effects", "multilevel"))
        drivers, effects, multilevel = empty
        return _OfRows({}, drivers, {}, None, effects, multilevel, {}, lost)
    adjustment = adjusting.adjusted(answers, decided)
    explained = explaining.drivers(answers, decided, bootstrap=BOOTSTRAP, seed=seed)
    consistent = explaining.agreement(answers, decided)
    flagged = _without_flagged(answers, current, decided, engine)
    notes = [*adjustment.notes, *explained.notes, *consistent.notes, *flagged.flags.notes]
    levels: Mapping[str, Any] = {}
    if before is not None and before.answers is not None:
        levels = rising_together.levels(before.answers, answers, decided)
        notes += explaining.scale_changes(before.answers, answers, decided, seed=seed)
    effects = clustering.design_effects(answers, decided)
    return _OfRows(
        _adjusted(adjustment, scores),
        explained.table,
        consistent.values,
        flagged,
        effects,
        post_stratifying.post_stratified(answers, decided, scores, effects),
        levels,
        tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Flagged:
    """The flags, and the table as it would be without the answers they are about."""

    flags: behaviour.Flags
    excess: pd.DataFrame
    without: Scores


def _spoken(current: WaveResult, decided: Decided) -> dict[str, GroupCells]:
    """Return the cells of groups that speak through ledgers: no answer changes them."""
    return {g.code: current.cells.groups[g.code] for g in decided.scheme.groups if g.ledger}


def _without_flagged(
    answers: Answers, current: WaveResult, decided: Decided, engine: Engine
) -> _Flagged:
    flags = behaviour.flag(answers, decided, seed=decided.order.settings.seed)
    spoken = _spoken(current, decided)
    rest = behaviour.without(answers, flags)
    unread = current.cells.distributions.iloc[:0]
    again = measure(rest, decided, engine, spoken=spoken, distributions=unread)
    scores = scoring.score(again, decided.scheme, decided.roster, parts=False)
    return _Flagged(flags, behaviour.excess(flags, answers), scores)


def _adjusted(adjustment: adjusting.Adjustment, scores: Scores) -> dict[str, tuple[float, float]]:
    values, errors = adjustment.onto(scores.subjects, scores.composite, scores.variance[0])
    pairs = zip(scores.subjects, values.tolist(), errors.tolist(), strict=True)
    return {subject: (value, se) for subject, value, se in pairs if np.isfinite(value)}


def _alternatives(
    current: WaveResult,
    decided: Decided,
    engine: Engine,
    sweeps: Mapping[str, GroupRaking],
    notes: list[Note],
) -> list[tuple[Alternative, Scores]]:
    """Evaluate the wave again under every alternative that the scheme names."""
    found = []
    scheme, roster = decided.scheme, decided.roster
    for alternative in scheme.alternatives:
        cells = current.cells
        if alternative.option_scores:
            if current.answers is None:
                name = {"name": alternative.name}
                notes.append(Note(NoteCode.ALTERNATIVE_NEEDS_ROWS, current.scores.wave, facts=name))
                continue
            rescored = {
                name: q.rescored(alternative.option_scores)
                for name, q in decided.questionnaires.items()
            }
            other = replace(decided, questionnaires=rescored)
            cells = measure(
                current.answers,
                other,
                engine,
                sweeps=sweeps,
                spoken=_spoken(current, decided),
                distributions=current.cells.distributions,
            )
        other_scheme = scheme.under(alternative)
        found.append((alternative, scoring.score(cells, other_scheme, roster, parts=False)))
    return found


def _quality(
    flagged: _Flagged | None,
    gaps: Mapping[str, tuple[float, float, bool]],
    scores: Scores,
    roster: Roster,
) -> pd.DataFrame:
    if flagged is None or not len(flagged.excess):
        return no_rows("quality")
    published = _ranks(scores)
    without = _ranks(flagged.without)
    scored = dict(zip(flagged.without.subjects, flagged.without.composite, strict=True))
    rates = flagged.excess
    subjects = [str(subject) for subject in rates["subject"]]
    own = [gaps.get(subject, (np.nan, np.nan, False)) for subject in subjects]
    return frame(
        "quality",
        {
            "wave": [scores.wave] * len(subjects),
            "subject": subjects,
            "name": [roster.subject(subject).name for subject in subjects],
            **{
                name: rates[name].to_numpy()
                for name in ("n", "flagged", "rate", "street_rate", "p")
            },
            "excess": rates["excess"].to_numpy(dtype=bool),
            "gap": [entry[0] for entry in own],
            "gap_statistic": [entry[1] for entry in own],
            "gap_outlier": [entry[2] for entry in own],
            "rank": pd.array([published.get(s) for s in subjects], dtype="Int64"),
            "score_without": [scored.get(subject, np.nan) for subject in subjects],
            "rank_without": pd.array([without.get(s) for s in subjects], dtype="Int64"),
        },
    )


def _ranks(scores: Scores) -> dict[str, int]:
    if not scores.subjects or not scores.errors_known:
        return {}
    ranks = competition_rank(scores.composite).tolist()
    return dict(zip(scores.subjects, ranks, strict=True))
