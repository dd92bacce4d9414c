"""How far a table can be trusted: bands, validity, gaps and reliability of a few committees."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evalkit.findings import by_group, diagnosing, standing
from evalkit.pages.press.sentences import said
from evalkit.tables import Cells, GroupCells, Ranking, Scores, frame
from tests.findings.small_street import (
    cells_of,
    group_of,
    one_group,
    roster_of,
    scheme_of,
    scores_of,
)

Z = 1.959963984540054
"""Of a normal distribution, 97.5% lie below it."""
TWO = scheme_of({"key": 60, "random": 40}, {"A": {"A1": 100}})


def satisfied(group: GroupCells, overall: Sequence[float], n: Sequence[int]) -> GroupCells:
    """The same cells, with what their people said of everything taken together."""
    mean, counts = group.mean.copy(), group.n_measure.copy()
    mean[:, -1], counts[:, -1] = overall, n
    return replace(group, mean=mean, n_measure=counts)


def asked(overall: Sequence[float], n: Sequence[int] | None = None) -> Cells:
    k = len(overall)
    group = group_of(np.full((k, 1), 50.0), np.ones((k, 1)), [10] * k)
    return cells_of(one_group(), {"r": satisfied(group, overall, n or [10] * k)})


def ranked(scores: Scores, *, tau: float = 5.0, reliability: float = 0.8) -> Ranking:
    order = np.argsort(-scores.composite, kind="stable")
    ones = np.arange(1, len(order) + 1)
    table = {
        "wave": [scores.wave] * len(order),
        "subject": [scores.subjects[at] for at in order],
        "name": [scores.subjects[at] for at in order],
        "score": scores.composite[order],
        **dict.fromkeys(("rank", "rank_low", "rank_high", "rank_low_joint", "rank_high_joint"), ones),
        "reliability": [reliability] * len(order),
    }  # fmt: skip
    return Ranking(
        scores.wave, frame("ranking", table), reliability, tau, 0.4, (), None, 0.75, 0.85
    )


# --- the same form -------------------------------------------------------------------------------


def test_agreement_on_the_same_form_is_the_correlation_with_overall_satisfaction() -> None:
    """Deviations -15, -5, 5, 15 and -3, 1, -1, 3: r = 80 / sqrt(500 * 20) = .8; artanh .8 = ln 3.

    Of four committees Fisher's z has a standard error of 1 / sqrt(4 - 3) = 1.
    """
    scores = scores_of([60.0, 70.0, 80.0, 90.0], 1.0)
    found = by_group.same_form(asked([77.0, 81.0, 79.0, 83.0]), scores)
    assert found is not None
    assert found["correlation"] == pytest.approx(0.8, abs=1e-12)
    assert found["low"] == pytest.approx(math.tanh(math.log(3.0) - Z), abs=1e-12)
    assert found["high"] == pytest.approx(math.tanh(math.log(3.0) + Z), abs=1e-12)
    assert found["subjects"] == 4


def test_its_interval_narrows_with_committees() -> None:
    """Seven committees: 1 / sqrt(7 - 3) = 1/2."""
    x = [60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0]
    y = [60.0, 70.0, 65.0, 75.0, 85.0, 80.0, 90.0]
    # y exchanges two neighbours twice: sum of d^2 = 100, sum of squares 700: r = 1 - 50 / 700
    found = by_group.same_form(asked(y), scores_of(x, 1.0))
    assert found is not None
    r = 1.0 - 50.0 / 700.0
    assert found["correlation"] == pytest.approx(r, abs=1e-12)
    assert found["low"] == pytest.approx(math.tanh(math.atanh(r) - Z / 2.0), abs=1e-12)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_perfect_agreement_and_perfect_contradiction_have_an_interval(sign: float) -> None:
    x = np.array([70.0, 71.0, 73.0, 78.0])
    found = by_group._correlated(x, 100.0 + sign * x, 0.95)
    assert found is not None
    assert [found[key] for key in ("low", "correlation", "high")] == pytest.approx([sign] * 3)
    assert found["correlation"] == sign, "to the last digit, where arctanh has no value"
    assert -1.0 < found["low"] < found["high"] < 1.0
    assert found["subjects"] == 4
    assert by_group._correlated(x[:3], x[:3], 0.95) is None
    assert by_group._correlated(x, np.full(4, 5.0), 0.95) is None
    assert by_group._correlated(np.full(4, 5.0), x, 0.95) is None


def test_answers_of_all_groups_are_pooled_by_their_number() -> None:
    """10 key residents at 80 and 30 random ones at 60 are 40 residents at 65."""
    base = group_of(np.full((4, 1), 50.0), np.ones((4, 1)), [30] * 4)
    cells = cells_of(
        TWO,
        {
            "key": satisfied(base, [80.0, 70.0, 60.0, np.nan], [10, 10, 10, 0]),
            "random": satisfied(base, [60.0, 74.0, 60.0, 90.0], [30, 30, 30, 30]),
        },
    )
    pooled = [65.0, 73.0, 60.0, 90.0]
    scores = scores_of([70.0, 71.0, 64.0, 92.0], 1.0)
    found, plain = by_group.same_form(cells, scores), by_group.same_form(asked(pooled), scores)
    assert found is not None
    assert plain is not None
    assert found == pytest.approx(plain, abs=1e-12)
    assert found["correlation"] == pytest.approx(np.corrcoef(pooled, scores.composite)[0, 1])


def test_only_complete_committees_and_known_answers_count() -> None:
    """Committee b is not scored and e was not asked: neither of their numbers is looked at."""
    cells = asked([77.0, 0.0, 81.0, 79.0, np.nan, 83.0], [10, 10, 10, 10, 0, 10])
    scores = scores_of([60.0, 70.0, 80.0, 1.0, 90.0], 1.0, subjects=["a", "c", "d", "e", "f"])
    found = by_group.same_form(cells, scores)
    assert found is not None
    assert found["correlation"] == pytest.approx(0.8, abs=1e-12)
    assert found["subjects"] == 4


def test_nothing_without_differences_or_with_three_committees() -> None:
    assert by_group.same_form(asked([1.0, 2.0, 3.0]), scores_of([1.0, 2.0, 4.0], 1.0)) is None
    assert by_group.same_form(asked([5.0] * 4), scores_of([1.0, 2.0, 3.0, 4.0], 1.0)) is None
    assert by_group.same_form(asked([1.0, 2.0, 3.0, 4.0]), scores_of([5.0] * 4, 1.0)) is None


# --- other people ---------------------------------------------------------------------------


def two_halves(
    key: Sequence[float], said: Sequence[float], v: float, w: float
) -> tuple[Cells, Scores]:
    """Key residents' composite, and what random residents say of everything: error v and w."""
    k = len(key)
    group = group_of(np.array(key)[:, None], np.full((k, 1), v), [11] * k)
    other = satisfied(group_of(np.full((k, 1), 50.0), np.full((k, 1), v), [11] * k), said, [11] * k)
    covariance = other.covariance.copy()
    covariance[:, -1, -1] = w
    cells = cells_of(TWO, {"key": group, "random": replace(other, covariance=covariance)})
    weights = np.array([[0.6], [0.4]])
    return cells, scores_of(key, v, subjects=cells.subjects, cell_weights=weights)


