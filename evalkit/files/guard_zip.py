"""The inside of an xlsx file, looked at before a reader is let in.

The archive's directory is checked first (one directory, at the end, no names that climb out, no
entry twice, no overlaps, no lies about sizes that would let two readers see two different files).
Then every part a reader could be led to is inflated once, as a stream, and dropped: it must be
UTF-8, bring no document type definition and inflate to what the directory says. Of sheets the
extent of the cells that hold something is taken on the way, because dense readers reserve memory
for all of it; formatted but empty cells down to row 1,048,576, which Excel users produce with one
click, count as nothing.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from evalkit.errors import Problems
from evalkit.files import limits
from evalkit.files.extent import RESAVE, TIDY, Contents, Extent, Refused, column_number

_CHUNK = 2**20
_END = b"PK\x05\x06"
_WIDE_END, _WIDE_LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
_FULL_CELL = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^<>/]*>')
_BARE_CELL = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"[^<>/]*/>')
_ODD_CELL = re.compile(rb"<(?:[^\s<>/]+:c[\s/>]|c[\t\r\n/>])")
_UNCOMPUTED = re.compile(rb"</f>(?:<v ?/>|<v></v>)?</c>")
_DIGITS = b"0123456789"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIMENSION = re.compile(rb"<(?:[^\s<>/:]{1,64}:)?dimension\s[^<>]*?ref\s*=\s*[\"']([^\"']{0,64})")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,7})\$?([0-9]{1,15})")
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']{0,40})["']""")


