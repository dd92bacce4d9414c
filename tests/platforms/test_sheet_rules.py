"""Header rows, separators, dates: one rule of reading a table at a time."""

from __future__ import annotations

import hashlib
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from evalkit import platforms
from evalkit.files import delimited, limits
from evalkit.pages.press.sentences import said
from evalkit.platforms.base import RawSheet
from tests.files.building import codes, csv, read_well, refusal, rows_of, xlsx

Row = list[object]


def merged(path: Path, rows: list[Row], *areas: str) -> RawSheet:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    for area in areas:
        sheet.merge_cells(area)
    book.save(path)
    return read_well(path)


def told(sheet: RawSheet) -> list[tuple[str, str, str | None]]:
    return [(column.header, column.text, column.stem) for column in sheet.columns]


def text(path: Path, content: str) -> RawSheet:
    path.write_text(content, encoding="utf-8")
    return read_well(path)


# --- where the header is ----------------------------------------------------------------------


def test_a_header_merged_only_sideways_goes_on_in_the_next_row(tmp_path: Path) -> None:
    rows: list[Row] = [["姓名", "满意度", None], [None, "环境", "平安"], ["甲", 5, 4], ["乙", 3, 2]]
    sheet = merged(tmp_path / "a.xlsx", rows, "B1:C1")
    assert told(sheet) == [
        ("姓名", "姓名", None),
        ("满意度\n环境", "环境", "满意度"),
        ("满意度\n平安", "平安", "满意度"),
    ]
    assert list(sheet.cells.index) == [3, 4]
    assert rows_of(sheet) == [["甲", "5", "4"], ["乙", "3", "2"]]


def test_a_header_merged_only_downwards_ends_where_the_merge_ends(tmp_path: Path) -> None:
    rows: list[Row] = [["姓名", "分", "备注"], [None, "(0-100)", None], ["甲", 5, "x"]]
    sheet = merged(tmp_path / "a.xlsx", rows, "A1:A2")
    assert told(sheet)[:2] == [("姓名", "姓名", None), ("分\n(0-100)", "(0-100)", "分")]
    assert list(sheet.cells.index) == [3]


def test_a_header_of_three_rows_has_stems_from_above(tmp_path: Path) -> None:
    rows: list[Row] = [
        ["姓名", "总体", None, None],
        [None, "服务", None, "环境"],
        [None, "态度", "效率", "卫生"],
        ["甲", 5, 4, 3],
    ]
    sheet = merged(tmp_path / "a.xlsx", rows, "A1:A3", "B1:D1", "B2:C2")
    assert told(sheet) == [
        ("姓名", "姓名", None),
        ("总体\n服务\n态度", "态度", "总体 服务"),
        ("总体\n服务\n效率", "效率", "总体 服务"),
        ("总体\n环境\n卫生", "卫生", "总体 环境"),
    ]
    assert rows_of(sheet) == [["甲", "5", "4", "3"]]


def test_a_merge_as_long_as_the_search_for_headers_is_no_header(tmp_path: Path) -> None:
    rows: list[Row] = [["组", "姓名"], *([None, f"人{at}"] for at in range(25))]
    inside = merged(tmp_path / "a.xlsx", rows, "A1:A20")
    assert inside.cells.index[0] == 21
    beyond = merged(tmp_path / "b.xlsx", rows, "A1:A21")
    assert beyond.cells.index[0] == 2


@pytest.mark.parametrize(
    ("below", "areas", "title"),
    [
        (["姓名", "分"], ("A1:B1",), True),
        (["姓名", "分"], (), False),
        (["姓名", "分", "备注"], (), True),
        (["姓名", None], ("A1:B1",), False),
        (["姓名", "分"], ("A1:A2",), False),
    ],
)
def test_what_makes_a_lone_cell_a_title(
    tmp_path: Path, below: Row, areas: tuple[str, ...], title: bool
) -> None:
    rows: list[Row] = [["满意度调查"], below, ["甲", 5, "x"], ["乙", 4, "y"]]
    sheet = merged(tmp_path / "a.xlsx", rows, *areas)
    assert ("title_rows" in codes(sheet)) is title
    assert (sheet.columns[0].header == "姓名") is title
    if title:
        assert rows_of(sheet)[0][0] == "甲"


