"""Which column is which item: exactly, or through an approved crosswalk; never by guessing."""

from __future__ import annotations

import pytest

from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.errors import Problem, Problems
from evalkit.intake.columns import ColumnPlan, column_of, plan_columns
from evalkit.intake.headings import is_row_of, with_options
from evalkit.platforms import RawColumn
from tests.intake import exported as files

SCORED = [Option(code="1", label="满意", score=100), Option(code="2", label="不满意", score=0)]
SPORTS = [Option(code="1", label="运动"), Option(code="2", label="其他【请注明】")]


def item(name: str, text: str, **more: object) -> Item:
    return Item.model_validate({"id": name, "text": text, "options": SCORED} | more)


def form(*items: Item) -> Questionnaire:
    return Questionnaire(id="q", title="问卷", items=list(items))


def column(at: int, text: str, **more: object) -> RawColumn:
    header = more.pop("header", text)
    number = more.pop("number", None)
    return RawColumn(at, header, number, text, **more)  # type: ignore[arg-type]


def plan(
    columns: list[RawColumn],
    document: Questionnaire,
    crosswalk: Crosswalk | None = None,
    *,
    group_is_known: bool = True,
) -> tuple[ColumnPlan, list[Problem]]:
    headers = [c.header for c in columns]
    raw = files.sheet(headers, [[""] * len(headers)], columns=columns)
    problems = Problems()
    found = plan_columns(raw, document, crosswalk, group_is_known, problems)
    return found, list(problems)


def placed(found: ColumnPlan) -> dict[str, int]:
    return {name: at.position for name, at in found.single.items()}


def spread(found: ColumnPlan, name: str) -> list[tuple[int, str]]:
    return [(at.position, code) for at, code in found.spread[name]]


# --- exactly ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["办事方便吗？", "办事 方便吗?", "办事方便吗？（可多选）", "Q_1", "q_1", "service"]
)
def test_an_item_is_found_by_its_text_its_header_or_its_id(header: str) -> None:
    document = form(item("service", "办事方便吗？", header="Q_1"))
    found, problems = plan([column(0, "备注"), column(1, header)], document)
    assert placed(found) == {"service": 1}
    assert problems == []
    assert found.unmapped == ("A: 备注",)


@pytest.mark.parametrize("header", ["办事方便", "办事方便吗？吗", "service1"])
def test_what_is_only_alike_is_not_taken(header: str) -> None:
    found, problems = plan([column(0, header)], form(item("service", "办事方便吗？")))
    assert placed(found) == {}
    assert [p.code for p in problems] == ["missing_column"]
    assert found.not_asked == ("service",)


def test_a_platform_column_is_no_question_whatever_it_is_called() -> None:
    columns = [
        column(0, "来自IP", metadata="ip"),
        column(1, "总分", metadata="total"),
        column(2, "昵称", metadata="nickname"),
        column(3, "联系方式", metadata="contact"),
    ]
    found, problems = plan(columns, form(item("sum", "总分")))
    assert placed(found) == {}
    assert [p.code for p in problems] == ["missing_column"]
    assert found.unmapped == ()
    assert found.dropped == ("A: 来自IP", "C: 昵称", "D: 联系方式")


def test_rows_of_two_matrices_are_told_apart_by_their_stem() -> None:
    document = form(
        item("s1", "总体评价", stem="您对服务满意吗？"),
        item("p1", "总体评价", stem="您对人员满意吗？"),
    )
    columns = [
        column(0, "总体评价", stem="您对人员满意吗？"),
        column(1, "总体评价", stem="您对服务 满意吗?"),
    ]
    found, problems = plan(columns, document)
    assert placed(found) == {"s1": 1, "p1": 0}
    assert problems == []


def test_a_row_of_another_matrix_is_no_row_of_this_one() -> None:
    document = form(item("s1", "总体评价", stem="您对服务满意吗？"))
    found, problems = plan([column(0, "总体评价", stem="您对环境满意吗？")], document)
    assert placed(found) == {}
    assert [p.expected for p in problems] == ["您对服务满意吗？—总体评价"]


