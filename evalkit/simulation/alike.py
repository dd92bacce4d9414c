"""Whose answers are alike: neighbours of one building, raters and residents who are asked again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.simulation.truth import Floats, Integers

HALO = 0.69
"""Share of an answer's latent variance that is the respondent's general mood."""
SEVERITY = 0.4
"""Share of the mood that a rater of many committees carries from one to the next."""

_MOST = 1000
"""Regulars of one committee and group."""


class Buildings(NamedTuple):
    """Residents of a committee who come from one building, and how alike they are.

    Attributes
    ----------
    size : int
        Answers from a building; the last one of a committee may have fewer.
    icc : float
        Share of an answer's latent variance that a building has in common, at most `HALO`.
    """

    size: int
    icc: float


class Regulars(NamedTuple):
    """Residents who answer in every wave.

    Attributes
    ----------
    share : float
        Of a committee's answers, those that come from them; the first ones of each wave.
    memory : float
        Share of their mood that is the same in all waves.
    """

    share: float
    memory: float


def in_buildings(
    subject: Integers, mood: Floats, buildings: Buildings, rng: np.random.Generator
) -> tuple[Integers, Floats]:
    """Return the building (n,) of every respondent within the committee, and the moods (n,)."""
    within = pd.Series(subject).groupby(subject).cumcount().to_numpy()
    building = np.asarray(within // buildings.size, dtype=np.int64)
    place = np.unique(np.column_stack([subject, building]), axis=0, return_inverse=True)[1].ravel()
    shared = rng.standard_normal(int(place.max(initial=-1)) + 1)[place]
    part = buildings.icc / HALO
    return building, np.asarray(np.sqrt(part) * shared + np.sqrt(1.0 - part) * mood)


def remembered(
    subject: Integers, rater: Integers, mood: Floats, share: float, rng: np.random.Generator
) -> Floats:
    """Mix moods with those that the same raters have of the same committees in every wave."""
    severity = rng.standard_normal(rater.max() + 1)[rater]
    taste = rng.standard_normal((rater.max() + 1, subject.max() + 1))[rater, subject]
    old = np.sqrt(SEVERITY) * severity + np.sqrt(1.0 - SEVERITY) * taste
    return np.asarray(np.sqrt(share) * old + np.sqrt(1.0 - share) * mood)


def recurring(
    subject: Integers, mood: Floats, regulars: Regulars, rng: np.random.Generator
) -> tuple[Integers, Floats]:
    """Return the number (n,) of every regular within the committee, -1 of others, and the moods."""
    own = pd.Series(subject).groupby(subject)
    within = own.cumcount().to_numpy()
    regular = within < np.floor(regulars.share * own.transform("size").to_numpy())
    old = rng.standard_normal((int(subject.max(initial=-1)) + 1, _MOST))[subject, within]
    kept = np.sqrt(regulars.memory) * old + np.sqrt(1.0 - regulars.memory) * mood
    return np.where(regular, within, -1), np.asarray(np.where(regular, kept, mood))
