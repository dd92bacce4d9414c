"""One short questionnaire, and every line of what becomes of it in each format."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import openpyxl
import pytest

from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.forms import entry, wenjuanxing, xlsform

SUBJECTS = (Subject(id="s1", name="甲"), Subject(id="s2", name="乙[东]"))
SCALE = [
    Option(code="1", label="满意", score=100),
    Option(code="2", label="一般", score=60),
    Option(code="3", label="不满意", score=0),
]
YES_NO = [Option(code="1", label="是"), Option(code="2", label="否", screen_out=True)]
THINGS = [
    Option(code="a", label="停车"),
    Option(code="b", label="其他【请注明】"),
    Option(code="c", label="A 绿化→花坛"),
]


def item(id: str, text: str, **more: Any) -> Item:
    return Item(id=id, text=text, **more)


ITEMS = [
    item("live", "住满半年？", number=1, role="screening", options=YES_NO),
    item("where", "哪个居民区", number=2, role="subject"),
    item("m1", "办事", number=3, stem="满意吗", role="scored", options=SCALE),
    item("m2", "环境", number=3, stem="满意吗", role="scored", options=SCALE),
    item("need", "最多选2项", number=4, kind="multiple", role="need", options=THINGS),
    item("order", "请排序", number=5, kind="ranking", role="profile", options=THINGS[:2]),
    item("mark", "打分", number=6, kind="number", role="overall", minimum=0, maximum=10),
    item("say", "建议", number=7, kind="text", role="open"),
]
FORM = Questionnaire(id="q", title="居民问卷", introduction="请如实填写", items=ITEMS)
UNNUMBERED = Questionnaire(
    id="q", title="居民问卷", items=[one.model_copy(update={"number": None}) for one in ITEMS]
)


def test_the_text_for_the_platform_line_by_line() -> None:
    assert wenjuanxing.text(FORM, SUBJECTS) == (
        "居民问卷\n\n请如实填写\n\n"
        "1. 住满半年？[单选题]\n是\n否\n\n"
        "2. 哪个居民区[下拉框]\n甲\n乙［东］\n\n"
        "3. 满意吗[矩阵单选题]\n满意 一般 不满意\n办事\n环境\n\n"
        "4. 最多选2项[多选题]（选填）\n停车\n其他【请注明】\nA 绿化→花坛\n\n"
        "5. 请排序[排序题]（选填）\n停车\n其他【请注明】\n\n"
        "6. 打分[填空题]\n\n"
        "7. 建议[填空题]（选填）\n"
    )


def test_questions_are_counted_where_the_form_has_no_numbers() -> None:
    text = wenjuanxing.text(UNNUMBERED, SUBJECTS)
    heads = [line for line in text.split("\n") if line[:1].isdigit()]
    assert [head.split(".")[0] for head in heads] == ["1", "2", "3", "4", "5", "6", "7"]
    assert text.startswith("居民问卷\n\n1. 住满半年？")


def test_a_matrix_of_two_options_is_taken_apart_and_counted_on() -> None:
    two = [one.model_copy(update={"options": SCALE[:2]}) if one.stem else one for one in ITEMS]
    form = FORM.model_copy(update={"items": two})
    text = wenjuanxing.text(form, SUBJECTS)
    assert "满意吗[段落说明]\n\n3. 办事[单选题]\n满意\n一般\n\n4. 环境[单选题]" in text
    assert "\n5. 最多选2项" in text
    assert any(line.startswith("题号与问卷不同") for line in wenjuanxing.by_hand(form))
    assert not any(line.startswith("题号与问卷不同") for line in wenjuanxing.by_hand(FORM))


def test_a_matrix_whose_options_hold_blanks_is_taken_apart() -> None:
    spaced = [option.model_copy(update={"label": f"very {option.code}"}) for option in SCALE]
    items = [one.model_copy(update={"options": spaced}) if one.stem else one for one in ITEMS]
    assert "[矩阵单选题]" not in wenjuanxing.text(
        FORM.model_copy(update={"items": items}), SUBJECTS
    )


def test_committees_without_a_roster_are_written() -> None:
    assert "2. 哪个居民区[填空题]\n\n" in wenjuanxing.text(FORM, ())


@pytest.mark.parametrize(
    ("wording", "written"),
    [
        ("甲—乙", "甲－乙"),
        ("甲——乙", "甲——乙"),
        ("a_b{c}[d]", "a＿b｛c｝［d］"),
        ("---", "－－－"),
        ("=", "＝"),
        ("a-b=c", "a-b=c"),
        ("两\n行", "两行"),
        ("a\nb", "a b"),
    ],
)
def test_marks_that_mean_something_to_the_platform_are_written_wide(
    wording: str, written: str
) -> None:
    form = FORM.model_copy(
        update={"items": [item("x", wording, number=1, kind="text", role="open")]}
    )
    assert f"\n1. {written}[填空题]" in wenjuanxing.text(form, SUBJECTS)


def test_all_that_is_left_to_do_by_hand() -> None:
    assert wenjuanxing.by_hand(FORM) == (
        "第 1 题：选“否”的，设为跳转到结束",
        "第 4 题：题干中“限选几项”的字样可能被当作设置而去掉，请核对",
        "第 4 题：选项“其他【请注明】”设为可填写文字，核对文字没有被改动",
        "第 4 题：选项“A 绿化→花坛”含有平台的分隔符，请按序号导出答卷",
        "第 4 题：选项“A 绿化→花坛”开头的字母可能被去掉，请核对",
        "第 5 题：选项“其他【请注明】”设为可填写文字，核对文字没有被改动",
        "第 6 题：设为只能填 0 到 10 的数字",
    )
    assert wenjuanxing.by_hand(UNNUMBERED)[0] == "题目 live：选“否”的，设为跳转到结束"


# --- XLSForm ----------------------------------------------------------------------------------


def sheet(form: Questionnaire, title: str) -> list[dict[str, str]]:
    book = openpyxl.load_workbook(io.BytesIO(xlsform.workbook(form, SUBJECTS)))
    header, *body = book[title].iter_rows(values_only=True)
    names = [str(name).replace(f"::{xlsform.LANGUAGE}", "") for name in header]
    return [
        {name: str(value) for name, value in zip(names, row, strict=True) if value is not None}
        for row in body
    ]


def test_the_form_for_kobo_row_by_row() -> None:
    stays = "not(selected(${live}, '2'))"
    assert sheet(FORM, "survey") == [
        {"type": "note", "name": "introduction", "label": "请如实填写"},
        {"type": "select_one o_live", "name": "live", "label": "1. 住满半年？", "required": "yes"},
        {
            "type": "select_one subjects", "name": "where", "label": "2. 哪个居民区",
            "required": "yes", "relevant": stays, "appearance": "minimal autocomplete",
        },
        {
            "type": "begin_group", "name": "matrix_m1", "label": "3. 满意吗", "relevant": stays,
            "appearance": "table-list",
        },
        {"type": "select_one o_m1", "name": "m1", "label": "办事", "required": "yes"},
        {"type": "select_one o_m1", "name": "m2", "label": "环境", "required": "yes"},
        {"type": "end_group"},
        {
            "type": "select_multiple o_need", "name": "need", "label": "4. 最多选2项",
            "hint": "可多选", "relevant": stays,
        },
        {
            "type": "text", "name": "need_other", "label": "请注明",
            "relevant": "selected(${need}, 'b')",
        },
        {
            "type": "rank o_order", "name": "order", "label": "5. 请排序", "hint": "按先后排序",
            "relevant": stays,
        },
        {
            "type": "text", "name": "order_other", "label": "请注明",
            "relevant": "selected(${order}, 'b')",
        },
        {
            "type": "decimal", "name": "mark", "label": "6. 打分", "required": "yes",
            "relevant": stays, "constraint": ". >= 0 and . <= 10",
            "constraint_message": "不小于 0，不大于 10",
        },
        {
            "type": "text", "name": "say", "label": "7. 建议", "hint": "可以不答",
            "relevant": stays, "appearance": "multiline",
        },
    ]  # fmt: skip


def test_whoever_is_sent_home_by_either_question_is_asked_no_more() -> None:
    """Of two screening questions the second is asked of those who passed the first."""
    out = [
        Option(code="1", label="是", screen_out=True),
        Option(code="2", label="否", screen_out=True),
    ]
    items = [
        ITEMS[0],
        item(
            "adult",
            "成年？",
            number=2,
            role="screening",
            options=[*out, Option(code="3", label="已")],
        ),
        item("say", "建议", number=3, kind="text", role="open"),
    ]
    rows = sheet(FORM.model_copy(update={"items": items, "introduction": ""}), "survey")
    live = "not(selected(${live}, '2'))"
    adult = "not(selected(${adult}, '1')) and not(selected(${adult}, '2'))"
    assert [row.get("relevant") for row in rows] == [None, live, f"{live} and {adult}"]


def test_the_choices_row_by_row_each_list_once() -> None:
    found = [(row["list_name"], row["name"], row["label"]) for row in sheet(FORM, "choices")]
    assert found == [
        ("o_live", "1", "是"),
        ("o_live", "2", "否"),
        ("subjects", "s1", "甲"),
        ("subjects", "s2", "乙[东]"),
        ("o_m1", "1", "满意"),
        ("o_m1", "2", "一般"),
        ("o_m1", "3", "不满意"),
        ("o_need", "a", "停车"),
        ("o_need", "b", "其他【请注明】"),
        ("o_need", "c", "A 绿化→花坛"),
        ("o_order", "a", "停车"),
        ("o_order", "b", "其他【请注明】"),
    ]


def test_the_version_is_a_digest_of_form_and_committees() -> None:
    content = dump_yaml(FORM) + "s1\t甲\ns2\t乙[东]"
    expected = hashlib.sha256(content.encode()).hexdigest()[:10]
    assert xlsform.version(FORM, SUBJECTS) == expected
    assert sheet(FORM, "settings") == [
        {
            "form_title": "居民问卷", "form_id": "q", "version": expected,
            "default_language": xlsform.LANGUAGE,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "taken"),
    [("a.b-c_1", "a.b-c_1"), ("1a", "_1a"), ("-a", "_-a"), ("_a", "_a")],
)
def test_names_that_xml_takes(name: str, taken: str) -> None:
    assert xlsform.xml_name(name) == taken


def test_codes_that_change_on_the_way_are_told() -> None:
    options = [Option(code="很 好", label="好"), Option(code="it's", label="行", screen_out=True)]
    items = [
        item("1st", "问", number=1, role="screening", options=options),
        item("introduction", "名", number=2, kind="text", role="open"),
    ]
    form = FORM.model_copy(update={"items": items})
    assert xlsform.by_hand(form) == (
        "题目 1st 在表单中名为 _1st，导入答卷时须有对照表",
        "题目 1st 的选项序号“很 好”在表单中为“很_好”，导入答卷时须有对照表",
    )
    rows = sheet(form, "survey")
    assert [row["name"] for row in rows] == ["introduction_", "_1st", "introduction"]
    assert rows[2]["relevant"] == """not(selected(${_1st}, "it's"))"""


@pytest.mark.parametrize(
    ("bounds", "constraint"),
    [({"minimum": 1}, ". >= 1"), ({"maximum": 2.5}, ". <= 2.5"), ({}, None)],
)
def test_a_number_may_have_one_bound_or_none(bounds: dict[str, float], constraint: str) -> None:
    items = [item("x", "数", number=1, kind="number", role="profile", **bounds)]
    (row,) = sheet(FORM.model_copy(update={"items": items, "introduction": ""}), "survey")
    assert row.get("constraint") == constraint


# --- sheets for typing ------------------------------------------------------------------------


def test_headers_of_the_sheet_for_typing() -> None:
    assert entry.headers(FORM) == {
        "live": "1、住满半年？",
        "where": "2、哪个居民区",
        "m1": "3、满意吗—办事",
        "m2": "3、环境",
        "need": "4、最多选2项",
        "order": "5、请排序",
        "mark": "6、打分",
        "say": "7、建议",
    }
    assert entry.headers(UNNUMBERED)["m2"] == "环境"
    named = [ITEMS[0].model_copy(update={"header": "住满"}), *ITEMS[1:]]
    assert entry.headers(FORM.model_copy(update={"items": named}))["live"] == "住满"


def test_cells_offer_codes_and_say_what_they_mean() -> None:
    book = openpyxl.load_workbook(io.BytesIO(entry.workbook(FORM, SUBJECTS)))
    (page,) = book.worksheets
    assert page.title == "录入"
    header = [cell.value for cell in page[1]]
    assert header == ["编号", *entry.headers(FORM).values()]
    told: dict[str, tuple[str | None, str | None]] = {}
    for validation in page.data_validations.dataValidation:
        for area in validation.sqref.ranges:
            title = header[area.min_col - 1]
            lists, prompt = told.get(title, (None, None))
            told[title] = (validation.formula1 or lists, validation.prompt or prompt)
    assert told["1、住满半年？"] == ('"1,2"', "1 是\n2 否")
    assert told["2、哪个居民区"][0] == '"甲,乙[东]"'
    assert told["3、环境"] == ('"1,2,3"', "1 满意\n2 一般\n3 不满意")
    assert told["4、最多选2项"] == (
        None, "多选：序号之间空一格，如 1 4 7\na 停车\nb 其他【请注明】\nc A 绿化→花坛",
    )  # fmt: skip
    assert told["5、请排序"][1] == (
        "排序：按先后写序号，中间空一格，如 3 1 2\na 停车\nb 其他【请注明】"
    )
    assert told["6、打分"][1] == "0 到 10 的数字"
    assert "7、建议" not in told


@pytest.mark.parametrize(("letters", "offered"), [(4, True), (5, False)])
def test_a_list_of_committees_must_fit_into_a_cell(letters: int, offered: bool) -> None:
    """Six names of forty letters, six commas, and a last name of four make 250; Excel takes that."""
    names = [*("甲" * 39 + str(at) for at in range(6)), "乙" * letters]
    subjects = [Subject(id=f"s{at}", name=name) for at, name in enumerate(names)]
    book = openpyxl.load_workbook(io.BytesIO(entry.workbook(FORM, subjects)))
    lists = [v.formula1 for v in book.worksheets[0].data_validations.dataValidation if v.formula1]
    assert any("甲" in formula for formula in lists) is offered


def test_a_long_prompt_is_cut_to_what_excel_shows() -> None:
    options = [Option(code=str(at), label="字" * 40) for at in range(1, 9)]
    form = FORM.model_copy(
        update={"items": [item("x", "选", number=1, role="profile", options=options)]}
    )
    book = openpyxl.load_workbook(io.BytesIO(entry.workbook(form, SUBJECTS)))
    prompts = [v.prompt for v in book.worksheets[0].data_validations.dataValidation if v.prompt]
    (cut,) = (prompt for prompt in prompts if prompt.startswith("1 字"))
    assert len(cut) == 250
    assert cut.endswith("字…")
