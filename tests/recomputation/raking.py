"""Weights that make a group's respondents look like the street, and what that does to variance.

Iterative proportional fitting (Deming & Stephan 1940). A raked mean varies only as far as the
margins do not explain the answers: its influence values are replaced by the residuals of their
regression, weighted by the weights before raking, on the dummies of all margins (Deville &
Sarndal 1992).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.recomputation.documents import Plain, Street
from tests.recomputation.exports import same

Array = np.ndarray


@dataclass(frozen=True)
class Raking:
    """One group's raking.

    `at` holds the places, in the wave's kept rows, of those whose profile is complete; `cells`
    (margins, those) the category of each; `base` and `raked` their weights before and after.
    """

    at: Array
    cells: Array
    base: Array
    raked: Array

    def residuals(self, influence: Array) -> Array:
        """Influence values (those, I) less what the margins explain of them."""
        dummies = np.hstack([np.eye(row.max() + 1)[row] for row in self.cells])
        root = np.sqrt(self.base)[:, None]
        linear = influence / self.raked[:, None]
        slope, *_ = np.linalg.lstsq(root * dummies, root * linear, rcond=None)
        return (linear - dummies @ slope) * self.raked[:, None]


def raked(street: Street, wave: str, kept: pd.DataFrame) -> tuple[Array, dict[str, Raking]]:
    """Return the weight of every kept row, and how each group in margins.csv was raked."""
    weights = np.ones(len(kept))
    rakings: dict[str, Raking] = {}
    for group in street.groups():
        margins = _margins(street, wave, group["code"])
        members = np.flatnonzero(kept["group"] == group["code"])
        if not margins or not len(members):
            continue
        questionnaire = street.questionnaires[group["questionnaire"]]
        cells, shares = [], []
        for item_id, rows in margins.items():
            item = next(i for i in questionnaire["items"] if i["id"] == item_id)
            category = _categories(item, rows)
            cells.append([category.get(code, -1) for code in kept[item_id].iloc[members]])
            values = np.array([_number(row) for row in rows])
            shares.append(values / values.sum())
        placed = (np.array(cells) >= 0).all(axis=0)
        at, where = members[placed], np.array(cells)[:, placed]
        base = weights[at]
        fitted = _fit(base, where, [share * base.sum() for share in shares])
        weights[at] = fitted
        rakings[group["code"]] = Raking(at, where, base, fitted)
    return weights, rakings


def _fit(base: Array, cells: Array, totals: list[Array]) -> Array:
    weights = base.copy()
    for _ in range(10_000):
        before = weights
        for where, total in zip(cells, totals, strict=True):
            weights = weights * (total / np.bincount(where, weights, len(total)))[where]
        if np.abs(weights / before - 1).max() < 1e-15:
            break
    return weights


def _margins(street: Street, wave: str, group: str) -> dict[str, list[Plain]]:
    """Rows of the group's margins by item; those of the wave itself replace general ones."""
    found: dict[str, list[Plain]] = {}
    for general in (True, False):
        of = [row for row in street.margins if row["group"] == group]
        of = [r for r in of if (r.get("wave") or "") == ("" if general else wave)]
        own: dict[str, list[Plain]] = {}
        for row in of:
            own.setdefault(row["item"], []).append(row)
        found |= own
    return found


def _categories(item: Plain, rows: list[Plain]) -> dict[str, int]:
    """Option code -> category; a row may join several options, by label or code."""
    codes = {same(o["label"]): o["code"] for o in item["options"]}
    codes |= {same(o["code"]): o["code"] for o in item["options"]}
    return {
        codes[same(part)]: at
        for at, row in enumerate(rows)
        for part in row["option"].replace("；", ";").split(";")
    }


def _number(row: Plain) -> float:
    return float((row.get("share") or row.get("total") or "").rstrip("%"))
