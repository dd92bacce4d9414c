"""What goes with residents' overall satisfaction, beside how the street scores on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.tables import Evaluation

NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers(Section):
    """How each indicator goes with overall satisfaction."""

    template = "technical/drivers.html.j2"
    chart: Chart
    lines: Sequence[str]


def section(evaluation: Evaluation) -> Drivers | None:
    """Plan how each indicator goes with satisfaction; None where drivers are not known."""
    table = mapped(evaluation)
    if len(table) < 2:
        return None
    return Drivers(
        title="什么与总体满意度最有关",
        takeaway=priority_sentence(table),
        chart=_chart(evaluation, table),
        lines=[explained_sentence(table), level_sentence(table)],
    )


def mapped(evaluation: Evaluation) -> pd.DataFrame:
    """Return frame ``drivers`` with the intervals of importance and performance side by side."""
    table = evaluation.assurance.drivers
    reach = say.normal_quantile(evaluation.scheme.confidence) * table["performance_se"]
    return table.assign(
        importance_low=table["low"],
        importance_high=table["high"],
        performance_low=table["performance"] - reach,
        performance_high=table["performance"] + reach,
    )


def lines(table: pd.DataFrame) -> tuple[float, float]:
    """Return the means that an indicator is held against: of importance, of performance."""
    return float(table["importance"].mean()), float(table["performance"].mean())


def priorities(table: pd.DataFrame) -> list[str]:
    """Name what is certainly more important and certainly worse than the average indicator."""
    importance, performance = lines(table)
    sure = (table["importance_low"] > importance) & (table["performance_high"] < performance)
    return [str(name) for name in table.loc[sure, "name"]]


def priority_sentence(table: pd.DataFrame) -> str:
    """Say which indicators to mend first, if any can be told."""
    names = priorities(table)
    if not names:
        return "没有一项指标能确定是“与总体满意度更有关而得分更低”的：先抓哪一项，数据分不出。"
    return f"与总体满意度更有关、得分又更低的是{say.joined(names, NAMED, '项')}，宜优先改进。"


def explained_sentence(table: pd.DataFrame) -> str:
    """Say how much the indicators explain, and that this is no cause."""
    row = known.records(table.head(1))[0]
    return (
        f"各项都有得分的 {int(row['n']):,} 位居民，总体满意度的高低差别中，{say.percent(row['r_squared'])} "
        f"可由这 {len(table)} 项指标合起来说明。这是同高同低的联系，不证明改了哪一项总体满意度就会上升。"
    )


def level_sentence(table: pd.DataFrame) -> str:
    """Name the most important indicator and count those whose intervals reach its own."""
    ordered = table.sort_values("importance", ascending=False, kind="stable")
    top = known.records(ordered.head(1))[0]
    level = int((table["importance_high"] >= float(top["importance_low"])).sum()) - 1
    tail = (
        f"，但有 {level} 项的误差范围与它重叠，分不出先后"
        if level
        else "，其余各项的误差范围都在它之下"
    )
    share = say.percent(top["importance"], 1)
    ends = f"{say.fixed(100 * top['importance_low'])}%–{say.percent(top['importance_high'], 1)}"
    return f"占比最大的是{say.quoted(top['name'])}（{share}，{ends}）{tail}。"


def untold(evaluation: Evaluation) -> set[str]:
    """Return the indicators and dimensions whose residents' mean is not told.

    It is the mean over all committees; where one committee's residents are left out of a part of
    it, it would tell theirs.
    """
    residents = [group.code for group in evaluation.scheme.residents]
    table = evaluation.current.scores.indicators
    own = table[table["group"].isin(residents) & (table["level"] == "indicator")]
    hidden = {str(code) for code in own.loc[own["estimate"].isna(), "code"]}
    whole = {
        dimension.code
        for dimension in evaluation.scheme.dimensions
        if any(indicator.code in hidden for indicator in dimension.indicators)
    }
    return hidden | whole


def _chart(evaluation: Evaluation, table: pd.DataFrame) -> Chart:
    importance, _ = lines(table)
    ordered = table.sort_values("importance", ascending=False, kind="stable")
    hidden = untold(evaluation)
    frame = pd.DataFrame(
        {
            "name": [
                f"{row['name']}（{say.fixed(row['performance'])} 分）"
                if row["code"] not in hidden
                else row["name"]
                for row in known.records(ordered)
            ],
            "value": 100 * ordered["importance"],
            "low": 100 * ordered["importance_low"],
            "high": 100 * ordered["importance_high"],
            "highlight": ordered["importance_low"] > importance,
        }
    )
    return Chart(
        "sensitivity_bars",
        frame,
        "各项指标能说明总体满意度差别的百分之几，及其误差范围；"
        f"括号内为居民评分的{evaluation.order.street_word}平均",
        {
            "title": "能说明总体满意度差别的百分之几（横线为误差范围；菱形为确定高于各项平均）",
            "reference": 100 * importance,
            "reference_label": "各项平均",
        },
    )
