"""Publishing a wave again: whoever has both editions sees what the answers in between did.

A score before and after one late questionnaire is that person's answer, to the last digit. So
it is said where fewer answers changed since the last run than may be published on their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.errors import Note
from evalkit.tables import Cells


@dataclass(frozen=True, slots=True)
class MadeKnown:
    """What the last run of a wave was made from and said.

    Attributes
    ----------
    cells : Cells
    notes : tuple of Note
        Those that this module had made; they hold for as long as nothing changes.
    """

    cells: Cells
    notes: tuple[Note, ...] = ()


def notes(
    made_known: Mapping[str, MadeKnown], cells: Mapping[str, Cells], decided: Decided
) -> Iterator[Note]:
    """Yield a note for every wave that is published again for too few answers.

    Parameters
    ----------
    made_known : dict of wave id to MadeKnown
    cells : dict of wave id to Cells
        Of this run.
    """
    for wave, own in cells.items():
        if wave not in made_known:
            continue
        before = made_known[wave].cells
        counts = changed(before, own)
        if not any(counts.values()):
            yield from made_known[wave].notes
            continue
        few = [
            f"{decided.roster.subject(subject).name} {decided.scheme.group(group).name}"
            for (subject, group), n in counts.items()
            if 0 < n < decided.scheme.group(group).minimum_n
        ]
        if few:
            facts = {"cells": tuple(few)}
            yield Note(NoteCode.REPUBLISHED_FOR_FEW, wave, len(few), facts)


def changed(before: Cells, after: Cells) -> dict[tuple[str, str], int]:
    """Return how many answers at the least are new, gone or different, by subject and rater group.

    Of each question the options that were chosen more often, and those chosen less often, are
    counted; the question with most changes counts, and so does the number of answers. Committees
    and groups of one of the two only, and questions of one only, are left aside.

    Parameters
    ----------
    before, after : Cells
        Of one wave.

    Returns
    -------
    dict of (subject, group) to int
    """
    least = {
        (subject, group): abs(_answers(after, subject, group) - _answers(before, subject, group))
        for subject in after.subjects
        if subject in before.subjects
        for group in after.groups
        if group in before.groups
    }
    keys = ["subject", "group", "item", "option"]
    counts = pd.concat(
        [c.distributions.groupby(keys, observed=True)["n"].sum() for c in (before, after)],
        axis=1,
        keys=["before", "after"],
    ).fillna(0)
    asked = [set(c.distributions["item"]) for c in (before, after)]
    counts = counts[counts.index.isin(asked[0] & asked[1], level="item")]
    step = counts["after"] - counts["before"]
    for way in (step.clip(lower=0), -step.clip(upper=0)):
        most = way.groupby(level=keys[:3]).sum().groupby(level=keys[:2]).max()
        for key, n in zip(most.index.tolist(), most.tolist(), strict=True):
            if key in least:
                least[key] = max(least[key], int(n))
    return least


def _answers(cells: Cells, subject: str, group: str) -> int:
    return int(cells.groups[group].n[cells.subjects.index(subject)])
