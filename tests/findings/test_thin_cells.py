"""Cells of no answer, or of one: what they weigh, how sure they are, and what follows, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evalkit.findings import comparing, diagnosing, ranking, sensitivity
from evalkit.findings.combining import apportion, combine, steadied, weigh
from evalkit.findings.scoring import score
from evalkit.tables import Cells, Scores, WaveResult
from tests.findings.small_street import cells_of, group_of, one_group, roster_of, scheme_of

close = pytest.approx
GAP = np.nan
PAIR = np.array([0, 1])
EVEN = np.array([0.5, 0.5])

SCHEME = scheme_of({"r": 60, "o": 40}, {"A": {"A1": 50}, "B": {"B1": 50}})


def street(office: Any = None, **more: Any) -> Cells:
    """Three committees; the offices say nothing of b's B1."""
    means = [[70.0, 50.0]] * 3
    office = office or [[80.0, 60.0], [80.0, GAP], [80.0, 60.0]]
    spread = [[0.0 if np.isnan(m) else 4.0 for m in row] for row in office]
    variances = [[v or GAP for v in row] for row in spread]
    counts = [[0 if np.isnan(m) else 5 for m in row] for row in office]
    return cells_of(
        SCHEME,
        {
            "r": group_of(means, [[4.0, 4.0]] * 3, [5, 5, 5]),
            "o": group_of(office, variances, [5, 5, 5], n_measure=counts),
        },
        **more,
    )


def scored(cells: Cells) -> Scores:
    return score(cells, SCHEME, roster_of(cells.subjects))


# --- what weighs what ---


def test_the_weight_of_an_empty_cell_goes_to_its_groups_other_indicators() -> None:
    found = scored(street())
    assert found.incomplete == ()
    assert found.cell_weights[0] == close(np.array([[0.3, 0.3], [0.2, 0.2]]))
    assert found.cell_weights[1] == close(np.array([[0.3, 0.3], [0.4, 0.0]]))
    # 0.6·60 + 0.4·70, and 0.6·60 + 0.4·80
    assert found.composite == close([64.0, 68.0, 64.0])
    assert found.table["complete"].all()


def test_the_parts_of_a_composite_with_a_gap_add_up_to_it() -> None:
    """b's A is (0.3·70 + 0.4·80)/0.7, B the residents' 50; 0.7·A + 0.3·B = 53 + 15."""
    found = scored(street())
    codes = [measure.code for measure in found.measures]
    a, b = (found.estimate[codes.index(code), 1] for code in ("A", "B"))
    assert (a, b) == close((53 / 0.7, 50.0))
    assert 0.7 * a + 0.3 * b == close(found.composite[1])
    assert found.estimate[codes.index("B1"), 1] == close(50.0)


def test_three_indicators_keep_their_proportions_where_a_fourth_is_empty() -> None:
    scheme = scheme_of({"r": 100}, {"A": {"A1": 10, "A2": 20, "A3": 30, "A4": 40}})
    group = group_of([[10, 20, 30, GAP]], [[1.0] * 4], [5])
    weights = apportion(weigh(scheme), scheme, cells_of(scheme, {"r": group}))
    assert weights[0, 0, 0] == close([1 / 6, 2 / 6, 3 / 6, 0.0])


