"""The city's database as a file of SQL for another one: what has been published, and nothing else.

Cells and degrees of freedom stay behind: they have full precision also of what a street keeps back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from evalkit import keeping
from evalkit.archive import city as archive
from evalkit.city.rolling import is_current
from evalkit.city.town import DATABASE, Town
from evalkit.errors import InputErrors
from evalkit.problems import city as problems_of

KINDS = {
    "VARCHAR": "text",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
}
SCHEMA = "evalkit"
ROWS = 500
"""Rows of one statement."""


def export(town: Town, database: str, file: Path) -> dict[str, int]:
    """Write the published tables of ``city.duckdb`` as SQL; the same file for the same database.

    Parameters
    ----------
    database : {"postgres"}
    file : Path

    Returns
    -------
    dict of table to int
        How many rows were written.

    Raises
    ------
    InputErrors
        For another database; if there is no database of the city, streets have changed since it was
        made, or a text holds what PostgreSQL cannot.
    """
    if database != "postgres":
        raise InputErrors([problems_of.unknown_export(database)])
    with keeping.told():
        tables = archive.read_published(town.root / DATABASE)
        if tables is None:
            raise InputErrors([problems_of.nothing_rolled_up()])
        if not is_current(town):
            raise InputErrors([problems_of.rolled_up_before([])])
        for name, (_, rows) in tables.items():
            if any("\0" in value for row in rows for value in row if isinstance(value, str)):
                raise InputErrors([problems_of.not_exportable(name)])
        keeping.place({file.name: "".join(_text(tables)).encode()}, file.parent)
    return {name: len(rows) for name, (_, rows) in tables.items()}


def _text(tables: archive.Tables) -> Iterator[str]:
    yield "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nBEGIN;\n"
    yield f"CREATE SCHEMA IF NOT EXISTS {SCHEMA};\n"
    for name, (columns, rows) in tables.items():
        declared = ",\n".join(f'  "{column}" {KINDS[kind]}' for column, kind in columns.items())
        yield f'DROP TABLE IF EXISTS {SCHEMA}."{name}";\n'
        yield f'CREATE TABLE {SCHEMA}."{name}" (\n{declared}\n);\n'
        names = ", ".join(f'"{column}"' for column in columns)
        for first in range(0, len(rows), ROWS):
            lines = ",\n".join(_row(row) for row in rows[first : first + ROWS])
            yield f'INSERT INTO {SCHEMA}."{name}" ({names}) VALUES\n{lines};\n'
    yield "COMMIT;\n"


def _row(row: Sequence[object]) -> str:
    return "(" + ", ".join(_value(value) for value in row) + ")"


def _value(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"'{value}'"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
