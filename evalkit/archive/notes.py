"""Reading the database: the notes that went with the last run of every wave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from evalkit.archive.opening import load_format, read
from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems

SINCE_FACTS = 2
"""The first format whose notes are codes with facts."""


def read_notes(path: Path, problems: Problems) -> dict[str, tuple[Note, ...]]:
    """Return the notes of every wave's last run, in their order; none of a format without facts."""
    return read(path, problems, _load_notes) or {}


def _load_notes(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[Note, ...]]:
    if load_format(connection) < SINCE_FACTS:
        return {}
    found: dict[str, dict[str, list[Note]]] = {}
    for wave, edition, code, place, count, facts in connection.execute(
        "SELECT evaluation, edition, code, place, count, facts FROM notes ORDER BY position"
    ).fetchall():
        if code in set(NoteCode):
            note = Note(NoteCode(code), place, count, _facts(facts))
            found.setdefault(wave, {}).setdefault(edition, []).append(note)
    return {
        wave: tuple(editions.get("latest", editions.get("published", ())))
        for wave, editions in found.items()
    }


def _facts(text: str) -> dict[str, Any]:
    """Return a note's facts as they were: names in a tuple."""
    facts: dict[str, Any] = json.loads(text)
    return {n: tuple(v) if isinstance(v, list) else v for n, v in facts.items()}
