from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.drafting.drafting import Change, compare, draft
from evalkit.errors import Problems
from evalkit.intake.columns import plan_columns
from evalkit.platforms import RawColumn, RawSheet, read, wenjuanxing
from evalkit.platforms.wenjuanxing import Codebook, CodedQuestion

ROWS = 60
SCALE = ("非常满意", "满意", "基本满意", "不满意", "不了解")


def options(*labels: str) -> list[Option]:
    return [
        Option(code=str(at), label=label, score=100 - 20 * at)
        if label != "不了解"
        else Option(code=str(at), label=label, missing="dont_know")
        for at, label in enumerate(labels, start=1)
    ]


def questionnaire(*more: Item) -> Questionnaire:
    service, staff = "您对居民区下列服务满意吗？", "您对居民区下列人员满意吗？"
    return Questionnaire(
        id="resident",
        title="居民问卷",
        scales={"satisfaction": options(*SCALE)},
        items=[
            Item(id="where", number=1, text="您住在哪个居民区？", role="subject"),
            Item(
                id="visits",
                number=2,
                text="近一年居民区干部上门走访过您家几次？",
                options=options("没有", "一次", "两次", "三次或更多"),
            ),
            Item(id="s1", number=3, stem=service, text="总体评价", scale="satisfaction"),
            Item(id="s2", number=3, stem=service, text="文体活动", scale="satisfaction"),
            Item(id="p1", number=4, stem=staff, text="总体评价", scale="satisfaction"),
            Item(id="p2", number=4, stem=staff, text="办事能力", scale="satisfaction"),
            Item(
                id="needs",
                number=5,
                text="您目前最需要哪些服务？",
                kind="multiple",
                role="need",
                options=options("助餐", "停车", "就医", "其他"),
            ),
            Item(id="open", number=6, text="您还有什么意见和建议？", kind="text", role="open"),
            *more,
        ],
    )


HEADERS = (
    "序号",
    "提交答卷时间",
    "来自IP",
    "1、您住在哪个居民区？",
    "2、近一年居民区干部上门走访过您家几次？",
    "3、您对居民区下列服务满意吗？—总体评价",
    "文体活动",
    "4、您对居民区下列人员满意吗？—总体评价",
    "办事能力",
    "5、您目前最需要哪些服务？",
    "6、您还有什么意见和建议？",
)


def cell(header: str, row: int) -> str:
    """Answer by text, cycling through the options."""
    if "序号" in header:
        return str(row + 1)
    if "时间" in header:
        return f"2016/11/{row % 28 + 1} 10:00:00"
    if "IP" in header:
        return "10.0.0.1(上海-上海)"
    if "哪个居民区" in header:
        return ("杏梅园居民区", "玉佛城居民区")[row % 2]
    if "走访" in header:
        return ("没有", "一次", "两次", "三次或更多")[row % 4]
    if "最需要" in header:
        return ("助餐┋停车", "就医", "其他〖电梯〗")[row % 3]
    if "意见" in header:
        return f"意见 {row}" if row % 3 else "(空)"
    return SCALE[row % 5]


def make_sheet(
    headers: tuple[str, ...] = HEADERS,
    cells: dict[int, list[str]] | None = None,
    *,
    variant: str | None = "text",
    parsed: bool = True,
) -> RawSheet:
    values = {
        at: [cell(header, row) for row in range(ROWS)] for at, header in enumerate(headers)
    } | (cells or {})
    frame = pd.DataFrame(values, index=range(2, ROWS + 2), dtype="str")
    columns = (
        wenjuanxing.parse(headers)
        if parsed
        else tuple(RawColumn(at, header, None, header) for at, header in enumerate(headers))
    )
    return RawSheet(
        file="responses/居民.xlsx",
        sheet=None,
        platform="wenjuanxing" if parsed else "table",
        variant=variant,
        columns=wenjuanxing.settle(columns, frame) if parsed else columns,
        cells=frame,
        encoding=None,
        sha256="",
    )