@pytest.mark.parametrize(("asked", "has"), [(None, "您对环境满意吗？"), ("您对环境满意吗？", None)])
def test_a_stem_that_only_one_side_has_does_not_part_them(
    asked: str | None, has: str | None
) -> None:
    found, problems = plan(
        [column(0, "总体评价", stem=has)], form(item("s1", "总体评价", stem=asked))
    )
    assert placed(found) == {"s1": 0}
    assert problems == []


def test_a_column_of_an_item_is_not_free_for_the_next() -> None:
    document = form(item("a", "办事方便"), item("b", "办事方便"))
    found, problems = plan([column(0, "办事方便")], document)
    assert placed(found) == {"a": 0}
    assert found.not_asked == ("b",)
    assert [p.code for p in problems] == ["missing_column"]


# --- several columns alike ----------------------------------------------------------------------


def test_two_columns_alike_are_ambiguous_and_both_are_named() -> None:
    found, problems = plan(
        [column(0, "办事方便"), column(1, "备注"), column(2, "办事方便")],
        form(item("a", "办事方便")),
    )
    assert placed(found) == {}
    assert found.not_asked == ()
    (problem,) = problems
    assert (problem.code, problem.column) == ("ambiguous_column", "A、C")
    assert (problem.expected, problem.found) == ("办事方便", "办事方便、办事方便")


@pytest.mark.parametrize(
    ("item_more", "one", "other"),
    [
        ({"header": "Q1"}, {"header": "x"}, {"header": "Q1"}),
        ({"number": 4}, {"number": 3}, {"number": 4}),
        ({"number": 4}, {"number": None}, {"number": 4}),
        ({"stem": "总题干"}, {"stem": None}, {"stem": "总 题干"}),
    ],
)
def test_name_number_and_stem_tell_columns_of_one_wording_apart(
    item_more: dict[str, object], one: dict[str, object], other: dict[str, object]
) -> None:
    columns = [column(0, "办事方便", **one), column(1, "办事方便", **other)]
    found, problems = plan(columns, form(item("a", "办事方便", **item_more)))
    assert placed(found) == {"a": 1}
    assert problems == []


@pytest.mark.parametrize(("number", "numbers"), [(None, (None, 4)), (9, (3, 4)), (4, (4, 4))])
def test_a_number_that_does_not_tell_them_apart_leaves_them_ambiguous(
    number: int | None, numbers: tuple[int | None, int | None]
) -> None:
    columns = [column(at, "办事方便", number=n) for at, n in enumerate(numbers)]
    found, problems = plan(columns, form(item("a", "办事方便", number=number)))
    assert placed(found) == {}
    assert [p.column for p in problems] == ["A、B"]


def test_a_stem_that_the_item_does_not_have_tells_nothing_apart() -> None:
    columns = [column(0, "办事方便"), column(1, "办事方便", stem="总题干")]
    _, (problem,) = plan(columns, form(item("a", "办事方便")))
    assert (problem.code, problem.column) == ("ambiguous_column", "A、B")


def test_a_name_outweighs_a_number() -> None:
    columns = [
        column(0, "办事方便", number=4, header="x"),
        column(1, "办事方便", number=3, header="Q1"),
    ]
    found, _ = plan(columns, form(item("a", "办事方便", number=4, header="Q1")))
    assert placed(found) == {"a": 1}


# --- one column an option -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["multiple", "ranking"])
def test_columns_of_options_with_the_questions_text(kind: str) -> None:
    document = form(item("n", "最需要什么？", kind=kind, role="profile", options=SPORTS))
    columns = [
        column(0, "x", stem="最需要什么?", option="其他"),
        column(1, "x", stem="最需要什么？(多选)", option="运 动"),
        column(2, "x", stem="最需要什么？", option="读书"),
        column(3, "x", stem="最喜欢什么？", option="运动"),
    ]
    found, problems = plan(columns, document)
    assert spread(found, "n") == [(0, "2"), (1, "1")]
    assert problems == []
    assert found.single == {}
    assert found.not_asked == ()
    assert found.unmapped == ("C: x", "D: x")


