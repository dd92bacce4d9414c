"""Persons of a track: who compares with whom, how surely, and who is among those with a place.

Colleagues of one committee share a leniency, so what they say compares persons within the committee
and nobody else: the score of all groups is told beside its rank within the committee, and what
compares the whole street leaves colleagues out. No function here gives persons of different
committees one order by what colleagues say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode, Place
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import Quota
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.tracks import OfTrack
from evalkit.errors import Note
from evalkit.findings import scoring
from evalkit.findings.combining import apportion, combine, seen_by, weigh
from evalkit.methods import quotas, rank_sets, shrinkage
from evalkit.methods.extremes import among
from evalkit.tables import (
    ALL_GROUPS,
    FRAMES,
    Appraisal,
    Cells,
    Floats,
    GroupCells,
    Integers,
    Scores,
    WaveResult,
    frame,
    no_rows,
)

UNIT, STREET = "unit", "street"
"""Whom something compares: persons of one committee, or everybody."""

KINDS: tuple[Literal["marginal", "joint"], ...] = ("marginal", "joint")

FREE = 2
"""Persons beyond one a committee that a spread within committees is estimated from at least."""


def raters_of(group: GroupCells) -> Integers:
    """Return how many people stand behind each person's cell, shape (K,).

    Where raters are told apart, one of them who answers twice is one.
    """
    if group.influence is None:
        return group.n
    return np.where(group.n > 0, np.rint(group.df + 1.0), 0).astype(np.int64)


def enough(cells: Cells, scheme: Scheme) -> Cells:
    """Return the cells without those of too few raters: nobody's number rests on them.

    A person whom a group has no cell of is incomplete, as a committee would be.
    """
    groups = dict(cells.groups)
    for group in scheme.groups:
        own = groups[group.code]
        few = raters_of(own) < group.minimum_n
        if group.ledger is not None or not few.any():
            continue
        mean, covariance = own.mean.copy(), own.covariance.copy()
        mean[few], covariance[few] = np.nan, np.nan
        influence = None if own.influence is None else own.influence.copy()
        if influence is not None:
            influence[:, few] = np.nan
        groups[group.code] = replace(own, mean=mean, covariance=covariance, influence=influence)
    return replace(cells, groups=groups)


def appraise(whole: Cells, current: WaveResult, decided: Decided) -> Appraisal:
    """Tell everything that is told of persons.

    Parameters
    ----------
    whole : Cells
        Of all rater groups, colleagues among them (`enough` of them).
    current : WaveResult
        The same wave without colleagues.
    decided : Decided
        The documents by which the wave was compared, of a track.
    """
    track = decided.track
    assert track is not None
    scores = scoring.score(whole, track.scheme, decided.roster)
    inside = Inside.of(scores, track, decided)
    found = [_quota(quota, inside, current, decided) for quota in track.track.quotas]
    rows = [table for table, _ in found if len(table)]
    return Appraisal(
        persons=_persons(whole, inside, current, decided),
        raters=_raters(whole, inside, current, track),
        quotas=frame("quotas", pd.concat(rows, ignore_index=True)) if rows else no_rows("quotas"),
        notes=tuple(note for _, notes in found for note in notes),
    )


# --- within committees ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """How much of what is seen is real.

    Attributes
    ----------
    tau2, low, high : float
        Variance of the true numbers, with its interval.
    own : ndarray of shape (K,)
        What each person's error adds to a comparison.
    """

    tau2: float
    low: float
    high: float
    own: Floats

    def reliability(self, tau2: float | None = None) -> Floats:
        """Return the share of each number's variance that is real, (K,)."""
        return shrinkage.reliability(self.tau2 if tau2 is None else tau2, self.own)


def spread(
    x: Floats, covariance: Floats, units: Sequence[str] | None, confidence: float
) -> Spread | None:
    """Estimate how far persons truly differ; within committees where `units` (K,) are given.

    None where nothing tells: an error is not known, or there are too few persons.
    """
    variances = np.diagonal(covariance)
    free = len(x) - (1 if units is None else len(set(units)))
    if free < FREE or not (variances > 0).all():
        return None
    facts = None if units is None else dummies(units)
    tau2 = shrinkage.between_variance(x, covariance, facts)
    ends = shrinkage.between_interval(x, covariance, facts, confidence=confidence)
    own = np.array(variances)
    for places in [range(len(x))] if units is None else blocks(units).values():
        at = np.array(places)
        own[at] = shrinkage.own_variances(covariance[np.ix_(at, at)])
    return Spread(tau2, ends.low, ends.high, own)


