"""What must be left out beside what is too small to tell, so that nobody works it out or comes near.

Everything told of a committee is a weighted sum of its cells' means. The weights are public, and no
mean lies outside the scale; whoever has the tables can compute by linear programming between which
ends a withheld number must lie. This is interval protection of cell suppression (Fischetti &
Salazar, Management Science 47, 2001): the interval must reach more than `PROTECTION` points to
either side of the number; where the scale, or what scores and means over committees alone tell,
ends before, as much further on the other side.

What is left out beside is found as by Kelly, Golden & Assad (Networks 22, 1992): of all changes of
the cells that move a withheld number so far and leave scores and means over committees as they
are, the one that costs least; whatever moves with it is left out. Then every line that can be told
again without harm is, the dearest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from evalkit.tables import Floats

PROTECTION = 5.0
"""Points to either side within which no number that is left out may be known."""

LOW, HIGH = 0.0, 100.0
"""The scale's ends, which everybody knows."""

LOSS: Mapping[str, float] = {"cell": 1.0, "group": 10.0, "all": 1000.0}
"""What leaving a line out costs: this, by level, times the answers behind it."""

PARTNERS = 3
"""Committees that give something up for another's sake at first; all of them if these cannot."""

_BEYOND = 0.01
"""Points by which an interval is wider than the protection asks."""

_STILL = 1e-6
"""Points that are rounding of the linear programs."""

_NOTHING = 1e-9
"""Weights that are rounding: a line that has no larger ones beside what is told is known by it."""

_LATER = 1e-4
"""Of lines that cost the same the first is left out: share of the cost that the last has more."""


Level = Literal["cell", "group", "all", "score"]


@dataclass(frozen=True, slots=True)
class Line:
    """One number about one committee, as a weighted sum of its cells.

    Attributes
    ----------
    weights : ndarray of shape (C,)
        Of the committee's cells.
    level : {"cell", "group", "all", "score"}
        One rater group's indicator; a sum over one group; a sum over groups; what is told in any
        case, because it is the result.
    n : int
        Answers behind it.
    share : float
        Points that the composite moves by when this line moves by one.
    """

    weights: Floats
    level: Level
    n: int
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Committee:
    """Everything there is to say about one committee.

    Attributes
    ----------
    lines : sequence of Line
    small : sequence of int
        Places of the lines that must not be told.
    means : ndarray of shape (C,)
        The cells' means, points; NaN where there is none, and then no line has weight there.
    """

    lines: Sequence[Line]
    small: Sequence[int]
    means: Floats


Mean = Mapping[int, int]
"""A mean over committees that is told in any case: by committee, which line it is the mean of."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is left out, and what that does not help.

    Attributes
    ----------
    lines : list of set of int
        By committee, the places of its lines.
    given_away : list of set of int
        Of the small ones, those that scores and means over committees alone tell more closely than
        they may be told; they are as uncertain as these let them be.
    """

    lines: list[set[int]]
    given_away: list[set[int]]


def withhold(
    committees: Sequence[Committee],
    means: Sequence[Mean] = (),
    already: Mapping[int, Iterable[int]] | None = None,
) -> Withheld:
    """Return which lines to leave out, so that no small one is known within `PROTECTION` points.

    Parameters
    ----------
    committees : sequence of Committee
    means : sequence of Mean
        Over some of them.
    already : dict of int to iterable of int
        By committee, lines that are left out whatever comes of it.

    Returns
    -------
    Withheld
        The small lines, and what must go with them: cells before sums over one group, these before
        sums over groups, the fewest answers first.

    Examples
    --------
    A committee of two cells of equal weight; three people stand behind the first. Beside the score
    it is half the score's distance from the second, so that one is left out, too:

    >>> lines = [
    ...     Line(np.array([1.0, 0.0]), "cell", 3, 0.5),
    ...     Line(np.array([0.0, 1.0]), "cell", 40, 0.5),
    ...     Line(np.array([0.5, 0.5]), "score", 43),
    ... ]
    >>> withhold([Committee(lines, [0], np.array([70.0, 80.0]))]).lines
    [{0, 1}]
    """
    hidden = [set(c.small) | set((already or {}).get(k, ())) for k, c in enumerate(committees)]
    lost: list[set[int]] = [set() for _ in committees]
    for k, committee in enumerate(committees):
        if committee.small:
            block = _Block([committee], [hidden[k]], [])
            block.protect()
            hidden[k], lost[k] = block.hidden[0], block.lost
    for k, committee in enumerate(committees):
        shared = [mean for mean in means if mean.get(k) in hidden[k]] if committee.small else []
        if shared:
            _together(committees, means, shared, k, hidden, lost)
    return Withheld(hidden, lost)