def options_in(cells: list[list[str]], *labels: str) -> tuple[ColumnPlan, list[Problem]]:
    document = form(item("n", "最需要什么？", kind="multiple", role="profile", options=SPORTS))
    columns = [
        column(at, "x", stem="最需要什么？", option=label, header=f"4 ({label})")
        for at, label in enumerate(labels)
    ]
    raw = files.sheet([c.header for c in columns], cells, columns=columns)
    problems = Problems()
    return plan_columns(raw, document, None, True, problems), list(problems)


def test_two_columns_of_one_option_are_branches_or_a_problem() -> None:
    labels = ("运动", "其他", "运动", "其他")
    apart = [["1", "0", "-3", "-3"], ["-3", "-3", "0", "1"]]
    assert options_in(apart, *labels)[1] == []
    _, problems = options_in([*apart, ["1", "-3", "0", "-3"]], *labels)
    assert [(p.code, p.column, p.row) for p in problems] == [("ambiguous_column", "A、C", 4)]


def test_columns_of_options_in_the_old_style_are_found_by_number_and_label() -> None:
    document = form(item("n", "最需要什么？", number=6, kind="multiple", role="profile", options=SPORTS))  # fmt: skip
    columns = [
        column(0, "", number=6, option="运动", header="第6题(运动)"),
        column(1, "", number=7, option="运动", header="第7题(运动)"),
        column(2, "", number=6, option="读书", header="第6题(读书)"),
    ]
    found, _ = plan(columns, document)
    assert spread(found, "n") == [(0, "1")]


@pytest.mark.parametrize("number", [6, None])
def test_an_item_without_number_is_not_found_by_a_header_that_has_only_a_number(
    number: int | None,
) -> None:
    document = form(item("n", "最需要什么？", kind="multiple", role="profile", options=SPORTS))
    found, problems = plan([column(0, "", number=number, option="运动", header="第6题(运动)")], document)  # fmt: skip
    assert found.spread == {}
    assert found.not_asked == ("n",)
    assert problems == []


def test_a_column_of_an_option_that_the_item_does_not_have_is_not_the_item() -> None:
    document = form(item("n", "最需要什么？", kind="multiple", role="profile", options=SPORTS))
    found, problems = plan(
        [column(0, "最需要什么？", stem="最需要什么？", option="读书")], document
    )
    assert (found.single, found.spread, found.not_asked) == ({}, {}, ("n",))
    assert problems == []


def test_a_multiple_choice_in_one_column_stays_in_one() -> None:
    document = form(item("n", "最需要什么？", kind="multiple", role="profile", options=SPORTS))
    found, _ = plan([column(0, "最需要什么？", kind="multiple")], document)
    assert (placed(found), found.spread) == ({"n": 0}, {})


def test_option_columns_are_not_free_for_the_next_item() -> None:
    document = form(
        item("n", "最需要什么？", kind="multiple", role="profile", options=SPORTS),
        item("m", "最需要什么？", kind="multiple", role="profile", options=SPORTS),
    )
    found, _ = plan([column(0, "x", stem="最需要什么？", option="运动")], document)
    assert list(found.spread) == ["n"]
    assert found.not_asked == ("m",)


def test_a_label_as_it_stands_outweighs_one_without_its_remark() -> None:
    options = [Option(code="1", label="其他（请注明）"), Option(code="2", label="其他")]
    document = form(item("n", "最需要什么？", kind="multiple", role="profile", options=options))
    columns = [
        column(0, "x", stem="最需要什么？", option="其他"),
        column(1, "x", stem="最需要什么？", option="其他 （请注明）"),
    ]
    found, _ = plan(columns, document)
    assert spread(found, "n") == [(0, "2"), (1, "1")]


