"""Answers that come in clusters: how much they cost, and what is odd about how they were told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.answers.measuring import units
from evalkit.answers.scores import score_respondents
from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.raters import RaterGroup
from evalkit.errors import Note
from evalkit.methods.clusters import design_effect, intraclass
from evalkit.methods.moments import cell_moments
from evalkit.tables import FRAMES, Answers, Floats, check

RECORDED, DECLARED, ASSUMED = "recorded", "declared", "assumed"


def notes(answers: Answers, decided: Decided) -> Iterator[Note]:
    """Yield what is odd about the clusters of a wave's answers, by rater group."""
    for group in decided.scheme.asked:
        own = _of_group(answers, group)
        told = own["cluster"] != ""
        if group.raters != "respondent" or not told.any():
            continue
        facts: dict[str, object] = {"group": group.name}
        where = f"{answers.wave}:{group.code}"
        if own.loc[told, "cluster"].is_unique:
            yield Note(NoteCode.CLUSTER_PER_RESPONDENT, where, int(told.sum()), facts)
            continue
        found = own.assign(unit=units(own)).groupby("subject")["unit"].agg(["nunique", "size"])
        single = set(found.index[(found["nunique"] == 1) & (found["size"] > 1)])
        names = tuple(s.name for s in decided.roster.subjects if s.id in single)
        if names:
            yield Note(NoteCode.ONE_CLUSTER, where, len(names), {**facts, "subjects": names})
        if not told.all():
            yield Note(NoteCode.CLUSTER_MISSING, where, int((~told).sum()), facts)


def design_effects(answers: Answers, decided: Decided) -> pd.DataFrame:
    """Tell by rater group how many times larger variances are than those of independent answers.

    Returns
    -------
    DataFrame
        Frame ``design_effects``: a row for every group in which each answer is a rater of its own.
    """
    values = score_respondents(answers, decided).iloc[:, :-1]
    rows = [
        (answers.wave, group.code, *_effect(_of_group(answers, group), values, weights, group))
        for group, weights in zip(decided.scheme.groups, decided.scheme.weights(), strict=True)
        if group.raters == "respondent" and group.questionnaire is not None
    ]
    table = pd.DataFrame(rows, columns=[column.name for column in FRAMES["design_effects"]])
    return check(table, "design_effects")


class _Effect(NamedTuple):
    basis: str
    n: int
    clusters: int
    design_effect: float
    icc: float


def declared_effects(answers: Answers, index: pd.Index, decided: Decided) -> Floats:
    """Return the design effect (n,) that the group of every answer declares, 1 beside clusters.

    Parameters
    ----------
    index : Index
        Which respondents are asked for.
    """
    people = answers.respondents
    recorded = set(people.loc[people["cluster"] != "", "group"])
    declared = {
        group.code: 1.0 if group.code in recorded else group.design_effect
        for group in decided.scheme.groups
    }
    return np.asarray(people.loc[index, "group"].map(declared), dtype=np.float64)


def _of_group(answers: Answers, group: RaterGroup) -> pd.DataFrame:
    return answers.respondents[answers.respondents["group"] == group.code]


def _effect(own: pd.DataFrame, values: pd.DataFrame, weights: Floats, group: RaterGroup) -> _Effect:
    """Estimate the design effect of a group's own composite, over all its committees."""
    if not (own["cluster"] != "").any():
        basis = DECLARED if group.design_effect > 1 else ASSUMED
        return _Effect(basis, len(own), len(own), group.design_effect, np.nan)
    sizes: list[int] = []
    clustered, independent = [], []
    for _, cell in own.groupby("subject"):
        cluster, x = units(cell), values.loc[cell.index].to_numpy(dtype=np.float64)
        w = cell["weight"].to_numpy(dtype=np.float64)
        clustered.append(cell_moments(x, w, group.population, clusters=cluster).covariance)
        independent.append(cell_moments(x, w, group.population).covariance)
        sizes += pd.Series(cluster).value_counts().tolist()
    effect = design_effect(clustered, independent, weights)
    return _Effect(RECORDED, len(own), len(sizes), effect, intraclass(effect, sizes))
