"""Cells of a group that speaks through a ledger: what its measures say, however few the records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evalkit.codes import NoteCode
from evalkit.definitions.ledger import Ledger, LedgerMeasure
from evalkit.definitions.scheme import RaterGroup, Scheme
from evalkit.errors import Note
from evalkit.methods.moderation import moderated
from evalkit.tables import Floats, GroupCells
from evalkit.tables.records import Reduced

CEILING = 0.5
"""A share of committees at the best possible number beyond which a reader is told."""


@dataclass(frozen=True, slots=True)
class Steady:
    """Measures of K committees as they enter the scores.

    Attributes
    ----------
    mean, df : ndarray of shape (K, M)
        Without a record the street's, where the ledger says so; NaN else.
    covariance : ndarray of shape (K, M, M)
        Variances drawn towards the usual one (`moderation.moderated`).
    filled : ndarray of bool, shape (K, M)
        Where the street's mean stands in.
    """

    mean: Floats
    df: Floats
    covariance: Floats
    filled: np.ndarray


def steady(found: Reduced) -> Steady:
    """Draw small cells' variances towards the usual one, and fill in for those without a record.

    Eight of eight have no scatter and are no certainty; a single record has none to tell. Where no
    committee's records scatter, the street's share with half a record added either way does.
    """
    k, m = found.mean.shape
    own = np.einsum("kii->ki", found.covariance).copy()
    variance, df = np.full((k, m), np.nan), found.df.copy()
    for place, measure in enumerate(found.ledger.measures):
        known = np.isfinite(found.mean[:, place])
        if measure.how in ("share", "score"):
            variance[:, place], df[:, place] = _of_records(found, place, known)
        else:
            variance[:, place] = own[:, place]
    for place, measure in enumerate(found.ledger.measures):
        if measure.how == "curve":
            _follow(found, place, variance, own, df)
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.where(own > 0, np.sqrt(variance / own), 0.0)
    covariance = np.nan_to_num(found.covariance) * grown[:, :, None] * grown[:, None, :]
    at = np.arange(m)
    covariance[:, at, at] = variance
    unknown = np.isnan(found.mean)
    covariance[unknown[:, :, None] | unknown[:, None, :]] = np.nan
    mean, filled = found.mean.copy(), np.zeros((k, m), dtype=bool)
    counting = ~np.isin(np.array(found.subjects), found.beside)
    if found.ledger.when_none == "street_mean":
        for place, measure in enumerate(found.ledger.measures):
            if measure.scored:
                _fill(place, (mean, df, covariance), filled, counting)
    return Steady(mean, df, covariance, filled)


def _of_records(found: Reduced, place: int, known: np.ndarray) -> tuple[Floats, Floats]:
    n, df = found.n[:, place], found.df[:, place]
    one = found.covariance[:, place, place] * n
    told = known & np.isfinite(one) & (df > 0)
    single = np.where(told, np.maximum(np.nan_to_num(one), 0.0), np.nan)
    drawn = moderated(single, np.where(told, df, 1.0))
    usual, freedom = drawn.prior, max(drawn.borrowed_df, 1.0)
    if np.isnan(usual):
        total = float(n[known].sum())
        hits = float(found.hits[known, place].sum())
        share = (hits + 0.5) / (total + 1.0)
        usual, freedom = 1e4 * share * (1.0 - share), max(total - 1.0, 1.0)
        told = np.zeros_like(known)
    variance = np.where(told, drawn.variance, usual) / np.where(n > 0, n, np.nan)
    return np.where(known, variance, np.nan), np.where(told, drawn.df, freedom)


def _follow(found: Reduced, place: int, variance: Floats, own: Floats, df: Floats) -> None:
    """Let a curve's variance grow as that of the measure it is over did."""
    of = found.at(str(found.ledger.measures[place].of))
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.where(own[:, of] > 0, variance[:, of] / own[:, of], np.nan)
    flat = ~np.isfinite(grown)
    slope = _steepest(found, place)
    variance[:, place] = np.where(flat, variance[:, of] * slope**2, own[:, place] * grown)
    df[:, place] = df[:, of]


def _steepest(found: Reduced, place: int) -> float:
    lines = found.ledger.measures[place].lines
    return max(abs((b[1] - a[1]) / (b[0] - a[0])) for a, b in pairwise(lines))


def _fill(
    place: int, cells: tuple[Floats, Floats, Floats], filled: np.ndarray, counting: np.ndarray
) -> None:
    """Put the street's mean where there is no record, as far off as committees are from it.

    The mean is of those that count (K,): a committee that is being set up is not among them.
    """
    mean, df, covariance = cells
    lacking = np.isnan(mean[:, place])
    known = ~lacking & counting
    k = int(known.sum())
    if k < 2 or not lacking.any():
        return
    values, variances = mean[known, place], covariance[known, place, place]
    between = max(float(values.var(ddof=1) - np.nanmean(variances)), 0.0)
    mean[lacking, place] = values.mean()
    covariance[lacking, place, :] = covariance[lacking, :, place] = 0.0
    error = float(np.nansum(variances)) / k**2
    covariance[lacking, place, place] = between + max(error, float(values.var(ddof=1)) / k)
    df[lacking, place] = k - 1.0
    filled[lacking, place] = True


