"""Workbooks and tables as people save them: types, titles, merges, sheets, dirt."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from evalkit import platforms
from evalkit.files.workbook import as_text
from evalkit.pages.press.sentences import said
from tests.files.building import (
    META,
    SHEET,
    changed,
    codes,
    csv,
    meta,
    read_well,
    refusal,
    rows_of,
    xls,
    xlsx,
)


def book() -> tuple[openpyxl.Workbook, Worksheet]:
    made = openpyxl.Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    return made, sheet


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (-2.0, "-2"),
        (0.0, "0"),
        (-0.0, "0"),
        (4.5, "4.5"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e20, "100000000000000000000"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (dt.timedelta(minutes=61, seconds=1), "1:01:01"),
        (True, "TRUE"),
        (False, "FALSE"),
        (dt.date(2015, 6, 1), "2015-06-01"),
        (dt.datetime(2015, 6, 1, 14, 22, 55), "2015-06-01 14:22:55"),
        (dt.datetime(2015, 6, 1, 14, 22, 54, 999997), "2015-06-01 14:22:55"),
        (dt.datetime(2015, 12, 31, 23, 59, 59, 999999), "2016-01-01 00:00:00"),
        (dt.time(1, 2, 2, 999999), "01:02:03"),
        (dt.timedelta(hours=30, seconds=5), "30:00:05"),
        (dt.timedelta(seconds=-5), "-0:00:05"),
        ("NA", "NA"),
        (" 原样 ", " 原样 "),
    ],
)
def test_values_as_an_analyst_would_write_them(value: float | str, text: str) -> None:
    assert as_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_as_text_are_the_same_numbers(value: float) -> None:
    assert float(as_text(value)) == value


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=8).filter(
    lambda text: "_x" not in text and not text.startswith("=")
)
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(words, st.integers(-999, 999)), min_size=width, max_size=width),
        min_size=1,
        max_size=6,
    )
)
fresh = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fresh
@given(tables)
@pytest.mark.parametrize("save", [xlsx, xls])
def test_workbooks_come_back_as_they_were_saved(
    tmp_path: Path, save: object, rows: list[list[object]]
) -> None:
    width = len(rows[0])
    headers = [f"列{at}" for at in range(width)]
    rows = [*rows, ["末行"] * width]
    assert callable(save)
    sheet = read_well(save(tmp_path / "a.bin", [headers, *rows]))
    assert [column.header for column in sheet.columns] == headers
    assert rows_of(sheet) == [[stripped(value) for value in row] for row in rows]
    assert list(sheet.cells.index) == list(range(2, len(rows) + 2))


def stripped(value: object) -> str:
    return str(value).strip().strip("\ufeff\u200b\u200c\u200d\u2060").strip()


def test_legitimate_names_stay(tmp_path: Path) -> None:
    names = ["NA", "null", "None", "nan", "-", "N/A", "TRUE"]
    for save in (xlsx, xls, csv):
        sheet = read_well(save(tmp_path / "a.bin", [["姓名", "分"], *([n, 1] for n in names)]))
        assert sheet.cells[0].tolist() == names


def test_headers_are_kept_exactly_and_told_apart(tmp_path: Path) -> None:
    rows = [["姓名 ", "", "得分", "得分", " 得分"], ["甲", "x", 1, 2, 3]]
    sheet = read_well(xlsx(tmp_path / "a.xlsx", rows))
    assert [c.header for c in sheet.columns] == ["姓名 ", "", "得分", "得分", " 得分"]
    assert [c.occurrence for c in sheet.columns] == [0, 0, 0, 1, 2]
    assert [c.letters for c in sheet.columns] == ["A", "B", "C", "D", "E"]
    assert codes(sheet) == {"empty_headers", "repeated_headers"}


def test_columns_without_header_or_content_at_the_end_are_no_columns(tmp_path: Path) -> None:
    sheet = read_well(csv(tmp_path / "a.csv", [["甲", "乙", "", ""], ["1", "2", "", ""]]))
    assert len(sheet.columns) == 2
    assert sheet.notes == ()


def test_blank_and_footer_rows_stay_with_their_row_numbers(tmp_path: Path) -> None:
    rows = [["姓名", "分"], ["甲", 1], [None, None], ["乙", 2], ["合计", 3]]
    sheet = read_well(xlsx(tmp_path / "a.xlsx", rows))
    assert rows_of(sheet) == [["甲", "1"], ["", ""], ["乙", "2"], ["合计", "3"]]
    assert list(sheet.cells.index) == [2, 3, 4, 5]


def test_a_table_that_starts_further_down_and_right(tmp_path: Path) -> None:
    made, sheet = book()
    for at, (name, score) in enumerate([("姓名", "分"), ("甲", 1)], start=4):
        sheet.cell(at, 3, name)
        sheet.cell(at, 4, score)
    made.save(tmp_path / "a.xlsx")
    read = read_well(tmp_path / "a.xlsx")
    assert list(read.cells.index) == [5]
    assert [(c.letters, c.header) for c in read.columns][2:] == [("C", "姓名"), ("D", "分")]
    assert read.notes == ()


@pytest.mark.parametrize("merged", [True, False])
def test_a_title_above_the_header_is_left_out_and_noted(tmp_path: Path, merged: bool) -> None:
    made, sheet = book()
    for row in (["2016 年满意度调查"], ["姓名", "居民区", "得分"], ["甲", "玉佛城", 5]):
        sheet.append(row)
    if merged:
        sheet.merge_cells("A1:C1")
    made.save(tmp_path / "a.xlsx")
    read = read_well(tmp_path / "a.xlsx")
    assert [c.header for c in read.columns] == ["姓名", "居民区", "得分"]
    assert list(read.cells.index) == [3]
    assert "title_rows" in codes(read)
    assert ("merged_cells" in codes(read)) is merged


@pytest.mark.parametrize("merged", [(), ("A1:C1",), ("A1:C1", "A2:C2"), ("A2:C2",)])
@pytest.mark.parametrize("second", [["共 2 份"], [None, None, "2016 年 6 月"]])
def test_two_titles_above_the_header_are_left_out_and_the_header_named(
    tmp_path: Path, merged: tuple[str, ...], second: list[str | None]
) -> None:
    made, sheet = book()
    for row in (["满意度调查"], second, ["姓名", "居民区", "得分"], ["甲", "玉佛城", 5]):
        sheet.append(row)
    for cells in merged:
        if second[0] or cells == "A1:C1":
            sheet.merge_cells(cells)
    made.save(tmp_path / "a.xlsx")
    read = read_well(tmp_path / "a.xlsx")
    assert [c.header for c in read.columns] == ["姓名", "居民区", "得分"]
    assert list(read.cells.index) == [4]
    note = next(note for note in read.notes if note.code == "title_rows")
    assert (note.count, said(note)) == (2, "第 3 行认作表头，上面的标题行没有读入")


def test_a_title_may_have_a_date_beside_it(tmp_path: Path) -> None:
    header = ["姓名", "居民区", "办事", "环境", "平安", "总体"]
    rows = [["满意度调查", "", "", "", "2016 年", ""], header, ["甲", "乙", "1", "2", "3", "4"]]
    read = read_well(csv(tmp_path / "a.csv", rows))
    assert [c.header for c in read.columns] == header
    assert [(n.code, n.count) for n in read.notes] == [("title_rows", 1)]


def test_a_wide_row_further_down_makes_no_title_of_what_is_above(tmp_path: Path) -> None:
    rows = [["姓名", "分", "", "", "", ""], *[["甲", "5", "", "", "", ""]] * 6, ["乙"] * 6]
    assert len(read_well(csv(tmp_path / "a.csv", rows)).cells) == 7


def test_a_lone_header_is_no_title(tmp_path: Path) -> None:
    read = read_well(csv(tmp_path / "a.csv", [["姓名", ""], ["甲", "1"]]))
    assert [c.header for c in read.columns] == ["姓名", ""]


def test_headers_in_two_rows(tmp_path: Path) -> None:
    made, sheet = book()
    for row in (["姓名", "满意度", None], [None, "环境", "平安"], ["甲", 5, 4]):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    made.save(tmp_path / "a.xlsx")
    read = read_well(tmp_path / "a.xlsx")
    assert [(c.header, c.text, c.stem) for c in read.columns] == [
        ("姓名", "姓名", None),
        ("满意度\n环境", "环境", "满意度"),
        ("满意度\n平安", "平安", "满意度"),
    ]
    assert rows_of(read) == [["甲", "5", "4"]]


def test_merged_answers_keep_their_first_cell_and_are_noted(tmp_path: Path) -> None:
    made, sheet = book()
    for row in (["居民区", "分"], ["玉佛城", 5], [None, 4]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    made.save(tmp_path / "a.xlsx")
    read = read_well(tmp_path / "a.xlsx")
    assert rows_of(read) == [["玉佛城", "5"], ["", "4"]]
    assert [(n.code, n.count) for n in read.notes] == [("merged_cells", 1)]
    old = xlwt.Workbook(encoding="utf-8")
    old_sheet = old.add_sheet("一")
    old_sheet.write(0, 0, "居民区")
    old_sheet.write(0, 1, "分")
    old_sheet.write_merge(1, 2, 0, 0, "玉佛城")
    old_sheet.write(1, 1, 5)
    old_sheet.write(2, 1, 4)
    old.save(str(tmp_path / "a.xls"))
    read = read_well(tmp_path / "a.xls")
    assert rows_of(read) == [["玉佛城", "5"], ["", "4"]]
    assert codes(read) == {"merged_cells"}


@pytest.mark.parametrize("save", [xlsx, xls])
def test_long_ids_stored_as_numbers_are_noted_with_their_columns(
    tmp_path: Path, save: object
) -> None:
    assert callable(save)
    rows = [
        ["姓名", "身份证号", "电话"],
        ["甲", 310107199001011234, 13800000000],
        ["乙", 2**53, 13800000001],
        ["丙", "310107199001011234", 10**15 - 1],
    ]
    sheet = read_well(save(tmp_path / "a.bin", rows))
    note = next(note for note in sheet.notes if note.code == "integers_damaged")
    assert note.count == 2
    assert "列 B " in said(note)
    assert sheet.cells[2].tolist() == ["13800000000", "13800000001", str(10**15 - 1)]
    assert sheet.cells.loc[4, 1] == "310107199001011234"


def test_leading_zeros_that_are_only_formatting_are_noted(tmp_path: Path) -> None:
    made, sheet = book()
    for row in (["姓名", "编号", "分"], ["甲", 12, 5]):
        sheet.append(row)
    sheet["B2"].number_format = "000000"
    sheet["C2"].number_format = "0.00"
    made.save(tmp_path / "a.xlsx")
    read = read_well(tmp_path / "a.xlsx")
    assert rows_of(read) == [["甲", "12", "5"]]
    note = next(note for note in read.notes if note.code == "leading_zeros_formatted")
    assert "列 B " in said(note)
    sheet["B2"].number_format = "0"
    made.save(tmp_path / "b.xlsx")
    assert read_well(tmp_path / "b.xlsx").notes == ()


def test_leading_zeros_kept_as_text_stay(tmp_path: Path) -> None:
    for save in (xlsx, xls, csv):
        sheet = read_well(save(tmp_path / "a.bin", [["编号", "分"], ["0012", 5]]))
        assert sheet.cells.loc[2, 0] == "0012"


def test_dates_are_iso_where_the_cell_is_a_date_and_noted_where_it_is_a_serial(
    tmp_path: Path,
) -> None:
    rows = [["填写日期", "录入时间", "门牌"], [dt.datetime(2015, 6, 1, 12, 0), 45809.5, 45809]]
    sheet = read_well(xlsx(tmp_path / "a.xlsx", rows))
    assert rows_of(sheet) == [["2015-06-01 12:00:00", "45809.5", "45809"]]
    assert [(n.code, n.count) for n in sheet.notes] == [("date_serials", 1)]
    assert "列 B " in said(sheet.notes[0])


def test_cells_with_errors_are_empty_and_counted(tmp_path: Path) -> None:
    broken = changed(
        SHEET,
        lambda xml: xml.replace(
            b'<c r="B2" t="n"><v>5</v></c>', b'<c r="B2" t="e"><v>#N/A</v></c>'
        ),
    )
    (tmp_path / "a.xlsx").write_bytes(broken)
    sheet = read_well(tmp_path / "a.xlsx")
    assert rows_of(sheet) == [["甲", ""]]
    assert [(n.code, n.count) for n in sheet.notes] == [("error_cells", 1)]


def test_formulas_that_were_never_computed_are_empty_and_counted(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["姓名", "分"], ["甲", "=1+1"], ["乙", 3]])
    sheet = read_well(path)
    assert rows_of(sheet) == [["甲", ""], ["乙", "3"]]
    assert [(n.code, n.count) for n in sheet.notes] == [("formulas_uncomputed", 1)]


def test_several_sheets_need_a_name(tmp_path: Path) -> None:
    made, sheet = book()
    sheet.title = "一季度"
    made.create_sheet("空表")
    second = made.create_sheet("二季度")
    hidden = made.create_sheet("选项")
    hidden.sheet_state = "hidden"
    for target, score in ((sheet, 1), (second, 2), (hidden, 3)):
        target.append(["姓名", "分"])
        target.append(["甲", score])
    made.save(tmp_path / "a.xlsx")
    problem = refusal(tmp_path / "a.xlsx")
    assert problem.code == "several_sheets"
    assert problem.found == "一季度、二季度、选项（隐藏）"
    assert rows_of(read_well(tmp_path / "a.xlsx", sheet="二季度")) == [["甲", "2"]]
    assert rows_of(read_well(tmp_path / "a.xlsx", sheet="选项")) == [["甲", "3"]]
    missing = refusal(tmp_path / "a.xlsx", sheet="三季度")
    assert missing.code == "sheet_missing"
    assert missing.expected == "一季度、空表、二季度、选项（隐藏）"
    assert refusal(tmp_path / "a.xlsx", sheet="空表").code == "no_content"


def test_empty_sheets_beside_the_answers_do_not_matter(tmp_path: Path) -> None:
    made, sheet = book()
    made.create_sheet("Sheet2").append([" ", None])
    made.create_sheet("Sheet3")
    sheet.append(["姓名"])
    sheet.append(["甲"])
    made.save(tmp_path / "a.xlsx")
    assert read_well(tmp_path / "a.xlsx").sheet == "Sheet"


@pytest.mark.parametrize("save", [xlsx, xls])
def test_no_content_and_no_answers(tmp_path: Path, save: object) -> None:
    assert callable(save)
    assert refusal(save(tmp_path / "a.bin", [[" "]])).code == "no_content"
    assert refusal(save(tmp_path / "a.bin", [["姓名", "分"]])).code == "no_answers"
    assert refusal(save(tmp_path / "a.bin", [["姓名", "分"], [" ", ""]])).code == "no_answers"


def test_formatted_but_empty_rows_to_the_bottom_do_not_matter(tmp_path: Path) -> None:
    made, sheet = book()
    sheet.append(["姓名", "分"])
    sheet.append(["甲", 5])
    sheet["Z1048576"].number_format = "0.00"
    made.save(tmp_path / "a.xlsx")
    assert rows_of(read_well(tmp_path / "a.xlsx")) == [["甲", "5"]]


def test_an_encoding_for_a_workbook_is_noted(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["姓名"], ["甲"]])
    assert codes(read_well(path, encoding="gbk")) == {"encoding_not_used"}


def test_the_kind_is_told_by_content_not_by_suffix(tmp_path: Path) -> None:
    rows = [["姓名", "分"], ["甲", "5"]]
    for save, suffix in ((xlsx, "csv"), (xls, "xlsx"), (csv, "xls")):
        sheet = read_well(save(tmp_path / f"a.{suffix}", rows))
        assert rows_of(sheet) == [["甲", "5"]]


def test_platform_columns_of_plain_tables(tmp_path: Path) -> None:
    rows = [["序号", "来源", "微信昵称", "手机号", "满意度"], ["1", "微信", "a", "138", "满意"]]
    sheet = read_well(csv(tmp_path / "a.csv", rows))
    assert sheet.platform == "table"
    assert [c.metadata for c in sheet.columns] == ["sequence", None, "nickname", "contact", None]
    personal = [c.metadata for c in sheet.columns if c.metadata in platforms.PERSONAL]
    assert personal == ["nickname", "contact"]


def test_a_wenjuanxing_header_below_a_title(tmp_path: Path) -> None:
    rows = [["满意度调查"], [], [*META, "1、总体"], [*meta(1), "满意"]]
    sheet = read_well(xlsx(tmp_path / "a.xlsx", rows))
    assert sheet.platform == "wenjuanxing"
    assert list(sheet.cells.index) == [4]
    assert codes(sheet) == {"title_rows"}


def test_wenjuanxing_saved_as_csv(tmp_path: Path) -> None:
    rows = [[*META, "1、总体"], [*meta(1), "满意"], [*meta(2), "(空)"]]
    sheet = read_well(csv(tmp_path / "a.csv", rows, encoding="gb18030"))
    assert (sheet.platform, sheet.variant, sheet.encoding) == ("wenjuanxing", "text", "gb18030")
    assert sheet.cells.loc[2, 1] == "2016/12/17 14:22:01"
    assert sheet.cells.loc[2, 2] == "136秒"


def test_fingerprints_follow_the_headers_only(tmp_path: Path) -> None:
    def of(name: str, rows: list[list[object]]) -> str:
        return platforms.fingerprint(read_well(xlsx(tmp_path / name, rows)))

    first = of("a.xlsx", [["姓名", "分"], ["甲", 5]])
    assert len(first) == 16
    assert first == of("b.xlsx", [["姓名 ", "分"], ["乙", "满意"], ["丙", 1]])
    assert first != of("c.xlsx", [["分", "姓名"], [5, "甲"]])
    assert first != of("d.xlsx", [["姓名", "分", "分"], ["甲", 5, 5]])
    assert (
        platforms.fingerprint(read_well(csv(tmp_path / "a.csv", [["姓名", "分"], ["甲", 5]])))
        == first
    )


def test_the_digest_is_of_the_file(tmp_path: Path) -> None:
    import hashlib

    path = csv(tmp_path / "a.csv", [["姓名"], ["甲"]])
    assert read_well(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
