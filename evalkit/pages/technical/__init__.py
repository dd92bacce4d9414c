"""The technical note: how the street report's numbers were made, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable

from evalkit.pages.press import meanings
from evalkit.pages.press.printing import Paper
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words
from evalkit.pages.technical import (
    appendix,
    drivers,
    method,
    reproducing,
    rows,
    sampling,
    trust,
    weights,
)
from evalkit.pages.telling import facts as known
from evalkit.tables import Evaluation

SECTIONS: tuple[Callable[[Evaluation], Section | None], ...] = (
    method.section,
    weights.section,
    rows.section,
    trust.section,
    appendix.section,
    drivers.section,
    sampling.section,
    reproducing.section,
)
"""In the order of the pages; each plans itself, or None."""


def plan(evaluation: Evaluation) -> Paper:
    """Plan the technical note."""
    order = evaluation.order
    wave = order.wave_name(evaluation.wave)
    planned = [section(evaluation) for section in SECTIONS]
    return Paper(
        path="technical-note.pdf",
        template="technical.html.j2",
        title=f"{order.street}{order.title}技术说明（{wave}）",
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
            "sections": [section for section in planned if section is not None],
        },
        proof={"wave": wave},
    )
