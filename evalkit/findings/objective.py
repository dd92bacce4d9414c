"""What records say of every committee, with how sure it is: frame ``objective``.

Shares have Wilson's interval, counted rates Poisson's, levels their declared width. What is expected of an
ordinary committee is judged on the logit or log scale with over-dispersion, and told over all
committees and measures at the scheme's rate of false discoveries (Benjamini-Hochberg).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import Comparison
from evalkit.definitions.ledger import LedgerMeasure
from evalkit.definitions.scheme import Scheme
from evalkit.methods import tails
from evalkit.methods.banding import BAND_EDGES, expected_range
from evalkit.methods.multiplicity import benjamini_hochberg
from evalkit.methods.proportions import wilson_interval
from evalkit.methods.small_counts import Flags, of_records
from evalkit.tables import ALL_GROUPS, FRAMES, Floats, frame, no_rows
from evalkit.tables.records import Reduced

STREET = ALL_GROUPS

HALVINGS = 60
"""After so many an edge is known to the last digit."""

FEWEST = 3
"""Committees from which on there is an ordinary one to compare with."""


@dataclass(frozen=True, slots=True)
class CellsTold:
    """What is known of a group's cells (K, I) beside what ``indicators`` tells.

    Attributes
    ----------
    public : ndarray of bool
        Every measure of the indicator is told.
    hidden : ndarray of bool
        A measure is left out: the indicator would tell it.
    """

    subjects: tuple[str, ...]
    public: Flags
    hidden: Flags


Columns = dict[str, Any]


def objective(reduced: Mapping[str, Reduced], scheme: Scheme) -> pd.DataFrame:
    """Return frame ``objective``: every committee and the street by every measure of every ledger.

    A measure of which the files hold nothing has no rows. What may not be told (`told`) is empty.
    """
    parts: list[pd.DataFrame] = []
    for found in reduced.values():
        parts += [
            _rows(found, place, measure, scheme)
            for place, measure in enumerate(found.ledger.measures)
            if found.n[:, place].any() or found.asked[:, place].any()
        ]
    if not parts:
        return no_rows("objective")
    table = pd.concat(parts, ignore_index=True)
    tested = table["z"].notna().to_numpy(dtype=bool)
    band = np.full(len(table), Comparison.UNTESTED.value, dtype=object)
    if tested.any():
        z = table.loc[tested, "z"].to_numpy(dtype=np.float64)
        p = benjamini_hochberg(2.0 * tails.normal_above(np.abs(z)))
        rate = scheme.false_discovery_rate
        band[tested] = [Comparison.of(a, b, rate).value for a, b in zip(p, z, strict=True)]
    table["band"] = band
    return frame("objective", table)


def told(found: Reduced, place: int) -> tuple[Flags, bool]:
    """Tell of which committees a measure may be told, and whether of the street."""
    n = np.ceil(np.nan_to_num(found.behind(place))).astype(np.int64)
    return of_records(n, found.ledger.minimum_n)


def cells_told(reduced: Mapping[str, Reduced], scheme: Scheme) -> dict[str, CellsTold]:
    """Tell, by group that speaks through a ledger, what frame ``objective`` tells of its cells.

    An indicator is the plain mean of its measures: whoever has them all has the cell.
    """
    found: dict[str, CellsTold] = {}
    for group in scheme.groups:
        one = reduced.get(group.ledger or "")
        if one is None:
            continue
        shown = np.stack([told(one, place)[0] for place in range(one.n.shape[1])], axis=1)
        public = shown & (one.n > 0)
        shape = (len(one.subjects), len(scheme.indicators))
        own = CellsTold(one.subjects, np.zeros(shape, np.bool_), np.zeros(shape, np.bool_))
        for at, indicator in enumerate(scheme.indicators):
            places = [one.at(code) for code in indicator.items.get(one.ledger.id, ())]
            if places:
                own.public[:, at] = public[:, places].all(axis=1)
                own.hidden[:, at] = ~shown[:, places].all(axis=1)
        found[group.code] = own
    return found


def _rows(found: Reduced, place: int, measure: LedgerMeasure, scheme: Scheme) -> pd.DataFrame:
    k = len(found.subjects)
    columns: Columns = {name.name: np.full(k + 1, np.nan) for name in FRAMES["objective"]}
    columns |= {
        "wave": found.wave,
        "subject": [*found.subjects, STREET],
        "ledger": found.ledger.id,
        "measure": measure.code,
        "name": measure.name,
        "band": "",
        "filled": np.zeros(k + 1, dtype=bool),
    }
    confidence = scheme.confidence
    n, raw, mean = found.n[:, place], found.raw[:, place], found.mean[:, place]
    known = np.isfinite(raw)
    variance = found.covariance[:, place, place]
    behind, hits = found.behind(place), found.hits[:, place]
    columns["denominator"] = np.append(behind, behind[known].sum())
    columns["numerator"] = np.append(hits, hits[known].sum())
    columns["estimate"] = np.append(raw, _street(found, place, measure, known))
    columns["se"] = np.append(np.sqrt(variance), np.nan)
    columns["score"] = np.append(mean if measure.scored else np.full(k, np.nan), np.nan)
    if measure.how == "rate":
        exposure = found.exposure[:, place]
        columns["exposure"] = np.append(exposure, exposure[known].sum())
    counted = not found.adds_amounts(place)
    if measure.how in ("share", "rate"):
        whole = columns["denominator"] if measure.how == "share" else None
        if counted:
            _certain(columns, measure, confidence, whole)
    elif measure.how == "level":
        reach: Any = float(measure.width or 0.0)
        columns["low"], columns["high"] = (
            np.append(raw - reach, np.nan), np.append(raw + reach, np.nan)
        )  # fmt: skip
        columns["numerator"][:] = np.nan
    elif measure.how == "coverage":
        # Anywhere between both ends is as likely: three variances are half the width, squared.
        half = np.sqrt(3.0 * variance) / _per_percent(measure)
        columns["low"], columns["high"] = (
            np.append(np.clip(raw - half, 0.0, 100.0), np.nan),
            np.append(np.clip(raw + half, 0.0, 100.0), np.nan),
        )
        columns["numerator"][:] = np.nan
        columns["denominator"][-1] = n.max() if measure.covers_area else n.sum()
    else:
        reach = np.sqrt(variance) * tails.t_quantile(
            0.5 + confidence / 2.0, np.clip(found.df[:, place], 1.0, 1e9)
        )
        scale = _per_point(measure)
        columns["low"] = np.append(np.maximum(raw - reach * scale, 0.0), np.nan)
        columns["high"] = np.append(raw + reach * scale, np.nan)
        columns["numerator"][:] = np.nan
    if measure.how == "score" or measure.how == "curve":
        columns["low"] = np.clip(columns["low"], 0.0, 100.0)
        columns["high"] = np.clip(columns["high"], 0.0, 100.0)
    if measure.how == "score":
        _pooled(columns, variance, n, confidence)
    if measure.bounds:
        _bounds(columns, found, place)
    if measure.how in ("share", "rate", "score") and counted:
        _expected(columns, found, place, measure)
    stands_in = found.ledger.when_none == "street_mean" and known.sum() >= 2 and measure.scored
    columns["filled"][:-1] = ~known & stands_in
    _hide(columns, found, place)
    return pd.DataFrame(columns)


def _per_point(measure: LedgerMeasure) -> float:
    return float(measure.full or 100.0) / 100.0 if measure.how == "points" else 1.0


def _per_percent(measure: LedgerMeasure) -> float:
    """Return the points that a per cent of coverage is worth."""
    if measure.worst is None or measure.best is None:
        return 1.0
    return abs(100.0 / (measure.best - measure.worst))


def _street(found: Reduced, place: int, measure: LedgerMeasure, known: np.ndarray) -> float:
    """Return the street's own number: of all its records; of levels and points the plain mean."""
    if not known.any():
        return np.nan
    hits, n = found.hits[known, place].sum(), found.n[known, place].sum()
    if measure.how in ("share", "score"):
        return float(100.0 * hits / n) if n > 0 else np.nan
    if measure.how == "rate":
        return float(measure.per * hits / found.exposure[known, place].sum())
    if measure.how == "coverage":
        return float(100.0 * hits / found.exposure[known, place].sum())
    return float(found.raw[known, place].mean())


