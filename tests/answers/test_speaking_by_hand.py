"""Measures of a ledger as they enter the scores: small cells, curves, no record, in the head."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import yaml

from evalkit.answers.speaking import cells_of, notes, spoken, steady
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.scheme import Scheme
from evalkit.tables.records import Reduced
from tests.findings.small_street import one_group

GAP = np.nan
SHARE = {"code": "s", "name": "率", "how": "share", "column": "mark", "hits": ["满意"]}
SCORE = {"code": "t", "name": "分", "how": "score", "column": "mark"}
CURVE = {
    "code": "y",
    "name": "线",
    "how": "curve",
    "of": "s",
    "breaks": {"20": 0, "50": 90, "100": 100},
}


LEVEL = {
    "code": "t", "name": "值", "how": "level", "column": "value", "worst": 0, "best": 100, "width": 1,
}  # fmt: skip
SMALL = """
id: c
title: 手算
residents_weight: 70
groups:
  - {code: key, name: 居民, weight: 70, questionnaire: q, residents: true}
  - {code: line, name: 热线, weight: 30, ledger: one, covers: [A1, A2, B1]}
dimensions:
  - code: A
    name: 服务
    weight: 60
    indicators:
      - {code: A1, name: 办事, weight: 30, items: {q: [a], one: [s, t]}}
      - {code: A2, name: 走访, weight: 30, items: {q: [b], one: [t]}}
  - code: B
    name: 环境
    weight: 40
    indicators:
      - {code: B1, name: 卫生, weight: 20, items: {q: [c]}}
      - {code: C1, name: 安全, weight: 20, items: {q: [d], one: [s]}}
