"""Section 3: place and movement. Where it stands among all, how it moved, what moved it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import movement, years
from evalkit.pages.telling.facts import Facts

BESIDE = 365
"""Width of the chart of what moved, beside the words, pixels."""
LARGEST = 5
"""Indicators that the decomposition of a change names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Section):
    """The change against the last wave and what made it; else the place among all."""

    template = "diagnosis/movement.html.j2"
    caterpillar: Chart | None
    movement: str
    contributions: Chart | None
    parts: str
    luck: str
    peers: Sequence[str]
    moved: str
    dimensions: Sequence[Mapping[str, object]]
    last: str
    years: str
    trend: Chart | None
    next_time: str


def section(facts: Facts) -> Movement | None:
    """Plan place and movement; None for a committee that is not ranked."""
    if facts.place is None:
        return None
    moved = movement.told_apart(facts)
    said, rows = movement.dimensions(facts)
    over_years, trend = years.of_committee(facts)
    return Movement(
        title="位置与变化",
        takeaway=movement.standing(facts),
        caterpillar=None if moved else movement.caterpillar(facts.common, facts.subject.id),
        movement=movement.movement(facts),
        contributions=_contributions(facts) if moved else None,
        parts=movement.parts(facts),
        luck=movement.luck(facts),
        peers=movement.peers(facts),
        moved=said,
        dimensions=rows,
        last=facts.last_wave or "",
        years=over_years,
        trend=trend,
        next_time=years.next_time(facts),
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
        {"total": "得分变化", "largest": LARGEST, "width": BESIDE},
    )
