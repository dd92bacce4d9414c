"""Units and persons of a preset's simulated street: rosters and counts, as an office would fill them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.definitions.evaluation import EvaluationOrder, Track
from evalkit.definitions.levels import Count
from evalkit.definitions.persons import Person
from evalkit.definitions.roster import Subject
from evalkit.simulation import naming
from evalkit.simulation.plan import StreetPlan, UnitPlan

HOUSING = ("商品房", "售后公房", "老公房", "老式里弄")
_HOUSING_SHARES = (0.4, 0.35, 0.15, 0.1)
HOUSEHOLD = 2.6
"""People of a household."""
YEARLY = 0.01
"""Standard deviation of how many people come or go from one wave to the next, as a share."""

POSTS: Mapping[str, Sequence[str]] = {
    "workers": ("书记", "主任", "社工"),
    "members": ("兼职委员", "报到党员"),
}
_SHORTEST = {"workers": 3, "members": 1}


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a simulated street.

    Attributes
    ----------
    rows : tuple of Subject
        Of all levels, the largest first.
    subjects : tuple of Subject
        The evaluated ones, each with the name of what it lies in as its zone.
    inside : dict of subject id to tuple of str
        Names of the units that lie in it, at any depth; none where there are no such levels.
    counts : tuple of Count
        Of the evaluated units in every wave; none of a plain roster.
    """

    rows: tuple[Subject, ...]
    subjects: tuple[Subject, ...]
    inside: Mapping[str, tuple[str, ...]]
    counts: tuple[Count, ...]


def invent_units(plan: StreetPlan, order: EvaluationOrder, rng: np.random.Generator) -> Units:
    """Make up the units that a plan asks for, by the levels of an order."""
    levels: list[str | None] = [None]
    if order.units:
        levels = [level.code for level in order.units.levels]
    evaluated = order.units.level.code if order.units else None
    by_level: dict[str | None, list[Subject]] = {}
    taken: set[str] = set()
    above: list[Subject] = []
    for at, level in enumerate(levels):
        asked = [p for p in plan.units if (p.level or evaluated) == level]
        rows = _of_level(asked, level, f"{'abcdefgh'[at]}", taken, rng)
        homes = _dealt(len(rows), len(above), rng)
        if above:
            rows = [
                row.model_copy(update={"parent": above[home].id})
                for row, home in zip(rows, homes, strict=True)
            ]
        if level == evaluated:
            rows = _described(plan, rows, levelled=len(levels) > 1, rng=rng)
        by_level[level] = rows
        above = rows or above
    known = {row.id: row for rows in by_level.values() for row in rows}
    subjects = tuple(
        row.model_copy(
            update={"zone": known[row.parent].name if row.parent else row.zone, "level": None}
        )
        for row in by_level[evaluated]
    )
    finer = [r for code in levels[levels.index(evaluated) + 1 :] for r in by_level[code]]
    inside: dict[str, list[str]] = {row.id: [] for row in subjects}
    for row in finer:
        home = row
        while home.parent is not None and home.id not in inside:
            home = known[home.parent]
        if home.id in inside and row.level == finer[0].level:
            inside[home.id].append(row.name)
    every = tuple(
        row.model_copy(update={"level": None if row.level == evaluated else row.level})
        for own in by_level.values()
        for row in own
    )
    counts = _counted(plan, subjects, rng) if order.units else ()
    told = {unit: tuple(names) for unit, names in inside.items()}
    return Units(every, subjects, told, counts)


def _of_level(
    asked: Sequence[UnitPlan],
    level: str | None,
    letter: str,
    taken: set[str],
    rng: np.random.Generator,
) -> list[Subject]:
    rows: list[Subject] = []
    for unit in asked:
        if unit.named == "direction":
            names = naming.directions(unit.count, unit.endings[0])
        elif unit.named == "number":
            names = list(naming.numbered(unit.count, unit.endings[0]))
        else:
            names = naming.drawn(unit.count, unit.endings, taken, rng)
        people = rng.integers(unit.people[0], unit.people[1] + 1, size=unit.count)
        for at, (name, count) in enumerate(zip(names, people.tolist(), strict=True)):
            formal = at < unit.count - unit.provisional
            rows.append(
                Subject(
                    id=f"{letter}{len(rows) + 1:02d}",
                    name=name,
                    kind=unit.kind,
                    level=level,
                    population=count,
                    status="formal" if formal else "provisional",
                )
            )
    return rows


