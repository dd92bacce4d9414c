"""问卷星 cells: missing marks, several choices in one cell, texts beside "other", variants.

Seen in real exports:

- by text ``(跳过)`` (asked only of others; also in full-width brackets) and ``(空)``; by number -3
  and -2; a ranking that was skipped is -2 as well, the same as an option that was not ranked;
- by text several choices are joined by ``┋``, rankings by ``→``; "other, please specify" is
  ``其他【请注明】〖柜台〗`` in single and multiple choice, by number just the option's number;
- durations are ``136秒``, addresses ``101.80.1.2(上海-上海)``, both text in every variant;
- users rename files, so the name is only a hint: ``..._按文本_...``, ``800_800_0.xls`` (text) and
  ``800_800_2.xls`` (number).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.files.alike import are_figures, each, filled, places, rows_alike, said, says
from evalkit.platforms.base import RawColumn

_SKIPPED = frozenset({"(跳过)", "（跳过）"})
_EMPTY = frozenset({"", "(空)", "（空）"})
_CHOICE = re.compile(r"(?:〖[^〗]*〗|[^┋])+")
_OTHER = re.compile(r"(?P<label>.*?)〖(?P<text>.*)〗", re.DOTALL)
_WHOLE = re.compile(r"\d{1,3}")
_DURATION = re.compile(
    r"(?:(?P<h>\d+)\s*(?:小时|时))?\s*(?:(?P<m>\d+)\s*(?:分钟|分))?\s*(?:(?P<s>\d+(?:\.\d+)?)\s*秒?)?"
)
_NUMBER = re.compile(r"(\d+)(?:\.0+)?")
_ADDRESS = re.compile(r"(?P<ip>[0-9A-Fa-f.:*]{2,45})\s*(?:[(（](?P<place>[^()（）]*)[)）])?")

MOSTLY = 0.98
"""Share of a column's answers that must agree; the rest are footers and slips of the hand."""

MissingState = Literal["skipped", "empty"]


def missing_state(cell: str, variant: str | None) -> MissingState | None:
    """Return why a cell holds no answer, or None if it holds one.

    Parameters
    ----------
    cell : str
        Stripped cell.
    variant : str or None
        Of the sheet. -3 and -2 are marks by number and by score only: by text, and where the
        variant is not known, they stay what they say and show up as values that no option has.
    """
    if cell in _SKIPPED or (cell == "-3" and variant in ("number", "score")):
        return "skipped"
    if cell in _EMPTY or (cell == "-2" and variant in ("number", "score")):
        return "empty"
    return None


def split_other(cell: str) -> tuple[str, str | None]:
    """Split ``其他【请注明】〖柜台〗`` into the label and what was written beside it, or None."""
    match = _OTHER.fullmatch(cell.strip())
    if match is None:
        return cell.strip(), None
    return match["label"].strip(), match["text"].strip()


def split_multiple(cell: str) -> list[tuple[str, str | None]]:
    """Return the labels chosen in a by-text multi-select cell, each as `split_other` has it.

    A mark of a missing answer is no label: ask `missing_state` first.
    """
    parts = (part.strip() for part in _CHOICE.findall(cell))
    return [split_other(part) for part in parts if part]


def split_ranking(cell: str) -> list[str]:
    """Return the labels of a by-text ranking cell ``A→B→C``, first choice first."""
    parts = (split_other(part)[0] for part in cell.split("→"))
    return [part for part in parts if part]


def seconds(cell: str) -> float | None:
    """Return a duration such as ``136秒`` or ``2分16秒`` in seconds; None if it is none."""
    text = cell.strip()
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        return None
    return int(match["h"] or 0) * 3600 + int(match["m"] or 0) * 60 + float(match["s"] or 0)


def split_address(cell: str) -> tuple[str, str | None] | None:
    """Split ``a.b.c.d(上海-上海)`` into address and place; None where there is no address."""
    match = _ADDRESS.fullmatch(cell.strip())
    if match is None:
        return None
    return match["ip"], (match["place"] or "").strip() or None


def running_number(cell: str) -> int | None:
    """Return the running number in a cell, also one that a program saved as ``1.0``; else None."""
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", cell).strip())
    return None if match is None else int(match[1])


