"""How easily chance alone moves ranks: beside the moves that were seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage
from evalkit.pages.telling.facts import Row
from evalkit.tables import Changes, Evaluation

BIGGEST = 10
"""Largest moves in rank that are listed."""

WORTH_A_WORD = 3
"""The largest rise is told in a sentence from this many places on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves(Section):
    """The largest moves in rank, each with how likely chance alone makes it."""

    template = "technical/moves.html.j2"
    rows: Sequence[Mapping[str, object]]


def section(evaluation: Evaluation) -> Moves | None:
    """Plan the moves with their chances; None where no rank moved or none can be compared."""
    changes = known.changes_of(evaluation)
    rows = [] if changes is None else _rows(changes)
    if changes is None or not rows:
        return None
    return Moves(
        title="名次变动与偶然",
        takeaway=_largest(changes, evaluation.order.street_word)
        or f"名次最多上升不到 {WORTH_A_WORD} 名；这样的变动不必解释。",
        rows=rows,
    )


def _rows(changes: Changes) -> list[dict[str, Any]]:
    steps = changes.table["rank_change"].abs()
    biggest = steps[steps > 0].sort_values(ascending=False, kind="stable").index[:BIGGEST]
    rows = known.records(changes.table.loc[biggest])
    rows.sort(key=lambda row: (_step(row), -row["relative_change"]))
    return [
        {
            "name": row["name"],
            "among": say.places(row["change_rank_low"], row["change_rank_high"]),
            "ranks": lineage.NOT_COMPARABLE
            if say.missing(row["rank_from"])
            else f"{int(row['rank_from'])} → {int(row['rank_to'])}",
            "own": say.chance(changes.luck_own.get(row["subject"])),
            "any": say.chance(changes.luck_any.get(row["subject"])),
        }
        for row in rows
    ]


def _step(row: Row) -> int:
    """Return the places it moved by; none where its ranks cannot be compared."""
    return 0 if say.missing(row["rank_change"]) else int(row["rank_change"])


def _largest(changes: Changes, street: str) -> str:
    rise = known.records(changes.table.sort_values("rank_change", kind="stable").head(1))[0]
    step = -_step(rise)
    if step < WORTH_A_WORD:
        return ""
    own, any_ = (
        f"可能性{say.probable(_of(table, rise))}" for table in (changes.luck_own, changes.luck_any)
    )
    return (
        f"名次上升最多的是{rise['name']}：第 {int(rise['rank_from'])} 名到第 {int(rise['rank_to'])} 名，"
        f"扣除{street}平均后{say.plainly(rise['verdict'])}。假如谁也没有实际变化，仅因偶然，它自己上升 {step} 名或更多的{own}，"
        f"全{street}至少有一个这样上升的{any_}。"
    )


def _of(table: pd.Series[float], row: Row) -> float | None:
    return table.get(str(row["subject"]))
