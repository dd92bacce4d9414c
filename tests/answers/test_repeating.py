"""Residents who answer twice: by hand, against stacked waves, and against what truly happens."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from evalkit.answers import repeating
from evalkit.answers.repeating import known_again, notes, remember, renamed
from evalkit.definitions.decided import Decided
from evalkit.definitions.roster import Roster, Subject
from evalkit.findings import panel
from evalkit.findings.combining import steadied
from evalkit.methods.moments import domain_means
from evalkit.methods.two_waves import Drawn, pooled_memory, repeated_means
from evalkit.pages.press.sentences import said
from evalkit.tables import COMPOSITE, Answers, Cells
from tests.answers import cells as small
from tests.deciding import decided

LEAST = repeating.LEAST
OPTION = {100: "1", 50: "2", 0: "3"}
FIRST = {"jia": [100, 100, 50, 0, 50], "yi": [0, 50, 100, 100]}
SECOND = {"jia": [100, 50, 50, 0, 0, 100], "yi": [100, 0, 100, 50]}
WHO = {
    "2015": ["p", "q", "r", "", "s", "t", "u", "v", "w"],
    "2016": ["q", "p", "x", "s", "", "r", "w", "t", "y", "v"],
}
"""Four of the first committee answer twice, and three of the second one."""


def answers(wave: str, given: dict[str, list[int]], who: list[str]) -> Answers:
    """Everybody gives every question the same points."""
    rows = [
        (subject, "", {**dict.fromkeys("abc", OPTION[x]), "t": str(5 + x // 10), "all": OPTION[x]})
        for subject, points in given.items()
        for x in points
    ]
    made = small.answers(*rows, wave=wave)
    return replace(made, who=dict(zip(made.respondents.index, who, strict=True)))


@pytest.fixture(autouse=True)
def _few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "LEAST", 2)


def known(**changes: object) -> Decided:
    scheme, form = small.scheme(key=changes), small.form()
    return decided(scheme, {form.id: form}, small.roster())


def waves(by: Decided | None = None) -> tuple[dict[str, Cells], dict[str, Answers]]:
    rows = {
        "2015": answers("2015", FIRST, WHO["2015"]),
        "2016": answers("2016", SECOND, WHO["2016"]),
    }
    by = by or known()
    found = {w: small.measured(own, by.scheme, by.roster) for w, own in rows.items()}
    return remember(found, rows, by), rows


def test_the_covariance_of_a_committees_means_by_hand() -> None:
    """p: 100, 50; q: 100, 100; r: 50, 100; s: 50, 0, about means of 60 and 50."""
    cells, _ = waves()
    overlap = cells["2015"].groups["key"].again["2016"]
    assert overlap.pairs.tolist() == [4, 3]
    assert overlap.share.round(12).tolist() == [round(4 / 30**0.5, 12), round(3 / 16**0.5, 12)]
    together = 40 * 0 + 40 * 50 + (-10) * 50 + (-10) * (-50)
    expected = together / 30 * np.sqrt(5 / 4 * 6 / 5)
    np.testing.assert_allclose(overlap.covariance[0], expected, rtol=1e-12)
    assert not cells["2016"].groups["key"].again


def test_stacked_waves_with_people_as_clusters_have_the_same_covariance() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(30, 2)), rng.normal(size=(24, 2))
    weights = rng.uniform(0.5, 2, 30), rng.uniform(0.5, 2, 24)
    a[3, 1] = np.nan
    people = np.r_[np.arange(30), np.arange(10, 34)]
    found = repeated_means(
        Drawn(a, weights[0]), Drawn(b, weights[1]), (np.arange(10, 30), np.arange(20))
    )
    stacked = domain_means(
        np.r_[a, b], np.r_[weights], np.repeat([0, 1], [30, 24]), clusters=people
    ).covariance[:2, 2:]
    own = np.sqrt(np.outer([30 / 29, 29 / 28], [24 / 23, 24 / 23]))
    np.testing.assert_allclose(found.covariance / own, stacked / (34 / 33), rtol=1e-9, atol=1e-12)


def test_people_of_one_building_are_added_up_before() -> None:
    x = np.array([[4.0], [2.0], [0.0], [2.0]])
    houses = np.array(["a", "a", "b", "b"], dtype=object)
    wave = Drawn(x, np.ones(4), houses)
    found = repeated_means(wave, wave, (range(4), range(4)))
    # influence of the buildings (2 + 0) / 4 and (-2 + 0) / 4, two units
    np.testing.assert_allclose(found.covariance, 2 * (0.25 + 0.25))


def test_who_are_all_on_a_list_leave_no_covariance_and_others_their_part() -> None:
    x = np.arange(8.0)[:, None]
    eight, six = Drawn(x, np.ones(8)), Drawn(x[:6], np.ones(6))
    all_of_them = repeated_means(eight, six, (range(6), range(6)), listed=8)
    np.testing.assert_allclose(all_of_them.covariance, 0, atol=1e-12)
    assert all_of_them.share == 0
    same = repeated_means(six, six, (range(6), range(6)), listed=8)
    assert same.share == pytest.approx(1)
    alone = repeated_means(six, six, (range(6), range(6)))
    np.testing.assert_allclose(same.covariance, alone.covariance * (1 - 6 / 8))
    with pytest.raises(ValueError, match="shorter"):
        repeated_means(eight, six, ([0], [0]), listed=7)
    with pytest.raises(ValueError, match="match"):
        repeated_means(eight, six, ([0, 1], [0]))


def test_a_change_is_as_unsure_as_it_truly_is() -> None:
    """400 committees of 20 and 24, of whom 12 answer twice and keep .6 of their error."""
    rng = np.random.default_rng(8)
    moved, claimed, plain, r, share = [], [], [], [], []
    for _ in range(400):
        kept = np.sqrt(0.6) * rng.standard_normal(12)
        a = np.sqrt([0.4] * 12 + [1.0] * 8) * rng.standard_normal(20)
        b = np.sqrt([0.4] * 12 + [1.0] * 12) * rng.standard_normal(24)
        a[:12], b[:12] = a[:12] + kept, b[:12] + kept
        found = repeated_means(
            Drawn(a[:, None], np.ones(20)), Drawn(b[:, None], np.ones(24)), (range(12), range(12))
        )
        v = a.var(ddof=1) / 20 + b.var(ddof=1) / 24
        moved.append((b.mean() - a.mean()) ** 2)
        plain.append(v)
        claimed.append(v - 2 * found.covariance[0, 0])
        share.append(found.share)
        r.append(found.covariance[0, 0] / np.sqrt(a.var(ddof=1) * b.var(ddof=1) / 480))
    assert pooled_memory(share, r) == pytest.approx(0.6, abs=0.05)
    assert np.mean(claimed) == pytest.approx(1 / 20 + 1 / 24 - 2 * 0.6 * 12 / 480, rel=0.03)
    assert np.mean(moved) / np.mean(claimed) == pytest.approx(1, abs=0.15)
    assert np.mean(moved) / np.mean(plain) < 0.8


def test_a_change_takes_it_off_committee_by_committee() -> None:
    """One number for how errors are kept, and of each committee how many answered twice."""
    by = known().scheme
    cells, _ = waves()
    overlap = cells["2015"].groups["key"].again["2016"]
    found = panel.Between(cells["2015"], cells["2016"], by).common("B1", ("jia", "yi"))
    groups = [cells[w].groups["key"] for w in ("2015", "2016")]
    raw = [group.covariance[:, 2, 2] for group in groups]
    r = overlap.covariance[:, 2, 2] / np.sqrt(raw[0] * raw[1])
    kept = (overlap.share * r).sum() / (overlap.share**2).sum()
    steady = [steadied(group, np.array([2]), np.ones((2, 1))).variance for group in groups]
    expected = kept * overlap.share * np.sqrt(steady[0] * steady[1])
    assert 0 < kept < 1
    np.testing.assert_allclose(found.covariance, np.diag(expected), rtol=1e-12)
    turned = panel.Between(cells["2015"], cells["2016"], by).common("B1", ("yi", "jia"))
    np.testing.assert_allclose(np.diag(turned.covariance), expected[::-1], rtol=1e-12)
    own = replace(cells["2015"].groups["key"], again={})
    nothing = replace(cells["2015"], groups={**cells["2015"].groups, "key": own})
    assert (
        not panel.Between(nothing, cells["2016"], by).common(COMPOSITE, ("jia",)).covariance.any()
    )


def test_committees_where_too_few_answered_twice_leave_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(repeating, "LEAST", 4)
    overlap = waves()[0]["2015"].groups["key"].again["2016"]
    assert overlap.pairs.tolist() == [4, 0]
    assert overlap.share[1] == 0
    assert not overlap.covariance[1].any()


def test_how_many_are_known_again_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "LEAST", 4)
    by = known()
    cells, rows = waves(by)
    (note,) = known_again(cells["2015"], cells["2016"], rows, by)
    assert (note.code, note.count) == ("residents_matched", 7)
    assert (note.facts["before"], note.facts["after"], note.facts["used"]) == (8, 9, 4)
    assert "7 人" in said(note)


def test_an_archived_wave_is_remembered_as_long_as_the_later_one_is_the_same() -> None:
    by = known()
    cells, rows = waves(by)
    later = {"2016": rows["2016"]}
    assert not list(known_again(cells["2015"], cells["2016"], later, by))
    group = cells["2016"].groups["key"]
    other = replace(cells["2016"], groups={
        **cells["2016"].groups, "key": replace(group, n=group.n + 1),
    })  # fmt: skip
    assert not panel.Between(cells["2015"], other, by.scheme).overlaps
    (note,) = known_again(cells["2015"], other, later, by)
    assert note.code == "residents_not_known_again"
    assert "2015 只有数据库里的结果" in said(note)
    fresh = remember({**cells}, later, by)
    assert fresh["2015"].groups["key"].again


def test_a_wave_without_numbers_is_named() -> None:
    by = known()
    rows = waves(by)[1]
    none = {**rows, "2015": replace(rows["2015"], who={})}
    bare = {w: small.measured(own, by.scheme, by.roster) for w, own in none.items()}
    (note,) = known_again(bare["2015"], remember(bare, none, by)["2016"], none, by)
    assert "2015 没有追踪编号" in said(note)


def test_numbers_that_appear_twice_or_lack_are_told_by_row_and_never_shown() -> None:
    by = known()
    who = ["p", "q", "p", "", "s", "t", "u", "v", "p"]
    twice, lacking = notes(answers("2015", FIRST, who), by)
    assert (twice.code, twice.count) == ("panel_twice", 3)
    assert twice.facts["places"] == ("a.xlsx#2", "a.xlsx#4", "a.xlsx#10")
    assert (lacking.code, lacking.facts["places"]) == ("panel_missing", ("a.xlsx#5",))
    assert lacking.code == "panel_missing"
    assert "a.xlsx#4" in said(twice)
    assert "a.xlsx#5" in said(lacking)
    cells, rows = waves(by)
    rows["2015"] = replace(
        rows["2015"], who=dict(zip(rows["2015"].respondents.index, who, strict=True))
    )
    overlap = remember(cells, rows, by)["2015"].groups["key"].again["2016"]
    assert overlap.pairs.tolist() == [2, 2]
    assert not list(notes(replace(rows["2015"], who={}), by))


def test_roster_lists_bound_what_a_list_has_in_common() -> None:
    subjects = [Subject(id="jia", name="甲", listed=6), Subject(id="yi", name="乙", listed=4)]
    by = known(sample="list")
    cells, rows = waves(by)
    listed = replace(by, roster=Roster(subjects=subjects))
    overlap = remember(cells, rows, listed)["2015"].groups["key"].again["2016"]
    plain = cells["2015"].groups["key"].again["2016"]
    chance = np.sqrt(30) / 6
    factor = 1 - chance / plain.share[0]
    np.testing.assert_allclose(overlap.covariance[0], plain.covariance[0] * factor)


def offices(wave: str, *names: str) -> Answers:
    """Departments who judge both committees."""
    rows = [(s, "", {"a": "1", "c": "2"}) for _ in names for s in ("jia", "yi")]
    raters = [name for name in names for _ in range(2)]
    made = small.answers(*rows, wave=wave, group="office", raters=raters)
    return replace(made, who=dict(zip(made.respondents.index, raters, strict=True)))


def test_raters_who_may_have_changed_their_names_are_told_by_their_rows() -> None:
    before, after = (
        offices("2015", "party", "law", "care"),
        offices("2016", "care", "party", "order"),
    )
    (note,) = renamed(before, after, known())
    assert (note.code, note.where, note.count) == ("raters_renamed", "2015-2016", 1)
    assert (note.facts["before"], note.facts["after"]) == (("a.xlsx#4",), ("a.xlsx#6",))
    assert "文件#行：a.xlsx#4" in said(note)
    assert not list(renamed(before, offices("2016", "law", "party"), known()))
    assert not list(renamed(before, offices("2016", "law", "party", "care", "new"), known()))
    assert not list(renamed(before, offices("2016", "law", "u", "v", "w"), known()))


def of(who: dict[str, list[str]], by: Decided | None = None, **more: Any) -> dict[str, Cells]:
    """The cells of both waves with these marks, and other columns of who answered in the first."""
    by = by or known()
    rows = {
        "2015": answers("2015", FIRST, who["2015"]),
        "2016": answers("2016", SECOND, who["2016"]),
    }
    first = rows["2015"]
    rows["2015"] = replace(first, respondents=first.respondents.assign(**more))
    found = {w: small.measured(own, by.scheme, by.roster) for w, own in rows.items()}
    return remember(found, rows, by)


def test_five_who_answer_twice_are_enough_and_four_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "LEAST", LEAST)
    assert of(WHO)["2015"].groups["key"].again["2016"].pairs.tolist() == [0, 0]
    more = {"2015": [w or "z" for w in WHO["2015"]], "2016": [w or "z" for w in WHO["2016"]]}
    assert of(more)["2015"].groups["key"].again["2016"].pairs.tolist() == [5, 0]
    monkeypatch.setattr(repeating, "LEAST", 4)
    fewer = {"2015": WHO["2015"], "2016": ["q", "p", "x", "", "", "r", "w", "t", "u", "v"]}
    assert of(fewer)["2015"].groups["key"].again["2016"].pairs.tolist() == [0, 4]


def test_where_nobody_answers_twice_and_of_raters_nothing_is_remembered() -> None:
    apart = of({"2015": WHO["2015"], "2016": [f"new {at}" for at in range(10)]})
    assert not apart["2015"].groups["key"].again
    by = known()
    rows = {wave: offices(wave, "party", "law", "care") for wave in ("2015", "2016")}
    found = {w: small.measured(own, by.scheme, by.roster) for w, own in rows.items()}
    assert not remember(found, rows, by)["2015"].groups["office"].again
    assert list(notes(rows["2015"], by)) == []
    assert list(known_again(found["2015"], found["2016"], rows, by)) == []


def test_clusters_of_a_committee_are_those_that_are_told_and_each_other_answer() -> None:
    """Two of jia live in one building, which is told of them alone; of the second wave nothing is."""
    overlap = of(WHO, cluster=["a", "a", *[""] * 7])["2015"].groups["key"].again["2016"]
    first, second = (
        np.repeat(np.array(points["jia"], dtype=float)[:, None], 4, axis=1)
        for points in (FIRST, SECOND)
    )
    houses = np.array(["a", "a", "2", "3", "4"], dtype=object)
    places = [0, 1, 2, 4], [1, 0, 5, 3]
    expected = repeated_means(Drawn(first, np.ones(5), houses), Drawn(second, np.ones(6)), places)
    np.testing.assert_allclose(overlap.covariance[0], expected.covariance, rtol=1e-12)
    assert overlap.share[0] == pytest.approx(expected.share)


@pytest.mark.parametrize(
    ("population", "sample", "listed", "bound"),
    [
        (None, "random", (6, 8), np.inf), (None, "list", (6, 8), 8.0), (None, "list", (6, None), 6.0),
        (7, "list", (6, 8), 7.0), (9, "list", (6, 8), 8.0), (9, "random", (6, 8), 9.0),
        (None, "list", (None, None), np.inf),
    ],
)  # fmt: skip
def test_there_are_no_more_people_than_the_longer_list_and_than_are_known(
    population: int | None, sample: str, listed: tuple[int | None, int | None], bound: float
) -> None:
    by = known(sample=sample, population=population)
    cells: Any = tuple(SimpleNamespace(wave=wave) for wave in ("2015", "2016"))
    of_wave = dict(zip(("2015", "2016"), listed, strict=True))

    class Lists:
        def listed(self, wave: str) -> dict[str, int]:
            own = of_wave[wave]
            return {"yi": 3} | ({} if own is None else {"jia": own})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeating.Units, "of", lambda roster: Lists())
        assert repeating._listed("jia", cells, by.scheme.groups[0], by) == bound
