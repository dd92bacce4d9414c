"""Who exists when, and which names are the same: the rules of a roster, one by one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from evalkit.definitions.roster import Roster, Subject


def roster(*subjects: dict[str, Any]) -> Roster:
    return Roster(subjects=[Subject(**one) for one in subjects])


def faults(*subjects: dict[str, Any]) -> list[tuple[str, tuple[int | str, ...]]]:
    return [(fault.code, fault.path) for fault in roster(*subjects).faults()]


WAVES = ("2014", "2015", "2016", "2017")


@pytest.mark.parametrize(
    ("since", "until", "waves"),
    [
        (None, None, ["2014", "2015", "2016", "2017"]),
        ("2015", None, ["2015", "2016", "2017"]),
        (None, "2015", ["2014", "2015"]),
        ("2015", "2016", ["2015", "2016"]),
        ("2016", "2016", ["2016"]),
    ],
)
def test_a_committee_exists_from_its_first_to_its_last_wave(
    since: str | None, until: str | None, waves: list[str]
) -> None:
    one = Subject(id="a", name="甲村", since=since, until=until)
    assert [wave for wave in WAVES if one.exists_in(wave)] == waves


def test_a_first_wave_may_be_the_last_and_not_after_it() -> None:
    assert faults({"id": "a", "name": "甲村", "since": "2016", "until": "2016"}) == []
    assert faults(
        {"id": "a", "name": "甲村"},
        {"id": "b", "name": "乙村", "since": "2017", "until": "2016"},
    ) == [("period_reversed", ("subjects", 1, "since"))]


def test_every_name_and_alias_leads_to_its_committee() -> None:
    found = roster(
        {"id": "a", "name": "甲村居民区", "aliases": ["老甲", "長壽新村"]},
        {"id": "b", "name": "乙 村", "aliases": []},
    )
    assert found.keys() == {"甲村": "a", "老甲": "a", "长寿新村": "a", "乙村": "b"}
    assert found.subject("b").name == "乙 村"
    with pytest.raises(KeyError, match="c"):
        found.subject("c")


def test_ids_that_differ_in_capitals_alone_would_be_one_file() -> None:
    assert faults({"id": "yf", "name": "甲村"}, {"id": "YF", "name": "乙村"}) == [
        ("duplicate_id", ("subjects", 1, "id"))
    ]
    assert faults({"id": "yf", "name": "甲村"}, {"id": "yf1", "name": "乙村"}) == []


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        ({"name": "甲村"}, {"name": "甲村社区"}, ("subjects", 1, "name")),
        ({"name": "甲村"}, {"name": "乙村", "aliases": ["甲 村"]}, ("subjects", 1, "aliases", 0)),
        ({"name": "甲村", "aliases": ["丙", "丁"]}, {"name": "丁"}, ("subjects", 1, "name")),
        (
            {"name": "甲村", "aliases": ["丁"]},
            {"name": "乙村", "aliases": ["戊", "丁居委会"]},
            ("subjects", 1, "aliases", 1),
        ),
    ],
)
def test_names_that_would_be_taken_for_each_other_collide(
    one: dict[str, Any], other: dict[str, Any], path: tuple[int | str, ...]
) -> None:
    assert faults({"id": "a", **one}, {"id": "b", **other}) == [("colliding_names", path)]


def test_a_committee_may_call_itself_the_same_twice() -> None:
    assert faults({"id": "a", "name": "甲村", "aliases": ["甲村居民区", "甲村社区"]}) == []


def test_an_heir_may_not_take_a_name_even_when_its_owner_has_gone() -> None:
    """Answers of all waves are matched by the same names."""
    assert faults(
        {"id": "a", "name": "甲村", "until": "2015"}, {"id": "b", "name": "甲村", "since": "2016"}
    ) == [("colliding_names", ("subjects", 1, "name"))]


def test_a_roster_of_nobody_is_none() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        Roster.model_validate({"subjects": []})
