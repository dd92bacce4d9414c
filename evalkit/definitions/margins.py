"""What a street knows of its residents: distributions that a rater group is weighted to.

Those of a single committee weight nothing: its mean is post-stratified to them, beside its score.
"""

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
    subject : str
        Id of the committee whose residents these are; empty for the whole street's.
    people : float or None
        How many they are together; None where the file has shares.
    """

    wave: str
    group: str
    item: str
    title: str
    categories: tuple[frozenset[str], ...]
    shares: NDArray[np.float64]
    row: int
    subject: str = ""
    people: float | None = None

    @property
    def content(self) -> list[object]:
        """Everything that a result depends on, for fingerprints."""
        categories = [sorted(codes) for codes in self.categories]
        street = [self.wave, self.group, self.item, categories, self.shares.tolist()]
        return [*street, self.subject] if self.subject else street

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
        """Return a group's margins over the street in a wave; one of the wave replaces a general one."""
        return tuple(self._of(wave, group).get("", {}).values())

    def of_subjects(self, wave: str, group: str) -> dict[str, dict[str, Margin]]:
        """Return a group's margins in a wave by committee and item, of committees that have any."""
        return {subject: own for subject, own in self._of(wave, group).items() if subject}

    def _of(self, wave: str, group: str) -> dict[str, dict[str, Margin]]:
        found: dict[str, dict[str, Margin]] = {}
        for named in ("", wave):
            for margin in self.margins:
                if margin.group == group and margin.wave == named:
                    found.setdefault(margin.subject, {})[margin.item] = margin
        return found
