"""Faults between the roster, the order's levels and the counts: who lies where, who is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from evalkit.definitions.consistency import Origin
from evalkit.definitions.counts import Counts
from evalkit.definitions.documents import Document
from evalkit.definitions.evaluation import EvaluationOrder, Wave
from evalkit.definitions.faults import Fault
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.levels import COLUMNS, WHOLE, UnitsOrder
from evalkit.definitions.places import Steps
from evalkit.definitions.roster import SEVERAL, Roster, Subject, ancestors_of, parents_of
from evalkit.definitions.territory import Territory, unit_named, units_of
from evalkit.definitions.units import Units
from evalkit.definitions.validating import locate
from evalkit.errors import Problems

NAMED = 10
"""Units that a fault names; of more it says how many they are."""

_OF_COMMITTEES = ("zone", "housing", "listed", "status", "partitions")
"""Columns that say something of the evaluated level alone."""


def check_units(
    roster: Roster,
    order: EvaluationOrder,
    counts: Counts | None,
    ledgers: Mapping[str, Ledger],
    problems: Problems,
    origins: tuple[Origin, Origin, Origin],
) -> None:
    """Collect every fault of levels, parents and counts.

    Parameters
    ----------
    roster : Roster
        As it was read, with the rows of all levels.
    ledgers : dict of id to Ledger
        Whose rates may be per resident or household.
    origins : tuple of Origin
        Of roster, order and counts.
    """
    before = len(problems)
    _collect(roster_faults(roster, order), roster, origins[0], problems)
    if counts is not None:
        _collect(_rows(counts, roster, order), counts, origins[2], problems)
    if len(problems) > before:
        return
    made = Territory.of(roster, order, counts)
    lacking = list(_lacking(Units.of(made), order, ledgers, counts))
    for document, origin in ((counts, origins[2]), (roster, origins[0]), (order, origins[1])):
        own = [fault for of, fault in lacking if of is document]
        if document is not None:
            _collect(iter(own), document, origin, problems)


def _collect(
    faults: Iterator[Fault], document: Document, origin: Origin, problems: Problems
) -> None:
    found = list(faults)
    data = document.model_dump(mode="json") if found else None
    for fault in found:
        locate(fault, origin.name, data, origin.places, problems)


# --- the roster ---------------------------------------------------------------------------------


def roster_faults(roster: Roster, order: EvaluationOrder) -> Iterator[Fault]:
    """Yield unknown levels, parents that are none, circles, and what stands in a row of another level."""
    rows, units = roster.subjects, units_of(order)
    parents = parents_of(rows)
    yield from _circles(rows, parents)
    for place, row in enumerate(rows):
        yield from _level(place, row, order, units)
        yield from _parent(place, rows, parents[place], units)
        yield from _home(place, rows, parents, units)
        yield from _partitions(place, row, units)
    if not any(units.meant(row.level) == units.level for row in rows):
        yield Fault(
            ("subjects", "level"),
            "nothing_evaluated",
            "名册里没有被评的一级",
            expected=f"层级为 {units.level.name} 的，至少一个",
            found="没有",
            remedy="改正名册的层级，或改正 evaluation.yaml 的 units.evaluated",
        )


def _level(place: int, row: Subject, order: EvaluationOrder, units: UnitsOrder) -> Iterator[Fault]:
    if units.meant(row.level) is None:
        known = "、".join(f"{level.code}（{level.name}）" for level in units.levels)
        yield Fault(
            ("subjects", place, "level"),
            "unknown_level",
            "没有这个层级",
            expected=known if order.units else "先在 evaluation.yaml 的 units 里列出各级",
            found=row.level,
            remedy="改成 evaluation.yaml 里 units.levels 的代码或名称；被评的一级留空",
        )


def _parent(
    place: int, rows: Sequence[Subject], meant: tuple[int, ...], units: UnitsOrder
) -> Iterator[Fault]:
    row, steps = rows[place], ("subjects", place, "parent")
    if not row.parent:
        return
    if len(meant) != 1:
        several = bool(SEVERAL.search(row.parent.strip())) or len(meant) > 1
        yield Fault(
            steps,
            "several_parents" if several else "unknown_parent",
            "一个单位只能有一个上级" if several else "名册里没有这个上级",
            expected="名册里一个单位的代码" if several else "名册里的代码或名称",
            found=row.parent + (f"（{len(meant)} 个同名）" if len(meant) > 1 else ""),
            remedy="只留一个；按另一种分法归属的写在“分组：…”列"
            if several
            else "改正，或补上这个单位",
            involved=tuple(("subjects", at, "name") for at in meant),
        )
        return
    own, above = units.meant(row.level), units.meant(rows[meant[0]].level)
    if own is None or above is None:
        return
    order = [level.code for level in units.levels]
    if order.index(above.code) >= order.index(own.code):
        yield Fault(
            steps,
            "parent_not_above",
            "上级的层级不比它高",
            expected=f"比{own.name}高的一级" if order.index(own.code) else "最高的一级没有上级",
            found=f"{row.parent}（{above.name}）",
            remedy="改正上级或层级",
            involved=(("subjects", place, "level"), ("subjects", meant[0], "level")),
        )


def _circles(rows: Sequence[Subject], parents: Sequence[tuple[int, ...]]) -> Iterator[Fault]:
    told: set[int] = set()
    for place in range(len(rows)):
        circle = ancestors_of(rows, place, parents)
        if place in circle and place not in told:
            round_trip = circle[: circle.index(place) + 1]
            told.update(round_trip)
            yield Fault(
                ("subjects", place, "parent"),
                "circular_parents",
                "上级绕成了圈",
                expected="一级一级往上，到头为止",
                found=" → ".join(rows[at].id for at in (place, *round_trip)),
                remedy="改正其中一个上级",
                involved=tuple(("subjects", at, "parent") for at in sorted(round_trip)),
            )


def _home(
    place: int, rows: Sequence[Subject], parents: Sequence[tuple[int, ...]], units: UnitsOrder
) -> Iterator[Fault]:
    """Yield a unit below the evaluated level that lies in no committee; what only committees have."""
    row, own = rows[place], units.meant(rows[place].level)
    if own is None or own == units.level:
        yield from _zone(place, rows, parents)
        return
    order = [level.code for level in units.levels]
    above = [units.meant(rows[at].level) for at in ancestors_of(rows, place, parents)]
    named = not row.parent or len(parents[place]) == 1
    if order.index(own.code) > order.index(units.level.code) and units.level not in above and named:
        yield Fault(
            ("subjects", place, "parent"),
            "unit_without_committee",
            f"这个单位不在任何{units.level.name}里",
            expected=f"上级（或上级的上级）是一个{units.level.name}",
            found=row.parent or "（没有上级）",
            remedy=f"写明它在哪个{units.level.name}",
        )
    for field in _OF_COMMITTEES:
        value = getattr(row, field)
        if value and value != "formal":
            yield Fault(
                ("subjects", place, field),
                "not_for_this_level",
                f"只有被评的一级（{units.level.name}）才填这一列",
                expected="留空",
                found="、".join(map(str, value)) if isinstance(value, dict) else str(value),
                remedy="清空；或改正这一行的层级",
            )


def _zone(
    place: int, rows: Sequence[Subject], parents: Sequence[tuple[int, ...]]
) -> Iterator[Fault]:
    row, above = rows[place], ancestors_of(rows, place, parents)
    if row.zone and above and row.zone not in (rows[above[0]].name, rows[above[0]].id):
        yield Fault(
            ("subjects", place, "zone"),
            "zone_contradicts_parent",
            "片区与上级不一致",
            expected=rows[above[0]].name,
            found=row.zone,
            remedy="写了上级的，片区一列留空；片区不是上级的，改写在“分组：…”列",
            involved=(("subjects", place, "parent"),),
        )


def _partitions(place: int, row: Subject, units: UnitsOrder) -> Iterator[Fault]:
    taken = {
        WHOLE,
        *COLUMNS,
        *(code for level in units.levels for code in (level.code, level.name)),
    }
    for name in row.partitions:
        if name in taken:
            yield Fault(
                ("subjects", place, "partitions", name),
                "reserved_code",
                "这个分组名已另有所指",
                expected=f"不是 {'、'.join(sorted(taken))}",
                found=name,
                remedy="换一个分组名",
            )


# --- counts -------------------------------------------------------------------------------------


def _rows(counts: Counts, roster: Roster, order: EvaluationOrder) -> Iterator[Fault]:
    waves = [wave.id for wave in order.waves]
    seen: dict[tuple[str, str], list[Steps]] = defaultdict(list)
    written: dict[tuple[str, str], set[str]] = defaultdict(set)
    for at, row in enumerate(counts.counts):
        unit = unit_named(roster.subjects, row.unit)
        if unit is None:
            yield Fault(
                ("counts", at, "unit"),
                "unknown_unit",
                "名册里没有这个单位",
                expected="名册里的代码、名称或别名",
                found=row.unit,
                remedy="改正，或在名册里补上；合计行整行删去",
            )
        else:
            seen[unit, row.wave].append(("counts", at, "unit"))
            written[unit, row.wave].add(row.unit)
        if row.wave not in waves:
            yield Fault(
                ("counts", at, "wave"),
                "unknown_wave",
                "没有这个批次",
                expected="、".join(waves),
                found=row.wave,
                remedy="改成 evaluation.yaml 里的批次，或删去这一行",
            )
    for key, places in seen.items():
        if len(written[key]) > 1:
            yield Fault(
                places[-1],
                "unit_counted_twice",
                "同一个单位在同一批次有两行（名称不同）",
                expected="每个单位每个批次一行",
                found=f"{'、'.join(sorted(written[key]))}，{key[1]}",
                remedy="删去多余的一行",
                involved=tuple(places),
            )


def _lacking(
    units: Units, order: EvaluationOrder, ledgers: Mapping[str, Ledger], counts: Counts | None
) -> Iterator[tuple[Document | None, Fault]]:
    """Yield, with the document that lacks it, every number that weights or rates need and nobody has."""
    for wave in order.waves:
        for what, why in _needed(wave, order, ledgers, counts is not None).items():
            known = (
                units.populations(wave.id) if what == "population" else units.households(wave.id)
            )
            needing = units.counting(wave.id) if why == _WEIGHTS else units.present(wave.id)
            lacking = [s for s in needing if s.id not in known]
            if not lacking:
                continue
            shown = "、".join(s.name for s in lacking[:NAMED])
            more = f"等 {len(lacking)} 个" if len(lacking) > NAMED else ""
            steps: Steps = ("counts", what) if counts is not None else ("units", "weights")
            yield (
                counts if counts is not None else order,
                Fault(
                    steps,
                    "count_missing",
                    f"批次 {wave.id} 缺少{'人口' if what == 'population' else '户数'}，{why}算不出来",
                    expected=f"counts.csv 里批次 {wave.id} 的每个{order.subject_word}都有数",
                    found=f"没有：{shown}{more}",
                    remedy="补上当批次的数（上一批次的不能代替）；没有的，units.weights 改为 equal",
                    needs=(("counts",),),
                ),
            )


_WEIGHTS = "汇总的权数"


def _needed(
    wave: Wave, order: EvaluationOrder, ledgers: Mapping[str, Ledger], counted: bool
) -> dict[str, str]:
    """Return which numbers of a wave are needed, and what for."""
    found: dict[str, str] = {}
    used: Collection[str | None] = {entry.ledger for entry in wave.files}
    for name, ledger in ledgers.items():
        for measure in ledger.measures if name in used else ():
            if measure.how == "rate" and measure.exposure is None and (counted or measure.per_unit):
                found[measure.per_unit or "population"] = f"度量“{measure.name}”"
    weights = order.units.weights if order.units is not None else "equal"
    if wave.files and weights != "equal":
        found.setdefault(weights, _WEIGHTS)
    return found
