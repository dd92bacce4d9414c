"""Means of every committee and rater group, and how sure they are, from the kept rows.

A respondent's indicator is the mean of the indicator's items that were answered, if at least
`minimum_answered` of them were. A cell's mean is m = sum(w x) / sum(w) over those who have the
indicator; its influence values z = w (x - m) / sum(w) give the covariance

    n/(n - 1) sum_r z_r z_r'

over respondents, or, where one rater judges several committees, over raters and all committees at
once, the values of one rater added up first. With N raters known it is multiplied by 1 - n/N. An
indicator that only n_i of a cell's n respondents have gets n_i/(n_i - 1) in place of n/(n - 1);
a committee that m of the raters judge gets m/(m - 1) in place of the design's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.recomputation import weights as weighing
from tests.recomputation.documents import Plain, Street
from tests.recomputation.rows import Rows

Array = np.ndarray
OVERALL = "overall"


@dataclass(frozen=True)
class Cell:
    """One rater group's committees: see the package's docstring for the shapes."""

    n: Array
    n_effective: Array
    n_measure: Array
    mean: Array
    covariance: Array
    joint: Array | None
    df: Array
    each: Array | None = None
    judged: Array | None = None
    raters: list[str] | None = None


def subjects(street: Street, wave: str) -> list[str]:
    return street.subjects(wave)


def measures(street: Street) -> list[str]:
    return [*(i["code"] for i in street.indicators()), OVERALL]


def cells(street: Street, rows: Rows) -> dict[str, Cell]:
    """Return every group's cells."""
    scores = scored(street, rows)
    return {group["code"]: _group(street, rows, group, scores) for group in street.groups()}


def scored(street: Street, rows: Rows) -> pd.DataFrame:
    """Return what every kept row gives each measure, 0 to 100 or NaN; index as `rows.kept`."""
    result = pd.DataFrame(np.nan, index=rows.kept.index, columns=measures(street))
    for questionnaire_id, questionnaire in street.questionnaires.items():
        own = rows.kept["questionnaire"] == questionnaire_id
        items = {item["id"]: item for item in questionnaire["items"]}
        points = {name: _points(rows.kept.loc[own], item) for name, item in items.items()}
        for indicator in street.indicators():
            names = indicator["items"].get(questionnaire_id) or []
            if names:
                table = np.column_stack([points[name] for name in names])
                count = (~np.isnan(table)).sum(axis=1)
                enough = (count > 0) & (count >= street.scheme["minimum_answered"] * len(names))
                mean = np.nansum(table, axis=1) / np.maximum(count, 1)
                result.loc[own, indicator["code"]] = np.where(enough, mean, np.nan)
        for name, item in items.items():
            if item["role"] == "overall":
                result.loc[own, OVERALL] = points[name]
    for group in street.groups():
        outside = [i["code"] for i in street.indicators()]
        outside = [code for code in outside if code not in street.covered(group["code"])]
        result.loc[rows.kept["group"] == group["code"], outside] = np.nan
    return result


def distributions(street: Street, rows: Rows) -> pd.DataFrame:
    """How often each option of each choice was chosen, by committee and rater group.

    The share is of those who chose anything, by weight. Sorted by all that tells a row apart.
    """
    names = ["subject", "group", "item", "option"]
    parts = []
    for questionnaire_id, questionnaire in street.questionnaires.items():
        own = rows.kept[rows.kept["questionnaire"] == questionnaire_id]
        for item in questionnaire["items"]:
            who = item["role"] in ("subject", "rater", "group")
            if who or item["kind"] not in ("single", "multiple") or item["id"] not in own:
                continue
            answered = own[own[item["id"]].notna()]
            if answered.empty:
                continue
            mass = answered.groupby(["subject", "group"])["weight"].sum().rename("mass")
            chosen = [code.split(";") for code in answered[item["id"]]]
            each = answered.assign(item=item["id"], option=pd.Series(chosen, answered.index))
            each = each.explode("option").join(mass, on=["subject", "group"])
            parts.append(each.assign(share=each["weight"] / each["mass"]))
    grouped = pd.concat(parts).groupby(names)["share"]
    return grouped.agg(n="size", share="sum").reset_index().sort_values(names, ignore_index=True)


