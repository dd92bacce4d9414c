"""What every rater group's word on every indicator weighs: `docs/method.md`, From cells to scores.

"Group weights and indicator weights multiply; what a group cannot judge goes to what it can
(`uncovered: within_group`, the default, keeps the groups' shares) or to the groups that can
(`to_covering_groups`, keeps the indicators' shares)."
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Measure:
    """A weighted mean of cells: rows of `weights` are rater groups, columns indicators; sum 1.

    `whole` is the composite they are a part of; `of` the measure whose weights add up to 1, where
    this is a part of it.
    """

    code: str
    level: str
    name: str
    weights: pd.DataFrame
    whole: pd.DataFrame
    of: pd.DataFrame | None = None


def indicators(scheme: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for dimension in scheme["dimensions"] for entry in dimension["indicators"]]


def judges(group: dict[str, Any], indicator: dict[str, Any]) -> bool:
    """A group judges an indicator that its questionnaire asks for, unless `covers` leaves it out."""
    asked = bool((indicator.get("items") or {}).get(group["questionnaire"]))
    covers = group.get("covers")
    return asked and (covers is None or indicator["code"] in covers)


def in_composite(scheme: dict[str, Any]) -> pd.DataFrame:
    """Weight of every rater group (row) and indicator (column) in the composite; 0 if not judged."""
    groups, wanted = scheme["groups"], indicators(scheme)
    table = pd.DataFrame(
        0.0, index=[g["code"] for g in groups], columns=[i["code"] for i in wanted]
    )
    keep_groups = scheme.get("uncovered", "within_group") == "within_group"
    for group in groups:
        for indicator in wanted:
            if not judges(group, indicator):
                continue
            if keep_groups:
                among = sum(i["weight"] for i in wanted if judges(group, i))
            else:
                among = sum(g["weight"] for g in groups if judges(g, indicator))
            share = group["weight"] * indicator["weight"] / among
            table.loc[group["code"], indicator["code"]] = share
    return table / table.to_numpy().sum()


def measures(scheme: dict[str, Any]) -> list[Measure]:
    """Return the composite, then the dimensions, then the indicators.

    Parts of the composite keep the proportions they have in it, so that dimensions add up to it.
    """
    whole = in_composite(scheme)
    found = [Measure("composite", "composite", "总分", whole, whole)]
    for dimension in scheme["dimensions"]:
        inside = [indicator["code"] for indicator in dimension["indicators"]]
        part = _part(whole, inside)
        found.append(Measure(dimension["code"], "dimension", dimension["name"], part, whole))
    for indicator in indicators(scheme):
        part = _part(whole, [indicator["code"]])
        found.append(Measure(indicator["code"], "indicator", indicator["name"], part, whole))
    return found


def seen_by(measure: Measure, group: str) -> Measure | None:
    """Return one rater group's own view of a measure; None where it judges nothing of it."""
    row = measure.weights.loc[group]
    if not row.sum() > 0:
        return None
    alone = measure.weights * 0.0
    alone.loc[group] = row / row.sum()
    return Measure(measure.code, measure.level, measure.name, alone, measure.whole)


def _part(whole: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    part = whole.copy()
    part.loc[:, [code for code in whole.columns if code not in codes]] = 0.0
    return part / part.to_numpy().sum()
