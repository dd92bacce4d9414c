"""How a grade is told: for certain, or as near its line where the data do not bear it out."""

from __future__ import annotations

from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Row
from evalkit.tables import Evaluation

LIKELIER = 0.5
"""A grade less probable than this is not the likelier reading: only its line is told."""


def unsure(row: Row) -> bool:
    """Tell whether the true score more likely lies in another grade."""
    chance = row["grade_probability"]
    return not say.missing(chance) and float(chance) < LIKELIER


def near(evaluation: Evaluation, row: Row) -> str:
    """Name the line that a score lies near, where its grade is not sure; else nothing."""
    if not unsure(row):
        return ""
    lines = [grade for grade in evaluation.scheme.grades if grade.cutoff > 0]
    if not lines:
        return ""
    line = min(lines, key=lambda grade: abs(grade.cutoff - float(row["score"])))
    return f"{line.name}线（{line.cutoff:g} 分）"


def told(evaluation: Evaluation, row: Row) -> str:
    """Say which grade a score has, or which line it lies near."""
    line = near(evaluation, row)
    if not line:
        return f"等第为{row['grade']}"
    return f"在{line}附近，按得分划为{row['grade']}，等第不作定论"
