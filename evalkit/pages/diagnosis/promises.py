"""What became of last wave's tasks of this committee, beside how their indicators changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import OwnChange
from evalkit.pages.press.section import Section
from evalkit.pages.telling import follow_up
from evalkit.pages.telling.facts import ARROWS, Facts

LONGEST = 40
"""Characters of what a task is about; the list has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises(Section):
    """Last wave's tasks, each with its state and its indicator's change."""

    template = "diagnosis/promises.html.j2"
    rows: Sequence[Mapping[str, str]]
    settled: str
    remark: str


def section(facts: Facts) -> Promises | None:
    """Plan the look back; None where no list of this committee came back."""
    own = follow_up.rows(facts.evaluation, facts.subject.id)
    if not own:
        return None
    tested = [row for row in own if row["verdict"] != OwnChange.UNTESTED]
    return Promises(
        title="上次事项办得怎样",
        takeaway=f"{follow_up.last_wave(facts.evaluation)}整改清单 {follow_up.counted(own)}。",
        rows=[
            {
                "problem": _cut(str(row["problem"])),
                "kind": str(row["kind"]),
                "due": str(row["due"]),
                "state": str(row["state"]),
                "detail": follow_up.detail(row),
                "change": follow_up.change(row),
                "verdict": follow_up.verdict(row),
                "arrow": ARROWS.get(str(row["verdict"]), ""),
            }
            for row in own
        ],
        settled=follow_up.settled(
            follow_up.still_low(facts.evaluation, facts.subject.id), named=False
        ),
        remark=f"{follow_up.NOT_ALONE}。± 是单项的误差范围；升降的判断还把比较多项的偶然因素算在内，更严一些。"
        if tested
        else "",
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
