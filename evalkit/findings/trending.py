"""Three waves and more: every score on one scale, a line through it, one family over the years.

Whoever looks at each year by itself finds something sooner or later. From three waves on, what is
said of changes is adjusted over committees and years together: lines through the composites with
all committees' own changes from wave to wave, changes against the street, lines through the
dimensions; each of the three is one family (Holm).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings.combining import apportion, weigh
from evalkit.findings.comparing import own_verdicts, verdicts
from evalkit.findings.moving import verdict
from evalkit.findings.panel import Between
from evalkit.findings.rolling_up import MANY, Sum
from evalkit.findings.street_means import average, telling
from evalkit.findings.withholding import FEWEST
from evalkit.methods import tails
from evalkit.methods.multiplicity import holm
from evalkit.methods.trends import Slope, slope
from evalkit.tables import (
    ALL_GROUPS,
    COMPOSITE,
    FRAMES,
    Changes,
    Floats,
    History,
    Measure,
    Scores,
    WaveResult,
    frame,
    no_rows,
)

Results = Mapping[str, WaveResult]

LEAST, MOST = 3, 5
"""Waves that a line needs, and waves that are looked back on."""

SCORES, DIMENSIONS = "scores", "dimensions"
"""Families of tests; what each consists of is said with the frame."""


class Point(NamedTuple):
    """What is known of a measure in one wave."""

    wave: str
    known: Sum


class Line(NamedTuple):
    """One measure of one committee, or of the street, through the waves that can be compared."""

    subject: str
    measure: Measure
    points: tuple[Point, ...]
    covariance: Floats


@dataclass(frozen=True, slots=True)
class OverYears:
    """What several waves say together.

    Attributes
    ----------
    results : dict of wave id to WaveResult
        With changes whose p-values and verdicts are adjusted over committees and years.
    history : History
        Series and trends.
    notes : tuple of Note
    """

    results: dict[str, WaveResult]
    history: History
    notes: tuple[Note, ...]


def over_years(results: Results, scheme: Scheme, lined_up: Results | None = None) -> OverYears:
    """Draw a line through up to five waves, and adjust all verdicts on changes together.

    Parameters
    ----------
    results : dict of wave id to WaveResult
        Earliest first, the last one the wave to report on; all scored under `scheme`.
    lined_up : dict of wave id to WaveResult, optional
        The same with the last wave's committees, where they were divided otherwise before
        (`lineage.seen_from`): what lines are drawn through.

    Returns
    -------
    OverYears
        Of fewer than three waves nothing is told, and nothing is adjusted anew.
    """
    if len(results) < LEAST:
        return OverYears(dict(results), History(), ())
    lines = [*_lines(lined_up or results, scheme)]
    found = [_slope(line, list(results)) for line in lines]
    adjusted, trends = dict(results), no_rows("trends")
    if lines:
        adjusted, trends = _together(lines, found, results, scheme)
    return OverYears(adjusted, History(_series(lines, scheme), trends), _notes(results, scheme))


def comparable(results: Results, codes: Sequence[str]) -> tuple[str, ...]:
    """Return the waves, the last five at most, that measured these indicators as the last one did."""
    waves = list(results)[-MOST:]
    now = results[waves[-1]].cells.definitions
    return tuple(
        wave
        for wave in waves
        if results[wave].scores.errors_known
        and all(results[wave].cells.definitions.get(code) == now.get(code) for code in codes)
    )


def _parts(scheme: Scheme) -> list[tuple[str, tuple[str, ...]]]:
    """Return the composite and the dimensions, each with its indicators."""
    every = tuple(indicator.code for indicator in scheme.indicators)
    dimensions = [(d.code, tuple(i.code for i in d.indicators)) for d in scheme.dimensions]
    return [(COMPOSITE, every), *dimensions]


def _lines(results: Results, scheme: Scheme) -> Iterator[Line]:
    """Yield the street's line and the committees', measure by measure."""
    last = list(results)[-1]
    measures = {measure.code: measure for measure in results[last].scores.measures}
    pairs = _Pairs(results, scheme)
    for code, inside in _parts(scheme):
        waves = comparable(results, inside)
        if len(waves) < LEAST or waves[-1] != last:
            continue
        scores = [results[wave].scores for wave in waves]
        common = _in_all(results, waves, code)
        if common:
            street = _street(results, waves, code, scheme, common)
            joint = pairs.covariance(street, code, common)
            yield Line(ALL_GROUPS, measures[code], street, joint)
        for subject in scores[-1].subjects:
            points = tuple(
                Point(own.wave, known)
                for own in scores
                if (known := _known(own, subject, code)) is not None
            )
            if len(points) >= LEAST and points[-1].wave == last:
                joint = pairs.covariance(points, code, (subject,))
                yield Line(subject, measures[code], points, joint)


def _known(scores: Scores, subject: str, code: str) -> Sum | None:
    """Return what is told of a committee's measure; None where it is not told, or has no error."""
    codes = [measure.code for measure in scores.measures]
    if subject not in scores.subjects or (subject, code) in scores.untold:
        return None
    at = codes.index(code), scores.subjects.index(subject)
    value, variance, df = scores.estimate[at], scores.variance[at], scores.df[at]
    if not (np.isfinite(value) and variance >= 0):
        return None
    return Sum(float(value), float(variance), min(float(df), MANY))