def blocks(units: Sequence[str]) -> dict[str, list[int]]:
    """Return the places of every committee's persons."""
    found: dict[str, list[int]] = {}
    for place, unit in enumerate(units):
        found.setdefault(unit, []).append(place)
    return found


def dummies(units: Sequence[str]) -> Floats | None:
    """Return a column (K,) of 0 and 1 for every committee but the first; None for a single one."""
    rest = list(dict.fromkeys(units))[1:]
    if not rest:
        return None
    return np.array([[float(own == unit) for unit in rest] for own in units])


@dataclass(frozen=True, slots=True)
class Inside:
    """The scores of all rater groups, compared within committees and nowhere else.

    Attributes
    ----------
    units : tuple of str
        The committee of each of the scores' K persons.
    spread : Spread or None
    sure : dict of unit to RankSets
        Each person's own, of committees of two persons and more with known errors.
    ahead : dict of unit to ndarray of shape (k, k)
        Whether the row is surely ahead of the column, all pairs of the committee together.
    """

    scores: Scores
    units: tuple[str, ...]
    spread: Spread | None
    sure: dict[str, rank_sets.RankSets]
    ahead: dict[str, NDArray[np.bool_]]

    @classmethod
    def of(cls, scores: Scores, track: OfTrack, decided: Decided) -> Inside:
        """Compare the persons of every committee."""
        units = tuple(track.units[person] for person in scores.subjects)
        settings, confidence = decided.order.settings, track.scheme.confidence
        sure, ahead = {}, {}
        for unit, places in blocks(units).items():
            at = np.array(places)
            own = scores.covariance[np.ix_(at, at)]
            if len(at) < 2 or not (np.diagonal(own) > 0).all():
                continue
            sure[unit], joint = (
                rank_sets.rank_sets(
                    scores.composite[at],
                    own,
                    confidence=confidence,
                    kind=kind,
                    draws=settings.draws,
                    seed=settings.seed,
                    df=scores.pair_df[np.ix_(at, at)],
                )
                for kind in KINDS
            )
            if joint.ahead is not None:
                ahead[unit] = joint.ahead
        found = spread(scores.composite, scores.covariance, units, confidence)
        return cls(scores, units, found, sure, ahead)


def contrast(inside: Inside, one: str, other: str) -> tuple[float, float]:
    """Return by how much one person is ahead of another by all rater groups, and the error of it.

    Raises
    ------
    ValueError
        For persons of different committees: what colleagues say does not compare them.
    """
    persons = list(inside.scores.subjects)
    a, b = persons.index(one), persons.index(other)
    if inside.units[a] != inside.units[b]:
        raise ValueError(
            f"{one} and {other} work in different committees: colleagues' ratings do not compare them"
        )
    own = inside.scores.covariance
    variance = own[a, a] + own[b, b] - 2.0 * own[a, b]
    return float(inside.scores.composite[a] - inside.scores.composite[b]), float(np.sqrt(variance))


# --- frames -----------------------------------------------------------------------------------


def _persons(whole: Cells, inside: Inside, current: WaveResult, decided: Decided) -> pd.DataFrame:
    track = decided.track
    assert track is not None
    scores = inside.scores
    table = scores.table.set_index("subject")
    share = None if inside.spread is None else inside.spread.reliability()
    places = {person: place for place, person in enumerate(scores.subjects)}
    within = {u: {p: at for at, p in enumerate(own)} for u, own in blocks(inside.units).items()}
    posts = {subject.id: subject.kind for subject in decided.roster.subjects}
    comparable = current.scores.table.set_index("subject")
    ranked = {str(row["subject"]): row for row in current.ranking.table.to_dict("records")}
    rows: list[dict[str, Any]] = []
    for person in whole.subjects:
        unit, own = track.units[person], table.loc[person]
        row: dict[str, Any] = {
            "wave": whole.wave,
            "subject": person,
            "committee": unit,
            "post": posts[person],
            **{name: own[name] for name in ("score", "se", "low", "high")},
            "of": len(within.get(unit, ())),
            "comparable": comparable.loc[person, "score"],
            "comparable_se": comparable.loc[person, "se"],
            "street_of": len(current.scores.subjects),
        }
        if person in places and unit in inside.sure:
            at, sets = within[unit][places[person]], inside.sure[unit]
            row |= {"rank_low": int(sets.low[at]), "rank_high": int(sets.high[at])}
            if unit in inside.ahead:
                behind = np.flatnonzero(inside.ahead[unit][at])
                mine = [scores.subjects[place] for place in blocks(inside.units)[unit]]
                row["ahead_of"] = ";".join(mine[k] for k in behind)
        if person in places and share is not None:
            row["reliability"] = float(share[places[person]])
        if person in ranked and len(ranked) > 1:
            told = ranked[person]
            row["street_rank_low"] = int(told["rank_low"])
            row["street_rank_high"] = int(told["rank_high"])
            row["street_reliability"] = float(told["reliability"])
        rows.append(row)
    return _framed("persons", rows)


