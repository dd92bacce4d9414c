"""Section 3: place and movement. Where it stands among all, how it moved, what moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.pages.press.printing import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import movement
from evalkit.pages.telling.facts import Facts

SLOPE = {"width": 330, "height": 205}
PARTS_WIDTH = 330
BESIDE = 370
"""Width of the chart of all committees where it stands beside what moved, pixels."""
LARGEST = 7
"""Indicators that the decomposition of a change names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Section):
    """Place among all, and the change against the last wave where there is one to draw."""

    template = "diagnosis/movement.html.j2"
    caterpillar: Chart | None
    movement: str
    slope: Chart | None
    contributions: Chart | None
    parts: str
    luck: str
    last_wave: str | None
    peers: Sequence[str]


def section(facts: Facts) -> Movement | None:
    """Plan place and movement; None for a committee that is not ranked."""
    if facts.place is None:
        return None
    moved = movement.told_apart(facts)
    return Movement(
        title="位置与变化",
        takeaway=movement.standing(facts),
        caterpillar=movement.caterpillar(
            facts.common, facts.subject.id, width=BESIDE if moved else None
        ),
        movement=movement.movement(facts),
        slope=_slope(facts) if moved else None,
        contributions=_contributions(facts) if moved else None,
        parts=movement.parts(facts),
        luck=movement.luck(facts),
        last_wave=facts.last_wave,
        peers=movement.peers(facts),
    )


def _slope(facts: Facts) -> Chart:
    assert facts.common.changes is not None
    assert facts.change is not None
    table = facts.common.changes.table
    frame = pd.DataFrame(
        {
            "name": "",
            "from_value": table["rank_from"],
            "to_value": table["rank_to"],
            "highlight": table["subject"] == facts.subject.id,
        }
    )
    return Chart(
        "slope",
        frame,
        f"各{facts.word}两次评估的名次，{facts.name}由第 {int(facts.change['rank_from'])} 名"
        f"到第 {int(facts.change['rank_to'])} 名",
        {"from_label": str(facts.last_wave), "to_label": facts.wave, "kind": "rank", **SLOPE},
    )


def _contributions(facts: Facts) -> Chart | None:
    """Plan the parts of the change; None where every one is printed as 0."""
    points = movement.points_of(facts)
    if points["points"].abs().max() < movement.LEAST:
        return None
    return Chart(
        "contributions",
        points,
        f"{facts.name}得分变化按指标分解，合计等于得分变化",
        {"total": "得分变化", "largest": LARGEST, "width": PARTS_WIDTH},
    )