def test_whoever_lacks_nothing_or_a_whole_group_has_the_schemes_own_weights_to_the_last_digit() -> (
    None
):
    """a lacks nothing, b the offices, c the offices' A2 of 7 and 11, and of d nobody answered B1."""
    scheme = scheme_of(
        {"r": 70, "o": 30},
        {"A": {"A1": 7, "A2": 11}, "B": {"B1": 82}},
        covers={"o": ["A1", "A2"]},
    )
    answered = [[70.0, 50.0, 60.0]] * 3 + [[70.0, 50.0, GAP]]
    r = group_of(answered, [[4.0] * 3] * 4, [5] * 4)
    o = group_of(
        [[70.0, 50.0, GAP], [GAP] * 3, [70.0, GAP, GAP], [70.0, 50.0, GAP]],
        [[4.0, 4.0, GAP], [GAP] * 3, [4.0, GAP, GAP], [4.0, 4.0, GAP]],
        [5, 0, 5, 5],
    )
    weighing, own = weigh(scheme), scheme.weights()
    found = apportion(weighing, scheme, cells_of(scheme, {"r": r, "o": o}))
    np.testing.assert_array_equal(found[0, :2], [own, own])
    np.testing.assert_array_equal(found[0, 2, 0], own[0])
    assert found[0, 2, 1] == close([0.3, 0.0, 0.0])
    for measure, weights in zip(found, weighing.weights, strict=True):
        np.testing.assert_allclose(measure[:2], [weights, weights], rtol=0, atol=1e-15)
    assert found[0, 3] == close(
        np.array([[0.7 * 7 / 18, 0.7 * 11 / 18, 0], [0.3 * 7 / 18, 0.3 * 11 / 18, 0]])
    )
    codes = [measure.code for measure in weighing.measures]
    for code in ("B", "B1"):
        assert found[codes.index(code), 3].tolist() == [[0.0] * 3] * 2


def test_a_group_shares_within_itself_also_where_the_uncovered_goes_to_others() -> None:
    """A1 is the residents' alone; of A2 (50) the offices have 40 %, 0.2, and nothing else to say."""
    scheme = scheme_of(
        {"r": 60, "o": 40},
        {"A": {"A1": 50, "A2": 50}},
        covers={"o": ["A2"]},
        uncovered="to_covering_groups",
    )
    r = group_of([[70.0, GAP]], [[4.0, GAP]], [5])
    o = group_of([[GAP, 60.0]], [[GAP, 4.0]], [5])
    weights = apportion(weigh(scheme), scheme, cells_of(scheme, {"r": r, "o": o}))
    assert weights[0, 0] == close(np.array([[0.8, 0.0], [0.0, 0.2]]))


def test_what_nobody_answered_has_no_number_and_takes_no_part_in_the_mean() -> None:
    r = group_of(
        [[70.0, 50.0], [70.0, GAP], [80.0, 60.0]], [[4.0, 4.0], [4.0, GAP], [4.0, 4.0]], [5] * 3,
        n_measure=[[5, 5], [5, 0], [5, 5]],
    )  # fmt: skip
    scheme = scheme_of({"r": 100}, {"A": {"A1": 50}, "B": {"B1": 50}})
    cells = cells_of(scheme, {"r": r})
    found = score(cells, scheme, roster_of(cells.subjects))
    assert found.composite == close([60.0, 70.0, 70.0])
    told = diagnosing.diagnose(found, scheme, None)
    assert list(told["b"].profile["code"]) == ["composite", "A", "A1"]
    other = told["a"].profile.set_index("code")
    assert other.loc["B1", "street"] == close(55.0)
    assert other.loc["B1", "difference"] == close(-5.0)
    table = found.indicators.set_index(["subject", "code", "group"])
    assert np.isnan(table.loc[("b", "B1", "all"), "estimate"])
    assert (table.loc[("b", "B1", "all"), "n"], table.loc[("b", "A1", "all"), "n"]) == (0, 5)


# --- how sure ---


def test_a_single_answer_borrows_the_usual_variance_of_its_group_and_indicator() -> None:
    """One answer: 18·5 = 90 and 22·5 = 110, on average 100, with 4 + 4 degrees of freedom."""
    group = group_of([[50], [60], [70]], [[18], [22], [GAP]], [5, 5, 1])
    found = combine(cells_of(one_group(), {"r": group}), ("r",), np.ones((1, 1, 1)), np.arange(3))
    assert found.estimate[0] == close([50.0, 60.0, 70.0])
    assert found.variance[0] == close([20.0, 20.0, 100.0])
    assert found.df[0] == close([8.0, 8.0, 8.0])


