"""The units of a street: what lies in what, which existed when, and who they are counted by.

Of a plain roster committees are the evaluated level, zones the level above them, the street the
top. Of a `Territory` there are other levels, parents and denominators beside; they enter here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from evalkit.definitions.levels import COLUMNS, WHOLE, Count, Level, Weights
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.territory import Territory

PARTITIONS = COLUMNS
"""Columns of the roster that committees are grouped by."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to put committees together: to the units of a level, or by a column of the roster.

    Attributes
    ----------
    code : str
        Of the level; the column; ``all`` for the street as one.
    name : str
        What pages call it; empty where the column has a word of its own (`pages`).
    units : dict of unit to str
        What pages call every unit, in the roster's order; empty for the street, which has a name.
    of : dict of subject id to unit
        Without the committees that belong nowhere.
    ranked : bool
        Whether its units are ranked among themselves: places are, kinds of committees are not.
    """

    code: str
    name: str
    units: Mapping[str, str]
    of: Mapping[str, str]
    ranked: bool


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a roster.

    Attributes
    ----------
    subjects : tuple of Subject
        The evaluated level, in the street's order.
    around : tuple of Subject
        Units of the other levels.
    levels : tuple of Level
        The largest first; none of a plain roster.
    evaluated : str
        Code of the evaluated level.
    weights : {"equal", "population", "households"}
        What committees weigh in sums.
    counts : tuple of Count
        By wave; none where there is no document of counts.
    """

    subjects: tuple[Subject, ...]
    around: tuple[Subject, ...] = ()
    levels: tuple[Level, ...] = ()
    evaluated: str = ""
    weights: Weights = "equal"
    counts: tuple[Count, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, roster: Roster) -> Units:
        """Read the units from a roster."""
        if not isinstance(roster, Territory):
            return cls(tuple(roster.subjects))
        return cls(
            tuple(roster.subjects),
            tuple(roster.around),
            tuple(roster.levels),
            roster.evaluated,
            roster.weights,
            tuple(roster.counts),
        )

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
            value = self._value(known[subject], by)
            found[value] = (*found.get(value, ()), place)
        return found

    def populations(self, wave: str) -> dict[str, int]:
        """Return the residents or households of every committee of a wave that has a number.

        Where counts tell people by wave, the roster's number, which is of no wave, says nothing.
        """
        if any(row.population is not None for row in self.counts):
            return self._counted(wave, "population")
        return {s.id: s.population for s in self.present(wave) if s.population is not None}

    def households(self, wave: str) -> dict[str, int]:
        """Return the households of every committee of a wave that counts tell."""
        return self._counted(wave, "households")

    def _counted(self, wave: str, what: Literal["population", "households"]) -> dict[str, int]:
        own = {row.unit: getattr(row, what) for row in self.counts if row.wave == wave}
        return {s.id: own[s.id] for s in self.present(wave) if own.get(s.id) is not None}

    def weighing(self, wave: str) -> dict[str, float]:
        """Return what every committee of a wave weighs in sums; none of those without a count."""
        if self.weights == "equal":
            return {s.id: 1.0 for s in self.present(wave)}
        counted = self.populations if self.weights == "population" else self.households
        return {unit: float(n) for unit, n in counted(wave).items()}

    @property
    def provisional(self) -> frozenset[str]:
        """The committees that are still being set up (筹备): they count for nobody else."""
        return frozenset(s.id for s in self.subjects if s.provisional)

    def counting(self, wave: str) -> tuple[Subject, ...]:
        """Return the committees of a wave that count in sums and ranks."""
        return tuple(s for s in self.present(wave) if not s.provisional)

    @property
    def level(self) -> Level | None:
        """The evaluated level; None of a plain roster."""
        return next((one for one in self.levels if one.code == self.evaluated), None)

    @property
    def finer(self) -> tuple[Level, ...]:
        """The levels below the evaluated one, the largest first."""
        codes = [level.code for level in self.levels]
        return self.levels[codes.index(self.evaluated) + 1 :] if codes else ()

    @property
    def inside(self) -> tuple[Subject, ...]:
        """The units below the evaluated level, in the roster's order."""
        codes = {level.code for level in self.finer}
        return tuple(unit for unit in self.around if unit.level in codes)

    def chain(self, unit: str) -> tuple[str, ...]:
        """Return a unit and those that it lies in, the nearest first."""
        parents = {one.id: one.parent for one in (*self.subjects, *self.around)}
        found: list[str] = []
        step: str | None = unit
        while step is not None and step in parents and step not in found:
            found.append(step)
            step = parents[step]
        return tuple(found)

    def homes(self) -> dict[str, str]:
        """Return, for every unit below the evaluated level, the committee that it lies in."""
        known = {subject.id for subject in self.subjects}
        chains = {unit.id: self.chain(unit.id) for unit in self.inside}
        return {
            unit: next(one for one in chain if one in known)
            for unit, chain in chains.items()
            if known.intersection(chain)
        }

    def groupings(self) -> tuple[Grouping, ...]:
        """Return every way in which committees are put together, the street as one last.

        Levels above the evaluated one, the largest first; then the roster's columns, of which one
        with a single value tells nothing. Where there are levels above, zones are such a level.
        """
        above = self._levels_above()
        columns = [by for by in PARTITIONS if by != "zone" or not above]
        named = list(dict.fromkeys(key for s in self.subjects for key in s.partitions))
        found = [*above]
        for by in (*columns, *named):
            values = {s.id: self._value(s, by) for s in self.subjects if self._value(s, by)}
            units = dict.fromkeys(values.values())
            if len(units) > 1 or (units and by in named):
                title = by if by in named else ""
                ranked = by == "zone" or by in named
                found.append(Grouping(by, title, {unit: unit for unit in units}, values, ranked))
        everybody = dict.fromkeys((s.id for s in self.subjects), WHOLE)
        return (*found, Grouping(WHOLE, "", {WHOLE: ""}, everybody, ranked=False))

    def _levels_above(self) -> list[Grouping]:
        found = []
        chains = {s.id: self.chain(s.id) for s in self.subjects}
        for level in self.levels:
            if level.code == self.evaluated:
                break
            units = {unit.id: unit.name for unit in self.around if unit.level == level.code}
            of = {s: unit for s, chain in chains.items() for unit in chain if unit in units}
            if units:
                found.append(Grouping(level.code, level.name, units, of, ranked=True))
        return found

    @staticmethod
    def _value(subject: Subject, by: str) -> str:
        """Return which part of a partition a committee belongs to; empty where it is not told."""
        told = getattr(subject, by) if by in PARTITIONS else subject.partitions.get(by)
        return str(told or "")

    def listed(self, wave: str) -> dict[str, int]:
        """Return how many people are on every committee's list, where the roster tells."""
        return {s.id: s.listed for s in self.present(wave) if s.listed is not None}
