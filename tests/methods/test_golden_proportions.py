"""Intervals and tests of shares against R's survey and base R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.proportions import (
    difference_from_all,
    difference_of_shares,
    share_interval,
    wilson_interval,
)
from tests.goldens import golden

GOLDEN = golden("proportions")
SHARES = [*GOLDEN["content"].values(), *GOLDEN["rare"].values()]


@pytest.mark.parametrize("cell", SHARES)
def test_a_logit_interval_is_that_of_svyciprop_with_df_inf(cell: dict[str, Any]) -> None:
    """survey iterates a logistic regression to 1e-8; ours is written out."""
    low, high = share_interval([cell["share"]], [cell["se"]], cell["confidence"])
    assert_allclose([low[0], high[0]], cell["normal"], rtol=1e-7)


@pytest.mark.parametrize("cell", SHARES)
def test_over_clusters_it_is_that_of_svyciprop_as_it_stands(cell: dict[str, Any]) -> None:
    found = share_interval([cell["share"]], [cell["se"]], cell["confidence"], df=[cell["df"]])
    assert_allclose(np.ravel(found), cell["student"], rtol=1e-7)
    assert cell["student"][0] < cell["normal"][0]


def test_score_intervals_are_those_of_prop_test() -> None:
    x, n = (np.array([case[key] for case in GOLDEN["score"]]) for key in ("x", "n"))
    assert_allclose(
        np.column_stack(wilson_interval(x / n, n)),
        [case["ends"] for case in GOLDEN["score"]],
        rtol=1e-11,
        atol=1e-14,
    )


def test_two_shares_differ_as_prop_test_says() -> None:
    x, n = (np.array([case[key] for case in GOLDEN["two"]], dtype=float) for key in ("x", "n"))
    p = difference_of_shares(x[:, 0] / n[:, 0], n[:, 0], x[:, 1] / n[:, 1], n[:, 1])[2]
    assert_allclose(p, [case["p"] for case in GOLDEN["two"]], rtol=1e-11)


@pytest.mark.parametrize("case", GOLDEN["binomial"])
def test_a_small_part_of_a_known_whole_is_a_binomial(case: dict[str, Any]) -> None:
    """Twice the smaller tail of `binom.test`, where the domain is next to nothing of the whole."""
    small, n = 1e-13, case["n"]
    p = difference_from_all([case["x"] / n, case["share"]], [n, 1e15], [small, 1 - small])[0]
    assert_allclose(p, min(1.0, 2 * min(case["below"], case["above"])), rtol=1e-10)
