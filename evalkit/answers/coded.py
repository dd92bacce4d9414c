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
from evalkit.files.alike import constant
from evalkit.methods.coded import NOTHING, OPTIONS, UNKNOWN, CodeBook, Summing
from evalkit.methods.gram import CellSums, Key, fits, whole
from evalkit.tables import Answers

MISSING = int(np.uint8(NOTHING).view(np.int8))
"""What stands for no answer, as databases have it."""

Places = NDArray[np.intp]
Signed = NDArray[np.int8]
Bytes = NDArray[np.uint8]
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
        A row an answer sheet: columns street, subject, group, categorical, then the questions as signed
        bytes, -1 for no answer. In the order of what the rows say: neither numbers of answer sheets
        nor the order in which they came are kept.
    """
    given = answers.codes.get(own.id)
    index = answers.respondents.index[:0] if given is None else given.index
    people = answers.respondents[["subject", "group"]]
    people = people if index.equals(people.index) else people.loc[index]
    asked = scored(scheme, own)
    rows = _Rows([people[key] for key in people], len(asked))
    for at, item in enumerate(asked):
        if given is None or item.id not in given:
            rows.put(at, np.full(len(index), NOTHING, dtype=np.uint8))
            continue
        found = _bytes(given[item.id], options_of(own, item), item, slice(None))
        if (found.view(np.int8) < MISSING).any():
            return None
        rows.put(at, found)
    keys, told = rows.in_order()
    there = pd.DataFrame(told, columns=[item.id for item in asked], copy=False)
    keys.insert(0, constant(street, there.index))
    for at, (key, texts) in enumerate(zip(("street", *people), keys, strict=True)):
        there.insert(at, key, texts)
    return there


_KEY = 4
"""Bytes of a key's place among all, the highest first."""


class _Rows:
    """Rows of keys and answers, every row a text of bytes: sorting by each column would take five times as long.

    Parameters
    ----------
    keys : sequence of Series of str, shape (n,)
        By which rows are put in order first.
    count : int
        Answers of a row.
    """

    def __init__(self, keys: Sequence[pd.Series], count: int) -> None:
        self._first, self._texts = _KEY * len(keys), list[pd.Index]()
        self._rows = np.empty((len(keys[0]), self._first + count), dtype=np.uint8)
        for at, key in enumerate(keys):
            which, texts = pd.factorize(key, sort=True)
            self._key(at)[:] = which.astype(">u4").view(np.uint8).reshape(-1, _KEY)
            self._texts.append(texts)

    def _key(self, at: int) -> Bytes:
        return self._rows[:, _KEY * at : _KEY * (at + 1)]

    def put(self, at: int, answers: Bytes) -> None:
        """Put in what is answered to a question; bytes are signed, -1 before 0."""
        self._rows[:, self._first + at] = answers ^ _SIGN

    def in_order(self) -> tuple[list[pd.Series], Signed]:
        """Return the rows in the order of their keys, then of their answers one by one.

        Nothing can be put in any more.

        Returns
        -------
        keys : list of Series, categorical, shape (n,) each
        answers : ndarray of int, shape (n, count)
        """
        self._rows.view(f"S{self._rows.shape[1]}")[:, 0].sort()
        keys = []
        for at, texts in enumerate(self._texts):
            places = self._key(at).copy().view(">u4")[:, 0].astype(np.int32)
            keys.append(pd.Series(pd.Categorical.from_codes(places, texts)))
        answers = self._rows[:, self._first :]
        answers ^= _SIGN
        return keys, answers.view(np.int8)


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


def _bytes(codes: pd.Series[str], options: list[str], item: Item, rows: Places | slice) -> Bytes:
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


def _whole(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number == int(number) else text
