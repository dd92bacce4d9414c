"""Needs, projects, resources and sites, as papers and maps tell them; one reading of their frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import Loose
from evalkit.definitions.boundaries import areas
from evalkit.figures.boundaries import feature_id
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import maps
from evalkit.pages.telling.facts import Row
from evalkit.tables import ALL_GROUPS, Evaluation

FOLDER = "maps/resources"
STREET = "street"
MARGIN = 0.15
"""Share of an area's reach within which others count as its neighbours on the map."""
NAMED = 2
"""Projects that a prescription names for one weakness."""


# --- needs and what there is for them -------------------------------------------------------


def demand(evaluation: Evaluation, subject: str) -> list[Row]:
    """Return the kinds of needs of a committee, or of the street, the most frequent first."""
    table = evaluation.demand
    return known.records(table[table["subject"] == subject])


def indicators_of(evaluation: Evaluation, kind: str) -> list[str]:
    """Return the indicators that a kind of needs is about, as the library of actions says."""
    library = evaluation.decided.actions
    return [] if library is None else [
        code for matter in library.matters if matter.kind == kind for code in matter.indicators
    ]  # fmt: skip


def dissatisfied(evaluation: Evaluation, indicator: str) -> float:
    """Return the share of residents who are not satisfied, 0-1: the mean over an indicator's items.

    NaN where nothing is told of any of them.
    """
    scheme, table = evaluation.scheme, evaluation.satisfaction
    if table.empty:
        return np.nan
    items = {
        item
        for one in scheme.indicators
        if one.code == indicator
        for source in {group.source for group in scheme.residents}
        for item in one.items.get(source, ())
    }
    own = table[(table["subject"] == ALL_GROUPS) & (table["by"] == "all")]
    own = own[own["item"].isin(items)]
    return float(1.0 - own["share"].mean()) if len(own) else np.nan


def loose(evaluation: Evaluation) -> list[str]:
    """Say what somebody should look at in the lists that may be named; nothing where nothing is.

    What points to nothing is not told of lists to which others point: it is what is still open.
    """
    said = []
    for name, own in evaluation.integrity.groupby("ledger", sort=False):
        ledger = evaluation.decided.ledgers[str(name)]
        headers = {column.code: column.headers[0] for column in ledger.columns}
        parts = []
        for link, of in own[own["problem"] != Loose.UNUSED].groupby("link", sort=False):
            for problem, n in of.groupby("problem", sort=False)["n"].sum().items():
                what = f"没有写{headers[str(link)]}" if problem == Loose.UNLINKED else str(problem)
                parts.append(f"{what} {n} 条")
        if ledger.public and parts:
            said.append(f"{ledger.title}{say.joined(parts)}（共 {own['of'].iloc[0]} 条）")
    found = "；".join(said)
    return [f"清单里要核对的：{found}，见 results.xlsx 的“清单核对”表。"] if said else []


def projects(evaluation: Evaluation, subject: str, indicator: str) -> list[str]:
    """Name a committee's projects that go on and are of an indicator's kinds.

    Only public lists have any, and only those that say what goes on. A paper names no other
    committee, so that projects of others are in frame ``listed`` and not here.
    """
    library = evaluation.decided.actions
    kinds = library.kinds_of(indicator) if library is not None else ()
    table = evaluation.listed
    table = table[
        table["category"].isin(kinds) & table["ledger"].isin(_lists_of_projects(evaluation))
    ]
    own = table[table["subject"] == subject]
    own = own.assign(kind=[kinds.index(kind) for kind in own["category"]])
    own = own.sort_values(["kind", "record"], kind="stable")
    return [_named(row) for row in known.records(own.head(NAMED))]


def _lists_of_projects(evaluation: Evaluation) -> list[str]:
    return [name for name, ledger in evaluation.decided.ledgers.items() if ledger.running]


def _named(row: Row) -> str:
    return f"{str(row['title']) or row['category'] + '项目'}（{row['record']}）"


# --- maps -----------------------------------------------------------------------------------


