"""The door out of the records: a ledger's rows in, numbers of every committee out.

Measures first, then their mean: an indicator is a fixed mean of measures, not of records, so that
the share of callers who were rung back does not change what weighs how much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.answers import covering
from evalkit.definitions.calendar import working_days
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Clock, Ledger, LedgerMeasure
from evalkit.definitions.units import Units
from evalkit.intake.ledger_cohorts import Mask, deadline, eligible, within
from evalkit.methods.working_time import WorkingDays
from evalkit.tables import Floats
from evalkit.tables.records import Records, Reduced

JEFFREYS = 0.5
"""Added to a count for its variance: no event is no proof that none can happen."""


def reduce_records(records: Records, ledger: Ledger, decided: Decided) -> Reduced:
    """Reduce the records of a wave to numbers of every committee that existed in it."""
    units = Units.of(decided.roster)
    subjects = tuple(s.id for s in units.present(records.wave))
    at = pd.Index(subjects).get_indexer(pd.Index(records.table["subject"]))
    table, at = records.table[at >= 0], at[at >= 0]
    k, m = len(subjects), len(ledger.measures)
    arrays = {name: np.zeros((k, m)) for name in ("n", "asked", "hits")}
    more = {name: np.full((k, m), np.nan) for name in ("exposure", "raw", "mean", "df")}
    found = Reduced(
        records.wave, ledger, subjects, **arrays, **more, covariance=np.full((k, m, m), np.nan),
        beside=tuple(sorted(units.provisional)),
    )  # fmt: skip
    values = np.full((len(table), m), np.nan)
    for place, measure in enumerate(ledger.measures):
        if ledger.rows == "counts" and measure.how in ("share", "score"):
            _counted(found, place, measure, table, at)
        elif measure.how in ("share", "score"):
            values[:, place], asked = _points(
                measure, table, records, ledger, working_days(decided.order.calendar)
            )
            found.asked[:, place] = np.bincount(at[asked], minlength=k)
    if ledger.rows == "records":
        _averaged(found, values, table["cluster"].to_numpy(dtype=object), at)
    counted = {
        what: np.array([people.get(s, np.nan) for s in subjects], dtype=np.float64)
        for what, people in (
            ("population", units.populations(records.wave)),
            ("households", units.households(records.wave)),
        )
    }
    for place, measure in enumerate(ledger.measures):
        if measure.how in ("rate", "level", "points"):
            people = counted[measure.per_unit or "population"]
            _summed(found, place, measure, table, at, people)
        elif measure.how == "coverage":
            _covered(found, place, measure, table, decided)
    for place, measure in enumerate(ledger.measures):
        if measure.how == "curve":
            _bent(found, place, measure)
    return found


def _points(
    measure: LedgerMeasure,
    table: pd.DataFrame,
    records: Records,
    ledger: Ledger,
    worked: WorkingDays,
) -> tuple[Floats, Mask]:
    """Return the points of every record (NaN: none), and which could have had some."""
    base = eligible(measure, table)
    if measure.clock is not None:
        late = on_time(ledger.clock(measure.clock), table, records, worked)
        return np.where(base, late, np.nan), np.asarray(base & ~np.isnan(late))
    base &= table["belongs"].to_numpy(dtype=bool)
    cells = table[str(measure.column)] if measure.column in table else None
    if cells is None:
        return np.full(len(table), np.nan), np.zeros(len(table), dtype=bool)
    scores = ledger.values.get(str(measure.column), {})
    if measure.how == "score":
        return np.where(base, _looked_up(cells, scores), np.nan), base
    unanswered = {"", *(text for text, score in scores.items() if score is None)} - {*measure.hits}
    points = {
        str(t): None if t in unanswered else 100.0 * (t in measure.hits) for t in cells.unique()
    }
    return np.where(base, _looked_up(cells, points), np.nan), base


def _looked_up(cells: pd.Series[Any], scores: Mapping[str, float | None]) -> Floats:
    """Return what texts stand for, NaN where for nothing: each different text is looked up once."""
    codes, texts = pd.factorize(cells)
    found = [scores.get(str(text)) for text in texts]
    values = np.array([np.nan if score is None else score for score in found] + [np.nan])
    return np.asarray(values[codes])


def on_time(clock: Clock, table: pd.DataFrame, records: Records, worked: WorkingDays) -> Floats:
    """Return 100 for what was done in time and 0 for what was not, of what fell due in the wave.

    What is open and overdue is late: left out, it would make whoever closes nothing look best. What
    has no deadline, and what falls due later, is not of the cohort (NaN). Where one of the two
    times has only a day, days are compared.
    """
    nothing = np.full(len(table), np.nan)
    due = deadline(clock, table, worked)
    if due is None:
        return nothing
    cohort = within(due.at, records.start, records.until)
    done = table[clock.stop]
    days = (done == done.dt.normalize()) | due.days
    until_day = done.dt.normalize() <= due.at.dt.normalize()
    in_time = done.notna() & np.where(days, until_day, done <= due.at)
    return np.where(cohort, np.where(in_time, 100.0, 0.0), nothing)


def _averaged(found: Reduced, values: Floats, cluster: NDArray[np.object_], at: Any) -> None:
    """Fill in means and joint covariances of what every record has a value of.

    The covariance is that of linearised means, by persons where records tell them: each measure
    with n / (n - 1) of its own.
    """
    k, m = found.n.shape
    told = ~np.isnan(values)
    filled = np.where(told, values, 0.0)
    n, sums = _added(told, at, k), _added(filled, at, k)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, sums / n, np.nan)
        influence = np.where(told, (values - mean[at]) / n[at], 0.0)
    units, counts = influence, n
    owner = at
    if (cluster != "").any():
        own = np.where(cluster == "", np.arange(len(cluster)).astype(str), cluster)
        codes, _ = pd.factorize(pd.MultiIndex.from_arrays([at, own]))
        size = int(codes.max(initial=-1)) + 1
        units, there = _added(influence, codes, size), _added(told, codes, size)
        owner = np.zeros(size, dtype=np.intp)
        owner[codes] = at
        counts = _added(there > 0, owner, k)
    covariance = np.zeros((k, m, m))
    for i in range(m):
        for j in range(i, m):
            both = np.bincount(owner, weights=units[:, i] * units[:, j], minlength=k)
            covariance[:, i, j] = covariance[:, j, i] = both
    scale = np.sqrt(np.where(counts > 1, counts / np.maximum(counts - 1.0, 1.0), np.nan))
    covariance *= scale[:, :, None] * scale[:, None, :]
    found.n[:], found.mean[:], found.raw[:], found.covariance[:] = n, mean, mean, covariance
    found.hits[:], found.df[:] = sums / 100.0, np.maximum(counts - 1.0, 0.0)


def _added(values: NDArray[Any], at: Any, size: int) -> Floats:
    """Add up rows (n, M) by where they belong; shape (size, M)."""
    columns = [np.bincount(at, weights=column, minlength=size) for column in values.T]
    return np.column_stack(columns) if columns else np.zeros((size, 0))


def _counted(
    found: Reduced, place: int, measure: LedgerMeasure, table: pd.DataFrame, at: Any
) -> None:
    """Fill in a share or score of counted records: what a street without records has.

    A row counts where all columns of the measure are told: a blank is not known to be none.
    """
    k = len(found.subjects)
    own = table["belongs"].to_numpy(dtype=bool) & eligible(measure, table)
    own &= _told(measure.counted, table)

    def total(column: str) -> Floats:
        cells = table[column].to_numpy(dtype=np.float64) if column in table else np.nan
        counts = np.where(own, cells, 0.0)
        return np.asarray(np.bincount(at, weights=counts, minlength=k), dtype=np.float64)

    if measure.how == "share":
        parts = [(100.0, total(str(measure.numerator)))]
        n = total(str(measure.denominator))
    else:
        parts = [(score, total(column)) for column, score in measure.parts.items()]
        n = np.asarray(sum(count for _, count in parts), dtype=np.float64)
    asked = n if measure.denominator is None else total(measure.denominator)
    sums = np.asarray(sum(score * count for score, count in parts), dtype=np.float64)
    squares = np.asarray(sum(score**2 * count for score, count in parts), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, sums / n, np.nan)
        variance = np.where(n > 1, np.maximum(squares / n - mean**2, 0.0) / (n - 1.0), np.nan)
    found.n[:, place], found.asked[:, place], found.hits[:, place] = n, asked, sums / 100.0
    found.mean[:, place], found.raw[:, place] = mean, mean
    found.df[:, place] = np.maximum(n - 1.0, 0.0)
    _alone(found, place, variance)


def _told(columns: tuple[str, ...], table: pd.DataFrame) -> Mask:
    """Tell in which rows all of these columns are told; none where the file lacks one."""
    if not set(columns) <= set(table):
        return np.zeros(len(table), dtype=bool)
    return table[list(columns)].notna().all(axis=1).to_numpy(dtype=bool)


def _alone(found: Reduced, place: int, variance: Floats) -> None:
    """Fill in a variance that is known apart from the other measures'."""
    known = np.where(np.isfinite(variance), 0.0, np.nan)[:, None]
    others = np.isfinite(np.einsum("kii->ki", found.covariance))
    found.covariance[:, place, :] = np.where(others, known, np.nan)
    found.covariance[:, :, place] = np.where(others, known, np.nan)
    found.covariance[:, place, place] = variance


