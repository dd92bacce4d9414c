"""Which numbers of units inside committees may be told: what few people say is not worked out.

A committee's own numbers are told already, and are weighted means of what its units say. So every
unit's number is one more line of weights over the committee's smallest units, and the span of what
is told must leave what few people say open (`disclosure.withhold`). Three rules come first:

- Where any number of a committee's rater group is left out, nothing is told of its units: their
  sum would be that number.
- What is left over when told units are taken from what they lie in, so many people together as
  are fewer than the minimum, has the smallest told unit left out, too.
- Answers that name no unit are a unit of their own, which is never told and is protected like one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evalkit.definitions.scheme import Scheme
from evalkit.definitions.units import Units
from evalkit.findings.combining import apportion, seen_by, weigh
from evalkit.findings.disclosure import Committee, Line, withhold
from evalkit.tables import Atoms, Finer, Floats, WaveResult


def told_units(
    finer: Finer, result: WaveResult, scheme: Scheme, units: Units
) -> frozenset[tuple[str, str]]:
    """Return the units inside committees whose composite may be told: (rater group, unit)."""
    found: set[tuple[str, str]] = set()
    weights = _weights(finer, result, scheme)
    for group in scheme.groups:
        atoms = finer.atoms.get(group.code)
        for subject in dict.fromkeys(atoms.subject) if atoms is not None else ():
            if atoms is None or _hidden(result, group.code, subject):
                continue
            street = _Within.of(atoms, subject, weights[group.code], units)
            found |= {(group.code, unit) for unit in street.told(group.minimum_n)}
    return frozenset(found)


def _weights(
    finer: Finer, result: WaveResult, scheme: Scheme
) -> Mapping[str, Mapping[str, Floats]]:
    """Return, by rater group and unit or committee, what indicators weigh in its composite, (I,)."""
    weighing = weigh(scheme)
    found: dict[str, dict[str, Floats]] = {code: {} for code in finer.atoms}
    for cells in (result.cells, *finer.cells.values()):
        weights = apportion(weighing, scheme, cells)
        for place, group in enumerate(scheme.groups):
            own = seen_by(weighing, weights, place)
            if group.code in found:
                rows = own.weights[0, :, place]
                found[group.code] |= dict(zip(cells.subjects, rows, strict=True))
    return found


def _hidden(result: WaveResult, group: str, subject: str) -> bool:
    """Tell whether some number of a committee's rater group exists and is not told."""
    cells = result.cells
    own = cells.groups[group].mean[cells.subjects.index(subject)]
    known = {code for code, mean in zip(cells.measures, own, strict=True) if np.isfinite(mean)}
    table = result.scores.indicators
    rows = table[(table["subject"] == subject) & (table["group"] == group)]
    empty = rows[rows["estimate"].isna()]
    return bool((empty["level"] != "indicator").any() or empty["code"].isin(known).any())


