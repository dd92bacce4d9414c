"""The records of an old workbook's stream (BIFF), held against what they say of one another.

Nothing in the format has a check sum, but much of it is said twice: every sheet's place and kind,
how far its cells reach, from where to where every row is filled, how many texts there are and how
often they are used. A single wrong bit breaks one of these, and a reader that does not look loses
what follows. What every writer must keep is demanded; what some writers leave undone (`_kept`) is
demanded of a file that keeps it elsewhere. What stands inside a cell, a number or the letters of a
text, is said once only: there a wrong bit makes another answer, and nothing can tell.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evalkit.files.extent import PERCENT_FORMATS, ZEROS, Extent, encrypted

BOF, EOF, CONTINUE, FILEPASS, SST, BOUNDSHEET = 0x0809, 0x000A, 0x003C, 0x002F, 0x00FC, 0x0085
DIMENSIONS, ROW, DATEMODE, XF, XFCRC = 0x0200, 0x0208, 0x0022, 0x00E0, 0x087C
FORMAT, COLINFO = 0x041E, 0x007D
LABELSST, LABEL, RSTRING, BOOLERR, NUMBER, RK = 0x00FD, 0x0204, 0x00D6, 0x0205, 0x0203, 0x027E
MULRK, MULBLANK, BLANK, STRING = 0x00BD, 0x00BE, 0x0201, 0x0207
FORMULAS = frozenset({0x0006, 0x0206, 0x0406})
BLANKS = frozenset({BLANK, MULBLANK})
CELLS = FORMULAS | BLANKS | {NUMBER, LABEL, LABELSST, RK, BOOLERR, RSTRING, MULRK}
OF_FORMULAS = frozenset({0x0221, 0x0021, 0x04BC, 0x0236})
"""ARRAY, SHRFMLA, TABLE: follow the formula that they are of."""

AMONG_CELLS = CELLS | OF_FORMULAS | {ROW, STRING, CONTINUE, 0x00D7, 0x01C2}
"""What may stand between two cells; the last are DBCELL and ENTEXU2."""

_LENGTHS: dict[int, frozenset[int]] = {
    LABELSST: frozenset({10}), BOOLERR: frozenset({8}), NUMBER: frozenset({14}),
    RK: frozenset({10}), BLANK: frozenset({6}), ROW: frozenset({16}), EOF: frozenset({0}),
    0x0225: frozenset({4}), DATEMODE: frozenset({2}), XF: frozenset({16, 20}),
    DIMENSIONS: frozenset({8, 10, 14}),
}  # fmt: skip
"""Lengths of the records that have no other."""

_LONGEST = 8_224
"""Bytes of a record's body; what is longer goes on in CONTINUE records."""

_ROWS, _COLUMNS = 65_536, 256
"""Rows and columns that the format has."""

_BIFF8 = 0x0600
_KINDS = {0x0010: 0, 0x0020: 2, 0x0040: 1, 0x0006: 6}
"""What a stream says that it is, and what the list of sheets calls it: sheet, chart, macros, code."""

_HIDDEN = 0x20
"""A row of no height."""

_SMALLEST_STRING = 3
"""Bytes of an empty string in the table of strings."""

Record = tuple[int, int, bytes]
"""Where it begins, its type, its body."""


class Damage(ValueError):
    """Two things in the file that cannot both be true."""


def check(stream: bytes) -> dict[str, Extent]:
    """Go through all records; return what every sheet's cells hold, by its number (from 1).

    Raises
    ------
    Damage
        Where records contradict one another, with the byte.
    Refused
        For a password, or sheets far too large.
    """
    parts = _parts(stream)
    book = _Book.read(next(parts, None))
    found: dict[int, _Sheet] = {}
    for part in parts:
        at, _, body = part[0]
        kind = book.sheets.get(at)
        if kind is None or kind != _KINDS.get(struct.unpack_from("<H", body, 2)[0]):
            raise Damage(f"第 {at + 1} 字节处的工作表不是工作簿列出的")
        found[at] = sheet = _Sheet(book)
        if kind == 0:
            sheet.read(part)
    if missing := book.sheets.keys() - found.keys():
        raise Damage(f"第 {min(missing) + 1} 字节处没有工作簿列出的工作表")
    extents = {str(number): found[at].extent for number, at in enumerate(book.sheets, start=1)}
    for title, extent in extents.items():
        extent.check_size(title)
        extent.check_density(title)
    used = sum(sheet.texts_used for sheet in found.values())
    if used < book.uses and not all(sheet.is_complete for sheet in found.values()):
        raise Damage(f"字符串表说用了 {book.uses} 次，单元格里只有 {used} 次")
    return extents


