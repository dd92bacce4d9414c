"""A sheet before anything is known of its header: rows of raw text with their row numbers."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from evalkit.errors import Note

if TYPE_CHECKING:
    from evalkit.files.texts import Texts

_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
_NOTHING = dict.fromkeys(map(ord, _INVISIBLE))


@dataclass(frozen=True, slots=True)
class Variable:
    """What a data file says of one variable.

    Attributes
    ----------
    labels : dict of value to label
    missing : frozenset of str
        Values that the file itself calls missing.
    cut : tuple of str
        Values that have a label and were cut, so that no cell holds them any more.
    """

    name: str
    label: str
    labels: Mapping[str, str]
    missing: frozenset[str]
    cut: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResponseSet:
    """Several variables that are one multi-select.

    Attributes
    ----------
    counted : str or None
        The value that is a tick; None where every variable holds the number of an option.
    """

    label: str
    variables: tuple[str, ...]
    counted: str | None


@dataclass(frozen=True, slots=True)
class Dictionary:
    """What a data file says of all its variables, in the order of its columns."""

    variables: tuple[Variable, ...]
    sets: tuple[ResponseSet, ...]


class Column(NamedTuple):
    """One column of a grid: every different text once, and which of them every row has.

    Attributes
    ----------
    texts : list of str, or Texts
    codes : buffer of int, shape (height,), or None
        Places in `texts`; None where hardly any repeats, and `texts` has one for every row.
    """

    texts: list[str] | Texts
    codes: Any

    def cells(self, first: int, last: int) -> list[str]:
        """Return the cells of some rows."""
        if self.codes is None:
            return list(self.texts[first:last])
        texts = self.texts
        return [texts[code] for code in self.codes[first:last].tolist()]

    def below(self, rows: int) -> Column:
        """Return the column without its first rows; texts of these alone stay known."""
        if self.codes is None:
            return Column(self.texts[rows:], None)
        return Column(self.texts, self.codes[rows:])


_BLOCK = 4_096


class Rows(Sequence[list[str]]):
    """The rows of a grid, each put together when it is asked for."""

    def __init__(self, columns: Sequence[Column], height: int) -> None:
        self._columns = columns
        self._height = height

    def __len__(self) -> int:
        return self._height

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[str]]: ...
    def __getitem__(self, at: int | slice) -> list[str] | list[list[str]]:
        if isinstance(at, slice):
            first, last, step = at.indices(self._height)
            return self._block(first, max(first, last))[::step]
        if not -self._height <= at < self._height:
            raise IndexError(at)
        return self._block(at % self._height, at % self._height + 1)[0]

    def __iter__(self) -> Iterator[list[str]]:
        for first in range(0, self._height, _BLOCK):
            yield from self._block(first, first + _BLOCK)

    def _block(self, first: int, last: int) -> list[list[str]]:
        last = min(last, self._height)
        if not self._columns:
            return [[] for _ in range(first, last)]
        cells = (column.cells(first, last) for column in self._columns)
        return list(map(list, zip(*cells, strict=True)))


@dataclass(frozen=True, slots=True)
class Grid:
    """Every cell of a sheet as text, exactly as stored (not stripped).

    Attributes
    ----------
    sheet : str or None
        Sheet name; None for CSV.
    columns : tuple of Column
    height : int
        How many rows there are.
    first_row : int
        Row number of ``rows[0]`` as Excel shows it.
    encoding : str or None
        Encoding a CSV was read with.
    merged : tuple of (first row, first column, last row, last column)
        Merged areas, rows as Excel shows them, columns 0-based.
    notes : tuple of Note
        Damage seen while reading.
    dictionary : Dictionary or None
        Of a data file, whose first row are the names of its variables.
    """

    sheet: str | None
    columns: tuple[Column, ...]
    height: int
    first_row: int = 1
    encoding: str | None = None
    merged: tuple[tuple[int, int, int, int], ...] = ()
    notes: tuple[Note, ...] = field(default=())
    dictionary: Dictionary | None = None

    @property
    def rows(self) -> Rows:
        """The cells by row; all rows have the same length."""
        return Rows(self.columns, self.height)


def columns_of(rows: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """Return the columns of rows of the same length."""
    return tuple(map(column_of, zip(*rows, strict=True)))


def column_of(cells: Sequence[str]) -> Column:
    """Return a column of these cells."""
    known = {text: code for code, text in enumerate(dict.fromkeys(cells))}
    return Column(list(known), array("i", map(known.__getitem__, cells)))


def column_letters(position: int) -> str:
    """Return the Excel name of a 0-based position: A, B, ..., AA."""
    name, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name


def bare(cell: str) -> str:
    """Return a cell without white space and invisible characters around it."""
    return cell.strip().strip(_INVISIBLE).strip()


def legible(cell: str) -> str:
    """Return a cell on one line, as it looks: without characters that nobody sees."""
    return " ".join(cell.translate(_NOTHING).split())


def listed(names: list[str], limit: int = 8) -> str:
    """Join names for a message, the first few only."""
    shown = "、".join(names[:limit])
    return f"{shown} 等 {len(names)} 个" if len(names) > limit else shown
