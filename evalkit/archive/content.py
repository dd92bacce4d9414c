"""What the database holds: its tables, an evaluation as those tables, and their fingerprints."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.definitions.yaml_text import dump_yaml
from evalkit.errors import Note
from evalkit.tables import (
    FRAMES,
    REGISTRY,
    Cells,
    Column,
    Evaluation,
    FileReport,
    GroupCells,
    Overlap,
)
from evalkit.version import __version__

FORMAT = 8
"""Raised when the tables below change; since 3 every table has a seal, see `archive.seals`."""

SEALED_SINCE = 3

SINCE: Mapping[str, int] = {
    "needs": 2,
    "themes": 2,
    "peer_groups": 2,
    "street_means": 2,
    "satisfaction": 4,
    "design_effects": 5,
    "follow_up": 5,
    "peers": 5,
    "reliability": 6,
    "samples": 6,
    "ledgers": 6,
    "objective": 6,
    "clocks": 7,
    "flows": 7,
    "demand": 7,
    "listed": 7,
    "points": 7,
    "validity": 7,
    "claims": 7,
    "dimension_changes": 6,
    "forecasts": 6,
    "series": 6,
    "trends": 6,
    "profiles": 6,
    "composition": 6,
    "modes": 7,
    "extremes": 7,
    "multilevel": 7,
    **dict.fromkeys(("tracks", "track_grades", "persons", "raters", "quotas"), 7),
    "lineage": 7,
    "rollup": 7,
    "integrity": 8,
}
"""Tables that files of an earlier format lack: they are read as empty, and made when written."""

COLUMNS_SINCE: Mapping[str, Mapping[str, int]] = {
    "plan": {"detectable": 6, "power": 6},
    "changes": {
        **dict.fromkeys(("change_se", "change_p_adjusted", "change_verdict"), 4),
        **dict.fromkeys(("change_rank", "change_rank_low", "change_rank_high"), 6),
    },
}
"""Columns that an earlier format's tables lack, the last ones of each: empty in older rows."""

OF_AGAIN = ("again_wave", "again_mark", "again_pairs", "again_share", "again_covariance")
"""The arrays of `GroupCells.again`, each with a row for every later wave."""

ARRAYS = (
    *("n", "n_effective", "n_measure", "mean", "covariance", "influence", "df", "who"),
    *OF_AGAIN,
)
"""The arrays of a `GroupCells`, each kept exactly."""

LATER = frozenset({"who", *OF_AGAIN})
"""Of these, those that formats before 6 lack: where one is absent, cells are what they were."""

NOTES_OF_FORMAT_1 = ("evaluation", "edition", "position", "code", "message", "place", "count")
"""Its notes were sentences; they are kept as their only fact."""

ARRAYS_OF_FORMAT_1 = tuple(
    "joint" if name == "influence" else name for name in ARRAYS if name not in LATER
)

_SQL = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "flag": "BOOLEAN"}


def sql_name(name: str) -> str:
    """Return what a frame's column is called in SQL, where ``group`` is a keyword."""
    return "rater_group" if name == "group" else name


def _sql(*columns: str) -> dict[str, str]:
    pairs = (column.rsplit(" ", 1) for column in columns)
    return {name: kind for names, kind in pairs for name in names.split(", ")}


def _of_frame(declared: Sequence[Column]) -> dict[str, str]:
    return {sql_name(column.name): _SQL[column.kind] for column in declared}


_OF_EVALUATION = _sql("evaluation, edition VARCHAR", "position BIGINT")
_OF_WAVE = _sql("wave VARCHAR", "position BIGINT")

PER_EVALUATION: Mapping[str, Mapping[str, str]] = {
    "evaluations": _OF_EVALUATION
    | _sql(
        "title, street, waves, scheme_id, scheme_fingerprint, scheme VARCHAR",
        "evaluation_order, roster, reliability, gap, fingerprint, evalkit_version VARCHAR",
        "seed BIGINT",
    ),
    **{frame.name: _OF_EVALUATION | _of_frame(FRAMES[frame.name]) for frame in REGISTRY},
    "findings": _OF_EVALUATION
    | _sql(
        "kind, subject, code, name VARCHAR",
        "estimate, street, difference, se, p_adjusted DOUBLE",
    ),
    "files": _OF_EVALUATION
    | _sql(
        "file, wave, questionnaire, platform, variant, encoding, sha256 VARCHAR",
        "rows_read, rows_kept, rows_rejected BIGINT",
        "rejected_by_reason, details VARCHAR",
    ),
    "notes": _OF_EVALUATION | _sql("code, place VARCHAR", "count BIGINT", "facts VARCHAR"),
    "inputs": _OF_EVALUATION | _sql("file, sha256 VARCHAR"),
}
"""Tables kept per evaluation: its wave, its edition, and a row's place among its rows."""