def test_other_peoples_agreement_is_corrected_for_what_both_do_not_know() -> None:
    """60 to 90 with error 50/3 against 77 to 83 with error 2/3.

    r = .8 as above. Scores vary by 500/3, the others by 20/3, nine tenths of which are real in both:
    .8 / .9.
    """
    cells, scores = two_halves([60, 70, 80, 90], [77, 81, 79, 83], 50.0 / 3.0, 2.0 / 3.0)
    scheme = scheme_of({"key": 60, "random": 40}, {"A": {"A1": 100}})
    both = scheme.model_copy(
        update={"groups": [g.model_copy(update={"residents": True}) for g in scheme.groups]}
    )
    (found,) = by_group.across(cells, scores, both)
    assert (found["group"], found["overall"], found["subjects"]) == ("key", "random", 4)
    assert found["correlation"] == pytest.approx(0.8, abs=1e-12)
    assert found["low"] == pytest.approx(math.tanh(math.log(3.0) - Z), abs=1e-12)
    assert found["corrected"] == pytest.approx(0.8 / 0.9, abs=1e-6)
    assert found["corrected_low"] == pytest.approx(found["low"] / 0.9, abs=1e-6)
    assert found["corrected_high"] == 1.0


def test_every_pair_of_groups_is_compared_over_the_committees_of_which_both_are_known() -> None:
    """Of three groups of residents one says the same everywhere: the pairs with the others stay.

    Of six committees random residents did not say anything of e, and f's have no error.
    """
    names = ("key", "flat", "random")
    scheme = scheme_of(dict(zip(names, (40, 20, 40), strict=True)), {"A": {"A1": 100}})
    scheme = scheme.model_copy(
        update={"groups": [g.model_copy(update={"residents": True}) for g in scheme.groups]}
    )
    means = np.array([60.0, 70.0, 80.0, 90.0, 95.0, 50.0])
    said = {"key": means, "flat": [50.0] * 6, "random": [77.0, 81.0, 79.0, 83.0, np.nan, 9.0]}
    groups = {}
    for name in names:
        one = satisfied(
            group_of(means[:, None], np.full((6, 1), 10.0), [11] * 6), said[name], [11] * 6
        )
        covariance = one.covariance.copy()
        covariance[:, -1, -1] = 1.0
        if name == "random":
            covariance[5, -1, -1] = 0.0
        groups[name] = replace(one, covariance=covariance)
    cells = cells_of(scheme, groups)
    weights = np.array([[0.4], [0.2], [0.4]])
    scores = scores_of(means, 10.0, subjects=cells.subjects, cell_weights=weights)
    found = by_group.across(cells, scores, scheme)
    assert [(one["group"], one["overall"], one["subjects"]) for one in found] == [
        ("key", "random", 4), ("flat", "key", 6), ("flat", "random", 4), ("random", "key", 6),
    ]  # fmt: skip
    assert found[0]["correlation"] == pytest.approx(0.8, abs=1e-12)


