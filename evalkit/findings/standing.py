"""How far the league table can be trusted: bands, reliability, shrunken and adjusted scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import Band, NoteCode
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings import by_group
from evalkit.findings.combining import weights_of_group
from evalkit.findings.diagnosing import tests
from evalkit.findings.ranking import verdict
from evalkit.findings.steadying import steadied
from evalkit.methods import irregularities, shrinkage
from evalkit.tables import Cells, Floats, Ranking, Scores, frame, no_rows

FAR = 0.002
"""Adjusted p-value of what lies far from the mean: that of 3.09 standard errors, the outer funnel."""


def stand(
    scores: Scores,
    ranking: Ranking,
    roster: Roster,
    scheme: Scheme,
    adjusted: Mapping[str, tuple[float, float]],
) -> pd.DataFrame:
    """Place raw, case-mix-adjusted and shrunken scores side by side, with their bands.

    A band says how far a composite lies from the street's mean as surely as the diagnoses do: the
    same test at the same rate, so that no band contradicts a finding. (Spiegelhalter's funnel with
    over-dispersion was used before. It takes the real differences between committees for noise
    and can name next to none of them.)

    Parameters
    ----------
    adjusted : dict of subject to (adjusted composite, its standard error)
        Subjects that could not be adjusted are missing.

    Returns
    -------
    DataFrame
        Frame ``bands``, in roster order; empty with fewer than three complete committees, and
        where the scores have no errors.
    """
    if len(scores.subjects) < 3 or not scores.errors_known:
        return no_rows("bands")
    own = [measure.level for measure in scores.measures].index("composite")
    differences, p_adjusted = tests(scores)
    band = [_band(d, p, scheme) for d, p in zip(differences[own], p_adjusted[own], strict=True)]
    shrunken = shrinkage.shrink(scores.composite, scores.covariance)
    ranks = ranking.table.set_index("subject")["rank"]
    subjects = list(scores.subjects)
    pairs = [adjusted.get(subject, (np.nan, np.nan)) for subject in subjects]
    return frame(
        "bands",
        {
            "wave": [scores.wave] * len(subjects),
            "subject": subjects,
            "name": [roster.subject(subject).name for subject in subjects],
            "score": scores.composite,
            "rank": ranks.loc[subjects].to_numpy(),
            "band": [one.value for one in band],
            "z": _standing(differences[own], np.sqrt(scores.difference_variance[own])),
            "adjusted": [pair[0] for pair in pairs],
            "adjusted_se": [pair[1] for pair in pairs],
            "shrunken": shrunken.estimate,
            "shrunken_se": np.sqrt(shrunken.mse),
        },
    )


def _standing(differences: Floats, se: Floats) -> Floats:
    """Return differences in their standard errors; none where nothing differs, whatever rounding."""
    return np.asarray(np.divide(differences, se, out=np.zeros_like(se), where=se > 0))


def _band(difference: float, p: float, scheme: Scheme) -> Band:
    """Return the band: the verdict on the composite, and whether it is sure beyond `FAR`."""
    if not p < scheme.false_discovery_rate:
        return Band.LEVEL
    return Band.of((2 if p < FAR else 1) * (1 if difference > 0 else -1))


def reliability(
    cells: Cells, scores: Scores, ranking: Ranking, scheme: Scheme, table: pd.DataFrame
) -> dict[str, Any]:
    """Collect what is known of the table's reliability and validity.

    Parameters
    ----------
    table : DataFrame
        Frame ``reliability``, whose first row is the table's.

    Returns
    -------
    dict
        Numbers without rounding, and the verdict; None where the scores have no errors.
    """
    known = scores.errors_known
    ends = table.iloc[0] if len(table) else None
    return {
        "wave": scores.wave,
        "subjects": len(scores.subjects),
        "reliability": ranking.reliability if known else None,
        "reliability_low": ranking.reliability_low if known else None,
        "reliability_high": ranking.reliability_high if known else None,
        "tau": ranking.tau if known else None,
        "tau_low": None if ends is None else float(ends["tau_low"]),
        "tau_high": None if ends is None else float(ends["tau_high"]),
        "distinguishable_pairs": ranking.distinguishable_pairs if known else None,
        "same_form": by_group.same_form(cells, scores),
        "validity": by_group.across(cells, scores, scheme),
        "verdict": verdict(ranking) if known else None,
    }


def gaps(
    cells: Cells, scores: Scores, residents: tuple[str, ...]
) -> tuple[dict[str, tuple[float, float, bool]], dict[str, float]]:
    """Compare the two resident groups of every committee: key residents less random ones.

    Parameters
    ----------
    residents : tuple of str
        Codes of exactly two groups, or nothing is compared.

    Returns
    -------
    by_subject : dict of subject to (gap, statistic, outlier)
    street : dict
        ``mean``, ``se`` and ``tau`` of the gap over the street, points; empty if not compared.
    """
    if len(residents) != 2 or len(scores.subjects) < 3:
        return {}, {}
    at = np.array([cells.subjects.index(subject) for subject in scores.subjects])
    delta, variance, spread = np.zeros(len(at)), np.zeros(len(at)), np.zeros(len(at))
    for code, sign in zip(residents, (1.0, -1.0), strict=True):
        weights = weights_of_group(scores, cells, code)
        used = np.flatnonzero((weights > 0).any(axis=0))
        total = weights[at].sum(axis=1).max()
        rows = weights[:, used] / total
        group = cells.groups[code]
        means = np.where(rows[at] > 0, group.mean[np.ix_(at, used)], 0.0)
        delta += sign * (means * rows[at]).sum(axis=1)
        steady = steadied(group, used, rows)
        own, df = steady.variance[at], steady.df[at]
        variance += own
        with np.errstate(divide="ignore", invalid="ignore"):
            spread += np.where(own > 0, own**2 / df, 0.0 * own)
    if not (np.isfinite(delta) & (variance > 0) & (spread > 0)).all():
        return {}, {}
    found = irregularities.key_random_gap(delta, variance, df=variance**2 / spread)
    rows = zip(scores.subjects, delta, found.statistic, found.outlier, strict=True)
    street = {"mean": found.mean, "se": found.se, "tau": float(np.sqrt(found.tau2))}
    return {s: (float(d), float(z), bool(o)) for s, d, z, o in rows}, street


def notes(scores: Scores, table: Any, gap_outliers: int) -> tuple[Note, ...]:
    """Return what a reader must know about bands and gaps."""
    found = []
    if not len(table):
        found.append(Note(NoteCode.NO_BANDS, scores.wave))
    if gap_outliers:
        found.append(Note(NoteCode.GAP_OUTLIER, scores.wave, gap_outliers))
    return tuple(found)
