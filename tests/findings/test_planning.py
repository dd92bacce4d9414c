"""Next wave's questionnaires, from a street of two committees that one can compute in the head.

Key residents count 40, random ones 30, offices 30. Per committee 25 key residents whose mean has
variance 4 (one answer: 100), 4 random ones with 16 (one answer: 64), and offices with 1. So

    V = .16 * 100 / n_key + .09 * 64 / n_random + .09 * 1 = 16 / n_key + 5.76 / n_random + .09
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.definitions.scheme import Scheme
from evalkit.findings import planning
from evalkit.pages.press import meanings
from evalkit.pages.press.sentences import Words
from evalkit.tables import Cells, Ranking, no_rows
from tests.findings.small_street import cells_of, group_of, scheme_of, scores_of

Z = 1.959963984540054
WEIGHTS = np.array([[0.4], [0.3], [0.3]])


def scheme(key_least: int = 5, random_least: int = 3, **more: Any) -> Scheme:
    plain = scheme_of({"key": 40, "random": 30, "office": 30}, {"A": {"A1": 100}}, **more)
    least = {"key": key_least, "random": random_least, "office": 200}
    groups = [
        group.model_copy(
            update={"residents": group.code != "office", "minimum_n": least[group.code]}
        )
        for group in plain.groups
    ]
    return plain.model_copy(update={"groups": groups, "residents_weight": 70.0})


def cells(office: tuple[float, float] = (1.0, 1.0), office_n: tuple[int, int] = (5, 5)) -> Cells:
    means = [[70.0], [80.0]]
    return cells_of(
        scheme(),
        {
            "key": group_of(means, [[4.0], [4.0]], [25, 25]),
            "random": group_of(means, [[16.0], [16.0]], [4, 4]),
            "office": group_of(means, [[own] for own in office], office_n),
        },
    )


def planned(
    given: Cells | None = None,
    *,
    tau: float = 2.0,
    issued: dict[str, int] | None = None,
    **more: Any,
) -> pd.DataFrame:
    scores = scores_of([70.0, 80.0], 2.17, cell_weights=WEIGHTS)
    ranking = Ranking("2016", no_rows("ranking"), 0.6, tau, 0.0, ())
    return planning.plan(given or cells(), scores, ranking, scheme(**more), issued or {})


def row(table: pd.DataFrame, target: str, group: str) -> dict[str, Any]:
    (found,) = table[(table["target"] == target) & (table["group"] == group)].to_dict("records")
    return found


def variance(key: float, random: float, fixed: float = 0.09) -> float:
    return 16.0 / key + 5.76 / random + fixed


def fewest(limit: float, least: int = 5, fixed: float = 0.09) -> tuple[int, int]:
    """The cheapest pair of numbers, by trying all; of equally many the surest."""
    pairs = product(range(least, 120), repeat=2)
    enough = [(k, r) for k, r in pairs if variance(k, r, fixed) <= limit]
    return min(enough, key=lambda pair: (sum(pair), variance(*pair, fixed)))


def test_the_present_plan_delivers_what_it_does() -> None:
    """16 / 25 + 5.76 / 4 + .09 = 2.17; of 4 + 2.17 four are real."""
    table = planned()
    for group, n, total in (("key", 25.0, 50), ("random", 4.0, 8), ("all", 29.0, 58)):
        found = row(table, "present", group)
        assert (found["n_per_subject"], found["n_total"]) == (n, total)
        assert found["reliability"] == pytest.approx(4.0 / 6.17, abs=1e-12)
        assert found["half_width"] == pytest.approx(Z * 2.17**0.5, abs=1e-9)
        assert found["reachable"]
        assert pd.isna(found["issued_total"])
    assert table["target"].unique().tolist() == [
        "present", "reliability 0.7", "reliability 0.8", "reliability 0.9", "half-width 2",
        "extra 500",
    ]  # fmt: skip


def test_a_reliability_of_seven_tenths_needs_16_and_10() -> None:
    """V may be 4 * .3 / .7 = 1.714, of which .09 is gone: 16 / 16 + 5.76 / 10 = 1.576 is enough,

    and neither 16 with 9 (1.64) nor 15 with 10 (1.643) is.
    """
    table = planned(issued={"key": 110, "random": 10})
    key, random, both = (row(table, "reliability 0.7", g) for g in ("key", "random", "all"))
    assert (key["n_per_subject"], key["n_total"]) == (16.0, 32)
    assert (random["n_per_subject"], random["n_total"]) == (10.0, 20)
    assert (both["n_per_subject"], both["n_total"]) == (26.0, 52)
    # 50 of 110 and 8 of 10 came back: 32 / (50 / 110) = 70.4 and 20 / .8 = 25 must go out
    assert (key["issued_total"], random["issued_total"], both["issued_total"]) == (71, 25, 96)
    assert both["reliability"] == pytest.approx(4.0 / (4.0 + 1.666), abs=1e-12)
    assert both["half_width"] == pytest.approx(Z * 1.666**0.5, abs=1e-9)


@pytest.mark.parametrize("target", [0.7, 0.8, 0.9])
def test_reliabilities_take_the_fewest_questionnaires(target: float) -> None:
    found = row(planned(), f"reliability {target:g}", "all")
    key, random = fewest(4.0 * (1.0 - target) / target)
    assert found["n_per_subject"] == key + random
    assert found["reliability"] == pytest.approx(4.0 / (4.0 + variance(key, random)), abs=1e-12)
    assert found["reliability"] >= target


def test_an_interval_of_two_points_takes_the_fewest_questionnaires() -> None:
    """(2 / 1.96)^2 = 1.0412, less .09: 27 and 17 leave .9314."""
    table = planned()
    key, random = fewest((2.0 / Z) ** 2)
    assert (key, random) == (27, 17)
    assert row(table, "half-width 2", "key")["n_per_subject"] == 27.0
    assert row(table, "half-width 2", "random")["n_per_subject"] == 17.0
    assert row(table, "half-width 2", "all")["half_width"] == pytest.approx(
        Z * variance(27, 17) ** 0.5, abs=1e-9
    )


def test_half_widths_are_at_the_schemes_confidence() -> None:
    found = row(planned(confidence=0.9), "present", "all")
    assert found["half_width"] == pytest.approx(1.6448536269514722 * 2.17**0.5, abs=1e-9)


def test_five_hundred_more_go_where_they_help_most() -> None:
    """250 more in each of two like committees: 279, best split as 174 and 105 (4 : 2.4)."""
    table = planned()
    best = min(range(30, 270), key=lambda key: variance(key, 279 - key))
    assert best == 174
    assert row(table, "extra 500", "key")["n_total"] == 348
    assert row(table, "extra 500", "random")["n_total"] == 210
    assert row(table, "extra 500", "all")["n_total"] == 558
    assert row(table, "extra 500", "all")["reliability"] == pytest.approx(
        4.0 / (4.0 + variance(174, 105)), abs=1e-12
    )


def test_no_resident_group_gets_fewer_than_the_largest_minimum() -> None:
    """Twelve are asked of either group, where 16 and 10 would do; key residents then need 15."""
    table = planned(key_least=12)
    assert fewest(4.0 * 0.3 / 0.7, least=12) == (14, 12)
    assert row(table, "reliability 0.7", "random")["n_per_subject"] == 12.0
    assert row(table, "reliability 0.7", "key")["n_per_subject"] == 14.0


def test_return_rates_are_of_all_answers_and_only_where_issued() -> None:
    table = planned(issued={"key": 100})
    key, random, both = (row(table, "reliability 0.7", g) for g in ("key", "random", "all"))
    assert key["issued_total"] == 64  # half came back
    assert pd.isna(random["issued_total"])
    assert pd.isna(both["issued_total"])


def test_a_committee_that_offices_alone_make_unsure_stays_as_it_is_and_is_told() -> None:
    """One office answer has variance 50: 50 offices leave 1 to a, 2 leave 25 to b.

    .09 * 25 = 2.25 is more than the 1.714 that a reliability of .7 allows.
    """
    table = planned(cells(office=(1.0, 25.0), office_n=(50, 2)))
    found = row(table, "reliability 0.7", "all")
    assert not found["reachable"]
    # b stays at its 25 and 4; both count: 26 + 29
    assert (found["n_per_subject"], found["n_total"]) == (27.5, 55)
    key, random = (row(table, "reliability 0.7", group) for group in ("key", "random"))
    assert (key["n_total"], random["n_total"]) == (16 + 25, 10 + 4)
    unmoved = 4.0 / (6.17 + 2.16)
    assert found["reliability"] == pytest.approx((4.0 / 5.666 + unmoved) / 2, abs=1e-9)
    assert found["half_width"] == pytest.approx(Z * (1.666**0.5 + 4.33**0.5) / 2, abs=1e-9)
    present = row(table, "present", "all")
    assert present["reachable"]
    assert present["reliability"] == pytest.approx((4.0 / 6.17 + 4.0 / (6.17 + 2.16)) / 2, abs=1e-9)
    scores = scores_of([70.0, 80.0], 2.17)
    (note,) = planning.notes(table, scores)
    assert (note.code, note.count, note.where) == ("unreachable_target", 4, "2016")


def test_a_target_out_of_everybodys_reach_is_told() -> None:
    """.09 * 25 = 2.25 in both: no reliability of .7 or more, and no interval of two points."""
    table = planned(cells(office=(25.0, 25.0), office_n=(2, 2)))
    assert table["target"].unique().tolist() == ["present", "extra 500"]
    (note,) = planning.notes(table, scores_of([70.0, 80.0], 2.17))
    assert (note.code, note.count) == ("unreachable_target", 4)


def test_where_committees_do_not_differ_no_reliability_is_promised() -> None:
    table = planned(tau=0.0)
    assert table["target"].unique().tolist() == ["present", "half-width 2", "extra 500"]
    assert (table["reliability"] == 0.0).all()
    assert planning.notes(table, scores_of([70.0, 80.0], 2.17)) == ()


def test_identical_answers_take_what_the_groups_other_committees_vary() -> None:
    """a's key residents all agree, b's mean has variance 4: with only one variance above 0 nothing

    is moderated, and a's answers are taken to vary as b's do, not as the random residents'.
    """
    given = cells()
    key = group_of([[70.0], [80.0]], [[0.0], [4.0]], [25, 25])
    agreeing = cells_of(scheme(), {**given.groups, "key": key})
    pd.testing.assert_frame_equal(planned(agreeing), planned())


def test_nothing_to_plan() -> None:
    ranking = Ranking("2016", no_rows("ranking"), 0.0, 0.0, 0.0, ())
    alone = scores_of([70.0], 2.0, cell_weights=WEIGHTS)
    table = planning.plan(cells(), alone, ranking, scheme(), {})
    assert table.empty
    (note,) = planning.notes(table, alone)
    assert note.code == "no_plan"


def test_the_plan_in_words() -> None:
    table = planned(issued={"key": 110, "random": 10})
    said = list(meanings.plan(table, scheme(), Words("村", "镇")))
    assert len(said) == 6
    assert said[1].startswith(
        "可靠程度达到 0.7：平均每个村有效 key 16.0 份、random 10.0 份，全镇 52 份"
        "（按今年回收率需发放 96 份）；可靠程度 0.71，误差范围约 ±2.5 分；下次真的升降 5 分（扣除平均）有 "
    )
    assert said[1].endswith(
        f"的把握认得出，要有 80% 的把握须升降 {row(table, 'reliability 0.7', 'all')['detectable']:.1f} 分"
    )
    assert said[0].startswith("今年的方案：")
    assert said[4].startswith("误差范围不超过 ±2 分：")
    assert said[5].startswith("再加 500 份：")
    far = planned(cells(office=(1.0, 25.0), office_n=(50, 2)))
    assert list(meanings.plan(far, scheme(), Words()))[1].endswith(
        "；有的居民区达不到，按本次的份数计入"
    )
    assert "需发放" not in list(meanings.plan(far, scheme(), Words()))[1]


def test_what_the_next_waves_verdicts_would_find_by_hand() -> None:
    """Two committees, each with variance 2.17 now and as planned next time, two degrees each.

    Less their mean each has half of it, so a change has 2.17 and four degrees; of two tests the
    first is at .025. One committee's own change is half of it in the difference from the mean.
    """
    found = row(planned(), "present", "all")
    assert variance(25, 4) == pytest.approx(2.17)
    limit, se = stats.t.isf(0.0125, 4), 2.17**0.5
    least = (limit + stats.t.ppf(0.8, 4)) * se
    assert found["detectable"] == pytest.approx(2 * least, rel=1e-9)
    away = 2.5 / se
    power = stats.nct.sf(limit, 4, away) + stats.nct.cdf(-limit, 4, away)
    assert found["power"] == pytest.approx(power, rel=1e-9)


def test_more_questionnaires_find_smaller_changes() -> None:
    scores = scores_of([70.0, 80.0], 2.17, cell_weights=WEIGHTS, df=100.0)
    ranking = Ranking("2016", no_rows("ranking"), 0.6, 2.0, 0.0, ())
    table = planning.plan(cells(), scores, ranking, scheme(), {})
    present, more = row(table, "present", "all"), row(table, "extra 500", "all")
    assert more["detectable"] < present["detectable"]
    assert more["power"] > present["power"]


def test_common_severity_hides_no_difference_between_committees() -> None:
    """Components of variance 1.17 and 1 in common: tau2 = 4 gives 4 / 5.17 and the width of 2.17."""
    scores = scores_of(
        [70.0, 80.0], 2.17, cell_weights=WEIGHTS, covariance=[[2.17, 1.0], [1.0, 2.17]]
    )
    ranking = Ranking("2016", no_rows("ranking"), 0.6, 2.0, 0.0, ())
    table = planning.plan(cells(), scores, ranking, scheme(), {})
    found = row(table, "present", "all")
    assert found["reliability"] == pytest.approx(4.0 / 5.17)
    assert found["half_width"] == pytest.approx(Z * 2.17**0.5)


def test_where_some_change_has_no_error_nobody_knows_what_would_be_found() -> None:
    for variance in (np.zeros(3), np.array([1.0, 1.0, 0.0])):
        change = planning._Change(variance, np.full(3, 9.0), 0.0, 0.95)
        assert np.isnan(change.found(np.zeros(3))).tolist() == [True, True]
        assert np.isfinite(change.found(np.ones(3))).all()
