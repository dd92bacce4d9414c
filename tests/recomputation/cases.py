"""One evaluated street: its folder, its results, and what the recomputation reads from its files."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from tests.recomputation import cells, documents, rows

TEXTS = (
    "wave", "subject", "item", "option", "name", "code", "group", "level", "verdict", "file",
    "from_wave", "to_wave", "grade", "scenario", "band", "kind", "by", "value", "target",
)  # fmt: skip


@cache
def rows_of(street: Path) -> dict[str, rows.Rows]:
    """Wave -> kept and rejected rows of the files in a folder, read once a process."""
    read = documents.read(street)
    return {wave["id"]: rows.read(read, wave["id"]) for wave in read.waves}


@cache
def cells_of(street: Path) -> dict[str, dict[str, cells.Cell]]:
    """Wave -> rater group -> cells."""
    read = documents.read(street)
    return {wave: cells.cells(read, own) for wave, own in rows_of(street).items()}


@dataclass(frozen=True)
class Case:
    """A street as it was published (`folder`), and with all its files (`source`).

    They differ only where past waves are recalled from the database.
    """

    folder: Path
    source: Path

    @cached_property
    def street(self) -> documents.Street:
        return documents.read(self.source)

    @property
    def rows(self) -> dict[str, rows.Rows]:
        return rows_of(self.source)

    @property
    def cells(self) -> dict[str, dict[str, cells.Cell]]:
        return cells_of(self.source)

    @property
    def wave(self) -> str:
        """The wave that is reported on."""
        return str(self.street.waves[-1]["id"])

    @property
    def out(self) -> Path:
        return self.folder / "out" / self.wave

    def table(self, name: str) -> pd.DataFrame:
        """A published table: texts (None where empty), flags, and numbers by Python's own float."""
        with (self.out / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            header, *lines = csv.reader(file)
        columns = {
            column: [_value(line[at], column in TEXTS) for line in lines]
            for at, column in enumerate(header)
        }
        return pd.DataFrame(columns, columns=header)

    def json(self, name: str) -> Any:
        return json.loads((self.out / f"{name}.json").read_text(encoding="utf-8"))

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        with duckdb.connect(str(self.folder / "evaluation.duckdb"), read_only=True) as database:
            return database.execute(sql, list(values)).fetchall()

    def arrays(self, wave: str, group: str) -> dict[str, np.ndarray]:
        """The archived arrays of one rater group's cells."""
        found = self.query(
            "select name, data from cell_arrays where wave = ? and rater_group = ?", wave, group
        )
        return {name: np.load(io.BytesIO(data)) for name, data in found if data is not None}


def _value(cell: str, is_text: bool) -> str | float | bool | None:
    if is_text:
        return cell or None
    flags: dict[str, float | bool] = {"": np.nan, "True": True, "False": False}
    return flags[cell] if cell in flags else float(cell)
