"""Sums on this machine: DuckDB reads the files, every process adds up its share of them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

import duckdb
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from evalkit.engines.duckdb import OFFLINE
from evalkit.engines.sums import (
    KEYS,
    NULL,
    SKIPPED,
    Partial,
    Source,
    fault_of_values,
    faults_of_columns,
    put_together,
    refuse,
    unknown_columns,
)
from evalkit.errors import Problem
from evalkit.methods.coded import Bytes, Places, Summing
from evalkit.methods.gram import CellSums
from evalkit.problems import coded as problems_of
from evalkit.worker import begin, startable

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
VECTORS = 64
"""DuckDB's vectors of 2,048 rows that are read at a time."""


class LocalEngine:
    """A `SumEngine` of processes on this machine.

    Parameters
    ----------
    jobs : int
        Processes; 1 works in this one.
    """

    def __init__(self, jobs: int = 1) -> None:
        self._jobs = startable(jobs)

    def sums(self, sources: Sequence[Source]) -> dict[str, CellSums]:
        """Return the sums of every questionnaire's cells; see `SumEngine.sums`."""
        refuse([problem for source in sources for problem in _faults(source)])
        shares = [share for source in sources for share in _shares(source, self._jobs)]
        parts = list(self._worked(shares))
        found, problems = {}, []
        for source in sources:
            own = [
                part
                for share, part in zip(shares, parts, strict=True)
                if share.questionnaire == source.questionnaire
            ]
            problems += [
                fault_of_values(source, c, _values(source, c)) for c in unknown_columns(own)
            ]
            found[source.questionnaire] = put_together(source, own)
        refuse(problems)
        return found

    def _worked(self, shares: Sequence[Source]) -> Iterator[Partial]:
        if self._jobs < 2 or len(shares) < 2:
            yield from map(add_up, shares)
            return
        context = multiprocessing.get_context("spawn")
        count = min(self._jobs, len(shares))
        with ProcessPoolExecutor(count, mp_context=context, initializer=begin) as pool:
            yield from pool.map(add_up, shares)


def _shares(source: Source, jobs: int) -> list[Source]:
    """Deal a questionnaire's files out to so many processes."""
    dealt = [source.files[at::jobs] for at in range(min(jobs, len(source.files)))]
    return [Source(source.questionnaire, files, source.book) for files in dealt]


def add_up(source: Source) -> Partial:
    """Return the sums of these files, added up in this process."""
    summing = Summing(source.book)
    with _opened() as connection, threadpool_limits(limits=1, user_api="blas"):
        rows = _table(source)
        cells = connection.execute(
            f"SELECT DISTINCT {', '.join(_text(key) for key in KEYS)} FROM {rows}"
        ).fetchall()
        several = [
            (at, key) for at, key in enumerate(KEYS) if len({cell[at] for cell in cells}) > 1
        ]
        for at, key in several:
            values = ", ".join(_quoted(value) for value in sorted({cell[at] for cell in cells}))
            connection.execute(f'CREATE TYPE "of_{key}" AS ENUM ({values})')
        wanted = [f'CAST({_text(key)} AS "of_{key}") AS "{key}"' for _, key in several]
        wanted += [
            f'TRY_CAST("{column}" AS TINYINT) AS "{column}"' for column in source.book.scores
        ]
        connection.execute(f"SELECT {', '.join(wanted)} FROM {rows}")
        names = [next(iter({cell[at] for cell in cells}), "") for at in range(len(KEYS))]
        while not (chunk := connection.fetch_df_chunk(VECTORS)).empty:
            keys, places = _cells(chunk, names)
            summing.add(keys, places, {c: _bytes(chunk[c]) for c in source.book.scores})
    n, products = summing.total()
    return Partial(summing.keys, n, products, summing.unknown)


def _bytes(column: pd.Series[int]) -> Bytes:
    """Return the bytes of a column; where something was NULL, pandas holds other numbers than these."""
    if column.dtype != np.int8:
        column = column.astype("Float64").fillna(NULL).astype(np.int8)
    return column.to_numpy().view(np.uint8)


def _cells(chunk: pd.DataFrame, names: Sequence[str]) -> tuple[list[tuple[str, ...]], Places]:
    """Return the keys of a block's cells, and of every row its place among them.

    `names` are the keys of all rows where the block does not tell.
    """
    told = [key for key in KEYS if key in chunk]
    if not told:
        return [tuple(names)], np.zeros(len(chunk), dtype=np.intp)
    codes = [chunk[key].cat.codes.to_numpy() for key in told]
    changes = np.logical_or.reduce([own[1:] != own[:-1] for own in codes])
    begins = np.append(0, np.flatnonzero(changes) + 1)
    heads = np.array([own[begins] for own in codes], dtype=np.int64)
    distinct, of = np.unique(heads, axis=1, return_inverse=True)
    labels = {
        key: chunk[key].cat.categories[own].tolist()
        for key, own in zip(told, distinct, strict=True)
    }
    keys = [
        tuple(labels[key][at] if key in labels else names[place] for place, key in enumerate(KEYS))
        for at in range(distinct.shape[1])
    ]
    lengths = np.diff(np.append(begins, len(chunk)))
    return keys, np.repeat(of.reshape(-1).astype(np.intp), lengths)


def _faults(source: Source) -> list[Problem]:
    try:
        with _opened() as connection:
            found = connection.execute(f"DESCRIBE SELECT * FROM {_table(source)}").fetchall()
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        return [problems_of.unreadable_rows(source.questionnaire, said)]
    return faults_of_columns(source, {str(row[0]): str(row[1]) for row in found}, WHOLE)


def _values(source: Source, column: str) -> list[tuple[int | None, int]]:
    """Return the numbers of a column that no option has, and of how many rows."""
    known = ", ".join(map(str, [SKIPPED, *range(len(source.book.scores[column]))]))
    with _opened() as connection:
        found = connection.execute(
            f'SELECT "{column}", count(*) FROM {_table(source)} '
            f'WHERE "{column}" IS NULL OR "{column}" NOT IN ({known}) GROUP BY 1'
        ).fetchall()
    return [(None if value is None else int(value), int(count)) for value, count in found]


def _opened() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={**OFFLINE, "threads": 1, "memory_limit": "512MB"})


def _table(source: Source) -> str:
    files = ", ".join(_quoted(_literally(file)) for file in source.files)
    return f"read_parquet([{files}], union_by_name = true)"


def _literally(path: str) -> str:
    """Return what names this file and no other: paths may hold what stands for any character."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _text(key: str) -> str:
    return f"coalesce(CAST(\"{key}\" AS VARCHAR), '')"
