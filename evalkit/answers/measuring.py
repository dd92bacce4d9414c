"""The one door out of the rows: answers in, cells out.

An answer scores by its option. A respondent's indicator is the mean of the indicator's items that
were answered, if enough were. A cell is the weighted mean over respondents, with its covariance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.answers.coded import summed
from evalkit.answers.comparability import definitions
from evalkit.answers.distributions import distributed
from evalkit.answers.scores import Scorer, scales_of
from evalkit.answers.weighting import GroupRaking
from evalkit.answers.whereabouts import whereabouts
from evalkit.definitions.decided import Decided
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.units import Units
from evalkit.engines.base import Engine
from evalkit.methods.clusters import design_effect
from evalkit.methods.gram import CellSums, Key, cell_sums, fits, whole
from evalkit.methods.influence import rater_influence
from evalkit.methods.moments import CellMoments, cell_moments
from evalkit.tables import OVERALL, Answers, Cells, Floats, GroupCells, check

Places = NDArray[np.intp]


CENSUS = 1e-9
"""Share of the variance that is left where everybody on a list answered."""


def measure(
    answers: Answers,
    decided: Decided,
    engine: Engine,
    *,
    sweeps: Mapping[str, GroupRaking] | None = None,
    spoken: Mapping[str, GroupCells] | None = None,
    distributions: pd.DataFrame | None = None,
) -> Cells:
    """Return the cells of a wave: nothing above this function knows rows.

    Parameters
    ----------
    answers : Answers
        Of one wave, without problems.
    engine : Engine
        Hands out the respondents cell by cell.
    sweeps : dict of rater group to GroupRaking or None
        Of the groups whose weights were raked (`weighting.weigh`): their covariances are those of
        raked means.
    spoken : dict of rater group to GroupCells or None
        The cells of groups that speak through ledgers (`speaking.spoken`).
    distributions : DataFrame or None
        Frame ``distributions`` of these answers, where it is known or nobody will ask for it.

    Returns
    -------
    Cells
        For every committee of the roster that existed in the wave, also those without answers.
    """
    scheme = decided.scheme
    subjects = tuple(s.id for s in Units.of(decided.roster).present(answers.wave))
    measures = (*(indicator.code for indicator in scheme.indicators), OVERALL)
    respondents = check(answers.respondents, "respondents")
    scorer, places = Scorer(answers, decided), whereabouts(answers, decided)
    listed = Units.of(decided.roster).listed(answers.wave)
    told, scales = spoken or {}, scales_of(scheme, decided.questionnaires)
    groups = {
        group.code: told[group.code]
        if group.code in told
        else _measure_group(
            _Rows(scorer, respondents, places, group, measures),
            group,
            subjects,
            engine,
            (sweeps or {}).get(group.code),
            weights,
            listed if group.sample == "list" and group.raters == "respondent" else {},
            answers.who,
            scales,
        )
        for group, weights in zip(scheme.groups, scheme.weights(), strict=True)
    }
    return Cells(
        answers.wave,
        subjects,
        measures,
        groups,
        distributed(answers, decided) if distributions is None else distributions,
        definitions(decided, answers),
    )


BLOCK = 2**15
"""Rows whose scores are worked out, and added up, at a time."""


class _Rows:
    """The respondents of one group: their scores are worked out when they are asked for."""

    def __init__(
        self,
        scorer: Scorer,
        respondents: pd.DataFrame,
        places: pd.DataFrame,
        group: RaterGroup,
        measures: tuple[str, ...],
    ) -> None:
        at = np.flatnonzero(places["group"].array == group.code)
        self._scorer, self._at, self.measures = scorer, at, measures
        self._subject = places["subject"].array
        names = ["respondent", "subject", "rater", "cluster", "weight"]
        every = len(at) == len(respondents)
        self.people = respondents[names] if every else respondents[names].iloc[at]

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Yield scores (n, I + 1), some rows at a time."""
        for first in range(0, len(self._at), BLOCK):
            rows = slice(first, first + BLOCK)
            yield rows, self._scorer.scores(self._at[rows])

    @cached_property
    def values(self) -> Floats:
        """All scores, shape (n, I + 1)."""
        return self._scorer.scores(self._at)

    def summed(self, group: RaterGroup, cells: Places, keys: Sequence[Key]) -> CellSums | None:
        """Return the sums over cells, of bytes; see `coded.summed`."""
        return summed(self._scorer, group, self._at, cells, keys)

    def of(self, subjects: tuple[str, ...]) -> Places:
        """Return which committee every row speaks of, shape (n,)."""
        known = {subject: place for place, subject in enumerate(subjects)}
        own = self._subject
        assert isinstance(own, pd.Categorical)
        codes = own.codes if len(self._at) == len(own) else own.codes[self._at]
        table = np.array([known.get(str(name), -1) for name in own.categories], dtype=np.intp)
        place: Places = table[codes]
        if (place < 0).any():
            raise KeyError(str(own.categories[codes[place < 0][0]]))
        return place

    def judging(self) -> pd.DataFrame:
        """Return the rows in which anything was judged, with their scores."""
        values = pd.DataFrame(
            self.values, index=self.people.index, columns=list(self.measures), copy=False
        )
        rows = pd.concat([self.people, values], axis=1).reset_index(drop=True)
        return rows[rows[list(self.measures)].notna().any(axis=1)]