def test_a_single_answer_is_one_answer_whatever_its_weight() -> None:
    """Weighed answers of 5 are worth 4: one is 18·4 = 72 and 22·4 = 88, on average 80."""
    group = group_of([[50], [60], [70]], [[18], [22], [GAP]], [5, 5, 1], n_effective=[4, 4, 1])
    found = steadied(group, np.array([0]), np.array([1.0]))
    assert found.variance == close([20.0, 20.0, 80.0])
    assert found.answers == close([4.0, 4.0, 1.0])


def of_two(second: Any, b: Any, counts: Any) -> Any:
    """a and c: four answers, variances 25 and 16, covariance 10; one answer: 100, 64 and 40."""
    whole = [[25.0, 10.0], [10.0, 16.0]]
    return group_of(
        [[50, 50], second, [50, 50]],
        [whole, b, whole],
        [4, 4, 4],
        n_measure=[[4, 4], counts, [4, 4]],
    )


def test_a_mean_with_a_single_answer_in_it_adds_that_answers_usual_error() -> None:
    """b: 25 of its own, 64 borrowed, 40/4 in common: 0.25·25 + 0.25·64 + 0.5·10 = 27.25."""
    group = of_two([50, 50], [[25.0, GAP], [GAP, GAP]], [4, 1])
    found = steadied(group, PAIR, EVEN)
    assert found.raw == close([15.25, 27.25, 15.25])
    assert found.variance == close([15.25, 27.25, 15.25])
    assert found.answers == close([4.0, 61 / 27.25, 4.0])  # one answer's mean: 61


def test_a_mean_without_one_indicator_is_compared_with_what_it_would_usually_be() -> None:
    """b's A1 alone, 25 for four answers, is what everybody's A1 is: nothing is drawn anywhere."""
    group = of_two([50, GAP], [[25.0, GAP], [GAP, GAP]], [4, 0])
    found = steadied(group, PAIR, np.array([[0.5, 0.5], [1.0, 0.0], [0.5, 0.5]]))
    assert found.variance == close([15.25, 25.0, 15.25])


def test_two_single_answers_of_one_person_are_one_answer() -> None:
    """0.25·100 + 0.25·64 + 0.5·40 = 61, all of it borrowed, with a's and c's six degrees."""
    group = of_two([50, 50], [[GAP, GAP], [GAP, GAP]], [1, 1])
    group = replace(group, n=np.array([4, 1, 4]), n_effective=np.array([4.0, 1.0, 4.0]),
                    df=np.array([3.0, 0.0, 3.0]))  # fmt: skip
    found = steadied(group, PAIR, EVEN)
    assert found.variance == close([15.25, 61.0, 15.25])
    assert found.df == close([6.0, 6.0, 6.0])


def test_the_only_committee_that_varies_lends_its_variance() -> None:
    """Twenty answers a committee, two of which agree entirely: all three have 30."""
    cells = cells_of(
        one_group(), {"r": group_of([[100], [100], [52.5]], [[0], [0], [30]], [20] * 3)}
    )
    found = combine(cells, ("r",), np.ones((1, 1, 1)), np.arange(3))
    assert found.variance[0] == close([30.0, 30.0, 30.0])
    assert found.df[0] == close([19.0, 19.0, 19.0])
    scores = score(cells, one_group(), roster_of("abc"))
    ranks = ranking.rank(scores, roster_of("abc"), confidence=0.95, draws=2000, seed=1)
    assert list(ranks.table["rank"]) == [1, 1, 3]
    assert len(diagnosing.diagnose(scores, one_group(), None)) == 3


def test_raters_in_common_are_those_of_cells_with_two_of_them() -> None:
    """c's only rater shows no scatter: what it shares with a and b counts as its own error."""
    joint = [[4.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, GAP]]
    group = group_of([[50], [60], [70]], [[4], [4], [GAP]], [3, 3, 1], joint=joint)
    found = combine(cells_of(one_group(), {"r": group}), ("r",), np.ones((1, 1, 1)), np.arange(3))
    assert found.covariance == close(np.array([[4.0, 2, 0], [2, 4, 0], [0, 0, 12]]))
    assert np.linalg.eigvalsh(found.covariance)[0] > 0


