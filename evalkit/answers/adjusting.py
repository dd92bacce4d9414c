"""What the score would be if every committee had been judged by the same mix of residents.

Shown beside the raw score, never instead of it, and never ranked on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.answers.scores import score_respondents
from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.errors import Note
from evalkit.methods import casemix
from evalkit.tables import Answers, Floats

LEAST_PEOPLE = 10
"""A category with fewer answers in a rater group counts as unknown: its effect is guesswork."""
INDEPENDENT = 0.2
"""Share of a dummy's spread within committees that must not follow from the dummies before it: a
variance inflated 25 times adjusts by noise."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The case-mix adjustment of one wave, to be added to the composites.

    Attributes
    ----------
    subjects : tuple of str
        K committees with residents' answers, sorted.
    shift : ndarray of shape (K,)
        Sum over the adjusted rater groups of their weight in the composite times the adjusted less
        the raw mean, points. Groups without usable profile answers contribute 0; NaN where a
        committee has no answers in an adjusted group.
    covariance : ndarray of shape (K, K)
        Of the weighted sum of the adjusted groups' means after adjustment.
    replaced : ndarray of shape (K,)
        Variance of the same weighted sum before adjustment.
    groups : dict of rater group to Adjusted
        The groups that were adjusted; empty where none could be.
    covariates : dict of rater group to tuple of str
        What each was adjusted for: ``item:option``, in the order of ``beta``.
    notes : tuple of Note
    """

    wave: str
    subjects: tuple[str, ...]
    shift: Floats
    covariance: Floats
    replaced: Floats
    groups: Mapping[str, casemix.Adjusted]
    covariates: Mapping[str, tuple[str, ...]]
    notes: tuple[Note, ...]

    def onto(
        self, subjects: tuple[str, ...], composite: Floats, variance: Floats
    ) -> tuple[Floats, Floats]:
        """Return adjusted composites and their standard errors, both of shape (K,).

        Parameters
        ----------
        subjects : tuple of str
            K committees, of the arrays that follow.
        composite, variance : ndarray of shape (K,)
            Raw scores and their variances, points and points squared.

        Returns
        -------
        adjusted, se : ndarray of shape (K,)
            NaN where there is nothing to adjust by: a raw score is never passed off as adjusted.
        """
        place = {subject: at for at, subject in enumerate(self.subjects)}
        known = np.array([s in place and bool(self.groups) for s in subjects], dtype=bool)
        at = np.array([place.get(s, 0) for s in subjects], dtype=np.intp)
        if not known.any():
            return np.full(len(subjects), np.nan), np.full(len(subjects), np.nan)
        own = np.diag(self.covariance)
        adjusted = np.where(known, composite + self.shift[at], np.nan)
        rest = np.maximum(variance - self.replaced[at], 0.0)
        se = np.where(known, np.sqrt(rest + own[at]), np.nan)
        return adjusted, np.where(np.isnan(adjusted), np.nan, se)


def adjusted(answers: Answers, decided: Decided) -> Adjustment:
    """Adjust each resident group's scores for who answered.

    A resident's score is the weighted mean of the indicators answered, with the scheme's weights
    within the group, each indicator taken as its distance from the group's mean, so that leaving
    out a badly judged indicator makes nobody content. It is regressed on the profile items within
    committees (`methods.casemix`); a missing answer takes the committee's mean.

    Returns
    -------
    Adjustment
        Rater groups are adjusted apart and independent of one another.
    """
    scheme = decided.scheme
    weights = scheme.weights()
    notes: list[Note] = []
    groups: dict[str, casemix.Adjusted] = {}
    raw: dict[str, Floats] = {}
    covariates: dict[str, tuple[str, ...]] = {}
    shares: dict[str, float] = {}
    scores = score_respondents(answers, decided)
    residents = [(g, group) for g, group in enumerate(scheme.groups) if group in scheme.residents]
    for g, group in residents:
        own = answers.respondents[answers.respondents["group"] == group.code]
        values = one_score(
            scores.loc[own.index].iloc[:, :-1].to_numpy(dtype=np.float64),
            own["weight"].to_numpy(dtype=np.float64),
            weights[g],
            scheme.minimum_answered,
        )
        own = own[~np.isnan(values)]
        values = values[~np.isnan(values)]
        names, table = _dummies(answers, decided.questionnaires[group.source], own)
        if not names:
            notes.append(_cannot(answers, group, "no_profile"))
            continue
        subjects = own["subject"].to_numpy(dtype=str)
        weight = own["weight"].to_numpy(dtype=np.float64)
        try:
            groups[group.code] = casemix.adjust(values, subjects, table, weight)
        except ValueError:
            notes.append(_cannot(answers, group, "too_few"))
            continue
        raw[group.code] = _raw_variance(values, weight, subjects)
        covariates[group.code] = names
        shares[group.code] = float(weights[g].sum())
    codes = [group.code for _, group in residents]
    inside = answers.respondents["group"].isin(codes)
    everyone = tuple(sorted(set(answers.respondents.loc[inside, "subject"].astype(str))))
    k = len(everyone)
    shift, covariance, replaced = np.zeros(k), np.zeros((k, k)), np.zeros(k)
    for code, found in groups.items():
        at = np.array([everyone.index(str(s)) for s in found.subjects], dtype=np.intp)
        own_shift = np.full(k, np.nan)
        own_shift[at] = found.adjusted - found.mean
        shift += shares[code] * own_shift
        covariance[np.ix_(at, at)] += shares[code] ** 2 * found.covariance
        replaced[at] += shares[code] ** 2 * raw[code]
    return Adjustment(
        answers.wave, everyone, shift, covariance, replaced, groups, covariates, tuple(notes)
    )


def _cannot(answers: Answers, group: RaterGroup, why: str) -> Note:
    facts = {"group": group.name, "why": why}
    return Note(NoteCode.NOT_ADJUSTED, f"{answers.wave}:{group.code}", facts=facts)


def one_score(scores: Floats, survey: Floats, weights: Floats, minimum: float) -> Floats:
    """Return each respondent's composite (n,), NaN where too little of the weight was answered."""
    used = weights > 0
    scores, weights = scores[:, used], weights[used] / weights.sum()
    answered = ~np.isnan(scores)
    filled = np.where(answered, scores, 0.0)
    mass = survey @ answered
    mean = np.divide(survey @ filled, mass, out=np.zeros_like(mass), where=mass > 0)
    distance = np.where(answered, scores - mean, 0.0) @ weights
    share = answered @ weights
    enough = (share > 0) & (share >= minimum - 1e-9)
    return np.asarray(
        np.where(enough, mean @ weights + distance / np.maximum(share, 1e-12), np.nan)
    )


