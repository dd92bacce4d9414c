"""A street whose truth is known: what every committee deserves, before anybody is asked.

Symbols in shapes: W waves, K committees, G rater groups, I indicators, in the scheme's order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LOWEST, HIGHEST = 3.0, 98.0
"""True means stay inside: an item whose mean is 0 or 100 has nothing left to vary."""

Pattern = Literal["each", "all", "some", "others", "own", "near"]
"""Who rates whom.

``each``: every answer is a rater of its own (residents).
``all``: every rater rates all committees (departments).
``some``: a rater rates one to three neighbouring committees (partners).
``others``: a committee's representative rates other committees, never its own (peers).
``own``: a person rates the others of the same zone (colleagues).
``near``: a rater rates all committees of one partition, else zone (members of a grid station).
"""

_PATTERNS: Mapping[str, Pattern] = {"department": "all", "partner": "some"}
ISSUED: Mapping[str, int] = {"key": 51, "random": 15, "department": 12, "partner": 5, "peer": 5}
"""Questionnaires per committee where nothing else is asked for; about those of 2016."""
_ISSUED_OTHERWISE = 12


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a street, and who is asked.

    Attributes
    ----------
    subjects : tuple of Subject
        K committees.
    waves, groups, indicators : tuple of str
        W, G and I codes; groups and indicators in the scheme's order.
    mean : ndarray of shape (W, K, G, I)
        Expected score, 0 to 100, that a rater of the group gives the committee on the indicator;
        NaN where the group does not judge it.
    issued : ndarray of shape (W, K, G)
        Questionnaires handed out.
    returned : ndarray of shape (W, G)
        Share of them that come back filled in, 0 to 1.
    patterns : dict of group code to Pattern
    """

    subjects: tuple[Subject, ...]
    waves: tuple[str, ...]
    groups: tuple[str, ...]
    indicators: tuple[str, ...]
    mean: Floats
    issued: Integers
    returned: Floats
    patterns: Mapping[str, Pattern]

    def composites(self, scheme: Scheme) -> Floats:
        """Return the true composites, shape (W, K): what an endless survey would find."""
        return combine(self.mean, scheme.weights())


def combine(mean: Floats, weights: Floats) -> Floats:
    """Return the weighted mean over groups and indicators.

    Parameters
    ----------
    mean : ndarray of shape (..., G, I)
        NaN is allowed only where the weight is 0; elsewhere it makes the composite NaN.
    weights : ndarray of shape (G, I)
        Adding up to 1.
    """
    weighed = np.where(weights > 0, mean, 0.0)
    return np.asarray((weighed * weights).sum(axis=(-2, -1)))


def patterns_of(scheme: Scheme) -> dict[str, Pattern]:
    """Return who rates whom, by group, as far as a scheme tells."""
    found: dict[str, Pattern] = {}
    for group in scheme.groups:
        if group.raters == "respondent":
            found[group.code] = "each"
        elif not group.rates_itself:
            found[group.code] = "others"
        else:
            found[group.code] = _PATTERNS.get(group.code, "all")
    return found


def covered(scheme: Scheme) -> NDArray[np.bool_]:
    """Return which group judges which indicator, shape (G, I)."""
    return np.array(
        [
            [indicator.code in scheme.covered(group) for indicator in scheme.indicators]
            for group in scheme.groups
        ]
    )


def shift(mean: Floats, points: Floats) -> Floats:
    """Move committees by some points everywhere, within what a scale can show.

    Parameters
    ----------
    mean : ndarray of shape (W, K, G, I)
    points : ndarray of shape (W, K)
    """
    return np.asarray(np.clip(mean + points[:, :, None, None], LOWEST, HIGHEST))


def _scatter(
    scheme: Scheme,
    offsets: Floats,
    k: int,
    profile_sd: float,
    cell_sd: float,
    rng: np.random.Generator,
) -> Floats:
    """Draw how groups and indicators lie about their committee's composite, shape (K, G, I)."""
    groups, indicators = len(scheme.groups), len(scheme.indicators)
    scatter = (
        offsets[:, None]
        + profile_sd * rng.standard_normal((k, 1, indicators))
        + cell_sd * rng.standard_normal((k, groups, indicators))
    )
    return np.asarray(scatter - combine(scatter, scheme.weights())[:, None, None])


def street(
    scheme: Scheme,
    subjects: int | Sequence[Subject] = 35,
    *,
    between_sd: float = 3.5,
    mean: float = 85.0,
    profile_sd: float = 2.0,
    cell_sd: float = 1.0,
    group_offsets: Mapping[str, float] | None = None,
    waves: Sequence[str] = ("2015", "2016"),
    change_sd: float = 0.0,
    street_change: float = 0.0,
    issued: Mapping[str, int] | None = None,
    returned: Mapping[str, float] | None = None,
    seed: int,
) -> Truth:
    """Invent a street.

    A committee's composite is drawn from a normal distribution; its groups and indicators
    scatter about it so that they add up to it exactly, unless they reach `LOWEST` or `HIGHEST`.
    What is true in the end is `Truth.composites`.

    Parameters
    ----------
    subjects : int or sequence of Subject
        How many committees to invent, or the committees.
    between_sd : float
        Standard deviation of the true composites between committees, points.
    mean : float
        Expected true composite in the first wave.
    profile_sd, cell_sd : float
        Scatter of a committee's indicators, and of a group's view of them, points.
    group_offsets : dict of group code to float
        How much more generous a group is, points, before the composite is restored.
    change_sd, street_change : float
        Standard deviation, and mean, of the change from one wave to the next, points. With both
        0 every wave has the same truth.
    issued : dict of group code to int
        Questionnaires per committee; of a group that rates all, its number of raters.
    returned : dict of group code to float
        Share that comes back; 1 where it is not given.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    committees = _invented(subjects) if isinstance(subjects, int) else tuple(subjects)
    w, k = len(waves), len(committees)
    groups = tuple(group.code for group in scheme.groups)
    indicators = tuple(indicator.code for indicator in scheme.indicators)
    level = mean + between_sd * rng.standard_normal(k)
    changes = street_change + change_sd * rng.standard_normal((w, k))
    changes[0] = 0.0
    offsets = np.array([(group_offsets or {}).get(code, 0.0) for code in groups])
    scatter = _scatter(scheme, offsets, k, profile_sd, cell_sd, rng)
    true = shift(np.broadcast_to(scatter, (w, *scatter.shape)), level + np.cumsum(changes, axis=0))
    out = [(issued or {}).get(code, ISSUED.get(code, _ISSUED_OTHERWISE)) for code in groups]
    back = [(returned or {}).get(code, 1.0) for code in groups]
    return Truth(
        committees,
        tuple(waves),
        groups,
        indicators,
        np.where(covered(scheme), true, np.nan),
        np.broadcast_to(out, (w, k, len(groups))).copy(),
        np.broadcast_to(back, (w, len(groups))).copy(),
        patterns_of(scheme),
    )


def _invented(count: int) -> tuple[Subject, ...]:
    width = len(str(count))
    return tuple(
        Subject(id=f"s{number:0{width}d}", name=f"模拟{number:0{width}d}")
        for number in range(1, count + 1)
    )
