"""The diagnosis (诊断书) of one committee: a list of sections, each a plan and a template.

To add a section: write a function from `Facts` to `Section` (or None where it makes no sense),
a kind of `Section`, its template in ``reports/templates/diagnosis``, and put the function into `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable

from evalkit.pages.diagnosis import (
    inside,
    matters,
    method,
    movement,
    objective,
    opinions,
    prescription,
    profile,
    promises,
    reply,
    verdict,
)
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Common, Facts
from evalkit.pages.telling.verdict import own_rank, own_score
from evalkit.tables import Evaluation

SECTIONS: tuple[Callable[[Facts], Section | None], ...] = (
    verdict.section,
    profile.section,
    movement.section,
    promises.section,
    objective.section,
    opinions.section,
    inside.section,
    matters.section,
    prescription.section,
    method.section,
    reply.section,
)
"""In the order of the pages."""


SHEETS = 6
"""A secretary reads no more of them."""


def plan_all(evaluation: Evaluation) -> list[Paper]:
    """Plan the diagnoses of all subjects of the current wave, in roster order."""
    common = known.common(evaluation)
    return [_plan(common, subject) for subject in common.scores]


def plan(evaluation: Evaluation, subject: str) -> Paper:
    """Plan one committee's diagnosis: every number, sentence and chart of it.

    Parameters
    ----------
    evaluation : Evaluation
    subject : str
        Id of a subject of the current wave; also the name of the file.

    Raises
    ------
    KeyError
        If there is no such subject in the wave.
    """
    return _plan(known.common(evaluation), subject)


def _plan(common: Common, subject: str) -> Paper:
    facts, evaluation = known.gather(common, subject), common.evaluation
    planned = [build(facts) for build in SECTIONS]
    order = evaluation.order
    proof = {"id": facts.subject.id, "name": facts.name}
    if facts.scored:
        proof |= {"score": own_score(facts)}
    if facts.place is not None:
        proof |= {"rank": own_rank(facts)}
    return Paper(
        path=f"diagnosis/{facts.subject.id}.pdf",
        template="diagnosis.html.j2",
        title=f"{facts.name}诊断书（{facts.wave}）",
        subject=f"{order.street}{order.title}",
        created=known.wave_date(evaluation),
        context={
            "name": facts.name,
            "names": (facts.name,),
            "id": facts.subject.id,
            "wave": facts.wave,
            "street": order.street,
            "evaluation_title": order.title,
            "synthetic": order.synthetic,
            "word": facts.word,
            "street_word": facts.street_word,
            "traits": [t for t in (facts.subject.zone, facts.subject.housing) if t],
            "sections": [section for section in planned if section is not None],
            "dimensions": [d.name for d in evaluation.scheme.dimensions],
        },
        proof=proof,
        most=SHEETS,
        editable=True,
    )