def _dummies(
    answers: Answers, questionnaire: Questionnaire, own: pd.DataFrame
) -> tuple[tuple[str, ...], Floats]:
    """Return the profile as dummies (n, P), the commonest category of each item left out.

    A category of fewer than `LEAST_PEOPLE` answers counts as unknown; so does no answer. A dummy
    that never varies within a committee, or nearly follows from those before it, is left out.
    """
    codes = answers.codes[questionnaire.id].loc[own.index]
    names: list[str] = []
    columns: list[Floats] = []
    for item in questionnaire.of_role("profile"):
        if item.kind != "single" or item.id not in codes:
            continue
        counts = codes[item.id].value_counts()
        common = {str(code): int(n) for code, n in counts.items() if n >= LEAST_PEOPLE}
        order = [o.code for o in questionnaire.options_of(item) if o.code in common]
        if len(order) < 2:
            continue
        reference = max(order, key=lambda code: common[code])
        known = codes[item.id].isin(order).to_numpy(dtype=bool)
        for code in order:
            if code != reference:
                column = (codes[item.id] == code).to_numpy(dtype=bool)
                names.append(f"{item.id}:{code}")
                columns.append(np.where(known, column.astype(np.float64), np.nan))
    if not columns:
        return (), np.empty((len(own), 0))
    table = np.column_stack(columns)
    kept = _independent(table, own["subject"].to_numpy(dtype=str))
    return tuple(names[at] for at in kept), table[:, kept]


def _independent(table: Floats, subjects: np.ndarray) -> list[int]:
    """Return the columns that vary within committees and do not follow from those before them."""
    frame = pd.DataFrame(table)
    within = (frame - frame.groupby(subjects).transform("mean")).fillna(0.0).to_numpy()
    basis: list[Floats] = []
    kept: list[int] = []
    for at in range(within.shape[1]):
        column = within[:, at]
        size = float(np.linalg.norm(column))
        for direction in (*basis, *basis):
            column = column - (direction @ column) * direction
        left = float(np.linalg.norm(column))
        if left > max(INDEPENDENT * size, 1e-9):
            basis.append(column / left)
            kept.append(at)
    return kept


def _raw_variance(values: Floats, weight: Floats, subjects: np.ndarray) -> Floats:
    """Return the variances (K,) of the committees' plain means, sorted by committee."""
    _, code = np.unique(subjects, return_inverse=True)
    n, mass = np.bincount(code), np.bincount(code, weight)
    mean = np.bincount(code, weight * values) / mass
    influence = weight / mass[code] * (values - mean[code])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(n / (n - 1.0) * np.bincount(code, influence**2))
