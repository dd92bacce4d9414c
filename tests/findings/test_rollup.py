"""Committees summed up to zones and the street, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.definitions.counts import Counts
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.levels import Count
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.territory import Territory
from evalkit.findings import street_means
from evalkit.findings.rolling_up import Estimates, roll_up, roll_up_to, shares
from evalkit.findings.rollup import roll_up_wave
from evalkit.findings.scoring import score
from evalkit.findings.withholding import told
from evalkit.methods import rank_sets
from evalkit.methods.moments import cell_moments
from evalkit.pages.press import sentences
from evalkit.tables import Cells, GroupCells, Ranking, WaveResult, no_rows
from tests.deciding import decided
from tests.definitions.test_levels import order
from tests.findings.small_street import cells_of, group_of, one_group, scheme_of

close = pytest.approx
NO_RANKING = Ranking("2016", no_rows("ranking"), 0.0, 0.0, 0.0, ())


def territory(
    *units: dict[str, Any], weights: str = "equal", people: dict[str, int] | None = None
) -> tuple[Roster, EvaluationOrder]:
    """Zones and committees of these columns, and the order that has their levels."""
    said = order(weights).model_copy(
        update={"settings": order().settings.model_copy(update={"draws": 500})}
    )
    counts = [Count(unit=u, wave="2016", population=n) for u, n in (people or {}).items()]
    roster = Roster(subjects=[Subject(**unit) for unit in units])
    return Territory.of(roster, said, Counts(counts=counts) if counts else None), said


ZONES: list[dict[str, Any]] = [
    {"id": "e", "name": "东片", "level": "zone"},
    {"id": "w", "name": "西片", "level": "zone"},
]


def committees(*zones: str, **changed: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"id": one, "name": f"{one}居", "parent": zone}
        for one, zone in zip("abcdefghij", zones, strict=False)
    ]
    return [row | changed.get(str(row["id"]), {}) for row in found]


def wave(cells: Cells, scheme: Scheme, roster: Roster) -> WaveResult:
    return WaveResult(
        None, cells, told(score(cells, scheme, roster), cells, scheme)[0], NO_RANKING, None
    )


def rolled(
    group: GroupCells | dict[str, GroupCells],
    roster: tuple[Roster, EvaluationOrder],
    scheme: Scheme | None = None,
) -> tuple[pd.DataFrame, WaveResult]:
    scheme = scheme or one_group()
    groups = group if isinstance(group, dict) else {"r": group}
    cells = cells_of(scheme, groups, subjects=[s.id for s in roster[0].subjects])
    found = wave(cells, scheme, roster[0])
    documents = decided(scheme, {}, roster[0], order=roster[1])
    return roll_up_wave(found, documents, None)[0], found


def of(table: pd.DataFrame, unit: str, code: str = "composite") -> Any:
    (row,) = table[(table["unit"] == unit) & (table["code"] == code)].itertuples()
    return row


# --- the linear map -----------------------------------------------------------------------------


def test_a_roll_up_of_a_roll_up_is_the_direct_one() -> None:
    """Committees to zones to two halves of the street to the street: weights are those of one step."""
    rng = np.random.Generator(np.random.PCG64(5))
    k = 12
    root = rng.normal(size=(k, k))
    covariance = root @ root.T
    own = Estimates(rng.uniform(0, 100, k), covariance, np.diag(covariance), np.full(k, 9.0))
    weights = rng.uniform(1, 5000, k)
    zones = [[0, 1, 2], [3, 4], [5], [6, 7, 8, 9], [10, 11]]
    halves = [[0, 1], [2, 3, 4]]
    direct = [[k for z in half for k in zones[z]] for half in halves]
    to_zones = shares(weights, zones)
    heavy = np.array([weights[z].sum() for z in zones])
    to_halves = shares(heavy, halves)
    np.testing.assert_allclose(to_halves @ to_zones, shares(weights, direct), rtol=0, atol=1e-15)
    first = roll_up_to(to_zones, [own])
    up = Estimates(first.value, first.covariance, np.diag(first.covariance), first.df)
    both = roll_up_to(to_halves, [up])
    at_once = roll_up_to(shares(weights, direct), [own])
    np.testing.assert_allclose(both.value, at_once.value, rtol=0, atol=1e-12)
    np.testing.assert_allclose(both.covariance, at_once.covariance, rtol=0, atol=1e-12)
    street = shares(np.array([weights[d].sum() for d in direct]), [[0, 1]]) @ both.value
    assert street[0] == close(weights @ own.value / weights.sum(), abs=1e-12)


def test_weights_of_n_give_what_the_pooled_rows_do() -> None:
    """A m is the mean of all rows. A C A' is the variance of a mean of strata: n_k/(n_k - 1) of the
    squared residuals from their own unit's mean, over all rows squared.
    """
    rng = np.random.Generator(np.random.PCG64(8))
    sizes = (7, 12, 3)
    parts = [rng.integers(0, 5, (n, 2)) * 25.0 for n in sizes]
    found = [cell_moments(part, np.ones(len(part)), None) for part in parts]
    total = sum(sizes)
    for i in range(2):
        covariance = np.diag([own.covariance[i, i] for own in found])
        own = Estimates(
            np.array([m.mean[i] for m in found]), covariance, np.diag(covariance), np.full(3, 9.0)
        )
        made = roll_up(np.array(sizes) / total, [own])
        pooled = np.concatenate([part[:, i] for part in parts])
        assert made.value == close(pooled.mean(), abs=1e-12)
        squares = sum(
            n / (n - 1) * ((part[:, i] - part[:, i].mean()) ** 2).sum()
            for n, part in zip(sizes, parts, strict=True)
        )
        assert made.variance == close(squares / total**2, abs=1e-12)


def test_raters_that_judge_several_make_zones_dependent() -> None:
    """Two zones of two, every pair of committees with covariance 2: so have the zones."""
    covariance = np.full((4, 4), 2.0) + np.diag([4.0] * 4)
    own = Estimates(
        np.array([70.0, 72, 80, 82]), covariance, np.diag(covariance), np.full(4, 5.0), shared=True
    )
    made = roll_up_to(shares(np.ones(4), [[0, 1], [2, 3]]), [own])
    np.testing.assert_allclose(made.covariance, [[4.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(made.value, [71, 81])
    assert made.pair_df[0, 1] == close(5.0)
    assert np.isinf(made.pair_df[0, 0])


# --- the frame ----------------------------------------------------------------------------------


def test_zones_and_the_street_by_population() -> None:
    """East (60·1000 + 80·3000)/4000 = 75 with variance (1/16 + 9/16)·4 = 2.5; all (75·4 + 90)/5."""
    group = group_of([[60], [80], [90]], [[4], [4], [4]], [30, 30, 30])
    made, _ = rolled(
        group,
        territory(
            *ZONES, *committees("e", "e", "w"), weights="population",
            people={"a": 1000, "b": 3000, "c": 1000},
        ),
    )  # fmt: skip
    east, west, street = of(made, "e"), of(made, "w"), of(made, "all")
    assert (east.mean, east.members, east.name, east.grouping) == (close(75), 2, "东片", "zone")
    assert east.se == close(2.5**0.5, rel=1e-6)
    assert (west.mean, west.members) == (close(90), 1)
    assert street.mean == close(78)
    assert street.name == "某街道办"
    assert street.se == close((4 * (1 + 9 + 1) / 25) ** 0.5, rel=1e-6)
    assert set(made["grouping"]) == {"zone", "all"}
    assert not made["suppressed"].any()


def test_equal_weights_give_the_streets_mean() -> None:
    """The last row is `street_means`, bit for bit: mean, standard error and interval."""
    groups = {
        "r": group_of([[60, 70], [80, 90], [75, 50]], [[4, 2], [5, 3], [6, 1]], [30, 20, 25]),
        "o": group_of(
            [[55, 66], [77, 88], [70, 60]], [[6, 6]] * 3, [4] * 3,
            joint=[[6.0, 2, 1], [2, 6, 2], [1, 2, 6]],
        ),
    }  # fmt: skip
    scheme = scheme_of({"r": 70, "o": 30}, {"A": {"A1": 40}, "B": {"B1": 60}})
    made, found = rolled(groups, territory(*ZONES, *committees("e", "e", "w")), scheme)
    street = street_means.means(found, None, scheme).query("group == 'all'").set_index("code")
    own = made[made["unit"] == "all"].set_index("code")
    for column in ("mean", "se", "low", "high"):
        np.testing.assert_array_equal(own[column].astype(float), street.loc[own.index, column])
    assert list(own["members"]) == [3] * 5


def test_zones_have_ranks_and_sets_of_their_own() -> None:
    group = group_of([[60], [62], [90], [92]], [[4]] * 4, [30] * 4)
    made, found = rolled(group, territory(*ZONES, *committees("e", "e", "w", "w")))
    east, west = of(made, "e"), of(made, "w")
    assert (east.rank, west.rank) == (2, 1)
    assert (west.rank_low, west.rank_high) == (1, 1)
    scores = found.scores
    own = roll_up_to(
        shares(np.ones(4), [[0, 1], [2, 3]]),
        [Estimates(scores.composite, scores.covariance, scores.variance[0], scores.df[0])],
    )
    sets = rank_sets.rank_sets(
        own.value, own.covariance, confidence=0.95, kind="joint", draws=500, seed=1, df=own.pair_df
    )
    assert (east.rank_low, east.rank_high) == (sets.low[0], sets.high[0])
    assert made.loc[made["code"] != "composite", "rank"].isna().all()
    assert made.loc[made["unit"] == "all", "rank"].isna().all()


def test_nothing_is_summed_up_without_the_counts_of_the_wave() -> None:
    group = group_of([[60], [80]], [[4], [4]], [30, 30])
    scheme = one_group()
    roster, said = territory(*ZONES, *committees("e", "w"), weights="population", people={"a": 10})
    cells = cells_of(scheme, {"r": group}, subjects=["a", "b"])
    made, noted = roll_up_wave(
        wave(cells, scheme, roster), decided(scheme, {}, roster, order=said), None
    )
    assert len(made) == 0
    (note,) = noted
    assert (note.code, note.count) == ("rollup_without_counts", 1)
    assert "这一批次不往上汇总" in sentences.said(note)


def test_a_sum_with_a_committee_of_which_it_is_not_told_is_left_out() -> None:
    """Its zone less the others would be its number; the street's equal mean is told in any case."""
    groups = {"r": group_of([[60, 70], [80, 90], [75, 50]], [[4, 2]] * 3, [30, 20, 25])}
    scheme = scheme_of({"r": 100}, {"A": {"A1": 40}, "B": {"B1": 60}})
    for weights in ("equal", "population"):
        roster, said = territory(
            *ZONES, *committees("e", "e", "w"), weights=weights,
            people={"a": 1, "b": 2, "c": 3},
        )  # fmt: skip
        cells = cells_of(scheme, groups, subjects=["a", "b", "c"])
        found = wave(cells, scheme, roster)
        table = found.scores.indicators.copy()
        gone = (table["subject"] == "a") & (table["code"] == "A1")
        table.loc[gone, "estimate"] = np.nan
        found = replace(found, scores=replace(found.scores, indicators=table))
        made, _ = roll_up_wave(found, decided(scheme, {}, roster, order=said), None)
        left_out = {(row.unit, row.code) for row in made.itertuples() if row.suppressed}
        expected = {("e", "A1")} if weights == "equal" else {("e", "A1"), ("all", "A1")}
        assert left_out == expected
        assert made.loc[made["suppressed"], ["mean", "se", "low", "high"]].isna().all(axis=None)


