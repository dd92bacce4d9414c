"""Levels, partitions and committees that are being set up, in the roster of a whole city."""

from __future__ import annotations

from pathlib import Path

from evalkit.city.founding import roster_text
from evalkit.definitions.city import CitySubject
from evalkit.definitions.roster_file import read_roster
from evalkit.errors import Problems

PLAIN = CitySubject(id="a", name="甲居民区", aliases=["老甲", "甲社区"], street="一街道")
SET_UP = CitySubject(
    id="b", name="乙居民区", street="一街道", level="居民区", status="provisional",
    partitions={"网格站": "一站"},
)  # fmt: skip


def test_a_streets_roster_has_columns_of_levels_where_they_are_used(tmp_path: Path) -> None:
    path, problems = tmp_path / "roster.csv", Problems()
    path.write_text(roster_text([PLAIN, SET_UP]), encoding="utf-8")
    found = read_roster(path, "roster.csv", problems)
    assert list(problems) == []
    assert found is not None
    for own, given in zip(found.subjects, (PLAIN, SET_UP), strict=True):
        assert own.model_dump() == {k: v for k, v in given.model_dump().items() if k != "street"}


def test_a_plain_roster_has_the_columns_that_it_had() -> None:
    header = roster_text([PLAIN]).splitlines()[0].lstrip("\N{BYTE ORDER MARK}")
    assert header == "id,name,aliases,zone,kind,housing,population,listed,since,until"
