"""What databases of every format hold: tables and columns that came or went, with their kinds.

A database that somebody wrote long ago never changes: neither may what is expected of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from evalkit.archive import content
from tests.approved import approving


def told() -> Iterator[str]:
    before: set[tuple[str, str, str]] = set()
    for number in range(1, content.FORMAT + 1):
        schema = content.schema_of(number)
        now = {(table, name, kind) for table, own in schema.items() for name, kind in own.items()}
        yield f"== format {number}: {len(schema)} tables, {len(now)} columns"
        yield from (f"- {table}.{name} {kind}" for table, name, kind in sorted(before - now))
        for table, own in schema.items():
            new = [
                f"{name} {kind}" for name, kind in own.items() if (table, name, kind) not in before
            ]
            if new:
                yield f"+ {table}: {', '.join(new)}"
        before = now
    yield f"sealed since {content.SEALED_SINCE}; arrays: {', '.join(content.ARRAYS)}"
    yield f"arrays of format 1: {', '.join(content.ARRAYS_OF_FORMAT_1)}"


def test_the_tables_of_every_format_are_as_approved() -> None:
    approving.compare("archive/formats", "\n".join(told()))
