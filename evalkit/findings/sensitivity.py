"""How much hangs on decisions that could as well have been taken otherwise.

Every alternative is the same evaluation with another scheme; random weightings use that the
composite is linear in the cell means.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy

from evalkit.codes import RANDOM_NAME, NoteCode
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Alternative, Scheme
from evalkit.definitions.spreading import spread
from evalkit.errors import Note
from evalkit.methods import rank_sets, sensitivity
from evalkit.tables import FRAMES, Floats, Scores, check, no_rows

WEIGHTINGS = 10_000
"""Random weightings behind every share that is published: shares are good to 0.5 points."""
SPREAD = 0.25
"""A weight of average size varies by a quarter of itself (standard deviation)."""
SOBOL_POINTS = 1_024
SOBOL_RANGE = (0.5, 1.5)
"""Each weight is varied between half and one and a half of what was decided."""
SOBOL_RESAMPLES = 200


def alternatives(
    published: Scores, others: Sequence[tuple[Alternative, Scores]], roster: Roster, scheme: Scheme
) -> pd.DataFrame:
    """Tabulate ranks under the alternatives that the scheme names, beside the published ones.

    Parameters
    ----------
    others : sequence of (Alternative, Scores)
        The same wave, evaluated again under each alternative.

    Returns
    -------
    DataFrame
        Frame ``sensitivity``, one row an alternative and committee; empty where nothing is ranked.
    """
    if not published.errors_known:
        return no_rows("sensitivity")
    ranks = _ranks(published)
    parts = [no_rows("sensitivity")]
    for alternative, scores in others:
        other = _ranks(scores)
        subjects = list(scores.subjects)
        parts.append(
            pd.DataFrame(
                {
                    "wave": scores.wave,
                    "scenario": alternative.id,
                    "scenario_name": alternative.name,
                    "subject": subjects,
                    "name": [roster.subject(subject).name for subject in subjects],
                    "score": scores.composite,
                    "rank": [other[subject] for subject in subjects],
                    "rank_change": [
                        other[subject] - ranks[subject] if subject in ranks else None
                        for subject in subjects
                    ],
                    "grade": [scheme.grade_of(value) for value in scores.composite],
                }
            )
        )
    return together(parts)


def random_weightings(scores: Scores, scheme: Scheme, roster: Roster, *, seed: int) -> pd.DataFrame:
    """Count how often each committee keeps its grade, its third and its place.

    Rater-group and indicator weights are drawn around the decided ones, independently.

    Returns
    -------
    DataFrame
        Frame ``sensitivity`` with scenario ``random``; empty with fewer than two committees, and
        where nothing is ranked.
    """
    if len(scores.subjects) < 2 or not scores.errors_known:
        return no_rows("sensitivity")
    groups = np.array([group.weight for group in scheme.groups])
    indicators = np.array([indicator.weight for indicator in scheme.indicators])
    drawn = np.empty((WEIGHTINGS, len(scores.subjects)))
    some_groups = _around(groups, seed)
    some_indicators = _around(indicators, seed + 1)
    for start in range(0, WEIGHTINGS, 1_000):
        block = slice(start, start + 1_000)
        weights = spread(
            some_groups[block], some_indicators[block], scheme.coverage(), scheme.uncovered
        )
        drawn[block] = _composites(weights, scores)
    cuts = [grade.cutoff for grade in scheme.grades[:-1]]
    found = sensitivity.robustness(drawn, scores.composite, cuts, quantiles=(0.05, 0.95))
    subjects = list(scores.subjects)
    return together(
        [
            pd.DataFrame(
                {
                    "wave": scores.wave,
                    "scenario": "random",
                    "scenario_name": RANDOM_NAME.format(WEIGHTINGS),
                    "subject": subjects,
                    "name": [roster.subject(subject).name for subject in subjects],
                    "same_grade": found.same_grade,
                    "same_third": found.same_third,
                    "same_place": found.same_place,
                    "rank_low": found.rank_quantiles[0].astype(int),
                    "rank_high": found.rank_quantiles[1].astype(int),
                }
            )
        ]
    )


def weight_influence(scores: Scores, scheme: Scheme, *, seed: int) -> pd.DataFrame:
    """Tell which weight matters most: Sobol indices of the mean absolute shift of ranks.

    Rater-group and dimension weights are varied independently and uniformly within
    `SOBOL_RANGE` of what was decided; indicators keep their proportions inside a dimension.

    Returns
    -------
    DataFrame
        Frame ``weight_influence``; empty where no weight moves a rank.
    """
    names = [("group", group.code, group.name) for group in scheme.groups]
    names += [("dimension", dimension.code, dimension.name) for dimension in scheme.dimensions]
    if len(scores.subjects) < 2 or len(names) < 3 or not scores.errors_known:
        return no_rows("weight_influence")
    groups = np.array([group.weight for group in scheme.groups])
    indicators = np.array([indicator.weight for indicator in scheme.indicators])
    owner = np.array([d for d, x in enumerate(scheme.dimensions) for _ in x.indicators])
    published = rank_sets.competition_rank(scores.composite)
    coverage = scheme.coverage()

    def shift(points: Floats) -> Floats:
        own, dims = points[:, : len(groups)], points[:, len(groups) :]
        weights = spread(groups * own, indicators * dims[:, owner], coverage, scheme.uncovered)
        ranks = scipy.stats.rankdata(-_composites(weights, scores), method="min", axis=1)
        return np.asarray(np.abs(ranks - published).mean(axis=1), dtype=np.float64)

    low, high = SOBOL_RANGE
    inputs = [scipy.stats.uniform(low, high - low) for _ in names]
    try:
        found = sensitivity.sobol_indices(
            shift, inputs, n=SOBOL_POINTS, resamples=SOBOL_RESAMPLES, seed=seed
        )
    except ValueError:
        return no_rows("weight_influence")
    columns = {
        "wave": scores.wave,
        "kind": [kind for kind, _, _ in names],
        "code": [code for _, code, _ in names],
        "name": [name for _, _, name in names],
        "first": found.first[0],
        "first_low": found.first_low[0],
        "first_high": found.first_high[0],
        "total": found.total[0],
        "total_low": found.total_low[0],
        "total_high": found.total_high[0],
    }
    return check(pd.DataFrame(columns), "weight_influence")


def notes(influence: pd.DataFrame, scores: Scores) -> tuple[Note, ...]:
    """Return what a reader must know about this analysis."""
    if len(influence):
        return ()
    return (Note(NoteCode.NO_WEIGHT_MATTERS, scores.wave),)


def _around(nominal: Floats, seed: int) -> Floats:
    if len(nominal) < 2:
        return np.tile(nominal, (WEIGHTINGS, 1))
    return sensitivity.random_weights(nominal, draws=WEIGHTINGS, spread=SPREAD, seed=seed)


def _composites(weights: Floats, scores: Scores) -> Floats:
    """Composites (P, K) under weights (P, G, I); gaps share their weight within the group."""
    known = np.isfinite(scores.cell_means)
    means = np.where(known, scores.cell_means, 0.0)
    found = np.asarray(weights.reshape(len(weights), -1) @ means.reshape(len(means), -1).T)
    judged = (weights > 0).any(axis=0)
    for k in np.flatnonzero((judged & ~known).any(axis=(1, 2))):
        mass = np.einsum("pgi,gi->pg", weights, known[k])
        own = np.einsum("pgi,gi->pg", weights, means[k])
        share = np.divide(own, mass, out=np.zeros_like(own), where=mass > 0)
        found[:, k] = (share * weights.sum(axis=2)).sum(axis=1)
    return found


def _ranks(scores: Scores) -> dict[str, int]:
    if not scores.subjects:
        return {}
    ranks = rank_sets.competition_rank(scores.composite)
    return dict(zip(scores.subjects, ranks.tolist(), strict=True))


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put parts of the frame ``sensitivity`` under one another, columns in order."""
    names = [column.name for column in FRAMES["sensitivity"]]
    filled = [part for part in parts if len(part)]
    if not filled:
        return no_rows("sensitivity")
    table = pd.concat(filled, ignore_index=True).reindex(columns=names)
    for column in ("rank", "rank_change", "rank_low", "rank_high"):
        table[column] = table[column].astype("Int64")
    for column in ("score", "same_grade", "same_third", "same_place"):
        table[column] = table[column].astype("float64")
    return check(table, "sensitivity")