def _dealt(count: int, homes: int, rng: np.random.Generator) -> list[int]:
    """Return where so many units lie: in every home one at least, in their order."""
    if not homes:
        return [0] * count
    more = rng.integers(homes, size=max(count - homes, 0)).tolist()
    return sorted([*range(min(count, homes)), *(int(at) for at in more)])


def _described(
    plan: StreetPlan, rows: list[Subject], *, levelled: bool, rng: np.random.Generator
) -> list[Subject]:
    """Give units their housing, zone and partitions, and no undated number where counts have it."""
    housing = rng.choice(HOUSING, size=len(rows), p=_HOUSING_SHARES)
    zones = naming.directions(plan.zones, "片") if plan.zones else []
    parts = {name: list(naming.numbered(n, name)) for name, n in plan.partitions.items()}
    found = []
    for at, row in enumerate(rows):
        update: dict[str, object] = {
            "partitions": {name: own[at * len(own) // len(rows)] for name, own in parts.items()}
        }
        if plan.housing:
            update["housing"] = str(housing[at])
        if zones and not levelled:
            update["zone"] = zones[at * len(zones) // len(rows)]
        found.append(row.model_copy(update=update))
    return found


def _counted(
    plan: StreetPlan, subjects: Sequence[Subject], rng: np.random.Generator
) -> tuple[Count, ...]:
    found = []
    for subject in subjects:
        people = float(subject.population or 0)
        for wave in plan.waves:
            found.append(
                Count(
                    unit=subject.id,
                    wave=wave,
                    population=round(people),
                    households=max(1, round(people / HOUSEHOLD)),
                )
            )
            people *= 1.0 + YEARLY * rng.standard_normal()
    return tuple(found)


def invent_persons(
    track: Track, each: int, subjects: Sequence[Subject], rng: np.random.Generator
) -> tuple[Person, ...]:
    """Make up the persons of a track: about so many a unit, by number, without a name."""
    posts = POSTS[track.kind]
    found: list[Person] = []
    for subject in subjects:
        count = max(_SHORTEST[track.kind], each + int(rng.integers(-1, 2)))
        for at in range(count):
            worker = f"{track.kind[0]}{len(found) + 1:03d}"
            found.append(
                Person(worker=worker, unit=subject.name, post=posts[min(at, len(posts) - 1)])
            )
    return tuple(found)


def roster_csv(rows: Sequence[Subject], counted: bool) -> bytes:
    """Write a roster with the columns that have something in them."""
    columns: dict[str, list[str | None]] = {
        "代码": [row.id for row in rows],
        "名称": [row.name for row in rows],
        "层级": [row.level for row in rows],
        "上级": [row.parent for row in rows],
        "类别": [row.kind if row.level is None else None for row in rows],
        "状态": ["筹备" if row.provisional else None for row in rows],
        "片区": [row.zone for row in rows],
        "住房类型": [row.housing for row in rows],
    }
    if not counted:
        columns["常住人口"] = [str(row.population) for row in rows]
    for name in dict.fromkeys(name for row in rows for name in row.partitions):
        columns[f"分组：{name}"] = [row.partitions.get(name) for row in rows]
    told = {header: cells for header, cells in columns.items() if any(cells)}
    return table(list(told), zip(*told.values(), strict=True))


def counts_csv(counts: Sequence[Count]) -> bytes:
    """Write the counts of people and households."""
    return table(
        ["单位", "批次", "人口", "户数"],
        ([row.unit, row.wave, row.population, row.households] for row in counts),
    )


def persons_csv(persons: Sequence[Person]) -> bytes:
    """Write a track's roster."""
    return table(["工号", "居民区", "岗位"], ([one.worker, one.unit, one.post] for one in persons))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as Excel opens it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()