def _parts(stream: bytes) -> Iterator[list[Record]]:
    """Yield the records of the workbook's own part, then of every sheet, BOF to EOF."""
    at = depth = 0
    total = len(stream)
    header = struct.Struct("<2H").unpack_from
    part: list[Record] = []
    while at + 4 <= total and (depth or stream[at : at + 4].strip(b"\0")):
        record, length = header(stream, at)
        body = stream[at + 4 : at + 4 + length]
        _check_length(record, length, body, at)
        if record == FILEPASS:
            raise encrypted("已加密的内容")
        if depth == 0 and record != BOF:
            raise Damage(f"第 {at + 1} 字节处应是一个工作表的开头（{record:#06x}）")
        depth += (record == BOF) - (record == EOF)
        part.append((at, record, body))
        at += 4 + length
        if depth == 0:
            yield part
            part = []
    if depth or stream[at:].strip(b"\0"):
        raise Damage("记录不完整")


def _check_length(record: int, length: int, body: bytes, at: int) -> None:
    allowed = _LENGTHS.get(record)
    fits = allowed is None or length in allowed
    if record in (MULRK, MULBLANK):
        fits = length >= 6
        if fits and len(body) == length:
            first, last = struct.unpack_from("<H", body, 2)[0], struct.unpack("<H", body[-2:])[0]
            fits = length == 6 + (last - first + 1) * (6 if record == MULRK else 2)
    elif record in CELLS or record == BOF:
        fits = fits and length >= 6
    if not fits or length > _LONGEST or len(body) != length:
        raise Damage(f"第 {at + 1} 字节处的记录长度不对（{record:#06x}：{length}）")


@dataclass(frozen=True, slots=True)
class _Book:
    """What the workbook's own part says.

    Attributes
    ----------
    sheets : dict of place to kind
    texts : list of bool
        Of every text in the table of texts, whether it says anything.
    uses : int
        How often cells use them.
    padded, percent : set of int
        Cell styles that write zeros before a number, and those that write per cent.
    """

    sheets: dict[int, int]
    texts: list[bool]
    uses: int
    padded: set[int]
    percent: set[int]

    @classmethod
    def read(cls, part: Sequence[Record] | None) -> _Book:
        if part is None:
            raise Damage("没有一条记录")
        eight = struct.unpack_from("<H", part[0][2])[0] >= _BIFF8
        sheets: dict[int, int] = {}
        texts: list[bool] = []
        uses = 0
        styles = [number for number, (_, record, _) in enumerate(part) if record == XF]
        if styles and styles[-1] - styles[0] + 1 != len(styles):
            raise Damage(f"第 {part[styles[0]][0] + 1} 字节起的格式表中断了")
        for number, (at, record, body) in enumerate(part):
            if record == BOUNDSHEET:
                place, _, kind = struct.unpack_from("<I2B", body)
                sheets[place] = kind & 0x0F if place not in sheets else -1
            elif record == SST:
                uses = struct.unpack_from("<I", body)[0]
                texts = _texts(at, [body, *_continued(part, number)])
            elif record == DATEMODE and body not in (b"\0\0", b"\1\0"):
                raise Damage(f"第 {at + 1} 字节处的日期起点既不是 1900 也不是 1904")
            elif record == XFCRC and eight and len(body) == 20:
                declared = struct.unpack_from("<H", body, 14)[0]
                if declared != len(styles):
                    raise Damage(f"格式表声明有 {declared} 项，实有 {len(styles)} 项")
        padded, percent = _formats(part, eight)
        return cls(sheets, texts, uses, padded, percent)


def _formats(part: Sequence[Record], eight: bool) -> tuple[set[int], set[int]]:
    """Return the cell styles whose format writes leading zeros, and those that write per cent."""
    zeros, percent = set[int](), set(map(int, PERCENT_FORMATS))
    for _, record, body in part:
        if record == FORMAT and len(body) > 3:
            wide = eight and len(body) > 4 and body[4] & 1
            text = body[5 if eight else 3 :].decode("utf-16-le" if wide else "latin-1", "replace")
            number = struct.unpack_from("<H", body)[0]
            if ZEROS.fullmatch(text):
                zeros.add(number)
            if "%" in text:
                percent.add(number)
    used = [struct.unpack_from("<H", body, 2)[0] for _, record, body in part if record == XF]
    return (
        {style for style, number in enumerate(used) if number in zeros},
        {style for style, number in enumerate(used) if number in percent},
    )


