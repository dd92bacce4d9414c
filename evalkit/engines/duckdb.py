"""Rows in an embedded DuckDB: sorted once (on disk where memory is short), streamed by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pandas as pd


class DuckDBEngine:
    """An `Engine` that sorts in DuckDB and reads the result as a stream of chunks.

    Parameters
    ----------
    memory : str
        DuckDB's own limit; beyond it, it sorts on disk.
    """

    def __init__(self, memory: str = "2GB") -> None:
        self._memory = memory

    def cells(
        self, frame: pd.DataFrame, keys: Sequence[str], order: str
    ) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
        """Yield the rows of every cell, in ascending order of its key; see `Engine.cells`."""
        if frame.empty:
            return
        columns = ", ".join(f'"{key}"' for key in (*keys, order))
        with duckdb.connect(":memory:", config={"memory_limit": self._memory}) as connection:
            connection.register("answers", frame)
            result = connection.execute(f"SELECT * FROM answers ORDER BY {columns}")
            pending: pd.DataFrame | None = None
            while not (chunk := result.fetch_df_chunk()).empty:
                rows = chunk if pending is None else pd.concat([pending, chunk], ignore_index=True)
                parts = list(rows.groupby(list(keys), sort=False))
                for key, part in parts[:-1]:
                    yield _key(key), part.reset_index(drop=True)
                pending = parts[-1][1].reset_index(drop=True)
            if pending is not None:
                yield _key(tuple(pending.loc[0, list(keys)])), pending


def _key(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, tuple) else (str(values),)
