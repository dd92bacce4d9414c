"""Files of SPSS, Stata and Parquet: labels mean what they say, missing is missing, sets are one question."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pyreadstat
import pytest

from evalkit.platforms import Long, RawSheet, Said
from tests.platforms.exporting import SURVEY, TOLD, coded, problems_of, survey, told, told_by_draft

CODES = {
    "where": [1.0, 2.0, 1.0, 2.0],
    "q2": [5.0, 1.0, 3.0, 8.0],
    "q3_1": [1.0, 2.0, 2.0, 9.0],
    "q3_2": [1.0, 2.0, 1.0, 9.0],
    "q3_3": [2.0, 1.0, 1.0, 9.0],
    "memo": ["", "好", "", ""],
}
LABELS = {
    "where": "所在居民区",
    "q2": "Q2. 办事是否方便",
    "q3_1": "需求:停车",
    "q3_2": "需求:电梯",
    "q3_3": "需求:绿化",
}
VALUES = {
    "where": {1: "东苑", 2: "西苑"},
    "q2": {5: "满意", 3: "一般", 1: "不满意", 8: "不了解"},
    **{name: {1: "是", 2: "否"} for name in ("q3_1", "q3_2", "q3_3")},
}
"""The file's numbers run against the questionnaire's codes: only the labels tell."""
MISSING = {name: [{"lo": 9, "hi": 9}] for name in ("q3_1", "q3_2", "q3_3")}


def sav(folder: Path, name: str = "a.sav", **changes: object) -> Path:
    path = folder / name
    data = pd.DataFrame(changes.pop("data", CODES))
    given = {
        "column_labels": LABELS,
        "variable_value_labels": VALUES,
        "missing_ranges": MISSING,
    } | changes
    pyreadstat.write_sav(data, str(path), **given)
    return path


def sheet_of(path: Path, said: Said | None = None) -> RawSheet:
    sheet, problems = problems_of(path, *([said] if said else []))
    assert problems == []
    assert sheet is not None
    return sheet


def test_value_labels_tell_what_the_numbers_mean(tmp_path: Path) -> None:
    sheet = sheet_of(sav(tmp_path))
    assert (sheet.platform, sheet.variant) == ("data_file", "number")
    assert told(sheet) == TOLD
    assert told_by_draft(sheet) == TOLD


def test_ticks_are_read_by_their_labels_too(tmp_path: Path) -> None:
    turned = VALUES | {name: {1: "否", 2: "是"} for name in ("q3_1", "q3_2", "q3_3")}
    sheet = sheet_of(sav(tmp_path, variable_value_labels=turned))
    assert [row[2] for row in told(sheet)] == ["3", "1;2", "1", None]


def test_a_label_that_no_option_has_is_told_and_missing_where_the_file_says_so(
    tmp_path: Path,
) -> None:
    document = survey(
        SURVEY.replace(
            "label: 不了解, missing: dont_know", "label: 没有这项服务, missing: not_applicable"
        )
    )
    _, problems = coded(sheet_of(sav(tmp_path)), document)
    assert [problem.code for problem in problems] == ["label_without_option"]
    sheet = sheet_of(sav(tmp_path, missing_ranges=MISSING | {"q2": [{"lo": 8, "hi": 9}]}))
    found, problems = coded(sheet, document)
    assert problems == []
    assert list(found.states["a"]) == ["answered"] * 3 + ["empty"]


def test_a_missing_value_whose_label_is_an_option_is_that_option(tmp_path: Path) -> None:
    found, problems = coded(sheet_of(sav(tmp_path, missing_ranges=MISSING | {"q2": [8]})))
    assert problems == []
    assert list(found.states["a"]) == ["answered"] * 3 + ["dont_know"]


def test_two_numbers_with_one_label_are_told(tmp_path: Path) -> None:
    values = VALUES | {"q2": VALUES["q2"] | {4: "满意"}}
    notes = [
        n
        for n in sheet_of(sav(tmp_path, variable_value_labels=values)).notes
        if n.code == "values_labelled_alike"
    ]
    assert [(n.facts["variable"], n.facts["codes"]) for n in notes] == [("q2", ("5", "4"))]


def test_texts_whose_labels_were_cut_are_told() -> None:
    from evalkit.files.grid import Dictionary, Variable
    from evalkit.platforms.data_file import DataFile

    cells = pd.DataFrame({0: ["satisfied with it"]})
    one = Variable("a", "", {"satisfie": "满意"}, frozenset(), ("satisfie",))
    notes = DataFile().described(cells, Dictionary((one,), ()), "a.sav").notes
    assert [note.code for note in notes] == ["values_cut"]


@pytest.mark.parametrize(
    ("counted", "numbers"),
    [("1", [["1", "1", ""], ["2", "2", "1"], ["2", "1", "1"], ["", "", ""]]),
     (None, [["1", "2", ""], ["3", "", ""], ["2", "3", ""], ["", "9", ""]])],
)  # fmt: skip
def test_a_multiple_response_set_is_one_question(
    counted: str | None, numbers: list[list[str]]
) -> None:
    from evalkit.files.grid import Dictionary, ResponseSet, Variable
    from evalkit.platforms.data_file import DataFile

    labels = {"1": "停车", "2": "电梯", "3": "绿化"} if counted is None else {"1": "否", "2": "是"}
    names = ("v1", "v2", "v3")
    variables = tuple(
        Variable(name, label, labels, frozenset({"9"}), ())
        for name, label in zip(names, ("需求：停车", "电梯", "绿化"), strict=True)
    )
    dictionary = Dictionary(variables, (ResponseSet("需求", names, counted),))
    cells = pd.DataFrame(numbers, index=range(2, 6))
    made = DataFile().described(cells, dictionary, "a.sav")
    sheet = RawSheet(
        "a.sav",
        None,
        "data_file",
        "number",
        made.columns,
        made.cells,
        None,
        "x",
        codebook=made.codebook,
    )
    found, problems = coded(sheet)
    assert {problem.code for problem in problems} == {"missing_column"}  # of the other questions
    codes = found.codes["n"]
    assert [None if pd.isna(code) else code for code in codes] == ["1;2", "3", "2;3", None]


def test_stata_is_read_by_the_same_library(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    labels = [*LABELS.values(), ""]
    pyreadstat.write_dta(
        pd.DataFrame(CODES).replace({9.0: None}),
        str(path),
        column_labels=labels,
        variable_value_labels=VALUES,
    )
    assert told(sheet_of(path)) == TOLD


def test_parquet_is_a_table_with_one_header(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = "('东苑', '满意', '停车;电梯'), ('西苑', '不满意', '绿化'), ('东苑', '一般', '电梯;绿化'), ('西苑', '不了解', NULL)"
    duckdb.sql(f'SELECT * FROM (VALUES {rows}) t("所在居民区", a, n)').write_parquet(str(path))
    assert told(sheet_of(path)) == TOLD


def test_an_export_of_wenjuanxing_keeps_its_own_columns_out(tmp_path: Path) -> None:
    data = {"index": [1.0, 2.0], "totalseconds": [91.0, 88.0], "Q1": [1.0, 2.0], "Q2": [1.0, 3.0]}
    labels = {
        "index": "序号",
        "totalseconds": "所用时间",
        "Q1": "1、所在居民区",
        "Q2": "2、办事是否方便",
    }
    values = {"Q1": {1: "东苑", 2: "西苑"}, "Q2": {1: "满意", 3: "不满意"}}
    path = sav(
        tmp_path, data=data, column_labels=labels, variable_value_labels=values, missing_ranges={}
    )
    sheet = sheet_of(path)
    assert {c.header: c.metadata for c in sheet.columns if c.metadata} == {
        "index": "sequence",
        "totalseconds": "seconds",
    }
    assert [row[:2] for row in told(sheet)] == [("东苑", "1"), ("西苑", "3")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"$FL2@(#) SPSS" + b"\x00" * 400, "damaged"),
        (b"<stata_dta>" + b"\x00" * 400, "damaged"),
        (b"PAR1" + b"\x00" * 400, "damaged"),
    ],
)
def test_a_damaged_file_is_a_problem(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    sheet, problems = problems_of(path)
    assert sheet is None
    assert [problem.code for problem in problems] == [code]


def test_texts_that_are_not_of_the_files_encoding_ask_for_the_right_one(tmp_path: Path) -> None:
    path = sav(tmp_path)
    path.write_bytes(path.read_bytes().replace("好".encode(), "好".encode("gbk") + b" "))
    _, problems = problems_of(path)
    assert [(p.code, p.key) for p in problems] == [("undecodable_texts", "encoding")]
    assert "gb18030" in str(problems[0].remedy)


def test_a_long_table_keeps_what_its_numbers_mean(tmp_path: Path) -> None:
    table = {
        "who": ["p1", "p1", "p2", "p2"],
        "asked": [1.0, 2.0, 1.0, 2.0],
        "answer": [1.0, 3.0, 2.0, 9.0],
    }
    labels: dict[str, dict[float | str, str]] = {
        "asked": {1: "办事是否方便", 2: "环境卫生"},
        "answer": {1: "满意", 2: "一般", 3: "不满意"},
    }
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        pd.DataFrame(table), str(path), variable_value_labels=labels, missing_ranges={"answer": [9]}
    )
    sheet = sheet_of(path, Said(long=Long("who", "asked", "answer")))
    assert [column.header for column in sheet.columns] == ["who", "办事是否方便", "环境卫生"]
    assert sheet.cells.to_numpy().tolist() == [["p1", "满意", "不满意"], ["p2", "一般", ""]]


def test_a_data_file_has_no_sheets(tmp_path: Path) -> None:
    sheet, problems = problems_of(sav(tmp_path), sheet="一")
    assert sheet is None
    assert [(problem.code, "SPSS" in problem.message) for problem in problems] == [
        ("sheet_in_csv", True)
    ]
