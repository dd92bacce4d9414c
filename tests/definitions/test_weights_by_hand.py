"""What a scheme makes of its weights, cut-offs and alternatives, small enough to do in the head."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evalkit.definitions.scheme import Alternative, Scheme
from evalkit.definitions.spreading import Uncovered, spread
from tests.definitions.small import fresh


def scheme(**changes: Any) -> Scheme:
    return Scheme.model_validate(fresh("scheme") | changes)


def faults(**changes: Any) -> list[tuple[str, tuple[int | str, ...]]]:
    return [(fault.code, fault.path) for fault in scheme(**changes).faults()]


# Two groups, 70 and 30; three indicators, 40, 20 and 40; the second group judges first and last.
GROUPS, INDICATORS = np.array([70.0, 30.0]), np.array([40.0, 20.0, 40.0])
COVERAGE = np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    ("uncovered", "expected"),
    [
        # The second group's 30 are halved; groups keep 70 and 30.
        ("within_group", [[28, 14, 28], [15, 0, 15]]),
        # The second indicator's 20 go to the first group; indicators keep 40, 20, 40.
        ("to_covering_groups", [[28, 20, 28], [12, 0, 12]]),
    ],
)
def test_an_indicator_that_a_group_cannot_judge(
    uncovered: Uncovered, expected: list[list[float]]
) -> None:
    found = spread(GROUPS, INDICATORS, COVERAGE, uncovered)
    np.testing.assert_allclose(found, np.array(expected) / 100, rtol=0, atol=1e-15)
    assert found.sum() == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("uncovered", ["within_group", "to_covering_groups"])
def test_weights_that_add_up_to_something_else_keep_their_proportions(
    uncovered: Uncovered,
) -> None:
    """Random weightings do not add up to 100: only proportions count."""
    plain = spread(GROUPS, INDICATORS, COVERAGE, uncovered)
    for groups, indicators in ((3 * GROUPS, INDICATORS), (GROUPS, INDICATORS / 7)):
        np.testing.assert_allclose(
            spread(groups, indicators, COVERAGE, uncovered), plain, rtol=0, atol=1e-15
        )


@pytest.mark.parametrize("uncovered", ["within_group", "to_covering_groups"])
def test_many_weightings_at_once_are_each_on_its_own(uncovered: Uncovered) -> None:
    groups = np.array([[70.0, 30.0], [50.0, 50.0]])
    indicators = np.array([[40.0, 20.0, 40.0], [10.0, 80.0, 10.0]])
    together = spread(groups, indicators, COVERAGE, uncovered)
    assert together.shape == (2, 2, 3)
    for place in range(2):
        alone = spread(groups[place], indicators[place], COVERAGE, uncovered)
        np.testing.assert_allclose(together[place], alone, rtol=0, atol=1e-15)


def test_a_group_of_weight_0_and_what_only_it_judges_have_no_weight() -> None:
    only_second = np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
    none = np.array([100.0, 0.0])
    for uncovered in ("within_group", "to_covering_groups"):
        found = spread(none, INDICATORS, only_second, uncovered)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, [[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]], atol=1e-15)


def test_weights_of_a_document() -> None:
    """Residents 40 and 30 judge A1 35, A2 25, B1 40; departments, 30, judge B1 alone."""
    expected = [[0.14, 0.10, 0.16], [0.105, 0.075, 0.12], [0.0, 0.0, 0.30]]
    np.testing.assert_allclose(scheme().weights(), expected, rtol=0, atol=1e-15)
    # B1's 40 are shared 40 : 30 : 30, A1's and A2's 40 : 30.
    other = [[0.2, 1 / 7, 0.16], [0.15, 0.75 / 7, 0.12], [0.0, 0.0, 0.12]]
    found = scheme(uncovered="to_covering_groups").weights()
    np.testing.assert_allclose(found, other, rtol=0, atol=1e-15)


def test_a_group_judges_what_its_questionnaire_has_items_for_and_it_covers() -> None:
    made = scheme()
    assert made.covered(made.group("key")) == ("A1", "A2", "B1")
    assert made.covered(made.group("department")) == ("B1",)
    assert made.coverage().tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 1]]
    groups = fresh("scheme")["groups"]
    groups[0]["covers"] = ["B1", "A1"]  # in the scheme's order, whatever the group's
    groups[2]["covers"] = None
    made = scheme(groups=groups)
    assert made.covered(made.group("key")) == ("A1", "B1")
    assert made.covered(made.group("department")) == ("B1",)
    groups[2]["covers"] = ["A1", "B1"]  # A1 has no item of its questionnaire
    made = scheme(groups=groups)
    assert made.covered(made.group("department")) == ("B1",)


def test_groups_are_found_by_code() -> None:
    made = scheme()
    assert made.group("random").name == "随机居民"
    with pytest.raises(KeyError, match="nobody"):
        made.group("nobody")
    assert [indicator.code for indicator in made.indicators] == ["A1", "A2", "B1"]


# --- alternatives ---


def test_an_alternative_keeps_the_weights_it_does_not_name() -> None:
    alternative = Alternative(id="x", name="x", group_weights={"key": 50, "random": 20})
    made = scheme().under(alternative)
    assert [(g.code, g.weight) for g in made.groups] == [
        ("key", 50),
        ("random", 20),
        ("department", 30),
    ]
    assert made.dimensions == scheme().dimensions
    unchanged = scheme().under(Alternative(id="y", name="y", option_scores={"80": 75}))
    assert unchanged == scheme()


def test_an_alternatives_weights_add_up_with_those_it_does_not_name() -> None:
    def with_weights(**weights: float) -> list[tuple[str, tuple[int | str, ...]]]:
        return faults(alternatives=[{"id": "x", "name": "x", "group_weights": weights}])

    assert with_weights(key=50, random=20) == []
    assert with_weights(key=50, random=50, department=0) == []
    place = ("alternatives", 0, "group_weights")
    assert with_weights(key=50, random=50) == [("weights_do_not_add_up", place)]


# --- grades ---


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        (100.0, "优秀"),
        (90.0, "优秀"),
        (np.nextafter(90.0, 0), "合格"),
        (60.0, "合格"),
        (np.nextafter(60.0, 0), "待改进"),
        (0.0, "待改进"),
        (-1e-9, "待改进"),
    ],
)
def test_a_grade_begins_at_its_cut_off(points: float, grade: str) -> None:
    assert scheme().grade_of(points) == grade


def graded(*cutoffs: float) -> list[tuple[str, tuple[int | str, ...]]]:
    return faults(grades=[{"name": f"{at}", "cutoff": c} for at, c in enumerate(cutoffs)])


def test_cut_offs_fall_strictly_and_end_at_0() -> None:
    assert graded(90, 60, 0) == []
    assert graded(0) == []
    assert graded(60, 60, 0) == [("cutoffs_out_of_order", ("grades", "cutoff"))]
    assert graded(60, 90, 0) == [("cutoffs_out_of_order", ("grades", "cutoff"))]
    assert graded(90, 60, 1e-9) == [("no_lowest_grade", ("grades", 2, "cutoff"))]


# --- sums ---


@pytest.mark.parametrize(("off", "fine"), [(0.9e-6, True), (1.1e-6, False), (-1.1e-6, False)])
def test_sums_may_miss_by_a_millionth(off: float, fine: bool) -> None:
    groups = fresh("scheme")["groups"]
    groups[2]["weight"] = 30 + off
    found = faults(groups=groups, alternatives=[])
    assert found == ([] if fine else [("weights_do_not_add_up", ("groups", "weight"))])


def test_thirds_of_a_dimension_add_up_to_it() -> None:
    dimensions = fresh("scheme")["dimensions"]
    dimensions[0]["indicators"][0]["weight"] = 100 / 3
    dimensions[0]["indicators"][1]["weight"] = 60 - 100 / 3
    assert faults(dimensions=dimensions) == []
    dimensions[0]["indicators"][1]["weight"] = 26.66
    assert faults(dimensions=dimensions) == [
        ("weights_do_not_add_up", ("dimensions", 0, "indicators", "weight"))
    ]


def test_residents_are_the_groups_that_say_so() -> None:
    assert faults(residents_weight=70) == []
    assert faults(residents_weight=100) == [("weights_do_not_add_up", ("groups", "weight"))]
    groups = fresh("scheme")["groups"]
    groups[1]["residents"] = False
    assert faults(groups=groups, residents_weight=40) == []
