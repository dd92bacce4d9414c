"""Writing the database: all of an evaluation or nothing of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from evalkit.archive.content import (
    ARRAYS,
    FORMAT,
    PER_EVALUATION,
    PER_WAVE,
    SCHEMA,
    as_json,
    digest,
    digest_of_cells,
    distribution_table,
    evaluation_tables,
    long_cells,
    npy,
)
from evalkit.archive.faults import Unusable, collected, unwritable
from evalkit.archive.reading import CONFIG, load_cells, load_digests, load_format, read
from evalkit.errors import Problems
from evalkit.problems import archive
from evalkit.tables import OVERALL, Cells, Evaluation


def store(path: Path, evaluation: Evaluation) -> bool:
    """Put an evaluation into the database; return whether the file changed.

    Cells of the evaluation's waves replace archived ones, unless they are those, arranged for
    another scheme; other waves stay. The results replace the published edition of the
    evaluation's wave as long as no later wave has been stored; after that they are kept beside
    it as its latest edition. Tables and views that an analyst made in the file stay.

    Raises
    ------
    InputErrors
        If the file cannot be read or written, or another program is at it; it is as before.
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
    if not measured and _newest(evaluations, evaluation.wave) == digest(tables):
        return False
    edition = _edition(evaluations, evaluation.wave)
    fresh = path.with_name(path.name + ".new")
    with collected(path, problems):
        log = path.with_name(path.name + ".wal")
        if log.exists():
            raise Unusable(archive.unmerged(log.name))
        _clear(fresh)
        try:
            _write(
                path, fresh, measured, {"evaluation": evaluation.wave, "edition": edition}, tables
            )
            _flush(fresh)
            os.replace(fresh, path)
        except (duckdb.Error, OSError) as error:
            _clear(fresh)
            raise unwritable(error) from error
        _flush(path.parent)
    problems.raise_if_any()
    return True


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


def _write(
    path: Path,
    fresh: Path,
    measured: Sequence[Cells],
    key: Mapping[str, str],
    tables: Mapping[str, pd.DataFrame],
) -> None:
    with duckdb.connect(":memory:", config=CONFIG) as connection:
        connection.execute(f"ATTACH {_quoted(fresh)} AS fresh (BLOCK_SIZE 16384)")
        if path.exists():
            connection.execute(f"ATTACH {_quoted(path)} AS old (READ_ONLY)")
            connection.execute("COPY FROM DATABASE old TO fresh")
            connection.execute("DETACH old")
        connection.execute("USE fresh")
        connection.execute("BEGIN")
        _migrate(connection)
        for name, columns in SCHEMA.items():
            declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            connection.execute(f'CREATE TABLE IF NOT EXISTS "{name}" ({declared})')
        connection.execute("DELETE FROM archive_info WHERE key = 'format'")
        connection.execute("INSERT INTO archive_info VALUES ('format', ?)", [str(FORMAT)])
        for cells in measured:
            _insert_cells(connection, cells)
        for name in PER_EVALUATION:
            connection.execute(
                f"DELETE FROM {name} WHERE evaluation = ? AND edition = ?", list(key.values())
            )
            _insert(connection, name, key, tables[name])
        connection.execute("COMMIT")
        connection.execute("USE memory")
        connection.execute("DETACH fresh")


def _migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Turn the notes of format 1, which were sentences, into facts."""
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
        for name in ARRAYS:
            values = getattr(group, name)
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


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _clear(fresh: Path) -> None:
    """Remove what a killed run left behind; refuse if a living one is still at it."""
    if fresh.exists():
        try:
            duckdb.connect(str(fresh), config=CONFIG).close()
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
