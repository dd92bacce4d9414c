"""Records of a ledger become numbers of committees: every way of counting, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.findings.objective import objective
from tests.ledgers import door
from tests.ledgers.test_numbers import RATING, of_kind, reduced

NUMBER = {"code": "v", "name": "数", "how": "rate", "column": "value", "per": 100, "scored": False}
LEVEL = {"code": "x", "name": "率", "how": "level", "column": "value", "width": 3}
SHARE = {"code": "s", "name": "率", "how": "share", "column": "mark", "hits": ["满意"]}
POINTS = {"code": "p", "name": "积分", "how": "points", "column": "value", "full": 50}
COUNTED = {"code": "c", "name": "率", "how": "share", "numerator": "part", "denominator": "all"}


def test_a_rate_of_records_varies_as_their_count_and_half_a_record() -> None:
    rate = {"code": "r", "name": "率", "how": "rate", "per": 1000, "scored": False}
    found = reduced(of_kind([rate]), {"subject": ["s1"] * 3 + ["s2"] * 8})
    # 1,000 residents each: 3 and 8 per thousand; variances (1000 / 1000)^2 (3 + 1/2) and (8 + 1/2).
    assert found.raw[:, 0].tolist() == [3.0, 8.0, 0.0, 0.0]
    assert found.covariance[:, 0, 0].tolist() == [3.5, 8.5, 0.5, 0.5]
    assert found.hits[:, 0].tolist() == [3.0, 8.0, 0.0, 0.0]
    assert found.n[:, 0].tolist() == [3.0, 8.0, 1.0, 1.0], "no event is told as well"
    assert np.isinf(found.df[:, 0]).all()
    assert np.isnan(found.mean[:, 0]).all(), "it is context"


def test_a_scored_rate_lies_between_its_ends_and_varies_by_their_distance() -> None:
    rate = {"code": "r", "name": "率", "how": "rate", "per": 1000, "worst": 10, "best": 2}
    found = reduced(of_kind([rate]), {"subject": ["s1"] * 4 + ["s2"] * 12 + ["s3"]})
    # 100 / (2 - 10) = -12.5 a unit: (4 - 10) x -12.5 = 75; 12 is worse than worst, 1 better than best.
    assert found.mean[:, 0].tolist() == [75.0, 0.0, 100.0, 100.0]
    assert found.covariance[0, 0, 0] == pytest.approx(4.5 * 12.5**2)


def test_amounts_vary_by_their_squares_and_half_a_usual_one() -> None:
    amounts = {**NUMBER, "exposure": "all"}
    found = reduced(
        of_kind([amounts]),
        {
            "subject": ["s1", "s1", "s2", "s2"],
            "value": [3.0, 1.0, 2.0, np.nan],
            "all": [10.0, 30.0, 5.0, 5.0],
        },
    )
    assert found.exposure[:2, 0].tolist() == [40.0, 10.0]
    assert found.raw[0, 0] == 100 * 4 / 40
    assert np.isnan(found.raw[1, 0]), "one of its cells is blank, and a blank is not 0"
    assert np.isnan(found.raw[2:, 0]).all(), "nothing that it could be divided by"
    usual = (9 + 1 + 4) / 3
    assert found.covariance[0, 0, 0] == pytest.approx((100 / 40) ** 2 * (10 + usual / 2))


def test_a_sum_of_counts_varies_as_a_count() -> None:
    found = reduced(
        of_kind([{**NUMBER, "exposure": "all"}], rows="counts"),
        {"subject": ["s1", "s1"], "value": [3.0, 1.0], "all": [10.0, 30.0]},
    )
    assert found.raw[0, 0] == 10.0
    assert found.covariance[0, 0, 0] == pytest.approx((100 / 40) ** 2 * 4.5)


def test_a_level_is_a_mean_and_may_be_off_by_its_width() -> None:
    found = reduced(
        of_kind([{**LEVEL, "worst": 20, "best": 70}]),
        {"subject": ["s1", "s1", "s1", "s2"], "value": [30.0, 60.0, np.nan, np.nan]},
    )
    assert found.raw[0, 0] == 45.0
    assert found.mean[0, 0] == 2 * (45 - 20)
    assert found.covariance[0, 0, 0] == pytest.approx(2**2 * 3**2 / 3)
    assert found.n[:, 0].tolist() == [2.0, 0.0, 0.0, 0.0]
    assert np.isnan(found.mean[1:, 0]).all()
    assert found.df[:2, 0].tolist() == [np.inf, 0.0]


def test_points_vary_where_they_are_below_their_cap() -> None:
    points = {**POINTS, "category": "kind", "caps": {"走访": 5, "活动": 9}}
    found = reduced(
        of_kind([points]),
        {
            "subject": ["s1"] * 4 + ["s2"],
            "value": [4.0, 3.0, 6.0, 2.0, 5.0],
            "kind": ["走访", "走访", "活动", "服务", "走访"],
        },
    )
    # s1: 7 capped at 5 and varying no more, 6 below 9, 2 without a cap; 2 points each of 50.
    assert found.raw[:2, 0].tolist() == [13.0, 5.0]
    assert found.mean[:2, 0].tolist() == [26.0, 10.0]
    # Squares 36 and 4, and half the smallest entry's square, 2; s2 stands at its cap.
    assert found.covariance[:2, 0, 0].tolist() == [4 * (36 + 4 + 2), 4 * 2]
    assert found.n[:, 0].tolist() == [4.0, 1.0, 0.0, 0.0]
    assert np.isnan(found.mean[2:, 0]).all(), "without a record there are no points, and not 0"


def test_points_of_marks_count_only_marks_that_have_some() -> None:
    found = reduced(
        of_kind([{**POINTS, "column": "mark", "full": 400}]),
        {"subject": ["s1"] * 3, "mark": ["满意", "一般", "未评价"]},
    )
    assert found.raw[0, 0] == 160.0
    assert found.mean[0, 0] == 40.0
    assert found.n[0, 0] == 2.0
    # Squares 10,000 and 3,600 and half the smallest entry's; a quarter of a point each.
    assert found.covariance[0, 0, 0] == pytest.approx((10_000 + 3_600 + 1_800) / 16)


def test_a_row_of_counts_with_a_blank_is_not_counted() -> None:
    found = reduced(
        of_kind([COUNTED], rows="counts"),
        {
            "subject": ["s1", "s1", "s2", "s3"],
            "all": [10.0, 40.0, 1.0, 0.0],
            "part": [8.0, np.nan, 1.0, 0.0],
        },
    )
    assert found.mean[:2, 0].tolist() == [80.0, 100.0]
    assert found.covariance[0, 0, 0] == pytest.approx(1e4 * 0.8 * 0.2 / 9)
    assert np.isnan(found.covariance[1, 0, 0]), "of one record nobody knows how it varies"
    assert np.isnan(found.mean[2:, 0]).all()
    assert found.df[:, 0].tolist() == [9.0, 0.0, 0.0, 0.0]
    assert (found.n[0, 0], found.asked[0, 0], found.hits[0, 0]) == (10.0, 10.0, 8.0)


def test_scores_of_counts_weigh_every_score_by_its_records() -> None:
    score = {"code": "c", "name": "满意度", "how": "score", "parts": {"part": 100, "other": 40}}
    found = reduced(
        of_kind([{**score, "denominator": "all"}], rows="counts"),
        {"subject": ["s1"], "all": [12.0], "part": [3.0], "other": [1.0]},
    )
    assert found.mean[0, 0] == (300 + 40) / 4
    assert (found.n[0, 0], found.asked[0, 0]) == (4.0, 12.0)
    assert found.covariance[0, 0, 0] == pytest.approx(((30000 + 1600) / 4 - 85**2) / 3)


def test_two_measures_of_the_same_records_vary_together() -> None:
    found = reduced(
        of_kind([SHARE, RATING]),
        {"subject": ["s1"] * 3, "mark": ["满意", "基本满意", "不满意"]},
    )
    # Shares 100, 0, 0 about 33.3 and scores 100, 80, 0 about 60, each of 3 with 3 / 2.
    ours = np.array([100.0, 0.0, 0.0]) - 100 / 3
    theirs = np.array([100.0, 80.0, 0.0]) - 60
    expected = ours @ theirs / 9 * 3 / 2
    assert found.covariance[0, 0, 1] == pytest.approx(expected)
    assert found.covariance[0, 1, 0] == pytest.approx(expected)
    assert found.covariance[0, 0, 0] == pytest.approx(ours @ ours / 9 * 3 / 2)


def test_records_without_a_person_are_each_alone() -> None:
    table = {
        "subject": ["s1"] * 4 + ["s2"] * 2,
        "mark": ["满意", "满意", "不满意", "不满意", "满意", "不满意"],
        "cluster": ["a", "a", "", "", "a", ""],
    }
    found = reduced(of_kind([SHARE]), table)
    # s1: influences 12.5, 12.5 of one person and -12.5 twice: 25^2 + 2 x 12.5^2, with 3 / 2.
    assert found.covariance[0, 0, 0] == pytest.approx((625 + 2 * 156.25) * 3 / 2)
    assert found.df[:2, 0].tolist() == [2.0, 1.0], "the same person elsewhere is another one"
    assert found.covariance[1, 0, 0] == pytest.approx(2 * 25**2 * 2)


def test_a_measure_known_apart_has_nothing_in_common_with_the_others() -> None:
    found = reduced(
        of_kind([SHARE, LEVEL]),
        {"subject": ["s1", "s1", "s2"], "mark": ["满意", "不满意", ""], "value": [5.0, 5.0, 7.0]},
    )
    assert found.covariance[0, 0, 1] == found.covariance[0, 1, 0] == 0.0
    assert found.covariance[0, 1, 1] == pytest.approx(3.0)


def test_a_curve_varies_by_its_slope_and_with_what_it_bends() -> None:
    curve = {"code": "y", "name": "得分", "how": "curve", "of": "x"}
    level = {**LEVEL, "worst": 0, "best": 100}
    found = reduced(
        of_kind([level, {**curve, "breaks": {"40": 0, "60": 80}}]),
        {"subject": ["s1", "s2"], "value": [50.0, 40.0]},
    )
    # Between the breaks 4 points a unit; at the lower end flat on one side, so half of that.
    assert found.mean[:2, 1].tolist() == [40.0, 0.0]
    assert found.covariance[:2, 1, 1] == pytest.approx([16 * 3.0, 4 * 3.0])
    assert found.covariance[0, 0, 1] == pytest.approx(4 * 3.0)
    assert np.isnan(found.mean[2:, 1]).all()


def test_what_is_told_of_points_and_scores_stays_on_their_scale() -> None:
    """Half a point may be none; scores of 0 and 20, or of 80 and 100, lie between 0 and 100."""
    small = reduced(of_kind([POINTS], minimum_n=1), {"subject": ["s1", "s2"], "value": [0.5, 9.0]})
    marks = ["不满意", "一般", "满意", "基本满意"]
    scored = reduced(
        of_kind([RATING], minimum_n=1), {"subject": ["s1", "s1", "s2", "s2"], "mark": marks}
    )
    for found in (small, scored):
        table = objective({"one": found}, door.decided(found.ledger).scheme).set_index("subject")
        assert table.loc["s1", "low"] == 0.0
        assert 0.0 < table.loc["s1", "estimate"] < table.loc["s1", "high"]
    assert table.loc["s2", ["estimate", "high"]].tolist() == [90.0, 100.0]
