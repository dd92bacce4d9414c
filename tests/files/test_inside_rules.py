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
    SAMPLES,
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
    with_cell,
)

ROWS = [["姓名", "分"], ["甲", 5]]


def hex_and_length(value: int | bytes) -> str:
    return f"{value:#06x}" if isinstance(value, int) else str(len(value))


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


def test_two_entries_of_one_place_are_damage(tmp_path: Path) -> None:
    same = {**parts(), "xl/a.xml": b"<same/>", "xl/b.xml": b"<same/>"}
    data = bytearray(archive(same))
    first, second = (directory(data, f"xl/{name}.xml") for name in "ab")
    assert rows_of(read_well(put(tmp_path / "a.xlsx", bytes(data)))) == [["甲", "5"]]
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    assert refusal(put(tmp_path / "a.xlsx", bytes(data))).code == "damaged"


def test_a_part_is_not_larger_than_the_directory_says(tmp_path: Path) -> None:
    data = bytearray(archive(parts()))
    at = directory(data, SHEET)
    (size,) = struct.unpack_from("<I", data, at + 24)
    struct.pack_into("<I", data, at + 24, size - 1)
    assert refusal(put(tmp_path / "a.xlsx", bytes(data))).code == "damaged"


def test_a_part_is_packed_as_the_directory_says(tmp_path: Path) -> None:
    data = bytearray(archive(parts()))
    at = directory(data, SHEET)
    struct.pack_into("<H", data, at + 10, zipfile.ZIP_STORED)
    assert refusal(put(tmp_path / "a.xlsx", bytes(data))).code == "damaged"


def test_an_unusual_way_of_packing_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as target:
        for name, content in parts().items():
            target.writestr(name, content)
    assert refusal(put(tmp_path / "a.xlsx", out.getvalue())).code == "damaged"


def test_parts_that_are_only_stored_are_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name, content in parts().items():
            target.writestr(name, content)
    assert rows_of(read_well(put(tmp_path / "a.xlsx", out.getvalue()))) == [["甲", "5"]]


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
    seen = guard.look(path, "a.xlsx", Problems())
    assert seen is not None
    assert list(seen) == ["Sheet", "一", "二"]
    for title in ("一", "二"):
        assert seen[title].uncomputed == [(1, 1), (2, 1)]
        assert seen[title].errors == [(4, 1)]
        assert seen[title].padded == {2, 27}
    told = {note.code: note for note in read_well(path, "一").notes}
    assert told["formulas_uncomputed"].count == 4
    assert told["error_cells"].count == 2
    assert told["leading_zeros_formatted"].count == 2
    assert told["leading_zeros_formatted"].facts == {"columns": ("B", "AA")}


# --- old workbooks ----------------------------------------------------------------------------


def with_records(
    path: Path, change: Callable[[list[tuple[int, bytes]]], list[tuple[int, bytes]]]
) -> Path:
    return put(path, compound(joined(change(records(biff(ROWS))))))


