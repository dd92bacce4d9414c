"""Items that rise together, and one factor, against R's lavaan."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose

from evalkit.methods.item_levels import compare_levels
from evalkit.methods.one_factor import omega
from tests.goldens import FOLDER, golden

GOLDEN = golden("invariance")
CHANGE = np.subtract(*reversed(GOLDEN["means"]))


def test_with_loadings_and_variances_given_the_distance_is_the_likelihood_ratio() -> None:
    """Scalar invariance, the factor's change, and every item's own shift where it alone is free.

    lavaan searches until its gradient is below 1e-6.
    """
    given, expected = GOLDEN["given"], GOLDEN["fixed"]
    loadings = np.array(given["loadings"])
    v = sum(
        (spread * np.outer(loadings, loadings) + np.diag(given["unique"])) / n
        for spread, n in zip(given["spread"], GOLDEN["n"], strict=True)
    )
    found = compare_levels(CHANGE, v, loadings)
    assert_allclose(found.chi_square, expected["chi_square"], rtol=1e-10)
    assert_allclose(found.factor, expected["factor"], rtol=1e-6)
    assert_allclose(found.factor_se, expected["factor_se"], rtol=1e-9)
    assert_allclose(found.shift, expected["shift"], rtol=1e-5, atol=1e-6)
    assert_allclose(found.shift_se, expected["shift_se"], rtol=1e-9)


def test_with_everything_estimated_it_is_so_nearly() -> None:
    """420 and 360 people: ours takes the loadings from both waves' residuals, and for known."""
    waves, values = np.array(GOLDEN["waves"]), np.array(GOLDEN["values"])
    centred = np.concatenate([values[waves == w] - values[waves == w].mean(axis=0) for w in (1, 2)])
    loadings = omega(centred).loadings * centred.std(axis=0, ddof=1)
    v = sum(np.array(c) / n for c, n in zip(GOLDEN["covariances"], GOLDEN["n"], strict=True))
    found, expected = compare_levels(CHANGE, v, loadings), GOLDEN["fitted"]
    assert_allclose(found.chi_square, expected["chi_square"], rtol=0.025)
    assert_allclose(found.factor, expected["factor"], rtol=0.01)
    assert_allclose(
        [found.factor_se, *found.shift_se],
        [expected["factor_se"], *expected["shift_se"]],
        rtol=0.03,
    )
    assert (abs(found.shift - expected["shift"]) < 0.2 * found.shift_se).all()
    assert int(np.argmax(abs(found.shift) / found.shift_se)) == 2


def test_the_loadings_of_one_factor_are_those_of_cfa() -> None:
    items = pd.read_csv(FOLDER / "agreement_items.csv").to_numpy(float)
    assert_allclose(omega(items).loadings, GOLDEN["one_factor"]["loadings"], atol=5e-7)
