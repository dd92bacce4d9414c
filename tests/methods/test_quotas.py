"""Few places for many: reliability of several raters, and how often the best gets a place."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.quotas import best_in_quota, places, spearman_brown


def test_more_raters_are_more_reliable() -> None:
    # 5 * .135 / (1 + 4 * .135) and 15 * .135 / (1 + 14 * .135)
    assert_allclose(spearman_brown(0.135, [1, 5, 15]), [0.135, 0.675 / 1.54, 2.025 / 2.89])
    assert spearman_brown(0.135, [5, 15]).round(2).tolist() == [0.44, 0.70]


def test_nobody_is_not_reliable_and_not_unreliable() -> None:
    assert np.isnan(spearman_brown(0.5, [0])[0])
    assert spearman_brown(0.0, [9]).tolist() == [0.0]
    for single, raters in ((-0.1, [1]), (1.1, [1]), (0.5, [-1])):
        with pytest.raises(ValueError, match=r"reliability|raters"):
            spearman_brown(single, raters)


def test_the_best_of_eight_gets_the_one_place_that_15_percent_are() -> None:
    assert places(8, 0.15) == 1
    found = [best_in_quota(r, 8, places(8, 0.15)) for r in (0.5, 0.7, 0.85)]
    assert [round(p, 2) for p in found] == [0.46, 0.59, 0.70]


def test_it_is_what_a_simulation_finds() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    true = rng.standard_normal((40_000, 20))
    seen = np.sqrt(0.7) * true + np.sqrt(0.3) * rng.standard_normal(true.shape)
    best = true.argmax(axis=1)[:, None]
    ahead = (seen > np.take_along_axis(seen, best, axis=1)).sum(axis=1)
    assert best_in_quota(0.7, 20, 3) == pytest.approx((ahead < 3).mean(), abs=0.008)


def test_the_ends() -> None:
    assert best_in_quota(0.0, 8, 2) == 0.25
    assert best_in_quota(1.0, 8, 1) == best_in_quota(0.3, 5, 5) == 1.0
    # two persons: half and half, plus arcsin of the correlation of true score and score over pi
    by_hand = 0.5 + np.arcsin(np.sqrt(0.6)) / np.pi
    assert best_in_quota(0.6, 2, 1) == pytest.approx(by_hand, abs=1e-4)


@pytest.mark.parametrize(
    ("reliability", "persons", "quota"), [(1.2, 5, 1), (0.5, 5, 0), (0.5, 5, 6)]
)
def test_what_makes_no_sense_is_refused(reliability: float, persons: int, quota: int) -> None:
    with pytest.raises(ValueError, match=r"reliability|quota"):
        best_in_quota(reliability, persons, quota)


def test_places_are_rounded_down_whatever_floats_do() -> None:
    assert [places(n, 0.15) for n in (6, 7, 20, 40, 100)] == [0, 1, 3, 6, 15]
    assert places(10, 0.3) == 3  # 10 * 0.3 is 3.0000000000000004 at its worst, or a hair less
