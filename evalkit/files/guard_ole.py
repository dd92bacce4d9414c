"""The inside of an xls file, looked at before a reader is let in.

An xls file is a small file system (an OLE compound file) with the sheets in one stream of records
(BIFF), whose records `biff` holds against one another. Workbooks with a password are told here
too: an encrypted xlsx is an OLE compound file holding ``EncryptedPackage``, an encrypted xls has a
FILEPASS record.
"""

from __future__ import annotations

from pathlib import Path

import olefile

from evalkit.files import biff, limits
from evalkit.files.extent import RESAVE, Extent, Refused, encrypted


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
        return biff.check(_workbook(file))


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
