"""Differences within places, and means of clusters, against R's clubSandwich."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.moments import cell_moments
from evalkit.methods.tails import t_above
from evalkit.methods.within import Within, difference_within
from tests.goldens import FOLDER, golden

GOLDEN = golden("clubsandwich")
PEOPLE = pd.DataFrame(GOLDEN["people"])


def within(weights: Any) -> Within:
    return difference_within(PEOPLE["value"], weights, PEOPLE["first"] == 1, PEOPLE["place"])


def test_cr2_and_satterthwaite_of_lm_with_an_effect_for_every_place() -> None:
    found, expected = within(np.ones(len(PEOPLE))), GOLDEN["plain"]
    assert_allclose(found.difference, expected["difference"], rtol=1e-12)
    assert_allclose([found.se, found.df], [expected["se"], expected["df"]], rtol=1e-12)
    p = 2 * t_above(abs(found.difference) / found.se, found.df)
    assert_allclose(p, expected["p"], rtol=1e-10)
    assert found.places == 8  # the ninth has one kind only


def test_unlike_weights_as_of_one_row_a_place() -> None:
    """CR2 with unlike weights in a place depends on which root of the working covariance is taken.

    clubSandwich roots that of the rows; ours is its own of the places' differences, to which the
    symmetric root of the rows leads, too. Here they differ by 0.2%.
    """
    found, rows = within(PEOPLE["weight"]), GOLDEN["weighted"]
    places = GOLDEN["weighted_places"]
    assert_allclose(found.difference, rows["difference"], rtol=1e-12)
    assert_allclose(found.difference, places["difference"], rtol=1e-12)
    assert_allclose([found.se, found.df], [places["se"], places["df"]], rtol=1e-12)
    assert_allclose([found.se, found.df], [rows["se"], rows["df"]], rtol=2e-3)


def test_of_balanced_clusters_everything_agrees() -> None:
    case = GOLDEN["balanced"]
    found = cell_moments(case["q1"], np.ones(35), clusters=np.repeat(np.arange(7), 5))
    for kind in ("CR1", "CR2"):
        assert_allclose(found.covariance[0, 0] ** 0.5, case[kind]["se"], rtol=1e-12)
        assert_allclose(found.df, case[kind]["df"], rtol=1e-12)


@pytest.mark.parametrize("committee", ["a", "b", "c"])
def test_of_unlike_clusters_the_variance_is_cr1_and_its_df_those_of_the_design(
    committee: str,
) -> None:
    """Ours is survey's: CR1 at c - 1. Satterthwaite has fewer degrees of freedom and CR2 is larger."""
    answers = pd.read_csv(FOLDER / "clusters_answers.csv")
    own = answers[(answers["wave"] == 1) & (answers["committee"] == committee)]
    found, case = (
        cell_moments(own["q1"], own["weight"], clusters=own["building"]),
        GOLDEN["means"][committee],
    )
    se = found.covariance[0, 0] ** 0.5
    assert_allclose(found.mean[0], case["mean"], rtol=1e-12)
    assert_allclose(se, case["CR1"]["se"], rtol=1e-12)
    assert found.df == case["clusters"] - 1
    assert 1.0 < case["CR2"]["se"] / se < 1.02
    assert 0.64 < case["CR2"]["df"] / found.df < 0.77
