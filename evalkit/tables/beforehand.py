"""Before anybody was asked: the documents, and an invented committee to show the rules with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.tables.cells import Cells
from evalkit.tables.results import Scores


@dataclass(frozen=True, slots=True)
class Documents:
    """What was decided before anybody was asked: all that an operations manual rests on.

    Attributes
    ----------
    digests : dict of file name to SHA-256
        Of every document.
    """

    order: EvaluationOrder
    scheme: Scheme
    questionnaires: Mapping[str, Questionnaire]
    roster: Roster
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InventedAnswer:
    """One ticked answer of an example: its words, and its score, None where it has none."""

    item: str
    label: str
    score: float | None


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """One respondent of an example: answers to an indicator's items and what they make of it.

    Attributes
    ----------
    score : float or None
        The indicator, 0 to 100; None where too few items were answered.
    """

    answers: tuple[InventedAnswer, ...]
    score: float | None


@dataclass(frozen=True, slots=True)
class Illustration:
    """An invented committee, scored by the functions that score the real ones.

    Attributes
    ----------
    indicator, group : str
        The cell that is followed from its respondents upwards.
    people : tuple of InventedPerson
        Of that cell: where possible one who answered all, one with a gap, and one without a score.
    spread : tuple of (score, number of respondents)
        The cell's indicator scores, highest first.
    unscored : int
        Respondents of the cell without a score.
    cells : Cells
        Of one subject.
    scores : Scores
        Likewise; without a subject if the scheme cannot be illustrated.
    """

    indicator: str
    group: str
    people: tuple[InventedPerson, ...]
    spread: tuple[tuple[float, int], ...]
    unscored: int
    cells: Cells
    scores: Scores
