"""How sure one measure of one committee is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.methods import tails
from evalkit.pages.telling.facts import Facts


@dataclass(frozen=True, slots=True)
class Precision:
    """How sure one measure of one committee is.

    Attributes
    ----------
    se, difference_se : float
        Standard errors of the estimate, and of its difference from the street's mean; points.
    df : float
        Degrees of freedom of both.
    """

    se: float
    difference_se: float
    df: float

    def margin(self, confidence: float) -> float:
        """Return the half-width of the interval of the difference, points."""
        return self.difference_se * float(tails.t_quantile(0.5 + confidence / 2, min(self.df, 1e9)))


def precision(facts: Facts, code: str) -> Precision:
    """Return how sure a measure of a complete committee is.

    Raises
    ------
    ValueError
        If the committee is incomplete or has no such measure.
    """
    scores = facts.evaluation.current.scores
    at = [measure.code for measure in scores.measures].index(code)
    part, place = scores.of(facts.subject.id)
    return Precision(
        float(np.sqrt(part.variance[at, place])),
        float(np.sqrt(part.difference_variance[at, place])),
        float(part.df[at, place]),
    )
