"""How often every option was chosen, in every cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from evalkit.answers.scores import places_among
from evalkit.answers.whereabouts import whereabouts
from evalkit.definitions.decided import Decided
from evalkit.tables import Answers, Floats, check

Places = NDArray[np.intp]

_DENSE = 2**22
"""Cells times different texts that are counted in one table."""


def distributed(answers: Answers, decided: Decided) -> pd.DataFrame:
    """How often each option of each single- or multiple-choice item was chosen, by cell."""
    names = ["subject", "group", "item", "option", "n", "share"]
    parts = [pd.DataFrame({name: [] for name in names})]
    places = whereabouts(answers, decided)
    weights = answers.respondents["weight"].to_numpy(dtype=np.float64)
    for questionnaire_id, codes in answers.codes.items():
        index = answers.respondents.index
        every = places_among(index, codes.index) is None
        rows = None if every else index.get_indexer(codes.index)
        own = places if rows is None else places.iloc[rows]
        cell, cells = _pairs(own["subject"].array, own["group"].array)
        weight = weights if rows is None else weights[rows]
        for item in decided.questionnaires[questionnaire_id].items:
            if item.id in codes and item.kind in ("single", "multiple"):
                parts.append(_item_distribution(item.id, codes[item.id], cell, cells, weight))
    table = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[names]
    return check(table, "distributions")


def _pairs(of: ExtensionArray, by: ExtensionArray) -> tuple[Places, pd.MultiIndex]:
    """Return the cell of every row, and subject and group of every cell, in their order."""
    assert isinstance(of, pd.Categorical)
    assert isinstance(by, pd.Categorical)
    width = max(len(by.categories), 1)
    both = of.codes.astype(np.intp) * width + by.codes
    used = np.bincount(both, minlength=len(of.categories) * width) > 0
    there = np.flatnonzero(used)
    cells = pd.MultiIndex.from_arrays([of.categories[there // width], by.categories[there % width]])
    return (np.cumsum(used) - 1)[both], cells


def _item_distribution(
    item: str, codes: pd.Series[str], cell: Places, cells: pd.MultiIndex, weight: Floats
) -> pd.DataFrame:
    """Count answers by cell and text first, and the options in these afterwards."""
    value, distinct = _different(codes)
    several = [chosen.split(";") for chosen in distinct]
    options = np.array(sorted({code for chosen in several for code in chosen}), dtype=object)
    known = {code: place for place, code in enumerate(options)}
    marked = np.array([known[code] for chosen in several for code in chosen], dtype=np.intp)
    many = np.array([len(chosen) for chosen in several], dtype=np.intp)
    of = np.repeat(np.arange(len(several)), many)
    size, width = len(cells), len(options)
    unweighted = bool((weight == 1.0).all())
    if unweighted and size * len(several) <= _DENSE:
        place = cell * (len(several) + 1)  # no answer is the last text
        place += np.array([*range(len(several)), len(several)], dtype=np.intp)[value]
        texts = np.bincount(place, minlength=size * (len(several) + 1))
        by_text = texts.reshape(size, len(several) + 1)[:, :-1]
        n = np.zeros((size, width), dtype=np.int64)
        np.add.at(n.T, marked, by_text.T[of])
        mass, total = 1.0 * n, 1.0 * by_text.sum(axis=1)
    else:
        answered = value >= 0
        own_cell, own_value, own_weight = cell[answered], value[answered], weight[answered]
        row, place = _choices(own_cell, own_value, (marked, of), width)
        n = np.bincount(place, minlength=size * width).reshape(size, width)
        mass = 1.0 * np.bincount(place, own_weight[row], size * width).reshape(size, width)
        total = 1.0 * np.bincount(own_cell, weights=own_weight, minlength=size)
    used = np.flatnonzero(n.ravel())
    where, option = used // max(width, 1), used % max(width, 1)
    return pd.DataFrame(
        {
            "subject": cells.get_level_values(0)[where],
            "group": cells.get_level_values(1)[where],
            "item": item,
            "option": options[option],
            "n": n.ravel()[used],
            "share": mass.ravel()[used] / total[where],
        }
    )


def _different(codes: pd.Series[str]) -> tuple[Places, list[str]]:
    own = codes.array
    if isinstance(own, pd.Categorical):
        return own.codes, own.categories.tolist()
    place, texts = pd.factorize(codes)
    return place, [str(text) for text in texts]


def _choices(
    cell: Places, value: Places, choices: tuple[Places, Places], width: int
) -> tuple[Places, Places]:
    """Return the row of every choice, and its place among cells and options: in the order of the rows."""
    marked, of = choices
    many = np.bincount(of)
    begins = np.cumsum(many) - many
    row = np.repeat(np.arange(len(cell)), many[value])
    turn = np.arange(len(row)) - np.repeat(np.cumsum(many[value]) - many[value], many[value])
    option = marked[np.repeat(begins[value], many[value]) + turn]
    return row, cell[row] * width + option
