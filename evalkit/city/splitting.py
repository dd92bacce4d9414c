"""Tables of the whole city cut into files of single streets, every row accounted for."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from evalkit import keeping
from evalkit.city.founding import order_of, order_text, response_file, roster_text
from evalkit.city.town import Town
from evalkit.definitions import loading
from evalkit.definitions.city import CityFile, CitySubject, Streets
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile
from evalkit.definitions.places import rows_text
from evalkit.definitions.text import comparable
from evalkit.errors import Problems
from evalkit.files.grid import Grid, bare
from evalkit.files.reading import read_table
from evalkit.folder import ORDER
from evalkit.keeping.lock import locked
from evalkit.problems import city as problems_of

_LOOKED_AT = 10
"""Rows in which the header may stand: titles and remarks may stand above it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What became of the rows of one table: ``read = sum(by_street) + unassigned + blank``.

    Attributes
    ----------
    read : int
        Rows below the header.
    by_street : dict of street id to int
    unassigned : tuple of int
        Numbers of the rows that name no street, such as totals at the end: they go nowhere.
    blank : int
        Rows without anything in them.
    """

    file: str
    wave: str
    read: int
    by_street: Mapping[str, int]
    unassigned: tuple[int, ...]
    blank: int


@dataclass(frozen=True, slots=True)
class Split:
    """What a split did.

    Attributes
    ----------
    cuts : tuple of Cut
        Every table's account.
    written : tuple of str
        Streets whose folder changed; others keep their bytes and times.
    beside : dict of street id to tuple of str
        Files that streets' orders name for the city's waves and that no table gave now: their own,
        or left from a table that had another name or rows. They count as before.
    """

    cuts: tuple[Cut, ...]
    written: tuple[str, ...]
    beside: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class _Pieces:
    """What belongs to each street: texts of files by path, and entries of its order by wave."""

    texts: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    entries: dict[str, dict[str, list[ResponseFile]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )


def split(town: Town) -> Split:
    """Cut the city's tables and roster into the streets' folders, and make folders that lack.

    A file is written only where its content changes, so that untouched streets are not evaluated
    again. A street's evaluation.yaml gets the city's waves, files and seed; the rest of it stays.

    Raises
    ------
    InputErrors
        With every table that cannot be read, and every street that is not on the list; nothing is
        written then.
    """
    problems, pieces = Problems(), _Pieces()
    listed = Streets(streets=list(town.streets)).by_name()
    cuts = []
    for wave in town.city.waves:
        for entry in wave.files:
            cut = _cut(town, wave.id, entry, listed, pieces, problems)
            cuts += [cut] if cut is not None else []
    _rosters(town, listed, pieces, problems)
    orders = {street.id: _known(town, street.id, problems) for street in town.streets}
    problems.raise_if_any()
    beside = {}
    for street in town.streets:
        order = order_of(town, street, pieces.entries[street.id], orders[street.id])
        if own := _beside(town, order, pieces.texts[street.id]):
            beside[street.id] = own
        if order != orders[street.id]:
            pieces.texts[street.id][ORDER] = order_text(order)
    with keeping.told(), locked(town.root, "city split"):
        written = [s.id for s in town.streets if _written(town.folder(s.id), pieces.texts[s.id])]
    return Split(tuple(cuts), tuple(written), beside)


def _beside(town: Town, order: EvaluationOrder, cut: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files of a street that count in the city's waves, and were not cut just now."""
    waves = {wave.id for wave in town.city.waves}
    named = [one.file for wave in order.waves if wave.id in waves for one in wave.files]
    return tuple(name for name in named if name not in cut)


def _cut(
    town: Town,
    wave: str,
    entry: CityFile,
    listed: Mapping[str, str],
    pieces: _Pieces,
    problems: Problems,
) -> Cut | None:
    """Give every row of a table to its street; None, with problems, where that cannot be done."""
    grid = read_table(
        town.root / entry.file, entry.file, problems, sheet=entry.sheet, encoding=entry.encoding
    )
    if grid is None:
        return None
    place = _header(grid, entry.street)
    if place is None:
        headers = [bare(cell) for cell in grid.rows[0]] if grid.rows else []
        problems.collect(problems_of.no_street_column(entry.file, entry.street, headers[:12]))
        return None
    top, column = place
    rows: dict[str, list[int]] = defaultdict(list)
    strangers: dict[str, list[int]] = defaultdict(list)
    unassigned, blank = [], 0
    for at in range(top + 1, len(grid.rows)):
        name = comparable(grid.rows[at][column])
        if name in listed:
            rows[listed[name]].append(at)
        elif name:
            strangers[bare(grid.rows[at][column])].append(at + grid.first_row)
        elif any(bare(cell) for cell in grid.rows[at]):
            unassigned.append(at + grid.first_row)
        else:
            blank += 1
    for name, places in strangers.items():
        where, known = rows_text(places), [street.name for street in town.streets]
        problems.collect(
            problems_of.street_not_listed(entry.file, entry.street, name, where, known)
        )
    target = f"responses/{wave}/{PurePosixPath(entry.file.replace(chr(92), '/')).stem}.csv"
    for street, own in rows.items():
        pieces.texts[street][target] = _csv(grid, [*range(top + 1), *own])
        pieces.entries[street][wave].append(response_file(entry, target))
    counts = {street: len(own) for street, own in rows.items()}
    below = len(grid.rows) - top - 1
    return Cut(entry.file, wave, below, counts, tuple(unassigned), blank)


def _header(grid: Grid, column: str) -> tuple[int, int] | None:
    """Return row and column of the only cell of the header that says this."""
    for at, row in enumerate(grid.rows[:_LOOKED_AT]):
        found = [place for place, cell in enumerate(row) if bare(cell) == column]
        if found:
            return (at, found[0]) if len(found) == 1 else None
    return None


def _csv(grid: Grid, rows: Sequence[int]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(grid.rows[at] for at in rows)
    return "\N{BYTE ORDER MARK}" + text.getvalue()


def _rosters(town: Town, listed: Mapping[str, str], pieces: _Pieces, problems: Problems) -> None:
    """Give every committee of the city's roster to its street."""
    if town.roster is None:
        return
    own: dict[str, list[CitySubject]] = defaultdict(list)
    for at, subject in enumerate(town.roster.subjects):
        street = listed.get(comparable(subject.street))
        if street is None:
            known = [one.name for one in town.streets]
            where = f"{subject.id}，第 {at + 1} 个"
            file = town.city.roster or ""
            problems.collect(
                problems_of.street_not_listed(file, "street", subject.street, where, known)
            )
        else:
            own[street].append(subject)
    for street, subjects in own.items():
        pieces.texts[street]["roster.csv"] = roster_text(subjects)


def _known(town: Town, street: str, problems: Problems) -> EvaluationOrder | None:
    """Return the evaluation.yaml that lies in a street's folder already."""
    if not town.has(street):
        return None
    path = town.folder(street) / ORDER
    return loading.load_order(path, path.relative_to(town.root).as_posix(), problems)


def _written(folder: Path, texts: Mapping[str, str]) -> bool:
    """Write what changes; tell whether anything did."""
    changed = {
        name: text.encode()
        for name, text in texts.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != text.encode()
    }
    for name, content in changed.items():
        keeping.place({PurePosixPath(name).name: content}, (folder / name).parent)
    return bool(changed)
