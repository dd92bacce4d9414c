"""问卷星's conventions one by one: header forms, option columns, variants at their limits."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evalkit.pages.press.sentences import said
from evalkit.platforms import wenjuanxing
from evalkit.platforms.base import PERSONAL, RawSheet
from tests.files.building import META, meta, read_well, xlsx

Told = tuple[int | None, str, str | None, str | None, str | None]


def told(*headers: str) -> list[Told]:
    """Number, text, stem, option and kind of every column."""
    return [
        (column.number, column.text, column.stem, column.option, column.kind)
        for column in wenjuanxing.parse(headers)
    ]


# --- headers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "metadata"),
    [
        ("序号", "sequence"),
        ("答卷编号", "sequence"),
        ("提交答卷时间", "submitted"),
        ("提交时间", "submitted"),
        ("所用时间", "seconds"),
        ("所用时间(秒)", "seconds"),
        ("答题时间", "seconds"),
        ("答题时长", "seconds"),
        ("来源", "source"),
        ("来源详情", "source_detail"),
        ("来自IP", "ip"),
        ("IP", "ip"),
        (" IP地址 ", "ip"),
        ("总分", "total"),
        ("总分（满分100）", "total"),
        ("昵称", "nickname"),
        ("微信昵称", "nickname"),
        ("用户昵称", "nickname"),
        ("联系方式", "contact"),
        ("联系电话", "contact"),
        ("手机号", "contact"),
        ("手机号码", "contact"),
        ("1、来源", None),
        ("总分是多少", None),
        ("所用时间(从开始答题到提交为止)", None),
    ],
)
def test_what_a_platform_s_header_stands_for(header: str, metadata: str | None) -> None:
    assert wenjuanxing.metadata_of(header) == metadata
    (column,) = wenjuanxing.parse([header])
    assert column.metadata == metadata
    assert column.text == (header.strip() if metadata else column.text)


def test_what_identifies_people() -> None:
    assert sorted(PERSONAL) == ["contact", "ip", "location", "nickname"]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        *((title, "single") for title in (
            "单选题", "单项选择题", "下拉题", "下拉框", "判断题", "量表题", "评分题", "评分单选题", "NPS量表",
        )),
        *((title, "multiple") for title in ("多选题", "多项选择题", "评分多选题")),
        ("排序题", "ranking"),
        *((title, "text") for title in (
            "填空题", "单项填空题", "多项填空题", "问答题", "简答题", "文本题",
        )),
        *((title, "matrix") for title in (
            "矩阵单选题", "矩阵多选题", "矩阵量表题", "矩阵填空题", "矩阵文本题", "矩阵题",
        )),
    ],
)  # fmt: skip
def test_every_type_of_question_is_told(title: str, kind: str) -> None:
    for mark in (f"({title})", f"（{title} *必答）", f"[{title} * 必答]", f"【{title}选答】"):
        assert told(f"3、题干 {mark}")[0] == (3, "题干", None, None, kind)


@pytest.mark.parametrize("mark", ["(必答)", "（* 必答）", "[选答]"])
def test_a_mark_that_is_no_type_goes_too(mark: str) -> None:
    assert told(f"3、题干 {mark}")[0] == (3, "题干", None, None, None)


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("1234、题", 1234),
        ("12345、题", None),
        ("8:题", 8),
        ("8:30", None),
        ("2．5", None),
        ("2、5", 2),
        ("2 、题", 2),
        ("2", None),
        ("2题", None),
    ],
)
def test_what_is_a_question_number(header: str, number: int | None) -> None:
    assert wenjuanxing.parse([header])[0].number == number


def test_a_stem_is_parted_from_its_row_at_the_last_dash() -> None:
    assert told("7、干部—群众关系—融洽", "信任")[:2] == [
        (7, "融洽", "干部—群众关系", None, "matrix"),
        (7, "信任", "干部—群众关系", None, "matrix"),
    ]
    assert told("7、甲—乙—丙——丁", "戊")[0] == (7, "丙——丁", "甲—乙", None, "matrix")


@pytest.mark.parametrize("first", ["7、满意度—", "7、—环境"])
def test_a_dash_with_nothing_on_one_side_parts_nothing(first: str) -> None:
    number, _, stem, _, kind = told(first, "平安")[0]
    assert (number, stem, kind) == (7, None, None)


def test_a_matrix_ends_with_another_number_or_type() -> None:
    headers = ("7、满意—环境", "7、平安", "8、之后", "平安")
    assert [(item[0], item[4]) for item in told(*headers)] == [
        (7, "matrix"), (7, "matrix"), (8, None), (None, None),
    ]  # fmt: skip


def test_a_typed_matrix_after_a_matrix_is_another_one() -> None:
    assert told("7、满意—环境", "平安", "8、重要—环境 (矩阵单选题)", "平安")[2:] == [
        (8, "环境", "重要", None, "matrix"),
        (8, "平安", "重要", None, "matrix"),
    ]


def test_an_option_of_another_number_starts_anew() -> None:
    assert told("4. 题干(甲)", "4 (乙)", "5 (丙)") == [
        (4, "题干", "题干", "甲", "multiple"),
        (4, "题干", "题干", "乙", "multiple"),
        (5, "", None, "丙", "multiple"),
    ]


def test_a_question_before_options_of_another_number_is_its_own() -> None:
    assert told("3. 题干(周岁)", "4 (乙)")[0] == (3, "题干(周岁)", None, None, None)


def test_an_option_may_be_called_like_a_type() -> None:
    found = told("4. 喜欢哪种(单选题) (多选题 *必答)", "4 (多选题)")
    assert [column[:4] for column in found] == [
        (4, "喜欢哪种", "喜欢哪种", "单选题"),
        (4, "喜欢哪种", "喜欢哪种", "多选题"),
    ]


def test_full_width_brackets_of_an_option() -> None:
    assert told("第6题（其他（请注明））") == [(6, "", None, "其他（请注明）", None)]


@pytest.mark.parametrize(
    ("headers", "yes"),
    [
        (["1、甲", "2、乙", "丙", "丁"], True),
        (["1、甲", "2、乙", "丙", "丁", "戊"], False),
        (["1、甲", "2、乙", "", "", ""], True),
        (["1、甲", "乙"], False),
        (["1、甲"], False),
        (["序号", "1、甲", "2、乙", "丙", "丁"], True),
        (["提交答卷时间", "丙"], False),
        (["提交答卷时间", "提交答卷时间"], False),
        (["所用时间", "昵称"], True),
    ],
)
def test_how_many_numbers_make_a_platform(headers: list[str], yes: bool) -> None:
    assert wenjuanxing.looks_like_wenjuanxing(headers) is yes


# --- cells ------------------------------------------------------------------------------------


def kinds(rows: list[list[str]]) -> set[str | None]:
    headers = [f"第6题({option})" for option in "甲乙丙"[: len(rows[0])]]
    columns = wenjuanxing.parse(headers)
    cells = pd.DataFrame(rows, columns=range(len(headers)))
    return {column.kind for column in wenjuanxing.settle(columns, cells)}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["1", "3", "2"], "ranking"),
        (["1", "3", "-2"], "matrix"),
        (["1", "3", "0"], "matrix"),
        (["2", "3", "0"], "matrix"),
        (["2", "2", "1"], "matrix"),
        (["2", "1", "0"], "ranking"),
        (["2", "1", "-2"], "ranking"),
        (["2", "1.5", "1"], "matrix"),
    ],
)
def test_ranks_have_no_gap_and_none_twice(row: list[str], kind: str) -> None:
    assert kinds([row, row]) == {kind}


@pytest.mark.parametrize(("odd", "kind"), [(0, "multiple"), (1, "multiple"), (2, "matrix")])
def test_one_slip_in_fifty_is_forgiven(odd: int, kind: str) -> None:
    assert kinds([["1", "0", "1"]] * (50 - odd) + [["5", "0", "5"]] * odd) == {kind}


@pytest.mark.parametrize(("odd", "kind"), [(1, "ranking"), (2, "matrix")])
def test_one_slip_of_a_ranking_in_fifty_is_forgiven(odd: int, kind: str) -> None:
    assert kinds([["2", "1", "3"]] * (50 - odd) + [["9", "9", "9"]] * odd) == {kind}


def test_options_of_one_question_are_looked_at_together_and_of_two_apart() -> None:
    columns = wenjuanxing.parse(["第6题(甲)", "第6题(乙)", "第7题(甲)", "第7题(乙)"])
    cells = pd.DataFrame([["1", "0", "2", "1"], ["1", "1", "1", "2"]], columns=range(4))
    assert [column.kind for column in wenjuanxing.settle(columns, cells)] == [
        "multiple", "multiple", "ranking", "ranking",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["甲→乙", "丙→丁"], "ranking"),
        (["甲→乙", "丙→丁", "戊→甲"], None),
        (["甲→乙", "丁"], None),
        (["甲→乙→丙", "(跳过)"], "ranking"),
    ],
)
def test_arrows_join_a_ranking_only_of_few_labels(cells: list[str], kind: str | None) -> None:
    columns = wenjuanxing.parse(["3、问题"])
    settled = wenjuanxing.settle(columns, pd.DataFrame({0: cells}))
    assert settled[0].kind == kind


def kept(headers: list[str], rows: list[list[str]]) -> list[bool]:
    columns = wenjuanxing.parse(headers)
    cells = pd.DataFrame(rows, columns=range(len(headers)))
    return list(wenjuanxing.answer_rows(columns, cells))


def test_with_a_sequence_only_numbered_rows_are_answers() -> None:
    rows = [["1", "甲"], ["", "乙"], ["合计", "9"], ["序号", "1、问题"], ["12", ""]]
    assert kept(["序号", "1、问题"], rows) == [True, False, False, False, True]


def test_without_a_sequence_a_row_repeats_half_of_the_headers_or_is_an_answer() -> None:
    headers = ["1、甲", "2、乙", "3、丙", "4、丁"]
    rows = [
        ["1、甲", "x", "y", "z"],
        ["1、甲", "2、乙", "y", "z"],
        ["", "", "", ""],
        ["", "", "", "z"],
    ]
    assert kept(headers, rows) == [True, False, False, True]
    assert kept(["1、甲"], [["1、甲"], ["x"]]) == [False, True]


# --- variants ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hinted"),
    [
        ("1_按文本_x.xlsx", "text"),
        ("1_按选项文字_x.xls", "text"),
        ("按内容.csv", "text"),
        ("按选项序号.xlsx", "number"),
        ("按编号 2016.xlsx", "number"),
        ("按数字.xlsx", "number"),
        ("按分值.xlsx", "score"),
        ("按得分.xlsx", "score"),
        ("357_357_0.xls", "text"),
        ("居民_800_800_0.xls", "text"),
        ("800_800_2.xls", "number"),
        ("居民_800_800_2.xls", "number"),
        ("800_800_1.xls", None),
        ("800_2.xls", None),
        ("按文本/居民.xlsx", None),
        ("居民.xlsx", None),
    ],
)
def test_what_a_name_says_of_the_variant(name: str, hinted: str | None) -> None:
    assert wenjuanxing.hint(name) == hinted


def export(path: Path, headers: tuple[str, ...], answers: list[tuple[str, ...]]) -> RawSheet:
    rows = [(*META, *headers), *((*meta(at), *row) for at, row in enumerate(answers, start=1))]
    return read_well(xlsx(path, rows))


def test_skipped_questions_add_nothing_to_the_total(tmp_path: Path) -> None:
    """Scores 20 and 15; whoever skipped the second question (-3) or left it (-2) has 20 in all."""
    headers = ("总分", "1、总体", "2、环境")
    answers = [("35", "20", "15"), ("20", "20", "-3"), ("20", "20", "-2"), ("15", "-3", "15")] * 3
    assert export(tmp_path / "a.xlsx", headers, answers).variant == "score"
    wrong = [("35", "20", "15"), ("17", "20", "-3"), ("18", "20", "-2"), ("12", "-3", "15")] * 3
    assert export(tmp_path / "b.xlsx", headers, wrong).variant == "number"


@pytest.mark.parametrize(("rows", "variant"), [(4, None), (5, "score")])
def test_it_takes_five_totals_to_tell_scores(
    tmp_path: Path, rows: int, variant: str | None
) -> None:
    headers = ("总分", "1、总体", "2、环境")
    answers = [(str(3 * at + 7), str(2 * at), str(at + 7)) for at in range(rows)]
    assert export(tmp_path / "a.xlsx", headers, answers).variant == variant


@pytest.mark.parametrize(("odd", "variant"), [(1, "score"), (2, None)])
def test_one_total_in_fifty_may_be_wrong(tmp_path: Path, odd: int, variant: str | None) -> None:
    headers = ("总分", "1、总体", "2、环境")
    answers = [(str(3 * at + 7 + (at < odd)), str(2 * at), str(at + 7)) for at in range(50)]
    assert export(tmp_path / "a.xlsx", headers, answers).variant == variant


def test_options_whose_numbers_add_up_are_scores_unless_the_name_says_numbers(
    tmp_path: Path,
) -> None:
    headers = ("总分", "第1题(甲)", "第1题(乙)", "2、总体")
    answers = [(str(at % 2 + 1 + at), str(at % 2), "1", str(at)) for at in range(10)]
    assert export(tmp_path / "居民.xlsx", headers, answers).variant == "score"
    by_number = export(tmp_path / "居民_按序号.xlsx", headers, answers)
    assert (by_number.variant, by_number.notes) == ("number", ())


@pytest.mark.parametrize(("name", "title"), [("按序号.xlsx", "按序号"), ("按分数.xlsx", "按分数")])
def test_a_wrong_name_is_told_in_the_platform_s_words(
    tmp_path: Path, name: str, title: str
) -> None:
    answers = [("满意", "甲┋乙"), ("不满意", "丙")] * 3
    sheet = export(tmp_path / name, ("1、总体", "2、爱好"), answers)
    assert sheet.variant == "text"
    (note,) = sheet.notes
    assert note.code == "variant_contradicts_name"
    assert f"文件名像{title}导出，内容却是按文本" in said(note)


def test_marks_of_text_outweigh_columns_of_numbers(tmp_path: Path) -> None:
    """Two columns of words against one of ages; one skip mark of the by-text variant."""
    answers = [("满意", "很好", "34"), ("(跳过)", "还行", "51"), ("不满意", "x", "28")]
    sheet = export(tmp_path / "a.xlsx", ("1、总体", "2、建议", "3、年龄"), answers)
    assert sheet.variant == "text"


@pytest.mark.parametrize(("count", "variant"), [(20, "text"), (19, None)])
def test_a_closed_question_has_five_answers_for_every_label(
    tmp_path: Path, count: int, variant: str | None
) -> None:
    """Four labels in 20 rows are a closed question, in 19 rows they may be anything."""
    labels = ("非常满意", "满意", "基本满意", "不满意")
    headers = ("1、总体", "2、环境", "3、年龄")
    answers = [(labels[at % 4], labels[at % 4], str(20 + at)) for at in range(count)]
    assert export(tmp_path / "a.xlsx", headers, answers).variant == variant


def test_a_column_of_labels_beside_one_of_numbers_claims_nothing(tmp_path: Path) -> None:
    """One closed question in words, one in numbers with the mark of a by-number file."""
    labels = ("非常满意", "满意", "基本满意", "不满意")
    answers = [(labels[at % 4], "-3" if at % 3 else "2") for at in range(20)]
    assert export(tmp_path / "a.xlsx", ("1、总体", "2、环境"), answers).variant is None
    several = [(labels[at % 4], "-3" if at % 3 else "2", str(at % 4 + 1)) for at in range(20)]
    headers = ("1、总体", "2、环境", "3、平安")
    assert export(tmp_path / "b.xlsx", headers, several).variant == "number"
