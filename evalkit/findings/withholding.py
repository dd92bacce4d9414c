"""Which numbers of a wave are not told: what too few stand behind, and what would give it away.

`scoring.score` lists too small numbers without a value. Here the whole wave is known: every
committee's lines, and the street's means over them. `disclosure` finds what else must go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings.combining import View, apportion, seen_by, weigh
from evalkit.findings.disclosure import Committee, Level, Line, Mean, withhold
from evalkit.findings.objective import CellsTold
from evalkit.findings.scoring import answers_behind
from evalkit.methods.small_counts import Flags
from evalkit.tables import ALL_GROUPS, COMPOSITE, Cells, Floats, Scores, frame

FEWEST = 2
"""Committees that a mean over the street is taken over at least."""


def told(
    scores: Scores,
    cells: Cells,
    scheme: Scheme,
    records: Mapping[str, CellsTold] = MappingProxyType({}),
) -> tuple[Scores, tuple[Note, ...]]:
    """Return a wave's scores with its frame ``indicators`` as it may be told.

    Parameters
    ----------
    scores : Scores
        As `scoring.score` makes them.
    cells : Cells
        Of the same wave.
    records : dict of rater group to CellsTold
        What frame ``objective`` tells of the cells of groups that speak through ledgers: these
        are known in any case, and what it leaves out is left out here, too.

    Returns
    -------
    scores : Scores
        With more rows of ``indicators`` left empty: no number that is too small can be known
        within `disclosure.PROTECTION` points from the others, the scores and the street's means.
    notes : tuple of Note
        How many numbers the scores and means alone give away; they are the result, and are told.
    """
    table = scores.indicators
    rows = table.groupby("subject", sort=False).indices
    views = _views(scheme, cells)
    records = {code: own for code, own in records.items() if own.subjects == cells.subjects}
    behind = [answers_behind(cells, scheme, view.weighing) for _, view in views]
    empty = table["estimate"].isna().to_numpy(dtype=bool)
    committees = [
        _committee(cells, scheme, views, behind, empty[np.sort(rows[subject])], place, records)
        for place, subject in enumerate(cells.subjects)
    ]
    found = withhold(committees, _street(scores, cells))
    gone = np.zeros(len(table), dtype=bool)
    for subject, lines in zip(cells.subjects, found.lines, strict=True):
        gone[np.sort(rows[subject])[sorted(lines)]] = True
    beyond = sum(map(len, found.given_away))
    notes = (Note(NoteCode.GIVEN_AWAY_BY_SCORES, cells.wave, beyond),) if beyond else ()
    return replace(scores, indicators=_emptied(table, gone)), notes


def _views(scheme: Scheme, cells: Cells) -> list[tuple[str, View]]:
    """Return the measures over all groups and as each group sees them, as ``indicators`` has them."""
    weighing = weigh(scheme)
    weights = apportion(weighing, scheme, cells)
    each = [(group.code, seen_by(weighing, weights, g)) for g, group in enumerate(scheme.groups)]
    return [
        (ALL_GROUPS, View(weighing, weights)),
        *((code, own) for code, own in each if own.weighing.measures),
    ]


def _committee(
    cells: Cells,
    scheme: Scheme,
    views: Sequence[tuple[str, View]],
    behind: Sequence[Floats],
    not_told: np.ndarray,
    place: int,
    records: Mapping[str, CellsTold],
) -> Committee:
    """Return one committee's rows as weighted sums of the cells that count for its composite."""
    composite = views[0][1].weights[0, place]
    used = composite > 0
    means = np.stack([cells.groups[g.code].mean[place, :-1] for g in scheme.groups])[used]
    public = _recorded(scheme, records, place, "public")[used]
    hidden = _recorded(scheme, records, place, "hidden")[used]
    lines: list[Line] = []
    small: list[int] = []
    told, parts = np.isfinite(means), composite[used]
    estimates = iter(not_told.tolist())
    for (group, view), answers in zip(views, behind, strict=True):
        every = view.weights[:, place][:, used]
        above = every > 0
        there = every.any(axis=1) & ~(above & ~told).any(axis=1)
        known = ~(above & ~public).any(axis=1)
        left = (above & hidden).any(axis=1)
        for m, measure in enumerate(view.weighing.measures):
            empty, exists = next(estimates), bool(there[m])
            weights = every[m] if exists else np.zeros_like(every[m])
            level = "score" if exists and known[m] else _level(group, measure.level)
            untold = empty or (level == "cell" and bool(left[m]))
            if exists and group != ALL_GROUPS and level != "score" and untold:
                small.append(len(lines))
            share = float(parts[above[m]].sum()) if exists else 0.0
            lines.append(Line(weights, level, int(answers[m, place]), share))
    return Committee(lines, small, means)


def _recorded(
    scheme: Scheme, records: Mapping[str, CellsTold], place: int, which: Literal["public", "hidden"]
) -> Flags:
    """Tell which cells (G, I) of a committee the ledgers' own frame tells, or leaves out."""
    nothing = np.zeros(len(scheme.indicators), dtype=np.bool_)
    return np.stack(
        [
            getattr(records[g.code], which)[place] if g.code in records else nothing
            for g in scheme.groups
        ]
    )


def _level(group: str, level: str) -> Level:
    if group != ALL_GROUPS:
        return "cell" if level == "indicator" else "group"
    return "score" if level == COMPOSITE else "all"


def _street(scores: Scores, cells: Cells) -> list[Mean]:
    """Return the street's means: each over the complete committees that have the measure."""
    places = np.array([cells.subjects.index(subject) for subject in scores.subjects], dtype=int)
    judged = [places[np.isfinite(own)].tolist() for own in scores.estimate]
    return [dict.fromkeys(own, m) for m, own in enumerate(judged) if m > 0 and len(own) >= FEWEST]


def _emptied(table: pd.DataFrame, gone: np.ndarray) -> pd.DataFrame:
    """Empty these rows, and the answers over all groups where a group's are not told."""
    table = table.copy()
    table.loc[gone, ["estimate", "se"]] = np.nan
    table.loc[gone, "n"] = pd.NA
    empty = table["n"].isna()
    parts = pd.MultiIndex.from_frame(table.loc[empty, ["subject", "code"]])
    part_of = pd.MultiIndex.from_frame(table[["subject", "code"]]).isin(parts)
    table.loc[part_of & (table["group"] == ALL_GROUPS).to_numpy(), "n"] = pd.NA
    return frame("indicators", table)
