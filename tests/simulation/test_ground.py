"""The demo's invented boundaries: sound, contiguous zones, the same every time, marked as invented."""

from __future__ import annotations

import json
from functools import cache
from itertools import combinations
from typing import Any

import pytest

from evalkit.definitions.roster import Subject
from evalkit.figures import check_boundaries
from evalkit.simulation.demo import demo_roster
from evalkit.simulation.ground import geojson_text, invented_boundaries


@cache
def demo() -> dict[str, Any]:
    return invented_boundaries(demo_roster())


def numbered(count: int) -> list[Subject]:
    return [Subject(id=f"c{k}", name=f"第{k}居民区") for k in range(count)]


def corners(place: int) -> set[tuple[float, float]]:
    return {tuple(p) for p in demo()["features"][place]["geometry"]["coordinates"][0]}


@pytest.mark.parametrize("count", [1, 2, 3, 35, 120])
def test_every_committee_has_one_sound_area(count: int) -> None:
    subjects = numbered(count)
    assert check_boundaries(invented_boundaries(subjects), [s.id for s in subjects]) == []


def test_the_demo_has_its_committees_and_says_that_the_ground_is_invented() -> None:
    assert check_boundaries(demo(), [s.id for s in demo_roster()]) == []
    assert demo()["evalkit"] == {"invented": True}
    assert "示意" in demo()["name"]


def test_zones_are_in_one_piece_and_lie_where_they_are_called() -> None:
    zones: dict[str, list[int]] = {}
    for place, subject in enumerate(demo_roster()):
        zones.setdefault(str(subject.zone), []).append(place)
    middles = {}
    for zone, members in zones.items():
        reached, edge = {members[0]}, [members[0]]
        neighbours = {
            frozenset(pair)
            for pair in combinations(members, 2)
            if len(corners(pair[0]) & corners(pair[1])) >= 2
        }
        while edge:
            here = edge.pop()
            new = {m for m in members if frozenset((here, m)) in neighbours} - reached
            reached |= new
            edge += new
        assert reached == set(members), zone
        points = [p for m in members for p in corners(m)]
        middles[zone] = [sum(p[axis] for p in points) / len(points) for axis in (0, 1)]
    assert middles["西片"][0] < middles["中片"][0] < middles["东片"][0]
    assert middles["北片"][1] == max(y for _, y in middles.values())


def test_text_has_six_decimals_and_is_the_same_every_time() -> None:
    text = geojson_text(demo())
    assert json.loads(text) == demo()
    assert text == geojson_text(invented_boundaries(demo_roster()))
    for feature in json.loads(text)["features"]:
        for point in feature["geometry"]["coordinates"][0]:
            assert [round(c, 6) for c in point] == point