def _in_all(results: Results, waves: Sequence[str], code: str) -> list[str]:
    """Return the committees that have a measure in all waves; none where their mean is not told."""
    at = [measure.code for measure in results[waves[-1]].scores.measures].index(code)
    known = {
        wave: [
            subject
            for subject, value in zip(own.subjects, own.estimate[at], strict=True)
            if np.isfinite(value)
        ]
        for wave in waves
        for own in (results[wave].scores,)
    }
    common = [s for s in known[waves[-1]] if all(s in set(known[wave]) for wave in waves)]
    few = len(common) < FEWEST
    untold = few or telling([(results[wave].scores, known[wave]) for wave in waves], code, common)
    return [] if untold else common


def _street(
    results: Results, waves: Sequence[str], code: str, scheme: Scheme, common: Sequence[str]
) -> tuple[Point, ...]:
    """Return the mean over some committees, wave by wave."""
    at = [measure.code for measure in results[waves[-1]].scores.measures].index(code)
    groups = [group.code for group in scheme.groups]
    weighing = weigh(scheme)
    points = []
    for wave in waves:
        cells = results[wave].cells
        weights = apportion(weighing, scheme, cells)[at]
        points.append(Point(wave, average(cells, groups, weights, common)))
    return tuple(points)


def _slope(line: Line, waves: Sequence[str]) -> Slope:
    """Fit a line through its points at their places among all waves, also those it leaves out."""
    known = [point.known for point in line.points]
    places = [waves.index(point.wave) for point in line.points]
    return slope([k.value for k in known], line.covariance, [k.df for k in known], places)


class _Pairs:
    """What the errors of any two waves have in common, each pair looked at once."""

    def __init__(self, results: Results, scheme: Scheme) -> None:
        self._found = {
            (a, b): Between(results[a].cells, results[b].cells, scheme)
            for a, b in combinations(list(results)[-MOST:], 2)
        }

    def covariance(self, points: Sequence[Point], code: str, subjects: Sequence[str]) -> Floats:
        """Return the covariance (T, T) of a mean over committees in these waves."""
        joint = np.diag([point.known.variance for point in points])
        for (a, first), (b, second) in combinations(enumerate(points), 2):
            common = self._found[first.wave, second.wave].common(code, subjects)
            joint[a, b] = joint[b, a] = float(common.covariance.mean())
        return joint


