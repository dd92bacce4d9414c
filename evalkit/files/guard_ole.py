"""The inside of an xls file, looked at before a reader is let in.

An xls file is a small file system (an OLE compound file) with the sheets in one stream of records
(BIFF). Readers follow chains of sectors until they end and reserve memory for the sizes that
records declare, so a chain that bites its tail, a table of two thousand million strings or a sheet
that claims four thousand million rows ends the process, not only the reading. Workbooks with a
password are told here too: an encrypted xlsx is an OLE compound file holding
``EncryptedPackage``, an encrypted xls has a FILEPASS record.
"""

from __future__ import annotations

import mmap
import struct
from array import array
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import Problems
from evalkit.files import limits
from evalkit.files.extent import RESAVE, Contents, Extent, Refused

_END_OF_CHAIN = 0xFFFFFFFE
_FREE = 0xFFFFFFFF
_ENTRY = 128
_MAX_ENTRIES = 10_000
"""Streams of a workbook: some ten, and a few for each embedded object."""

_BOF, _EOF, _FILEPASS, _SST, _DIMENSIONS, _MULRK = 0x0809, 0x000A, 0x002F, 0x00FC, 0x0200, 0x00BD
_CELLS = frozenset({0x0203, 0x0204, 0x00FD, 0x027E, 0x0205, 0x0006, 0x0206, 0x0406, 0x00D6})
"""NUMBER, LABEL, LABELSST, RK, BOOLERR, FORMULA (three versions), RSTRING: row, column, value."""

_FORMULAS = frozenset({0x0006, 0x0206, 0x0406})

_XLS_AREA = 65_536 * 256
"""Rows and columns that the format has."""

_SMALLEST_STRING = 3
"""Bytes of an empty string in the table of strings."""


