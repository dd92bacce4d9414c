"""Strengths and weaknesses by hand: families of tests, their order, verdicts and the profile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.findings.diagnosing import diagnose
from evalkit.tables import Diagnosis, Incomplete, Measure, Scores
from tests.findings.small_street import scheme_of, scores_of, t2_quantile

close = pytest.approx
SCHEME = scheme_of({"r": 100}, {"A": {"A2": 30, "A1": 30}, "B": {"B1": 40}})
MEASURES = (
    Measure("composite", "composite", "总分", 100.0),
    Measure("A", "dimension", "A维度", 60.0),
    Measure("B", "dimension", "B维度", 40.0),
    Measure("A2", "indicator", "A2指标", 30.0),
    Measure("A1", "indicator", "A1指标", 30.0),
    Measure("B1", "indicator", "B1指标", 40.0),
)
UP, DOWN = [2.0, -2.0], [-2.0, 2.0]


def t_of(p: float) -> float:
    """The distance whose two-sided p-value is `p`, with two degrees of freedom."""
    return t2_quantile(1.0 - p / 2.0)


def street(p: list[list[float]], differences: list[list[float]] | None = None) -> Scores:
    """Two committees, `differences` from 80, with these p-values by measure and committee."""
    away = np.array([UP] * 6 if differences is None else differences)
    t = np.vectorize(t_of)(np.array(p))
    return scores_of(
        [80.0, 80.0],
        4.0,
        measures=MEASURES,
        estimate=80.0 + away,
        difference_variance=np.where(away == 0, 1.0, (away / t) ** 2),
    )


P = [
    [0.03, 0.20],
    [0.01, 0.04],
    [0.90, 0.02],
    [0.004, 0.020],
    [0.030, 0.600],
    [0.500, 0.012],
]


def told(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    return [(finding.code, finding.kind) for finding in diagnosis.findings]


def test_p_values_are_adjusted_over_committees_and_measures_of_one_level() -> None:
    """Benjamini and Hochberg: p times tests over rank, never above the next larger one's.

    Composite, two tests: 0.03·2, 0.2. Dimensions, four: 0.01·4, 0.02·2, 0.04·4/3, 0.9.
    Indicators, six: 0.004·6, 0.012·3, 0.02·2, 0.03·6/4 and then 0.6, 0.6 of 0.5·6/5.
    """
    found = diagnose(street(P), SCHEME, None)
    assert list(found) == ["a", "b"]
    adjusted = np.column_stack([found[s].profile["p_adjusted"] for s in "ab"])
    expected = [
        [0.06, 0.20],
        [0.04, 0.16 / 3],
        [0.90, 0.04],
        [0.024, 0.04],
        [0.045, 0.60],
        [0.60, 0.036],
    ]
    np.testing.assert_allclose(adjusted, expected, rtol=1e-9)


def test_a_significant_indicator_is_a_strength_or_weakness_and_others_tendencies() -> None:
    signs = [UP, UP, UP, UP, DOWN, DOWN]
    found = diagnose(street(P, signs), SCHEME, None)
    assert told(found["a"]) == [
        ("A2", "strength"),
        ("A1", "weakness"),
        ("B1", "tendency_low"),
    ]
    assert told(found["b"]) == [
        ("B1", "strength"),
        ("A2", "weakness"),
        ("A1", "tendency_high"),
    ]
    assert [f.code for f in found["a"].of_kind("strength", "weakness")] == ["A2", "A1"]


def test_verdicts_of_the_profile_follow_the_same_rule_on_every_level() -> None:
    signs = [UP, DOWN, UP, UP, DOWN, DOWN]
    found = diagnose(street(P, signs), SCHEME, None)
    same = "无显著差异"
    assert list(found["a"].profile["verdict"]) == [same, "低于", same, "高于", "低于", same]
    assert list(found["b"].profile["verdict"]) == [same, same, "低于", "低于", same, "高于"]


def test_a_p_value_as_large_as_the_rate_is_a_tendency() -> None:
    first = diagnose(street(P), SCHEME, None)["a"].findings[0]
    assert first.kind == "strength"
    for rate, kind in ((first.p_adjusted, "tendency_high"), (first.p_adjusted * 1.001, "strength")):
        scheme = SCHEME.model_copy(update={"false_discovery_rate": rate})
        again = diagnose(street(P), scheme, None)["a"]
        assert again.findings[0].kind == kind
        assert again.profile["verdict"].iloc[3] == ("高于" if kind == "strength" else "无显著差异")


def test_findings_come_surest_first_then_the_clearest_then_by_code() -> None:
    """0.02, 0.03 and 0.03 of three tests of a, with three of b at 1: adjusted 0.06 all three."""
    p = [[0.5, 0.5]] * 3 + [[0.03, 1 - 1e-9], [0.03, 1 - 1e-9], [0.02, 1 - 1e-9]]
    found = diagnose(street(p), SCHEME, None)["a"].findings
    assert [f.p_adjusted for f in found] == close([0.06, 0.06, 0.06])
    assert [f.code for f in found] == ["B1", "A1", "A2"]
    p[3] = [0.0299, 1 - 1e-9]
    assert [f.code for f in diagnose(street(p), SCHEME, None)["a"].findings] == ["B1", "A2", "A1"]
    p[4] = [0.001, 1 - 1e-9]
    assert [f.code for f in diagnose(street(p), SCHEME, None)["a"].findings] == ["A1", "B1", "A2"]


def test_a_finding_has_the_numbers_it_rests_on() -> None:
    finding = diagnose(street(P), SCHEME, None)["b"].findings[0]
    assert (finding.subject, finding.code, finding.name) == ("b", "B1", "B1指标")
    assert (finding.estimate, finding.street, finding.difference) == (78.0, 80.0, -2.0)
    assert finding.se == close(2.0 / t_of(0.012))
    assert finding.p_adjusted == close(0.036)


def test_what_equals_the_mean_is_no_finding() -> None:
    level = [UP, UP, UP, [0.0, 0.0], UP, UP]
    found = diagnose(street(P, level), SCHEME, None)
    assert [code for code, _ in told(found["a"])] == ["A1", "B1"]
    assert found["a"].profile["p_adjusted"].iloc[3] == 1.0


def test_a_difference_known_without_error_is_not_tested() -> None:
    """A variance of 0 is rounding of a covariance, never a proof."""
    scores = street(P)
    sure = np.array(scores.difference_variance)
    sure[3] = 0.0
    made = scores_of(
        [80.0, 80.0],
        4.0,
        measures=MEASURES,
        estimate=scores.estimate,
        difference_variance=sure,
    )
    found = diagnose(made, SCHEME, None)["a"]
    assert found.profile["p_adjusted"].iloc[3] == 1.0
    assert dict(told(found))["A2"] == "tendency_high"


def test_degrees_of_freedom_are_those_of_the_committees_measure() -> None:
    """Endless degrees: 1.959964 errors are p = 0.05, which two tests leave at 0.05 and 0.05."""
    composite = (MEASURES[0],)
    made = scores_of(
        [82.0, 78.0],
        4.0,
        df=[np.inf, 2.0],
        measures=composite,
        difference_variance=[[(2 / 1.959963984540054) ** 2, (2 / t_of(0.5)) ** 2]],
    )
    found = diagnose(made, SCHEME, None)
    assert found["a"].profile["p_adjusted"].iloc[0] == close(0.10, rel=1e-6)
    assert found["b"].profile["p_adjusted"].iloc[0] == close(0.5, rel=1e-9)


# --- the profile ---


def profile(scores: Scores, subject: str, previous: Scores | None = None, **more: Any) -> Any:
    scheme = SCHEME.model_copy(update=more)
    found: pd.DataFrame = diagnose(scores, scheme, previous)[subject].profile
    return found.set_index("code")


def test_a_profile_has_every_measure_with_its_interval_and_the_streets_mean() -> None:
    estimate = [[82, 78], [70, 90], [60, 61], [99, 50], [3, 80], [40, 40]]
    scores = scores_of(
        [0.0, 0.0], [4.0, 9.0], measures=MEASURES, estimate=estimate,
        difference_variance=np.full((6, 2), 2.25),
    )  # fmt: skip
    table = profile(scores, "a")
    assert list(table.index) == ["composite", "A", "B", "A2", "A1", "B1"]
    assert list(table["level"]) == ["composite"] + ["dimension"] * 2 + ["indicator"] * 3
    assert list(table["name"]) == ["总分", "A维度", "B维度", "A2指标", "A1指标", "B1指标"]
    assert list(table["estimate"]) == [82, 70, 60, 99, 3, 40]
    assert list(table["street"]) == [80, 80, 60.5, 74.5, 41.5, 40]
    assert list(table["difference"]) == close([2, -10, -0.5, 24.5, -38.5, 0])
    assert list(table["difference_se"]) == [1.5] * 6
    assert list(table["se"]) == [2.0] * 6
    reach = 2 * t2_quantile(0.975)
    assert list(table["low"]) == close(
        [82 - reach, 70 - reach, 60 - reach, 99 - reach, 0, 40 - reach]
    )
    assert list(table["high"]) == close(
        [82 + reach, 70 + reach, 60 + reach, 100, 3 + reach, 40 + reach]
    )
    other = profile(scores, "b", confidence=0.9)
    assert other.loc["composite", "high"] == close(78 + 3 * t2_quantile(0.95))
    assert other["previous"].isna().all()


def test_last_waves_value_is_the_committees_own() -> None:
    now = street(P)
    before = scores_of(
        [0.0] * 2,
        4.0,
        subjects=["c", "b"],
        measures=MEASURES,
        estimate=[[11, 21], [12, 22], [13, 23], [14, 24], [15, 25], [16, 26]],
        wave="2015",
    )
    assert list(profile(now, "b", before)["previous"]) == [21, 22, 23, 24, 25, 26]
    assert profile(now, "a", before)["previous"].isna().all()


def test_an_incomplete_committee_has_a_diagnosis_without_findings() -> None:
    scores = scores_of([82.0, 78.0], 4.0, incomplete=(Incomplete("c", ("r",)),))
    found = diagnose(scores, SCHEME, None)
    assert list(found) == ["a", "b", "c"]
    assert [found[s].complete for s in "abc"] == [True, True, False]
    assert found["c"].subject == "c"
    assert found["c"].findings == ()
    assert len(found["c"].profile) == 0
    assert list(found["c"].profile.columns) == list(found["a"].profile.columns)


def test_a_street_of_one_has_nothing_to_differ_from() -> None:
    found = diagnose(scores_of([82.0], 4.0, measures=MEASURES), SCHEME, None)["a"]
    assert found.findings == ()
    assert list(found.profile["p_adjusted"]) == [1.0] * 6
    assert list(found.profile["difference"]) == [0.0] * 6


def test_what_is_not_told_is_no_finding_and_has_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A2 of the first committee is significantly high: told of neither of the two, it is nothing."""
    scores = street(P)
    first, second = scores.subjects
    assert ("A2", "strength") in told(diagnose(scores, SCHEME, None)[first])
    monkeypatch.setattr(Scores, "untold", frozenset({(first, "A2")}))
    found = diagnose(scores, SCHEME, scores)
    assert "A2" not in [code for code, _ in told(found[first])]
    assert "A2" in [code for code, _ in told(found[second])]
    row = found[first].profile.set_index("code").loc["A2"]
    assert row["verdict"] == "未检验"
    gone = ["estimate", "se", "low", "high", "difference", "difference_se", "p_adjusted"]
    assert row[[*gone, "previous"]].isna().all()
    assert row["street"] == close(80.0)
    other = found[second].profile.set_index("code").loc["A2"]
    assert other["previous"] == close(78.0)
