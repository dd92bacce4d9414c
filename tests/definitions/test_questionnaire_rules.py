"""What a questionnaire makes of its items: options, other scores, roles, and rows of a matrix."""

from __future__ import annotations

from typing import Any

import pytest

from evalkit.definitions.questionnaire import Questionnaire


def form(*items: dict[str, Any], **scales: Any) -> Questionnaire:
    return Questionnaire.model_validate(
        {"id": "q", "title": "问卷", "scales": scales, "items": list(items)}
    )


def option(code: str, score: float | None = None, missing: str | None = None) -> dict[str, Any]:
    return {"code": code, "label": f"第{code}项", "score": score, "missing": missing}


SCALE = [option("1", 100), option("2", 33.3333333), option("3", missing="dont_know")]


def scores(made: Questionnaire, item: str) -> list[float | None]:
    return [o.score for o in made.options_of(made.item(item))]


def test_other_scores_reach_scales_and_single_items_and_nothing_else() -> None:
    made = form(
        {"id": "a", "text": "甲", "scale": "s"},
        {"id": "b", "text": "乙", "options": [option("1", 80), option("2", 100)]},
        s=SCALE,
    )
    found = made.rescored({"100": 95, "80": 100})
    assert scores(found, "a") == [95, 33.3333333, None]
    assert scores(found, "b") == [100, 95]  # 80 became 100 and stays it
    assert scores(made, "a") == [100, 33.3333333, None]
    assert [o.missing for o in found.options_of(found.item("a"))] == [None, None, "dont_know"]


@pytest.mark.parametrize("written", ["33.3333333", "33.33333330", "3.33333333e1"])
def test_a_score_is_a_number_however_it_is_written(written: str) -> None:
    made = form({"id": "a", "text": "甲", "scale": "s"}, s=SCALE)
    assert scores(made.rescored({written: 40}), "a") == [100, 40, None]
    assert scores(made.rescored({"100.0": 90}), "a") == [90, 33.3333333, None]
    assert scores(made.rescored({"33.3333": 40}), "a") == [100, 33.3333333, None]


def test_items_are_found_by_id_and_by_role_in_the_order_of_the_form() -> None:
    made = form(
        {"id": "a", "text": "甲", "scale": "s"},
        {"id": "o", "text": "总体", "scale": "s", "role": "overall"},
        {"id": "p", "text": "性别", "scale": "s", "role": "profile"},
        {"id": "b", "text": "乙", "scale": "s"},
        s=SCALE,
    )
    assert [i.id for i in made.of_role("overall", "scored")] == ["a", "o", "b"]
    assert made.of_role("rater") == []
    assert made.item("p").text == "性别"
    with pytest.raises(KeyError, match="z"):
        made.item("z")


def test_own_options_win_over_a_scale_and_an_unknown_scale_has_none() -> None:
    made = form(
        {"id": "a", "text": "甲", "scale": "s", "options": [option("9", 5)]},
        {"id": "b", "text": "乙", "scale": "nowhere"},
        s=SCALE,
    )
    assert scores(made, "a") == [5]
    assert scores(made, "b") == []


def row(item: str, **changes: Any) -> dict[str, Any]:
    given = {"id": item, "text": item, "stem": "满意吗？", "number": 3, "scale": "s"}
    return given | changes


@pytest.mark.parametrize(
    ("second", "together"),
    [
        (row("b"), True),
        (row("b", options=SCALE, scale=None), True),
        (row("b", stem="同意吗？"), False),
        (row("b", stem=None), False),
        (row("b", number=4), False),
        (row("b", scale="other"), False),
        (row("b", kind="multiple"), False),
    ],
)
def test_rows_of_a_matrix_agree_in_stem_number_kind_and_options(
    second: dict[str, Any], together: bool
) -> None:
    made = form(row("a"), second, s=SCALE, other=SCALE[:2])
    blocks = [[item.id for item in block] for block in made.blocks()]
    assert blocks == ([["a", "b"]] if together else [["a"], ["b"]])


def test_rows_of_a_matrix_follow_one_another() -> None:
    between = {"id": "x", "text": "别的", "scale": "s"}
    made = form(row("a"), row("b"), between, row("c"), {**between, "id": "y"}, s=SCALE)
    blocks = [[item.id for item in block] for block in made.blocks()]
    assert blocks == [["a", "b"], ["x"], ["c"], ["y"]]


def codes(*items: dict[str, Any]) -> list[tuple[str, tuple[int | str, ...]]]:
    return [(fault.code, fault.path) for fault in form(*items, s=SCALE).faults()]


@pytest.mark.parametrize(
    ("minimum", "maximum", "fine"),
    [(0, 10, True), (10, 10, False), (10, 0, False), (None, 10, False), (0, None, False)],
)
def test_a_scored_number_needs_a_range(
    minimum: float | None, maximum: float | None, fine: bool
) -> None:
    item = {"id": "n", "text": "几分", "kind": "number", "minimum": minimum, "maximum": maximum}
    expected = [] if fine else [("number_without_range", ("items", 0, "minimum"))]
    assert codes(item) == expected
    assert codes({**item, "role": "profile"}) == []


@pytest.mark.parametrize(
    ("minimum", "maximum", "words"),
    [
        (0, 10, "0 到 10 的数"),
        (0, None, "不小于 0 的数"),
        (1.5, None, "不小于 1.5 的数"),
        (None, 10, "不大于 10 的数"),
        (None, None, "数"),
    ],
)
def test_the_range_of_a_number_in_words(
    minimum: float | None, maximum: float | None, words: str
) -> None:
    item = {"id": "n", "text": "几分", "kind": "number", "minimum": minimum, "maximum": maximum}
    assert form(item).items[0].range_in_words == words


@pytest.mark.parametrize("role", ["subject", "group", "rater", "overall"])
def test_some_roles_are_for_one_item_alone(role: str) -> None:
    grouped = [{**option("1", 100), "group": "g"}, {**option("2", 0), "group": "h"}]
    one = {"id": "a", "text": "甲", "role": role, "options": grouped}
    two = {"id": "b", "text": "乙", "role": role, "options": grouped}
    assert codes(one) == []
    assert codes(one, two) == [("duplicate_role", ("items", 1, "role"))]
    assert codes({**one, "role": "profile"}, {**two, "role": "profile"}) == []