def _together(
    committees: Sequence[Committee],
    means: Sequence[Mean],
    shared: Sequence[Mean],
    k: int,
    hidden: list[set[int]],
    lost: list[set[int]],
) -> None:
    """Protect one committee's small lines from the means over committees.

    The others' lines are moved, too; a few of them first, since what a few can cover is covered.
    """
    others = _partners(committees, shared, hidden, k)
    for few in dict.fromkeys((min(PARTNERS, len(others)), len(others))):
        members = [k, *others[:few]]
        block = _Block(
            [committees[m] for m in members],
            [hidden[m] for m in members],
            [{members.index(m): at for m, at in mean.items() if m in members} for mean in means],
        )
        block.protect()
        if block.lost <= lost[k]:
            break
    lost[k] |= block.lost
    for member, lines in zip(members, block.hidden, strict=True):
        hidden[member] = lines


def _partners(
    committees: Sequence[Committee], shared: Sequence[Mean], hidden: Sequence[set[int]], k: int
) -> list[int]:
    """Return the other committees of these means: who leaves out most of the same, comes first."""

    def order(m: int) -> tuple[int, int, int]:
        same = sum(mean.get(m) in hidden[m] for mean in shared)
        return -same, max(line.n for line in committees[m].lines), m

    return sorted({m for mean in shared for m in mean} - {k}, key=order)


def _reaches(above: float, below: float) -> tuple[float, float]:
    """Return how far a line must move up and (below 0) down, where so much is free on each side."""
    above, below, need = max(above, 0.0), max(below, 0.0), PROTECTION + _BEYOND
    up, down = min(need, above), min(need, below)
    return min(up + need - down, above), -min(down + need - up, below)


