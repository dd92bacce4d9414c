"""Who rates whom: residents their committee, departments all, partners some, peers one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evalkit.definitions.roster import Subject
from evalkit.simulation.truth import Floats, Integers, Truth

_MOST_PARTNERS_RATE = 3


def who_rates_whom(
    truth: Truth, w: int, g: int, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Return who is rated and by whom, of the questionnaires that come back, shapes (n,)."""
    issued = truth.issued[w, :, g]
    pattern = truth.patterns[truth.groups[g]]
    committees = len(issued)
    if pattern == "each":
        subject = np.repeat(np.arange(committees), issued)
        rater = np.full(len(subject), -1)
    elif pattern == "all":
        subject = np.repeat(np.arange(committees), issued)
        rater = np.concatenate([np.arange(count) for count in issued])
    elif pattern == "some":
        subject, rater = _partners(issued, rng)
    elif pattern == "own":
        subject, rater = _colleagues([s.zone or "" for s in truth.subjects])
    elif pattern == "near":
        subject, rater = _neighbours(truth.subjects, issued)
    else:
        subject, rater = _peers(issued, rng)
    back = np.floor(issued * truth.returned[w, g] + rng.random(committees)).astype(np.int64)
    kept = _place_within(subject, rng.random(len(subject))) < back[subject]
    return subject[kept], rater[kept]


def _place_within(subject: Integers, lot: Floats) -> Integers:
    """Return every row's place by lot among the rows of its committee, from 0."""
    order = np.lexsort((lot, subject))
    first = np.searchsorted(subject[order], subject[order], side="left")
    place = np.empty(len(subject), dtype=np.int64)
    place[order] = np.arange(len(subject)) - first
    return place


def _partners(issued: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Deal raters of one to three neighbouring committees until every committee has its number."""
    subject: list[int] = []
    rater: list[int] = []
    current = 0
    for done in range(int(issued.max(initial=0))):
        waiting = [int(committee) for committee in np.flatnonzero(issued > done)]
        while waiting:
            size = int(rng.integers(1, _MOST_PARTNERS_RATE + 1))
            rated, waiting = waiting[:size], waiting[size:]
            subject += rated
            rater += [current] * len(rated)
            current += 1
    return np.array(subject, dtype=np.int64), np.array(rater, dtype=np.int64)


def _colleagues(zones: Sequence[str]) -> tuple[Integers, Integers]:
    """Let everybody rate the others of the own zone."""
    pairs = [
        (subject, rater)
        for subject, own in enumerate(zones)
        for rater, zone in enumerate(zones)
        if zone == own and rater != subject
    ]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _neighbours(subjects: Sequence[Subject], issued: Integers) -> tuple[Integers, Integers]:
    """Let the raters of every area rate all that lie in it."""
    areas = [next(iter(s.partitions.values()), s.zone or "") for s in subjects]
    most, names = int(issued.max(initial=0)), list(dict.fromkeys(areas))
    subject = np.repeat(np.arange(len(areas)), issued)
    rater = [
        names.index(area) * most + nth
        for area, count in zip(areas, issued.tolist(), strict=True)
        for nth in range(count)
    ]
    return subject, np.array(rater, dtype=np.int64)


def _peers(issued: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Let representatives rate the committees at a few random distances around the table."""
    committees = len(issued)
    if issued.max(initial=0) >= committees:
        raise ValueError(f"{committees} committees have at most {committees - 1} peers each")
    distances = 1 + rng.permutation(committees - 1)
    subject = np.repeat(np.arange(committees), issued)
    nth = np.concatenate([np.arange(count) for count in issued])
    return subject, (subject + distances[nth]) % committees
