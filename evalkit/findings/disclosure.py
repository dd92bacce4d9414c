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

LEVELS = ("cell", "group", "all", "score")
"""What is given up first, and last."""


@dataclass(frozen=True, slots=True)
class Line:
    """One published number about one committee, as a weighted sum of its cells.

    Attributes
    ----------
    weights : ndarray of shape (C,)
        Of the committee's cells.
    level : {"cell", "group", "all", "score"}
        One rater group's indicator; a sum over one group; a sum over groups; what is published in
        any case, because it is the result.
    n : int
        Answers behind it: the smaller, the sooner it is given up.
    """

    weights: Floats
    level: Literal["cell", "group", "all", "score"]
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
        first, then sums of one group, then sums over groups; the fewest answers first. What follows
        from scores alone is beyond saving.
    """
    matrix = np.array([line.weights for line in lines], dtype=np.float64)
    cells = np.array([int(np.argmax(np.abs(lines[at].weights))) for at in too_small], dtype=np.intp)
    order = sorted(
        range(len(lines)),
        key=lambda at: (LEVELS.index(lines[at].level), lines[at].n, at),
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
        taking_part = np.abs(inverse[cells[given]]) > _GIVEN_AWAY
        removable = taking_part & np.array([lines[at].level != "score" for at in told])
        if not removable.any():
            return hidden
        first = int(np.flatnonzero(removable.any(axis=1))[0])
        hidden.add(told[int(np.flatnonzero(removable[first])[0])])
