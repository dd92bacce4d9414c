"""What a cell says where exports differ: marks, joined choices, numbers, labels; nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.questionnaire import Option, Questionnaire
from evalkit.errors import Note, Problem
from evalkit.intake.marks import holds_marks, read_marks
from evalkit.pages.press.sentences import said
from evalkit.platforms import Platform, RawColumn, wenjuanxing
from evalkit.platforms.reading import PLATFORMS
from evalkit.platforms.wenjuanxing import Codebook, CodedQuestion
from tests.intake import exported as files
from tests.intake.exported import answer, imported, source

FORM = files.questionnaire("""
id: q
title: 问卷
items:
  - id: a
    number: 1
    text: 办事方便
    options:
      - {code: "1", label: 非常满意, score: 100}
      - {code: "2", label: 满意, score: 80}
      - {code: "3", label: 不满意, score: 0}
  - id: n
    number: 2
    text: 需求
    kind: multiple
    role: need
    options:
      - {code: "1", label: 停车}
      - {code: "2", label: 电梯}
      - {code: "3", label: 绿化、保洁}
  - id: t
    number: 3
    text: 打几分
    kind: number
    minimum: 0
    maximum: 10
    options: [{code: "99", label: 不知道, missing: dont_know}]
""")

Coded = list[tuple[object, str]]


def by(item: str, **more: object) -> Crosswalk:
    data = {
        "id": "x", "questionnaire": "q", "layout": "l", "variant": "text", "approved": True,
        "columns": [ColumnMapping(column=1, item=item)],
    }  # fmt: skip
    return Crosswalk.model_validate(data | more)


def coded(
    item: str, headers: list[str], rows: list[list[str]], **more: object
) -> tuple[Coded, list[Problem], tuple[Note, ...]]:
    variant = more.pop("sheet_variant", "text")
    raw = files.sheet(headers, rows, variant=variant)  # type: ignore[arg-type]
    found, problems = files.coded(raw, FORM, **more)  # type: ignore[arg-type]
    assert found is not None
    codes = [None if pd.isna(code) else code for code in found.codes[item]]
    told = [p for p in problems if p.code != "missing_column"]
    return list(zip(codes, found.states[item], strict=True)), told, found.notes


def column(item: str, *cells: str, **more: object) -> tuple[Coded, list[Problem]]:
    header = FORM.item(item).text
    found, problems, _ = coded(item, [header], [[cell] for cell in cells], **more)
    return found, problems


# --- one column an option -----------------------------------------------------------------------

HEADS = ["需求/停车", "需求/电梯", "需求/绿化、保洁"]
TICKED = [("1;3", "answered"), (None, "empty"), ("2", "answered")]


def marks(yes: str, no: str) -> list[list[str]]:
    return [[yes, no, yes], [no, no, no], [no, yes, no]]


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("1", "0"), ("TRUE", "FALSE"), ("true", ""), ("是", "否"), ("Y", "N"), ("y", ""), ("yes", "no"),
        ("√", ""), ("√", "×"), ("✔", "✘"), ("☑", "☐"), ("选中", "未选中"), ("１", "０"), ("1", "2"),
    ],
)  # fmt: skip
def test_marks_that_say_yes_and_no(yes: str, no: str) -> None:
    found, problems, notes = coded("n", HEADS, marks(yes, no))
    assert problems == []
    assert found == TICKED
    assert [note.code for note in notes] == (["one_and_two"] if no == "2" else [])


@pytest.mark.parametrize(
    "own",
    [["停车", "电梯", "绿化、保洁"], ["A. 停车", "B. 电梯", "C. 绿化、保洁"], ["1", "2", "3"]],
)
def test_an_option_may_be_marked_by_itself(own: list[str]) -> None:
    rows = [[own[0], "", own[2]], ["", "", ""], ["", own[1], ""]]
    found, problems, notes = coded("n", HEADS, rows)
    assert (found, problems, notes) == (TICKED, [], ())


@pytest.mark.parametrize(("mark", "other"), [("●", ""), ("X", ""), ("3", "0"), ("也许", "是")])
def test_a_mark_that_says_neither_is_a_problem_and_no_empty_answer(mark: str, other: str) -> None:
    found, problems, _ = coded("n", HEADS, [[mark, other, ""], ["", "", ""]])
    assert found[0] == (None, "invalid")
    assert [(p.code, p.found, p.row) for p in problems] == [("unknown_mark", mark, 2)]
    assert problems[0].column == "A 需求/停车"


def test_a_crosswalk_says_what_a_mark_means() -> None:
    columns = [ColumnMapping(column=at, item="n", option=str(at)) for at in (1, 2, 3)]
    said_ = by("n", columns=columns, values={"n": {"●": "1", "-": "0", "?!": None}})
    rows = [["●", "-", "●"], ["-", "-", "-"], ["-", "●", "-"], ["?!", "-", "-"]]
    found, problems, _ = coded("n", HEADS, rows, crosswalk=said_)
    assert problems == []
    assert found == [*TICKED, (None, "invalid")]
    said_ = by("n", columns=columns, values={"n": {"●": "?"}})
    _, problems, _ = coded("n", HEADS, [["●", "", ""]], crosswalk=said_)
    assert [(p.code, p.found) for p in problems] == [("undecided_value", "●")]


@pytest.mark.parametrize(
    "form",
    [
        "需求/{}",
        "需求 [{}]",
        "需求：{}",
        "需求.{}",
        "需求（{}）",
        "2、需求/{}",
        "n_{code}",
        "需求\n{}",
    ],
)
def test_options_in_plain_headings_are_recognised(form: str) -> None:
    headers = [form.format(o.label, code=o.code) for o in FORM.options_of(FORM.item("n"))]
    found, problems, _ = coded("n", headers, marks("1", "0"))
    assert (found, problems) == (TICKED, [])


def test_a_column_among_the_options_that_names_none_is_told_with_its_answers() -> None:
    headers = ["第2题(停车)", "第2题(电梯)", "第2题(养老)"]
    raw = files.sheet(headers, [["1", "0", "1"], ["0", "0", ""]], variant="number")
    columns = wenjuanxing.parse(headers)
    raw = files.sheet(headers, [["1", "0", "1"], ["0", "0", ""]], variant="number", columns=columns)
    _, problems = files.coded(raw, FORM)
    (told,) = [p for p in problems if p.code != "missing_column"]
    assert (told.code, told.found) == ("unknown_option_column", "养老")
    assert told.message == "题目 n 没有这一列的选项（1 个回答）"


@pytest.mark.parametrize("odd", ["x", "5", "2"])
def test_one_odd_cell_among_options_leaves_the_question_asked(odd: str) -> None:
    """The platform takes such columns for rows of a matrix; the questionnaire knows better."""
    headers = ["第2题(停车)", "第2题(电梯)", "第2题(绿化、保洁)"]
    rows = [["1", "0", "0"], ["0", odd, "1"], ["1", "1", "0"]]
    columns = wenjuanxing.parse(headers)
    cells = files.sheet(headers, rows, columns=columns).cells
    raw = files.sheet(headers, rows, variant="number", columns=wenjuanxing.settle(columns, cells))
    assert {column.kind for column in raw.columns} == {"matrix"}
    found, problems = files.coded(raw, FORM)
    (told,) = [p for p in problems if p.code != "missing_column"]
    assert (told.code, told.row, told.column, told.found) == (
        "unknown_mark", 3, "B 第2题(电梯)", odd,
    )  # fmt: skip
    assert found is not None
    assert found.codes["n"].tolist()[::2] == ["1", "1;2"]
    assert found.states["n"].tolist() == ["answered", "invalid", "answered"]


def test_an_option_that_nobody_knows_beside_others_is_told_in_plain_headings_too() -> None:
    headers = ["需求(停车)", "需求(电梯)", "需求(加装电梯)", "需求(其他说明)"]
    rows = [["1", "0", "1", ""], ["0", "1", "0", "要修路"]]
    columns = [RawColumn(at, header, None, header) for at, header in enumerate(headers)]
    _, problems = files.coded(files.sheet(headers, rows, variant="number", columns=columns), FORM)
    (told,) = [p for p in problems if p.code != "missing_column"]
    assert (told.code, told.column, told.found) == (
        "unknown_option_column", "C 需求(加装电梯)", "加装电梯",
    )  # fmt: skip


# --- several choices in one cell ----------------------------------------------------------------


@pytest.mark.parametrize("joint", ["┋", ", ", ",", "、", ";", "；", "\n", " ", "|", " / "])
def test_choices_are_parted_however_they_are_joined(joint: str) -> None:
    cells = [joint.join(["停车", "电梯"]), joint.join(["绿化、保洁", "停车"]), "电梯", "绿化、保洁"]
    found, problems = column("n", *cells)
    assert problems == []
    assert [code for code, _ in found] == ["1;2", "3;1", "2", "3"]


def test_the_part_that_is_no_option_is_told_with_its_rows() -> None:
    found, problems = column("n", "停车、养老", "养老, 电梯", "停车")
    assert [state for _, state in found] == ["invalid", "invalid", "answered"]
    assert [(p.found, p.message) for p in problems] == [("养老", "题目 n 没有这个选项（2 行）")]


# --- numbers ------------------------------------------------------------------------------------


def test_values_of_a_number_item_count() -> None:
    said_ = by(
        "t", values={"t": {"7分": "7", "十": "10", "R": None, "9*": None, "弃权": "99", "98": None}}
    )
    found, problems = column(
        "t", "8", "7分", "十", "R", "9*", "弃权", "99", "不知道", "98", crosswalk=said_
    )
    assert problems == []
    assert found == [
        ("8.0", "answered"), ("7.0", "answered"), ("10.0", "answered"), (None, "invalid"),
        (None, "invalid"), (None, "dont_know"), (None, "dont_know"), (None, "dont_know"),
        (None, "invalid"),
    ]  # fmt: skip


def test_numbers_beyond_the_limits_stay_problems_whatever_is_said_of_them() -> None:
    _, problems = column("t", "11", "-1", crosswalk=by("t", values={"t": {"11": None, "-1": None}}))
    assert [(p.code, p.found, p.expected) for p in problems] == [
        ("no_number", "-1", "0 到 10 的数 / 99=不知道"),
        ("no_number", "11", "0 到 10 的数 / 99=不知道"),
    ]


@pytest.mark.parametrize(
    ("cell", "remedy"),
    [
        ("1_0", "改正文件中的数"), ("nan", "改正文件中的数"), ("inf", "改正文件中的数"),
        ("1e1", "改正文件中的数"), ("0x5", "改正文件中的数"), ("70%", "去掉百分号"), ("1,000", "去掉千分位逗号"),
    ],
)  # fmt: skip
def test_what_only_a_program_takes_for_a_number_is_told(cell: str, remedy: str) -> None:
    found, (problem,) = column("t", cell, "７")
    assert found == [(None, "invalid"), ("7.0", "answered")]
    assert problem.remedy is not None
    assert problem.remedy.startswith(remedy)


# --- labels, letters, codebooks -----------------------------------------------------------------


def test_an_option_is_found_without_the_letter_that_numbers_it() -> None:
    form = files.questionnaire(
        "id: q\ntitle: 问卷\nitems:\n  - id: a\n    text: 渠道\n    role: profile\n    options:\n"
        '      - {code: "1", label: A. 上门}\n      - {code: "2", label: 电话}\n'
    )
    raw = files.sheet(["渠道"], [["上门"], ["A. 上门"], ["B、电话"], ["电话"]])
    found, problems = files.coded(raw, form)
    assert problems == []
    assert found is not None
    assert list(found.codes["a"]) == ["1", "1", "2", "2"]


def book(labels: dict[int, str]) -> Codebook:
    options = tuple(wenjuanxing.Option(label, code, 9) for code, label in labels.items())
    question = CodedQuestion(1, "single", "", (), options, (0,), (0,), 9, 9)
    return Codebook((question,), "sequence", 9, 9, 9, 9, ())


def test_a_label_that_no_option_has_keeps_no_number_of_the_questionnaire() -> None:
    twin = book({1: "不满意", 2: "较满意", 3: "非常满意"})
    raw = files.sheet(["1、办事方便"], [["1"], ["2"], ["3"], ["2"]], variant="number")
    found, problems = files.coded(raw, FORM, codebook=twin)
    (told,) = [p for p in problems if p.code != "missing_column"]
    assert found is not None
    assert list(found.codes["a"].fillna("")) == ["3", "", "1", ""]
    assert (told.code, told.row) == ("label_without_option", 3)
    assert told.found == "2（较满意）；可能是“满意”（2），请核对"
    assert "（2 行）" in told.message
    decided = by("a", variant="number", values={"a": {"2": "2"}})
    found, problems = files.coded(raw, FORM, codebook=twin, crosswalk=decided)
    assert found is not None
    assert list(found.codes["a"]) == ["3", "2", "1", "2"]
    assert [p.code for p in problems] == []


# --- what is undecided --------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["?", "？"])
def test_an_undecided_value_stops_with_its_rows_and_a_hint_that_is_not_taken(mark: str) -> None:
    open_ = by("a", values={"a": {"很满意": mark}})
    found, (problem,) = column("a", "很满意", "满意", "很满意", "不满意", crosswalk=open_)
    assert [state for _, state in found] == ["invalid", "answered", "invalid", "answered"]
    assert problem.code == "undecided_value"
    assert problem.found == "很满意；可能是“非常满意”（1），请核对"
    assert problem.message == "对照表还没有决定题目 a 的这个取值（2 行）"


def test_what_is_undecided_and_not_in_the_file_stops_nothing() -> None:
    open_ = by("a", values={"a": {"很满意": "?"}})
    assert column("a", "满意", crosswalk=open_)[1] == []


def test_a_draft_of_an_older_version_is_undecided_where_it_still_asks_to_look() -> None:
    asks = "“很满意”（1 行）不在选项中，像“满意”（2），请核对"
    old = by(
        "a",
        columns=[ColumnMapping(column=1, item="a", because=asks)],
        values={"a": {"很满意": None}},
    )
    (problem,) = column("a", "很满意", crosswalk=old)[1]
    assert problem.code == "undecided_value"
    assert "旧版草稿的 null 不算决定" in str(problem.remedy)
    by_hand = by("a", values={"a": {"很满意": None}})
    assert column("a", "很满意", crosswalk=by_hand) == ([(None, "invalid")], [])


def test_an_undecided_column_stops_with_its_answers() -> None:
    columns = [ColumnMapping(column=1, item="a"), ColumnMapping(column=2, item="?", because="不像")]
    open_ = by("a", columns=columns)
    _, problems, _ = coded(
        "a", ["办事方便", "别的"], [["满意", "甲"], ["满意", ""]], crosswalk=open_
    )
    assert [(p.code, p.column, p.found) for p in problems] == [
        ("undecided_column", "B", "别的；不像")
    ]
    assert "（1 个回答）" in problems[0].message
    assert coded("a", ["办事方便", "别的"], [["满意", ""]], crosswalk=open_)[1] == []


def test_an_undecided_name_stops_and_one_that_is_left_out_does_not() -> None:
    columns = [None, None, None, None, "live", "where", "r1", "r2"]
    rows = [
        answer("resident", 1),
        answer("resident", 2, 所在居民区="丁家"),
        answer("resident", 3, 所在居民区="丙"),
    ]
    said_ = files.crosswalk("resident", columns, subjects={"丁家": "?", "丙": None})
    found = imported(source("resident", rows, crosswalk=said_))
    assert [(p.code, p.found) for p in found.problems] == [("undecided_subject", "丁家")]


def test_what_an_approved_crosswalk_leaves_out_is_told_with_its_answers() -> None:
    said_ = files.crosswalk("resident", [None, None, None, None, None, "where", "r1", None])
    rows = [answer("resident", at) for at in (1, 2, 3)]
    found = imported(source("resident", rows, crosswalk=said_))
    assert found.codes == []
    assert [said(note) for note in found.report.notes] == [
        "计分题没有对应的列，这个文件的 3 份答卷都没有这些题的得分：r2（少 3 个回答）",
        "筛选题 live 没有对应的列：3 份答卷未经筛选，全部计入",
    ]


# --- columns ------------------------------------------------------------------------------------

ROWS = files.questionnaire("""
id: q
title: 问卷
items:
  - {id: a, number: 5, stem: 满意吗, text: 办事, options: [{code: "1", label: 好, score: 100}, {code: "2", label: 差, score: 0}]}
  - {id: b, number: 6, text: 环境, options: [{code: "1", label: 好, score: 100}, {code: "2", label: 差, score: 0}]}
