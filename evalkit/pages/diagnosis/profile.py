"""Section 2: the profile. Dimensions and indicators against the street, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import method, profile
from evalkit.pages.telling.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Section):
    """Dimensions and indicators, drawn and listed, and how to read the numbers."""

    template = "diagnosis/profile.html.j2"
    chart: Chart
    rows: Sequence[Mapping[str, object]]
    confidence: str
    last_wave: str | None
    reading: method.Reading


def section(facts: Facts) -> Profile | None:
    """Plan the profile; None for a committee without one."""
    if not profile.known_of(facts):
        return None
    return Profile(
        title=f"画像：与{facts.street_word}平均相比",
        takeaway=profile.takeaway(facts),
        chart=profile.chart(facts),
        rows=profile.rows(facts),
        confidence=known.confidence(facts.evaluation),
        last_wave=profile.last_wave(facts),
        reading=method.reading(facts.evaluation, placed=not facts.provisional),
    )
