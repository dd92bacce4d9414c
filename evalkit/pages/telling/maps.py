"""Maps by committee, on the ground or as tiles: three groups on every measure, and first wishes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from evalkit.codes import Comparison
from evalkit.figures import style
from evalkit.figures.boundaries import feature_id
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import needs as asked
from evalkit.pages.telling.facts import ARROWS, UNTOLD
from evalkit.pages.telling.once import shared
from evalkit.tables import ALL_GROUPS, COMPOSITE, Evaluation

GROUPS: Mapping[str, str] = {
    Comparison.ABOVE: "明显高于平均",
    Comparison.LEVEL: "尚看不出差别",
    Comparison.BELOW: "明显低于平均",
}
"""What a verdict against the street's mean is called where everybody is shown in three groups."""


WISHES, WISHED = "wishes", "居民勾选最多的诉求"
"""The map of what residents wish for: its file, and its title."""
UNSEEN = "尚看不出"
SIGNS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def group(row: known.Row | None) -> str:
    """Return which of the groups a row of a profile belongs to; empty where it was not tested."""
    return "" if row is None else GROUPS.get(str(row["verdict"]), "")


# --- what is drawn --------------------------------------------------------------------------


def codes(evaluation: Evaluation) -> tuple[str, ...]:
    """Return what has a map: the composite, then the dimensions in the scheme's order."""
    return (COMPOSITE, *(dimension.code for dimension in evaluation.scheme.dimensions))


def chart(evaluation: Evaluation, code: str) -> Chart:
    """Return the map of one measure in the current wave: everybody in three groups.

    Parameters
    ----------
    evaluation : Evaluation
    code : str
        ``composite`` or a dimension's code.

    Returns
    -------
    Chart
        A `choropleth` where boundaries are known, else a `tile_grid`, with title and wave in it:
        it can travel alone.

    Raises
    ------
    KeyError
        If the scheme has no such dimension.
    """
    name, data = title(evaluation, code), frame(evaluation, code)
    kinds = [
        (f"{label} {int((data['kind'] == place).sum())} 个", ARROWS.get(verdict, ""), fill)
        for place, ((verdict, label), fill) in enumerate(
            zip(GROUPS.items(), style.STANDINGS, strict=True)
        )
    ]
    ends = [
        f"{label}的有{say.joined(data.loc[data['verdict'] == verdict, 'name'])}"
        for verdict, label in GROUPS.items()
        if verdict != Comparison.LEVEL and (data["verdict"] == verdict).any()
    ]
    words = f"的{name}：" + ("；".join(ends) or "没有一个能与平均区分开")
    options = {"title": name, "kinds": kinds, "blank_label": blank(data)}
    return _drawn(evaluation, data, words, options)


def _drawn(
    evaluation: Evaluation, data: pd.DataFrame, words: str, options: dict[str, Any]
) -> Chart:
    """Return a map on the ground where it is known, else as tiles."""
    order, word = evaluation.order, evaluation.order.subject_word
    told = [order.street, order.wave_name(evaluation.wave)]
    told += ["模拟数据"] if order.synthetic else []
    areas = grounds(evaluation)
    if areas is None:
        told.append(arrangement(data))
        words = f"各{word}{words}；{arrangement(data)}"
        return Chart("tile_grid", data, words, options | {"subtitle": " ".join(told)})
    if invented(evaluation):
        told.append("边界为示意")
    options = options | {"geojson": areas, "subtitle": " ".join(told)}
    return Chart("choropleth", data, f"各{word}{words}", options)


def _why_blank(row: known.Row, *, complete: bool) -> str:
    if not row:
        return "没有答卷" if complete else "不完整"
    return UNTOLD if say.missing(row["estimate"]) else ""


def blank(data: pd.DataFrame) -> str:
    """Say why an area has no number."""
    if (data["note"] == known.PROVISIONAL).any():
        return "筹备、不完整或未公布"
    return "未公布，或不完整" if (data["note"] == UNTOLD).any() else "不完整，不计分"


def title(evaluation: Evaluation, code: str) -> str:
    """Return what a map is called; raise `KeyError` for an unknown code."""
    if code == COMPOSITE:
        return "综合得分"
    names = {dimension.code: dimension.name for dimension in evaluation.scheme.dimensions}
    return names[code]


def grounds(evaluation: Evaluation) -> dict[str, Any] | None:
    """Return the boundaries of the current wave's subjects; None unless every one has its own."""
    if evaluation.decided.boundaries is None:
        return None
    here = set(evaluation.current.scores.table["subject"])
    own = {str(feature_id(f, "id")): f for f in evaluation.decided.boundaries["features"]}
    if not here <= own.keys():
        return None
    features = [feature for key, feature in own.items() if key in here]
    return {"type": "FeatureCollection", "features": features}


def arrangement(data: pd.DataFrame) -> str:
    """Say how tiles are arranged: they are no map."""
    return "示意，不是地图：按名册" + ("和片区排列" if "zone" in data else "排列")


def invented(evaluation: Evaluation) -> bool:
    """Tell whether the boundaries say of themselves that they are made up."""
    mark = (evaluation.decided.boundaries or {}).get("evalkit")
    return isinstance(mark, Mapping) and mark.get("invented") is True


