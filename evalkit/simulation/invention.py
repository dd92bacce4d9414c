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
from evalkit.definitions.roster import Subject, parents_of
from evalkit.simulation import naming
from evalkit.simulation.plan import USUAL, StreetPlan, UnitPlan, fewer

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


def units_of(
    plan: StreetPlan,
    order: EvaluationOrder,
    given: Sequence[Subject],
    rng: np.random.Generator,
    size: float = 1.0,
) -> Units:
    """Make the units of a street: those that a plan asks for, else those of a preset's own roster.

    Parameters
    ----------
    given : sequence of Subject
        The rows of the preset's roster, where it is filled in; they get people, and housing where the
        plan has it.
    size : float
        Share of the given units of the evaluated level that are taken; a plan is thinned before.
    """
    levels = [level.code for level in order.units.levels] if order.units else [""]
    evaluated = order.units.level.code if order.units else ""
    if given and not plan.units:
        rows = _taken(order, given, evaluated, size)
        own = {row.id: row for row in _described(plan, _peopled(rows, evaluated, rng), rng=rng)}
        rows = [own.get(row.id, row) for row in rows]
    else:
        rows = _invented(plan, order, levels, evaluated, rng)
    return _assembled(plan, order, rows, levels, evaluated, rng)


def _taken(
    order: EvaluationOrder, given: Sequence[Subject], evaluated: str, size: float
) -> list[Subject]:
    """Return the rows of a roster with codes of levels and ids of parents, thinned out."""
    parents = parents_of(given)
    rows = []
    for row, above in zip(given, parents, strict=True):
        level = order.units.meant(row.level) if order.units else None
        update = {
            "level": level.code if level else "",
            "parent": given[above[0]].id if above else None,
        }
        rows.append(row.model_copy(update=update))
    kept = _some([at for at, row in enumerate(rows) if (row.level or "") == evaluated], rows, size)
    known = {row.id: at for at, row in enumerate(rows)}
    around = {known[step] for at in kept for step in _chain(rows, known, at)}
    return [
        row
        for at, row in enumerate(rows)
        if at in kept or at in around or any(known[s] in kept for s in _chain(rows, known, at))
    ]


def _some(places: Sequence[int], rows: Sequence[Subject], size: float) -> set[int]:
    """Return a share of the rows at some places: whole areas as far as they go, of the last ones some."""
    areas = [rows[at].parent or next(iter(rows[at].partitions.values()), "") for at in places]
    fewest = fewer(len(places), size)
    near: list[int] = []
    for area in dict.fromkeys(areas):
        if len(near) < fewest:
            near += [at for at, own in zip(places, areas, strict=True) if own == area]
    return {near[at * len(near) // fewest] for at in range(fewest)}


def _chain(rows: Sequence[Subject], known: Mapping[str, int], at: int) -> list[str]:
    """Return what a row lies in, the nearest first."""
    found: list[str] = []
    step = rows[at].parent
    while step is not None and step not in found:
        found.append(step)
        step = rows[known[step]].parent
    return found


def _peopled(rows: Sequence[Subject], evaluated: str, rng: np.random.Generator) -> list[Subject]:
    low, high = UnitPlan(count=1).people
    own = [row for row in rows if (row.level or "") == evaluated]
    people = rng.integers(low, high + 1, size=len(own)).tolist()
    return [
        row.model_copy(update={"population": row.population or count})
        for row, count in zip(own, people, strict=True)
    ]


def _invented(
    plan: StreetPlan,
    order: EvaluationOrder,
    levels: Sequence[str],
    evaluated: str,
    rng: np.random.Generator,
) -> list[Subject]:
    """Make up rows, level by level; every unit lies in one of the level above that has any."""
    asks = plan.units or [UnitPlan(count=USUAL, kind=order.subject_word)]
    found: list[Subject] = []
    taken: set[str] = set()
    above: list[Subject] = []
    for at, level in enumerate(levels):
        own = [p for p in asks if (p.level or evaluated) == level]
        rows = _of_level(own, level, "abcdefgh"[at], taken, rng)
        if above:
            homes = _dealt(len(rows), len(above), rng)
            rows = [
                row.model_copy(update={"parent": above[home].id})
                for row, home in zip(rows, homes, strict=True)
            ]
        if level == evaluated:
            zoned = plan.zones and not above
            rows = _described(plan, rows, zoned=bool(zoned), rng=rng)
        found += rows
        above = rows or above
    return found


def _assembled(
    plan: StreetPlan,
    order: EvaluationOrder,
    rows: Sequence[Subject],
    levels: Sequence[str],
    evaluated: str,
    rng: np.random.Generator,
) -> Units:
    known = {row.id: at for at, row in enumerate(rows)}
    subjects = []
    for row in rows:
        if (row.level or "") == evaluated:
            zone = rows[known[row.parent]].name if row.parent else row.zone
            subjects.append(row.model_copy(update={"zone": zone, "level": None}))
    below = levels[levels.index(evaluated) + 1 :]
    finer = next((code for code in below if any((row.level or "") == code for row in rows)), None)
    inside: dict[str, list[str]] = {subject.id: [] for subject in subjects}
    for at, row in enumerate(rows):
        if (row.level or "") == finer:
            for home in (step for step in _chain(rows, known, at) if step in inside):
                inside[home].append(row.name)
    every = tuple(
        row.model_copy(update={"level": None if (row.level or "") == evaluated else row.level})
        for row in rows
    )
    counts = _counted(plan, subjects, rng) if order.units else ()
    told = {unit: tuple(names) for unit, names in inside.items()}
    return Units(every, tuple(subjects), told, counts)


def _of_level(
    asked: Sequence[UnitPlan],
    level: str,
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
    plan: StreetPlan, rows: list[Subject], *, rng: np.random.Generator, zoned: bool = False
) -> list[Subject]:
    """Give units their housing, zone and partitions, and no undated number where counts have it."""
    housing = rng.choice(HOUSING, size=len(rows), p=_HOUSING_SHARES)
    zones = naming.directions(plan.zones, "片") if plan.zones else []
    parts = {name: list(naming.numbered(n, name)) for name, n in plan.partitions.items()}
    found = []
    for at, row in enumerate(rows):
        own_parts = {name: own[at * len(own) // len(rows)] for name, own in parts.items()}
        update: dict[str, object] = {"partitions": {**row.partitions, **own_parts}}
        if plan.housing:
            update["housing"] = str(housing[at])
        if zoned:
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


def persons_of(given: Sequence[Person], subjects: Sequence[Subject]) -> tuple[Person, ...]:
    """Return the persons of a roster whose units there are, by number, without a name."""
    keys = {s.id: s.name for s in subjects} | {
        n: s.name for s in subjects for n in (s.name, *s.aliases)
    }
    return tuple(
        Person(worker=one.worker, unit=keys[one.unit], post=one.post)
        for one in given
        if one.unit in keys
    )


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
        "别名": ["；".join(row.aliases) for row in rows],
        "层级": [row.level for row in rows],
        "上级": [row.parent for row in rows],
        "类别": [row.kind if row.level is None else None for row in rows],
        "状态": ["筹备" if row.provisional else None for row in rows],
        "片区": [row.zone for row in rows],
        "住房类型": [row.housing for row in rows],
    }
    if not counted:
        columns["常住人口"] = [str(row.population or "") for row in rows]
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
