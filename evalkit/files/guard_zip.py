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
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING
from xml.parsers import expat

from evalkit.files.extent import (
    PERCENT_FORMATS,
    RESAVE,
    ZEROS,
    Extent,
    Refused,
    column_number,
    encrypted,
)
from evalkit.files.unmerged import Watch

if TYPE_CHECKING:
    from evalkit.files.guard_cells import Seen

_CHUNK = 2**20
_LARGE = 2**23
"""Bytes of a sheet from which it is worth loading what looks at many cells at once."""

_FULL_CELL = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^<>/]*>(?!</c>)')
_BARE_CELL = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"[^<>/]*(?:/>|></c>)')
_ODD_CELL = re.compile(rb"<(?:[^\s<>/]+:c[\s/>]|c[\t\r\n/>])")
_ERROR = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^<>]*? t="e"')
_UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^<>]*>\s*<f(?:[^<>]*/>|[^<>]*>[^<]*</f>)'
    rb"\s*(?:<v ?/>|<v></v>)?\s*</c>"
)
_HIDDEN_ROW = re.compile(rb'<row [^<>]*hidden="(?:1|true)"[^<>]*(?<!/)>')
_HIDDEN_COLUMNS = re.compile(
    rb'<col (?=[^<>]*hidden="(?:1|true)")(?=[^<>]*min="(\d{1,5})")[^<>]*max="(\d{1,5})"'
)
_TEXTS = "xl/sharedstrings.xml"
_TEXT = re.compile(rb"<(?:[^\s<>/]+:)?si[\s/>]")
_TEXT_USED = re.compile(rb' t="s"[^<>]*>\s*<v>([0-9]{1,9})</v>')
_TEXT_NONE = re.compile(rb' t="s"[^<>]*(?<!/)>\s*<v>(?![0-9]{1,9}</v>)')
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
        padded, percent = map(_cell_of, _formats(archive))
        seen = {}
        texts = 0
        for entry in entries:
            if entry.filename in titles:
                title = titles[entry.filename]
                seen[title] = _scan(archive, entry.filename, title, padded, percent)
            elif entry.filename.lower().endswith((".xml", ".rels")):
                for data in _chunks(archive, entry.filename, b"<"):
                    if entry.filename.lower() == _TEXTS:
                        texts += len(_TEXT.findall(data))
            else:
                _read_to_its_end(archive, entry)
        for title, extent in seen.items():
            if extent.texts > texts:
                raise ValueError(
                    f"工作表“{title}”用到第 {extent.texts} 条文字，字符串表只有 {texts} 条"
                )
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
            if b"!" in data and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
                raise _dtd(part)
            cut = max(max(map(data.rfind, marks)), 0)
            yield data[:cut]
            carry = data[cut:]
    yield carry


