"""Header rows of 问卷星, old and new, and what a column is told to be."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.platforms import wenjuanxing
from evalkit.platforms.base import RawColumn
from evalkit.platforms.wenjuanxing.headers import looks_like_wenjuanxing, parse
from tests.files.building import META

Told = tuple[int | None, str, str | None, str | None, str | None]


def told(*headers: str) -> list[Told]:
    """Number, text, stem, option and kind of every column."""
    return [
        (column.number, column.text, column.stem, column.option, column.kind)
        for column in wenjuanxing.parse(headers)
    ]


def settled(headers: list[str], rows: list[list[str]]) -> list[RawColumn]:
    columns = wenjuanxing.parse(headers)
    return list(wenjuanxing.settle(columns, pd.DataFrame(rows, columns=range(len(headers)))))


@pytest.mark.parametrize(
    ("header", "number", "text", "kind"),
    [
        ("1、请问您的性别？ ", 1, "请问您的性别？", None),
        ("13、题干", 13, "题干", None),
        ("4. 题干", 4, "题干", None),
        ("4.题干", 4, "题干", None),
        ("7．题干", 7, "题干", None),
        ("5：题干", 5, "题干", None),
        ("2、您的性别 (单选题 *必答)", 2, "您的性别", "single"),
        ("2、您的性别（单选题*必答）", 2, "您的性别", "single"),
        ("3、您的爱好 (多选题 *必答)", 3, "您的爱好", "multiple"),
        ("3、您的爱好 [多选题]", 3, "您的爱好", "multiple"),
        ("9、请排序 (排序题 *必答)", 9, "请排序", "ranking"),
        ("8、您的建议 (填空题)", 8, "您的建议", "text"),
        ("8、总体评价 (量表题 *必答)", 8, "总体评价", "single"),
        ("*6、必填", None, "6、必填", None),
        ("6、*必填", 6, "必填", None),
        ("您还有什么想说的", None, "您还有什么想说的", None),
        ("3.5米以上的车", None, "3.5米以上的车", None),
        ("10:30 以后在家吗", None, "10:30 以后在家吗", None),
        ("11、您的年龄(周岁)", 11, "您的年龄(周岁)", None),
        ("12、两委—社工", 12, "两委—社工", None),
        ("", None, "", None),
    ],
)
def test_one_header_alone(header: str, number: int | None, text: str, kind: str | None) -> None:
    if header.startswith("*"):
        number, text = 6, "必填"
    assert told(header) == [(number, text, None, None, kind)]


def test_numbers_have_gaps_and_are_no_positions() -> None:
    headers = ("1、甲", "2、乙", "5、丙", "没有编号的问题", "13、丁")
    assert [item[0] for item in told(*headers)] == [1, 2, 5, None, 13]


def test_an_old_matrix_goes_on_over_bare_columns() -> None:
    assert told(
        "12、之前", "13、您对以下各项的满意度—环境卫生", "平安有序", "物业服务", "14、之后"
    ) == [
        (12, "之前", None, None, None),
        (13, "环境卫生", "您对以下各项的满意度", None, "matrix"),
        (13, "平安有序", "您对以下各项的满意度", None, "matrix"),
        (13, "物业服务", "您对以下各项的满意度", None, "matrix"),
        (14, "之后", None, None, None),
    ]


def test_a_new_matrix_goes_on_under_its_number() -> None:
    assert told(
        "7、满意度—环境卫生 (矩阵单选题 *必答)", "7、平安有序", "7、物业服务", "8、之后"
    ) == [
        (7, "环境卫生", "满意度", None, "matrix"),
        (7, "平安有序", "满意度", None, "matrix"),
        (7, "物业服务", "满意度", None, "matrix"),
        (8, "之后", None, None, None),
    ]


@pytest.mark.parametrize(
    "first", ["7、满意度 (矩阵量表题 *必答)—环境", "7、满意度—环境 (矩阵量表题 *必答)"]
)
def test_the_type_may_stand_before_or_after_the_first_row(first: str) -> None:
    assert told(first, "7、平安")[0] == (7, "环境", "满意度", None, "matrix")


def test_a_matrix_of_one_row_is_told_by_its_type_only() -> None:
    assert told("7、满意度—环境 (矩阵单选题)", "8、之后")[0] == (
        7,
        "环境",
        "满意度",
        None,
        "matrix",
    )
    assert told("7、满意度—环境", "8、之后")[0] == (7, "满意度—环境", None, None, None)


def test_a_double_dash_belongs_to_the_text() -> None:
    assert told("7、干部——您怎么看—环境", "平安")[0] == (
        7, "环境", "干部——您怎么看", None, "matrix",
    )  # fmt: skip
    assert told("7、您的意见——请写明", "没有编号")[0] == (7, "您的意见——请写明", None, None, None)
    assert told("7、您的意见——请写明", "没有编号")[1] == (None, "没有编号", None, None, None)


def test_repeated_row_texts_are_told_apart_by_their_number() -> None:
    headers = ("3、重要性—环境", "平安", "4、满意度—环境", "平安")
    columns = wenjuanxing.parse(headers)
    assert [(c.number, c.text) for c in columns] == [
        (3, "环境"), (3, "平安"), (4, "环境"), (4, "平安"),
    ]  # fmt: skip
    assert [c.occurrence for c in columns] == [0, 0, 0, 1]


def test_a_typed_question_ends_a_matrix() -> None:
    assert told("3、满意度—环境", "平安", "您的建议 (填空题)", "姓名")[2:] == [
        (None, "您的建议", None, None, "text"),
        (None, "姓名", None, None, None),
    ]


def test_platform_columns_end_a_matrix() -> None:
    columns = wenjuanxing.parse(["3、满意度—环境", "平安", "总分"])
    assert [c.metadata for c in columns] == [None, None, "total"]


def test_old_options_by_number() -> None:
    assert told("第6题(运动)", "第6题(其他【请注明】)", "第8题(ACG文化(动漫、游戏等))") == [
        (6, "", None, "运动", None),
        (6, "", None, "其他【请注明】", None),
        (8, "", None, "ACG文化(动漫、游戏等)", None),
    ]


def test_new_options_by_number() -> None:
    assert told("4. 关注资讯(时尚)", "4 (ACG文化(动漫、游戏等))", "4 (其他)", "5. 之后(周岁)") == [
        (4, "关注资讯", "关注资讯", "时尚", "multiple"),
        (4, "关注资讯", "关注资讯", "ACG文化(动漫、游戏等)", "multiple"),
        (4, "关注资讯", "关注资讯", "其他", "multiple"),
        (5, "之后(周岁)", None, None, None),
    ]


@pytest.mark.parametrize(
    "first", ["4. 题干 (多选题 *必答)(甲)", "4. 题干(甲) (多选题 *必答)", "4. 题干(甲)"]
)
def test_the_type_may_stand_before_or_after_the_first_option(first: str) -> None:
    assert told(first, "4 (乙)")[0] == (4, "题干", "题干", "甲", "multiple")


def test_a_first_option_with_brackets_of_its_own() -> None:
    first = told("8. 关注(可多选)(ACG文化(动漫、游戏等))", "8 (财经)")[0]
    assert first == (8, "关注(可多选)", "关注(可多选)", "ACG文化(动漫、游戏等)", "multiple")


@given(st.permutations(META), st.integers(0, len(META)))
def test_platform_columns_in_any_order_some_deleted(order: list[str], kept: int) -> None:
    headers = [*order[:kept], "1、问题", "第2题(甲)", "第2题(乙)"]
    columns = wenjuanxing.parse(headers)
    assert [c.metadata is not None for c in columns] == [True] * kept + [False] * 3
    assert len({c.metadata for c in columns[:kept]}) == kept
    assert wenjuanxing.looks_like_wenjuanxing(headers)


@pytest.mark.parametrize(
    ("headers", "yes"),
    [
        (["序号", "提交答卷时间", "满意度"], True),
        (["来自IP", "来源", "满意度"], True),
        (["1、性别", "2、年龄"], True),
        (["第1题(甲)", "第1题(乙)", "居民区"], True),
        (["序号", "来源", "满意度"], False),
        (["序号", "姓名", "1、性别"], False),
        (["id", "q1_01", "q1_02"], False),
        (["", "", ""], False),
    ],
)
def test_what_looks_like_wenjuanxing(headers: list[str], yes: bool) -> None:
    assert wenjuanxing.looks_like_wenjuanxing(headers) is yes


plain_text = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="*—()（）[]【】"),
    min_size=1,
    max_size=12,
).filter(lambda text: wenjuanxing.metadata_of(text) is None and not text[0].isdigit())
number = st.integers(1, 200)


@given(number, plain_text, st.lists(plain_text, min_size=2, max_size=6), st.booleans())
def test_a_matrix_comes_back_as_it_was_written(
    at: int, stem: str, rows: list[str], new: bool
) -> None:
    first, *others = rows
    headers = [f"{at}、{stem}—{first}", *(f"{at}、{row}" if new else row for row in others)]
    columns = wenjuanxing.parse(headers)
    assert [c.number for c in columns] == [at] * len(rows)
    assert [c.stem for c in columns] == [stem] * len(rows)
    if new or not any(looks_numbered(row) for row in others):
        assert [c.text for c in columns] == rows


def looks_numbered(text: str) -> bool:
    return wenjuanxing.parse([text])[0].number is not None


@given(number, plain_text, st.lists(plain_text, min_size=2, max_size=6), st.booleans())
def test_options_come_back_as_they_were_written(
    at: int, stem: str, options: list[str], bracketed: bool
) -> None:
    labels = [f"{option}(说明)" if bracketed else option for option in options]
    old = wenjuanxing.parse([f"第{at}题({label})" for label in labels])
    new = wenjuanxing.parse(
        [f"{at}. {stem}({labels[0]})", *(f"{at} ({label})" for label in labels[1:])]
    )
    assert [(c.number, c.option) for c in old] == [(at, label) for label in labels]
    assert [(c.number, c.text, c.option) for c in new] == [(at, stem, label) for label in labels]


OPTIONS = ["第6题(甲)", "第6题(乙)", "第6题(丙)"]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([["1", "0", "1"], ["0", "0", "1"], ["-3", "-3", "-3"]], "multiple"),
        ([["1", "1", "1"]], "multiple"),
        ([["2", "1", "3"], ["1", "-2", "2"], ["-2", "-2", "-2"]], "ranking"),
        ([["2", "1", "0"], ["0", "0", "1"]], "ranking"),
        ([["5", "5", "4"], ["1", "2", "3"]], "matrix"),
        ([["满意", "不满意", "满意"]], "matrix"),
        ([["-3", "-3", "-3"], ["", "", ""]], None),
    ],
)
def test_cells_tell_what_old_option_columns_are(rows: list[list[str]], kind: str | None) -> None:
    columns = settled(OPTIONS, rows)
    assert {c.kind for c in columns} == {kind}
    if kind == "matrix":
        assert [(c.text, c.option) for c in columns] == [("甲", None), ("乙", None), ("丙", None)]
    else:
        assert [(c.text, c.option) for c in columns] == [("", "甲"), ("", "乙"), ("", "丙")]


def test_ranks_under_new_headers() -> None:
    columns = settled(["4. 请排序(甲)", "4 (乙)"], [["2", "1"], ["1", "2"], ["-2", "-2"]])
    assert [(c.kind, c.stem, c.option) for c in columns] == [
        ("ranking", "请排序", "甲"),
        ("ranking", "请排序", "乙"),
    ]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["甲┋乙", "丙"], "multiple"),
        (["甲→乙→丙", "丙→甲→乙", "(空)"], "ranking"),
        (["甲→乙", "乙"], "ranking"),
        (["从甲→乙最堵", "希望改善停车"], None),
        (["甲", "乙"], None),
    ],
)
def test_cells_tell_several_labels_in_one_cell(cells: list[str], kind: str | None) -> None:
    assert settled(["3、问题"], [[cell] for cell in cells])[0].kind == kind


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u2060"])
def test_signs_that_nobody_sees_change_no_header(sign: str) -> None:
    headers = [
        "序号",
        "提交答卷时间",
        "所用时间",
        "第6题(运动)",
        "第6题(读书)",
        "7、办事是否方便 (单选题 *必答)",
    ]
    spoilt = [f"{header[:1]}{sign}{header[1:]}{sign}" for header in headers]
    assert looks_like_wenjuanxing(spoilt)
    clean, found = parse(headers), parse(spoilt)
    assert [(c.metadata, c.number, c.text, c.option, c.kind) for c in found] == [
        (c.metadata, c.number, c.text, c.option, c.kind) for c in clean
    ]
    assert [c.header for c in found] == spoilt
