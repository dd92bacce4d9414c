"""Student's t where variances are hardly known: Welch's test and all pairs, against base R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.rank_step_down import as_normal
from evalkit.methods.tails import normal_above, t_quantile
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


@pytest.mark.parametrize("case", GOLDEN["critical"])
def test_pairs_with_variances_of_their_own_need_more_than_tukeys_pooled_one(
    case: dict[str, Any],
) -> None:
    """The normal errors' critical value, at which every pair's own t is as improbable."""
    tukey = np.full(1, case["tukey"])
    df = np.full(1, float(case["df"]))
    reached = float(as_normal(tukey, df)[0])
    assert reached < case["normal"]
    ours = t_quantile(normal_below(case["normal"]), case["df"])
    assert float(as_normal(np.full(1, ours), df)[0]) == pytest.approx(case["normal"], rel=1e-9)
    expected = {
        (3, 5): 1.0472,
        (12, 11): 1.0864,
        (35, 11): 1.1647,
        (35, 30): 1.0393,
        (35, 200): 1.0043,
    }
    assert ours / case["tukey"] == pytest.approx(expected[case["k"], case["df"]], abs=1e-4)


def normal_below(x: float) -> float:
    return 1.0 - float(normal_above(x))
