"""What is refused before a reader opens it: wrong kinds, passwords, damage, absurd sizes.

Seen in real and in hostile files:

- a 5 KB workbook with a single cell at XFD1048576, for which a dense reader reserves gigabytes;
- HTML tables, PDF files and pictures named ``.xls`` or ``.xlsx`` (government systems export HTML);
- workbooks with a password, which are OLE containers whatever their suffix says;
- lock files (``~$name.xlsx``) that Excel leaves beside an open workbook.

So the kind is taken from the bytes, and where the cells of a workbook lie is known before the
reader reserves memory. `kind` reads a few bytes; `look` runs where the reader runs, in the child
process of `cage`, whose limits stop what is meant to starve or kill it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from evalkit.errors import Problems
from evalkit.files import guard_zip, limits
from evalkit.files.extent import RESAVE, TIDY, Extent, Refused

Kind = Literal["xlsx", "xls", "csv", "sav", "dta", "parquet"]

DATA_FILES: dict[Kind, str] = {
    "sav": "SPSS 数据文件",
    "dta": "Stata 数据文件",
    "parquet": "Parquet 文件",
}
"""Files of statistics programs, and how they are called."""

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
    (b"{\\rtf", "RTF 文档"),
)

_DATA_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"<stata_dta>", "dta"),
    *((bytes((release, order, 1, 0)), "dta") for release in (113, 114, 115) for order in (1, 2)),
)

_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", "XML 电子表格 2003"),
    (b"<!doctype html", "HTML 网页"),
    (b"<html", "HTML 网页"),
    (b"<table", "HTML 网页"),
    (b"mime-version:", "MHTML 网页"),
    (b"<?xml", "XML 文档"),
)


def kind(path: Path, name: str, problems: Problems) -> Kind | None:
    """Tell from its first bytes what a file is; nothing of it is parsed.

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
    str or None
        ``"xlsx"``, ``"xls"``, ``"csv"`` (any text table) or one of `DATA_FILES`; None, with a
        problem, for what is none.
    """
    if not _has_size(path, name, problems):
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
        return "xlsx"
    if head.startswith(_OLE_MAGIC):
        return "xls"
    for magic, data_file in _DATA_MAGIC:
        if head.startswith(magic):
            return data_file
    foreign = _foreign(head)
    if foreign is None:
        return "csv"
    problems.add(
        "wrong_type",
        "文件内容不是表格",
        file=name,
        expected="xlsx、xls、CSV 或 sav、dta、parquet 的内容",
        found=foreign,
        remedy=RESAVE if foreign in dict(_MARKUP).values() else "换成问卷平台导出的表格文件",
    )
    return None


def look(
    path: Path, name: str, problems: Problems, most: int | None = None
) -> dict[str, Extent] | None:
    """Look into a workbook before a reader does; to be called where it can do no harm (`cage`).

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        Path as shown to analysts.
    problems : Problems
        Collects what speaks against reading it.
    most : int, optional
        Cells that all its sheets may have together; `limits.held()` where nothing is said.

    Returns
    -------
    dict of sheet to Extent, or None
        What its cells hold that a reader will not tell; None, with a problem, where the workbook
        must not be read.
    """
    guard: Any = guard_zip if is_zip(path) else _ole()
    try:
        sheets: dict[str, Extent] = guard.look(path)
        cells = sum(extent.area for extent in sheets.values())
        if cells > (most := most or limits.held()):
            raise Refused(
                "too_many_cells",
                "各工作表加起来太大",
                f"{cells} 格",
                f"不超过 {most} 格",
                TIDY,
            )
    except Refused as refusal:
        refusal.report(name, problems)
    except MemoryError:
        raise
    except Exception as error:  # whatever a parser stumbles over is damage of the file
        damaged(name, error, problems)
    else:
        return sheets
    return None


def is_zip(path: Path) -> bool:
    """Tell an xlsx workbook from one of the old format, which has no sheets by name here."""
    with path.open("rb") as handle:
        return handle.read(4) == _ZIP_MAGIC


def damaged(name: str, error: BaseException, problems: Problems) -> None:
    """Report a workbook that cannot be read to its end."""
    problems.add(
        "damaged",
        "文件已损坏，或没有下载完整",
        file=name,
        expected="完整的工作簿",
        found=str(error)[:200] or type(error).__name__,
        remedy="重新导出或重新下载，或用 Excel 打开修复后另存",
    )


def not_a_workbook(name: str, found: str, problems: Problems) -> None:
    """Report a document that is of a kind in which no document is read."""
    problems.add(
        "not_a_workbook",
        "不是 .xlsx 工作簿",
        file=name,
        expected="用 Excel 或 WPS 保存的普通 .xlsx 工作簿",
        found=found,
        remedy="用 Excel 或 WPS 打开后另存为 .xlsx",
    )


def _ole() -> Any:
    from evalkit.files import guard_ole  # few files are of the old format

    return guard_ole


def _has_size(path: Path, name: str, problems: Problems) -> bool:
    if not path.exists():
        problems.add("file_missing", "找不到文件", file=name, remedy="检查文件名和所在文件夹")
        return False
    if not path.is_file():
        problems.add("not_a_file", "这不是文件", file=name, remedy="写出文件本身的路径")
        return False
    size = path.stat().st_size
    if size == 0:
        problems.add("file_empty", "文件是空的（0 字节）", file=name, remedy="重新导出")
        return False
    if path.name.startswith("~$"):
        problems.add(
            "lock_file",
            "这是 Excel 打开工作簿时留下的临时文件，里面没有答卷",
            file=name,
            remedy="关闭 Excel 后删除它",
        )
        return False
    if size > limits.MAX_FILE_BYTES:
        problems.add(
            "file_too_large",
            "文件太大",
            file=name,
            expected=f"不超过 {limits.MAX_FILE_BYTES // 2**20} MB",
            found=f"{size // 2**20} MB",
            remedy="按批次拆成几个文件",
        )
        return False
    return True


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
