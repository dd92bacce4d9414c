"""Which committee a name means: exactly or by alias after normalisation, never by likeness."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from evalkit import personal
from evalkit.definitions.crosswalk import UNDECIDED
from evalkit.definitions.roster import Roster, keys_of
from evalkit.definitions.text import committee_key, simplified
from evalkit.definitions.units import Units
from evalkit.errors import Problem
from evalkit.problems import cells as cell_faults
from evalkit.problems import intake as faults

SUGGESTIONS = 3
SUGGESTION_CUTOFF = 0.5
"""Only what an analyst is shown hangs on this number; it never decides."""


@dataclass(frozen=True, slots=True)
class Match:
    """What became of one name: an id, a deliberate nothing, nothing yet, or simply nothing.

    Attributes
    ----------
    subject : str or None
        Id of the committee that is meant, or in which what is meant lies.
    unit : str or None
        Id of the unit inside the committee (compound, building) that is meant; None where it is
        the committee itself.
    """

    subject: str | None
    left_out: bool = False
    undecided: bool = False
    unit: str | None = None


class Matcher:
    """Matches names to a roster, with the names a crosswalk adds.

    Parameters
    ----------
    roster : Roster
    extra : dict of name in the file to subject id or None
        From an approved crosswalk; None leaves the name out on purpose, `UNDECIDED` does not.

    Notes
    -----
    Units inside committees are matched, too. A name that is, once suffixes are gone, that of a
    committee and of a unit in it means the unit where it is written as the unit's, else the committee.
    """

    def __init__(self, roster: Roster, extra: dict[str, str | None]) -> None:
        units = Units.of(roster)
        self._homes = units.homes()
        finer = [unit for unit in units.inside if unit.id in self._homes]
        self._known = {unit.id: unit for unit in (*finer, *units.subjects)}
        self._keys: dict[str, str] = (
            {unit.id.casefold(): unit.id for unit in self._known.values()}
            | keys_of(finer)
            | roster.keys()
        )
        own = {
            simplified(n) for subject in units.subjects for n in (subject.name, *subject.aliases)
        }
        self._exact = {
            key: unit.id
            for unit in finer
            for name in (unit.name, *unit.aliases)
            if (key := simplified(name)) not in own
        }
        self._extra = {committee_key(name): subject for name, subject in extra.items()}

    def match(self, name: str) -> Match:
        """Return what a name means."""
        key = committee_key(name)
        if key in self._extra:
            subject = self._extra[key]
            if subject == UNDECIDED:
                return Match(None, undecided=True)
            return self._placed(subject, left_out=subject is None)
        return self._placed(self._exact.get(simplified(name)) or self._keys.get(key))

    def _placed(self, unit: str | None, *, left_out: bool = False) -> Match:
        """Return the committee of a unit, and the unit where it is not the committee."""
        home = self._homes.get(unit or "")
        return Match(home or unit, left_out, unit=unit if home else None)

    def absent(self, match: Match, wave: str) -> str | None:
        """Return the name of what a match means if it was not there in a wave; None if it was."""
        for unit in (match.subject, match.unit):
            if unit is not None and not self._known[unit].exists_in(wave):
                return self._known[unit].name
        return None

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Return names of the roster that an unmatched name may have meant, likeliest first."""
        key = committee_key(name)
        near = difflib.get_close_matches(key, sorted(self._keys), SUGGESTIONS, SUGGESTION_CUTOFF)
        names = [self._known[self._keys[found]].name for found in near]
        return tuple(dict.fromkeys(names))

    def fault(self, place: faults.Position, name: str, rows: int) -> Problem:
        """Return the problem of a name, in so many rows, that means nothing."""
        near = self.suggestions(name)
        if self.match(name).undecided:
            return cell_faults.undecided_subject(place, name, rows, near)
        if personal.looks_personal(name, rows, place=True):
            return cell_faults.personal_subject(place, personal.masked(name), rows, near)
        return faults.unmatched_subject(place, name, rows, near)
