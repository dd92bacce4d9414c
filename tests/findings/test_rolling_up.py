"""Weighted sums over committees by hand: value, variance A C A', degrees of freedom, intervals."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.findings.rolling_up import MANY, Estimates, Sum, difference, roll_up
from tests.findings.small_street import t2_cdf, t2_quantile

close = pytest.approx
HALVES = np.array([0.5, 0.5])


def source(
    value: list[float],
    variance: list[float],
    df: list[float],
    across: float = 0.0,
    shared: bool = False,
) -> Estimates:
    """Two committees whose errors vary together by `across`."""
    covariance = np.diag(np.array(variance, dtype=float))
    covariance[0, 1] = covariance[1, 0] = across
    return Estimates(
        np.array(value, dtype=float), covariance, np.diag(covariance), np.array(df), shared
    )


# --- a sum and what follows from it ---


def test_a_sums_interval_is_students() -> None:
    """Variance 4, two degrees of freedom: 2 · 4.3027 at 95%."""
    made = Sum(70.0, 4.0, 2.0)
    assert made.se == 2.0
    assert made.reach(0.95) == close(2 * t2_quantile(0.975), abs=1e-10)
    assert made.reach(0.8) == close(2 * t2_quantile(0.9), abs=1e-10)


@pytest.mark.parametrize("value", [6.0, -6.0])
def test_a_sums_p_value_is_two_sided(value: float) -> None:
    assert Sum(value, 4.0, 2.0).p == close(2 * (1 - t2_cdf(3.0)), abs=1e-12)


def test_without_error_nothing_is_proved() -> None:
    assert Sum(0.0, 0.0, 5.0).p == 1.0
    assert np.isnan([Sum(0.5, 0.0, 5.0).p, Sum(-0.5, 0.0, 5.0).p]).all()


# --- one source of error ---


def test_independent_committees() -> None:
    """(70 + 80)/2; (6 + 10)/4; Satterthwaite 16²/(6²/4 + 10²/20) = 256/14."""
    found = roll_up(HALVES, [source([70, 80], [6, 10], [4, 20])])
    assert found.value == close(75.0)
    assert found.variance == close(4.0)
    assert found.df == close(256 / 14)


def test_errors_that_go_together_make_a_mean_less_sure_and_a_contrast_surer() -> None:
    """(6 + 10 ± 2·3): over four for the mean, as it is for the contrast."""
    one = source([70, 80], [6, 10], [4, 20], across=3.0)
    assert roll_up(HALVES, [one]).variance == close(22 / 4)
    against = roll_up(np.array([1.0, -1.0]), [one])
    assert (against.value, against.variance) == (close(-10.0), close(10.0))


def test_weights_enter_degrees_of_freedom_squared() -> None:
    """Weights 1/4 and 3/4: variances 6/16 and 90/16; (96)²/(6²/4 + 90²/20)."""
    found = roll_up(np.array([0.25, 0.75]), [source([70, 80], [6, 10], [4, 20])])
    assert found.value == close(77.5)
    assert found.variance == close(6.0)
    assert found.df == close(96**2 / (36 / 4 + 8100 / 20))


def test_a_committee_without_weight_does_not_count() -> None:
    found = roll_up(np.array([1.0, 0.0]), [source([70, 80], [6, 10], [4, 1])])
    assert (found.value, found.variance, found.df) == (close(70.0), close(6.0), close(4.0))


def test_shared_raters_are_no_more_of_them_for_several_committees() -> None:
    """As many degrees as the fewest of the committees that have weight, and at least one."""
    assert roll_up(HALVES, [source([70, 80], [6, 10], [9, 4], 5.0, True)]).df == close(4.0)
    assert roll_up(HALVES, [source([70, 80], [6, 10], [9, 0], 5.0, True)]).df == close(1.0)
    alone = roll_up(np.array([1.0, 0.0]), [source([70, 80], [6, 10], [9, 4], 5.0, True)])
    assert alone.df == close(9.0)


def test_a_variance_never_falls_below_0() -> None:
    """Errors that cancel out: 4 + 4 - 2·4 = 0; rounding, here exaggerated, would go below."""
    found = roll_up(HALVES, [source([70, 80], [4, 4], [9, 9], across=-4.5)])
    assert (found.variance, found.df) == (0.0, MANY)


def test_without_error_degrees_of_freedom_are_as_good_as_infinite() -> None:
    found = roll_up(HALVES, [source([70, 80], [0, 0], [2, 2])])
    assert (found.value, found.variance, found.df) == (75.0, 0.0, MANY)
    assert found.reach(0.95) == 0.0


def test_infinite_degrees_of_freedom_are_allowed() -> None:
    """Of one committee known as good as exactly: (6 + 10)²/(6²/4 + 0)."""
    found = roll_up(HALVES, [source([70, 80], [6, 10], [4, np.inf])])
    assert found.df == close(256 / 9, rel=1e-6)


def test_a_sum_within_rounding_is_0() -> None:
    weights = np.array([1.0, -1.0])
    assert roll_up(weights, [source([70 + 5e-10, 70], [6, 6], [4, 4])]).value == 0.0
    assert roll_up(weights, [source([70 + 2e-9, 70], [6, 6], [4, 4])]).value == close(
        2e-9, rel=1e-4
    )
    assert roll_up(weights, [source([70, 70 + 2e-9], [6, 6], [4, 4])]).value == close(
        -2e-9, rel=1e-4
    )


# --- several sources, and differences ---


def test_two_sources_add_up() -> None:
    """Residents: 30, variance 4 with 256/14; offices, shared: 45, (2 + 2 + 2·1)/4 = 1.5 with 3.

    Satterthwaite over sources: (4 + 1.5)²/(4²·14/256 + 1.5²/3).
    """
    residents = source([20, 40], [6, 10], [4, 20])
    offices = source([50, 40], [2, 2], [5, 3], across=1.0, shared=True)
    found = roll_up(HALVES, [residents, offices])
    assert found.value == close(75.0)
    assert found.variance == close(5.5)
    assert found.df == close(5.5**2 / (16 * 14 / 256 + 2.25 / 3))


def test_sources_may_come_one_by_one() -> None:
    parts = [source([20, 40], [6, 10], [4, 20]), source([50, 40], [2, 2], [5, 3])]
    assert roll_up(HALVES, iter(parts)) == roll_up(HALVES, parts)


def test_no_source_says_nothing() -> None:
    assert roll_up(HALVES, []) == Sum(0.0, 0.0, MANY)


def test_a_difference_of_independent_sums() -> None:
    """Later less earlier; variances add up; (4 + 2)²/(4²/8 + 2²/4) = 12 degrees."""
    found = difference(Sum(80.0, 4.0, 8.0), Sum(75.0, 2.0, 4.0))
    assert (found.value, found.variance, found.df) == (5.0, 6.0, close(12.0))


def test_a_difference_without_error() -> None:
    assert difference(Sum(70.0, 0.0, 3.0), Sum(75.0, 0.0, 3.0)) == Sum(-5.0, 0.0, MANY)