def _points(kept: pd.DataFrame, item: Plain) -> Array:
    if item["id"] not in kept:
        return np.full(len(kept), np.nan)
    codes = kept[item["id"]]
    if item["kind"] == "number" and item["maximum"] is not None:
        low, high = item["minimum"], item["maximum"]
        return 100 * (pd.to_numeric(codes).to_numpy(dtype=float) - low) / (high - low)
    scores = {option["code"]: option["score"] for option in item["options"]}
    return np.array([np.nan if scores.get(c) is None else scores[c] for c in codes], dtype=float)


def _group(street: Street, rows: Rows, group: Plain, scores: pd.DataFrame) -> Cell:
    committees = subjects(street, rows.wave)
    k, m = len(committees), scores.shape[1]
    # Whoever gives no measure a value is no part of the sample.
    given = (rows.kept["group"] == group["code"]).to_numpy() & scores.notna().any(axis=1).to_numpy()
    at = np.flatnonzero(given)
    x = scores.to_numpy()[at]
    w = rows.kept["weight"].to_numpy(dtype=float)[at]
    place = rows.kept["subject"].iloc[at].map({s: k for k, s in enumerate(committees)}).to_numpy()
    n, n_effective, df = np.zeros(k, dtype=int), np.zeros(k), np.zeros(k)
    n_measure, mean = np.zeros((k, m), dtype=int), np.full((k, m), np.nan)
    covariance = np.full((k, m, m), np.nan)
    # Influence values: one row a respondent, zero where nothing was answered.
    z = np.zeros((len(at), m))
    for committee in range(k):
        own = place == committee
        n[committee] = own.sum()
        df[committee] = max(n[committee] - 1, 0)
        if not own.any():
            continue
        n_effective[committee] = w[own].sum() ** 2 / (w[own] ** 2).sum()
        answered = ~np.isnan(x[own])
        n_measure[committee] = answered.sum(axis=0)
        mass = (w[own, None] * answered).sum(axis=0)
        with np.errstate(invalid="ignore"):
            mean[committee] = (w[own, None] * np.where(answered, x[own], 0)).sum(axis=0) / mass
            z[own] = np.where(answered, w[own, None] * (x[own] - mean[committee]) / mass, 0)
    if group["raters"] == "rater":
        raters = rows.kept["rater"].iloc[at].to_numpy()
        answered = ~np.isnan(x)
        joint, df, each, judged = _shared(
            z, answered, place, raters, n_measure, group["population"]
        )
        covariance = np.array([joint[c, :, c, :] for c in range(k)])
        names = np.unique(raters.astype(str)).tolist()
        return Cell(n, n_effective, n_measure, mean, covariance, joint, df, each, judged, names)
    raking = rows.raking.get(group["code"])
    units = rows.kept["cluster"].iloc[at].to_numpy(dtype=object)
    if any(units):
        return _clustered(
            z, ~np.isnan(x), place, units, n, n_effective, n_measure, mean, group, street
        )
    if group["design_effect"] > 1:
        raise NotImplementedError("no workspace declares one")
    for committee in np.flatnonzero(n > 1):
        own = place == committee
        squares = z[own].T @ z[own]
        if raking is not None:
            squares = _raked(raking, at[own], z[own])
        if group["population"] is not None:
            squares = squares * (1 - n[committee] / group["population"])
        factor = _factor(n_measure[committee])
        covariance[committee] = squares * np.sqrt(np.outer(factor, factor))
    return Cell(n, n_effective, n_measure, mean, covariance, None, df)