def _certain(
    columns: Columns, measure: LedgerMeasure, confidence: float, whole: Floats | None
) -> None:
    """Fill in Wilson's interval of shares and the exact one of Poisson counts."""
    if whole is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(whole > 0, columns["numerator"] / whole, np.nan)
        low, high = wilson_interval(np.clip(share, 0.0, 1.0), np.maximum(whole, 1.0), confidence)
        columns["low"], columns["high"] = 100.0 * low, 100.0 * high
        return
    count, tail = columns["numerator"], (1.0 - confidence) / 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(columns["exposure"] > 0, measure.per / columns["exposure"], np.nan)
    columns["low"] = scale * np.where(count > 0, tails.chi2_quantile(tail, 2.0 * count) / 2.0, 0.0)
    columns["high"] = scale * tails.chi2_quantile(1.0 - tail, 2.0 * count + 2.0) / 2.0


def _pooled(columns: Columns, variance: Floats, n: Floats, confidence: float) -> None:
    """Fill in the interval of the street's score: of all records, committees as they are."""
    told = np.isfinite(variance) & (n > 0)
    total = n.sum()
    if not told.any() or not total > 0:
        return
    one = variance[told] * n[told]
    usual = float((one * n[told]).sum() / n[told].sum())
    reach = np.sqrt(usual / total) * tails.normal_quantile(0.5 + confidence / 2.0)
    columns["se"][-1] = np.sqrt(usual / total)
    columns["low"][-1] = max(columns["estimate"][-1] - reach, 0.0)
    columns["high"][-1] = min(columns["estimate"][-1] + reach, 100.0)


