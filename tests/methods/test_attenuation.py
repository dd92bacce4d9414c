"""A correlation corrected for known errors: by hand, by its limits, and by what it must not tell."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.methods.attenuation import FEWEST, likeness


def test_without_errors_it_is_pearsons() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=60)
    y = 0.6 * x + 0.8 * rng.normal(size=60)
    none = np.zeros(60)
    found = likeness(x, none, y, none)
    assert found.r == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found.corrected == pytest.approx(found.r, abs=0.03), "a step of what is looked among"
    z, reach = np.arctanh(found.r), 1.96 / np.sqrt(57)
    assert found.low == pytest.approx(np.tanh(z - reach), abs=0.04)
    assert found.high == pytest.approx(np.tanh(z + reach), abs=0.04)


def test_equal_errors_are_corrected_as_spearman_does() -> None:
    rng = np.random.default_rng(2)
    n, reliability = 3_000, (0.5, 0.8)
    true = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], n)
    variance = [(1 - part) / part for part in reliability]
    seen = true + np.sqrt(variance) * rng.normal(size=(n, 2))
    found = likeness(seen[:, 0], np.full(n, variance[0]), seen[:, 1], np.full(n, variance[1]))
    assert found.corrected == pytest.approx(found.r / np.sqrt(0.5 * 0.8), abs=0.04)
    assert found.low < 0.6 < found.high


def test_where_errors_leave_everything_possible_nothing_is_told() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 20))
    found = likeness(x, np.full(20, 3.0), y, np.full(20, 3.0))
    assert (found.low, found.high) == (-1.0, 1.0)
    assert np.isnan(found.corrected)


def test_few_units_and_numbers_that_do_not_differ_have_none() -> None:
    x = np.arange(float(FEWEST))
    ones = np.ones(FEWEST)
    assert np.isnan(likeness(x[1:], ones[1:], x[1:], ones[1:]).r)
    assert np.isnan(likeness(ones, ones, x, ones).corrected)
    missing = likeness(
        np.append(x, np.nan), np.ones(FEWEST + 1), np.append(x, 1.0), np.ones(FEWEST + 1)
    )
    assert missing.n == FEWEST


def test_neither_order_nor_unit_changes_it() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 30))
    v, w = rng.gamma(2.0, 0.2, (2, 30))
    one = likeness(x, v, y, w)
    other = likeness(7 + 10 * y[::-1], 100 * w[::-1], x[::-1], v[::-1])
    assert (one.corrected, one.low, one.high) == pytest.approx(
        (other.corrected, other.low, other.high), abs=1e-6
    )
