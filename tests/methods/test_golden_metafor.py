"""The variance between subjects, its interval and shrunken scores against R's metafor."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.shrinkage import (
    between_interval,
    between_variance,
    of_unknown_spread,
    shrink,
)
from tests.goldens import golden

GOLDEN = golden("metafor")
INDEPENDENT = [name for name in GOLDEN if name != "correlated"]


@pytest.mark.parametrize("name", INDEPENDENT)
def test_tau2_and_its_q_profile_interval_are_those_of_rma(name: str) -> None:
    case = GOLDEN[name]
    given = (case["yi"], case["vi"], case["mods"] or None)
    assert_allclose(between_variance(*given), case["tau2"], rtol=1e-12, atol=1e-12)
    for level, ends in zip(case["levels"], case["ends"], strict=True):
        found = between_interval(*given, confidence=level / 100)
        assert_allclose([found.low, found.high], ends, rtol=1e-11, atol=1e-12)


def test_the_cases_have_intervals_from_0_and_of_0() -> None:
    assert GOLDEN["alike"]["ends"][0] == [0, 0]
    assert GOLDEN["hardly"]["ends"][0][0] == 0 < GOLDEN["hardly"]["tau2"]


@pytest.mark.parametrize("name", INDEPENDENT)
def test_shrunken_scores_are_those_of_blup(name: str) -> None:
    """metafor's errors take tau2 for known: ours are its squares and 2 g3."""
    case = GOLDEN[name]
    found = shrink(case["yi"], case["vi"], case["mods"] or None)
    assert_allclose(found.beta, np.atleast_1d(case["beta"]), rtol=1e-12)
    assert_allclose(found.estimate, case["blup"], rtol=1e-11, atol=1e-12)
    g3 = of_unknown_spread(case["tau2"], np.array(case["vi"]))
    assert_allclose(found.mse - 2 * g3, np.square(case["blup_se"]), rtol=1e-11)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_the_error_of_tau2_is_the_large_sample_one_of_fay_and_herriot(name: str) -> None:
    """g3 has 2 / tr(V^-2) as Datta & Lahiri have it; metafor's se.tau2 is of P = V^-1 less the mean."""
    case = GOLDEN[name]
    total = case["tau2"] + np.array(case["vi"])
    x = np.column_stack([np.ones(total.size), *([case["mods"]] if case["mods"] else [])])
    w = np.diag(1 / total)
    p = w - w @ x @ np.linalg.solve(x.T @ w @ x, x.T @ w)
    assert_allclose((2 / np.trace(p @ p)) ** 0.5, case["se_tau2"], rtol=1e-11)
    v = np.array(case["vi"])
    assert_allclose(
        of_unknown_spread(case["tau2"], v), v**2 / total**3 * 2 / np.trace(w @ w), rtol=1e-12
    )
    assert (2 / np.trace(w @ w)) ** 0.5 < case["se_tau2"]


def test_errors_of_raters_who_judge_everybody() -> None:
    """`rma.mv` stops within 1e-8; Q's ends, for which it has no interval, are from dense matrices."""
    case, scores = GOLDEN["correlated"], GOLDEN["street"]["yi"]
    given = (scores, case["covariance"])
    assert_allclose(between_variance(*given), case["tau2"], rtol=3e-8)
    found = between_interval(*given)
    assert_allclose([found.low, found.high], case["ends"], rtol=1e-11)
    shrunken = shrink(*given)
    assert_allclose(shrunken.beta, [case["beta"]], rtol=1e-9)
    assert_allclose(shrunken.estimate, case["blup"], rtol=1e-9)
    assert_allclose(shrunken.mse, case["mse"], rtol=1e-7)
    # What rma.mv's own confint gives, by profile likelihood: 9% and 8% higher here.
    assert_allclose([found.low, found.high], case["profile"], rtol=0.1)
