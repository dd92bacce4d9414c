"""One question asked in two branches of a form is one item; two questions are never one."""

from __future__ import annotations

import pytest

from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.errors import Problem, Problems
from evalkit.intake.branches import filled_twice
from evalkit.intake.columns import ColumnPlan, plan_columns
from evalkit.pages.press.sentences import said
from tests.intake import exported as files
from tests.intake.test_columns import column, form, item, placed


def branched(
    cells: list[list[str]],
    document: Questionnaire | None = None,
    numbers: tuple[int | None, ...] = (2, 3),
    crosswalk: Crosswalk | None = None,
    stems: tuple[str | None, ...] = (None, None, None),
) -> tuple[ColumnPlan, list[Problem]]:
    columns = [
        column(at, "办事方便", number=n, header=f"{n}、办事方便", occurrence=at, stem=stems[at])
        for at, n in enumerate(numbers)
    ]
    raw = files.sheet([c.header for c in columns], cells, columns=columns)
    problems = Problems()
    document = document or form(item("a", "办事方便", number=2))
    return plan_columns(raw, document, crosswalk, True, problems), list(problems)


HALVES = [["满意", "(跳过)"], ["不满意", ""], ["", "满意"], ["(跳过)", "不满意"], ["", "满意"]]


@pytest.mark.parametrize("numbers", [(2, 3), (None, None), (7, 8)])
def test_a_question_asked_in_two_branches_is_one_item(numbers: tuple[int | None, ...]) -> None:
    found, problems = branched(HALVES, numbers=numbers)
    assert problems == []
    assert placed(found) == {"a": 0}
    assert [c.position for c in found.more["a"]] == [1]
    assert found.unmapped == ()
    (note,) = found.notes
    assert (note.code, note.count) == ("asked_in_branches", 3)
    assert said(note) == (
        "题目 a 在文件中有几列（A、B），每行最多填了一列，合并为一题：3 行的回答取自后面的列"
    )


def test_three_branches_are_one_item_too() -> None:
    cells = [["满意", "", ""], ["", "满意", ""], ["", "", "不满意"]]
    found, problems = branched(cells, numbers=(2, 3, 4))
    assert (problems, [c.position for c in found.more["a"]]) == ([], [1, 2])


@pytest.mark.parametrize("numbers", [(2, 3), (None, None)])
def test_columns_that_one_row_fills_both_are_no_branches(numbers: tuple[int | None, ...]) -> None:
    _, (problem,) = branched([*HALVES, ["满意", "满意"]], numbers=numbers)
    assert (problem.code, problem.column, problem.row) == ("ambiguous_column", "A、B", 7)
    assert problem.message == "几列都像题目 a，而且有的行填了不止一列"


def test_columns_that_nobody_filled_are_not_taken_for_branches() -> None:
    found, problems = branched([["(跳过)", ""]], numbers=(2, 3))
    assert (problems, placed(found), found.more) == ([], {"a": 0}, {})
    _, (problem,) = branched([["(跳过)", ""]], numbers=(None, None))
    assert (problem.code, problem.row) == ("ambiguous_column", None)


def test_columns_of_another_item_or_another_stem_are_no_branches() -> None:
    two = form(item("a", "办事方便", number=2), item("b", "办事方便", number=3))
    found, problems = branched(HALVES, two)
    assert (placed(found), found.more, problems) == ({"a": 0, "b": 1}, {}, [])
    found, problems = branched(HALVES, stems=(None, "人员"))
    assert (placed(found), found.more, problems) == ({"a": 0}, {}, [])
    two = form(item("a", "办事方便"), item("b", "办事方便"))
    _, problems = branched(HALVES, two, numbers=(None, None))
    assert [p.code for p in problems] == ["ambiguous_column"] * 2


def test_a_crosswalk_may_name_both_branches() -> None:
    by = files.crosswalk("q", ["a", "a"])
    assert list(by.faults()) == []
    found, problems = branched(HALVES, crosswalk=by)
    assert (problems, [c.position for c in found.more["a"]]) == ([], [1])
    assert [note.count for note in found.notes] == [3]
    _, (problem,) = branched([["满意", "满意"]], crosswalk=by)
    assert (problem.code, problem.row) == ("ambiguous_column", 2)


def test_the_answers_of_both_branches_count() -> None:
    headers = (
        "序号",
        "提交答卷时间",
        "1、是否住满半年",
        "2、所在居民区",
        "3、办事方便",
        "4、办事方便",
    )
    ticks = [("满意", "(跳过)"), ("(跳过)", "不满意"), ("", "满意"), ("(跳过)", "(跳过)")]
    rows = [
        [str(n), f"2016/6/1 10:00:0{n}", "是", "甲居民区", *both] for n, both in enumerate(ticks, 1)
    ]
    document = files.questionnaire(
        files.RESIDENT.replace("  - {id: r2, text: 环境整洁, scale: s}\n", "").replace(
            "text: 办事方便", "text: 办事方便, number: 3"
        )
    )
    found = files.imported(files.source("resident", rows, headers=headers, document=document))
    assert found.codes == []
    assert found.reasons == {5: "no_answer"}
    assert found.answers.codes["resident"]["r1"].tolist() == ["1", "3", "1"]
    assert [note.code for note in found.report.notes] == ["asked_in_branches"]


def test_columns_of_one_option_are_filled_twice_where_one_row_fills_several() -> None:
    cells = [["1", "", ""], ["", "1", "1"], ["-3", "1", ""], ["(跳过)", "", "1"]]
    both = [["1", "1", ""], ["1", "1", "1"]]
    columns = [column(at, "助餐", header="助餐", occurrence=at) for at in range(3)]
    options = [*zip(columns, ("a", "a", "b"), strict=True)]

    def told(rows: list[list[str]]) -> list[tuple[list[int], int]]:
        raw = files.sheet([c.header for c in columns], rows, columns=columns)
        found = filled_twice(raw, raw.cells, options)
        return [([c.position for c in alike], row) for alike, row in found]

    assert told(cells) == []
    assert told([*cells, *both]) == [([0, 1], 6)]
    options = [*zip(columns, ("a", "b", "b"), strict=True)]
    assert told([*both, *cells]) == [([1, 2], 3)]