def _summed(
    found: Reduced,
    place: int,
    measure: LedgerMeasure,
    table: pd.DataFrame,
    at: Any,
    people: Floats,
) -> None:
    """Fill in a rate, a level or points: one number a committee.

    A sum is known where every one of its cells is: a committee with a blank has no number.
    """
    k = len(found.subjects)
    own = table["belongs"].to_numpy(dtype=bool) & eligible(measure, table)
    count = np.bincount(at[own], minlength=k).astype(np.float64)
    numbers = _numbers(measure, table, found.ledger)
    found.df[:, place] = 0.0
    needed = {measure.column, measure.exposure, measure.category if measure.caps else None}
    if not needed <= {None, *table}:
        return
    found.n[:, place] = found.asked[:, place] = count
    if measure.how == "rate":
        exposure = people
        if measure.exposure is not None:
            exposure = _sum(at, own, table[measure.exposure].to_numpy(dtype=np.float64), k)
        if numbers is not None:
            count = _sum(at, own, numbers, k)
        spread = count + JEFFREYS
        if found.adds_amounts(place) and numbers is not None:
            spread = _compound(at, own, numbers, k)
        else:
            found.asked[:, place] = np.nan_to_num(count)
        with np.errstate(divide="ignore", invalid="ignore"):
            raw = np.where(exposure > 0, measure.per * count / exposure, np.nan)
            variance = (measure.per / exposure) ** 2 * spread
        found.exposure[:, place], found.hits[:, place] = exposure, np.nan_to_num(count)
        known = np.isfinite(raw)
        found.n[:, place] = np.where(known, np.maximum(found.asked[:, place], 1.0), 0.0)
    elif numbers is None:
        return
    elif measure.how == "level":
        told = own & ~np.isnan(numbers)
        n = np.bincount(at[told], minlength=k)
        with np.errstate(divide="ignore", invalid="ignore"):
            raw = np.where(n > 0, _sum(at, told, numbers, k) / n, np.nan)
        variance = np.full(k, float(measure.width or 0.0) ** 2 / 3.0)
        found.n[:, place] = n
    else:
        if found.ledger.column(str(measure.column)).holds == "option":
            own &= ~np.isnan(numbers)
        raw, variance = _capped(measure, table, at, own, numbers, k)
        found.n[:, place] = np.bincount(at[own], minlength=k)
    scale, mean = _scaled(measure, raw)
    found.raw[:, place] = raw
    found.mean[:, place] = mean if measure.scored else np.nan
    found.df[:, place] = np.where(np.isfinite(raw), np.inf, 0.0)
    _alone(found, place, np.where(np.isfinite(raw), variance * scale**2, np.nan))


