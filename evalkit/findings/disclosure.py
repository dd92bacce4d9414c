"""What must be left out beside what is too small to publish, so that subtraction does not give it.

Everything published about a committee is a weighted sum of its cells' means, and the weights are
public. A cell that is left out is given away exactly if it lies in the span of what is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.tables import Floats

_GIVEN_AWAY = 1e-8
"""Distance from the span of what is published below which a cell follows from it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One published number about one committee, as a weighted sum of its cells.

    Attributes
    ----------
    weights : ndarray of shape (C,)
        Of the committee's cells.
    level : {"cell", "group", "all"}
        One rater group's indicator; a sum over one group; a sum over groups.
    n : int
        Answers behind it: the smaller, the sooner it is given up.
    """

    weights: Floats
    level: Literal["cell", "group", "all"]
    n: int


def withheld(lines: Sequence[Line], too_small: Sequence[int]) -> set[int]:
    """Return which lines to leave out, so that none that is too small follows from the others.

    Parameters
    ----------
    lines : sequence of Line
        Everything there is to say about one committee.
    too_small : sequence of int
        Places of the lines that must not be told; they are cells.

    Returns
    -------
    set of int
        Places: those, and as few others as a step-wise search finds. Other cells go first, then
        sums of one group, then sums over groups.
    """
    hidden = set(too_small)
    order = sorted(
        (at for at in range(len(lines)) if at not in hidden),
        key=lambda at: (("cell", "group", "all").index(lines[at].level), lines[at].n, at),
    )
    for target in too_small:
        wanted = lines[target].weights
        while _follows(lines, hidden, wanted):
            related = [
                at for at in order if at not in hidden and _shares(lines, hidden, at, wanted)
            ]
            saving = (at for at in related if not _follows(lines, hidden | {at}, wanted))
            hidden.add(next(saving, related[0]))
    return hidden


def _follows(lines: Sequence[Line], hidden: set[int], wanted: Floats) -> bool:
    told = [line.weights for at, line in enumerate(lines) if at not in hidden]
    if not told:
        return False
    told_matrix = np.array(told).T
    answer = np.linalg.lstsq(told_matrix, wanted, rcond=None)[0]
    return bool(np.abs(told_matrix @ answer - wanted).max() < _GIVEN_AWAY * np.abs(wanted).max())


def _shares(lines: Sequence[Line], hidden: set[int], at: int, wanted: Floats) -> bool:
    """Tell whether a line takes part in any way of working the wanted cell out."""
    told = [other for other in range(len(lines)) if other not in hidden]
    matrix = np.array([lines[other].weights for other in told]).T
    answer = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
    return bool(abs(answer[told.index(at)]) > _GIVEN_AWAY)