def test_a_lone_cell_merged_downwards_is_no_title(tmp_path: Path) -> None:
    rows: list[Row] = [[None, None, "分"], ["姓名", "区", None], ["甲", "x", 5], ["乙", "y", 4]]
    sheet = merged(tmp_path / "a.xlsx", rows, "C1:C2")
    assert [column.header for column in sheet.columns] == ["姓名", "区", "分"]
    assert codes(sheet) == {"merged_cells"}


def test_titles_are_counted_where_they_stand(tmp_path: Path) -> None:
    rows: list[Row] = [["调查"], [], ["姓名", "区", "分"], ["甲", "x", 5]]
    sheet = read_well(xlsx(tmp_path / "a.xlsx", rows))
    assert [(n.code, n.count, n.where) for n in sheet.notes] == [
        ("title_rows", 1, "a.xlsx [Sheet1]")
    ]
    assert list(sheet.cells.index) == [4]
    rows = [
        ["调查"],
        [],
        ["填表须知"],
        ["序号", "提交时间", "来自IP", "1、总体"],
        ["1", "x", "y", "好"],
    ]
    sheet = read_well(xlsx(tmp_path / "b.xlsx", rows))
    assert [(n.code, n.count) for n in sheet.notes] == [("title_rows", 2)]
    assert list(sheet.cells.index) == [5]


def test_a_platform_s_header_is_found_below_anything(tmp_path: Path) -> None:
    rows: list[Row] = [
        ["a", "b", "c"],
        ["序号", "提交答卷时间", "1、总体"],
        ["1", "2016/1/1 10:00:00", "好"],
    ]
    sheet = read_well(xlsx(tmp_path / "a.xlsx", rows))
    assert sheet.platform == "wenjuanxing"
    assert list(sheet.cells.index) == [3]


# --- columns ----------------------------------------------------------------------------------


def test_a_named_column_without_content_stays_and_one_without_name_is_noted(
    tmp_path: Path,
) -> None:
    sheet = read_well(csv(tmp_path / "a.csv", [["甲", "", "丙", ""], ["1", "2", "", ""]]))
    assert [column.header for column in sheet.columns] == ["甲", "", "丙"]
    assert [(note.code, note.count) for note in sheet.notes] == [("empty_headers", 1)]
    assert "列 B 没有列名" in said(sheet.notes[0])


def test_repeated_headers_are_counted_from_the_second_on(tmp_path: Path) -> None:
    sheet = read_well(csv(tmp_path / "a.csv", [["分", "名", "分 ", "分"], ["1", "2", "3", "4"]]))
    assert [column.occurrence for column in sheet.columns] == [0, 0, 1, 2]
    (note,) = sheet.notes
    assert (note.code, note.count) == ("repeated_headers", 2)
    assert "列 C、D 的列名" in said(note)


def test_more_than_eight_columns_are_named_in_part(tmp_path: Path) -> None:
    sheet = read_well(csv(tmp_path / "a.csv", [["分"] * 10, ["1"] * 10]))
    assert "列 B、C、D、E、F、G、H、I 等 9 个" in said(sheet.notes[0])
    sheet = read_well(csv(tmp_path / "b.csv", [["分"] * 9, ["1"] * 9]))
    assert "列 B、C、D、E、F、G、H、I 的列名" in said(sheet.notes[0])


@pytest.mark.parametrize(
    ("header", "cell", "serial"),
    [
        ("填写日期", "20000", True),
        ("填写日期", "69999.75", True),
        ("填写日期", "19999", False),
        ("填写日期", "70000", False),
        ("填写日期", "458095", False),
        ("提交时间点", "45809", True),
        ("Date", "45809", True),
        ("start TIME", "45809.5", True),
        ("门牌", "45809", False),
        ("填写日期", "2016-01-01", False),
    ],
)
def test_numbers_under_a_date_that_may_be_dates(
    tmp_path: Path, header: str, cell: str, serial: bool
) -> None:
    sheet = read_well(csv(tmp_path / "a.csv", [["姓名", header], ["甲", cell]]))
    assert ("date_serials" in codes(sheet)) is serial


