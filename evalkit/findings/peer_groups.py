"""Committees among their like: by zone, by housing and by kind, each group against the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import Comparison
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.units import PARTITIONS, Units
from evalkit.findings.rolling_up import Estimates, Sum, roll_up
from evalkit.methods.multiplicity import holm
from evalkit.tables import FRAMES, Floats, Scores, frame, no_rows

FEWEST = 3
"""A group, and the rest of the street, have at least this many committees to be tested."""


def compare(scores: Scores, scheme: Scheme, roster: Roster) -> pd.DataFrame:
    """Describe every group of like committees, and test it against the rest of the street.

    A group's mean has the uncertainty of the answers about these very committees. Its difference
    from the rest is asked of the zone or housing itself, and committees are the units: they differ
    among their like, too, and some three of them lie above the rest by chance (`_units`). A
    difference is no proof that the housing or zone makes it.

    Returns
    -------
    DataFrame
        Frame ``peer_groups``; only complete committees count. A classification with a single
        value is left out; committees without a value form the group with the empty value.
    """
    parts = [_classified(scores, scheme, Units.of(roster), by) for by in PARTITIONS]
    rows = [row for part in parts for row in part]
    if not rows:
        return no_rows("peer_groups")
    table = pd.DataFrame(rows, columns=[column.name for column in FRAMES["peer_groups"]])
    return frame("peer_groups", table)


def _classified(scores: Scores, scheme: Scheme, units: Units, by: str) -> list[tuple[object, ...]]:
    groups = units.partition(by, scores.subjects)
    if len(groups) < 2:
        return []
    total = len(scores.subjects)
    plain, tested = composites(scores), composites(scores, tested=True)
    inside = {value: np.isin(np.arange(total), places) for value, places in groups.items()}
    differences = {
        value: _units(
            scores.composite, own, roll_up(own / own.sum() - ~own / (~own).sum(), [tested])
        )
        for value, own in inside.items()
        if value and min(own.sum(), (~own).sum()) >= FEWEST
    }
    differences = {value: found for value, found in differences.items() if found.variance > 0}
    once = list(differences)[: 1 if len(groups) == 2 else None]
    adjusted = dict(zip(once, holm([differences[value].p for value in once]), strict=True))
    rows: list[tuple[object, ...]] = []
    for value, own in inside.items():
        mean = roll_up(own / own.sum(), [plain])
        reach = mean.reach(scheme.confidence)
        points = scores.composite[own]
        rows.append(
            (
                scores.wave,
                by,
                value,
                int(own.sum()),
                mean.value,
                mean.se,
                float(np.maximum(mean.value - reach, 0.0)),
                float(np.minimum(mean.value + reach, 100.0)),
                float(points.min()),
                float(points.max()),
                *_against_rest(
                    differences.get(value),
                    float(adjusted.get(value, max(adjusted.values(), default=np.nan))),
                    scheme.confidence,
                ),
            )
        )
    return rows


def _units(x: Floats, own: NDArray[np.bool_], answers: Sum) -> Sum:
    """Return the difference of two groups' means with committees as units.

    Its variance is that of Student's t on the composites, which scatter by what is real and by
    what is error; never less than the answers' own, where they happen to scatter less.
    """
    k, inside = len(x), int(own.sum())
    scatter = float(x[own].var() * inside + x[~own].var() * (k - inside)) / (k - 2)
    variance = scatter * (1.0 / inside + 1.0 / (k - inside))
    if variance <= answers.variance:
        return answers
    return Sum(answers.value, variance, float(k - 2))


def beside(scores: Scores, scheme: Scheme, roster: Roster) -> pd.DataFrame:
    """Set every committee beside the mean of the others of its zone, its housing, its kind.

    Only where there are `FEWEST` others, so that their mean is nobody's score; the tests of one
    classification are adjusted together (Holm).

    Returns
    -------
    DataFrame
        Frame ``peers``; only complete committees. A classification with a single value is left out.
    """
    rows: list[tuple[object, ...]] = []
    tested, places = composites(scores, tested=True), np.arange(len(scores.subjects))
    for by in PARTITIONS:
        groups = Units.of(roster).partition(by, scores.subjects)
        found: dict[int, tuple[str, int, Sum]] = {}
        for value, own in groups.items() if len(groups) > 1 else ():
            others = len(own) - 1
            for at in own if value and others >= FEWEST else ():
                weights = np.where(np.isin(places, own), -1.0 / others, 0.0)
                weights[at] = 1.0
                found[int(at)] = value, others, roll_up(weights, [tested])
        known = [at for at, (_, _, own) in found.items() if own.variance > 0]
        adjusted = dict(zip(known, holm([found[at][2].p for at in known]), strict=True))
        for at in sorted(found):
            value, others, own_less = found[at]
            mean = float(scores.composite[at]) - own_less.value
            told = own_less if at in adjusted else None
            against = _against_rest(told, float(adjusted.get(at, np.nan)), scheme.confidence)
            rows.append((scores.wave, scores.subjects[at], by, value, others, mean, *against))
    if not rows:
        return no_rows("peers")
    return frame("peers", pd.DataFrame(rows, columns=[c.name for c in FRAMES["peers"]]))


def composites(scores: Scores, *, tested: bool = False) -> Estimates:
    """Return the composites; for a test against 0 with what few skewed answers add to them.

    See `Scores.difference_variance`.
    """
    full, k = scores.covariance, len(scores.subjects)
    if tested and k > 1:
        plain = np.diag(full) - 2.0 * full.mean(axis=1) + full.mean()
        full = full + np.diag((scores.difference_variance[0] - plain) / (1.0 - 1.0 / k) ** 2)
    return Estimates(scores.composite, full, scores.variance[0], scores.df[0])


def _against_rest(
    difference: Sum | None, p: float, confidence: float
) -> tuple[float, float, float, float, float, str]:
    if difference is None:
        return (np.nan, np.nan, np.nan, np.nan, np.nan, Comparison.UNTESTED.value)
    reach = difference.reach(confidence)
    verdict = Comparison.of(p, difference.value, 1.0 - confidence)
    ends = (difference.value - reach, difference.value + reach)
    return (difference.value, difference.se, *ends, p, verdict.value)
