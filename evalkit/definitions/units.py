"""The units of a street: what lies in what, which existed when, and who they are counted by.

For now everything is read from the roster as it is: committees are the evaluated level, zones the
level above them, the street the top. Other levels, parents and denominators enter here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from evalkit.definitions.roster import Roster, Subject

PARTITIONS = ("zone", "housing", "kind")
"""Columns of the roster that committees are grouped by."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a unit between two waves.

    Attributes
    ----------
    wave : str
        The first wave of a new unit, the last one of a closed unit.
    """

    kind: Literal["new", "closed"]
    unit: str
    wave: str


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a roster."""

    subjects: tuple[Subject, ...]

    @classmethod
    def of(cls, roster: Roster) -> Units:
        """Read the units from a roster."""
        return cls(tuple(roster.subjects))

    def present(self, wave: str) -> tuple[Subject, ...]:
        """Return the committees that existed in a wave, in the street's order."""
        return tuple(subject for subject in self.subjects if subject.exists_in(wave))

    def partition(self, by: str, subjects: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the places of some committees by the value of a column of `PARTITIONS`.

        Committees without a value are together under the empty one. Values stand in the order in
        which they first occur.
        """
        known = {subject.id: subject for subject in self.subjects}
        found: dict[str, tuple[int, ...]] = {}
        for place, subject in enumerate(subjects):
            value = str(getattr(known[subject], by) or "")
            found[value] = (*found.get(value, ()), place)
        return found

    def populations(self, wave: str) -> dict[str, int]:
        """Return the residents or households of every committee of a wave that has a number."""
        return {s.id: s.population for s in self.present(wave) if s.population is not None}

    def listed(self, wave: str) -> dict[str, int]:
        """Return how many people are on every committee's list, where the roster tells."""
        return {s.id: s.listed for s in self.present(wave) if s.listed is not None}

    def lineage(self) -> tuple[Event, ...]:
        """Return what happened to the units, in the roster's order."""
        found: list[Event] = []
        for subject in self.subjects:
            if subject.since is not None:
                found.append(Event("new", subject.id, subject.since))
            if subject.until is not None:
                found.append(Event("closed", subject.id, subject.until))
        return tuple(found)
