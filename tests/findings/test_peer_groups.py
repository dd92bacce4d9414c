"""Committees among their like by hand: means, differences, degrees of freedom, Holm, verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.definitions.units import Units
from evalkit.findings.peer_groups import compare, composites
from evalkit.findings.rolling_up import Sum, roll_up
from evalkit.tables import Scores
from tests.findings.small_street import one_group, roster_of, scores_of

close = pytest.approx
SIX = [70.0, 72.0, 80.0, 60.0, 64.0, 65.0]
ZONES = ["东", "东", "东", "西", "西", "西"]
LEVEL = [74.0] * 3 + [63.0] * 3
"""Two zones whose committees do not differ: the answers' error is all there is."""


def compared(scores: Scores, confidence: float = 0.95, **columns: Any) -> pd.DataFrame:
    roster = roster_of(scores.subjects, **columns)
    return compare(scores, one_group(confidence=confidence), roster)


def contrast(scores: Scores, weights: np.ndarray, *, tested: bool = False) -> Sum:
    return roll_up(weights, [composites(scores, tested=tested)])


def for_testing(scores: Scores, added: list[float]) -> np.ndarray:
    """Variances of differences with so much added to each committee's own variance."""
    k = len(added)
    return scores.difference_variance + (1 - 1 / k) ** 2 * np.array([added])


# --- a weighted sum of scores ---


def test_a_contrast_by_hand() -> None:
    """80 - 60: variance 4 + 9 - 2·3 = 7. Half and a quarter: 40 + 15, 4/4 + 9/16 + 2·3/8."""
    scores = scores_of([80, 60], [4.0, 9.0], df=[5, 10], covariance=[[4, 3], [3, 9]])
    found = contrast(scores, np.array([1.0, -1.0]))
    assert (found.value, found.variance) == close((20.0, 7.0))
    assert found.df == close(13**2 / (16 / 5 + 81 / 10))
    weighted = contrast(scores, np.array([0.5, 0.25]))
    assert (weighted.value, weighted.variance) == close((55.0, 1 + 0.5625 + 0.75))
    assert weighted.df == close(1.5625**2 / (1 / 5 + 0.5625**2 / 10))


def test_a_test_adds_what_skewness_adds_to_each_committee() -> None:
    """2 and -1 more: 1²·2 + 1²·(-1) = 1; of halves a quarter of that."""
    plain = scores_of([80, 60], [4.0, 9.0], covariance=[[4, 3], [3, 9]])
    scores = scores_of(
        [80, 60],
        [4.0, 9.0],
        covariance=[[4, 3], [3, 9]],
        difference_variance=for_testing(plain, [2.0, -1.0]),
    )
    assert contrast(scores, np.array([1.0, -1.0]), tested=True).variance == close(8.0)
    assert contrast(scores, np.array([0.5, -0.5]), tested=True).variance == close(2.0)
    assert contrast(scores, np.array([1.0, -1.0])).variance == close(7.0)


def test_p_values_reach_and_sums_without_error() -> None:
    found = Sum(3.0, 4.0, 2.0)
    assert found.p == close(1 - 1.5 / (2 + 2.25) ** 0.5)
    assert Sum(-3.0, 4.0, 2.0).p == close(found.p)
    assert found.reach(0.95) == close(2 * 4.302652729749464)
    assert found.reach(0.90) == close(2 * 2.919985580355516)
    assert Sum(0.0, 0.0, 1e9).p == 1.0
    assert np.isnan(Sum(0.1, 0.0, 1e9).p)


def test_rounding_is_no_difference() -> None:
    scores = scores_of([80.0, 80.0 + 1e-10], 0.0)
    assert contrast(scores, np.array([1.0, -1.0])).value == 0.0
    scores = scores_of([80.0, 80.0 + 1e-8], 0.0)
    assert contrast(scores, np.array([1.0, -1.0])).value != 0.0


# --- two groups of three ---


def test_a_group_is_told_with_its_mean_and_its_distance_from_the_rest() -> None:
    """East (70 + 72 + 80)/3 = 74, west 63. Variance 6: of a mean 2; four degrees of each make 12.

    The difference has committees as units: squares of 56 and 14 over 4, twice over 3: 35 / 3.
    """
    table = compared(scores_of(SIX, 6.0, df=4.0), zone=ZONES)
    assert list(table["by"]) == ["zone", "zone"]
    east, west = (row for _, row in table.iterrows())
    assert (east["wave"], east["value"], east["n"]) == ("2016", "东", 3)
    assert (east["mean"], east["lowest"], east["highest"]) == close((74.0, 70.0, 80.0))
    assert (west["mean"], west["lowest"], west["highest"]) == close((63.0, 60.0, 65.0))
    assert east["se"] == close(2**0.5)
    reach = 2**0.5 * stats.t.ppf(0.975, 12)
    assert (east["low"], east["high"]) == close((74 - reach, 74 + reach))
    assert (east["difference"], east["difference_se"]) == close((11.0, (35 / 3) ** 0.5))
    away = (35 / 3) ** 0.5 * stats.t.ppf(0.975, 4)
    assert (east["difference_low"], east["difference_high"]) == close((11 - away, 11 + away))
    assert east["verdict"] == "高于"
    assert (west["difference"], west["verdict"]) == (close(-11.0), "低于")


