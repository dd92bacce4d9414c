"""Which counts of people may be told, so that no small count can be read or computed.

What is counted, and not averaged, is told only where enough people said it and enough did not, and
where what is left out cannot be had by subtraction from what is told of all together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
