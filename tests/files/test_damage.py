"""What contradicts itself in an old workbook is damage: one contradiction a test.

The sheet is three rows of two columns, texts in the first, numbers in the second.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import python_calamine as calamine

from evalkit.files import biff
from evalkit.files.extent import Extent
from evalkit.files.workbook import _compare
from tests.files.building import biff as stream_of
from tests.files.building import compound, joined, read_well, records, refusal, rows_of

Records = list[tuple[int, bytes]]
ROWS = [["姓名", "分"], ["甲", 5], ["乙", 4]]
NUMBER, RK, ROW, TEXT = 0x0203, 0x027E, 0x0208, 0x00FD


def sound() -> Records:
    return records(stream_of(ROWS))


def places(found: Records, record: int) -> list[int]:
    return [at for at, (kind, _) in enumerate(found) if kind == record]


def put(found: Records, record: int, which: int, body: bytes | Callable[[bytes], bytes]) -> None:
    at = places(found, record)[which]
    found[at] = record, body(found[at][1]) if callable(body) else body


def packed(offset: int, layout: str, *values: int) -> Callable[[bytes], bytes]:
    def change(body: bytes) -> bytes:
        changed = bytearray(body)
        struct.pack_into(layout, changed, offset, *values)
        return bytes(changed)

    return change


def without(record: int, which: int) -> Callable[[Records], None]:
    return lambda found: found.pop(places(found, record)[which]) and None


def changing(record: int, which: int, offset: int, layout: str, *values: int) -> Callable[[Records], None]:  # fmt: skip
    return lambda found: put(found, record, which, packed(offset, layout, *values))


def retyped(record: int, which: int, new: int) -> Callable[[Records], None]:
    def change(found: Records) -> None:
        at = places(found, record)[which]
        found[at] = new, found[at][1]

    return change


def swapped(found: Records) -> None:
    first, second = places(found, TEXT)[1:3]
    found[first], found[second] = found[second], found[first]


DAMAGE: dict[str, tuple[Callable[[Records], None], str]] = {
    "a cell's type is no cell's": (retyped(TEXT, 2, 0x01FD), "有别的记录"),
    "a number's type is that of a text": (retyped(RK, 0, 0x0207), "没有单元格"),
    "a cell is gone": (without(RK, 1), "与实有的不符"),
    "a row is gone": (without(ROW, 1), "与实有的不符"),
    "a row is there twice": (changing(ROW, 1, 0, "<H", 0), "出现两次"),
    "a row says it is longer": (changing(ROW, 1, 4, "<H", 3), "与实有的不符"),
    "a cell lies outside": (changing(RK, 1, 0, "<H", 2 + 256), "范围之外"),
    "two cells have changed places": (swapped, "先后次序"),
    "two cells have one place": (changing(TEXT, 3, 0, "<2H", 1, 0), "先后次序"),
    "a text is not in the table": (changing(TEXT, 1, 6, "<I", 2**16), "不在字符串表里"),
    "the table has one text less": (changing(0x00FC, 0, 4, "<I", 3), "比它声明的"),
    "the table has one text more": (changing(0x00FC, 0, 4, "<I", 5), "不完整"),
    "a text of the table is longer": (changing(0x00FC, 0, 8, "<H", 3), "字符串表"),
    "a text of the table is of no kind": (changing(0x00FC, 0, 10, "<B", 0x81), "标志不合规则"),
    "a sheet lies elsewhere": (changing(0x0085, 0, 0, "<I", 4), "不是工作簿列出的"),
    "a sheet is a chart to the list": (changing(0x0085, 0, 5, "<B", 2), "不是工作簿列出的"),
    "a sheet is not in the list": (without(0x0085, 0), "不是工作簿列出的"),
    "dates begin nowhere": (changing(0x0022, 0, 0, "<H", 2), "日期起点"),
    "the styles are interrupted": (retyped(0x00E0, 3, 0x00E1), "格式表中断了"),
    "the stream begins with something else": (retyped(0x0809, 0, 0x0009), "开头"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_what_contradicts_itself_is_refused(tmp_path: Path, what: str) -> None:
    change, word = DAMAGE[what]
    found = sound()
    change(found)
    path = tmp_path / "a.xls"
    path.write_bytes(compound(joined(found)))
    problem = refusal(path)
    assert problem.code == "damaged"
    assert word in str(problem.found)


def test_the_sound_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(compound(joined(sound())))
    assert rows_of(read_well(path)) == [["甲", "5"], ["乙", "4"]]


def test_what_a_writer_never_keeps_is_not_asked_of_its_files(tmp_path: Path) -> None:
    """No row declared, no area, cells in whatever order: read as they lie."""
    found = [entry for entry in sound() if entry[0] != ROW]
    put(found, 0x0200, 0, struct.pack("<2I3H", 0, 0, 0, 0, 0))
    first = places(found, TEXT)[0]
    cells = [entry for entry in found if entry[0] in (TEXT, RK)]
    rest = [entry for entry in found if entry[0] not in (TEXT, RK)]
    path = tmp_path / "a.xls"
    path.write_bytes(compound(joined([*rest[:first], *reversed(cells), *rest[first:]])))
    assert rows_of(read_well(path)) == [["甲", "5"], ["乙", "4"]]


def test_where_rows_say_nothing_the_table_of_texts_counts_its_uses(tmp_path: Path) -> None:
    """Six texts are used; a file without rows' records that uses five has lost one."""
    found = [entry for entry in sound() if entry[0] != ROW]
    path = tmp_path / "a.xls"
    path.write_bytes(compound(joined(found)))
    assert len(rows_of(read_well(path))) == 2
    found.pop(places(found, TEXT)[-1])
    path.write_bytes(compound(joined(found)))
    assert "用了 4 次，单元格里只有 3 次" in str(refusal(path).found)