def test_two_groups_are_one_test() -> None:
    table = compared(scores_of(SIX, 6.0, df=4.0), zone=ZONES)
    p = 2 * stats.t.sf(11 / (35 / 3) ** 0.5, 4)
    assert list(table["p_adjusted"]) == close([p, p])


def test_committees_that_scatter_less_than_their_answers_are_no_surer_for_it() -> None:
    """Variance 6 of each: 4 of the difference, with six times four degrees of freedom."""
    east = compared(scores_of(LEVEL, 6.0, df=4.0), zone=ZONES).iloc[0]
    assert east["difference_se"] == close(2.0)
    assert east["p_adjusted"] == close(2 * stats.t.sf(11 / 2, 24))


def test_sure_answers_about_few_committees_prove_nothing_of_their_zone() -> None:
    """Known without error worth speaking of, 70, 72, 80 and 60, 64, 69.9 are still three and three.

    Means 74 and 64.63: t = 9.37 / sqrt(105.2 / 6) = 2.24 with 4 degrees of freedom, p = .089.
    """
    scores = scores_of([70, 72, 80, 60, 64, 69.9], 0.01, df=4.0)
    east = compared(scores, zone=ZONES).iloc[0]
    assert east["p_adjusted"] == close(0.089, abs=5e-4)
    assert east["verdict"] == "无显著差异"
    assert east["se"] == close((0.01 / 3) ** 0.5)


def test_the_test_and_not_the_mean_allows_for_skewness() -> None:
    """6 more for a, of which a ninth: 4 + 2/3 for the difference; the mean has 2 as before."""
    plain = scores_of(LEVEL, 6.0, df=4.0)
    made = scores_of(
        LEVEL, 6.0, df=4.0, difference_variance=for_testing(plain, [6.0, 0, 0, 0, 0, 0])
    )
    east = compared(made, zone=ZONES).iloc[0]
    assert east["difference_se"] == close((4 + 2 / 3) ** 0.5)
    assert east["se"] == close(2**0.5)
    assert east["p_adjusted"] == close(2 * stats.t.sf(11 / (4 + 2 / 3) ** 0.5, 24))


def test_shared_raters_count_within_a_group_and_against_the_rest() -> None:
    """Covariance 3 between all: of a mean (3·6 + 6·3)/9 = 4; of the difference only 6 - 3."""
    matrix = 3.0 + 3.0 * np.eye(6)
    east = compared(scores_of(LEVEL, 6.0, df=4.0, covariance=matrix), zone=ZONES).iloc[0]
    assert east["se"] == close(2.0)
    assert east["difference_se"] == close(2**0.5)


def test_means_end_with_the_scale() -> None:
    table = compared(scores_of([99, 99, 99, 1, 1, 1], 60.0, df=4.0), zone=ZONES)
    assert table["high"].iloc[0] == 100.0
    assert table["low"].iloc[1] == 0.0
    assert table["low"].iloc[0] > 0.0


def test_the_schemes_confidence_makes_intervals_and_verdicts() -> None:
    """A difference of 3.5, of error 2: p = 0.093 with 24 degrees."""
    scores = scores_of([70, 70, 70, 66.5, 66.5, 66.5], 6.0, df=4.0)
    p = 2 * stats.t.sf(1.75, 24)
    assert 0.05 < p < 0.10
    strict, lenient = compared(scores, zone=ZONES), compared(scores, 0.9, zone=ZONES)
    assert list(strict["verdict"]) == ["无显著差异", "无显著差异"]
    assert list(lenient["verdict"]) == ["高于", "低于"]
    away = 2 * stats.t.ppf(0.95, 24)
    assert lenient["difference_low"].iloc[0] == close(3.5 - away)
    assert lenient["high"].iloc[0] == close(70 + 2**0.5 * stats.t.ppf(0.95, 12))


# --- three groups and more ---

NINE = [70.0, 70, 70, 64, 64, 64, 66, 66, 66]