def test_what_is_hardly_known_is_not_corrected() -> None:
    """Error 160 of 166.7: 4% is real, and the correlation would be divided by a fifth."""
    cells, scores = two_halves([60, 70, 80, 90], [77, 81, 79, 83], 160.0, 20.0 / 9.0)
    scheme = TWO.model_copy(
        update={"groups": [g.model_copy(update={"residents": True}) for g in TWO.groups]}
    )
    (found,) = by_group.across(cells, scores, scheme)
    assert found["corrected"] is None
    assert found["corrected_low"] is None
    assert found["correlation"] == pytest.approx(0.8, abs=1e-12)


# --- reliability ----------------------------------------------------------------------------


def test_every_groups_reliability_by_hand() -> None:
    """Key residents 60, 70, 80 with error 10 of ten answers, so 100 of one: 90 of 100 is real.

    A single answer has 90 / (90 + 100). Random residents all say 50: nothing is real.
    """
    key = group_of([[60.0], [70.0], [80.0]], [[10.0]] * 3, [10] * 3)
    random = group_of([[50.0]] * 3, [[10.0]] * 3, [10] * 3)
    cells = cells_of(TWO, {"key": key, "random": random})
    scores = scores_of([60.0, 65.0, 70.0], 4.0, cell_weights=np.array([[0.6], [0.4]]))
    table = by_group.reliability(cells, scores, TWO).set_index("group")
    assert table.index.tolist() == ["all", "key", "random"]
    assert table.loc["all", "tau"] == pytest.approx(21.0**0.5, abs=1e-6)
    assert table.loc["all", "reliability"] == pytest.approx(0.84, abs=1e-6)
    assert np.isnan(table.loc["all", "single"])
    assert table.loc["key", "reliability"] == pytest.approx(0.9, abs=1e-6)
    assert table.loc["key", "single"] == pytest.approx(90.0 / 190.0, abs=1e-6)
    low, high = (200.0 / stats.chi2.ppf(p, 2) for p in (0.975, 0.025))
    assert table.loc["key", "reliability_low"] == pytest.approx(1.0 - 10.0 / low, abs=1e-6)
    assert table.loc["key", "reliability_high"] == pytest.approx(1.0 - 10.0 / high, abs=1e-6)
    assert table.loc["random", ["tau", "reliability", "reliability_high"]].tolist() == [0, 0, 0]


