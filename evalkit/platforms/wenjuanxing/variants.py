"""Which of its three variants an export is: option labels, option numbers or option scores.

The cells decide where they can. Seen in real pairs: a by-number file of three single-choice
questions holds nothing but small whole numbers, exactly like a by-text file of rating scales
whose labels are digits; there only the file's name helps (``按文本``, ``800_800_2.xls``), and
where that is gone too, nothing is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.files.alike import counted, places
from evalkit.platforms.base import RawColumn, Variant
from evalkit.platforms.wenjuanxing.cells import MOSTLY, missing_state

_HINTS: tuple[tuple[re.Pattern[str], Variant], ...] = (
    (re.compile(r"按(?:选项)?(?:文本|文字|内容)"), "text"),
    (re.compile(r"按(?:选项)?(?:序号|编号|数字)"), "number"),
    (re.compile(r"按(?:选项)?(?:分数|分值|得分)"), "score"),
    (re.compile(r"^\d+_\d+_0$"), "text"),
    (re.compile(r"_\d+_\d+_0$"), "text"),
    (re.compile(r"_\d+_\d+_2$|^\d+_\d+_2$"), "number"),
)
_CODE = re.compile(r"[+-]?\d{1,6}(?:\.\d+)?(?:\s*〖.*〗)?", re.DOTALL)
_MARKS = frozenset({"-3", "-2"})

_CLOSED_ANSWERS = 5
"""Answers per distinct value from which a column of words is a closed question."""

_TOTALS_NEEDED = 5
"""Rows whose scores must add up to 总分 before that is taken for more than chance."""


def hint(name: str) -> Variant | None:
    """Return the variant a file name speaks of, or None."""
    stem = PurePath(name).stem
    return next((variant for pattern, variant in _HINTS if pattern.search(stem)), None)


def detect(
    columns: Sequence[RawColumn], cells: pd.DataFrame, name: str
) -> tuple[Variant | None, tuple[Note, ...]]:
    """Tell the variant of a sheet.

    Parameters
    ----------
    columns : sequence of RawColumn
        As `cells.settle` leaves them.
    cells : DataFrame
        The `cells.answer_rows` of the sheet.
    name : str
        The file's name, for its hint.

    Returns
    -------
    tuple
        The variant, None where neither cells nor name tell; and a note where they contradict one
        another, in which case the cells are believed.
    """
    hinted = hint(name)
    seen = _from_cells(columns, cells)
    if seen is None:
        return hinted, ()
    believed = hinted if hinted in seen else seen[0]
    if hinted is None or hinted in seen:
        return believed, ()
    facts = {"named": hinted, "found": believed}
    return believed, (Note(NoteCode.VARIANT_CONTRADICTS_NAME, name, facts=facts),)


def _from_cells(columns: Sequence[RawColumn], cells: pd.DataFrame) -> tuple[Variant, ...] | None:
    """Return the variants the cells allow, likeliest first; None where they do not tell."""
    questions = [column for column in columns if column.metadata is None]
    coded = labelled = wordy = 0
    joined = marked_text = marked_number = False
    for column in questions:
        values = counted(cells[column.position])
        joined |= any("┋" in value for value in values)
        marked_text |= any(value and missing_state(value, None) for value in values)
        marked_number |= bool(_MARKS & values.keys()) and "-1" not in values
        answered = {
            value: count
            for value, count in values.items()
            if value not in _MARKS and missing_state(value, None) is None
        }
        total = sum(answered.values())
        if not total:
            continue
        numbers = sum(count for value, count in answered.items() if _CODE.fullmatch(value))
        if numbers >= MOSTLY * total:
            coded += 1
        else:
            wordy += 1
            labelled += total >= _CLOSED_ANSWERS * len(answered)
    options = any(
        column.option is not None and column.kind in ("multiple", "ranking") for column in questions
    )
    if joined and not options:
        return ("text",)
    if options or (marked_number and coded > labelled):
        return ("score", "number") if _adds_up(columns, cells) else ("number", "score")
    if wordy and (not coded or (labelled > coded and not marked_number)):
        return ("text",)
    if marked_text and wordy > coded:
        return ("text",)
    if coded and not wordy and _adds_up(columns, cells):
        return ("score", "number")
    return None


def _adds_up(columns: Sequence[RawColumn], cells: pd.DataFrame) -> bool:
    """Whether the questions' numbers add up to 总分 in (nearly) every row."""
    total = next((column for column in columns if column.metadata == "total"), None)
    questions = [column.position for column in columns if column.metadata is None]
    if total is None or not questions:
        return False
    wanted = _numbers(cells[total.position])
    given = np.zeros(len(cells))
    for position in questions:
        scores = _numbers(cells[position])
        given += np.where(np.isnan(scores) | (scores < 0), 0.0, scores)
    known = ~np.isnan(wanted)
    matching = np.isclose(given[known], wanted[known], atol=1e-6)
    return int(known.sum()) >= _TOTALS_NEEDED and bool(matching.mean() >= MOSTLY)


def _numbers(cells: pd.Series[str]) -> NDArray[np.float64]:
    codes, texts = places(cells)
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce")
    return numbers.to_numpy(dtype=np.float64)[codes]
