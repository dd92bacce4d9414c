"""Two waves by hand: relative changes, their tests and verdicts, ranks, luck and contributions."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from evalkit.findings.comparing import _Both, compare, notes
from evalkit.pages.press.sentences import said
from evalkit.tables import Changes, Incomplete, Scores
from tests.findings.small_street import (
    cells_of,
    group_of,
    one_group,
    roster_of,
    scheme_of,
    scores_of,
    t2_above,
    t2_quantile,
)

close = pytest.approx
SCHEME = one_group()
EVERYBODY = "abcdefgh"


def compared(before: Scores, after: Scores, **more: Any) -> Changes:
    scheme = more.pop("scheme", SCHEME)
    return compare(before, after, scheme, roster_of(EVERYBODY), draws=2_000, seed=3)


def waves(
    first: list[float], second: list[float], variance: float = 0.5, **more: Any
) -> tuple[Scores, Scores]:
    """Two waves of one degree of freedom each: equal variances make two of a change."""
    return (
        scores_of(first, variance, df=1.0, wave="2015", **more),
        scores_of(second, variance, df=1.0, wave="2016", **more),
    )


# --- the change and its test ---


def test_a_change_is_told_plainly_and_against_the_street() -> None:
    """Changes 4, 1, -2: the street's is 1, relative ones 3, 0, -3."""
    found = compared(*waves([70, 75, 80], [74, 76, 78]))
    table = found.table
    assert (found.from_wave, found.to_wave) == ("2015", "2016")
    assert set(table["from_wave"]) == {"2015"}
    assert set(table["to_wave"]) == {"2016"}
    assert list(table["subject"]) == ["a", "b", "c"]
    assert list(table["name"]) == ["a村", "b村", "c村"]
    assert list(table["score_from"]) == [70, 75, 80]
    assert list(table["score_to"]) == [74, 76, 78]
    assert list(table["change"]) == close([4, 1, -2])
    assert list(table["relative_change"]) == close([3, 0, -3])
    assert found.street_change == close(1.0)


def test_its_error_is_that_of_both_waves_less_the_streets() -> None:
    """0.5 of either wave, of which (1 - 1/3): 2/3."""
    table = compared(*waves([70, 75, 80], [74, 76, 78])).table
    assert list(table["se"]) == close([(2 / 3) ** 0.5] * 3)


def test_each_wave_has_its_own_error() -> None:
    """(2/3)²·V of the committee's own and (1/3)²·V of both others, in either wave."""
    before = scores_of([70, 75, 80], [1.0, 4.0, 9.0], wave="2015")
    after = scores_of([74, 76, 78], [2.0, 0.5, 6.0])
    own = [
        (4 * (1 + 2) + (4 + 0.5) + (9 + 6)) / 9,
        (4 * (4 + 0.5) + (1 + 2) + (9 + 6)) / 9,
        (4 * (9 + 6) + (1 + 2) + (4 + 0.5)) / 9,
    ]
    assert list(compared(before, after).table["se"] ** 2) == close(own)


def test_what_raters_share_in_a_wave_cancels() -> None:
    """Two committees: a relative change is half the difference of changes, (1 + 1 - 2·0.8)/4."""
    shared = scores_of([70, 75], 1.0, covariance=[[1.0, 0.8], [0.8, 1.0]], wave="2015")
    after = scores_of([74, 75], 1.0, covariance=[[1.0, -0.4], [-0.4, 1.0]])
    found = compared(shared, after).table
    assert list(found["se"] ** 2) == close([(2 - 1.6) / 4 + (2 + 0.8) / 4] * 2)


def test_p_values_are_of_t_and_adjusted_by_holm() -> None:
    """Changes 8, -5, -3, 0 of standard error √(3/4): with two degrees p = 1 - t/√(2 + t²)."""
    table = compared(*waves([70, 75, 80, 85], [78, 70, 77, 85])).table
    t = [abs(d) / 0.75**0.5 for d in (8, 5, 3, 0)]
    p = [t2_above(x) for x in t]
    assert p[0] < p[1] < p[2] < p[3] == 1.0
    holm = [4 * p[0], 3 * p[1], 2 * p[2], 1.0]
    assert holm == sorted(holm)
    assert list(table["p_adjusted"]) == close(holm, rel=1e-9)


