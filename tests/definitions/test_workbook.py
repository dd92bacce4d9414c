"""An analyst's workbook: what is written, what an edit gives, where its faults are found."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.sheets.layouts import LAYOUTS
from evalkit.definitions.sheets.shapes import Pairs
from evalkit.definitions.workbook import write_workbook
from evalkit.errors import Problems
from tests.definitions.books import MODELS, edited, opened, written
from tests.definitions.small import DOCUMENTS, fresh


@pytest.mark.parametrize("name", MODELS)
def test_a_document_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    document, path = written(name, tmp_path)
    problems = Problems()
    assert DOCUMENTS[name][1](path, path.name, problems) == document
    assert list(problems) == []


@pytest.mark.parametrize("name", MODELS)
def test_the_bytes_hang_on_the_document_alone(name: str, tmp_path: Path) -> None:
    document, path = written(name, tmp_path)
    again = tmp_path / "again.xlsx"
    write_workbook(document, again)
    assert again.read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r">(\d{4}-[^<]*)<", core) == ["2014-01-01T00:00:00Z"] * 2


@pytest.mark.parametrize(
    ("name", "sheets"),
    [
        ("scheme", ["说明", "方案", "评价主体", "维度", "指标", "等第", "备选方案", "依据"]),
        ("resident", ["说明", "问卷", "题目", "量表", "选项"]),
        ("roster", ["说明", "名册"]),
        ("crosswalk", ["说明", "对照", "列", "取值", "居民区"]),
    ],
)
def test_sheets_are_chinese_with_frozen_titles_and_widths(
    name: str, sheets: list[str], tmp_path: Path
) -> None:
    workbook = opened(written(name, tmp_path)[1])
    assert workbook.sheetnames == sheets
    for sheet in workbook:
        assert sheet.freeze_panes == "A2"
        for title in sheet[1]:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in title.value)
            assert title.font.bold
            assert sheet.column_dimensions[title.column_letter].width >= 8


def test_the_guide_explains_every_column_of_every_sheet(tmp_path: Path) -> None:
    workbook = opened(written("scheme", tmp_path)[1])
    explained = {
        (row[0], row[1].removesuffix("：代码")): row[4]
        for row in workbook["说明"].iter_rows(min_row=2, values_only=True)
        if row[0]
    }
    for sheet in workbook.worksheets[1:]:
        keys = [c.value for c in (sheet["A"][1:] if sheet.title in ("方案", "依据") else sheet[1])]
        for key in keys:
            assert explained[sheet.title, key.partition("：")[0]]


def test_choices_are_offered_where_a_code_is_expected(tmp_path: Path) -> None:
    workbook = opened(written("scheme", tmp_path)[1])
    offered = {
        (sheet.title, str(validation.sqref).partition(":")[0]): validation.formula1
        for sheet in workbook
        for validation in sheet.data_validations.dataValidation
    }
    assert offered["评价主体", "G2"] == '"一份答卷一人,一人评多个对象"'
    assert offered["评价主体", "F2"] == '"是,否"'
    assert offered["指标", "A2"] == "'维度'!$A$2:$A$500"
    assert offered["方案", "B5"] == '"由该主体能评的指标分担,由能评的主体分担"'


TRICKY = [
    "=1+1",
    "+8621",
    "-x",
    "@SUM(A1)",
    "'单引号",
    "#N/A",
    "_x0041_",
    "_x005F_x0041_",
    "01",
    "1e5",
    "是",
    "TRUE",
    " 前后有空格 ",
    "两\n行",
    "<&>\"'",
    "2016-03-01",
    "A、B；C",
]


@pytest.mark.parametrize("text", TRICKY)
def test_a_text_that_looks_like_something_else_comes_back_unchanged(
    text: str, tmp_path: Path
) -> None:
    data = fresh("scheme")
    data["title"] = data["groups"][0]["name"] = data["published"][0] = text
    document, path = Scheme.model_validate(data), tmp_path / "x.xlsx"
    write_workbook(document, path)
    sheet = opened(path)["评价主体"]
    assert sheet["B2"].data_type == "s"
    problems = Problems()
    assert DOCUMENTS["scheme"][1](path, "x.xlsx", problems) == document
    assert list(problems) == []


@pytest.mark.parametrize("number", [0.1 + 0.2, 1 / 3, 1e-7, 0.95])
def test_a_number_keeps_every_digit(number: float, tmp_path: Path) -> None:
    data = fresh("scheme")
    data["minimum_answered"] = number
    data["groups"][0]["population"] = 2**53 + 1
    document, path = Scheme.model_validate(data), tmp_path / "x.xlsx"
    write_workbook(document, path)
    assert DOCUMENTS["scheme"][1](path, "x.xlsx", Problems()) == document


def test_no_cell_of_any_document_is_a_formula(tmp_path: Path) -> None:
    data = fresh("resident")
    for item in data["items"]:
        item["text"] = "=HYPERLINK(1)"
    path = tmp_path / "x.xlsx"
    write_workbook(Questionnaire.model_validate(data), path)
    for sheet in opened(path):
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


def test_codes_and_english_titles_are_understood_and_order_is_free(tmp_path: Path) -> None:
    document, _ = written("scheme", tmp_path)

    def edit(workbook: Any) -> None:
        sheet = workbook["等第"]
        for row, values in enumerate(
            [
                ("cutoff", "备注", "name", "good"),
                (90, "随便写", "优秀", "true"),
                (60, "", "合格", None),
            ]
        ):
            for column, value in enumerate(values):
                sheet.cell(row + 1, column + 1).value = value
        sheet["A4"], sheet["B4"], sheet["C4"], sheet["D4"] = 0, None, "待改进", "否"
        workbook["评价主体"]["G4"] = "rater"
        workbook.create_sheet("备注2")["A1"] = "我的算草"

    loaded, problems = edited("scheme", tmp_path, edit)
    assert problems == []
    assert loaded == document


def test_a_new_row_and_a_new_questionnaire_column_are_read(tmp_path: Path) -> None:
    def edit(workbook: Any) -> None:
        sheet = workbook["指标"]
        titles = [c.value for c in sheet[1]]
        sheet.cell(1, len(titles) + 1).value = "题目: partner"
        sheet.cell(4, len(titles) + 1).value = "p1，p2"
        sheet["D4"] = 30
        new = {"维度": "B", "指标": "B2", "名称": "业务", "权重": 10, "题目：resident": "q9"}
        for title, value in new.items():
            sheet.cell(6, titles.index(title) + 1).value = value  # row 5 stays blank

    loaded, problems = edited("scheme", tmp_path, edit)
    assert problems == []
    b1, b2 = loaded.dimensions[1].indicators
    assert b1.items == {"resident": ["q4"], "organisation": ["o1"], "partner": ["p1", "p2"]}
    assert (b2.code, b2.weight, b2.items) == ("B2", 10, {"resident": ["q9"]})


def test_a_workbook_may_lack_what_a_document_need_not_hold() -> None:
    """Sheets that may be missing, and columns of pairs whose cells may be empty."""
    sheets = {
        (kind.__name__, part.sheet)
        for kind, parts in LAYOUTS.items() for part in parts if not part.required
    }  # fmt: skip
    assert sheets == {
        ("Scheme", "备选方案"), ("Scheme", "依据"), ("Questionnaire", "量表"), ("Questionnaire", "选项"),
        ("Crosswalk", "取值"), ("Crosswalk", "居民区"), ("Claims", "各项"),
        *(("Ledger", title) for title in
          ("取值", "不计的记录", "时限", "环节", "另许的流转", "度量", "平衡", "清单")),
        ("ActionLibrary", "街道统筹"), ("ActionLibrary", "事项类别"),
    }  # fmt: skip
    columns = {
        (kind.__name__, part.sheet, column.title)
        for kind, parts in LAYOUTS.items() for part in parts if isinstance(part, Pairs)
        for column in part.columns if not column.required
    }  # fmt: skip
    assert columns == {
        ("Crosswalk", "取值", "选项序号"), ("Crosswalk", "居民区", "居民区"), ("Ledger", "取值", "分值"),
    }  # fmt: skip
