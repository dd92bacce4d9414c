"""What the street's own results may know of its tracks: of all persons together, and of nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from evalkit.codes import JOINED
from evalkit.definitions.scheme import Scheme
from evalkit.tables import (
    ALL_GROUPS,
    FRAMES,
    Evaluation,
    Floats,
    TrackSummary,
    frame,
    no_rows,
)

FEWEST = 5
"""Persons of a grade that are told; a smaller grade is told together with its neighbour."""


def summary(found: Mapping[str, Evaluation]) -> TrackSummary:
    """Sum up the tracks of a street.

    Parameters
    ----------
    found : dict of track id to Evaluation
    """
    tables = [_table(evaluation) for evaluation in found.values()]
    grades = [_grades(evaluation) for evaluation in found.values()]
    return TrackSummary(
        _stacked("tracks", tables),
        _stacked("track_grades", [table for table in grades if len(table)]),
        {name: evaluation.fingerprint for name, evaluation in found.items()},
    )


def _stacked(name: str, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return frame(name, pd.concat(tables, ignore_index=True)) if tables else no_rows(name)


def _table(evaluation: Evaluation) -> pd.DataFrame:
    own = evaluation.decided.track
    assert own is not None
    persons, raters = evaluation.appraisal.persons, evaluation.appraisal.raters
    names = {ALL_GROUPS: ALL_GROUPS, **{g.code: g.name for g in own.scheme.groups}}
    about = {
        "wave": evaluation.wave,
        "track": own.track.id,
        "title": own.track.title,
        "kind": own.track.kind,
        "persons": len(persons),
        "scored": int(persons["score"].notna().sum()),
    }
    told = raters[raters["subject"] == ALL_GROUPS]
    rows = [
        {
            **about,
            "group": names[str(row["group"])],
            **{name: row[name] for name in ("scope", "single", "reliability", "low", "high")},
        }
        for row in told.to_dict("records")
    ] or [{**about, "group": ALL_GROUPS, "scope": "street"}]
    table = pd.DataFrame(rows, columns=[column.name for column in FRAMES["tracks"]])
    numbers = ["single", "reliability", "low", "high"]
    return frame("tracks", table.astype(dict.fromkeys(numbers, "float64")))


def _grades(evaluation: Evaluation) -> pd.DataFrame:
    own = evaluation.decided.track
    assert own is not None
    scores = evaluation.current.scores.composite
    told = merged(counted(scores, evaluation.scheme))
    return frame(
        "track_grades",
        {
            "wave": [evaluation.wave] * len(told),
            "track": [own.track.id] * len(told),
            "grade": [grade for grade, _ in told],
            "persons": [n for _, n in told],
        },
    )


def counted(scores: Floats, scheme: Scheme) -> list[tuple[str, int]]:
    """Return how many scores have each grade, the highest first."""
    held = [scheme.grade_of(float(score)) for score in scores]
    return [(grade.name, held.count(grade.name)) for grade in scheme.grades]


def merged(counts: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Put grades together until each has `FEWEST` persons; nothing where all together have fewer.

    Examples
    --------
    >>> merged([("优秀", 2), ("良好", 6), ("合格", 9), ("待改进", 1)])
    [('优秀、良好', 8), ('合格、待改进', 10)]
    >>> merged([("优秀", 3), ("良好", 1)])
    []
    """
    found: list[tuple[list[str], int]] = []
    names: list[str] = []
    total = 0
    for name, n in counts:
        names, total = [*names, name], total + n
        if total >= FEWEST:
            found.append((names, total))
            names, total = [], 0
    if names and found:
        last, n = found.pop()
        found.append(([*last, *names], n + total))
    return [(JOINED.join(own), n) for own, n in found]
