"""Archives and old workbooks inside: each trick and each record by itself."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from evalkit.errors import Problems
from evalkit.files import guard, limits
from tests.files.building import (
    SHEET,
    archive,
    biff,
    changed,
    compound,
    joined,
    parts,
    read_well,
    records,
    refusal,
    rows_of,
    with_sheet,
)

ROWS = [["姓名", "分"], ["甲", 5]]


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


# --- archives ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE worksheet SYSTEM "http://example.org/x.dtd">',
        b'<!DOCTYPE worksheet PUBLIC "a" "b">',
        b"<!-- <!ENTITY -->",
    ],
)
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "docProps/core.xml"])
def test_a_type_definition_needs_no_entity_to_be_refused(
    tmp_path: Path, part: str, text: bytes
) -> None:
    problem = refusal(put(tmp_path / "a.xlsx", changed(part, lambda xml: text + xml)))
    assert (problem.code, problem.found) == ("dtd_refused", part)


def directory(data: bytearray, name: str) -> int:
    """Where the directory speaks of a part."""
    at = data.find(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(name)] != name.encode():
        at = data.find(b"PK\x01\x02", at + 4)
    return at


def test_two_entries_of_one_place_overlap_even_if_all_else_agrees(tmp_path: Path) -> None:
    same = {**parts(), "xl/media/a.bin": b"same bytes", "xl/media/b.bin": b"same bytes"}
    data = bytearray(archive(same))
    first, second = (directory(data, f"xl/media/{name}.bin") for name in "ab")
    assert rows_of(read_well(put(tmp_path / "a.xlsx", bytes(data)))) == [["甲", "5"]]
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    problem = refusal(put(tmp_path / "a.xlsx", bytes(data)))
    assert problem.code == "unsafe_archive"
    assert "与别的部件重叠" in str(problem.found)


@pytest.mark.parametrize(
    ("difference", "found"), [(1, "与目录里写的大小不同"), (-1, "比目录里写的大")]
)
def test_a_part_has_exactly_the_size_the_directory_says(
    tmp_path: Path, difference: int, found: str
) -> None:
    data = bytearray(archive(parts()))
    at = directory(data, SHEET)
    (size,) = struct.unpack_from("<I", data, at + 24)
    struct.pack_into("<I", data, at + 24, size + difference)
    problem = refusal(put(tmp_path / "a.xlsx", bytes(data)))
    assert problem.code == "unsafe_archive"
    assert found in str(problem.found)


def test_a_part_is_packed_as_the_directory_says(tmp_path: Path) -> None:
    data = bytearray(archive(parts()))
    at = directory(data, SHEET)
    struct.pack_into("<H", data, at + 10, zipfile.ZIP_STORED)
    problem = refusal(put(tmp_path / "a.xlsx", bytes(data)))
    assert problem.code == "unsafe_archive"
    assert "两处说明不一致" in str(problem.found)


def test_an_unusual_way_of_packing_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as target:
        for name, content in parts().items():
            target.writestr(name, content)
    problem = refusal(put(tmp_path / "a.xlsx", out.getvalue()))
    assert problem.code == "unsafe_archive"
    assert "压缩方法 12" in str(problem.found)


def test_parts_that_are_only_stored_are_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name, content in parts().items():
            target.writestr(name, content)
    assert rows_of(read_well(put(tmp_path / "a.xlsx", out.getvalue()))) == [["甲", "5"]]


@pytest.mark.parametrize(
    ("comment", "code"),
    [(b"made by", None), (b"made by PK", "unsafe_archive"), (b"PK\x05\x06", "damaged")],
)
def test_a_comment_of_an_archive_holds_no_second_directory(
    tmp_path: Path, comment: bytes, code: str | None
) -> None:
    out = io.BytesIO(archive(parts()))
    with zipfile.ZipFile(out, "a") as target:
        target.comment = comment
    path = put(tmp_path / "a.xlsx", out.getvalue())
    if code is None:
        assert rows_of(read_well(path)) == [["甲", "5"]]
    else:
        assert refusal(path).code == code


def test_an_archive_may_have_as_many_parts_as_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a.xlsx", archive(parts()))
    monkeypatch.setattr(limits, "MAX_ARCHIVE_ENTRIES", len(parts()))
    assert rows_of(read_well(path)) == [["甲", "5"]]
    monkeypatch.setattr(limits, "MAX_ARCHIVE_ENTRIES", len(parts()) - 1)
    assert refusal(path).code == "unsafe_archive"


def test_a_part_may_inflate_to_the_limit_and_all_together_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a.xlsx", with_sheet('<row r="1"><c r="A1"><v>1</v></c></row>' * 500))
    with zipfile.ZipFile(path) as source:
        entries = source.infolist()
    sheet = next(entry for entry in entries if entry.filename == SHEET)
    assert max(entries, key=lambda entry: entry.file_size) is sheet
    times = sheet.file_size / sheet.compress_size
    assert times > 20
    monkeypatch.setattr(limits, "MAX_INFLATION", times)
    monkeypatch.setattr(limits, "FREE_INFLATED_BYTES", sheet.file_size - 1)
    problems = Problems()
    assert guard.inspect(path, "a.xlsx", problems) is not None
    monkeypatch.setattr(limits, "MAX_INFLATION", times - 0.01)
    problem = refusal(path)
    assert problem.code == "zip_bomb"
    assert f"{SHEET} 从" in str(problem.found)
    monkeypatch.setattr(limits, "FREE_INFLATED_BYTES", sheet.file_size)
    assert guard.inspect(path, "a.xlsx", problems) is not None
    total = sum(entry.file_size for entry in entries)
    monkeypatch.setattr(limits, "MAX_INFLATED_BYTES", total)
    assert guard.inspect(path, "a.xlsx", problems) is not None
    monkeypatch.setattr(limits, "MAX_INFLATED_BYTES", total - 1)
    assert refusal(path).code == "zip_bomb"


def test_markup_that_has_to_be_parsed_is_only_parsed_up_to_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "<row><c\n t='str'><v>姓名</v></c></row><row><c\n t='n'><v>5</v></c></row>"
    path = put(tmp_path / "a.xlsx", with_sheet(rows))
    with zipfile.ZipFile(path) as source:
        size = source.getinfo(SHEET).file_size
    monkeypatch.setattr(limits, "MAX_SLOW_SCAN_BYTES", size)
    assert rows_of(read_well(path)) == [["5"]]
    monkeypatch.setattr(limits, "MAX_SLOW_SCAN_BYTES", size - 1)
    assert refusal(path).code == "unsafe_archive"


@pytest.mark.parametrize(
    ("encoding", "sound"),
    [("UTF-8", True), ("utf8", True), ("US-ASCII", True), ("GB2312", False), ("utf-16", False)],
)
def test_only_encodings_that_everybody_reads_alike(
    tmp_path: Path, encoding: str, sound: bool
) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    path = put(tmp_path / "a.xlsx", changed("docProps/app.xml", lambda xml: declared + xml))
    if sound:
        assert rows_of(read_well(path)) == [["甲", "5"]]
    else:
        assert refusal(path).code == "unsafe_archive"


def test_what_formulas_lost_is_counted_over_all_sheets_and_zeros_by_column(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for title in ("一", "二"):
        page = book.create_sheet(title)
        page["A1"], page["A2"], page["A3"], page["A4"] = "=1+1", "=2+2", 7, "#N/A"
        page["AA1"], page["B1"] = 12, 3
        page["AA1"].number_format = page["B1"].number_format = "0000"
    path = tmp_path / "a.xlsx"
    book.save(path)
    found = guard.inspect(path, "a.xlsx", Problems())
    assert found is not None
    assert found.contents.uncomputed == 4
    assert found.contents.errors == 2
    assert found.contents.zero_padded == ("B", "AA")
    assert (found.kind, found.size) == ("xlsx", path.stat().st_size)


# --- old workbooks ----------------------------------------------------------------------------


def with_records(
    path: Path, change: Callable[[list[tuple[int, bytes]]], list[tuple[int, bytes]]]
) -> Path:
    return put(path, compound(joined(change(records(biff(ROWS))))))


@pytest.mark.parametrize(
    ("rows", "columns", "sound"),
    [(65_536, 256, True), (65_536, 257, False), (65_537, 1, False), (32_768, 513, False)],
)
def test_a_sheet_may_declare_what_the_format_has(
    tmp_path: Path, rows: int, columns: int, sound: bool
) -> None:
    declared = struct.pack("<2I3H", 0, rows, 0, columns, 0)
    path = with_records(
        tmp_path / "a.xls",
        lambda found: [(r, declared if r == 0x0200 else body) for r, body in found],
    )
    if sound:
        assert rows_of(read_well(path)) == [["甲", "5"]]
    else:
        problem = refusal(path)
        assert problem.code == "damaged"
        assert f"{rows} 行 {columns} 列" in str(problem.found)


@pytest.mark.parametrize(
    ("record", "body", "errors"),
    [
        (0x0205, struct.pack("<3H2B", 2, 0, 15, 0x2A, 1), 1),
        (0x0205, struct.pack("<3H2B", 2, 0, 15, 1, 0), 0),
        (0x0006, struct.pack("<3H", 2, 0, 15) + b"\x02\x00\x2a\x00\x00\x00\xff\xff" + bytes(8), 1),
        (0x0006, struct.pack("<3Hd", 2, 0, 15, 1.5) + bytes(8), 0),
        (0x0006, struct.pack("<3H", 2, 0, 15) + b"\x01\x00\x01\x00\x00\x00\xff\xff" + bytes(8), 0),
    ],
)
def test_errors_of_old_workbooks_are_told_from_values(
    tmp_path: Path, record: int, body: bytes, errors: int
) -> None:
    def added(found: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        at = max(place for place, (kind, _) in enumerate(found) if kind == 0x000A)
        return [*found[:at], (record, body), *found[at:]]

    inspection = guard.inspect(with_records(tmp_path / "a.xls", added), "a.xls", Problems())
    assert inspection is not None
    assert inspection.contents.errors == errors


def test_a_row_of_numbers_in_one_record_counts_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MULRK: row 2, columns 0 to 3. Three rows of four columns; eight cells are filled."""
    several = (
        struct.pack("<2H", 2, 0) + struct.pack("<HI", 15, 0x3FF00000) * 4 + struct.pack("<H", 3)
    )

    def added(found: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        at = max(place for place, (kind, _) in enumerate(found) if kind == 0x000A)
        return [*found[:at], (0x00BD, several), *found[at:]]

    path = with_records(tmp_path / "a.xls", added)
    monkeypatch.setattr(limits, "MAX_CELLS", 12)
    assert guard.inspect(path, "a.xls", Problems()) is not None
    monkeypatch.setattr(limits, "MAX_CELLS", 11)
    assert refusal(path).code == "too_many_cells"
    monkeypatch.setattr(limits, "MAX_CELLS", 12)
    monkeypatch.setattr(limits, "SMALL_AREA", 1)
    monkeypatch.setattr(limits, "MAX_SPARSITY", 12 / 8)
    assert guard.inspect(path, "a.xls", Problems()) is not None
    monkeypatch.setattr(limits, "MAX_SPARSITY", 12 / 8 - 0.01)
    assert refusal(path).code == "too_sparse"
