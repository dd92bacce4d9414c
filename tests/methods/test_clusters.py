"""Variances over clusters: against the joint estimator that agrees with R's survey, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.methods.clusters import design_effect, intraclass
from evalkit.methods.moments import cell_moments, domain_means

NAN = float("nan")


def test_a_cell_of_clusters_is_a_stratum_of_the_joint_estimator() -> None:
    """`domain_means` agrees with `survey::svymean` on clustered samples (validation.md)."""
    rng = np.random.default_rng(3)
    n, k = 90, 3
    subject = np.repeat(np.arange(k), n // k)
    cluster = subject * 100 + rng.integers(0, 7, n)
    values = rng.normal(80, 10, (n, 2)) + rng.normal(0, 8, 400)[cluster][:, None]
    values[rng.random((n, 2)) < 0.1] = NAN
    weights = rng.uniform(0.5, 2, n)
    joint = domain_means(values, weights, subject, strata=subject, clusters=cluster)
    for at in range(k):
        own = subject == at
        found = cell_moments(values[own], weights[own], clusters=cluster[own])
        np.testing.assert_allclose(found.mean, joint.mean[at], rtol=1e-12)
        block = joint.covariance[2 * at : 2 * at + 2, 2 * at : 2 * at + 2]
        np.testing.assert_allclose(found.covariance, block, rtol=1e-10)
        assert found.units == len(np.unique(cluster[own])) == found.df + 1


def test_clusters_of_one_are_independent_answers() -> None:
    x, w = [[1.0, 2.0], [3.0, NAN], [5.0, 4.0]], [1, 2, 1]
    plain, own = cell_moments(x, w), cell_moments(x, w, clusters=["b", "c", "a"])
    np.testing.assert_allclose(own.covariance, plain.covariance, rtol=1e-14)
    assert (own.df, own.units) == (plain.df, plain.units) == (2, 3)


def test_one_cluster_tells_no_variance() -> None:
    """The second indicator has answers of one building only."""
    found = cell_moments([[1, 1], [2, 3], [4, NAN]], [1] * 3, clusters=["a", "a", "b"])
    assert found.units_by_indicator.tolist() == [2, 1]
    assert np.isfinite(found.covariance[0, 0])
    assert np.isnan(found.covariance[1]).all()
    alone = cell_moments([1, 2, 4], [1] * 3, clusters=["a"] * 3)
    assert np.isnan(alone.covariance).all()
    assert (alone.n, alone.df) == (3, 0)


def test_respondents_who_count_nothing_make_no_cluster() -> None:
    found = cell_moments([1, 2, 4, NAN], [1, 1, 0, 1], clusters=["a", "b", "c", "d"])
    assert found.units == 2


def test_a_design_effect_is_of_sums_over_subjects_and_of_the_weighted_mean() -> None:
    """(4 + 9) / (2 + 3) of the first indicator; the second weighs nothing, one is not known."""
    clustered = [[[4, 0], [0, 9e9]], [[9, 0], [0, NAN]], [[NAN, 0], [0, 1]]]
    independent = [[[2, 0], [0, 1]], [[3, 0], [0, 1]], [[5, 0], [0, 1]]]
    assert design_effect(clustered, independent, [1.0, 0.0]) == pytest.approx(13 / 5)
    assert design_effect(np.zeros((2, 1, 1)), np.zeros((2, 1, 1)), [1.0]) == 1.0
    with pytest.raises(ValueError, match="covariances must be"):
        design_effect(clustered, independent, [1.0])


def test_clusters_of_unlike_size_count_by_their_answers() -> None:
    """(16 + 4) / 6 = 10/3 answers: an effect of 1.7 is a correlation of 0.3."""
    assert intraclass(1.7, [4, 2]) == pytest.approx(0.3)
    assert np.isnan(intraclass(1.0, [1, 1]))
