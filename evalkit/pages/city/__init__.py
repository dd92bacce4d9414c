"""What is told of a city: a short report, an index that leads to the streets' dashboards, a map.

None of it stands on a committee's own papers: a diagnosis is its street's, and does not change
because another street has.
"""

from __future__ import annotations

from collections.abc import Callable

from evalkit.pages.city import counted, index, limits, map, peers, streets
from evalkit.pages.city.facts import CityFacts
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.section import Section

SECTIONS: tuple[Callable[[CityFacts], Section | None], ...] = (
    counted.section,
    streets.section,
    peers.section,
    limits.section,
)
"""In the order of the pages; each plans itself, or None."""

PATH = "city-report.pdf"

__all__ = ["PATH", "SECTIONS", "CityFacts", "index", "map", "plan"]


def plan(facts: CityFacts, mark: str = "") -> Paper:
    """Plan the city's report."""
    planned = [section(facts) for section in SECTIONS]
    return Paper(
        path=PATH,
        template="city.html.j2",
        title=f"{facts.city}{facts.title}全市报告（{facts.wave_name}）",
        subject=f"{facts.city}{facts.title}",
        created=facts.date,
        context={
            "wave": facts.wave_name,
            "street": facts.city,
            "evaluation_title": facts.title,
            "synthetic": facts.synthetic,
            "word": facts.word,
            "street_word": facts.street_word,
            "reasons": {},
            "sections": [section for section in planned if section is not None],
        },
        proof={"wave": facts.wave_name},
        mark=mark,
    )
