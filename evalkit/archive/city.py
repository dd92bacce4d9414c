"""The database of a city: one wave of every street, put together from the streets' own databases.

It is written anew each time, as a new file that then takes the place of the old one, and never
edited. Files of streets are told apart from others by their digest, which whoever asks knows from
when they were written; like every database they are attached cut off from everything outside.

The cells have full precision, also where a street publishes nothing: the file stays with whoever
keeps the city's folder. What may be told is made of ``indicators``, ``scores`` and ``ranking``,
which hold what streets have published and nothing else.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import yaml

from evalkit.archive.content import FORMAT as FORMAT_OF_STREETS
from evalkit.archive.content import PER_EVALUATION, PER_WAVE
from evalkit.archive.faults import collected
from evalkit.archive.opening import connected
from evalkit.definitions.roster import Subject
from evalkit.engines.duckdb import SHUT
from evalkit.errors import Problems

FORMAT = "1"
SEAL = "seal"
"""Key under which the file keeps the fingerprint of what is told: whoever edits it breaks it."""

_OF_STREET = {"street": "VARCHAR"}
_KEPT = ("scores", "indicators", "ranking")
_SUBJECTS = ("subject", "name", "zone", "kind", "housing")

SCHEMA: Mapping[str, Mapping[str, str]] = {
    "city_info": {"key": "VARCHAR", "value": "VARCHAR"},
    "streets": {
        **_OF_STREET,
        **dict.fromkeys(("name", "district", "state", "wave", "fingerprint"), "VARCHAR"),
        "committees": "BIGINT",
    },
    "committees": _OF_STREET | dict.fromkeys(_SUBJECTS, "VARCHAR"),
    "waves": {**_OF_STREET, **PER_WAVE["waves"]},
    "cells": {**_OF_STREET, **PER_WAVE["cells"]},
    "freedom": {
        **_OF_STREET,
        **dict.fromkeys(("wave", "subject", "rater_group"), "VARCHAR"),
        "df": "DOUBLE",
    },
    **{
        name: {
            **_OF_STREET,
            **{
                column: kind
                for column, kind in PER_EVALUATION[name].items()
                if column not in ("evaluation", "edition")
            },
        }
        for name in _KEPT
    },
}
"""The tables of the database: those of a street, each row with its street."""


@dataclass(frozen=True, slots=True)
class Part:
    """A street's database, with what the city says of the street.

    Attributes
    ----------
    path : Path or None
        None for a street that has nothing to put in.
    state : str
        How far the street is.
    """

    street: str
    name: str
    district: str | None
    state: str
    path: Path | None = None
    fingerprint: str = ""


def write(
    fresh: Path, parts: Sequence[Part], wave: str, info: Mapping[str, str], problems: Problems
) -> None:
    """Write the city's database as a new file, whole when this returns without problems.

    Parameters
    ----------
    fresh : Path
        Does not exist yet, or is left from a run that died.
    parts : sequence of Part
        All streets, in the city's order.
    wave : str
    info : dict of str to str
        What the file says of itself.
    """
    fresh.unlink(missing_ok=True)
    files = {f"part{at}": part.path for at, part in enumerate(parts) if part.path is not None}
    with collected(fresh, problems), connected(fresh, files) as connection:
        connection.execute("USE fresh")
        connection.execute("BEGIN")
        for name, columns in SCHEMA.items():
            declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            connection.execute(f'CREATE TABLE "{name}" ({declared})')
        for key, value in sorted({**info, "format": FORMAT, "wave": wave}.items()):
            connection.execute("INSERT INTO city_info VALUES (?, ?)", [key, value])
        for number, part in enumerate(parts):
            count = _copied(connection, f"part{number}", part, wave) if part.path else None
            connection.execute(
                "INSERT INTO streets VALUES (?, ?, ?, ?, ?, ?, ?)",
                [part.street, part.name, part.district, part.state, wave, part.fingerprint, count],
            )
        connection.execute(
            "INSERT INTO city_info VALUES (?, ?)", [SEAL, _fingerprint(_told(connection))]
        )
        connection.execute("COMMIT")
        connection.execute("USE memory")
        connection.execute("DETACH fresh")


def _copied(connection: duckdb.DuckDBPyConnection, source: str, part: Part, wave: str) -> int:
    """Copy one street's rows of a wave; return how many committees it had in it."""
    (number,) = connection.execute(
        f"SELECT value FROM {source}.archive_info WHERE key = 'format'"
    ).fetchall()
    if str(number[0]) != str(FORMAT_OF_STREETS):
        raise ValueError(f"{part.street}: format {number[0]}")
    editions = connection.execute(
        f"SELECT edition, roster FROM {source}.evaluations WHERE evaluation = ?", [wave]
    ).fetchall()
    newest = dict(sorted(editions))  # "latest" comes before "published" and counts before it
    edition = next(iter(newest))
    for name in _KEPT:
        columns = ", ".join(f'"{c}"' for c in SCHEMA[name] if c != "street")
        connection.execute(
            f'INSERT INTO "{name}" SELECT ?, {columns} FROM {source}."{name}" '
            "WHERE evaluation = ? AND edition = ? AND wave = ? ORDER BY position",
            [part.street, wave, edition, wave],
        )
    for name in ("waves", "cells"):
        columns = ", ".join(f'"{c}"' for c in SCHEMA[name] if c != "street")
        connection.execute(
            f'INSERT INTO "{name}" SELECT ?, {columns} FROM {source}."{name}" WHERE wave = ?',
            [part.street, wave],
        )
    _freedom(connection, source, part.street, wave)
    return _committees(connection, part.street, wave, newest[edition])


