"""Reading the database: cells to re-score, and what was published of every wave."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from evalkit.archive.content import (
    ARRAYS,
    ARRAYS_OF_FORMAT_1,
    PER_EVALUATION,
    SEALED_SINCE,
    again_of,
    digest,
    digest_of_arrays,
    sql_name,
)
from evalkit.archive.faults import Unusable
from evalkit.archive.opening import load_format, read, tables_of
from evalkit.archive.seals import filled, whole
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.validating import validate
from evalkit.errors import Problems
from evalkit.methods.influence import influence_of
from evalkit.problems import archive
from evalkit.tables import FRAMES, Cells, GroupCells, check


@dataclass(frozen=True, slots=True)
class PublishedWave:
    """One wave's results as they were made known.

    Attributes
    ----------
    wave : str
    waves : tuple of str
        All waves of that evaluation, earliest first.
    scheme : Scheme
        The scheme the wave was published under.
    scheme_fingerprint : str
        SHA-256 of the scheme's YAML.
    fingerprint, version : str
        The evaluation's fingerprint, and the version of evalkit that made it.
    scores, ranking : DataFrame
        Frames ``scores`` and ``ranking``, of this wave only.
    """

    wave: str
    waves: tuple[str, ...]
    scheme: Scheme
    scheme_fingerprint: str
    fingerprint: str
    version: str
    scores: pd.DataFrame
    ranking: pd.DataFrame


def read_cells(path: Path, problems: Problems) -> dict[str, Cells]:
    """Return the archived cells of every wave, earliest first, exactly as they were stored.

    A file that is not there holds no waves. One that cannot be read is a problem, and so are
    cells that are not what was once stored.
    """
    return read(path, problems, load_cells) or {}


def read_schemes(path: Path, problems: Problems) -> dict[str, Scheme]:
    """Return the scheme every wave was published under, earliest wave first."""
    return {wave: record.scheme for wave, record in published(path, problems).items()}


def published(path: Path, problems: Problems) -> dict[str, PublishedWave]:
    """Return every wave's results as published, earliest wave first.

    A wave that was only ever scored as some later wave's past has not been published from this
    database and is not in it.
    """
    return read(path, problems, lambda connection: _load_published(connection, problems)) or {}


def fingerprint_of(path: Path, problems: Problems) -> str | None:
    """Return the fingerprint of everything the tables hold; None where there is no (usable) file.

    It is the same for the same content, while two files of that content differ.
    """
    return read(path, problems, _fingerprint)


def _fingerprint(connection: duckdb.DuckDBPyConnection) -> str | None:
    return whole(connection) if load_format(connection) >= SEALED_SINCE else None


def load_digests(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """Return the fingerprint of every (wave, edition), computed from the rows themselves."""
    keys = connection.execute("SELECT evaluation, edition FROM evaluations").fetchall()
    known = tables_of(connection)
    there = [name for name in PER_EVALUATION if name in known]
    held = filled(connection, there)
    return {
        (wave, edition): digest(
            {
                name: connection.execute(
                    f"SELECT * EXCLUDE (evaluation, edition, position) FROM {name} "
                    "WHERE evaluation = ? AND edition = ? ORDER BY position",
                    [wave, edition],
                ).df()
                if name in held
                else pd.DataFrame()
                for name in there
            }
        )
        for wave, edition in keys
    }


def load_cells(connection: duckdb.DuckDBPyConnection) -> dict[str, Cells]:
    """Return every wave's cells, checked against the fingerprint they were stored with."""
    archived = {}
    number = load_format(connection)
    for wave, content, text in connection.execute(
        "SELECT wave, content, layout FROM waves ORDER BY wave"
    ).fetchall():
        layout = json.loads(text)
        arrays: dict[str, dict[str, NDArray[Any]]] = {code: {} for code in layout["groups"]}
        for code, name, data in connection.execute(
            "SELECT rater_group, name, data FROM cell_arrays WHERE wave = ?", [wave]
        ).fetchall():
            arrays[code][name] = np.load(io.BytesIO(data), allow_pickle=False)
        definitions = connection.execute(
            "SELECT indicator, fingerprint FROM definitions WHERE wave = ? ORDER BY position",
            [wave],
        ).fetchall()
        archived[wave] = Cells(
            wave=wave,
            subjects=tuple(layout["subjects"]),
            measures=tuple(layout["measures"]),
            groups={code: _group(found) for code, found in arrays.items()},
            distributions=_distributions(connection, wave, layout["distributions"]),
            definitions=dict(definitions),
        )
        kept = ARRAYS if number > 1 else ARRAYS_OF_FORMAT_1
        if digest_of_arrays(archived[wave], arrays, kept) != content:
            raise Unusable(archive.altered(wave))
    return archived


def _group(arrays: Mapping[str, NDArray[Any]]) -> GroupCells:
    return GroupCells(
        n=arrays["n"],
        n_effective=arrays["n_effective"],
        n_measure=arrays["n_measure"],
        mean=arrays["mean"],
        covariance=arrays["covariance"],
        influence=influence_of(arrays["joint"]) if "joint" in arrays else arrays.get("influence"),
        df=arrays["df"],
        who=arrays.get("who"),
        again=again_of(arrays),
    )


def _distributions(
    connection: duckdb.DuckDBPyConnection, wave: str, declared: Mapping[str, str]
) -> pd.DataFrame:
    columns = ", ".join(sql_name(name) for name in declared)
    shares = connection.execute(
        f"SELECT {columns} FROM distributions WHERE wave = ? ORDER BY position", [wave]
    ).df()
    shares.columns = pd.Index(list(declared))
    return shares.astype(dict(declared))


def _load_published(
    connection: duckdb.DuckDBPyConnection, problems: Problems
) -> dict[str, PublishedWave]:
    found = {}
    for wave, waves, text, scheme_fingerprint, fingerprint, version in connection.execute(
        "SELECT evaluation, waves, scheme, scheme_fingerprint, fingerprint, evalkit_version "
        "FROM evaluations WHERE edition = 'published' ORDER BY evaluation"
    ).fetchall():
        scheme = validate(Scheme, yaml.safe_load(text), archive.scheme_of(wave), problems)
        if scheme is not None:
            found[wave] = PublishedWave(
                wave=wave,
                waves=tuple(json.loads(waves)),
                scheme=scheme,
                scheme_fingerprint=scheme_fingerprint,
                fingerprint=fingerprint,
                version=version,
                scores=_frame(connection, "scores", wave),
                ranking=_frame(connection, "ranking", wave),
            )
    return found


def _frame(connection: duckdb.DuckDBPyConnection, name: str, wave: str) -> pd.DataFrame:
    columns = ", ".join(sql_name(column.name) for column in FRAMES[name])
    frame = connection.execute(
        f"SELECT {columns} FROM {name} WHERE evaluation = ? AND edition = 'published' "
        "AND wave = ? ORDER BY position",
        [wave, wave],
    ).df()
    frame.columns = pd.Index([column.name for column in FRAMES[name]])
    return check(frame, name)