def test_of_options_that_differ_in_their_remark_the_first_is_meant_without_it() -> None:
    options = [Option(code="1", label="其他（请注明）"), Option(code="2", label="其他【请说明】")]
    document = form(item("n", "最需要什么？", kind="multiple", role="profile", options=options))
    found, _ = plan([column(0, "x", stem="最需要什么？", option="其他")], document)
    assert spread(found, "n") == [(0, "1")]


# --- what is not there --------------------------------------------------------------------------

SCREENING = [Option(code="1", label="是"), Option(code="2", label="否", screen_out=True)]
GROUPS = [Option(code="1", label="居民", group="key")]


@pytest.mark.parametrize(
    ("role", "more", "needed"),
    [
        ("scored", {}, True),
        ("subject", {"options": []}, True),
        ("group", {"options": GROUPS}, True),
        ("rater", {"options": []}, True),
        ("screening", {"options": SCREENING}, True),
        ("overall", {}, False),
        ("need", {"kind": "multiple"}, False),
        ("profile", {}, False),
        ("open", {"kind": "text", "options": []}, False),
    ],
)
def test_what_no_evaluation_can_do_without_is_a_problem(
    role: str, more: dict[str, object], needed: bool
) -> None:
    document = form(item("a", "某个问题", role=role, **more))
    found, problems = plan([column(0, "备注")], document, group_is_known=False)
    assert found.not_asked == ("a",)
    assert [p.code for p in problems] == ["missing_column"] * needed


def test_a_group_that_is_known_for_the_file_need_not_be_asked() -> None:
    document = form(item("who", "您是", role="group", options=GROUPS), item("a", "办事方便"))
    _, problems = plan([column(0, "备注")], document, group_is_known=True)
    assert [p.message for p in problems] == ["缺少题目 a 的列"]


def test_a_missing_column_names_the_free_one_that_comes_nearest() -> None:
    document = form(item("a", "办事方便吗"), item("b", "办事方便么"))
    columns = [column(0, "备注"), column(1, "办事方便么"), column(2, "办事很方便吗")]
    _, (problem,) = plan(columns, document)
    assert (problem.row, problem.column, problem.found) == (
        1,
        "C",
        "相近的列名：办事很方便吗（以第 1 行为表头）",
    )
    _, (problem,) = plan(columns[:2], document)
    assert (problem.column, problem.found) == (None, "没有相近的列名（以第 1 行为表头）")


def test_near_begins_at_six_tenths_of_the_letters() -> None:
    # difflib: twice the common letters over all letters; 2*3/10 = 0.6 and 2*3/11
    document = form(item("a", "甲乙丙丁戊"))
    _, (near,) = plan([column(0, "甲乙丙子丑")], document)
    _, (far,) = plan([column(0, "甲乙丙子丑寅")], document)
    assert near.found == "相近的列名：甲乙丙子丑（以第 1 行为表头）"
    assert far.found == "没有相近的列名（以第 1 行为表头）"


# --- a crosswalk --------------------------------------------------------------------------------


def mapped(*columns: ColumnMapping) -> Crosswalk:
    return Crosswalk(
        id="x",
        questionnaire="q",
        layout="l",
        variant="number",
        approved=True,
        columns=list(columns),
    )