def test_a_larger_p_is_never_adjusted_below_a_smaller_one() -> None:
    """Two nearly level changes: the second, times one less, would come out lower."""
    table = compared(*waves([70, 75, 80], [73, 72.01, 79.99])).table
    relative = np.array([3.0, -2.99, -0.01]) - 0.0
    first = 3 * t2_above(3.0 / (2 / 3) ** 0.5)
    assert list(table["relative_change"]) == close(list(relative), abs=1e-9)
    assert 2 * t2_above(2.99 / (2 / 3) ** 0.5) < first
    assert list(table["p_adjusted"])[:2] == close([first, first])


def test_degrees_of_freedom_combine_over_both_waves() -> None:
    """4 with 9 degrees and 3 with 3: (4 + 3)²/(16/9 + 9/3) = 441/43, by committee."""
    before = scores_of([70, 75], [4.0, 1.0], df=[9.0, 5.0], wave="2015")
    after = scores_of([74, 75], [3.0, 1.0], df=[3.0, 5.0])
    found = compared(before, after)
    se = found.table["se"].to_numpy()
    assert found.margin.to_numpy() / se == close(
        [stats.t.ppf(0.975, 441 / 43), stats.t.ppf(0.975, 10.0)]
    )
    # Two committees differ by as much, the first with fewer degrees: Holm doubles the smaller p.
    t = abs(found.table["relative_change"].to_numpy()) / se
    p = 2 * stats.t.sf(t, [441 / 43, 10.0])
    assert found.table["p_adjusted"].max() == close(max(2 * p.min(), p.max()))
    assert found.table["p_adjusted"].min() == close(min(2 * p.min(), 1.0))


def test_the_margin_is_that_of_one_interval_at_the_schemes_confidence() -> None:
    found = compared(*waves([70, 75, 80], [74, 76, 78]))
    assert dict(found.margin) == close(
        {s: (2 / 3) ** 0.5 * t2_quantile(0.975) for s in ("a", "b", "c")}
    )
    found = compared(*waves([70, 75, 80], [74, 76, 78]), scheme=one_group(confidence=0.9))
    assert found.margin["a"] == close((2 / 3) ** 0.5 * t2_quantile(0.95))


def test_without_error_every_change_is_certain() -> None:
    before = scores_of([70, 75], 1e-12, df=np.inf, wave="2015")
    table = compared(before, scores_of([72, 75], 1e-12, df=np.inf)).table
    assert list(table["verdict"]) == ["明显上升", "明显下降"]


def test_the_change_itself_has_both_waves_errors_and_a_family_of_its_own() -> None:
    """Changes 60, 34 and -4, each of variance 0.5 + 0.5; relative ones are 30, 4 and -34."""
    table = compared(*waves([10, 40, 80], [70, 74, 76])).table
    p = [t2_above(d) for d in (60, 34, 4)]
    assert list(table["change_se"]) == close([1.0] * 3)
    assert list(table["change_p_adjusted"]) == close([3 * p[0], 2 * p[1], p[2]], rel=1e-9)
    assert list(table["change_verdict"]) == ["上升", "上升", "无显著变化"]
    assert list(table["relative_change"]) == close([30, 4, -34])


def test_where_all_rise_alike_nobody_rises_against_the_street() -> None:
    table = compared(*waves([30, 40, 50], [70, 80, 90])).table
    assert list(table["verdict"]) == ["无明显变化"] * 3
    assert list(table["change_verdict"]) == ["上升"] * 3
    table = compared(*waves([70, 80, 90], [30, 40, 50])).table
    assert list(table["change_verdict"]) == ["下降"] * 3


