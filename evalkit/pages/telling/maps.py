"""Index maps: the composite and every dimension, by committee, on the ground or as tiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from evalkit.codes import Comparison
from evalkit.figures.boundaries import feature_id
from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import ARROWS, UNTOLD
from evalkit.tables import COMPOSITE, Evaluation

GROUPS: Mapping[str, str] = {
    Comparison.ABOVE: "明显高于平均",
    Comparison.LEVEL: "尚看不出差别",
    Comparison.BELOW: "明显低于平均",
}
"""What a verdict against the street's mean is called where everybody is shown in three groups."""


def group(row: known.Row | None) -> str:
    """Return which of the groups a row of a profile belongs to; empty where it was not tested."""
    return "" if row is None else GROUPS.get(str(row["verdict"]), "")


# --- what is drawn --------------------------------------------------------------------------


def codes(evaluation: Evaluation) -> tuple[str, ...]:
    """Return what has a map: the composite, then the dimensions in the scheme's order."""
    return (COMPOSITE, *(dimension.code for dimension in evaluation.scheme.dimensions))


def chart(evaluation: Evaluation, code: str) -> Chart:
    """Return the map of one measure in the current wave.

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
    order, word = evaluation.order, evaluation.order.subject_word
    name, data = title(evaluation, code), frame(evaluation, code)
    told = [order.street, order.wave_name(evaluation.wave)]
    told += ["模拟数据"] if order.synthetic else []
    options: dict[str, Any] = {
        "title": name,
        "hatch_label": f"与{order.street_word}平均无显著差异",
        "blank_label": blank(data),
    }
    areas = grounds(evaluation)
    if areas is None:
        told.append(arrangement(data))
        words = f"各{word}的{name}，{arrangement(data)}"
        return Chart("tile_grid", data, words, options | {"subtitle": " ".join(told)})
    if invented(evaluation):
        told.append("边界为示意")
    options["geojson"] = areas
    words = f"各{word}的{name}，按边界着色"
    return Chart("choropleth", data, words, options | {"subtitle": " ".join(told)})


def _why_blank(row: known.Row, *, complete: bool) -> str:
    if not row:
        return "没有答卷" if complete else "不完整"
    return UNTOLD if say.missing(row["estimate"]) else ""


def blank(data: pd.DataFrame) -> str:
    """Say why an area has no number."""
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
        id, name, value and se (points; empty where incomplete or not told), verdict (against the
        street's mean; empty where incomplete), hatched (no verdict either way), mark, note, and zone where
        the roster names one for everybody.
    """
    rows = []
    for subject in evaluation.current.scores.table["subject"]:
        diagnosis = evaluation.diagnosis(str(subject))
        own = diagnosis.profile
        found = known.records(own[own["code"] == code]) if diagnosis.complete else []
        row = found[0] if found else {}
        verdict = str(row.get("verdict", ""))
        member = evaluation.roster.subject(str(subject))
        rows.append(
            {
                "id": member.id,
                "name": member.name,
                "value": row.get("estimate"),
                "se": row.get("se"),
                "verdict": verdict,
                "hatched": bool(row) and verdict == Comparison.LEVEL,
                "mark": ARROWS.get(verdict, ""),
                "note": _why_blank(row, complete=diagnosis.complete),
                "zone": member.zone,
            }
        )
    table = pd.DataFrame(rows).astype({"value": float, "se": float})
    return table if table["zone"].notna().all() else table.drop(columns="zone")


# --- files ----------------------------------------------------------------------------------


def files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return every map as a file of its own, by its path in the output folder."""
    return {
        f"maps/{code}.svg": chart(evaluation, code).svg().encode() for code in codes(evaluation)
    }
