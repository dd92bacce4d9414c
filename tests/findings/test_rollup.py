"""Committees summed up to zones and the street, and committees that are being set up, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.codes import NoteCode
from evalkit.definitions.counts import Counts
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.levels import Count
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.territory import Territory
from evalkit.findings import peer_groups, ranking, street_means
from evalkit.findings.diagnosing import diagnose
from evalkit.findings.rolling_up import Estimates, roll_up, roll_up_to, shares
from evalkit.findings.rollup import roll_up_wave
from evalkit.findings.scoring import notes, score
from evalkit.findings.withholding import told
from evalkit.methods import rank_sets
from evalkit.methods.moments import cell_moments
from evalkit.pages.press import sentences
from evalkit.tables import Cells, GroupCells, Ranking, WaveResult, no_rows
from tests.deciding import decided
from tests.definitions.test_levels import a_street, order
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


def test_committees_without_a_roster_of_levels_are_summed_up_nowhere() -> None:
    plain = Roster(subjects=[Subject(id=one, name=f"{one}居", zone="东") for one in "ab"])
    scheme = one_group()
    cells = cells_of(scheme, {"r": group_of([[60], [80]], [[4], [4]], [30, 30])})
    made, noted = roll_up_wave(wave(cells, scheme, plain), decided(scheme, {}, plain), None)
    assert (len(made), noted) == (0, ())


# --- committees that are being set up -----------------------------------------------------------

FOUR = group_of([[60], [70], [80], [90]], [[6]] * 4, [20] * 4)


def with_a_fourth(status: str) -> tuple[Roster, EvaluationOrder]:
    own = committees("e", "e", "e", "w", d={"status": status})
    return territory(*ZONES, *own)


def test_it_is_scored_and_held_against_the_mean_of_the_others() -> None:
    """Mean of the three 70; 90 - 70 = 20 with variance 6 + 18/9 = 8; t = 7.07 with its df."""
    roster, _ = with_a_fourth("provisional")
    cells = cells_of(one_group(), {"r": FOUR}, subjects=list("abcd"))
    found = score(cells, one_group(), roster)
    assert found.subjects == ("a", "b", "c")
    assert found.provisional is not None
    assert found.provisional.subjects == ("d",)
    row = found.table.set_index("subject").loc["d"]
    assert (row["score"], row["complete"]) == (90.0, False)
    assert row["se"] == close(6**0.5)
    assert pd.isna(row["grade"])
    diagnoses = diagnose(found, one_group(), None)
    own = diagnoses["d"].profile.set_index("code").loc["composite"]
    assert (own["estimate"], own["street"], own["difference"]) == (90.0, 70.0, 20.0)
    assert own["difference_se"] == close(8**0.5)
    expected = 2 * stats.t.sf(20 / 8**0.5, found.provisional.df[0, 0])
    assert own["p_adjusted"] == close(expected)
    assert own["verdict"] == "高于"


def test_it_changes_no_number_of_the_others() -> None:
    """Three committees are ranked, compared and averaged as if they were alone.

    Only how sure the scatter of answers is, degrees of freedom, is learned from all four.
    """
    roster, _ = with_a_fourth("provisional")
    scheme = one_group()
    cells = cells_of(scheme, {"r": FOUR}, subjects=list("abcd"))
    found = score(cells, scheme, roster)
    alone = Territory.of(Roster(subjects=roster.subjects[:3]), order(), None)
    three = group_of([[60], [70], [80]], [[6]] * 3, [20] * 3)
    other = score(cells_of(scheme, {"r": three}, subjects=list("abc")), scheme, alone)
    np.testing.assert_array_equal(found.composite, other.composite)
    np.testing.assert_allclose(found.covariance, other.covariance, rtol=1e-12)
    ranks = [
        ranking.rank(one, roster, confidence=0.95, draws=500, seed=1).table
        for one in (found, other)
    ]
    pd.testing.assert_frame_equal(*ranks)
    assert len(ranks[0]) == 3
    both = ((cells, found), (cells_of(scheme, {"r": three}, subjects=list("abc")), other))
    parts = [
        street_means.means(WaveResult(None, own, its, NO_RANKING, None), None, scheme)
        for own, its in both
    ]
    pd.testing.assert_frame_equal(*(part[["code", "n", "mean", "se"]] for part in parts))
    assert set(peer_groups.compare(found, scheme, roster)["n"]) <= {3}
    own = diagnose(found, scheme, None)
    for subject, diagnosis in diagnose(other, scheme, None).items():
        same = ["code", "estimate", "se", "street", "difference", "difference_se"]
        pd.testing.assert_frame_equal(own[subject].profile[same], diagnosis.profile[same])


def test_a_reader_is_told_and_its_zone_is_without_it() -> None:
    made, found = rolled(FOUR, with_a_fourth("provisional"))
    assert (of(made, "e").members, of(made, "w").members) == (3, 0)
    assert pd.isna(of(made, "w").mean)
    assert (of(made, "all").mean, of(made, "all").members) == (close(70), 3)
    told_of = notes(found.cells, found.scores, one_group(), with_a_fourth("formal")[0])
    (note,) = [n for n in told_of if n.code is NoteCode.PROVISIONAL]
    assert (note.count, note.facts["names"]) == (1, ("d居",))


def test_of_46_units_45_are_ranked() -> None:
    """5 zones, 31 committees and one of 筹备, 14 villages."""
    street = a_street(46, 5)
    subjects = [
        row.model_copy(update={"status": "provisional"}) if row.id == "c31" else row
        for row in street.subjects
    ]
    said = order().model_copy(
        update={"settings": order().settings.model_copy(update={"draws": 500})}
    )
    roster = Territory.of(Roster(subjects=subjects), said, None)
    rng = np.random.Generator(np.random.PCG64(46))
    group = group_of(rng.uniform(60, 95, (46, 1)), np.full((46, 1), 4.0), [30] * 46)
    scheme = one_group()
    cells = cells_of(scheme, {"r": group}, subjects=[s.id for s in roster.subjects])
    found = wave(cells, scheme, roster)
    table = ranking.rank(found.scores, roster, confidence=0.95, draws=500, seed=1).table
    assert (len(found.scores.table), len(table)) == (46, 45)
    assert "c31" not in set(table["subject"])
    made, _ = roll_up_wave(found, decided(scheme, {}, roster, order=said), None)
    zones = made[(made["grouping"] == "zone") & (made["code"] == "composite")]
    assert (len(zones), int(zones["members"].sum())) == (5, 45)
    assert sorted(zones["rank"]) == [1, 2, 3, 4, 5]
