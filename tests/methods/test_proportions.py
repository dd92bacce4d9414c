from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from evalkit.methods.proportions import (
    difference_from_all,
    difference_of_shares,
    leads,
    share_interval,
    shares_differ,
    wilson_interval,
)


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
    with pytest.raises(ValueError, match="degrees of freedom"):
        share_interval([0.5], [0.1], df=[0.0])


def test_few_clusters_make_an_interval_of_students_t_and_independent_answers_one_of_z() -> None:
    low, high = share_interval([0.5, 0.5], [0.05, 0.05], df=[6.0, np.inf])
    for at, quantile in enumerate((stats.t.ppf(0.975, 6), stats.norm.ppf(0.975))):
        odds = np.exp(quantile * 0.05 / 0.25)
        assert [low[at], high[at]] == pytest.approx([1 / (1 + odds), odds / (1 + odds)])


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


@pytest.mark.parametrize("common", [0.05, 0.3])
def test_the_smallest_p_values_keep_their_digits(common: float) -> None:
    """Of 60, 50 where few are expected: the upper tail is far below what 1 less a number can hold."""
    huge = 10.0**12
    p = difference_from_all([50 / 60, common], [60, huge], [60 / huge, 1 - 60 / huge])[0]
    assert 0 < p < 1e-15
    assert p == pytest.approx(2 * stats.binom.sf(49, 60, common), rel=1e-6)
    p = difference_from_all([10 / 60, 1 - common], [60, huge], [60 / huge, 1 - 60 / huge])[0]
    assert p == pytest.approx(2 * stats.binom.cdf(10, 60, 1 - common), rel=1e-6)


# --- score intervals, and differences ---


NUMBERS = (1.0, 3.0, 7.5, 40.0, 1234.25)
SHARES = (0.0, 0.02, 0.3, 0.5, 0.97, 1.0)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_score_intervals_are_those_of_statsmodels(confidence: float) -> None:
    share, n = (grid.ravel() for grid in np.meshgrid(SHARES, NUMBERS))
    low, high = wilson_interval(share, n, confidence)
    expected = proportion_confint(share * n, n, 1 - confidence, method="wilson")
    np.testing.assert_allclose([low, high], np.clip(expected, 0, 1), rtol=0, atol=1e-12)


def test_the_ends_of_an_interval_are_what_a_score_test_just_does_not_refuse() -> None:
    low, high = wilson_interval([0.3], [25.0])
    z = stats.norm.ppf(0.975)
    for end in (low[0], high[0]):
        assert abs(0.3 - end) == pytest.approx(z * np.sqrt(end * (1 - end) / 25))


def test_where_all_or_none_are_satisfied_the_interval_ends_there() -> None:
    low, high = wilson_interval([0.0, 1.0], [20.0, 20.0])
    reach = stats.norm.ppf(0.975) ** 2 / (20 + stats.norm.ppf(0.975) ** 2)
    assert (low[0], high[1]) == (0.0, 1.0)
    assert [high[0], 1 - low[1]] == pytest.approx([reach, reach])


@given(st.sampled_from([0.0, 1.0]), st.floats(0.5, 1e6))
def test_an_end_of_the_scale_is_an_end_of_its_interval(share: float, n: float) -> None:
    ends = wilson_interval(share, n)
    assert ends[int(share)] == share


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_differences_are_those_of_statsmodels(confidence: float) -> None:
    a, m, b, n = (
        grid.ravel() for grid in np.meshgrid(SHARES, (5.0, 33.3, 400.0), SHARES, (8.0, 120.5))
    )
    low, high, p = difference_of_shares(a, m, b, n, confidence)
    for at in range(len(a)):
        ends = confint_proportions_2indep(
            b[at] * n[at], n[at], a[at] * m[at], m[at],
            method="newcomb", compare="diff", alpha=1 - confidence,
        )  # fmt: skip
        assert (low[at], high[at]) == pytest.approx(ends, abs=1e-12)
        same_end = a[at] == b[at] and a[at] in (0, 1)
        hits = [b[at] * n[at], a[at] * m[at]]
        expected = 1.0 if same_end else proportions_ztest(hits, [n[at], m[at]])[1]
        assert p[at] == pytest.approx(expected, rel=1e-9)


