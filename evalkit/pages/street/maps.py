"""All index maps on one page, or the composite on one and the others on the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import maps
from evalkit.tables import COMPOSITE, Evaluation

COLOURS = 5
ONE_PAGE = 42
"""Up to so many committees all maps stand side by side, names and values legible."""

SMALL_WIDTH = 332
SMALL_HEIGHT = 300
FULL_HEIGHT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps(Section):
    """The maps, two in a row, the composite large where there are many committees."""

    template = "street/maps.html.j2"
    large: Chart | None
    rows: Sequence[Sequence[Chart]]
    reading: str
    grounds: bool


def section(evaluation: Evaluation) -> Maps | None:
    """Plan all maps on one page, or the composite on one and the others on the next.

    None if nothing has a score.
    """
    scores = evaluation.current.scores
    if not len(scores.subjects):
        return None
    names = maps.codes(evaluation)
    total = len(scores.table)
    large = total > ONE_PAGE
    small = [
        _small(maps.chart(evaluation, code), large) for code in (names[1:] if large else names)
    ]
    return Maps(
        title=f"综合得分与{_numeral(len(names) - 1)}张指数地图",
        takeaway=takeaway(evaluation),
        large=_full(maps.chart(evaluation, COMPOSITE)) if large else None,
        rows=[small[at : at + 2] for at in range(0, len(small), 2)],
        reading=reading(evaluation),
        grounds=maps.grounds(evaluation) is not None,
    )


def takeaway(evaluation: Evaluation) -> str:
    """Say which dimension differs most between committees, and how many stand out on it."""
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    told = [
        (maps.title(evaluation, code), maps.frame(evaluation, code))
        for code in maps.codes(evaluation)[1:]
    ]
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
    several = "五档" if len(evaluation.current.scores.subjects) >= COLOURS else "几档"
    lines = [
        f"颜色由浅到深为低分到高分：每张图按得分把{word}分成个数相近的{several}，色条下是该档的最低和最高分，"
        "不同的图不能按颜色相比。",
        f"▲ 显著高于{mean}，▼ 显著低于；画斜线的与{mean}无显著差异，颜色的深浅可能只是抽样的偶然"
        f"（经多重比较校正，误报的比例预期不超过 {say.percent(evaluation.scheme.false_discovery_rate)}）。",
    ]
    if evaluation.current.scores.incomplete:
        lines.append("画网格线的不完整，不计分。")
    if len(evaluation.current.scores.table) > ONE_PAGE:
        lines.append("小图上写不下的名称和得分，见 maps 文件夹里各图的大图。")
    if maps.grounds(evaluation) is None:
        lines.append(
            f"没有齐全的边界：{maps.arrangement(maps.frame(evaluation, COMPOSITE))}，位置和大小没有含义。"
        )
    elif maps.invented(evaluation):
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
    return "零一两三四五六七八九十"[number] if number <= 10 else str(number)
