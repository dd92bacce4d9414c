"""The one reader: any table from outside, whatever kind its bytes say it is, as text or values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files import cage, delimited, guard, statistics, workbook
from evalkit.files.grid import Grid
from evalkit.files.workbook import Values


def read_table(
    path: Path,
    name: str,
    problems: Problems,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Grid | None:
    """Read a delimited file, or one sheet of a workbook, as a grid of text.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        Path as shown to analysts.
    problems : Problems
        Collects everything that stops the reading, in Chinese, with what to do.
    sheet : str or None
        Sheet of a workbook; needed where several have content.
    encoding : str or None
        Encoding of a delimited file, where the analyst declared one.

    Returns
    -------
    Grid or None
        None when at least one problem was added. Nothing is raised for what a file holds.
    """
    kind = guard.kind(path, name, problems)
    if kind is None:
        return None
    if kind in guard.DATA_FILES and sheet is None:
        return cage.call(statistics.read, path, name, problems, kind, encoding)
    if kind == "csv" or kind in guard.DATA_FILES:
        if sheet is None:
            return delimited.read(path, name, encoding, problems)
        problems.add(
            "sheet_in_csv",
            f"{guard.DATA_FILES.get(kind, 'CSV 文件')}没有工作表",
            file=name,
            key="sheet",
            found=sheet,
            remedy="删去 sheet, 或换成工作簿",
        )
        return None
    grid = cage.call(workbook.read, path, name, problems, sheet)
    if grid is None or encoding is None:
        return grid
    ignored = Note(NoteCode.ENCODING_NOT_USED, name)
    return replace(grid, notes=(*grid.notes, ignored))


def read_sheets(path: Path, name: str, problems: Problems) -> dict[str, Values] | None:
    """Read every sheet of a document's workbook (.xlsx) as it is stored.

    Returns
    -------
    dict of sheet title to Values, or None
        None, with a problem, where the workbook cannot be read.
    """
    kind = guard.kind(path, name, problems)
    if kind is None:
        return None
    if kind == "csv" or kind in guard.DATA_FILES:
        guard.not_a_workbook(name, guard.DATA_FILES.get(kind, "文本"), problems)
        return None
    return cage.call(workbook.read_all, path, name, problems)
