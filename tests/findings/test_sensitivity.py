"""Other weights on a street of two or three committees whose shares one can compute by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.definitions.scheme import Alternative
from evalkit.findings import scoring, sensitivity
from evalkit.tables import Scores
from tests.findings.small_street import (
    cells_of,
    group_of,
    one_group,
    roster_of,
    scheme_of,
    scores_of,
)

HALVES = scheme_of({"r": 60, "s": 40}, {"A": {"A1": 100}})
ROSTER = roster_of(["a", "b", "c"])


def with_means(means: list[list[list[float]]], weights: list[list[float]]) -> Scores:
    """Scores of committees with these means by (group, indicator)."""
    w, x = np.array(weights), np.array(means)
    return scores_of(np.einsum("gi,kgi->k", w, x).tolist(), 1.0, cell_weights=w, cell_means=x)


# --- named alternatives ---------------------------------------------------------------------


def test_a_group_that_an_alternative_does_not_name_keeps_its_weight() -> None:
    scheme = scheme_of({"r": 70, "s": 20, "t": 10}, {"A": {"A1": 100}})
    other = scheme.under(Alternative(id="x", name="x", group_weights={"r": 50, "s": 40}))
    assert [group.weight for group in other.groups] == [50.0, 40.0, 10.0]
    assert [group.weight for group in scheme.groups] == [70.0, 20.0, 10.0]


def test_an_alternative_can_leave_a_group_out() -> None:
    """Of two groups that judge A1 and A2, and A2 alone, the second one alone is left, at 100%.

    Nobody judges A1 then: the composite is A2, whoever gets the weight of what is not covered.
    """
    for uncovered in ("within_group", "to_covering_groups"):
        scheme = scheme_of(
            {"r": 70, "s": 30},
            {"A": {"A1": 60, "A2": 40}},
            covers={"s": ["A2"]},
            uncovered=uncovered,
        )
        alone = scheme.under(Alternative(id="x", name="x", group_weights={"r": 0, "s": 100}))
        assert [group.code for group in alone.groups] == ["s"]
        np.testing.assert_allclose(alone.weights(), [[0.0, 1.0]])
        cells = cells_of(
            scheme,
            {
                "r": group_of([[90.0, 10.0], [10.0, 90.0]], np.ones((2, 2)), [9, 9]),
                "s": group_of([[np.nan, 40.0], [np.nan, 80.0]], np.ones((2, 2)), [9, 9]),
            },
        )
        scores = scoring.score(cells, alone, ROSTER)
        np.testing.assert_allclose(scores.composite, [40.0, 80.0])


def test_alternatives_stand_beside_the_published_ranks() -> None:
    published = scores_of([95.0, 80.0], 1.0, subjects=["a", "c"])
    one = Alternative(id="one", name="甲案", group_weights={"r": 100})
    two = Alternative(id="two", name="乙案", group_weights={"r": 100})
    others = [
        (one, scores_of([59.0, 90.0], 1.0, subjects=["a", "c"])),
        (two, scores_of([91.0, 99.0, 60.0], 1.0, subjects=["a", "b", "c"])),
    ]
    table = sensitivity.alternatives(published, others, ROSTER, one_group())
    assert table["scenario"].tolist() == ["one", "one", "two", "two", "two"]
    assert table["scenario_name"].tolist() == ["甲案", "甲案", "乙案", "乙案", "乙案"]
    assert table["subject"].tolist() == ["a", "c", "a", "b", "c"]
    assert table["name"].tolist() == ["a村", "c村", "a村", "b村", "c村"]
    assert table["score"].tolist() == [59.0, 90.0, 91.0, 99.0, 60.0]
    assert table["rank"].tolist() == [2, 1, 2, 1, 3]
    # b is not in the published table: nothing to compare its rank with
    assert table["rank_change"].fillna(-99).tolist() == [1, -1, 1, -99, 1]
    assert table["grade"].tolist() == ["待改进", "优秀", "优秀", "优秀", "合格"]
    assert table[["same_grade", "same_third", "same_place", "rank_low"]].isna().all(axis=None)


def test_no_alternatives_no_rows() -> None:
    assert sensitivity.alternatives(scores_of([1.0, 2.0], 1.0), [], ROSTER, HALVES).empty


# --- random weightings ----------------------------------------------------------------------


def test_random_weights_of_two_groups_follow_a_beta_distribution() -> None:
    """a has 100 from the first group alone, b from the second, 60 and 40 points in all.

    A weight of one half would vary by a quarter of it: c = 1 / .0625 - 1 = 15, so the first
    group's weight is Beta(9, 6). a leads where it is above one half, and keeps its grade there,
    too: the cut-off is 60, which a weight of .6 reaches.
    """
    scores = with_means([[[100.0], [0.0]], [[0.0], [100.0]]], [[0.6], [0.4]])
    table = sensitivity.random_weightings(scores, HALVES, ROSTER, seed=5)
    ahead = stats.beta.sf(0.5, 9.0, 6.0)
    first = np.random.Generator(np.random.PCG64(5)).dirichlet([9.0, 6.0], 10_000)[:, 0]
    exact = float((first > 0.5).mean())
    assert exact == pytest.approx(ahead, abs=4.0 * (ahead * (1 - ahead) / 10_000) ** 0.5)
    assert table["subject"].tolist() == ["a", "b"]
    assert table["name"].tolist() == ["a村", "b村"]
    np.testing.assert_allclose(table["same_place"], exact, atol=1e-12)
    np.testing.assert_allclose(table["same_third"], exact, atol=1e-12)
    # grades: 优秀 from 90, 合格 from 60, 待改进 below
    kept = [((first >= 0.6) & (first < 0.9)).mean(), (1.0 - first < 0.6).mean()]
    np.testing.assert_allclose(table["same_grade"], kept, atol=1e-12)
    assert table["rank_low"].tolist() == [1, 1]
    assert table["rank_high"].tolist() == [2, 2]
    assert table["scenario"].unique().tolist() == ["random"]
    assert table["scenario_name"].unique().tolist() == ["各项权重随机改动 10,000 次"]
    assert table[["score", "rank", "rank_change", "grade"]].isna().all(axis=None)


def test_indicators_and_groups_vary_on_their_own() -> None:
    """One group and two indicators: only the indicators' weights can vary, by the next seed."""
    scheme = scheme_of({"r": 100}, {"A": {"A1": 60, "A2": 40}})
    scores = with_means([[[100.0, 0.0]], [[0.0, 100.0]]], [[0.6, 0.4]])
    table = sensitivity.random_weightings(scores, scheme, ROSTER, seed=4)
    first = np.random.Generator(np.random.PCG64(5)).dirichlet([9.0, 6.0], 10_000)[:, 0]
    np.testing.assert_allclose(table["same_place"], (first > 0.5).mean(), atol=1e-12)