# --- nothing to tell an error by ---


@pytest.mark.parametrize(
    ("variances", "n"), [([[0.0]] * 3, [5] * 3), ([[GAP]] * 3, [1] * 3), ([[0.0], [GAP], [0.0]], [5, 1, 5])]
)  # fmt: skip
def test_where_nothing_tells_an_error_scores_stand_and_nobody_is_ranked(
    variances: Any, n: Any
) -> None:
    cells = cells_of(one_group(), {"r": group_of([[80], [70], [90]], variances, n)})
    scores = score(cells, one_group(), roster_of("abc"))
    assert list(scores.table["score"]) == [80.0, 70.0, 90.0]
    assert scores.table[["se", "low", "high", "grade_probability"]].isna().all(axis=None)
    assert not scores.errors_known
    ranks = ranking.rank(scores, roster_of("abc"), confidence=0.95, draws=2000, seed=1)
    assert ranks.table.empty
    verdicts = {
        d.profile["verdict"].iloc[0]
        for d in diagnosing.diagnose(scores, one_group(), None).values()
    }
    assert verdicts == {"未检验"}
    before = replace(scores, wave="2015")
    changes = comparing.compare(before, scores, one_group(), roster_of("abc"), draws=2000, seed=1)
    assert changes.table.empty
    assert {(found.wave, found.lack.value) for found in changes.not_compared.values()} == {
        ("2016", "unsure")
    }


# --- what follows ---


def test_a_change_with_gaps_in_it_is_still_made_of_its_points() -> None:
    """b's B1 was silent before: the offices' 0.4·80 = 32 became 0.2·90 + 0.2·60 = 30.

    Its middle over both waves is (32 + 30)/0.8 = 77.5. A1: mean weight 0.3 times 10, and -0.2 of
    weight at 85 - 77.5; B1, which cannot have changed: 0.2 of weight at 60 - 77.5.
    """
    before = scored(street(wave="2015"))
    after = scored(street([[90.0, 60.0]] * 3))
    roster = roster_of("abc")
    changes = comparing.compare(before, after, SCHEME, roster, draws=2000, seed=1)
    own = changes.contributions.set_index(["subject", "group", "code"])["points"]
    assert own["b", "o", "A1"] == close(0.3 * 10 - 0.2 * 7.5)
    assert own["b", "o", "B1"] == close(0.2 * (60 - 77.5))
    assert own["a", "o", "A1"] == close(0.2 * 10)
    moved = changes.table.set_index("subject")["change"]
    assert own.groupby("subject").sum().to_dict() == close(moved.to_dict())


def test_a_cell_that_is_empty_in_both_waves_has_no_points() -> None:
    before, after = scored(street(wave="2015")), scored(street())
    changes = comparing.compare(before, after, SCHEME, roster_of("abc"), draws=2000, seed=1)
    own = changes.contributions
    of_b = own[(own["subject"] == "b") & (own["group"] == "o")]
    assert list(of_b["code"]) == ["A1"]


def test_other_weights_leave_the_gaps_to_their_groups() -> None:
    """With the decided weights the composites are the published ones; with others, by hand."""
    scores = scored(street())
    decided = SCHEME.weights()
    other = np.array([[0.1, 0.3], [0.15, 0.45]])
    found = sensitivity._composites(np.stack([decided, other]), scores)
    assert found[0] == close(scores.composite)
    assert found[1] == close([49.0 - 27 + 15 + 24, 22 + 48, 61.0])


def test_the_mean_of_the_street_takes_every_committee_as_it_is_scored() -> None:
    from evalkit.findings import street_means

    cells = street()
    result: Any = WaveResult(None, cells, scored(cells), None, None)  # type: ignore[arg-type]
    table = street_means.means(result, None, SCHEME).set_index(["code", "group"])
    assert table.loc[("composite", "all"), "mean"] == close((64 + 68 + 64) / 3)
    assert table.loc[("B1", "all"), "n"] == 3
