"""Index maps: the composite and every dimension, by committee, on the ground or as tiles."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evalkit.pages import facts as known
from evalkit.pages.base import Chart
from evalkit.tables import COMPOSITE, Evaluation


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
        A `choropleth` where boundaries are known, else a `tile_grid`.

    Raises
    ------
    KeyError
        If the scheme has no such dimension.
    """
    name = title(evaluation, code)
    data = frame(evaluation, code)
    word = evaluation.order.subject_word
    options: dict[str, Any] = {}
    if evaluation.boundaries is None:
        return Chart("tile_grid", data, f"各{word}的{name}，按名册排列", options)
    here = set(data["id"])
    options["geojson"] = {
        "type": "FeatureCollection",
        "features": [
            feature
            for feature in evaluation.boundaries["features"]
            if str((feature.get("properties") or {}).get("id", feature.get("id"))) in here
        ],
    }
    return Chart("choropleth", data, f"各{word}的{name}，按边界着色", options)


def title(evaluation: Evaluation, code: str) -> str:
    """Return what a map is called; raise `KeyError` for an unknown code."""
    if code == COMPOSITE:
        return "综合得分"
    names = {dimension.code: dimension.name for dimension in evaluation.scheme.dimensions}
    return names[code]


def frame(evaluation: Evaluation, code: str) -> pd.DataFrame:
    """Return one row a subject of the current wave, in roster order.

    Returns
    -------
    DataFrame
        id, name, value and se (points; empty where incomplete), verdict (against the street's
        mean; empty where incomplete), and zone where the roster names one for everybody.
    """
    rows = []
    for subject in evaluation.scores_by_wave[evaluation.wave].table["subject"]:
        diagnosis = evaluation.diagnosis(str(subject))
        own = diagnosis.profile
        found = known.records(own[own["code"] == code]) if diagnosis.complete else []
        row = found[0] if found else {}
        member = evaluation.roster.subject(str(subject))
        rows.append(
            {
                "id": member.id,
                "name": member.name,
                "value": row.get("estimate"),
                "se": row.get("se"),
                "verdict": row.get("verdict", ""),
                "zone": member.zone,
            }
        )
    table = pd.DataFrame(rows).astype({"value": float, "se": float})
    return table if table["zone"].notna().all() else table.drop(columns="zone")
