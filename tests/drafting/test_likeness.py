"""How much two questions look alike: every number of it by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.definitions.resemblance import closest, wording
from evalkit.drafting import likeness as module
from evalkit.drafting.likeness import (
    Likeness,
    Profile,
    bare_number,
    certainty,
    is_code,
    likeness,
    pair,
)

# --- wording ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("环境整洁", "环境整洁", 1.0),
        ("环境整洁", "环境卫生", 2 * 2 / 10),  # ^环 and 环境 of five pairs each
        ("ab", "ba", 0.0),
        ("满意", "不满意", 2 * 2 / 7),  # 满意 and 意$ of three and four
        ("请问您的年龄是", "年龄", 0.99),  # the same without polite words, not the same text
        ("年龄?", "年龄", 0.99),
        ("q3_01", "q3_02", 0.0),
        ("q3_01", "q3_01", 1.0),
        ("", "年龄", 0.0),
        ("", "", 1.0),
        ("q3", "环境", 0.0),
    ],
)
def test_wording_is_the_share_of_common_pairs_of_letters(
    one: str, other: str, expected: float
) -> None:
    assert wording(one, other) == pytest.approx(expected, rel=1e-12)
    assert wording(other, one) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", True), ("q3", True), ("a_01", True), ("第3题", True), ("12", True),
        ("题3b", False), ("年龄", False), ("abcde1", False),
    ],
)  # fmt: skip
def test_a_code_only_numbers_a_question(text: str, code: bool) -> None:
    assert is_code(text) == code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Q3", 3), ("第 12 题", 12), ("7", 7), ("问题4", 4),
        ("12345", None), ("3年龄", None), ("", None),
    ],
)  # fmt: skip
def test_a_header_that_is_a_bare_number(text: str, number: int | None) -> None:
    assert bare_number(text) == number


def test_the_closest_of_several_texts() -> None:
    assert closest("较满意", ["不满意", "满意"]) == ("满意", pytest.approx(4 / 7))
    assert closest("较满意", ["不满意", "很满意"]) == ("不满意", pytest.approx(4 / 8))
    assert closest("甲", ["乙", "丙"]) is None
    assert closest("甲", []) is None


# --- evidence -----------------------------------------------------------------------------------


def profile(text: str | None = None, number: int | None = None, **more: object) -> Profile:
    return Profile(number, () if text is None else (text,), **more)  # type: ignore[arg-type]


def test_every_kind_of_evidence_has_its_weight() -> None:
    assert dict(module.WEIGHTS) == {
        "wording": 0.50, "options": 0.20, "number": 0.15, "stem": 0.10, "kind": 0.05,
        "previous": 0.50,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "expected", "previous", "score"),
    [
        (profile("环境整洁"), profile("环境整洁"), None, None, 1.0),
        # wording 0.5, number 0.15: 0.5 / 0.65 if the number is another one
        (profile("环境整洁", 3), profile("环境整洁", 4), 3, None, 0.5 / 0.65),
        (profile("环境整洁", 3), profile("环境整洁", 4), 4, None, 1.0),
        (profile("环境整洁", 3), profile("环境整洁", 4), None, None, 1.0),
        (profile("环境整洁", 3), profile("环境整洁"), 3, None, 1.0),
        # without wording half of it counts: (0.25 + 0.15) / 0.65
        (profile("q3", 3), profile("环境整洁", 3), 3, None, 0.4 / 0.65),
        (profile("q3", 3), profile("环境整洁", 4), 3, None, 0.25 / 0.65),
        (profile("q3"), profile("环境整洁"), None, None, 0.0),  # nothing telling
        (profile("q3", kind="single"), profile("环境整洁", kind="single"), None, None, 0.0),
        (profile("q3"), profile("环境整洁"), None, 1.0, 0.75),  # (0.25 + 0.5) / 1
        (profile("q3"), profile("环境整洁"), None, 0.0, 0.25),
        # kinds: 0.05 for agreeing
        (profile("环境整洁", kind="single"), profile("环境整洁", kind="multiple"), None, None, 0.5 / 0.55),
        (profile("环境整洁", kind="single"), profile("环境整洁", kind="matrix"), None, None, 1.0),
        (profile("环境整洁", kind="number"), profile("环境整洁", kind="single"), None, None, 1.0),
        (profile("环境整洁", kind="text"), profile("环境整洁", kind="number"), None, None, 1.0),
        (profile("环境整洁", kind="text"), profile("环境整洁", kind="single"), None, None, 0.5 / 0.55),
        # stems: 0.1
        (profile("环境整洁", stem="ab"), profile("环境整洁", stem="cd"), None, None, 0.5 / 0.6),
        (profile("环境整洁", stem="ab"), profile("环境整洁"), None, None, 1.0),
        # the same name is the same wording; Q1 here and q1 there are two numberings
        (profile("甲", codes=frozenset({"resolved"})), profile("乙", codes=frozenset({"resolved"})), None, None, 1.0),
        (profile("甲", codes=frozenset({"q1"})), profile("乙", codes=frozenset({"q1"})), None, None, 0.0),
        (profile("q1", codes=frozenset({"q1"})), profile("乙", codes=frozenset({"q1"})), None, None, 1.0),
        # options: half by rows, half by how many; one is told as another is, worded otherwise: 满意、一般 of
        # 满意、一般、不满意, 60 of 60 rows, 2 * 2 of 5; 很是满意 is 很满意 by 6/9
        (profile("环境整洁", values={"满意": 30, "一般": 30}),
         profile("环境整洁", options=frozenset({"满意", "一般", "不满意"})), None, None, (0.5 + 0.2 * 0.9) / 0.7),
        (profile("环境整洁", values={"很是满意": 30, "一般": 30}),
         profile("环境整洁", options=frozenset({"满意", "一般", "很满意"})), None, None,
         (0.5 + 0.2 * ((0.5 + 0.5 * 6 / 9) / 2 + (2 * (1 + 6 / 9) / 5) / 2)) / 0.7),
    ],
)  # fmt: skip
def test_a_score_is_the_weighted_mean_of_what_both_tell(
    one: Profile, other: Profile, expected: int | None, previous: float | None, score: float
) -> None:
    assert likeness(one, other, expected, previous).score == pytest.approx(score, rel=1e-12)


def test_too_different_wordings_are_apart_whatever_else_agrees() -> None:
    # 2 * 2 / 10 = 0.4 is enough, 2 * 2 / 11 is not
    near = likeness(profile("环境整洁", 3), profile("环境卫生", 3), 3)
    assert near.score == pytest.approx((0.5 * 0.4 + 0.15) / 0.65, rel=1e-12)
    far = likeness(profile("环境整洁", 3), profile("环境卫生好", 3), 3)
    assert far.score == 0
    assert likeness(profile("环境整洁"), profile("甲乙丙"), None, 1.0).score == pytest.approx(0.5)
    assert likeness(profile("环境整洁"), profile("甲乙丙"), None, 0.0).score == 0


def test_the_most_alike_of_several_names_counts_and_a_stem_may_be_part_of_it() -> None:
    one = profile("办事方便")
    other = Profile(None, ("q1", "甲", "办事方便"))
    assert likeness(one, other, None).evidence["wording"] == 1
    joined = profile("对服务满意吗办事方便")
    row = profile("办事方便", stem="对服务满意吗")
    assert likeness(joined, row, None).evidence["wording"] == 1
    assert likeness(row, joined, None).evidence["wording"] == 1


# --- options ------------------------------------------------------------------------------------


def options(one: Profile, other: Profile) -> tuple[float | None, int, int]:
    found = likeness(one, other, None)
    return found.evidence.get("options"), found.explained, found.seen


def test_options_of_two_lists() -> None:
    one = profile("甲", options=frozenset("abc"))
    assert options(one, profile("甲", options=frozenset("bcde"))) == (2 * 2 / 7, 2, 3)
    assert options(one, profile("甲")) == (None, 0, 0)


@pytest.mark.parametrize("swapped", [False, True])
def test_answers_that_are_options_count_by_rows_and_by_kind(swapped: bool) -> None:
    answers = profile("甲", values={"a": 6, "b": 2, "x": 2})
    listed = profile("甲", options=frozenset("abcd"))
    # 8 of 10 rows; 2 * 2 / (3 + 4)
    expected = ((0.8 + 4 / 7) / 2, 2, 3)
    one, other = (listed, answers) if swapped else (answers, listed)
    found = options(one, other)
    assert found[0] == pytest.approx(expected[0], rel=1e-12)
    assert found[1:] == expected[1:]


def test_answers_of_two_files_count_by_rows_of_the_first() -> None:
    one, other = profile("甲", values={"a": 6, "b": 4}), profile("甲", values={"a": 1, "c": 9})
    assert options(one, other) == (pytest.approx((0.6 + 2 / 4) / 2), 1, 2)
    assert options(other, one) == (pytest.approx((0.1 + 2 / 4) / 2), 1, 2)


@pytest.mark.parametrize(
    ("distinct", "each", "open_"), [(20, 1, False), (21, 1, True), (24, 5, False), (25, 4, True)]
)
def test_many_answers_and_few_rows_of_each_are_open(distinct: int, each: int, open_: bool) -> None:
    # open: more than 20 and more than a fifth of the rows (24 of 120 is a fifth)
    values = {f"v{at}": each for at in range(distinct)}
    found = options(profile("甲", values=values), profile("甲", values={"v1": 9}))
    assert (found[0] is None) == open_
    assert (
        options(profile("甲", values={"v1": 9}), profile("甲", values=values))[0] is None
    ) == open_


# --- why ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Likeness(1, {"wording": 1.0}), "题干相同"),
        (Likeness(1, {"wording": 0.456}), "题干相似度 0.46"),
        (Likeness(1, {}), "列名看不出题干"),
        (Likeness(1, {"number": 1.0, "wording": 1.0}, same_number=True), "题号相同；题干相同"),
        (Likeness(1, {"number": 1.0, "wording": 1.0}), "题号顺移；题干相同"),
        (Likeness(1, {"number": 0.0, "wording": 1.0}), "题号不同；题干相同"),
        (Likeness(1, {"wording": 1.0, "stem": 1.0}), "题干相同；总题干相同"),
        (Likeness(1, {"wording": 1.0, "stem": 0.5}), "题干相同；总题干相似度 0.50"),
        (Likeness(1, {"wording": 1.0}, explained=3, seen=4), "题干相同；选项 3/4 相同"),
        (Likeness(1, {"wording": 1.0, "previous": 0.2}), "题干相同；上一批次的对照表如此"),
        (Likeness(1, {"wording": 1.0, "previous": 0.0}), "题干相同"),
        (Likeness(1, {"wording": 1.0, "kind": 0.0}), "题干相同；题型不同"),
        (Likeness(1, {"wording": 1.0, "kind": 1.0}), "题干相同"),
    ],
)
def test_evidence_is_said(found: Likeness, said: str) -> None:
    assert found.because() == said


# --- pairs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([[0.8]], 0.8),
        ([[0.8, 0.6]], 0.8),  # a lead of 0.2
        ([[0.8, 0.7]], 0.8 * 0.75),
        ([[0.8, 0.8]], 0.8 * 0.5),
        ([[0.8, 0.9]], 0.8 * 0.25),
        ([[0.5, 0.9]], 0.0),
        ([[0.8], [0.7]], 0.8 * 0.75),  # on the other side, too
        ([[0.8, 0.1], [0.75, 0.9]], 0.8 * 0.625),
    ],
)
def test_a_pair_is_certain_as_far_as_it_leads(scores: list[list[float]], expected: float) -> None:
    assert certainty(np.array(scores), 0, 0) == pytest.approx(expected, rel=1e-12)


def pairs(table: list[list[float]]) -> list[tuple[int, int, int | None]]:
    left = [profile("x") for _ in table]
    right = [profile("x") for _ in table[0]]
    found, _ = pair(left, right, lambda i, j, _: Likeness(table[i][j], {"wording": 1.0}))
    return [(p.left, p.right, p.rival) for p in found]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[0.5]], [(0, 0, None)]),
        ([[0.49]], []),
        ([[0.9, 0.61], [0.85, 0.2]], [(0, 1, 0), (1, 0, None)]),
        # 0.4 over the minimum alone is worth more than 0.1 and 0.2
        ([[0.9, 0.6], [0.69, 0.2]], [(0, 0, None)]),
        ([[0.8, 0.61]], [(0, 0, 1)]),
        ([[0.8, 0.59]], [(0, 0, None)]),
        ([[0.7, 0.7], [0.7, 0.7]], [(0, 0, 1), (1, 1, 0)]),  # in file order
        # the order of the file is worth a thousandth for each pair, and no more
        ([[0.7, 0.7015], [0.7, 0.7]], [(0, 0, 1), (1, 1, 0)]),
        ([[0.7, 0.7025], [0.7, 0.7]], [(0, 1, 0), (1, 0, 1)]),
    ],
)
def test_pairs_are_those_of_the_greatest_likeness_together(
    table: list[list[float]], expected: list[tuple[int, int, int | None]]
) -> None:
    assert pairs(table) == expected


def test_nothing_pairs_with_nothing() -> None:
    assert pair([], [profile("x")])[0] == ()
    assert pair([profile("x")], [])[0] == ()


def test_numbers_are_understood_as_shifted_like_the_pair_before_them() -> None:
    texts = ("环境整洁程度如何", "干部走访几次", "办事流程清楚吗", "停车管理好不好")
    left = [profile(t, n) for n, t in zip((1, 2, 4, 5), texts, strict=True)]
    left[3] = profile("q5", 5)
    left[1] = profile("q2", 2)
    right = [profile(t, n) for n, t in zip((1, 2, 3, 4), texts, strict=True)]
    found, table = pair(left, right)
    # 1 is 1, 4 is 3: so 2 is expected to be 2 and 5 to be 4
    assert [(p.left, p.right) for p in found] == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert table[3][3].evidence == {"number": 1.0}
    assert table[3][3].score == pytest.approx(0.4 / 0.65, rel=1e-12)
    assert not table[3][3].same_number
    assert table[1][1].same_number


def test_before_the_first_clear_pair_numbers_are_shifted_like_it() -> None:
    left = [profile("q3", 3), profile("办事流程清楚吗", 5)]
    right = [profile("停车管理好不好", 1), profile("办事流程清楚吗", 3)]
    found, _ = pair(left, right)
    assert [(p.left, p.right) for p in found] == [(0, 0), (1, 1)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0.80, 0.74, [3, 3, 5, 5]),  # 5 is 3 there, so 7 is 5
        (0.80, 0.75, [3, 3, 9, 9]),
        (0.74, 0.60, [3, 3, 9, 9]),  # nothing is clear: what there is shows it
        (0.40, 0.40, [5, 5, 7, 7]),  # there is nothing
    ],
)
def test_only_clear_pairs_show_how_numbers_shifted_if_there_are_any(
    first: float, second: float, expected: list[int]
) -> None:
    left, right = [profile("x", 5), profile("y", 7)], [profile("x", 3), profile("y", 9)]
    asked: list[int | None] = []

    def compare(i: int, j: int, number: int | None) -> Likeness:
        asked.append(number)
        return Likeness((first, second)[i] if i == j else 0.0, {"wording": 1.0})

    pair(left, right, compare)
    assert asked == [None] * 4 + expected, "first without numbers"


def test_numbers_count_only_where_questions_kept_their_order() -> None:
    """Of 1 to 5 in the order 3 5 1 4 2 a number says nothing; one that moved leaves the others theirs."""
    texts = ("环境整洁程度如何", "干部走访几次", "办事流程清楚吗", "停车管理好不好", "晚上安全吗")
    right = [profile(text, n) for n, text in enumerate(texts, 1)]

    def numbered(order: tuple[int, ...]) -> bool:
        _, table = pair([profile(texts[at - 1], n) for n, at in enumerate(order, 1)], right)
        return "number" in table[0][0].evidence

    assert not numbered((3, 5, 1, 4, 2))
    assert numbered((2, 3, 4, 5, 1))
    assert numbered((1, 2, 3, 4, 5))
