"""Coded rows of three streets, and what their scores are by the long way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.engines import parquet
from evalkit.engines.sums import Source
from evalkit.methods.coded import CodeBook

SCORES = (100.0, 80.0, 60.0, 30.0, 0.0, None)
SCALE = (200, 1, 600, 1)
ASKED = (("a1", "a2"), ("b1",), ("c1", "c2", "c3"), ("o1",))
LEAST = (1, 1, 2, 1)
COVERED = {"key": (True, True, True, True), "random": (True, False, True, True)}


def book() -> CodeBook:
    scores = {
        column: tuple(None if s is None else int(s * scale) for s in SCORES)
        for columns, scale in zip(ASKED, SCALE, strict=True)
        for column in columns
    }
    return CodeBook(SCALE, scores, ASKED, LEAST, COVERED)


def rows(n: int = 3000, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    street = rng.integers(0, 3, n)
    table = pd.DataFrame(
        {
            "street": pd.Series([f"s{at}" for at in street], dtype=object),
            "subject": pd.Series(
                [f"s{at}-{k}" for at, k in zip(street, rng.integers(0, 4, n), strict=True)],
                dtype=object,
            ),
            "group": pd.Series(np.array(["key", "random"])[rng.integers(0, 2, n)], dtype=object),
        }
    )
    for column in book().scores:
        table[column] = rng.integers(-1, len(SCORES), n).astype(np.int8)
    return table


def numbers(table: pd.DataFrame) -> np.ndarray:
    """Every respondent's scores (n, I), worked out one answer at a time."""
    found = np.full((len(table), len(ASKED)), np.nan)
    for at, (_, row) in enumerate(table.iterrows()):
        for place, columns in enumerate(ASKED):
            codes = [int(row[column]) for column in columns]
            told = [s for c in codes if c >= 0 and (s := SCORES[c]) is not None]
            if len(told) >= LEAST[place] and COVERED[str(row["group"])][place]:
                found[at, place] = sum(told) / len(told)
    return found


def source(*files: Path) -> Source:
    return Source("resident", tuple(map(str, files)), book())


def written(table: pd.DataFrame, folder: Path, files: int = 1) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"part {at}.parquet" for at in range(files)]
    for at, path in enumerate(paths):
        parquet.write(table.iloc[at::files], path)
    return paths
