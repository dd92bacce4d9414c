"""The inside of an xls file, looked at before a reader is let in.

An xls file is a small file system (an OLE compound file) with the sheets in one stream of records
(BIFF). Nothing in it has a check sum: where one bit of a record's length is wrong, readers skip
what follows, and answers are lost without a word. So the records are gone through once, and a
record that has another length than its type says, a text that is not in the table of texts, or a
stream that does not end where its records end is damage. Workbooks with a password are told here
too: an encrypted xlsx is an OLE compound file holding ``EncryptedPackage``, an encrypted xls has a
FILEPASS record.
"""

from __future__ import annotations

import struct
from pathlib import Path

import olefile

from evalkit.files import limits
from evalkit.files.extent import RESAVE, Extent, Refused, encrypted

_BOF, _EOF, _FILEPASS, _SST, _DIMENSIONS, _MULRK = 0x0809, 0x000A, 0x002F, 0x00FC, 0x0200, 0x00BD
_LABELSST, _BOOLERR, _MULBLANK = 0x00FD, 0x0205, 0x00BE
_FORMULAS = frozenset({0x0006, 0x0206, 0x0406})
_CELLS = _FORMULAS | {0x0203, 0x0204, _LABELSST, 0x027E, _BOOLERR, 0x00D6, _MULRK}
"""NUMBER, LABEL, LABELSST, RK, BOOLERR, RSTRING, MULRK: row, column, value."""

_LENGTHS: dict[int, int] = {
    _LABELSST: 10, _BOOLERR: 8, 0x0203: 14, 0x027E: 10,  # NUMBER, RK
    0x0201: 6, 0x0208: 16, _EOF: 0, 0x0225: 4,  # BLANK, ROW, DEFAULTROWHEIGHT
}  # fmt: skip
"""Length of the records that have one length only and stand among a sheet's cells."""

_LONGEST = 8_224
"""Bytes of a record's body; what is longer goes on in CONTINUE records."""

_XLS_ROWS, _XLS_COLUMNS = 65_536, 256
"""Rows and columns that the format has."""

_SMALLEST_STRING = 3
"""Bytes of an empty string in the table of strings."""


def look(path: Path) -> dict[str, Extent]:
    """Return what the cells of every sheet hold, by the sheet's number (from 1).

    Raises
    ------
    Refused
        For a file that is no xls workbook, has a password, or sheets far too large.
    """
    size = path.stat().st_size
    if size > limits.MAX_XLS_BYTES:
        raise Refused(
            "file_too_large",
            "xls 文件太大",
            f"{size // 2**20} MB",
            f"不超过 {limits.MAX_XLS_BYTES // 2**20} MB",
            "在 Excel 中另存为 .xlsx",
        )
    with olefile.OleFileIO(path, raise_defects=olefile.DEFECT_INCORRECT) as file:
        return _check_records(_workbook(file))


def _workbook(file: olefile.OleFileIO) -> bytes:
    """Return the stream of BIFF records, or refuse what is no workbook."""
    names = {"/".join(entry).lower() for entry in file.listdir()}
    if {"encryptedpackage", "encryptioninfo"} & names:
        raise encrypted("已加密的内容")
    for wanted in ("workbook", "book"):
        if wanted in names:
            return bytes(file.openstream(wanted).read())
    titles = {
        "worddocument": "Word 文档",
        "powerpoint document": "PowerPoint 文档",
        "__properties_version1.0": "Outlook 邮件",
    }
    found = next((title for part, title in titles.items() if part in names), "OLE 文件")
    raise Refused("wrong_type", "文件内容不是工作簿", found, "xlsx、xls 或 CSV 的内容", RESAVE)


def _check_records(stream: bytes) -> dict[str, Extent]:
    """Go through the records once: passwords, lengths, declared sizes, where the cells lie."""
    sheets: dict[str, Extent] = {}
    extent = Extent()
    at = depth = strings = 0
    total = len(stream)
    header = struct.Struct("<2H").unpack_from
    while at + 4 <= total and (depth or stream[at : at + 4].strip(b"\0")):
        record, length = header(stream, at)
        body = stream[at + 4 : at + 4 + length]
        _check_length(record, length, body, at)
        if record == _FILEPASS:
            raise encrypted("已加密的内容")
        if record == _BOF:
            depth += 1
        elif record == _SST:
            strings = _strings(body, total)
        elif record == _DIMENSIONS:
            _check_dimensions(body)
        elif record == _EOF:
            depth -= 1
            if depth == 0:
                title = str(len(sheets))  # the first stream is the workbook's own
                extent.check_size(title)
                extent.check_density(title)
                sheets[title] = extent
                extent = Extent()
        else:
            _take(extent, record, body, strings, at)
        at += 4 + length
    if depth or stream[at:].strip(b"\0"):
        raise ValueError("记录不完整")
    return sheets


def _check_length(record: int, length: int, body: bytes, at: int) -> None:
    expected = _LENGTHS.get(record, length)
    if record in (_MULRK, _MULBLANK) and length >= 6:
        first, last = struct.unpack_from("<H", body, 2)[0], struct.unpack("<H", body[-2:])[0]
        expected = 6 + (last - first + 1) * (6 if record == _MULRK else 2)
    if length != expected or length > _LONGEST or len(body) != length:
        raise ValueError(f"第 {at + 1} 字节处的记录长度不对（{record:#06x}：{length}）")


def _take(extent: Extent, record: int, body: bytes, strings: int, at: int) -> None:
    """Take in a record that may be a cell or several."""
    if record not in _CELLS or len(body) < 6:
        return
    row, column = struct.unpack_from("<2H", body)
    last = struct.unpack("<H", body[-2:])[0] if record == _MULRK else column
    extent.see(row + 1, last + 1)
    extent.filled += last - column + 1
    value = body[6:]
    if record == _LABELSST and struct.unpack_from("<I", value)[0] >= strings:
        raise ValueError(f"第 {at + 1} 字节处的文字不在字符串表里")
    if (record == _BOOLERR and value[1:2] == b"\x01") or (
        record in _FORMULAS and value[:1] == b"\x02" and value[6:8] == b"\xff\xff"
    ):
        extent.errors.append((row + 1, column + 1))


def _strings(body: bytes, total: int) -> int:
    declared = int(struct.unpack_from("<I", body, 4)[0])
    if declared * _SMALLEST_STRING > total:
        raise ValueError(f"字符串表声明有 {declared} 项")
    return declared


def _check_dimensions(body: bytes) -> None:
    """Refuse a declared area that the format has not, or that runs backwards."""
    if len(body) not in (8, 10, 14):
        raise ValueError(f"工作表范围的记录有 {len(body)} 字节")
    layout = "<2I2H" if len(body) == 14 else "<4H"
    first_row, last_row, first, last = struct.unpack_from(layout, body)
    if last_row > _XLS_ROWS or last > _XLS_COLUMNS or first_row > last_row or first > last:
        raise ValueError(f"工作表声明有 {last_row} 行 {last} 列")
