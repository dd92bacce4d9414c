from __future__ import annotations

import numpy as np
import pytest
from scipy.special import polygamma

from evalkit.methods.moderation import _inverse_trigamma, moderated

NAN = np.nan


def test_the_formula_by_hand() -> None:
    """Smyth (2004), equations for d0 and the posterior variance, written out again."""
    variances, df = np.array([40.0, 300.0, 1200.0, 90.0]), np.array([4.0, 4.0, 4.0, 4.0])
    got = moderated(variances, df)
    excess = np.log(variances).var(ddof=1) - float(polygamma(1, 2.0))
    assert float(polygamma(1, got.prior_df / 2.0)) == pytest.approx(excess, rel=1e-9)
    assert got.prior == variances.mean()
    by_hand = (got.prior_df * variances.mean() + 4.0 * variances) / (got.prior_df + 4.0)
    np.testing.assert_allclose(got.variance, by_hand)
    np.testing.assert_allclose(got.df, min(got.prior_df + 4.0, 16.0))


@pytest.mark.parametrize("value", [1e-6, 1e-3, 0.1, 1.0, 30.0, 1e4])
def test_inverse_trigamma(value: float) -> None:
    assert float(polygamma(1, _inverse_trigamma(value))) == pytest.approx(value, rel=1e-8)


def test_prior_is_recovered() -> None:
    rng = np.random.default_rng(1)
    true = 10.0 * 8.0 / rng.chisquare(8.0, 20_000)
    df = rng.integers(3, 12, true.size).astype(float)
    got = moderated(true * rng.chisquare(df) / df, df)
    # the mean of a scaled inverse chi-squared with 8 degrees of freedom is 8 / 6 of its scale
    assert got.prior == pytest.approx(10.0 * 8.0 / 6.0, rel=0.03)
    assert got.prior_df == pytest.approx(8.0, rel=0.1)


def test_less_error_than_the_variances_alone() -> None:
    rng = np.random.default_rng(2)
    true = 100.0 * 10.0 / rng.chisquare(10.0, 200)
    raw = true * rng.chisquare(4.0, 200) / 4.0
    got = moderated(raw, np.full(200, 4.0)).variance
    assert np.mean((got - true) ** 2) < 0.5 * np.mean((raw - true) ** 2)


def test_variances_that_scatter_no_more_than_chance_are_pooled() -> None:
    got = moderated([9.0, 10.0, 11.0], [50.0, 50.0, 50.0])
    assert np.isinf(got.prior_df)
    np.testing.assert_allclose(got.variance, 10.0)
    np.testing.assert_allclose(got.df, 150.0)


def test_well_measured_variances_that_differ_keep_what_they_are() -> None:
    given = [50.0, 100.0, 200.0, 400.0, 800.0]
    got = moderated(given, [400.0] * 5)
    np.testing.assert_allclose(got.variance, given, rtol=0.05)
    assert got.prior_df < 10.0


def test_identical_answers_take_the_usual_variance_and_gaps_stay() -> None:
    """1, 100 and 10,000 of a hundred answers each differ for certain: they stay nearly as they are.

    Only the one of 0 takes the mean of the four, (0 + 1 + 100 + 10,000) / 4; pooling would give it
    to all. A gap stays a gap.
    """
    got = moderated([0.0, 1.0, 100.0, NAN, 10_000.0], [100.0, 100.0, 100.0, 0.0, 100.0])
    usual = 10_101.0 / 4.0
    assert got.prior == pytest.approx(usual)
    assert got.variance[0] == pytest.approx(usual, rel=1e-12)
    assert np.isnan(got.variance[3])
    share = got.prior_df / (got.prior_df + 100.0)
    assert 0.0 < share < 0.02
    np.testing.assert_allclose(
        got.variance[[1, 2, 4]],
        [share * usual + (1.0 - share) * own for own in (1.0, 100.0, 10_000.0)],
        rtol=1e-12,
    )
    assert got.variance[1] < 0.02 * usual
    np.testing.assert_allclose(got.df[[0, 1, 2, 4]], 100.0 + got.prior_df)
    assert got.df[3] == 0.0


def test_rounding_is_no_variance() -> None:
    """What is below a 10^12th of the mean is rounding, and taken for 0."""
    got = moderated([1e-12, 1.0, 100.0, 10_000.0], [100.0] * 4)
    assert got.variance[0] == pytest.approx(10_101.0 / 4.0, rel=1e-9)
    more = moderated([1e-6, 1.0, 100.0, 10_000.0], [100.0] * 4)
    assert more.variance[0] < 0.1 * more.prior


@pytest.mark.parametrize("variances", [[0.0, 0.0, 0.0], [0.0, NAN, 0.0], [NAN, NAN, NAN]])
def test_nothing_to_learn_from(variances: list[float]) -> None:
    got = moderated(variances, [4.0, 4.0, 4.0])
    np.testing.assert_array_equal(got.variance, variances)
    assert (got.prior_df, got.borrowed_df) == (0.0, 0.0)
    assert np.isnan(got.prior)


def test_the_only_variance_above_0_is_the_usual_one() -> None:
    """It is 5 with six degrees of freedom, and nobody knows more than that; a gap stays a gap."""
    got = moderated([0.0, NAN, 5.0, 0.0], [4.0, 4.0, 6.0, 9.0])
    np.testing.assert_array_equal(got.variance, [5.0, NAN, 5.0, 5.0])
    np.testing.assert_array_equal(got.df, [6.0, 4.0, 6.0, 6.0])
    assert (got.prior, got.prior_df, got.borrowed_df) == (5.0, 6.0, 6.0)


def test_whoever_borrows_has_no_more_degrees_of_freedom_than_all_lenders() -> None:
    """Variances that scatter by chance are one: endless prior, and 150 degrees behind it."""
    assert moderated([9.0, 10.0, 11.0], [50.0, 50.0, 50.0]).borrowed_df == 150.0
    few = moderated([1.0, 100.0, 10_000.0], [100.0, 100.0, 100.0])
    assert few.borrowed_df == few.prior_df < 2.0


@pytest.mark.parametrize(
    ("variances", "df", "message"),
    [
        ([1.0, 2.0], [1.0], "one length"),
        ([-1.0, 2.0], [1.0, 1.0], "at least 0"),
        ([np.inf, 2.0], [1.0, 1.0], "finite"),
        ([1.0, 2.0], [0.0, 1.0], "above 0"),
    ],
)
def test_malformed(variances: list[float], df: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        moderated(variances, df)