def _raters(whole: Cells, inside: Inside, current: WaveResult, track: OfTrack) -> pd.DataFrame:
    """Return frame ``raters``: both scores first, then every group, and what it says of everybody."""
    wave, scheme = whole.wave, track.scheme
    rows: list[dict[str, Any]] = []
    if inside.spread is not None:
        rows.append(_of_all(wave, ALL_GROUPS, UNIT, inside.spread))
    if len(current.ranking.table) > 1:
        ranking = current.ranking
        rows.append(
            {
                "wave": wave,
                "group": ALL_GROUPS,
                "scope": STREET,
                "subject": ALL_GROUPS,
                "reliability": ranking.reliability,
                "low": ranking.reliability_low,
                "high": ranking.reliability_high,
            }
        )
    weighing = weigh(scheme)
    weights = apportion(weighing, scheme, whole)
    codes = tuple(group.code for group in scheme.groups)
    for g, group in enumerate(scheme.groups):
        own = whole.groups[group.code]
        counts = raters_of(own)
        at = np.flatnonzero(np.isfinite(own.mean[:, :-1]).any(axis=1))
        view = seen_by(weighing, weights, g)
        found = combine(whole, codes, view.weights, at)
        x, covariance = found.estimate[0], found.covariance
        units = [track.units[whole.subjects[place]] for place in at]
        inside_only = group.code in track.track.colleagues
        scope = UNIT if inside_only else STREET
        real = spread(x, covariance, units if inside_only else None, scheme.confidence)
        single, share = np.nan, np.full(len(at), np.nan)
        if real is not None:
            share = real.reliability()
            whole_group = _of_all(wave, group.code, scope, real)
            if group.questionnaire is not None:
                n = counts[at].astype(np.float64)
                single = real.tau2 / (real.tau2 + float((real.own * n).mean()))
                share = quotas.spearman_brown(single, n)
                whole_group |= {"single": single, "reliability": float(share.mean())}
            rows.append(whole_group)
        known = {int(place): k for k, place in enumerate(at)}
        variance = np.where(found.variance[0] > 0, found.variance[0], np.nan)
        for place, person in enumerate(whole.subjects):
            row: dict[str, Any] = {
                "wave": wave,
                "group": group.code,
                "scope": scope,
                "subject": person,
            }
            if place in known:
                k = known[place]
                row |= {
                    "raters": None if group.questionnaire is None else int(counts[place]),
                    "estimate": float(x[k]),
                    "se": float(np.sqrt(variance[k])),
                    "reliability": float(share[k]),
                }
            rows.append(row)
    return _framed("raters", rows)


def _of_all(wave: str, group: str, scope: str, real: Spread) -> dict[str, Any]:
    return {
        "wave": wave,
        "group": group,
        "scope": scope,
        "subject": ALL_GROUPS,
        "reliability": float(real.reliability().mean()),
        "low": float(real.reliability(real.low).mean()),
        "high": float(real.reliability(real.high).mean()),
    }


