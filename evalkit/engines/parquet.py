"""Coded rows as Parquet: the same bytes for the same rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from evalkit.engines.duckdb import OFFLINE

GROUP = 122_880
"""Rows of a group of rows: what may be read apart, so that several tasks share one file."""


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write a frame of texts and signed bytes as a new file, its rows in their order."""
    kinds = ", ".join(
        f'CAST("{name}" AS {"TINYINT" if dtype == np.int8 else "VARCHAR"}) AS "{name}"'
        for name, dtype in rows.dtypes.items()
    )
    name = str(path).replace("'", "''")
    with duckdb.connect(":memory:", config={**OFFLINE, "threads": 1}) as connection:
        connection.register("coded_rows", rows)
        connection.execute(
            f"COPY (SELECT {kinds} FROM coded_rows) TO '{name}' "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})"
        )
