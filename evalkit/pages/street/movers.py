"""What changed from the last wave; how much of it chance alone would make is the technical note's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.codes import OwnChange
from evalkit.pages.press import wording as say
from evalkit.pages.press.meanings import lacking
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage, movement, overall
from evalkit.tables import Changes, Evaluation

SHOWN = 12
"""Committees shown in the chart of changes where not all of them fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movers(Section):
    """Who moved against the street."""

    template = "street/movers.html.j2"
    chart: Chart | None
    caption: str
    rows: Sequence[Mapping[str, object]]
    not_compared: Sequence[str]
    lineage: Sequence[str]


def section(evaluation: Evaluation) -> Movers | None:
    """Plan the changes; None if there is nothing to compare."""
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
        rows=_rows(changes),
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
        f"相对{mean}变化最大的 {len(frame)} 个{evaluation.order.subject_word}及其误差范围",
        {"title": f"相对{mean}的变化（分，横线为误差范围）"},
    )


def _rows(changes: Changes) -> list[dict[str, Any]]:
    table = changes.table
    own = table["change_verdict"].isin([OwnChange.RISEN, OwnChange.FALLEN])
    rows = known.records(table[(table["verdict"] != overall.SAME) | own])
    rows.sort(key=lambda row: -row["relative_change"])
    return [
        {
            "name": row["name"],
            "scores": f"{say.fixed(row['score_from'])} → {say.fixed(row['score_to'])}",
            "relative": f"{say.signed(row['relative_change'])} ± {say.fixed(changes.margin[row['subject']])}",
            "verdict": say.plainly(row["verdict"]),
            "sure": row["verdict"] != overall.SAME,
            "own": f"{say.signed(row['change'])} {known.ARROWS.get(row['change_verdict'], '')}".rstrip(),
        }
        for row in rows
    ]
