"""Who gets what there is too little of: most served first, then what is preferred; a transport problem.

References
----------
Hitchcock 1941; by scipy's dual simplex (HiGHS), whose corners are whole numbers where all supplies
and demands are, since the matrix is totally unimodular.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def allocate(preferred: Floats, demand: Integers, supply: Integers) -> Integers:
    """Return how much of every supply goes to every demand.

    As many as possible are served; of all ways to do so one of the highest sum of preferences is
    taken; of equal ones always the same one, which serves the earlier from the earlier (which of
    them are paired, among many, is only always the same).

    Parameters
    ----------
    preferred : ndarray of shape (D, S)
        Whole numbers, higher is better; NaN where a supply does not serve a demand.
    demand : ndarray of shape (D,)
    supply : ndarray of shape (S,)
    """
    d, s = preferred.shape
    rows, columns = np.nonzero(~np.isnan(preferred))
    found = np.zeros((d, s), dtype=np.int64)
    if not len(rows):
        return found
    own = preferred[rows, columns]
    # Optimal flows differ by paths of at most so many arcs: what weighs less than one arc's least
    # difference over such a path decides nothing but between equals.
    arcs = 2.0 * min(d, s) + 2.0
    each = (np.ptp(own) + 1.0) * arcs
    order = np.sqrt((rows + columns + 1.0) / (d + s)) * 0.4 / arcs
    places = np.arange(len(rows))
    # The solver takes sparse matrices; its stubs do not say so.
    matrix: Any = scipy.sparse.coo_array(
        (
            np.ones(2 * len(rows)),
            (np.concatenate([rows, d + columns]), np.concatenate([places, places])),
        ),
        shape=(d + s, len(rows)),
    )
    solved = scipy.optimize.linprog(
        order - own - each,
        A_ub=matrix.tocsr(),
        b_ub=np.concatenate([demand, supply]).astype(np.float64),
        method="highs-ds",
    )
    # Giving nothing to anybody is always allowed, so there always is a solution.
    assert solved.x is not None, solved.message
    found[rows, columns] = np.rint(solved.x).astype(np.int64)
    return found
