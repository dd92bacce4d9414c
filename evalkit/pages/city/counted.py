"""Which streets the city's numbers are of, and which they lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.city.facts import CityFacts, why
from evalkit.pages.press.section import Section
from evalkit.pages.telling.facts import records


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Section):
    """What is in, and what is missing with the reason."""

    template = "city/counted.html.j2"
    missing: Sequence[Mapping[str, str]]
    untold: int


def section(facts: CityFacts) -> Counted:
    """Plan what is counted."""
    counted = facts.counted
    committees = int(counted["committees"].sum())
    told = int(counted["n"].sum())
    return Counted(
        title="计入了哪些" + facts.street_word,
        takeaway=_takeaway(facts, committees),
        missing=[
            {"name": str(row["name"]), "why": why(row["state"], facts.street_word)}
            for row in records(facts.missing)
        ],
        untold=committees - told,
    )


def _takeaway(facts: CityFacts, committees: int) -> str:
    of, there = len(facts.streets), len(facts.counted)
    if there == of:
        return f"名单上 {of} 条{facts.street_word}全部计入，共 {committees} 个{facts.word}。"
    return (
        f"名单上 {of} 条{facts.street_word}，计入 {there} 条，共 {committees} 个{facts.word}；"
        f"缺 {of - there} 条，以下各数都不含它们，不是全市的数。"
    )
