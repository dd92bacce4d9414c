"""Published files read back in full precision, and set beside a recomputed table."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

TEXT = {
    "wave", "subject", "name", "grade", "code", "level", "group", "from_wave", "to_wave",
    "verdict", "by", "value", "change_verdict", "item", "role", "label",
}  # fmt: skip


def published(path: Path) -> pd.DataFrame:
    """Read a CSV file: texts as texts, numbers to the last place, NaN where no number stands."""
    frame = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    flags = {"": np.nan, "True": 1.0, "False": 0.0}
    for name in frame:
        if name not in TEXT:
            frame[name] = [flags[cell] if cell in flags else float(cell) for cell in frame[name]]
    return frame


def assert_same(recomputed: pd.DataFrame, file: pd.DataFrame, *, within: float = 1e-9) -> None:
    """Every row, in order, and every column: texts alike, numbers within 1e-9 of their size.

    Numbers of another size than points count in their own: |a - b| <= within * max(1, |b|) for
    everything but p-values, of which also the smallest are compared by their ratio.
    """
    assert list(recomputed.columns) == list(file.columns)
    assert len(recomputed) == len(file)
    wrong = []
    for name in file:
        if name in TEXT:
            own = [("" if pd.isna(value) else str(value)) for value in recomputed[name]]
            differs = np.array([a != b for a, b in zip(own, file[name], strict=True)], dtype=bool)
        else:
            a = recomputed[name].to_numpy(dtype=float)
            b = file[name].to_numpy(dtype=float)
            size = np.abs(b) if "p_adjusted" in name else np.maximum(np.abs(b), 1.0)
            allowed = (1e-6 if "p_adjusted" in name else within) * size + 1e-300
            with np.errstate(invalid="ignore"):
                differs = ~((np.abs(a - b) <= allowed) | (np.isnan(a) & np.isnan(b)))
        for row in np.flatnonzero(differs)[:5]:
            at = ", ".join(
                str(file[key].iloc[row])
                for key in ("subject", "code", "group", "by", "value")
                if key in file
            )
            wrong.append(
                f"{name} of {at}: {recomputed[name].iloc[row]!r}, {file[name].iloc[row]!r}"
            )
    assert not wrong, "recomputed, published: " + "; ".join(wrong)


def of_past_wave(database: Path, table: str, wave: str) -> pd.DataFrame:
    """Read a wave's rows of a table as the latest evaluation left it in `evaluation.duckdb`."""
    with duckdb.connect(str(database), read_only=True) as connection:
        frame = connection.execute(
            f"SELECT * FROM {table} WHERE wave = ? AND (evaluation, edition) = ("
            "SELECT (evaluation, edition) FROM evaluations ORDER BY evaluation DESC, edition LIMIT 1"
            ") ORDER BY position",
            [wave],
        ).df()
    frame = frame.drop(columns=["evaluation", "edition", "position"])
    frame = frame.rename(columns={"rater_group": "group"})
    texts = [name for name in frame if name in TEXT]
    return frame.assign(**{name: frame[name].fillna("").astype(str) for name in texts})
