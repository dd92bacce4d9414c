"""CSV and other delimited text: which encoding, which separator, which rows.

Seen in real files: Excel writes CSV as GB18030 on Chinese systems and with a BOM when asked for
UTF-8; "Unicode text" is UTF-16 with tabs. A BOM, then strict UTF-8, then GB18030 was right in 24
of 24 files, while libraries that guess from frequencies were wrong on mostly numeric ones, so
nothing is guessed here. Big5 reads as GB18030 without an error, into nonsense, and the other way
round: it is only used when declared.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files import limits
from evalkit.files.encodings import PRIVATE_USE, encoding_of, likely, seem_big5
from evalkit.files.extent import Refused, check_texts
from evalkit.files.grid import Column, Grid, columns_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK = 2**20
_SEPARATORS = (",", ";", "\t")
_SAMPLE_RECORDS = 200
_SEARCHED_RECORDS = 20_000
"""Records among which those that are not blank are looked for; a file may be nothing but lines."""


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
    found = _in_bulk(path, None if encoding else likely(path))
    if found is None:
        found = _with_care(path, name, encoding, problems)
    if found is None:
        return None
    try:
        for column in found.columns:
            check_texts(column.texts)
    except Refused as refusal:
        refusal.report(name, problems)
        return None
    notes = _shape_notes(found, name)
    grid = Grid(None, found.columns, found.height, encoding=found.encoding)
    if encoding is None and found.encoding == "gb18030":
        every = {text for column in found.columns for text in column.texts}
        private = sum(PRIVATE_USE.search(text) is not None for text in every)
        odd = private or seem_big5(_in_order(grid, every))
        notes += [Note(NoteCode.ENCODING_DOUBTFUL, name, odd)] if odd else []
    return replace(grid, notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class _Found:
    """The cells of a file without its hint at the separator; `lengths` as `bulk.Bulk` has them."""

    columns: tuple[Column, ...]
    height: int
    lengths: Sequence[int] | NDArray[np.int32] | None
    encoding: str


def _in_bulk(path: Path, codec: str | None) -> _Found | None:
    """Cut a file in bulk, if it is of that encoding and nothing about it is odd."""
    if codec is None:
        return None
    from evalkit.files import bulk  # numpy and pandas, which other readers do without

    try:
        separator, hinted = _separator(path, codec)
        found = bulk.cut(path, codec, separator)
    except (UnicodeError, bulk.Odd):
        return None
    if not hinted:
        return _Found(found.columns, found.height, found.lengths, codec)
    columns = tuple(column.below(1) for column in found.columns)
    lengths = None if found.lengths is None else found.lengths[1:]
    widest = len(columns) if lengths is None else int(max(lengths, default=0))
    return _Found(columns[:widest], found.height - 1, lengths, codec)


def _with_care(path: Path, name: str, encoding: str | None, problems: Problems) -> _Found | None:
    """Read a file of which nothing is taken for granted, and say what stops that."""
    chosen = encoding_of(path, name, encoding, problems)
    if chosen is None:
        return None
    seen = _survey(path)
    if not _plausible(seen, name, chosen, problems):
        return None
    if (encoding or chosen != likely(path)) and (found := _in_bulk(path, chosen)):
        return found
    separator, hinted = _separator(path, chosen)
    rows = _rows(path, name, chosen, separator, seen, problems)
    if rows is None:
        return None
    if hinted:
        rows = rows[1:]
    lengths = [len(row) for row in rows]
    width = max(lengths, default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return _Found(columns_of(rows), len(rows), lengths, chosen)


def _in_order(grid: Grid, every: set[str]) -> Iterable[str]:
    """Return texts as they come, row by row, as far as the order counts."""
    if len(every) <= _SAMPLE_RECORDS * 10:
        return every
    return _when_first_seen(cell for row in grid.rows for cell in row)


def _when_first_seen(cells: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for cell in cells:
        if cell not in seen:
            seen.add(cell)
            yield cell


def _rows(
    path: Path,
    name: str,
    encoding: str,
    separator: str,
    seen: _Bytes,
    problems: Problems,
) -> list[list[str]] | None:
    """Return every record, equal cells as one text; None with what stops the reading."""
    rows: list[list[str]] = []
    known: dict[str, str] = {}
    cells, closed = 0, False
    try:
        crowded = seen.lines > limits.MAX_ROWS and _has_too_many(path, encoding, separator)
        for record in _records(path, encoding, separator):
            if record == [_SENTINEL]:
                closed = True
                break
            cells += len(record)
            if len(rows) >= limits.MAX_ROWS or _is_crowd(cells, len(rows) + 1) or crowded:
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
    if _is_crowd(seen.separators, seen.lines):
        _too_large(name, problems)
        return False
    return True


def _is_crowd(cells: int, rows: int) -> bool:
    return cells > limits.most_cells(cells, rows)


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
        expected=f"不超过 {limits.MAX_ROWS} 行、{limits.MAX_CELLS} 格（超过 {limits.LONG} 列的 {limits.held()} 格）",
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


def _shape_notes(found: _Found, name: str) -> list[Note]:
    """Tell rows that are longer, or shorter, than the first one that holds anything."""
    if found.lengths is None:
        return []
    import numpy as np

    lengths, held = np.asarray(found.lengths), np.zeros(found.height, dtype=bool)
    for column in found.columns:
        full = np.array([text != "" for text in column.texts], dtype=bool)
        held |= full if column.codes is None else full[np.asarray(column.codes)]
    filled = lengths[held]
    longer, shorter = int((filled > filled[:1]).sum()), int((filled < filled[:1]).sum())
    notes = []
    if longer:
        notes.append(Note(NoteCode.ROWS_TOO_LONG, name, longer))
    if shorter:
        notes.append(Note(NoteCode.ROWS_TOO_SHORT, name, shorter))
    return notes
