"""The seals of the database: a fingerprint of every table's rows, kept in the file itself.

Whoever changes a row with SQL breaks the seal of its table. A seal has no secret: it shows
accidents and edits, not a forger who computes it anew; the log of runs holds the whole
fingerprint as well, and its last hash can be noted elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb
import pandas as pd

from evalkit.archive.content import FORMAT, SEALED_SINCE, as_json, digest, schema_of
from evalkit.archive.faults import Unusable
from evalkit.problems import archive

PREFIX = "seal:"
_INFO = "archive_info"


def seals(connection: duckdb.DuckDBPyConnection, number: int = FORMAT) -> dict[str, str]:
    """Return the SHA-256 of the rows of every table of a format, whatever order they lie in."""
    names = [name for name in schema_of(number) if name != _INFO]
    held = filled(connection, names)
    rows = {
        name: connection.execute(f'SELECT * FROM "{name}" ORDER BY ALL').df()
        if name in held
        else pd.DataFrame()
        for name in names
    }
    return {name: digest({name: table}) for name, table in rows.items()}


def filled(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> set[str]:
    """Return which tables hold rows, in one question: most have none, and each costs one more."""
    asked = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)
    return {name for name, count in connection.execute(asked).fetchall() if count}


def whole(connection: duckdb.DuckDBPyConnection) -> str:
    """Return one SHA-256 for all seals, which were checked when the file was opened."""
    found = connection.execute(
        f"SELECT key, value FROM {_INFO} WHERE key <> 'format' ORDER BY key"
    ).fetchall()
    return hashlib.sha256(as_json(dict(found)).encode()).hexdigest()


def write_seals(connection: duckdb.DuckDBPyConnection) -> None:
    """Seal what the tables hold now."""
    connection.execute(f"DELETE FROM {_INFO} WHERE starts_with(key, '{PREFIX}')")
    rows = [text for name, seal in seals(connection).items() for text in (PREFIX + name, seal)]
    places = ", ".join(["(?, ?)"] * (len(rows) // 2))
    connection.execute(f"INSERT INTO {_INFO} VALUES {places}", rows)


def check_seals(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Refuse tables whose rows are not those that were sealed; earlier formats have no seals."""
    if number < SEALED_SINCE:
        return
    rows = connection.execute(f"SELECT key, value FROM {_INFO} WHERE key <> 'format'").fetchall()
    now = {PREFIX + name: seal for name, seal in seals(connection, number).items()}
    kept = dict(rows)
    broken = [key.removeprefix(PREFIX) for key in now if kept.get(key) != now[key]]
    if broken or len(rows) != len(now):
        raise Unusable(archive.unsealed(broken or [_INFO]))
