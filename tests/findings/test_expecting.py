"""What the next score may be if nothing changes: by hand, and as often as promised."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.findings.expecting import expect
from evalkit.methods.shrinkage import shrink
from tests.findings.small_street import one_group, scores_of

SCHEME = one_group()
Numbers = list[float] | np.ndarray


def bands_of(scores: Numbers, shrunken: Numbers, error: Numbers) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": list("abcdefghij"[: len(scores)]),
            "name": "村",
            "score": scores,
            "shrunken": shrunken,
            "shrunken_se": error,
        }
    )


def test_the_interval_has_the_error_of_the_shrunken_score_and_of_the_next_wave() -> None:
    scores = scores_of([90.0, 99.5], [4.0, 9.0], df=10.0)
    found = expect(bands_of([90.0, 99.5], [88.0, 97.0], [1.5, 2.0]), scores, SCHEME)
    reach = stats.t.ppf(0.975, 10)
    assert found["expected_se"].tolist() == pytest.approx([2.5, 13.0**0.5])
    assert found["expected_low"].iloc[0] == pytest.approx(88.0 - 2.5 * reach)
    assert found["expected_high"].tolist() == pytest.approx([88.0 + 2.5 * reach, 100.0])
    assert found["expected"].tolist() == [88.0, 97.0]


def test_where_nothing_is_shrunken_nothing_is_foreseen() -> None:
    assert len(expect(pd.DataFrame(), scores_of([90.0], 1.0), SCHEME)) == 0


def test_ninety_five_of_a_hundred_next_scores_lie_within() -> None:
    rng = np.random.Generator(np.random.PCG64(11))
    for spread in (0.0, 3.0):
        held = []
        for _ in range(150):
            truth = 80.0 + spread * rng.standard_normal(10)
            now, after = (truth + 2.0 * rng.standard_normal(10) for _ in range(2))
            found = shrink(now, np.full(10, 4.0))
            bands = bands_of(now, found.estimate, np.sqrt(found.mse))
            own = expect(bands, scores_of(now.tolist(), 4.0, df=1e9), SCHEME)
            held.append(((own["expected_low"] <= after) & (after <= own["expected_high"])).mean())
        assert 0.93 < np.mean(held) < 0.98
