"""Dimensions against the last wave: each committee's tests are one family; by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from evalkit.codes import OwnChange
from evalkit.findings import scoring
from evalkit.findings.moving import by_dimension, moved
from evalkit.tables import WaveResult
from tests.findings.small_street import cells_of, group_of, roster_of, scheme_of
from tests.findings.test_following_up import holm

SCHEME = scheme_of({"r": 100}, {"A": {"A1": 40}, "B": {"B1": 60}})


def wave(name: str, means: list[list[float]], **definitions: str) -> WaveResult:
    cells = cells_of(
        SCHEME,
        {"r": group_of(means, [[1.0, 2.0], [1.5, 1.0]], [30, 25])},
        wave=name,
        definitions=definitions,
    )
    scores = scoring.score(cells, SCHEME, roster_of("ab"))
    return WaveResult(None, cells, scores, None, None)  # type: ignore[arg-type]


BEFORE = wave("2015", [[80.0, 70.0], [75.0, 72.0]])
NOW = wave("2016", [[86.0, 71.0], [75.5, 66.0]])


def test_every_dimension_has_its_change_and_its_test() -> None:
    found = by_dimension(NOW, BEFORE, SCHEME)
    assert found[["subject", "code"]].to_numpy().tolist() == [
        ["a", "A"], ["a", "B"], ["b", "A"], ["b", "B"],
    ]  # fmt: skip
    assert found["change"].tolist() == pytest.approx([6.0, 1.0, 0.5, -6.0])
    for place, subject in enumerate("ab"):
        rows = found[found["subject"] == subject]
        p = []
        for m, row in enumerate(rows.to_dict("records"), start=1):
            v = [w.scores.variance[m, place] for w in (BEFORE, NOW)]
            df = [w.scores.df[m, place] for w in (BEFORE, NOW)]
            se, freedom = sum(v) ** 0.5, sum(v) ** 2 / (v[0] ** 2 / df[0] + v[1] ** 2 / df[1])
            assert row["change_se"] == pytest.approx(se)
            reach = se * stats.t.ppf(0.975, freedom)
            assert row["change_high"] - row["change_low"] == pytest.approx(2 * reach)
            p.append(2 * stats.t.sf(abs(row["change"]) / se, freedom))
        assert rows["p_adjusted"].tolist() == pytest.approx(holm(p))
        assert set(rows["tests"]) == {2}
    assert set(found["family"]) == {"subject"}
    assert [v == OwnChange.SAME for v in found["verdict"]] == (found["p_adjusted"] >= 0.05).tolist()


def test_what_was_asked_otherwise_or_is_not_told_is_not_compared() -> None:
    other = wave("2015", [[80.0, 70.0], [75.0, 72.0]], A1="other")
    assert set(by_dimension(NOW, other, SCHEME)["code"]) == {"B"}
    table = BEFORE.scores.indicators.copy()
    hidden = (table["subject"] == "a") & (table["code"] == "B") & (table["group"] == "all")
    table.loc[hidden, "estimate"] = np.nan
    untold = replace(BEFORE, scores=replace(BEFORE.scores, indicators=table))
    found = by_dimension(NOW, untold, SCHEME)
    assert found[["subject", "code"]].to_numpy().tolist() == [["a", "A"], ["b", "A"], ["b", "B"]]
    assert found["tests"].tolist() == [1, 2, 2]


def test_a_first_wave_has_nothing_to_compare() -> None:
    assert len(by_dimension(NOW, None, SCHEME)) == 0


@pytest.mark.parametrize("which", [0, 1])
def test_a_dimension_that_one_of_the_waves_does_not_know_is_not_compared(which: int) -> None:
    waves = [BEFORE, NOW]
    scores = waves[which].scores
    estimate = scores.estimate.copy()
    estimate[1, 0] = np.nan  # dimension A of committee a
    waves[which] = replace(waves[which], scores=replace(scores, estimate=estimate))
    found = by_dimension(waves[1], waves[0], SCHEME)
    assert found[["subject", "code"]].to_numpy().tolist() == [["a", "B"], ["b", "A"], ["b", "B"]]
    assert found["tests"].tolist() == [1, 2, 2]


def test_a_change_without_any_error_is_told_and_not_tested() -> None:
    waves = []
    for one in (BEFORE, NOW):
        variance = one.scores.variance.copy()
        variance[1, 0] = 0.0
        waves.append(replace(one, scores=replace(one.scores, variance=variance)))
    found = by_dimension(waves[1], waves[0], SCHEME)
    row = found.iloc[0]
    assert (row["subject"], row["code"], row["change"]) == ("a", "A", 6.0)
    assert found["change_se"].isna().tolist() == [True, False, False, False]
    assert found["verdict"].tolist()[0] == OwnChange.UNTESTED
    assert found["tests"].tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize(("covariance", "spread"), [(0.0, 0.0), (0.4, 0.3), (0.4, 1e3)])
def test_what_two_waves_have_in_common_makes_a_change_surer_and_its_error_less_known(
    covariance: float, spread: float
) -> None:
    """v0 + v1 - 2c, with that squared over v0²/df0 + v1²/df1 + s, but one degree at the least."""
    common = SimpleNamespace(covariance=np.array([[covariance]]), spread=np.array([spread, 99.0]))
    asked: list[object] = []

    def of(*what: object) -> SimpleNamespace:
        asked.append(what)
        return common

    shared: Any = SimpleNamespace(common=of)
    found = moved(NOW, BEFORE, "b", "B", 0.9, shared)
    assert asked == [("B", ("b",))]
    assert found is not None
    assert (found.previous, found.estimate, found.change) == (72.0, 66.0, -6.0)
    (v0, df0), (v1, df1) = (
        (w.scores.variance[2, 1], w.scores.df[2, 1]) for w in (BEFORE, NOW)
    )  # fmt: skip
    v = v0 + v1 - 2 * covariance
    df = max(v**2 / (v0**2 / df0 + v1**2 / df1 + spread), 1.0)
    assert bool(df == 1.0) is (spread > 1)
    assert found.se == pytest.approx(v**0.5)
    assert found.reach == pytest.approx(v**0.5 * stats.t.ppf(0.95, df))
    assert found.p == pytest.approx(2 * stats.t.sf(6 / v**0.5, df))
    assert moved(NOW, BEFORE, "b", "Z", 0.9, shared) is None
    assert moved(NOW, BEFORE, "z", "B", 0.9, shared) is None