def _covered(
    found: Reduced, place: int, measure: LedgerMeasure, table: pd.DataFrame, decided: Decided
) -> None:
    """Fill in what lies within reach, between the straight way and the longest one."""
    own = covering.covered(measure, table, found.subjects, decided.boundaries)
    if own is None:
        return
    scale, mean = _scaled(measure, own.share)
    found.n[:, place] = found.asked[:, place] = own.n
    found.hits[:, place], found.exposure[:, place] = own.reached, own.whole
    found.raw[:, place] = own.share
    found.mean[:, place] = mean if measure.scored else np.nan
    found.df[:, place] = np.where(np.isfinite(own.share), np.inf, 0.0)
    _alone(found, place, own.width**2 / 3.0 * scale**2)


def _sum(at: Any, own: Mask, values: Floats, k: int) -> Floats:
    return np.asarray(np.bincount(at[own], weights=values[own], minlength=k), dtype=np.float64)


def _compound(at: Any, own: Mask, amounts: Floats, k: int) -> Floats:
    """Return the variance of sums of amounts: a compound Poisson count, and half a usual amount."""
    squares = amounts[own & ~np.isnan(amounts)] ** 2
    usual = float(squares.mean()) if len(squares) else 0.0
    return _sum(at, own, amounts**2, k) + JEFFREYS * usual