def test_a_clear_leader_stays_whatever_the_weights() -> None:
    scores = with_means([[[90.0], [95.0]], [[50.0], [55.0]], [[10.0], [12.0]]], [[0.6], [0.4]])
    table = sensitivity.random_weightings(scores, HALVES, ROSTER, seed=1)
    assert (table[["same_grade", "same_third", "same_place"]] == 1.0).all(axis=None)
    assert table["rank_low"].tolist() == table["rank_high"].tolist() == [1, 2, 3]


def test_one_committee_has_no_place_to_lose() -> None:
    scores = with_means([[[100.0], [0.0]]], [[0.6], [0.4]])
    assert sensitivity.random_weightings(scores, HALVES, ROSTER, seed=1).empty
    assert sensitivity.weight_influence(scores, HALVES, seed=1).empty


# --- Sobol indices --------------------------------------------------------------------------


def influence(ratio: float) -> tuple[list[float], list[float]]:
    """First-order and total indices of 1[f1 < r f2], both uniform between .5 and 1.5.

    The chance that f1 lies below r f2 is max(0, 1.5 - f1 / r) given f1 and max(0, r f2 - .5) given
    f2 (r below 1); their variances over that of the indicator. Totals are what the other one and
    the rest leave, 1 - first of the other.
    """
    p = ratio / 2.0 * (1.5 - 0.5 / ratio) ** 2
    whole = p * (1.0 - p)
    first = (ratio / 3.0 * (1.5 - 0.5 / ratio) ** 3 - p**2) / whole
    second = ((1.5 * ratio - 0.5) ** 3 / (3.0 * ratio) - p**2) / whole
    return [first, second], [1.0 - second, 1.0 - first]