def _bounds(columns: Columns, found: Reduced, place: int) -> None:
    """Fill in where a rating would lie if all who did not rate had rated worst, or best."""
    measure = found.ledger.measures[place]
    points = [s for s in found.ledger.values.get(str(measure.column), {}).values() if s is not None]
    points = list(measure.parts.values()) or points or [0.0, 100.0]
    if measure.how == "share":
        points = [0.0, 100.0]
    asked = np.append(found.asked[:, place], found.asked[:, place].sum())
    silent = np.maximum(asked - columns["denominator"], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, rated in (("bound_low", min(points)), ("bound_high", max(points))):
            total = 100.0 * columns["numerator"] if measure.how == "share" else np.append(
                found.hits[:, place], found.hits[:, place].sum()
            ) * 100.0  # fmt: skip
            columns[name] = np.where(asked > 0, (total + silent * rated) / asked, np.nan)


def _expected(columns: Columns, found: Reduced, place: int, measure: LedgerMeasure) -> None:
    """Fill in z, and between which ends it is within the usual: what lies beyond has a larger z."""
    street = columns["estimate"][-1]
    n, hits = found.n[:, place], found.hits[:, place]
    exposure = found.exposure[:, place]
    share = np.clip(street / 100.0, 1e-6, 1.0 - 1e-6)
    if measure.how == "share":
        target, per = float(np.log(share / (1.0 - share))), 100.0 / np.where(n > 0, n, np.nan)
    elif measure.how == "rate":
        target = float(np.log(max(street, 1e-12)))
        per = measure.per / np.where(exposure > 0, exposure, np.nan)
    else:
        target, per = float(street), np.ones(len(n))

    def placed(count: Floats) -> tuple[Floats, Floats]:
        """Return value and variance of so many hits, on the scale on which they are judged."""
        if measure.how == "share":
            return (
                np.log((count + 0.5) / (n - count + 0.5)),
                1.0 / (count + 0.5) + 1.0 / (n - count + 0.5),
            )
        if measure.how == "rate":
            return np.log(per * (count + 0.5)), 1.0 / (count + 0.5)
        return count, found.covariance[:, place, place]

    with np.errstate(divide="ignore", invalid="ignore"):
        value, variance = placed(found.mean[:, place] if measure.how == "score" else hits)
    usable = (n > 0) & np.isfinite(value) & np.isfinite(variance) & (variance > 0)
    if usable.sum() < FEWEST or not np.isfinite(target):
        return
    bands = expected_range(value[usable], variance[usable], target)
    columns["z"][:-1][usable] = bands.z

    def z(count: Floats) -> Floats:
        where, apart = placed(count)
        return np.asarray((where - target) / np.sqrt(apart + bands.tau2))

    if measure.how == "score":
        least, most, usual = np.zeros(len(n)), np.full(len(n), 100.0), np.full(len(n), target)
    else:
        usual = np.nan_to_num(street / per)
        least, most = np.zeros(len(n)), n if measure.how == "share" else 10.0 * (usual + 100.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = _where(lambda count: -z(count), usual, least)
        high = _where(z, usual, most)
        columns["expected_low"][:-1] = np.where(usable, per * low, np.nan)
        columns["expected_high"][:-1] = np.where(usable, per * high, np.nan)


def _where(z: Callable[[Floats], Floats], usual: Floats, end: Floats) -> Floats:
    """Return where z passes the edge of the usual on the way to an end; the end where it does not."""
    near, far = usual.astype(np.float64), end.astype(np.float64)
    passed = z(far) > BAND_EDGES[0]
    for _ in range(HALVINGS):
        middle = 0.5 * (near + far)
        beyond = z(middle) > BAND_EDGES[0]
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    return np.where(passed, far, end)


def _hide(columns: Columns, found: Reduced, place: int) -> None:
    """Empty what may not be told."""
    committees, street = told(found, place)
    out = ~np.append(committees, street)
    kept = ("wave", "subject", "ledger", "measure", "name", "band", "filled")
    for name, values in columns.items():
        if name not in kept:
            values[out] = np.nan
    columns["numerator"][:-1][found.behind(place) == 0] = np.nan
