"""A plain table: one row of headers per question, marks and cells as people type them.

Tables that people type, or copy out of an export, keep the marks of the platform they know best:
``(跳过)``, ``┋`` between choices, ``→`` between ranks. They are read as 问卷星 writes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from evalkit.errors import Note
from evalkit.files.grid import bare, legible
from evalkit.platforms import wenjuanxing
from evalkit.platforms.base import RawColumn, Recognition, Variant

_PERSONAL_OR_SEQUENCE = frozenset({"sequence", "submitted", "seconds", "ip", "nickname", "contact"})
"""What a plain table may hold under the same headers; 来源 or 总分 may well be questions there."""

_SUBMITTED = frozenset({
    "提交时间（自动）", "结束答题时间", "recordeddate", "submitdate", "date submitted", "_submission_time",
    "completion time",
})  # fmt: skip
"""What platforms call the time of submission and no question is called: left of an export cut down."""


class PlainTable(wenjuanxing.CellMarks):
    """What is left where no platform is recognised."""

    name = "table"
    title = "普通表格"

    def heads(self, texts: Sequence[str]) -> bool:
        """Claim no row: any may head a table."""
        return False

    def header_rows(self, rows: Sequence[Sequence[str]]) -> int:
        """Take one row; titles and merged cells tell more."""
        return 1

    def recognises(self, headers: Sequence[str], rows: int) -> Recognition | None:
        """Take whatever nobody else takes."""
        return Recognition(0.0)

    def columns(self, headers: Sequence[str]) -> tuple[RawColumn, ...]:
        """Take headers as they stand; several header rows are joined by line breaks."""
        seen: Counter[str] = Counter()
        columns = []
        for position, header in enumerate(headers):
            key = " ".join(header.split())
            *upper, text = [bare(part) for part in header.split("\n")] if header else [""]
            metadata = wenjuanxing.metadata_of(header)
            if legible(header).casefold() in _SUBMITTED:
                metadata = "submitted"
            columns.append(
                RawColumn(
                    position,
                    header,
                    None,
                    text,
                    stem=" ".join(upper) or None,
                    metadata=metadata if metadata in _PERSONAL_OR_SEQUENCE else None,
                    occurrence=seen[key],
                )
            )
            seen[key] += 1
        return tuple(columns)

    def unnumbered(self, columns: Sequence[RawColumn], cells: pd.DataFrame) -> pd.Series[str]:
        """Ask nothing of the numbers of a table: A01, 1-3 or none at all are as good as any."""
        return pd.Series([], dtype=str)

    def settled(
        self, columns: tuple[RawColumn, ...], cells: pd.DataFrame, name: str
    ) -> tuple[tuple[RawColumn, ...], Variant | None, tuple[Note, ...]]:
        """Nothing is concluded from the cells of a table."""
        return columns, None, ()
