"""Writing the database: all of an evaluation or nothing of it, and all of a wave or none of it out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from evalkit.archive.content import (
    COLUMNS_SINCE,
    FORMAT,
    PER_EVALUATION,
    PER_WAVE,
    SCHEMA,
    arrays_of,
    as_json,
    digest,
    digest_of_cells,
    distribution_table,
    evaluation_tables,
    long_cells,
    npy,
)
from evalkit.archive.faults import Unusable, collected, unwritable
from evalkit.archive.opening import connected, load_format, read
from evalkit.archive.reading import load_cells, load_digests
from evalkit.archive.seals import write_seals
from evalkit.engines.duckdb import SHUT
from evalkit.errors import Problems
from evalkit.problems import archive
from evalkit.tables import OVERALL, Cells, Evaluation


def store(path: Path, evaluation: Evaluation) -> bool:
    """Put an evaluation into the database; return whether the file changed.

    See `renew`.
    """
    fresh = path.with_name(path.name + ".new")
    if not renew(path, fresh, evaluation):
        return False
    problems = Problems()
    with collected(path, problems):
        os.replace(fresh, path)
        _flush(path.parent)
    problems.raise_if_any()
    return True


def renew(path: Path, fresh: Path, evaluation: Evaluation) -> bool:
    """Write the database with an evaluation in it as a new file; return whether there is need to.

    Cells of the evaluation's waves replace archived ones, unless they are those, arranged for
    another scheme; other waves stay. The results replace the published edition of the
    evaluation's wave as long as no later wave has been stored; after that they are kept beside
    it as its latest edition. Tables and views that an analyst made in the file stay.

    Parameters
    ----------
    path : Path
        The database as it is; it stays so.
    fresh : Path
        The new file, whole and on the disk when this returns.
    evaluation : Evaluation

    Raises
    ------
    InputErrors
        If the file cannot be read or written, or another program is at it.
    """
    problems = Problems()
    tables = evaluation_tables(evaluation)
    held = read(path, problems, lambda c: (load_format(c), load_digests(c), load_cells(c)))
    problems.raise_if_any()
    number, evaluations, archived = held or (FORMAT, {}, {})
    measured = [
        result.cells
        for wave, result in evaluation.waves.items()
        if wave not in archived or not _covers(archived[wave], result.cells)
    ]
    if number < FORMAT:
        fresh_waves = {cells.wave for cells in measured}
        measured += [cells for wave, cells in archived.items() if wave not in fresh_waves]
    elif not measured and _newest(evaluations, evaluation.wave) == digest(tables):
        return False
    key = {"evaluation": evaluation.wave, "edition": _edition(evaluations, evaluation.wave)}
    with _written(path, fresh) as connection:
        for cells in measured:
            _insert_cells(connection, cells)
        for name in PER_EVALUATION:
            if held:
                connection.execute(
                    f"DELETE FROM {name} WHERE evaluation = ? AND edition = ?", list(key.values())
                )
            _insert(connection, name, key, tables[name])
    return True


def without(path: Path, fresh: Path, wave: str) -> bool:
    """Write the database without a wave's cells and results; return whether it has any.

    What other waves' results say of it (comparisons, re-scored past) is theirs and stays. The
    rows are not in the new file at all, also not as free space.

    Raises
    ------
    InputErrors
        If the file cannot be read or written, or another program is at it.
    """
    problems = Problems()
    held = read(path, problems, lambda c: _holds(c, wave))
    problems.raise_if_any()
    if not held:
        return False
    rough = fresh.with_name(fresh.name + ".rough")
    with _written(path, rough) as connection:
        for name in PER_EVALUATION:
            connection.execute(f"DELETE FROM {name} WHERE evaluation = ?", [wave])
        for name in PER_WAVE:
            connection.execute(f"DELETE FROM {name} WHERE wave = ?", [wave])
    with _written(rough, fresh):
        pass
    rough.unlink()
    return True


def _holds(connection: duckdb.DuckDBPyConnection, wave: str) -> bool:
    columns = {"evaluations": "evaluation", "waves": "wave"}
    return any(
        connection.execute(f"SELECT 1 FROM {name} WHERE {key} = ? LIMIT 1", [wave]).fetchone()
        for name, key in columns.items()
    )


def check_writable(path: Path, problems: Problems) -> None:
    """Collect what would keep a new database from taking the place of this one."""
    with collected(path, problems):
        log = path.with_name(path.name + ".wal")
        if log.exists():
            raise Unusable(archive.unmerged(log.name))


def _covers(archived: Cells, cells: Cells) -> bool:
    """Tell whether cells are the archived ones, or a part of them in another order."""
    content = digest_of_cells(cells)
    if content == digest_of_cells(archived):
        return True
    *indicators, last = cells.measures
    if last != OVERALL or not set(cells.measures) <= set(archived.measures):
        return False
    if not set(cells.groups) <= set(archived.groups):
        return False
    part = archived.arranged(tuple(indicators), tuple(cells.groups))
    return digest_of_cells(part) == content


def _newest(evaluations: Mapping[tuple[str, str], str], wave: str) -> str | None:
    return evaluations.get((wave, "latest"), evaluations.get((wave, "published")))


def _edition(evaluations: Mapping[tuple[str, str], str], wave: str) -> str:
    first = (wave, "published") not in evaluations
    settled = any(other > wave for other, _ in evaluations)
    return "published" if first or not settled else "latest"


@contextmanager
def _written(path: Path, fresh: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Copy a database into a new file and give a connection to change it, in one transaction.

    When the block ends the new file is sealed and on the disk; where anything fails it is gone.
    """
    problems = Problems()
    check_writable(path, problems)
    problems.raise_if_any()
    with collected(path, problems):
        _clear(fresh)
        try:
            with connected(fresh, {"old": path} if path.exists() else {}) as connection:
                _copy(connection, path.exists())
                yield connection
                write_seals(connection)
                connection.execute("COMMIT")
                connection.execute("USE memory")
                connection.execute("DETACH fresh")
            _flush(fresh)
        except (duckdb.Error, OSError) as error:
            _clear(fresh)
            raise unwritable(error) from error
    problems.raise_if_any()


