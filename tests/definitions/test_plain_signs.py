"""Signs of a Chinese keyboard in a document: named, on their own line, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evalkit import assets
from evalkit.definitions import loading
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.sheets.cells import as_workbook
from evalkit.definitions.sheets.layouts import LAYOUTS
from evalkit.definitions.signs import astray, plain_number, slips
from evalkit.errors import Problem, Problems

GOOD = """\
title: 评估      # 题目：甲，乙（“引号”）
street: "沙田：街道，东"
scheme: scheme.yaml
waves:
  - id: "2025"
    files:
      - {file: a.xlsx, questionnaire: resident, group: key}
"""


def order(text: str, folder: Path) -> list[Problem]:
    path = folder / "evaluation.yaml"
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    loading.load_order(path, "evaluation.yaml", problems)
    return list(problems)


def test_signs_in_running_text_are_nobodys_business(tmp_path: Path) -> None:
    assert order(GOOD, tmp_path) == []
    assert list(slips("note: |\n  street：沙田\n  title：x\nlast: 1\n")) == []
    assert list(slips("a: 见http://x.cn：8080，好\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "row", "called", "plain"),
    [
        ("street: ", "street：", 2, "全角冒号", ":"),
        ("title: 评估", "title：评估", 1, "全角冒号", ":"),
        ("scheme: s", "scheme:s", 3, "冒号后面缺空格", ":"),
        ("waves:", "waves：", 4, "全角冒号", ":"),
        ("a.xlsx, q", "a.xlsx ，q", 7, "全角逗号", ","),
        ("    files", "\tfiles", 6, "制表符（Tab）", "空格"),
        ("  - id", "  －id", 5, "全角减号", "-"),
        ("- {file", "- ｛file", 7, "全角括号", "{"),
    ],
)
def test_a_sign_that_breaks_a_document_is_named_on_its_line(
    old: str, new: str, row: int, called: str, plain: str, tmp_path: Path
) -> None:
    assert GOOD.count(old) == 1
    problems = order(GOOD.replace(old, new), tmp_path)
    assert [(p.code, p.row, p.message, p.expected) for p in problems] == [
        ("malformed_yaml", row, f"不是合法的 YAML：{called}", plain)
    ]


def test_all_wrong_signs_of_a_document_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("street: ", "street：").replace("scheme: ", "scheme：")
    assert [p.row for p in order(text, tmp_path)] == [2, 3]


@pytest.mark.parametrize(
    ("old", "new", "row", "remedy"),
    [
        ('"2025"', "“2025”", 5, "“ 是中文引号"),
        ("group: key", "group：key", 7, "： 是全角冒号"),
        ("group: key", "group: ｋey", 7, "“ｋ”是全角字符，改为半角的 k"),
    ],
)
def test_a_sign_that_spoils_a_value_is_named_with_it(
    old: str, new: str, row: int, remedy: str, tmp_path: Path
) -> None:
    (problem,) = order(GOOD.replace(old, new), tmp_path)
    assert problem.row == row
    assert problem.remedy is not None
    assert problem.remedy.startswith(remedy)


def test_a_plain_value_is_not_astray() -> None:
    assert astray("2025") is None
    assert astray(3) is None


@pytest.mark.parametrize(
    ("text", "fraction", "number"),
    [
        ("４０", False, "40"),
        ("40%", False, "40"),
        ("95％", True, "0.95"),
        ("0.95", True, "0.95"),
        ("1,790", False, "1790"),
        ("１，７９０．５", False, "1790.5"),
        ("1,79", False, "1,79"),
        ("约40", False, "约40"),
        ("1_0", False, "1_0"),
    ],
)
def test_numbers_in_cells_are_read_as_they_are_said(text: str, fraction: bool, number: str) -> None:
    assert plain_number(text, fraction=fraction) == number


@pytest.mark.parametrize("sign", ["、", "，", ",", "/", "／"])
def test_joined_aliases_are_told_how_to_be_parted_and_nothing_else(
    sign: str, tmp_path: Path
) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(f'代码,名称,别名\na,甲,"一村{sign}二村"\n', encoding="utf-8")
    problems = Problems()
    loading.load_roster(path, "roster.csv", problems)
    (problem,) = problems
    assert (problem.row, problem.column, problem.found) == (2, "C（别名）", f"一村{sign}二村")
    assert problem.expected is not None
    assert "几个别名之间用分号（；）隔开" in problem.expected
    assert problem.remedy == "改正"
    path.write_text("代码,名称,别名\na,甲,一村；二村\n", encoding="utf-8")
    roster = loading.load_roster(path, "roster.csv", Problems())
    assert roster is not None
    assert roster.subjects[0].aliases == ["一村", "二村"]


def test_numbers_of_a_workbook_are_read_as_they_are_said(tmp_path: Path) -> None:
    """Weights as 60% and ４０, a confidence of 95%, a population of 3,200."""
    preset = assets.preset("blank")
    problems = Problems()
    scheme = loading.load_scheme(preset / "scheme.yaml", "scheme.yaml", problems)
    assert scheme is not None
    sheets = {(sheet := layout.filled(scheme)).title: sheet for layout in LAYOUTS[Scheme]}
    assert set(sheets) >= {"方案", "评价主体", "维度"}
    changed = []
    for grid in sheets.values():
        rows = [list(row) for row in grid.rows]
        for row in rows:
            for at, value in enumerate(row):
                if grid.title == "维度" and value == 70:
                    row[at] = "70%"
                if grid.title == "维度" and value == 30:
                    row[at] = "３０"
                if grid.title == "方案" and row[0] == "置信水平" and at == 1:
                    row[at] = "95％"
        changed.append(replace(grid, rows=tuple(tuple(row) for row in rows)))
    (tmp_path / "scheme.xlsx").write_bytes(as_workbook(changed))
    read = loading.load_scheme(tmp_path / "scheme.xlsx", "scheme.xlsx", problems)
    assert list(problems) == []
    assert read == scheme
    assert read is not None
    assert [d.weight for d in read.dimensions] == [70, 30]
    assert read.confidence == 0.95
