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
"""A cell follows from what is published if its share outside that span is smaller than this."""


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
        Places: those, and one by one what takes part in working one of them out: other cells
        first, then sums of one group, then sums over groups; the fewest answers first.
    """
    matrix = np.array([line.weights for line in lines], dtype=np.float64)
    cells = np.array([int(np.argmax(np.abs(lines[at].weights))) for at in too_small], dtype=np.intp)
    order = sorted(
        range(len(lines)),
        key=lambda at: (("cell", "group", "all").index(lines[at].level), lines[at].n, at),
    )
    hidden = set(too_small)
    while True:
        told = [at for at in order if at not in hidden]
        inverse = np.linalg.pinv(matrix[told])
        given = np.flatnonzero(
            np.einsum("ct,tc->c", inverse[cells], matrix[told][:, cells]) > 1.0 - _GIVEN_AWAY
        )
        if not len(given):
            return hidden
        takes_part = np.abs(inverse[cells[given[0]]]) > _GIVEN_AWAY
        hidden.add(told[int(np.flatnonzero(takes_part)[0])])
