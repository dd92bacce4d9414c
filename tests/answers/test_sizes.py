"""Answers against the people that roster and scheme say there are, and lists that answered in full."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.answers import sizes
from evalkit.answers.measuring import unlisted
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problem, Problems
from evalkit.findings.combining import steadied
from evalkit.tables import Answers, GroupCells
from tests.answers import cells
from tests.deciding import decided

FOUR = [("jia", "", {"c": c}) for c in "1233"] + [("yi", "", {"c": c}) for c in "1223"]


def roster(**columns: dict[str, int]) -> Roster:
    """The street's roster with numbers of people, by committee."""
    return Roster(
        subjects=[
            one.model_copy(
                update={name: own[one.id] for name, own in columns.items() if one.id in own}
            )
            for one in cells.roster().subjects
        ]
    )


def refused(made: Answers, scheme: Scheme, people: Roster) -> list[Problem]:
    problems = Problems()
    sizes.check(made, decided(scheme, {"q": cells.form()}, people), problems)
    return list(problems)


def measured(made: Answers, scheme: Scheme, people: Roster) -> GroupCells:
    return cells.measured(made, scheme, people).groups["key"]


def test_of_a_list_only_who_did_not_answer_leaves_a_doubt() -> None:
    """Four of ten on the list of jia answered, nobody knows how long that of yi is."""
    made = cells.answers(*FOUR)
    listed = cells.scheme(key={"sample": "list"})
    plain = measured(made, cells.scheme(), roster())
    own = measured(made, listed, roster(listed={"jia": 10}))
    np.testing.assert_allclose(own.covariance[0], plain.covariance[0] * 0.6)
    np.testing.assert_allclose(own.covariance[1], plain.covariance[1])
    np.testing.assert_allclose(own.n_effective, [plain.n_effective[0] / 0.6, plain.n_effective[1]])
    np.testing.assert_array_equal(own.mean, plain.mean)


def test_lists_of_different_lengths_do_not_change_what_one_answer_is_worth() -> None:
    """What is moderated over committees is the variance of one answer, whatever was not asked."""
    made = cells.answers(*FOUR)
    listed = cells.scheme(key={"sample": "list"})
    used, w = np.array([1]), np.array([1.0])
    plain = steadied(measured(made, cells.scheme(), roster()), used, w)
    own = steadied(measured(made, listed, roster(listed={"jia": 8})), used, w)
    np.testing.assert_allclose(own.variance, plain.variance * [0.5, 1.0])


def test_a_list_that_answered_in_full_has_no_error_to_speak_of() -> None:
    made = cells.answers(*FOUR)
    listed = cells.scheme(key={"sample": "list"})
    own = measured(made, listed, roster(listed={"jia": 4, "yi": 4}))
    assert (np.nan_to_num(own.covariance) < 1e-5).all()
    assert (own.covariance[:, 1, 1] > 0).all()
    assert unlisted(np.array([4, 2]), np.array([4.0, np.inf])).tolist() == [1e-9, 1.0]


def test_groups_that_are_no_list_take_nothing_from_its_length() -> None:
    made = cells.answers(*FOUR)
    plain = measured(made, cells.scheme(), roster())
    drawn = measured(made, cells.scheme(key={"sample": "random"}), roster(listed={"jia": 4}))
    np.testing.assert_array_equal(drawn.covariance, plain.covariance)


@pytest.mark.parametrize(
    ("key", "people", "where"),
    [
        ({"sample": "list"}, {"listed": {"jia": 3}}, "名单人数"),
        ({}, {"population": {"jia": 3}}, "常住人口"),
        ({"population": 3}, {}, "方案的总人数"),
    ],
)
def test_more_answers_than_people_are_refused_and_named(
    key: dict[str, object], people: dict[str, dict[str, int]], where: str
) -> None:
    found = refused(cells.answers(*FOUR), cells.scheme(key=key), roster(**people))
    assert {problem.code for problem in found} == {"more_answers_than_people"}
    assert (found[0].expected, found[0].found) == ("不多于 3", "4")
    assert where in found[0].message
    assert len(found) == (2 if "population" in key else 1)


def test_as_many_answers_as_people_are_taken() -> None:
    four = roster(listed={"jia": 4, "yi": 4}, population={"jia": 4, "yi": 4})
    scheme = cells.scheme(key={"sample": "list", "population": 4})
    assert refused(cells.answers(*FOUR), scheme, four) == []
    # a list's length is no limit for people who were drawn
    scheme = cells.scheme(key={"sample": "random"})
    assert refused(cells.answers(*FOUR), scheme, roster(listed={"jia": 3})) == []
