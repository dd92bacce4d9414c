"""Opening the database: cut off from everything outside it, and only if its tables are its own.

A database file is input like any other. A view in it may read files, a macro may stand where a
table should, a generated column may compute what it likes; so every connection is denied files
and network and cannot be told otherwise, and a file in which anything but a plain table bears the
name of a declared table is refused.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import duckdb

from evalkit.archive.content import FORMAT, SCHEMA, schema_of
from evalkit.archive.faults import Unusable, collected
from evalkit.archive.seals import check_seals
from evalkit.engines.duckdb import OFFLINE, SHUT
from evalkit.errors import Problems
from evalkit.problems import archive

_MAGIC_AT, _MAGIC = 8, b"DUCK"

T = TypeVar("T")


def read(
    path: Path, problems: Problems, load: Callable[[duckdb.DuckDBPyConnection], T]
) -> T | None:
    """Return what `load` finds; None where there is no file, or (a problem) no usable one."""
    with collected(path, problems):
        if not path.exists():
            return None
        with path.open("rb") as file:
            if file.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] != _MAGIC:
                raise Unusable(archive.foreign(duckdb=False))
        with duckdb.connect(str(path), read_only=True, config=SHUT) as connection:
            _check(connection, path)
            try:
                return load(connection)
            except (ValueError, KeyError, TypeError, EOFError) as error:
                found = f"{type(error).__name__}: {error}"[:200]
                raise Unusable(archive.damaged(found)) from error
    return None


_SOUND: OrderedDict[str, None] = OrderedDict()
"""Fingerprints of files that were found sound by this process: the same bytes are so again."""
_REMEMBERED = 64


def _check(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse a file that is no whole database, sealed as it was written.

    A run opens the same file several times, and to look at every row is dear: of bytes that were
    found sound nothing is asked again. They are read while the connection keeps writers out.
    """
    seen = hashlib.sha256()
    for part in (path, path.with_name(f"{path.name}.wal")):
        if part.exists():
            with part.open("rb") as file:
                seen.update(hashlib.file_digest(file, "sha256").digest())
    if seen.hexdigest() in _SOUND:
        return
    check_seals(connection, _check_format(connection))
    _SOUND[seen.hexdigest()] = None
    if len(_SOUND) > _REMEMBERED:
        _SOUND.popitem(last=False)


def connected(fresh: Path, others: Mapping[str, Path]) -> duckdb.DuckDBPyConnection:
    """Return a connection that reaches a new file, as `fresh`, others by their names, and nothing else."""
    connection = duckdb.connect(":memory:", config=OFFLINE)
    try:
        connection.execute(f"ATTACH {_quoted(fresh)} AS fresh (BLOCK_SIZE 16384)")
        for name, path in others.items():
            connection.execute(f"ATTACH {_quoted(path)} AS {name} (READ_ONLY)")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def tables_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the names of the base tables of the file's main schema."""
    return {
        row[0]
        for row in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary "
            "AND database_name = current_database() AND schema_name = 'main'"
        ).fetchall()
    }


def _check_format(connection: duckdb.DuckDBPyConnection) -> int:
    """Refuse a file that is not a whole database of this format or an earlier one."""
    names = tables_of(connection)
    _check_impostors(connection)
    if "archive_info" not in names:
        raise Unusable(archive.foreign(duckdb=True))
    number = load_format(connection)
    schema = schema_of(number)
    if missing := sorted(set(schema) - names):
        raise Unusable(archive.lacks_tables(missing))
    described: dict[str, dict[str, str]] = {name: {} for name in schema}
    for name, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE schema_name = 'main' AND database_name = current_database()"
    ).fetchall():
        described.setdefault(name, {})[column] = kind
    for name, columns in schema.items():
        if described[name] != dict(columns):
            raise Unusable(archive.other_format(str(number), FORMAT, table=name))
    return number


def _check_impostors(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse whatever bears a declared table's name and is no plain table of the main schema."""
    found = connection.execute(
        "SELECT 'view', view_name FROM duckdb_views() WHERE NOT internal "
        "UNION ALL SELECT function_type, function_name FROM duckdb_functions() "
        "WHERE NOT internal AND database_name = current_database() "
        "UNION ALL SELECT 'table of schema ' || schema_name, table_name FROM duckdb_tables() "
        "WHERE NOT internal AND schema_name <> 'main' "
        "UNION ALL SELECT 'generated column', table_name FROM duckdb_tables() "
        "WHERE NOT internal AND contains(upper(sql), 'GENERATED ALWAYS')"
    ).fetchall()
    known = {name.lower() for name in SCHEMA}
    impostors = sorted(f"{name} ({kind})" for kind, name in found if name.lower() in known)
    if impostors:
        raise Unusable(archive.impostors(impostors))


def load_format(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the format of a database; raise `Unusable` if this version does not know it."""
    row = connection.execute("SELECT value FROM archive_info WHERE key = 'format'").fetchone()
    if row is None or row[0] not in map(str, range(1, FORMAT + 1)):
        raise Unusable(archive.other_format(None if row is None else str(row[0]), FORMAT))
    return int(row[0])