def cells_of(found: Reduced, group: RaterGroup, scheme: Scheme) -> GroupCells:
    """Return the cells of a group that speaks through a ledger.

    Its variances are final here: `n_effective` is NaN, and nothing above draws them again. A
    measure without any record leaves its indicators unknown. Behind an indicator stand the records
    of its least measure: the others are published, and would tell what three records say.
    """
    ready = steady(found)
    codes = [measure.code for measure in found.ledger.measures]
    covered = set(scheme.covered(group))
    matrix = np.zeros((len(scheme.indicators) + 1, len(codes)))
    for place, indicator in enumerate(scheme.indicators):
        own = [codes.index(c) for c in indicator.items.get(found.ledger.id, ())]
        if indicator.code in covered:
            matrix[place, own] = 1.0 / len(own)
    used = np.asarray(matrix > 0, dtype=bool)
    unknown = np.isnan(ready.mean)
    known: np.ndarray = (matrix.sum(axis=1) > 0)[None, :] & ~(used[None] & unknown[:, None, :]).any(
        axis=2
    )
    mean = np.where(known, np.nan_to_num(ready.mean) @ matrix.T, np.nan)
    covariance = np.einsum("im,kmn,jn->kij", matrix, np.nan_to_num(ready.covariance), matrix)
    covariance[~known[:, :, None] | ~known[:, None, :]] = np.nan
    behind = np.where(ready.filled, 0.0, found.n)
    least = np.where(used[np.newaxis], behind[:, None, :], np.inf).min(axis=2)
    n_measure = np.where(np.isfinite(least), least, 0.0)
    finite = np.where(np.isfinite(ready.df) & ~unknown, ready.df, np.inf)
    df = np.where((matrix.sum(axis=0) > 0)[None], finite, np.inf).min(axis=1)
    n = np.where((matrix.sum(axis=0) > 0)[None], behind, 0.0).max(axis=1).astype(np.int64)
    return GroupCells(
        n=n,
        n_effective=np.full(len(n), np.nan),
        n_measure=n_measure.astype(np.int64),
        mean=mean,
        covariance=covariance,
        influence=None,
        df=np.minimum(np.maximum(df, 0.0), 1e9),
    )


def spoken(reduced: Mapping[str, Reduced], scheme: Scheme) -> dict[str, GroupCells]:
    """Return the cells of all groups that speak through ledgers, by group."""
    return {
        group.code: cells_of(reduced[group.ledger], group, scheme)
        for group in scheme.groups
        if group.ledger is not None and group.ledger in reduced
    }


def definition(ledger: Ledger, code: str) -> list[object]:
    """Return everything that makes a measure what it is: a limit changed is another measure."""
    measure = ledger.measure(code)
    told = {name for name in (measure.column, measure.where) if name}
    return [
        ledger.id,
        ledger.rows,
        ledger.wave_by,
        ledger.when_none,
        ledger.unit.code,
        sorted(map(str, ledger.unit.headers)),
        measure.model_dump(mode="json", exclude=_beside(measure)),
        [clock.model_dump(mode="json", exclude={"name"} if clock.hours else {"name", "hours"})
         for clock in ledger.clocks if clock.code == measure.clock],
        [rule.model_dump(mode="json", exclude={"reason"}) for rule in ledger.exclude],
        {name: ledger.values.get(name) for name in sorted(told)},
        definition(ledger, measure.of) if measure.of else None,
    ]  # fmt: skip


_OF_COVERAGE = {"longitude", "latitude", "system", "radius", "detour", "reached"}


def _beside(measure: LedgerMeasure) -> set[str]:
    """Return what does not make a measure what it is; of other measures all that is of coverage.

    A kind of measure that comes later leaves the marks of earlier waves as they are.
    """
    named = {"name", "reason", "basis", "stated", "beside"}
    return named if measure.how == "coverage" else named | _OF_COVERAGE


def notes(found: Reduced, scheme: Scheme) -> Iterator[Note]:
    """Yield what a reader must know of a wave's measures."""
    if found.ledger.id not in scheme.ledgers:
        return
    ready = steady(found)
    where = found.wave
    facts: dict[str, object] = {"ledger": found.ledger.title}
    filled = int(ready.filled.any(axis=1).sum())
    if filled:
        yield Note(NoteCode.LEDGER_STREET_MEAN, where, filled, facts)
    for place, measure in enumerate(found.ledger.measures):
        top = found.mean[:, place] >= 100.0
        known = np.isfinite(found.mean[:, place])
        more = {**facts, "measure": measure.name}
        if measure.scored and known.any() and top.sum() > CEILING * known.sum():
            yield Note(NoteCode.LEDGER_AT_CEILING, where, int(top.sum()), more)
