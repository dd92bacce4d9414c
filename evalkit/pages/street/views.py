"""Who sees what: the rater groups side by side, key residents against random ones first of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import weights
from evalkit.pages.telling.behind import amount
from evalkit.pages.telling.facts import Row
from evalkit.pages.telling.gaps import Gap, residents_gap
from evalkit.tables import ALL_GROUPS, COMPOSITE, Evaluation

NAMED = 5
HOW = "怎样算反常，见技术说明"
STEP = 16.0
"""Pixels between two dots of the chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Views(Section):
    """Rater groups by dimension, the two resident groups drawn."""

    template = "street/views.html.j2"
    groups: Sequence[str]
    weights: str
    rows: Sequence[Mapping[str, object]]
    lines: Sequence[str]
    chart: Chart | None
    amount: str


def section(evaluation: Evaluation) -> Views | None:
    """Plan the rater groups' views; None with fewer than two groups that have means."""
    table = evaluation.street_means[evaluation.street_means["group"] != ALL_GROUPS]
    groups = [g for g in evaluation.scheme.groups if g.code in set(table["group"])]
    if len(groups) < 2:
        return None
    cells = {(str(row["code"]), str(row["group"])): row for row in known.records(table)}
    measures = [(COMPOSITE, "综合")]
    measures += [(d.code, d.name) for d in evaluation.scheme.dimensions]
    gap, weighing = residents_gap(evaluation), weights.of_groups(evaluation.scheme)
    mean = f"{evaluation.order.street_word}平均"
    return Views(
        amount=amount(evaluation.scheme),
        title=f"{gap.first}与{gap.second}" if gap else "谁怎么看",
        takeaway=(
            gap_sentence(gap)
            if gap
            else f"各类评价主体眼中的{mean}并列如下；误差范围重叠的分不出高低。"
        ),
        groups=[f"{group.name}（{weighing[group.code]}）" for group in groups],
        weights=weights.head_of_groups(evaluation.scheme),
        rows=[
            {
                "name": name,
                "whole": code == COMPOSITE,
                "cells": [_cell(cells.get((code, group.code))) for group in groups],
            }
            for code, name in measures
        ],
        lines=[*outliers(evaluation), *by_dimension(evaluation)],
        chart=_chart(evaluation) if gap else None,
    )


def _cell(row: Row | None) -> dict[str, str]:
    if row is None:
        return {"mean": say.MISSING, "interval": ""}
    return {"mean": say.fixed(row["mean"]), "interval": say.interval(row["low"], row["high"])}


def gap_sentence(gap: Gap) -> str:
    """Say which of the two resident groups is more contented, if that can be told."""
    if not gap.clear:
        return (
            f"{gap.first}与{gap.second}的评分尚看不出差别：平均相差 {say.signed(gap.value)} "
            f"± {say.fixed(gap.reach)} 分。"
        )
    way = "高" if gap.value > 0 else "低"
    return (
        f"{gap.first}的评分平均比{gap.second}{way} {say.fixed(abs(gap.value))} "
        f"± {say.fixed(gap.reach)} 分。"
    )


def outliers(evaluation: Evaluation) -> list[str]:
    """Name the committees whose gap is far from the street's usual one."""
    gap, quality = evaluation.assurance.gap, evaluation.assurance.quality
    if say.missing(gap.get("mean")) or say.missing(gap.get("high")):
        return []
    if not len(quality):
        return []
    word = evaluation.order.subject_word
    names = [str(n) for n in quality.loc[quality["gap_outlier"].astype(bool), "name"]]
    if not names:
        return [f"没有一个{word}两类居民评分的差距反常（{HOW}）。"]
    return [
        f"两类居民评分的差距反常的有{say.joined(names, NAMED)}（{HOW}），宜核查重点问卷的发放；"
        "反常不等于作假。"
    ]


def by_dimension(evaluation: Evaluation) -> list[str]:
    """Say in how many dimensions the two resident groups certainly differ, one by one."""
    dimensions = evaluation.scheme.dimensions
    gaps = [
        (d.name, gap) for d in dimensions if (gap := residents_gap(evaluation, d.code)) is not None
    ]
    if not gaps:
        return []
    first, second = gaps[0][1].first, gaps[0][1].second
    more = [(name, gap) for name, gap in gaps if gap.clear and gap.value > 0]
    less = [(name, gap) for name, gap in gaps if gap.clear and gap.value < 0]
    if not more and not less:
        return [f"分维度看，{len(gaps)} 个维度上两类居民的差都在误差之内，分不出谁高谁低。"]
    told = [
        f"{first}{'都' if len(part) == len(gaps) else ''}{way}于{second}的有 {len(part)} 个维度"
        for part, way in ((more, "高"), (less, "低"))
        if part
    ]
    name, widest = max(gaps, key=lambda item: abs(item[1].value))
    return [
        f"分维度看（逐个比较，未防误报），{'，'.join(told)}；差得最多的是{say.quoted(name)}"
        f"（{say.signed(widest.value)} ± {say.fixed(widest.reach)} 分）。"
    ]


def _chart(evaluation: Evaluation) -> Chart:
    residents = evaluation.scheme.residents
    table = evaluation.street_means
    rows = []
    for code, name in [
        (COMPOSITE, "综合"),
        *((d.code, d.name) for d in evaluation.scheme.dimensions),
    ]:
        for group in residents:
            own = table[(table["code"] == code) & (table["group"] == group.code)]
            rows += [
                {
                    "name": f"{name}　{group.name}",
                    "value": row["mean"],
                    "low": row["low"],
                    "high": row["high"],
                    "highlight": group is residents[0],
                }
                for row in known.records(own)
            ]
    return Chart(
        "sensitivity_bars",
        pd.DataFrame(rows),
        "两类居民在各维度上的平均分及其误差范围",
        {
            "title": f"{evaluation.order.street_word}平均（分，横线为误差范围；"
            f"菱形为{residents[0].name}，圆点为{residents[1].name}）",
            "step": STEP,
        },
    )