grades: [{name: 优秀, cutoff: 90}, {name: 待改进, cutoff: 0}]
"""


def ledger(*measures: dict[str, Any], **more: Any) -> Ledger:
    columns = [
        {"code": "unit", "headers": ["单位"], "holds": "unit"},
        {"code": "mark", "headers": ["评价"], "holds": "option"},
        {"code": "value", "headers": ["数"], "holds": "number"},
    ]
    values = {"mark": {"满意": 100, "不满意": 0}}
    told = {"id": "one", "title": "一", "columns": columns, "values": values, **more}
    return Ledger.model_validate(told | {"measures": list(measures)})


def reduced(
    own: Ledger, n: Any, mean: Any, covariance: Any, df: Any, hits: Any = None, **more: Any
) -> Reduced:
    """Rows are committees, columns measures; covariances (K, M, M), or variances of one measure (K,)."""
    n, mean, df = (np.array(x, dtype=float).reshape(len(n), -1) for x in (n, mean, df))
    cov = np.array(covariance, dtype=float)
    cov = cov[:, None, None] if cov.ndim == 1 else cov
    nothing = np.full(n.shape, GAP)
    return Reduced(
        "2016", own, tuple("abcdefghij"[: len(n)]), n, n, nothing if hits is None else np.array(hits),
        nothing, mean, mean, cov, df, **more,
    )  # fmt: skip


def test_small_cells_have_the_usual_variance_of_one_record_and_a_single_one_has_it_whole() -> None:
    """One record: 90, 110 and 100, which chance alone explains; 9 + 9 + 4 degrees of freedom."""
    found = reduced(
        ledger(SHARE, when_none="incomplete"),
        [10, 10, 5, 1, 0], [60, 80, 70, 90, GAP], [9, 11, 20, GAP, GAP], [9, 9, 4, 0, 0],
    )  # fmt: skip
    ready = steady(found)
    assert ready.covariance[:, 0, 0] == pytest.approx([10, 10, 20, 100, GAP], nan_ok=True)
    assert ready.df[:, 0].tolist() == [22] * 5
    assert ready.mean[:, 0] == pytest.approx([60, 80, 70, 90, GAP], nan_ok=True)
    assert not ready.filled.any()


def test_a_committee_without_a_record_stands_where_those_that_count_do_on_average() -> None:
    """60, 80 and 70 with errors 10, 10 and 20: variance 100, of which 100 - 40/3 is real.

    Their mean's error is 100/3, more than (10 + 10 + 20)/9. The one that is being set up, at 0, is
    in no mean; the second measure is context, and stays unknown.
    """
    context = SCORE | {"scored": False}
    cov = np.zeros((5, 2, 2))
    cov[:, 0, 0], cov[:, 1, 1] = [9, 11, 20, GAP, 25], 16
    cov[:, 0, 1] = cov[:, 1, 0] = 3
    cov[3] = GAP
    found = reduced(
        ledger(SHARE, context),
        [[10, 10], [10, 10], [5, 5], [0, 0], [4, 4]],
        [[60, 50], [80, 50], [70, 50], [GAP, GAP], [0, 50]],
        cov, [[9, 9], [9, 9], [4, 4], [0, 0], [3, 3]], beside=("e",),
    )  # fmt: skip
    ready = steady(found)
    assert ready.filled.tolist() == [[False] * 2] * 3 + [[True, False]] + [[False] * 2]
    assert (ready.mean[3, 0], ready.df[3, 0]) == (70.0, 2.0)
    usual = (10.0, 10.0, 20.0)
    assert ready.covariance[3, 0, 0] == pytest.approx(100 - sum(usual) / 3 + 100 / 3)
    assert ready.covariance[3, 0, 1] == ready.covariance[3, 1, 0] == 0.0
    assert np.isnan(ready.mean[3, 1])
    # one score: 160, 160, 80 and 64 are on average 116 with all degrees; 3 in common grow with both
    grown = np.sqrt(10 / 9) * np.sqrt(ready.covariance[0, 1, 1] / 16)
    assert ready.covariance[0, 0, 1] == pytest.approx(3 * grown)
    assert ready.covariance[0, 1, 1] == pytest.approx(11.6)
    alone = replace(found, mean=np.where(np.arange(5)[:, None] > 0, GAP, found.mean))
    assert np.isnan(steady(alone).mean[1:]).all()


def test_two_committees_are_enough_for_the_third_and_two_records_for_a_variance() -> None:
    """60 and 80 are 70 on average, with one degree; one record's 70 and 130 are 100, with 1 and 9."""
    found = reduced(ledger(SHARE), [2, 10, 0], [60, 80, GAP], [35, 13, GAP], [1, 9, 0])
    ready = steady(found)
    assert ready.covariance[:2, 0, 0] == pytest.approx([50, 10])
    assert ready.df[:, 0].tolist() == [10, 10, 1]
    assert (ready.mean[2, 0], ready.filled[2, 0]) == (70.0, True)
    assert ready.covariance[2, 0, 0] == pytest.approx(200 - 30 + 100)


def test_where_committees_differ_less_than_their_errors_the_mean_has_its_own_error() -> None:
    """70, 71, 72 with error 30 each: nothing between is real; 90/9 is more than 1/3."""
    found = reduced(
        ledger(SHARE), [10, 10, 10, 0], [70, 71, 72, GAP], [30, 30, 30, GAP], [9, 9, 9, 0]
    )
    ready = steady(found)
    assert (ready.mean[3, 0], ready.covariance[3, 0, 0]) == pytest.approx((71.0, 10.0))


def test_where_nothing_scatters_the_streets_share_with_half_a_record_either_way_does() -> None:
    """12 of 12: (12 + 0.5)/13 of the whole street, which has eleven degrees; of one record one."""
    found = reduced(
        ledger(SHARE, when_none="incomplete"),
        [8, 4, 0], [100, 100, GAP], [0, 0, GAP], [7, 3, 0], hits=[[8.0], [4.0], [0.0]],
    )  # fmt: skip
    ready = steady(found)
    share = 12.5 / 13
    usual = 1e4 * share * (1 - share)
    assert ready.covariance[:, 0, 0] == pytest.approx([usual / 8, usual / 4, GAP], nan_ok=True)
    assert ready.df[:, 0].tolist() == [11] * 3
    single = reduced(ledger(SHARE), [1], [100], [GAP], [0], hits=[[1.0]])
    assert steady(single).covariance[0, 0, 0] == pytest.approx(1e4 * 0.75 * 0.25)
    assert steady(single).df[0, 0] == 1


