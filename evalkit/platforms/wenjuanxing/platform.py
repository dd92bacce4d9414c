"""问卷星 as one of the platforms."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evalkit.errors import Note, Problem
from evalkit.files.grid import legible
from evalkit.platforms.base import MissingState, RawColumn, RawSheet, Recognition, Variant
from evalkit.platforms.times import Stamp, stamp_of
from evalkit.platforms.wenjuanxing import cells as marks
from evalkit.platforms.wenjuanxing.codebook import Codebook, codebook
from evalkit.platforms.wenjuanxing.headers import (
    DISTINCTIVE,
    looks_like_wenjuanxing,
    metadata_of,
    parse,
)
from evalkit.platforms.wenjuanxing.variants import detect

BY_NUMBERS = 0.5
"""How certain a header row is that has numbered questions and none of the platform's own columns."""


class CellMarks:
    """The marks in the cells, which plain tables share."""

    def missing_state(self, cell: str, variant: str | None) -> MissingState | None:
        """See `cells.missing_state`."""
        return marks.missing_state(cell, variant)

    def choices(self, cell: str) -> list[str]:
        """Split at ``┋``."""
        return [label for label, _ in marks.split_multiple(cell)]

    def ranking(self, cell: str) -> list[str]:
        """Split at ``→``."""
        return marks.split_ranking(cell)

    def label(self, cell: str) -> str:
        """Leave out the text in ``〖〗``."""
        return marks.split_other(cell)[0]

    def text_chooses(self, option: str) -> bool:
        """Take no text for a mark."""
        return False

    def seconds(self, cell: str) -> float | None:
        """See `cells.seconds`."""
        return marks.seconds(cell)

    def stamp(self, cell: str) -> Stamp | None:
        """See `times.stamp_of`."""
        return stamp_of(cell)

    def refusal(self, columns: Sequence[RawColumn], file: str, sheet: str | None) -> Problem | None:
        """Refuse nothing."""
        return None

    def codebook(self, one: RawSheet, other: RawSheet) -> Codebook:
        """Join a by-text and a by-number export, whichever is which."""
        text, number = (other, one) if other.variant == "text" else (one, other)
        return codebook(text, number)


class Wenjuanxing(CellMarks):
    """问卷星: a header row of its own columns and numbered questions."""

    name = "wenjuanxing"
    title = "问卷星"

    def header_rows(self, rows: Sequence[Sequence[str]]) -> int:
        """Take one row: no export has more."""
        return 1

    def heads(self, texts: Sequence[str]) -> bool:
        """Look for two of the platform's own columns, one of which only it has."""
        found = {legible(text) for text in texts}
        return len({t for t in found if metadata_of(t)}) >= 2 and bool(found & DISTINCTIVE)

    def unnumbered(self, columns: Sequence[RawColumn], cells: pd.DataFrame) -> pd.Series[str]:
        """See `cells.unnumbered`."""
        return marks.unnumbered(columns, cells)

    def recognises(self, headers: Sequence[str], rows: int) -> Recognition | None:
        """See `headers.looks_like_wenjuanxing`; numbers alone are what others have as well."""
        if rows != 1 or not looks_like_wenjuanxing(headers):
            return None
        return Recognition(1.0 if self.heads(headers) else BY_NUMBERS)

    def columns(self, headers: Sequence[str]) -> tuple[RawColumn, ...]:
        """See `headers.parse`."""
        return parse(headers)

    def settled(
        self, columns: tuple[RawColumn, ...], cells: pd.DataFrame, name: str
    ) -> tuple[tuple[RawColumn, ...], Variant | None, tuple[Note, ...]]:
        """See `cells.settle` and `variants.detect`."""
        kept = marks.answer_rows(columns, cells)
        answers = cells if kept.all() else cells[kept]
        columns = marks.settle(columns, answers)
        return columns, *detect(columns, answers, name)
