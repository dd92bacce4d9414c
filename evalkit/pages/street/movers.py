"""What changed from the last wave, and how much of it chance alone would make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.meanings import lacking
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage, movement, overall
from evalkit.pages.telling.facts import Row
from evalkit.tables import Changes, Evaluation

SHOWN = 12
"""Committees shown in the chart of changes where not all of them fit."""

BIGGEST = 10
"""Largest moves in rank that get a line of their own."""

WORTH_A_WORD = 3
"""The largest rise gets a sentence from this many places on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movers(Section):
    """Who moved against the street, and how easily chance would."""

    template = "street/movers.html.j2"
    chart: Chart | None
    caption: str
    rows: Sequence[Mapping[str, object]]
    luck: str
    not_compared: Sequence[str]
    lineage: Sequence[str]


def section(evaluation: Evaluation) -> Movers | None:
    """Plan the changes, with the luck reference; None if there is nothing to compare."""
    changes = known.changes_of(evaluation)
    if changes is None or not len(changes.table):
        return None
    chart, total = _chart(evaluation, changes), len(changes.table)
    shown = total if chart is None else len(chart.frame)
    return Movers(
        title="变化",
        takeaway=overall.change_sentences(evaluation)[0],
        chart=chart,
        caption=f"{total} 个中相对变化最大的 {shown} 个" if shown < total else "",
        rows=_rows(evaluation, changes),
        luck=_luck_sentence(changes, evaluation.order.street_word),
        not_compared=[
            f"{evaluation.roster.subject(subject).name}（{lacking(found)}）"
            for subject, found in changes.not_compared.items()
        ],
        lineage=lineage.of_street(evaluation),
    )


def _chart(evaluation: Evaluation, changes: Changes) -> Chart | None:
    """Plan the chart of those that moved most; None where every change is printed as 0."""
    table = changes.table
    if table["relative_change"].abs().max() < movement.LEAST:
        return None
    order = table["relative_change"].abs().sort_values(ascending=False, kind="stable").index
    verdicts = table["verdict"] != overall.SAME
    shown = [*order[verdicts[order]], *order[~verdicts[order]]][: max(SHOWN, int(verdicts.sum()))]
    part = table.loc[shown]
    reach = part["subject"].map(changes.margin)
    frame = pd.DataFrame(
        {
            "name": part["name"],
            "change": part["relative_change"],
            "low": part["relative_change"] - reach,
            "high": part["relative_change"] + reach,
            "verdict": part["verdict"].map(say.plainly),
        }
    )
    mean = f"{evaluation.order.street_word}平均"
    return Chart(
        "movers",
        frame,
        f"相对{mean}变化最大的 {len(frame)} 个{evaluation.order.subject_word}及其区间",
        {"title": f"相对{mean}的变化（分，横线为误差范围）"},
    )


def _rows(evaluation: Evaluation, changes: Changes) -> list[dict[str, Any]]:
    table = changes.table
    steps = table["rank_change"].abs()
    biggest = steps[steps > 0].sort_values(ascending=False, kind="stable").index[:BIGGEST]
    clear = table.index[table["verdict"] != overall.SAME]
    rows = known.records(table.loc[list(dict.fromkeys([*clear, *biggest]))])
    rows.sort(key=lambda row: (_step(row), -row["relative_change"]))
    return [
        {
            "name": row["name"],
            "scores": f"{say.fixed(row['score_from'])} → {say.fixed(row['score_to'])}",
            "relative": f"{say.signed(row['relative_change'])} ± {say.fixed(changes.margin[row['subject']])}",
            "verdict": say.plainly(row["verdict"]),
            "sure": row["verdict"] != overall.SAME,
            "among": say.places(row["change_rank_low"], row["change_rank_high"]),
            "ranks": lineage.NOT_COMPARABLE
            if say.missing(row["rank_from"])
            else f"{int(row['rank_from'])} → {int(row['rank_to'])}",
            "own": _luck(changes.luck_own, row),
            "any": _luck(changes.luck_any, row),
        }
        for row in rows
    ]


def _luck(probability: pd.Series[float], row: Row) -> str:
    """Write how likely chance alone moves it as far; nothing for what did not move."""
    return say.chance(probability.get(row["subject"])) if _step(row) else say.MISSING


def _step(row: Row) -> int:
    """Return the places it moved by; none where its ranks cannot be compared."""
    return 0 if say.missing(row["rank_change"]) else int(row["rank_change"])


def _luck_sentence(changes: Changes, street: str) -> str:
    table = changes.table
    rise = known.records(table.sort_values("rank_change", kind="stable").head(1))[0]
    step = -_step(rise)
    if step < WORTH_A_WORD:
        return ""
    own, any_ = (
        f"可能性{_is(table.get(rise['subject']))}" for table in (changes.luck_own, changes.luck_any)
    )
    return (
        f"名次上升最多的是{rise['name']}：第 {int(rise['rank_from'])} 名到第 {int(rise['rank_to'])} 名，"
        f"相对{street}{say.plainly(rise['verdict'])}。假如谁也没有实际变化，仅因偶然，它自己上升 {step} 名或更多的{own}，"
        f"全{street}至少有一个这样上升的{any_}。"
    )


def _is(probability: object) -> str:
    text = say.likely(probability)
    return text if text.startswith("不到") else f"为 {text}"