def test_serials_are_counted_over_columns(tmp_path: Path) -> None:
    rows = [["开始日期", "名", "结束日期"], ["45809", "甲", "45810"], ["45811", "乙", "2016-1-1"]]
    (note,) = read_well(csv(tmp_path / "a.csv", rows)).notes
    assert (note.code, note.count) == ("date_serials", 3)
    assert "列 A、C " in said(note)


def test_a_fingerprint_is_the_digest_of_platform_and_headers(tmp_path: Path) -> None:
    sheet = read_well(csv(tmp_path / "a.csv", [["姓 名 ", "分"], ["甲", "5"]]))
    expected = hashlib.sha256("table\x1f姓 名\x1f分".encode()).hexdigest()[:16]
    assert platforms.fingerprint(sheet) == expected
    rows = [["序号", "提交答卷时间", "1、总体"], ["1", "2016/1/1 10:00:00", "好"]]
    platform = read_well(csv(tmp_path / "b.csv", rows))
    expected = hashlib.sha256("wenjuanxing\x1f序号\x1f提交答卷时间\x1f1、总体".encode()).hexdigest()
    assert platforms.fingerprint(platform) == expected[:16]


def test_invisible_characters_around_a_text_are_no_text(tmp_path: Path) -> None:
    sheet = text(tmp_path / "a.csv", "姓名,分\n\u200b甲\ufeff ,\u2060\n乙, 5\u200d\n")
    assert rows_of(sheet) == [["甲", ""], ["乙", "5"]]


@pytest.mark.parametrize(
    ("number", "noted"),
    [(10**15, True), (10**15 - 1, False), (-(10**15), True), (-(10**15) + 1, False), (2**53, True)],
)
def test_numbers_beyond_what_a_workbook_can_hold(tmp_path: Path, number: int, noted: bool) -> None:
    sheet = read_well(xlsx(tmp_path / "a.xlsx", [["名", "编号"], ["甲", number]]))
    assert ("integers_damaged" in codes(sheet)) is noted


# --- delimited text ---------------------------------------------------------------------------


def test_a_separator_is_what_rows_agree_on_not_what_makes_them_wide(tmp_path: Path) -> None:
    """Semicolons part all rows in two; commas three of four rows in four."""
    sheet = text(
        tmp_path / "a.csv", "姓名;建议\n甲;停车,绿化,卫生,灯\n乙;一,二,三,四\n丙;a,b,c,d\n"
    )
    assert rows_of(sheet) == [["甲", "停车,绿化,卫生,灯"], ["乙", "一,二,三,四"], ["丙", "a,b,c,d"]]


def test_of_two_separators_that_rows_agree_on_the_one_that_makes_more_columns(
    tmp_path: Path,
) -> None:
    sheet = text(tmp_path / "a.csv", "名;a,b,c\n甲;1,2,3\n")
    assert [column.header for column in sheet.columns] == ["名;a", "b", "c"]
    sheet = text(tmp_path / "b.csv", "名,a;b;c\n甲,1;2;3\n")
    assert [column.header for column in sheet.columns] == ["名,a", "b", "c"]
    sheet = text(tmp_path / "c.csv", "名,a;b\n甲,1;2\n")
    assert [column.header for column in sheet.columns] == ["名", "a;b"]


def test_blank_lines_have_no_say_in_the_separator(tmp_path: Path) -> None:
    sheet = text(tmp_path / "a.csv", "名\t分\n\n\n\n甲\t5\n")
    assert [column.header for column in sheet.columns] == ["名", "分"]


@pytest.mark.parametrize(
    ("first", "mark"),
    [("sep=;", ";"), ('"sep=,"', ","), ("SEP=\t", "\t"), ("sep=;\r", ";")],
)
def test_a_first_line_that_names_the_separator_is_believed_and_left_out(
    tmp_path: Path, first: str, mark: str
) -> None:
    sheet = text(tmp_path / "a.csv", f"{first}\n名{mark}分\n甲{mark}5\n")
    assert [column.header for column in sheet.columns] == ["名", "分"]
    assert rows_of(sheet) == [["甲", "5"]]
    assert sheet.notes == ()