def test_a_group_that_did_not_judge_everybody_has_no_reliability() -> None:
    key = group_of([[60.0], [70.0], [80.0]], [[10.0]] * 3, [10] * 3)
    random = group_of([[50.0], [50.0], [np.nan]], [[10.0]] * 3, [10, 10, 0])
    cells = cells_of(TWO, {"key": key, "random": random})
    weights = np.array([[[0.6], [0.4]], [[0.6], [0.4]], [[1.0], [0.0]]])
    scores = scores_of([60.0, 65.0, 70.0], 4.0, cell_weights=weights)
    assert by_group.reliability(cells, scores, TWO)["group"].tolist() == ["all", "key"]


def test_two_committees_have_no_reliability_to_speak_of() -> None:
    scores = scores_of([70.0, 80.0], 2.0)
    cells = cells_of(one_group(), {"r": group_of([[70.0], [80.0]], [[2.0]] * 2, [10] * 2)})
    assert by_group.reliability(cells, scores, one_group()).empty


def test_what_is_collected_of_a_table() -> None:
    scores = scores_of([70.0, 80.0, 90.0], 4.0)
    cells = cells_of(one_group(), {"r": group_of([[70.0], [80.0], [90.0]], [[4.0]] * 3, [10] * 3)})
    table = by_group.reliability(cells, scores, one_group())
    found = standing.reliability(cells, scores, ranked(scores), one_group(), table)
    assert (found["wave"], found["subjects"], found["reliability"]) == ("2016", 3, 0.8)
    assert (found["reliability_low"], found["reliability_high"]) == (0.75, 0.85)
    assert found["tau"] == 5.0
    assert (found["tau_low"], found["tau_high"]) == tuple(table[["tau_low", "tau_high"]].iloc[0])
    assert found["distinguishable_pairs"] == 0.4
    assert (found["same_form"], found["validity"], found["verdict"]) == (None, [], "thirds")


def test_where_the_errors_are_not_known_nothing_is_said_of_how_reliable_a_table_is() -> None:
    scores = scores_of([70.0, 80.0, 90.0], 0.0)
    cells = cells_of(one_group(), {"r": group_of([[70.0], [80.0], [90.0]], [[0.0]] * 3, [10] * 3)})
    table = by_group.reliability(cells, scores, one_group())
    found = standing.reliability(cells, scores, ranked(scores), one_group(), table)
    unknown = {name for name, value in found.items() if value is None}
    assert unknown == {
        "reliability", "reliability_low", "reliability_high", "tau", "tau_low", "tau_high",
        "distinguishable_pairs", "same_form", "verdict",
    }  # fmt: skip
    assert (found["subjects"], found["validity"]) == (3, [])


# --- bands ----------------------------------------------------------------------------------


