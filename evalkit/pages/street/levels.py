"""Committees summed up to the levels above them and to other groupings, with ranks of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.definitions.units import Units
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.street.maps import small
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import level_maps, levels, overall
from evalkit.tables import COMPOSITE, Evaluation

MOST = 3
"""Dimensions that the table has room for; of more it has none, and they are in the workbook."""

A_SHEET = 30
"""Units that a sheet of the table holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels(Section):
    """Every grouping with its units: score, interval, rank and dimensions."""

    template = "street/levels.html.j2"
    dimensions: Sequence[str]
    blocks: Sequence[Mapping[str, object]]
    maps: Sequence[Sequence[Chart]]
    beside: Sequence[str]


def section(evaluation: Evaluation) -> Levels | None:
    """Plan what committees come to by level and grouping; None where there is but one level."""
    table = levels.summed(evaluation)
    if not len(table):
        return None
    scheme = evaluation.scheme
    shown = [d for d in scheme.dimensions if len(scheme.dimensions) <= MOST]
    drawn = [small(one) for one in level_maps.charts(evaluation).values()]
    return Levels(
        title="各级汇总",
        takeaway=takeaway(evaluation, table),
        dimensions=[d.name for d in shown],
        blocks=levels.blocks(evaluation, [d.code for d in shown]),
        maps=[drawn[at : at + 2] for at in range(0, len(drawn), 2)],
        beside=_beside(evaluation),
    )


def sheets(evaluation: Evaluation) -> int:
    """Return how many sheets the table takes at the most."""
    table = levels.summed(evaluation)
    return math.ceil(len(table[table["code"] == COMPOSITE]) / A_SHEET)


def takeaway(evaluation: Evaluation, table: pd.DataFrame) -> str:
    """Say by what weights it is summed up, and whether units of a level can be put in an order."""
    word, named = evaluation.order.subject_word, overall.groupings(evaluation)
    said = []
    for by, part in table[table["rank"].notna()].groupby("grouping", sort=False):
        rows = known.records(part)
        sure = [row for row in rows if int(row["rank_low"]) == int(row["rank_high"])]
        who = "".join(say.quoted(str(row["name"])) for row in sure)
        told = f"{len(rows)} 个{named[str(by)]}"
        if not sure:
            said.append(f"{told}的名次都还不能断定")
        elif len(sure) == len(rows):
            said.append(f"{told}的名次都能断定")
        else:
            said.append(f"{told}中，只有{who}的名次能断定")
    start = f"由{word}的得分汇总，{levels.weighed(evaluation)}。"
    return f"{start}{'；'.join(said)}。" if said else start


def _beside(evaluation: Evaluation) -> list[str]:
    """Say what must be known beside the table: who is not in it, and what lies inside committees."""
    units, order = Units.of(evaluation.roster), evaluation.order
    word = order.subject_word
    told = [f"个数是有完整得分的{word}；误差已计入同一评价人评几个{word}造成的牵连。"]
    if len(evaluation.scheme.dimensions) > MOST:
        told.append("各维度、指标的汇总见工作簿“各级汇总”。")
    if units.weights != "equal":
        told.append(f"“{order.street_word}平均”在别处都是各{word}算一个的平均，与这里的不同。")
    beside = evaluation.current.scores.provisional
    if beside is not None:
        told.append(f"筹备中的 {len(beside.subjects)} 个{word}不计入。")
    inside = levels.inside(evaluation)
    named = overall.groupings(evaluation)
    for by, part in inside.groupby("grouping", sort=False):
        shown = part.loc[~part["suppressed"].astype(bool), "unit"].nunique()
        told.append(told_inside(named[str(by)], word, part["unit"].nunique(), shown))
    return told


def told_inside(kind: str, word: str, every: int, shown: int) -> str:
    """Say of how many units inside committees something may be told, and where."""
    where, why = f"列在所在{word}的诊断书里", "人太少，或公布了就能推算出人太少的数"
    which = f"可以公布的 {shown} 个{where}；其余{why}"
    if shown == every:
        which = f"都{where}"
    elif shown == 0:
        which = f"一个也不公布：{why}"
    return f"有居民答卷的{kind}共 {every} 个，{which}。"
