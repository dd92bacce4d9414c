from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.stats.multitest import multipletests

from evalkit.methods.multiplicity import benjamini_hochberg, holm

GOLDEN = json.loads((Path(__file__).resolve().parents[1] / "golden/banding.json").read_text())
BOTH = pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
Adjust = Callable[[object], np.ndarray]


def test_against_p_adjust() -> None:
    assert_allclose(holm(GOLDEN["p"]), GOLDEN["holm"], rtol=1e-14)
    assert_allclose(benjamini_hochberg(GOLDEN["p"]), GOLDEN["bh"], rtol=1e-14)


def test_holm_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(3)
    for size in (1, 2, 7, 40):
        p = rng.random(size) ** 3
        p[rng.random(size) < 0.3] = p[0]  # ties
        assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-15)


@BOTH
def test_a_test_not_made_is_no_part_of_the_family(adjust: Adjust) -> None:
    p = np.array([[0.01, np.nan], [0.04, 0.03]])
    adjusted = adjust(p)
    assert adjusted.shape == p.shape
    assert_array_equal(np.isnan(adjusted), np.isnan(p))
    assert_allclose(adjusted[~np.isnan(p)], adjust([0.01, 0.04, 0.03]))


@BOTH
def test_nothing_to_adjust(adjust: Adjust) -> None:
    assert adjust([]).shape == (0,)
    assert np.isnan(adjust([np.nan])).all()
    assert adjust([0.2]).tolist() == [0.2]


@BOTH
@pytest.mark.parametrize("p", [[-0.1, 0.5], [0.5, 1.5]])
def test_refuses(adjust: Adjust, p: list[float]) -> None:
    with pytest.raises(ValueError, match="did you pass test statistics"):
        adjust(p)
