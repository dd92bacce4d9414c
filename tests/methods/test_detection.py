"""The smallest change that two waves can show, against a simulation and the exact power."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from evalkit.methods.detection import detectable_change


def test_the_rule_of_thumb() -> None:
    assert detectable_change(1.0) == pytest.approx(2.8 * math.sqrt(2), abs=0.01)
    assert detectable_change(3.0) == pytest.approx(3 * detectable_change(1.0))


def test_a_change_of_that_size_is_found_in_eight_of_ten_pairs_of_waves() -> None:
    rng = np.random.default_rng(3)
    se, later, pairs = 2.4, 1.7, 200_000
    change = detectable_change(se, se_next=later)
    found = rng.normal(change, math.hypot(se, later), pairs)
    share = float((np.abs(found) > stats.norm.ppf(0.975) * math.hypot(se, later)).mean())
    assert share == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / pairs))


@pytest.mark.parametrize("df", [8, 20, 100])
@pytest.mark.parametrize("power", [0.5, 0.8, 0.9])
def test_few_degrees_of_freedom_ask_for_more_and_keep_the_power(df: int, power: float) -> None:
    change = detectable_change(1.0, se_next=0.0, df=df, power=power)
    assert change > detectable_change(1.0, se_next=0.0, power=power)
    exact = stats.nct.sf(stats.t.ppf(0.975, df), df, change)
    assert exact == pytest.approx(power, abs=0.03)


def test_surer_waves_show_smaller_changes() -> None:
    assert detectable_change(2.0, se_next=1.0) < detectable_change(2.0)
    assert detectable_change(2.0, confidence=0.9) < detectable_change(2.0)
    assert detectable_change(2.0, power=0.9) > detectable_change(2.0)
    assert detectable_change(0.0) == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"se": -1.0},
        {"se": math.nan},
        {"se": 1.0, "se_next": -0.1},
        {"se": 1.0, "df": 0},
        {"se": 1.0, "confidence": 1.0},
        {"se": 1.0, "power": 0.0},
    ],
)
def test_refuses(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        detectable_change(**wrong)