def test_influence_of_two_groups_by_integrals() -> None:
    """a has 100 from the first of two like groups, b 45 from both.

    a falls behind where its group's weight is below .45 of all: f1 < .45 / .55 f2. The dimension
    is the only one: stretching it changes nothing.
    """
    scheme = scheme_of({"r": 50, "s": 50}, {"A": {"A1": 100}})
    scores = with_means([[[100.0], [0.0]], [[45.0], [45.0]]], [[0.5], [0.5]])
    table = sensitivity.weight_influence(scores, scheme, seed=3)
    assert table["kind"].tolist() == ["group", "group", "dimension"]
    assert table["code"].tolist() == ["r", "s", "A"]
    assert table["name"].tolist() == ["r", "s", "A维度"]
    first, total = influence(0.45 / 0.55)
    np.testing.assert_allclose(table["first"], [*first, 0.0], atol=0.04)
    np.testing.assert_allclose(table["total"], [*total, 0.0], atol=0.04)
    assert table["total"].iloc[2] == 0.0
    assert (table["first_low"] <= table["first"]).all()
    assert (table["first"] <= table["first_high"]).all()
    assert (table["total_low"] <= table["total"]).all()
    assert (table["total"] <= table["total_high"]).all()
    # 95% bounds of 1,024 points: about a tenth to either side
    assert table["total_high"].iloc[:2].sub(table["total_low"].iloc[:2]).between(0.02, 0.4).all()


def test_influence_of_two_dimensions_whose_indicators_move_together() -> None:
    """The same with dimensions: A of two indicators that are stretched as one, B of one."""
    scheme = scheme_of({"r": 100}, {"A": {"A1": 20, "A2": 30}, "B": {"B1": 50}})
    scores = with_means([[[100.0, 100.0, 0.0]], [[45.0, 45.0, 45.0]]], [[0.2, 0.3, 0.5]])
    table = sensitivity.weight_influence(scores, scheme, seed=3)
    assert table["code"].tolist() == ["r", "A", "B"]
    first, total = influence(0.45 / 0.55)
    np.testing.assert_allclose(table["first"], [0.0, *first], atol=0.04)
    np.testing.assert_allclose(table["total"], [0.0, *total], atol=0.04)


@pytest.mark.parametrize(("points", "moved"), [(23.0, False), (28.0, True)])
def test_weights_are_varied_between_half_and_one_and_a_half(points: float, moved: bool) -> None:
    """a's group falls to a quarter of all at most: .5 against 1.5. b at 23 is never ahead."""
    scheme = scheme_of({"r": 50, "s": 50}, {"A": {"A1": 100}})
    scores = with_means([[[100.0], [0.0]], [[points], [points]]], [[0.5], [0.5]])
    assert len(sensitivity.weight_influence(scores, scheme, seed=3)) == (3 if moved else 0)


def test_weights_that_move_nothing_are_noted() -> None:
    scores = with_means([[[90.0], [95.0]], [[50.0], [55.0]]], [[0.6], [0.4]])
    table = sensitivity.weight_influence(scores, HALVES, seed=1)
    assert table.empty
    (note,) = sensitivity.notes(table, scores)
    assert (note.code, note.where) == ("no_weight_matters", "2016")
    assert sensitivity.notes(pd.DataFrame({"x": [1]}), scores) == ()


def test_one_group_and_one_dimension_leave_nothing_to_vary() -> None:
    scores = with_means([[[90.0]], [[50.0]]], [[1.0]])
    assert sensitivity.weight_influence(scores, one_group(), seed=1).empty
