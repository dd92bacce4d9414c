"""Scores: cells weighted by the scheme, each with its uncertainty, its interval and its grade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.units import Units
from evalkit.errors import Note
from evalkit.findings.combining import (
    Combined,
    Weighing,
    apportion,
    combine,
    flat_cells,
    never_varies,
    seen_by,
    weigh,
)
from evalkit.findings.rolling_up import roll_up
from evalkit.findings.sources import by_group
from evalkit.methods import shrinkage, tails
from evalkit.tables import (
    ALL_GROUPS,
    Cells,
    Floats,
    GroupCells,
    Incomplete,
    Provisional,
    Scores,
    frame,
    no_rows,
)


def score(cells: Cells, scheme: Scheme, roster: Roster, *, parts: bool = True) -> Scores:
    """Score every committee of a wave under a scheme.

    A committee that a rater group did not judge at all is incomplete: listed, not scored, its
    weight never given to other groups. Where a group that did judge gave an indicator no valid
    answer, the group's other indicators share its weight (`combining.apportion`); a single answer
    counts, and borrows its variance (`borrowing`). Notes name every such cell.

    Parameters
    ----------
    cells : Cells
        Of one wave, past or present.
    scheme : Scheme
        Today's scheme, whatever the wave was published under.
    parts : bool
        Whether to score dimensions and indicators, too, and to list them by rater group
        (`Scores.indicators`, empty without).

    Returns
    -------
    Scores
    """
    weighing = weigh(scheme) if parts else weigh(scheme).only_composite
    groups = tuple(group.code for group in scheme.groups)
    beside = Units.of(roster).provisional
    lacking = {
        subject: _lacking(cells, scheme, weighing.composite, place)
        for place, subject in enumerate(cells.subjects)
    }
    scored = [subject for subject in cells.subjects if not lacking[subject]]
    complete = tuple(subject for subject in scored if subject not in beside)
    at = np.array([cells.subjects.index(subject) for subject in complete], dtype=np.intp)
    weights = apportion(weighing, scheme, cells)
    combined = _told(combine(cells, groups, weights, at), scheme)
    everyone = combined
    if parts and len(complete) < len(cells.subjects):
        everyone = _told(combine(cells, groups, weights, np.arange(len(cells.subjects))), scheme)
    indicators = len(cells.measures) - 1
    set_up = _provisional(cells, scheme, weights, at, [s for s in scored if s in beside])
    return Scores(
        wave=cells.wave,
        subjects=complete,
        incomplete=tuple(Incomplete(s, lacks) for s, lacks in lacking.items() if lacks),
        measures=weighing.measures,
        estimate=combined.estimate,
        variance=combined.variance,
        df=combined.df,
        covariance=combined.covariance,
        pair_df=combined.pair_df,
        difference_variance=combined.difference_variance,
        cell_weights=weights[0, at],
        cell_means=np.stack([cells.groups[g].mean[at, :indicators] for g in groups], axis=1),
        table=_table(cells, scheme, roster, complete, combined, set_up),
        indicators=_indicators(cells, scheme, weighing, weights, everyone)
        if parts
        else no_rows("indicators"),
        provisional=set_up,
    )


def _provisional(
    cells: Cells,
    scheme: Scheme,
    weights: Floats,
    counting: np.ndarray,
    subjects: Sequence[str],
) -> Provisional | None:
    """Score the committees that are being set up, and hold them against the mean of those that count.

    Parameters
    ----------
    weights : ndarray of shape (M, K, G, I)
        Of all committees of the cells.
    counting : ndarray of int
        Places of the committees that count.
    """
    if not subjects:
        return None
    groups = tuple(group.code for group in scheme.groups)
    own = np.array([cells.subjects.index(subject) for subject in subjects], dtype=np.intp)
    found = _told(combine(cells, groups, weights, own), scheme)
    against = np.full_like(found.variance, np.nan)
    everyone = combine(cells, groups, weights, np.arange(len(cells.subjects)))
    for m in range(len(weights)):
        judged = [k for k in counting if np.isfinite(everyone.estimate[m, k])]
        for p, place in enumerate(own):
            if judged and np.isfinite(found.estimate[m, p]):
                both = np.array([place, *judged])
                less = np.array([1.0, *[-1.0 / len(judged)] * len(judged)])
                against[m, p] = roll_up(less, by_group(cells, groups, weights[m], both)).variance
    means = np.stack([cells.groups[g].mean[own, : weights.shape[-1]] for g in groups], axis=1)
    return Provisional(
        tuple(subjects),
        found.estimate,
        found.variance,
        found.df,
        against,
        weights[0, own],
        means,
    )


def _told(combined: Combined, scheme: Scheme) -> Combined:
    """Leave out variances of 0: where no answers differ anywhere, nothing tells the error.

    Only where a group's raters are counted may all of them have answered, which leaves no error.
    """
    if any(group.population is not None for group in scheme.groups):
        return combined
    none = combined.variance == 0
    covariance = combined.covariance.copy()
    covariance[none[0], :] = covariance[:, none[0]] = np.nan
    return replace(
        combined,
        variance=np.where(none, np.nan, combined.variance),
        df=np.where(none, np.nan, combined.df),
        difference_variance=np.where(none, np.nan, combined.difference_variance),
        covariance=covariance,
    )


def notes(cells: Cells, scores: Scores, scheme: Scheme, roster: Roster) -> tuple[Note, ...]:
    """Return what a reader must know about these scores."""
    found = [*thin_cells(cells, scheme, roster)]
    flat = flat_cells(cells)
    if flat:
        found.append(Note(NoteCode.IDENTICAL_ANSWERS, cells.wave, flat))
    for group in scheme.groups:
        if group.population is None and never_varies(cells.groups[group.code]):
            facts = {"group": group.name}
            found.append(Note(NoteCode.GROUP_NEVER_VARIES, cells.wave, facts=facts))
    if scores.provisional is not None:
        names = tuple(roster.subject(one).name for one in scores.provisional.subjects)
        found.append(Note(NoteCode.PROVISIONAL, cells.wave, len(names), {"names": names}))
    if scores.incomplete:
        found.append(Note(NoteCode.INCOMPLETE, cells.wave, len(scores.incomplete)))
    if not scores.errors_known:
        found.append(Note(NoteCode.NOT_RANKED, cells.wave, len(scores.subjects)))
    return tuple(found)


def thin_cells(cells: Cells, scheme: Scheme, roster: Roster) -> Iterator[Note]:
    """Yield a note for every committee and rater group with indicators of no answer, or of one.

    Only where the group judged the committee at all: a group that is absent makes it incomplete.
    """
    weights = scheme.weights()
    indicators = scheme.indicators
    for place, subject in enumerate(cells.subjects):
        for g, group in enumerate(scheme.groups):
            own = cells.groups[group.code]
            used = np.flatnonzero(weights[g] > 0)
            if group.ledger is not None or _lacks(own, used, place):
                continue
            n = own.n_measure[place]
            for code, few in ((NoteCode.NO_ANSWER_IN_CELL, 0), (NoteCode.ONE_ANSWER_IN_CELL, 1)):
                names = tuple(indicators[i].name for i in used if n[i] == few)
                if names:
                    facts = {
                        "subject": subject,
                        "name": roster.subject(subject).name,
                        "group": group.name,
                        "answers": int(own.n[place]),
                        "indicators": names,
                        "n": few,
                    }
                    yield Note(code, cells.wave, facts=facts)


def true_scores(combined: Combined) -> tuple[Floats, Floats]:
    """Return where the committees' true composites are expected, and the errors of that, (K,) each.

    A score far out is there by luck as well as by merit; the expected true score lies nearer to
    the others (`methods.shrinkage.shrink`), the more so the less of the differences is real. Its
    mean squared error knows that the real spread is an estimate, too. NaN with fewer than three
    committees of known error: what is usual cannot be told from two.
    """
    x, variance = combined.estimate[0], combined.variance[0]
    expected, error = np.full(len(x), np.nan), np.where(variance == 0, 0.0, np.nan)
    expected[variance == 0] = x[variance == 0]
    known = np.flatnonzero(variance > 0)
    if len(known) >= 3:
        found = shrinkage.shrink(x[known], combined.covariance[np.ix_(known, known)])
        expected[known], error[known] = found.estimate, np.sqrt(found.mse)
    return expected, error


def grade_probability(scheme: Scheme, grade: str, score: float, se: float, df: float) -> float:
    """Return the probability that the true score lies in a grade.

    The true score is taken as t-distributed around the score with this error: the expected true
    score (`true_scores`) in what is published; NaN where its error is not known.
    """
    names = [entry.name for entry in scheme.grades]
    place = names.index(grade)
    low = scheme.grades[place].cutoff if place < len(names) - 1 else -np.inf
    high = scheme.grades[place - 1].cutoff if place > 0 else np.inf
    if np.isnan(se):
        return np.nan
    if not se > 0:
        return float(low <= score < high)
    freedom = min(df, 1e9)
    below = tails.t_below((high - score) / se, freedom) - tails.t_below((low - score) / se, freedom)
    return float(below)


def _lacking(cells: Cells, scheme: Scheme, weights: Floats, place: int) -> tuple[str, ...]:
    """List the rater groups that keep a subject from being scored: those that did not judge it."""
    return tuple(
        group.code
        for g, group in enumerate(scheme.groups)
        if _lacks(cells.groups[group.code], np.flatnonzero(weights[g]), place)
    )


def _lacks(group: GroupCells, used: np.ndarray, place: int) -> bool:
    return not np.isfinite(group.mean[place, used]).any()


def _table(
    cells: Cells,
    scheme: Scheme,
    roster: Roster,
    complete: tuple[str, ...],
    combined: Combined,
    set_up: Provisional | None,
) -> pd.DataFrame:
    """Return frame ``scores``; a committee that is being set up has a score, and no grade."""
    place = {subject: index for index, subject in enumerate(complete)}
    expected, error = true_scores(combined)
    rows: list[tuple[object, ...]] = []
    for subject in cells.subjects:
        name = roster.subject(subject).name
        if set_up is not None and subject in set_up.subjects:
            rows.append((subject, name, *_ends(set_up, subject, scheme), None, np.nan, False))
            continue
        if subject not in place:
            rows.append((subject, name, np.nan, np.nan, np.nan, np.nan, None, np.nan, False))
            continue
        at = place[subject]
        value, se = combined.estimate[0, at], float(np.sqrt(combined.variance[0, at]))
        df = combined.df[0, at]
        reach = se * tails.t_quantile(0.5 + scheme.confidence / 2.0, min(df, 1e9))
        grade = scheme.grade_of(value)
        rows.append(
            (
                subject,
                name,
                value,
                se,
                float(np.maximum(value - reach, 0.0)),
                float(np.minimum(value + reach, 100.0)),
                grade,
                grade_probability(scheme, grade, float(expected[at]), float(error[at]), df),
                True,
            )
        )
    names = (
        "subject", "name", "score", "se", "low", "high", "grade", "grade_probability", "complete"
    )  # fmt: skip
    columns = {
        name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }
    return frame("scores", {"wave": [cells.wave] * len(rows), **columns})


def _ends(set_up: Provisional, subject: str, scheme: Scheme) -> tuple[float, float, float, float]:
    """Return the score of a committee that is being set up, its standard error and interval."""
    p = set_up.subjects.index(subject)
    value, se = float(set_up.estimate[0, p]), float(np.sqrt(set_up.variance[0, p]))
    reach = se * float(tails.t_quantile(0.5 + scheme.confidence / 2.0, min(set_up.df[0, p], 1e9)))
    return value, se, float(np.maximum(value - reach, 0.0)), float(np.minimum(value + reach, 100.0))


def _indicators(
    cells: Cells, scheme: Scheme, weighing: Weighing, weights: Floats, everyone: Combined
) -> pd.DataFrame:
    """Every measure of every subject, over all groups and by group.

    A group's number below the group's minimum n is listed without a number. What would give it
    away is left out later (`findings.withholding`), when all committees are known.
    """
    parts = [
        _level(cells, weighing, ALL_GROUPS, everyone, answers_behind(cells, scheme, weighing), 0)
    ]
    codes = tuple(entry.code for entry in scheme.groups)
    for g, group in enumerate(scheme.groups):
        own = seen_by(weighing, weights, g)
        everybody = np.arange(len(cells.subjects))
        combined = _told(combine(cells, codes, own.weights, everybody), scheme)
        counts = answers_behind(cells, scheme, own.weighing)
        parts.append(_level(cells, own.weighing, group.code, combined, counts, group.minimum_n))
    return frame("indicators", pd.concat(parts, ignore_index=True))


def answers_behind(cells: Cells, scheme: Scheme, weighing: Weighing) -> Floats:
    """Answers behind each measure of each subject, shape (M, K).

    Of a single indicator, the answers that count for it; of a dimension, those of its most
    answered indicator; of the composite, everybody who answered anything. Groups are added up.
    """
    total = np.zeros((len(weighing.measures), len(cells.subjects)))
    for g, group in enumerate(scheme.groups):
        for m in range(len(weighing.measures)):
            used = np.flatnonzero(weighing.weights[m, g] > 0)
            if not len(used):
                continue
            own = cells.groups[group.code]
            whole = weighing.measures[m].level == "composite"
            total[m] += own.n if whole else own.n_measure[:, used].max(axis=1)
    return total


def _level(
    cells: Cells,
    weighing: Weighing,
    group: str,
    combined: Combined,
    counts: Floats,
    minimum: int,
) -> pd.DataFrame:
    shown = (counts >= minimum) & np.isfinite(combined.estimate)
    m, k = counts.shape
    n = pd.array(counts.T.ravel().astype(np.int64), dtype="Int64")
    n[(counts < minimum).T.ravel()] = pd.NA
    return pd.DataFrame(
        {
            "wave": cells.wave,
            "subject": np.repeat(np.array(cells.subjects, dtype=object), m),
            "code": np.tile(np.array([x.code for x in weighing.measures], dtype=object), k),
            "level": np.tile(np.array([x.level for x in weighing.measures], dtype=object), k),
            "group": group,
            "estimate": np.where(shown, combined.estimate, np.nan).T.ravel(),
            "se": np.sqrt(np.where(shown, combined.variance, np.nan)).T.ravel(),
            "n": n,
        }
    )
