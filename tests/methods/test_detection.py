"""The smallest change that two waves can show, against a simulation and the exact power."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from evalkit.methods.detection import detectable_change, power_of_changes
from evalkit.methods.multiplicity import holm


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


def test_the_power_of_a_verdict_by_hand() -> None:
    """Normal, alone: a change of 1.96 errors is found every second time; 2.80 errors at 80%."""
    found = power_of_changes(1.959964, [1.0])
    assert found[0] == pytest.approx(0.5, abs=1e-4)
    assert power_of_changes(2.801585, [1.0])[0] == pytest.approx(0.8, abs=1e-4)
    assert power_of_changes(0.0, [1.0])[0] == pytest.approx(0.05, abs=1e-6)
    assert power_of_changes(0.0, [1.0], family=35)[0] == pytest.approx(0.05 / 35, abs=1e-7)


def test_what_can_be_detected_is_found_with_that_power() -> None:
    least = detectable_change(1.0, se_next=0.0, df=40, confidence=1 - 0.05 / 35)
    found = power_of_changes(least, [1.0], df=40, family=35)[0]
    # the sum of two quantiles of t stands for the noncentral t
    assert found == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(
    ("k", "moved", "se", "df", "change"),
    [(35, 1, 1.8, 40, 6.0), (12, 1, 2.5, 20, 9.0), (60, 1, 1.5, 100, 5.0), (35, 6, 1.8, 40, 6.0)],
)
def test_the_power_promised_is_that_of_simulated_waves(
    k: int, moved: int, se: float, df: float, change: float
) -> None:
    """2,000 pairs of waves, tested as `rank_changes` does (Holm, t): within .02 and their error."""
    rng = np.random.Generator(np.random.PCG64(2))
    found = []
    for _ in range(2000):
        x = se * rng.standard_normal(k) + np.where(np.arange(k) < moved, change, 0.0)
        error = se * np.sqrt(rng.chisquare(df, k) / df * (1 - 1 / k))
        p = holm(2 * stats.t.sf(abs(x - x.mean()) / error, df))
        found.append((p[:moved] < 0.05).mean())
    own = se * (1 - 1 / k) ** 0.5
    promised = power_of_changes(change * (1 - moved / k), [own], df=df, family=k)[0]
    assert abs(np.mean(found) - promised) < 0.02 + 3 * (0.25 / 2000) ** 0.5


@pytest.mark.parametrize("wrong", [{"se": [0.0]}, {"df": 0.0}, {"family": 0}, {"confidence": 1.0}])
def test_no_power_without_a_test(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"above 0|no test"):
        power_of_changes(1.0, **({"se": [1.0]} | wrong))  # type: ignore[arg-type]
