"""Few answers, few raters: nothing small is taken for large, and nobody is counted twice."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.methods.influence import joint_covariance
from evalkit.tables import GroupCells
from tests.answers import cells

A1, A2, B1, OVERALL = range(4)
JIA, YI = range(2)
CODES = {100: "1", 50: "2", 0: "3"}


def offices(*judged: tuple[str, str, int], **office: object) -> GroupCells:
    """Cells of raters from (rater, committee, score of A2)."""
    made = cells.answers(
        *[(subject, "office", {"c": CODES[score]}) for _, subject, score in judged],
        raters=[rater for rater, _, _ in judged],
    )
    return cells.measured(made, cells.scheme(office=office)).groups["office"]


# --- residents ----------------------------------------------------------------------------------


def test_a_measure_that_few_of_a_cell_answered_has_their_number() -> None:
    # everybody answered A2: 100, 100, 0, 0; the first two overall: 100, 0
    given = (("1", "1"), ("1", "3"), ("3", ""), ("3", ""))
    rows = [("jia", "", {"c": c, "all": overall}) for c, overall in given]
    own = cells.measured(cells.answers(*rows)).groups["key"]
    assert own.n_measure[JIA].tolist() == [0, 4, 0, 2]
    assert own.n.tolist() == [4, 0]
    assert own.df.tolist() == [3, 0]
    # z of A2: +-50/4; of overall: 50/2, -50/2, 0, 0; factors 4/3 and 2/1, and sqrt(4/3 * 2/1)
    assert own.covariance[JIA, A2, A2] == pytest.approx(4 / 3 * 4 * 12.5**2, rel=1e-12)
    assert own.covariance[JIA, OVERALL, OVERALL] == pytest.approx(2 * 2 * 25.0**2, rel=1e-12)
    # of the products 12.5 * 25 and 12.5 * -25 nothing is left
    assert own.covariance[JIA, A2, OVERALL] == pytest.approx(0.0, abs=1e-9)


def test_covariances_take_the_root_of_both_factors() -> None:
    rows = [("jia", "", {"c": "1", "all": "1"}), ("jia", "", {"c": "3", "all": "3"}), ("jia", "", {"c": "2"})]  # fmt: skip
    own = cells.measured(cells.answers(*rows)).groups["key"]
    # z of A2: 50/3, -50/3, 0; of overall: 25, -25
    expected = np.sqrt(3 / 2 * 2 / 1) * 2 * 25 * 50 / 3
    assert own.covariance[JIA, A2, OVERALL] == pytest.approx(expected, rel=1e-12)


def test_one_answer_has_no_variance_and_a_mean() -> None:
    rows = [("jia", "", {"c": "1", "all": "1"}), ("jia", "", {"c": "3"}), ("yi", "", {"c": "2"})]
    own = cells.measured(cells.answers(*rows)).groups["key"]
    assert own.mean[JIA, OVERALL] == 100
    assert np.isnan(own.covariance[JIA, OVERALL]).all()
    assert np.isnan(own.covariance[JIA, :, OVERALL]).all()
    assert own.covariance[JIA, A2, A2] == pytest.approx(2 * 2 * 25.0**2, rel=1e-12)
    assert own.mean[YI, A2] == 50
    assert np.isnan(own.covariance[YI]).all()


# --- raters who judge several committees --------------------------------------------------------

THREE = [("r1", "jia", 100), ("r2", "jia", 50), ("r3", "jia", 0), ("r1", "yi", 100), ("r2", "yi", 0)]  # fmt: skip
"""jia 50 by three raters (z: 50/3, 0, -50/3), yi 50 by two (z: 25, -25)."""


def test_each_committee_has_the_factor_of_its_own_raters() -> None:
    own = offices(*THREE)
    assert own.mean[:, A2].tolist() == [50, 50]
    assert own.covariance[JIA, A2, A2] == pytest.approx(3 / 2 * 2 * (50 / 3) ** 2, rel=1e-12)
    assert own.covariance[YI, A2, A2] == pytest.approx(2 / 1 * 2 * 25.0**2, rel=1e-12)
    assert own.df.tolist() == [2, 1]
    assert own.n.tolist() == [3, 2]


def test_common_raters_make_committees_move_together() -> None:
    own = offices(*THREE)
    assert own.influence is not None
    # r1 gives 50/3 * 25, r2 nothing; the factor is the root of both
    expected = np.sqrt(3 / 2 * 2 / 1) * 25 * 50 / 3
    assert joint_covariance(own.influence)[JIA, A2, YI, A2] == pytest.approx(expected, rel=1e-12)
    assert joint_covariance(own.influence)[YI, A2, JIA, A2] == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(joint_covariance(own.influence)[JIA, :, JIA], own.covariance[JIA])
    np.testing.assert_allclose(joint_covariance(own.influence)[YI, :, YI], own.covariance[YI])


def test_raters_without_a_committee_in_common_leave_them_independent() -> None:
    own = offices(("r1", "jia", 100), ("r2", "jia", 0), ("r3", "yi", 100), ("r4", "yi", 50))
    assert own.influence is not None
    assert joint_covariance(own.influence)[JIA, A2, YI, A2] == pytest.approx(0.0, abs=1e-9)
    assert own.covariance[JIA, A2, A2] == pytest.approx(2 * 2 * 25.0**2, rel=1e-12)
    assert own.covariance[YI, A2, A2] == pytest.approx(2 * 2 * 12.5**2, rel=1e-12)
    assert own.df.tolist() == [1, 1]


def test_two_answers_of_one_rater_about_one_committee_are_one_rater() -> None:
    own = offices(("r1", "jia", 100), ("r1", "jia", 100), ("r2", "jia", 0), ("r2", "jia", 0))
    # influence of r1: 2 * 50/4 = 25, of r2: -25; two raters, not four
    assert own.covariance[JIA, A2, A2] == pytest.approx(2 * 2 * 25.0**2, rel=1e-12)
    assert own.df.tolist() == [1, 0]
    assert own.n.tolist() == [4, 0]


def test_one_rater_alone_is_no_variance() -> None:
    own = offices(("r1", "jia", 100), ("r1", "yi", 100), ("r2", "yi", 0))
    assert np.isnan(own.covariance[JIA, A2, A2])
    assert own.covariance[YI, A2, A2] == pytest.approx(2 * 2 * 25.0**2, rel=1e-12)
    assert own.df.tolist() == [0, 1]
    lonely = offices(("r1", "jia", 100), ("r1", "yi", 0))
    assert np.isnan(lonely.covariance).all()
    assert lonely.df.tolist() == [0, 0]


def test_a_committee_that_nobody_judged_is_unknown() -> None:
    own = offices(("r1", "yi", 100), ("r2", "yi", 0))
    assert own.influence is not None
    assert np.isnan(joint_covariance(own.influence)[JIA]).all()
    assert own.covariance[YI, A2, A2] == pytest.approx(2 * 2 * 25.0**2, rel=1e-12)
    assert own.df.tolist() == [0, 1]


@pytest.mark.parametrize(("population", "left"), [(None, 1.0), (6, 0.5), (12, 0.75), (3, 0.0)])
def test_all_raters_being_known_leaves_less_to_chance(population: int | None, left: float) -> None:
    own = offices(*THREE, population=population)
    assert own.covariance[JIA, A2, A2] == pytest.approx(left * 3 / 2 * 2 * (50 / 3) ** 2, abs=1e-9)
    assert own.influence is not None
    expected = left * np.sqrt(3) * 25 * 50 / 3
    assert joint_covariance(own.influence)[JIA, A2, YI, A2] == pytest.approx(expected, abs=1e-9)


def test_weights_of_raters_count() -> None:
    made = cells.answers(
        ("jia", "office", {"c": "1"}),
        ("jia", "office", {"c": "3"}),
        raters=["r1", "r2"],
        weight=[3, 1],
    )
    own = cells.measured(made).groups["office"]
    assert own.mean[JIA, A2] == 75
    # z: 3/4 * 25 and 1/4 * -75
    assert own.covariance[JIA, A2, A2] == pytest.approx(2 * 2 * 18.75**2, rel=1e-12)
    assert own.n_effective[JIA] == pytest.approx(16 / 10, rel=1e-12)


def test_a_rater_who_judged_nothing_that_counts_is_no_rater() -> None:
    # r4 rated only what the group does not judge
    made = cells.answers(
        *[(s, "office", {"c": CODES[score]}) for _, s, score in THREE],
        ("jia", "office", {"t": "7"}),
        raters=[*(rater for rater, _, _ in THREE), "r4"],
    )
    own, plain = cells.measured(made).groups["office"], offices(*THREE)
    np.testing.assert_allclose(own.covariance, plain.covariance, rtol=1e-12)
    assert own.df.tolist() == plain.df.tolist() == [2, 1]
    nothing = cells.answers(("jia", "office", {"t": "7"}), raters=["r4"])
    assert cells.measured(nothing).groups["office"].influence is None


def test_a_measure_that_few_raters_could_judge_has_their_number() -> None:
    given = (("1", "1"), ("3", "3"), ("2", ""))
    rows = [("jia", "office", {"c": c, "all": overall}) for c, overall in given]
    own = cells.measured(cells.answers(*rows, raters=["r1", "r2", "r3"])).groups["office"]
    assert own.n_measure[JIA].tolist() == [0, 3, 0, 2]
    assert own.covariance[JIA, OVERALL, OVERALL] == pytest.approx(2 * 2 * 25.0**2, rel=1e-12)
