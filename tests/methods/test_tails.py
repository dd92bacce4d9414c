"""Tails and quantiles are scipy's own, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from evalkit.methods import tails

_RANDOM = np.random.default_rng(1)
DF = np.concatenate([_RANDOM.uniform(0.1, 200, 300), [1e9, 1, 2, np.inf, np.nan, 1e9, 0.5, 7]])
P = np.concatenate([_RANDOM.uniform(0, 1, 300), [0, 1, 0.975, 0.5, 0.3, 0.995, np.nan, 0]])
X = np.concatenate([_RANDOM.normal(0, 5, 300), [np.inf, -np.inf, 0, 1, 2, np.nan, 40, -40]])
OTHER = np.roll(DF, 7)


@pytest.mark.parametrize(
    ("own", "theirs", "arguments"),
    [
        (tails.normal_quantile, stats.norm.ppf, (P,)),
        (tails.normal_above, stats.norm.sf, (X,)),
        (tails.t_quantile, stats.t.ppf, (P, DF)),
        (tails.t_below, stats.t.cdf, (X, DF)),
        (tails.t_above, stats.t.sf, (X, DF)),
        (tails.chi2_quantile, stats.chi2.ppf, (P, DF)),
        (tails.chi2_upper, stats.chi2.isf, (P, DF)),
        (tails.chi2_above, stats.chi2.sf, (abs(X), DF)),
        (tails.f_quantile, stats.f.ppf, (P, DF, OTHER)),
        (tails.f_upper, stats.f.isf, (P, DF, OTHER)),
        (tails.f_above, stats.f.sf, (abs(X), DF, OTHER)),
    ],
)
def test_the_same_bits(
    own: Callable[..., Any], theirs: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    np.testing.assert_array_equal(own(*arguments), theirs(*arguments))
    first = [float(argument[0]) for argument in arguments]
    assert np.ndim(own(*first)) == 0
