"""Rows for research: what people answered, without what says who they are.

Names, addresses, times of submission, files and row numbers stay behind, and so does what was
written: respondents have running numbers, and of an open question only whether it was answered. A
row is one person's answers all the same: together with a committee, a rater group and a handful of
ticks it may be recognised by who knows that person. `note` says so, with what is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.errors import Note
from evalkit.tables import Answers, frame, no_rows
from evalkit.tables.rows import State
from evalkit.tables.showing import shown

LEAST = 10
"""Answers of a committee's rater group below which a row of it is easily recognised."""

_OPEN = "text"
_COMMITTEE_AND_RATER = frozenset({"subject", "rater", "cluster", "panel", "mode", "group"})
"""Roles whose answers are columns of `people` already, as ids and running numbers."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One wave's answers, for research.

    Attributes
    ----------
    people : DataFrame
        Frame ``people``: one row an answer sheet.
    given : DataFrame
        Frame ``given``: one row an answer sheet and item.
    note : Note
        What must not be done with it.
    """

    people: pd.DataFrame
    given: pd.DataFrame
    note: Note

    def _repr_html_(self) -> str | None:
        """Return what notebooks show: how many there are, none of them."""
        return shown(self)

    def wide(self, questionnaire: str, what: str = "code") -> pd.DataFrame:
        """Return one questionnaire with a row a person and a column an item.

        Parameters
        ----------
        questionnaire : str
        what : {"code", "label", "state", "score"}
        """
        own = self.given[self.given["questionnaire"] == questionnaire]
        items = list(dict.fromkeys(own["item"]))
        cells = own.set_index(["person", "item"])[what].unstack()[items]  # noqa: PD010
        people = self.people[self.people["questionnaire"] == questionnaire].set_index("person")
        return people.join(cells)


def hand_on(answers: Answers, decided: Decided) -> Rows:
    """Return a wave's rows without names, times and what was written.

    Parameters
    ----------
    answers : Answers
        Of one wave, weighted.
    decided : Decided
    """
    numbers = pd.Series(range(1, len(answers.respondents) + 1), index=answers.respondents.index)
    kept = answers.respondents[["questionnaire", "group", "subject", "rater", "weight", "seconds"]]
    people = kept.assign(wave=answers.wave, person=numbers).reset_index(drop=True)
    parts = [
        _long(answers, decided.questionnaires[name], numbers)
        for name in answers.codes
        if name in decided.questionnaires
    ]
    given = pd.concat(parts, ignore_index=True) if parts else no_rows("given")
    sizes = people.groupby(["subject", "group"]).size()
    facts = {"small": int((sizes < LEAST).sum()), "least": LEAST}
    note = Note(NoteCode.ROWS_HANDED_ON, answers.wave, len(people), facts)
    return Rows(frame("people", people), frame("given", given), note)


def _long(answers: Answers, questionnaire: Questionnaire, numbers: pd.Series[int]) -> pd.DataFrame:
    codes, states = answers.codes[questionnaire.id], answers.states[questionnaire.id]
    items = [
        item
        for item in questionnaire.items
        if item.id in codes and item.role not in _COMMITTEE_AND_RATER
    ]
    return pd.concat(
        [_item(codes[item.id], states[item.id], item, questionnaire, numbers) for item in items]
        or [no_rows("given")],
        ignore_index=True,
    )


def _item(
    codes: pd.Series[str],
    states: pd.Series[str],
    item: Item,
    questionnaire: Questionnaire,
    numbers: pd.Series[int],
) -> pd.DataFrame:
    labels = {option.code: option.label for option in questionnaire.options_of(item)}
    scores = {option.code: option.score for option in questionnaire.options_of(item)}
    told = states.astype(str)
    shown = codes.astype(object).where((told == State.ANSWERED) & (item.kind != _OPEN), None)

    def label(code: object) -> str | None:
        if code is None or not labels:
            return None
        return ";".join(labels.get(part, part) for part in str(code).split(";"))

    return pd.DataFrame(
        {
            "person": numbers.loc[codes.index].to_numpy(),
            "questionnaire": questionnaire.id,
            "item": item.id,
            "state": told.to_numpy(),
            "code": [None if code is None else str(code) for code in shown],
            "label": [label(code) for code in shown],
            "score": pd.Series(
                [scores.get(str(code)) if item.kind == "single" else None for code in shown],
                dtype=float,
            ),
        }
    )