def frame(evaluation: Evaluation, code: str) -> pd.DataFrame:
    """Return one row a subject of the current wave, in roster order.

    Returns
    -------
    DataFrame
        id, name, value (points; empty where incomplete or not told), verdict (against the street's
        mean; empty where incomplete or being set up), kind (its place in `GROUPS`; empty without one), mark, note,
        and zone where the roster names one for everybody.
    """
    rows = []
    measured = _measured(evaluation)
    beside = evaluation.current.scores.provisional
    set_up = beside.subjects if beside is not None else ()
    for subject in evaluation.current.scores.table["subject"]:
        diagnosis = evaluation.diagnosis(str(subject))
        counts = diagnosis.complete and str(subject) not in set_up
        row = measured.get((str(subject), code), {}) if counts else {}
        told = bool(row) and not say.missing(row["estimate"])
        verdict = str(row["verdict"]) if told else ""
        member = evaluation.roster.subject(str(subject))
        rows.append(
            {
                "id": member.id,
                "name": member.name,
                "value": row.get("estimate"),
                "verdict": verdict,
                "kind": list(GROUPS).index(verdict) if told and verdict in GROUPS else None,
                "mark": ARROWS.get(verdict, ""),
                "note": _why_blank(row, complete=diagnosis.complete)
                if str(subject) not in set_up
                else known.PROVISIONAL,
                "zone": member.zone,
            }
        )
    table = pd.DataFrame(rows).astype({"value": float, "kind": float})
    return table if table["zone"].notna().all() else table.drop(columns="zone")


@shared
def _measured(evaluation: Evaluation) -> dict[tuple[str, str], known.Row]:
    """Return what every committee's profile says of a measure, by committee and code."""
    return {
        (str(subject), str(row["code"])): row
        for subject in evaluation.current.scores.table["subject"]
        for row in known.records(evaluation.diagnosis(str(subject)).profile)
    }


# --- what residents wish for ----------------------------------------------------------------


def wishes(evaluation: Evaluation) -> Chart | None:
    """Return the map of what residents of each committee tick most; None where none is known."""
    data = wished(evaluation)
    if data is None:
        return None
    names = [name for name in dict.fromkeys(data.sort_values("order")["first"]) if name]
    unsure, kinds = data["kind"] == len(names), []
    for place, name in enumerate(names):
        own = data[data["first"] == name]
        sure_of = int(own["sure"].sum())
        fill = style.KINDS[place % len(style.KINDS)] if sure_of else style.STANDINGS[1]
        label = f"{name}（{len(own)} 个，能断定 {sure_of} 个）"
        kinds.append((label, SIGNS[place % len(SIGNS)], fill))
    kinds.append((f"{UNSEEN}谁最多 {int(unsure.sum())} 个", "", style.STANDINGS[1]))
    sure = list(data.loc[data["sure"], "name"])
    words = "居民勾选最多的诉求：" + "；".join(
        f"{name}的有{say.joined(data.loc[data['first'] == name, 'name'])}" for name in names
    )
    words += f"；能断定的有{say.joined(sure)}" if sure else "；没有一个能断定"
    none = f"没有可公布的，或有并列 {int((data['first'] == '').sum())} 个"
    return _drawn(evaluation, data, words, {"title": WISHED, "kinds": kinds, "blank_label": none})


def wished(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return one row a subject of the current wave; None where nobody may be told anything.

    Returns
    -------
    DataFrame
        id, name, first (what most tick; empty where none may be told, or as many tick another),
        sure (whether surely more tick it than any other that is told), kind (its place among the
        first ones as the street ticks them; behind the last where not sure; empty where none may
        be told), mark (its sign), and zone where the roster names one for everybody.
    """
    common = known.common(evaluation)
    street = {str(row["name"]): place for place, row in enumerate(_ticked(common))}
    rows = []
    for subject in common.scores:
        facts = known.gather(common, subject)
        row = asked.first_wish(facts)
        name = "" if row is None else str(row["name"])
        rows.append(
            {
                "id": facts.subject.id,
                "name": facts.name,
                "first": name,
                "order": street.get(name, len(street)),
                "sure": row is not None and asked.leads_surely(facts),
                "zone": facts.subject.zone,
            }
        )
    table = pd.DataFrame(rows)
    if not (table["first"] != "").any():
        return None
    names = [name for name in dict.fromkeys(table.sort_values("order")["first"]) if name]
    places = [names.index(name) if name else len(names) for name in table["first"]]
    kinds = [
        float(place if sure else len(names)) if place < len(names) else math.nan
        for place, sure in zip(places, table["sure"], strict=True)
    ]
    table = table.assign(
        kind=kinds,
        mark=[SIGNS[place % len(SIGNS)] if place < len(names) else "" for place in places],
    )
    return table if table["zone"].notna().all() else table.drop(columns="zone")


def _ticked(common: known.Common) -> list[known.Row]:
    street = common.needs.get(ALL_GROUPS)
    return [] if street is None else asked.by_share(known.records(street))


# --- files ----------------------------------------------------------------------------------


def files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return every map as a file of its own, by its path in the output folder."""
    charts = {code: chart(evaluation, code) for code in codes(evaluation)}
    wished = wishes(evaluation)
    if wished is not None:
        charts[WISHES] = wished
    return {f"maps/{code}.svg": drawn.svg().encode() for code, drawn in charts.items()}
