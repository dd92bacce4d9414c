"""Persons of a track: who compares with whom, how surely, and who is among those with a place.

Colleagues of one committee share a leniency, so what they say compares persons within the committee
and nobody else: the score of all groups is told beside its rank within the committee, and what
compares the whole street leaves colleagues out. No function here gives persons of different
committees one order by what colleagues say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.definitions.decided import Decided
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.tracks import OfTrack
from evalkit.findings import placing, scoring
from evalkit.findings.colleagues import STREET, UNIT, Inside, Spread, blocks, spread
from evalkit.findings.combining import apportion, combine, seen_by, weigh
from evalkit.methods import quotas
from evalkit.tables import (
    ALL_GROUPS,
    FRAMES,
    Appraisal,
    Cells,
    GroupCells,
    Integers,
    WaveResult,
    frame,
)


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
    told, notes = placing.quotas_of(inside, current, decided)
    return Appraisal(
        persons=_persons(whole, inside, current, decided),
        raters=_raters(whole, inside, current, track),
        quotas=told,
        notes=notes,
    )


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
