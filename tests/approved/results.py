"""Every file of results and every table of a database as lines: how many rows, and a digest of them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
from python_calamine import CalamineWorkbook

from tests.approved import approving

NUMBER = re.compile(r"-?\d+\.\d+(e-?\d+)?")
DIGEST = re.compile(r"\b[0-9a-f]{16,64}\b")
NOTHING = 1e-9
"""What is smaller is 0: rounding leaves other crumbs on other machines."""
LEFT_OUT = ("manifest.json", ".html", ".svg", ".md", ".pdf")
"""What tells versions and days, and pages: `test_pages` reads them."""
WITHOUT_TABLES = ("cell_arrays", "waves", "city_info")
"""Tables of bytes, of their digests, and of versions."""
VERSION = "evalkit_version"
SHOWN = 90
"""Signs shown of a file's first line of numbers."""


def rounded(text: str) -> str:
    def short(found: re.Match[str]) -> str:
        number = float(found[0])
        return f"{number:.{approving.DIGITS}g}" if abs(number) > NOTHING else "0"

    return DIGEST.sub("digest", NUMBER.sub(short, text))


def _sheets(content: bytes) -> Iterator[tuple[str, list[str]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        yield name, ["\t".join(map(str, row)) for row in book.get_sheet_by_name(name).to_python()]


def _parts(path: Path) -> Iterator[tuple[str, list[str]]]:
    if path.suffix == ".xlsx":
        yield from ((f"{path.name}, {name}", rows) for name, rows in _sheets(path.read_bytes()))
    elif path.suffix == ".json":
        told = json.loads(path.read_text(encoding="utf-8"))
        yield path.name, json.dumps(told, ensure_ascii=False, indent=0).splitlines()
    else:
        yield path.name, path.read_text(encoding="utf-8-sig").splitlines()


def _tables(database: Path) -> Iterator[tuple[str, list[str]]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        names = {name for (name,) in connection.execute("SHOW TABLES").fetchall()}
        for name in sorted(names.difference(WITHOUT_TABLES)):
            less = f"EXCLUDE {VERSION}" if name == "evaluations" else ""
            found = connection.execute(f'SELECT * {less} FROM "{name}"')
            columns = [column[0] for column in found.description or ()]
            rows = sorted("\t".join(map(str, row)) for row in found.fetchall())
            yield f"table {name}", ["\t".join(columns), *rows]


def told(out: Path, database: Path, *, shown: bool) -> str:
    """Return what is compared of a folder of results and of the database."""
    lines = []
    files = [path for path in sorted(out.iterdir()) if path.is_file()]
    parts = [part for path in files if not path.name.endswith(LEFT_OUT) for part in _parts(path)]
    for name, rows in [*parts, *_tables(database)]:
        own = [rounded(row) for row in rows]
        if len(own) < 2:
            continue
        digest = approving.digest("\n".join(own))
        lines.append(f"{name}: {len(own) - 1} rows, {digest}")
        lines += [f"    {own[1][:SHOWN]}"] if shown else []
    return "\n".join(lines)