def _clustered(
    z: Array,
    answered: Array,
    place: Array,
    units: Array,
    n: Array,
    n_effective: Array,
    n_measure: Array,
    mean: Array,
    group: Plain,
    street: Street,
) -> Cell:
    """Influence added up within buildings: c/(c - 1) sum_c z_c z_c', c - 1 degrees of freedom.

    An answer without a building is one of its own. An effective answer is worth 1 over the design
    effect, which is not taken below 1: of the group's composite, over all committees.
    """
    k, m = mean.shape
    covariance, df = np.full((k, m, m), np.nan), np.zeros(k)
    w = weighing.in_composite(street.scheme).loc[group["code"]].to_numpy()
    together = alone = 0.0
    for committee in np.flatnonzero(n > 0):
        own = np.flatnonzero(place == committee)
        names = [units[row] or f"#{row}" for row in own]
        each = {name: [r for r, x in zip(own, names, strict=True) if x == name] for name in names}
        sums = np.array([z[members].sum(axis=0) for members in each.values()])
        told = np.array([answered[members].any(axis=0) for members in each.values()]).sum(axis=0)
        df[committee] = len(each) - 1
        if len(each) < 2:
            continue
        left = 1 if group["population"] is None else 1 - n[committee] / group["population"]
        squares, factor = sums.T @ sums, _factor(told)
        covariance[committee] = left * squares * np.sqrt(np.outer(factor, factor))
        if n_measure[committee][:-1][w > 0].min() > 1:
            count = len(own)
            apart = z[own].T @ z[own] * count / (count - 1)
            together += left * w @ (squares * len(each) / (len(each) - 1))[:-1, :-1] @ w
            alone += left * w @ apart[:-1, :-1] @ w
    return Cell(n, n_effective / max(together / alone, 1), n_measure, mean, covariance, None, df)


def _factor(n: Array) -> Array:
    """n/(n - 1); NaN where one answer, or none, tells nothing of the spread."""
    return np.where(n > 1, n / np.maximum(n - 1.0, 1.0), np.nan)


def _raked(raking: object, at: Array, z: Array) -> Array:
    """Squares and products of one committee's influence values less what the margins explain.

    The committee's values go in with zero for the rest of the group. Those without a complete
    profile were not raked and keep their values.
    """
    places = {int(row): number for number, row in enumerate(raking.at)}  # type: ignore[attr-defined]
    inside = np.array([int(row) in places for row in at])
    full = np.zeros((len(places), z.shape[1]))
    full[[places[int(row)] for row in at[inside]]] = z[inside]
    residual = raking.residuals(full)  # type: ignore[attr-defined]
    return residual.T @ residual + z[~inside].T @ z[~inside]


def _shared(
    z: Array,
    answered: Array,
    place: Array,
    raters: Array,
    n_measure: Array,
    population: int | None,
) -> tuple[Array, Array, Array, Array]:
    """Covariance of all committees' means, (K, I, K, I), where the rater is the sampling unit.

    Beside it degrees of freedom, what every rater adds (U, K, I), and who moved whom (U, K).
    """
    k, m = n_measure.shape
    units, unit = np.unique(raters.astype(str), return_inverse=True)
    by_unit = np.zeros((len(units), k, m))
    judged = np.zeros((len(units), k, m), dtype=bool)
    for row in range(len(z)):
        by_unit[unit[row], place[row]] += z[row]
        judged[unit[row], place[row]] |= answered[row]
    judges = judged.any(axis=2).sum(axis=0)
    factor = np.sqrt(_factor(judged.sum(axis=0)))
    joint = np.einsum("uai,ubj->aibj", by_unit, by_unit)
    joint *= factor[:, :, None, None] * factor[None, None, :, :]
    if population is not None:
        joint *= 1 - len(units) / population
    unknown = n_measure < 2
    joint[unknown] = np.nan
    joint[:, :, unknown] = np.nan
    each = by_unit * np.nan_to_num(factor)
    if population is not None:
        each = each * np.sqrt(1 - len(units) / population)
    each = np.where(unknown, 0.0, each)
    # Whoever says just what all together say, on everything, makes no error and shares none.
    moved = (np.abs(each) > 1e-12).any(axis=2)
    return joint, np.maximum(judges - 1.0, 0.0), each, moved
