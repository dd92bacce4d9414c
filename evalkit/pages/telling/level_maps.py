"""Maps of units above the evaluated one: whose place is surely in the first half, or in the second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from evalkit.definitions.units import Grouping, Units
from evalkit.figures import style
from evalkit.figures.boundaries import feature_id
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import levels, maps, overall
from evalkit.tables import COMPOSITE, Evaluation

FEWEST = 3
"""Units from which on halves of an order mean anything."""

HALVES = (("名次断定在前一半", "▲"), ("断定不了", ""), ("名次断定在后一半", "▼"))
FIRST, UNSURE, SECOND = range(3)


def half(low: int, high: int, of: int) -> int:
    """Return the place in `HALVES` of a unit whose rank is surely from `low` to `high`.

    The middle one of an odd number is in neither half.
    """
    return FIRST if high <= of // 2 else SECOND if low > (of + 1) // 2 else UNSURE


def charts(evaluation: Evaluation) -> dict[str, Chart]:
    """Return the map of every ranked grouping by its code; none without all committees' boundaries."""
    ground = maps.grounds(evaluation)
    if ground is None:
        return {}
    table = levels.summed(evaluation)
    table = table[(table["code"] == COMPOSITE) & table["rank"].notna()]
    found = {}
    for grouping in Units.of(evaluation.roster).groupings():
        own = table[table["grouping"] == grouping.code]
        if len(own) >= FEWEST:
            found[grouping.code] = _chart(evaluation, grouping, own, ground)
    return found


def files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return every map as a file of its own, by its path in the output folder."""
    return {
        f"maps/level-{at}.svg": drawn.svg().encode()
        for at, drawn in enumerate(charts(evaluation).values(), start=1)
    }


def _chart(
    evaluation: Evaluation, grouping: Grouping, own: pd.DataFrame, ground: Mapping[str, Any]
) -> Chart:
    named = overall.groupings(evaluation)[grouping.code]
    data = pd.DataFrame(
        {
            "id": row["unit"],
            "name": row["name"],
            "kind": half(int(row["rank_low"]), int(row["rank_high"]), len(own)),
        }
        for row in known.records(own)
    )
    data["mark"] = [HALVES[kind][1] for kind in data["kind"]]
    kinds = [
        (f"{label} {int((data['kind'] == place).sum())} 个", mark, fill)
        for place, ((label, mark), fill) in enumerate(zip(HALVES, style.STANDINGS, strict=True))
    ]
    ends = [
        f"{label}的有{say.joined(data.loc[data['kind'] == place, 'name'])}"
        for place, (label, _) in enumerate(HALVES)
        if place != UNSURE and (data["kind"] == place).any()
    ]
    words = f"各{named}的综合得分：" + ("；".join(ends) or "没有一个的名次能断定在哪一半")
    options = {
        "title": f"按{named}：综合得分",
        "kinds": kinds,
        "geojson": _joined(ground, grouping),
        "blank_label": "没有名次",
    }
    return Chart("choropleth", data, words, options)


def _joined(ground: Mapping[str, Any], grouping: Grouping) -> dict[str, Any]:
    """Return the ground with the areas of every unit's committees joined to one."""
    parts: dict[str, list[Any]] = {}
    for feature in ground["features"]:
        unit = grouping.of.get(str(feature_id(feature, "id")))
        if unit is not None:
            parts.setdefault(unit, []).append(shape(feature["geometry"]))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": unit},
                "geometry": mapping(_whole(shapely.union_all(shapes))),
            }
            for unit, shapes in parts.items()
        ],
    }


def _whole(joined: Any) -> Any:
    """Return only the areas of what was joined: shapes may touch along lines and in points."""
    return joined if joined.geom_type in ("Polygon", "MultiPolygon") else shapely.MultiPolygon(
        [one for one in joined.geoms if one.geom_type == "Polygon"]
    )  # fmt: skip
