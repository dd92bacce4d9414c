from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from evalkit.methods.banding import expected_range

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT.parent / "shared" / "peers"
GOLDEN = json.loads((ROOT / "tests/golden/banding.json").read_text())


@pytest.mark.shared
@pytest.mark.parametrize(
    ("key", "options"), [("default", {}), ("target_24", {"target": 24, "winsorise": 0.2})]
)
def test_against_r(key: str, options: dict[str, Any]) -> None:
    d = pd.read_csv(PEERS / "traveltime2011.csv")
    bands = expected_range(d["Estimate.2dec"], d["SE.2dec"] ** 2, **options)
    expected = GOLDEN[key]
    # closed formulas on both sides; R prints 15 digits
    assert_allclose(bands.phi, expected["phi"], rtol=1e-12)
    assert_allclose(bands.tau2, expected["tau2"], rtol=1e-12)
    assert_allclose(bands.z, expected["z"], rtol=1e-11)


def test_bands_by_hand() -> None:
    # plain z-scores are the estimates; no over-dispersion: phi = mean z^2 of the inner values
    z = np.array([0.0, 1.95, 1.97, 3.08, 3.10, -1.97, -3.10] + [0.0] * 60)
    bands = expected_range(z, np.ones(z.size), target=0.0, winsorise=0.2)
    assert bands.phi == 0.0
    assert bands.tau2 == 0.0
    assert_array_equal(bands.z, z)
    assert bands.step[:7].tolist() == [0, 0, 1, 1, 2, -1, -2]


def test_overdispersion_by_hand() -> None:
    # four equal variances: tau2 = (4 phi - 3) / (4 - 1), phi = mean of squares
    x = np.array([-3.0, -1.0, 1.0, 3.0])
    bands = expected_range(x, np.ones(4), winsorise=0.0)
    assert bands.phi == pytest.approx(5.0)
    assert bands.tau2 == pytest.approx(17 / 3)
    assert_allclose(bands.z, x / np.sqrt(1 + 17 / 3))
    assert set(bands.step) == {0}


def test_winsorising_keeps_an_outlier_out_of_the_funnel() -> None:
    x = np.concatenate([np.linspace(-1, 1, 20), [12.0]])
    clipped = expected_range(x, np.ones(21), target=0.0)
    plain = expected_range(x, np.ones(21), target=0.0, winsorise=0.0)
    assert clipped.tau2 == 0.0
    assert plain.tau2 > 5
    assert clipped.step[-1] == 2


@given(
    st.lists(st.tuples(st.integers(-200, 200), st.integers(1, 50)), min_size=2, max_size=30),
    st.sampled_from([0.0, 0.1, 0.25]),
)
@settings(max_examples=80, deadline=None)
def test_invariants(rows: list[tuple[int, int]], winsorise: float) -> None:
    x, v = np.array(rows, dtype=float).T
    x = x / 8
    bands = expected_range(x, v, winsorise=winsorise)
    assert bands.phi >= 0
    assert bands.tau2 >= 0
    assert (np.abs(bands.z) <= np.abs(x - x.mean()) / np.sqrt(v) + 1e-9).all()
    # the band is a function of z alone and rises with it
    level = bands.step
    order = np.argsort(bands.z)
    assert (np.diff(level[order]) >= 0).all()
    moved = expected_range(4 * x + 3, 16 * v, winsorise=winsorise)
    assert_allclose(moved.z, bands.z, rtol=1e-9, atol=1e-9)
    mirrored = expected_range(-x, v, winsorise=winsorise)
    assert_allclose(mirrored.z, -bands.z, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("x", "v", "options", "message"),
    [
        ([1.0], [1.0], {}, "at least 2"),
        ([1.0, 2.0], [1.0, 0.0], {}, r"\[1\] are 0"),
        ([1.0, 2.0], [1.0, 1.0], {"winsorise": 0.5}, "winsorise"),
        ([1.0, 2.0], [1.0, 1.0], {"target": np.nan}, "target"),
        ([1.0, np.inf], [1.0, 1.0], {}, "not finite"),
    ],
)
def test_refuses(x: Any, v: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        expected_range(x, v, **options)