def _read_to_its_end(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Hold a part that is no XML against its check sum."""
    with archive.open(entry) as stream:
        while stream.read(_CHUNK):
            pass


def _scan(
    archive: zipfile.ZipFile,
    part: str,
    title: str,
    padded: re.Pattern[bytes] | None,
    percent: re.Pattern[bytes] | None,
) -> Extent:
    extent = Extent()
    large = archive.getinfo(part).file_size > _LARGE
    glance, watch = _glance() if large else None, Watch() if large else None
    for data in _chunks(archive, part, b"<c", b"<r"):
        if not _measure(data, extent, padded, percent, glance):
            extent = _parsed(archive, part, title)
            break
        extent.check_size(title)
        if watch is not None:
            watch.see(data)
    else:
        extent.unmerged = part if watch is not None and watch.met_none() else ""
    extent.check_density(title)
    return extent


def _glance() -> Callable[[bytes], Seen | None]:
    from evalkit.files import guard_cells  # numpy, which small sheets do without

    return guard_cells.Glance()


def _measure(
    data: bytes,
    extent: Extent,
    padded: re.Pattern[bytes] | None,
    percent: re.Pattern[bytes] | None,
    glance: Callable[[bytes], Seen | None] | None = None,
) -> bool:
    """Extend the extent by a run of sheet XML; False where the markup is not the usual one."""
    seen = None if glance is None else glance(data)
    if seen is not None:
        _count_hidden(seen.tags, extent)
        for column in seen.columns:
            extent.see(seen.row, column)
        extent.filled += seen.filled
        extent.texts = max(extent.texts, seen.text + 1)
        if seen.filled:
            _rest(seen.tags, extent, padded, percent)
            extent.uncomputed += map(_spot, _UNCOMPUTED.findall(data) if seen.formulas else ())
        return True
    _count_hidden(data, extent)
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
    if b't="s"' in data:
        used = set(_TEXT_USED.findall(data))
        extent.texts = max(extent.texts, max(map(int, used), default=-1) + 1)
        if _TEXT_NONE.search(data):
            raise ValueError("有单元格的文字不在字符串表里")
    _rest(data, extent, padded, percent)
    if b"<f" in data:
        extent.uncomputed += map(_spot, _UNCOMPUTED.findall(data))
    return True


def _count_hidden(data: bytes, extent: Extent) -> None:
    if b"hidden=" in data:
        extent.hidden_rows += len(_HIDDEN_ROW.findall(data))
        extent.hidden_columns += sum(
            int(tag[1]) - int(tag[0]) + 1 for tag in _HIDDEN_COLUMNS.findall(data)
        )


def _rest(
    data: bytes,
    extent: Extent,
    padded: re.Pattern[bytes] | None,
    percent: re.Pattern[bytes] | None,
) -> None:
    """Take in what the tags of few cells hold: errors, formats."""
    if b't="e"' in data:
        extent.errors += map(_spot, _ERROR.findall(data))
    if padded is not None:
        extent.padded.update(column_number(found.decode()) for found in padded.findall(data))
    if percent is not None:
        extent.percent.update(column_number(found.decode()) for found in percent.findall(data))


def _spot(reference: bytes) -> tuple[int, int]:
    letters = reference.rstrip(_DIGITS)
    return int(reference[len(letters) :]), column_number(letters.decode("ascii"))


def _parsed(archive: zipfile.ZipFile, part: str, title: str) -> Extent:
    """Measure a sheet with a parser: other prefixes, quotes, attribute orders, no references."""
    extent = Extent()
    row = column = 0
    formula = value = inside = False
    kind = content = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, formula, value, inside, kind, content
        match _local(tag):
            case "row":
                row, column = int(attributes.get("r", row + 1)), 0
                extent.hidden_rows += attributes.get("hidden") in ("1", "true")
            case "c":
                column, formula, value, inside = column + 1, False, False, False
                if "r" in attributes:
                    corner = _REFERENCE.fullmatch(attributes["r"].strip())
                    if corner is None:
                        raise ValueError(f"单元格位置 {attributes['r'][:20]!r}")
                    row, column = int(corner[2]), column_number(corner[1])
                kind, content = attributes.get("t", ""), ""
                if kind == "e":
                    extent.errors.append((row, column))
            case "f":
                formula = True
            case "v" | "is":
                inside = True

    def text(found: str) -> None:
        nonlocal value, content
        value |= inside
        content += found if inside and kind == "s" else ""

    def end(tag: str) -> None:
        nonlocal inside
        match _local(tag):
            case "v" | "is":
                inside = False
            case "c" if value:
                extent.see(row, column)
                extent.filled += 1
                if kind == "s":
                    if not content.strip().isdecimal():
                        raise ValueError(f"{row} 行 {column} 列的文字不在字符串表里")
                    extent.texts = max(extent.texts, int(content) + 1)
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


def _formats(archive: zipfile.ZipFile) -> tuple[frozenset[int], frozenset[int]]:
    """Return the cell styles that write zeros before a number, and those that write per cent."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset(), frozenset()
    text = archive.read("xl/styles.xml").decode("utf-8", "replace")
    zeros, percent = set[str](), set(PERCENT_FORMATS)
    for tag in re.findall(r"<numFmt\s[^>]*>", text):
        number = re.search(r'numFmtId="(\d+)"', tag)
        code = re.search(r'formatCode="([^"]*)"', tag)
        if number is not None and code is not None:
            if ZEROS.fullmatch(code[1]):
                zeros.add(number[1])
            if "%" in code[1]:
                percent.add(number[1])
    section = re.search(r"<cellXfs.*?</cellXfs>", text, re.DOTALL)
    if section is None:
        return frozenset(), frozenset()
    used = re.findall(r'<xf\s[^>]*?numFmtId="(\d+)"', section.group(0))
    return (
        frozenset(index for index, number in enumerate(used) if number in zeros),
        frozenset(index for index, number in enumerate(used) if number in percent),
    )


def _cell_of(styles: frozenset[int]) -> re.Pattern[bytes] | None:
    if not styles:
        return None
    choice = "|".join(str(style) for style in sorted(styles))
    return re.compile(rf'<c r="([A-Z]{{1,3}})[0-9]{{1,7}}" s="(?:{choice})"(?: t="n")?>'.encode())
