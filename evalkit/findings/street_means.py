"""The street as a whole: the mean over its committees of every measure, and how it changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.codes import OwnChange
from evalkit.definitions.scheme import Scheme
from evalkit.findings.combining import apportion, weigh
from evalkit.findings.panel import Between
from evalkit.findings.rolling_up import Sum, difference, roll_up
from evalkit.findings.sources import by_group
from evalkit.findings.withholding import FEWEST
from evalkit.methods.multiplicity import holm
from evalkit.tables import (
    ALL_GROUPS,
    COMPOSITE,
    FRAMES,
    Cells,
    Floats,
    Measure,
    Scores,
    WaveResult,
    frame,
    no_rows,
)


def means(now: WaveResult, before: WaveResult | None, scheme: Scheme) -> pd.DataFrame:
    """Average every measure over the complete committees; composite and dimensions by group too.

    A change is that of the committees complete in both waves, tested and Holm-adjusted over the
    measures of a level; what was asked otherwise in the last wave is not compared, and neither is
    what some committee's number is not told of, unless all committees of both waves are compared:
    the means of all less those of the others would be that number. A rater group's means are over
    the committees where the group's own number may be published.

    Parameters
    ----------
    now, before : WaveResult, WaveResult or None
        This wave and the last one, scored under `scheme`; their samples are independent but for
        raters who judge in both.

    Returns
    -------
    DataFrame
        Frame ``street_means``; empty with fewer than two complete committees.
    """
    if len(now.scores.subjects) < FEWEST:
        return no_rows("street_means")
    weighing = weigh(scheme)
    measures, weights = weighing.measures, apportion(weighing, scheme, now.cells)
    groups = [group.code for group in scheme.groups]
    judged = _judged(now.scores)
    averages = {
        m: average(now.cells, groups, weights[m], subjects)
        for m, subjects in enumerate(judged)
        if len(subjects) >= FEWEST
    }
    rows = [
        _row(now, measures[m], ALL_GROUPS, len(judged[m]), mean, scheme)
        for m, mean in averages.items()
    ]
    if before is not None:
        _compare(rows, averages, measures, now, before, scheme)
    for place, group in enumerate(groups):
        alone = np.zeros_like(weights)
        alone[:, :, place] = weights[:, :, place]
        rows += _of_group(now, measures, alone, group, scheme)
    table = pd.DataFrame(rows, columns=[column.name for column in FRAMES["street_means"]])
    return frame("street_means", table)


def _judged(scores: Scores) -> list[list[str]]:
    """Return, measure by measure, the complete committees of which anybody answered it."""
    return [
        [subject for subject, one in zip(scores.subjects, own, strict=True) if np.isfinite(one)]
        for own in scores.estimate
    ]


def average(cells: Cells, groups: Sequence[str], weights: Floats, subjects: Sequence[str]) -> Sum:
    """Average a measure over committees, every rater group's errors independent of the others'.

    Parameters
    ----------
    weights : ndarray of shape (K, G, I)
        Of all committees of the cells.
    """
    at = np.array([cells.subjects.index(subject) for subject in subjects])
    even = np.full(len(at), 1.0 / len(at))
    return roll_up(even, by_group(cells, groups, weights, at))


def _row(
    now: WaveResult, measure: Measure, group: str, n: int, mean: Sum, scheme: Scheme
) -> dict[str, object]:
    if mean.variance == 0 and all(entry.population is None for entry in scheme.groups):
        mean = replace(mean, variance=np.nan)  # no answers differ: nothing tells the error
    reach = mean.reach(scheme.confidence)
    return {
        "wave": now.scores.wave,
        "code": measure.code,
        "level": measure.level,
        "name": measure.name,
        "group": group,
        "n": n,
        "mean": mean.value,
        "se": mean.se,
        "low": float(np.maximum(mean.value - reach, 0.0)),
        "high": float(np.minimum(mean.value + reach, 100.0)),
        "previous": np.nan,
        "change": np.nan,
        "change_se": np.nan,
        "change_low": np.nan,
        "change_high": np.nan,
        "p_adjusted": np.nan,
        "verdict": OwnChange.UNTESTED.value,
    }


def _compare(
    rows: list[dict[str, object]],
    averages: Mapping[int, Sum],
    measures: Sequence[Measure],
    now: WaveResult,
    before: WaveResult,
    scheme: Scheme,
) -> None:
    """Fill in the change of every measure that was asked alike in both waves."""
    groups = [group.code for group in scheme.groups]
    weighing = weigh(scheme)
    first, last = (apportion(weighing, scheme, wave.cells) for wave in (before, now))
    known = [set(own) for own in _judged(before.scores)]
    alike = asked_alike(now.cells, before.cells, scheme)
    between = Between(before.cells, now.cells, scheme)
    listed = {str(row["code"]): row for row in rows}
    p: dict[int, float] = {}
    for m, subjects in enumerate(_judged(now.scores)):
        row = listed.get(measures[m].code)
        common = [subject for subject in subjects if subject in known[m]]
        if row is None or len(common) < FEWEST or measures[m].code not in alike:
            continue
        both = ((now.scores, subjects), (before.scores, known[m]))
        if telling(both, measures[m].code, common):
            continue
        a = average(before.cells, groups, first[m], common)
        shared = float(between.common(measures[m].code, common).covariance.mean())
        b = averages[m] if common == subjects else average(now.cells, groups, last[m], common)
        change = difference(b, a, shared)
        reach = change.reach(scheme.confidence)
        row |= {"previous": a.value, "change": change.value, "change_se": change.se}
        row |= {"change_low": change.value - reach, "change_high": change.value + reach}
        if change.se > 0:
            p[m] = change.p
    for level in ("composite", "dimension", "indicator"):
        family = [m for m in p if measures[m].level == level]
        for m, adjusted in zip(family, holm([p[m] for m in family]), strict=True):
            moved = float(listed[measures[m].code]["change"])  # type: ignore[arg-type]
            verdict = OwnChange.of(adjusted, moved, 1.0 - scheme.confidence)
            listed[measures[m].code] |= {"p_adjusted": float(adjusted), "verdict": verdict.value}


def asked_alike(now: Cells, before: Cells, scheme: Scheme) -> set[str]:
    """Return the measures that rest on the same items and option scores in both waves.

    The composite always counts: its change is published beside a note on what was asked otherwise.
    """
    same = {c for c, mark in now.definitions.items() if before.definitions.get(c) == mark}
    whole = {
        dimension.code
        for dimension in scheme.dimensions
        if all(indicator.code in same for indicator in dimension.indicators)
    }
    return same | whole | {COMPOSITE}


def telling(
    waves: Sequence[tuple[Scores, Collection[str]]], code: str, common: Sequence[str]
) -> bool:
    """Tell whether a measure's means over the committees compared would give a number away.

    Parameters
    ----------
    waves : sequence of (Scores, collection of str)
        Both waves, each with the committees that its mean is over.
    """
    return any(
        set(judged) != set(common) and any((subject, code) in scores.untold for subject in judged)
        for scores, judged in waves
    )


def _of_group(
    now: WaveResult, measures: Sequence[Measure], weights: Floats, group: str, scheme: Scheme
) -> list[dict[str, object]]:
    listed = now.scores.indicators
    shown = listed[(listed["group"] == group) & listed["estimate"].notna()]
    groups = [entry.code for entry in scheme.groups]
    rows = []
    for m, measure in enumerate(measures):
        if measure.level == "indicator" or not weights[m].sum() > 0:
            continue
        open_to = set(shown.loc[shown["code"] == measure.code, "subject"])
        subjects = [subject for subject in now.scores.subjects if subject in open_to]
        if len(subjects) < FEWEST:
            continue
        total = weights[m].sum(axis=(1, 2), keepdims=True)
        share = np.divide(weights[m], total, out=np.zeros_like(weights[m]), where=total > 0)
        mean = average(now.cells, groups, share, subjects)
        rows.append(_row(now, measure, group, len(subjects), mean, scheme))
    return rows
