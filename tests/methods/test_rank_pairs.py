"""Which pairs the joint family tells apart: the matrix behind the joint rank sets."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from evalkit.methods import rank_sets

RNG = np.random.default_rng(5)
SCORES = RNG.normal(85, 4, 12)
FACTOR = RNG.normal(0, 0.4, (12, 3))
COVARIANCE = FACTOR @ FACTOR.T + np.diag(RNG.uniform(0.5, 2.0, 12))


@pytest.mark.parametrize("errors", [COVARIANCE, np.diag(COVARIANCE), np.zeros(12)])
def test_the_pairs_add_up_to_the_joint_sets(errors: np.ndarray) -> None:
    sets = rank_sets.rank_sets(SCORES, errors, kind="joint")
    assert sets.ahead is not None
    assert sets.ahead.any()
    assert not (sets.ahead & sets.ahead.T).any()
    assert_array_equal(sets.low, 1 + sets.ahead.sum(axis=0))
    assert_array_equal(sets.high, 12 - sets.ahead.sum(axis=1))
    assert (SCORES[:, None] > SCORES[None, :])[sets.ahead].all()


def test_the_pairs_do_not_depend_on_the_order() -> None:
    order = np.random.default_rng(1).permutation(12)
    plain = rank_sets.rank_sets(SCORES, COVARIANCE, kind="joint").ahead
    mixed = rank_sets.rank_sets(SCORES[order], COVARIANCE[np.ix_(order, order)], kind="joint").ahead
    assert plain is not None
    assert mixed is not None
    assert_array_equal(mixed, plain[np.ix_(order, order)])


def test_there_are_no_pairs_where_verdicts_are_one_subjects_own() -> None:
    assert rank_sets.rank_sets(SCORES, COVARIANCE).ahead is None
