"""How likely every committee is to be truly among the first or the last of the street."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.definitions.decided import Decided
from evalkit.definitions.scheme import Scheme
from evalkit.methods import shrinkage
from evalkit.methods.extremes import among
from evalkit.tables import Ranking, Scores, frame, no_rows

FEWEST = 3
"""Complete committees below which nobody's expected true score is known (`shrinkage.shrink`)."""


def extremes(scores: Scores, ranking: Ranking, decided: Decided) -> pd.DataFrame:
    """Tell how likely each committee's true score is to lie among the best, and the worst.

    By the same expected true scores and errors as the probability of a grade
    (`scoring.true_scores`), all committees together: what shared raters do to all alike changes
    nobody's place.

    Returns
    -------
    DataFrame
        Frame ``extremes``, in roster order; empty with fewer than three complete committees, and
        where the scores have no errors.
    """
    k = len(scores.subjects)
    if k < FEWEST or not scores.errors_known:
        return no_rows("extremes")
    best, worst = ends(scores, decided.scheme)
    settings = decided.order.settings
    shrunken = shrinkage.shrink(scores.composite, scores.covariance)
    found = among(
        shrunken.estimate,
        shrunken.covariance,
        best=best,
        worst=worst,
        df=scores.df[0],
        draws=settings.draws,
        seed=settings.seed,
    )
    ranks = ranking.table.set_index("subject")["rank"]
    subjects = list(scores.subjects)
    return frame(
        "extremes",
        {
            "wave": [scores.wave] * k,
            "subject": subjects,
            "name": [decided.roster.subject(subject).name for subject in subjects],
            "rank": ranks.loc[subjects].to_numpy(),
            "first_of": np.full(k, best),
            "among_first": found.best,
            "last_of": np.full(k, worst),
            "among_last": found.worst,
            "expected_rank": found.rank,
        },
    )


def ends(scores: Scores, scheme: Scheme) -> tuple[int, int]:
    """Return how many make the first and the last: those that hold the highest, the lowest grade.

    Of the grades that anybody holds. Where a grade holds more than half of all committees it is no
    end of the table, and a third of them (one at least) takes its place.
    """
    k = len(scores.subjects)
    held = [scheme.grade_of(float(score)) for score in scores.composite]
    present = [grade.name for grade in scheme.grades if grade.name in held]
    sizes = [held.count(present[0]), held.count(present[-1])]
    first, last = (size if 2 * size <= k else max(1, k // 3) for size in sizes)
    return first, last