def test_a_curves_error_grows_as_that_of_what_it_is_over_or_is_its_steepest_slopes() -> None:
    """Of a share's 9, 11, 10 for ten records each all have 10; one alone has 100.

    The curve rises by 3 from 20 to 50 and by 0.2 beyond: what came of 9 grows by 10/9. Where a single
    record has no error of its own the steeper slope makes 100·3². What is not known is no part of the
    other. A hundredth of all variances is a hundredth of what comes of them.
    """
    cov = np.full((5, 2, 2), GAP)
    for at, (own, slope) in enumerate(((9, 1.6), (11, 0.4), (10, 0.0))):
        cov[at] = [[own, own * slope], [own * slope, own * slope**2]]
    found = reduced(
        ledger(SHARE, CURVE, when_none="incomplete"),
        [[10, 10], [10, 10], [10, 10], [1, 1], [0, 0]],
        [[30, 48], [60, 84], [50, 80], [40, 64], [GAP, GAP]],
        cov, [[9, 9], [9, 9], [9, 9], [0, 0], [0, 0]],
    )  # fmt: skip
    ready = steady(found)
    assert ready.covariance[:, 0, 0] == pytest.approx([10, 10, 10, 100, GAP], nan_ok=True)
    expected = [10 * 1.6**2, 10 * 0.4**2, 0.0, 100 * 3.0**2, GAP]
    assert ready.covariance[:, 1, 1] == pytest.approx(expected, nan_ok=True)
    assert ready.covariance[:2, 0, 1] == pytest.approx([10 * 1.6, 10 * 0.4])
    assert ready.df.tolist() == [[27, 27]] * 5
    surer = steady(replace(found, covariance=found.covariance / 100))
    np.testing.assert_allclose(surer.covariance, ready.covariance / 100)
    half = replace(found, mean=np.where([[True, False]] * 5, found.mean, GAP))
    ready = steady(half)
    assert np.isfinite(ready.covariance[:3, 0, 0]).all()
    assert np.isnan(ready.covariance[:, 0, 1]).all()
    assert np.isnan(ready.covariance[:, 1, 0]).all()


def with_context(found: Reduced) -> Reduced:
    """The same with a measure of which no indicator is made, of more records and less freedom."""
    measures = [*found.ledger.measures, found.ledger.measures[1].model_copy(update={"code": "u"})]
    k = len(found.n)
    cov = np.full((k, 3, 3), GAP)
    cov[:, :2, :2], cov[:, 2, 2] = found.covariance, 7.0
    wide = {
        name: np.column_stack([getattr(found, name), np.full(k, value)])
        for name, value in (("n", 99.0), ("mean", 50.0), ("df", 1.0), ("hits", 0.0))
    }
    own = found.ledger.model_copy(update={"measures": measures})
    return replace(found, ledger=own, covariance=cov, **wide)


def test_nobody_stands_behind_the_streets_mean() -> None:
    own = ledger(SHARE, LEVEL)
    cov = np.array([np.diag([10.0, 20.0])] * 3 + [np.full((2, 2), GAP)])
    found = reduced(
        own, [[10, 5]] * 3 + [[0, 0]], [[60, 80], [70, 80], [80, 80], [GAP, GAP]], cov,
        [[9, 4]] * 3 + [[0, 0]],
    )  # fmt: skip
    scheme = Scheme.model_validate(yaml.safe_load(SMALL))
    cells = cells_of(found, scheme.groups[1], scheme)
    assert cells.mean[3, :2].tolist() == [75.0, 80.0]
    assert cells.n.tolist() == [10, 10, 10, 0]
    assert cells.n_measure[:, 0].tolist() == [5, 5, 5, 0]


