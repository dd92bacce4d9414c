"""Quotas: how likely everybody is to be among the best so many, and who cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode, Place
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import Quota
from evalkit.errors import Note
from evalkit.findings.colleagues import STREET, Inside, blocks, dummies
from evalkit.methods import quotas, shrinkage
from evalkit.methods.extremes import among
from evalkit.tables import ALL_GROUPS, Floats, Integers, WaveResult, frame, no_rows


def quotas_of(
    inside: Inside, current: WaveResult, decided: Decided
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Tell, for every quota of a track, who is how likely to hold one of its places.

    Places of the street are asked of what compares everybody, those of a committee of the score
    of all rater groups. Nobody is put in an order that the data do not know.

    Returns
    -------
    DataFrame, tuple of Note
        Frame ``quotas``.
    """
    track = decided.track
    assert track is not None
    found = [_quota(quota, inside, current, decided) for quota in track.track.quotas]
    rows = [row for own, _ in found for row in own]
    table = frame("quotas", pd.DataFrame(rows)) if rows else no_rows("quotas")
    return table, tuple(note for _, notes in found for note in notes)


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
) -> tuple[list[dict[str, Any]], list[Note]]:
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
    return rows, notes


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
