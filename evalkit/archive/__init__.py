"""The evaluation database: cells, schemes and results of every wave, in one DuckDB file.

Cells are kept exactly (arrays in NumPy's own format) and, for people with SQL, as long tables.
Results are kept per evaluation, that is, per wave it was about: the first edition of a wave is
what was published, and stays so once a later wave has been stored. In SQL the frames' column
``group`` is called ``rater_group``.

A store writes a new file beside the old one and then puts it in its place, so that a killed run
leaves the last good state. An evaluation that is already there leaves the file untouched, byte
for byte; two files written from the same evaluation differ, for DuckDB gives each an identifier
of its own. Every table is sealed (`seals`), and a connection reaches nothing outside the file.
"""

from evalkit.archive.notes import read_notes
from evalkit.archive.reading import (
    PublishedWave,
    fingerprint_of,
    published,
    read_cells,
    read_schemes,
)
from evalkit.archive.writing import check_writable, renew, store, without

__all__ = [
    "PublishedWave",
    "check_writable",
    "fingerprint_of",
    "published",
    "read_cells",
    "read_notes",
    "read_schemes",
    "renew",
    "store",
    "without",
]