def drafted(sheet: RawSheet, document: Questionnaire | None = None, **more: object) -> Crosswalk:
    crosswalk = draft(
        sheet,
        document or questionnaire(),
        crosswalk_id="2016-resident",
        layout="abc",
        **more,  # type: ignore[arg-type]
    )
    assert not crosswalk.approved
    assert list(crosswalk.faults()) == []
    assert [m.column for m in crosswalk.columns] == list(range(1, len(sheet.columns) + 1))
    assert Crosswalk.model_validate(yaml.safe_load(dump_yaml(crosswalk))) == crosswalk
    return crosswalk


def items(crosswalk: Crosswalk) -> dict[int, str | None]:
    return {mapping.column: mapping.item for mapping in crosswalk.columns}


def by_item(crosswalk: Crosswalk, item: str) -> ColumnMapping:
    (mapping,) = [m for m in crosswalk.columns if m.item == item]
    return mapping


# --- columns ----------------------------------------------------------------------------------


def test_a_file_that_fits_is_certain() -> None:
    crosswalk = drafted(make_sheet())
    assert list(items(crosswalk).values()) == [
        None, None, None, "where", "visits", "s1", "s2", "p1", "p2", "needs", "open",
    ]  # fmt: skip
    assert crosswalk.values == {}
    assert crosswalk.variant == "text"
    assert crosswalk.drafted_from == "responses/居民.xlsx"
    assert by_item(crosswalk, "visits").certainty == 1.0
    assert by_item(crosswalk, "visits").because == "题号相同；题干相同；选项 4/4 相同"
    assert {m.because for m in crosswalk.columns[:2]} == {"平台字段，不导入"}
    assert crosswalk.columns[2].because == "个人信息，不导入"


def test_an_approved_draft_plans_every_item() -> None:
    sheet = make_sheet(
        tuple(h.replace("您目前最", "您现在").replace("6、", "8、") for h in HEADERS)
    )
    crosswalk = drafted(sheet).model_copy(update={"approved": True})
    problems = Problems()
    plan = plan_columns(sheet, questionnaire(), crosswalk, True, problems)
    assert not problems
    assert plan.not_asked == ()
    assert plan.unmapped == ()


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_the_columns_does_not_matter(seed: int) -> None:
    sheet = make_sheet()
    expected = {m.header: (m.item, m.certainty) for m in drafted(sheet).columns}
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(HEADERS)).tolist()
    moved = tuple(replace(sheet.columns[old], position=new) for new, old in enumerate(order))
    cells = sheet.cells[order].set_axis(range(len(order)), axis=1)
    shuffled = drafted(replace(sheet, columns=moved, cells=cells))
    assert {m.header: (m.item, m.certainty) for m in shuffled.columns} == expected


def test_reworded_and_renumbered_questions_are_found_and_less_certain() -> None:
    headers = (
        "序号",
        "2、您居住在哪一个居民区？",
        "3、最近一年，居民区干部到您家上门走访过几次？",
        "4、您对本居民区的下列服务满意吗？—总体评价",
        "文体类活动",
        "5、您对本居民区的下列人员满意吗？—总体评价",
        "办事的能力",
    )
    crosswalk = drafted(make_sheet(headers))
    assert list(items(crosswalk).values()) == [None, "where", "visits", "s1", "s2", "p1", "p2"]
    found = by_item(crosswalk, "visits")
    assert found.certainty is not None
    assert 0.5 < found.certainty < 0.9
    assert found.because.startswith("题号顺移；题干相似度 0.")
    assert "选项 4/4 相同" in found.because


