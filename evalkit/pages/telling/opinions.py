"""What each rater group says of one committee."""

from __future__ import annotations

import math

from evalkit.methods import tails
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.behind import number
from evalkit.pages.telling.facts import Facts, Row
from evalkit.tables import COMPOSITE


def opinions(facts: Facts) -> list[Row]:
    """Return each rater group's composite with its interval, and the street's mean of it.

    Estimates are missing where fewer answered than may be told.
    """
    own = facts.common.indicators[facts.subject.id]
    composites = {str(row["group"]): row for row in known.records(own[own["level"] == COMPOSITE])}
    cells = facts.evaluation.current.cells
    counts = known.answers_by_group(facts)
    at = cells.subjects.index(facts.subject.id) if facts.subject.id in cells.subjects else None
    rows: list[Row] = []
    for group in facts.evaluation.scheme.groups:
        n = counts.get(group.code, 0)
        row = composites.get(group.code) if n >= group.minimum_n else None
        estimate = math.nan if row is None else float(row["estimate"])
        se = math.nan if row is None else float(row["se"])
        df = 1.0 if at is None else max(float(cells.groups[group.code].df[at]), 1.0)
        reach = reach_of(facts, se, df)
        rows.append(
            {
                "code": group.code,
                "group": group.name,
                "n": number(group, facts.evaluation.decided, n),
                "estimate": estimate,
                "se": se,
                "df": df,
                "low": max(estimate - reach, 0.0),
                "high": min(estimate + reach, 100.0),
                "street": facts.common.group_means.get(group.code, math.nan),
            }
        )
    return rows


def reach_of(facts: Facts, se: float, df: float) -> float:
    """Return the half-width of an interval, points."""
    return se * float(tails.t_quantile(0.5 + facts.evaluation.scheme.confidence / 2, df))