def chart(evaluation: Evaluation, subject: str | None = None) -> Chart | None:
    """Return the map of what there is in the street, or around one committee.

    None where not every committee has a boundary, or nothing is told of lists and places.
    """
    grounds = maps.grounds(evaluation)
    if grounds is None or (evaluation.points.empty and evaluation.demand.empty):
        return None
    features = grounds["features"]
    if subject is not None:
        features = _around(features, subject)
    here = [str(feature_id(feature, "id")) for feature in features]
    points = evaluation.points
    points = points[points["subject"].isin(here)]
    names = [str(name) for name in dict.fromkeys(_kinds(points))]
    order = evaluation.order
    frame = pd.DataFrame(
        {
            "id": here,
            "name": [evaluation.roster.subject(one).name for one in here],
            "here": [one == subject for one in here],
        }
    )
    whose = order.street if subject is None else evaluation.roster.subject(subject).name
    told = [*_told(evaluation, subject), order.wave_name(evaluation.wave)]
    told += ["模拟数据"] if order.synthetic else []
    told += ["边界为示意"] if maps.invented(evaluation) else []
    counted = [f"{name} {int((_kinds(points) == name).sum())} 处" for name in names]
    places = points.assign(kind=[names.index(name) for name in _kinds(points)])
    return Chart(
        "point_map",
        frame,
        f"{whose}的需求、项目、资源和站点：{'；'.join([*_told(evaluation, subject), *counted])}",
        {
            "geojson": {"type": "FeatureCollection", "features": features},
            "points": places[["longitude", "latitude", "kind"]],
            "kinds": counted,
            "title": f"{whose}：需求与资源",
            "subtitle": " ".join(told),
        },
    )


def small(planned: Chart, width: int, height: int) -> Chart:
    """Return a map for half a page's width."""
    size: dict[str, Any] = {"small": True, "width": width, "max_height": height, "subtitle": ""}
    return replace(planned, options={**planned.options, **size})


def _kinds(points: pd.DataFrame) -> pd.Series[str]:
    return points["category"].where(points["category"] != "", "未分类")


def _told(evaluation: Evaluation, subject: str | None) -> list[str]:
    """Say how many needs, projects and resources there are, as far as they are told."""
    rows = demand(evaluation, ALL_GROUPS if subject is None else subject)
    if not rows:
        return []
    found = []
    if all(not say.missing(row["n"]) for row in rows):
        found.append(f"需求 {sum(int(row['n']) for row in rows):,} 条")
    most = next((row for row in _by_share(rows) if not say.missing(row["share"])), None)
    if most is not None:
        found.append(f"最多的是{most['category']}")
    for column, word, unit in (("running", "实施中的项目", "个"), ("resources", "资源", "项")):
        if all(not say.missing(row[column]) for row in rows):
            found.append(f"{word} {sum(int(row[column]) for row in rows):,} {unit}")
    return found


def _by_share(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: 0.0 if say.missing(r["share"]) else -float(r["share"]))


def _around(features: Sequence[Mapping[str, Any]], subject: str) -> list[Mapping[str, Any]]:
    """Return an area and those whose surroundings meet its own."""
    boxes = {}
    for key, shape in areas({"type": "FeatureCollection", "features": list(features)}).items():
        corners = np.concatenate([ring for polygon in shape for ring in polygon])
        boxes[str(key)] = (corners.min(axis=0), corners.max(axis=0))
    low, high = boxes[subject]
    reach = MARGIN * (high - low)
    near = {
        key
        for key, (lower, upper) in boxes.items()
        if (lower <= high + reach).all() and (upper >= low - reach).all()
    }
    return [feature for feature in features if str(feature_id(feature, "id")) in near]


def files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return one map a committee, and the street's, by their paths in the output folder."""
    subjects = [str(subject) for subject in evaluation.current.scores.table["subject"]]
    drawn = {STREET: chart(evaluation), **{one: chart(evaluation, one) for one in subjects}}
    return {
        f"{FOLDER}/{name}.svg": planned.svg().encode()
        for name, planned in drawn.items()
        if planned is not None
    }