def test_each_committee_has_its_own_error_of_its_change() -> None:
    before = scores_of([70, 75], [4.0, 1.0], df=[9.0, 5.0], wave="2015")
    after = scores_of([74, 75.5], [3.0, 1.0], df=[3.0, 5.0])
    table = compared(before, after).table
    assert list(table["change_se"] ** 2) == close([7.0, 2.0])
    p = 2 * stats.t.sf([4 / 7**0.5, 0.5 / 2**0.5], [441 / 43, 10.0])
    assert list(table["change_p_adjusted"]) == close([2 * p[0], p[1]])


def test_verdicts_say_risen_fallen_or_nothing() -> None:
    """Changes 30, -20, -10 and 0, all of standard error √(3/4): t is 35, 23, 12 and 0."""
    found = compared(*waves([40, 75, 80, 50], [70, 55, 70, 50]))
    assert list(found.table["verdict"]) == ["明显上升", "明显下降", "明显下降", "无明显变化"]
    assert list(compared(*waves([70, 75, 80], [74, 76, 78])).table["verdict"]) == ["无明显变化"] * 3


def test_a_p_value_as_large_as_the_level_is_no_change() -> None:
    """Of some variances one makes a p-value that 1 - (1 - p) gives back to the last bit."""

    def verdict(variance: float, confidence: float) -> tuple[float, str]:
        scheme = SCHEME.model_copy(update={"confidence": confidence})
        table = compared(*waves([70, 75, 80], [73, 75, 77], variance), scheme=scheme).table
        return float(table["p_adjusted"].iloc[0]), str(table["verdict"].iloc[0])

    tried = [(v, verdict(v, 0.9)[0]) for v in np.linspace(0.5, 0.6, 30)]
    exact = [(v, p) for v, p in tried if 1.0 - (1.0 - p) == p]
    assert exact
    variance, p = exact[0]
    assert verdict(variance, 1.0 - p)[1] == "无明显变化"
    assert verdict(variance, 1.0 - p * 1.001)[1] == "明显上升"


# --- who is compared ---


def test_committees_are_matched_by_id_wherever_they_stand() -> None:
    """The first wave has c, a, b, the second a, d, b: a and b are compared, each with itself."""
    before = scores_of(
        [10.0, 70.0, 80.0],
        [25.0, 1.0, 4.0],
        covariance=[[25, 3, 2], [3, 1, 0.5], [2, 0.5, 4]],
        df=[7, 2, 3],
        wave="2015",
        subjects=["c", "a", "b"],
    )
    after = scores_of(
        [74.0, 99.0, 76.0],
        [9.0, 36.0, 16.0],
        covariance=[[9, 5, 6], [5, 36, 7], [6, 7, 16]],
        df=[4, 8, 5],
        subjects=["a", "d", "b"],
    )
    found = compared(before, after)
    table = found.table
    assert list(table["subject"]) == ["a", "b"]
    assert list(table["score_from"]) == [70, 80]
    assert list(table["score_to"]) == [74, 76]
    assert list(table["rank_from"]) == [2, 1]  # among those compared
    assert list(table["rank_to"]) == [2, 1]
    assert list(table["se"] ** 2) == close([(1 + 4 - 1.0) / 4 + (9 + 16 - 12) / 4] * 2)
    df_a = (1 + 9) ** 2 / (1 / 2 + 81 / 4)
    assert found.margin["a"] / table["se"].iloc[0] == close(stats.t.ppf(0.975, df_a))
    assert found.not_compared == {"d": ("2015", "absent"), "c": ("2016", "absent")}


def test_reasons_tell_incomplete_from_absent_and_the_later_wave_first() -> None:
    before = scores_of(
        [70, 71, 72, 73],
        1.0,
        subjects=["a", "b", "c", "g"],
        wave="2015",
        incomplete=(Incomplete("d", ("r",)), Incomplete("e", ("r",))),
    )
    after = scores_of(
        [70, 71, 72],
        1.0,
        subjects=["a", "b", "d"],
        incomplete=(Incomplete("c", ("r",)), Incomplete("e", ("r",)), Incomplete("f", ("r",))),
    )
    assert compared(before, after).not_compared == {
        "d": ("2015", "incomplete"),
        "c": ("2016", "incomplete"),
        "e": ("2016", "incomplete"),
        "f": ("2016", "incomplete"),
        "g": ("2016", "absent"),
    }


