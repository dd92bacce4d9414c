"""Raters' influence: by hand, and against the joint covariance of `domain_means`."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.methods.influence import influence_of, joint_covariance, rater_influence
from evalkit.methods.moments import domain_means

close = pytest.approx


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Nine raters who judge some of five domains on three questions, a quarter left open."""
    rng = np.random.default_rng(seed)
    pairs = [(r, d) for r in range(9) for d in range(5) if rng.uniform() < 0.7]
    raters, domains = (np.array(column) for column in zip(*pairs, strict=True))
    values = rng.uniform(0, 100, (len(pairs), 3))
    values[rng.uniform(size=values.shape) < 0.25] = np.nan
    weights = rng.choice([0.0, 0.5, 1.0, 2.5], len(pairs))
    return values, weights, domains, raters


# --- by hand ---


def test_two_raters_of_two_domains_by_hand() -> None:
    """Means 70 and 60. Deviations over two answers: rater x +5 and -10, rater y -5 and +10.

    Their mean over raters is 0; times the root of R/(R - 1) = 2.
    """
    found = rater_influence(
        [[80.0], [40.0], [60.0], [80.0]], np.ones(4), ["a", "b", "a", "b"], ["x", "x", "y", "y"]
    )
    assert found.domains.tolist() == ["a", "b"]
    assert found.raters.tolist() == [2, 2]
    root = 2**0.5
    assert found.influence.shape == (2, 2, 1)
    assert found.influence[0, :, 0] == close([5 * root, -10 * root], abs=1e-12)
    assert found.influence[1, :, 0] == close([-5 * root, 10 * root], abs=1e-12)
    joint = joint_covariance(found.influence)
    assert joint.shape == (2, 1, 2, 1)
    # Variances of the means: 200/2 and 800/2; they go against each other entirely.
    assert joint[:, 0, :, 0].ravel() == close([100.0, -200.0, -200.0, 400.0], abs=1e-10)


def test_weights_enter_the_mean_and_the_influence() -> None:
    """Weights 3 and 1: mean (3·80 + 40)/4 = 70; influences 3/4·10 and 1/4·(-30), times √2."""
    found = rater_influence([[80.0], [40.0]], [3.0, 1.0], ["a", "a"], ["x", "y"])
    assert found.influence.ravel() == close([7.5 * 2**0.5, -7.5 * 2**0.5], abs=1e-12)


def test_a_rater_who_did_not_judge_a_domain_counts_for_the_design() -> None:
    """Raters x and y judge domain a, z only b: in a, 3/2 of (5² + 5² + 0²) = 75, not 2 of 50."""
    found = rater_influence(
        [[80.0], [60.0], [50.0], [50.0]], np.ones(4), ["a", "a", "b", "b"], ["x", "y", "z", "x"]
    )
    assert found.raters.tolist() == [2, 2]
    assert joint_covariance(found.influence)[0, 0, 0, 0] == close(75.0, abs=1e-10)


def test_where_all_raters_of_a_population_judged_there_is_no_error() -> None:
    given = ([[80.0], [60.0]], [1.0, 1.0], ["a", "a"], ["x", "y"])
    assert np.abs(rater_influence(*given, population=2).influence).max() == 0.0
    # Of four raters, half of the variance 2·(10² + 10²)/2² = 100 is left.
    half = rater_influence(*given, population=4).influence
    assert joint_covariance(half).item() == close(50.0, abs=1e-10)


def test_more_raters_than_there_are_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="population 1 is smaller than the 2 raters"):
        rater_influence([[1.0], [2.0]], [1.0, 1.0], ["a", "a"], ["x", "y"], population=1)


