"""How residents answered, on paper or online: how many, and how far apart within committees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from evalkit.answers.adjusting import one_score
from evalkit.answers.residents import MINIMUM_N
from evalkit.answers.scores import score_respondents
from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.words import WORDS
from evalkit.errors import Note
from evalkit.methods import tails
from evalkit.methods.small_counts import tellable
from evalkit.methods.within import Within, difference_within
from evalkit.tables import FRAMES, Answers, Floats, frame, no_rows

UNSAID = "unsaid"
"""The mode of answers of which nothing tells it."""

ENOUGH = 6
"""Committees in which both modes occur, from which on their difference is told."""

SHIFTED = 0.1
"""A mode whose share of the answers moved by more than this between waves is told."""


def by_mode(answers: Answers | None, decided: Decided) -> pd.DataFrame:
    """Count the residents of every group by how they answered, and compare them within committees.

    Parameters
    ----------
    answers : Answers or None
        Of one wave, weighed; None where only cells are left.

    Returns
    -------
    DataFrame
        Frame ``modes``; without rows where nothing tells how anybody answered. A mode is compared
        where both numbers are told and both modes occur in `ENOUGH` committees.
    """
    if answers is None or not answers.modes:
        return no_rows("modes")
    rows = [
        row
        for group, weights in zip(decided.scheme.groups, decided.scheme.weights(), strict=True)
        if group in decided.scheme.residents
        for row in _of_group(answers, group, weights, decided)
    ]
    columns = [column.name for column in FRAMES["modes"]]
    return frame("modes", pd.DataFrame(rows, columns=columns)) if rows else no_rows("modes")


def _of_group(
    answers: Answers, group: RaterGroup, weights: Floats, decided: Decided
) -> Iterator[tuple[object, ...]]:
    counts, shown = _counts(answers, group)
    said = {mode: n for mode, n in counts.items() if mode != UNSAID}
    if not said:
        return
    of, usual = sum(counts.values()), max(said, key=lambda mode: said[mode])
    compared = _compared(answers, group, weights, decided)
    for mode, n in counts.items():
        told = shown[mode]
        row = (answers.wave, group.code, mode, n if told else None, of, n / of)
        found = None
        if told and shown[usual] and mode not in (usual, UNSAID):
            found = _against(compared, mode, usual)
        if found is None or found.places < ENOUGH:
            yield (*row[:4], of if told else None, n / of if told else np.nan,
                   None, None, *[np.nan] * 4)  # fmt: skip
            continue
        reach = found.se * tails.t_quantile((1.0 + decided.scheme.confidence) / 2.0, found.df)
        ends = found.difference - reach, found.difference + reach
        yield (*row, usual, found.places, found.difference, found.se, *ends)


def _counts(answers: Answers, group: RaterGroup) -> tuple[dict[str, int], dict[str, bool]]:
    """Return how many of a group answered by each mode, and which of these may be told."""
    rows = answers.respondents
    own = rows.loc[(rows["group"] == group.code).to_numpy(), "respondent"]
    found = Counter(answers.modes.get(str(name), UNSAID) for name in own)
    counts = {mode: found[mode] for mode in (*WORDS["mode"], UNSAID) if found[mode]}
    least = max(MINIMUM_N, group.minimum_n)
    shown = tellable(np.array([list(counts.values())], dtype=np.int64), least)
    return counts, {mode: bool(told) for mode, told in zip(counts, shown, strict=True)}


def _compared(
    answers: Answers, group: RaterGroup, weights: Floats, decided: Decided
) -> pd.DataFrame:
    """Return the group's answers with a score: ``mode``, ``subject``, ``weight``, ``score``."""
    rows = answers.respondents
    own = rows[(rows["group"] == group.code).to_numpy()]
    values = score_respondents(answers, decided).loc[own.index].iloc[:, :-1]
    survey = own["weight"].to_numpy(dtype=np.float64)
    score = one_score(
        values.to_numpy(dtype=np.float64), survey, weights, decided.scheme.minimum_answered
    )
    mode = [answers.modes.get(str(name), UNSAID) for name in own["respondent"]]
    found = own[["subject", "weight"]].assign(mode=mode, score=score)
    return found[(~np.isnan(score)) & (survey > 0)]


def _against(compared: pd.DataFrame, mode: str, usual: str) -> Within:
    both = compared[compared["mode"].isin([mode, usual])]
    return difference_within(
        both["score"], both["weight"], both["mode"] == mode, both["subject"].astype(str)
    )


def notes(answers: Mapping[str, Answers], decided: Decided) -> Iterator[Note]:
    """Yield groups of residents of whom many more, or fewer, answered by a mode than the time before.

    Parameters
    ----------
    answers : dict of wave id to Answers
        Of the waves whose rows are there.
    """
    residents = decided.scheme.residents
    for before, after in pairwise(answers[wave] for wave in sorted(answers)):
        yield from _shifts(before, after, residents)


def _shifts(before: Answers, after: Answers, residents: Sequence[RaterGroup]) -> Iterator[Note]:
    for group in residents:
        first, second = (_shares(answers, group) for answers in (before, after))
        moves = {
            mode: second[mode] - first[mode]
            for mode in WORDS["mode"]
            if mode in first and mode in second
        }
        most = max(moves, key=lambda mode: abs(moves[mode]), default=None)
        if most is not None and abs(moves[most]) > SHIFTED:
            facts = {
                "group": group.name, "mode": most, "before": first[most], "after": second[most],
            }  # fmt: skip
            where = f"{before.wave}-{after.wave}"
            yield Note(NoteCode.MODES_SHIFTED, where, facts=facts)


def _shares(answers: Answers, group: RaterGroup) -> dict[str, float]:
    """Return what share of a group answered by each mode, as far as that is known and may be told."""
    counts, shown = _counts(answers, group)
    if not counts or UNSAID in counts:
        return {}
    of = sum(counts.values())
    told = {mode: n / of for mode, n in counts.items() if shown[mode]}
    return {**dict.fromkeys(WORDS["mode"], 0.0), **told} if all(shown.values()) else told
