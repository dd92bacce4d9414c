"""The street report: what was done, the league table as it can honestly be read, what changed."""

from __future__ import annotations

from collections.abc import Callable

from evalkit.pages.press import meanings
from evalkit.pages.press.printing import Paper
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words
from evalkit.pages.street import (
    appendix,
    closing,
    drivers,
    fieldwork,
    grades,
    league,
    maps,
    means,
    movers,
    needs,
    peers,
    promises,
    sampling,
    satisfied,
    summary,
    trust,
    views,
)
from evalkit.pages.telling import facts as known
from evalkit.tables import Evaluation

SECTIONS: tuple[Callable[[Evaluation], Section | None], ...] = (
    summary.section,
    league.section,
    fieldwork.section,
    grades.section,
    movers.section,
    promises.section,
    satisfied.section,
    means.section,
    means.dimensions,
    maps.section,
    peers.section,
    views.section,
    needs.section,
    drivers.section,
    trust.section,
    sampling.section,
    closing.incomplete,
    league.table,
    appendix.section,
    closing.section,
)
"""The report's sections, in the order they are printed; each plans itself, or None."""

LONG = 7
"""With this many sections the first page has a table of contents."""


def plan(evaluation: Evaluation) -> Paper:
    """Plan the street report."""
    order = evaluation.order
    wave = order.wave_name(evaluation.wave)
    planned = [section(evaluation) for section in SECTIONS]
    sections = [section for section in planned if section is not None]
    return Paper(
        path="street-report.pdf",
        template="street.html.j2",
        title=f"{order.street}{order.title}工作报告（{wave}）",
        subject=f"{order.street}{order.title}",
        created=known.wave_date(evaluation),
        context={
            "wave": wave,
            "street": order.street,
            "evaluation_title": order.title,
            "synthetic": order.synthetic,
            "word": order.subject_word,
            "street_word": order.street_word,
            "confidence": known.confidence(evaluation),
            "reasons": meanings.reasons(Words.of(order)),
            "sections": sections,
            "long": len(sections) >= LONG,
        },
        proof={"wave": wave},
    )