PER_WAVE: Mapping[str, Mapping[str, str]] = {
    "waves": _sql("wave, content, layout VARCHAR"),
    "definitions": _OF_WAVE | _sql("indicator, fingerprint VARCHAR"),
    "cells": _sql(
        "wave, subject, rater_group, measure VARCHAR",
        "answers BIGINT",
        "n_effective DOUBLE",
        "n BIGINT",
        "mean, se DOUBLE",
    ),
    "cell_arrays": _sql("wave, rater_group, name VARCHAR", "data BLOB"),
    "distributions": _OF_WAVE | _of_frame(FRAMES["distributions"]),
}
"""Tables that hold a wave's cells."""

SCHEMA: Mapping[str, Mapping[str, str]] = {
    "archive_info": _sql("key, value VARCHAR"),
    **PER_EVALUATION,
    **PER_WAVE,
}


def schema_of(format_number: int) -> dict[str, dict[str, str]]:
    """Return the tables that a database of this format has."""
    known = {
        name: {
            column: kind
            for column, kind in columns.items()
            if COLUMNS_SINCE.get(name, {}).get(column, 1) <= format_number
        }
        for name, columns in SCHEMA.items()
        if SINCE.get(name, 1) <= format_number
    }
    if format_number == 1:
        kinds = {**SCHEMA["notes"], "message": "VARCHAR"}
        known["notes"] = {name: kinds[name] for name in NOTES_OF_FORMAT_1}
    return known


def evaluation_tables(evaluation: Evaluation) -> dict[str, pd.DataFrame]:
    """Return everything that is kept per evaluation, without wave, edition and position."""
    scheme = dump_yaml(evaluation.scheme)
    about = {
        "title": evaluation.order.title,
        "street": evaluation.order.street,
        "waves": as_json(list(evaluation.waves)),
        "scheme_id": evaluation.scheme.id,
        "scheme_fingerprint": hashlib.sha256(scheme.encode()).hexdigest(),
        "scheme": scheme,
        "evaluation_order": dump_yaml(evaluation.order),
        "roster": dump_yaml(evaluation.roster),
        "reliability": as_json(evaluation.assurance.reliability),
        "gap": as_json(evaluation.assurance.gap),
        "fingerprint": evaluation.fingerprint,
        "evalkit_version": __version__,
        "seed": evaluation.order.settings.seed,
    }
    findings = [f for subject in evaluation.diagnoses.values() for f in subject.findings]
    finding = [name for name in PER_EVALUATION["findings"] if name not in _OF_EVALUATION]
    tables = {
        "evaluations": pd.DataFrame([about]),
        "findings": pd.DataFrame(
            [[getattr(f, name) for name in finding] for f in findings], columns=finding
        ),
        "files": pd.DataFrame([_file_row(report) for report in evaluation.reports]),
        "notes": pd.DataFrame(
            [_note(note) for note in evaluation.notes], columns=["code", "place", "count", "facts"]
        ),
        "inputs": pd.DataFrame(
            sorted(evaluation.decided.digests.items()), columns=["file", "sha256"]
        ),
    }
    for frame in REGISTRY:
        rows = frame.archived(evaluation)
        tables[frame.name] = rows.rename(columns=sql_name).reset_index(drop=True)
    return tables


def _note(note: Note) -> tuple[str, str, int | None, str]:
    return note.code.value, note.where, note.count, as_json(note.facts)


def _file_row(report: FileReport) -> dict[str, object]:
    details = {
        "rejected_rows": [(r.row, r.reason.value) for r in report.rejections],
        "unmapped_columns": report.unmapped_columns,
        "dropped_columns": report.dropped_columns,
        "unknown_values": report.unknown_values,
        "unmatched": report.unmatched,
        "notes": [(n.code.value, n.where, n.count, n.facts) for n in report.notes],
    }
    return {
        "file": report.file,
        "wave": report.wave,
        "questionnaire": report.questionnaire,
        "platform": report.platform,
        "variant": report.variant,
        "encoding": report.encoding,
        "sha256": report.sha256,
        "rows_read": report.rows_read,
        "rows_kept": report.rows_kept,
        "rows_rejected": len(report.rejections),
        "rejected_by_reason": as_json(report.rejected_by_reason),
        "details": as_json(details),
    }


def distribution_table(cells: Cells) -> pd.DataFrame:
    """Return a wave's distributions under the names of the database."""
    return cells.distributions.rename(columns=sql_name).reset_index(drop=True)