def _framed(name: str, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    declared = FRAMES[name]
    table = pd.DataFrame(list(rows), columns=[column.name for column in declared])
    for column in declared:
        if column.kind == "integer":
            table[column.name] = table[column.name].astype("Int64" if column.nullable else "int64")
        elif column.kind == "number":
            table[column.name] = table[column.name].astype("float64")
    return frame(name, table)


# --- quotas -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Competing:
    """Persons who compete for the same places.

    Attributes
    ----------
    expected, covariance : ndarray of shape (K,), (K, K) or None
        Of their true scores; None where these cannot be expected.
    sure : pair of ndarray (K,) or None
        Best and worst of each person's set of ranks.
    reliability : float
    """

    committee: str
    persons: tuple[str, ...]
    expected: Floats | None
    covariance: Floats
    df: Floats
    sure: tuple[Integers, Integers] | None
    reliability: float


def _quota(
    quota: Quota, inside: Inside, current: WaveResult, decided: Decided
) -> tuple[pd.DataFrame, list[Note]]:
    competing = (
        [_on_the_street(current)] if quota.within == STREET else list(_in_committees(inside))
    )
    wave, settings = current.scores.wave, decided.order.settings
    rows: list[dict[str, Any]] = []
    placeless = 0
    for own in competing:
        k = len(own.persons)
        places = quotas.places(k, quota.share / 100.0)
        if places == 0:
            placeless += k > 0
            continue
        chance = np.full(k, np.nan)
        if own.expected is not None:
            chance = among(
                own.expected,
                own.covariance,
                best=places,
                worst=places,
                df=own.df,
                draws=settings.draws,
                seed=settings.seed,
            ).best
        best = np.nan
        if np.isfinite(own.reliability):
            best = quotas.best_in_quota(float(np.clip(own.reliability, 0.0, 1.0)), k, places)
        for at, person in enumerate(own.persons):
            rows.append(
                {
                    "wave": wave,
                    "grade": quota.grade,
                    "scope": quota.within,
                    "committee": own.committee,
                    "subject": person,
                    "persons": k,
                    "places": places,
                    "probability": float(chance[at]),
                    "verdict": _verdict(own, at, places).value,
                    "best_inside": best,
                }
            )
    notes = []
    facts: dict[str, Any] = {"grade": quota.grade}
    if placeless:
        more = {**facts, "share": quota.share}
        notes.append(Note(NoteCode.QUOTA_WITHOUT_PLACE, wave, placeless, more))
    undecided = sum(row["verdict"] == Place.UNDECIDED for row in rows)
    if undecided:
        notes.append(Note(NoteCode.QUOTA_UNDECIDED, wave, undecided, facts))
    return (_framed("quotas", rows) if rows else no_rows("quotas")), notes


def _verdict(own: _Competing, at: int, places: int) -> Place:
    """Say what the person's set of ranks is sure of; nobody is put in an order beyond that."""
    if own.sure is None:
        return Place.UNDECIDED
    low, high = own.sure
    if high[at] <= places:
        return Place.INSIDE
    return Place.OUTSIDE if low[at] > places else Place.UNDECIDED


def _on_the_street(current: WaveResult) -> _Competing:
    scores, ranking = current.scores, current.ranking
    known = scores.errors_known and len(scores.subjects) >= 3
    found = shrinkage.shrink(scores.composite, scores.covariance) if known else None
    sure = None
    if len(ranking.table) > 1:
        table = ranking.table.set_index("subject").loc[list(scores.subjects)]
        sure = (table["rank_low"].to_numpy(), table["rank_high"].to_numpy())
    return _Competing(
        ALL_GROUPS,
        scores.subjects,
        None if found is None else found.estimate,
        scores.covariance if found is None else found.covariance,
        scores.df[0],
        sure,
        ranking.reliability if known else np.nan,
    )


def _in_committees(inside: Inside) -> Iterator[_Competing]:
    """Yield every committee's persons, drawn towards the mean of their own committee."""
    scores, real = inside.scores, inside.spread
    found, share = None, np.full(len(scores.subjects), np.nan)
    if real is not None:
        found = shrinkage.shrink(scores.composite, scores.covariance, dummies(inside.units))
        share = real.reliability()
    for unit, places in blocks(inside.units).items():
        at = np.array(places)
        block = np.ix_(at, at)
        told = found is not None and len(at) > 1
        sets = inside.sure.get(unit)
        yield _Competing(
            unit,
            tuple(scores.subjects[place] for place in places),
            found.estimate[at] if told and found is not None else None,
            (scores if found is None else found).covariance[block],
            scores.df[0][at],
            None if sets is None else (sets.low, sets.high),
            float(share[at].mean()),
        )
