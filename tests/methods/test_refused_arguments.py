"""What methods refuse, in words: arguments that would pass for something they are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evalkit.methods.agreement import cronbach_alpha, item_total
from evalkit.methods.banding import expected_range
from evalkit.methods.decomposition import bennet
from evalkit.methods.drivers import relative_importance
from evalkit.methods.influence import influence_of, joint_covariance, rater_influence
from evalkit.methods.moderation import moderated
from evalkit.methods.one_factor import correlation_of
from evalkit.methods.proportions import difference_from_all, share_interval
from evalkit.methods.quality import mahalanobis, seconds_per_item
from evalkit.methods.rank_changes import luck_reference, relative_change
from evalkit.methods.rank_sets import rank_sets, sidak_sets
from evalkit.methods.shrinkage import between_variance, shrink
from evalkit.methods.skewness import slope, variances_for_testing

TINY = 5e-324
CANCEL = [[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: share_interval([0.5], [-0.1]), "at least 0"),
        (lambda: share_interval([0.5], [np.inf]), "finite"),
        (lambda: share_interval([0.5, 0.5], [0.1]), "one for each share"),
        (lambda: difference_from_all([0.5, 0.4], [-10, 10], [0.5, 0.5]), "above 0"),
        (lambda: difference_from_all([0.5, 0.4], [np.nan, 10], [0.5, 0.5]), "above 0"),
        (lambda: difference_from_all([0.5, 0.4], [10, 10], [0.5, 0.6]), "add up to 1"),
        (lambda: difference_from_all([0.5, 0.4], [10, 10], [1.5, -0.5]), "at least 0"),
        (lambda: difference_from_all([0.5, 1.4], [10, 10], [0.5, 0.5]), "0..1"),
        (lambda: difference_from_all([0.5], [10, 10], [0.5, 0.5]), "shares must be"),
        (lambda: relative_importance(np.eye(3, 5), [1, 2, 4]), "fit any outcome"),
        (lambda: relative_importance([[0.0], [1.0]], [0, 1]), "fit any outcome"),
        (lambda: mahalanobis(np.eye(3, 4)), "more respondents than items"),
        (lambda: mahalanobis(np.eye(4)), "more respondents than items"),
        (lambda: bennet([1, 2], [1, 2, 3], [1, 2], [1, 2, 3]), "go together"),
        (lambda: rank_sets([3, 2, 1], [TINY] * 3, draws=2000), "rounding is no certainty"),
        (lambda: rank_sets([3, 2, 1], [1, 1, 1e-200], draws=2000), r"\[2\]"),
        (lambda: sidak_sets([3, 2, 1], [TINY] * 3), "rounding"),
        (lambda: between_variance([3, 2, 1], [TINY] * 3), "rounding"),
        (lambda: shrink([3, 2, 1], [TINY] * 3), "rounding"),
        (lambda: expected_range([3, 2, 1], [TINY] * 3), "rounding"),
        (lambda: luck_reference([2, 1], [TINY] * 2, [1, 1], [0, 0], draws=200), "rounding"),
        (lambda: moderated([TINY, 1.0], [3, 3]), "rounding"),
        (lambda: moderated([1.0, 2.0], [3, np.inf]), "finite"),
        (lambda: cronbach_alpha(CANCEL), "cancel one another"),
        (lambda: item_total(CANCEL), "cancel one another"),
        (lambda: rater_influence([1.0], [1], ["a"], ["x"]), "answers by indicators"),
        (lambda: rater_influence([[1.0]], [1], ["a", "b"], ["x"]), "domains must be one"),
        (lambda: rater_influence([[1.0]], [-1], ["a"], ["x"]), "at least 0"),
        (lambda: rater_influence([[np.inf]], [1], ["a"], ["x"]), "finite"),
        (lambda: joint_covariance([[1.0]]), r"\(R, K, I\)"),
        (lambda: influence_of([[1.0]]), r"\(K, I, K, I\)"),
        (lambda: slope([1, 2], [1], [1, 1]), "one length"),
        (lambda: variances_for_testing([1, 2], [1, 2], [1], [1, 1]), "one length"),
        (lambda: correlation_of(np.zeros((2, 2))), "above 0"),
        (lambda: correlation_of(np.ones(2)), "square"),
        (lambda: seconds_per_item([1.0, 2.0, 3.0], [1, 2]), "one for each time"),
    ],
)
def test_a_mistake_is_named(call: Callable[[], Any], message: str) -> None:
    with np.errstate(all="raise"), pytest.raises(ValueError, match=message):
        call()


def test_three_rows_and_a_predictor_are_enough_and_groups_cost_one_each() -> None:
    assert relative_importance([[0.0], [1.0], [2.0]], [0, 1, 3]).n == 3
    X, y = [[0.0], [1.0], [0.0], [1.0]], [0, 1, 2, 4]
    assert relative_importance(X, y, groups=[1, 1, 2, 2]).n == 4
    with pytest.raises(ValueError, match="3 complete rows in 2 groups"):
        relative_importance(X[:3], y[:3], groups=[1, 1, 2])


def test_one_more_respondent_than_items_has_a_distance() -> None:
    found = mahalanobis([[1.0, 1.0], [-1.0, 1.0], [0.0, -2.0]])
    assert np.isfinite(found.squared).all()


def test_an_interval_of_no_error_is_the_share_itself() -> None:
    low, high = share_interval([0.25, np.nan], [0.0, np.nan])
    assert (low[0], high[0]) == pytest.approx((0.25, 0.25))
    assert np.isnan(low[1])


def test_a_change_that_nothing_tells_is_neither_sure_nor_adjusted_for() -> None:
    """Two committees with identical answers in both waves: 5 points apart, and no verdict."""
    found = relative_change([80, 80], [0, 0], [90, 80], [0, 0])
    assert found.relative.tolist() == [5.0, -5.0]
    assert np.isnan(found.p).all()
    assert np.isnan(found.p_adjusted).all()


def test_one_score_known_beyond_all_comparison_does_not_break_the_bands() -> None:
    """Weights 1e100, 1 and 1: the sum over pairs is 1e100 + 1e100 + 1, over half their sum: 4."""
    found = expected_range([50.0, 52.0, 48.0], [1e-100, 1.0, 1.0], target=50.0, winsorise=0.0)
    assert found.phi == pytest.approx(8 / 3)
    assert found.tau2 == pytest.approx((8 - 2) / 4)


def test_a_share_that_rounding_took_past_1_is_1() -> None:
    over = np.nextafter(1.0, 2.0)
    found = difference_from_all([over, 0.5], [10, 10], [0.5, 0.5])
    assert found.tolist() == difference_from_all([1.0, 0.5], [10, 10], [0.5, 0.5]).tolist()
