"""How far the league table can be trusted: bands, reliability, shrunken and adjusted scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from evalkit.codes import Band, NoteCode
from evalkit.definitions.roster import Roster
from evalkit.errors import Note
from evalkit.findings.combining import steadied, weights_of_group
from evalkit.findings.ranking import verdict
from evalkit.methods import banding, irregularities, shrinkage
from evalkit.tables import OVERALL, Cells, Floats, Ranking, Scores, frame, no_rows


def stand(
    scores: Scores,
    ranking: Ranking,
    roster: Roster,
    adjusted: Mapping[str, tuple[float, float]],
) -> Any:
    """Place raw, case-mix-adjusted and shrunken scores side by side, with their bands.

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
    bands = banding.expected_range(scores.composite, scores.variance[0])
    shrunken = shrinkage.shrink(scores.composite, scores.variance[0])
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
            "band": [Band.of(step).value for step in bands.step.tolist()],
            "z": bands.z,
            "adjusted": [pair[0] for pair in pairs],
            "adjusted_se": [pair[1] for pair in pairs],
            "shrunken": shrunken.estimate,
            "shrunken_se": np.sqrt(shrunken.mse),
        },
    )


def reliability(cells: Cells, scores: Scores, ranking: Ranking) -> dict[str, Any]:
    """Collect what is known of the table's reliability and validity.

    Returns
    -------
    dict
        Numbers without rounding, and the verdict; None where the scores have no errors.
    """
    known = scores.errors_known
    found: dict[str, Any] = {
        "wave": scores.wave,
        "subjects": len(scores.subjects),
        "reliability": ranking.reliability if known else None,
        "tau": ranking.tau if known else None,
        "icc": _icc(cells, scores, ranking),
        "distinguishable_pairs": ranking.distinguishable_pairs if known else None,
        "validity": validity(cells, scores),
        "verdict": verdict(ranking) if known else None,
    }
    return found


def validity(cells: Cells, scores: Scores) -> dict[str, float] | None:
    """Correlate the composite with the residents' overall satisfaction, over committees.

    Returns
    -------
    dict or None
        ``correlation``, ``low``, ``high`` (95%, Fisher's z) and ``subjects``; None with fewer
        than four committees or where the item was not asked or never varies.
    """
    at = [cells.subjects.index(subject) for subject in scores.subjects]
    column = cells.measures.index(OVERALL)
    overall = _overall(cells, column)[at]
    known = np.isfinite(overall)
    if known.sum() < 4 or np.ptp(overall[known]) == 0 or np.ptp(scores.composite[known]) == 0:
        return None
    r = float(np.corrcoef(overall[known], scores.composite[known])[0, 1])
    reach = stats.norm.ppf(0.975) / np.sqrt(known.sum() - 3.0)
    middle = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    return {
        "correlation": r,
        "low": float(np.tanh(middle - reach)),
        "high": float(np.tanh(middle + reach)),
        "subjects": int(known.sum()),
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


def _overall(cells: Cells, column: int) -> Floats:
    """Overall satisfaction by committee, answers of all groups that were asked pooled."""
    total = np.zeros(len(cells.subjects))
    count = np.zeros(len(cells.subjects))
    for group in cells.groups.values():
        n = group.n_measure[:, column].astype(float)
        total += np.where(n > 0, np.nan_to_num(group.mean[:, column]) * n, 0.0)
        count += n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))


def _icc(cells: Cells, scores: Scores, ranking: Ranking) -> float | None:
    """Share of one answer's variance that lies between committees."""
    if len(scores.subjects) < 2 or not scores.errors_known:
        return None
    at = [cells.subjects.index(subject) for subject in scores.subjects]
    n = sum(group.n[at].astype(float) for group in cells.groups.values())
    within = float(np.mean(scores.variance[0] * n))
    between = ranking.tau**2
    return between / (between + within) if between + within > 0 else None