def test_of_one_committee_nothing_is_told_of_the_street_either_and_of_two_their_mean() -> None:
    """What is left out of a: its A1, and its composite, which is told all the same."""
    scheme = scheme_of({"r": 100}, {"A": {"A1": 40}, "B": {"B1": 60}})
    for count, left_out in ((1, {("e", "A1"), ("all", "A1")}), (2, {("e", "A1")})):
        roster, said = territory(*ZONES, *committees(*"ew"[:count]))
        group = group_of([[60, 70]] * count, [[4, 2]] * count, [30] * count)
        cells = cells_of(scheme, {"r": group}, subjects=list("ab"[:count]))
        found = wave(cells, scheme, roster)
        table = found.scores.indicators.copy()
        gone = (table["subject"] == "a") & table["code"].isin(["A1", "composite"])
        table.loc[gone, "estimate"] = np.nan
        found = replace(found, scores=replace(found.scores, indicators=table))
        made, _ = roll_up_wave(found, decided(scheme, {}, roster, order=said), None)
        assert {(row.unit, row.code) for row in made.itertuples() if row.suppressed} == left_out
        assert of(made, "e").mean == of(made, "all").mean == close(66)


def test_a_zone_without_a_score_stands_first_without_numbers_and_takes_nobody_elses() -> None:
    """The only committee of the east is being set up; of B1 nobody was asked anything."""
    scheme = scheme_of({"r": 100}, {"A": {"A1": 40}, "B": {"B1": 60}})
    gap = np.nan
    group = group_of([[60, gap], [70, gap], [90, gap]], [[4, gap]] * 3, [30] * 3)
    made, _ = rolled(
        group, territory(*ZONES, *committees("e", "w", "w", a={"status": "provisional"})), scheme
    )
    assert made["unit"].tolist()[:2] == ["e", "w"]
    assert (of(made, "e").members, of(made, "w").members, of(made, "w").mean) == (0, 2, close(80))
    assert pd.isna(of(made, "e").mean)
    assert (of(made, "w", "B1").members, of(made, "w", "A1").mean) == (0, close(80))
    assert made.loc[made["code"].isin(["B", "B1"]), "mean"].isna().all()


