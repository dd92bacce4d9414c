"""Cells as `evaluation.duckdb` keeps them, for looking at the later steps alone."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from tests.recomputation.scores import Wave

Array = np.ndarray


@dataclass(frozen=True)
class Cell:
    """As `cells.Cell`: arrays over committees and measures (indicators, then the overall item)."""

    n: Array
    n_effective: Array
    n_measure: Array
    mean: Array
    covariance: Array
    df: Array
    joint: Array | None = None


def wave(database: Path, name: str) -> Wave:
    with duckdb.connect(str(database), read_only=True) as connection:
        (layout,) = connection.execute("SELECT layout FROM waves WHERE wave = ?", [name]).fetchone()
        rows = connection.execute(
            "SELECT rater_group, name, data FROM cell_arrays WHERE wave = ?", [name]
        ).fetchall()
    arrays: dict[str, dict[str, Array]] = {}
    for group, array, data in rows:
        arrays.setdefault(group, {})[array] = np.load(io.BytesIO(bytes(data)), allow_pickle=False)
    for found in arrays.values():
        influence = found.pop("influence", None)
        if influence is not None:
            found["joint"] = np.einsum("rki,rlj->kilj", influence, influence)
    cells = {group: Cell(**found) for group, found in arrays.items()}
    return Wave(name, list(json.loads(layout)["subjects"]), cells)
