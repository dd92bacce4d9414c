"""Persons compared within their committees: what colleagues say compares them there, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evalkit.definitions.decided import Decided
from evalkit.definitions.tracks import OfTrack
from evalkit.methods import rank_sets, shrinkage
from evalkit.tables import Floats, Scores

UNIT, STREET = "unit", "street"
"""Whom something compares: persons of one committee, or everybody."""

KINDS: tuple[Literal["marginal", "joint"], ...] = ("marginal", "joint")

FREE = 2
"""Persons beyond one a committee that a spread within committees is estimated from at least."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How much of what is seen is real.

    Attributes
    ----------
    tau2, low, high : float
        Variance of the true numbers, with its interval.
    own : ndarray of shape (K,)
        What each person's error adds to a comparison.
    """

    tau2: float
    low: float
    high: float
    own: Floats

    def reliability(self, tau2: float | None = None) -> Floats:
        """Return the share of each number's variance that is real, (K,)."""
        return shrinkage.reliability(self.tau2 if tau2 is None else tau2, self.own)


def spread(
    x: Floats, covariance: Floats, units: Sequence[str] | None, confidence: float
) -> Spread | None:
    """Estimate how far persons truly differ; within committees where `units` (K,) are given.

    None where nothing tells: an error is not known, or there are too few persons.
    """
    variances = np.diagonal(covariance)
    free = len(x) - (1 if units is None else len(set(units)))
    if free < FREE or not (variances > 0).all():
        return None
    facts = None if units is None else dummies(units)
    tau2 = shrinkage.between_variance(x, covariance, facts)
    ends = shrinkage.between_interval(x, covariance, facts, confidence=confidence)
    own = np.array(variances)
    for places in [range(len(x))] if units is None else blocks(units).values():
        at = np.array(places)
        own[at] = shrinkage.own_variances(covariance[np.ix_(at, at)])
    return Spread(tau2, ends.low, ends.high, own)


def blocks(units: Sequence[str]) -> dict[str, list[int]]:
    """Return the places of every committee's persons."""
    found: dict[str, list[int]] = {}
    for place, unit in enumerate(units):
        found.setdefault(unit, []).append(place)
    return found


def dummies(units: Sequence[str]) -> Floats | None:
    """Return a column (K,) of 0 and 1 for every committee but the first; None for a single one."""
    rest = list(dict.fromkeys(units))[1:]
    if not rest:
        return None
    return np.array([[float(own == unit) for unit in rest] for own in units])


@dataclass(frozen=True, slots=True)
class Inside:
    """The scores of all rater groups, compared within committees and nowhere else.

    Attributes
    ----------
    units : tuple of str
        The committee of each of the scores' K persons.
    spread : Spread or None
    sure : dict of unit to RankSets
        Each person's own, of committees of two persons and more with known errors.
    ahead : dict of unit to ndarray of shape (k, k)
        Whether the row is surely ahead of the column, all pairs of the committee together.
    """

    scores: Scores
    units: tuple[str, ...]
    spread: Spread | None
    sure: dict[str, rank_sets.RankSets]
    ahead: dict[str, NDArray[np.bool_]]

    @classmethod
    def of(cls, scores: Scores, track: OfTrack, decided: Decided) -> Inside:
        """Compare the persons of every committee."""
        units = tuple(track.units[person] for person in scores.subjects)
        settings, confidence = decided.order.settings, track.scheme.confidence
        sure, ahead = {}, {}
        for unit, places in blocks(units).items():
            at = np.array(places)
            own = scores.covariance[np.ix_(at, at)]
            if len(at) < 2 or not (np.diagonal(own) > 0).all():
                continue
            sure[unit], joint = (
                rank_sets.rank_sets(
                    scores.composite[at],
                    own,
                    confidence=confidence,
                    kind=kind,
                    draws=settings.draws,
                    seed=settings.seed,
                    df=scores.pair_df[np.ix_(at, at)],
                )
                for kind in KINDS
            )
            if joint.ahead is not None:
                ahead[unit] = joint.ahead
        found = spread(scores.composite, scores.covariance, units, confidence)
        return cls(scores, units, found, sure, ahead)


def contrast(inside: Inside, one: str, other: str) -> tuple[float, float]:
    """Return by how much one person is ahead of another by all rater groups, and the error of it.

    Raises
    ------
    ValueError
        For persons of different committees: what colleagues say does not compare them.
    """
    persons = list(inside.scores.subjects)
    a, b = persons.index(one), persons.index(other)
    if inside.units[a] != inside.units[b]:
        raise ValueError(
            f"{one} and {other} work in different committees: colleagues' ratings do not compare them"
        )
    own = inside.scores.covariance
    variance = own[a, a] + own[b, b] - 2.0 * own[a, b]
    return float(inside.scores.composite[a] - inside.scores.composite[b]), float(np.sqrt(variance))
