"""The inside of an xlsx file, looked at before a reader is let in.

A reader takes an error for an empty cell, a formula that was never computed for another, and
``000123`` for 123 where the zeros are only formatting; and it reserves memory for the whole area
between the first and the last cell. So every sheet is gone through once as a stream: what its
cells hold that the reader will not tell, and how far they reach. Formatted but empty cells down to
row 1,048,576, which Excel users produce with one click, count as nothing. Every other part is read
to its end, so that damage shows that the reader would not reach. What merely means to hurt is left
to the limits of the process (`cage`).
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path
from posixpath import join, normpath
from xml.parsers import expat

from evalkit.files.extent import RESAVE, Extent, Refused, column_number, encrypted

_CHUNK = 2**20
_FULL_CELL = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^<>/]*>')
_BARE_CELL = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"[^<>/]*/>')
_ODD_CELL = re.compile(rb"<(?:[^\s<>/]+:c[\s/>]|c[\t\r\n/>])")
_ERROR = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^<>]*? t="e"')
_UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^<>]*>\s*<f(?:[^<>]*/>|[^<>]*>[^<]*</f>)'
    rb"\s*(?:<v ?/>|<v></v>)?\s*</c>"
)
_DIGITS = b"0123456789"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


def look(path: Path) -> dict[str, Extent]:
    """Return what the cells of every sheet hold, by the sheet's title.

    Raises
    ------
    Refused
        For an archive that is no xlsx workbook, has a password, or sheets far too large.
    """
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        names = Counter(entry.filename.replace("\\", "/").lower() for entry in entries)
        _check_kind(names.keys())
        if twice := sorted(name for name, times in names.items() if times > 1):
            raise ValueError(f"部件 {twice[0][:80]!r} 出现两次")
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise encrypted(f"部件 {entry.filename[:80]!r} 已加密")
        titles = _sheet_titles(archive)
        if missing := titles.keys() - {entry.filename for entry in entries}:
            raise KeyError(f"没有部件 {min(missing)[:80]!r}")
        padded = _padded_cell(_zero_formats(archive))
        seen = {}
        for entry in entries:
            if entry.filename in titles:
                title = titles[entry.filename]
                seen[title] = _scan(archive, entry.filename, title, padded)
            elif entry.filename.lower().endswith((".xml", ".rels")):
                for _ in _chunks(archive, entry.filename, b"<"):
                    pass
        return seen


def _check_kind(names: Set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    titles = {
        "xl/workbook.bin": "xlsb 二进制工作簿",
        "word/document.xml": "Word 文档",
        "ppt/presentation.xml": "PowerPoint 文档",
        "content.xml": "OpenDocument 文档",
        "index/document.iwa": "Numbers 文档",
    }
    found = next((title for part, title in titles.items() if part in names), "ZIP 压缩包")
    raise Refused(
        "wrong_type",
        "文件内容不是 xlsx 工作簿",
        found,
        "xlsx、xls 或 CSV 的内容",
        "解压后取出其中的表格" if found == "ZIP 压缩包" else RESAVE,
    )


def _sheet_titles(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the title of the sheet that every part holds."""
    targets: dict[str, str] = {}
    titles: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship" and "sheet" in _local(attributes.get("Type", "")).lower():
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            link = next((v for k, v in attributes.items() if _local(k) == "id"), "")
            titles[link] = attributes.get("name", "")

    for part, take in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = _parser(part)
        parser.StartElementHandler = take
        parser.Parse(archive.read(part), True)
    return {
        normpath(join("/xl", targets[link])).lstrip("/"): title for link, title in titles.items()
    }


def _local(name: str) -> str:
    return re.split("[:/]", name)[-1]


def _parser(part: str) -> expat.XMLParserType:
    def doctype(*_: object) -> None:
        raise _dtd(part)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    return parser


def _dtd(part: str) -> Refused:
    return Refused(
        "dtd_refused",
        "工作簿里有文档类型定义（DTD），可能是恶意文件，不予打开",
        part,
        "没有 DTD 的工作簿",
        RESAVE,
    )


def _chunks(archive: zipfile.ZipFile, part: str, *marks: bytes) -> Iterator[bytes]:
    """Yield a part in runs that each end before one of the marks, refusing a DTD in it."""
    carry = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            data = carry + chunk
            if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
                raise _dtd(part)
            cut = max(max(map(data.rfind, marks)), 0)
            yield data[:cut]
            carry = data[cut:]
    yield carry