""")


@pytest.mark.parametrize(
    "header", ["5、满意吗—办事", "满意吗—办事", "满意吗-办事", "满意吗/办事", "满意吗 [办事]"]
)
def test_a_row_of_a_matrix_is_found_by_stem_and_row_wherever_it_stands(header: str) -> None:
    raw = files.sheet([header, "6、环境"], [["好", "差"]])
    found, problems = files.coded(raw, ROWS)
    assert problems == []
    assert found is not None
    assert (found.codes.at[2, "a"], found.codes.at[2, "b"]) == ("1", "2")


def test_no_message_expects_what_it_found() -> None:
    raw = files.sheet(["1、别的—甲", "1、办事", "6、环境"], [["好", "好", "差"]])
    _, (problem,) = files.coded(raw, ROWS)
    assert problem.expected == "满意吗—办事"
    assert problem.found == "相近的列名：1、办事（总题干“别的”）（以第 1 行为表头）"


# --- personal data ------------------------------------------------------------------------------

PHONE = "13800138000"


def test_personal_data_in_closed_questions_and_names_are_shown_by_place_and_mask_only() -> None:
    rows = [
        answer("resident", 1),
        answer("resident", 2, 办事方便=PHONE),
        answer("resident", 3, 环境整洁="张建国"),
        answer("resident", 4, 所在居民区="李梅 13900139000"),
    ]
    found = imported(source("resident", rows))
    told = {p.code: p for p in found.problems}
    assert set(told) == {"personal_answer", "personal_subject"}
    assert {(p.row, p.found) for p in found.problems} == {
        (3, "1" + "*" * 10), (4, "张**"), (5, "李" + "*" * 13),
    }  # fmt: skip
    everything = f"{found.problems} {found.report}"
    for secret in (PHONE, "张建国", "李梅", "13900139000"):
        assert secret not in everything


def test_an_undeclared_column_that_looks_personal_is_told_by_place() -> None:
    headers = [*files.HEADERS["resident"], "您的姓名", "备注", "楼组"]
    rows = [
        [*answer("resident", 1), "王小明", "", "3"],
        [*answer("resident", 2), "李梅", f"打{PHONE}", "4"],
    ]
    found = imported(source("resident", rows, headers=headers))
    (note,) = found.report.notes
    assert (note.code, note.count, note.facts) == ("personal_column", 3, {"columns": ("I", "J")})
    assert PHONE not in f"{found.report}"


def test_an_option_of_the_group_question_may_not_count() -> None:
    document: Questionnaire = files.questionnaire(
        files.MIXED.replace(
            "group: office}]", 'group: office}, {code: "3", label: 访客, screen_out: true}]'
        )
    )
    rows = [answer("mixed", 1), answer("mixed", 2, 您是="访客")]
    found = imported(source("mixed", rows, group=None, document=document))
    assert found.codes.count("unknown_option") == 0
    assert found.reasons == {3: "screened_out"}


def test_a_label_made_of_other_labels_is_itself_and_not_its_parts() -> None:
    """绿化、保洁 is one option, though it has a mark between two others; 保洁、绿化 are these two."""
    plain = FORM.model_dump()
    options = next(item for item in plain["items"] if item["id"] == "n")["options"]
    options[0]["label"], options[1]["label"] = "绿化", "保洁"
    form = type(FORM).model_validate(plain)
    raw = files.sheet(["需求"], [["绿化、保洁"], ["保洁、绿化"]])
    found, problems = files.coded(raw, form)
    assert found is not None
    assert [p.code for p in problems if p.code != "missing_column"] == []
    assert list(found.codes["n"]) == ["3", "2;1"]


# --- marks, one by one -------------------------------------------------------------------------


PLAIN, LIMESURVEY = (
    next(one for one in PLATFORMS if one.name == name) for name in ("table", "limesurvey")
)


def meant(
    *columns: Sequence[str], platform: Platform = PLAIN, ranked: bool = False, **said: str | None
) -> list[str]:
    """What the last cell of every column means, beside all that stand in the columns."""
    labels = ("助餐", "其他", "停车")
    options = [Option(code=str(at), label=label) for at, label in enumerate(labels, start=1)]
    cells = [dict.fromkeys(column, 1) for column in columns]
    found = read_marks(cells, options[: len(cells)], platform, said, ranked=ranked)
    return [own[column[-1]].value for own, column in zip(found.meanings, columns, strict=True)]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([["1"], ["0"]], ["chosen", "not_chosen"]),
        ([["助餐"], [""]], ["chosen", "empty"]),
        ([["2"], ["1"]], ["not_chosen", "chosen"]),  # nothing but 1 and 2
        ([["1"], ["1", "2"]], ["chosen", "not_chosen"]),
        ([["1"], ["2"]], ["chosen", "unknown"]),  # may be their own numbers
        ([["0", "1"], ["0", "2"]], ["chosen", "chosen"]),  # each its own number, or nothing
        ([["", "1"], ["2"]], ["chosen", "chosen"]),
        ([["0", "1"], ["2"], ["1"]], ["chosen", "unknown", "chosen"]),  # not its own
        ([["1"], ["0", "2"], ["3"]], ["chosen", "chosen", "chosen"]),
        ([["√"], ["×"]], ["chosen", "not_chosen"]),
        ([["×"], [""]], ["unknown", "empty"]),  # without a hook nobody knows
        ([["1"], ["钓鱼"]], ["chosen", "unknown"]),
        ([["1"], ["5"]], ["chosen", "unknown"]),
    ],
)
def test_a_mark_means_what_all_marks_of_its_item_make_likely(
    columns: list[list[str]], expected: list[str]
) -> None:
    assert meant(*columns) == expected


def test_what_an_analyst_said_goes_before_and_ranks_are_places() -> None:
    assert meant(["甲"], ["乙"], 甲="1", 乙="0") == ["chosen", "not_chosen"]
    assert meant(["甲"], ["乙"], 甲=None, 乙="?") == ["left_out", "unknown"]
    assert meant(["1"], ["2"], **{"2": "1"}) == ["chosen", "chosen"]
    assert meant(["1"], ["0"], ["2"], ranked=True) == ["chosen", "not_chosen", "chosen"]
    assert meant(["1"], ["x"], ranked=True) == ["chosen", "unknown"]
    assert meant(["1"], ["2"], ranked=True) == ["chosen", "chosen"]


def test_a_text_beside_other_chooses_it_on_some_platforms_and_a_number_does_not() -> None:
    assert meant(["Yes"], ["钓鱼"], platform=LIMESURVEY) == ["chosen", "chosen"]
    assert meant(["Yes"], ["5"], platform=LIMESURVEY) == ["chosen", "unknown"]
    assert meant(["钓鱼"], ["Yes"], platform=LIMESURVEY) == ["unknown", "chosen"]
    assert meant(["N/A"], ["No"], platform=LIMESURVEY) == ["skipped", "not_chosen"]


def test_a_column_under_an_option_holds_marks_its_name_whole_numbers_or_nothing() -> None:
    own = RawColumn(0, "助餐", None, "需求", option="助餐")
    for cell in ("助餐", "1", "否", "√", "×", "7", "", " "):
        assert holds_marks(own, ["", cell, "钓鱼" if cell.strip() else ""]), cell
    for cells in (["钓鱼"], ["", "停车"], ["1.5"]):
        assert not holds_marks(own, cells), cells