def test_a_question_with_the_number_and_options_of_another_is_proposed_and_asked_about() -> None:
    headers = tuple("2、近一年您参加志愿服务几次？" if h.startswith("2、") else h for h in HEADERS)
    choices = ["没有", "一次", "两次", "三次或更多"] * (ROWS // 4)
    crosswalk = drafted(make_sheet(headers, {4: choices}))
    mapping = crosswalk.columns[4]
    assert mapping.item == "visits"
    assert mapping.certainty == 0.4
    assert mapping.because.endswith("选项 4/4 相同；题干不像，请核对是不是同一道题")


def test_a_question_with_the_number_of_another_and_other_answers_is_undecided() -> None:
    headers = tuple("2、近一年您参加志愿服务几次？" if h.startswith("2、") else h for h in HEADERS)
    mapping = drafted(make_sheet(headers, {4: ["没有", "常去", "偶尔"] * (ROWS // 3)})).columns[4]
    assert (mapping.item, mapping.certainty) == ("?", None)
    assert mapping.because


def test_equally_similar_questions_are_named_as_uncertain() -> None:
    headers = tuple(f"Q{n}" for n in (3, 3, 4, 4))
    cells = {at: [SCALE[row % 5] for row in range(ROWS)] for at in range(4)}
    crosswalk = drafted(make_sheet(headers, cells, parsed=False))
    assert list(items(crosswalk).values()) == ["s1", "s2", "p1", "p2"]
    for mapping, other in zip(crosswalk.columns, ("s2", "s1", "p2", "p1"), strict=True):
        assert mapping.certainty is not None
        assert mapping.certainty < 0.5
        assert f"题目 {other} 也相似，请核对" in mapping.because


def test_headers_that_are_other_codes_say_nothing() -> None:
    cells = {at: [SCALE[row % 5] for row in range(ROWS)] for at in range(2)}
    crosswalk = drafted(make_sheet(("a_01", "a_02"), cells, parsed=False))
    assert list(items(crosswalk).values()) == ["?", "?"]
    assert {m.because for m in crosswalk.columns} == {"没有相似的题目"}


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("7、您的手机号码", "保密"),
        ("7、请填写您的姓名：", "张三"),
        ("7、如需回访请留言", "13812345678"),
        ("7、补充信息", "310107199001011234"),
        ("微信昵称", "小张"),
    ],
)
def test_personal_columns_are_never_drafted(header: str, answer: str) -> None:
    text = header.removeprefix("7、")
    document = questionnaire(Item(id="who", number=7, text=text, kind="text", role="open"))
    crosswalk = drafted(make_sheet((*HEADERS, header), {11: [answer] * ROWS}), document)
    assert crosswalk.columns[-1].item is None
    assert crosswalk.columns[-1].because == "个人信息，不导入"


def test_a_question_about_telephone_calls_is_not_personal() -> None:
    document = questionnaire(
        Item(id="call", number=7, text="社工电话回访过您吗？", options=options("有", "没有"))
    )
    sheet = make_sheet((*HEADERS, "7、社工电话回访过您吗？"), {11: ["有", "没有"] * (ROWS // 2)})
    assert drafted(sheet, document).columns[-1].item == "call"


def test_option_columns_get_item_and_option() -> None:
    headers = (
        "序号", "5、您目前最需要哪些服务？(就医)", "5 (助餐)", "5 (停车位)", "5 (其他)", "5 (遛狗)",
    )  # fmt: skip
    cells = {at: [str((row + at) % 2) for row in range(ROWS)] for at in range(1, 6)}
    crosswalk = drafted(make_sheet(headers, cells, variant="number"))
    found = [(m.item, m.option) for m in crosswalk.columns]
    assert found == [
        (None, None), ("needs", "3"), ("needs", "1"), ("needs", "2"), ("needs", "4"), ("?", None),
    ]  # fmt: skip
    # ^停 停车 车$ and ^停 停车 车位 位$: 2 * 2 of 7
    alike = crosswalk.columns[3]
    assert alike.certainty == pytest.approx(4 / 7, abs=0.005)
    assert "选项文字像 2（停车），请核对" in alike.because
    assert crosswalk.columns[5].because == "属于题目 needs，但“遛狗”不在选项中"
    assert crosswalk.values == {}  # 0 and 1 say it by themselves


def test_columns_of_marks_under_one_strange_stem_are_options_worded_otherwise() -> None:
    """Of a question of which several may be chosen; a matrix of yes and no is none."""
    stem = "您现在最需要哪些服务呢"
    own = ("助餐点", "停车位", "不需要停车")
    headers = ("序号", *(f"{stem} [{option}]" for option in own), f"{stem} [评分]")
    cells = {at: ["是" if (row + at) % 2 else "否" for row in range(ROWS)] for at in range(1, 4)}
    cells[4] = ["满意" if row % 2 else "不满意" for row in range(ROWS)]
    crosswalk = drafted(make_sheet(headers, cells, variant=None, parsed=False))
    found = [(m.item, m.option) for m in crosswalk.columns]
    assert found[1:4] == [("needs", "1"), ("needs", "2"), ("?", None)]
    assert found[4][1] is None
    assert all((m.certainty or 0) < 0.7 for m in crosswalk.columns)
    rows = [
        f"{row} [{column}]"
        for row, column in zip(("东门", "西门"), ("要修吗", "要修吗"), strict=True)
    ]
    matrix = drafted(
        make_sheet(("序号", *rows), {1: cells[1], 2: cells[2]}, variant=None, parsed=False)
    )
    assert {m.option for m in matrix.columns} == {None}


@pytest.mark.parametrize(("variant", "coded"), [("number", "12345"), ("score", None)])
def test_a_table_tells_what_its_cells_hold(variant: str, coded: str | None) -> None:
    document = questionnaire()
    scores = [f"{o.score:g}" for o in document.scales["satisfaction"] if o.score is not None]
    said = list(coded or scores)
    headers = ("总体评价", "文体活动", "办事能力")
    cells = {at: [said[(row + at) % len(said)] for row in range(ROWS)] for at in range(3)}
    crosswalk = drafted(make_sheet(headers, cells, variant=None, parsed=False))
    assert crosswalk.variant == variant
    assert list(items(crosswalk).values())[1:] == ["s2", "p2"]


# --- values -----------------------------------------------------------------------------------


def test_values_are_matched_after_normalisation_and_never_by_likeness() -> None:
    answers = ["满意", " 满 意", "基本満意", "较满意", "不了解"] * (ROWS // 5)
    crosswalk = drafted(make_sheet(cells={6: answers}))
    assert crosswalk.values == {"s2": {"基本満意": "?", "较满意": "?"}}
    because = by_item(crosswalk, "s2").because
    assert "“较满意”（12 行）不在选项中，像“非常满意”（1），请决定" in because
    assert "“基本満意”（12 行）不在选项中，像“基本满意”（3），请决定" in because


def test_text_beside_other_is_not_a_value() -> None:
    crosswalk = drafted(make_sheet(cells={9: ["其他〖电梯〗┋停车", "其他〖医院〗"] * (ROWS // 2)}))
    assert crosswalk.values == {}


def test_unheard_of_values_get_no_suggestion() -> None:
    crosswalk = drafted(make_sheet(cells={6: ["满意", "ABC"] * (ROWS // 2)}))
    assert crosswalk.values == {"s2": {"ABC": "?"}}
    assert by_item(crosswalk, "s2").because.endswith("“ABC”（30 行）不在选项中")


def book(labels: dict[int, str], number: int = 3, kind: str = "matrix") -> Codebook:
    coded = tuple(wenjuanxing.Option(label, code, 9) for code, label in labels.items())
    question = CodedQuestion(number, kind, "", (), coded, (5,), (5,), ROWS, ROWS)
    return Codebook((question,), "sequence", ROWS, ROWS, ROWS, ROWS, ())


def number_sheet(codes: str, headers: tuple[str, ...] = HEADERS) -> RawSheet:
    coded = {
        at: [codes[row % len(codes)] for row in range(ROWS)]
        for at, header in enumerate(headers)
        if "评价" in header or "活动" in header or "能力" in header
    }
    return make_sheet(headers, coded, variant="number")


def test_numbers_that_run_backwards_are_seen_in_the_codebook() -> None:
    labels = {1: "不满意", 2: "基本满意", 3: "满意", 4: "非常满意", 5: "不了解"}
    crosswalk = drafted(number_sheet("12345"), codebook=book(labels))
    flags = {m.item: m.reversed for m in crosswalk.columns if m.item}
    assert {item for item, flag in flags.items() if flag} == {"s1", "s2"}
    assert "s1" not in crosswalk.values
    assert "第 3 题“总体评价”的序号与问卷 s1 方向相反，已按反向起草" in crosswalk.changes
    assert "序号方向相反（据文本导出）" in by_item(crosswalk, "s1").because


def test_numbers_that_agree_with_the_codebook_change_nothing() -> None:
    labels = dict(enumerate(SCALE, start=1))
    crosswalk = drafted(number_sheet("12345"), codebook=book(labels))
    assert not any(m.reversed for m in crosswalk.columns)
    assert "s1" not in crosswalk.values
    assert crosswalk.changes == []


def test_other_numbers_are_mapped_by_the_label_of_the_codebook() -> None:
    labels = {1: "满意", 2: "非常满意", 3: "基本满意", 4: "比较不满意", 5: "不了解"}
    crosswalk = drafted(number_sheet("12345"), codebook=book(labels))
    assert crosswalk.values["s1"] == {"1": "2", "2": "1", "4": "?"}
    assert not by_item(crosswalk, "s1").reversed
    assert "按选项文字对照：1→2、2→1、3→3、5→5" in crosswalk.changes[0]
    assert "“4（比较不满意）”（12 行）不在选项中，像“不满意”（4），请决定" in (
        by_item(crosswalk, "s1").because
    )


# --- the last wave ----------------------------------------------------------------------------

CODED_HEADERS = ("序号", "A_01", "A_02", "B_01")


def coded_sheet(file: str = "x.csv") -> RawSheet:
    cells = {at: [str(row % 4 + 1) for row in range(ROWS)] for at in (1, 2, 3)}
    cells[3] = ["杏梅园区", "玉佛"] * (ROWS // 2)
    return replace(make_sheet(CODED_HEADERS, cells, variant="number", parsed=False), file=file)


def approved_crosswalk(**more: object) -> Crosswalk:
    data: dict[str, object] = {
        "id": "2015",
        "questionnaire": "resident",
        "layout": "old",
        "variant": "number",
        "approved": True,
        "columns": [
            ColumnMapping(column=2, header="A_01", item="visits"),
            ColumnMapping(column=3, header="A_02", item="s2", reversed=True),
            ColumnMapping(column=4, header="B_01", item="where"),
        ],
        "subjects": {"玉佛": "yufocheng", "别处": None},
    }
    return Crosswalk.model_validate(data | more)


def test_what_was_approved_for_the_last_wave_is_proposed_again() -> None:
    crosswalk = drafted(
        coded_sheet(), previous=coded_sheet("old.csv"), previous_crosswalk=approved_crosswalk()
    )
    assert list(items(crosswalk).values())[1:] == ["visits", "s2", "where"]
    assert "上一批次的对照表如此" in by_item(crosswalk, "visits").because
    assert by_item(crosswalk, "s2").reversed
    assert "上一批次的序号方向相反，沿用；请核对" in by_item(crosswalk, "s2").because
    assert crosswalk.subjects == {"玉佛": "yufocheng"}
    assert crosswalk.changes == []


def test_decided_values_are_kept_and_others_left_open() -> None:
    sheet = make_sheet(cells={6: ["满意", "较满意", "一般"] * (ROWS // 3)})
    before = drafted(sheet).model_copy(
        update={"approved": True, "values": {"s2": {"较 满意": "2", "从没见过": None}}}
    )
    crosswalk = drafted(sheet, previous=sheet, previous_crosswalk=before)
    assert crosswalk.values == {"s2": {"较满意": "2", "一般": "?"}}
    assert "“较满意”沿用上一批次的对照" in by_item(crosswalk, "s2").because


@pytest.mark.parametrize("more", [{"approved": False}, {"questionnaire": "other"}])
def test_what_was_not_approved_for_it_does_not_count(more: dict[str, object]) -> None:
    crosswalk = drafted(
        coded_sheet(),
        previous=coded_sheet("old.csv"),
        previous_crosswalk=approved_crosswalk(**more),
    )
    assert set(items(crosswalk).values()) == {"?"}


# --- changes between waves --------------------------------------------------------------------


def kinds(changes: tuple[Change, ...]) -> list[str]:
    return [change.kind for change in changes]


def only(changes: tuple[Change, ...]) -> Change:
    (change,) = changes
    return change


def test_nothing_changed() -> None:
    assert compare(make_sheet(), make_sheet()) == ()


def test_an_inserted_question_shifts_the_others() -> None:
    headers = (
        *HEADERS[:4],
        "2、您是本市户籍吗？",
        *(
            h.replace(f"{n}、", f"{n + 1}、")
            for h in HEADERS[4:]
            for n in [int(h[0]) if h[0].isdigit() else 0]
        ),
    )
    sheet = make_sheet(headers, {4: ["是", "否"] * (ROWS // 2)})
    changes = compare(make_sheet(), sheet)
    assert kinds(changes) == ["added", "renumbered"]
    assert changes[0].detail == "新增第 2 题“您是本市户籍吗？”（E 列）"
    assert (changes[1].old, changes[1].new) == ("2-6", "3-7")
    back = compare(sheet, make_sheet())
    assert kinds(back) == ["renumbered", "removed"]
    assert back[1].detail == "取消第 2 题“您是本市户籍吗？”（原 E 列）"
    assert set(drafted(sheet, previous=make_sheet()).changes) == {c.detail for c in changes}


def test_new_wording_of_a_question_and_of_a_stem() -> None:
    headers = tuple(
        h.replace("走访过您家几次", "走访您家多少次").replace("下列服务满意", "下列服务是否满意")
        for h in HEADERS
    )
    changes = compare(make_sheet(), make_sheet(headers))
    assert kinds(changes) == ["reworded", "reworded"]
    assert changes[0].new == "近一年居民区干部上门走访您家多少次？"
    assert changes[1].detail == (
        "第 3 题的总题干由“您对居民区下列服务满意吗？”改为“您对居民区下列服务是否满意吗？”"
    )


def test_a_new_label_and_a_rare_one() -> None:
    replaced = ["没有", "一次", "两次", "四次以上"] * (ROWS // 4)
    change = only(compare(make_sheet(), make_sheet(cells={4: replaced})))
    assert (change.kind, change.old, change.new) == (
        "options_changed", "“三次或更多”", "“四次以上”",
    )  # fmt: skip
    rare = ["没有", "一次", "两次", "三次或更多"] * (ROWS // 4 - 1) + ["没有"] * 3 + ["很多次"]
    assert compare(make_sheet(), make_sheet(cells={4: rare})) == ()


def test_an_option_column_more() -> None:
    def sheet(*labels: str) -> RawSheet:
        headers = ("序号", "5、您目前最需要哪些服务？(助餐)", *(f"5 ({label})" for label in labels))
        cells = {at: ["0", "1"] * (ROWS // 2) for at in range(1, len(headers))}
        return make_sheet(headers, cells, variant="number")

    change = only(compare(sheet("停车", "就医"), sheet("停车", "养老", "就医")))
    assert (change.kind, change.old, change.new) == ("options_changed", None, "“养老”")


def test_numbers_of_two_codebooks() -> None:
    before = book(dict(enumerate(SCALE[:4], start=1)))
    turned = book(dict(enumerate(reversed(SCALE[:4]), start=1)))
    shifted = book(dict(enumerate(SCALE[:4], start=2)))
    old, new = number_sheet("1234"), number_sheet("1234")
    assert compare(old, new, previous_codebook=before, codebook=before) == ()
    changes = compare(old, new, previous_codebook=before, codebook=turned)
    assert kinds(changes) == ["reversed", "reversed"]
    assert "非常满意 1→4、满意 2→3" in changes[0].detail
    new = number_sheet("2345")
    changes = compare(old, new, previous_codebook=before, codebook=shifted)
    assert kinds(changes) == ["recoded", "recoded", "options_changed", "options_changed"]


def test_numbers_without_a_codebook_that_mirror_the_last_wave() -> None:
    changes = compare(number_sheet("11112233451"), number_sheet("55554433215"))
    assert set(kinds(changes)) == {"reversed"}
    assert len(changes) == 4
    assert "疑似" in changes[0].detail
    assert compare(number_sheet("12345"), number_sheet("54321")) == ()


def test_another_kind_of_export() -> None:
    change = only(compare(make_sheet(), number_sheet("12345")))
    assert (change.kind, change.old, change.new) == ("exported_otherwise", "按文本", "按序号")


# --- real files -------------------------------------------------------------------------------


def read_sample(path: Path) -> RawSheet:
    problems = Problems()
    sheet = read(path, name=path.name, problems=problems)
    assert sheet is not None, list(problems)
    return sheet


@pytest.mark.shared
@pytest.mark.parametrize("survey", ["800_800", "357_357"])
def test_wenjuanxing_pairs_fit_their_own_codebook(shared: Path, survey: str) -> None:
    folder = shared / "samples" / "wenjuanxing"
    text = read_sample(folder / f"reportgen_{survey}_0.xls")
    number = read_sample(folder / f"reportgen_{survey}_2.xls")
    codes = wenjuanxing.codebook(text, number)
    document = Questionnaire(
        id="sample",
        title=survey,
        items=[
            Item(
                id=f"q{q.number}",
                number=q.number,
                text=q.text,
                role="profile",
                kind="multiple" if q.kind == "multiple" else "single",
                options=[Option(code=str(o.code), label=o.label) for o in q.options],
            )
            for q in codes.questions
        ],
    )
    for sheet, codebook in ((text, None), (number, codes), (number, None)):
        crosswalk = drafted(sheet, document, codebook=codebook)
        truth = {
            position + 1: f"q{q.number}"
            for q in codes.questions
            for position in (q.text_columns if sheet is text else q.number_columns)
        }
        assert {c: i for c, i in items(crosswalk).items() if i} == truth
        assert crosswalk.values == {}
        assert not any(m.reversed for m in crosswalk.columns)
    changes = compare(text, number)
    assert kinds(changes) == ["exported_otherwise"]


@pytest.mark.shared
def test_the_two_waves_of_kansas_city(shared: Path) -> None:
    folder = shared / "samples" / "community"
    old = read_sample(folder / "kcmo_FY2022_RS_Cleaned_safe.csv")
    new = read_sample(folder / "kcmo_mar_2022_safe.csv")
    changes = compare(old, new)
    assert kinds(changes) == ["options_changed"] * 3
    by_question = {change.detail.split("”")[0].strip("“"): change for change in changes}
    assert set(by_question) == {"q39_w", "q40_w", "quarte"}
    for header, change in by_question.items():
        before, after = (distinct(folder / sheet.file, header) for sheet in (old, new))
        assert change.old is not None
        assert change.new is not None
        assert change.old.strip("“”") in before - after
        assert change.new.strip("“”") in after - before
    path = Path(__file__).parents[1] / "kansas_city" / "questionnaires" / "resident.yaml"
    document = Questionnaire.model_validate(yaml.safe_load(path.read_text("utf-8")))
    crosswalk = drafted(new, document, previous=old)
    mapped = [m for m in crosswalk.columns if m.item is not None]
    assert {m.item for m in mapped} == {item.id for item in document.items}
    assert all(m.item == m.header and m.certainty == 1.0 for m in mapped)
    assert crosswalk.variant == "number"
    assert crosswalk.changes == [change.detail for change in changes]


def distinct(path: Path, header: str) -> set[str]:
    """Return a column's values, read without evalkit."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[header].strip() for row in csv.DictReader(file)}
