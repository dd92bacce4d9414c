"""A reader that is told that a sheet merges nothing reads the same, and believes it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import python_calamine as calamine

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files import guard_zip, unmerged, workbook
from tests.files.building import SHEET, archive, parts, sheet_xml

ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c></row>'
    '<row r="2"><c r="B2"><v>5</v></c></row>'
)
CELLS = sheet_xml(ROWS).removesuffix(b"</worksheet>")
MERGED = b'<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
TAIL = b'<conditionalFormatting sqref="A1"/><rowBreaks/><pageMargins left="1"/></worksheet>'


def put(path: Path, sheet: bytes, **more: bytes) -> Path:
    path.write_bytes(archive({**parts(), SHEET: sheet, **more}))
    return path


def entries(file: io.BufferedIOBase | Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as whole:  # type: ignore[arg-type]
        assert whole.testzip() is None
        return {name: whole.read(name) for name in whole.namelist()}


class Stream(io.RawIOBase):
    """What is written in one go, as to a browser: sizes stand behind the parts."""

    def __init__(self) -> None:
        self.said = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.said += data
        return len(data)


def test_every_part_is_what_it_was_behind_the_word(tmp_path: Path) -> None:
    before = {
        **parts(),
        SHEET: CELLS + TAIL,
        "xl/图.bin": bytes(range(256)) * 9,
        "xl/empty.xml": b"",
    }
    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as whole:  # type: ignore[arg-type]
        for name, content in before.items():
            whole.writestr(name, content)
        stored = zipfile.ZipInfo("xl/stored.xml")
        stored.extra = b"\xfe\xca\x02\x00ab"
        whole.writestr(stored, b"<a/>", zipfile.ZIP_STORED)
    path = tmp_path / "a.xlsx"
    path.write_bytes(stream.said)
    with unmerged.opened(path, {SHEET, "xl/stored.xml"}) as told:
        after = entries(told)  # type: ignore[arg-type]
    assert after.pop("xl/stored.xml") == b"<a/>"
    assert after == {**before, SHEET: unmerged.WORD + CELLS + TAIL}


def test_the_reader_goes_no_further_than_the_word(tmp_path: Path) -> None:
    """Where this fails the reader has changed, and a large workbook takes half as long again."""
    path = put(tmp_path / "a.xlsx", CELLS + MERGED + b"</worksheet>")
    found = []
    for told in (set[str](), {SHEET}):
        with unmerged.opened(path, told) as file, calamine.load_workbook(file) as book:
            sheet = book.get_sheet_by_index(0)
            found.append((sheet.to_python(), sheet.merged_cell_ranges))
    cells = [["甲", ""], ["", 5.0]]
    assert found == [(cells, [((0, 0), (0, 1))]), (cells, [])]


UTF = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
SURE = {
    "bare": CELLS + TAIL,
    "declared": UTF + CELLS + TAIL,
    "undeclared signs": b'<?xml version="1.0"?>' + CELLS + TAIL,
    "marked": b"\xef\xbb\xbf" + UTF + CELLS + TAIL,
    "nothing behind": CELLS + b"</worksheet>",
}
OPEN: dict[str, bytes] = {
    "merged": CELLS + MERGED + TAIL,
    "merged before": CELLS.replace(b"<sheetData>", MERGED + b"<sheetData>") + TAIL,
    "prefixed": CELLS + MERGED.replace(b"mergeCell", b"x:mergeCell") + TAIL,
    "other signs": b'<?xml version="1.0" encoding="GBK"?>' + CELLS + TAIL,
    "other signs, odd": b"<?xml version='1.0' encoding = 'UTF-8'?>" + CELLS + TAIL,
    "a comment first": b"<!-- -->" + CELLS + TAIL,
    "prefixed root": CELLS.replace(b"<worksheet", b"<x:worksheet") + b"</x:worksheet>",
    "cells go on": sheet_xml("<!-- </sheetData></worksheet> -->" + ROWS),
    "no cells": b"<worksheet><sheetData/></worksheet>",
    "cut": CELLS,
    "cut in a tag": CELLS + b'<a b="',
    "crossed": CELLS + b"<a></b></worksheet>",
    "no letters": CELLS + b'<a b="\xff"/></worksheet>',
    "more behind": CELLS + b"</worksheet><a/>",
    "empty": b"",
}


@pytest.mark.parametrize("what", [*SURE, *OPEN])
def test_only_a_sheet_that_names_none_and_ends_well_is_told_of(what: str) -> None:
    data = {**SURE, **OPEN}[what]
    for size in (7, 60, 2**20):
        watch, carry = unmerged.Watch(), b""
        for at in range(0, len(data), size):
            carry += data[at : at + size]
            cut = max(carry.rfind(b"<c"), carry.rfind(b"<r"), 0)
            watch.see(carry[:cut])
            carry = carry[cut:]
        watch.see(carry)
        assert watch.met_none() == (what in SURE)


Seen = tuple[str | None, list[list[str]], tuple[Note, ...], tuple[tuple[int, int, int, int], ...]]


def read(path: Path) -> Seen:
    problems = Problems()
    grid = workbook.read(path, "a", problems)
    if grid is None:
        return next(iter(problems)).code, [], (), ()
    return None, [list(row) for row in grid.rows], grid.notes, grid.merged


@pytest.mark.parametrize("what", [*SURE, *OPEN])
def test_a_large_sheet_is_read_as_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = put(tmp_path / "a.xlsx", {**SURE, **OPEN}[what])
    told: list[set[str]] = []
    opened: Callable[..., object] = unmerged.opened
    monkeypatch.setattr(
        unmerged, "opened", lambda path, parts: (told.append(parts), opened(path, parts))[1]
    )
    small = read(path)
    monkeypatch.setattr(guard_zip, "_LARGE", 1)
    assert read(path) == small
    assert told[:1] in ([set()], [])
    assert told[1:] == ([{SHEET}] if what in SURE else [set()] * len(told[1:]))


def test_merged_areas_of_a_large_sheet_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_zip, "_LARGE", 1)
    _, _, notes, merged = read(put(tmp_path / "a.xlsx", OPEN["merged"]))
    assert [note.code for note in notes] == [NoteCode.MERGED_CELLS]
    assert merged == ((1, 0, 1, 1),)


def test_what_is_broken_behind_the_cells_of_a_large_sheet_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_zip, "_LARGE", 1)
    assert read(put(tmp_path / "a.xlsx", OPEN["cut in a tag"]))[0] == "damaged"


WORDS = 5 + len(unmerged.WORD)
"""Bytes of a block that is not packed: what kind it is, twice how long, and the word."""


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ([(0, 0)] * 65_535, True),
        ([(0, 0)] * 65_536, False),
        ([(2**31, 2**31 - 1 - WORDS)], True),
        ([(2**31, 2**31 - WORDS)], False),
        ([(2**31, 2**31 - 2 - 2 * WORDS), (1, 0)], True),
        ([(2**31, 2**31 - 2 - 2 * WORDS), (1, 1)], False),
    ],
)
def test_what_only_the_large_kind_of_archive_holds_is_left_as_it_is(
    sizes: list[tuple[int, int]], told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries are counted in two bytes; where one begins, and how long it is, are told in four."""
    path, entries = put(tmp_path / "a.xlsx", CELLS + TAIL), []
    for file_size, compress_size in sizes:
        entries.append(zipfile.ZipInfo("a"))
        entries[-1].file_size, entries[-1].compress_size = file_size, compress_size
    folder = zipfile.ZipInfo("folder/")
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda archive: [folder, *entries])
    seen: list[object] = []
    monkeypatch.setattr(unmerged, "_told", lambda *what: (seen.append(what), b"told")[1])
    with unmerged.opened(path, {SHEET}) as file:
        assert (file.read() == b"told") is told
    assert seen == ([(path, entries, {SHEET})] if told else [])
