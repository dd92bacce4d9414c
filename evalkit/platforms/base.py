"""A platform's file as a raw sheet: header rows, cells as text, provenance. No meaning yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import pandas as pd

from evalkit.errors import Note, Problem
from evalkit.files.grid import column_letters
from evalkit.platforms.times import Stamp

Metadata = Literal[
    "sequence",
    "submitted",
    "seconds",
    "source",
    "source_detail",
    "ip",
    "total",
    "nickname",
    "contact",
    "location",
    "id",
    "started",
    "finished",
    "own",
]
"""What a platform adds to every answer sheet; see `PERSONAL` for what is never imported.

`id` tells an answer from all others, `finished` whether it was handed in; `own` is whatever else
the platform keeps for itself.
"""

PERSONAL: frozenset[str] = frozenset({"ip", "nickname", "contact", "location"})

Variant = Literal["text", "number", "score"]
"""What the cells hold: option labels, option numbers, or option scores."""


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column of a sheet. Its identity is all of these together, never the header alone.

    Attributes
    ----------
    position : int
        0-based position in the sheet.
    header : str
        Header exactly as in the file (several header rows joined by a line break).
    number : int or None
        Question number, where the header carries or continues one.
    text : str
        What is asked in this column, without number, required mark and type suffix; of a matrix
        the row's text, of a multi-select by number the question's text, which is ``""`` where the
        header names only question number and option (``第6题(运动)``). Of a plain table with
        several header rows the last of them.
    stem : str or None
        Question text above a matrix, multi-select or ranking column; of a plain table with several
        header rows the upper ones, joined by blanks.
    option : str or None
        Option label of a column that holds one option of a multi-select or ranking.
    kind : str or None
        ``"single"``, ``"multiple"``, ``"matrix"``, ``"ranking"`` or ``"text"``, where the header
        says so or the cells leave no doubt; None otherwise.
    metadata : str or None
        Set for platform columns (see `Metadata`); such a column is no question.
    occurrence : int
        0 for the first column with this header, 1 for the second, and so on.
    names : tuple of str
        What else the platform calls the question: its variable, its path without groups.
    """

    position: int
    header: str
    number: int | None
    text: str
    stem: str | None = None
    option: str | None = None
    kind: str | None = None
    metadata: str | None = None
    occurrence: int = 0
    names: tuple[str, ...] = ()

    @property
    def letters(self) -> str:
        """The column's name in Excel: A, B, ..., AA."""
        return column_letters(self.position)


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet as read: every cell as text, every row with its number in the file.

    Attributes
    ----------
    file : str
        Path as the analyst knows it (relative to the workspace).
    sheet : str or None
        Sheet name; None for CSV.
    platform : str
        Name of the `Platform` whose conventions the file follows.
    variant : str or None
        See `Variant`; None where the sheet alone does not tell.
    columns : tuple of RawColumn
        In file order.
    cells : DataFrame
        str cells, stripped of surrounding white space, ``""`` where empty; of many rows
        categorical where texts repeat, or `files.texts.Texts` (see `files.alike`). Columns are
        positions (int), the index is the row number as Excel shows it. Holds every row below the
        header, also blank, footer and repeated header rows: cleaning decides, and counts them.
    encoding : str or None
        Encoding a CSV was read with.
    sha256 : str
        Of the file's bytes.
    notes : tuple of Note
        Damage seen while reading (integers beyond 2**53, dates as serials, merged cells, ...).
    codebook : Codebook or None
        Labels that the file itself has for its numbers.
    zone : str or None
        Name of the time zone in which the file says that it writes times.
    part : str
        Which rows of the file these are, where an analyst declared some only; ``""`` for all.
    """

    file: str
    sheet: str | None
    platform: str
    variant: str | None
    columns: tuple[RawColumn, ...]
    cells: pd.DataFrame
    encoding: str | None
    sha256: str
    notes: tuple[Note, ...] = ()
    codebook: Codebook | None = None
    part: str = ""
    zone: str | None = None


MissingState = Literal["skipped", "empty"]


class Codebook(Protocol):
    """Which label has which number: from two exports of the same answers, or from the file itself."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What in the two files contradicts one another."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why the two cannot be used together; empty where they can."""

    @property
    def content(self) -> str:
        """All that it says of labels and numbers, as text: two that differ say different things."""

    def labels(self, column: RawColumn) -> dict[str, str]:
        """Return the label of every number that a column of the by-number file may hold."""

    def missing(self, column: RawColumn) -> frozenset[str]:
        """Return the numbers that stand for no answer where no option has their label."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """That a file is a platform's export.

    Attributes
    ----------
    certainty : float
        0 to 1; where it is 1 nobody is told, since nothing else writes such headers.
    because : tuple of str
        The headers that tell it.
    """

    certainty: float
    because: tuple[str, ...] = ()


class Platform(Protocol):
    """The conventions of one survey platform: its headers, its marks, its cells.

    Everything that is peculiar to a platform is asked of it here; nothing outside this room names
    one. A new platform is one module with one of these, and its place in `PLATFORMS`.
    """

    @property
    def name(self) -> str:
        """Stands in `RawSheet.platform`, in the import report and under the key ``platform``."""

    @property
    def title(self) -> str:
        """How people call it."""

    def heads(self, texts: Sequence[str]) -> bool:
        """Tell whether a row of cells is beyond doubt this platform's (first) header row."""

    def header_rows(self, rows: Sequence[Sequence[str]]) -> int:
        """Return how many rows the header has that begins with the first of these."""

    def recognises(self, headers: Sequence[str], rows: int) -> Recognition | None:
        """Tell whether these headers are those of an export.

        Parameters
        ----------
        headers : sequence of str
            One a column; several rows joined by line breaks.
        rows : int
            How many rows they stand in.
        """

    def columns(self, headers: Sequence[str]) -> tuple[RawColumn, ...]:
        """Return what the headers say of every column."""

    def settled(
        self, columns: tuple[RawColumn, ...], cells: pd.DataFrame, name: str
    ) -> tuple[tuple[RawColumn, ...], Variant | None, tuple[Note, ...]]:
        """Return what the cells add to that, what they hold, and notes.

        Parameters
        ----------
        cells : DataFrame
            Every row below the header.
        name : str
            The file's name, which may hint at the variant.
        """

    def unnumbered(self, columns: Sequence[RawColumn], cells: pd.DataFrame) -> pd.Series[str]:
        """Return what stands in the place of a running number that every answer should have.

        Parameters
        ----------
        cells : DataFrame
            Rows with content that repeat no header.

        Returns
        -------
        Series
            By row; empty where the platform's numbers tell nothing about a row.
        """

    def missing_state(self, cell: str, variant: str | None) -> MissingState | None:
        """Return why a cell holds no answer, or None if it holds one."""

    def choices(self, cell: str) -> list[str]:
        """Return the labels chosen in one cell of a multi-select."""

    def ranking(self, cell: str) -> list[str]:
        """Return the labels of one cell of a ranking, first choice first."""

    def label(self, cell: str) -> str:
        """Return the label in a cell, without what was written beside it."""

    def text_chooses(self, option: str) -> bool:
        """Tell whether any text in the column of this option is a choice of it."""

    def seconds(self, cell: str) -> float | None:
        """Return a duration in seconds; None if it is none."""

    def stamp(self, cell: str) -> Stamp | None:
        """Return what a cell says of a time; None if it is none."""

    def refusal(self, columns: Sequence[RawColumn], file: str, sheet: str | None) -> Problem | None:
        """Return why a sheet of this platform holds no answers to be read; None if it may."""

    def codebook(self, one: RawSheet, other: RawSheet) -> Codebook:
        """Return which label has which number, from two exports of the same answers."""
