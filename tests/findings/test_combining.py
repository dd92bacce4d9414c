"""Cells into measures: weights, variances, degrees of freedom and covariances of a street by hand."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

from evalkit.findings.combining import Combined, combine, flat_cells, weigh, weights_of_group
from evalkit.findings.steadying import steadied
from evalkit.methods.shared_raters import shared_errors
from evalkit.tables import Cells
from tests.findings.small_street import cells_of, group_of, one_group, scheme_of

TWO_GROUPS = scheme_of(
    {"r": 70, "o": 30},
    {"A": {"A1": 40, "A2": 20}, "B": {"B1": 40}},
    covers={"o": ["A1", "B1"]},
)
close = pytest.approx


def combined(cells: Cells, weights: object, at: list[int] | None = None) -> Combined:
    places = np.arange(len(cells.subjects)) if at is None else np.array(at)
    return combine(cells, tuple(cells.groups), np.asarray(weights, dtype=float), places)


def alone(mean: float, variance: float, n: int) -> Cells:
    """One committee, one group, one indicator."""
    return cells_of(one_group(), {"r": group_of([[mean]], [[variance]], [n])})


# --- weights ---


def test_measures_come_as_composite_dimensions_indicators() -> None:
    found = weigh(TWO_GROUPS).measures
    assert [(m.code, m.level, m.name, m.weight) for m in found] == [
        ("composite", "composite", "总分", 100.0),
        ("A", "dimension", "A维度", 60.0),
        ("B", "dimension", "B维度", 40.0),
        ("A1", "indicator", "A1指标", 40.0),
        ("A2", "indicator", "A2指标", 20.0),
        ("B1", "indicator", "B1指标", 40.0),
    ]


def test_measures_combine_groups_as_the_composite_does() -> None:
    """Offices judge A1 and B1, 15% each. A1 has 28 + 15 = 43%, of which residents hold 28."""
    weights = weigh(TWO_GROUPS).weights
    a1 = b1 = [28 / 43, 15 / 43]
    expected = [
        [[0.28, 0.14, 0.28], [0.15, 0.0, 0.15]],
        [[28 / 57, 14 / 57, 0.0], [15 / 57, 0.0, 0.0]],
        [[0.0, 0.0, b1[0]], [0.0, 0.0, b1[1]]],
        [[a1[0], 0.0, 0.0], [a1[1], 0.0, 0.0]],
        [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]],
        [[0.0, 0.0, b1[0]], [0.0, 0.0, b1[1]]],
    ]
    np.testing.assert_allclose(weights, expected, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(weigh(TWO_GROUPS).composite, weights[0])


# --- estimates ---


def test_estimates_are_weighted_means_over_groups_and_indicators() -> None:
    """0.28·90 + 0.14·60 + 0.28·80 + 0.15·70 + 0.15·50 = 25.2 + 8.4 + 22.4 + 10.5 + 7.5 = 74."""
    cells = cells_of(
        TWO_GROUPS,
        {
            "r": group_of([[90, 60, 80]], [[1, 1, 1]], [10]),
            "o": group_of([[70, np.nan, 50]], [[1, np.nan, 1]], [4]),
        },
    )
    found = combined(cells, weigh(TWO_GROUPS).weights)
    assert found.estimate[:, 0] == close(
        [
            74.0,
            (28 * 90 + 14 * 60 + 15 * 70) / 57,
            (28 * 80 + 15 * 50) / 43,
            (28 * 90 + 15 * 70) / 43,
            60.0,
            (28 * 80 + 15 * 50) / 43,
        ],
        abs=1e-12,
    )


def test_a_missing_cell_with_weight_leaves_a_gap_and_one_without_does_not() -> None:
    cells = cells_of(
        TWO_GROUPS,
        {
            "r": group_of([[90, np.nan, 80]], [[1, np.nan, 1]], [10]),
            "o": group_of([[70, np.nan, 50]], [[1, np.nan, 1]], [4]),
        },
    )
    found = combined(cells, weigh(TWO_GROUPS).weights)
    gaps = [True, True, False, False, True, False]
    assert np.isnan(found.estimate[:, 0]).tolist() == gaps
    assert np.isnan(found.variance[:, 0]).tolist() == gaps
    assert np.isnan(found.df[:, 0]).tolist() == gaps


def test_rounding_never_leaves_the_scale() -> None:
    above, below = alone(100.0 + 1e-12, 4.0, 5), alone(-1e-12, 4.0, 5)
    assert combined(above, [[[1.0]]]).estimate[0, 0] == 100.0
    assert combined(below, [[[1.0]]]).estimate[0, 0] == 0.0


def test_committees_are_those_asked_for_in_that_order() -> None:
    cells = cells_of(one_group(), {"r": group_of([[10], [20], [30]], [[8], [4], [2]], [5, 10, 20])})
    found = combined(cells, [[[1.0]]], [2, 0])
    assert found.estimate[0].tolist() == [30.0, 10.0]
    assert found.variance[0] == close([2.0, 8.0])  # one answer varies by 40 everywhere


# --- variances of one committee ---


def test_the_variance_is_the_quadratic_form_of_the_weights() -> None:
    """0.75²·4 + 2·0.75·0.25·1 + 0.25²·16 = 2.25 + 0.375 + 1 = 3.625."""
    cells = cells_of(
        scheme_of({"r": 100}, {"A": {"A1": 75, "A2": 25}}),
        {"r": group_of([[50, 60]], [[[4, 1], [1, 16]]], [10])},
    )
    found = combined(cells, [[[0.75, 0.25]]])
    assert found.variance[0, 0] == close(3.625, abs=1e-15)
    assert found.covariance == close(np.array([[3.625]]))
    assert found.df[0, 0] == close(9.0)


def test_degrees_of_freedom_are_those_of_the_answers_that_count() -> None:
    """Ten answered the one, five the other: on average 0.5·10 + 0.5·5 = 7.5 answers, df 6.5."""
    cells = cells_of(
        scheme_of({"r": 100}, {"A": {"A1": 50, "A2": 50}}),
        {"r": group_of([[50, 60]], [[4, 4]], [10], n_measure=[[10, 5]])},
    )
    assert combined(cells, [[[0.5, 0.5]]]).df[0, 0] == close(6.5)
    assert combined(cells, [[[0.0, 1.0]]]).df[0, 0] == close(4.0)
    assert combined(cells, [[[0.2, 0.0]]]).df[0, 0] == close(9.0)


def test_raters_of_many_committees_have_no_more_freedom_than_the_group() -> None:
    cells = cells_of(one_group(), {"r": group_of([[50]], [[4]], [10], df=[3.0])})
    assert combined(cells, [[[1.0]]]).df[0, 0] == close(3.0)


def test_a_single_answer_to_an_indicator_still_has_one_degree_of_freedom() -> None:
    cells = cells_of(one_group(), {"r": group_of([[50]], [[4]], [10], n_measure=[[1]])})
    assert combined(cells, [[[1.0]]]).df[0, 0] == close(1.0)


def test_groups_add_their_variances_and_share_degrees_of_freedom() -> None:
    """Satterthwaite: variances 4 with 9 and 3 with 3 degrees: 7² / (16/9 + 9/3) = 441/43."""
    cells = cells_of(
        scheme_of({"r": 50, "o": 50}, {"A": {"A1": 100}}),
        {"r": group_of([[60]], [[16]], [10]), "o": group_of([[80]], [[12]], [4])},
    )
    found = combined(cells, [[[0.5], [0.5]]])
    assert found.estimate[0, 0] == close(70.0)
    assert found.variance[0, 0] == close(7.0)
    assert found.df[0, 0] == close(441 / 43)


def test_a_committee_whose_answers_are_all_of_a_census_has_no_error() -> None:
    found = combined(alone(75.0, 0.0, 10), [[[1.0]]])
    assert (found.variance[0, 0], found.df[0, 0]) == (0.0, np.inf)


# --- small cells steadied ---


def test_variances_that_scatter_as_chance_does_become_the_usual_one() -> None:
    """One answer: 90, 100, 110; five answers each: 20 everywhere, with all 12 degrees together."""
    cells = cells_of(one_group(), {"r": group_of([[50], [60], [70]], [[18], [20], [22]], [5] * 3)})
    found = combined(cells, [[[1.0]]])
    assert found.variance[0] == close([20.0, 20.0, 20.0])
    assert found.df[0] == close([12.0, 12.0, 12.0])
    assert found.covariance == close(20.0 * np.eye(3))


def test_identical_answers_take_the_usual_variance_of_their_group() -> None:
    """One answer: 0, 150, 150; the mean of all, the flat one included, is 100: 20 of five."""
    cells = cells_of(one_group(), {"r": group_of([[99], [60], [70]], [[0], [30], [30]], [5] * 3)})
    found = combined(cells, [[[1.0]]])
    assert found.variance[0] == close([20.0, 20.0, 20.0])
    assert found.df[0] == close([12.0, 12.0, 12.0])


def test_the_usual_variance_is_that_of_one_effective_answer() -> None:
    """Effective 8 and 4: 10·8 = 80 and 30·4 = 120 make 100: 100/8 and 100/4."""
    cells = cells_of(
        one_group(), {"r": group_of([[50], [60]], [[10], [30]], [9, 5], n_effective=[8, 4])}
    )
    assert combined(cells, [[[1.0]]]).variance[0] == close([12.5, 25.0])


def test_an_indicator_that_few_answered_counts_as_many_answers_as_it_has() -> None:
    """Five of ten answered in the second committee: 8·10 = 80 and 24·5 = 120; 100/10 and 100/5."""
    cells = cells_of(
        one_group(), {"r": group_of([[50], [60]], [[8], [24]], [10, 10], n_measure=[[10], [5]])}
    )
    found = combined(cells, [[[1.0]]])
    assert found.variance[0] == close([10.0, 20.0])
    assert found.df[0] == close([13.0, 13.0])  # 9 + 4


def test_variances_that_truly_differ_are_drawn_in_part() -> None:
    """Smyth (2004) once more, solved by bisection: the cell gets d0 usual + d own, over d0 + d."""
    single, n = np.array([20.0, 100.0, 400.0, 80.0]), 20
    df = n - 1
    logs = np.log(single) - digamma(df / 2) + np.log(df / 2)
    excess = float(np.var(logs, ddof=1) - polygamma(1, df / 2))
    assert excess > 0
    prior = 2 * brentq(lambda y: float(polygamma(1, y)) - excess, 1e-3, 1e3, xtol=1e-13)
    usual = single.mean()
    expected = (prior * usual + df * single) / (prior + df) / n
    cells = cells_of(
        one_group(), {"r": group_of([[50]] * 4, (single / n)[:, None].tolist(), [n] * 4)}
    )
    found = combined(cells, [[[1.0]]])
    assert found.variance[0] == close(expected, rel=1e-8)
    assert found.df[0] == close([min(prior + df, 4 * df)] * 4, rel=1e-8)
    assert prior + df < 4 * df


def test_a_cell_that_is_missing_teaches_nothing_and_stays_missing() -> None:
    group = group_of([[50], [60], [np.nan]], [[18], [22], [np.nan]], [5, 5, 0], df=[4, 4, -1])
    found = steadied(group, np.array([0]), np.array([1.0]))
    assert found.variance[:2] == close([20.0, 20.0])
    assert np.isnan(found.variance[2])
    assert np.isnan(found.answers[2])
    assert found.answers[:2] == close([5.0, 5.0])
    assert found.raw[:2] == close([18.0, 22.0])


def test_answers_without_a_degree_of_freedom_are_taken_as_they_are() -> None:
    group = group_of([[50], [60], [70]], [[18], [22], [5]], [5, 5, 1], df=[4, 4, 0])
    found = steadied(group, np.array([0]), np.array([1.0]))
    assert found.variance == close([20.0, 20.0, 5.0])


# --- shared raters ---


def test_shared_raters_correlate_committees_as_much_as_before_steadying() -> None:
    """Three raters: 4 and 16 become 10 each; covariance 2 = 0.25·√(4·16) becomes 0.25·10."""
    joint = [[4.0, 2.0], [2.0, 16.0]]
    cells = cells_of(one_group(), {"r": group_of([[50], [60]], [[4], [16]], [3, 3], joint=joint)})
    found = combined(cells, [[[1.0]]])
    assert found.covariance == close(np.array([[10.0, 2.5], [2.5, 10.0]]))
    # a less the mean of a and b is (a - b)/2, of variance (10 + 10 - 2·2.5)/4.
    assert found.difference_variance[0] == close([3.75, 3.75])


def test_covariances_follow_the_weights_of_group_and_indicators() -> None:
    """0.6²·5 of A1 with A1, 0.2²·5 of A2 with A2: 2; the other group adds variance only."""
    scheme = scheme_of({"r": 80, "o": 20}, {"A": {"A1": 75, "A2": 25}})
    joint = [[9.0, 5.0], [5.0, 9.0]]
    cells = cells_of(
        scheme,
        {
            "r": group_of([[50, 50], [60, 60]], [[9, 9], [9, 9]], [4, 4], joint=joint),
            "o": group_of([[50, 50], [60, 60]], [[100, 100], [100, 100]], [4, 4]),
        },
    )
    found = combined(cells, [[[0.6, 0.2], [0.15, 0.05]]])
    own = 0.4 * 9 + 0.025 * 100
    assert found.covariance == close(np.array([[own, 2.0], [2.0, own]]))
    assert found.variance[0] == close([own, own])
    assert found.difference_variance[0] == close([(own - 2.0) / 2] * 2)


def test_raters_who_agree_about_a_committee_have_nothing_in_common_elsewhere() -> None:
    joint = [[0.0, 0.0, 0.0], [0.0, 15.0, 3.0], [0.0, 3.0, 15.0]]
    cells = cells_of(
        one_group(),
        {"r": group_of([[100], [60], [70]], [[0], [15], [15]], [3] * 3, joint=joint)},
    )
    found = combined(cells, [[[1.0]]])
    # One rating: 0, 45, 45, on average 30; correlation 3/15 is kept.
    assert found.covariance == close(np.array([[10, 0, 0], [0, 10, 2], [0, 2, 10]], dtype=float))


def test_the_covariance_is_that_of_the_first_measure_and_of_committees_asked_for() -> None:
    joint = [[9.0, 5.0, 1.0], [5.0, 9.0, 3.0], [1.0, 3.0, 9.0]]
    cells = cells_of(
        one_group(),
        {"r": group_of([[50], [60], [70]], [[9]] * 3, [4] * 3, joint=joint)},
    )
    found = combined(cells, [[[0.5]], [[1.0]]], [2, 0])
    # Three raters cannot tell 5, 1 and 3 of 9 apart: all are drawn to their mean, also of a pair.
    assert found.covariance == close(0.25 * np.array([[9.0, 3.0], [3.0, 9.0]]))
    assert found.difference_variance == close(np.array([[0.75, 0.75], [3.0, 3.0]]))  # (9 - 3)/2


# --- differences from the mean ---


def test_a_difference_from_the_mean_has_the_committees_share_of_all_variances() -> None:
    """(2/3)²·V of its own and (1/3)²·V of the others: V = 20·k, so 4/9·20 + 1/9·40 for equal V."""
    cells = cells_of(one_group(), {"r": group_of([[50], [60], [70]], [[20]] * 3, [5, 5, 5])})
    assert combined(cells, [[[1.0]]]).difference_variance[0] == close([40 / 3] * 3)
    cells = cells_of(
        one_group(), {"r": group_of([[50], [60], [70]], [[40], [20], [10]], [5, 10, 20])}
    )
    v = [40.0, 20.0, 10.0]  # one answer varies by 200 everywhere
    expected = [4 / 9 * v[0] + (v[1] + v[2]) / 9, 4 / 9 * v[1] + (v[0] + v[2]) / 9]
    assert combined(cells, [[[1.0]]]).difference_variance[0, :2] == close(expected)


def test_tests_allow_for_answers_that_scatter_less_where_they_are_better() -> None:
    """One answer's variance falls by 1 a point: 110, 100, 100, 90 at 70, 80, 80, 90.

    All use 100, that is 20 for a mean of five. Johnson's third of the slope, -1/3, makes 100 + 10/3
    at 70 and 100 - 10/3 at 90, so 2/3 more and less for a mean. A difference has
    (1 - 1/4)·20 = 15, and (3/4)² of those 2/3.
    """
    cells = cells_of(
        one_group(),
        {"r": group_of([[70], [80], [80], [90]], [[22], [20], [20], [18]], [5] * 4)},
    )
    found = combined(cells, [[[1.0]]])
    assert found.variance[0] == close([20.0] * 4)
    assert found.difference_variance[0] == close([15.375, 15.0, 15.0, 14.625])


def test_without_committees_there_is_nothing() -> None:
    cells = cells_of(one_group(), {"r": group_of([[50], [60]], [[4], [4]], [5, 5])})
    found = combine(cells, ("r",), np.ones((1, 1, 1)), np.array([], dtype=np.intp))
    assert found.estimate.shape == found.difference_variance.shape == (1, 0)
    assert found.covariance.shape == (0, 0)


# --- identical answers ---


def test_cells_of_identical_answers_are_counted_where_others_differ() -> None:
    scheme = scheme_of({"r": 50, "o": 50}, {"A": {"A1": 50, "A2": 50}})
    spread = group_of(
        [[90, 90], [90, 90], [80, 70], [60, 50]],
        [[0, 0], [0, 4], [4, 4], [0, 0]],
        [5, 5, 5, 5],
    )
    unanimous = group_of([[90, 90]] * 4, [[0, 0]] * 4, [5] * 4)
    assert flat_cells(cells_of(scheme, {"r": spread, "o": unanimous})) == 2
    assert flat_cells(cells_of(scheme, {"r": spread, "o": spread})) == 4
    assert flat_cells(cells_of(scheme, {"r": unanimous, "o": unanimous})) == 0


def test_a_single_answer_is_not_identical_to_anything() -> None:
    group = group_of([[90], [80], [70]], [[0], [np.nan], [4]], [5, 1, 5], df=[4, 0, 4])
    assert flat_cells(cells_of(one_group(), {"r": group})) == 1
    one = group_of([[90], [80], [70]], [[0], [0], [4]], [5, 1, 5], df=[4, 0, 4])
    assert flat_cells(cells_of(one_group(), {"r": one})) == 1
    two = group_of([[90], [80], [70]], [[0], [0], [4]], [2, 2, 2], df=[1, 1, 1])
    assert flat_cells(cells_of(one_group(), {"r": two})) == 2


# --- degrees of freedom of differences ---


def test_a_difference_of_independent_committees_has_the_freedom_of_both() -> None:
    """Variances 4 with 18 degrees each, drawn together: 8² / (4²/18 + 4²/18) = 36."""
    cells = cells_of(one_group(), {"r": group_of([[60], [70]], [[4], [4]], [10, 10])})
    found = combined(cells, [[[1.0]]])
    assert found.df[0] == close([18.0, 18.0])
    assert found.pair_df == close(np.array([[np.inf, 36.0], [36.0, np.inf]]))


def test_raters_who_judge_both_committees_are_fewer_than_as_many_others() -> None:
    """Variances 10 with 4 degrees each, correlated by .25²: 2·4 / (1 + .25²), not 8."""
    joint = [[4.0, 2.0], [2.0, 16.0]]
    cells = cells_of(one_group(), {"r": group_of([[50], [60]], [[4], [16]], [3, 3], joint=joint)})
    found = combined(cells, [[[1.0]]])
    assert found.df[0] == close([4.0, 4.0])
    assert found.pair_df[0, 1] == close(8 / (1 + 0.25**2))


def test_a_correlation_of_its_own_has_the_freedom_of_its_raters() -> None:
    """Two alike, one the other way round: the correlations stay partly their own."""
    rng = np.random.default_rng(4)
    common = rng.standard_normal(6)
    influence = np.column_stack([common, common, -common]) + 0.1 * rng.standard_normal((6, 3))
    influence -= influence.mean(axis=0)
    own = influence.T @ influence
    group = group_of([[50]] * 3, np.diag(own)[:, None], [6] * 3, joint=own)
    group = dataclasses.replace(group, influence=np.dstack([influence, np.full((6, 3), np.nan)]))
    found = combined(cells_of(one_group(), {"r": group}), [[[1.0]]])
    drawn = shared_errors(influence).intensity
    assert 0 <= drawn < 0.9
    assert found.df[0] == close([15.0] * 3)
    v = found.variance[0, 0]
    r = found.covariance[np.triu_indices(3, 1)] / v
    expected = 2 / ((1 + r**2) / 15 + (1 + r) ** 2 * (1 - drawn) ** 2 / 5)
    assert found.pair_df[np.triu_indices(3, 1)] == close(expected)


def test_groups_share_the_freedom_of_a_difference() -> None:
    """Differences of variance 2 with 36 and 3 with 36 degrees: 5² / (2²/36 + 3²/36)."""
    cells = cells_of(
        scheme_of({"r": 50, "o": 50}, {"A": {"A1": 100}}),
        {
            "r": group_of([[60], [60]], [[4], [4]], [10, 10]),
            "o": group_of([[80], [80]], [[6], [6]], [10, 10]),
        },
    )
    found = combined(cells, [[[0.5], [0.5]]])
    assert found.pair_df[0, 1] == close(25 * 36 / 13)


def test_whoever_is_not_scored_weighs_a_groups_indicators_as_the_fullest_of_the_others() -> None:
    """Of a and c the second has all three indicators; b lacks one of them, d all."""
    mean = np.ones((4, 4))
    mean[1, 0] = mean[3, :3] = np.nan
    cells = SimpleNamespace(
        groups={"o": None, "r": SimpleNamespace(mean=mean)}, subjects=tuple("abcd")
    )
    own = np.array([[0.0, 0.3, 0.2], [0.2, 0.2, 0.1]])
    weights = np.stack([np.zeros((2, 3)), own], axis=1)
    scores = SimpleNamespace(cell_weights=weights, subjects=("a", "c"))
    found = weights_of_group(scores, cells, "r")  # type: ignore[arg-type]
    assert found[[0, 2]].tolist() == own.tolist()
    assert found[1].tolist() == pytest.approx([0.0, 0.5 * 2 / 3, 0.5 / 3])
    assert found[3].tolist() == [0.0, 0.0, 0.0]
