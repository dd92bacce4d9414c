"""One question asked in several branches of a form: several columns, at most one of them filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode
from evalkit.definitions.questionnaire import Item
from evalkit.errors import Note
from evalkit.files.alike import each
from evalkit.platforms import RawColumn, RawSheet, of


@dataclass(frozen=True, slots=True)
class Branches:
    """Whether several columns are one question.

    Attributes
    ----------
    one : bool
        At most one of them is filled in every row, and some row fills one.
    row : int or None
        The first row in which several are filled.
    notes : tuple of Note
        That they are one, with the answers of later columns counted.
    """

    one: bool
    row: int | None = None
    notes: tuple[Note, ...] = ()


def branches(
    sheet: RawSheet, cells: pd.DataFrame, item: Item, columns: Sequence[RawColumn]
) -> Branches:
    """Tell whether columns that read the same are one question, asked of different people.

    Parameters
    ----------
    cells : DataFrame
        The rows of the sheet that are answers.
    """
    held = filled(sheet, cells, columns)
    several = held.sum(axis=1) > 1
    if several.any():
        return Branches(False, int(cells.index[several][0]))
    if not held.any():
        return Branches(False)
    facts = {"item": item.id, "columns": tuple(column.letters for column in columns)}
    count = int(held[:, 1:].sum())
    return Branches(True, notes=(Note(NoteCode.ASKED_IN_BRANCHES, sheet.file, count, facts),))


def joined(
    sheet: RawSheet,
    cells: pd.DataFrame,
    single: Mapping[str, RawColumn],
    more: Mapping[str, tuple[RawColumn, ...]],
) -> pd.DataFrame:
    """Return the cells with the answers of later columns in the place of the first."""
    if more:
        cells = cells.copy()
    for item, others in more.items():
        first = single[item].position
        for column, held in zip(others, filled(sheet, cells, others).T, strict=True):
            own, other = (cells[at].astype(str) for at in (first, column.position))
            cells[first] = own.where(~held, other).astype("category")
    return cells


def filled_twice(
    sheet: RawSheet, cells: pd.DataFrame, options: Sequence[tuple[RawColumn, str]]
) -> Iterator[tuple[list[RawColumn], int]]:
    """Yield several columns of one option that are no branches, and a row that fills several."""
    columns: dict[str, list[RawColumn]] = {}
    for column, code in options:
        columns.setdefault(code, []).append(column)
    for found in columns.values():
        held = filled(sheet, cells, found, "number").sum(axis=1) > 1
        if held.any():
            yield found, int(cells.index[held][0])


def filled(
    sheet: RawSheet,
    cells: pd.DataFrame,
    columns: Sequence[RawColumn],
    variant: str | None = None,
) -> NDArray[np.bool_]:
    """Tell which cells (rows, columns) hold an answer; where nothing tells the variant, -3 is a mark."""
    platform, variant = of(sheet), variant or sheet.variant or "number"
    held = [
        each(cells[column.position], lambda cell: platform.missing_state(cell, variant) is None)
        for column in columns
    ]
    return np.column_stack([one.astype(np.bool_) for one in held])
