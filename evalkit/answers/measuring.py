"""The one door out of the rows: answers in, cells out.

An answer scores by its option. A respondent's indicator is the mean of the indicator's items that
were answered, if enough were. A cell is the weighted mean over respondents, with its covariance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.answers.comparability import definitions
from evalkit.answers.once import remembered
from evalkit.answers.weighting import GroupRaking
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.units import Units
from evalkit.engines.base import Engine
from evalkit.methods.clusters import design_effect
from evalkit.methods.gram import CellSums, cell_sums, fits, whole
from evalkit.methods.influence import rater_influence
from evalkit.methods.moments import CellMoments, cell_moments
from evalkit.tables import OVERALL, Answers, Cells, Floats, GroupCells, check

Places = NDArray[np.intp]

MOST_ITEMS = 10
"""Of an indicator whose scores are taken as whole numbers: the scale of more is too large."""

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
    values = score_respondents(answers, decided)
    respondents = check(answers.respondents, "respondents")
    rows = pd.concat(
        [respondents[["respondent", "group", "subject", "rater", "cluster", "weight"]], values],
        axis=1,
    ).reset_index(drop=True)
    listed = Units.of(decided.roster).listed(answers.wave)
    told, scales = spoken or {}, scales_of(scheme, decided.questionnaires)
    groups = {
        group.code: told[group.code]
        if group.code in told
        else _measure_group(
            rows[rows["group"] == group.code],
            group,
            subjects,
            measures,
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
        _distributions(answers, decided.questionnaires) if distributions is None else distributions,
        definitions(decided, answers),
    )


@remembered
def score_respondents(answers: Answers, decided: Decided) -> pd.DataFrame:
    """Return every respondent's indicator scores.

    Returns
    -------
    DataFrame of shape (n, I + 1)
        Indexed by respondent; columns are the indicator codes and ``overall``; 0 to 100, NaN
        where fewer than the scheme's share of the indicator's items were answered, or where the
        rater group does not judge the indicator.
    """
    scheme = decided.scheme
    columns = [*(indicator.code for indicator in scheme.indicators), OVERALL]
    index = answers.respondents.index
    result = np.full((len(index), len(columns)), np.nan)
    for questionnaire_id, codes in answers.codes.items():
        questionnaire = decided.questionnaires[questionnaire_id]
        rows = index.get_indexer(codes.index)
        for at, indicator in enumerate(scheme.indicators):
            items = [questionnaire.item(i) for i in indicator.items.get(questionnaire_id, [])]
            if items:
                scores = np.column_stack(
                    [item_scores(codes[i.id], i, questionnaire) for i in items]
                )
                result[rows, at] = _mean_of_answered(scores, scheme.minimum_answered)
        for item in questionnaire.of_role("overall"):
            result[rows, -1] = item_scores(codes[item.id], item, questionnaire)
    own_group = answers.respondents["group"].to_numpy(dtype=object)
    for group in scheme.groups:
        outside = [at for at, c in enumerate(columns[:-1]) if c not in scheme.covered(group)]
        result[np.ix_(own_group == group.code, outside)] = np.nan
    return pd.DataFrame(result, index=index, columns=columns, copy=False)


def item_scores(codes: pd.Series[str], item: Item, questionnaire: Questionnaire) -> Floats:
    """Return what answers to one item score, shape (n,): 0 to 100, NaN where there is no score."""
    if item.kind == "number" and item.minimum is not None and item.maximum is not None:
        numbers = pd.to_numeric(codes, errors="coerce").to_numpy(dtype=np.float64)
        return np.asarray(100.0 * (numbers - item.minimum) / (item.maximum - item.minimum))
    table = {o.code: o.score for o in questionnaire.options_of(item) if o.score is not None}
    score = table.get
    return np.array([score(code, np.nan) for code in codes.tolist()], dtype=np.float64)


def scales_of(scheme: Scheme, books: Mapping[str, Questionnaire]) -> NDArray[np.int64]:
    """Return what makes whole numbers of every indicator's scores, and of the overall one, (I + 1,).

    The least common multiple of how many of its items may be answered, times what the items' own
    scores need. Where it is too little or too large, cells are measured in floating point.
    """
    asked = [
        [
            _scale_of(books[q], i)
            for q, items in indicator.items.items()
            if q in books
            for i in items
        ]
        for indicator in scheme.indicators
    ]
    asked.append([_scale_of(b, item.id) for b in books.values() for item in b.of_role("overall")])
    most = [
        max((len(items) for q, items in indicator.items.items() if q in books), default=1)
        for indicator in scheme.indicators
    ]
    return np.array(
        [
            math.lcm(*range(1, min(n, MOST_ITEMS) + 1)) * math.lcm(*each)
            for n, each in zip((*most, 1), asked, strict=True)
        ],
        dtype=np.int64,
    )


def _scale_of(questionnaire: Questionnaire, item_id: str) -> int:
    item = questionnaire.item(item_id)
    if item.kind == "number" and item.minimum is not None and item.maximum is not None:
        return max(round(item.maximum - item.minimum), 1)
    scores = [o.score for o in questionnaire.options_of(item) if o.score is not None]
    return next((s for s in (1, 10, 100) if whole([scores], [s] * len(scores)) is not None), 1000)


def _mean_of_answered(scores: Floats, minimum: float) -> Floats:
    answered = ~np.isnan(scores)
    count = answered.sum(axis=1)
    total = np.where(answered, scores, 0.0).sum(axis=1)
    enough = (count > 0) & (count >= minimum * scores.shape[1])
    return np.asarray(np.where(enough, total / np.maximum(count, 1), np.nan))


def _measure_group(
    rows: pd.DataFrame,
    group: RaterGroup,
    subjects: tuple[str, ...],
    measures: tuple[str, ...],
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
    k, m = len(subjects), len(measures)
    place = {subject: index for index, subject in enumerate(subjects)}
    n, n_measure = np.zeros(k, dtype=np.int64), np.zeros((k, m), dtype=np.int64)
    n_effective, df, mean = np.zeros(k), np.zeros(k), np.full((k, m), np.nan)
    covariance, clustered, independent = np.full((3, k, m, m), np.nan)
    recorded = group.raters == "respondent" and bool((rows["cluster"] != "").any())
    everybody = rows["respondent"].to_numpy(dtype=object)
    every_value = rows[list(measures)].to_numpy(dtype=np.float64)
    every_weight = rows["weight"].to_numpy(dtype=np.float64)
    every_unit = units(rows)
    sums = None if recorded or raking is not None else _sums(every_value, scales, rows, place)
    narrow = rows[["subject", "respondent"]].assign(at=np.arange(len(rows)))
    for (subject,), cell in engine.cells(narrow, ["subject"], "respondent"):
        at, inside = place[subject], cell["at"].to_numpy()
        values, weights = every_value[inside], every_weight[inside]
        clusters = every_unit[inside] if recorded else None
        moments = (
            sums.moments(at, group.population)
            if sums is not None
            else cell_moments(values, weights, group.population, clusters=clusters)
        )
        if recorded:
            clustered[at] = moments.covariance
            independent[at] = cell_moments(values, weights, group.population).covariance
        n[at], n_effective[at] = moments.n, moments.n_effective
        n_measure[at], mean[at] = moments.n_by_indicator, moments.mean
        own = moments.covariance
        if raking is not None and moments.units >= 2:
            people = _People(everybody[inside], clusters)
            own = _raked(values, weights, moments, people, raking, group.population)
        covariance[at] = _small_sample(own, moments.units_by_indicator, moments.units)
        df[at] = moments.df
    effect = group.design_effect
    if recorded:
        found = design_effect(clustered[:, :-1, :-1], independent[:, :-1, :-1], composite)
        effect = max(found, 1.0)
    elif effect > 1:
        covariance *= effect
        df = np.where(df > 0, np.maximum((df + 1.0) / effect - 1.0, 1.0), 0.0)
    left = unlisted(n, np.array([listed.get(subject, np.inf) for subject in subjects]))
    covariance *= left[:, None, None]
    n_effective /= left
    influence = known = None
    judging = rows[rows[list(measures)].notna().any(axis=1)]
    if group.raters == "rater" and not judging.empty:
        influence, df, raters = _influence(judging, group, subjects, measures)
        known = _known(raters, judging, who)
        covariance = np.einsum("rki,rkj->kij", influence, influence)
    return GroupCells(n, n_effective / effect, n_measure, mean, covariance, influence, df, known)


def _sums(
    values: Floats, scales: NDArray[np.int64], rows: pd.DataFrame, place: Mapping[str, int]
) -> CellSums | None:
    """Return the sums over the cells of unweighted answers (n, I + 1); None where not exact."""
    of = rows["subject"].map(place).to_numpy(dtype=np.intp)
    numbers = whole(values, scales)
    if numbers is None or not fits(numbers, of) or bool((rows["weight"] != 1.0).any()):
        return None
    return cell_sums(numbers, scales, of, [(subject,) for subject in place])


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
    share = weights[:, None] * answered / np.where(mass > 0, mass, 1.0)
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
    own = np.where(judges > 1, judges / np.maximum(judges - 1.0, 1.0), np.nan)
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


def _distributions(answers: Answers, questionnaires: Mapping[str, Questionnaire]) -> pd.DataFrame:
    """How often each option of each single- or multiple-choice item was chosen, by cell."""
    names = ["subject", "group", "item", "option", "n", "share"]
    parts = [pd.DataFrame({name: [] for name in names})]
    for questionnaire_id, codes in answers.codes.items():
        own = answers.respondents.loc[codes.index]
        cell, cells = pd.factorize(pd.MultiIndex.from_frame(own[["subject", "group"]]), sort=True)
        weight = own["weight"].to_numpy(dtype=np.float64)
        for item in questionnaires[questionnaire_id].items:
            if item.id in codes and item.kind in ("single", "multiple"):
                parts.append(_item_distribution(item.id, codes[item.id], cell, cells, weight))
    table = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[names]
    return check(table, "distributions")


def _item_distribution(
    item: str, codes: pd.Series[str], cell: Places, cells: pd.Index, weight: Floats
) -> pd.DataFrame:
    answered = np.flatnonzero(codes.notna().to_numpy())
    value, distinct = pd.factorize(codes.iloc[answered])
    several = [str(chosen).split(";") for chosen in distinct]
    options = np.array(sorted({code for chosen in several for code in chosen}), dtype=object)
    known = {code: place for place, code in enumerate(options)}
    marked = np.array([known[code] for chosen in several for code in chosen], dtype=np.intp)
    many = np.array([len(chosen) for chosen in several], dtype=np.intp)
    begins = np.cumsum(many) - many
    row = np.repeat(answered, many[value])
    turn = np.arange(len(row)) - np.repeat(np.cumsum(many[value]) - many[value], many[value])
    option = marked[np.repeat(begins[value], many[value]) + turn]
    place = cell[row] * len(options) + option
    size = len(cells) * len(options)
    n = np.bincount(place, minlength=size)
    mass = np.bincount(place, weights=weight[row], minlength=size)
    total = np.bincount(cell[answered], weights=weight[answered], minlength=len(cells))
    used = np.flatnonzero(n)
    where = used // max(len(options), 1)
    return pd.DataFrame(
        {
            "subject": cells.get_level_values(0)[where],
            "group": cells.get_level_values(1)[where],
            "item": item,
            "option": options[used % max(len(options), 1)],
            "n": n[used],
            "share": mass[used] / total[where],
        }
    )
