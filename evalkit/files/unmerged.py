"""A workbook handed to its reader with word, at the head of its largest sheets, that they merge nothing.

The reader goes through every sheet twice, the second time for merged areas: these are named behind the
cells, and it goes on until it has met them, for two fifths of its time. Told at the beginning of an
empty list of them, it goes no further. Only sheets are told so in which the guard has met none, and
whose markup behind the cells it has read to its end (`guard_zip`).

Nothing is unpacked for it: a deflated part may begin with a block of plain bytes, and these bytes leave
the check sum as it was.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Set
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

WORD = b"<mergeCells></mergeCells><!--hweujgis-->"
"""What a sheet begins with; the comment makes its own check sum 0."""

_BLOCK = struct.pack("<B2H", 0, len(WORD), len(WORD) ^ 0xFFFF) + WORD
"""Not the last block, not compressed, of so many bytes."""

_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml(?![^<>]*encoding(?!=[\"']utf-8[\"']))[^<>]*\?>\s*)?<worksheet[\s>]",
    re.IGNORECASE,
)
_CELLS_END = b"</sheetData>"

_LOCAL, _LISTED = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _UTF8 = 20, 0x800
_MOST_ENTRIES, _MOST_BYTES = 2**16 - 1, 2**32 - 1


class Watch:
    """Looks out for merged areas in a sheet that goes by in runs, none of which ends within a tag."""

    def __init__(self) -> None:
        self._begun = self._behind = self._odd = False
        self._parser = expat.ParserCreate()

    def see(self, data: bytes) -> None:
        """Look at the next run."""
        if data and not self._begun:
            self._begun, self._odd = True, _HEAD.match(data) is None
        self._odd = self._odd or b"mergeCell" in data
        if self._behind:
            self._parse(data)
        elif _CELLS_END in data:
            self._behind = True
            self._parse(b"<worksheet><sheetData>" + data[data.index(_CELLS_END) :])

    def met_none(self) -> bool:
        """Tell, behind the last run, whether the sheet merges nothing and ends as it should."""
        self._parse(b"", last=True)
        return not self._odd

    def _parse(self, data: bytes, last: bool = False) -> None:
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError:
            self._odd = True


def opened(path: Path, parts: Set[str]) -> BinaryIO:
    """Open a workbook whose parts of these names are told to merge nothing.

    Parameters
    ----------
    path : Path
        An archive that the guard has let pass; any workbook where no part is named.
    parts : set of str

    Returns
    -------
    file
        The file itself where there is nothing to tell, or it is an archive of the kind for files
        beyond four gigabytes.
    """
    if not parts:
        return path.open("rb")
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    sizes = [entry.file_size + entry.compress_size + len(_BLOCK) for entry in entries]
    if len(entries) > _MOST_ENTRIES or sum(sizes) > _MOST_BYTES:
        return path.open("rb")
    return BytesIO(_told(path, entries, parts))


def _told(path: Path, entries: list[zipfile.ZipInfo], parts: Set[str]) -> bytes:
    """Return an archive of the same entries."""
    pieces, listed, at = list[bytes](), list[bytes](), 0
    with path.open("rb") as file:
        for entry in entries:
            file.seek(entry.header_offset)
            *_, name_size, more_size = _LOCAL.unpack(file.read(_LOCAL.size))
            file.seek(name_size + more_size, 1)
            told = entry.filename in parts and entry.compress_type == zipfile.ZIP_DEFLATED
            content = [_BLOCK if told else b"", file.read(entry.compress_size)]
            name = entry.filename.encode()
            said = (
                *(_UTF8, entry.compress_type, 0, 0, entry.CRC, sum(map(len, content))),
                *(entry.file_size + told * len(WORD), len(name), 0),
            )
            pieces += [_LOCAL.pack(b"PK\x03\x04", _VERSION, *said), name, *content]
            listed += [_LISTED.pack(b"PK\x01\x02", _VERSION, _VERSION, *said, 0, 0, 0, 0, at), name]
            at += _LOCAL.size + len(name) + sum(map(len, content))
    size = sum(map(len, listed))
    end = _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), size, at, 0)
    return b"".join([*pieces, *listed, end])