def test_an_indicator_is_the_mean_of_its_measures_of_whoever_has_all_of_them() -> None:
    """A1 is made of both, A2 of the second; B1 of none, and the group covers no C1 at all.

    Behind A1 stand the records of its least measure. The third committee has no second measure,
    the fourth no record: the street's mean stands in, with nobody behind it.
    """
    document = yaml.safe_load(SMALL)
    scheme = Scheme.model_validate(document)
    cov = np.full((4, 2, 2), GAP)
    cov[0], cov[1] = [[10, 4], [4, 20]], [[10, 0], [0, 20]]
    cov[2, 0, 0] = 10
    own = ledger(SHARE, LEVEL, when_none="incomplete")
    found = reduced(
        own, [[10, 7], [10, 12], [10, 0], [0, 0]], [[60, 80], [70, 90], [80, GAP], [GAP, GAP]],
        cov, [[9, 6], [9, np.inf], [9, 0], [0, 0]],
    )  # fmt: skip
    assert list(spoken({"one": found}, scheme)) == ["line"]
    assert spoken({"other": found}, scheme) == {}
    other = with_context(found)
    for name in ("n", "n_measure", "mean", "covariance", "df"):
        own_cells, more = (cells_of(one, scheme.groups[1], scheme) for one in (found, other))
        np.testing.assert_array_equal(getattr(own_cells, name), getattr(more, name))
    cells = cells_of(found, scheme.groups[1], scheme)
    assert [i.code for i in scheme.indicators] == ["A1", "A2", "B1", "C1"]
    expected = [[70, 80, GAP, GAP, GAP], [80, 90, GAP, GAP, GAP], [GAP] * 5, [GAP] * 5]
    np.testing.assert_allclose(cells.mean, expected)
    ready = steady(found)
    a, b = ready.covariance[0, 0, 0], ready.covariance[0, 1, 1]
    both = ready.covariance[0, 0, 1]
    assert cells.covariance[0, :2, :2] == pytest.approx(
        np.array([[(a + b + 2 * both) / 4, (both + b) / 2], [(both + b) / 2, b]])
    )
    assert np.isnan(cells.covariance[0, 2:]).all()
    assert np.isnan(cells.covariance[:, :, 2:]).all()
    assert np.isnan(cells.covariance[2:]).all()
    assert cells.n_measure.tolist() == [[7, 7, 0, 0, 0], [10, 12, 0, 0, 0], [0] * 5, [0] * 5]
    assert cells.n.tolist() == [10, 12, 10, 0]
    assert np.isnan(cells.n_effective).all()
    assert cells.df.tolist() == [min(ready.df[0]), ready.df[1, 0], ready.df[2, 0], 1e9]
    assert cells.influence is None


@pytest.mark.parametrize(
    ("means", "ceiling"),
    [([100, 100, 50], 2), ([100, 50], None), ([100, GAP, GAP], 1), ([GAP] * 3, None)],
)
def test_a_measure_at_which_more_than_half_are_best_is_noted(
    means: list[float], ceiling: int | None
) -> None:
    k = len(means)
    scheme = one_group()
    groups = [scheme.groups[0].model_copy(update={"ledger": "one"})]
    scheme = scheme.model_copy(update={"groups": groups})
    told = {}
    for scored in (True, False):
        own = ledger(SHARE | {"scored": scored}, when_none="incomplete")
        found = reduced(own, [5] * k, means, [4.0] * k, [4] * k)
        told[scored] = [(str(note.code), note.count) for note in notes(found, scheme)]
        assert list(notes(found, one_group())) == []
    assert told[True] == ([] if ceiling is None else [("ledger_at_ceiling", ceiling)])
    assert told[False] == []
    both = SHARE, SCORE | {"scored": False}
    cov = np.array([np.eye(2) * 4] * 3 + [np.full((2, 2), GAP)])
    lacking = reduced(
        ledger(*both), [[5, 5]] * 3 + [[0, 0]], [[50, 50], [60, 50], [70, 50], [GAP, GAP]], cov,
        [[4, 4]] * 3 + [[0, 0]],
    )  # fmt: skip
    assert [(str(n.code), n.count, n.where) for n in notes(lacking, scheme)] == [
        ("ledger_street_mean", 1, "2016")
    ]
