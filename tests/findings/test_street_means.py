"""The street's mean and its change by hand: variances, degrees of freedom, Holm, what is not compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.definitions.scheme import Scheme
from evalkit.findings.scoring import score
from evalkit.findings.street_means import means
from evalkit.tables import GroupCells, Ranking, WaveResult, no_rows
from tests.findings.small_street import cells_of, group_of, one_group, roster_of, scheme_of

close = pytest.approx
TWO_GROUPS = scheme_of(
    {"r": 70, "o": 30},
    {"A": {"A1": 40, "A2": 20}, "B": {"B1": 40}},
    covers={"o": ["A1", "B1"]},
    minimum_n=4,
)


NO_RANKING = Ranking("2016", no_rows("ranking"), 0.0, 0.0, 0.0, ())
"""Means need none, and there is none without error."""


def seen(scheme: Scheme, groups: dict[str, GroupCells], **more: Any) -> WaveResult:
    cells = cells_of(scheme, groups, **more)
    roster = roster_of("abcdef")
    scores = score(cells, scheme, roster)
    return WaveResult(None, cells, scores, NO_RANKING, None)


def single(x: list[float], v: list[float], n: list[int], **more: Any) -> WaveResult:
    """One group and one indicator of some committees."""
    joint = more.pop("joint", None)
    group = group_of([[a] for a in x], [[a] for a in v], n, joint=joint)
    return seen(one_group(), {"r": group}, **more)


def composite(table: pd.DataFrame, group: str = "all") -> Any:
    own = table[(table["code"] == "composite") & (table["group"] == group)]
    assert len(own) == 1
    return own.iloc[0]


# --- one wave ---


def test_the_mean_of_independent_committees() -> None:
    """(70 + 80)/2; (6 + 6)/4. One answer varies by 18 in both, with 2 + 2 degrees of freedom each.

    Satterthwaite over committees: (6 + 6)²/(6²/4 + 6²/4) = 8 degrees.
    """
    row = composite(means(single([70, 80], [6, 6], [3, 3]), None, one_group()))
    assert (row["wave"], row["level"], row["name"], row["n"]) == ("2016", "composite", "总分", 2)
    assert row["mean"] == close(75.0)
    assert row["se"] == close(3**0.5)
    reach = 3**0.5 * 2.3060041350333704  # t with eight degrees, 97.5%
    assert row["low"] == close(75 - reach)
    assert row["high"] == close(75 + reach)
    assert row["verdict"] == "未比较"


def test_confidence_is_the_schemes_and_ends_are_those_of_the_scale() -> None:
    scheme = one_group(confidence=0.9)
    row = composite(means(single([96, 98], [6, 6], [3, 3]), None, scheme))
    assert row["high"] == 100.0
    assert row["low"] == close(97 - 3**0.5 * stats.t.ppf(0.95, 8))
    row = composite(means(single([1, 2], [6, 6], [3, 3]), None, scheme))
    assert row["low"] == 0.0
    assert row["high"] == close(1.5 + 3**0.5 * stats.t.ppf(0.95, 8))


def test_committees_of_unequal_error_have_fewer_degrees() -> None:
    """One answer varies by 36; three and nine answers: 12 and 4, with 2 + 8 degrees each.

    (12 + 4)²/(144/10 + 16/10) = 16 degrees.
    """
    row = composite(means(single([70, 80], [12, 4], [3, 9]), None, one_group()))
    assert row["se"] == close(2.0)
    assert row["high"] - 75 == close(2 * stats.t.ppf(0.975, 16))


def test_raters_of_all_committees_have_as_many_degrees_as_the_fewest_of_them() -> None:
    """Covariance 2 of variances 6: (6 + 6 + 2·2)/4 = 4. Three and six raters: two degrees."""
    joint = [[6.0, 2.0], [2.0, 6.0]]
    cells = group_of([[70], [80]], [[6], [6]], [3, 3], df=[2, 5], joint=joint)
    row = composite(means(seen(one_group(), {"r": cells}), None, one_group()))
    assert row["se"] == close(2.0)
    assert row["high"] - 75 == close(2 * 4.302652729749464)  # two degrees, 97.5%


def test_groups_add_variances_and_combine_degrees() -> None:
    """Residents: 0.5²·(6 + 6)/4 = 0.75 with 8 degrees; offices 0.5²·(8 + 8 + 2·4)/4 = 1.5 with 3.

    2.25²/(0.75²/8 + 1.5²/3) degrees.
    """
    scheme = scheme_of({"r": 50, "o": 50}, {"A": {"A1": 100}})
    joint = [[8.0, 4.0], [4.0, 8.0]]
    made = seen(
        scheme,
        {
            "r": group_of([[70], [80]], [[6], [6]], [3, 3]),
            "o": group_of([[60], [50]], [[8], [8]], [4, 4], joint=joint),
        },
    )
    row = composite(means(made, None, scheme))
    assert row["mean"] == close(0.5 * 75 + 0.5 * 55)
    assert row["se"] == close(1.5)
    df = 2.25**2 / (0.75**2 / 8 + 1.5**2 / 3)
    assert row["high"] - row["mean"] == close(1.5 * stats.t.ppf(0.975, df))


def test_only_complete_committees_count_and_two_are_needed() -> None:
    gap = np.nan
    row = composite(means(single([70, 80, gap], [6, 6, gap], [3, 3, 0]), None, one_group()))
    assert (row["n"], row["mean"]) == (2, close(75.0))
    assert len(means(single([70, gap], [6, gap], [3, 0]), None, one_group())) == 0


# --- the change ---


def pair(x0: list[float], x1: list[float], **definitions: str) -> tuple[WaveResult, WaveResult]:
    k = len(x0)
    before = single(x0, [2.0] * k, [3] * k, wave="2015")
    return single(x1, [6.0] * k, [3] * k, definitions=definitions), before


def test_a_change_has_the_variances_of_both_waves() -> None:
    """Means 75 and 70: variances (6 + 6)/4 = 3 and (2 + 2)/4 = 1, with eight degrees each.

    4²/(3²/8 + 1²/8) = 12.8 degrees.
    """
    row = composite(means(*pair([68, 72], [70, 80]), one_group()))
    assert (row["previous"], row["change"], row["change_se"]) == close((70.0, 5.0, 2.0))
    reach = 2 * stats.t.ppf(0.975, 12.8)
    assert row["change_low"] == close(5 - reach)
    assert row["change_high"] == close(5 + reach)
    assert row["p_adjusted"] == close(2 * stats.t.sf(2.5, 12.8))
    assert row["verdict"] == "上升"


def test_a_fall_and_a_standstill() -> None:
    row = composite(means(*pair([78, 82], [70, 80]), one_group()))
    assert row["change"] == close(-5.0)
    assert row["p_adjusted"] == close(2 * stats.t.sf(2.5, 12.8))
    assert row["verdict"] == "下降"
    row = composite(means(*pair([70, 72], [70, 80]), one_group()))
    assert row["p_adjusted"] == close(2 * stats.t.sf(2.0, 12.8))
    assert 0.05 < row["p_adjusted"] < 0.10
    assert row["verdict"] == "无显著变化"


def test_a_change_is_tested_at_the_schemes_level() -> None:
    row = composite(means(*pair([70, 72], [70, 80]), one_group(confidence=0.9)))
    assert row["verdict"] == "上升"
    assert row["change_low"] == close(4 - 2 * stats.t.ppf(0.95, 12.8))


def test_a_change_is_that_of_committees_complete_in_both_waves() -> None:
    """c is new, d has gone: a and b rose from 70 to 75; the mean of this wave has c in it."""
    before = single([68, 99, 72], [2, 2, 2], [3, 3, 3], wave="2015", subjects=["a", "d", "b"])
    now = single([70, 30, 80], [6, 6, 6], [3, 3, 3], subjects=["a", "c", "b"])
    row = composite(means(now, before, one_group()))
    assert (row["n"], row["mean"]) == (3, close(60.0))
    assert (row["previous"], row["change"]) == close((70.0, 5.0))
    # 6 + 6 over four and 2 + 2 over four, one answer's variance being the same everywhere.
    assert row["change_se"] == close(2.0)


def test_a_single_committee_in_both_waves_is_no_street() -> None:
    before = single([68, 72], [2, 2], [3, 3], wave="2015", subjects=["a", "d"])
    now = single([70, 80], [6, 6], [3, 3], subjects=["a", "b"])
    row = composite(means(now, before, one_group()))
    assert pd.isna(row["change"])
    assert pd.isna(row["previous"])
    assert row["verdict"] == "未比较"


def test_a_change_without_error_is_told_and_not_tested() -> None:
    """Answers of a census: no error, and no test that could be made."""
    before = single([70, 70], [0, 0], [3, 3], wave="2015")
    row = composite(means(single([80, 80], [0, 0], [3, 3]), before, one_group()))
    assert (row["change"], row["change_se"]) == (10.0, 0.0)
    assert pd.isna(row["p_adjusted"])
    assert row["verdict"] == "未比较"


THREE = scheme_of({"r": 100}, {"A": {"A1": 40, "A2": 20}, "B": {"B1": 40}})


def three(wave: str, x: list[float], **definitions: str) -> WaveResult:
    """Two committees equal in everything: indicators of variances 8 with four answers."""
    group = group_of([x, x], [[8.0] * 3] * 2, [4, 4])
    return seen(THREE, {"r": group}, wave=wave, definitions=definitions)


def test_changes_are_adjusted_over_the_measures_of_a_level() -> None:
    """Every indicator's mean has variance 4 with 12 degrees in either wave: 24 of the change.

    Changes 8, -7 and 2 of error √8: p times 3, 2 and 1. Dimensions: A changes by
    (40·8 - 20·7)/60 = 3 with variance 2·4·(4 + 1)/9, B by 2: times 2 and 1. Composite alone.
    """
    now, before = three("2016", [88, 63, 72]), three("2015", [80, 70, 70])
    table = means(now, before, THREE)
    table = table[table["group"] == "all"].set_index("code")

    def p(change: float, variance: float) -> float:
        return float(2 * stats.t.sf(abs(change) / variance**0.5, 24))

    assert list(table["change"]) == close([0.4 * 8 - 0.2 * 7 + 0.4 * 2, 3, 2, 8, -7, 2])
    assert list(table["change_se"] ** 2) == close([8 * 0.36, 8 * 5 / 9, 8, 8, 8, 8])
    expected = [
        p(2.6, 8 * 0.36),
        2 * min(p(3, 40 / 9), 1),
        p(2, 8),
        3 * p(8, 8),
        2 * p(-7, 8),
        p(2, 8),
    ]
    assert list(table["p_adjusted"]) == close(expected)
    assert list(table["verdict"]) == [
        "无显著变化",
        "无显著变化",
        "无显著变化",
        "上升",
        "下降",
        "无显著变化",
    ]


def test_what_was_asked_otherwise_is_not_compared_nor_counted_among_the_tests() -> None:
    now, before = three("2016", [88, 63, 72], A2="other"), three("2015", [80, 70, 70])
    table = means(now, before, THREE)
    table = table[table["group"] == "all"].set_index("code")
    assert list(table.index[table["verdict"] == "未比较"]) == ["A", "A2"]
    assert table.loc[["A", "A2"], ["previous", "change", "p_adjusted"]].isna().all(axis=None)
    assert table.loc["composite", "change"] == close(2.6)
    assert table.loc["A1", "p_adjusted"] == close(2 * 2 * stats.t.sf(8 / 8**0.5, 24))


# --- by rater group ---


def by_group(o_n: list[int], **more: Any) -> pd.DataFrame:
    gap = np.nan
    k = len(o_n)
    residents = group_of([[80, 70, 60], [70, 50, 40], [60, 30, 20]][:k], [[6.0] * 3] * k, [4] * k)
    offices = group_of(
        [[90, gap, 80], [70, gap, 60], [50, gap, 10]][:k], [[9.0, gap, 9.0]] * k, o_n
    )
    made = seen(TWO_GROUPS, {"r": residents, "o": offices}, **more)
    return means(made, made, TWO_GROUPS)


def test_a_groups_view_has_composite_and_dimensions_and_no_change() -> None:
    """Offices: A1 and B1 by half. Two committees: (85 + 65)/2 of the composite."""
    table = by_group([4, 4])
    own = table[table["group"] == "o"].set_index("code")
    assert list(own.index) == ["composite", "A", "B"]
    assert list(own["mean"]) == close([75.0, 80.0, 70.0])
    assert list(own["se"] ** 2) == close([9 / 4, 9 / 2, 9 / 2])
    assert own["change"].isna().all()
    assert set(own["verdict"]) == {"未比较"}
    residents = table[table["group"] == "r"].set_index("code")
    assert list(residents["mean"]) == close([0.4 * 75 + 0.2 * 60 + 0.4 * 50, 70.0, 50.0])
    assert list(table["group"]) == ["all"] * 6 + ["r"] * 3 + ["o"] * 3


def test_a_groups_mean_is_of_the_committees_where_it_is_published() -> None:
    """b has three offices, one fewer than the minimum: (85 + 30)/2 of a and c."""
    own = by_group([4, 3, 4])
    own = own[own["group"] == "o"].set_index("code")
    assert list(own["n"]) == [2, 2, 2]
    assert own.loc["composite", "mean"] == close((85 + 30) / 2)


def test_a_group_published_for_one_committee_has_no_mean() -> None:
    own = by_group([4, 3])
    assert "o" not in set(own["group"])
    assert "all" in set(own["group"])
