"""A list and a random sample joined: by hand, and at least as good as either on simulated streets."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.methods.blending import blend


def test_a_gap_that_is_the_same_everywhere_is_taken_off() -> None:
    """Errors 4 and 1: the list weighs 4 / 5; its gap of 6 is known with variance 5 / 3.

    mse = 4 / 5 + (4/5)^2 5/3 + 2 * 4^2 / 5^3 * 2 / (3 / 5^2).
    """
    found = blend([70, 80, 90], [4.0] * 3, [76, 86, 96], [1.0] * 3)
    assert (found.gap, found.gap_tau2) == (pytest.approx(6.0), 0.0)
    assert found.gap_se == pytest.approx((5.0 / 3.0) ** 0.5)
    assert found.share.tolist() == pytest.approx([0.8] * 3)
    assert found.estimate.tolist() == pytest.approx([70.0, 80.0, 90.0])
    expected = 0.8 + 0.64 * 5 / 3 + 2 * 16 / 125 * 50 / 3
    assert found.mse.tolist() == pytest.approx([expected] * 3)


def test_gaps_that_scatter_leave_the_sample_alone() -> None:
    """Gaps 0, 10, 20 with error 5: tau2 = 95, so the list weighs 4 / 100."""
    found = blend([70, 70, 70], [4.0] * 3, [70, 80, 90], [1.0] * 3)
    assert found.gap_tau2 == pytest.approx(95.0, abs=1e-6)
    assert found.share.tolist() == pytest.approx([0.04] * 3)
    assert found.estimate.tolist() == pytest.approx([69.6, 70.0, 70.4])


@pytest.mark.parametrize(
    ("delta", "scatter"), [(0.0, 0.0), (3.0, 0.0), (3.0, 2.0), (6.0, 6.0), (0.0, 15.0)]
)
def test_the_blend_is_as_good_as_the_better_source_whatever_the_bias(
    delta: float, scatter: float
) -> None:
    """150 streets of 35: sample of error 4 points, list of error 2 with this bias; true spread 4."""
    rng = np.random.Generator(np.random.PCG64(3))
    losses, held = [], []
    for _ in range(150):
        truth = 84.0 + 4.0 * rng.standard_normal(35)
        v, w = (x * np.exp(0.2 * rng.standard_normal(35)) for x in (16.0, 4.0))
        sample = truth + np.sqrt(v) * rng.standard_normal(35)
        bias = delta + scatter * rng.standard_normal(35)
        listed = truth + bias + np.sqrt(w) * rng.standard_normal(35)
        found = blend(sample, v, listed, w)
        losses.append([((x - truth) ** 2).mean() for x in (sample, listed, found.estimate)])
        held.append((abs(found.estimate - truth) < 1.96 * np.sqrt(found.mse)).mean())
    alone, of_list, both = np.mean(losses, axis=0)
    assert both < 1.01 * min(alone, of_list)
    assert 0.93 < np.mean(held) < 0.99


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="three at least"):
        blend([1, 2], [1, 1], [1, 2], [1, 1])
    with pytest.raises(ValueError, match="the same subjects"):
        blend([1, 2, 3], [1, 1, 1], [1, 2], [1, 1])
    with pytest.raises(ValueError, match="above 0"):
        blend([1, 2, 3], [1, 1, 0], [1, 2, 3], [1, 1, 1])
