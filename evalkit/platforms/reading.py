"""Any table as a raw sheet: CSV, xlsx and xls, with or without a platform's conventions.

Seen in real tables from data entry: a title above the header, merged over all columns; headers in
two rows, the upper merged over a block; empty and repeated headers; blank rows, 合计 footers and a
second export pasted below the first, with its header. Titles and header rows are told apart here;
every row below the header is kept as data, because cleaning counts what it drops.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files.grid import Grid, bare
from evalkit.files.reading import read_table
from evalkit.platforms.base import Platform, RawColumn, RawSheet
from evalkit.platforms.table import PlainTable
from evalkit.platforms.wenjuanxing import Wenjuanxing

PLATFORMS: tuple[Platform, ...] = (Wenjuanxing(), PlainTable())
"""In the order in which they are asked; the last one takes everything."""

_HEADER_SEARCH = 20
"""Rows among which the header must be."""

_TITLE_BELOW = 3
"""Headers that must follow for every cell of an unmerged row before that is taken for a title."""

_MOST_BELOW = 3
"""Header rows that may follow the first before the one that only machines read."""

_IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"')
_NO_QUESTION = frozenset({"response", "open-endedresponse", "回答", "答案"})

_TITLE_CELLS = 2
"""Cells of a title: what it is, and a unit or a date beside it."""

_TITLES = 5
"""Rows of titles that may stand above a header."""

_FIGURE = re.compile(r"[+-]?\d+(?:\.\d+)?")
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
_DATE_HEADER = re.compile(r"日期|时间|date|time", re.IGNORECASE)


def read(
    path: Path,
    *,
    name: str,
    sheet: str | None = None,
    encoding: str | None = None,
    header_rows: int | None = None,
    problems: Problems,
) -> RawSheet | None:
    r"""Read a file of answers, of whatever kind its bytes say it is.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        Path as shown to analysts; its last part may hint at the variant.
    sheet : str or None
        Sheet of a workbook; needed where several have content.
    encoding : str or None
        Encoding of a CSV, where the analyst declared one.
    header_rows : int or None
        How many rows the header has, where the analyst declared it.
    problems : Problems
        Collects everything that stops the reading, in Chinese, with what to do.

    Returns
    -------
    RawSheet or None
        None when at least one problem was added. Nothing is raised for what a file holds.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = path.write_text("居民区,办事是否方便\n玉佛城,满意\n", encoding="utf-8")
    >>> sheet = read(path, name="answers.csv", problems=Problems())
    >>> sheet.platform, [column.header for column in sheet.columns]
    ('table', ['居民区', '办事是否方便'])
    >>> sheet.cells.loc[2].tolist()  # rows are numbered as Excel shows them
    ['玉佛城', '满意']
    """
    grid = read_table(path, name, problems, sheet=sheet, encoding=encoding)
    return None if grid is None else _sheet(grid, name, _sha256(path), header_rows, problems)


def recognised(headers: Sequence[str]) -> Platform:
    """Return the platform whose headers these are."""
    return next(platform for platform in PLATFORMS if platform.recognises(headers))


def of(sheet: RawSheet) -> Platform:
    """Return the platform whose conventions a sheet follows."""
    return next(platform for platform in PLATFORMS if platform.name == sheet.platform)


def fingerprint(sheet: RawSheet) -> str:
    """Return a stable hash of the header structure: 16 hexadecimal digits.

    Two files have the same fingerprint when platform, order and texts of their headers agree, up
    to white space; the variant, the cells and the file's name do not matter.
    """
    headers = (" ".join(column.header.split()) for column in sheet.columns)
    text = "\x1f".join((sheet.platform, *headers))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sheet(
    grid: Grid, name: str, sha256: str, header_rows: int | None, problems: Problems
) -> RawSheet | None:
    notes: list[Note] = []
    found = _header_rows(grid, header_rows)
    where = name if grid.sheet is None else f"{name} [{grid.sheet}]"
    if found is None:
        problems.add(
            "no_content",
            "表格是空的，没有任何内容",
            file=name,
            sheet=grid.sheet,
            remedy="重新导出",
        )
        return None
    first, last = found
    skipped = sum(any(map(bare, row)) for row in grid.rows[:first])
    if skipped:
        facts = {"row": grid.first_row + first}
        notes.append(Note(NoteCode.TITLE_ROWS, where, skipped, facts))
    body = grid.rows[last + 1 :]
    headers = _headers(grid, first, last)
    columns_text = _stripped_columns(body, len(headers))
    filled = {at for at, texts in enumerate(columns_text) if any(texts)}
    named = {at for at, header in enumerate(headers) if bare(header)}
    width = max(filled | named) + 1
    headers = headers[:width]
    if not filled:
        problems.add(
            "no_answers",
            "只有表头，没有一份答卷",
            file=name,
            sheet=grid.sheet,
            row=grid.first_row + last,
            expected="表头下面至少一行",
            found=f"{width} 个列名",
            remedy="重新导出；若表头不在这一行，请删去它上面的说明",
        )
        return None
    first_row = grid.first_row + last + 1
    cells = pd.DataFrame(
        dict(enumerate(columns_text[:width])),
        index=pd.RangeIndex(first_row, first_row + len(body)),
        columns=range(width),
        dtype=str,
    )
    platform = recognised(headers) if first == last else PLATFORMS[-1]
    columns, variant, more = platform.settled(platform.columns(headers), cells, name)
    notes.extend(more)
    notes.extend(_header_notes(columns, filled, where))
    notes.extend(_serial_notes(columns, cells, where))
    return RawSheet(
        file=name,
        sheet=grid.sheet,
        platform=platform.name,
        variant=variant,
        columns=columns,
        cells=cells,
        encoding=grid.encoding,
        sha256=sha256,
        notes=(*grid.notes, *notes),
    )


class _Stripped(dict[str, str]):
    """Every text without white space around it, made once."""

    def __missing__(self, raw: str) -> str:
        text = self[raw] = bare(raw)
        return text


def _stripped_columns(body: list[list[str]], width: int) -> list[list[str]]:
    if not body:
        return [[] for _ in range(width)]
    stripped = _Stripped()
    return [list(map(stripped.__getitem__, column)) for column in zip(*body, strict=True)]


def _header_rows(grid: Grid, declared: int | None) -> tuple[int, int] | None:
    """Return the first and last index of the header rows; None where nothing is filled."""
    found = _first_header_rows(grid)
    if found is None:
        return None
    first, last = found
    if declared is not None:
        return first, min(first + declared, len(grid.rows)) - 1
    below = grid.rows[last + 1 : last + 1 + _MOST_BELOW]
    imports = [at for at, row in enumerate(below, last + 1) if _is_import_row(row)]
    return first, max(imports, default=last)


def _is_import_row(row: list[str]) -> bool:
    """Tell the row in which Qualtrics keeps its own names, below what is asked."""
    texts = [text for cell in row if (text := bare(cell))]
    return bool(texts) and all(_IMPORT_ID.match(text) for text in texts)


def _first_header_rows(grid: Grid) -> tuple[int, int] | None:
    filled = [at for at, row in enumerate(grid.rows) if any(map(bare, row))]
    if not filled:
        return None
    for at in filled[:_HEADER_SEARCH]:
        if any(platform.heads(grid.rows[at]) for platform in PLATFORMS):
            return at, at
    first = _below_titles(grid, filled[:_HEADER_SEARCH])
    return first, _last_header_row(grid, first)


def _below_titles(grid: Grid, filled: list[int]) -> int:
    """Return the first row that is no title of a fuller row below it.

    Below several titles it holds words only: a lone header and a lone answer above a fuller answer
    are no titles.
    """
    first = filled[0]
    for place, below in enumerate(filled[: _TITLES + 1]):
        above = filled[:place]
        if not all(_is_title(grid, at, below) for at in above):
            continue
        if len(above) < 2 or not any(_FIGURE.fullmatch(bare(cell)) for cell in grid.rows[below]):
            first = below
    return first


def _is_title(grid: Grid, at: int, header: int) -> bool:
    """Tell a lone cell merged over some columns, or few cells above many headers, from a header."""
    cells = sum(1 for cell in grid.rows[at] if bare(cell))
    below = sum(1 for cell in grid.rows[header] if bare(cell))
    row = grid.first_row + at
    merged = any(top == row and right > left for top, left, _, right in grid.merged)
    if merged:
        return cells == 1 and below >= 2
    return cells <= _TITLE_CELLS and below >= _TITLE_BELOW * cells


def _last_header_row(grid: Grid, first: int) -> int:
    """Follow merged cells down: a header merged over columns has its parts in the next row."""
    row = grid.first_row + first
    last = row
    for top, left, bottom, right in grid.merged:
        if top == row and bottom - top < _HEADER_SEARCH:
            last = max(last, bottom + 1 if right > left else bottom)
    return min(last - grid.first_row, len(grid.rows) - 1)


def _headers(grid: Grid, first: int, last: int) -> list[str]:
    """Return one header a column: several rows joined, without what only machines read.

    An upper header stands over the empty cells to its right as far as something stands below them.
    """
    rows = [list(row) for row in grid.rows[first : last + 1]]
    if first == last:
        return rows[0]
    for top, left, _, right in grid.merged:
        at = top - grid.first_row - first
        if 0 <= at < len(rows):
            for position in range(left + 1, min(right + 1, len(rows[at]))):
                rows[at][position] = rows[at][left]
    rows = [row for row in rows if not _is_import_row(row)]
    for upper, lower in itertools.pairwise(rows):
        for position in range(1, len(upper)):
            if not bare(upper[position]) and bare(lower[position]):
                upper[position] = upper[position - 1]
    return [
        "\n".join(
            dict.fromkeys(
                part
                for at, part in enumerate(parts)
                if bare(part) and not (at and _says_only_answer(part))
            )
        )
        for parts in zip(*rows, strict=True)
    ]


def _says_only_answer(part: str) -> bool:
    """Tell what platforms write below a question that has one column only."""
    return "".join(part.split()).casefold() in _NO_QUESTION


def _header_notes(columns: tuple[RawColumn, ...], filled: set[int], where: str) -> list[Note]:
    notes = []
    empty = [
        column.letters
        for column in columns
        if not bare(column.header) and column.position in filled
    ]
    again = [column.letters for column in columns if column.occurrence and bare(column.header)]
    for code, letters in ((NoteCode.EMPTY_HEADERS, empty), (NoteCode.REPEATED_HEADERS, again)):
        if letters:
            notes.append(Note(code, where, len(letters), {"columns": tuple(letters)}))
    return notes


def _serial_notes(columns: tuple[RawColumn, ...], cells: pd.DataFrame, where: str) -> list[Note]:
    """Dates that lost their format: numbers such as 45809.5 under a header that speaks of time."""
    letters, count = [], 0
    for column in columns:
        if not _DATE_HEADER.search(column.header):
            continue
        serial = sum(_SERIAL.fullmatch(cell) is not None for cell in cells[column.position])
        if serial:
            letters.append(column.letters)
            count += serial
    if not count:
        return []
    return [Note(NoteCode.DATE_SERIALS, where, count, {"columns": tuple(letters)})]
