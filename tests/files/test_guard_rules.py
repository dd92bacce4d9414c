"""Each limit and each refusal of the guards by itself, at the value where it begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwt

from evalkit.errors import Problems
from evalkit.files import guard, limits
from evalkit.files.extent import column_number
from evalkit.platforms.base import column_letters
from tests.files.building import (
    archive,
    read_well,
    refusal,
    rows_of,
    xls,
    xlsx,
)
from tests.files.hostile import renamed

ROWS = [["姓名", "分"], ["甲", 5]]


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def two_sheets(path: Path, *, old: bool) -> Path:
    """Two sheets of two rows and three columns each: twelve cells in all."""
    if old:
        early = xlwt.Workbook(encoding="utf-8")
        for title in ("一", "二"):
            page = early.add_sheet(title)
            for row in range(2):
                for column in range(3):
                    page.write(row, column, "x" if title == "一" else " ")
        early.save(str(path))
        return path
    book = openpyxl.Workbook()
    for title in ("一", "二"):
        sheet = book.create_sheet(title)
        for row in range(1, 3):
            for column in range(1, 4):
                sheet.cell(row, column, "x" if title == "一" else " ")
    book.save(path)
    return path


@pytest.mark.parametrize("old", [False, True], ids=["xlsx", "xls"])
def test_cells_are_summed_over_all_sheets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bool
) -> None:
    path = two_sheets(tmp_path / "a.bin", old=old)
    monkeypatch.setattr(limits, "MAX_CELLS", 12)
    assert read_well(path).cells.shape == (1, 3)
    monkeypatch.setattr(limits, "MAX_CELLS", 11)
    problem = refusal(path)
    assert problem.code == "too_many_cells"
    assert "12 格" in str(problem.found)


@pytest.mark.parametrize("save", [xlsx, xls])
@pytest.mark.parametrize(
    ("limit", "most", "code"),
    [("MAX_COLUMNS", 3, "too_many_columns"), ("MAX_ROWS", 4, "too_many_cells")],
)
def test_rows_and_columns_end_where_the_limit_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    save: Callable[..., Path],
    limit: str,
    most: int,
    code: str,
) -> None:
    path = save(tmp_path / "a.bin", [["x"] * 3] * 4)
    monkeypatch.setattr(limits, limit, most)
    assert read_well(path).cells.shape == (3, 3)
    monkeypatch.setattr(limits, limit, most - 1)
    assert refusal(path).code == code


@pytest.mark.parametrize("save", [xlsx, xls])
def test_an_area_may_be_empty_to_a_part_or_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[..., Path]
) -> None:
    """Ten rows of six columns, of which eight cells are filled: 60 <= 8 * 8, but 60 > 7 * 8."""
    rows = [["a", "b", "c", "d"], *[[None] * 6] * 8, [None, None, "x", "y", "z", "u"]]
    if save is xls:
        book = xlwt.Workbook(encoding="utf-8")
        sheet = book.add_sheet("一")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(at, column, value)
        path = tmp_path / "a.xls"
        book.save(str(path))
    else:
        path = xlsx(tmp_path / "a.xlsx", rows)
    monkeypatch.setattr(limits, "SMALL_AREA", 59)
    monkeypatch.setattr(limits, "MAX_SPARSITY", 8)
    assert read_well(path).cells.shape[0] == 9
    monkeypatch.setattr(limits, "MAX_SPARSITY", 7)
    problem = refusal(path)
    assert problem.code == "too_sparse"
    assert "第 10 行第 6 列，只有 8 格" in str(problem.found)
    monkeypatch.setattr(limits, "SMALL_AREA", 60)
    assert read_well(path).cells.shape[0] == 9


@pytest.mark.parametrize(
    ("letters", "number"),
    [("A", 1), ("Z", 26), ("AA", 27), ("AZ", 52), ("ZZ", 702), ("AAA", 703), ("XFD", 16384)],
)
def test_columns_are_counted_as_excel_counts_them(letters: str, number: int) -> None:
    assert column_number(letters) == column_number(letters.lower()) == number
    assert column_letters(number - 1) == letters


# --- what a file is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (b"%PDF-1.4", "PDF 文档"),
        (b"\x89PNG\r\n", "PNG 图片"),
        (b"\xff\xd8\xff\xe0", "JPEG 图片"),
        (b"GIF89a", "GIF 图片"),
        (b"Rar!\x1a", "RAR 压缩包"),
        (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
        (b"\x1f\x8b\x08", "gzip 压缩包"),
        (b"PK\x05\x06" + bytes(18), "空的 ZIP 压缩包"),
        (b"SQLite format 3\x00", "SQLite 数据库"),
        (b"{\\rtf1", "RTF 文档"),
    ],
)
def test_files_of_other_kinds_are_called_by_their_name(
    tmp_path: Path, head: bytes, title: str
) -> None:
    problem = refusal(put(tmp_path / "a.xlsx", head + b"rest"))
    assert (problem.code, problem.found) == ("wrong_type", title)
    assert problem.remedy == "换成问卷平台导出的表格文件"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "MHTML 网页"),
        (b"\xef\xbb\xbf \r\n<!DOCTYPE HTML><p>", "HTML 网页"),
        (b"<HTML><body>", "HTML 网页"),
        (b"<Table><tr>", "HTML 网页"),
        (b"<?xml version='1.0'?><x/>", "XML 文档"),
        (
            b'<?xml version="1.0"?><W xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML 电子表格 2003",
        ),
    ],
)
def test_pages_that_call_themselves_workbooks(tmp_path: Path, text: bytes, title: str) -> None:
    problem = refusal(put(tmp_path / "a.xls", text))
    assert (problem.code, problem.found) == ("wrong_type", title)
    assert "另存为 .xlsx" in str(problem.remedy)


def test_a_text_that_merely_speaks_of_a_page_is_a_table(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "姓名,建议\n甲,<html> mime-version: 1\n".encode())
    assert rows_of(read_well(path)) == [["甲", "<html> mime-version: 1"]]


@pytest.mark.parametrize(
    ("part", "title", "remedy"),
    [
        ("word/document.xml", "Word 文档", "另存为 .xlsx"),
        ("ppt/presentation.xml", "PowerPoint 文档", "另存为 .xlsx"),
        ("content.xml", "OpenDocument 文档", "另存为 .xlsx"),
        ("Index/Document.iwa", "Numbers 文档", "另存为 .xlsx"),
        ("xl/workbook.bin", "xlsb 二进制工作簿", "另存为 .xlsx"),
        ("2016/居民.csv", "ZIP 压缩包", "解压后取出"),
    ],
)
def test_archives_that_are_no_workbooks(tmp_path: Path, part: str, title: str, remedy: str) -> None:
    problem = refusal(put(tmp_path / "a.xlsx", archive({part: b"<x/>"})))
    assert (problem.code, problem.found) == ("wrong_type", title)
    assert remedy in str(problem.remedy)


@pytest.mark.parametrize(
    ("stream", "title"),
    [
        ("WordDocument", "Word 文档"),
        ("PowerPoint Document", "PowerPoint 文档"),
        ("__properties_version1.0", "Outlook 邮件"),
        ("Something", "OLE 文件"),
    ],
)
def test_old_files_that_are_no_workbooks(tmp_path: Path, stream: str, title: str) -> None:
    problem = refusal(put(tmp_path / "a.xls", renamed("Workbook", stream)))
    assert (problem.code, problem.found) == ("wrong_type", title)


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "a.csv", b"a\n1\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    problems = Problems()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        assert guard.kind(path, "a.csv", problems) is None
    (problem,) = problems
    assert (problem.code, problem.file, problem.found) == (
        "file_unreadable", "a.csv", "Permission denied",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "save"), [("MAX_FILE_BYTES", xlsx), ("MAX_FILE_BYTES", xls), ("MAX_XLS_BYTES", xls)]
)
def test_a_file_may_have_the_size_of_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, save: Callable[..., Path]
) -> None:
    path = save(tmp_path / "a.bin", ROWS)
    monkeypatch.setattr(limits, limit, path.stat().st_size)
    assert rows_of(read_well(path)) == [["甲", "5"]]
    monkeypatch.setattr(limits, limit, path.stat().st_size - 1)
    assert refusal(path).code == "file_too_large"


def test_only_the_name_makes_a_lock_file(tmp_path: Path) -> None:
    assert refusal(put(tmp_path / "~$a.csv", b"a\n1\n")).code == "lock_file"
    assert rows_of(read_well(put(tmp_path / "~a.csv", b"a\n1\n"))) == [["1"]]


@pytest.mark.parametrize("old", [False, True], ids=["xlsx", "xls"])
def test_who_asks_for_fewer_cells_is_told_of_more(tmp_path: Path, old: bool) -> None:
    path = two_sheets(tmp_path / "a.bin", old=old)
    for most, codes in ((None, []), (12, []), (11, ["too_many_cells"])):
        problems = Problems()
        assert (guard.look(path, "a", problems, most) is None) == bool(codes)
        assert [problem.code for problem in problems] == codes


def test_what_a_parser_says_of_damage_is_told_up_to_two_hundred_signs() -> None:
    for error, found in (
        (ValueError("x" * 200 + "y"), "x" * 200),
        (ValueError("x" * 199), "x" * 199),
        (KeyError(), "KeyError"),
    ):
        problems = Problems()
        guard.damaged("a.xlsx", error, problems)
        (problem,) = problems
        assert (problem.code, problem.file, problem.found) == ("damaged", "a.xlsx", found)