def _copy(connection: duckdb.DuckDBPyConnection, from_old: bool) -> None:
    """Begin a transaction in the new file, with all of the old one and every declared table."""
    if from_old:
        connection.execute("COPY FROM DATABASE old TO fresh")
        connection.execute("DETACH old")
    connection.execute("USE fresh")
    connection.execute("BEGIN")
    if from_old:
        _migrate(connection)
    connection.execute(_declarations())
    connection.execute("DELETE FROM archive_info WHERE key = 'format'")
    connection.execute("INSERT INTO archive_info VALUES ('format', ?)", [str(FORMAT)])


@cache
def _declarations() -> str:
    """Return what makes every declared table that is not there, in one statement after another."""
    made = []
    for name, columns in SCHEMA.items():
        declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        made.append(f'CREATE TABLE IF NOT EXISTS "{name}" ({declared})')
    return "; ".join(made)


def _migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the columns that earlier formats lack, and turn the notes of format 1 into facts."""
    there = set(
        connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'fresh'"
        ).fetchall()
    )
    tables = {table for table, _ in there}
    for table, columns_since in COLUMNS_SINCE.items():
        for column in columns_since:
            if table in tables and (table, column) not in there:
                kind = SCHEMA[table][column]
                connection.execute(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {kind}')
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'fresh' "
        "AND table_name = 'notes'"
    ).fetchall()
    if ("message",) not in columns:
        return
    connection.execute("ALTER TABLE notes ADD COLUMN facts VARCHAR")
    told = connection.execute("SELECT DISTINCT message FROM notes").fetchall()
    for (message,) in told:
        connection.execute(
            "UPDATE notes SET facts = ? WHERE message = ?", [as_json({"said": message}), message]
        )
    connection.execute("ALTER TABLE notes DROP COLUMN message")


def _insert_cells(connection: duckdb.DuckDBPyConnection, cells: Cells) -> None:
    layout = {
        "subjects": cells.subjects,
        "measures": cells.measures,
        "groups": list(cells.groups),
        "distributions": {str(c): str(t) for c, t in cells.distributions.dtypes.items()},
    }
    for name in PER_WAVE:
        connection.execute(f"DELETE FROM {name} WHERE wave = ?", [cells.wave])
    connection.execute(
        "INSERT INTO waves VALUES (?, ?, ?)", [cells.wave, digest_of_cells(cells), as_json(layout)]
    )
    key = {"wave": cells.wave}
    definitions = pd.DataFrame(cells.definitions.items(), columns=["indicator", "fingerprint"])
    _insert(connection, "definitions", key, definitions)
    _insert(connection, "distributions", key, distribution_table(cells))
    for code, group in cells.groups.items():
        _insert(connection, "cells", key, long_cells(cells, code, group))
        for name, values in arrays_of(group).items():
            if values is not None:
                connection.execute(
                    "INSERT INTO cell_arrays VALUES (?, ?, ?, ?)",
                    [cells.wave, code, name, npy(values)],
                )


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, key: Mapping[str, str], rows: pd.DataFrame
) -> None:
    if len(rows):
        incoming = rows.assign(**key, position=np.arange(len(rows)))
        connection.register("incoming", incoming[list(SCHEMA[name])])
        connection.execute(f'INSERT INTO "{name}" SELECT * FROM incoming')
        connection.unregister("incoming")


def _clear(fresh: Path) -> None:
    """Remove what a killed run left behind; refuse if a living one is still at it."""
    if fresh.exists():
        try:
            duckdb.connect(str(fresh), config=SHUT).close()
        except duckdb.Error as error:
            if "Could not set lock" in str(error):
                raise Unusable(archive.in_use(fresh.name)) from error
    for leftover in (fresh, fresh.with_name(fresh.name + ".wal")):
        leftover.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Make the disk remember a file; of a folder only where the system can."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