def test_a_crosswalk_decides_alone() -> None:
    document = form(
        item("a", "办事方便"),
        item("b", "环境整洁"),
        item("n", "最需要什么？", kind="multiple", role="profile", options=SPORTS),
        item("c", "别的", role="profile"),
    )
    columns = [
        column(0, "办事方便"),
        column(1, "x"),
        column(2, "其他"),
        column(3, "运动"),
        column(4, "昵称", metadata="nickname"),
        column(5, "总分", metadata="total"),
    ]
    found, problems = plan(
        columns,
        document,
        mapped(
            ColumnMapping(column=1, item=None),
            ColumnMapping(column=2, item="b", reversed=True),
            ColumnMapping(column=3, item="n", option="2"),
            ColumnMapping(column=4, item="n", option="1"),
        ),
    )
    assert problems == []
    assert placed(found) == {"b": 1}
    assert spread(found, "n") == [(2, "2"), (3, "1")]
    assert found.reversed == {"b"}
    assert found.not_asked == ("a", "c")
    assert found.unmapped == ("A: 办事方便",)
    assert found.dropped == ("E: 昵称",)


@pytest.mark.parametrize(("at", "name"), [(3, "a"), (1, "nobody")])
def test_a_crosswalk_that_names_what_is_not_there_is_a_problem(at: int, name: str) -> None:
    document = form(item("a", "办事方便"), item("b", "环境整洁"))
    found, problems = plan(
        [column(0, "x"), column(1, "y")],
        document,
        mapped(ColumnMapping(column=at, item=name), ColumnMapping(column=2, item="b")),
    )
    (problem,) = problems
    assert (problem.code, problem.file) == ("crosswalk_out_of_place", "对照表 x")
    assert (problem.key, problem.found) == (f"columns[{at}]", f"第 {at} 列 -> {name}")
    assert (problem.expected or "").startswith("1 到 2 列")
    assert placed(found) == {"b": 1}
    assert found.unmapped == ("A: x",)


def test_an_option_that_nobody_knows_belongs_to_the_stem_whose_others_are_known() -> None:
    """But not the platform's own columns, another item's, one of another stem, or one taken apart."""
    document = form(
        item("like", "爱好", kind="multiple", options=SPORTS), item("b", "爱好/程度"),
        item("none", "需求", kind="multiple", options=SPORTS),
    )  # fmt: skip
    headers = [
        "爱好/运动",
        "爱好/下棋",
        "爱好/来源",
        "爱好/程度",
        "需要/停车",
        "爱好/书法",
        "需求/停车",
    ]
    more: dict[int, dict[str, object]] = {2: {"metadata": "ip"}, 5: {"option": "书法"}}
    columns = [column(at, header, **more.get(at, {})) for at, header in enumerate(headers)]
    found = with_options(columns, document)
    assert [c.option for c in found] == ["运动", "下棋", None, None, None, "书法", None]
    assert [c.stem for c in found] == ["爱好", "爱好", *[None] * 5]
    assert [c.text for c in found[:2]] == ["爱好", "爱好"]
    assert found[2:] == tuple(columns[2:])


def test_a_row_of_a_matrix_is_its_stem_and_its_text_and_neither_alone() -> None:
    row = item("a", "态度", stem="服务")
    headings = ["服务-态度", "3、服务-态度", "服务-环境", "设施-态度", "态度-服务", "态度"]
    assert [is_row_of(column(0, heading), row) for heading in headings] == [True] * 2 + [False] * 4
    assert not is_row_of(column(0, "服务-态度"), item("a", "态度"))


def test_the_column_of_a_role_is_known_by_its_name_or_its_text_or_the_crosswalk() -> None:
    house = {"id": "house", "text": "楼组", "kind": "text", "role": "cluster"}
    document = form(item("a", "办事方便"), Item.model_validate(house))

    def at(*headers: str, by: Crosswalk | None = None) -> int | None:
        columns = [column(place, header) for place, header in enumerate(headers)]
        raw = files.sheet(headers, [[""] * len(headers)], columns=columns)
        return column_of("cluster", raw, document, by)

    assert at("备注", "楼组", "house") == 1
    assert at("备注", "house", "楼组") == 1
    assert at("备注", "楼 组", "办事方便") == 1
    assert at("备注", "办事方便") is None
    assert at("楼组", "x", by=files.crosswalk("q", [None, "house", "house"])) == 1
    assert at("楼组", "x", by=files.crosswalk("q", [None, "a"])) is None
