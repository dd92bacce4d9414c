"""Units of several levels: what lies in what, who counts, by what, and everything that can be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evalkit.definitions.consistency import Origin
from evalkit.definitions.counts import Counts
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.levels import Count
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.roster_file import read_counts, read_roster
from evalkit.definitions.territory import Territory
from evalkit.definitions.unit_consistency import check_units
from evalkit.definitions.units import Units
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.errors import Problem, Problems
from tests import levelled

LEVELS = [
    {"code": "zone", "name": "片区"},
    {"code": "committee", "name": "居民区"},
    {"code": "compound", "name": "小区"},
]


def order(weights: str = "equal", files: bool = False, **units: Any) -> EvaluationOrder:
    file = [{"file": "a.csv", "ledger": "hotline"}] if files else []
    waves = [{"id": wave, "files": file} for wave in ("2015", "2016")]
    said = {"levels": LEVELS, "evaluated": "committee", "weights": weights, **units}
    return EvaluationOrder.model_validate(
        {"title": "评估", "street": "某街道办", "waves": waves, "units": said}
    )


def rows(*found: dict[str, Any]) -> Roster:
    return Roster(subjects=[Subject(**row) for row in found])


def a_street(committees: int, zones: int, compounds: int = 0, stations: int = 0) -> Roster:
    """Zones and compounds in turn; the last committee is being set up where there are zones."""
    found: list[dict[str, Any]] = [
        {"id": f"z{z}", "name": f"第{z}片", "level": "片区"} for z in range(zones)
    ]
    for k in range(committees):
        row: dict[str, Any] = {"id": f"c{k}", "name": f"第{k}居"}
        if zones:
            row["parent"] = f"z{k % zones}"
        if stations:
            row["partitions"] = {"网格站": f"{k % stations}站"}
        found.append(row)
    found += [
        {"id": f"u{u}", "name": f"第{u}小区", "level": "compound", "parent": f"c{u % committees}"}
        for u in range(compounds)
    ]
    return rows(*found)


# --- what lies in what --------------------------------------------------------------------------


def test_a_street_of_five_zones_with_villages_and_a_committee_that_is_being_set_up() -> None:
    """32 committees (31 and one of 筹备) and 14 villages are 46 units, of which 45 count."""
    street = a_street(46, 5)
    kinds = ["居民区"] * 32 + ["村"] * 14
    places = iter(kinds)
    told = [
        row.model_copy(
            update={"kind": next(places), "status": "provisional" if row.id == "c31" else "formal"}
        )
        if row.level is None
        else row
        for row in street.subjects
    ]
    made = Territory.of(Roster(subjects=told), order(), None)
    units = Units.of(made)
    assert (len(made.subjects), len(units.present("2016")), len(units.counting("2016"))) == (
        46,
    ) * 2 + (45,)
    zones, kinds_of, whole = units.groupings()
    assert (zones.code, zones.name, len(zones.units), zones.ranked) == ("zone", "片区", 5, True)
    assert (kinds_of.code, set(kinds_of.units), kinds_of.ranked) == (
        "kind",
        {"居民区", "村"},
        False,
    )
    assert sum(kind == "村" for kind in kinds_of.of.values()) == 14
    assert set(whole.of.values()) == {"all"}
    assert {s.zone for s in made.subjects} == {f"第{z}片" for z in range(5)}
    assert units.partition("zone", ["c0", "c5", "c1"]) == {"第0片": (0, 1), "第1片": (2,)}


def test_a_street_of_twenty_committees_with_compounds_and_stations() -> None:
    made = Territory.of(a_street(20, 0, compounds=63, stations=5), order(), None)
    units = Units.of(made)
    assert (len(made.subjects), len(units.inside), len(units.homes())) == (20, 63, 63)
    assert units.homes()["u41"] == "c1"
    stations, whole = units.groupings()
    assert (stations.name, len(stations.units), stations.ranked) == ("网格站", 5, True)
    assert len(whole.of) == 20
    assert [level.name for level in units.finer] == ["小区"]
    assert units.level is not None
    assert units.level.name == "居民区"


def test_a_level_may_be_evaluated_that_has_others_above_and_below() -> None:
    street = rows(
        *(
            {**row.model_dump(), "level": row.level or "居民区"}
            for row in a_street(4, 2, 3).subjects
        )
    )
    zones = Territory.of(street, order(evaluated="zone"), None)
    assert [s.id for s in zones.subjects] == ["z0", "z1"]
    compounds = Territory.of(street, order(evaluated="compound"), None)
    assert [(s.id, s.zone) for s in compounds.subjects] == [
        ("u0", "第0居"),
        ("u1", "第1居"),
        ("u2", "第2居"),
    ]
    assert Units.of(compounds).chain("u2") == ("u2", "c2", "z0")
    assert [g.code for g in Units.of(compounds).groupings()] == ["zone", "committee", "all"]


def test_a_roster_of_one_level_is_what_it_was() -> None:
    plain = rows({"id": "a", "name": "甲居"}, {"id": "b", "name": "乙居", "zone": "东"})
    without = EvaluationOrder.model_validate(
        {"title": "评估", "street": "某街道办", "waves": [{"id": "2016"}]}
    )
    assert Territory.of(plain, without, None) is plain
    new = {"level", "parent", "status", "partitions"}
    assert not new & set(plain.model_dump(mode="json")["subjects"][0])
    assert "units" not in without.model_dump(mode="json")
    assert not new & {word.rstrip(":") for word in dump_yaml(plain).split()}
    assert Units.of(plain).levels == ()


def test_what_is_known_of_a_territory_is_part_of_what_it_is() -> None:
    """A result is marked by its documents: another count makes another roster."""
    counts = [Counts(counts=[Count(unit="甲居", wave="2016", population=n)]) for n in (786, 1974)]
    plain = rows({"id": "a", "name": "甲居"})
    one, two = (Territory.of(plain, order(), own).model_dump(mode="json") for own in counts)
    assert one != two
    assert one["counts"] == [{"unit": "a", "wave": "2016", "population": 786, "households": None}]


# --- counts -------------------------------------------------------------------------------------


def test_counts_are_those_of_the_wave_and_no_others() -> None:
    """786 households of this wave, not last year's 1,974; the roster's number is of no wave."""
    plain = rows({"id": "a", "name": "甲居", "population": 9999}, {"id": "b", "name": "乙居"})
    counts = Counts(
        counts=[
            Count(unit="甲居", wave="2015", population=5000, households=1974),
            Count(unit="A", wave="2016", households=786),
            Count(unit="b", wave="2016", population=10, households=3),
        ]
    )
    units = Units.of(Territory.of(plain, order("households"), counts))
    assert units.households("2016") == {"a": 786, "b": 3}
    assert units.households("2015") == {"a": 1974}
    assert units.populations("2016") == {"b": 10}
    assert units.weighing("2016") == {"a": 786.0, "b": 3.0}
    assert Units.of(plain).populations("2016") == {"a": 9999}
    assert 1000 * 12 / units.households("2016")["a"] == pytest.approx(15.267, abs=1e-3)


# --- everything that can be wrong ---------------------------------------------------------------


def found(
    roster: Roster,
    said: EvaluationOrder | None = None,
    counts: Counts | None = None,
    ledgers: dict[str, Ledger] | None = None,
) -> list[Problem]:
    problems = Problems()
    origins = (Origin("roster.csv"), Origin("evaluation.yaml"), Origin("counts.csv"))
    check_units(roster, said or order(), counts, ledgers or {}, problems, origins)
    return list(problems)


GOOD: list[dict[str, Any]] = [
    {"id": "z", "name": "东片", "level": "zone"},
    {"id": "a", "name": "甲居", "parent": "z"},
    {"id": "u", "name": "甲园", "level": "小区", "parent": "甲居"},
]


def spoilt(place: int, **changed: Any) -> Roster:
    return rows(*(row | changed if at == place else row for at, row in enumerate(GOOD)))


def test_the_roster_that_is_spoilt_is_good() -> None:
    assert found(rows(*GOOD)) == []


@pytest.mark.parametrize(
    ("roster", "code", "key"),
    [
        (spoilt(1, level="楼道"), "unknown_level", "level"),
        (spoilt(2, parent="无此居"), "unknown_parent", "parent"),
        (spoilt(1, parent="z；u"), "several_parents", "parent"),
        (spoilt(2, parent="z"), "unit_without_committee", "parent"),
        (spoilt(1, parent="u", level="zone"), "parent_not_above", "parent"),
        (spoilt(0, parent="u", level="小区"), "circular_parents", "parent"),
        (spoilt(2, status="provisional"), "not_for_this_level", "status"),
        (spoilt(2, partitions={"站": "一"}), "not_for_this_level", "partitions"),
        (spoilt(1, zone="西片"), "zone_contradicts_parent", "zone"),
        (spoilt(1, level="zone", parent=None), "nothing_evaluated", "level"),
        (spoilt(1, partitions={"片区": "一"}), "reserved_code", "partitions"),
    ],
)
def test_what_is_wrong_with_levels_and_parents(roster: Roster, code: str, key: str) -> None:
    told = {problem.code: problem for problem in found(roster)}
    assert code in told
    assert key in (told[code].key or "")
    assert told[code].remedy
    assert told[code].file == "roster.csv"


def test_two_units_of_one_name_are_two_parents() -> None:
    twice = rows(*GOOD, {"id": "b", "name": "乙居", "aliases": ["甲居"], "parent": "z"})
    (problem,) = [p for p in found(twice) if p.code == "several_parents"]
    assert problem.found is not None
    assert "2 个同名" in problem.found


def test_a_circle_is_told_once_with_everybody_in_it() -> None:
    circle = rows(
        {"id": "a", "name": "甲居", "parent": "b"},
        {"id": "b", "name": "乙居", "parent": "c"},
        {"id": "c", "name": "丙居", "parent": "a"},
    )
    told = [p for p in found(circle) if p.code == "circular_parents"]
    assert [p.found for p in told] == ["a → b → c → a"]


def test_a_name_may_be_that_of_the_committee_that_a_unit_lies_in_and_of_no_other() -> None:
    inside = spoilt(2, name="甲居小区")
    assert list(inside.faults()) == []
    elsewhere = rows(*GOOD, {"id": "b", "name": "甲园社区", "parent": "z"})
    assert [fault.code for fault in elsewhere.faults()] == ["colliding_names"]


def test_levels_without_an_order_for_them_are_unknown() -> None:
    plain = EvaluationOrder.model_validate(
        {"title": "评", "street": "街", "waves": [{"id": "2016"}]}
    )
    assert {p.code for p in found(rows(*GOOD), plain)} >= {"unknown_level"}


@pytest.mark.parametrize(
    ("units", "code"),
    [
        ({"evaluated": "building"}, "unknown_level"),
        ({"evaluated": None}, "unknown_level"),
        ({"evaluated": "zone"}, "level_word"),
        ({"levels": [*LEVELS, {"code": "all", "name": "全部"}]}, "reserved_code"),
        ({"levels": [*LEVELS, {"code": "zone", "name": "大片"}]}, "duplicate_id"),
    ],
)
def test_what_is_wrong_with_the_order_of_levels(units: dict[str, Any], code: str) -> None:
    assert [fault.code for fault in order(**units).faults()] == [code]


def test_counts_are_of_units_and_waves_that_there_are_and_of_each_once() -> None:
    counts = Counts.model_construct(
        counts=[
            Count(unit="甲居", wave="2015", population=3),
            Count(unit="a", wave="2015", population=4),
            Count(unit="谁", wave="2015", population=4),
            Count(unit="a", wave="1999", population=4),
            Count(unit="a", wave="2016"),
        ]
    )
    told = [problem.code for problem in found(rows(*GOOD), counts=counts)]
    assert told == ["unknown_unit", "unknown_wave", "unit_counted_twice"]
    assert [fault.code for fault in counts.faults()] == ["count_empty"]
    twice = Counts(counts=[Count(unit="a", wave="2016", population=n) for n in (1, 2)])
    assert [fault.code for fault in twice.faults()] == ["duplicate_id"]


def test_weights_need_a_count_of_every_wave_with_files() -> None:
    counts = Counts(counts=[Count(unit="a", wave="2015", population=3, households=2)])
    (lacking,) = found(rows(*GOOD), order("population", files=True), counts)
    assert (lacking.code, lacking.file) == ("count_missing", "counts.csv")
    assert "2016" in lacking.message
    assert lacking.found == "没有：甲居"
    assert found(rows(*GOOD), order("population"), counts) == []
    assert found(rows(*GOOD), order("equal", files=True), counts) == []
    without = found(rows(*GOOD), order("households", files=True))
    assert [(p.code, p.file) for p in without] == [("count_missing", "evaluation.yaml")] * 2
    roster = spoilt(1, population=900)
    assert found(roster, order("population", files=True)) == []


def test_a_rate_needs_the_people_of_its_wave_where_people_are_counted() -> None:
    ledger = Ledger.model_construct(
        id="hotline",
        measures=[
            type(
                "M", (), {"how": "rate", "exposure": None, "name": "每千人工单", "per_unit": None}
            )()
        ],
    )
    counts = Counts(counts=[Count(unit="a", wave="2015", population=3)])
    (lacking,) = found(rows(*GOOD), order(files=True), counts, {"hotline": ledger})
    assert (lacking.code, "每千人工单" in lacking.message) == ("count_missing", True)


# --- as files have them -------------------------------------------------------------------------


def test_columns_are_read_by_their_titles_and_every_value_has_its_place(tmp_path: Path) -> None:
    problems = Problems()
    for name, text in (("roster.csv", levelled.ROSTER), ("counts.csv", levelled.COUNTS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    roster = read_roster(tmp_path / "roster.csv", "roster.csv", problems)
    counts = read_counts(tmp_path / "counts.csv", "counts.csv", problems)
    assert list(problems) == []
    assert roster is not None
    assert counts is not None
    (four,) = [s for s in roster.subjects if s.id == "s4"]
    assert (four.provisional, four.parent, four.partitions) == (True, "西片", {"网格站": "二站"})
    assert (counts.counts[0].unit, counts.counts[0].households) == ("s1", 500)


def test_an_unknown_status_and_a_count_that_is_no_number_have_a_row_and_a_column(
    tmp_path: Path,
) -> None:
    problems = Problems()
    (tmp_path / "r.csv").write_text("id,name,状态\na,甲居,待定\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("单位,批次,人口\na,2016,若干\na,2015,0\n", encoding="utf-8")
    assert read_roster(tmp_path / "r.csv", "r.csv", problems) is None
    assert read_counts(tmp_path / "c.csv", "c.csv", problems) is None
    told = [(p.code, p.file, p.row, p.column) for p in problems]
    assert told == [
        ("wrong_value", "r.csv", 2, "C（状态）"),
        ("wrong_value", "c.csv", 2, "C（人口）"),
        ("wrong_value", "c.csv", 3, "C（人口）"),
    ]
    assert "formal（正式）、provisional（筹备）" in (next(iter(problems)).expected or "")