def unnumbered(columns: Sequence[RawColumn], cells: pd.DataFrame) -> pd.Series[str]:
    """Return what stands in 序号 of rows that have none, by row.

    Nothing where the sheet has no 序号, and where most rows have none: then somebody deleted or
    replaced the numbers, and they tell no row from another.

    Parameters
    ----------
    cells : DataFrame
        Rows with content that repeat no header.
    """
    sequence = next((c.position for c in columns if c.metadata == "sequence"), None)
    if sequence is None:
        return pd.Series([], dtype=str)
    own = cells[sequence]
    if are_figures(own):
        return own.iloc[:0]
    without = own[each(own, lambda cell: running_number(cell) is None).astype(bool)]
    return without if 2 * len(without) <= len(cells) else without.iloc[:0]


def answer_rows(columns: Sequence[RawColumn], cells: pd.DataFrame) -> pd.Series[bool]:
    """Tell the rows that hold an answer sheet: no blank rows, footers and repeated headers.

    Every row that is not blank and does not repeat half of the headers; of these, where the sheet
    is numbered (see `unnumbered`), those with a number.
    """
    repeated = pd.Series(0, index=cells.index)
    for column in columns:
        values = cells[column.position]
        header = column.header.strip()
        if header and says(values, header):
            repeated += (values == header).to_numpy(dtype=bool)
    named = sum(bool(column.header.strip()) for column in columns)
    own = cells if len(columns) == cells.shape[1] else cells[[c.position for c in columns]]
    holding = pd.Series(filled(own) > 0, index=cells.index)
    found = holding & (2 * repeated < max(named, 2))
    answers = cells if found.all() else cells[found]
    found.loc[unnumbered(columns, answers).index] = False
    return found.astype(bool)


def settle(columns: Sequence[RawColumn], cells: pd.DataFrame) -> tuple[RawColumn, ...]:
    """Tell from the cells what columns without a type in their header are, where that is certain.

    Columns of one option become choices (only 0 and 1), ranks (no rank twice in a row) or, where
    they hold anything else, rows of a matrix. A column with ``┋`` in its cells is a multi-select,
    one of labels joined by ``→`` a ranking.

    Parameters
    ----------
    columns : sequence of RawColumn
        As `headers.parse` leaves them.
    cells : DataFrame
        The `answer_rows` of the sheet.
    """
    settled = list(columns)
    groups: dict[int | None, list[int]] = {}
    for column in columns:
        if column.option is not None:
            groups.setdefault(column.number, []).append(column.position)
        elif column.kind is None and column.metadata is None:
            kind = _joined_kind(set(said(cells[column.position])))
            settled[column.position] = replace(column, kind=kind)
    for positions in groups.values():
        kind = _option_kind(_counted_rows(cells, positions))
        for position in positions:
            column = settled[position]
            if kind == "matrix":
                column = replace(column, text=column.option or "", option=None)
            settled[position] = replace(column, kind=kind or column.kind)
    return tuple(settled)


def _counted_rows(cells: pd.DataFrame, positions: Sequence[int]) -> Counter[tuple[str, ...]]:
    """Return the different rows of some columns, and how often each stands there."""
    columns = [places(cells[at]) for at in positions]
    which, first = rows_alike([codes for codes, _ in columns])
    rows = [tuple(texts[codes[at]] for codes, texts in columns) for at in first.tolist()]
    return Counter(dict(zip(rows, np.bincount(which, minlength=len(rows)).tolist(), strict=True)))


def _joined_kind(distinct: set[str]) -> str | None:
    """Kind of a column by the marks that join its labels."""
    if any("┋" in value for value in distinct):
        return "multiple"
    ranked = [split_ranking(value) for value in distinct if "→" in value]
    if not ranked:
        return None
    labels = {label for ranking in ranked for label in ranking}
    single = {value for value in distinct if "→" not in value and not missing_state(value, None)}
    return "ranking" if single <= labels and len(labels) <= 2 * max(map(len, ranked)) else None


def _option_kind(rows: Counter[tuple[str, ...]]) -> str | None:
    """Kind of the columns of one question's options; None where all of them are empty."""
    answered: Counter[tuple[str, ...]] = Counter()
    for row, count in rows.items():
        given = tuple(split_other(cell)[0] for cell in row if missing_state(cell, "number") is None)
        if given:
            answered[given] += count
    needed = MOSTLY * answered.total()
    if not needed:
        return None
    if sum(count for row, count in answered.items() if set(row) <= {"0", "1"}) >= needed:
        return "multiple"
    return "ranking" if sum(n for row, n in answered.items() if _ranks(row)) >= needed else "matrix"


def _ranks(row: tuple[str, ...]) -> bool:
    if not all(_WHOLE.fullmatch(code) for code in row):
        return False
    ranks = sorted(int(code) for code in row if code != "0")
    return ranks == list(range(1, len(ranks) + 1))
