"""Which rows of a grid are its header, and one header a column.

A platform that is beyond doubt says where its header is and how many rows it has; elsewhere titles
above and merged cells tell. What an analyst declares comes before all of it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from evalkit.files.grid import Grid, bare
from evalkit.platforms.base import Platform

_HEADER_SEARCH = 20
"""Rows among which the header must be."""

_TITLE_BELOW = 3
"""Headers that must follow for every cell of an unmerged row before that is taken for a title."""

_MOST_BELOW = 3
"""Header rows that may follow the first before the one that only machines read."""

_IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"')
_ZONE = re.compile(r'"timeZone"\s*:\s*"(?P<zone>[^"]+)"')
_NO_QUESTION = frozenset({"response", "open-endedresponse", "回答", "答案"})

_TITLE_CELLS = 2
"""Cells of a title: what it is, and a unit or a date beside it."""

_TITLES = 5
"""Rows of titles that may stand above a header."""

_FIGURE = re.compile(r"[+-]?\d+(?:\.\d+)?")


def header_rows(
    grid: Grid, declared: int | None, platforms: Iterable[Platform]
) -> tuple[int, int] | None:
    """Return the first and last index of the header rows; None where nothing is filled.

    Parameters
    ----------
    declared : int or None
        How many rows the header has, where the analyst said it.
    platforms : iterable of Platform
        Who may say that a row is beyond doubt its header.
    """
    found = _first_header_rows(grid, platforms)
    if found is None:
        return None
    first, last = found
    if declared is not None:
        return first, min(first + declared, len(grid.rows)) - 1
    below = grid.rows[last + 1 : last + 1 + _MOST_BELOW]
    imports = [at for at, row in enumerate(below, last + 1) if is_import_row(row)]
    return first, max(imports, default=last)


def is_import_row(row: Sequence[str]) -> bool:
    """Tell the row in which Qualtrics keeps its own names, below what is asked."""
    texts = [text for cell in row if (text := bare(cell))]
    return bool(texts) and all(_IMPORT_ID.match(text) for text in texts)


def zone_of(grid: Grid, first: int, last: int) -> str | None:
    """Return the time zone in which an export says that it writes times, beside its own names."""
    cells = (cell for row in grid.rows[first : last + 1] if is_import_row(row) for cell in row)
    return next((match["zone"] for cell in cells if (match := _ZONE.search(cell))), None)


def _first_header_rows(grid: Grid, platforms: Iterable[Platform]) -> tuple[int, int] | None:
    every = (at for at, row in enumerate(grid.rows) if any(map(bare, row)))
    filled = list(itertools.islice(every, _HEADER_SEARCH))
    if not filled:
        return None
    known = tuple(platforms)
    for at in filled:
        for platform in known:
            if platform.heads(grid.rows[at]):
                rows = platform.header_rows(grid.rows[at : at + 1 + _MOST_BELOW])
                return at, min(at + rows, len(grid.rows)) - 1
    first = _below_titles(grid, filled)
    last = _last_header_row(grid, first)
    if (
        len(known) == 1
    ):  # declared: it knows how many rows it has, however few of its columns are left
        rows = known[0].header_rows(grid.rows[first : first + 1 + _MOST_BELOW])
        last = max(last, min(first + rows, len(grid.rows)) - 1)
    return first, last


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


def headers_of(grid: Grid, first: int, last: int) -> list[str]:
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
    rows = [row for row in rows if not is_import_row(row)]
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