def _numbers(measure: LedgerMeasure, table: pd.DataFrame, ledger: Ledger) -> Floats | None:
    if measure.column is None or measure.column not in table:
        return None
    cells = table[measure.column]
    if ledger.column(measure.column).holds == "option":
        scores = ledger.values.get(measure.column, {})
        cells = cells.map({t: np.nan if s is None else s for t, s in scores.items()})
    return cells.to_numpy(dtype=np.float64, na_value=np.nan)


def _capped(
    measure: LedgerMeasure, table: pd.DataFrame, at: Any, own: Mask, numbers: Floats, k: int
) -> tuple[Floats, Floats]:
    """Add up points by category, none above its cap; a category at its cap varies no more.

    Without a record there are no points, and not 0 of them.
    """
    category = measure.category if measure.category in table else None
    kinds = table[category].astype(str) if category else pd.Series("", index=table.index)
    total, variance = np.where(np.bincount(at[own], minlength=k) > 0, 0.0, np.nan), np.zeros(k)
    for kind in sorted(kinds.unique()):
        mine = own & (kinds == kind).to_numpy(dtype=bool)
        sums, cap = _sum(at, mine, numbers, k), measure.caps.get(kind, np.inf)
        total += np.minimum(sums, cap)
        variance += np.where(sums < cap, _sum(at, mine, numbers**2, k), 0.0)
    smallest = float(np.nanmin(numbers)) if np.isfinite(numbers).any() else 0.0
    return total, variance + JEFFREYS * smallest**2


def _scaled(measure: LedgerMeasure, raw: Floats) -> tuple[float, Floats]:
    """Return points per unit, and the number on 0 to 100."""
    if measure.how == "points":
        per = 100.0 / float(measure.full or 1.0)
        return per, np.asarray(np.clip(raw * per, 0.0, 100.0))
    if measure.worst is None or measure.best is None:
        return 1.0, raw
    per = 100.0 / (measure.best - measure.worst)
    return per, np.asarray(np.clip((raw - measure.worst) * per, 0.0, 100.0))


def _bent(found: Reduced, place: int, measure: LedgerMeasure) -> None:
    """Fill in a curve over another measure; its variance by the slope where the other lies."""
    of = found.at(str(measure.of))
    x, y = (np.array(values) for values in zip(*measure.lines, strict=True))
    given = found.raw[:, of]
    mean = np.where(np.isnan(given), np.nan, np.interp(given, x, y))
    variance = found.covariance[:, of, of]
    step = np.sqrt(np.nan_to_num(variance))
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.interp(given + step, x, y) - np.interp(given - step, x, y)
        slope = np.where(step > 0, ends / (2.0 * step), 0.0)
    for name in ("n", "asked", "df"):
        getattr(found, name)[:, place] = getattr(found, name)[:, of]
    found.raw[:, place] = found.mean[:, place] = mean
    joint = found.covariance[:, of, :] * slope[:, None]
    found.covariance[:, place, :] = found.covariance[:, :, place] = joint
    found.covariance[:, place, place] = variance * slope**2
