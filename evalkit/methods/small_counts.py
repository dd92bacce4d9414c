"""Which counts of people may be told, so that no small count can be read or computed.

What is counted, and not averaged, is told only where enough people said it and enough did not, and
where what is left out cannot be had by subtraction from what is told of all together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


def counted(of: Integers, minimum: int) -> Flags:
    """Tell which committees count for the street, given how many answered in each.

    Committees of fewer than the minimum count only if they have that many together: else the
    street less the others would tell how many they are.
    """
    enough = of >= minimum
    together = int(of[~enough].sum())
    return np.ones(len(of), dtype=bool) if together >= minimum else enough


def publishable(
    n: Integers, rest: Integers, minimum: int, of: Integers | None = None
) -> tuple[Flags, bool]:
    """Tell which committees' counts of one option may be published, and whether the street's.

    A count needs the minimum itself and on its other side. What is left out must, together, have
    the minimum as well, or it could be had by subtracting what is published from the street's
    count; and beside the largest committee of them the others must have as many residents, or its
    count would be known but for these few. Where it is not so, the smallest published count is left
    out too.

    Parameters
    ----------
    n, rest : ndarray of shape (K,)
        Those who said it and those who did not, in the committees that count for the street.
    of : ndarray of shape (K,) or None
        Those who answered, where not all of them said one or the other.

    Returns
    -------
    committees : ndarray of shape (K,)
    street : bool
    """
    shown = (n >= minimum) & (rest >= minimum)
    street = bool(n.sum() >= minimum and rest.sum() >= minimum)
    of = n + rest if of is None else of
    while shown.any() and not shown.all():
        hidden = of[~shown]
        covered = hidden.max() < minimum or hidden.sum() - hidden.max() >= minimum
        if min(n[~shown].sum(), rest[~shown].sum()) >= minimum and covered:
            break
        smallest = min(np.flatnonzero(shown), key=lambda at: (min(n[at], rest[at]), at))
        shown[smallest] = False
    return shown, street


def of_records(n: Integers, minimum: int) -> tuple[Flags, bool]:
    """Tell of which committees a number made of their records may be told, and whether of all.

    As `publishable`; and whoever has all but a few of the records that are left out would know
    these few by the number of all. No record at all is not too few, and hides nothing.

    Parameters
    ----------
    n : ndarray of shape (K,)
        Records behind the number of every committee.

    Returns
    -------
    committees : ndarray of shape (K,)
    street : bool

    Examples
    --------
    Who has 18 would know the 2, had 20 not gone as well:

    >>> of_records(np.array([2, 20, 18, 22]), 5)
    (array([False, False, False,  True]), True)
    """
    there = np.flatnonzero(n > 0)
    shown, street = publishable(n[there], n[there], minimum, n[there])
    hidden = n[there][~shown]
    known: Flags = np.ones(len(n), dtype=np.bool_)
    known[there] = shown
    alone = len(hidden) > 0 and hidden.sum() - hidden.max() < minimum and hidden.max() >= minimum
    return known, not len(there) or bool(street and not alone)


def cross_counts(n: Integers, minimum: int) -> Flags:
    """Tell which counts of a table may be told whose rows' totals are known, and the street's row.

    No count below the minimum is told, except none at all. What is left out of a row or a column is
    at least two counts with the minimum together; and no count that is left out follows from all
    that is told: as edges between rows and columns, what is left out has no bridge.

    Parameters
    ----------
    n : ndarray of shape (K, C)
        Records by committee and kind.

    Returns
    -------
    ndarray of shape (K + 1, C)
        The last row is the street's.

    Examples
    --------
    Of the one small count its row's total would tell, and its column's, so a square goes:

    >>> cross_counts(np.array([[2, 20, 30], [9, 21, 31], [12, 22, 32]]), 5)[:3]
    array([[False, False,  True],
           [False, False,  True],
           [ True,  True,  True]])
    """
    whole = np.vstack([n, n.sum(axis=0, dtype=np.int64)])
    shown: Flags = np.asarray((whole >= minimum) | (whole == 0), dtype=np.bool_)
    while (line := _open_line(whole, shown, minimum)) is not None:
        rows, columns = line
        own = [(r, c) for r in rows for c in columns if shown[r, c] and whole[r, c] > 0]
        if not own:
            shown[whole > 0] = False
            break
        # Where something is hidden in the other direction already, no more has to follow it.
        shown[min(own, key=lambda at: (_alone(shown, at, rows), whole[at], at))] = False
    return shown


def _alone(shown: Flags, at: tuple[int, int], rows: Sequence[int]) -> bool:
    other = shown[:, at[1]] if len(rows) == 1 else shown[at[0]]
    return bool(other.all())


def _open_line(
    whole: Integers, shown: Flags, minimum: int
) -> tuple[Sequence[int], Sequence[int]] | None:
    """Return the rows and columns of a line that tells too much; None if there is none."""
    every_row, every_column = range(whole.shape[0]), range(whole.shape[1])
    hidden = ~shown
    for r in every_row:
        own = whole[r, hidden[r]]
        if len(own) and (len(own) < 2 or own.sum() < minimum):
            return [r], every_column
    for c in every_column:
        own = whole[hidden[:, c], c]
        if len(own) and (len(own) < 2 or own.sum() < minimum):
            return every_row, [c]
    r, c = _bridge(hidden)
    return None if r < 0 else ([r], every_column)


def _bridge(hidden: Flags) -> tuple[int, int]:
    """Return a hidden count that follows from all others, (-1, -1) if none does."""
    rows = hidden.shape[0]
    size = sum(hidden.shape)
    for r, c in zip(*np.nonzero(hidden), strict=True):
        without = hidden.copy()
        without[r, c] = False
        edges = np.nonzero(without)
        graph = coo_array((np.ones(len(edges[0])), (edges[0], rows + edges[1])), (size, size))
        parts = connected_components(graph, directed=False)[1]
        if parts[r] != parts[rows + c]:
            return int(r), int(c)
    return -1, -1


def tellable(n: Integers, minimum: int) -> Flags:
    """Tell which choices of one question may be told of several groups whose totals are known.

    A choice is told of all groups or of none. What is left out is at least two choices and, in
    every group, as many people as the minimum, or the total less what is told would give it away.

    Parameters
    ----------
    n : ndarray of shape (G, C)
        People by group and choice.

    Returns
    -------
    ndarray of shape (C,)

    Examples
    --------
    Of the first alone, 4 people, the total would tell; so the second goes with it:

    >>> tellable(np.array([[4, 30, 60]]), 10)
    array([False, False,  True])
    """
    shown: Flags = np.asarray((n >= minimum).all(axis=0), dtype=np.bool_)
    while shown.any() and not shown.all():
        hidden = n[:, ~shown]
        if hidden.shape[1] >= 2 and (hidden.sum(axis=1) >= minimum).all():
            break
        smallest = min(np.flatnonzero(shown), key=lambda at: (n[:, at].min(), at))
        shown[smallest] = False
    return shown
