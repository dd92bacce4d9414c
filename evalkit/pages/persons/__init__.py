"""A track's papers: one for every person, and one for every committee's secretary.

Nobody reads of persons of other committees, and nobody of an order that the data do not know.
"""

from __future__ import annotations

from evalkit.pages.persons import committee, person
from evalkit.pages.persons.known import Known
from evalkit.pages.press.planned import Paper
from evalkit.tables import Evaluation


def plan_all(evaluation: Evaluation) -> list[Paper]:
    """Plan the papers of all persons of the current wave, and of their committees."""
    known = Known.of(evaluation)
    return [
        *(committee.plan(known, unit) for unit in known.units),
        *(person.plan(known, one) for one in known.persons),
    ]
