"""The manual's invented committee: who is in it, what they ticked, and that its sums are right."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import yaml

from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.illustration import illustrate
from evalkit.tables import Illustration
from tests import tiny
from tests.deciding import decided


def documents(**changes: Any) -> tuple[Scheme, dict[str, Questionnaire]]:
    forms = [yaml.safe_load(text) for text in (tiny.RESIDENT, tiny.ORGANISATION)]
    scheme = Scheme.model_validate(yaml.safe_load(tiny.SCHEME) | changes)
    return scheme, {form["id"]: Questionnaire.model_validate(form) for form in forms}


@pytest.fixture(scope="module")
def example() -> Illustration:
    return illustrate(decided(*documents()))


def test_the_residents_indicator_of_two_questions_is_followed(example: Illustration) -> None:
    """A1 has two questions to residents, A2 and B1 one; offices have one each."""
    assert (example.group, example.indicator) == ("resident", "A1")


def test_the_indicator_of_two_questions_is_followed_wherever_it_stands() -> None:
    """B1 comes last, and has two questions now; A1 and A2 have one."""
    made = yaml.safe_load(tiny.SCHEME)
    first, last = (d["indicators"] for d in made["dimensions"])
    first[0]["items"]["resident"], last[0]["items"]["resident"] = ["r1"], ["r2", "r4"]
    example = illustrate(decided(*documents(dimensions=made["dimensions"])))
    assert (example.group, example.indicator) == ("resident", "B1")
    for person in example.people:
        assert [answer.item for answer in person.answers] == ["r2", "r4"]


def test_every_group_has_two_more_than_its_minimum_and_eight_at_least(
    example: Illustration,
) -> None:
    assert {code: int(g.n[0]) for code, g in example.cells.groups.items()} == {
        "resident": 12,
        "office": 8,
    }


def test_the_spread_is_of_the_followed_cell(example: Illustration) -> None:
    cell = example.cells.groups["resident"]
    values = [value for value, count in example.spread for _ in range(count)]
    assert [value for value, _ in example.spread] == sorted(set(values), reverse=True)
    assert len(values) + example.unscored == 12
    assert len(values) == cell.n_measure[0, 0]
    assert np.mean(values) == pytest.approx(cell.mean[0, 0], abs=1e-12)
    assert np.var(values, ddof=1) / len(values) == pytest.approx(cell.covariance[0, 0, 0])
    assert len(set(values)) > 1


def test_the_score_is_the_sum_of_the_cells_by_their_weights(example: Illustration) -> None:
    """Residents 0.7·(0.4, 0.2, 0.4) of A1, A2, B1; offices 0.3·(0.5, 0.5) of A1 and B1."""
    r = example.cells.groups["resident"].mean[0]
    o = example.cells.groups["office"].mean[0]
    expected = 0.28 * r[0] + 0.14 * r[1] + 0.28 * r[2] + 0.15 * o[0] + 0.15 * o[2]
    assert example.scores.composite[0] == pytest.approx(expected, abs=1e-12)
    assert example.scores.subjects == ("example",)
    assert example.scores.incomplete == ()


def test_people_are_one_who_differs_and_one_with_a_gap(example: Illustration) -> None:
    first, second = example.people
    own = [answer.score for answer in first.answers]
    assert [answer.item for answer in first.answers] == ["r1", "r2"]
    assert len(set(own)) == 2
    assert None not in own
    assert first.score == pytest.approx(sum(s for s in own if s is not None) / 2)
    gap = [answer.score for answer in second.answers]
    assert gap.count(None) == 1
    assert second.score == next(score for score in gap if score is not None)
    assert "不了解" in [answer.label for answer in second.answers]


def test_words_and_scores_are_those_of_the_options(example: Illustration) -> None:
    words = {
        "非常满意": 100,
        "满意": 80,
        "基本满意": 60,
        "不满意": 30,
        "非常不满意": 0,
        "不了解": None,
    }
    told = [answer for person in example.people for answer in person.answers]
    assert len(told) == 4
    assert all(words[answer.label] == answer.score for answer in told)


def test_a_gap_that_leaves_too_few_answers_is_shown_without_a_score() -> None:
    example = illustrate(decided(*documents(minimum_answered=1.0)))
    assert [person.score is None for person in example.people] == [False, True]
    assert example.unscored == 12 - sum(count for _, count in example.spread)
    assert example.unscored > 0


def test_a_known_number_of_raters_makes_no_difference() -> None:
    """Five offices in all would leave eight invented ones without any error."""
    plain = illustrate(decided(*documents()))
    groups = yaml.safe_load(tiny.SCHEME)["groups"]
    groups[1]["population"] = 8
    counted = illustrate(decided(*documents(groups=groups)))
    assert counted.cells.fingerprint == plain.cells.fingerprint
    assert counted.scores.variance[0, 0] == plain.scores.variance[0, 0] > 0


def test_the_same_documents_give_the_same_example(example: Illustration) -> None:
    again = illustrate(decided(*documents()))
    assert again.people == example.people
    assert again.spread == example.spread
    assert again.cells.fingerprint == example.cells.fingerprint


def test_the_first_two_are_always_sure() -> None:
    """Of twelve, every sixth from the third on is unsure of a question: six and others."""
    example = illustrate(decided(*documents()))
    cell = example.cells.groups["resident"]
    # Questions are r1 to r4 and overall, numbered 0 to 4: unsure are those of 2 to 11 with
    # (number + 2 * question) divisible by six.
    unsure = Counter(at for at in range(5) for n in range(2, 12) if (n + 2 * at) % 6 == 0)
    assert 12 - cell.n_measure[0, 1] == unsure[2]  # A2 is r3
    assert 12 - cell.n_measure[0, 2] == unsure[3]  # B1 is r4
    assert 12 - cell.n_measure[0, 3] == unsure[4]  # overall
    assert cell.n_measure[0, 0] == 12  # A1 is r1 and r2, one of which is enough


def test_residents_are_followed_wherever_they_stand() -> None:
    """All groups have one question an indicator; offices stand first."""
    made = yaml.safe_load(tiny.SCHEME)
    made["dimensions"][0]["indicators"][0]["items"]["resident"] = ["r1"]
    example = illustrate(
        decided(*documents(groups=made["groups"][::-1], dimensions=made["dimensions"]))
    )
    assert (example.group, example.indicator) == ("resident", "A1")
