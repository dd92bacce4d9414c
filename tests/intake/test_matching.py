"""Which committee a name means; what is only alike is suggested and never decides."""

from __future__ import annotations

import pytest

from evalkit.definitions.roster import Roster, Subject
from evalkit.intake.matching import Match, Matcher
from tests.intake import exported as files


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("甲居民区", "jia"),
        ("甲", "jia"),
        ("甲 社区居委会", "jia"),
        ("老甲", "jia"),
        ("老甲居委会", "jia"),
        ("JIA", "jia"),
        ("乙小区", "yi"),
        ("甲区", None),
        ("老乙", None),
    ],
)
def test_a_name_is_matched_by_name_alias_or_id_without_its_suffix(
    name: str, subject: str | None
) -> None:
    assert Matcher(files.roster(), {}).match(name) == Match(subject)


def test_a_name_outweighs_an_id_that_looks_like_it() -> None:
    roster = Roster(subjects=[Subject(id="yi", name="甲"), Subject(id="jia", name="YI")])
    assert Matcher(roster, {}).match("yi").subject == "jia"


def test_what_an_analyst_decided_outweighs_the_roster() -> None:
    matcher = Matcher(files.roster(), {"甲居委会": "yi", "乙": None, "别处": None})
    assert matcher.match("甲居民区") == Match("yi", left_out=False)
    assert matcher.match("乙居民区") == Match(None, left_out=True)
    assert matcher.match("别处社区") == Match(None, left_out=True)
    assert matcher.match("哪里") == Match(None, left_out=False)


def test_at_most_three_names_are_suggested_likeliest_first_and_each_once() -> None:
    names = ["杏梅园北", "杏梅园", "杏梅苑", "杏花园", "大自鸣钟"]
    roster = Roster(subjects=[Subject(id=f"s{at}", name=name) for at, name in enumerate(names)])
    # of 杏梅圆's letters: 杏梅园 and 杏梅苑 have 2 of 3 (0.67), 杏梅园北 2 of 3 and 4 (0.57)
    assert set(Matcher(roster, {}).suggestions("杏梅圆社区")[:2]) == {"杏梅园", "杏梅苑"}
    assert Matcher(roster, {}).suggestions("杏梅圆")[2:] == ("杏梅园北",)
    twice = Roster(subjects=[Subject(id="s", name="杏梅园", aliases=["杏梅苑", "杏梅"])])
    assert Matcher(twice, {}).suggestions("杏梅圆") == ("杏梅园",)


def test_of_many_near_names_three_are_suggested() -> None:
    names = ("杏梅园", "杏梅苑", "杏梅路", "杏梅里", "杏梅坊")
    roster = Roster(subjects=[Subject(id=f"s{at}", name=name) for at, name in enumerate(names)])
    found = Matcher(roster, {}).suggestions("杏梅圆")
    assert len(found) == 3
    assert set(found) < set(names)


def test_half_of_the_letters_is_near_enough_for_a_suggestion() -> None:
    roster = Roster(subjects=[Subject(id="s", name="甲乙丙丁")])
    assert Matcher(roster, {}).suggestions("甲乙子丑") == ("甲乙丙丁",)  # 2 * 2 / 8
    assert Matcher(roster, {}).suggestions("甲乙子丑寅") == ()  # 2 * 2 / 9