@pytest.mark.parametrize("first", ["sep=|", "sep=;;", "sep=", "set=;"])
def test_a_first_line_that_names_none_is_a_row(tmp_path: Path, first: str) -> None:
    sheet = text(tmp_path / "a.csv", f"{first},b\n甲,5\n")
    assert [column.header for column in sheet.columns] == [first, "b"]


def test_rows_of_another_length_are_counted_by_direction(tmp_path: Path) -> None:
    sheet = text(tmp_path / "a.csv", "a,b,c\n1,2,3,4\n1,2\n1\n\n1,2,3,4,5\n1\n")
    counts = {note.code: note.count for note in sheet.notes}
    assert counts["rows_too_long"] == 2
    assert counts["rows_too_short"] == 3


@pytest.mark.parametrize(
    ("limit", "content", "most", "code"),
    [
        ("MAX_ROWS", "a,b\n1,2\n3,4\n", 3, "too_many_cells"),
        ("MAX_CELLS", "a,b\n1,2\n3,4\n", 6, "too_many_cells"),
        ("MAX_COLUMNS", "a,b\n1,2\n3,4\n", 2, "too_many_columns"),
        ("MAX_LINE_BYTES", "a,b\n12345,2\n3,4\n", 7, "line_too_long"),
    ],
)
def test_a_text_may_be_as_large_as_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, content: str, most: int, code: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    monkeypatch.setattr(limits, limit, most)
    assert len(read_well(path).cells) == 2
    monkeypatch.setattr(limits, limit, most - 1)
    assert refusal(path).code == code


def test_lines_within_quotes_are_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ROWS", 3)
    sheet = text(tmp_path / "a.csv", '名,话\n甲,"一\n二\n三\n四"\n乙,"五\n六"\n')
    assert rows_of(sheet) == [["甲", "一\n二\n三\n四"], ["乙", "五\n六"]]


def test_where_a_text_ceases_to_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"ab,c\nd\x00,e\n")
    problem = refusal(tmp_path / "a.csv")
    assert (problem.code, problem.found) == ("nul_bytes", "第 7 字节为 0")
    (tmp_path / "b.csv").write_bytes(b"abc,d\n\xff\xfe,1\n")
    problem = refusal(tmp_path / "b.csv")
    assert (problem.code, problem.found) == ("encoding_unknown", "第 6 字节附近不合规则")


def test_private_characters_are_counted_by_text_and_only_where_nothing_was_declared(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("姓名,评价\n张".encode("gb18030") + b"\xaa\xa1,5\n" + b"\xaa\xa1,5\n")
    (note,) = read_well(path).notes
    assert (note.code, note.count) == ("encoding_doubtful", 2)
    assert read_well(path, encoding="gb18030").notes == ()


def test_a_quote_that_ends_within_a_cell_is_told_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'a,b\n1,"{"x" * 140_000}"\n', encoding="utf-8")
    problem = refusal(tmp_path / "a.csv")
    assert (problem.code, problem.row) == ("csv_broken", 2)


@pytest.mark.parametrize("chunk", [1, 4, 5])
def test_it_does_not_matter_where_a_piece_of_a_file_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(delimited, "_CHUNK", chunk)
    assert rows_of(text(tmp_path / "a.csv", "姓名;分\r\n甲;5\r\n乙;4\r\n")) == [
        ["甲", "5"],
        ["乙", "4"],
    ]
    (tmp_path / "b.csv").write_bytes(b"ab,c\nd\x00,\x00\n")
    assert refusal(tmp_path / "b.csv").found == "第 7 字节为 0"
    (tmp_path / "c.csv").write_bytes(b"abc,d\n\xff\xfe,1\n")
    assert refusal(tmp_path / "c.csv").found in [f"第 {at} 字节附近不合规则" for at in (6, 7)]
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 7)
    for at, content in enumerate(("12345,7\n1,2\n", "1,2\n12345,7\n3,4\n", "1,2\n12345,7")):
        path = tmp_path / f"{at}.csv"
        path.write_text(content, encoding="utf-8")
        assert len(read_well(path).columns) == 2
        monkeypatch.setattr(limits, "MAX_LINE_BYTES", 6)
        assert refusal(path).code == "line_too_long"
        monkeypatch.setattr(limits, "MAX_LINE_BYTES", 7)
