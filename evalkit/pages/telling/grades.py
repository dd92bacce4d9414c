"""How a grade is told: for certain, or as lying between two where the data do not bear it out."""

from __future__ import annotations

from evalkit.methods import tails
from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Row, records
from evalkit.tables import Evaluation

LIKELIER = 0.5
"""A grade less probable than this is told together with the one that is likely as well."""


def chances(evaluation: Evaluation, row: Row) -> dict[str, float]:
    """Return how probable each grade is, best first: of whom `grade_probability` is known.

    By the same expected true score that the published probability is made of (frame ``bands``).
    """
    table, scores = evaluation.assurance.bands, evaluation.current.scores
    own = records(table[table["subject"] == row["subject"]])
    if not own:
        return {}
    part, place = scores.of(str(row["subject"]))
    freedom, se = min(float(part.df[0, place]), 1e9), float(own[0]["shrunken_se"])
    if not se > 0:
        return {}
    left, found = 1.0, {}
    for grade in evaluation.scheme.grades[:-1]:
        below = float(tails.t_below((grade.cutoff - float(own[0]["shrunken"])) / se, freedom))
        found[grade.name], left = left - below, below
    return {**found, evaluation.scheme.grades[-1].name: left}


def between(evaluation: Evaluation, row: Row) -> tuple[tuple[str, float], ...]:
    """Name the two grades that a score lies between with their chances, the likelier first.

    One of them is the grade that the rule gives. Nothing where that is more probable than not.
    """
    own = row["grade_probability"]
    if say.missing(own) or float(own) >= LIKELIER:
        return ()
    found = chances(evaluation, row)
    others = [name for name in found if name != row["grade"]]
    if not others:
        return ()
    pair = [str(row["grade"]), max(others, key=found.__getitem__)]
    return tuple((name, found[name]) for name in sorted(pair, key=lambda name: -found[name]))


def both(pair: tuple[tuple[str, float], ...]) -> str:
    """Write both grades with their chances."""
    return "，".join(f"{name} {say.chance(chance)}" for name, chance in pair)


def told(evaluation: Evaluation, row: Row) -> str:
    """Say which grade a score has, or between which two it lies and which of them the rule gives."""
    pair = between(evaluation, row)
    if not pair:
        return f"等第为{row['grade']}"
    names = "与".join(name for name, _ in pair)
    return f"等第在{names}之间（{both(pair)}），按得分划为{row['grade']}"