def test_a_single_committee_has_nothing_to_be_compared_with() -> None:
    before = scores_of([70, 80], 1.0, subjects=["a", "b"], wave="2015")
    found = compared(before, scores_of([75, 85], 1.0, subjects=["a", "c"]))
    assert len(found.table) == len(found.contributions) == len(found.margin) == 0
    assert found.street_change == 0.0
    assert found.not_compared == {"c": ("2015", "absent"), "b": ("2016", "absent")}
    assert list(found.table.columns)[:2] == ["subject", "name"]
    two = compared(before, scores_of([75, 85], 1.0, subjects=["a", "b"]))
    assert len(two.table) == 2


# --- ranks ---


def test_rank_changes_are_of_competition_ranks_and_negative_upwards() -> None:
    """80, 80, 70, 90 are 2, 2, 4, 1; 85, 80, 86, 79 are 2, 3, 1, 4."""
    table = compared(*waves([80, 80, 70, 90], [85, 80, 86, 79], variance=1e-8)).table
    assert list(table["rank_from"]) == [2, 2, 4, 1]
    assert list(table["rank_to"]) == [2, 3, 1, 4]
    assert list(table["rank_change"]) == [0, 1, -3, 3]
    # Certain scores: a and b were 2 or 3 before; the others are what they are.
    assert list(table["rank_change_low"]) == [-1, 0, -3, 3]
    assert list(table["rank_change_high"]) == [0, 1, -3, 3]


def test_a_rank_change_set_takes_each_waves_set_at_half_the_error() -> None:
    """The difference is 2.1 errors in either wave: certain at 95% (1.96), not at 97.5% (2.24)."""
    table = compared(*waves([82.1, 80.0], [80.0, 82.1])).table
    assert list(zip(table["rank_change_low"], table["rank_change_high"], strict=True)) == [
        (-1, 1),
        (-1, 1),
    ]
    table = compared(*waves([82.6, 80.0], [80.0, 82.6])).table
    assert list(zip(table["rank_change_low"], table["rank_change_high"], strict=True)) == [
        (1, 1),
        (-1, -1),
    ]
    table = compared(*waves([82.1, 80.0], [80.0, 82.1]), scheme=one_group(confidence=0.9)).table
    assert list(table["rank_change_low"]) == [1, -1]  # 1.96 again


def test_a_move_is_split_into_own_and_others() -> None:
    """a falls below b, who stands still: with its own step alone it would have fallen as well."""
    found = compared(*waves([80, 75, 60], [70, 75, 60]))
    assert dict(found.rank_own) == {"a": 1.0, "b": 0.0, "c": 0.0}
    assert dict(found.rank_field) == {"a": 0.0, "b": -1.0, "c": 0.0}


# --- luck ---


def test_a_swap_of_level_neighbours_is_as_likely_as_not() -> None:
    """a and b are level and swap; c is far below. They swap by chance in half of all worlds.

    a moves from 2 up to 1, b from 1 down to 2; c does not move, which anything matches.
    """
    before = scores_of([50.0, 50.0 + 1e-6, 5.0], 1.0, wave="2015")
    after = scores_of([50.0 + 1e-6, 50.0, 5.0], 1.0)
    found = compared(before, after)
    assert list(found.table["rank_change"]) == [-1, 1, 0]
    assert found.luck_own["a"] == close(0.5, abs=0.04)
    assert found.luck_own["b"] == close(0.5, abs=0.04)
    assert found.luck_own["c"] == found.luck_any["c"] == 1.0
    assert found.luck_any["a"] == close(0.5, abs=0.04)
    assert list(found.luck_own.index) == ["a", "b", "c"]