class _Damaged(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Stream:
    name: str
    kind: int
    start: int
    size: int


def inspect_workbook(path: Path, name: str, problems: Problems) -> Contents | None:
    """Check an xls file.

    Parameters
    ----------
    path : Path
        A file that begins as an OLE compound file.
    name : str
        Path as shown to analysts.
    problems : Problems
        Collects the reason of a refusal.

    Returns
    -------
    Contents or None
        What was seen on the way, over all sheets; None when the file is refused.
    """
    try:
        size = path.stat().st_size
        if size > limits.MAX_XLS_BYTES:
            raise Refused(
                "file_too_large",
                "xls 文件太大",
                f"{size // 2**20} MB",
                f"不超过 {limits.MAX_XLS_BYTES // 2**20} MB",
                "在 Excel 中另存为 .xlsx",
            )
        with (
            path.open("rb") as handle,
            mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            return _check_records(_Container(data).workbook())
    except Refused as refusal:
        refusal.report(name, problems)
    except (_Damaged, struct.error, OSError, ValueError, IndexError) as error:
        problems.add(
            "damaged",
            "文件已损坏，或没有下载完整",
            file=name,
            expected="完整的 xls 工作簿",
            found=str(error)[:200] or type(error).__name__,
            remedy="重新导出，或用 Excel 打开修复后另存",
        )
    return None


class _Container:
    """The file system of an OLE compound file: sectors, chains, streams."""

    def __init__(self, data: mmap.mmap) -> None:
        if len(data) < 512:
            raise _Damaged("文件头不完整")
        self._data = data
        shift, mini_shift = struct.unpack_from("<2H", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise _Damaged(f"扇区大小 2^{shift}")
        self._sector: int = 1 << shift
        self._count = (len(data) - 1) // self._sector
        self._cutoff = struct.unpack_from("<I", data, 56)[0]
        self._table = self._load_table()
        directory, mini = (struct.unpack_from("<I", data, at)[0] for at in (48, 60))
        self._streams = self._load_directory(self._joined(self._chain(directory)))
        self._mini_table = array("I", self._joined(self._chain(mini)))
        self._check_all_chains()

    def workbook(self) -> bytes:
        """Return the stream of BIFF records, or refuse what is no workbook."""
        names = {stream.name.lower() for stream in self._streams}
        if {"encryptedpackage", "encryptioninfo"} & names:
            raise _encrypted()
        for wanted in ("workbook", "book"):
            for stream in self._streams:
                if stream.name.lower() == wanted and stream.kind == 2:
                    return self._read(stream)
        titles = {
            "worddocument": "Word 文档",
            "powerpoint document": "PowerPoint 文档",
            "__properties_version1.0": "Outlook 邮件",
        }
        found = next((title for part, title in titles.items() if part in names), "OLE 文件")
        raise Refused("wrong_type", "文件内容不是工作簿", found, "xlsx、xls 或 CSV 的内容", RESAVE)

    def _load_table(self) -> array[int]:
        fat_sectors, first, extra = (
            struct.unpack_from("<I", self._data, at)[0] for at in (44, 68, 72)
        )
        if fat_sectors > self._count or extra > self._count:
            raise _Damaged("扇区表比文件大")
        listed = list(struct.unpack_from("<109I", self._data, 76))
        width = self._sector // 4
        for _ in range(extra):
            if first >= self._count:
                break
            *more, first = struct.unpack_from(f"<{width}I", self._data, self._at(first))
            listed.extend(more)
        table = array("I")
        for sector in listed[:fat_sectors]:
            if sector < self._count:
                table.frombytes(self._data[self._at(sector) : self._at(sector + 1)])
        return table

    def _at(self, sector: int) -> int:
        return (sector + 1) * self._sector  # the header is one sector long

    def _chain(self, start: int) -> list[int]:
        return _follow(start, self._table, min(self._count, len(self._table)))

    def _joined(self, chain: list[int]) -> bytes:
        joined = b"".join(self._data[self._at(sector) : self._at(sector + 1)] for sector in chain)
        return joined[: len(joined) // 4 * 4]

    def _load_directory(self, raw: bytes) -> list[_Stream]:
        if len(raw) // _ENTRY > _MAX_ENTRIES:
            raise _Damaged("目录项太多")
        if len(raw) % _ENTRY:
            raise _Damaged("目录不完整")
        streams = []
        for at in range(0, len(raw) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", raw, at + 64)
            if kind == 0 or length > 64:
                continue
            name = raw[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<IQ", raw, at + 116)
            streams.append(_Stream(name, kind, start, size & 0xFFFFFFFF))
        return streams

    def _check_all_chains(self) -> None:
        """Refuse chains a reader could follow that together are longer than the file."""
        steps = 0
        for stream in self._streams:
            if stream.kind == 5 or (stream.kind == 2 and stream.size >= self._cutoff):
                steps += len(self._chain(stream.start))
            elif stream.kind == 2 and stream.size:
                steps += len(self._mini_chain(stream.start)) // 8
            if steps > self._count + len(self._streams):
                raise _Damaged("扇区链互相重叠")

    def _mini_chain(self, start: int) -> list[int]:
        return _follow(start, self._mini_table, len(self._mini_table))

    def _read(self, stream: _Stream) -> bytes:
        if stream.size >= self._cutoff:
            return self._joined(self._chain(stream.start))[: stream.size]
        root = next((item for item in self._streams if item.kind == 5), None)
        if root is None:
            raise _Damaged("没有根目录")
        small = self._joined(self._chain(root.start))
        pieces = (small[at * 64 : at * 64 + 64] for at in self._mini_chain(stream.start))
        return b"".join(pieces)[: stream.size]


def _follow(start: int, table: array[int], count: int) -> list[int]:
    chain: list[int] = []
    sector = start
    while sector not in (_END_OF_CHAIN, _FREE):
        if sector >= count or len(chain) >= count:
            raise _Damaged("扇区链断开或首尾相接")
        chain.append(sector)
        sector = table[sector]
    return chain


def _encrypted() -> Refused:
    return Refused(
        "encrypted", "工作簿有密码", "已加密的内容", "没有密码的文件", "在 Excel 中去掉密码后另存"
    )


def _check_records(stream: bytes) -> Contents:
    """Go through the records once: passwords, declared sizes, where the cells lie."""
    extent = Extent()
    cells = errors = at = 0
    total = len(stream)
    header = struct.Struct("<2H").unpack_from
    while at + 4 <= total:
        record, length = header(stream, at)
        if record in _CELLS and length >= 4:
            row, column = header(stream, at + 4)
            extent.rows = max(extent.rows, row + 1)
            extent.columns = max(extent.columns, column + 1)
            extent.filled += 1
            errors += _is_error(record, stream[at + 10 : at + 4 + length])
        elif record == _MULRK and length >= 6:
            row, column = header(stream, at + 4)
            last = struct.unpack_from("<H", stream, at + 4 + length - 2)[0]
            extent.rows = max(extent.rows, row + 1)
            extent.columns = max(extent.columns, last + 1)
            extent.filled += max(last - column + 1, 0)
        elif record == _FILEPASS:
            raise _encrypted()
        elif record == _SST and length >= 8:
            declared = struct.unpack_from("<I", stream, at + 8)[0]
            if declared * _SMALLEST_STRING > total:
                raise _Damaged(f"字符串表声明有 {declared} 项")
        elif record == _DIMENSIONS:
            _check_dimensions(stream[at + 4 : at + 4 + length])
        elif record == _EOF:
            extent.check_size("工作表")
            extent.check_density("工作表")
            cells += extent.rows * extent.columns
            extent = Extent()
        at += 4 + length
    extent.check_density("工作表")
    if at != total and stream[at:].strip(b"\x00"):
        raise _Damaged("记录不完整")
    if cells > limits.MAX_CELLS:
        raise Refused(
            "too_many_cells",
            "各工作表加起来太大",
            f"{cells} 格",
            f"不超过 {limits.MAX_CELLS} 格",
            "只保留答卷所在的工作表",
        )
    return Contents(errors=errors)


def _is_error(record: int, value: bytes) -> bool:
    if record == 0x0205:
        return value[1:2] == b"\x01"
    return record in _FORMULAS and value[:1] == b"\x02" and value[6:8] == b"\xff\xff"


def _check_dimensions(body: bytes) -> None:
    if len(body) >= 12:
        first_row, last_row, first, last = struct.unpack_from("<2I2H", body)
    elif len(body) >= 8:
        first_row, last_row, first, last = struct.unpack_from("<4H", body)
    else:
        return
    area = max(last_row - first_row, 0) * max(last - first, 0)
    if last_row > 65_536 or area > _XLS_AREA:
        raise _Damaged(f"工作表声明有 {last_row} 行 {last} 列")
