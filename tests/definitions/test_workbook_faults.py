"""Where the faults of an edited workbook are found: sheet, row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.workbook import read_workbook
from evalkit.errors import Problem, Problems
from tests.definitions.books import Edit, cell, edited, written

WEIGHTS = "评价主体权重之和不等于 100"

EDITS: list[tuple[str, list[Edit], Problem]] = [
    (
        "scheme",
        [cell("评价主体", "D4", 25), cell("备选方案", "C2", 40)],
        Problem(
            "weights_do_not_add_up",
            WEIGHTS,
            sheet="评价主体",
            row=2,
            column="D（权重）",
            key="groups.weight",
            expected="100",
            found="95（40 + 30 + 25）；第 2-4 行",
            remedy="调整权重，使其和为 100",
        ),
    ),
    (
        "scheme",
        [cell("指标", "D3", 20)],
        Problem(
            "weights_do_not_add_up",
            "维度“服务”的指标权重之和不等于 60",
            sheet="指标",
            row=2,
            column="D（权重）",
            key="dimensions[0](A).indicators.weight",
            expected="60",
            found="55（35 + 20）；第 2-3 行",
            remedy="调整权重，使其和为 60",
        ),
    ),
    (
        "scheme",
        [cell("指标", "D3", "二十五")],
        Problem(
            "wrong_value",
            "值不合要求",
            sheet="指标",
            row=3,
            column="D（权重）",
            key="dimensions[0](A).indicators[1](A2).weight",
            expected="数",
            found="二十五",
            remedy="改正",
        ),
    ),
    (
        "scheme",
        [cell("评价主体", "B3", None)],
        Problem(
            "missing_key",
            "必填的单元格是空的",
            sheet="评价主体",
            row=3,
            column="B（名称）",
            key="groups[1](random).name",
            remedy="填上",
        ),
    ),
    (
        "scheme",
        [cell("评价主体", "G4", "有时")],
        Problem(
            "wrong_value",
            "值不合要求",
            sheet="评价主体",
            row=4,
            column="G（答卷方式）",
            key="groups[2](department).raters",
            expected="respondent（一份答卷一人）、rater（一人评多个对象）",
            found="有时",
            remedy="改正",
        ),
    ),
    (
        "scheme",
        [cell("指标", "E2", "q 1、题")],
        Problem(
            "wrong_value",
            "值不合要求",
            sheet="指标",
            row=2,
            column="E（题目：resident）",
            key="dimensions[0](A).indicators[0](A1).items.resident[2]",
            expected="只含英文字母、数字、_ 和 -，以字母或数字开头，不超过 64 个字符",
            found="题",
            remedy="改正",
        ),
    ),
    (
        "scheme",
        [cell("指标", "A3", "Z")],
        Problem(
            "unknown_reference",
            "所属的“维度”不存在",
            sheet="指标",
            row=3,
            column="A（维度）",
            expected="A、B",
            found="Z",
            remedy="改正代码，或补上它所指的内容",
        ),
    ),
    (
        "scheme",
        [cell("方案", "A3", "标提")],
        Problem(
            "unknown_key",
            "不认识的项目",
            sheet="方案",
            row=3,
            column="A（项目）",
            expected="代码、标题、居民权重、评不了的指标、最低作答比例、置信水平、错误发现率、紧急占比、满意分值、"
            "基本满意分值",
            found="标提",
            remedy="改正项目名，或删去这一行",
        ),
    ),
    (
        "scheme",
        [cell("方案", "A4", "标题")],
        Problem(
            "repeated_key",
            "同一个项目写了两次",
            sheet="方案",
            row=4,
            column="B（内容）",
            key="title",
            expected="每个项目只写一次",
            found="70",
            remedy="删去其中之一",
        ),
    ),
    (
        "resident",
        [cell("题目", "Z1", "体会")],
        Problem(
            "unknown_column",
            "不认识的列",
            sheet="题目",
            row=1,
            column="Z",
            expected="题目、题干、短说法、题型、用途、题号、总题干、量表、最低值、最高值、列名、依据",
            found="体会",
            remedy="改正列名，或删去这一列；自己的备忘放在“备注”列",
        ),
    ),
    (
        "resident",
        [cell("题目", "Z3", "没有列名")],
        Problem(
            "column_without_title",
            "有内容的列没有列名",
            sheet="题目",
            row=3,
            column="Z",
            expected="题目、题干、短说法、题型、用途、题号、总题干、量表、最低值、最高值、列名、依据",
            found="1 格有内容",
            remedy="补上列名，或删去这一列",
        ),
    ),
    (
        "resident",
        [cell("题目", "M1", "用途")],
        Problem(
            "repeated_column",
            "同一列出现了两次",
            sheet="题目",
            row=1,
            column="M（用途）",
            expected="每列一次",
            found="E 列和 M 列",
            remedy="删去或改名其中一列",
        ),
    ),
    (
        "resident",
        [cell("题目", "B1", None), *(cell("题目", f"B{row}", None) for row in range(2, 11))],
        Problem(
            "missing_column",
            "缺少“题干”列",
            sheet="题目",
            row=1,
            key="items.text",
            expected="题干",
            found="题目、短说法、题型、用途、题号、总题干、量表、最低值、最高值、列名、依据",
            remedy="加上这一列：矩阵题为该行的文字",
        ),
    ),
    (
        "resident",
        [lambda workbook: workbook.create_sheet("草稿").append(["x"])],
        Problem(
            "unknown_sheet",
            "不认识的工作表",
            sheet="草稿",
            expected="问卷、题目、量表、选项",
            found="草稿",
            remedy="改正工作表名；若是自己的备忘，名称改为以“备注”开头",
        ),
    ),
    (
        "scheme",
        [lambda workbook: workbook.remove(workbook["等第"])],
        Problem(
            "missing_sheet",
            "缺少工作表“等第”",
            expected="等第",
            found="没有",
            remedy="补上这张表，列名见“说明”表",
        ),
    ),
    (
        "resident",
        [cell("量表", "A3", None)],
        Problem(
            "missing_key",
            "必填的单元格是空的",
            sheet="量表",
            row=3,
            column="A（量表）",
            remedy="填上，或删去这一行",
        ),
    ),
    (
        "resident",
        [cell("量表", "D3", None)],
        Problem(
            "option_without_score",
            "计分题的选项“基本满意”没有分值（q1、q2、q4 等 4 题）",
            sheet="量表",
            row=3,
            column="D（分值）",
            key="scales.satisfaction[1](基本满意).score",
            expected="score: 0-100，或 missing: dont_know 等",
            found="（空）",
            remedy=(
                "补上分值，或注明为何不计分；选项只写文字时写成“基本满意: 分值”或“基本满意: 不计分”"
            ),
        ),
    ),
    (
        "organisation",
        [cell("选项", "D4", 120)],
        Problem(
            "wrong_value",
            "值不合要求",
            sheet="选项",
            row=4,
            column="D（分值）",
            key="items[3](o1).options[1](不好).score",
            expected="不大于 100",
            found="120",
            remedy="改正",
        ),
    ),
    (
        "crosswalk",
        [cell("取值", "B3", "还行")],
        Problem(
            "repeated_key",
            "同一个内容写了两次",
            sheet="取值",
            row=3,
            column="B（文件中的文字）",
            expected="每个内容只写一次",
            found="q1、还行",
            remedy="删去其中一行",
        ),
    ),
    (
        "crosswalk",
        [cell("居民区", "B2", "玉佛")],
        Problem(
            "wrong_value",
            "值不合要求",
            sheet="居民区",
            row=2,
            column="B（居民区）",
            key="subjects.玉佛二期",
            expected="只含英文字母、数字、_ 和 -，以字母或数字开头，不超过 64 个字符",
            found="玉佛",
            remedy="改正",
        ),
    ),
    (
        "scheme",
        [cell("指标", "D2", "=1/0")],
        Problem(
            "formula_without_value",
            "公式没有结果",
            sheet="指标",
            row=2,
            column="D",
            expected="数值或文字",
            remedy="改成数值或文字；公式须先在 Excel 中算出结果并保存",
        ),
    ),
    (
        "scheme",
        [cell("指标", "D2", "#REF!")],
        Problem(
            "error_cell",
            "公式的结果是错误值",
            sheet="指标",
            row=2,
            column="D",
            expected="数值或文字",
            remedy="改成数值或文字；公式须先在 Excel 中算出结果并保存",
        ),
    ),
]


@pytest.mark.parametrize(
    ("name", "edits", "expected"), EDITS, ids=[f"{n}-{p.code}-{p.sheet}" for n, _, p in EDITS]
)
def test_a_fault_is_found_in_its_sheet_row_and_column(
    name: str, edits: list[Edit], expected: Problem, tmp_path: Path
) -> None:
    document, problems = edited(name, tmp_path, *edits)
    assert document is None
    values = expected.as_dict() | {"file": f"{name}.xlsx"}
    assert values in [problem.as_dict() for problem in problems]
    follow_ups = {
        "formula_without_value": ["missing_key"],
        "error_cell": ["missing_key"],
        "repeated_key": ["missing_key"] if name == "scheme" else [],
        "unknown_key": ["missing_key"],
    }
    others = [problem.code for problem in problems if problem.code != expected.code]
    if expected.message == WEIGHTS:
        assert others == []
        assert len(problems) == 1
    else:
        assert others == [c for c in follow_ups.get(expected.code, []) if others]


def test_another_documents_workbook_is_recognised_as_such(tmp_path: Path) -> None:
    _, path = written("scheme", tmp_path)
    problems = Problems()
    assert read_workbook(Questionnaire, path, "resident.xlsx", problems) is None
    assert list(problems) == [
        Problem(
            "wrong_document",
            "工作簿里没有这种文档的工作表",
            file="resident.xlsx",
            expected="问卷、题目、量表、选项",
            found="说明、方案、评价主体、维度、指标、等第、备选方案、依据",
            remedy="确认文件是否放错，或改正工作表名",
        )
    ]


def test_many_faults_of_one_workbook_are_listed_at_once(tmp_path: Path) -> None:
    document, problems = edited(
        "scheme",
        tmp_path,
        cell("评价主体", "D2", 45),
        cell("评价主体", "G3", "乱"),
        cell("维度", "C3", "四十"),
        cell("指标", "A2", "Z"),
        cell("等第", "B2", 50),
        cell("备选方案", "D1", "主体权重：nobody"),
        lambda workbook: workbook.create_sheet("草稿").append(["x"]),
    )
    assert document is None
    assert sorted((p.code, p.sheet, p.row) for p in problems) == [
        ("cutoffs_out_of_order", "等第", 2),
        ("unknown_reference", "备选方案", 2),
        ("unknown_reference", "指标", 2),
        ("unknown_sheet", "草稿", None),
        ("weights_do_not_add_up", "备选方案", 2),
        ("weights_do_not_add_up", "评价主体", 2),
        ("weights_do_not_add_up", "评价主体", 2),
        ("wrong_value", "维度", 3),
        ("wrong_value", "评价主体", 3),
    ]