def test_where_no_answers_differ_a_sum_has_no_error_that_is_known_but_in_a_census() -> None:
    """Of two groups one that is known to have been asked in full is enough to know it."""
    alike = group_of([[0], [0]], [[0], [0]], [3, 3])
    roster = territory(*ZONES, *committees("e", "w"))
    made, _ = rolled(alike, roster)
    assert made[["se", "low", "high", "rank"]].isna().all(axis=None)
    for counted in (("r",), ("r", "o")):
        scheme = scheme_of({"r": 50, "o": 50}, {"A": {"A1": 100}})
        groups = [
            g.model_copy(update={"population": 6 if g.code in counted else None})
            for g in scheme.groups
        ]
        made, _ = rolled(
            {"r": alike, "o": alike}, roster, scheme.model_copy(update={"groups": groups})
        )
        assert (made[["se", "low", "high"]] == 0).all(axis=None)
    made, _ = rolled(group_of([[99], [1]], [[400], [400]], [30, 30]), roster)
    east, west = of(made, "e"), of(made, "w")
    assert (east.high, west.low) == (100.0, 0.0)
    assert east.low == close(99 - 20 * stats.t.ppf(0.975, 58))


def test_where_nobody_is_complete_there_is_nothing_to_sum_up() -> None:
    nobody = group_of([[np.nan], [np.nan]], [[np.nan], [np.nan]], [0, 0])
    made, _ = rolled(nobody, territory(*ZONES, *committees("e", "w")))
    pd.testing.assert_frame_equal(made, no_rows("rollup"))


