"""What online forms have in common: own columns beside questions, numbers, remarks, joined choices.

A platform says which columns are its own, and which of them only it has. How several choices in one
cell are joined is not told apart here: the questionnaire knows its options.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.files.alike import counted
from evalkit.files.grid import bare, legible
from evalkit.platforms.base import Metadata, RawColumn, Recognition, Variant
from evalkit.platforms.wenjuanxing import CellMarks

_NUMBERED = re.compile(
    r"(?:[Qq]\s*)?(?P<number>\d{1,4})\s*(?:、|[.．:：](?!\d))\s*(?P<rest>.+)", re.DOTALL
)
_REMARK = re.compile(
    r"\s*[(（\[【]\s*(?:\*?\s*必填|\*?\s*必答|选填|选答|自动|单选题?|多选题?|单项选择题?|多项选择题?"
    r"|填空题?|矩阵题|矩阵单选题?|矩阵量表题?|评分题?|量表题?|排序题?|下拉题?|下拉选择)\s*[)）\]】]\s*$"
)
_UNFINISHED = frozenset({"false", "0", "否", "未完成"})

CERTAIN, LIKELY, PERHAPS = 0.95, 0.8, 0.6
"""Two headers that only one platform has; one, beside others of its own; one alone."""


class OnlineForm(CellMarks):
    """A platform whose export is one row of headers above one row an answer.

    Attributes
    ----------
    own : dict of header to Metadata
        Its own columns, as `legible` shows them, in small letters.
    telling : frozenset of str
        Those of them that nobody else has.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    own: ClassVar[Mapping[str, Metadata]]
    telling: ClassVar[frozenset[str]]

    def heads(self, texts: Sequence[str]) -> bool:
        """Look for one header that only this platform has, beside another of its own."""
        found = self._found(texts)
        return len(found) > 1 and bool(self.telling & found.keys())

    def header_rows(self, rows: Sequence[Sequence[str]]) -> int:
        """Take one row."""
        return 1

    def recognises(self, headers: Sequence[str], rows: int) -> Recognition | None:
        """Be the surer, the more of the platform's own headers are there."""
        found = self._found(headers)
        telling = [shown for key, shown in found.items() if key in self.telling]
        if rows != 1 or not telling:
            return None
        certainty = CERTAIN if len(telling) > 1 else LIKELY if len(found) > 1 else PERHAPS
        return Recognition(certainty, tuple(telling))

    def columns(self, headers: Sequence[str]) -> tuple[RawColumn, ...]:
        """Take headers apart one by one; see `column`."""
        seen: Counter[str] = Counter()
        columns = []
        for position, header in enumerate(headers):
            key = " ".join(header.split())
            column = self.column(position, header)
            columns.append(replace(column, occurrence=seen[key]))
            seen[key] += 1
        return tuple(columns)

    def column(self, position: int, header: str) -> RawColumn:
        """Return what one header says: a column of the platform's own, or a number and a question."""
        metadata = self.metadata_of(header)
        if metadata is not None:
            return RawColumn(position, header, None, legible(header), metadata=metadata)
        number, text = numbered(without_remark(header))
        return RawColumn(position, header, number, text)

    def metadata_of(self, header: str) -> Metadata | None:
        """Return which of the platform's own columns a header names."""
        return self.own.get(legible(header).casefold())

    def settled(
        self, columns: tuple[RawColumn, ...], cells: pd.DataFrame, name: str
    ) -> tuple[tuple[RawColumn, ...], Variant | None, tuple[Note, ...]]:
        """Say how many answers were never handed in; conclude nothing else."""
        return columns, None, tuple(unfinished(columns, cells, name))

    def unnumbered(self, columns: Sequence[RawColumn], cells: pd.DataFrame) -> pd.Series[str]:
        """Ask nothing of the numbers."""
        return pd.Series([], dtype=str)

    def _found(self, headers: Sequence[str]) -> dict[str, str]:
        shown = {legible(header).casefold(): legible(header) for header in headers}
        return {key: text for key, text in shown.items() if key in self.own}


def numbered(text: str) -> tuple[int | None, str]:
    """Split the number off a question: ``1.题干``, ``2、题干``, ``Q3：题干``.

    Examples
    --------
    >>> numbered("12、办事是否方便"), numbered("5.5 分以上")
    ((12, '办事是否方便'), (None, '5.5 分以上'))
    """
    match = _NUMBERED.fullmatch(bare(text))
    return (None, bare(text)) if match is None else (int(match["number"]), bare(match["rest"]))


def without_remark(header: str) -> str:
    """Return a header without what the form says of the question: （必填）, [单选题], a star.

    Examples
    --------
    >>> without_remark("* 所在居民区（单选）（必填）")
    '所在居民区'
    """
    text = bare(header).strip("*＊").strip()
    while (shorter := _REMARK.sub("", text).strip("*＊").strip()) not in (text, ""):
        text = shorter
    return text


def unfinished(columns: Sequence[RawColumn], cells: pd.DataFrame, name: str) -> list[Note]:
    """Say how many rows the platform marks as not handed in; they are read all the same."""
    marks = [column for column in columns if column.metadata == "finished"]
    count = sum(
        n
        for column in marks[:1]
        for cell, n in counted(cells[column.position]).items()
        if cell.casefold() in _UNFINISHED
    )
    facts = {"column": marks[0].letters} if marks else {}
    return [Note(NoteCode.NOT_HANDED_IN, name, count, facts)] if count else []