def test_luck_knows_up_from_down() -> None:
    """By chance b cannot sink behind c, which is far below, but a can behind b."""
    before = scores_of([50.0, 49.0, 5.0], 1.0, wave="2015")
    after = scores_of([50.0, 4.0, 5.0], 1.0)
    found = compared(before, after)
    assert list(found.table["rank_change"]) == [0, 1, -1]
    assert found.luck_own["b"] == close(1 / 2001)
    assert found.luck_own["c"] == close(1 / 2001)
    assert found.luck_any["b"] > 0.1  # a may sink behind b


def test_luck_has_the_errors_of_both_waves() -> None:
    """Two points apart; the far third makes shrinkage negligible.

    The truth's difference is 2 with variance 0.5 + 0.5, the second wave's errors add 16 + 16:
    a falls behind b with probability Φ(-2/√33) = 0.36.
    """
    before = scores_of([51.0, 49.0, 5.0], 0.5, wave="2015")
    after = scores_of([49.0, 51.0, 5.0], 16.0)
    expected = stats.norm.cdf(-2 / 33**0.5)
    assert compared(before, after).luck_own["a"] == close(expected, abs=0.03)


def test_scores_that_differ_by_chance_alone_are_expected_to_return() -> None:
    """Scores 51 and 49 scatter by 2, less than their error of 16: the truth is level."""
    before = scores_of([51.0, 49.0], 16.0, wave="2015")
    after = scores_of([49.0, 51.0], 0.1)
    assert compared(before, after).luck_own["a"] == close(0.5, abs=0.04)
    # The other way round 1.9 of the 2 are real: the difference is 1.9, its variance about 32.
    before, after = scores_of([51.0, 49.0], 0.1, wave="2015"), scores_of([49.0, 51.0], 16.0)
    expected = stats.norm.cdf(-1.9 / 32.2**0.5)
    assert expected < 0.40
    assert compared(before, after).luck_own["a"] == close(expected, abs=0.04)


# --- what a change is made of ---

TWO_GROUPS = scheme_of({"r": 70, "o": 30}, {"A": {"A1": 40, "A2": 60}}, covers={"o": ["A1"]})
WEIGHTS = np.array([[0.28, 0.42], [0.3, 0.0]])


def with_cells(means: list[list[list[float]]], wave: str, subjects: str = "ab") -> Scores:
    values = np.array(means)
    composite = (np.nan_to_num(values) * WEIGHTS).sum(axis=(1, 2))
    made = scores_of(list(composite), 1.0, wave=wave, subjects=list(subjects))
    weights = np.repeat(np.asarray(WEIGHTS)[None], len(values), axis=0)
    return replace(made, cell_weights=weights, cell_means=values)


def test_contributions_are_weights_times_changes_by_indicator_and_group() -> None:
    gap = np.nan
    before = with_cells([[[80, 70], [60, gap]], [[50, 50], [50, gap]]], "2015")
    after = with_cells([[[90, 65], [70, gap]], [[50, 60], [40, gap]]], "2016")
    found = compared(before, after, scheme=TWO_GROUPS).contributions
    told = list(found[["subject", "group", "code", "points"]].itertuples(index=False, name=None))
    assert [row[:3] for row in told] == [
        ("a", "r", "A1"),
        ("a", "r", "A2"),
        ("a", "o", "A1"),
        ("b", "r", "A1"),
        ("b", "r", "A2"),
        ("b", "o", "A1"),
    ]
    assert [row[3] for row in told] == close([2.8, -2.1, 3.0, 0.0, 4.2, -3.0], abs=1e-12)
    assert set(found["from_wave"]) == {"2015"}
    assert set(found["to_wave"]) == {"2016"}


def test_contributions_are_a_committees_own_wherever_it_stands() -> None:
    gap = np.nan
    before = with_cells(
        [[[10, 10], [10, gap]], [[80, 70], [60, gap]], [[50, 50], [50, gap]]], "2015", "cab"
    )
    after = with_cells(
        [[[90, 65], [70, gap]], [[99, 99], [99, gap]], [[50, 60], [40, gap]]], "2016", "adb"
    )
    found = compared(before, after, scheme=TWO_GROUPS).contributions
    assert list(found["subject"]) == ["a"] * 3 + ["b"] * 3
    assert list(found["points"]) == close([2.8, -2.1, 3.0, 0.0, 4.2, -3.0], abs=1e-12)


