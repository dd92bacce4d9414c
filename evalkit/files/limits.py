"""How large an input may be, and why. Sized for real life: 100,000 answers of 300 columns pass, and a million of 90 as text."""

from __future__ import annotations

MAX_FILE_BYTES = 2**30
"""A city's wave (1,000,000 answers of 46 columns) is about 450 MB as CSV with labels."""

MAX_XLS_BYTES = 128 * 2**20
"""65,536 rows, all the format has, of 100 columns are about 92 MB; the records are held at once."""

MAX_COLUMNS = 4_096
"""By number every option is a column: 100 questions of 20 options, twice over."""

MAX_ROWS = 2**20
"""Rows of an Excel sheet; a CSV beyond that could not be looked at by the people who check it."""

MAX_CELLS, LONG = 96_000_000, 100
"""Of delimited text with up to so many columns: a cell of a column in which answers repeat takes one
to four bytes."""

MAX_HELD = 32_000_000
"""Of workbooks, data files and wider text: 100,000 rows of 300 columns and some more; the reader holds
32 bytes for each, 1 GB in all."""

SMALL_AREA = 1_000_000
"""Cells an area may have however few of them hold anything: 32 MB in the reader."""

MAX_SPARSITY = 50
"""Beyond `SMALL_AREA`, cells of the area for each one that holds something.

A real answer sheet holds one in ten even when half of it was skipped by logic and the skip marks
were cleared; one stray note far below or far right of a small sheet stays within `SMALL_AREA`.
"""

MAX_LINE_BYTES = 2**20
"""4,096 columns of 256 bytes. Longer lines are a quote that was never closed, or no table."""

MAX_TEXT = 32_767
"""Characters of a cell; Excel has no longer ones."""

MAX_DOCUMENT_CELLS = 4_000_000
"""A roster of 100,000 committees has 1.5 million."""

READING_SECONDS = 4
"""Of computing, for a small file."""

READING_BYTES = 500 * 2**20
"""For a small file; a child process that has read nothing holds 30 MB."""

MOST_SECONDS, MOST_BYTES = 300, 3 * 2**30
"""For the largest: `MAX_HELD` cells hold 1 GB in the reader and half of that as texts."""


RESERVED: dict[str, int] = {"evalkit.files.statistics": 500 * 2**20}
"""By module: addresses that its readers reserve beside what a file needs; most are never used."""


def most_cells(cells: int, rows: int) -> int:
    """Return how many cells delimited text may have that has so many in so many rows so far."""
    return MAX_CELLS if cells <= LONG * rows else held()


def held() -> int:
    """Return how many cells a reader may hold one by one."""
    return min(MAX_CELLS, MAX_HELD)


def allowance(size: int, module: str = "") -> tuple[int, int]:
    """Return how many bytes and seconds reading a file of a size may take.

    Workbooks inflate some 20 times, and every cell of some 35 bytes of XML takes 70 in the reader.
    """
    megabytes = size // 2**20
    return (
        min(max(READING_BYTES, 80 * size), MOST_BYTES) + RESERVED.get(module, 0),
        min(max(READING_SECONDS, 2 * megabytes), MOST_SECONDS),
    )
