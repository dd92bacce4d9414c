"""When things happened to records: in the order of a ledger, within its clocks or beyond them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.definitions.ledger import Clock, Ledger
from evalkit.definitions.opening_hours import spans
from evalkit.simulation.book import Setting
from evalkit.simulation.orders import moments
from evalkit.simulation.truth import Floats, Integers

Moments = NDArray[np.datetime64]
Masks = NDArray[np.bool_]

DUE = np.timedelta64(5 * 86400, "s")
"""How long something may take by the deadline in its row."""
USUAL = 30.0
"""Hours that a step takes on average where no clock runs."""
LASTING = 1000.0
"""And where nothing is handled: a project from its beginning to its end."""
OPTIONAL = 0.25
"""Share of records that pass a state that may be left out."""
_NEVER = np.datetime64("NaT", "s")
_DAY = np.timedelta64(86400, "s")


def order_of(ledger: Ledger) -> list[str]:
    """Return the columns of times in the order in which things happen, deadlines left out."""
    dues = {clock.due for clock in ledger.clocks}
    found = [c.code for c in ledger.holding("time") if c.code not in dues]
    after = [(clock.start, clock.stop) for clock in ledger.clocks]
    if ledger.opened and ledger.closed:
        after.append((ledger.opened, ledger.closed))
    states = [state.at for state in ledger.states if state.at]
    after += pairwise(states)
    for _ in found:
        for first, then in after:
            if first in found and then in found and found.index(first) > found.index(then):
                found.remove(first)
                found.insert(found.index(then), first)
    return found


def happened(ledger: Ledger, setting: Setting, at: Integers) -> dict[str, Moments]:
    """Return when every record reached what its columns of times tell, known at the end or NaT.

    A record is in time by a clock as often as its unit's true share says. Of several clocks the same
    records are late, those of the clock that is kept best first; a clock that ends after a late one
    may be missed for its sake.

    Parameters
    ----------
    at : ndarray of shape (n,)
        Whose every record is.
    """
    rng, columns, n = setting.rng, order_of(ledger), len(at)
    if not columns:
        return {}
    lot = rng.random(n)
    late = {c.code: lot > _share(ledger, c, setting)[at] / 100.0 for c in ledger.clocks}
    begun = np.array(moments(setting.start, setting.end, n, rng), dtype="datetime64[s]")
    found: dict[str, Moments] = {columns[0]: begun[rng.permutation(n)]}
    limits: dict[str, Moments] = {}
    previous = found[columns[0]]
    for place, column in enumerate(columns):
        if place:
            previous = _next(ledger, column, columns, previous, limits, late, rng)
            found[column] = previous
        for clock in ledger.clocks:
            if clock.start == column:
                limits[clock.code] = deadline(clock, found[column], setting)
                if clock.due is not None:
                    found[clock.due] = limits[clock.code]
    return _known(ledger, setting, columns, found)


def _share(ledger: Ledger, clock: Clock, setting: Setting) -> Floats:
    """Return the share of records that keep a clock, per cent: that of the measure which asks for it."""
    codes = [m.code for m in ledger.measures if m.clock == clock.code and m.code in setting.truth]
    return setting.truth[codes[0]] if codes else np.full(len(setting.subjects), 85.0)


def _next(
    ledger: Ledger,
    column: str,
    columns: list[str],
    previous: Moments,
    limits: Mapping[str, Moments],
    late: Mapping[str, Masks],
    rng: np.random.Generator,
) -> Moments:
    """Return when the next thing happened, after the previous one and by the clocks that run."""
    n = len(previous)
    room = np.full(n, np.inf)
    ending = np.zeros(n, dtype=bool)
    moved = np.zeros(n, dtype="datetime64[s]")
    for clock in ledger.clocks:
        if clock.code not in limits or columns.index(clock.stop) < columns.index(column):
            continue
        missed = late[clock.code]
        left = np.maximum((limits[clock.code] - previous).astype(np.float64), 1.0)
        room = np.where(missed, room, np.minimum(room, left))
        if clock.stop == column:
            ending |= ~missed
            over = (0.1 + 0.7 * rng.random(n)) * left
            beyond = np.maximum(limits[clock.code], previous) + _DAY + over.astype("timedelta64[s]")
            moved = np.where(missed, np.maximum(moved, beyond), moved)
    most = np.where(ending, 0.9, 0.3) * room
    lasting = not ledger.clocks and not ledger.loops and ledger.closed is None
    usual = 3600.0 * (LASTING if lasting else USUAL) * rng.exponential(1.0, n) + 60.0
    share = rng.beta(2.0, 2.0, n)
    took = np.where(np.isfinite(most), np.minimum(share * most, usual + 0.3 * share * most), usual)
    stepped = previous + np.maximum(took, 1.0).astype("timedelta64[s]")
    return np.asarray(np.maximum(stepped, moved))


def deadline(clock: Clock, begun: Moments, setting: Setting) -> Moments:
    """Return when what begins at some moments falls due."""
    if clock.due is not None:
        return begun + DUE
    limit = float(clock.limit or 0.0)
    if clock.unit == "workdays":
        reached: Any = setting.worked.after(begun.astype("datetime64[D]"), int(limit))
        ends = reached.ends.astype("datetime64[s]") + _DAY - np.timedelta64(1, "s")
    elif clock.hours is not None:
        reached = setting.worked.open_after(begun, dt.timedelta(hours=limit), spans(clock.hours))
        ends = reached.ends.astype("datetime64[s]")
    else:
        seconds = limit * (3600.0 if clock.unit == "hours" else 86400.0)
        return begun + np.timedelta64(int(seconds), "s")
    return np.where(np.isnat(ends), begun + np.timedelta64(int(limit * 86400), "s"), ends)


def _known(
    ledger: Ledger, setting: Setting, columns: list[str], found: dict[str, Moments]
) -> dict[str, Moments]:
    """Blot out what had not happened at the end, and states that were left out."""
    rng = setting.rng
    until = np.datetime64(setting.end + dt.timedelta(days=1), "s")
    over = np.zeros(len(found[columns[0]]), dtype=bool)
    skipped = {state.at for state in ledger.states if state.optional}
    for column in columns[1:]:
        over = over | (found[column] >= until)
        gone = over | (rng.random(len(over)) >= OPTIONAL) if column in skipped else over
        found[column] = np.where(gone, _NEVER, found[column])
    return found


def stamped(at: Moments) -> list[str]:
    """Return moments as systems write them, nothing where there is none."""
    written = np.datetime_as_string(at, unit="s")
    return ["" if text == "NaT" else text.replace("T", " ") for text in written.tolist()]
