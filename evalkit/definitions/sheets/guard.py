"""What is looked at in a document's workbook before it is read.

A spreadsheet reader reserves memory for the whole area between the first and the last cell, so a
5 KB file with one cell at XFD1048576 takes gigabytes; and it reads a formula's error as an empty
cell, so a weight could silently go missing. Every sheet is therefore parsed once as a stream.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import join, normpath
from xml.parsers import expat

from evalkit.errors import Problems
from evalkit.files.grid import column_letters

MAXIMUM_INFLATED = 96 * 1024 * 1024
"""A roster of 100,000 committees inflates to some 40 MB."""

MAXIMUM_ROWS = 200_000
MAXIMUM_COLUMNS = 400
MAXIMUM_AREA = 4_000_000

_CHUNK = 1024 * 1024
_REFERENCE = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")


class _Refused(Exception):
    def __init__(self, code: str, message: str, found: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.message, self.found, self.remedy = code, message, found, remedy


@dataclass(slots=True)
class _Sheet:
    """What one pass over a sheet's XML sees."""

    title: str
    rows: int = 0
    columns: int = 0
    errors: list[tuple[int, int]] = field(default_factory=list)
    valueless: list[tuple[int, int]] = field(default_factory=list)
    _row: int = 0
    _column: int = 0
    _formula: bool = False
    _value: bool = False
    _inside: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take in the start of an element."""
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif name == "c":
            self._column += 1
            match = _REFERENCE.match(attributes.get("r", ""))
            if match is not None:
                self._row = int(match.group(2))
                self._column = _number(match.group(1))
            self._formula = self._value = self._inside = False
            if attributes.get("t") == "e":
                self.errors.append((self._row, self._column))
        elif name == "f":
            self._formula = True
        elif name in ("v", "is"):
            self._inside = True

    def text(self, text: str) -> None:
        """Take in text."""
        self._value |= self._inside and bool(text)

    def end(self, tag: str) -> None:
        """Take in the end of an element."""
        name = tag.rpartition(":")[2]
        if name in ("v", "is"):
            self._inside = False
        if name != "c":
            return
        if self._value:
            self.rows = max(self.rows, self._row)
            self.columns = max(self.columns, self._column)
        elif self._formula:
            self.valueless.append((self._row, self._column))

    def check(self) -> None:
        """Refuse an area that no document needs."""
        if (
            self.rows > MAXIMUM_ROWS
            or self.columns > MAXIMUM_COLUMNS
            or self.rows * self.columns > MAXIMUM_AREA
        ):
            raise _Refused(
                "too_many_cells",
                "工作表太大",
                f"工作表“{self.title}”用到第 {self.rows} 行第 {self.columns} 列",
                "把有内容的区域复制到新工作表，删去远处多余的单元格",
            )


def inspect_workbook(content: bytes, name: str, problems: Problems) -> bool:
    """Tell whether a workbook may be read; collect what speaks against it.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        Path as the analyst knows it.
    problems : Problems
        Collects a refusal, and every cell whose formula gives an error or nothing.

    Returns
    -------
    bool
        False if it must not be opened. Cells with errors do not close a workbook.
    """
    try:
        sheets = _inspect(content)
    except _Refused as refusal:
        problems.add(
            refusal.code,
            refusal.message,
            file=name,
            expected="用 Excel 或 WPS 保存的普通 .xlsx 工作簿",
            found=refusal.found,
            remedy=refusal.remedy,
        )
        return False
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        OSError,
        EOFError,
        ValueError,
        KeyError,
        IndexError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        problems.add(
            "damaged_workbook",
            "工作簿已损坏，或不是 .xlsx 文件",
            file=name,
            expected="用 Excel 或 WPS 保存的普通 .xlsx 工作簿",
            found=type(error).__name__,
            remedy="用 Excel 或 WPS 打开后另存为 .xlsx",
        )
        return False
    for sheet in sheets:
        for row, column in sheet.errors:
            _report_cell("error_cell", "公式的结果是错误值", name, sheet, row, column, problems)
        for row, column in sheet.valueless:
            _report_cell(
                "formula_without_value", "公式没有结果", name, sheet, row, column, problems
            )
    return True


def _report_cell(
    code: str,
    message: str,
    name: str,
    sheet: _Sheet,
    row: int,
    column: int,
    problems: Problems,
) -> None:
    problems.add(
        code,
        message,
        file=name,
        sheet=sheet.title,
        row=row,
        column=column_letters(column - 1),
        expected="数值或文字",
        remedy="改成数值或文字；公式须先在 Excel 中算出结果并保存",
    )


def _inspect(content: bytes) -> list[_Sheet]:
    if content.startswith(bytes.fromhex("d0cf11e0a1b11ae1")):
        raise _Refused(
            "not_a_workbook",
            "是加密的工作簿或旧格式 .xls",
            "OLE 容器",
            "去掉密码，用 Excel 或 WPS 另存为 .xlsx",
        )
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAXIMUM_INFLATED:
            raise _Refused(
                "too_many_cells",
                "工作簿解压后太大",
                f"超过 {MAXIMUM_INFLATED // 1024 // 1024} MB",
                "只保留文档本身的工作表",
            )
        parts = _sheet_parts(archive)
        if missing := parts.keys() - set(archive.namelist()):
            raise KeyError(sorted(missing)[0])
        sheets = []
        for entry in archive.infolist():
            if entry.filename in parts:
                sheets.append(_scan(archive, entry, parts[entry.filename]))
            elif entry.filename.lower().endswith(".xml"):
                _scan(archive, entry, entry.filename)
        return sheets


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the archive's part of every sheet, with the sheet's title."""
    targets: dict[str, str] = {}
    titles: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            link = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            titles[link] = attributes.get("name", "")

    _parse(archive.read("xl/_rels/workbook.xml.rels"), relation)
    _parse(archive.read("xl/workbook.xml"), sheet)
    return {
        normpath(join("/xl", targets[link])).lstrip("/"): title for link, title in titles.items()
    }


def _parse(content: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(content, True)


def _scan(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, title: str) -> _Sheet:
    sheet = _Sheet(title)
    parser = _parser()
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.CharacterDataHandler = sheet.text
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            sheet.check()
    parser.Parse(b"", True)
    return sheet


def _parser() -> expat.XMLParserType:
    def doctype(*_: object) -> None:
        raise _Refused(
            "not_a_workbook",
            "工作簿里有文档类型定义，不予打开",
            "DOCTYPE",
            "用 Excel 或 WPS 打开后另存为 .xlsx",
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    return parser


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