@pytest.mark.parametrize(
    ("rows", "columns", "sound"),
    [
        (65_536, 256, True),
        (0, 0, True),
        (65_536, 257, False),
        (65_537, 1, False),
        (32_768, 513, False),
    ],
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
        assert guard.look(path, "a.xls", Problems()) is not None
    else:
        problem = refusal(path)
        assert problem.code == "damaged"
        assert f"{rows} 行 {columns} 列" in str(problem.found)


def test_a_sheet_that_is_formatted_to_its_end_is_read(tmp_path: Path) -> None:
    declared = struct.pack("<2I3H", 0, 65_536, 0, 64, 0)
    path = with_records(
        tmp_path / "a.xls",
        lambda found: [(r, declared if r == 0x0200 else body) for r, body in found],
    )
    assert rows_of(read_well(path)) == [["甲", "5"]]


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
        return with_cell(found, record, body)

    seen = guard.look(with_records(tmp_path / "a.xls", added), "a.xls", Problems())
    assert seen is not None
    assert seen["1"].errors == [(3, 1)] * errors


def test_a_row_of_numbers_in_one_record_counts_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MULRK: row 2, columns 0 to 3. Three rows of four columns; eight cells are filled."""
    several = (
        struct.pack("<2H", 2, 0) + struct.pack("<HI", 15, 0x3FF00000) * 4 + struct.pack("<H", 3)
    )

    def added(found: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        return with_cell(found, 0x00BD, several)

    path = with_records(tmp_path / "a.xls", added)
    monkeypatch.setattr(limits, "MAX_CELLS", 12)
    assert guard.look(path, "a.xls", Problems()) is not None
    monkeypatch.setattr(limits, "MAX_CELLS", 11)
    assert refusal(path).code == "too_many_cells"
    monkeypatch.setattr(limits, "MAX_CELLS", 12)
    monkeypatch.setattr(limits, "SMALL_AREA", 1)
    monkeypatch.setattr(limits, "MAX_SPARSITY", 12 / 8)
    assert guard.look(path, "a.xls", Problems()) is not None
    monkeypatch.setattr(limits, "MAX_SPARSITY", 12 / 8 - 0.01)
    assert refusal(path).code == "too_sparse"


# --- records whose length is not that of their type -------------------------------------------


@pytest.mark.parametrize(
    ("record", "body"),
    [
        (0x0203, bytes(13)),
        (0x0203, bytes(15)),
        (0x027E, bytes(11)),
        (0x00FD, bytes(11)),
        (0x0205, bytes(9)),
        (0x0201, bytes(7)),
        (0x0208, bytes(15)),
        (0x00BD, struct.pack("<2H", 2, 0) + bytes(18) + struct.pack("<H", 3)),
        (0x00BE, struct.pack("<2H", 2, 0) + bytes(4) + struct.pack("<H", 2)),
        (0x000A, b"x"),
        (0x0200, bytes(12)),
        (0x00EC, bytes(8_225)),
        (0x00FD, struct.pack("<3HI", 2, 0, 15, 3)),
    ],
    ids=hex_and_length,
)
def test_a_record_of_a_length_that_its_type_has_not_is_damage(
    tmp_path: Path, record: int, body: bytes
) -> None:
    """The last one is as long as it should be, but of three texts (0, 1, 2) it names a fourth."""

    def added(found: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        at = max(place for place, (kind, _) in enumerate(found) if kind == 0x000A)
        return [*found[:at], (record, body), *found[at:]]

    path = with_records(tmp_path / "a.xls", added)
    assert guard.look(path, "a.xls", problems := Problems()) is None
    assert [problem.code for problem in problems] == ["damaged"]


def test_a_sheet_that_is_not_closed_is_damage(tmp_path: Path) -> None:
    path = with_records(tmp_path / "a.xls", lambda found: found[:-1])
    assert refusal(path).code == "damaged"


@pytest.mark.parametrize(
    "area", [(5, 2, 0, 2), (0, 2, 7, 2), (2**32 - 1, 2, 0, 2)], ids=["rows", "columns", "far"]
)
def test_a_declared_area_that_runs_backwards_is_damage(
    tmp_path: Path, area: tuple[int, int, int, int]
) -> None:
    declared = struct.pack("<2I3H", *area, 0)
    path = with_records(
        tmp_path / "a.xls",
        lambda found: [(r, declared if r == 0x0200 else body) for r, body in found],
    )
    assert refusal(path).code == "damaged"


def test_no_flipped_bit_of_a_record_s_length_loses_an_answer(tmp_path: Path) -> None:
    """Every bit of every length in the sheet: refused, or read to the last answer."""
    stream = biff([["姓名", "分"], *([f"名{at}", at % 5] for at in range(12))])
    table = read_well(put(tmp_path / "a.xls", compound(stream)))
    at, tried = 0, 0
    while at + 4 <= len(stream):
        record, length = struct.unpack_from("<2H", stream, at)
        if record in (0x0203, 0x027E, 0x00FD, 0x0208, 0x0200):
            for bit in range(16):
                broken = bytearray(stream)
                struct.pack_into("<H", broken, at + 2, length ^ 1 << bit)
                path = put(tmp_path / "b.xls", compound(bytes(broken)))
                assert guard.look(path, "b.xls", Problems()) is None, (hex(record), at, bit)
                tried += 1
        at += 4 + length
    assert tried > 16 * 24
    assert rows_of(table)[-1] == ["名11", "1"]


@pytest.mark.shared
@pytest.mark.parametrize(
    "lost", ["47_rows", "85_rows", "one_bit_lost_18_rows", "one_bit_lost_49_rows"]
)
def test_files_that_lost_answers_are_refused(lost: str) -> None:
    name = f"xls_{lost}.xls" if "bit" in lost else f"xls_lost_{lost}.xls"
    path = SAMPLES.parent / "cases" / "xls-lost-answers" / name
    if not path.exists():
        pytest.skip("needs ../shared/cases")
    assert refusal(path).code == "damaged"