def _continued(part: Sequence[Record], number: int) -> Iterator[bytes]:
    for _, record, body in part[number + 1 :]:
        if record != CONTINUE:
            return
        yield body


def _texts(at: int, bodies: list[bytes]) -> list[bool]:
    """Go through the table of texts; it must end with its last text and its last record."""
    declared = int(struct.unpack_from("<I", bodies[0], 4)[0])
    if declared * _SMALLEST_STRING > sum(map(len, bodies)):
        raise Damage(f"字符串表声明有 {declared} 项")
    cursor = _Cursor(bodies, 8)
    try:
        texts = [cursor.text() for _ in range(declared)]
    except (IndexError, struct.error):
        raise Damage(f"第 {at + 1} 字节处的字符串表不完整") from None
    if not cursor.is_at_end:
        raise Damage(f"第 {at + 1} 字节处的字符串表比它声明的 {declared} 项长")
    return texts


class _Cursor:
    """A place in the table of texts, which may be cut anywhere into records."""

    def __init__(self, bodies: list[bytes], at: int) -> None:
        self._bodies, self._number, self._at = bodies, 0, at

    @property
    def is_at_end(self) -> bool:
        return self._number == len(self._bodies) - 1 and self._at == len(self._bodies[-1])

    def _body(self) -> bytes:
        if self._at == len(self._bodies[self._number]) and self._number + 1 < len(self._bodies):
            self._number, self._at = self._number + 1, 0
        return self._bodies[self._number]

    def _skip(self, count: int) -> None:
        while count:
            body = self._body()
            taken = min(count, len(body) - self._at)
            if taken == 0:
                raise IndexError
            self._at += taken
            count -= taken

    def text(self) -> bool:
        """Pass one text; tell whether it says anything."""
        body = self._body()
        length, options = struct.unpack_from("<HB", body, self._at)
        if options & 0xF2:
            raise Damage(f"字符串表里有一项的标志不合规则（{options:#04x}）")
        self._at += 3
        runs = extra = 0
        if options & 0x08:
            runs = struct.unpack_from("<H", body, self._at)[0]
            self._at += 2
        if options & 0x04:
            extra = struct.unpack_from("<I", body, self._at)[0]
            self._at += 4
        left, wide = length, 1 + (options & 1)
        while left:
            body = self._bodies[self._number]
            fitting = min(left, (len(body) - self._at) // wide)
            self._at += fitting * wide
            left -= fitting
            if left:  # a text that is cut says anew how wide its letters are
                if self._at != len(body):
                    raise IndexError
                self._number, self._at = self._number + 1, 1
                wide = 1 + (self._bodies[self._number][0] & 1)
        self._skip(4 * runs + extra)
        return bool(length)


@dataclass(slots=True)
class _Sheet:
    """One sheet's records, as they are gone through.

    `is_complete` where every row between the sheet's first and last is there, from its first cell
    to its last; where it is not, the table of texts says whether something is missing.
    """

    book: _Book
    extent: Extent = field(default_factory=Extent)
    texts_used: int = 0
    area: tuple[int, int, int, int] = (0, 0, 0, 0)
    declared: dict[int, tuple[int, int]] = field(default_factory=dict)
    reached: dict[int, tuple[int, int]] = field(default_factory=dict)
    descents: int = 0
    last: tuple[int, int] = (-1, -1)
    pending: int | None = None
    is_complete: bool = False

    def read(self, part: Sequence[Record]) -> None:
        """Take in all records, then hold them against one another."""
        inner = depth = 0
        cells: list[int] = []
        for number, (_, record, _) in enumerate(part):
            depth += (record == BOF) - (record == EOF)
            if depth == 1 and (record in CELLS or record == ROW):
                cells[1:] = [number]
        for number, (at, record, body) in enumerate(part):
            inner += (record == BOF) - (record == EOF)
            if inner != 1:
                continue  # a chart that lies on the sheet
            if cells and cells[0] < number < cells[-1] and record not in AMONG_CELLS:
                raise Damage(f"第 {at + 1} 字节处，单元格之间有别的记录（{record:#06x}）")
            if record == DIMENSIONS:
                self.area = _area(body)
            elif record == ROW:
                row, start, stop = struct.unpack_from("<3H", body)
                if row in self.declared:
                    raise Damage(f"第 {at + 1} 字节处，第 {row + 1} 行出现两次")
                self.declared[row] = (start, stop)
                self.extent.hidden_rows += bool(body[12] & _HIDDEN)
            elif record == COLINFO and len(body) >= 10 and body[8] & 1:
                start, stop = struct.unpack_from("<2H", body)
                self.extent.hidden_columns += min(stop, _COLUMNS - 1) - start + 1
            elif record in OF_FORMULAS:
                if part[number - 1][1] not in FORMULAS:
                    raise Damage(f"第 {at + 1} 字节处的公式没有单元格（{record:#06x}）")
            elif record == STRING:
                if self.pending is None:
                    raise Damage(f"第 {at + 1} 字节处的文字没有单元格")
                self._fill(self.pending, int(body[:2] != b"\0\0"))
                self.pending = None
            elif record in CELLS:
                if self.pending is not None:
                    raise Damage(f"第 {at + 1} 字节前的公式没有文字")
                self._cell(at, record, body)
        self._compare()

    def _cell(self, at: int, record: int, body: bytes) -> None:
        row, column = struct.unpack_from("<2H", body)
        last = struct.unpack("<H", body[-2:])[0] if record in (MULRK, MULBLANK) else column
        if last >= _COLUMNS or column > last:
            raise Damage(f"第 {at + 1} 字节处的单元格在第 {column + 1} 至 {last + 1} 列")
        if (row, column) <= self.last:
            self.descents += 1
        self.last = (row, last)
        low, high = self.reached.get(row, (column, last))
        self.reached[row] = (min(low, column), max(high, last))
        if record in BLANKS:
            return
        self.extent.see(row + 1, last + 1)
        self.extent.filled += last - column + 1
        value = body[6:]
        if record == LABELSST:
            text = struct.unpack_from("<I", value)[0]
            if text >= len(self.book.texts):
                raise Damage(f"第 {at + 1} 字节处的文字不在字符串表里")
            self.texts_used += 1
            self._fill(row, int(self.book.texts[text]))
        elif record in (LABEL, RSTRING):
            self._fill(row, int(value[:2] != b"\0\0"))
        elif record == BOOLERR and value[1:2] == b"\x01":
            self.extent.errors.append((row + 1, column + 1))
        elif record in FORMULAS and value[6:8] == b"\xff\xff":
            if value[:1] == b"\x02":
                self.extent.errors.append((row + 1, column + 1))
            elif value[:1] == b"\x00":
                self.pending = row
            elif value[:1] == b"\x01":
                self._fill(row)
        else:
            self._fill(row, last - column + 1)
            self._style(struct.unpack_from("<H", body, 4)[0], column + 1)

    def _style(self, style: int, column: int) -> None:
        if style in self.book.padded:
            self.extent.padded.add(column)
        if style in self.book.percent:
            self.extent.percent.add(column)

    def _fill(self, row: int, count: int = 1) -> None:
        if count:
            self.extent.by_row[row + 1] = self.extent.by_row.get(row + 1, 0) + count

    def _compare(self) -> None:
        """Hold order, rows and area against the cells."""
        if 0 < self.descents <= 2:
            raise Damage("单元格的先后次序在一处中断")
        first_row, last_row, first, last = self.area
        if last_row > first_row:
            for row, (low, high) in self.reached.items():
                if not first_row <= row < last_row or low < first or high >= last:
                    raise Damage(f"第 {row + 1} 行的单元格在工作表声明的范围之外")
        right = Counter[bool]()
        wrong, exact = 0, True
        for row, (start, stop) in self.declared.items():
            reached = self.reached.get(row)
            if reached is None:
                sound = start >= stop
            else:
                sound = start in (0, reached[0]) and stop == reached[1] + 1
                exact = exact and start == reached[0]
            right[sound] += reached is not None or not sound
            wrong = wrong if sound else row
        for row in self.reached.keys() - self.declared.keys():
            right[False] += 1
            wrong = row
        if right[False] and _kept(right):
            raise Damage(f"第 {wrong + 1} 行声明的单元格与实有的不符")
        rows = self.reached.keys() | self.declared.keys()
        self.is_complete = exact and _kept(right) and len(rows) >= last_row - first_row


def _kept(times: Counter[bool]) -> bool:
    """Tell whether a file keeps a rule: mostly it does."""
    return times[True] >= times[False]


def _area(body: bytes) -> tuple[int, int, int, int]:
    """Return the declared rows and columns, refusing what the format has not, or runs backwards."""
    layout = "<2I2H" if len(body) == 14 else "<4H"
    first_row, last_row, first, last = struct.unpack_from(layout, body)
    if last_row > _ROWS or last > _COLUMNS or first_row > last_row or first > last:
        raise Damage(f"工作表声明有 {last_row} 行 {last} 列")
    return first_row, last_row, first, last
