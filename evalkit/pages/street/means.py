"""The street as a whole by dimension and indicator, and every committee's dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import Comparison, OwnChange
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import overall, weights
from evalkit.pages.telling.facts import ARROWS, Row
from evalkit.pages.telling.weights import Weight
from evalkit.tables import Evaluation

ENDS = 3
"""Indicators named as the highest and as the lowest."""

JUDGED = (OwnChange.RISEN, OwnChange.FALLEN, OwnChange.SAME)
"""Verdicts of a change that was tested."""

TONES: Mapping[str, str] = {Comparison.ABOVE: "better", Comparison.BELOW: "worse"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Means(Section):
    """The street's means by dimension and indicator."""

    template = "street/means.html.j2"
    rows: Sequence[Mapping[str, object]]
    nominal: bool
    compared: bool
    last: str
    moved: str


def section(evaluation: Evaluation) -> Means | None:
    """Plan the street's means by dimension and indicator; None where they are not known."""
    table = overall.of_street(evaluation)
    if not len(table):
        return None
    rows = {str(row["code"]): row for row in known.records(table)}
    listed = [("composite", rows["composite"])]
    for dimension in evaluation.scheme.dimensions:
        parts = [("dimension", dimension.code)]
        parts += [("indicator", indicator.code) for indicator in dimension.indicators]
        listed += [(kind, rows[code]) for kind, code in parts if code in rows]
    weighing = weights.of_measures(evaluation)
    changes = known.changes_of(evaluation)
    compared = bool(table["change"].notna().any())
    return Means(
        title=f"{evaluation.order.street_word}总体：维度与指标",
        takeaway=ends_sentence(evaluation),
        rows=[_row(kind, row, weighing.get(str(row["code"]))) for kind, row in listed],
        nominal=weights.differ(weighing),
        compared=compared,
        last=evaluation.order.wave_name(changes.from_wave) if changes else "",
        moved=moved_sentence(table, evaluation.order.street_word) if compared else "",
    )


def ends(evaluation: Evaluation) -> tuple[list[Row], list[Row]]:
    """Return the indicators with the highest means and those with the lowest, outermost first."""
    table = overall.of_street(evaluation)
    own = table[table["level"] == "indicator"]
    rows = known.records(own.sort_values("mean", ascending=False, kind="stable"))
    count = min(ENDS, len(rows) // 2)
    return rows[:count], rows[::-1][:count]


def ends_sentence(evaluation: Evaluation) -> str:
    """Name the highest and the lowest indicators: a description, not a test."""
    high, low = ends(evaluation)
    mean = f"{evaluation.order.street_word}平均"
    if not high:
        row = known.records(overall.of_street(evaluation))[0]
        return f"{mean}得分 {say.fixed(row['mean'])} 分。"
    if say.fixed(high[0]["mean"]) == say.fixed(low[0]["mean"]):
        return f"各项指标的{mean}都是 {say.fixed(high[0]['mean'])} 分。"
    many = f" {len(high)} 项" if len(high) > 1 else "一项"
    return f"按{mean}，最高的{many}指标是{_with_means(high)}，最低的{many}是{_with_means(low)}。"


def _with_means(rows: Sequence[Row]) -> str:
    return "、".join(f"{row['name']}（{say.fixed(row['mean'])}）" for row in rows)


def moved_sentence(table: pd.DataFrame, street: str) -> str:
    """Say how many indicators moved, as the adjusted tests tell."""
    own = table[(table["level"] == "indicator") & table["verdict"].isin(JUDGED)]
    if not len(own):
        return ""
    up, down = (int((own["verdict"] == verdict).sum()) for verdict in JUDGED[:2])
    if not up and not down:
        return f"{len(own)} 项可比的指标，没有一项的{street}平均明显变化。"
    if len(own) in (up, down):
        way = "上升" if up else "下降"
        return f"{len(own)} 项可比的指标，{street}平均都明显{way}（已防误报）。"
    parts = [f"{n} 项明显{verdict}" for n, verdict in ((up, "上升"), (down, "下降")) if n]
    rest = len(own) - up - down
    return (
        f"{len(own)} 项可比的指标中，{street}平均有 {'，'.join(parts)}"
        f"{f'，其余 {rest} 项尚看不出变化' if rest else ''}（已防误报）。"
    )


def _row(kind: str, row: Row, weight: Weight | None) -> dict[str, Any]:
    compared = not say.missing(row["change"])
    return {
        "kind": kind,
        "name": row["name"],
        "nominal": f"{weight.nominal:g}" if weight else "",
        "weight": weight.mean if weight else "",
        "mean": say.fixed(row["mean"]),
        "interval": say.interval(row["low"], row["high"]),
        "previous": say.fixed(row["previous"]),
        "change": say.signed(row["change"]),
        "reach": (
            f"{say.signed(row['change_low'])} 至 {say.signed(row['change_high'])}"
            if compared
            else say.MISSING
        ),
        "verdict": say.plainly(row["verdict"]),
        "sure": row["verdict"] in JUDGED[:2],
    }


# --- every committee's dimensions -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions(Section):
    """Every committee's dimensions."""

    template = "street/dimensions.html.j2"
    names: Sequence[str]
    weights: Sequence[str]
    means: Sequence[str]
    rows: Sequence[Mapping[str, object]]


def dimensions(evaluation: Evaluation) -> Dimensions | None:
    """Plan the table of every committee's dimensions; None with fewer than two to compare."""
    scores = evaluation.current.scores
    dimensions = evaluation.scheme.dimensions
    ranking = evaluation.current.ranking.table
    if len(ranking) < 2:
        return None
    rows, high, low = [], 0, 0
    for subject, name in known.pairs(ranking, "subject", "name"):
        profile = evaluation.diagnosis(str(subject)).profile
        own = {row["code"]: row for row in known.records(profile[profile["level"] == "dimension"])}
        verdicts = [
            str(own[dimension.code]["verdict"]) if dimension.code in own else ""
            for dimension in dimensions
        ]
        high += verdicts.count(Comparison.ABOVE)
        low += verdicts.count(Comparison.BELOW)
        cells = [
            {
                "text": say.fixed(own[dimension.code]["estimate"] if verdict else None),
                "mark": ARROWS.get(verdict, ""),
                "tone": TONES.get(verdict, ""),
            }
            for dimension, verdict in zip(dimensions, verdicts, strict=True)
        ]
        rows.append({"name": name, "cells": cells})
    known_of = [own[np.isfinite(own)] for own in scores.estimate[1 : 1 + len(dimensions)]]
    means = [float(own.mean()) if len(own) else np.nan for own in known_of]
    weighing = weights.of_measures(evaluation)
    return Dimensions(
        title=f"各{evaluation.order.subject_word}的维度得分",
        takeaway=(
            _told(len(rows) * len(dimensions), high, low, f"{evaluation.order.street_word}平均")
        ),
        names=[d.name for d in dimensions],
        weights=[weighing[d.code].mean for d in dimensions],
        means=[say.fixed(m) for m in means],
        rows=rows,
    )


def _told(total: int, high: int, low: int, mean: str) -> str:
    if not high and not low:
        return f"{total} 个维度得分都与{mean}尚看不出差别。"
    parts = [f"{n} 个明显{way}{mean}" for n, way in ((high, "高于"), (low, "低于")) if n]
    rest = total - high - low
    return (
        f"{total} 个维度得分中，{'，'.join(parts)}"
        f"{f'，其余 {rest} 个与{mean}尚看不出差别' if rest else ''}。"
    )
