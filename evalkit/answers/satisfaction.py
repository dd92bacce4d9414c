"""How satisfied residents of one kind are: by age, housing, years, whatever they say of themselves.

Who says what is an answer like any other; only sums over the street leave, none of few residents.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evalkit.answers.residents import MINIMUM_N, Residents
from evalkit.answers.scores import item_scores
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.methods.small_counts import publishable
from evalkit.tables import Answers, Floats, Opinions, ResidentsOfAKind


def by_kind(answers: Answers | None, decided: Decided) -> tuple[ResidentsOfAKind, ...]:
    """Return how satisfied the residents are, by every profile question with options.

    Parameters
    ----------
    answers : Answers or None
        Of one wave, without problems, weighted; None where only cells are left.

    Returns
    -------
    tuple of ResidentsOfAKind
        By question, options in their order, without those that nobody with an opinion chose. A
        kind may be told where as many as the minimum are satisfied and as many are not, and
        nothing that is left out can be had by subtraction.
    """
    if answers is None:
        return ()
    minimum = MINIMUM_N if decided.themes is None else decided.themes.minimum_n
    minimum = max([minimum, *(g.minimum_n for g in decided.scheme.residents)])
    rows = Residents.of(answers, decided, minimum)
    scores = _overall(rows)
    found: list[ResidentsOfAKind] = []
    for questionnaire, item in rows.items("profile").values():
        if item.kind == "single":
            found += _kinds(rows, questionnaire, item, scores, decided, minimum)
    return tuple(found)


def _overall(rows: Residents) -> Floats:
    """Return every resident's score of the overall question; below 0 without an opinion."""
    scores = np.full(len(rows.index), -1.0)
    for questionnaire, codes in rows.asked:
        for item in questionnaire.of_role("overall"):
            if item.id in codes and item.kind == "single":
                own = codes[item.id].reindex(rows.index)
                at = own.notna().to_numpy()
                scores[at] = np.nan_to_num(item_scores(own, item, questionnaire)[at], nan=-1.0)
    return scores


def _kinds(
    rows: Residents,
    questionnaire: Questionnaire,
    item: Item,
    scores: Floats,
    decided: Decided,
    minimum: int,
) -> Iterator[ResidentsOfAKind]:
    at, given = rows.given(item.id)
    options = questionnaire.options_of(item)
    own = scores[at]
    chosen = np.array(given, dtype=object)
    satisfied = own >= decided.scheme.satisfied_from
    opinion = own >= 0
    masks = [(chosen == option.code) for option in options]
    n = np.array([int((mask & opinion).sum()) for mask in masks])
    yes = np.array([int((mask & satisfied).sum()) for mask in masks])
    some = np.flatnonzero(n)
    if not some.size:
        return
    shown, _ = publishable(yes[some], (n - yes)[some], minimum)
    inside = [masks[which] & opinion for which in some]
    content = [satisfied[mask].astype(np.float64)[:, None] for mask in inside]
    found = rows.shares([(at[mask], values) for mask, values in zip(inside, content, strict=True)])
    for k, (which, told) in enumerate(zip(some, shown, strict=True)):
        # Not how many are content: so few may not be.
        share, worth = float(found.share[k, 0]), float(found.effective[k])
        option, opinions = options[which], Opinions(int(n[which]), worth, share, float("nan"))
        yield ResidentsOfAKind(item.id, option.code, option.label, opinions, bool(told))
