"""Scores: cells weighted by the scheme, each with its uncertainty, its interval and its grade."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.codes import NoteCode
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings import disclosure
from evalkit.findings.combining import Combined, Weighing, combine, flat_cells, weigh
from evalkit.tables import ALL_GROUPS, COMPOSITE, Cells, Floats, Incomplete, Scores, frame


def score(cells: Cells, scheme: Scheme, roster: Roster) -> Scores:
    """Score every committee of a wave under a scheme.

    A committee without answers in any cell that the scheme weighs, or with a single answer there
    (which has no variance), is incomplete: listed, not scored, never silently re-weighted.

    Parameters
    ----------
    cells : Cells
        Of one wave, past or present.
    scheme : Scheme
        Today's scheme, whatever the wave was published under.

    Returns
    -------
    Scores
    """
    weighing = weigh(scheme)
    groups = tuple(group.code for group in scheme.groups)
    lacking = {
        subject: _lacking(cells, scheme, weighing.composite, place)
        for place, subject in enumerate(cells.subjects)
    }
    complete = tuple(subject for subject in cells.subjects if not lacking[subject])
    at = np.array([cells.subjects.index(subject) for subject in complete], dtype=np.intp)
    combined = combine(cells, groups, weighing.weights, at)
    everyone = combine(cells, groups, weighing.weights, np.arange(len(cells.subjects)))
    indicators = len(cells.measures) - 1
    return Scores(
        wave=cells.wave,
        subjects=complete,
        incomplete=tuple(Incomplete(s, lacks) for s, lacks in lacking.items() if lacks),
        measures=weighing.measures,
        estimate=combined.estimate,
        variance=combined.variance,
        df=combined.df,
        covariance=combined.covariance,
        difference_variance=combined.difference_variance,
        cell_weights=weighing.composite,
        cell_means=np.stack([cells.groups[g].mean[at, :indicators] for g in groups], axis=1),
        table=_table(cells, scheme, roster, complete, combined),
        indicators=_indicators(cells, scheme, weighing, everyone),
    )


def notes(cells: Cells, scores: Scores) -> tuple[Note, ...]:
    """Return what a reader must know about these scores."""
    found = []
    flat = flat_cells(cells)
    if flat:
        found.append(Note(NoteCode.IDENTICAL_ANSWERS, cells.wave, flat))
    if scores.incomplete:
        found.append(Note(NoteCode.INCOMPLETE, cells.wave, len(scores.incomplete)))
    return tuple(found)


def grade_probability(scheme: Scheme, grade: str, score: float, se: float, df: float) -> float:
    """Return the probability that the true score lies in a grade.

    The true score is taken as t-distributed around the estimate (a flat prior).
    """
    names = [entry.name for entry in scheme.grades]
    place = names.index(grade)
    low = scheme.grades[place].cutoff if place < len(names) - 1 else -np.inf
    high = scheme.grades[place - 1].cutoff if place > 0 else np.inf
    if not se > 0:
        return float(low <= score < high)
    reference = stats.t(df=min(df, 1e9), loc=score, scale=se)
    return float(reference.cdf(high) - reference.cdf(low))


def _lacking(cells: Cells, scheme: Scheme, weights: Floats, place: int) -> tuple[str, ...]:
    """List what keeps a subject from being scored: whole groups, or ``group:indicator`` cells."""
    lacking: list[str] = []
    for g, group in enumerate(scheme.groups):
        own = cells.groups[group.code]
        if not weights[g].any():
            continue
        if own.n[place] < 2:
            lacking.append(group.code)
            continue
        for i, code in enumerate(cells.measures[:-1]):
            variance = own.covariance[place, i, i]
            if weights[g, i] > 0 and not (np.isfinite(own.mean[place, i]) and variance >= 0):
                lacking.append(f"{group.code}:{code}")
    return tuple(lacking)


def _table(
    cells: Cells, scheme: Scheme, roster: Roster, complete: tuple[str, ...], combined: Combined
) -> pd.DataFrame:
    place = {subject: index for index, subject in enumerate(complete)}
    rows: list[tuple[object, ...]] = []
    for subject in cells.subjects:
        name = roster.subject(subject).name
        if subject not in place:
            rows.append((subject, name, np.nan, np.nan, np.nan, np.nan, None, np.nan, False))
            continue
        at = place[subject]
        value, se = combined.estimate[0, at], float(np.sqrt(combined.variance[0, at]))
        df = combined.df[0, at]
        reach = se * stats.t.ppf(0.5 + scheme.confidence / 2.0, min(df, 1e9))
        grade = scheme.grade_of(value)
        rows.append(
            (
                subject,
                name,
                value,
                se,
                max(value - reach, 0.0),
                min(value + reach, 100.0),
                grade,
                grade_probability(scheme, grade, value, se, df),
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


def _indicators(
    cells: Cells, scheme: Scheme, weighing: Weighing, everyone: Combined
) -> pd.DataFrame:
    """Every measure of every subject, over all groups and by group.

    A group's cell below the group's minimum n is listed without a number, and so is what would give
    it away (`disclosure.withheld`); the sum of a measure's answers is, too, where a part of it is.
    """
    parts = [
        _level(cells, weighing, ALL_GROUPS, everyone, _answers(cells, scheme, weighing), 0),
    ]
    shares = [weighing.weights]
    for g, group in enumerate(scheme.groups):
        alone = np.zeros_like(weighing.weights)
        alone[:, g] = weighing.weights[:, g]
        covered = alone.sum(axis=(1, 2)) > 0
        if not covered.any():
            continue
        own = Weighing(
            tuple(m for m, kept in zip(weighing.measures, covered, strict=True) if kept),
            alone[covered] / alone[covered].sum(axis=(1, 2), keepdims=True),
        )
        codes = tuple(entry.code for entry in scheme.groups)
        combined = combine(cells, codes, own.weights, np.arange(len(cells.subjects)))
        counts = _answers(cells, scheme, own)
        parts.append(_level(cells, own, group.code, combined, counts, group.minimum_n))
        shares.append(own.weights)
    table = pd.concat(parts, ignore_index=True)
    weights = np.concatenate(
        [np.tile(w.reshape(len(w), -1), (len(cells.subjects), 1)) for w in shares]
    )
    return frame("indicators", _withheld(table, weights))


def _withheld(table: pd.DataFrame, weights: Floats) -> pd.DataFrame:
    """Leave out what gives a small cell away; `weights` has a row for every row of the table."""
    indicator, by_group = table["level"] == "indicator", table["group"] != ALL_GROUPS
    kinds = np.where(by_group, np.where(indicator, "cell", "group"), "all")
    kinds[(~by_group & (table["level"] == COMPOSITE)).to_numpy()] = "score"
    small = indicator & by_group & table["estimate"].isna()
    answers = table["n"].fillna(0).to_numpy(dtype=np.int64)
    for subject in table.loc[small, "subject"].unique():
        own = np.flatnonzero((table["subject"] == subject) & (table["estimate"].notna() | small))
        hidden = [at for at, row in enumerate(own) if small[row]]
        lines = [
            disclosure.Line(
                weights[row],
                kinds[row],
                int(answers[row]),
            )
            for row in own
        ]
        gone = own[sorted(disclosure.withheld(lines, hidden))]
        table.loc[gone, ["estimate", "se"]] = np.nan
        table.loc[gone, "n"] = pd.NA
        parts = table.loc[gone, "code"].unique()
        sums = (table["subject"] == subject) & ~by_group & table["code"].isin(parts)
        table.loc[sums, "n"] = pd.NA
    return table


def _answers(cells: Cells, scheme: Scheme, weighing: Weighing) -> Floats:
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
    shown = (counts >= minimum) & np.isfinite(combined.variance)
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
