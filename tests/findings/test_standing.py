"""How far a table can be trusted: bands, validity, gaps and reliability of a few committees."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from evalkit.findings import standing
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
    return Ranking(scores.wave, frame("ranking", table), reliability, tau, 0.4, ())


# --- validity -------------------------------------------------------------------------------


def test_validity_is_the_correlation_with_overall_satisfaction() -> None:
    """Deviations -15, -5, 5, 15 and -3, 1, -1, 3: r = 80 / sqrt(500 * 20) = .8; artanh .8 = ln 3.

    Of four committees Fisher's z has a standard error of 1 / sqrt(4 - 3) = 1.
    """
    scores = scores_of([60.0, 70.0, 80.0, 90.0], 1.0)
    found = standing.validity(asked([77.0, 81.0, 79.0, 83.0]), scores)
    assert found is not None
    assert found["correlation"] == pytest.approx(0.8, abs=1e-12)
    assert found["low"] == pytest.approx(math.tanh(math.log(3.0) - Z), abs=1e-12)
    assert found["high"] == pytest.approx(math.tanh(math.log(3.0) + Z), abs=1e-12)
    assert found["subjects"] == 4


def test_the_interval_of_validity_narrows_with_committees() -> None:
    """Seven committees: 1 / sqrt(7 - 3) = 1/2."""
    x = [60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0]
    y = [60.0, 70.0, 65.0, 75.0, 85.0, 80.0, 90.0]
    # y exchanges two neighbours twice: sum of d^2 = 100, sum of squares 700: r = 1 - 50 / 700
    found = standing.validity(asked(y), scores_of(x, 1.0))
    assert found is not None
    r = 1.0 - 50.0 / 700.0
    assert found["correlation"] == pytest.approx(r, abs=1e-12)
    assert found["low"] == pytest.approx(math.tanh(math.atanh(r) - Z / 2.0), abs=1e-12)


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
    found, plain = standing.validity(cells, scores), standing.validity(asked(pooled), scores)
    assert found is not None
    assert plain is not None
    assert found == pytest.approx(plain, abs=1e-12)
    assert found["correlation"] == pytest.approx(np.corrcoef(pooled, scores.composite)[0, 1])


def test_only_complete_committees_and_known_answers_count() -> None:
    """Committee b is not scored and e was not asked: neither of their numbers is looked at."""
    cells = asked([77.0, 0.0, 81.0, 79.0, np.nan, 83.0], [10, 10, 10, 10, 0, 10])
    scores = scores_of([60.0, 70.0, 80.0, 1.0, 90.0], 1.0, subjects=["a", "c", "d", "e", "f"])
    found = standing.validity(cells, scores)
    assert found is not None
    assert found["correlation"] == pytest.approx(0.8, abs=1e-12)
    assert found["subjects"] == 4


def test_no_validity_without_differences_or_with_three_committees() -> None:
    assert standing.validity(asked([1.0, 2.0, 3.0]), scores_of([1.0, 2.0, 4.0], 1.0)) is None
    assert standing.validity(asked([5.0] * 4), scores_of([1.0, 2.0, 3.0, 4.0], 1.0)) is None
    assert standing.validity(asked([1.0, 2.0, 3.0, 4.0]), scores_of([5.0] * 4, 1.0)) is None


# --- reliability ----------------------------------------------------------------------------


def test_one_questionnaires_reliability_by_hand() -> None:
    """Variances 2 and 1 of scores from 10 and 30 questionnaires: one has 20 and 30, 25 on average.

    A true spread of 5 points has variance 25: half of what one questionnaire varies is real.
    """
    group = group_of([[70.0], [80.0], [0.0]], [[2.0], [1.0], [1.0]], [4, 12, 500])
    other = replace(group, n=np.array([6, 18, 500]))
    scores = scores_of([70.0, 80.0], [2.0, 1.0])
    cells = cells_of(TWO, {"key": group, "random": other})
    found = standing.reliability(cells, scores, ranked(scores, tau=5.0))
    assert found["icc"] == pytest.approx(0.5, abs=1e-12)
    beside = replace(scores, variance=np.vstack([scores.variance, [[90.0, 90.0]]]))
    assert standing.reliability(cells, beside, ranked(scores, tau=5.0))["icc"] == found["icc"]
    assert found["subjects"] == 2
    assert (found["wave"], found["tau"], found["reliability"]) == ("2016", 5.0, 0.8)
    assert found["distinguishable_pairs"] == 0.4
    assert found["validity"] is None
    assert found["verdict"] == "thirds"


def test_one_committee_has_no_spread_to_speak_of() -> None:
    scores = scores_of([70.0], 2.0)
    cells = cells_of(one_group(), {"r": group_of([[70.0]], [[2.0]], [10])})
    assert standing.reliability(cells, scores, ranked(scores))["icc"] is None


# --- bands ----------------------------------------------------------------------------------


def test_bands_and_shrunken_scores_by_hand() -> None:
    """Scores 70, 80, 90, each with variance 4.

    z are -5, 0, 5; pulled in to their 10% and 90% quantiles, -4 and 4: phi = 32 / 3 and
    tau2 = (3 phi - 2) / (3/4 - 1/4) = 60, so 10 points are 10 / sqrt(64) = 1.25 deviations.
    REML: tau2 = 100 - 4 = 96, so that 4% of a difference is given up;
    mse = .96 * 4 + .04^2 * 100 / 3 + 2 * 2 * 4^2 / (3 * 100).
    """
    scores = scores_of([90.0, 70.0, 80.0], 4.0)
    roster = roster_of(["a", "b", "c"])
    table = standing.stand(scores, ranked(scores), roster, {"b": (71.5, 2.5)}).set_index("subject")
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["name"].tolist() == ["a村", "b村", "c村"]
    assert table["score"].tolist() == [90.0, 70.0, 80.0]
    assert table["rank"].tolist() == [1, 3, 2]
    np.testing.assert_allclose(table["z"], [1.25, -1.25, 0.0], atol=1e-12)
    assert table["band"].tolist() == ["符合预期"] * 3
    np.testing.assert_allclose(table["shrunken"], [89.6, 70.4, 80.0], atol=1e-9)
    mse = 0.96 * 4.0 + 0.0016 * 100.0 / 3.0 + 4.0 * 16.0 / 300.0
    np.testing.assert_allclose(table["shrunken_se"], mse**0.5, atol=1e-9)
    assert table.loc["b", ["adjusted", "adjusted_se"]].tolist() == [71.5, 2.5]
    assert table.loc[["a", "c"], ["adjusted", "adjusted_se"]].isna().all(axis=None)


def test_two_committees_have_no_bands_and_a_note_says_so() -> None:
    scores = scores_of([90.0, 70.0], 4.0)
    table = standing.stand(scores, ranked(scores), roster_of(["a", "b"]), {})
    assert table.empty
    assert [note.code for note in standing.notes(scores, table, 0)] == ["no_bands"]
    three = scores_of([90.0, 70.0, 80.0], 4.0)
    full = standing.stand(three, ranked(three), roster_of(["a", "b", "c"]), {})
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
