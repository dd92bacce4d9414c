"""How large an input may be, and why. Sized for real life: 100,000 answers of 300 columns pass."""

from __future__ import annotations

MAX_FILE_BYTES = 512 * 2**20
"""A street's largest wave (100,000 answers of 300 columns) is about 400 MB as CSV with labels."""

MAX_XLS_BYTES = 128 * 2**20
"""65,536 rows, all the format has, of 100 columns are about 92 MB; the records are held at once."""

MAX_COLUMNS = 4_096
"""By number every option is a column: 100 questions of 20 options, twice over."""

MAX_ROWS = 2**20
"""Rows of an Excel sheet; a CSV beyond that could not be looked at by the people who check it."""

MAX_CELLS = 32_000_000
"""100,000 rows of 300 columns and some more; the reader holds 32 bytes for each, 1 GB in all."""

SMALL_AREA = 1_000_000
"""Cells an area may have however few of them hold anything: 32 MB in the reader."""

MAX_SPARSITY = 50
"""Beyond `SMALL_AREA`, cells of the area for each one that holds something.

A real answer sheet holds one in ten even when half of it was skipped by logic and the skip marks
were cleared; one stray note far below or far right of a small sheet stays within `SMALL_AREA`.
"""

MAX_LINE_BYTES = 2**20
"""4,096 columns of 256 bytes. Longer lines are a quote that was never closed, or no table."""

MAX_ARCHIVE_ENTRIES = 10_000
"""Parts of a workbook: some ten, and one for each picture pasted into it."""

MAX_DIRECTORY_BYTES = 4 * 2**20
"""The archive's directory at `MAX_ARCHIVE_ENTRIES` entries of some 400 bytes."""

MAX_INFLATED_BYTES = 2 * 2**30
"""`MAX_CELLS` cells at some 60 bytes of XML each."""

FREE_INFLATED_BYTES = 16 * 2**20
"""Below this a part may inflate as it likes: scanning it costs a tenth of a second."""

MAX_INFLATION = 100
"""Inflated over stored size. Answer sheets written by Excel, WPS and openpyxl inflate 5 to 25
times, one constant value in every cell some 30 times; deflate itself ends at 1,032."""

MAX_TEXT_RUN = 4 * 2**20
"""Bytes of a part without any markup; a cell's text ends at 32,767 characters."""

MAX_SLOW_SCAN_BYTES = 64 * 2**20
"""Sheets whose markup is unusual are parsed, not searched; some 20 MB a second."""
