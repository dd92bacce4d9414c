"""The streets' databases put together: what there is, and of which streets there is nothing."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from evalkit import keeping
from evalkit.archive import city as archive
from evalkit.city import receipts
from evalkit.city.receipts import Receipt
from evalkit.city.town import CITY, DATABASE, Town, scheme_fingerprint
from evalkit.codes import StreetState
from evalkit.errors import InputErrors, Problem, Problems
from evalkit.folder import DATABASE as evaluation_database
from evalkit.keeping.disk import digest, flush, flush_names
from evalkit.keeping.lock import locked
from evalkit.problems import city as problems_of
from evalkit.version import __version__

MADE_OF = "made_of"
"""Key under which the database keeps what it was made of."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """What was put together.

    Attributes
    ----------
    states : dict of street id to StreetState
        Those that are not `StreetState.DONE` are not in it, with what is wrong in `problems`.
    changed : bool
        Whether the file was written anew.
    """

    states: Mapping[str, StreetState]
    problems: tuple[Problem, ...]
    changed: bool


def roll_up(town: Town) -> Rolled:
    """Put the archives of all streets that fit into ``city.duckdb``; tell of those that do not.

    A street fits if its results are of what lies in its folder now and if it was evaluated under
    the city's scheme and questionnaires. The file is left alone if it would hold the same.

    Raises
    ------
    InputErrors
        If no street fits, a committee is in two of them, another run is at work, or the disk refuses.
    """
    with keeping.told(), locked(town.root, "city rollup"):
        found = {s.id: receipts.state_of(town, s.id) for s in town.streets}
        states = {street: state for street, (state, _) in found.items()}
        problems = tuple(
            problems_of.another_scheme(s.id, s.name, town.shared, receipt.shared)
            for s in town.streets
            if states[s.id] is StreetState.REFUSED and (receipt := found[s.id][1]) is not None
        )
        if StreetState.DONE not in states.values():
            raise InputErrors([problems_of.nothing_to_roll_up(), *problems])
        made_of = _made_of(town, found)
        if archive.read_info(town.root / DATABASE).get(MADE_OF) == made_of:
            return Rolled(states, problems, changed=False)
        _write(town, found, made_of)
    return Rolled(states, problems, changed=True)


def made_of_now(town: Town) -> tuple[str, Mapping[str, StreetState]]:
    """Return what a database made now would be made of, and how far every street is."""
    found = {s.id: receipts.state_of(town, s.id) for s in town.streets}
    return _made_of(town, found), {street: state for street, (state, _) in found.items()}


def is_current(town: Town) -> bool:
    """Tell whether the city's database is of what the streets have now."""
    return archive.read_info(town.root / DATABASE).get(MADE_OF) == made_of_now(town)[0]


def _made_of(town: Town, found: Mapping[str, tuple[StreetState, Receipt | None]]) -> str:
    """Return the SHA-256 of all that the city's database is made of."""
    streets = [
        (s.id, s.name, s.district, found[s.id][0].value, _database(found[s.id]))
        for s in town.streets
    ]
    text = json.dumps([__version__, town.wave, town.shared, streets], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _database(found: tuple[StreetState, Receipt | None]) -> str:
    state, receipt = found
    return receipt.database if state is StreetState.DONE and receipt is not None else ""


def _write(
    town: Town, found: Mapping[str, tuple[StreetState, Receipt | None]], made_of: str
) -> None:
    parts = [
        archive.Part(
            street=street.id,
            name=street.name,
            district=street.district,
            state=found[street.id][0].value,
            path=town.folder(street.id) / evaluation_database
            if _database(found[street.id])
            else None,
            fingerprint=receipt.fingerprint if (receipt := found[street.id][1]) else "",
        )
        for street in town.streets
    ]
    info = {
        MADE_OF: made_of,
        "city": town.city.city,
        "scheme_fingerprint": scheme_fingerprint(town.scheme),
        "shared": town.shared,
        "documents": digest(town.root / CITY),
        "evalkit": __version__,
    }
    fresh, final = town.root / f".{DATABASE}.new", town.root / DATABASE
    problems = Problems()
    archive.write(fresh, parts, town.wave, info, problems)
    for subject, name, streets in archive.twice(fresh) if not problems else ():
        problems.collect(problems_of.subject_in_two_streets(subject, name, streets))
    if problems:
        fresh.unlink(missing_ok=True)
    problems.raise_if_any()
    flush(fresh)
    os.replace(fresh, final)
    flush_names(town.root)
