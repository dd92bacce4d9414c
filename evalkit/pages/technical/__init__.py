"""The technical note: how the street report's numbers were made, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable

from evalkit.pages.press.planned import Paper
from evalkit.pages.press.section import Section
from evalkit.pages.technical import (
    appendix,
    claims,
    drivers,
    method,
    modes,
    moves,
    reproducing,
    residents,
    rows,
    sampling,
    trust,
    validity,
    weights,
)
from evalkit.pages.telling import whole_street
from evalkit.tables import Evaluation

SECTIONS: tuple[Callable[[Evaluation], Section | None], ...] = (
    method.section,
    weights.section,
    rows.section,
    trust.section,
    moves.section,
    appendix.section,
    residents.section,
    modes.section,
    drivers.section,
    validity.section,
    sampling.section,
    claims.section,
    reproducing.section,
)
"""In the order of the pages; each plans itself, or None."""


def plan(evaluation: Evaluation) -> Paper:
    """Plan the technical note."""
    planned = [section(evaluation) for section in SECTIONS]
    return whole_street.paper(
        evaluation,
        "技术说明",
        path="technical-note.pdf",
        template="technical.html.j2",
        context={"sections": [section for section in planned if section is not None]},
    )
