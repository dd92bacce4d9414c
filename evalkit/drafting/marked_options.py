"""Option columns by their marks: whose heading and options nobody knows word for word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import scipy

from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.resemblance import wording
from evalkit.definitions.text import bare_option, comparable, denies, question_key
from evalkit.definitions.vocabulary import NOT_TICKED, TICKED
from evalkit.drafting.likeness import LEAST_WORDING, MINIMUM, certainty
from evalkit.drafting.questions import Tally
from evalkit.intake.headings import LEAST, halves
from evalkit.platforms import RawColumn, RawSheet

_MARKS = TICKED | NOT_TICKED | {""}


def with_marked_options(sheet: RawSheet, cells: Tally, questionnaire: Questionnaire) -> RawSheet:
    """Return a sheet in which columns of marks under one stem are one question's options.

    Of a stem that is worded more or less like an item of which several may be chosen; of others it
    may be a matrix of yes and no.
    """
    several = [item for item in questionnaire.items if item.kind in ("multiple", "ranking")]
    found: dict[int, RawColumn] = {}
    for item in several:
        for columns in _runs(sheet.columns, item, cells):
            if len(columns) >= LEAST and not any(place in found for place in columns):
                found |= columns
    return replace(sheet, columns=tuple(found.get(c.position, c) for c in sheet.columns))


def _runs(columns: Sequence[RawColumn], item: Item, cells: Tally) -> Iterator[dict[int, RawColumn]]:
    """Yield columns side by side that have one stem like the item's words, taken apart."""
    parted: dict[int, tuple[str, str]] = {}
    for column in columns:
        if column.metadata is None and column.option is None:
            told = [
                (wording(question_key(stem), question_key(item.text)), stem, tail)
                for stem, tail in _parts(column)
                if _only_marks(cells[column.position], tail)
            ]
            alike, stem, tail = max(told, default=(0.0, "", ""))
            if alike >= LEAST_WORDING:
                parted[column.position] = stem, tail
    by_stem = groupby(columns, lambda column: parted.get(column.position, ("", ""))[0])
    for stem, group in by_stem:
        if stem:
            yield {
                column.position: replace(
                    column, text=stem, stem=stem, option=parted[column.position][1], kind=item.kind
                )
                for column in group
            }


def _parts(column: RawColumn) -> Iterator[tuple[str, str]]:
    if column.stem:
        yield column.stem, column.text
    yield from halves(column.text)


def _only_marks(cells: Mapping[str, int], option: str) -> bool:
    """Tell cells that say chosen or not, by a mark or by the option's own words, and both of it."""
    told = {comparable(cell) for cell in cells}
    own = {cell for cell in cells if cell and bare_option(cell) == bare_option(option)}
    strange = told - _MARKS - {comparable(cell) for cell in own}
    return not strange and len(told) > 1


def options_like(labels: Sequence[str], options: Sequence[Option]) -> dict[str, tuple[str, float]]:
    """Return which option each label may be, worded otherwise, and how certain that is.

    Parameters
    ----------
    labels : sequence of str
        Of columns whose option nobody knows.
    options : sequence of Option
        Those that no other column is.

    Returns
    -------
    dict of label to (code, certainty)
        Certainty at least `likeness.MINIMUM`; what is denied is no other name of what is not.
    """
    if not labels or not options:
        return {}
    scores = np.array(
        [
            [
                wording(bare_option(label), bare_option(option.label))
                * (denies(label) == denies(option.label))
                for option in options
            ]
            for label in labels
        ]
    )
    rows, places = scipy.optimize.linear_sum_assignment(scores, maximize=True)
    sure = {
        (i, j): certainty(scores, i, j) for i, j in zip(rows.tolist(), places.tolist(), strict=True)
    }
    return {
        labels[i]: (options[j].code, round(own, 2))
        for (i, j), own in sure.items()
        if own >= MINIMUM
    }
