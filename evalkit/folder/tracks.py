"""The folder of a track: what it takes from its street's, and what lies in it.

A track's order stands in the street's evaluation.yaml, its persons work in committees of the
street's roster; everything else lies in ``tracks/<id>/``. From there nothing is taken for the
street's own evaluation but what `findings.summing_up` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from posixpath import normpath

from evalkit.definitions import loading
from evalkit.definitions.consistency import Origin, collected
from evalkit.definitions.evaluation import EvaluationOrder, Track
from evalkit.definitions.persons import Persons
from evalkit.definitions.roster import SEVERAL, Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.territory import Territory
from evalkit.definitions.tracks import FOLDER, OfTrack, colleague_faults, group_faults, order_of
from evalkit.errors import Problem, Problems
from evalkit.folder.shelf import Shelf
from evalkit.intake.matching import Matcher
from evalkit.problems.tracks import not_a_track, unknown_unit, worker_in_several_units

ORDER = "evaluation.yaml"
SHARED = ("settings",)
"""What a track takes from the street's order as it stands there."""

UP = "../../"
"""From a track's folder to the street's."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """The order of a folder, and of a track where in the street's order it stands.

    Attributes
    ----------
    origin : Origin
        Of `order`, as if it were a document of its own.
    street : EvaluationOrder or None
        The order that `track` stands in, at `place`.
    """

    order: EvaluationOrder
    origin: Origin
    street: EvaluationOrder | None = None
    track: Track | None = None
    place: int = 0
    street_origin: Origin = field(default_factory=lambda: Origin(ORDER))

    def named(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Yield problems with the keys that the analyst finds in the street's order."""
        for problem in problems:
            shared = (problem.key or "").partition(".")[0] in SHARED
            if self.track is not None and problem.file == self.origin.name and not shared:
                key = f"{FOLDER}[{self.place}]({self.track.id}).{problem.key}"
                yield replace(problem, key=key)
            else:
                yield problem


def ordered(shelf: Shelf) -> Ordered | None:
    """Read the order of a folder; of a track, make it of the street's."""
    name = ORDER if shelf.track is None else f"{UP}{ORDER}"
    order, origin = shelf.take(shelf.at(name), loading.load_order)
    if order is None:
        return None
    if shelf.track is None:
        return Ordered(order, origin)
    place = next((at for at, own in enumerate(order.tracks) if own.id == shelf.track), None)
    if place is None:
        known = [track.id for track in order.tracks]
        shelf.problems.collect(replace(not_a_track(shelf.track, known), file=name))
        return None
    track = order.tracks[place]
    below = Origin(name, origin.places.below((FOLDER, place), SHARED))
    return Ordered(order_of(order, track), below, order, track, place, origin)


def persons_of(
    shelf: Shelf, found: Ordered
) -> tuple[Roster | None, Origin, Mapping[str, str], Mapping[str, str]]:
    """Read a track's persons: as a roster, with the unit of each and what units are called."""
    assert found.street is not None
    lying = shelf.at(found.order.roster)
    persons, origin = shelf.take(lying, loading.load_persons)
    street, _ = shelf.take(shelf.at(f"{UP}{found.street.roster}"), loading.load_roster)
    if persons is None or street is None:
        return None, origin, {}, {}
    street = Territory.of(street, found.street, None)
    units = _units(persons, street, origin, shelf.problems)
    names = {
        subject.id: subject.name for subject in street.subjects if subject.id in units.values()
    }
    called = {person: names[unit] for person, unit in units.items()}
    return persons.roster(called), origin, units, names


def _units(persons: Persons, street: Roster, origin: Origin, problems: Problems) -> dict[str, str]:
    """Return the committee of every person; collect those that the street does not have."""
    matcher = Matcher(street, {})
    units: dict[str, str] = {}
    for at, person in enumerate(persons.subjects):
        unit = matcher.match(person.unit).subject
        if unit is not None:
            units[person.worker] = unit
            continue
        place = origin.places.find(("subjects", at, "unit"))
        at_fault = (origin.name, place.sheet, place.row, place.column, person.unit)
        parts = [part for part in SEVERAL.split(person.unit) if part]
        if len(parts) > 1 and all(matcher.match(part).subject for part in parts):
            problems.collect(worker_in_several_units(*at_fault))
        else:
            problems.collect(unknown_unit(*at_fault, matcher.suggestions(person.unit)))
    return units


def check_track(found: Ordered, scheme: Scheme, scheme_origin: Origin, problems: Problems) -> None:
    """Collect what a track and its scheme say rightly, but not together."""
    assert found.track is not None
    assert found.street is not None
    steps = (FOLDER, found.place)
    own = colleague_faults(steps, found.track, scheme)
    collected(own, found.street, found.street_origin, problems)
    collected(group_faults(found.track, scheme), scheme, scheme_origin, problems)


def of_track(
    found: Ordered, scheme: Scheme, units: Mapping[str, str], names: Mapping[str, str]
) -> OfTrack:
    """Return what is decided of persons."""
    assert found.track is not None
    return OfTrack(found.track, scheme, dict(units), dict(names))


def street_of(root: Path) -> Path | None:
    """Return the street's folder that a track's folder lies in; None for any other folder."""
    absolute = root.absolute()
    street = absolute.parent.parent
    if absolute.parent.name != FOLDER or not (street / ORDER).is_file():
        return None
    return root.parent.parent if (root.parent.parent / ORDER).is_file() else street


def seen_from_the_street(track: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield a track's problems with their files as they lie in the street's folder."""
    for problem in problems:
        if problem.file is None:
            yield replace(problem, file=f"{FOLDER}/{track}")
        else:
            yield replace(problem, file=normpath(f"{FOLDER}/{track}/{problem.file}"))
