"""Raking: a rater group's respondents weighted until they look like the street's residents.

References
----------
Deville, J.-C. & Särndal, C.-E. (1992). Calibration estimators in survey sampling. JASA 87, 376-382.
Kish, L. (1965). Survey Sampling. Wiley.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.margins import Margin
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.errors import Note, Problems
from evalkit.files.alike import each
from evalkit.methods.raking import Raked, ResidualSweep, rake
from evalkit.problems import margins as faults
from evalkit.tables import Answers, Floats


@dataclass(frozen=True, slots=True)
class GroupRaking:
    """How one rater group was raked, and how that enters the variance.

    Attributes
    ----------
    place : dict of respondent to int
        Place of every raked respondent in `sweep`; those with a missing profile are not in it.
    sweep : ResidualSweep
    n, missing : int
        Respondents of the group, and of them those with a missing profile answer.
    n_effective, design_effect : float
        Kish's, over all respondents of the group.
    margins : tuple of str
        Ids of the items raked to.
    """

    place: Mapping[str, int]
    sweep: ResidualSweep
    n: int
    missing: int
    n_effective: float
    design_effect: float
    margins: tuple[str, ...]

    def spread(
        self,
        respondents: NDArray[np.object_],
        influence: Floats,
        clusters: NDArray[np.object_] | None = None,
    ) -> Floats:
        """Return the sum of squares and products of one committee's swept influence values.

        The committee's values go into the sweep with 0 for everybody else of the group; what the
        margins take from the committee and what they put on others both come back.

        Parameters
        ----------
        respondents : ndarray of str, shape (n,)
            Of the committee.
        influence : ndarray of shape (n, I)
            Weighted influence values; 0 where nothing was answered.
        clusters : ndarray of str, shape (n,), or None
            Of the respondents, whose swept values are added up within them.

        Returns
        -------
        ndarray of shape (I, I)
        """
        at = np.array([self.place.get(str(name), -1) for name in respondents], dtype=np.intp)
        full = np.zeros((len(self.place), influence.shape[1]))
        full[at[at >= 0]] = influence[at >= 0]
        swept = self.sweep(full)
        if clusters is None:
            outside = influence[at < 0]
            return np.asarray(swept.T @ swept + outside.T @ outside)
        own = np.where((at >= 0)[:, None], swept[at], influence)
        swept[at[at >= 0]] = 0.0
        cluster = np.unique(clusters.astype(str), return_inverse=True)[1]
        together = np.zeros((int(cluster.max(initial=-1)) + 1, own.shape[1]))
        np.add.at(together, cluster, own)
        return np.asarray(swept.T @ swept + together.T @ together)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Answers with raked weights.

    Attributes
    ----------
    answers : Answers
        The same answers; only ``respondents.weight`` of the raked groups differs.
    raked : dict of rater group to GroupRaking
        To be handed to `measure` as ``sweeps``.
    notes : tuple of Note
    """

    answers: Answers
    raked: Mapping[str, GroupRaking]
    notes: tuple[Note, ...]


