"""Simulated streets with 3 to 80 orders a committee: intervals hold as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evalkit.answers import speaking
from evalkit.tables.records import Reduced
from tests.ledgers.test_numbers import SHARE, of_kind

STREETS, COMMITTEES = 80, 35


@pytest.mark.parametrize(("mean", "spread"), [(0.85, 0.06), (0.7, 0.1)])
def test_intervals_of_few_and_many_orders_hold(mean: float, spread: float) -> None:
    """Truths scatter over committees as a beta distribution; 93 to 97% of intervals hold them."""
    rng = np.random.Generator(np.random.PCG64(7))
    one = of_kind([SHARE])
    a = mean * (mean * (1 - mean) / spread**2 - 1)
    inside = []
    for _ in range(STREETS):
        truth = rng.beta(a, a * (1 - mean) / mean, COMMITTEES)
        n = rng.integers(3, 81, COMMITTEES)
        hits = rng.binomial(n, truth)
        share = hits / n
        nothing = np.full((COMMITTEES, 1), np.nan)
        found = Reduced(
            wave="w",
            ledger=one,
            subjects=tuple(f"s{at}" for at in range(COMMITTEES)),
            n=n[:, None].astype(float),
            asked=n[:, None].astype(float),
            hits=hits[:, None].astype(float),
            exposure=nothing,
            raw=100 * share[:, None],
            mean=100 * share[:, None],
            covariance=(1e4 * share * (1 - share) / (n - 1))[:, None, None],
            df=(n - 1.0)[:, None],
        )
        ready = speaking.steady(found)
        reach = np.sqrt(ready.covariance[:, 0, 0]) * stats.t.ppf(0.975, ready.df[:, 0])
        inside.append(np.abs(ready.mean[:, 0] - 100 * truth) <= reach)
    assert 0.93 <= np.mean(inside) <= 0.97
