"""CSV and other delimited text: which encoding, which separator, which rows.

Seen in real files: Excel writes CSV as GB18030 on Chinese systems and with a BOM when asked for
UTF-8; "Unicode text" is UTF-16 with tabs. A BOM, then strict UTF-8, then GB18030 was right in 24
of 24 files, while libraries that guess from frequencies were wrong on mostly numeric ones, so
nothing is guessed here. Big5 reads as GB18030 without an error, into nonsense, and the other way
round: it is only used when declared.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files import limits
from evalkit.files.extent import Refused, check_texts
from evalkit.files.grid import Grid

_CHUNK = 2**20
_SEPARATORS = (",", ";", "\t")
_SAMPLE_RECORDS = 200
_SEARCHED_RECORDS = 20_000
"""Records among which those that are not blank are looked for; a file may be nothing but lines."""

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
"""Where GB18030 puts byte pairs that no Chinese text uses, such as those of Big5."""

_CHINESE = re.compile("[\u4e00-\u9fff]")

_COMMON = 0.5
"""Big5 read as GB18030 has fewer of its characters among the common ones, and as Big5 most."""

_LEAST_CHARACTERS = 8
"""Of fewer Chinese characters nothing is told."""

_NEARLY = 5
"""Chinese characters for each byte that is none, where a text is taken for damaged UTF-8."""

_SENTINEL = "\U0010fffe\U0010ffff"
"""A last record that no text holds; where it does not come out, a quote has swallowed it."""


@dataclass(frozen=True, slots=True)
class _Bytes:
    """What one pass over the bytes tells."""

    nul_at: int
    longest_line: int
    lines: int
    separators: int


def read(path: Path, name: str, encoding: str | None, problems: Problems) -> Grid | None:
    """Read delimited text as a grid.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        Path as shown to analysts.
    encoding : str or None
        Encoding the analyst declared; None to tell it from the bytes.
    problems : Problems
        Collects what stops the reading.

    Returns
    -------
    Grid or None
        None when at least one problem was added.
    """
    chosen = _encoding(path, name, encoding, problems)
    if chosen is None:
        return None
    seen = _survey(path)
    if not _plausible(seen, name, chosen, problems):
        return None
    separator, hinted = _separator(path, chosen)
    known: dict[str, str] = {}
    rows = _rows(path, name, chosen, separator, seen, known, problems)
    if rows is None:
        return None
    try:
        check_texts(known)
    except Refused as refusal:
        refusal.report(name, problems)
        return None
    if hinted:
        rows = rows[1:]
    notes = _shape_notes(rows, name)
    if encoding is None and chosen == "gb18030":
        private = sum(_PRIVATE_USE.search(cell) is not None for cell in known)
        odd = private or _seem_big5(known)
        notes += [Note(NoteCode.ENCODING_DOUBTFUL, name, odd)] if odd else []
    width = max((len(row) for row in rows), default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return Grid(None, rows, encoding=chosen, notes=tuple(notes))


def _seem_big5(texts: Iterable[str]) -> int:
    """Return how many texts, read as GB18030, look like those of Big5; 0 where they do not.

    Both standards put their common characters together: leads B0 to D7, and A4 to C6.
    """
    some = itertools.islice(texts, _SAMPLE_RECORDS * 10)
    chinese = [text for text in some if _CHINESE.search(text)]
    try:
        pairs = [pair for text in chinese for pair in _pairs(text.encode("gb18030"), "big5")]
    except UnicodeDecodeError:
        return 0
    if len(pairs) < _LEAST_CHARACTERS:
        return 0
    common = sum(0xB0 <= lead <= 0xD7 and trail >= 0xA1 for lead, trail in pairs) / len(pairs)
    otherwise = sum(0xA4 <= lead <= 0xC6 for lead, _ in pairs) / len(pairs)
    return len(chinese) if common < _COMMON and otherwise > 1 - _COMMON / 5 else 0


def _pairs(content: bytes, codec: str) -> Iterator[tuple[int, int]]:
    """Yield the byte pairs of a text of double bytes."""
    for character in content.decode(codec):
        encoded = character.encode(codec)
        if len(encoded) == 2:
            yield encoded[0], encoded[1]


def _rows(
    path: Path,
    name: str,
    encoding: str,
    separator: str,
    seen: _Bytes,
    known: dict[str, str],
    problems: Problems,
) -> list[list[str]] | None:
    """Return every record, equal cells as one text of `known`; None with what stops the reading."""
    rows: list[list[str]] = []
    cells, closed = 0, False
    try:
        crowded = seen.lines > limits.MAX_ROWS and _has_too_many(path, encoding, separator)
        for record in _records(path, encoding, separator):
            if record == [_SENTINEL]:
                closed = True
                break
            cells += len(record)
            if len(rows) >= limits.MAX_ROWS or cells > limits.MAX_CELLS or crowded:
                _too_large(name, problems)
                return None
            if len(record) > limits.MAX_COLUMNS:
                _too_wide(name, len(rows) + 1, len(record), problems)
                return None
            rows.append([known.setdefault(cell, cell) for cell in record])
    except csv.Error as error:
        _broken(name, len(rows) + 1, error, problems)
        return None
    if not closed:
        _unclosed(name, len(rows), problems)
        return None
    return rows


def _encoding(path: Path, name: str, declared: str | None, problems: Problems) -> str | None:
    with path.open("rb") as handle:
        head = handle.read(4)
    bom = next((codec for mark, codec in _BOMS if head.startswith(mark)), None)
    candidates = (bom,) if bom is not None else ("utf-8", "gb18030")
    if declared is not None:
        return _declared_encoding(path, name, declared, bom, problems)
    for candidate in candidates:
        where = _decodes(path, candidate)
        if where is None:
            return candidate
        if candidate == "utf-8" and _is_nearly_utf8(path):
            problems.add(
                "encoding_broken",
                "文件是 UTF-8 编码，但有个别字节损坏",
                file=name,
                expected="完整的 UTF-8 文本",
                found=f"第 {where + 1} 字节起不合规则",
                remedy="重新导出或重新下载",
            )
            return None
    problems.add(
        "encoding_unknown",
        "认不出文件的编码",
        file=name,
        expected="UTF-8 或 GB18030",
        found=f"第 {_decodes(path, candidates[-1])} 字节附近不合规则",
        remedy="在 Excel 中另存为 xlsx，或在 evaluation.yaml 中声明 encoding",
    )
    return None


def _declared_encoding(
    path: Path, name: str, declared: str, bom: str | None, problems: Problems
) -> str | None:
    try:
        codec = codecs.lookup(declared).name
        codecs.getincrementaldecoder(codec)
        "".encode(codec)
    except (LookupError, UnicodeError):
        problems.add(
            "encoding_unknown",
            "不认识声明的编码",
            file=name,
            key="encoding",
            expected="utf-8、gb18030、big5、utf-16 等",
            found=declared,
            remedy="改正，或删去 encoding 由程序判断",
        )
        return None
    if codec in ("gbk", "gb2312"):
        codec = "gb18030"
    if bom is not None and codec.replace("_", "-").startswith(bom.removesuffix("-sig")):
        codec = bom
    where = _decodes(path, codec)
    if where is None and bom in (None, codec) and not _is_utf8_after_all(path, codec):
        return codec
    others = (bom,) if bom is not None else ("utf-8", "gb18030", "big5")
    alike = next((other for other in others if other and _decodes(path, other) is None), None)
    problems.add(
        "encoding_mismatch",
        "文件不是声明的编码",
        file=name,
        key="encoding",
        expected=declared,
        found=f"看起来是 {_TITLES[alike]}" if alike else f"第 {where} 字节附近不合规则",
        remedy=f"把 encoding 改为 {alike}，或删去" if alike else "在 Excel 中另存为 xlsx",
    )
    return None


def _is_utf8_after_all(path: Path, codec: str) -> bool:
    """Chinese UTF-8 often decodes as GB18030 or Big5 too, into nonsense; the reverse is chance."""
    if codec.startswith("utf") or _decodes(path, "utf-8") is not None:
        return False
    with path.open(encoding="utf-8", newline="") as handle:
        return any(_CHINESE.search(line) for line in handle)


def _is_nearly_utf8(path: Path) -> bool:
    """Tell UTF-8 with some bytes damaged from GB18030, of which hardly a character is UTF-8."""
    right = wrong = 0
    with path.open(encoding="utf-8", errors="replace", newline="") as handle:
        while chunk := handle.read(_CHUNK):
            right += len(_CHINESE.findall(chunk))
            wrong += chunk.count("\N{REPLACEMENT CHARACTER}")
    return right > _NEARLY * wrong


_TITLES: dict[str, str] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "带 BOM 的 UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "gb18030": "GB18030 (GBK)",
    "big5": "Big5",
}


def _decodes(path: Path, codec: str) -> int | None:
    """Return None if all of the file decodes, else the byte offset about which it does not."""
    decoder = codecs.getincrementaldecoder(codec)()
    done = 0
    with path.open("rb") as handle:
        while True:
            chunk = handle.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return done + error.start
            except UnicodeError:
                return done
            done += len(chunk)
            if not chunk:
                return None


def _survey(path: Path) -> _Bytes:
    nul_at, longest, lines, separators, done, run = -1, 0, 0, 0, 0, 0
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            if nul_at < 0 and (at := chunk.find(b"\x00")) >= 0:
                nul_at = done + at
            pieces = chunk.replace(b"\r", b"\n").split(b"\n")
            run += len(pieces[0])
            if len(pieces) > 1:
                longest = max(longest, run, max(map(len, pieces[1:])))
                run = len(pieces[-1])
            lines += len(pieces) - 1
            separators += max(chunk.count(mark.encode()) for mark in _SEPARATORS)
            done += len(chunk)
    return _Bytes(nul_at, max(longest, run), lines + 1, separators)


def _has_too_many(path: Path, codec: str, separator: str) -> bool:
    """Count records before any is kept: of many lines, quoted line breaks may make few rows."""
    records = itertools.islice(_records(path, codec, separator), limits.MAX_ROWS + 2)
    return sum(1 for _ in records) > limits.MAX_ROWS + 1  # one is the sentinel


def _plausible(seen: _Bytes, name: str, codec: str, problems: Problems) -> bool:
    wide = codec.startswith(("utf-16", "utf-32"))
    if seen.nul_at >= 0 and not wide:
        problems.add(
            "nul_bytes",
            "文件里有空字节（NUL），不是普通的文本表格",
            file=name,
            expected="UTF-8、GB18030 或带 BOM 的 UTF-16 文本",
            found=f"第 {seen.nul_at + 1} 字节为 0",
            remedy="用 Excel 打开后另存为 xlsx",
        )
        return False
    if seen.longest_line > limits.MAX_LINE_BYTES:
        problems.add(
            "line_too_long",
            "有一行长得不像表格",
            file=name,
            expected=f"每行不超过 {limits.MAX_LINE_BYTES // 1024} KB",
            found=f"{seen.longest_line // 1024} KB",
            remedy="检查分隔符和换行，或在 Excel 中另存为 xlsx",
        )
        return False
    if seen.separators > limits.MAX_CELLS:
        _too_large(name, problems)
        return False
    return True


def _broken(name: str, row: int, error: csv.Error, problems: Problems) -> None:
    problems.add(
        "csv_broken",
        "这一行读不成表格，常见原因是引号没有成对",
        file=name,
        row=row,
        found=str(error),
        remedy="在 Excel 中打开检查后另存",
    )


def _unclosed(name: str, row: int, problems: Problems) -> None:
    problems.add(
        "csv_broken",
        "引号没有成对，从这一行起到文件末尾连成了一格",
        file=name,
        row=row,
        remedy="补上或删去多余的引号，或在 Excel 中打开检查后另存",
    )


def _too_wide(name: str, row: int, columns: int, problems: Problems) -> None:
    problems.add(
        "too_many_columns",
        "列太多",
        file=name,
        row=row,
        expected=f"不超过 {limits.MAX_COLUMNS} 列",
        found=f"{columns} 列",
        remedy="检查分隔符和引号",
    )


def _too_large(name: str, problems: Problems) -> None:
    problems.add(
        "too_many_cells",
        "表格太大",
        file=name,
        expected=f"不超过 {limits.MAX_ROWS} 行、{limits.MAX_CELLS} 格",
        remedy="按批次拆成几个文件",
    )


def _records(path: Path, codec: str, separator: str) -> Iterator[list[str]]:
    """Yield records; where a quoted cell runs over lines, its quote must end where the cell does.

    A quote that was left open ends at the next one, which opens another cell: the rows between
    would be one cell's text.
    """
    with path.open(encoding=codec, newline="") as handle:
        recent: list[str] = []
        lines = _kept_in(recent, itertools.chain(handle, [_SENTINEL]))
        for record in csv.reader(lines, delimiter=separator):
            if len(recent) > 1 and recent[-1] != _SENTINEL:
                list(csv.reader(recent, delimiter=separator, strict=True))
            recent.clear()
            yield record


def _kept_in(recent: list[str], lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        recent.append(line)
        yield line


def _separator(path: Path, codec: str) -> tuple[str, bool]:
    """Return the separator, and whether the first line only names it (``sep=;``)."""
    with path.open(encoding=codec, newline="") as handle:
        first = handle.readline(64).strip(" \r\n").strip('"').lower()
    if len(first) == 5 and first.startswith("sep=") and first[4] in _SEPARATORS:
        return first[4], True
    best, best_score = ",", (0.0, 1)
    for mark in _SEPARATORS:
        widths = []
        try:
            for record in itertools.islice(_records(path, codec, mark), _SEARCHED_RECORDS):
                if any(cell.strip() for cell in record) and record != [_SENTINEL]:
                    widths.append(len(record))
                if len(widths) >= _SAMPLE_RECORDS:
                    break
        except csv.Error:
            continue
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        score = (times / len(widths), width) if width > 1 else (0.0, 1)
        if score > best_score:
            best, best_score = mark, score
    return best, False


def _shape_notes(rows: list[list[str]], name: str) -> list[Note]:
    filled = [len(row) for row in rows if any(row)]
    if not filled:
        return []
    width = filled[0]
    longer = sum(length > width for length in filled)
    shorter = sum(length < width for length in filled)
    notes = []
    if longer:
        notes.append(Note(NoteCode.ROWS_TOO_LONG, name, longer))
    if shorter:
        notes.append(Note(NoteCode.ROWS_TOO_SHORT, name, shorter))
    return notes
