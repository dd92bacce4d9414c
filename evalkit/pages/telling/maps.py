"""Index maps: the composite and every dimension, by committee, on the ground or as tiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.figures.boundaries import feature_id
from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Section
from evalkit.tables import COMPOSITE, Evaluation

MARKS = {"高于": "▲", "低于": "▼"}
ONE_PAGE = 42
"""Up to so many committees all maps stand side by side, names and values legible."""

SMALL_WIDTH = 332
SMALL_HEIGHT = 300
FULL_HEIGHT = 600


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
        "blank_label": "不完整，不计分",
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
        id, name, value and se (points; empty where incomplete), verdict (against the street's
        mean; empty where incomplete), hatched (no verdict either way), mark, note, and zone where
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
                "hatched": bool(row) and verdict not in MARKS,
                "mark": MARKS.get(verdict, ""),
                "note": "" if row else "不完整",
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


# --- the street report ----------------------------------------------------------------------


def section(evaluation: Evaluation) -> Section | None:
    """Plan all maps on one page, or the composite on one and the others on the next.

    None if nothing has a score.
    """
    scores = evaluation.current.scores
    if not len(scores.subjects):
        return None
    names = codes(evaluation)
    total = len(scores.table)
    large = total > ONE_PAGE
    small = [_small(chart(evaluation, code), large) for code in (names[1:] if large else names)]
    return Section(
        "street/maps.html.j2",
        f"综合得分与{_numeral(len(names) - 1)}张指数地图",
        takeaway(evaluation),
        {
            "large": _full(chart(evaluation, COMPOSITE)) if large else None,
            "rows": [small[at : at + 2] for at in range(0, len(small), 2)],
            "reading": reading(evaluation),
            "grounds": grounds(evaluation) is not None,
        },
    )


def takeaway(evaluation: Evaluation) -> str:
    """Say which dimension differs most between committees, and how many stand out on it."""
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    told = [(title(evaluation, code), frame(evaluation, code)) for code in codes(evaluation)[1:]]
    spread = [_range(data) for _, data in told]
    name, data = told[int(np.argmax(spread))]
    values = data["value"].dropna()
    clear = int((data["mark"] != "").sum())
    if len(values) < 2 or max(spread) == 0:
        return f"各维度的{word}之间没有可比的差别。"
    most = (
        f"{word}之间差别最大的维度是{say.quoted(name)}：最低 {say.fixed(values.min())} 分，"
        f"最高 {say.fixed(values.max())} 分，"
    )
    if not clear:
        return most + f"但没有一个{word}能与{mean}区分开。"
    return most + f"{len(values)} 个中 {clear} 个能与{mean}区分开。"


def reading(evaluation: Evaluation) -> str:
    """Say how the maps are to be read."""
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    lines = [
        f"颜色由浅到深为低分到高分：每张图按得分把{word}分成个数相近的五档，色条下是该档的最低和最高分，"
        "不同的图不能按颜色相比。",
        f"▲ 显著高于{mean}，▼ 显著低于；画斜线的与{mean}无显著差异，颜色的深浅可能只是抽样的偶然"
        f"（经多重比较校正，误报的比例预期不超过 {say.percent(evaluation.scheme.false_discovery_rate)}）。",
    ]
    if evaluation.current.scores.incomplete:
        lines.append("画网格线的不完整，不计分。")
    if len(evaluation.current.scores.table) > ONE_PAGE:
        lines.append("小图上写不下的名称和得分，见 maps 文件夹里各图的大图。")
    if grounds(evaluation) is None:
        lines.append(
            f"没有齐全的边界：{arrangement(frame(evaluation, COMPOSITE))}，位置和大小没有含义。"
        )
    elif invented(evaluation):
        lines.append("边界为示意，是编造的，不代表任何真实的地方。")
    return "".join(lines)


def _range(data: pd.DataFrame) -> float:
    values = data["value"].dropna().to_numpy(dtype=np.float64)
    return float(np.ptp(values)) if len(values) else 0.0


def _small(planned: Chart, alone: bool) -> Chart:
    size: dict[str, Any] = {"small": True, "width": SMALL_WIDTH}
    if planned.figure == "choropleth":
        size |= {"max_height": SMALL_HEIGHT, "foot": not alone}
    return replace(planned, options={**planned.options, **size, "subtitle": ""})


def _full(planned: Chart) -> Chart:
    size = {"max_height": FULL_HEIGHT} if planned.figure == "choropleth" else {}
    return replace(planned, options={**planned.options, **size, "subtitle": ""})


def _numeral(number: int) -> str:
    return "零一二三四五六七八九十"[number] if number <= 10 else str(number)
