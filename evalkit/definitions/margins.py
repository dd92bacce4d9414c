"""What a street knows of its residents: distributions that a rater group is weighted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.definitions.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True)
class Margin:
    """One known distribution of a rater group.

    Attributes
    ----------
    wave : str
        Empty for every wave.
    item, title : str
        The profile item's id and text.
    categories : tuple of frozenset of str
        C sets of option codes that do not overlap and cover the item.
    shares : ndarray of shape (C,)
        Non-negative, adding up to 1.
    row : int
        First row of the margin in the file.
    """

    wave: str
    group: str
    item: str
    title: str
    categories: tuple[frozenset[str], ...]
    shares: NDArray[np.float64]
    row: int

    def label(self, category: int, questionnaire: Questionnaire) -> str:
        """Return how a category is called on the form."""
        options = questionnaire.options_of(questionnaire.item(self.item))
        return "、".join(o.label for o in options if o.code in self.categories[category])


@dataclass(frozen=True, slots=True)
class Margins:
    """All margins of one file.

    Attributes
    ----------
    file : str
        As the analyst knows it.
    """

    file: str
    margins: tuple[Margin, ...]

    def of(self, wave: str, group: str) -> tuple[Margin, ...]:
        """Return a group's margins in a wave; one named for the wave replaces a general one."""
        found = {m.item: m for m in self.margins if m.group == group and not m.wave}
        found |= {m.item: m for m in self.margins if m.group == group and m.wave == wave}
        return tuple(found.values())
