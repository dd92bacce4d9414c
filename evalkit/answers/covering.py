"""What of every committee lies within reach of sites: of its area, or of its places.

A way is longer than the straight line. What a straight circle holds is the most that can be
within reach; what one holds that is smaller by the declared detour is the least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.definitions.boundaries import areas
from evalkit.definitions.ledger import LedgerMeasure
from evalkit.intake.ledger_cohorts import eligible
from evalkit.intake.ledger_points import degrees, metres, plane_of, to_be_reached
from evalkit.methods.coordinates import Plane, Points
from evalkit.methods.reaching import areas_reached, distances
from evalkit.tables import Floats

LEAST = 1.0
"""Per cent by which coverage may be off at least: outlines and places are known to some metres."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What lies within reach, by committee.

    Attributes
    ----------
    share, width : ndarray of shape (K,)
        Per cent, in the middle of what is certain and what is possible, and how far it is to both;
        NaN where there is no boundary, or no place.
    reached, whole : ndarray of shape (K,)
        Square metres, or places.
    n : ndarray of shape (K,)
        The street's sites, or the committee's places.
    """

    share: Floats
    width: Floats
    reached: Floats
    whole: Floats
    n: Floats


def covered(
    measure: LedgerMeasure,
    table: pd.DataFrame,
    subjects: Sequence[str],
    boundaries: Mapping[str, Any] | None,
) -> Covered | None:
    """Return what of every committee lies within reach; None where no record tells where it is.

    A site reaches whoever lives near, also beyond the committee that it belongs to.
    """
    where, radius = degrees(measure, table), float(measure.radius or 0.0)
    if where is None or (boundaries is None and measure.covers_area):
        return None
    known = table["belongs"].to_numpy(dtype=bool) & np.isfinite(where).all(axis=1)
    sites = known & eligible(measure, table)
    if not known.any():
        return None
    plane = plane_of(boundaries, where[known])
    points = plane.metres(where)
    radii = (radius / measure.detour, radius)
    if measure.covers_area:
        ends, whole = _areas(subjects, boundaries or {}, plane, points[sites], radii)
        n = np.full(len(subjects), float(sites.sum()))
    else:
        places = known & to_be_reached(measure, table)
        ends, whole = _places(
            subjects, table["subject"][places], points[places], points[sites], radii
        )
        n = np.nan_to_num(whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (np.where(whole > 0, 100.0 * end / whole, np.nan) for end in ends)
    width = np.where(np.isfinite(low), np.maximum((high - low) / 2.0, LEAST), np.nan)
    share = (low + high) / 2.0
    return Covered(share, width, (ends[0] + ends[1]) / 2.0, whole, n)


def _areas(
    subjects: Sequence[str],
    boundaries: Mapping[str, Any],
    plane: Plane,
    sites: Points,
    radii: tuple[float, float],
) -> tuple[list[Floats], Floats]:
    own = areas(boundaries)
    at = [place for place, subject in enumerate(subjects) if subject in own]
    shapes = [metres(own[subjects[place]], plane) for place in at]
    ends, whole = [], np.full(len(subjects), np.nan)
    for radius in radii:
        end = np.full(len(subjects), np.nan)
        end[at], whole[at] = areas_reached(shapes, sites, radius)
        ends.append(end)
    return ends, whole


def _places(
    subjects: Sequence[str],
    of: pd.Series[str],
    places: Points,
    sites: Points,
    radii: tuple[float, float],
) -> tuple[list[Floats], Floats]:
    at, k = pd.Index(subjects).get_indexer(pd.Index(of)), len(subjects)
    far = distances(places, sites)
    ends = [np.bincount(at[far <= radius], minlength=k).astype(np.float64) for radius in radii]
    whole = np.bincount(at, minlength=k).astype(np.float64)
    return ends, whole
