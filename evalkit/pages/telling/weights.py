"""What dimensions, indicators and rater groups weigh: by the scheme, and in fact.

Whoever multiplies printed scores by printed weights is to get the printed composite. So a weight
behind a score is the one in fact; where the scheme's own stands, too, both are named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.definitions.scheme import Scheme
from evalkit.pages.press import wording as say
from evalkit.tables import Evaluation, Floats

NOMINAL, EFFECTIVE, ALIKE = "名义权重", "实际权重", "权重"
"""What the scheme writes, what counts in the composite, and both where they are the same."""
CLOSE = 0.005
"""Weights this close are printed alike."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a dimension or indicator weighs, of 100.

    Attributes
    ----------
    nominal : float
        In the scheme.
    effective : ndarray of shape (K,)
        In every committee's composite: of what nobody answered, others take the place.
    """

    nominal: float
    effective: Floats

    @property
    def mean(self) -> str:
        """What it weighs in fact, on average."""
        return told(float(self.effective.mean()))

    @property
    def reach(self) -> str:
        """What it weighs in fact from the least to the most; one number where all are alike."""
        low, high = float(self.effective.min()), float(self.effective.max())
        return told(low) if told(low) == told(high) else say.interval(low, high, 2)


def told(weight: float) -> str:
    """Write a weight in fact, of 100, as exact as hand computation needs it.

    The mean of equal numbers is not always that number to the last bit: beyond nine decimals all
    are alike.
    """
    return say.fixed(round(weight, 9), 2)


def of_measures(evaluation: Evaluation) -> dict[str, Weight]:
    """Return what every dimension and indicator weighs; nothing where nobody has a score."""
    scores = evaluation.current.scores
    if not len(scores.subjects):
        return {}
    return _measures(evaluation.scheme, 100.0 * scores.cell_weights.sum(axis=1))


def of_scheme(scheme: Scheme) -> dict[str, Weight]:
    """Return the same before anybody answered: where every group answers all that it judges."""
    return _measures(scheme, 100.0 * scheme.weights().sum(axis=0)[None])


def _measures(scheme: Scheme, share: Floats) -> dict[str, Weight]:
    codes = [indicator.code for indicator in scheme.indicators]
    found = {}
    for dimension in scheme.dimensions:
        at = [codes.index(indicator.code) for indicator in dimension.indicators]
        found[dimension.code] = Weight(dimension.weight, share[:, at].sum(axis=1))
        for indicator, place in zip(dimension.indicators, at, strict=True):
            found[indicator.code] = Weight(indicator.weight, share[:, place])
    return found


def differ(weights: dict[str, Weight]) -> bool:
    """Tell whether anything weighs in fact what the scheme does not write."""
    return any(float(np.abs(w.effective - w.nominal).max()) >= CLOSE for w in weights.values())


def of_groups(scheme: Scheme) -> dict[str, str]:
    """Return what every rater group weighs in the composite: the same for every committee."""
    joint = 100.0 * scheme.weights().sum(axis=1)
    if _as_written(scheme):
        return {group.code: f"{group.weight:g}" for group in scheme.groups}
    return {g.code: told(own) for g, own in zip(scheme.groups, joint.tolist(), strict=True)}


def head_of_groups(scheme: Scheme) -> str:
    """Return what `of_groups` tells: weights, or those in fact where the scheme writes others."""
    return ALIKE if _as_written(scheme) else EFFECTIVE


def _as_written(scheme: Scheme) -> bool:
    own = [group.weight for group in scheme.groups]
    return bool(np.abs(100.0 * scheme.weights().sum(axis=1) - own).max() < CLOSE)
