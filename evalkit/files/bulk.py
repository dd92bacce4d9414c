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
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.files import limits
from evalkit.files.grid import Column

Places = NDArray[np.int32]

RAW = frozenset({"utf-8", "utf-8-sig", "gb18030", "big5"})
"""Encodings of which no character contains the byte of a separator, a quote or a line's end."""

_PIECE = 2**20
_WORD = 8
_WORDS = 8
"""Cells of up to so many words are compared as numbers, longer ones as bytes."""

_MIX, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
_NOT_ASCII = np.uint64(0x8080808080808080)

_MANY = 2**9
"""Different cells in one piece from which a column may be one in which hardly any repeats."""

_LAST = "\U0010fffe\U0010ffff"
"""A line that no text holds: what takes it in was not finished."""


class Odd(Exception):
    """Something that only the reader that goes record by record can say, or read."""


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
        if table.is_wide and not looked and _separators(path, separator) > limits.MAX_CELLS:
            raise Odd
        looked = looked or table.is_wide
    if rest:
        ended = rest if rest.endswith((b"\r", b"\n")) else rest + b"\n"
        if table.take(ended):
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
        while some := text.read(_PIECE // 4):
            yield some.encode("utf-8")


def _separators(path: Path, separator: str) -> int:
    """Count before anything more is kept."""
    with path.open("rb") as handle:
        return sum(
            chunk.count(separator.encode()) for chunk in iter(lambda: handle.read(_PIECE), b"")
        )


class _Growing:
    """One column as far as it has been read: codes of its cells, or all their texts."""

    def __init__(self, height: int) -> None:
        self._known: dict[bytes, int] = {}
        self._texts: dict[str, int] = {"": 0} if height else {}
        self._parts: list[NDArray[Any]] = [np.zeros(height, dtype=np.int8)] if height else []
        self._every: list[str] | None = None

    @property
    def repeats(self) -> bool:
        """Whether cells are still told by a code of each different one."""
        return self._every is None

    def code(self, cell: bytes, codec: str) -> int:
        code = self._known.get(cell)
        if code is None:
            code = self._known[cell] = self.code_of(cell.decode(codec))
        return code

    def code_of(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def add(self, codes: NDArray[np.int32], own: Mapping[int, str]) -> None:
        for row, text in own.items():
            codes[row] = self.code_of(text)
        self._parts.append(codes.astype(_smallest(len(self._texts))))

    def add_texts(self, texts: list[str], own: Mapping[int, str]) -> None:
        assert self._every is not None
        for row, text in own.items():
            texts[row] = text
        self._every += texts

    def spell_out(self) -> None:
        """Go on with a text for every row: hardly any repeats."""
        self._every = self.texts()
        self._known, self._texts, self._parts = {}, {}, []

    def texts(self) -> list[str]:
        listed = list(self._texts)
        return [listed[code] for part in self._parts for code in part.tolist()]

    def done(self) -> Column:
        if self._every is not None:
            return Column(self._every, None)
        codes = np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=np.int8)
        return Column(list(self._texts), codes)


def _smallest(count: int) -> type[np.signedinteger[Any]]:
    return np.int8 if count < 2**7 else np.int16 if count < 2**15 else np.int32


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where the cells of some lines are: begins and widths, shape (columns, rows)."""

    begins: Places
    widths: Places
    lengths: Places | None


class _Table:
    """The columns of a file, growing piece by piece."""

    def __init__(self, codec: str, separator: str) -> None:
        self._codec = codec
        self._separator = separator
        self._columns: list[_Growing] = []
        self._height = 0
        self._cells = 0
        self._lengths: list[Places] = []

    def take(self, piece: bytes) -> bytes:
        """Take in whole lines; return those at the end that begin a record which goes on."""
        if b"\0" in piece:
            raise Odd
        rest, records = b"", dict[int, list[str]]()
        if b'"' in piece:
            piece, rest, records = self._quoted(piece)
        if not piece:
            return rest
        buffer = _buffer(piece)
        cells = self._places(buffer, len(piece), records)
        if cells is None:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            buffer = _buffer(piece)
            cells = self._places(buffer, len(piece), records)
            assert cells is not None
        width, rows = cells.begins.shape
        self._make_room(width, rows, cells.lengths)
        nothing = np.zeros(rows, dtype=np.int32)
        for at, column in enumerate(self._columns):
            begins = cells.begins[at] if at < width else nothing
            widths = cells.widths[at] if at < width else nothing
            own = {r: record[at] if at < len(record) else "" for r, record in records.items()}
            self._code(column, piece, buffer, begins, widths, own)
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
        columns = tuple(column.done() for column in self._columns)
        return Bulk(columns, self._height, None if same else lengths)

    def _make_room(self, width: int, rows: int, lengths: Places | None) -> None:
        """Add the columns that no line had before; refuse what is too large."""
        self._cells += rows * width if lengths is None else int(lengths.sum())
        height = self._height + rows
        if width > limits.MAX_COLUMNS or height > limits.MAX_ROWS:
            raise Odd
        if self._cells > limits.most_cells(self._cells, height):
            raise Odd
        while len(self._columns) < width:
            self._columns.append(_Growing(self._height))
        told = np.full(rows, width, dtype=np.int32) if lengths is None else lengths
        self._lengths.append(told)

    def _places(
        self, buffer: NDArray[np.uint8], size: int, records: Mapping[int, list[str]]
    ) -> _Cells | None:
        """Find the cells of lines without quotes, all of which end; None where some end otherwise."""
        body = buffer[:size]
        is_end = body == 10
        ends = np.flatnonzero(is_end | (body == ord(self._separator))).astype(np.int32)
        lasts = np.flatnonzero(is_end[ends])
        returned = body[np.maximum(ends[lasts] - 1, 0)] == 13
        if np.count_nonzero(body == 13) != np.count_nonzero(returned):
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
        if (of_lines == width).all() and not blank.any():
            shape = (len(of_lines), width)
            return _Cells(
                np.ascontiguousarray(begins.reshape(shape).T),
                np.ascontiguousarray(widths.reshape(shape).T),
                None,
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
        return _Cells(begun[: int(lengths.max())], wide[: int(lengths.max())], lengths)

    def _code(
        self,
        column: _Growing,
        piece: bytes,
        buffer: NDArray[np.uint8],
        begins: Places,
        widths: Places,
        own: Mapping[int, str],
    ) -> None:
        """Add the cells of one column; of some rows it is known what they say."""
        longest = int(widths.max(initial=0))
        if longest > csv.field_size_limit():
            raise Odd
        words = None if longest > _WORD * _WORDS else _words(buffer, begins, widths, longest)
        if column.repeats and words is not None:
            place, first = _alike(words)
            if len(first) < _MANY or 2 * len(first) < len(place):
                cells = zip(begins[first].tolist(), widths[first].tolist(), strict=True)
                known = [column.code(piece[b : b + w], self._codec) for b, w in cells]
                column.add(np.array(known, dtype=np.int32)[place], own)
                return
            column.spell_out()
        if column.repeats:
            spans = _spans(piece, begins, widths)
            every = [column.code(span, self._codec) for span in spans]
            column.add(np.array(every, dtype=np.int32), own)
        elif words is not None and not (words & _NOT_ASCII).any():
            kind = _WORD * words.shape[1]
            column.add_texts(words.view(f"S{kind}").ravel().astype(f"U{kind}").tolist(), own)
        else:
            spans = _spans(piece, begins, widths)
            column.add_texts(b"\n".join(spans).decode(self._codec).split("\n"), own)

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


def _spans(piece: bytes, begins: Places, widths: Places) -> list[bytes]:
    cells = zip(begins.tolist(), widths.tolist(), strict=True)
    return [piece[b : b + w] for b, w in cells]


def _buffer(piece: bytes) -> NDArray[np.uint8]:
    """Return the bytes of a piece, with room behind it for the words of its last cell."""
    return np.frombuffer(piece + bytes(_WORD * _WORDS), dtype=np.uint8)


@cache
def _masks(count: int) -> NDArray[np.void]:
    """Return what leaves of so many words the bytes of a cell, by its width."""
    widths = range(_WORD * count + 1)
    rows = [[_mask(width - _WORD * at) for at in range(count)] for width in widths]
    return np.array(rows, dtype=np.uint64).view(f"V{_WORD * count}").ravel()


def _mask(width: int) -> int:
    return (1 << 8 * min(max(width, 0), _WORD)) - 1


def _words(
    buffer: NDArray[np.uint8], begins: Places, widths: Places, longest: int
) -> NDArray[np.uint64]:
    """Return the bytes of cells as numbers, shape (n, words): 0 behind their end."""
    count = max(-(-longest // _WORD), 1)
    kind = f"V{_WORD * count}"
    every = np.ndarray((len(buffer) - _WORD * count + 1,), kind, buffer, 0, (1,))
    words = every[begins].view("<u8").reshape(-1, count)
    words &= _masks(count)[widths].view("<u8").reshape(-1, count)
    return words


def _alike(words: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give cells numbers: return that of every cell, and the first cell of each number.

    Cells hold no NUL, so that those of one word are told apart by it. Of longer ones the words are
    mixed into one, and compared.
    """
    mixed = words[:, 0].copy()
    for at in range(1, words.shape[1]):
        mixed ^= mixed >> _HALF
        mixed *= _MIX
        mixed ^= words[:, at]
    place, different = pd.factorize(mixed)
    first = np.empty(len(different), dtype=np.intp)
    first[place[::-1]] = np.arange(len(place) - 1, -1, -1)
    if words.shape[1] > 1:
        kind = f"V{_WORD * words.shape[1]}"
        same = words.view(kind).ravel()[first[place]].view("<u8").reshape(words.shape)
        if not (same == words).all():
            raise Odd
    return place, first
