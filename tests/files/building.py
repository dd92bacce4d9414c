"""Files for the tests of this folder: tables as people save them, and archives nobody should."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from xlwt.CompoundDoc import XlsDoc

from evalkit import platforms
from evalkit.errors import Problem, Problems
from evalkit.platforms.base import RawSheet

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"

Rows = Sequence[Any]

META = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP")


def meta(sequence: int) -> tuple[str, ...]:
    """Platform cells of one answer, as 问卷星 writes them."""
    return (
        str(sequence),
        f"2016/12/17 14:22:{sequence % 60:02}",
        "136秒",
        "微信",
        "直接访问",
        "101.80.1.2(上海-上海)",
    )


def xlsx(path: Path, rows: Rows, title: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def xls(path: Path, rows: Rows, title: str = "Sheet1") -> Path:
    path.write_bytes(compound(biff(rows, title)))
    return path


def biff(rows: Rows, title: str = "Sheet1") -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(title)
    for at, row in enumerate(rows):
        for position, value in enumerate(row):
            sheet.write(at, position, value)
    return bytes(book.get_biff_data())


def compound(stream: bytes) -> bytes:
    """Wrap a stream of BIFF records as an xls file."""
    out = io.BytesIO()
    XlsDoc().save(out, stream)
    return out.getvalue()


def records(stream: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at + 4 <= len(stream):
        record, length = struct.unpack_from("<2H", stream, at)
        found.append((record, stream[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def joined(found: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(struct.pack("<2H", record, len(body)) + body for record, body in found)


def with_cell(found: list[tuple[int, bytes]], record: int, body: bytes) -> list[tuple[int, bytes]]:
    """Add a cell's record below all others, in a sheet that says that it reaches so far."""
    at = max(place for place, (kind, _) in enumerate(found) if kind in (0x00FD, 0x027E, 0x0203))
    row, column = struct.unpack_from("<2H", body)
    last = struct.unpack("<H", body[-2:])[0] if record == 0x00BD else column
    grown = struct.pack("<2I3H", 0, row + 1, 0, max(last + 1, 2), 0)
    new = (0x0208, struct.pack("<6HI", row, 0, last + 1, 255, 0, 0, 0)), (record, body)
    changed = [*found[: at + 1], *new, *found[at + 1 :]]
    return [(kind, grown if kind == 0x0200 else old) for kind, old in changed]


def csv(path: Path, rows: Rows, encoding: str = "utf-8", separator: str = ",") -> Path:
    text = "\n".join(separator.join(map(str, row)) for row in rows) + "\n"
    path.write_bytes(text.encode(encoding))
    return path


def parts(rows: Rows = (("姓名", "得分"), ("甲", 5))) -> dict[str, bytes]:
    """The parts of a small, healthy xlsx file."""
    out = io.BytesIO()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive(entries: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in pairs:
            target.writestr(name, data)
    return out.getvalue()


def changed(part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A healthy xlsx file with one part changed."""
    entries = parts()
    entries[part] = change(entries[part])
    return archive(entries)


NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(rows: str, dimension: str = "A1:B2") -> bytes:
    return (
        f'<worksheet {NAMESPACE}><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()


def with_sheet(rows: str, dimension: str = "A1:B2") -> bytes:
    return changed(SHEET, lambda _: sheet_xml(rows, dimension))


def read(
    path: Path, sheet: str | None = None, encoding: str | None = None
) -> tuple[RawSheet | None, list[Problem]]:
    problems = Problems()
    found = platforms.read(path, name=path.name, sheet=sheet, encoding=encoding, problems=problems)
    assert (found is None) == bool(problems)
    return found, list(problems)


def read_well(path: Path, sheet: str | None = None, encoding: str | None = None) -> RawSheet:
    found, problems = read(path, sheet, encoding)
    assert found is not None, [str(problem) for problem in problems]
    return found


def refusal(path: Path, sheet: str | None = None, encoding: str | None = None) -> Problem:
    found, problems = read(path, sheet, encoding)
    assert found is None
    assert len(problems) == 1
    assert problems[0].file == path.name
    return problems[0]


def rows_of(sheet: RawSheet) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in sheet.cells.to_numpy()]


def codes(sheet: RawSheet) -> set[str]:
    return {note.code for note in sheet.notes}
