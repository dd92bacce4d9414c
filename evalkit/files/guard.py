"""What is refused before anything opens a file: wrong kinds, bombs, tricks, absurd sizes.

A spreadsheet reader believes what a file says of itself. Seen in real and in hostile files:

- a 5 KB workbook with a single cell at XFD1048576, for which a dense reader reserves gigabytes;
- a 575 KB workbook whose sheet inflates to 196 MB;
- HTML tables, PDF files and pictures named ``.xls`` or ``.xlsx`` (government systems export HTML);
- workbooks with a password, which are OLE containers whatever their suffix says;
- lock files (``~$name.xlsx``) that Excel leaves beside an open workbook.

So the kind is taken from the bytes, the archive's directory is read before the archive, every part
a reader could be led to is inflated once as a stream without being kept, and where its cells lie
is known before the reader reserves memory. Nothing here parses a document type definition: a part
that brings one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evalkit.errors import Problems
from evalkit.files import guard_ole, guard_zip, limits
from evalkit.files.extent import RESAVE, Contents

Kind = Literal["xlsx", "xls", "csv"]

_HEAD_BYTES = 4_096
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP_MAGIC = b"PK\x03\x04"

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文档"),
    (b"\x89PNG", "PNG 图片"),
    (b"\xff\xd8\xff", "JPEG 图片"),
    (b"GIF8", "GIF 图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"PK\x05\x06", "空的 ZIP 压缩包"),
    (b"SQLite format 3", "SQLite 数据库"),
    (b"PAR1", "Parquet 文件"),
    (b"$FL2", "SPSS 数据文件"),
    (b"{\\rtf", "RTF 文档"),
)

_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", "XML 电子表格 2003"),
    (b"<!doctype html", "HTML 网页"),
    (b"<html", "HTML 网页"),
    (b"<table", "HTML 网页"),
    (b"mime-version:", "MHTML 网页"),
    (b"<?xml", "XML 文档"),
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the bytes of a file say it is.

    Attributes
    ----------
    kind : str
        ``"xlsx"``, ``"xls"`` or ``"csv"`` (any text table).
    size : int
        Bytes.
    contents : Contents
        What a reader will not tell: leading zeros that are only formatting (xlsx), errors.
    """

    kind: Kind
    size: int
    contents: Contents = field(default_factory=Contents)


def inspect(path: Path, name: str, problems: Problems) -> Inspection | None:
    """Tell a file's kind and whether it may be opened.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        Path as shown to analysts.
    problems : Problems
        Collects what speaks against opening it.

    Returns
    -------
    Inspection or None
        None when the file is refused; at least one problem then says why.
    """
    size = _size(path, name, problems)
    if size is None:
        return None
    try:
        with path.open("rb") as handle:
            head = handle.read(_HEAD_BYTES)
    except OSError as error:
        problems.add(
            "file_unreadable",
            "文件打不开",
            file=name,
            found=error.strerror or type(error).__name__,
            remedy="检查文件权限，或先在 Excel 中关闭它",
        )
        return None
    if head.startswith(_ZIP_MAGIC):
        seen = guard_zip.inspect_workbook(path, name, problems)
        return None if seen is None else Inspection("xlsx", size, seen)
    if head.startswith(_OLE_MAGIC):
        seen = guard_ole.inspect_workbook(path, name, problems)
        return None if seen is None else Inspection("xls", size, seen)
    foreign = _foreign(head)
    if foreign is not None:
        problems.add(
            "wrong_type",
            "文件内容不是表格",
            file=name,
            expected="xlsx、xls 或 CSV 的内容",
            found=foreign,
            remedy=RESAVE if foreign in dict(_MARKUP).values() else "换成问卷平台导出的表格文件",
        )
        return None
    return Inspection("csv", size)


def _size(path: Path, name: str, problems: Problems) -> int | None:
    if not path.exists():
        problems.add("file_missing", "找不到文件", file=name, remedy="检查文件名和所在文件夹")
        return None
    if not path.is_file():
        problems.add("not_a_file", "这不是文件", file=name, remedy="写出文件本身的路径")
        return None
    size = path.stat().st_size
    if size == 0:
        problems.add("file_empty", "文件是空的（0 字节）", file=name, remedy="重新导出")
        return None
    if path.name.startswith("~$"):
        problems.add(
            "lock_file",
            "这是 Excel 打开工作簿时留下的临时文件，里面没有答卷",
            file=name,
            remedy="关闭 Excel 后删除它",
        )
        return None
    if size > limits.MAX_FILE_BYTES:
        problems.add(
            "file_too_large",
            "文件太大",
            file=name,
            expected=f"不超过 {limits.MAX_FILE_BYTES // 2**20} MB",
            found=f"{size // 2**20} MB",
            remedy="按批次拆成几个文件",
        )
        return None
    return size


def _foreign(head: bytes) -> str | None:
    for magic, title in _FOREIGN:
        if head.startswith(magic):
            return title
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<", b"mime-version:")):
        for magic, title in _MARKUP:
            if magic in text:
                return title
    return None
