"""Answers as bytes: what a questionnaire's options are worth, and the rows that hold their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.answers.scores import Scorer, item_scores, scales_of
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.scheme import Scheme
from evalkit.methods.coded import NOTHING, OPTIONS, UNKNOWN, CodeBook, Summing
from evalkit.methods.gram import CellSums, Key, fits, whole
from evalkit.tables import Answers

MISSING = int(np.uint8(NOTHING).view(np.int8))
"""What stands for no answer, as databases have it."""

Places = NDArray[np.intp]
Signed = NDArray[np.int8]
_SIGN = np.uint8(128)
"""The bit that puts signed bytes in the order of unsigned ones."""


def scored(scheme: Scheme, questionnaire: Questionnaire) -> list[Item]:
    """Return the questions that are coded: those that score under the scheme, and the overall one."""
    used = {i for own in scheme.indicators for i in own.items.get(questionnaire.id, [])}
    return [item for item in questionnaire.items if item.id in used or item.role == "overall"]


def options_of(questionnaire: Questionnaire, item: Item) -> list[str]:
    """Return the codes of an item's options; their places are what its bytes say.

    Of a number they are the whole numbers from its lowest to its highest; none where it has no such.
    """
    if item.kind != "number":
        return [option.code for option in questionnaire.options_of(item)]
    if item.minimum is None or item.maximum is None:
        return []
    if item.minimum != round(item.minimum) or item.maximum != round(item.maximum):
        return []
    return [str(number) for number in range(round(item.minimum), round(item.maximum) + 1)]


def code_book(
    scheme: Scheme, questionnaires: Mapping[str, Questionnaire], questionnaire: str
) -> CodeBook:
    """Return what the bytes of a questionnaire's answers are worth under the scheme.

    Raises
    ------
    ValueError
        Where an item has no options that bytes could hold, or sums would not be exact.
    """
    own = questionnaires[questionnaire]
    scale = [int(one) for one in scales_of(scheme, questionnaires)]
    asked = [list(indicator.items.get(questionnaire, [])) for indicator in scheme.indicators]
    asked.append([item.id for item in own.of_role("overall")])
    scores: dict[str, tuple[int | None, ...]] = {}
    for columns, factor in zip(asked, scale, strict=True):
        for column in columns:
            options = options_of(own, own.item(column))
            if not 0 < len(options) <= OPTIONS:
                raise ValueError(f"{column}: {len(options)}")
            scores[column] = _scaled(own, own.item(column), options, factor)
    groups = [g for g in scheme.groups if g.questionnaire == questionnaire]
    covered = {
        g.code: (*(i.code in scheme.covered(g) for i in scheme.indicators), True) for g in groups
    }
    sizes = [len(columns) for columns in asked[:-1]]
    least = [
        next((n for n in range(1, size + 1) if n >= scheme.minimum_answered * size), 1)
        for size in sizes
    ]
    return CodeBook(tuple(scale), scores, tuple(map(tuple, asked)), (*least, 1), covered)


def _scaled(
    questionnaire: Questionnaire, item: Item, options: list[str], scale: int
) -> tuple[int | None, ...]:
    """Return what options score, times the scale; None where one scores nothing."""
    scores = item_scores(pd.Series(options, dtype=object), item, questionnaire)
    numbers = whole(scores, scale)
    if numbers is None:
        raise ValueError(f"{item.id}: {scores.tolist()} x {scale}")
    return tuple(None if np.isnan(number) else int(number) for number in numbers)


def coded(answers: Answers, scheme: Scheme, own: Questionnaire, street: str) -> pd.DataFrame | None:
    """Return a questionnaire's answers as bytes; None where one of them is no option's.

    Returns
    -------
    DataFrame
        A row an answer sheet: columns street, subject, group as text, then the questions as signed
        bytes, -1 for no answer. In the order of what the rows say: neither numbers of answer sheets
        nor the order in which they came are kept.
    """
    given = answers.codes.get(own.id)
    index = answers.respondents.index[:0] if given is None else given.index
    people = answers.respondents[["subject", "group"]]
    people = people if index.equals(people.index) else people.loc[index]
    columns: dict[str, Signed] = {}
    for item in scored(scheme, own):
        codes = None if given is None or item.id not in given else given[item.id]
        found = _places(codes, options_of(own, item), item, len(index))
        if found is None:
            return None
        columns[item.id] = found
    keys = {key: own.astype(object) for key, own in people.items()}
    order = _in_order(list(keys.values()), list(columns.values()))
    there: dict[str, object] = {
        "street": pd.Series(street, index=range(len(order)), dtype=object),
        **{str(key): own.take(order).reset_index(drop=True) for key, own in keys.items()},
        **{name: own.take(order) for name, own in columns.items()},
    }
    return pd.DataFrame(there)


def _in_order(keys: Sequence[pd.Series], answers: Sequence[Signed]) -> Places:
    """Return the places of rows in the order of their keys, then of their answers one by one.

    Every row becomes a text of bytes: sorting by each column would take five times as long.
    """
    size = len(keys[0])
    rows = np.empty((size, 4 * len(keys) + len(answers)), dtype=np.uint8)
    for at, key in enumerate(keys):
        place = pd.factorize(key, sort=True)[0].astype(">u4")
        rows[:, 4 * at : 4 * at + 4] = place.view(np.uint8).reshape(size, 4)
    for at, own in enumerate(answers):
        rows[:, 4 * len(keys) + at] = own.view(np.uint8) ^ _SIGN
    return np.argsort(rows.view(f"S{rows.shape[1]}")[:, 0], kind="stable")


def summed(
    scorer: Scorer, group: RaterGroup, at: Places, cells: Places, keys: Sequence[Key]
) -> CellSums | None:
    """Return the sums over a group's answers, each of which counts once; None where they are no bytes.

    They are those of `gram.cell_sums`.

    Parameters
    ----------
    at : ndarray of int, shape (n,)
        Places of the group's respondents.
    cells : ndarray of int, shape (n,)
        The cell of each, its place among `keys`.
    """
    decided, questionnaire = scorer.decided, group.questionnaire
    rows = None if questionnaire is None else scorer.rows_of(questionnaire, at)
    if rows is None or questionnaire is None:
        return None
    try:
        book = code_book(decided.scheme, decided.questionnaires, questionnaire)
    except ValueError:
        return None
    if not fits([score for told in book.scores.values() for score in told if score], cells):
        return None
    own, given = decided.questionnaires[questionnaire], scorer.answers.codes[questionnaire]
    codes = {
        column: _bytes(given[column], options_of(own, own.item(column)), own.item(column), rows)
        if column in given
        else np.full(len(cells), NOTHING, dtype=np.uint8)
        for column in book.scores
    }
    summing = Summing(book)
    summing.add([(*key, group.code) for key in keys], cells, codes)
    if summing.unknown:
        return None
    return CellSums(np.array(book.scale, dtype=np.int64), tuple(keys), *summing.total())


def _bytes(
    codes: pd.Series[str], options: list[str], item: Item, rows: Places | slice
) -> NDArray[np.uint8]:
    """Return what rows of an item's column say as bytes; `UNKNOWN` for what no option is called."""
    place = {code: at for at, code in enumerate(options)}
    cells = codes.array
    if isinstance(cells, pd.Categorical):
        value, distinct = cells.codes[rows], cells.categories.tolist()
    else:
        value, found = pd.factorize(np.asarray(cells[rows], dtype=object))
        distinct = found.tolist()
    texts = [_whole(str(one)) if item.kind == "number" else str(one) for one in distinct]
    table = np.array([*(place.get(text, UNKNOWN) for text in texts), NOTHING], dtype=np.uint8)
    return np.asarray(table[value])


def _places(
    codes: pd.Series[str] | None, options: list[str], item: Item, size: int
) -> np.ndarray | None:
    if codes is None:
        return np.full(size, MISSING, dtype=np.int8)
    place = {code: at for at, code in enumerate(options)}
    value, distinct = pd.factorize(codes)
    texts = [_whole(str(one)) if item.kind == "number" else str(one) for one in distinct]
    if any(text not in place for text in texts):
        return None
    table = np.array([*(place[text] for text in texts), MISSING], dtype=np.int8)
    return np.asarray(table[value])  # whatever is missing is -1: the last


def _whole(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number == int(number) else text
