"""Committees among their like: by zone, housing and kind, each group against the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import overall
from evalkit.tables import Evaluation

UNKNOWN = "未注明"
NAMED = 4
STEP = 16.0
"""Pixels between two groups of the chart; the table below it has room for names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers(Section):
    """Groups of like committees, each against the rest."""

    template = "street/peers.html.j2"
    chart: Chart | None
    blocks: Sequence[Mapping[str, object]]
    untested: bool


def section(evaluation: Evaluation) -> Peers | None:
    """Plan the comparison of like committees; None where the roster does not tell them apart."""
    table = evaluation.peer_groups
    if not len(table):
        return None
    tested = table[table["difference"].notna()]
    named = overall.groupings(evaluation)
    return Peers(
        title="同类比较",
        takeaway=takeaway(table, evaluation.order.subject_word, named),
        chart=_chart(evaluation, tested) if len(tested) else None,
        blocks=[
            {
                "title": f"按{named[str(by)]}",
                "rows": [_row(row) for row in known.records(part)],
            }
            for by, part in table.groupby("by", sort=False)
        ],
        untested=len(tested) < len(table),
    )


def takeaway(table: pd.DataFrame, word: str, named: Mapping[str, str] = overall.BY) -> str:
    """Say which groups certainly differ from the rest, by classification."""
    by = "、".join(named[str(name)] for name in dict.fromkeys(table["by"]))
    if not (table["verdict"] != Comparison.UNTESTED).any():
        return f"按{by}分组，各组的{word}太少，只列出，不作检验。"
    parts = []
    for verdict in (Comparison.ABOVE, Comparison.BELOW):
        names = [_name(row) for row in known.records(table[table["verdict"] == verdict])]
        if names:
            parts.append(f"{say.joined(names, NAMED)}明显{verdict}其余{word}")
    if not parts:
        return f"按{by}分组，没有一组的平均分与其余{word}有明显差异。"
    rest = "，其他各组分不出" if (table["verdict"] == Comparison.LEVEL).any() else ""
    return f"按{by}分组，{'，'.join(parts)}{rest}。"


def _name(row: Any) -> str:
    return str(row["value"]) or UNKNOWN


def _row(row: Any) -> dict[str, Any]:
    tested = not say.missing(row["difference"])
    ends = (say.signed(row["difference_low"]), say.signed(row["difference_high"]))
    return {
        "name": _name(row),
        "n": int(row["n"]),
        "mean": say.fixed(row["mean"]),
        "interval": say.interval(row["low"], row["high"]),
        "range": (
            f"{say.fixed(row['lowest'])} 至 {say.fixed(row['highest'])}"
            if int(row["n"]) > 1
            else say.fixed(row["lowest"])
        ),
        "difference": say.signed(row["difference"]),
        "ends": f"{ends[0]} 至 {ends[1]}" if tested else say.MISSING,
        "verdict": say.plainly(row["verdict"]),
        "sure": row["verdict"] in (Comparison.ABOVE, Comparison.BELOW),
    }


def _chart(evaluation: Evaluation, tested: pd.DataFrame) -> Chart:
    named = overall.groupings(evaluation)
    frame = pd.DataFrame(
        {
            "name": [
                f"{named[str(row['by'])]}：{_name(row)}（{int(row['n'])} 个）"
                for row in known.records(tested)
            ],
            "value": tested["difference"],
            "low": tested["difference_low"],
            "high": tested["difference_high"],
            "highlight": tested["verdict"].isin([Comparison.ABOVE.value, Comparison.BELOW.value]),
            "aside": [say.signed(value) for value in tested["difference"]],
        }
    )
    return Chart(
        "sensitivity_bars",
        frame,
        "各组平均分与其余平均分之差及其误差范围，明显的用菱形",
        {
            "title": f"与其余{evaluation.order.subject_word}平均分之差"
            f"（分，横线为误差范围；菱形为明显）",
            "reference": 0.0,
            "reference_label": "没有差别",
            "step": STEP,
        },
    )
