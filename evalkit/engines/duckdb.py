"""Rows sorted once and streamed by cell: few of them here, many in an embedded DuckDB, on disk where memory is short."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd

from evalkit.errors import InputErrors
from evalkit.files.texts import TextsDtype
from evalkit.problems import evaluation

OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""DuckDB would otherwise fetch extensions from the network for files of other databases."""

SHUT = {**OFFLINE, "enable_external_access": False, "lock_configuration": True}
"""How every connection is opened: it reaches no file but its own, and nothing can open it up."""


FEW = 200_000
"""So many rows are sorted where they are: opening a database costs more than that."""


class DuckDBEngine:
    """An `Engine` that sorts in DuckDB and reads the result as a stream of chunks.

    Parameters
    ----------
    memory : str
        DuckDB's own limit; beyond it, it sorts on disk.
    few : int
        Up to so many rows are not handed to DuckDB at all.
    """

    def __init__(self, memory: str = "2GB", few: int = FEW) -> None:
        self._memory = memory
        self._few = few

    def cells(
        self, frame: pd.DataFrame, keys: Sequence[str], order: str
    ) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
        """Yield the rows of every cell, in ascending order of its key; see `Engine.cells`."""
        if frame.empty:
            return
        if len(frame) <= self._few:
            yield from _cut(frame.sort_values([*keys, order], kind="stable"), list(keys))
            return
        columns = ", ".join(f'"{key}"' for key in (*keys, order))
        with tempfile.TemporaryDirectory(prefix="evalkit-") as spill:
            config = {**SHUT, "memory_limit": self._memory, "temp_directory": spill}
            try:
                with duckdb.connect(":memory:", config=config) as connection:
                    connection.register("answers", _known(frame))
                    query = f"SELECT * FROM answers ORDER BY {columns}"
                    yield from _streamed(connection.execute(query), list(keys))
            except duckdb.Error as error:
                raise InputErrors([evaluation.out_of_room(str(error).splitlines()[0])]) from error


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts are of a kind that DuckDB knows."""
    own = [name for name, kind in frame.dtypes.items() if isinstance(kind, TextsDtype)]
    return frame.astype(dict.fromkeys(own, object))


def _cut(rows: pd.DataFrame, keys: list[str]) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    texts = [rows[key].to_numpy(dtype=object) for key in keys]
    new = np.logical_or.reduce([text[1:] != text[:-1] for text in texts])
    begins = [0, *(np.flatnonzero(new) + 1).tolist(), len(rows)]
    for first, last in pairwise(begins):
        part = rows.iloc[first:last]
        yield _key(tuple(text[first] for text in texts)), part.reset_index(drop=True)


def _streamed(
    result: duckdb.DuckDBPyConnection, keys: list[str]
) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    pending: pd.DataFrame | None = None
    while not (chunk := result.fetch_df_chunk()).empty:
        rows = chunk if pending is None else pd.concat([pending, chunk], ignore_index=True)
        parts = list(rows.groupby(keys, sort=False))
        for key, part in parts[:-1]:
            yield _key(key), part.reset_index(drop=True)
        pending = parts[-1][1].reset_index(drop=True)
    if pending is not None:
        yield _key(tuple(pending.loc[0, keys])), pending


def _key(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, tuple) else (str(values),)
