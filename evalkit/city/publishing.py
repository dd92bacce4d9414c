"""What is told of the city, written in one step: tables, map, index and report."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit import keeping, publication
from evalkit.archive import city as archive
from evalkit.city.rolling import MADE_OF, made_of_now
from evalkit.city.town import BOUNDARIES, DATABASE, FOLDERS, OUT, Town
from evalkit.codes import StreetState
from evalkit.definitions.boundaries import read_boundaries
from evalkit.definitions.roster import Roster, Subject
from evalkit.errors import InputErrors, Problems
from evalkit.evaluation import ONE_THREAD
from evalkit.findings import city as findings
from evalkit.keeping import disk
from evalkit.keeping.lock import locked
from evalkit.pages import city as pages
from evalkit.problems import city as problems_of
from evalkit.version import __version__

LIKE = {"housing": "住房类型", "kind": "类别"}
"""What the columns of a roster are called that make committees alike."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was written.

    Attributes
    ----------
    folder : Path
    facts : CityFacts
    changed : bool
        False where the very same lay there already.
    """

    folder: Path
    facts: pages.CityFacts
    changed: bool


def publish(town: Town, *, pdf: bool = True) -> Told:
    """Write ``out/<wave>`` of the city from its database; leave it alone if it is up to date.

    Raises
    ------
    InputErrors
        If there is no database of the city, streets have changed since it was made, boundaries
        have faults, another run is at work, or the disk refuses.
    RenderError
        If the report could not be made as it should be; the last results stay as they were.
    """
    with keeping.told(), locked(town.root, "city publish"):
        rolled = archive.read(town.root / DATABASE)
        if rolled is None or rolled.info.get("wave") != town.wave:
            raise InputErrors([problems_of.nothing_rolled_up()])
        made_of, states = made_of_now(town)
        if rolled.info.get(MADE_OF) != made_of:
            before = dict(zip(rolled.streets["street"], rolled.streets["state"], strict=True))
            moved = [one for one, state in states.items() if before.get(one) != state.value]
            raise InputErrors([problems_of.rolled_up_before(moved)])
        with ONE_THREAD():
            facts = facts_of(town, rolled)
        final = town.root / OUT / town.wave
        identity = _identity(town, rolled, pdf)
        if _lies_there(final, identity):
            return Told(final, facts, changed=False)
        fresh = town.root / f".{OUT}.new"
        disk.remove(fresh)
        _write(fresh, facts, identity, pdf)
        _take_place(fresh, final)
    return Told(final, facts, changed=True)


def facts_of(town: Town, rolled: archive.RolledUp) -> pages.CityFacts:
    """Work out what is told of the city."""
    city = town.city
    found = findings.find(
        rolled.streets,
        rolled.committees,
        rolled.indicators,
        rolled.freedom,
        town.scheme,
        city.peers,
        wave=town.wave,
        draws=city.draws,
        seed=city.seed_of(""),
    )
    return pages.CityFacts(
        title=city.title,
        city=city.city,
        word=city.subject_word,
        street_word=city.street_word,
        wave_name=city.last.name,
        date=city.last.end.isoformat() if city.last.end else "",
        synthetic=city.synthetic,
        streets=found.streets,
        peers=found.peers,
        groups=found.groups,
        confidence=town.scheme.confidence,
        rate=town.scheme.false_discovery_rate,
        like="和".join(LIKE[one] for one in city.peers),
        boundaries=_boundaries(town),
        links={
            street: f"../../{FOLDERS}/{street}/{OUT}/{town.wave}/dashboard.html"
            for street, state in zip(rolled.streets["street"], rolled.streets["state"], strict=True)
            if state == StreetState.DONE.value
        },
    )


def _boundaries(town: Town) -> Mapping[str, Any] | None:
    """Read the streets' areas, if somebody has them; with every fault, if they have any."""
    path = town.root / BOUNDARIES
    if not path.exists():
        return None
    roster = Roster(subjects=[Subject(id=s.id, name=s.name[:40]) for s in town.streets])
    problems = Problems()
    found = read_boundaries(path, BOUNDARIES, roster, [town.wave], problems)
    problems.raise_if_any()
    return found


def _identity(town: Town, rolled: archive.RolledUp, pdf: bool) -> str:
    """Return what says of which content, documents and version the city's results are."""
    files = [path for name in ("city.yaml", BOUNDARIES) if (path := town.root / name).is_file()]
    said = [__version__, rolled.fingerprint, str(pdf), *(disk.digest(path) for path in files)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def _lies_there(final: Path, identity: str) -> bool:
    manifest = final / publication.MANIFEST
    if not manifest.is_file():
        return False
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return False
    outputs = disk.tree(final)
    outputs.pop(publication.MANIFEST, None)
    return bool(found.get("identity") == identity and found.get("outputs") == outputs)


def _write(folder: Path, facts: pages.CityFacts, identity: str, pdf: bool) -> None:
    """Write everything into a folder of its own: tables, map, index, report, manifest."""
    drawn = pages.map.chart(facts)
    picture = drawn.svg()
    files = {
        "city_streets.csv": publication.csv(facts.streets),
        "city_peers.csv": publication.csv(facts.peers),
        "city_groups.csv": publication.csv(facts.groups),
        "map.svg": picture.encode(),
        pages.index.PATH: pages.index.press(facts, picture, drawn.words),
    }
    if pdf:
        from evalkit.pages.press import printing

        mark = publication.mark(identity, f"city/{pages.PATH}")
        pressed = printing.press(pages.plan(facts, mark))
        files[pressed.path] = pressed.pdf
    missing = [str(one) for one in facts.missing["street"]]
    manifest = {
        "evalkit": __version__,
        "identity": identity,
        "synthetic": facts.synthetic,
        "streets": len(facts.streets),
        "counted": len(facts.counted),
        "missing": missing,
        "outputs": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
    }
    folder.mkdir(parents=True)
    for name, content in {**files, publication.MANIFEST: publication.as_json(manifest)}.items():
        (folder / name).write_bytes(content)
    disk.flush(folder)


def _take_place(fresh: Path, final: Path) -> None:
    """Let a folder take the place of another in one step, where the system can."""
    final.parent.mkdir(parents=True, exist_ok=True)
    if not disk.there(final):
        os.replace(fresh, final)
    elif not disk.exchange(fresh, final):
        old = final.with_name(f".{final.name}.old")
        disk.remove(old)
        os.replace(final, old)
        os.replace(fresh, final)
        disk.remove(old)
    shutil.rmtree(fresh, ignore_errors=True)
    disk.flush_names(final.parent)
