"""Student's t where variances are hardly known: Welch's test and all pairs, against base R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.trends import slope
from tests.goldens import golden

GOLDEN = golden("student")


@pytest.mark.parametrize("case", GOLDEN["welch"])
def test_a_change_between_two_waves_is_welchs(case: dict[str, Any]) -> None:
    waves = [np.array(case[key]) for key in ("earlier", "later")]
    found = slope(
        [wave.mean() for wave in waves],
        [wave.var(ddof=1) / wave.size for wave in waves],
        [wave.size - 1 for wave in waves],
    )
    assert_allclose(found.value, case["change"], rtol=1e-11)
    assert_allclose([found.se, found.df], [case["se"], case["df"]], rtol=1e-12)
    assert_allclose(found.p, case["p"], rtol=1e-10)
    assert_allclose(found.value + found.reach(0.95) * np.array([-1, 1]), case["ends"], rtol=1e-10)
