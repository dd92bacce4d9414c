"""What explains overall satisfaction: recomputed and published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.recomputation import drivers, kinds, trust

Published = Callable[[str], Path]


def check(wave: trust.Wave) -> int:
    published = wave.published("drivers")
    found = drivers.drivers(wave.street, wave.rows, wave.seed)
    if found.empty:
        assert published.empty
        return 0
    scheme = wave.street.scheme
    names = {d["code"]: d["name"] for d in scheme["dimensions"]}
    names |= {i["code"]: i["name"] for i in trust.indicators_of(scheme)}
    found = found.assign(wave=wave.id, name=found["code"].map(names))
    trust.assert_same(found[list(published)], published)
    return len(found)


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_drivers_of_small_streets(published: Published, kind: str) -> None:
    check(trust.last_wave(published(kind)))


def test_some_small_street_has_drivers(published: Published) -> None:
    assert check(trust.last_wave(published("all_kinds"))) == 3


def test_drivers_of_the_demo(demo_folder: Path) -> None:
    assert check(trust.last_wave(demo_folder)) > 12, "relative weights are tried, too"


def test_lmg_of_two_predictors_by_hand() -> None:
    """Correlations .6 and .5 with the outcome, .2 between them.

    R2 of both is (.36 + .25 - 2 * .6 * .5 * .2) / (1 - .04) = .49 / .96. The first one's gain is
    .36 alone and .49 / .96 - .25 after the other.
    """
    products = np.array([[1.0, 0.2, 0.6], [0.2, 1.0, 0.5], [0.6, 0.5, 1.0]])
    both = 0.49 / 0.96
    np.testing.assert_allclose(
        drivers.lmg(products),
        [(0.36 + both - 0.25) / 2, (0.25 + both - 0.36) / 2],
        rtol=1e-12,
    )