def test_a_difference_reaches_from_both_shares_intervals() -> None:
    low, high, p = difference_of_shares([1.0], [10.0], [1.0], [30.0])
    z2 = stats.norm.ppf(0.975) ** 2
    assert (low[0], high[0]) == pytest.approx((-z2 / (30 + z2), z2 / (10 + z2)))
    assert p[0] == 1.0


def test_where_there_is_no_share_there_is_nothing() -> None:
    ends = wilson_interval([np.nan, 0.5], [np.nan, 4.0])
    assert np.isnan([end[0] for end in ends]).all()
    assert np.isfinite([end[1] for end in ends]).all()
    for one, other in (([np.nan], [0.5]), ([0.5], [np.nan])):
        assert np.isnan(
            difference_of_shares(one, [0.0 if np.isnan(one[0]) else 9.0], other, [9.0])
        ).all()
    assert wilson_interval(0.5, 4.0)[0].shape == ()
    assert wilson_interval(np.zeros((2, 3)), np.ones((2, 3)))[1].shape == (2, 3)


@pytest.mark.parametrize(
    ("shares", "effective", "confidence", "said"),
    [
        ([1.01], [5], 0.95, "0..1"),
        ([-0.01], [5], 0.95, "0..1"),
        ([np.inf], [5], 0.95, "0..1"),
        ([0.5], [0], 0.95, "above 0"),
        ([0.5], [-1], 0.95, "above 0"),
        ([0.5], [np.inf], 0.95, "above 0"),
        ([0.5], [np.nan], 0.95, "above 0"),
        ([0.5, 0.5], [5], 0.95, "one for each share"),
        ([0.5], [5], 0.0, "strictly"),
        ([0.5], [5], 1.0, "strictly"),
    ],
)
def test_what_is_no_share_or_number_of_answers_is_refused(
    shares: list[float], effective: list[float], confidence: float, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        wilson_interval(shares, effective, confidence)
    with pytest.raises(ValueError, match=said):
        difference_of_shares([0.5], [5], shares, effective, confidence)
    with pytest.raises(ValueError, match=said):
        difference_of_shares(shares, effective, [0.5], [5], confidence)


def test_a_share_that_rounding_put_beside_its_end_is_taken_for_it() -> None:
    low, high = wilson_interval([1 + 1e-12, -1e-12], [10.0, 10.0])
    assert (high[0], low[1]) == (1.0, 0.0)


def test_the_lead_of_one_thing_ticked_over_another_holds_its_level_by_simulation() -> None:
    """Three things ticked by equally many: the one ticked most is hardly ever said to lead."""
    rng = np.random.default_rng(5)
    n, claimed = 80, 0
    for _ in range(2000):
        shares = np.sort(rng.multinomial(n, [0.3, 0.3, 0.3, 0.1])[:3] / n)
        claimed += leads(shares[-1], shares[-2], n)
    assert claimed / 2000 < 0.06


def test_a_clear_lead_is_found_and_a_tie_is_none() -> None:
    assert leads(0.5, 0.2, 80)
    assert not leads(0.3, 0.3, 80)
    assert not leads(0.2, 0.3, 80)
    z = 0.12 / np.sqrt((0.40 + 0.28 - 0.12**2) / 115)
    assert leads(0.40, 0.28, 115, confidence=0.80) == (z > 1.2815515)


def test_two_by_two_counts_are_tested_as_scipy_does() -> None:
    rng = np.random.default_rng(5)
    of, other = rng.integers(1, 400, (2, 60))
    hits, others = rng.integers(0, of + 1), rng.integers(0, other + 1)
    found = shares_differ(hits, of, others, other)
    for p, a, n, c, m in zip(found, hits, of, others, other, strict=True):
        counts = np.array([[a, n - a], [c, m - c]])
        assert p == stats.chi2_contingency(counts)[1]
    assert np.isnan(shares_differ([0, 3], [5, 3], [0, 9], [7, 9])).all()
