"""The streets on the ground, or as tiles where nobody knows their boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from evalkit.codes import Comparison
from evalkit.figures import style
from evalkit.figures.boundaries import feature_id
from evalkit.pages.city.facts import CityFacts, why
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling.facts import ARROWS, records
from evalkit.pages.telling.maps import GROUPS


def frame(facts: CityFacts) -> pd.DataFrame:
    """Return one row a street: id, name, kind (its place in `GROUPS`; empty untested), mark, note."""
    rows = []
    for row in records(facts.streets):
        verdict = str(row["verdict"])
        tested = verdict in GROUPS
        rows.append(
            {
                "id": row["street"],
                "name": row["name"],
                "kind": list(GROUPS).index(verdict) if tested else None,
                "mark": ARROWS.get(verdict, ""),
                "note": "" if tested else why(row["state"], facts.street_word),
            }
        )
    return pd.DataFrame(rows).astype({"kind": float})


def chart(facts: CityFacts) -> Chart:
    """Return the map: a `choropleth` where every street has a boundary, else a `tile_grid`."""
    data = frame(facts)
    kinds = [
        (f"{label} {int((data['kind'] == at).sum())} 条", ARROWS.get(verdict, ""), fill)
        for at, ((verdict, label), fill) in enumerate(
            zip(GROUPS.items(), style.STANDINGS, strict=True)
        )
    ]
    ends = [
        f"{label}的有{'、'.join(data.loc[data['kind'] == at, 'name'])}"
        for at, (verdict, label) in enumerate(GROUPS.items())
        if verdict != Comparison.LEVEL and (data["kind"] == at).any()
    ]
    words = f"各{facts.street_word}的居民评分与其余平均相比：" + (
        "；".join(ends) or "没有一条分得出"
    )
    told = [facts.city, facts.wave_name, *(["模拟数据"] if facts.synthetic else [])]
    options: dict[str, Any] = {"title": "居民评分", "kinds": kinds, "blank_label": "没有计入"}
    if facts.boundaries is None:
        told.append("示意，不是地图")
        return Chart("tile_grid", data, words, options | {"subtitle": " ".join(told)})
    if invented(facts):
        told.append("边界为示意")
    areas = {**facts.boundaries, "features": _own(facts)}
    options = options | {"geojson": areas, "subtitle": " ".join(told)}
    return Chart("choropleth", data, words, options)


def _own(facts: CityFacts) -> list[object]:
    here = set(facts.streets["street"])
    features = () if facts.boundaries is None else facts.boundaries["features"]
    return [one for one in features if str(feature_id(one, "id")) in here]


def invented(facts: CityFacts) -> bool:
    """Tell whether the boundaries say of themselves that they are made up."""
    mark = (facts.boundaries or {}).get("evalkit")
    return isinstance(mark, Mapping) and mark.get("invented") is True


def reading(facts: CityFacts) -> str:
    """Say what the picture shows, and that it is no map where it is none."""
    if facts.boundaries is None:
        return (
            f"没有各{facts.street_word}的边界（城市文件夹里的 boundaries.geojson），"
            "图按名单排列，位置和大小没有含义。"
        )
    return "边界为示意，是编造的，不代表任何真实的地方。" if invented(facts) else ""
