"""Any table as a raw sheet: CSV, xlsx and xls, with or without a platform's conventions.

Seen in real tables from data entry: a title above the header, merged over all columns; headers in
two rows, the upper merged over a block; empty and repeated headers; blank rows, 合计 footers and a
second export pasted below the first, with its header. Titles and header rows are told apart in
`heading_rows`; every row below the header is kept as data, because cleaning counts what it drops.
What an analyst declares of a file (`Said`) comes before what is seen in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files.alike import each, held, laid_out, spelled_out
from evalkit.files.grid import Grid, bare
from evalkit.files.reading import read_table
from evalkit.files.texts import Texts
from evalkit.platforms.base import Platform, RawColumn, RawSheet, Recognition
from evalkit.platforms.data_file import DataFile, labelled
from evalkit.platforms.google_forms import GoogleForms
from evalkit.platforms.heading_rows import header_rows as header_rows_of
from evalkit.platforms.heading_rows import headers_of, zone_of
from evalkit.platforms.jinshuju import Jinshuju
from evalkit.platforms.kobo import Kobo
from evalkit.platforms.limesurvey import LimeSurvey
from evalkit.platforms.ms_forms import MicrosoftForms
from evalkit.platforms.office import OfficeForm
from evalkit.platforms.qualtrics import Qualtrics
from evalkit.platforms.said import EVERYTHING, Said, part_of, widened
from evalkit.platforms.surveymonkey import SurveyMonkey
from evalkit.platforms.table import PlainTable
from evalkit.platforms.tencent import TencentSurvey
from evalkit.platforms.tencent_docs import TencentDocs
from evalkit.platforms.wenjuanxing import Wenjuanxing
from evalkit.problems import exports as faults

_DATA_FILE = DataFile()

PLATFORMS: tuple[Platform, ...] = (
    Wenjuanxing(),
    TencentSurvey(),
    TencentDocs(),
    Jinshuju(),
    OfficeForm(),
    Qualtrics(),
    SurveyMonkey(),
    LimeSurvey(),
    Kobo(),
    MicrosoftForms(),
    GoogleForms(),
    _DATA_FILE,
    PlainTable(),
)
"""Of several that are equally sure the first is taken; the last one takes everything."""

_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
_DATE_HEADER = re.compile(r"日期|时间|date|time", re.IGNORECASE)


def read(
    path: Path,
    *,
    name: str,
    sheet: str | None = None,
    encoding: str | None = None,
    said: Said = EVERYTHING,
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
    said : Said
        What else the analyst declared.
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
    known = len(problems)
    asked = _asked(said, name, problems)
    grid = read_table(path, name, problems, sheet=sheet, encoding=encoding)
    if grid is None or len(problems) > known:
        return None
    return _sheet(grid, name, _sha256(path), said, asked, problems)


def _asked(said: Said, name: str, problems: Problems) -> tuple[Platform, ...]:
    """Return the platforms that a file may be of: the one that was declared, else all."""
    if said.platform is None:
        return PLATFORMS
    named = tuple(platform for platform in PLATFORMS if platform.name == said.platform)
    if not named:
        problems.collect(faults.unknown_platform(name, said.platform, _titles()))
    return named


def _titles() -> list[tuple[str, str]]:
    return [(platform.name, platform.title) for platform in PLATFORMS]


def recognised(headers: Sequence[str]) -> Platform:
    """Return the platform whose headers these are, of one row."""
    return _surest(headers, 1, PLATFORMS)[0]


def _surest(
    headers: Sequence[str], rows: int, asked: Sequence[Platform]
) -> tuple[Platform, Recognition]:
    if len(asked) == 1:
        return asked[0], Recognition(1.0)
    found = [(p, told) for p in asked if (told := p.recognises(headers, rows)) is not None]
    return max(found, key=lambda pair: pair[1].certainty)


def of(sheet: RawSheet) -> Platform:
    """Return the platform whose conventions a sheet follows."""
    return next(platform for platform in PLATFORMS if platform.name == sheet.platform)


def fingerprint(sheet: RawSheet) -> str:
    """Return a stable hash of the header structure: 16 hexadecimal digits.

    Two files have the same fingerprint when platform, order and texts of their headers agree, up
    to white space; the variant, the cells and the file's name do not matter.
    """
    return _hash(sheet, sheet.platform)


def fingerprints(sheet: RawSheet) -> tuple[str, ...]:
    """Return the `fingerprint`, and that of a time when the platform was not known by its name."""
    return tuple(dict.fromkeys((fingerprint(sheet), _hash(sheet, PLATFORMS[-1].name))))


def _hash(sheet: RawSheet, platform: str) -> str:
    headers = (" ".join(column.header.split()) for column in sheet.columns)
    text = "\x1f".join((platform, *headers))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class _Table:
    """A grid below its headers: the rows that are meant, in the shape that is meant."""

    headers: list[str]
    header_rows: int
    cells: pd.DataFrame
    part: str
    zone: str | None
    notes: tuple[Note, ...]


def _sheet(
    grid: Grid,
    name: str,
    sha256: str,
    said: Said,
    asked: Sequence[Platform],
    problems: Problems,
) -> RawSheet | None:
    where = name if grid.sheet is None else f"{name} [{grid.sheet}]"
    table = _table(grid, name, where, said, asked, problems)
    if table is None:
        return None
    cells, notes, codebook = table.cells, list(table.notes), None
    platform: Platform
    if grid.dictionary is not None and said.long is None:
        platform = _DATA_FILE
        told = _DATA_FILE.described(cells, grid.dictionary, where)
        columns, cells, variant = told.columns, told.cells, told.variant
        codebook, more = told.codebook, told.notes
    else:
        platform, recognition = _surest(table.headers, table.header_rows, asked)
        notes.extend(_recognised_note(platform, recognition, where))
        columns = platform.columns(table.headers)
        refusal = platform.refusal(columns, name, grid.sheet)
        if refusal is not None:
            problems.collect(refusal)
            return None
        columns, variant, more = platform.settled(columns, cells, name)
    notes.extend(more)
    filled = {at for at in range(cells.shape[1]) if held(cells[at]).any()}
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
        codebook=codebook,
        part=table.part,
        zone=table.zone,
    )


def _table(
    grid: Grid, name: str, where: str, said: Said, asked: Sequence[Platform], problems: Problems
) -> _Table | None:
    known = len(problems)
    notes: list[Note] = []
    found = (0, 0) if grid.dictionary else header_rows_of(grid, said.header_rows, asked)
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
    headers = headers_of(grid, first, last)
    body = [laid_out(column, last + 1) for column in grid.columns]
    filled = {at for at, column in enumerate(body) if held(column).any()}
    named = {at for at, header in enumerate(headers) if bare(header)}
    width = max(filled | named) + 1
    headers = headers[:width]
    if not filled:
        problems.add(
            "no_answers",
            "只有表头，下面一行也没有",
            file=name,
            sheet=grid.sheet,
            row=grid.first_row + last,
            expected="表头下面至少一行",
            found=f"{width} 个列名",
            remedy="重新导出；若表头不在这一行，请删去它上面的说明",
        )
        return None
    first_row = grid.first_row + last + 1
    index = pd.RangeIndex(first_row, grid.first_row + grid.height)
    cells = pd.DataFrame(
        {at: column.set_axis(index) for at, column in enumerate(body[:width])}, copy=False
    )
    place = (name, grid.sheet)
    if said.where or said.long or grid.dictionary is not None:
        cells = spelled_out(cells)
    cells, part, left_out = part_of(cells, headers, said, place, problems)
    if grid.dictionary is not None and said.long is not None:
        cells = labelled(cells, grid.dictionary)
    headers, cells = widened(cells, headers, said, place, problems)
    if len(problems) > known:
        return None
    zone = zone_of(grid, first, last)
    return _Table(headers, last - first + 1, cells, part, zone, (*notes, *left_out))


def _recognised_note(platform: Platform, told: Recognition, where: str) -> list[Note]:
    if not told.because:
        return []
    facts = {
        "platform": platform.title,
        "certainty": told.certainty,
        "because": told.because,
        "key": platform.name,
    }
    return [Note(NoteCode.PLATFORM_RECOGNISED, where, len(told.because), facts)]


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


def _serials(cells: pd.Series[str]) -> NDArray[np.bool_]:
    """Tell which cells are serial dates, shape (n,); few texts have a figure in the fifth place."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return each(cells, lambda cell: _SERIAL.fullmatch(cell) is not None).astype(np.bool_)
    if isinstance(cells.array, Texts) and not cells.array.figures_at(4).any():
        return np.zeros(len(cells), dtype=np.bool_)
    return np.array(
        [t[4:5].isdigit() and _SERIAL.fullmatch(t) is not None for t in cells.tolist()],
        dtype=np.bool_,
    )


def _serial_notes(columns: tuple[RawColumn, ...], cells: pd.DataFrame, where: str) -> list[Note]:
    """Dates that lost their format: numbers such as 45809.5 under a header that speaks of time."""
    letters, count = [], 0
    for column in columns:
        if not _DATE_HEADER.search(column.header):
            continue
        serial = int(_serials(cells[column.position]).sum())
        if serial:
            letters.append(column.letters)
            count += serial
    if not count:
        return []
    return [Note(NoteCode.DATE_SERIALS, where, count, {"columns": tuple(letters)})]