def test_bands_and_shrunken_scores_by_hand() -> None:
    """Scores 90, 70, 80, each with variance 4, of the difference from the mean 4 * 2/3.

    10 points are 6.12 of its errors; with a hundred degrees of freedom that is sure beyond .002.
    REML: tau2 = 100 - 4 = 96, so that 4% of a difference is given up;
    mse = .96 * 4 + .04^2 * 100 / 3 + 2 * 2 * 4^2 / (3 * 100).
    """
    scores = scores_of([90.0, 70.0, 80.0], 4.0, df=100.0)
    roster = roster_of(["a", "b", "c"])
    table = standing.stand(scores, ranked(scores), roster, one_group(), {"b": (71.5, 2.5)})
    table = table.set_index("subject")
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["name"].tolist() == ["a村", "b村", "c村"]
    assert table["score"].tolist() == [90.0, 70.0, 80.0]
    assert table["rank"].tolist() == [1, 3, 2]
    z = 10.0 / (8.0 / 3.0) ** 0.5
    np.testing.assert_allclose(table["z"], [z, -z, 0.0], atol=1e-12)
    assert table["band"].tolist() == ["远高于平均", "远低于平均", "与平均分不出"]
    np.testing.assert_allclose(table["shrunken"], [89.6, 70.4, 80.0], atol=1e-9)
    mse = 0.96 * 4.0 + 0.0016 * 100.0 / 3.0 + 4.0 * 16.0 / 300.0
    np.testing.assert_allclose(table["shrunken_se"], mse**0.5, atol=1e-9)
    assert table.loc["b", ["adjusted", "adjusted_se"]].tolist() == [71.5, 2.5]
    assert table.loc[["a", "c"], ["adjusted", "adjusted_se"]].isna().all(axis=None)


@pytest.mark.parametrize("df", [2.0, 10.0, 100.0])
def test_a_band_never_contradicts_the_diagnosis(df: float) -> None:
    scores = scores_of([90.0, 70.0, 82.0, 79.0], 4.0, df=df)
    scheme = one_group()
    table = standing.stand(scores, ranked(scores), roster_of("abcd"), scheme, {})
    told = diagnosing.diagnose(scores, scheme, None)
    for subject, band in zip(table["subject"], table["band"], strict=True):
        verdict = told[subject].profile["verdict"].iloc[0]
        assert {"高于": "高于" in band, "低于": "低于" in band}.get(verdict, band == "与平均分不出")


def test_two_committees_have_no_bands_and_a_note_says_so() -> None:
    scores = scores_of([90.0, 70.0], 4.0)
    table = standing.stand(scores, ranked(scores), roster_of(["a", "b"]), one_group(), {})
    assert table.empty
    assert [note.code for note in standing.notes(scores, table, 0)] == ["no_bands"]
    three = scores_of([90.0, 70.0, 80.0], 4.0)
    full = standing.stand(three, ranked(three), roster_of(["a", "b", "c"]), one_group(), {})
    assert standing.notes(three, full, 0) == ()
    (note,) = standing.notes(three, full, 2)
    assert (note.code, note.count, note.where) == ("gap_outlier", 2, "2016")
    assert "2 个" in said(note)


# --- gaps -----------------------------------------------------------------------------------


def two_groups(
    key: Sequence[float], random: Sequence[float], v: float, n: int
) -> tuple[Cells, Scores]:
    """Both groups asked one thing by n people in each committee, every mean with variance v."""
    k = len(key)
    cells = cells_of(
        TWO,
        {
            "key": group_of(np.array(key)[:, None], np.full((k, 1), v), [n] * k),
            "random": group_of(np.array(random)[:, None], np.full((k, 1), v), [n] * k),
        },
        subjects=[f"s{at}" for at in range(k)],
    )
    scores = scores_of(key, v, subjects=cells.subjects, cell_weights=np.array([[0.6], [0.4]]))
    return cells, scores


def test_gaps_by_hand() -> None:
    """Key residents 0, 4 and 14 points above random ones, each gap with variance 3 + 3.

    The gaps vary by 52, of which 46 is real; each lies 6, 2 and 8 from the mean of 6.
    """
    cells, scores = two_groups([80.0, 84.0, 94.0], [80.0, 80.0, 80.0], 3.0, 10)
    by_subject, street = standing.gaps(cells, scores, ("key", "random"))
    assert street == pytest.approx(
        {"mean": 6.0, "se": (52.0 / 3.0) ** 0.5, "tau": 46.0**0.5}, abs=1e-7
    )
    assert list(by_subject) == ["s0", "s1", "s2"]
    for (gap, statistic, outlier), expected in zip(by_subject.values(), (0, 4, 14), strict=True):
        assert gap == pytest.approx(expected, abs=1e-12)
        assert statistic == pytest.approx(abs(expected - 6.0) / 52.0**0.5, abs=1e-7)
        assert outlier is False