# --- against the joint covariance, computed without influences ---


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("population", [None, 9.5, 40.0])
def test_influences_add_up_to_the_joint_covariance(seed: int, population: float | None) -> None:
    values, weights, domains, raters = drawn(seed)
    expected = domain_means(values, weights, domains, clusters=raters, population=population)
    found = rater_influence(values, weights, domains, raters, population=population)
    size = expected.covariance.shape[0]
    assert size == found.domains.size * 3
    joint = joint_covariance(found.influence).reshape(size, size)
    np.testing.assert_array_equal(np.isnan(joint), np.isnan(expected.covariance))
    np.testing.assert_allclose(joint, expected.covariance, rtol=0, atol=1e-12 * 100**2)
    assert np.nanmax(joint) > 1.0


def test_the_random_data_have_something_missing_of_every_kind() -> None:
    sparse = [drawn(seed) for seed in range(6)]
    assert all(np.isnan(values).any() and (weights == 0).any() for values, weights, *_ in sparse)
    assert any(np.isnan(values).all(axis=1).any() for values, *_ in sparse)


# --- what is not known ---


def test_what_fewer_than_two_raters_judged_is_unknown() -> None:
    """Of domain a, question 2 has one answer; of domain b there is one rater, who answered both."""
    nan = np.nan
    found = rater_influence(
        [[80.0, 50.0], [60.0, nan], [70.0, 40.0]], np.ones(3), ["a", "a", "b"], ["x", "y", "x"]
    )
    assert np.isnan(found.influence).tolist() == [[[False, True], [True, True]]] * 2
    assert found.raters.tolist() == [2, 1]


def test_two_answers_of_one_rater_are_one_rater() -> None:
    """Rater x answered twice for domain a: nothing is known of how raters differ there."""
    found = rater_influence(
        [[80.0], [60.0], [50.0], [70.0]], np.ones(4), ["a", "a", "b", "b"], ["x", "x", "x", "y"]
    )
    assert np.isnan(found.influence[:, 0]).all()
    assert np.isfinite(found.influence[:, 1]).all()
    assert found.raters.tolist() == [1, 2]


def test_one_rater_says_nothing_of_error() -> None:
    found = rater_influence([[80.0], [60.0]], [1.0, 1.0], ["a", "b"], ["x", "x"])
    assert found.influence.shape == (1, 2, 1)
    assert np.isnan(found.influence).all()
    assert found.raters.tolist() == [1, 1]


def test_a_domain_without_answers_stays_in_its_place() -> None:
    found = rater_influence(
        [[80.0], [60.0], [np.nan], [50.0]], [1, 1, 1, 0], ["a", "a", "b", "c"], ["x", "y", "z", "z"]
    )
    assert found.domains.tolist() == ["a", "b", "c"]
    assert found.raters.tolist() == [2, 0, 0]
    # Rater z has no answer that counts and is no part of the design.
    assert found.influence.shape == (2, 3, 1)
    assert np.isnan(found.influence[:, 1:]).all()


# --- back from a joint covariance, as databases of format 1 kept it ---


def test_an_influence_is_found_for_a_joint_covariance() -> None:
    """Two raters' worth of rows for a covariance of rank 2, of six means."""
    rows = np.random.default_rng(3).normal(size=(2, 3, 2))
    joint = joint_covariance(rows)
    found = influence_of(joint)
    assert found.shape == (2, 3, 2)
    np.testing.assert_allclose(joint_covariance(found), joint, rtol=0, atol=1e-12)


def test_what_is_unknown_in_a_joint_covariance_stays_unknown() -> None:
    rows = np.random.default_rng(4).normal(size=(4, 2, 2))
    rows[:, 0, 1] = np.nan
    joint = joint_covariance(rows)
    found = influence_of(joint)
    assert np.isnan(found[:, 0, 1]).all()
    np.testing.assert_allclose(joint_covariance(found), joint, rtol=0, atol=1e-12)


def test_no_error_at_all_needs_no_rows() -> None:
    found = influence_of(np.zeros((2, 1, 2, 1)))
    assert found.shape == (0, 2, 1)
    assert joint_covariance(found).ravel().tolist() == [0.0] * 4


def test_nothing_known_needs_no_rows_either() -> None:
    assert influence_of(np.full((2, 1, 2, 1), np.nan)).shape == (0, 2, 1)
