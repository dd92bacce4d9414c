"""What a file's report says of its cells and columns: with what it costs, and without names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from evalkit import personal
from evalkit.codes import NoteCode, Reason
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.errors import Note
from evalkit.files.alike import counted, taken
from evalkit.intake.reading import CodedSheet
from evalkit.platforms import RawColumn
from evalkit.tables import Rejection, State

PERSONAL_SHARE = 0.5
"""A column half of whose answers look like names is one of names."""

LEAST_NAMES = 3


def cell_notes(coded: CodedSheet, questionnaire: Questionnaire, kept: int) -> Iterator[Note]:
    """Yield what was left out of a file that was read: answers, questions, options, columns.

    Parameters
    ----------
    kept : int
        Answer sheets of the file that count.
    """
    file = coded.raw.file
    yield from coded.notes
    counts = [
        (str(item), int((states == State.INVALID.value).sum()))
        for item, states in coded.states.items()
    ]
    invalid = [(item, n) for item, n in counts if n]
    if invalid:
        total = sum(n for _, n in invalid)
        yield Note(NoteCode.INVALID_VALUES, file, total, {"items": tuple(invalid)})
    absent = [questionnaire.item(item) for item in coded.plan.not_asked]
    scored = tuple(item.id for item in absent if item.role == "scored")
    screening = tuple(item.id for item in absent if item.role == "screening")
    others = tuple(i.id for i in absent if i.role not in ("scored", "screening"))
    if scored:
        facts: dict[str, object] = {"items": scored, "rows": kept}
        yield Note(NoteCode.SCORED_NOT_ASKED, file, kept * len(scored), facts)
    if screening:
        yield Note(NoteCode.NOT_SCREENED, file, kept, {"items": screening})
    if others:
        facts = {"items": others, "rows": kept}
        yield Note(NoteCode.NOT_ASKED, file, len(others), facts)
    if coded.plan.doubtful:
        columns = {"columns": coded.plan.doubtful}
        yield Note(NoteCode.DOUBTFUL_COLUMNS, file, len(coded.plan.doubtful), columns)
    for item_id, link in coded.links.items():
        facts = {"item": item_id, "links": tuple(f"{text} → {option}" for text, option in link)}
        yield Note(NoteCode.SCALE_LINKED, file, facts=facts)
    yield from _options_without_column(coded, questionnaire)
    yield from _personal_columns(coded)


def _options_without_column(coded: CodedSheet, questionnaire: Questionnaire) -> Iterator[Note]:
    for item_id, columns in coded.plan.spread.items():
        there = {code for _, code in columns}
        options = questionnaire.options_of(questionnaire.item(item_id))
        absent = tuple(o.label for o in options if o.code not in there)
        if absent:
            facts = {"item": item_id, "options": absent}
            yield Note(NoteCode.OPTIONS_WITHOUT_COLUMN, coded.raw.file, len(absent), facts)


def _personal_columns(coded: CodedSheet) -> Iterator[Note]:
    """Tell the columns that are no question and look personal, by letters and cells."""
    used = {column.position for column in coded.plan.single.values()}
    used |= {column.position for columns in coded.plan.spread.values() for column, _ in columns}
    found = {
        column.letters: count
        for column in coded.raw.columns
        if column.metadata is None and column.position not in used
        if (count := _personal_cells(column, taken(coded.raw.cells, coded.codes.index)))
    }
    if found:
        facts = {"columns": tuple(found)}
        yield Note(NoteCode.PERSONAL_COLUMN, coded.raw.file, sum(found.values()), facts)


def _personal_cells(column: RawColumn, cells: pd.DataFrame) -> int:
    counts = {text: n for text, n in counted(cells[column.position]).items() if text}
    given = sum(counts.values())
    if personal.heading_is_personal(column.text) or personal.heading_is_personal(column.header):
        return given
    names = sum(n for text, n in counts.items() if personal.is_name(text))
    if names >= max(LEAST_NAMES, PERSONAL_SHARE * given):
        return names
    return sum(n for text, n in counts.items() if personal.identifies(text))


def without_names(
    rejections: Mapping[int, Rejection],
) -> tuple[Rejection, ...]:
    """Return the rejections in the order of the rows, with what looks personal masked."""
    return tuple(_masked(rejections[row]) for row in sorted(rejections))


def _masked(rejection: Rejection) -> Rejection:
    place = rejection.reason == Reason.UNMATCHED_SUBJECT
    facts = {
        name: personal.shown(fact, place=place) if isinstance(fact, str) else fact
        for name, fact in rejection.facts.items()
    }
    return replace(rejection, facts=facts)