def _measure_group(
    rows: _Rows,
    group: RaterGroup,
    subjects: tuple[str, ...],
    engine: Engine,
    raking: GroupRaking | None,
    composite: Floats,
    listed: Mapping[str, int],
    who: Mapping[str, str],
    scales: NDArray[np.int64],
) -> GroupCells:
    """Measure one group; `composite` (I,) are the weights of its indicators in the composite.

    Of those on a list whose length is known, by subject, only who did not answer leaves a doubt.

    Where the files tell which answers come from one cluster, variances are those of clusters.
    Otherwise they are the design effect that the scheme declares times those of independent
    answers. Either way an answer is worth so much less than an independent one.
    """
    k, m = len(subjects), len(rows.measures)
    n, n_measure = np.zeros(k, dtype=np.int64), np.zeros((k, m), dtype=np.int64)
    n_effective, df, mean = np.zeros(k), np.zeros(k), np.full((k, m), np.nan)
    covariance, clustered, independent = np.full((3, k, m, m), np.nan)
    recorded = group.raters == "respondent" and bool((rows.people["cluster"] != "").any())
    everybody = None if raking is None else rows.people["respondent"].to_numpy(dtype=object)
    every_unit = units(rows.people) if recorded else None
    for found in _cells(
        rows, subjects, group, engine, exactly=not recorded and raking is None, scales=scales
    ):
        at, moments = found.at, found.moments
        clusters = None if every_unit is None else every_unit[found.inside]
        if clusters is not None:
            moments = cell_moments(found.values, found.weights, group.population, clusters=clusters)
            clustered[at] = moments.covariance
            independent[at] = found.moments.covariance
        n[at], n_effective[at] = moments.n, moments.n_effective
        n_measure[at], mean[at] = moments.n_by_indicator, moments.mean
        own = moments.covariance
        if raking is not None and everybody is not None and moments.units >= 2:
            people = _People(everybody[found.inside], clusters)
            own = _raked(found.values, found.weights, moments, people, raking, group.population)
        covariance[at] = _small_sample(own, moments.units_by_indicator, moments.units)
        df[at] = moments.df
    effect = group.design_effect
    if recorded:
        told = design_effect(clustered[:, :-1, :-1], independent[:, :-1, :-1], composite)
        effect = max(told, 1.0)
    elif effect > 1:
        covariance *= effect
        df = np.where(df > 0, np.maximum((df + 1.0) / effect - 1.0, 1.0), 0.0)
    left = unlisted(n, np.array([listed.get(subject, np.inf) for subject in subjects]))
    covariance *= left[:, None, None]
    n_effective /= left
    influence = known = None
    if group.raters == "rater" and not (judging := rows.judging()).empty:
        influence, df, raters = _influence(judging, group, subjects, rows.measures)
        known = _known(raters, judging, who)
        covariance = np.einsum("rki,rkj->kij", influence, influence)
    return GroupCells(n, n_effective / effect, n_measure, mean, covariance, influence, df, known)


@dataclass(frozen=True, slots=True)
class _Cell:
    """One committee's answers: its place, independent moments and, where they were needed, its rows."""

    at: int
    moments: CellMoments
    inside: Places
    values: Floats
    weights: Floats


def _cells(
    rows: _Rows,
    subjects: tuple[str, ...],
    group: RaterGroup,
    engine: Engine,
    *,
    exactly: bool,
    scales: NDArray[np.int64],
) -> Iterator[_Cell]:
    """Yield the committees that have answers: from whole numbers added up, where that is exact."""
    place = rows.of(subjects)
    sums = _sums(rows, group, scales, place, subjects) if exactly else None
    if sums is not None:
        nobody, nothing = np.zeros(0, dtype=np.intp), np.zeros((0, len(rows.measures)))
        for at in np.unique(place).tolist():
            moments = sums.moments(at, group.population)
            yield _Cell(at, moments, nobody, nothing, nothing[:, 0])
        return
    every_weight = rows.people["weight"].to_numpy(dtype=np.float64)
    narrow = rows.people[["subject", "respondent"]].assign(at=np.arange(len(place)))
    for _, cell in engine.cells(narrow.reset_index(drop=True), ["subject"], "respondent"):
        inside = cell["at"].to_numpy()
        values, weights = rows.values[inside], every_weight[inside]
        moments = cell_moments(values, weights, group.population)
        yield _Cell(int(place[inside[0]]), moments, inside, values, weights)


def _sums(
    rows: _Rows,
    group: RaterGroup,
    scales: NDArray[np.int64],
    place: Places,
    subjects: tuple[str, ...],
) -> CellSums | None:
    """Return the sums over the cells of unweighted answers (n, I + 1); None where not exact."""
    if bool((rows.people["weight"] != 1.0).any()):
        return None
    keys = [(subject,) for subject in subjects]
    sums = rows.summed(group, place, keys)
    if sums is not None:
        return sums
    largest = 1.0
    for own, values in rows.blocks():
        numbers = whole(values, scales)
        if numbers is None:
            return None
        largest = float(np.fmax.reduce(np.abs(numbers), axis=None, initial=largest))
        if not fits([largest], place):
            return None
        found = cell_sums(numbers, scales, place[own], keys)
        sums = found if sums is None else sums + found
    return sums


