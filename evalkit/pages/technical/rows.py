"""What became of every row of every file, and what must be known of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling.fieldwork import current, done, notes, rejected
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Section):
    """Rows by file, why rows were rejected, and every note."""

    template = "technical/rows.html.j2"
    files: Sequence[Mapping[str, str]]
    rejected: Sequence[tuple[str, str]]
    notes: Sequence[str]


def section(evaluation: Evaluation) -> Rows:
    """Plan the account of files and rows."""
    return Rows(
        title="数据质量",
        takeaway=done(evaluation),
        files=[
            {
                "file": r.file,
                "read": say.count(r.rows_read),
                "kept": say.count(r.rows_kept),
                "rejected": say.count(r.rows_read - r.rows_kept),
            }
            for r in current(evaluation)
        ],
        rejected=rejected(evaluation),
        notes=notes(evaluation),
    )