def test_a_formula_s_text_follows_it(tmp_path: Path) -> None:
    formula = struct.pack("<3H", 2, 1, 15) + b"\x00" + bytes(5) + b"\xff\xff" + bytes(8)
    text = struct.pack("<HB", 1, 1) + "好".encode("utf-16-le")
    found = sound()
    at = places(found, RK)[-1]
    path = tmp_path / "a.xls"
    found[at : at + 1] = [(0x0006, formula), (0x0207, text)]
    path.write_bytes(compound(joined(found)))
    assert rows_of(read_well(path))[-1] == ["乙", "好"]
    found.pop(at + 1)
    found.insert(at + 1, (RK, struct.pack("<3HI", 2, 2, 15, 0)))
    path.write_bytes(compound(joined(found)))
    assert "公式没有文字" in str(refusal(path).found)


def test_what_the_reader_found_is_held_against_the_records(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(compound(joined(sound())))
    with calamine.load_workbook(path) as book:
        seen = biff.check(joined(sound()))
        assert seen["1"].by_row == {1: 2, 2: 2, 3: 2}
        _compare(book, seen)
        seen["1"].by_row[3] = 1
        with pytest.raises(ValueError, match="第 3 行有 1 格有内容，读出 2 格"):
            _compare(book, seen)
        seen["1"].by_row[3] = 2
        with pytest.raises(ValueError, match="argument"):
            _compare(book, {**seen, "2": Extent()})


def test_a_text_that_is_cut_into_records_is_followed() -> None:
    """Two thousand letters of two bytes in a table whose records hold 1,000 and 1,000."""
    word = "好".encode("utf-16-le")
    table = struct.pack("<2I", 1, 1) + struct.pack("<HB", 2_000, 1) + word * 1_000
    assert biff._texts(0, [table, b"\x01" + word * 1_000]) == [True]
    assert biff._texts(0, [table, b"\x00" + b"x" * 1_000]) == [True]
    with pytest.raises(biff.Damage, match="不完整"):
        biff._texts(0, [table, b"\x01" + word * 999])
    with pytest.raises(biff.Damage, match="比它声明的"):
        biff._texts(0, [table, b"\x01" + word * 1_001])
    rich = struct.pack("<2I", 1, 1) + struct.pack("<HBHI", 1, 0x0C, 2, 3) + b"x" + bytes(8 + 3)
    assert biff._texts(0, [rich]) == [True]
    assert biff._texts(0, [struct.pack("<2I", 1, 1) + struct.pack("<HB", 0, 0)]) == [False]