def _freedom(connection: duckdb.DuckDBPyConnection, source: str, street: str, wave: str) -> None:
    """Keep the degrees of freedom behind every group's means, which no table of a street has."""
    (layout,) = connection.execute(
        f"SELECT layout FROM {source}.waves WHERE wave = ?", [wave]
    ).fetchall()
    subjects = json.loads(layout[0])["subjects"]
    rows = []
    for group, data in connection.execute(
        f"SELECT rater_group, data FROM {source}.cell_arrays "
        "WHERE wave = ? AND name = 'df' ORDER BY rater_group",
        [wave],
    ).fetchall():
        values = np.load(io.BytesIO(data), allow_pickle=False)
        rows += [(street, wave, s, group, float(v)) for s, v in zip(subjects, values, strict=True)]
    _insert(connection, "freedom", rows)


def _committees(connection: duckdb.DuckDBPyConnection, street: str, wave: str, roster: str) -> int:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    subjects = yaml.load(roster, Loader=loader)["subjects"]
    there = {
        row[0]
        for row in connection.execute(
            "SELECT subject FROM scores WHERE street = ? AND wave = ?", [street, wave]
        ).fetchall()
    }
    listed = (Subject.model_validate(one) for one in subjects)
    rows = [
        (street, s.id, s.name, s.zone, s.kind, s.housing)
        for s in listed
        if s.id in there and not s.provisional  # being set up: part of no mean and no comparison
    ]
    _insert(connection, "committees", rows)
    return len(rows)


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[object, ...]]
) -> None:
    if rows:
        connection.register("incoming", pd.DataFrame(rows, columns=list(SCHEMA[name])))
        connection.execute(f'INSERT INTO "{name}" SELECT * FROM incoming')
        connection.unregister("incoming")


def twice(path: Path) -> list[tuple[str, str, list[str]]]:
    """Return the committees that several streets have: id, name, and the streets."""
    with duckdb.connect(str(path), read_only=True, config=SHUT) as connection:
        found = connection.execute(
            "SELECT min(subject), min(name), list(street ORDER BY street) FROM committees "
            "GROUP BY lower(subject) HAVING count(*) > 1 ORDER BY 1"
        ).fetchall()
    return [(str(subject), str(name), list(streets)) for subject, name, streets in found]


@dataclass(frozen=True, slots=True)
class RolledUp:
    """What a city's database holds of what may be told.

    Attributes
    ----------
    info : dict of str to str
    streets, committees, indicators, freedom : DataFrame
        Tables of those names; of ``indicators`` only the composites.
    fingerprint : str
        SHA-256 of these tables: the same for the same content, while two files of it differ.
    """

    info: Mapping[str, str]
    streets: pd.DataFrame
    committees: pd.DataFrame
    indicators: pd.DataFrame
    freedom: pd.DataFrame
    fingerprint: str


def read_info(path: Path) -> dict[str, str]:
    """Return what a city's database says of itself; nothing of whatever is none of this format."""
    if not path.is_file():
        return {}
    try:
        with duckdb.connect(str(path), read_only=True, config=SHUT) as connection:
            found = dict(connection.execute("SELECT key, value FROM city_info").fetchall())
    except duckdb.Error:
        return {}
    return found if found.get("format") == FORMAT and SEAL in found else {}


def read(path: Path) -> RolledUp | None:
    """Return what may be told of a city; None where there is no database as it was written."""
    info = read_info(path)
    if not info:
        return None
    try:
        with duckdb.connect(str(path), read_only=True, config=SHUT) as connection:
            tables = _told(connection)
    except duckdb.Error:
        return None
    fingerprint = _fingerprint(tables)
    return RolledUp(info, **tables, fingerprint=fingerprint) if info[SEAL] == fingerprint else None


Tables = Mapping[str, tuple[Mapping[str, str], Sequence[tuple[object, ...]]]]
"""By name the columns of a table, with their kinds, and its rows."""

PRIVATE = ("cells", "freedom", "waves")
"""Tables in full precision, and what they are laid out by: they stay with the city's folder."""


def read_published(path: Path) -> Tables | None:
    """Return the tables that may leave the city's folder, in one order; None without a database."""
    if read(path) is None:
        return None
    found = {}
    with duckdb.connect(str(path), read_only=True, config=SHUT) as connection:
        for name, columns in SCHEMA.items():
            if name not in PRIVATE:
                query = f'SELECT * FROM "{name}" ORDER BY ALL'
                rows = [tuple(row) for row in connection.execute(query).fetchall()]
                kept = [row for row in rows if name != "city_info" or row[0] != SEAL]
                found[name] = (columns, kept)
    return found


def read_counts(path: Path, wave: str) -> dict[tuple[str, str, str, str], int] | None:
    """Return how many answered, by street, subject, rater group and measure; None without a database."""
    if read_info(path).get("wave") != wave:
        return None
    with duckdb.connect(str(path), read_only=True, config=SHUT) as connection:
        rows = connection.execute(
            "SELECT street, subject, rater_group, measure, n FROM cells"
        ).fetchall()
    return {(street, subject, group, m): int(n) for street, subject, group, m, n in rows}


def _told(connection: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """Return the tables that what is told is made of."""
    queries = {
        "streets": "SELECT * FROM streets",
        "committees": "SELECT * FROM committees",
        "indicators": "SELECT * FROM indicators WHERE level = 'composite'",
        "freedom": "SELECT * FROM freedom",
    }
    return {name: connection.execute(query).df() for name, query in queries.items()}


def _fingerprint(tables: Mapping[str, pd.DataFrame]) -> str:
    seen = hashlib.sha256()
    for name, table in sorted(tables.items()):
        ordered = table.sort_values(list(table.columns), ignore_index=True).to_csv(index=False)
        seen.update(f"{name}\0".encode() + ordered.encode())
    return seen.hexdigest()
