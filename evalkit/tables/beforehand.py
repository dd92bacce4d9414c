"""Before anybody was asked: an invented committee to show the rules with."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.tables.cells import Cells
from evalkit.tables.results import Scores


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
