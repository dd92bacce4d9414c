"""The units of a street, as a roster says: who existed when, in which zone, counted by what."""

from __future__ import annotations

import pytest

from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.units import PARTITIONS, Units

ROSTER = Roster(
    subjects=[
        Subject(id="a", name="甲", zone="东", housing="老公房", population=1200),
        Subject(id="b", name="乙", zone="西", kind="村", until="2015"),
        Subject(id="c", name="丙", zone="东", housing="商品房", since="2016", population=800),
        Subject(id="d", name="丁", housing="老公房", since="2015", until="2016", population=50),
    ]
)


@pytest.fixture
def units() -> Units:
    return Units.of(ROSTER)


def test_units_stand_in_the_rosters_order(units: Units) -> None:
    assert units.subjects == tuple(ROSTER.subjects)


@pytest.mark.parametrize(
    ("wave", "there"), [("2014", "ab"), ("2015", "abd"), ("2016", "acd"), ("2017", "ac")]
)
def test_who_existed_in_a_wave(units: Units, wave: str, there: str) -> None:
    """`since` is the first wave of a committee, `until` its last."""
    assert "".join(subject.id for subject in units.present(wave)) == there


def test_zones_of_some_committees_by_place(units: Units) -> None:
    """Places in what was asked for, not in the roster; nobody's zone is the empty one."""
    assert units.partition("zone", ["c", "b", "d", "a"]) == {"东": (0, 3), "西": (1,), "": (2,)}
    assert list(units.partition("zone", ["d", "b", "a"])) == ["", "西", "东"]


def test_every_column_that_groups_is_one_of_the_rosters(units: Units) -> None:
    assert PARTITIONS == ("zone", "housing", "kind")
    assert units.partition("housing", "abcd") == {"老公房": (0, 3), "": (1,), "商品房": (2,)}
    assert units.partition("kind", "abd") == {"居民区": (0, 2), "村": (1,)}


def test_nobody_makes_no_parts(units: Units) -> None:
    assert units.partition("zone", []) == {}


def test_a_committee_that_is_not_on_the_roster_is_a_mistake(units: Units) -> None:
    with pytest.raises(KeyError):
        units.partition("zone", ["z"])


def test_populations_are_of_who_existed_and_has_a_number(units: Units) -> None:
    assert units.populations("2014") == {"a": 1200}
    assert units.populations("2016") == {"a": 1200, "c": 800, "d": 50}