def long_cells(cells: Cells, code: str, group: GroupCells) -> pd.DataFrame:
    """Return one rater group's cells with a row per subject and measure, for SQL."""
    subjects, measures = len(cells.subjects), len(cells.measures)
    variances = np.diagonal(group.covariance, axis1=1, axis2=2)
    return pd.DataFrame(
        {
            "wave": cells.wave,
            "subject": np.repeat(np.array(cells.subjects, dtype=object), measures),
            "rater_group": code,
            "measure": np.tile(np.array(cells.measures, dtype=object), subjects),
            "answers": np.repeat(group.n, measures),
            "n_effective": np.repeat(group.n_effective, measures),
            "n": group.n_measure.ravel(),
            "mean": group.mean.ravel(),
            "se": np.sqrt(np.where(variances >= 0, variances, np.nan)).ravel(),
        }
    )


def digest(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the SHA-256 of frames, the same before and after they were in the database."""
    result = hashlib.sha256()
    for name in sorted(tables):
        table = tables[name]
        result.update(f"{name}\0{len(table)}\0".encode())
        for column, kind in SCHEMA[name].items() if len(table) else ():
            if column in table.columns:
                content = _column_bytes(kind, table[column])
                result.update(f"{column}\0{len(content)}\0".encode() + content)
    return result.hexdigest()


def _column_bytes(kind: str, values: pd.Series[Any]) -> bytes:
    if kind == "DOUBLE":
        numbers = (
            values.to_numpy()
            if values.dtype == np.float64
            else values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        )
        return np.where(np.isnan(numbers), np.nan, numbers).tobytes()
    convert = _PLAIN[kind]
    plain = values.to_numpy(dtype=object)
    told = zip(plain.tolist(), pd.isna(plain).tolist(), strict=True)
    return as_json([None if gone else convert(value) for value, gone in told]).encode()


_PLAIN: Mapping[str, Callable[[Any], object]] = {
    "VARCHAR": str,
    "BIGINT": int,
    "BOOLEAN": bool,
    "BLOB": lambda value: bytes(value).hex(),
}


def digest_of_cells(cells: Cells) -> str:
    """Return the SHA-256 of everything a wave's cells say, arrays bit by bit."""
    arrays = {code: arrays_of(group) for code, group in cells.groups.items()}
    return digest_of_arrays(cells, arrays, ARRAYS)


def arrays_of(group: GroupCells) -> dict[str, NDArray[Any] | None]:
    """Return everything that is known of a group's cells, by the names in `ARRAYS`."""
    later = list(group.again.values())
    stacked: Sequence[NDArray[Any] | None] = [None] * len(OF_AGAIN)
    if later:
        stacked = [
            np.array(list(group.again), dtype=str),
            np.array([overlap.mark for overlap in later], dtype=str),
            np.stack([overlap.pairs for overlap in later]),
            np.stack([overlap.share for overlap in later]),
            np.stack([overlap.covariance for overlap in later]),
        ]
    plain = {name: getattr(group, name) for name in ARRAYS if name not in OF_AGAIN}
    return {**plain, **dict(zip(OF_AGAIN, stacked, strict=True))}


def again_of(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Overlap]:
    """Return what `arrays_of` made arrays of: what cells have in common with later waves'."""
    if OF_AGAIN[0] not in arrays:
        return {}
    rows = zip(*(arrays[name] for name in OF_AGAIN), strict=True)
    return {str(w): Overlap(str(mark), *(np.array(row) for row in more)) for w, mark, *more in rows}


def digest_of_arrays(
    cells: Cells, arrays: Mapping[str, Mapping[str, NDArray[Any] | None]], names: Sequence[str]
) -> str:
    """Return the SHA-256 of cells whose arrays are these, in the order of `names`."""
    result = hashlib.sha256()
    about = [cells.wave, cells.subjects, cells.measures, list(cells.groups)]
    kinds = [str(dtype) for dtype in cells.distributions.dtypes]
    result.update(as_json([*about, list(cells.definitions.items()), kinds]).encode())
    for group in arrays.values():
        for name in names:
            values = group.get(name)
            if values is not None:
                result.update(npy(values))
            elif name not in LATER:
                result.update(b"-")
    result.update(digest({"distributions": distribution_table(cells)}).encode())
    return result.hexdigest()


def npy(values: NDArray[Any]) -> bytes:
    """Return an array in NumPy's file format."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(values), allow_pickle=False)
    return buffer.getvalue()


def as_json(value: object) -> str:
    """Return plain data, also NumPy's numbers, as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not plain data: {type(value).__name__}")
