"""Differences within places, against the matrices that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.methods.within import difference_within


def by_matrices(
    x: np.ndarray, w: np.ndarray, one: np.ndarray, place: np.ndarray
) -> tuple[float, float]:
    """Weighted least squares on the kind and a dummy for every place, CR2 over places.

    Bell-McCaffrey: the residuals of a place are multiplied by the inverse root of I - H, with every
    regressor in H, as `clubSandwich::vcovCR(type = "CR2")` does with an inverse root where I - H has
    no full rank.
    """
    design = np.column_stack([one, place[:, None] == np.unique(place)[None, :]]).astype(float)
    root = np.sqrt(w)[:, None]
    design, y = design * root, x * root[:, 0]
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    meat = np.zeros_like(bread)
    for label in np.unique(place):
        own = place == label
        left = np.eye(own.sum()) - design[own] @ bread @ design[own].T
        values, vectors = np.linalg.eigh(left)
        inverse = vectors[:, values > 1e-9] / np.sqrt(values[values > 1e-9])
        adjust = inverse @ vectors[:, values > 1e-9].T
        score = design[own].T @ adjust @ (y - design @ beta)[own]
        meat += np.outer(score, score)
    return float(beta[0]), float((bread @ meat @ bread)[0, 0])


def test_it_is_least_squares_with_an_effect_for_every_place_and_cr2() -> None:
    rng = np.random.default_rng(4)
    place = rng.integers(0, 9, 120)
    one = rng.random(120) < 0.3 + 0.05 * place
    w = rng.uniform(0.5, 2, 120)
    x = 10 * rng.standard_normal(9)[place] + 3 * one + rng.standard_normal(120)
    found = difference_within(x, w, one, place)
    difference, variance = by_matrices(x, w, one, place)
    assert found.places == sum(len(set(one[place == own])) == 2 for own in range(9)) == 8
    assert found.difference == pytest.approx(difference)
    assert found.se**2 == pytest.approx(variance)
    assert 4 < found.df < 8


def test_alike_places_have_one_degree_of_freedom_less_than_places() -> None:
    places = np.repeat(np.arange(7), 4)
    one = np.tile([True, True, False, False], 7)
    x = np.random.default_rng(2).standard_normal(28)
    found = difference_within(x, np.ones(28), one, places)
    apart = x.reshape(7, 4)[:, :2].mean(axis=1) - x.reshape(7, 4)[:, 2:].mean(axis=1)
    assert found.df == pytest.approx(6)
    assert found.se == pytest.approx(apart.std(ddof=1) / np.sqrt(7))


def test_places_of_one_kind_tell_nothing() -> None:
    none = difference_within([1.0, 2.0], [1, 1], [True, False], ["a", "b"])
    assert np.isnan(none.difference)
    assert none.places == 0
    single = difference_within([1.0, 2.0, 9.0], [1, 1, 1], [True, False, True], ["a", "a", "b"])
    assert (single.difference, single.places) == (-1.0, 1)
    assert np.isnan(single.se)


@pytest.mark.parametrize(
    ("x", "w"), [([1.0], [1, 1]), ([np.nan, 1.0], [1, 1]), ([1.0, 2.0], [0, 1])]
)
def test_what_does_not_match_is_refused(x: list[float], w: list[float]) -> None:
    with pytest.raises(ValueError, match=r"match|finite"):
        difference_within(x, w, [True, False], ["a", "a"])
