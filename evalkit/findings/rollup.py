"""Committees rolled up to the levels above them and to other groupings; units inside them beside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.units import Grouping, Units
from evalkit.errors import Note
from evalkit.findings.combining import apportion, combine, seen_by, weigh
from evalkit.findings.finer import told_units
from evalkit.findings.rolling_up import Rolled, roll_up_to, shares
from evalkit.findings.sources import by_group
from evalkit.methods import rank_sets, tails
from evalkit.tables import (
    ALL_GROUPS,
    COMPOSITE,
    FRAMES,
    Finer,
    Floats,
    Measure,
    WaveResult,
    frame,
    no_rows,
)

Row = dict[str, object]

FEWEST = 2
"""Units that are ranked at the least."""


def roll_up_wave(
    result: WaveResult, decided: Decided, finer: Finer | None
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Sum a wave's committees up to every level and grouping, by the order's weights.

    Parameters
    ----------
    result : WaveResult
    finer : Finer or None
        What residents say by units inside committees, where they name one.

    Returns
    -------
    frame : DataFrame
        Frame ``rollup``. Only complete committees that count are in a sum. A sum is told where it
        is a sum of what is told of committees, so that it tells nothing new; the composite always
        is. Empty where the roster has one level only.
    notes : tuple of Note
        Where counts of the wave are lacking, nothing is summed up.
    """
    units = Units.of(decided.roster)
    if not units.levels:
        return no_rows("rollup"), ()
    wave, scores = result.scores.wave, result.scores
    weighing = units.weighing(wave)
    lacking = [subject for subject in scores.subjects if subject not in weighing]
    notes: tuple[Note, ...] = ()
    rows: list[Row] = []
    if lacking:
        facts = {"wave": wave}
        notes = (Note(NoteCode.ROLLUP_WITHOUT_COUNTS, wave, len(lacking), facts),)
    elif scores.subjects:
        weights = np.array([weighing[subject] for subject in scores.subjects])
        for grouping in units.groupings():
            rows += _grouped(result, decided, grouping, weights, alike=units.weights == "equal")
    if finer is not None:
        rows += _inside(finer, result, decided.scheme, units)
    names = [column.name for column in FRAMES["rollup"]]
    made = [{"wave": wave, "suppressed": False, **row} for row in rows]
    table = pd.DataFrame(made, columns=names)
    whole = [column.name for column in FRAMES["rollup"] if column.kind == "integer"]
    table = table.astype(dict.fromkeys(whole, "Int64"))
    return (frame("rollup", table) if rows else no_rows("rollup")), notes


def _grouped(
    result: WaveResult, decided: Decided, grouping: Grouping, weights: Floats, *, alike: bool
) -> Iterator[Row]:
    scheme, scores = decided.scheme, result.scores
    weighing = weigh(scheme)
    own = apportion(weighing, scheme, result.cells)
    groups = [group.code for group in scheme.groups]
    for m, measure in enumerate(weighing.measures):
        judged = np.flatnonzero(np.isfinite(scores.estimate[m]))
        subjects = [scores.subjects[k] for k in judged]
        members = [
            [k for k, subject in enumerate(subjects) if grouping.of.get(subject) == unit]
            for unit in grouping.units
        ]
        at = np.array([result.cells.subjects.index(s) for s in subjects], dtype=np.intp)
        sources = list(by_group(result.cells, groups, own[m], at))
        some = [inside for inside in members if inside]
        rolled = roll_up_to(shares(weights[judged], some), sources)
        places = _ranked(rolled, decided, grouping, measure)
        shown = iter(range(len(some)))
        for (unit, name), inside in zip(grouping.units.items(), members, strict=True):
            u = next(shown) if inside else None
            row: Row = {
                "grouping": grouping.code,
                "unit": unit,
                "name": name or decided.order.street,
                "code": measure.code,
                "level": measure.level,
                "group": ALL_GROUPS,
                "members": len(inside),
            }
            whole = unit == ALL_GROUPS and alike and len(inside) >= FEWEST
            untold = any((subjects[k], measure.code) in scores.untold for k in inside)
            if u is None:
                yield row
            elif untold and not whole and measure.code != COMPOSITE:
                yield row | {"suppressed": True}
            else:
                yield row | _numbers(rolled, u, scheme) | (places[u] if places else {})


def _numbers(rolled: Rolled, u: int, scheme: Scheme) -> Row:
    value, variance = float(rolled.value[u]), float(rolled.covariance[u, u])
    if not variance > 0 and all(group.population is None for group in scheme.groups):
        variance = np.nan  # no answers differ: nothing tells the error
    se = float(np.sqrt(variance))
    reach = se * float(tails.t_quantile(0.5 + scheme.confidence / 2.0, rolled.df[u]))
    ends = float(np.maximum(value - reach, 0.0)), float(np.minimum(value + reach, 100.0))
    return {"mean": value, "se": se, "low": ends[0], "high": ends[1]}


def _ranked(rolled: Rolled, decided: Decided, grouping: Grouping, measure: Measure) -> list[Row]:
    """Rank the units of a grouping on their composites, with joint sets of their own."""
    if not grouping.ranked or measure.code != COMPOSITE:
        return []
    variances = np.diagonal(rolled.covariance)
    if len(rolled.value) < FEWEST or not (variances > 0).all():
        return []
    settings = decided.order.settings
    found = rank_sets.rank_sets(
        rolled.value,
        rolled.covariance,
        confidence=decided.scheme.confidence,
        kind="joint",
        draws=settings.draws,
        seed=settings.seed,
        df=rolled.pair_df,
    )
    ends = zip(found.rank, found.low, found.high, strict=True)
    return [
        {"rank": int(rank), "rank_low": int(low), "rank_high": int(high)}
        for rank, low, high in ends
    ]


def _inside(finer: Finer, result: WaveResult, scheme: Scheme, units: Units) -> Iterator[Row]:
    """Yield what every residents' group says by the units inside committees."""
    told = told_units(finer, result, scheme, units)
    names = {unit.id: unit.name for unit in units.inside}
    groups = tuple(group.code for group in scheme.groups)
    weighing = weigh(scheme)
    for level, cells in finer.cells.items():
        weights = apportion(weighing, scheme, cells)
        for g, group in enumerate(scheme.groups):
            if group.code not in finer.atoms:
                continue
            own = seen_by(weighing, weights, g)
            found = combine(cells, groups, own.weights, np.arange(len(cells.subjects)))
            rolled = Rolled(
                found.estimate[0], np.diag(found.variance[0]), found.df[0], found.pair_df
            )
            n = cells.groups[group.code].n
            for k in np.flatnonzero(n):
                unit = cells.subjects[k]
                row: Row = {
                    "grouping": level,
                    "unit": unit,
                    "name": names[unit],
                    "code": COMPOSITE,
                    "level": COMPOSITE,
                    "group": group.code,
                }
                if (group.code, unit) not in told:
                    yield row | {"suppressed": True}
                    continue
                yield row | {"n": int(n[k])} | _numbers(rolled, int(k), scheme)
