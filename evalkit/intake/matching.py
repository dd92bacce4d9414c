"""Which committee a name means: exactly or by alias after normalisation, never by likeness."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from evalkit import personal
from evalkit.definitions.crosswalk import UNDECIDED
from evalkit.definitions.roster import Roster
from evalkit.definitions.text import committee_key
from evalkit.errors import Problem
from evalkit.problems import cells as cell_faults
from evalkit.problems import intake as faults

SUGGESTIONS = 3
SUGGESTION_CUTOFF = 0.5
"""Only what an analyst is shown hangs on this number; it never decides."""


@dataclass(frozen=True, slots=True)
class Match:
    """What became of one name: an id, a deliberate nothing, nothing yet, or simply nothing."""

    subject: str | None
    left_out: bool = False
    undecided: bool = False


class Matcher:
    """Matches names to a roster, with the names a crosswalk adds.

    Parameters
    ----------
    roster : Roster
    extra : dict of name in the file to subject id or None
        From an approved crosswalk; None leaves the name out on purpose, `UNDECIDED` does not.
    """

    def __init__(self, roster: Roster, extra: dict[str, str | None]) -> None:
        self._roster = roster
        self._keys: dict[str, str] = {
            subject.id.casefold(): subject.id for subject in roster.subjects
        } | roster.keys()
        self._extra = {committee_key(name): subject for name, subject in extra.items()}

    def match(self, name: str) -> Match:
        """Return what a name means."""
        key = committee_key(name)
        if key in self._extra:
            subject = self._extra[key]
            if subject == UNDECIDED:
                return Match(None, undecided=True)
            return Match(subject, left_out=subject is None)
        return Match(self._keys.get(key))

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Return names of the roster that an unmatched name may have meant, likeliest first."""
        key = committee_key(name)
        near = difflib.get_close_matches(key, sorted(self._keys), SUGGESTIONS, SUGGESTION_CUTOFF)
        names = [self._roster.subject(self._keys[found]).name for found in near]
        return tuple(dict.fromkeys(names))

    def fault(self, place: faults.Position, name: str, rows: int) -> Problem:
        """Return the problem of a name, in so many rows, that means nothing."""
        near = self.suggestions(name)
        if self.match(name).undecided:
            return cell_faults.undecided_subject(place, name, rows, near)
        if personal.looks_personal(name, rows, place=True):
            return cell_faults.personal_subject(place, personal.masked(name), rows, near)
        return faults.unmatched_subject(place, name, rows, near)
