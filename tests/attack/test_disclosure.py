"""Nobody comes within five points of what too few people said, with all that may be handed on."""

from __future__ import annotations

import os

import numpy as np
import pytest

from tests.attack.disclosure import Knowledge, attack

STREETS = int(os.environ.get("EVALKIT_DISCLOSURE_STREETS", "5"))


def test_no_small_number_of_simulated_streets_is_known_within_five_points() -> None:
    found = attack(STREETS, seed=11)
    assert found.tried > 5 * STREETS
    assert found.failed == 0
    assert found.told_by_scores < found.tried / 10


def test_the_outsider_finds_what_can_be_found() -> None:
    """x + y = 190 and x - z = 0.5 by the tenth, all of them from 0 to 100."""
    knows = Knowledge(3)
    knows.learn({0: 1.0, 1: 1.0}, 190.0)
    assert knows.ends({0: 1.0}) == (90.0, 100.0)
    knows.learn({0: 1.0, 2: -1.0}, 0.5, 0.05)
    assert np.allclose(knows.ends({2: 1.0}), (89.45, 99.55))
    knows.learn({1: 1.0}, 95.0)
    assert knows.ends({0: 1.0}) == pytest.approx((95.0, 95.0))