class _Block:
    """Some committees at once: their cells side by side. Only the first one's lines are protected.

    Attributes
    ----------
    lost : set of int
        Lines of the first committee that what is told in any case gives away.
    """

    def __init__(
        self, committees: Sequence[Committee], hidden: Sequence[set[int]], means: Sequence[Mean]
    ) -> None:
        self.lost: set[int] = set()
        self._small = sorted(committees[0].small, key=lambda at: -committees[0].lines[at].share)
        self._place = [(k, at) for k, c in enumerate(committees) for at in range(len(c.lines))]
        lines = [committees[k].lines[at] for k, at in self._place]
        sizes = [len(c.means) for c in committees]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
        self._lines = np.zeros((len(lines), starts[-1]))
        for row, ((k, _), line) in enumerate(zip(self._place, lines, strict=True)):
            self._lines[row, starts[k] : starts[k + 1]] = line.weights
        self._means = np.concatenate([np.nan_to_num(c.means) for c in committees])
        missing = np.concatenate([np.isnan(c.means) for c in committees])
        self._low = np.where(missing, 0.0, LOW - self._means)
        self._high = np.where(missing, 0.0, HIGH - self._means)
        self._bounds: Any = np.column_stack([self._low, self._high])
        self._movable = (~missing).astype(np.float64)
        free = np.array([line.level == "score" for line in lines])
        at_place = {place: row for row, place in enumerate(self._place)}
        sums = [sum(self._lines[at_place[key]] for key in mean.items()) for mean in means if mean]
        self._fixed = np.vstack([self._lines[free], *sums])
        later = 1.0 + _LATER * np.arange(len(lines)) / max(len(lines), 1)
        self._cost = later * [LOSS.get(x.level, np.inf) * max(x.n, 1) * x.share for x in lines]
        self._gone = np.array([at in hidden[k] for k, at in self._place]) & ~free
        self._first = self._gone.copy()
        self._moves = np.zeros((0, starts[-1]))

    @property
    def hidden(self) -> list[set[int]]:
        """Return, by committee, the lines left out so far."""
        found: list[set[int]] = [set() for _ in range(1 + max(k for k, _ in self._place))]
        for row in np.flatnonzero(self._gone):
            k, at = self._place[row]
            found[k].add(at)
        return found

    def protect(self) -> None:
        """Leave out what is needed, then tell what is not."""
        wanted = [(row, reach) for row in self._small for reach in self._moved(row)]
        beside = np.flatnonzero(self._gone & ~self._first)
        for row in sorted(beside, key=lambda row: -self._cost[row]):
            self._tell_again(int(row), wanted)

    def _moved(self, row: int) -> tuple[float, float]:
        """Let a line move up and down as far as it must; return how far, down below 0.

        What is told in any case may end its way before, as the scale does; then it goes as much
        further on the other side.
        """
        mean = float(self._lines[row] @ self._means)
        wanted = _reaches(HIGH - mean, mean - LOW)
        if all(self._leave_out(row, reach) for reach in wanted):
            return wanted
        ends = [self._furthest(row, sign) * (1.0 - _STILL) - _STILL for sign in (1.0, -1.0)]
        up, down = _reaches(*ends)
        if up - down < 2.0 * PROTECTION:
            self.lost.add(row)
        for reach in (up, down):
            if not self._leave_out(row, reach):  # numerical trouble: rather nothing than too much
                self._gone |= np.isfinite(self._cost)
        return up, down

    def _leave_out(self, row: int, reach: float) -> bool:
        """Leave out what moves with a line in the cheapest move so far; False if there is none."""
        if self._covered(self._moves, row, reach):
            return True
        move = self._cheapest(row, reach, self._gone)
        if move is None:
            return False
        self._gone |= (np.abs(self._lines @ move) > _STILL) & np.isfinite(self._cost)
        self._moves = np.vstack([self._moves, move])
        return True

    def _furthest(self, row: int, sign: float) -> float:
        found = scipy.optimize.linprog(
            -sign * self._lines[row],
            A_eq=self._fixed,
            b_eq=np.zeros(len(self._fixed)),
            bounds=self._bounds,
            method="highs",
        )
        return -float(found.fun or 0.0)

    def _covered(self, moves: Floats, row: int, reach: float) -> bool:
        """Tell whether one of these moves, which change nothing told, moves a line far enough."""
        moved = moves @ self._lines[row] * np.sign(reach)
        return float(moved.max(initial=0.0)) >= abs(reach) - _STILL

    def _cheapest(self, row: int, reach: float, gone: NDArray[np.bool_]) -> Floats | None:
        """Return the move that costs least, or None."""
        told = np.flatnonzero(~gone & np.isfinite(self._cost))
        cells, one = self._lines.shape[1], np.eye(len(told))
        bounds: Any = np.vstack([self._bounds, np.tile([0.0, np.inf], (2 * len(told), 1))])
        system = np.block(
            [
                [self._lines[told], one, -one],
                [self._fixed, np.zeros((len(self._fixed), 2 * len(told)))],
                [self._lines[row][None], np.zeros((1, 2 * len(told)))],
            ]
        )
        found = scipy.optimize.linprog(
            np.concatenate([np.zeros(cells), self._cost[told], self._cost[told]]),
            A_eq=system,
            b_eq=np.concatenate([np.zeros(len(system) - 1), [reach]]),
            bounds=bounds,
            method="highs",
        )
        return None if found.x is None or found.status != 0 else np.asarray(found.x[:cells])

    def _tell_again(self, row: int, wanted: Sequence[tuple[int, float]]) -> None:
        """Tell a line again if every small one keeps its protection."""
        moves = self._moves[np.abs(self._moves @ self._lines[row]) <= _STILL]
        gone = self._gone.copy()
        gone[row] = False
        open_still = [pair for pair in wanted if not self._covered(moves, *pair)]
        unseen = self._unseen(gone)
        free = self._lines[[target for target, _ in open_still]] @ unseen.T
        if (np.abs(free @ unseen).max(axis=1, initial=0.0) <= _NOTHING).any():
            return
        for (target, reach), along in zip(open_still, free, strict=True):
            if self._covered(moves, target, reach):
                continue
            move = self._inside(unseen, along, reach)
            if move is None:
                return
            moves = np.vstack([moves, move])
        self._gone, self._moves = gone, moves

    def _unseen(self, gone: NDArray[np.bool_]) -> Floats:
        """Return the directions (D, C), at right angles, in which the cells move and nothing told does.

        A line that is at right angles to all of them is told by the others, whatever the bounds.
        """
        told = np.flatnonzero(~gone & np.isfinite(self._cost))
        known = np.vstack([self._lines[told], self._fixed]) * self._movable
        alone = (known != 0.0).sum(axis=1) == 1
        left = np.flatnonzero((self._movable > 0) & ~(known[alone] != 0.0).any(axis=0))
        sums = known[:, left]
        sums = sums[(sums != 0.0).any(axis=1)]
        found = np.eye(len(left))
        if len(sums):
            _, size, found = np.linalg.svd(sums)
            smallest = np.finfo(np.float64).eps * max(sums.shape) * size[0]
            found = found[int((size > smallest).sum()) :]
        unseen = np.zeros((len(found), len(self._low)))
        unseen[:, left] = found
        return unseen

    def _inside(self, unseen: Floats, along: Floats, reach: float) -> Floats | None:
        """Return a move in these directions (D, C) that moves a line so far, or None if there is none.

        Parameters
        ----------
        along : ndarray of shape (D,)
            How far the line moves with each direction.

        Notes
        -----
        The shortest one mostly stays inside the scale. With one direction there is no other, with
        two they lie on a line; only where there are more a linear program need be asked.
        """
        shortest = along @ unseen * (reach / float(along @ along))
        low, high = self._low - _STILL - shortest, self._high + _STILL - shortest
        if (low <= 0.0).all() and (high >= 0.0).all():
            return np.asarray(shortest)
        if len(along) > 2:
            found = scipy.optimize.linprog(
                np.zeros(len(along)),
                A_ub=np.vstack([unseen.T, -unseen.T]),
                b_ub=np.concatenate([self._high, -self._low]),
                A_eq=along[None],
                b_eq=[reach],
                bounds=(None, None),
                method="highs",
            )
            return None if found.x is None or found.status != 0 else np.asarray(found.x @ unseen)
        if len(along) < 2:
            return None
        beside = np.array([-along[1], along[0]]) @ unseen
        moves = np.abs(beside) > _NOTHING
        if (low[~moves] > 0.0).any() or (high[~moves] < 0.0).any():
            return None
        steps = np.sort(np.stack([low, high])[:, moves] / beside[moves], axis=0)
        first, last = float(steps[0].max()), float(steps[1].min())
        return None if first > last else np.asarray(shortest + (first + last) / 2.0 * beside)
