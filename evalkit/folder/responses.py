"""The response files of a folder, as raw sheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile
from evalkit.folder.loaded import ReadFile
from evalkit.folder.shelf import Shelf
from evalkit.platforms import Long, RawSheet, Said, of, read


def read_files(shelf: Shelf, order: EvaluationOrder) -> Iterator[ReadFile]:
    """Read every file of every wave that can be read, with its twin where it has one."""
    for wave in order.waves:
        for entry in wave.files:
            sheet = _sheet(shelf, entry.file, entry)
            if sheet is None:
                continue
            codebook = sheet.codebook
            if entry.codebook is not None:
                twin = _sheet(shelf, entry.codebook, entry)
                if twin is not None:
                    codebook = of(sheet).codebook(sheet, twin)
                    shelf.problems.extend(codebook.problems)
                    sheet = replace(sheet, notes=(*sheet.notes, *codebook.notes))
            yield ReadFile(wave.id, entry, sheet, codebook)


def _sheet(shelf: Shelf, file: str, entry: ResponseFile) -> RawSheet | None:
    sheet = read(
        shelf.root / file,
        name=file,
        sheet=entry.sheet,
        encoding=entry.encoding,
        said=_said(entry),
        problems=shelf.problems,
    )
    if sheet is not None:
        shelf.digests[file] = sheet.sha256
    return sheet


def _said(entry: ResponseFile) -> Said:
    """Return what an entry declares of its file, as the reader takes it."""
    long = entry.long
    return Said(
        entry.header_rows,
        entry.platform,
        {header: tuple(values) for header, values in entry.where.items()},
        None if long is None else Long(long.person, long.question, long.answer),
    )