def weigh(answers: Answers, decided: Decided, problems: Problems) -> Weighed:
    """Rake each group that the margins name over the whole street's respondents.

    Respondents who left out one of the profile items cannot be placed: they keep their weight, and
    the others' weights add up to their number, so that both count alike on the average. Weights are
    raked over the street and not within committees: a committee's own mix of respondents is
    evened out only as far as the street's is.

    Parameters
    ----------
    answers : Answers
        Of one wave.
    decided : Decided
        Its margins; without any, the answers stay as they are.
    problems : Problems
        Collects a margin with a category that nobody answered, or that cannot be reached.

    Returns
    -------
    Weighed
        With problems, it must not be used.
    """
    margins = decided.margins
    if margins is None:
        return Weighed(answers, {}, ())
    weights = answers.respondents["weight"].astype("float64").copy()
    raked: dict[str, GroupRaking] = {}
    notes: list[Note] = []
    for group in decided.scheme.asked:
        own = margins.of(answers.wave, group.code)
        members = answers.respondents.index[answers.respondents["group"] == group.code]
        if not own or not len(members):
            continue
        questionnaire = decided.questionnaires[group.source]
        codes = answers.codes[group.source].loc[members]
        cells = np.column_stack([_cells(codes[margin.item], margin) for margin in own])
        placed: NDArray[np.bool_] = np.asarray((cells >= 0).all(axis=1), dtype=np.bool_)
        base: Floats = np.asarray(weights.loc[members], dtype=np.float64)
        if not _possible(own, cells[placed], questionnaire, margins.file, problems):
            continue
        found = _rake(own, cells[placed], base[placed], margins.file, problems)
        if found is None:
            continue
        new = base.copy()
        new[placed] = found.weights
        weights.loc[members] = new
        names = members[placed].astype(str).tolist()
        n_effective = float(new.sum() ** 2 / (new @ new))
        raked[group.code] = GroupRaking(
            {name: at for at, name in enumerate(names)},
            found.residual_sweep,
            len(members),
            int((~placed).sum()),
            n_effective,
            float((new > 0).sum() / n_effective),
            tuple(margin.item for margin in own),
        )
        notes += _notes(answers.wave, group.code, group.name, own, raked[group.code])
    respondents = answers.respondents.assign(weight=weights)
    weighed = replace(answers, respondents=respondents)
    return Weighed(weighed, raked, tuple(notes))


def _cells(codes: pd.Series[str], margin: Margin) -> NDArray[np.intp]:
    """Return the category (n,) of every answer; -1 where there is none."""
    place = {code: at for at, category in enumerate(margin.categories) for code in category}
    return each(codes, lambda code: place.get(code, -1), nothing=-1).astype(np.intp)


def _possible(
    margins: tuple[Margin, ...],
    cells: NDArray[np.intp],
    questionnaire: Questionnaire,
    file: str,
    problems: Problems,
) -> bool:
    """Collect categories that have a share and no respondents, or respondents and no share."""
    before = len(problems)
    for at, margin in enumerate(margins):
        count = np.bincount(cells[:, at], minlength=margin.shares.size)
        for category in np.flatnonzero((count > 0) != (margin.shares > 0)).tolist():
            empty = count[category] == 0
            share = margin.shares[category]
            fault = faults.margin_without_respondents if empty else faults.margin_without_share
            label, n = margin.label(category, questionnaire), int(count[category])
            problems.collect(
                fault(file, margin.row, margin.group, margin.title, label, float(share), n)
            )
    return len(problems) == before


def _rake(
    margins: tuple[Margin, ...],
    cells: NDArray[np.intp],
    base: Floats,
    file: str,
    problems: Problems,
) -> Raked | None:
    targets = [margin.shares * base.sum() for margin in margins]
    pairs = [(cells[:, at], target) for at, target in enumerate(targets)]
    try:
        return rake(base, pairs, names=[margin.item for margin in margins])
    except ValueError as error:
        named = re.search(r"margin '([^']*)'", str(error))
        item = named.group(1) if named else margins[0].item
        margin = next(m for m in margins if m.item == item)
        items = [m.item for m in margins]
        problems.collect(
            faults.raking_failed(file, margin.row, margin.group, margin.title, item, items)
        )
        return None


def _notes(
    wave: str, code: str, name: str, margins: tuple[Margin, ...], raked: GroupRaking
) -> list[Note]:
    facts = {
        "group": name,
        "items": tuple(margin.title for margin in margins),
        "effective": raked.n_effective,
        "design": raked.design_effect,
    }
    where = f"{wave}:{code}"
    found = [Note(NoteCode.RAKED, where, raked.n, facts)]
    if raked.missing:
        found.append(Note(NoteCode.RAKED_WITHOUT_PROFILE, where, raked.missing, {"group": name}))
    return found
