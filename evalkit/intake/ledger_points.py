"""Where records are: their degrees in one system, metres on the street's plane, and what cannot be so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from evalkit.definitions.boundaries import areas
from evalkit.definitions.ledger import Ledger, LedgerMeasure
from evalkit.errors import Problem
from evalkit.figures.boundaries import CHINA
from evalkit.figures.geometry import Shape
from evalkit.intake.ledger_cohorts import Mask, eligible
from evalkit.intake.ledger_columns import place
from evalkit.intake.ledger_values import rows_of
from evalkit.methods.coordinates import Plane, Points, wgs84_of
from evalkit.methods.reaching import distances_to
from evalkit.platforms import RawColumn, RawSheet
from evalkit.problems import ledgers as faults


def degrees(measure: LedgerMeasure, table: pd.DataFrame) -> Points | None:
    """Return where records are, in degrees of WGS 84, NaN where unknown; None without columns."""
    found = _written(measure, table)
    return None if found is None else wgs84_of(found, str(measure.system))


def _written(measure: LedgerMeasure, table: pd.DataFrame) -> Points | None:
    columns = [str(measure.longitude), str(measure.latitude)]
    if not set(columns) <= set(table):
        return None
    return table[columns].to_numpy(dtype=np.float64)


def to_be_reached(measure: LedgerMeasure, table: pd.DataFrame) -> Mask:
    """Tell which records are places that a measure of coverage asks to be reached."""
    if measure.where not in table:
        return np.zeros(len(table), dtype=bool)
    return table[measure.where].isin(measure.reached).to_numpy(dtype=bool)


def plane_of(boundaries: Mapping[str, Any] | None, points: Points) -> Plane:
    """Return the plane around the middle of the boundaries, else of the points themselves."""
    if boundaries is not None:
        shapes = areas(boundaries).values()
        points = np.concatenate([ring for shape in shapes for polygon in shape for ring in polygon])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2.0
    return Plane(float(middle[0]), float(middle[1]))


def metres(shape: Shape, plane: Plane) -> Shape:
    """Return a shape of degrees in metres."""
    return [[plane.metres(ring) for ring in polygon] for polygon in shape]


def misplaced(
    sheet: RawSheet,
    ledger: Ledger,
    columns: Mapping[str, RawColumn],
    table: pd.DataFrame,
    boundaries: Mapping[str, Any] | None,
) -> Iterator[Problem]:
    """Yield records without a place, with one that is none, or with one far from the street."""
    told: set[tuple[str | None, ...]] = set()
    for measure in ledger.measures:
        key = (
            measure.longitude,
            measure.latitude,
            measure.system,
            *measure.among,
            *measure.reached,
        )
        written = _written(measure, table) if measure.how == "coverage" else None
        if written is None or key in told:
            continue
        told.add(key)
        asked = eligible(measure, table) | to_be_reached(measure, table)
        ours = table["belongs"].to_numpy(dtype=bool) & asked
        at = columns[str(measure.longitude)]
        blank = ours & np.isnan(written).any(axis=1)
        in_china, turned = _within_china(written), _within_china(written[:, ::-1])
        kinds = (
            (faults.point_blank, blank),
            (faults.point_turned, ours & ~blank & ~in_china & turned),
            (faults.point_nowhere, ours & ~blank & ~in_china & ~turned),
        )
        for tell, wrong in kinds:
            if rows := rows_of(table.index, wrong):
                yield tell(place(sheet, at, rows[0]), rows)
        sound = ours & in_china
        if boundaries is None:
            continue
        plane = plane_of(boundaries, written)
        where = plane.metres(wgs84_of(written[sound], str(measure.system)))
        away = distances_to([metres(shape, plane) for shape in areas(boundaries).values()], where)
        far = away > float(measure.radius or 0.0)
        if rows := rows_of(table.index[sound], far):
            yield faults.point_outside(place(sheet, at, rows[0]), rows, float(away.max()))


def _within_china(points: Points) -> Mask:
    west, south, east, north = CHINA
    low, high = points >= (west, south), points <= (east, north)
    return np.asarray((low & high).all(axis=1), dtype=bool)
