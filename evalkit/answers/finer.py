"""What residents say by units inside committees: compounds, buildings. Nothing where none is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.answers.measuring import measure
from evalkit.answers.scores import score_respondents
from evalkit.answers.weighting import GroupRaking
from evalkit.definitions.decided import Decided
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Roster
from evalkit.definitions.units import Units
from evalkit.engines.base import Engine
from evalkit.tables import Answers, Atoms, Cells, Finer, Floats


def measure_finer(
    answers: Answers | None,
    decided: Decided,
    engine: Engine,
    sweeps: Mapping[str, GroupRaking],
) -> Finer | None:
    """Measure every level below the evaluated one, as committees are measured.

    Only groups of residents who answer for themselves are told apart by where they live.

    Parameters
    ----------
    answers : Answers or None
        Of one wave, weighted; None where only its cells are left.
    sweeps : dict of rater group to GroupRaking

    Returns
    -------
    Finer or None
        None where no answer names a unit inside its committee.
    """
    if answers is None or not answers.units:
        return None
    units = Units.of(decided.roster)
    groups = [g for g in decided.scheme.residents if g.raters == "respondent"]
    respondents = answers.respondents
    own = respondents[respondents["group"].isin([g.code for g in groups])]
    named = pd.Series(answers.units, dtype=object).reindex(own.index)
    chains = {str(unit): set(units.chain(str(unit))) for unit in named.dropna().unique()}
    cells: dict[str, Cells] = {}
    for level in units.finer:
        rows = [unit for unit in units.inside if unit.level == level.code]
        above = {u: next((r.id for r in rows if r.id in up), None) for u, up in chains.items()}
        at = named.map(above)
        if at.notna().any():
            plain = Roster(subjects=[row.model_copy(update={"parent": None}) for row in rows])
            told = _of_units(answers, at.dropna())
            cells[level.code] = measure(told, replace(decided, roster=plain), engine, sweeps=sweeps)
    scores = score_respondents(_kept(answers, own.index), decided).iloc[:, :-1]
    atoms = {group.code: _atoms(own, named, scores, group) for group in groups}
    return Finer(cells, atoms) if cells else None


def _of_units(answers: Answers, at: pd.Series[str]) -> Answers:
    """Return the answers of these respondents as answers about the units that they live in."""
    kept = _kept(answers, at.index)
    return replace(kept, respondents=kept.respondents.assign(subject=at))


def _kept(answers: Answers, index: pd.Index) -> Answers:
    return replace(
        answers,
        respondents=answers.respondents.loc[index],
        codes={q: codes[codes.index.isin(index)] for q, codes in answers.codes.items()},
        states={q: states[states.index.isin(index)] for q, states in answers.states.items()},
    )


def _atoms(
    rows: pd.DataFrame, named: pd.Series[str], scores: pd.DataFrame, group: RaterGroup
) -> Atoms:
    """Add up one group's answers by the smallest unit that each names; else by its committee."""
    rows = rows[rows["group"] == group.code]
    key = named.loc[rows.index].fillna(rows["subject"])
    unit, subject, n = [], [], []
    mass: list[Floats] = []
    mean: list[Floats] = []
    for (where, smallest), part in rows.groupby([rows["subject"], key]):
        values = scores.loc[part.index].to_numpy(dtype=np.float64)
        weights = part["weight"].to_numpy(dtype=np.float64)
        answered = ~np.isnan(values)
        own = weights @ answered
        total = weights @ np.where(answered, values, 0.0)
        unit.append(str(smallest))
        subject.append(str(where))
        n.append(int(answered.any(axis=1).sum()))
        mass.append(own)
        mean.append(np.divide(total, own, out=np.full(len(own), np.nan), where=own > 0))
    width = (0, scores.shape[1])
    return Atoms(
        tuple(unit),
        tuple(subject),
        np.array(n, dtype=np.int64),
        np.array(mass) if mass else np.zeros(width),
        np.array(mean) if mean else np.zeros(width),
    )