def test_a_gap_is_of_the_groups_own_indicators_by_their_weights() -> None:
    """Key residents 90 and 60 in two indicators that count 40 and 20: 80. Random ones judge one.

    The variance of the key residents' 80 is (2/3)^2 9 + (1/3)^2 9 = 5, of the gap 5 + 4. Committee
    x is not scored: it is not compared.
    """
    scheme = scheme_of(
        {"key": 60, "random": 40}, {"A": {"A1": 60, "A2": 40}}, covers={"random": ["A2"]}
    )
    key = group_of(
        [[90.0, 60.0], [0.0, 0.0], [90.0, 60.0], [90.0, 60.0]], np.full((4, 2), 9.0), [10] * 4
    )
    random = group_of(
        [[np.nan, 70.0], [np.nan, 0.0], [np.nan, 79.0], [np.nan, 76.0]],
        np.full((4, 2), 4.0),
        [10] * 4,
    )
    cells = cells_of(scheme, {"key": key, "random": random}, subjects=["a", "x", "c", "d"])
    scores = scores_of(
        [80.0] * 3, 1.0, subjects=["a", "c", "d"], cell_weights=np.array([[0.4, 0.2], [0.0, 0.4]])
    )
    by_subject, street = standing.gaps(cells, scores, ("key", "random"))
    assert {s: gap for s, (gap, _, _) in by_subject.items()} == pytest.approx(
        {"a": 10.0, "c": 1.0, "d": 4.0}, abs=1e-9
    )
    # gaps 10, 1, 4 vary by 21, 9 of which is error
    assert street["tau"] == pytest.approx(12.0**0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("far", "n", "outlier"),
    [
        (34.0, 11, True),  # t = 3.117 with 240 degrees of freedom: p = .0021, twelve times .025
        (34.0, 2, False),  # t = 3.117 with 24: p = .0047, twelve times .056
        (32.0, 11, False),  # t = 2.933, p = .0037, twelve times .044: but within 3 deviations
    ],
)
def test_a_gap_stands_out_by_distance_and_by_what_is_known(
    far: float, n: int, outlier: bool
) -> None:
    """Twelve committees, eleven without a gap; each gap has variance 50 + 50 and nothing is real.

    One in twelve at x has x (1 - 1/12) / 10. Each group's variances are pooled over the street:
    12 (n - 1) degrees of freedom, and Satterthwaite's of a sum of two equal ones are twice that.
    """
    key = [far, *[0.0] * 11]
    cells, scores = two_groups(key, [0.0] * 12, 50.0, n)
    by_subject, street = standing.gaps(cells, scores, ("key", "random"))
    assert street["tau"] == pytest.approx(0.0, abs=1e-6)
    gap, statistic, found = by_subject["s0"]
    assert (gap, statistic) == pytest.approx((far, far * 11.0 / 12.0 / 10.0), abs=1e-9)
    assert found is outlier
    assert not any(other for _, _, other in list(by_subject.values())[1:])


def test_nothing_to_compare() -> None:
    cells, scores = two_groups([80.0, 84.0, 94.0], [80.0] * 3, 3.0, 10)
    assert standing.gaps(cells, scores, ("key",)) == ({}, {})
    assert standing.gaps(cells, scores, ()) == ({}, {})
    two, of_two = two_groups([80.0, 84.0], [80.0] * 2, 3.0, 10)
    assert standing.gaps(two, of_two, ("key", "random")) == ({}, {})
    flat, of_flat = two_groups([80.0, 84.0, 94.0], [80.0] * 3, 0.0, 10)
    assert standing.gaps(flat, of_flat, ("key", "random")) == ({}, {})
