"""The residents' answers about all committees: who may be listened to, and what they gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire, Role
from evalkit.definitions.units import Units
from evalkit.tables import Answers, Floats, Integers

MINIMUM_N = 10
"""Residents whose needs are published at the least; a document of themes may ask for more."""


@dataclass(frozen=True, slots=True)
class Residents:
    """The residents' answers, sorted, each with the place of its committee in the roster.

    Only of rater groups that have enough answers about their committee.
    """

    wave: str
    subjects: tuple[str, ...]
    place: Integers
    weight: Floats
    asked: tuple[tuple[Questionnaire, pd.DataFrame], ...]
    index: pd.Index

    @classmethod
    def of(cls, answers: Answers, decided: Decided, minimum: int) -> Residents:
        """Choose the answers of residents; of a committee's groups those with the minimum."""
        subjects = tuple(s.id for s in Units.of(decided.roster).present(answers.wave))
        least = {g.code: max(g.minimum_n, minimum) for g in decided.scheme.residents}
        own = answers.respondents
        own = own[own["group"].isin(list(least)) & own["subject"].isin(subjects)].sort_index()
        size = own.groupby(["subject", "group"])["weight"].transform("size")
        own = own[size >= own["group"].map(least)]
        places = {subject: at for at, subject in enumerate(subjects)}
        asked = decided.questionnaires
        return cls(
            answers.wave,
            subjects,
            np.array([places[str(subject)] for subject in own["subject"]], dtype=np.int64),
            own["weight"].to_numpy(dtype=np.float64),
            tuple((asked[name], codes) for name, codes in sorted(answers.codes.items())),
            own.index,
        )

    def items(self, role: Role) -> dict[str, tuple[Questionnaire, Item]]:
        """Return the items of that role that somebody was asked, by id."""
        found: dict[str, tuple[Questionnaire, Item]] = {}
        for questionnaire, codes in self.asked:
            if codes.index.isin(self.index).any():
                for item in questionnaire.of_role(role):
                    if item.id in codes:
                        found.setdefault(item.id, (questionnaire, item))
        return found

    def given(self, item: str) -> tuple[NDArray[np.intp], list[str]]:
        """Return who answered an item, as places among the rows, and what they answered.

        Codes are those of the first questionnaire that has the item; of another one they are
        translated by the options' labels, and an option that the first does not have is no answer.
        """
        parts: list[pd.Series[str]] = []
        first: dict[str, str] | None = None
        for questionnaire, codes in self.asked:
            if item in codes:
                options = questionnaire.options_of(questionnaire.item(item))
                first = {o.label: o.code for o in options} if first is None else first
                meant = {o.code: first.get(o.label) for o in options}
                same = all(code == other for code, other in meant.items())
                parts.append(codes[item] if same else codes[item].map(lambda c, m=meant: _as(c, m)))
        cells = pd.concat(parts).reindex(self.index)
        at = np.flatnonzero(cells.notna().to_numpy())
        return at, [str(value) for value in cells.iloc[at]]


def _as(given: object, meant: Mapping[str, str | None]) -> str | None:
    """Translate the codes of one answer; None where none of them has a meaning."""
    if not isinstance(given, str):
        return None
    found = [other for code in given.split(";") if (other := meant.get(code)) is not None]
    return ";".join(found) or None


def by_committee(place: Integers, at: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the rows of each of these committees, in their order."""
    order = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[order], at, side="right")
    starts = np.searchsorted(place[order], at, side="left")
    return [order[start:end] for start, end in zip(starts, ends, strict=True)]