def _together(
    lines: Sequence[Line], slopes: Sequence[Slope], results: Results, scheme: Scheme
) -> tuple[dict[str, WaveResult], pd.DataFrame]:
    """Adjust lines and changes over committees and years, and return both with their verdicts."""
    alpha = 1.0 - scheme.confidence
    waves = list(results)[-MOST:]
    steps = {
        wave: changes
        for wave in waves[1:]
        if (changes := results[wave].changes) is not None and len(changes.p)
    }
    whole = [place for place, line in enumerate(lines) if line.measure.code == COMPOSITE]
    rest = [place for place, line in enumerate(lines) if line.measure.code != COMPOSITE]
    own = [np.asarray(changes.change_p, dtype=np.float64) for changes in steps.values()]
    sizes = [len(whole), *map(len, own)]
    scores = holm(np.concatenate([[slopes[place].p for place in whole], *own]))
    adjusted = np.full(len(lines), np.nan)
    adjusted[rest] = holm([slopes[place].p for place in rest])
    adjusted[whole], *alone = np.split(scores, np.cumsum(sizes)[:-1])
    relative: list[Floats] = []
    if steps:
        joint = holm(np.concatenate([changes.p.to_numpy() for changes in steps.values()]))
        relative = np.split(joint, np.cumsum([len(c.p) for c in steps.values()])[:-1])
    found = dict(results)
    for (wave, changes), against, own_p in zip(steps.items(), relative, alone, strict=True):
        one = pd.Series(against, index=changes.p.index)
        other = pd.Series(own_p, index=changes.p.index)
        found[wave] = replace(results[wave], changes=_adjusted(changes, one, other, alpha))
    tests = {
        SCORES: int(np.isfinite(scores).sum()),
        DIMENSIONS: int(np.isfinite(adjusted[rest]).sum()),
    }
    rows = [
        _row(line, one, float(p), tests, scheme)
        for line, one, p in zip(lines, slopes, adjusted, strict=True)
    ]
    return found, frame("trends", pd.DataFrame(rows, columns=[c.name for c in FRAMES["trends"]]))


def _adjusted(
    changes: Changes, by_relative: pd.Series[float], by_own: pd.Series[float], alpha: float
) -> Changes:
    """Return changes under p-values, by subject, that hold over more than their own two waves."""
    tested = [changes.stands_for.get(subject, subject) for subject in changes.table["subject"]]
    relative, own = by_relative[tested].to_numpy(), by_own[tested].to_numpy()
    table = changes.table.assign(p_adjusted=relative, change_p_adjusted=own)
    table["verdict"] = verdicts(relative, table["relative_change"], alpha)
    table["change_verdict"] = own_verdicts(own, table["change"], alpha)
    return replace(changes, table=table)


def _row(
    line: Line, found: Slope, p: float, tests: Mapping[str, int], scheme: Scheme
) -> dict[str, object]:
    family = SCORES if line.measure.code == COMPOSITE else DIMENSIONS
    reach = found.reach(scheme.confidence)
    return {
        "subject": line.subject,
        "code": line.measure.code,
        "level": line.measure.level,
        "name": line.measure.name,
        "from_wave": line.points[0].wave,
        "to_wave": line.points[-1].wave,
        "n": len(line.points),
        "slope": found.value,
        "slope_se": found.se,
        "slope_low": found.value - reach,
        "slope_high": found.value + reach,
        "p_adjusted": p,
        "family": family,
        "tests": tests[family],
        "verdict": verdict(p, found.value, scheme).value,
    }


def _series(lines: Sequence[Line], scheme: Scheme) -> pd.DataFrame:
    rows = []
    for line in lines:
        for wave, known in line.points:
            reach = known.se * float(tails.t_quantile(0.5 + scheme.confidence / 2.0, known.df))
            rows.append(
                {
                    "wave": wave,
                    "subject": line.subject,
                    "code": line.measure.code,
                    "level": line.measure.level,
                    "name": line.measure.name,
                    "estimate": known.value,
                    "se": known.se,
                    "low": max(known.value - reach, 0.0),
                    "high": min(known.value + reach, 100.0),
                }
            )
    return frame("series", pd.DataFrame(rows, columns=[c.name for c in FRAMES["series"]]))


def _notes(results: Results, scheme: Scheme) -> tuple[Note, ...]:
    """Name the waves that stand in no line of composites, so that nobody looks for them there."""
    waves = list(results)
    (_, codes), *_ = _parts(scheme)
    compared = comparable(results, codes)
    left_out = tuple(wave for wave in waves if wave not in compared)
    if not left_out:
        return ()
    facts = {"waves": left_out, "compared": len(compared)}
    return (Note(NoteCode.NOT_IN_TREND, waves[-1], len(left_out), facts),)
