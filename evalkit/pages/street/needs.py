"""What residents ask for, over the street: counted, never quoted."""

from __future__ import annotations

from typing import Any

from evalkit.pages import facts as known
from evalkit.pages import wording as say
from evalkit.pages.facts import Section
from evalkit.tables import ALL_GROUPS, Evaluation

SHOWN = 10
"""Needs listed of one question."""

TOP = 3


def section(evaluation: Evaluation) -> Section | None:
    """Plan the street's needs; None where nothing was asked or counted."""
    table = evaluation.heard.needs
    table = table[(table["subject"] == ALL_GROUPS) & (table["n"] >= evaluation.heard.minimum_n)]
    if not len(table):
        return None
    blocks: list[dict[str, Any]] = []
    reach = say.normal_quantile(evaluation.scheme.confidence)
    for _, part in table.groupby("item", sort=False):
        rows = known.records(part.sort_values("share", ascending=False, kind="stable"))[:SHOWN]
        blocks.append(
            {
                "of": say.count(rows[0]["of"]),
                "rows": [
                    {
                        "name": row["name"],
                        "n": say.count(row["n"]),
                        "share": say.percent(row["share"]),
                        "interval": _interval(float(row["share"]), reach * float(row["se"])),
                    }
                    for row in rows
                ],
            }
        )
    first = blocks[0]["rows"][:TOP]
    return Section(
        "street-needs.html.j2",
        "居民盼什么",
        "居民勾选最多的是" + "、".join(f"{row['name']}（{row['share']}）" for row in first) + "。",
        {"blocks": blocks, "minimum": evaluation.heard.minimum_n},
    )


def _interval(share: float, reach: float) -> str:
    ends = (max(share - reach, 0.0), min(share + reach, 1.0))
    return f"{say.fixed(100 * ends[0], 0)}–{say.percent(ends[1])}"
