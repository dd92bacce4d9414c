"""Every file of a folder as lines: how many it has, the first of them, and a digest of all."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.approved import approving

SHOWN = 2
"""Lines of a file that are shown; of the others the digest tells."""
MOST = 160
"""Signs of a line that are shown."""
COPIED = re.compile(r"(ledgers|questionnaires)/|(scheme|actions|themes|claims)\.yaml|README\.md")
"""Documents of the preset, as they were shipped: of their words nobody need be told here."""
NUMBER = re.compile(r"-?\d+\.\d{5,}")


def _lines(path: Path) -> list[str]:
    if path.suffix != ".xlsx":
        text = path.read_text(encoding="utf-8-sig")
        return NUMBER.sub(lambda found: f"{float(found[0]):.5g}", text).splitlines()
    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    return [
        "\t".join(map(str, row)) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
    ]  # fmt: skip


def told(folder: Path) -> Iterator[str]:
    """What is compared of the files of a folder."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not COPIED.search(name):
            lines = _lines(path)
            yield f"== {name}: {len(lines)} lines, {approving.digest(chr(10).join(lines))}"
            if path.suffix in (".csv", ".xlsx"):
                yield from (line[:MOST] for line in lines[:SHOWN])
