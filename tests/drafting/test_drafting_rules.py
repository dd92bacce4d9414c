"""What a draft proposes and says, at its limits; values are matched, never likened."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.text import comparable
from evalkit.drafting.drafting import draft
from evalkit.drafting.questions import (
    Question,
    profile_of_item,
    questions,
    tally,
    why_left_out,
)
from evalkit.platforms import RawColumn, RawSheet, wenjuanxing
from evalkit.platforms.wenjuanxing import Codebook, CodedQuestion
from tests.intake import exported as files


def options(*labels: str) -> list[Option]:
    return [Option(code=str(at), label=label) for at, label in enumerate(labels, start=1)]


def form(*items: Item) -> Questionnaire:
    return Questionnaire(id="q", title="问卷", items=list(items))


def item(name: str, text: str, *labels: str, **more: object) -> Item:
    data = {"id": name, "text": text, "role": "profile", "options": options(*labels)}
    return Item.model_validate(data | more)


def column(header: str, *cells: str, **more: object) -> RawSheet:
    return files.sheet([header], [[cell] for cell in cells], **more)  # type: ignore[arg-type]


def drafted(sheet: RawSheet, document: Questionnaire, **more: object) -> Crosswalk:
    return draft(sheet, document, crosswalk_id="x", layout="l", **more)  # type: ignore[arg-type]


def only(crosswalk: Crosswalk) -> ColumnMapping:
    (mapping,) = crosswalk.columns
    return mapping


# --- values -------------------------------------------------------------------------------------

FORM = form(item("a", "办事方便吗", "满意", "不满意"))


def reasons(*cells: str, document: Questionnaire = FORM, **more: object) -> list[str]:
    mapping = only(drafted(column("办事方便吗", *cells), document, **more))
    assert mapping.item == document.items[0].id
    return mapping.because.split("；")


def test_a_value_is_named_with_the_option_it_resembles_from_three_tenths_on() -> None:
    labels = item("a", "办事方便吗", "甲乙丙丁", "满意")
    # 甲子丑寅卯: ^甲 of six and five pairs, 2/11; 甲乙子: 2 of four and five, 4/9
    said = reasons(*["满意"] * 9, "甲乙子", document=form(labels))
    assert said[-1] == "“甲乙子”（1 行）不在选项中，像“甲乙丙丁”（1），请决定"
    said = reasons(*["满意"] * 9, "甲子丑寅卯", document=form(labels))
    assert said[-1] == "“甲子丑寅卯”（1 行）不在选项中"


@pytest.mark.parametrize(("count", "more"), [(5, None), (6, 1), (7, 2)])
def test_at_most_five_open_values_are_named(count: int, more: int | None) -> None:
    names = "子丑寅卯辰巳午"[:count]
    said = [r for r in reasons(*["满意"] * 20, *names) if "不在选项中" in r]
    assert len(said) == min(count, 5) + (more is not None)
    if more is not None:
        assert said[-1] == f"另有 {more} 个取值不在选项中"


@pytest.mark.parametrize(("count", "listed"), [(50, True), (51, False)])
def test_a_column_of_more_than_fifty_strange_answers_is_not_listed(
    count: int, listed: bool
) -> None:
    cells = [f"别{chr(0x4E00 + at)}" for at in range(count)]
    crosswalk = drafted(column("办事方便吗", *["满意"] * 20, *cells), FORM)
    assert only(crosswalk).item == "a"
    assert len(crosswalk.values.get("a", {})) == (count if listed else 0)
    assert (f"{count} 个取值不在选项中，未逐一列出" in only(crosswalk).because) == (not listed)


def test_values_that_look_personal_are_counted_and_never_named() -> None:
    said = reasons(*["满意"] * 20, "13800138000", "13900139000", "一般")
    assert "2 个取值像个人信息，未列出，请到文件中查看" in said
    assert not any("1380" in reason or "1390" in reason for reason in said)
    assert not any("个人信息" in reason for reason in reasons(*["满意"] * 20, "一般"))


def test_spellings_that_compare_equal_are_one_value() -> None:
    crosswalk = drafted(column("办事方便吗", *["满意"] * 9, "还 行", "还行", "还行"), FORM)
    assert list(crosswalk.values["a"]) == ["还 行"]
    assert "“还 行”（3 行）不在选项中" in only(crosswalk).because


def test_numbers_resemble_nothing() -> None:
    sheet = column("办事方便吗", *["1", "2"] * 9, "12", variant="number")
    crosswalk = drafted(sheet, FORM)
    assert set(crosswalk.values["a"]) == {"12"}
    assert only(crosswalk).because.endswith("“12”（1 行）不在选项中")


def test_a_text_has_no_values() -> None:
    document = form(item("a", "办事方便吗", kind="text"))
    assert drafted(column("办事方便吗", "7", "八"), document).values == {}


def test_what_is_no_number_within_the_limits_is_undecided_with_the_number_it_holds() -> None:
    document = form(item("a", "打几分", kind="number", minimum=0, maximum=10))
    crosswalk = drafted(column("打几分", "7", "八", "7分", "11"), document)
    assert crosswalk.values == {"a": {"八": "?", "7分": "?", "11": "?"}}
    assert "“7分”（1 行）不是0 到 10 的数，像 7，请决定" in only(crosswalk).because


def book(labels: dict[int, str]) -> Codebook:
    coded = tuple(wenjuanxing.Option(label, code, 9) for code, label in labels.items())
    question = CodedQuestion(1, "single", "", (), coded, (0,), (0,), 9, 9)
    return Codebook((question,), "sequence", 9, 9, 9, 9, ())


SCALE = form(
    Item(
        id="a",
        number=1,
        text="办事方便吗",
        role="profile",
        options=[*options("满意", "一般", "不满意"), Option(code="4", label="不了解", missing="dont_know")],
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "backwards", "values"),
    [
        ({1: "满意", 2: "一般", 3: "不满意", 4: "不了解"}, False, {}),
        ({1: "不满意", 2: "一般", 3: "满意", 4: "不了解"}, True, {}),
        ({1: "不满意", 2: "一般", 3: "满意"}, True, {}),
        ({1: "不满意", 2: "满意", 3: "一般", 4: "不了解"}, False, {"1": "3", "2": "1", "3": "2"}),
        ({1: "不了解", 2: "一般", 3: "不满意", 4: "满意"}, False, {"1": "4", "4": "1"}),
    ],
)
def test_a_codebook_tells_the_direction_of_the_scale_and_leaves_the_rest(
    labels: dict[int, str], backwards: bool, values: dict[str, str]
) -> None:
    sheet = column("1、办事方便吗", *[str(code) for code in labels] * 5, variant="number")
    crosswalk = drafted(sheet, SCALE, codebook=book(labels))
    assert only(crosswalk).reversed == backwards
    assert crosswalk.values.get("a", {}) == values
    if backwards:
        assert crosswalk.changes == ["第 1 题“办事方便吗”的序号与问卷 a 方向相反，已按反向起草"]
    elif values:
        (change,) = crosswalk.changes
        assert change.startswith("第 1 题“办事方便吗”的序号与问卷 a 不同，按选项文字对照：1→")
    else:
        assert crosswalk.changes == []


def test_one_label_alone_shows_no_direction() -> None:
    sheet = column("1、办事方便吗", *["1", "2"] * 9, variant="number")
    crosswalk = drafted(sheet, SCALE, codebook=book({1: "不满意", 2: "没听过"}))
    assert not only(crosswalk).reversed
    assert crosswalk.values["a"]["1"] == "3"
    assert "“2（没听过）”（9 行）不在选项中" in only(crosswalk).because


# --- columns ------------------------------------------------------------------------------------


def test_what_is_not_like_anything_is_told_apart_from_what_is_taken() -> None:
    document = form(item("a", "环境整洁程度如何", "好", "差"))
    sheet = files.sheet(
        ["环境整洁程度如何", "环境整洁程度怎样", "环境整洁", "甲乙丙"],
        [["好", "好", "子", "好"], ["差", "差", "丑", "差"]] * 5,
    )
    told = [m.because for m in drafted(sheet, document).columns]
    assert told[1] == "相似的题目 a 已由另一列对应"
    # wording 2 * 4 / 14 and no option: 0.5 * 0.571 / 0.7
    assert told[2] == "没有足够相似的题目；最接近的是 a，相似度 0.41"
    assert told[3] == "没有相似的题目；回答与 a 的选项相同"


def test_option_columns_are_taken_once_each() -> None:
    document = form(item("n", "最需要什么", "停车", "就医", kind="multiple", number=6))
    columns = [
        RawColumn(at, f"第6题({o})", 6, "", "最需要什么", o, "multiple")
        for at, o in enumerate(("就 医", "停车", "停 车", "读书"))
    ]
    sheet = files.sheet([c.header for c in columns], [["1", "0", "1", "0"]] * 9, columns=columns, variant="number")  # fmt: skip
    found = [(m.item, m.option, m.certainty) for m in drafted(sheet, document).columns]
    assert [f[:2] for f in found] == [("n", "2"), ("n", "1"), ("?", None), ("?", None)]
    assert found[0][2] == found[1][2] is not None
    because = [m.because for m in drafted(sheet, document).columns]
    assert because[0].endswith("；选项文字与 2 相同")
    assert because[2] == "属于题目 n，但“停 车”不在选项中"
    assert because[3] == "属于题目 n，但“读书”不在选项中"


def test_option_columns_are_no_single_choice() -> None:
    document = form(item("n", "最需要什么", "停车", "就医", number=6))
    columns = [
        RawColumn(at, f"第6题({o})", 6, "", "最需要什么", o, "multiple")
        for at, o in enumerate(("就医", "停车"))
    ]
    sheet = files.sheet([c.header for c in columns], [["1", "0"]] * 9, columns=columns, variant="number")  # fmt: skip
    assert {m.because for m in drafted(sheet, document).columns} == {"没有相似的题目"}


def test_a_codebook_makes_a_table_one_of_numbers() -> None:
    cells = ["满意", "不满意"] * 9
    assert drafted(column("办事方便吗", *cells, variant=None), FORM).variant == "text"
    assert drafted(column("办事方便吗", *cells, variant="score"), FORM).variant == "score"
    sheet = column("办事方便吗", *cells, variant=None)
    assert drafted(sheet, FORM, codebook=book({})).variant == "number"


def test_what_the_last_wave_decided_needs_its_question_its_approval_and_its_items() -> None:
    document = form(item("a", "甲乙丙", "满意", "不满意"), item("b", "子丑寅", "有", "无"))
    sheet = column("x_1", *["1", "2"] * 9, variant="number")

    def proposed(**more: object) -> str | None:
        data = {"id": "o", "questionnaire": "q", "layout": "l", "variant": "number",
                "approved": True, "columns": [ColumnMapping(column=1, item="b")]}  # fmt: skip
        earlier = Crosswalk.model_validate(data | more)
        return only(drafted(sheet, document, previous=sheet, previous_crosswalk=earlier)).item

    assert proposed() == "b"
    assert proposed(columns=[ColumnMapping(column=1, item="a")]) == "a"
    assert proposed(columns=[ColumnMapping(column=1, item="gone")]) == "?"
    assert proposed(columns=[ColumnMapping(column=2, item="b")]) == "?"
    assert proposed(columns=[ColumnMapping(column=1, item=None)]) == "?"
    assert proposed(approved=False) == "?"
    assert proposed(questionnaire="p") == "?"


def test_names_of_committees_are_carried_over_if_they_occur() -> None:
    document = form(Item(id="where", text="所在居民区", role="subject"))
    sheet = column("所在居民区", *["老甲", "东 头"] * 9)
    earlier = files.crosswalk("q", ["where"], subjects={"老甲": "jia", "东头": None, "西头": "yi"})
    crosswalk = drafted(sheet, document, previous=sheet, previous_crosswalk=earlier)
    assert crosswalk.subjects == {"老甲": "jia", "东头": None}


# --- questions ----------------------------------------------------------------------------------


def raw(header: str, **more: object) -> RawColumn:
    return RawColumn(0, header, None, header, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column_", "cells", "why"),
    [
        (raw("来自IP", metadata="ip"), {"x": 1}, "个人信息，不导入"),
        (raw("序号", metadata="sequence"), {"1": 1}, "平台字段，不导入"),
        (raw(" "), {"": 9}, "空列"),
        (raw(" "), {"": 9, "甲": 1}, None),
        (raw("甲"), {"": 9}, None),
        (raw("甲"), {"13812345678": 1, "无": 1}, "个人信息，不导入"),  # a half
        (raw("甲"), {"13812345678": 1, "无": 1, "没": 1}, None),
        (raw("甲"), {"13812345678": 1, "": 9, "无": 1}, "个人信息，不导入"),
        (raw("甲"), {"31010719900101123X": 1}, "个人信息，不导入"),
        (raw("甲"), {"wang.li+1@mail.example.cn": 1}, "个人信息，不导入"),
        (raw("甲"), {"12812345678": 1}, "个人信息，不导入"),
        (raw("甲"), {"2016-12-31": 1}, None),
        (raw("甲"), {"打13812345678": 1}, "个人信息，不导入"),
        (raw("甲"), {"138 1234 5678": 1}, "个人信息，不导入"),
        (raw("您的姓名："), {"": 3}, "个人信息，不导入"),
        (raw("请填写您的真实姓名"), {"": 3}, "个人信息，不导入"),
        (raw("填表人的联系电话"), {"": 3}, "个人信息，不导入"),
        (raw("QQ号"), {"": 3}, "个人信息，不导入"),
        (raw("E-mail"), {"": 3}, "个人信息，不导入"),
        (raw("家庭住址"), {"": 3}, "个人信息，不导入"),
        (raw("知道书记的姓名吗"), {"": 3}, None),
    ],
)
def test_why_a_column_is_left_out(
    column_: RawColumn, cells: dict[str, int], why: str | None
) -> None:
    assert why_left_out(column_, cells) == why


def asked(
    sheet: RawSheet, meaning: str = "text", codebook: Codebook | None = None
) -> Sequence[Question]:
    return questions(sheet, tally(sheet), meaning, codebook)  # type: ignore[arg-type]


def test_answers_are_counted_without_missing_marks_footers_and_texts_beside() -> None:
    headers = ("序号", "1、满意吗？")
    rows = [["1", "满意"], ["2", "其他〖好〗"], ["3", "其他"], ["4", "(空)"], ["5", "(跳过)"], ["合计", "9"]]  # fmt: skip
    (question,) = asked(files.sheet(headers, rows))
    assert question.counts == {"满意": 1, "其他": 2}
    assert question.profile.values == {"满意": 1, "其他": 2}
    assert (question.profile.number, question.profile.texts) == (1, ("满意吗?",))
    assert question.name == "第 1 题“满意吗？”"
    assert not question.spread


def test_several_choices_and_rankings_are_counted_one_by_one() -> None:
    sheet = files.sheet(
        ["1、要什么？(多选题)", "2、请排序(排序题)"],
        [["停车┋就医", "甲→乙"], ["停车", "乙→甲"]],
    )
    several, ranked = asked(sheet)
    assert several.counts == {"停车": 2, "就医": 1}
    assert ranked.counts == {"甲": 2, "乙": 2}
    codes = asked(sheet, "number")
    assert codes[0].counts == {"停车┋就医": 1, "停车": 1}
    assert codes[1].counts == {"甲→乙": 1, "乙→甲": 1}


def test_columns_of_one_question_are_one_question() -> None:
    labels = ("停车", "就医")
    columns = [RawColumn(at, f"第6题({o})", 6, "", "要什么", o, "multiple") for at, o in enumerate(labels)]  # fmt: skip
    columns += [RawColumn(2, "第7题(停车)", 7, "", "缺什么", "停车", "ranking")]
    sheet = files.sheet(
        [c.header for c in columns], [["1", "0", "2"], ["1", "-3", ""], ["", "1", "0"]], columns=columns, variant="number"
    )  # fmt: skip
    first, second = asked(sheet, "number")
    assert (first.spread, first.counts) == (True, {"停车": 2, "就医": 1})
    assert (first.profile.kind, second.profile.kind) == ("multiple", "ranking")
    assert first.profile.options == {"停车", "就医"}
    assert (first.name, second.counts) == ("第 6 题“要什么”", {"停车": 1})


def test_numbers_have_the_labels_of_the_codebook() -> None:
    sheet = column("1、满意吗？", "1", "1", "2", "3", variant="number")
    (question,) = asked(sheet, "number", book({1: "好", 2: "差"}))
    assert question.meaning == "text"
    assert question.counts == {"1": 2, "2": 1, "3": 1}
    assert question.profile.values == {"好": 2, "差": 1, "3": 1}
    (plain,) = asked(sheet, "number")
    assert (plain.meaning, dict(plain.labels)) == ("number", {})
    (text,) = asked(sheet, "text", book({1: "好", 2: "差"}))
    assert text.profile.values == {"1": 2, "2": 1, "3": 1}


def test_a_question_has_the_number_of_its_column_or_of_a_bare_header() -> None:
    columns = [
        RawColumn(0, "Q3", None, "Q3"),
        RawColumn(1, "Q4", 5, "环境"),
        RawColumn(2, "满意吗", None, "满意吗"),
    ]
    sheet = files.sheet([c.header for c in columns], [["1", "1", "1"]], columns=columns)
    bare, numbered, plain = asked(sheet)
    assert [q.profile.number for q in (bare, numbered, plain)] == [3, 5, None]
    assert [q.name for q in (bare, numbered, plain)] == ["第 3 题“Q3”", "第 5 题“环境”", "“满意吗”"]


def test_an_item_is_described_by_all_it_says() -> None:
    own = form(
        item("a", "办事方便", "好", "差", number=4, stem="对服务 满意吗", header="H1")
    ).items[0]
    found = profile_of_item(own, list(own.options), "text")
    assert (found.number, found.stem, found.kind) == (4, comparable("对服务 满意吗"), "single")
    assert found.texts == ("办事方便", comparable("H1"))
    assert found.codes == {"a", comparable("H1")}
    assert found.options == {"好", "差"}
    assert profile_of_item(own, list(own.options), "number").options == {"1", "2"}
