"""How far a score must rise for the next wave to show it, tested beside the whole list of tasks."""

from __future__ import annotations

from evalkit.methods.detection import detectable_change
from evalkit.pages.telling.facts import Facts, Row
from evalkit.pages.telling.precision import precision
from evalkit.pages.telling.priorities import FIRST

POWER = 0.8
"""Probability with which the next wave is asked to show a change."""


def least(facts: Facts, row: Row) -> float | None:
    """Return the smallest rise in points that the next wave shows; None without an error."""
    sure = precision(facts, str(row["code"]))
    if sure.se <= 0:
        return None
    return detectable_change(sure.se, df=2 * sure.df, confidence=1.0 - level(facts), power=POWER)


def out_of_reach(facts: Facts, row: Row) -> bool:
    """Tell whether not even full marks would show: then the score is no test of the work."""
    rise = least(facts, row)
    return rise is not None and float(row["estimate"]) + rise > 100


def level(facts: Facts) -> float:
    """Return the level at which the next wave tests one line of the list: Holm's first step.

    Tasks of all committees are one family when the list comes back (`findings.following_up`); no
    committee is given more than `FIRST` lines by what is low.
    """
    alpha = 1.0 - facts.evaluation.scheme.confidence
    return alpha / (FIRST * len(facts.evaluation.current.scores.subjects))