def inspect_workbook(path: Path, name: str, problems: Problems) -> Contents | None:
    """Check an xlsx file.

    Parameters
    ----------
    path : Path
        A file that begins as a ZIP archive.
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
        with path.open("rb") as handle:
            return _inspect(handle, path.stat().st_size)
    except Refused as refusal:
        refusal.report(name, problems)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        NotImplementedError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        problems.add(
            "damaged",
            "文件已损坏，或没有下载完整",
            file=name,
            expected="完整的 xlsx 工作簿",
            found=str(error)[:200] or type(error).__name__,
            remedy="重新导出或重新下载",
        )
    return None


def _inspect(handle: BinaryIO, size: int) -> Contents:
    _check_end(handle, size)
    with zipfile.ZipFile(handle) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    _check_entries(entries)
    _check_kind({entry.filename for entry in entries})
    wanted = _parts_to_scan(handle, entries)
    _check_sizes(wanted)
    zero_formats = _zero_formats(handle, entries)
    cells = errors = uncomputed = 0
    padded: set[bytes] = set()
    for entry in wanted:
        extent = _scan(handle, entry, zero_formats)
        extent.check_density(entry.filename)
        padded |= extent.padded
        errors += extent.errors
        uncomputed += extent.uncomputed
        cells += extent.rows * extent.columns
        if cells > limits.MAX_CELLS:
            raise Refused(
                "too_many_cells",
                "各工作表加起来太大",
                f"超过 {cells} 格",
                f"不超过 {limits.MAX_CELLS} 格",
                TIDY,
            )
    letters = sorted((letter.decode("ascii") for letter in padded), key=column_number)
    return Contents(tuple(letters), errors, uncomputed)


def _unsafe(found: str) -> Refused:
    return Refused(
        "unsafe_archive", "压缩结构不正常，不予打开", found, "普通的 xlsx 工作簿", RESAVE
    )


def _check_end(handle: BinaryIO, size: int) -> None:
    """Exactly one directory, right before the end: so that two readers see the same file."""
    reach = min(size, 22 + 0xFFFF)
    handle.seek(size - reach)
    tail = handle.read(reach)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise zipfile.BadZipFile("找不到压缩包的目录")
    entries, directory, offset, comment = struct.unpack("<H2LH", tail[at + 10 : at + 22])
    if at + 22 + comment != len(tail) or b"PK" in tail[at + 22 :]:
        raise _unsafe("目录之后还有内容")
    if entries == 0xFFFF or 0xFFFFFFFF in (directory, offset):
        raise _unsafe("超过 4 GB 的目录")
    if entries > limits.MAX_ARCHIVE_ENTRIES or directory > limits.MAX_DIRECTORY_BYTES:
        raise _unsafe(f"{entries} 个部件，目录 {directory} 字节")
    directory_end = size - reach + at
    if tail[max(at - 20, 0) : at].startswith(_WIDE_LOCATOR):
        directory_end = _check_wide_end(tail[:at], directory_end, (entries, directory, offset))
    if offset + directory != directory_end:
        raise _unsafe("目录不在它说的位置")


def _check_wide_end(before: bytes, end: int, said: tuple[int, int, int]) -> int:
    """Check that the ZIP64 record, which Java writers always add, says what the plain one says.

    Returns where the directory ends.
    """
    start = struct.unpack("<Q", before[-12:-4])[0]
    record = before[start - end :] if 0 < end - start <= len(before) else b""
    if len(record) != 76 or not record.startswith(_WIDE_END):
        raise _unsafe("两份目录说明")
    if struct.unpack("<3Q", record[32:56]) != said:
        raise _unsafe("两份目录说明不一致")
    return int(start)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    taken = 0
    for entry in sorted(entries, key=lambda item: item.header_offset):
        name = entry.orig_filename
        if (
            name.startswith(("/", "\\"))
            or ".." in re.split(r"[/\\]", name)
            or ":" in name
            or "\x00" in name
        ):
            raise _unsafe(f"部件名 {name[:80]!r}")
        folded = name.replace("\\", "/").lower()
        if folded in seen:
            raise _unsafe(f"部件 {name[:80]!r} 出现两次")
        seen.add(folded)
        if entry.flag_bits & 0x1:
            raise Refused(
                "encrypted",
                "工作簿有密码",
                f"部件 {name[:80]!r} 已加密",
                "没有密码的文件",
                "去掉密码后另存",
            )
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _unsafe(f"部件 {name[:80]!r} 的压缩方法 {entry.compress_type}")
        if entry.header_offset < taken:
            raise _unsafe(f"部件 {name[:80]!r} 与别的部件重叠")
        taken = entry.header_offset + 30 + entry.compress_size


def _check_kind(names: set[str]) -> None:
    folded = {name.replace("\\", "/").lower() for name in names}
    if "xl/workbook.xml" in folded:
        return
    titles = {
        "xl/workbook.bin": "xlsb 二进制工作簿",
        "word/document.xml": "Word 文档",
        "ppt/presentation.xml": "PowerPoint 文档",
        "content.xml": "OpenDocument 文档",
        "index/document.iwa": "Numbers 文档",
    }
    found = next((title for part, title in titles.items() if part in folded), "ZIP 压缩包")
    raise Refused(
        "wrong_type",
        "文件内容不是 xlsx 工作簿",
        found,
        "xlsx、xls 或 CSV 的内容",
        "解压后取出其中的表格" if found == "ZIP 压缩包" else RESAVE,
    )


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    worst = max(
        (entry for entry in entries if entry.file_size > limits.FREE_INFLATED_BYTES),
        key=lambda entry: entry.file_size / max(entry.compress_size, 1),
        default=None,
    )
    if worst is not None and worst.file_size > limits.MAX_INFLATION * worst.compress_size:
        raise _bomb(
            f"{worst.filename} 从 {worst.compress_size // 1024} KB 膨胀到 "
            f"{worst.file_size // 2**20} MB"
        )
    if total > limits.MAX_INFLATED_BYTES:
        raise _bomb(f"解压后 {total // 2**20} MB")


def _bomb(found: str) -> Refused:
    return Refused(
        "zip_bomb",
        "解压后大得不正常，不予打开",
        found,
        f"膨胀不超过 {limits.MAX_INFLATION} 倍，总共不超过 {limits.MAX_INFLATED_BYTES // 2**20} MB",
        TIDY,
    )


def _parts_to_scan(handle: BinaryIO, entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Every part but pictures and embedded objects that no workbook-level relation names."""
    top = [
        entry
        for entry in entries
        if entry.filename.lower().endswith(".rels")
        and entry.filename.lower().startswith(("_rels/", "xl/_rels/"))
    ]
    _check_sizes(top)
    named = b"".join(b"".join(_inflate(handle, entry)) for entry in top).decode("utf-8", "replace")

    def skippable(entry: zipfile.ZipInfo) -> bool:
        lowered = entry.filename.lower()
        aside = lowered.startswith(("xl/media/", "xl/embeddings/", "docprops/thumbnail"))
        return aside and entry.filename.rsplit("/", 1)[-1] not in named

    return [entry for entry in entries if not skippable(entry)]