def unlisted(n: NDArray[np.int64], listed: Floats) -> Floats:
    """Return what share of each list (K,) did not answer: the finite-population correction.

    Never quite nothing: a list that answered in full leaves an error of no size instead of none, so
    that the committee can be ranked like the others. Where there are more answers than names,
    `sizes.check` has refused the file.
    """
    return np.asarray(np.maximum(1.0 - n / listed, CENSUS))


def units(cell: pd.DataFrame) -> NDArray[np.object_]:
    """Return the cluster (n,) of every answer; one that tells none is a cluster of its own."""
    cluster = cell["cluster"].to_numpy(dtype=object)
    return np.where(cluster == "", cell["respondent"].to_numpy(dtype=object), cluster)


@dataclass(frozen=True, slots=True)
class _People:
    """Who answered in a cell, and the clusters they come from."""

    respondents: NDArray[np.object_]
    clusters: NDArray[np.object_] | None


def _raked(
    values: Floats,
    weights: Floats,
    moments: CellMoments,
    people: _People,
    raking: GroupRaking,
    population: int | None,
) -> Floats:
    """Covariance of a committee's means where the weights were raked to the street's margins.

    The committee's influence values are swept by the margins over the whole group before they are
    squared. The margins hold for the street and not for the committee, so little is swept away:
    of the variance that they explain, about the committee's share of the group's answers. The
    covariance that common margins make between committees is left out (correlations of about 0.01
    among 450 answers of 35 committees); without it the street's mean looks less sure than it is.
    """
    answered = ~np.isnan(values)
    mass = weights @ answered
    share = weights[:, None] / np.where(mass > 0, mass, 1.0)
    influence = np.where(answered, share * (values - moments.mean), 0.0)
    correction = 1.0 if population is None else 1.0 - moments.n / population
    spread = raking.spread(people.respondents, influence, people.clusters)
    covariance = spread * correction * moments.units / (moments.units - 1)
    unknown = moments.units_by_indicator < 2
    covariance[unknown, :] = np.nan
    covariance[:, unknown] = np.nan
    return covariance


def _small_sample(covariance: Floats, n_measure: np.ndarray, n: int) -> Floats:
    """Correct for measures that few of the cell's n respondents, or clusters, answered.

    The linearised variance carries n / (n - 1) for the cell; a measure answered by n_i of them
    deserves n_i / (n_i - 1), so that three answers are not taken for sixty.
    """
    if n < 2:
        return covariance
    own = np.where(n_measure > 1, n_measure / np.maximum(n_measure - 1.0, 1.0), np.nan)
    scale = np.sqrt(own * (n - 1.0) / n)
    return np.asarray(covariance * np.outer(scale, scale))


def _influence(
    rows: pd.DataFrame, group: RaterGroup, subjects: tuple[str, ...], measures: tuple[str, ...]
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Return every rater's influence (R, K, I + 1), the degrees of freedom (K,), and the raters (R,).

    The rater is the cluster. A measure of a subject that m of the raters judged gets m / (m - 1) in
    place of the design's n / (n - 1), so that three raters are not taken for thirty. Whoever
    answered nothing that counts judges nothing: no such row is among these.
    """
    ordered = rows.sort_values("respondent", kind="stable")
    found = rater_influence(
        ordered[list(measures)].to_numpy(dtype=np.float64),
        ordered["weight"].to_numpy(dtype=np.float64),
        ordered["subject"].to_numpy(dtype=str),
        ordered["rater"].to_numpy(dtype=str),
        population=group.population,
    )
    where = [subjects.index(str(domain)) for domain in found.domains]
    judging = ordered[list(measures)].notna().groupby([ordered["subject"], ordered["rater"]]).any()
    judges = judging.groupby(level="subject").sum().loc[list(found.domains)].to_numpy(np.float64)
    raters = float(ordered["rater"].nunique())
    own = judges / np.maximum(judges - 1.0, 1.0)  # who alone judged has no influence that is known
    design = raters / (raters - 1.0) if raters > 1 else np.nan
    influence = np.full((len(found.influence), len(subjects), len(measures)), np.nan)
    influence[:, where] = found.influence * np.sqrt(own / design)
    df = np.zeros(len(subjects))
    df[where] = np.maximum(found.raters - 1.0, 0.0)
    return influence, df, found.labels


def _known(
    raters: NDArray[np.str_], rows: pd.DataFrame, who: Mapping[str, str]
) -> NDArray[np.str_] | None:
    """Return the fingerprints of raters; None where nothing tells them."""
    told = {
        str(rater): who[respondent]
        for rater, respondent in zip(rows["rater"], rows["respondent"], strict=True)
        if who.get(respondent)
    }
    return np.array([told.get(str(rater), "") for rater in raters], dtype=str) if told else None
