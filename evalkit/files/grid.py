"""A sheet before anything is known of its header: rows of raw text with their row numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.errors import Note

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


@dataclass(frozen=True, slots=True)
class Grid:
    """Every row of a sheet as text, exactly as stored (not stripped).

    Attributes
    ----------
    sheet : str or None
        Sheet name; None for CSV.
    rows : list of list of str
        Cells by row; all rows have the same length.
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
    rows: list[list[str]]
    first_row: int = 1
    encoding: str | None = None
    merged: tuple[tuple[int, int, int, int], ...] = ()
    notes: tuple[Note, ...] = field(default=())
    dictionary: Dictionary | None = None


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
