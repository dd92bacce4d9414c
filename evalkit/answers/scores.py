"""What answers score: every respondent's indicators, some respondents at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.answers.once import remembered
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.files.alike import places
from evalkit.methods.gram import whole
from evalkit.tables import OVERALL, Answers, Floats

Places = NDArray[np.intp]

MOST_ITEMS = 10
"""Of an indicator whose scores are taken as whole numbers: the scale of more is too large."""


@remembered
def score_respondents(answers: Answers, decided: Decided) -> pd.DataFrame:
    """Return every respondent's indicator scores.

    Returns
    -------
    DataFrame of shape (n, I + 1)
        Indexed by respondent; columns are the indicator codes and ``overall``; 0 to 100, NaN
        where fewer than the scheme's share of the indicator's items were answered, or where the
        rater group does not judge the indicator.
    """
    scorer = Scorer(answers, decided)
    index = answers.respondents.index
    return pd.DataFrame(
        scorer.scores(np.arange(len(index))), index=index, columns=scorer.columns, copy=False
    )


class Scorer:
    """Scores respondents of one wave, some at a time."""

    def __init__(self, answers: Answers, decided: Decided) -> None:
        self.answers, self.decided = answers, decided
        self._group = answers.respondents["group"].to_numpy(dtype=object)
        self.columns = [*(i.code for i in decided.scheme.indicators), OVERALL]
        index = answers.respondents.index
        self._places = {q: places_among(index, codes.index) for q, codes in answers.codes.items()}

    def rows_of(self, questionnaire: str, at: Places) -> Places | slice | None:
        """Return where the respondents in these places are in a questionnaire; None if one is not."""
        if questionnaire not in self._places:
            return None
        place = self._places[questionnaire]
        if place is None:
            return slice(None) if len(at) == len(self._group) else at
        own = place[at]
        return own if bool((own >= 0).all()) else None

    def scores(self, at: Places) -> Floats:
        """Return the scores of the respondents in these places, shape (n, I + 1); see `score_respondents`."""
        scheme = self.decided.scheme
        result = np.full((len(at), len(self.columns)), np.nan)
        for questionnaire_id, codes in self.answers.codes.items():
            questionnaire = self.decided.questionnaires[questionnaire_id]
            place = self._places[questionnaire_id]
            own = at if place is None else place[at]
            rows = slice(None) if place is None else own >= 0
            own = own[rows]

            def scored(
                item: Item,
                own: Places = own,
                codes: pd.DataFrame = codes,
                questionnaire: Questionnaire = questionnaire,
            ) -> Floats:
                return item_scores(codes[item.id].iloc[own], item, questionnaire)

            for column, indicator in enumerate(scheme.indicators):
                items = [questionnaire.item(i) for i in indicator.items.get(questionnaire_id, [])]
                if len(items) == 1 and scheme.minimum_answered <= 1:
                    result[rows, column] = scored(items[0])
                elif items:
                    scores = np.column_stack([scored(item) for item in items])
                    result[rows, column] = _mean_of_answered(scores, scheme.minimum_answered)
            for item in questionnaire.of_role("overall"):
                result[rows, -1] = scored(item)
        for group in scheme.groups:
            covered = scheme.covered(group)
            outside = [k for k, c in enumerate(self.columns[:-1]) if c not in covered]
            if outside:
                result[np.ix_(self._group[at] == group.code, outside)] = np.nan
        return result


def places_among(respondents: pd.Index[str], own: pd.Index[str]) -> Places | None:
    """Return where respondents are among those of a questionnaire, -1 where they are not, shape (n,).

    None where both are the same.
    """
    if own is respondents or own.equals(respondents):
        return None
    found = np.full(len(respondents), -1, dtype=np.intp)
    found[respondents.get_indexer(own)] = np.arange(len(own))
    return found


def item_scores(codes: pd.Series[str], item: Item, questionnaire: Questionnaire) -> Floats:
    """Return what answers to one item score, shape (n,): 0 to 100, NaN where there is no score."""
    if item.kind == "number" and item.minimum is not None and item.maximum is not None:
        place, texts = places(codes)
        told = pd.to_numeric(pd.Series([*texts, None], dtype=object), errors="coerce")
        numbers = told.to_numpy(dtype=np.float64)[place]
        return np.asarray(100.0 * (numbers - item.minimum) / (item.maximum - item.minimum))
    table = {o.code: o.score for o in questionnaire.options_of(item) if o.score is not None}
    own = codes.array
    if isinstance(own, pd.Categorical):
        scores = [*(table.get(str(code), np.nan) for code in own.categories), np.nan]
        return np.asarray(np.array(scores, dtype=np.float64)[own.codes])
    return np.array([table.get(code, np.nan) for code in codes.tolist()], dtype=np.float64)


def scales_of(scheme: Scheme, books: Mapping[str, Questionnaire]) -> NDArray[np.int64]:
    """Return what makes whole numbers of every indicator's scores, and of the overall one, (I + 1,).

    The least common multiple of how many of its items may be answered, times what the items' own
    scores need. Where it is too little or too large, cells are measured in floating point.
    """
    asked = [
        [
            _scale_of(books[q], i)
            for q, items in indicator.items.items()
            if q in books
            for i in items
        ]
        for indicator in scheme.indicators
    ]
    asked.append([_scale_of(b, item.id) for b in books.values() for item in b.of_role("overall")])
    most = [
        max((len(items) for q, items in indicator.items.items() if q in books), default=1)
        for indicator in scheme.indicators
    ]
    return np.array(
        [
            math.lcm(*range(1, min(n, MOST_ITEMS) + 1)) * math.lcm(*each)
            for n, each in zip((*most, 1), asked, strict=True)
        ],
        dtype=np.int64,
    )


def _scale_of(questionnaire: Questionnaire, item_id: str) -> int:
    item = questionnaire.item(item_id)
    if item.kind == "number" and item.minimum is not None and item.maximum is not None:
        return max(round(item.maximum - item.minimum), 1)
    scores = [o.score for o in questionnaire.options_of(item) if o.score is not None]
    return next((s for s in (1, 10, 100) if whole([scores], [s] * len(scores)) is not None), 1000)


def _mean_of_answered(scores: Floats, minimum: float) -> Floats:
    answered = ~np.isnan(scores)
    count = answered.sum(axis=1)
    total = np.where(answered, scores, 0.0).sum(axis=1)
    enough = (count > 0) & (count >= minimum * scores.shape[1])
    return np.asarray(np.where(enough, total / np.maximum(count, 1), np.nan))
