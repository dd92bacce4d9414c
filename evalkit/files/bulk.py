"""Delimited text cut in bulk: many lines at once, and every different cell of a column decoded once.

Lines without quotes are cut where their separators are, which are bytes that no character of the
encodings in `RAW` contains; records with quotes are read one by one by `csv`. Cells are told apart
eight bytes at a time. Whatever is odd (a record that no quote ends, a line or a cell too long, a
NUL) is left to the reader that goes record by record and says what is wrong with it: `Odd`.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evalkit.files import limits
from evalkit.files.grid import Column
from evalkit.files.growing import Growing, Odd, Places, Spots, with_room

RAW = frozenset({"utf-8", "utf-8-sig", "gb18030", "big5"})
"""Encodings of which no character contains the byte of a separator, a quote or a line's end."""

__all__ = ["Bulk", "Odd", "cut"]

_PIECE = 2**21
"""Bytes that are cut at a time: more calls for smaller pieces, and larger ones are not at hand twice."""


_LAST = "\U0010fffe\U0010ffff"
"""A line that no text holds: what takes it in was not finished."""


class Bulk(NamedTuple):
    """A file, cut.

    Attributes
    ----------
    columns : tuple of Column
    height : int
        How many records there are, blank ones too.
    lengths : ndarray of int, shape (height,), or None
        How many cells every record has; None where it is the same number.
    """

    columns: tuple[Column, ...]
    height: int
    lengths: NDArray[np.int32] | None


def cut(path: Path, codec: str, separator: str) -> Bulk:
    """Cut a file into cells.

    Parameters
    ----------
    codec : str
        Name of the encoding, as `codecs` has it.
    separator : str
        One ASCII character.

    Raises
    ------
    Odd
        Where the file has to be read record by record.
    UnicodeDecodeError
        Where it is not of that encoding.
    """
    table = _Table("utf-8" if codec not in RAW else codec.removesuffix("-sig"), separator)
    rest, looked = b"", False
    for chunk in _bytes(path, codec):
        piece = rest + chunk
        end = piece.rfind(b"\n") + 1 or piece.rfind(b"\r", 0, len(piece) - 1) + 1
        rest = table.take(piece[:end]) + piece[end:] if end else piece
        if len(rest) > 2 * limits.MAX_LINE_BYTES:
            raise Odd
        if table.is_wide and not looked and _separators(path, separator) > limits.held():
            raise Odd
        looked = looked or table.is_wide
    if rest:
        ended = rest if rest.endswith((b"\r", b"\n")) else rest + b"\n"
        if table.take(ended, last=True):
            raise Odd
    return table.done()


def _bytes(path: Path, codec: str) -> Iterator[bytes]:
    """Yield a file in pieces, as UTF-8 where its encoding cannot be cut as it stands."""
    with path.open("rb") as handle:
        if codec in RAW:
            handle.seek(len(codecs.BOM_UTF8) if codec == "utf-8-sig" else 0)
            while chunk := handle.read(_PIECE):
                yield chunk
            return
    with path.open(encoding=codec, newline="") as text:
        while some := text.read(_PIECE):
            yield some.encode("utf-8")


_NONE = np.zeros(0, dtype=np.intp)
_QUOTE = ord('"')


def _whole_records(body: NDArray[np.uint8]) -> tuple[int, NDArray[np.bool_]]:
    """Return where the last record ends, if every quote opens or closes, and what is outside quotes."""
    outside = np.cumsum(body == _QUOTE, dtype=np.int32) % 2 == 0
    ends = np.flatnonzero((body == 10) & outside)
    return (int(ends[-1]) + 1 if len(ends) else 0), outside


def _unquote(body: NDArray[np.uint8], begins: Places, widths: Places) -> NDArray[np.intp] | None:
    """Take the quotes off cells, in place; return those with doubled quotes in them.

    None where a quote neither encloses a whole cell nor is doubled inside one.
    """
    before = np.concatenate([[0], np.cumsum(body == _QUOTE, dtype=np.int32)])
    count = before[begins + widths] - before[begins]
    quoted = np.flatnonzero(count)
    first, last = begins[quoted], begins[quoted] + widths[quoted] - 1
    if not ((widths[quoted] > 1) & (body[first] == _QUOTE) & (body[last] == _QUOTE)).all():
        return None
    begins[quoted] += 1
    widths[quoted] -= 2
    twice: NDArray[np.intp] = quoted[count[quoted] > 2]
    for begin, width in zip(begins[twice].tolist(), widths[twice].tolist(), strict=True):
        if b'"' in body[begin : begin + width].tobytes().replace(b'""', b""):
            return None
    return twice