def test_zones_are_ranked_and_what_houses_are_is_not() -> None:
    houses = {one: {"housing": "公房" if one in "ab" else "里弄"} for one in "abcd"}
    group = group_of([[60], [62], [90], [92]], [[4]] * 4, [30] * 4)
    made, _ = rolled(group, territory(*ZONES, *committees("e", "e", "w", "w", **houses)))
    own = made[made["code"] == "composite"].set_index("unit")
    assert own["mean"].to_dict() == close({"e": 61, "w": 91, "公房": 61, "里弄": 91, "all": 76})
    assert own["grouping"].to_dict() == {
        "e": "zone", "w": "zone", "公房": "housing", "里弄": "housing", "all": "all",
    }  # fmt: skip
    assert own["rank"].fillna(0).tolist() == [2, 1, 0, 0, 0]


def test_committees_without_a_roster_of_levels_are_summed_up_nowhere() -> None:
    plain = Roster(subjects=[Subject(id=one, name=f"{one}居", zone="东") for one in "ab"])
    scheme = one_group()
    cells = cells_of(scheme, {"r": group_of([[60], [80]], [[4], [4]], [30, 30])})
    made, noted = roll_up_wave(wave(cells, scheme, plain), decided(scheme, {}, plain), None)
    assert (len(made), noted) == (0, ())