@dataclass(frozen=True, slots=True)
class _Within:
    """One committee's units, as one rater group's answers know them.

    Attributes
    ----------
    atoms : tuple of str
        T smallest units; the committee itself for answers that name none.
    n : ndarray of shape (T,)
    mass, mean : ndarray of shape (T, I)
    parts : dict of unit to list of int
        Which atoms every unit, and the committee, is made of.
    inside : dict of unit to list of str
        The units that lie directly in it.
    weights : dict of unit to ndarray of shape (I,)
        Of the indicators in its composite.
    """

    subject: str
    atoms: tuple[str, ...]
    n: np.ndarray
    mass: Floats
    mean: Floats
    parts: Mapping[str, list[int]]
    inside: Mapping[str, list[str]]
    weights: Mapping[str, Floats]

    @classmethod
    def of(cls, atoms: Atoms, subject: str, weights: Mapping[str, Floats], units: Units) -> _Within:
        """Pick one committee's atoms and find what lies in what."""
        at = [t for t, own in enumerate(atoms.subject) if own == subject]
        names = tuple(atoms.unit[t] for t in at)
        parts: dict[str, list[int]] = {subject: list(range(len(at)))}
        inside: dict[str, list[str]] = {}
        for t, name in enumerate(names):
            chain = units.chain(name)
            up = chain[: chain.index(subject)] if subject in chain else ()
            for unit in up:
                parts.setdefault(unit, []).append(t)
            for unit, parent in zip(up, (*up[1:], subject), strict=False):
                own = inside.setdefault(parent, [])
                if unit not in own:
                    own.append(unit)
        index = np.array(at, dtype=np.intp)
        return cls(
            subject,
            names,
            atoms.n[index],
            atoms.mass[index],
            atoms.mean[index],
            parts,
            inside,
            weights,
        )

    @property
    def units(self) -> list[str]:
        """Every unit with answers, the committee aside."""
        return [unit for unit in self.parts if unit != self.subject and self.size(unit) > 0]

    def size(self, unit: str) -> int:
        """Answers of a unit."""
        return int(self.n[self.parts[unit]].sum())

    def told(self, minimum: int) -> set[str]:
        """Return the units whose composite may be told beside all that is told of the committee."""
        hidden = {unit for unit in self.units if self.size(unit) < minimum}
        left_over = self._with_remainders(hidden, minimum)
        names = self.units
        lines = [*self._of_committee(), *(self._line(unit, self.parts[unit]) for unit in names)]
        first = len(lines) - len(names)
        small = [first + at for at, unit in enumerate(names) if self.size(unit) < minimum]
        already = {first + at for at, unit in enumerate(names) if unit in hidden}
        for t, atom in enumerate(self.atoms):
            if self.inside.get(atom) and 0 < self.n[t] < minimum:
                small.append(len(lines))
                lines.append(self._line(atom, [t]))
        for parent, atoms in left_over:
            small.append(len(lines))
            lines.append(self._line(parent, atoms))
        means = self.mean.ravel()
        found = withhold([Committee(lines, small, means)], already={0: already | set(small)})
        return {unit for at, unit in enumerate(names) if first + at not in found.lines[0]}

    def _with_remainders(self, hidden: set[str], minimum: int) -> list[tuple[str, list[int]]]:
        """Leave out more units until what is left over of each is nobody or enough people.

        Returns
        -------
        list of (unit, atoms)
            What would have been left over of which unit: too few people, to be protected as one.
        """
        found: list[tuple[str, list[int]]] = []
        changed = True
        while changed:
            changed = False
            for parent, units in self.inside.items():
                atoms = [t for t, atom in enumerate(self.atoms) if atom == parent]
                atoms += [t for unit in units if unit in hidden for t in self.parts[unit]]
                left = int(self.n[atoms].sum())
                told = [u for u in units if u not in hidden and self.size(u) > 0]
                if 0 < left < minimum and told:
                    hidden.add(min(told, key=lambda unit: (self.size(unit), unit)))
                    found.append((parent, atoms))
                    changed = True
        return found

    def _of_committee(self) -> list[Line]:
        """Return the committee's indicators, which are told."""
        lines = []
        whole = self.mass.sum(axis=0)
        for i in np.flatnonzero(whole > 0):
            rows = np.zeros_like(self.mass)
            rows[:, i] = self.mass[:, i] / whole[i]
            lines.append(Line(rows.ravel(), "score", int(self.n.sum())))
        return lines

    def _line(self, unit: str, atoms: list[int]) -> Line:
        """Return the composite of some atoms as weights over all atoms and indicators."""
        rows = np.zeros_like(self.mass)
        part = np.zeros_like(self.mass)
        part[atoms] = self.mass[atoms]
        total = part.sum(axis=0)
        own = np.where(total > 0, self.weights[unit], 0.0)
        own = own / own.sum() if own.sum() > 0 else own
        np.divide(part, total, out=rows, where=total > 0)
        return Line((rows * own).ravel(), "cell", int(self.n[atoms].sum()))
