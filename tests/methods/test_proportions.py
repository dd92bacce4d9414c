from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evalkit.methods.proportions import difference_from_all, share_interval


def test_an_interval_is_symmetric_on_the_logit_scale() -> None:
    low, high = share_interval([0.2], [0.05], 0.95)
    odds = 0.2 / 0.8
    factor = np.exp(stats.norm.ppf(0.975) * 0.05 / (0.2 * 0.8))
    assert low[0] / (1 - low[0]) == pytest.approx(odds / factor)
    assert high[0] / (1 - high[0]) == pytest.approx(odds * factor)


@given(st.floats(0.001, 0.999), st.floats(0, 0.5), st.floats(0.5, 0.999))
def test_an_interval_holds_its_share_and_stays_between_0_and_1(
    share: float, se: float, confidence: float
) -> None:
    low, high = share_interval(share, se, confidence)
    assert 0 <= low <= share * (1 + 1e-9)
    assert share * (1 - 1e-9) <= high <= 1


def test_missing_shares_stay_missing_and_ends_are_refused() -> None:
    low, high = share_interval([np.nan, 0.5], [np.nan, 0.1])
    assert np.isnan([low[0], high[0]]).all()
    with pytest.raises(ValueError, match="strictly"):
        share_interval([1.0], [0.0])
    with pytest.raises(ValueError, match="confidence"):
        share_interval([0.5], [0.1], 1.0)


def test_beside_a_huge_street_the_test_is_the_exact_binomial_one() -> None:
    n, hits, common = 40, 12, 0.15
    shares = np.array([hits / n, common])
    huge = 10.0**9
    (p, _) = difference_from_all(shares, [n, huge], [n / (n + huge), huge / (n + huge)])
    assert p == pytest.approx(2 * stats.binom.sf(hits - 1, n, common), rel=1e-4)


def test_two_domains_are_compared_with_each_other() -> None:
    """Whichever of the two is asked, difference and worth are the same; only the tail differs."""
    p = difference_from_all([0.5, 0.3], [50, 50], [0.5, 0.5])
    assert p[0] == pytest.approx(p[1], rel=0.25)
    _, reference = stats.fisher_exact([[25, 25], [15, 35]])
    assert p[0] == pytest.approx(reference, rel=0.35)


def test_a_domain_that_is_all_there_is_cannot_differ() -> None:
    assert np.isnan(difference_from_all([0.4], [30], [1.0])).all()
    assert np.isnan(difference_from_all([0.0, 0.0], [30, 30], [0.5, 0.5])).all()


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), min_size=2, max_size=6),
)
def test_p_values_are_probabilities(drawn: list[tuple[int, int]]) -> None:
    n = np.array([float(max(a, b)) for a, b in drawn])
    share = np.array([a for a, _ in drawn]) / n
    p = difference_from_all(share, n, n / n.sum())
    known = p[~np.isnan(p)]
    assert ((known >= 0) & (known <= 1)).all()
