"""What would stop a city, street by street, before anything is evaluated; and how far it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalkit import workspace
from evalkit.city.town import FOLDERS, Town, shared_fingerprint
from evalkit.definitions import loading
from evalkit.definitions.roster import Roster
from evalkit.errors import InputErrors, Problem, Problems
from evalkit.folder import ORDER, Folder
from evalkit.problems import city as problems_of

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found.

    Attributes
    ----------
    problems : tuple of Problem
        Of the city as a whole: of its list, of what streets share.
    by_street : dict of street id to problems
        Of single streets, only those that have any; the others can be run.
    """

    problems: tuple[Problem, ...]
    by_street: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)


def check(
    town: Town, wanted: Sequence[str] = (), *, files: bool = True, progress: Progress | None = None
) -> Checked:
    """Check the city's folder and every street in it; write nothing but drafts of crosswalks.

    Parameters
    ----------
    wanted : sequence of str
        Ids of streets; all of them if empty.
    files : bool
        Whether the streets' files are imported, too; without them only documents are checked.
    """
    streets = town.chosen(wanted)
    problems = [problems_of.folder_not_listed(name) for name in _strangers(town)]
    found: dict[str, list[Problem]] = defaultdict(list)
    owners: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for number, street in enumerate(streets, start=1):
        found[street.id] += _of_street(town, street.id, street.name, owners, files)
        if progress is not None:
            progress(number, len(streets), street.name)
    for places in owners.values():
        if len(places) > 1:
            subject, name = places[0][1].split("\0")
            ids = [one for one, _ in places]
            problems.append(problems_of.subject_in_two_streets(subject, name, ids))
    return Checked(tuple(problems), {one: tuple(own) for one, own in found.items() if own})


def _strangers(town: Town) -> list[str]:
    """List folders of streets that no street on the list owns."""
    home, listed = town.root / FOLDERS, {street.id for street in town.streets}
    there = sorted(p.name for p in home.iterdir() if p.is_dir()) if home.is_dir() else []
    return [name for name in there if not name.startswith(".") and name not in listed]


def _of_street(
    town: Town, street: str, name: str, owners: dict[str, list[tuple[str, str]]], files: bool
) -> Iterator[Problem]:
    """Yield what is wrong with one street; note to whom its committees belong in `owners`."""
    if not town.has(street):
        yield problems_of.street_without_folder(street, name)
        return
    problems = Problems()
    decided = Folder(town.folder(street)).documents(problems)
    if decided is None:
        yield from (_at(street, problem) for problem in problems)
        _note(owners, street, _roster(town, street))
        return
    _note(owners, street, decided.roster)
    order = decided.order
    shared = shared_fingerprint(decided.scheme, decided.questionnaires)
    if shared != town.shared:
        yield problems_of.another_scheme(street, name, town.shared, shared)
    if order.settings.seed != town.city.seed_of(street):
        yield problems_of.another_seed(street, town.city.seed_of(street), order.settings.seed)
    known = [wave.id for wave in order.waves if wave.files]
    if town.wave not in known:
        yield problems_of.lacks_wave(street, town.wave, known)
    elif files:
        try:
            checked = workspace.open(town.folder(street)).check()
        except InputErrors as errors:
            yield from (_at(street, problem) for problem in errors.problems)
        else:
            yield from (_at(street, problem) for problem in checked.problems)


def _roster(town: Town, street: str) -> Roster | None:
    """Read a street's roster although its other documents have faults."""
    order = loading.load_order(town.folder(street) / ORDER, ORDER, Problems(), even_if_faulty=True)
    name = "roster.csv" if order is None else order.roster
    path = town.folder(street) / name
    return loading.load_roster(path, name, Problems()) if path.is_file() else None


def _note(owners: dict[str, list[tuple[str, str]]], street: str, roster: Roster | None) -> None:
    for subject in () if roster is None else roster.subjects:
        owners[subject.id.casefold()].append((street, f"{subject.id}\0{subject.name}"))


def _at(street: str, problem: Problem) -> Problem:
    """Say of which street a file is."""
    file = problem.file or ""
    return replace(problem, file=f"{FOLDERS}/{street}/{file}".rstrip("/"))
