"""Correlations of few raters, drawn towards a common one, against what corpcor and Ledoit & Wolf compute."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.shared_raters import shared_errors
from tests.goldens import golden

GOLDEN = golden("shared_raters")


@pytest.mark.parametrize("name", GOLDEN)
def test_the_intensity_is_schaefer_and_strimmers(name: str) -> None:
    """Of raters who all judge everybody; corpcor's sampling variances, towards a constant."""
    case = GOLDEN[name]
    x = np.array(case["values"])
    found = shared_errors(x - x.mean(axis=0))
    assert_allclose(found.common, case["common"], rtol=1e-12)
    assert_allclose(found.intensity, case["intensity"], rtol=1e-11)
    assert_allclose(found.correlation, case["correlation"], rtol=1e-11)


def test_ledoit_and_wolfs_draws_a_little_less() -> None:
    """Theirs is of covariances and takes off what the target's error has in common with them."""
    ours, theirs = ([GOLDEN[n][key] for n in GOLDEN] for key in ("intensity", "ledoit_wolf"))
    assert_allclose(theirs, [0.912987, 0.874490, 0.070176], atol=1e-6)
    assert_allclose(ours, [1.0, 0.914789, 0.076221], atol=1e-6)
