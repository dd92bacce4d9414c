"""Which file is in which room, and which tests are that room's own."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "evalkit"
TOP = "top"
"""The files that lie in no room: evaluation, publication, workspace, cli and their neighbours."""

PROMISED = {"methods": 90, "findings": 90, "answers": 90, "archive": 90}
"""Per cent of mutants that must be killed; elsewhere `ELSEWHERE`."""
ELSEWHERE = 80

GENERATED = {"evalkit/version.py", "evalkit/__main__.py", "evalkit/tables/__main__.py"}
"""Nothing in these can be wrong in a way that a test could see."""


def room_of(file: str) -> str:
    """Return the room of a file given relative to the project."""
    parts = Path(file).parts
    return parts[1] if len(parts) > 2 else TOP


@cache
def files() -> dict[str, list[str]]:
    """Return the program's files by room."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        if file not in GENERATED and path.stat().st_size:
            found[room_of(file)].append(file)
    return dict(found)


NETS = ("tests/approved/", "tests/recomputation/test_files_as_approved")
"""Tests that compare all that comes out: whatever changes it, they notice."""


def nearness(file: str, test: str) -> float:
    """Return what a test's cost counts for a mutant: the file's own tests come first."""
    stem, room, where = Path(file).stem, room_of(file), test.split("::")[0]
    if stem in Path(where).stem:
        return 0.2
    if where.startswith(NETS):
        return 0.3
    if room in Path(where).parts or f"test_{room}" in where:
        return 0.5
    return 2.0 if Path(where).parts[1] in files() else 1.0