def _inflate(handle: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part in chunks, exactly as stored, refusing sizes that are not as declared."""
    handle.seek(entry.header_offset)
    header = handle.read(30)
    fields = struct.unpack("<4s5H3L2H", header)
    if fields[0] != b"PK\x03\x04" or fields[3] != entry.compress_type:
        raise _unsafe(f"部件 {entry.filename[:80]!r} 的两处说明不一致")
    handle.seek(fields[9] + fields[10], 1)
    left, total = entry.compress_size, 0
    stored = entry.compress_type == zipfile.ZIP_STORED
    engine = zlib.decompressobj(-15)
    while left or (not stored and engine.unconsumed_tail):
        raw = b"" if stored else engine.unconsumed_tail
        if not raw:
            raw = handle.read(min(_CHUNK // 4, left))
            if not raw:
                raise EOFError("文件不完整")
            left -= len(raw)
        data = raw if stored else engine.decompress(raw, _CHUNK)
        total += len(data)
        if total > entry.file_size:
            raise _unsafe(f"部件 {entry.filename[:80]!r} 比目录里写的大")
        if data:
            yield data
        if not stored and engine.eof:
            break
    if not stored:
        rest = engine.flush()
        total += len(rest)
        if rest:
            yield rest
        if not engine.eof or left:
            raise EOFError("压缩数据不完整")
    if total != entry.file_size:
        raise _unsafe(f"部件 {entry.filename[:80]!r} 与目录里写的大小不同")


def _scan(handle: BinaryIO, entry: zipfile.ZipInfo, zero_formats: frozenset[int]) -> Extent:
    extent = Extent()
    padded = _padded_cell(zero_formats)
    carry, first, sheet = b"", True, False
    for chunk in _inflate(handle, entry):
        data = carry + chunk
        if first:
            _check_encoding(data, entry.filename)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise _dtd(entry.filename)
        sheet = sheet or b"worksheet" in data
        if first and sheet and (dimension := _DIMENSION.search(data)):
            _check_dimension(dimension.group(1).decode("ascii", "replace"), entry.filename)
        first = False
        last = max(data.rfind(b"<"), 0)
        if len(data) - last > limits.MAX_TEXT_RUN:
            raise _unsafe(f"部件 {entry.filename[:80]!r} 有一段过长的文字")
        cell = max(data.rfind(b"<c"), data.rfind(b"<r")) if sheet else -1
        cut = cell if len(data) - cell < _CHUNK and cell > 0 else last
        done, carry = data[:cut], data[cut:]
        if sheet and not _measure(done, extent, padded):
            return _parse_extent(handle, entry)
        extent.check_size(entry.filename)
    if sheet and not _measure(carry, extent, padded):
        return _parse_extent(handle, entry)
    extent.check_size(entry.filename)
    return extent


def _dtd(part: str) -> Refused:
    return Refused(
        "dtd_refused",
        "工作簿里有文档类型定义（DTD），可能是恶意文件，不予打开",
        part,
        "没有 DTD 的工作簿",
        RESAVE,
    )


def _check_encoding(data: bytes, part: str) -> None:
    declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        b"\x00" in data[:8] and data.lstrip(b"\x00").startswith(b"<")
    )
    if wide or (declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii")):
        raise _unsafe(f"部件 {part[:80]!r} 不是 UTF-8")


def _check_dimension(reference: str, part: str) -> None:
    corners = _REFERENCE.findall(reference)
    if not corners:
        return
    extent = Extent()
    for letters, row in corners:
        extent.see(letters.encode(), int(row))
    extent.check_size(part)


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
        extent.see(letters, rows)
    extent.filled += len(filled)
    extent.errors += data.count(b't="e"')
    if b"</f>" in data:
        extent.uncomputed += len(_UNCOMPUTED.findall(data))
    if padded is not None:
        extent.padded.update(padded.findall(data))
    return True


def _parse_extent(handle: BinaryIO, entry: zipfile.ZipInfo) -> Extent:
    """Measure a sheet with a parser: other prefixes, quotes, attribute orders, no references."""
    if entry.file_size > limits.MAX_SLOW_SCAN_BYTES:
        raise _unsafe(f"部件 {entry.filename[:80]!r} 的写法不常见，又太大")
    extent = Extent()
    at = {"row": 0, "column": 0, "inside": 0}

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rsplit(":", 1)[-1]
        if local == "row":
            at["row"] = int(attributes["r"]) if "r" in attributes else at["row"] + 1
            at["column"] = 0
        elif local == "c":
            at["column"], at["inside"] = at["column"] + 1, 1
            if "r" in attributes:
                corner = _REFERENCE.fullmatch(attributes["r"].strip())
                if corner is None:
                    raise ValueError(f"单元格位置 {attributes['r'][:20]!r}")
                at["column"], at["row"] = column_number(corner[1]), int(corner[2])
            extent.errors += attributes.get("t") == "e"
        elif local in ("v", "is") and at["inside"]:
            at["inside"] = 0
            extent.rows = max(extent.rows, at["row"])
            extent.columns = max(extent.columns, at["column"])
            extent.filled += 1

    def doctype(*_: object) -> None:
        raise _dtd(entry.filename)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    try:
        for chunk in _inflate(handle, entry):
            parser.Parse(chunk, False)
            extent.check_size(entry.filename)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(f"{entry.filename}: {error}") from error
    return extent


def _zero_formats(handle: BinaryIO, entries: list[zipfile.ZipInfo]) -> frozenset[int]:
    """Return the cell styles whose number format is only zeros, such as ``000000``."""
    styles = next((entry for entry in entries if entry.filename.lower() == "xl/styles.xml"), None)
    if styles is None or styles.file_size > limits.FREE_INFLATED_BYTES:
        return frozenset()
    text = b"".join(_inflate(handle, styles)).decode("utf-8", "replace")
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