# --- notes ---


def test_notes_name_what_was_asked_otherwise_and_count_who_was_not_compared() -> None:
    def cells(**definitions: str) -> Any:
        group = group_of([[50, 50]] * 2, [[4, 4]] * 2, [5, 5])
        return cells_of(TWO_GROUPS, {"r": group, "o": group}, definitions=definitions)

    same = compared(*waves([70, 75], [70, 75]))
    assert notes(cells(), cells(), same) == ()
    told = notes(cells(), cells(A2="other"), same)
    assert [(n.code, n.where, n.count) for n in told] == [("measured_differently", "2015-2016", 1)]
    assert said(told[0]).endswith("A2")
    both = notes(cells(A1="x"), cells(A2="y"), same)
    assert both[0].count == 2
    assert said(both[0]).endswith("A1、A2")
    lost = replace(same, not_compared={"c": ("2016", "absent"), "d": ("2015", "absent")})
    assert [(n.code, n.where, n.count) for n in notes(cells(), cells(), lost)] == [
        ("not_compared", "2015-2016", 2)
    ]


# --- the rank of a change among all changes ---


def test_changes_are_ranked_by_how_much_scores_rose() -> None:
    table = compared(*waves([80, 80, 70, 90], [85, 80, 86, 79], variance=1e-8)).table
    assert list(table["change_rank"]) == [2, 3, 1, 4]
    assert list(table["change_rank_low"]) == [2, 3, 1, 4]
    assert list(table["change_rank_high"]) == [2, 3, 1, 4]


def test_the_set_of_a_change_is_that_of_the_differences_of_changes() -> None:
    """The difference of two changes has the variances of four scores: 1.96 errors are 2.77."""
    sure = compared(*waves([80.0, 80.0], [82.9, 80.0])).table
    assert list(zip(sure["change_rank_low"], sure["change_rank_high"], strict=True)) == [
        (1, 1),
        (2, 2),
    ]
    unsure = compared(*waves([80.0, 80.0], [82.6, 80.0])).table
    assert list(zip(unsure["change_rank_low"], unsure["change_rank_high"], strict=True)) == [
        (1, 2),
        (1, 2),
    ]
    wide = unsure["rank_change_high"] - unsure["rank_change_low"]
    assert (wide >= unsure["change_rank_high"] - unsure["change_rank_low"]).all()


def test_degrees_of_freedom_are_one_at_least_and_endless_where_nothing_varies() -> None:
    """Two committees with variance 1: differences have 2, squared over 3 degrees 4 / 3, twice."""
    one, nothing = np.eye(2), np.zeros((2, 2))

    def of_pairs(v0: np.ndarray, v1: np.ndarray, moved: np.ndarray) -> list[list[float]]:
        given = SimpleNamespace(
            v0=v0, v1=v1, moved=moved, pair_df_0=3.0 * np.ones((2, 2)), pair_df_1=3.0
        )
        found: list[list[float]] = _Both.pair_df_of_changes.func(given).tolist()
        return found

    endless = float("inf")
    assert of_pairs(one, one, 2 * one) == [[endless, 6.0], [6.0, endless]]
    assert of_pairs(one, one, 0.5 * one) == [[endless, 1.0], [1.0, endless]]
    assert of_pairs(nothing, nothing, nothing) == [[endless] * 2] * 2
    wave = SimpleNamespace(variance=np.array([[1.0, 1.0, 0.0]]), df=np.array([[4.0, 1.0, 9.0]]))
    shared = SimpleNamespace(covariance=0.75 * np.eye(3), spread=np.zeros(3))
    for common, expected in ((None, [8.0, 2.0, 1e9]), (shared, [1.0, 1.0, 1e9])):
        given = SimpleNamespace(
            before=wave, after=wave, at_0=[0, 1, 2], at_1=[0, 1, 2], shared=common
        )
        assert _Both.df.func(given).tolist() == expected