def _scan(
    archive: zipfile.ZipFile, part: str, title: str, padded: re.Pattern[bytes] | None
) -> Extent:
    extent = Extent()
    for data in _chunks(archive, part, b"<c", b"<r"):
        if not _measure(data, extent, padded):
            extent = _parsed(archive, part, title)
            break
        extent.check_size(title)
    extent.check_density(title)
    return extent


def _measure(data: bytes, extent: Extent, padded: re.Pattern[bytes] | None) -> bool:
    """Extend the extent by a run of sheet XML; False where the markup is not the usual one."""
    plain = data.count(b"<c ")
    if (data.count(b"<c") != plain or b":c" in data) and _ODD_CELL.search(data):
        return False
    filled = _FULL_CELL.findall(data)
    if plain != len(filled) and plain != len(filled) + len(_BARE_CELL.findall(data)):
        return False
    if not filled:
        return True
    places = b" ".join(filled)
    rows = max(map(int, set(places.translate(None, _LETTERS).split())))
    for letters in set(places.translate(None, _DIGITS).split()):
        extent.see(rows, column_number(letters.decode("ascii")))
    extent.filled += len(filled)
    if b't="e"' in data:
        extent.errors += map(_spot, _ERROR.findall(data))
    if b"<f" in data:
        extent.uncomputed += map(_spot, _UNCOMPUTED.findall(data))
    if padded is not None:
        extent.padded.update(column_number(found.decode()) for found in padded.findall(data))
    return True


def _spot(reference: bytes) -> tuple[int, int]:
    letters = reference.rstrip(_DIGITS)
    return int(reference[len(letters) :]), column_number(letters.decode("ascii"))


def _parsed(archive: zipfile.ZipFile, part: str, title: str) -> Extent:
    """Measure a sheet with a parser: other prefixes, quotes, attribute orders, no references."""
    extent = Extent()
    row = column = 0
    formula = value = inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, formula, value, inside
        match _local(tag):
            case "row":
                row, column = int(attributes.get("r", row + 1)), 0
            case "c":
                column, formula, value, inside = column + 1, False, False, False
                if "r" in attributes:
                    corner = _REFERENCE.fullmatch(attributes["r"].strip())
                    if corner is None:
                        raise ValueError(f"单元格位置 {attributes['r'][:20]!r}")
                    row, column = int(corner[2]), column_number(corner[1])
                if attributes.get("t") == "e":
                    extent.errors.append((row, column))
            case "f":
                formula = True
            case "v" | "is":
                inside = True

    def text(_: str) -> None:
        nonlocal value
        value |= inside

    def end(tag: str) -> None:
        nonlocal inside
        match _local(tag):
            case "v" | "is":
                inside = False
            case "c" if value:
                extent.see(row, column)
                extent.filled += 1
            case "c" if formula:
                extent.uncomputed.append((row, column))

    parser = _parser(part)
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            extent.check_size(title)
    parser.Parse(b"", True)
    return extent


def _zero_formats(archive: zipfile.ZipFile) -> frozenset[int]:
    """Return the cell styles whose number format is only zeros, such as ``000000``."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    text = archive.read("xl/styles.xml").decode("utf-8", "replace")
    formats = {
        number.group(1)
        for tag in re.findall(r"<numFmt\s[^>]*>", text)
        if re.search(r'formatCode="0{2,}"', tag)
        and (number := re.search(r'numFmtId="(\d+)"', tag)) is not None
    }
    section = re.search(r"<cellXfs.*?</cellXfs>", text, re.DOTALL)
    if not formats or section is None:
        return frozenset()
    used = re.findall(r'<xf\s[^>]*?numFmtId="(\d+)"', section.group(0))
    return frozenset(index for index, number in enumerate(used) if number in formats)


def _padded_cell(styles: frozenset[int]) -> re.Pattern[bytes] | None:
    if not styles:
        return None
    choice = "|".join(str(style) for style in sorted(styles))
    return re.compile(rf'<c r="([A-Z]{{1,3}})[0-9]{{1,7}}" s="(?:{choice})"(?: t="n")?>'.encode())