def test_three_groups_are_adjusted_by_holm() -> None:
    """Means 70, 64, 66; against the rest 5, -4, -1; variance 6·(1/3 + 1/6) = 3.

    Parts of it: 6/9 of each of three, 6/36 of each of six, with four degrees each. The rest of the
    third, 70 and 64, scatters by 54 / 7, half of which is more than 3.
    """
    housing = ["公房"] * 3 + ["里弄"] * 3 + ["商品房"] * 3
    table = compared(scores_of(NINE, 6.0, df=4.0), housing=housing)
    assert list(table["value"]) == ["公房", "里弄", "商品房"]
    assert list(table["difference"]) == close([5.0, -4.0, -1.0])
    assert list(table["difference_se"]) == close([3**0.5, 3**0.5, (27 / 7) ** 0.5])
    df = 4 * 9 / (3 * (2 / 3) ** 2 + 6 * (1 / 6) ** 2)
    p = [2 * stats.t.sf(abs(d) / 3**0.5, df) for d in (5, 4)]
    p.append(2 * stats.t.sf(1 / (27 / 7) ** 0.5, 7))
    assert list(table["p_adjusted"]) == close([3 * p[0], 2 * p[1], p[2]])
    assert list(table["verdict"]) == ["高于", "无显著差异", "无显著差异"]
    assert 2 * p[1] > 0.05 > p[1]


def test_each_classification_is_a_family_of_its_own() -> None:
    columns = {"zone": ["东"] * 3 + ["西"] * 6, "kind": ["村"] * 6 + ["居民区"] * 3}
    table = compared(scores_of(NINE, 6.0, df=4.0), **columns)
    assert list(zip(table["by"], table["value"], strict=True)) == [
        ("zone", "东"),
        ("zone", "西"),
        ("kind", "村"),
        ("kind", "居民区"),
    ]
    df = 4 * 9 / (3 * (2 / 3) ** 2 + 6 * (1 / 6) ** 2)
    assert table["p_adjusted"].iloc[0] == close(2 * stats.t.sf(5 / 3**0.5, df))
    assert table["p_adjusted"].iloc[2] == close(2 * stats.t.sf(1 / (27 / 7) ** 0.5, 7))


def test_groups_of_two_and_without_a_value_are_told_untested_and_make_no_tests() -> None:
    housing = ["公房"] * 3 + ["里弄"] * 2 + [None] * 4
    table = compared(scores_of(NINE, 6.0, df=4.0), housing=housing)
    assert list(table["value"]) == ["公房", "里弄", ""]
    assert list(table["n"]) == [3, 2, 4]
    assert list(table["verdict"]) == ["高于", "未检验", "未检验"]
    untold = ["difference", "difference_se", "difference_low", "difference_high", "p_adjusted"]
    assert table.loc[[1, 2], untold].isna().all(axis=None)
    assert list(table["mean"]) == close([70.0, 64.0, (64 + 3 * 66) / 4])
    df = 4 * 9 / (3 * (2 / 3) ** 2 + 6 * (1 / 6) ** 2)
    assert table["p_adjusted"].iloc[0] == close(2 * stats.t.sf(5 / 3**0.5, df))


def test_the_rest_of_two_tests_nobody() -> None:
    table = compared(scores_of(SIX, 6.0), zone=["东"] * 4 + ["西"] * 2)
    assert list(table["verdict"]) == ["未检验", "未检验"]


def test_without_any_error_nothing_is_tested() -> None:
    table = compared(scores_of([70, 70, 70, 60, 60, 60], 0.0), zone=ZONES)
    assert list(table["verdict"]) == ["未检验", "未检验"]
    assert list(table["se"]) == [0.0, 0.0]


def test_one_value_is_no_classification() -> None:
    assert len(compared(scores_of(SIX, 6.0), zone=["东"] * 6)) == 0
    assert len(compared(scores_of(SIX, 6.0))) == 0


def test_members_are_complete_committees_in_the_streets_order() -> None:
    scores = scores_of([1, 2, 3], 1.0, subjects=["c", "a", "d"])
    roster = roster_of("abcd", zone=["东", "西", "东", None])
    assert Units.of(roster).partition("zone", scores.subjects) == {"东": (0, 1), "": (2,)}


def test_a_difference_that_is_very_sure_is_tested_as_any_other() -> None:
    """Six committees of variance 0.01: the zones' difference has 2 · 0.01 / 3, far below 1."""
    found = compared(scores_of(LEVEL, [0.01] * 6), zone=ZONES).set_index("value")
    assert list(found["difference_se"] ** 2) == close([0.02 / 3] * 2)
    assert (found["p_adjusted"] < 1e-6).all()
    assert list(found["verdict"]) == ["高于", "低于"]
