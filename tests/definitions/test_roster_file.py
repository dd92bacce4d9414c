"""Rosters as street offices keep them: encodings, titles above the table, faults with their rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.roster_file import read_roster
from evalkit.errors import Problem, Problems

ENGLISH = "id,name,aliases,zone,kind,housing,population,since,until\n"
TEXT = (
    ENGLISH
    + "yufo,玉佛城,玉佛城居委；玉佛|玉佛小区,东片,居民区,商品房,3200,,\n"
    + "007,“常德”居民区,,,村,,,2015,2016\n"
)
ROSTER = Roster(
    subjects=[
        Subject(
            id="yufo",
            name="玉佛城",
            aliases=["玉佛城居委", "玉佛", "玉佛小区"],
            zone="东片",
            housing="商品房",
            population=3200,
        ),
        Subject(id="007", name="“常德”居民区", kind="村", since="2015", until="2016"),
    ]
)


def read(
    content: str | bytes, folder: Path, name: str = "名册.csv"
) -> tuple[Roster | None, list[Problem]]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems = Problems()
    return read_roster(path, name, problems), list(problems)


def sheet(rows: list[list[object]], folder: Path, title: str = "Sheet1") -> Path:
    workbook: Any = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    workbook.save(folder / "名册.xlsx")
    return folder / "名册.xlsx"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace(",", "\t").encode(),
        ("长寿路街道名册\n\n" + TEXT).encode(),
        TEXT.replace(
            ENGLISH, "编号,居民区名称,曾用名,片区,类别,住房类型,户数,首个批次,最后批次\n"
        ).encode(),
    ],
    ids=["utf-8", "bom", "gb18030", "crlf", "tabs", "title-above", "chinese"],
)
def test_a_csv_roster_is_read(content: bytes, tmp_path: Path) -> None:
    assert read(content, tmp_path) == (ROSTER, [])


def test_rows_are_counted_as_excel_counts_them(tmp_path: Path) -> None:
    content = '街道名册\n\nid,name\na,"两行\n名称"\n\nb,\n'
    roster, problems = read(content, tmp_path)
    assert roster is None
    assert [(p.code, p.row, p.column, p.key) for p in problems] == [
        ("missing_key", 6, "B（name）", "subjects[1](b).name")
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "a,玉佛\n,常德\n",
            Problem(
                "missing_key",
                "必填的单元格是空的",
                row=3,
                column="A（id）",
                key="subjects[1](常德).id",
                remedy="填上",
            ),
        ),
        (
            "a,玉佛\nb,  \n",
            Problem(
                "missing_key",
                "必填的单元格是空的",
                row=3,
                column="B（name）",
                key="subjects[1](b).name",
                remedy="填上",
            ),
        ),
        (
            "a,玉佛\nb,常德\nA,新城\n",
            Problem(
                "duplicate_id",
                "评估对象代码（不分大小写）重复",
                row=4,
                column="A（id）",
                key="subjects[2](A).id",
                expected="各不相同",
                found="a（2 次）；第 2、4 行",
                remedy="改成不同的值，或删去多余的",
            ),
        ),
        (
            "a,玉佛\nb,常德\nc,玉佛居委会\nd,玉 佛 小区\n",
            Problem(
                "colliding_names",
                "去掉后缀、空格和繁简差别后，几个评估对象同名",
                row=5,
                column="B（name）",
                key="subjects[3](d).name",
                expected="每个名称只属于一个评估对象",
                found="玉佛: 玉佛（a）、玉佛居委会（c）、玉 佛 小区（d）；第 2、4-5 行",
                remedy="改名称或别名，使其能够区分",
            ),
        ),
        (
            "玉佛城,玉佛\n",
            Problem(
                "wrong_value",
                "值不合要求",
                row=2,
                column="A（id）",
                key="subjects[0](玉佛城).id",
                expected="只含英文字母、数字、_ 和 -，以字母或数字开头，不超过 64 个字符",
                found="玉佛城",
                remedy="改正",
            ),
        ),
        (
            'a,"玉佛\n',
            Problem(
                "csv_broken",
                "引号没有成对，从这一行起到文件末尾连成了一格",
                row=2,
                remedy="补上或删去多余的引号，或在 Excel 中打开检查后另存",
            ),
        ),
        (
            "a,玉佛,多出来的\n",
            Problem(
                "column_without_title",
                "有内容的列没有列名",
                row=2,
                column="C",
                expected="代码、名称、别名、片区、类别、住房类型、常住人口、名单人数、首个批次、最后批次、"
                "层级、上级、状态、分组：代码",
                found="1 格有内容",
                remedy="补上列名，或删去这一列",
            ),
        ),
    ],
)
def test_a_fault_names_its_row_and_column(rows: str, expected: Problem, tmp_path: Path) -> None:
    roster, problems = read("id,name\n" + rows, tmp_path)
    assert roster is None
    assert [p.as_dict() for p in problems] == [expected.as_dict() | {"file": "名册.csv"}]


def test_unknown_and_missing_columns_are_reported_once(tmp_path: Path) -> None:
    roster, problems = read("name,书记,备注,序号\n玉佛,张,x,1\n常德,李,y,2\n", tmp_path)
    assert roster is None
    titles = (
        "代码、名称、别名、片区、类别、住房类型、常住人口、名单人数、首个批次、最后批次、"
        "层级、上级、状态、分组：代码"
    )
    assert problems == [
        Problem(
            "unknown_column",
            "不认识的列",
            file="名册.csv",
            row=1,
            column="B",
            expected=titles,
            found="书记",
            remedy="改正列名，或删去这一列；自己的备忘放在“备注”列",
        ),
        Problem(
            "missing_column",
            "缺少“代码”列",
            file="名册.csv",
            row=1,
            key="subjects.id",
            expected="代码",
            found="name、书记、备注、序号",
            remedy="加上这一列：评估对象的代码，各不相同；文件名用它，如 yufocheng 或 007",
        ),
    ]


def test_a_roster_without_rows_is_reported(tmp_path: Path) -> None:
    roster, problems = read("id,name\n", tmp_path)
    assert roster is None
    assert [(p.code, p.key, p.expected) for p in problems] == [
        ("wrong_value", "subjects", "至少 1 项")
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_reported(content: bytes, tmp_path: Path) -> None:
    roster, problems = read(content, tmp_path)
    assert roster is None
    assert problems == [Problem("empty_document", "文档是空的", file="名册.csv", remedy="补上内容")]


def test_an_unknown_encoding_is_reported(tmp_path: Path) -> None:
    roster, problems = read(b"id,name\na,\xff\xff\n", tmp_path)
    assert roster is None
    (problem,) = problems
    assert (problem.code, problem.file) == ("encoding_unknown", "名册.csv")
    assert (problem.expected, problem.found) == ("UTF-8 或 GB18030", "第 10 字节附近不合规则")


def test_a_roster_saved_as_unicode_text_is_read(tmp_path: Path) -> None:
    roster, problems = read("\ufeffid\tname\na\t玉佛\n".encode("utf-16-le"), tmp_path)
    assert problems == []
    assert roster is not None
    assert [(s.id, s.name) for s in roster.subjects] == [("a", "玉佛")]


def test_a_sheet_of_any_title_is_read_if_it_is_the_only_roster(tmp_path: Path) -> None:
    path = sheet(
        [["某街道名册"], ["序号", "代码", "名称"], [1, "a", "玉佛"], [2, 7, "常德"]], tmp_path
    )
    problems = Problems()
    roster = read_roster(path, path.name, problems)
    assert list(problems) == []
    assert roster is not None
    assert [(s.id, s.name) for s in roster.subjects] == [("a", "玉佛"), ("7", "常德")]


def test_faults_of_a_workbook_name_sheet_and_row(tmp_path: Path) -> None:
    path = sheet([["代码", "名称"], ["a", "玉佛"], ["a", "常德"], ["b", None]], tmp_path, "2016年")
    problems = Problems()
    assert read_roster(path, path.name, problems) is None
    assert [(p.code, p.sheet, p.row, p.column) for p in problems] == [
        ("missing_key", "2016年", 4, "B（名称）"),
        ("duplicate_id", "2016年", 3, "A（代码）"),
    ]


def test_several_sheets_that_look_like_rosters_are_not_guessed_between(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for title in ("2015", "2016"):
        made = workbook.create_sheet(title)
        made.append(["代码", "名称"])
        made.append(["a", "玉佛"])
    path = tmp_path / "名册.xlsx"
    workbook.save(path)
    problems = Problems()
    assert read_roster(path, path.name, problems) is None
    assert list(problems) == [
        Problem(
            "ambiguous_sheet",
            "几张工作表都像名册",
            file="名册.xlsx",
            expected="一张名为“名册”的工作表，列名为 代码、名称、别名、片区、类别、住房类型、常住人口、名单人数、"
            "首个批次、最后批次、层级、上级、状态、分组",
            found="Sheet、2015、2016",
            remedy="把名册所在的工作表改名为“名册”",
        )
    ]


def test_a_workbook_without_a_roster_is_reported(tmp_path: Path) -> None:
    path = sheet([["甲", "乙"], [1, 2]], tmp_path)
    problems = Problems()
    assert read_roster(path, path.name, problems) is None
    assert [(p.code, p.found) for p in problems] == [("missing_sheet", "Sheet1")]