def _by_column(
    twice: NDArray[np.intp],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    begins: Places,
    widths: Places,
) -> dict[int, list[tuple[int, int, int]]]:
    found: dict[int, list[tuple[int, int, int]]] = {}
    ends = (begins[twice] + widths[twice]).tolist()
    cells = (columns.tolist(), rows.tolist(), begins[twice].tolist(), ends)
    for column, row, begin, end in zip(*cells, strict=True):
        found.setdefault(column, []).append((row, begin, end))
    return found


def _separators(path: Path, separator: str) -> int:
    """Count before anything more is kept."""
    with path.open("rb") as handle:
        return sum(
            chunk.count(separator.encode()) for chunk in iter(lambda: handle.read(_PIECE), b"")
        )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where the cells of some lines are: begins and widths, shape (columns, rows).

    `doubled` has, by column, row, begin and end of cells with quotes in their text.
    """

    begins: Places
    widths: Places
    lengths: Places | None
    doubled: Mapping[int, list[tuple[int, int, int]]]


class _Table:
    """The columns of a file, growing piece by piece."""

    def __init__(self, codec: str, separator: str) -> None:
        self._codec = codec
        self._separator = separator
        self._columns: list[Growing] = []
        self._height = 0
        self._cells = 0
        self._lengths: list[Places] = []
        self._marks = np.zeros((2, 0), dtype=np.bool_)

    def take(self, piece: bytes, *, last: bool = False) -> bytes:
        """Take in whole lines; return those at the end that begin a record which goes on.

        Parameters
        ----------
        last : bool
            No more will come.
        """
        if b"\0" in piece:
            raise Odd
        rest, records = b"", dict[int, list[str]]()
        buffer, cells = with_room(piece), None
        if b'"' in piece:
            size, outside = _whole_records(buffer[: len(piece)])
            usual = size == len(piece) or (size and not last)
            cells = self._places(buffer, size, records, outside) if usual else None
            if cells is not None:
                rest = piece[size:]
            else:
                piece, rest, records = self._quoted(piece)
                buffer = with_room(piece)
        if not piece:
            return rest
        cells = cells or self._places(buffer, len(piece), records)
        if cells is None:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            buffer = with_room(piece)
            cells = self._places(buffer, len(piece), records)
            assert cells is not None
        width, rows = cells.begins.shape
        self._make_room(width, rows, cells.lengths)
        nothing = np.zeros(rows, dtype=np.int32)
        for at, column in enumerate(self._columns):
            begins = cells.begins[at] if at < width else nothing
            widths = cells.widths[at] if at < width else nothing
            own = {r: record[at] if at < len(record) else "" for r, record in records.items()}
            for row, begin, end in cells.doubled.get(at, ()):
                own[row] = piece[begin:end].decode(self._codec).replace('""', '"')
            column.take(piece, buffer, Spots(begins, widths), own)
        self._height += rows
        return rest

    @property
    def is_wide(self) -> bool:
        """Whether there are so many columns that fewer rows are read."""
        return len(self._columns) > limits.LONG

    def done(self) -> Bulk:
        """Return all that was taken in."""
        lengths = np.concatenate(self._lengths) if self._lengths else np.zeros(0, dtype=np.int32)
        same = bool((lengths == len(self._columns)).all())
        self._columns.reverse()
        columns = []
        while self._columns:  # each leaves its pieces behind before the next one is put together
            columns.append(self._columns.pop().done())
        return Bulk(tuple(columns), self._height, None if same else lengths)

    def _make_room(self, width: int, rows: int, lengths: Places | None) -> None:
        """Add the columns that no line had before; refuse what is too large."""
        self._cells += rows * width if lengths is None else int(lengths.sum())
        height = self._height + rows
        if width > limits.MAX_COLUMNS or height > limits.MAX_ROWS:
            raise Odd
        if self._cells > limits.most_cells(self._cells, height):
            raise Odd
        while len(self._columns) < width:
            self._columns.append(Growing(self._height, self._codec))
        told = np.full(rows, width, dtype=np.int32) if lengths is None else lengths
        self._lengths.append(told)

    def _places(
        self,
        buffer: NDArray[np.uint8],
        size: int,
        records: Mapping[int, list[str]],
        outside: NDArray[np.bool_] | None = None,
    ) -> _Cells | None:
        """Find the cells of whole records; None where lines or quotes are not as they usually are.

        Parameters
        ----------
        records : dict of line to cells
            What stands in lines of separators alone.
        outside : ndarray of bool, shape (size,), or None
            Which bytes no quotes enclose; None where there are no quotes.
        """
        body = buffer[:size]
        if outside is None and not records and (cells := self._even(body)) is not None:
            return cells
        is_end, is_sign = body == 10, body == ord(self._separator)
        is_return = body == 13
        if outside is not None:
            for one in (is_end, is_sign, is_return):
                one &= outside[:size]
        ends = np.flatnonzero(is_end | is_sign).astype(np.int32)
        lasts = np.flatnonzero(is_end[ends])
        returned = is_return[np.maximum(ends[lasts] - 1, 0)]
        if np.count_nonzero(is_return) != np.count_nonzero(returned):
            return None
        begins = np.empty_like(ends)
        begins[0], begins[1:] = 0, ends[:-1] + 1
        of_lines = np.diff(lasts, prepend=-1)
        if int(np.diff(ends[lasts], prepend=-1).max()) > limits.MAX_LINE_BYTES:
            raise Odd
        ends[lasts[returned]] -= 1
        widths = ends - begins
        width = int(of_lines[0])
        blank = (of_lines == 1) & (widths[lasts] == 0)
        twice = _NONE if outside is None else _unquote(body, begins, widths)
        if twice is None:
            return None
        if (of_lines == width).all() and not blank.any():
            shape = (len(of_lines), width)
            return _Cells(
                np.ascontiguousarray(begins.reshape(shape).T),
                np.ascontiguousarray(widths.reshape(shape).T),
                None,
                _by_column(twice, *np.divmod(twice, width), begins, widths),
            )
        row = np.repeat(np.arange(len(of_lines)), of_lines)
        at = np.arange(len(ends)) - np.repeat(lasts - of_lines + 1, of_lines)
        lengths = np.where(blank, 0, of_lines).astype(np.int32)
        for line, record in records.items():
            lengths[line] = len(record)
        if int(of_lines.max()) > limits.MAX_COLUMNS:
            raise Odd
        begun, wide = np.zeros((2, max(int(lengths.max()), 1), len(of_lines)), dtype=np.int32)
        begun[at, row], wide[at, row] = begins, widths
        doubled = _by_column(twice, row[twice], at[twice], begins, widths)
        return _Cells(begun[: int(lengths.max())], wide[: int(lengths.max())], lengths, doubled)

    def _even(self, body: NDArray[np.uint8]) -> _Cells | None:
        """Find the cells of lines that all have as many, two at least, and end alike; else None."""
        if self._marks.shape[1] < len(body):
            self._marks = np.zeros((2, len(body)), dtype=np.bool_)
        is_end, marks = self._marks[:, : len(body)]
        np.equal(body, 10, out=is_end)
        np.equal(body, ord(self._separator), out=marks)
        np.logical_or(marks, is_end, out=marks)
        rows, ends = int(np.count_nonzero(is_end)), np.flatnonzero(marks).astype(np.int32)
        width = len(ends) // max(rows, 1)
        lasts = ends[width - 1 :: max(width, 1)]
        if width < 2 or len(ends) != rows * width or not is_end[lasts].all():
            return None
        if int(np.diff(lasts, prepend=-1).max()) > limits.MAX_LINE_BYTES:
            raise Odd
        is_return = np.equal(body, 13, out=is_end)
        returns = np.count_nonzero(is_return)
        if returns and (returns != rows or not is_return[lasts - 1].all()):
            return None
        bounds = np.empty((width + 1, rows), dtype=np.int32)
        bounds[1:] = ends.reshape(rows, width).T
        bounds[0, 0], bounds[0, 1:] = -1, lasts[:-1]
        begins = bounds[:-1] + 1
        widths = bounds[1:] - begins
        if returns:
            widths[-1] -= 1
        return _Cells(begins, widths, None, {})

    def _quoted(self, piece: bytes) -> tuple[bytes, bytes, dict[int, list[str]]]:
        """Read the records with quotes.

        Returns
        -------
        piece : bytes
            The lines, with as many empty cells in the place of every such record.
        rest : bytes
            Lines at the end that begin a record which goes on.
        records : dict of row in the piece to its cells
        """
        lines = piece.splitlines(keepends=True)
        kept: list[bytes] = []
        records: dict[int, list[str]] = {}
        at = 0
        while at < len(lines):
            if b'"' not in lines[at]:
                kept.append(lines[at])
                at += 1
                continue
            record, used = self._record(lines, at)
            if record is None:
                return b"".join(kept), b"".join(lines[at:]), records
            records[len(kept)] = record
            kept.append(self._separator.encode() * (len(record) - 1) + b"\n")
            at += used
        return b"".join(kept), b"", records

    def _record(self, lines: list[bytes], at: int) -> tuple[list[str] | None, int]:
        """Read the record that begins at a line; return it, and how many lines it has."""

        def decoded() -> Iterator[str]:
            for line in lines[at:]:
                if len(line) > limits.MAX_LINE_BYTES:
                    raise Odd
                yield line.decode(self._codec)
            yield _LAST

        reader = csv.reader(decoded(), delimiter=self._separator)
        try:
            record = next(reader)
            used = reader.line_num
            if used > len(lines) - at:
                return None, 0
            if used > 1:
                own = [line.decode(self._codec) for line in lines[at : at + used]]
                list(csv.reader(own, delimiter=self._separator, strict=True))
        except csv.Error as error:
            raise Odd from error
        return record, used
