"""Where committees stand out, and what residents wish for: two large maps, then one a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import maps, resources
from evalkit.tables import COMPOSITE, Evaluation

FEW = 42
"""Up to so many committees two large maps share a page, names legible."""

SMALL_WIDTH = 332
SMALL_HEIGHT = 270
HALF_HEIGHT = 280
FULL_HEIGHT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps(Section):
    """The composite and the first wishes large, then the dimensions two in a row."""

    template = "street/maps.html.j2"
    large: Sequence[Chart]
    rows: Sequence[Sequence[Chart]]
    reading: str
    grounds: bool
    many: bool


def section(evaluation: Evaluation) -> Maps | None:
    """Plan the maps; None if nothing has a score."""
    scores = evaluation.current.scores
    if not len(scores.subjects):
        return None
    names = maps.codes(evaluation)
    many = len(scores.table) > FEW
    wished = maps.wishes(evaluation)
    small_ones = [small(maps.chart(evaluation, code)) for code in names[1:]]
    there = resources.chart(evaluation)
    if there is not None:
        small_ones.append(resources.small(there, SMALL_WIDTH, SMALL_HEIGHT))
    large = [maps.chart(evaluation, COMPOSITE), *([] if wished is None else [wished])]
    return Maps(
        title="地图：谁高谁低" + ("" if wished is None else "，居民盼什么"),
        takeaway=takeaway(evaluation),
        large=[_large(planned, FULL_HEIGHT if many else HALF_HEIGHT) for planned in large],
        rows=[small_ones[at : at + 2] for at in range(0, len(small_ones), 2)],
        reading=reading(evaluation, wished=wished is not None),
        grounds=maps.grounds(evaluation) is not None,
        many=many,
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


def reading(evaluation: Evaluation, *, wished: bool) -> str:
    """Say how the maps are to be read."""
    mean = f"{evaluation.order.street_word}平均"
    lines: list[str] = [
        f"▲ 明显高于{mean}，▼ 明显低于，颜色最深；浅色的尚看不出差别"
        f"（已防误报，误报的比例预期不超过 {say.percent(evaluation.scheme.false_discovery_rate)}）。",
    ]
    if wished:
        lines.append(
            "诉求图上的数字是居民勾选最多的一项；有颜色的，能断定它比公布的其他诉求都多，"
            "浅色的尚看不出谁最多，画斜线的没有可以公布的诉求，或有两项并列。"
        )
    else:
        lines.append(f"没有居民诉求的地图：{no_wishes(evaluation)}。")
    if resources.chart(evaluation) is not None:
        lines.append(
            "最后一张是站点和资源在哪里，各居民区的见 maps/resources 文件夹。".replace(
                "居民区", evaluation.order.subject_word
            )
        )
    if evaluation.current.scores.incomplete:
        lines.append("画网格线的不完整，不计分。")
    if len(evaluation.current.scores.table) > FEW:
        lines.append("小图上写不下的名称，见 maps 文件夹里各图的大图。")
    if maps.grounds(evaluation) is None:
        lines.append(
            f"没有齐全的边界：{maps.arrangement(maps.frame(evaluation, COMPOSITE))}，位置和大小没有含义。"
        )
    elif maps.invented(evaluation):
        lines.append("边界为示意，是编造的，不代表任何真实的地方。")
    return "".join(lines)


def no_wishes(evaluation: Evaluation) -> str:
    """Say why there is no map of what residents wish for."""
    if not len(evaluation.needs.table):
        if not evaluation.scheme.asked:
            return "没有发问卷"
        asked = any(q.of_role("need") for q in evaluation.questionnaires.values())
        return "本次的答卷已经不在" if asked else "问卷没有问居民急难愁盼的事"
    return f"没有一项诉求的人数够得上按{evaluation.order.subject_word}公布"


def _range(data: pd.DataFrame) -> float:
    values = data["value"].dropna().to_numpy(dtype=np.float64)
    return float(np.ptp(values)) if len(values) else 0.0


def small(planned: Chart) -> Chart:
    """Return a map as it stands two in a row."""
    size: dict[str, Any] = {"small": True, "width": SMALL_WIDTH}
    if planned.figure == "choropleth":
        size |= {"max_height": SMALL_HEIGHT, "foot": False}
    return replace(planned, options={**planned.options, **size, "subtitle": ""})


def _large(planned: Chart, height: int) -> Chart:
    size = {"max_height": height} if planned.figure == "choropleth" else {}
    return replace(planned, options={**planned.options, **size, "subtitle": ""})
