"""How long things took, with what is still open: frame ``clocks``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evalkit.answers.reducing import on_time
from evalkit.definitions.calendar import working_days
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Clock, Ledger
from evalkit.definitions.opening_hours import spans
from evalkit.definitions.units import Units
from evalkit.intake.ledger_cohorts import Mask, within
from evalkit.methods.proportions import wilson_interval
from evalkit.methods.small_counts import of_records
from evalkit.methods.survival import kaplan_meier
from evalkit.methods.working_time import WorkingDays
from evalkit.tables import ALL_GROUPS, Floats, frame, no_rows
from evalkit.tables.records import Records

STREET = ALL_GROUPS


def clocks(records: Records, ledger: Ledger, decided: Decided) -> pd.DataFrame:
    """Return frame ``clocks`` of one ledger in one wave: every committee, and the street.

    Two cohorts answer two questions. Of what fell due in the wave, how much was done in time. Of
    what began in it, how long it took: what was open at its end lasted at least so long (Kaplan and
    Meier).
    """
    units = [subject.id for subject in Units.of(decided.roster).present(records.wave)]
    table = records.table[records.table["subject"].isin(units)]
    if ledger.case in table:
        table = table.drop_duplicates(str(ledger.case))
    worked = working_days(decided.order.calendar)
    at = pd.Index(units).get_indexer(pd.Index(table["subject"]))
    parts = [
        _of_clock(clock, table, records, ledger, worked, (units, at), decided.scheme.confidence)
        for clock in ledger.clocks
        if clock.start in table and clock.stop in table and records.until is not None
    ]
    return pd.concat(parts, ignore_index=True) if parts else no_rows("clocks")


def _of_clock(
    clock: Clock,
    table: pd.DataFrame,
    records: Records,
    ledger: Ledger,
    worked: WorkingDays,
    owners: tuple[list[str], Any],
    confidence: float,
) -> pd.DataFrame:
    units, at = owners
    k = len(units)
    lengths, ended = lasted(clock, table, records, worked)
    known = ~np.isnan(lengths)
    points = on_time(clock, table, records, worked)
    due = ~np.isnan(points)
    columns: dict[str, list[float]] = {name: [] for name in _NUMBERS}
    for place in range(k + 1):
        own = at == place if place < k else np.ones(len(at), dtype=bool)
        began, fell = own & known, own & due
        hits, whole = float((points[fell] > 0).sum()), int(fell.sum())
        low, high = wilson_interval(
            np.array([hits / max(whole, 1)]), np.array([float(max(whole, 1))]), confidence
        )
        took = kaplan_meier(lengths[began], ended[began])
        by = took.ended_by(np.nan if clock.limit is None else clock.limit, confidence)
        half = took.quantile(0.5, confidence)
        row = (
            *(whole, 100.0 * hits / whole if whole else np.nan, 100.0 * low[0], 100.0 * high[0]),
            *(int(began.sum()), int((began & ~ended).sum())),
            *(100.0 * by.share, 100.0 * by.low, 100.0 * by.high),
            *(half.at, half.low, half.high, took.quantile(0.9, confidence).at),
        )
        for name, value in zip(_NUMBERS, row, strict=True):
            columns[name].append(value)
    found = pd.DataFrame(columns).astype(np.float64)
    _hide(found, "due_n", _NUMBERS[:4], ledger.minimum_n)
    _hide(found, "n", _NUMBERS[4:], ledger.minimum_n)
    whole_numbers = {name: found[name].astype("Int64") for name in ("due_n", "n", "censored")}
    found = found.assign(
        **whole_numbers, wave=records.wave, subject=[*units, STREET], ledger=ledger.id,
        clock=clock.code, name=clock.name, unit=clock.unit, limit=clock.limit,
    )  # fmt: skip
    return frame("clocks", found.astype({"limit": np.float64}))


_NUMBERS = (
    *("due_n", "on_time", "low", "high"),
    *("n", "censored", "done", "done_low", "done_high"),
    *("median", "median_low", "median_high", "p90"),
)
"""What is told of the cohort that fell due; then of the one that began."""


def _hide(found: pd.DataFrame, count: str, names: tuple[str, ...], minimum: int) -> None:
    """Empty what too few records are behind, and what would tell it by subtraction."""
    n = found[count].to_numpy(dtype=np.int64)
    committees, street = of_records(n[:-1], minimum)
    out = ~np.append(committees, street) | (n == 0)
    found.loc[out, list(names)] = np.nan


def lasted(
    clock: Clock, table: pd.DataFrame, records: Records, worked: WorkingDays
) -> tuple[Floats, Mask]:
    """Return how long what began in the wave lasted, in the clock's unit, and what had ended.

    What began at another time, or cannot be told, is NaN. What was open at the end of the wave is
    watched until then: whether it ended later is not of this wave. Where a moment has only a day,
    days are counted; working days are counted as deadlines in them are.
    """
    begun, done, until = table[clock.start], table[clock.stop], records.until
    assert until is not None
    own = within(begun, records.start, records.until).to_numpy(dtype=bool)
    ended = (done.notna() & (done < until)).to_numpy(dtype=bool)
    last_day = (until - pd.Timedelta(seconds=1)).normalize()
    days = (begun == begun.dt.normalize()) | (ended & (done == done.dt.normalize()))
    first, last = begun.dt.normalize(), done.dt.normalize().where(ended, last_day)
    if clock.unit == "workdays":
        a, b = (x.to_numpy(dtype="datetime64[D]") for x in (first, last))
        later = ended & (b > a)
        lengths = worked.days_passed(a, b - later.astype("timedelta64[D]")) + later
    else:
        start, stop = begun.where(~days, first), done.where(ended, until).where(~days, last)
        a, b = (x.to_numpy(dtype="datetime64[s]") for x in (start, stop))
        if clock.hours is not None:
            lengths = worked.hours_passed(a, b, spans(clock.hours))
        else:
            seconds = 3600.0 if clock.unit == "hours" else 86400.0
            took = (b - a) / np.timedelta64(1, "s") / seconds
            lengths = np.asarray(took, dtype=np.float64)
    return np.where(own, lengths, np.nan), ended
