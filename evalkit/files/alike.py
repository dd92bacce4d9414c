"""Cells of which most are alike: what is done once for every different one.

The columns of a raw sheet of many rows are categorical where texts repeat, else `Texts` or plain texts.
What is asked of them is asked here, so that no reader goes through a million cells that say seven
things.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.files.grid import Column, bare
from evalkit.files.texts import FIGURES, Texts

Places = NDArray[np.intp]

FEW = 10_000
"""Rows below which cells stay plain texts: going through them costs nothing."""

_HEAD = 4_096
"""Rows in which every text of a column usually stands."""

_BLANKS = "\t\r\x0b\x0c\x1c\x1d\x1e\x1f"

_MIX = np.uint64(0x9E3779B97F4A7C15)


def laid_out(column: Column, first: int) -> pd.Series[str]:
    """Return the cells of a grid's column from a row on, without white space around them."""
    if column.codes is None:
        texts = column.texts[first:]
        if isinstance(texts, Texts):
            if len(texts) >= FEW and texts.is_plain and texts.are_bare:
                return pd.Series(texts.narrow)
            texts = texts.tolist()
        return pd.Series(texts if _are_bare(texts) else list(map(bare, texts)), dtype=str)
    if len(column.codes) - first < FEW:
        listed = list(map(bare, column.texts))
        plain = [listed[code] for code in column.codes[first:].tolist()]
        return pd.Series(plain, dtype=str)
    codes = np.asarray(column.codes)[first:]
    used = np.flatnonzero(np.bincount(codes, minlength=len(column.texts)))
    known: dict[str, int] = {}
    places = np.zeros(len(column.texts), dtype=_kind(len(used)))
    for code in used.tolist():
        places[code] = known.setdefault(bare(column.texts[code]), len(known))
    return _categorical(places[codes], list(known))


def _are_bare(texts: list[str]) -> bool:
    """Tell at one glance that no text has anything around it; where it is not plain, say no."""
    joined = "\n".join(("", *texts, ""))
    if not joined.isascii() or any(blank in joined for blank in _BLANKS):
        return False
    return "\n " not in joined and " \n" not in joined


def _categorical(codes: NDArray[np.signedinteger[Any]], texts: list[str]) -> pd.Series[str]:
    index = pd.Index(texts)
    own = codes.astype(_kind(len(texts)), copy=False)
    return pd.Series(pd.Categorical.from_codes(own, index, validate=False))


def _kind(count: int) -> type[np.signedinteger[Any]]:
    """Return of which kind the codes of so many texts are in a categorical column."""
    for kind in (np.int8, np.int16, np.int32):
        if count < np.iinfo(kind).max:
            return kind
    return np.int64


def spelled_out(cells: pd.DataFrame) -> pd.DataFrame:
    """Return a table of cells as plain texts."""
    return cells.astype(str)


def places(cells: pd.Series[str]) -> tuple[Places, list[str]]:
    """Return the different texts, as they come, and for every cell which it has, shape (n,)."""
    own = cells.array
    if not isinstance(own, pd.Categorical):
        codes, texts = pd.factorize(cells)
        return codes, texts.tolist()
    order = _as_they_come(own)
    table = np.full(len(own.categories) + 1, -1, dtype=np.intp)
    table[order] = np.arange(len(order))
    return table[own.codes], [own.categories[at] for at in order]


def _as_they_come(cells: pd.Categorical) -> list[int]:
    """Return the codes of a column that there are, each where it first stands."""
    codes, order = cells.codes, _at_the_head(cells)
    if len(order) < len(cells.categories) and len(codes) > _HEAD:
        found = firsts(codes)
        order = [at for at in found.argsort(kind="stable").tolist() if codes[found[at]] == at]
    return order


def _at_the_head(cells: pd.Categorical) -> list[int]:
    """Return the codes of the first rows of a column, each where it first stands."""
    return [at for at in dict.fromkeys(cells.codes[:_HEAD].tolist()) if at >= 0]


def different(cells: pd.Series[str]) -> list[str]:
    """Return the different texts of a column, as they come."""
    own = cells.array
    if not isinstance(own, pd.Categorical):
        return cells.unique().tolist()
    return [own.categories[at] for at in _as_they_come(own)]


def counted(cells: pd.Series[str]) -> dict[str, int]:
    """Return how often every different text stands in a column, as they come."""
    own = cells.array
    if not isinstance(own, pd.Categorical):
        codes, texts = places(cells)
        return dict(zip(texts, np.bincount(codes, minlength=len(texts)).tolist(), strict=True))
    counts = np.bincount(own.codes.astype(np.intp) + 1, minlength=1)[1:].tolist()
    return {own.categories[at]: counts[at] for at in _as_they_come(own)}


def _used(cells: pd.Series[str]) -> tuple[Places, list[str | None]]:
    """Return the different texts in any order, and for every cell which it has; None has no cell."""
    own = cells.array
    if not isinstance(own, pd.Categorical):
        codes, found = pd.factorize(cells)
        return codes, found.tolist()
    texts: list[str | None] = own.categories.tolist()
    if len(_at_the_head(own)) == len(texts):
        return own.codes, texts
    used = np.bincount(own.codes + 1, minlength=len(texts) + 1)[1:] > 0
    both = zip(texts, used.tolist(), strict=True)
    return own.codes, [text if there else None for text, there in both]


def each(
    cells: pd.Series[str], told: Callable[[str], Any], *, nothing: Any = None
) -> NDArray[np.object_]:
    """Return what a function tells of every cell, asked once for every different one, shape (n,).

    Parameters
    ----------
    nothing : object
        What is told of a cell that is missing.
    """
    codes, texts = _used(cells)
    answers = np.empty(len(texts) + 1, dtype=object)
    for at, text in enumerate(texts):
        answers[at] = None if text is None else told(text)
    answers[-1] = nothing
    return answers[codes]


def coded(cells: pd.Series[str], told: Mapping[str, Any]) -> pd.Series[str]:
    """Return a column with another value for every text; missing where that is None.

    Categorical where the column is, so that no row is gone through.
    """
    codes, texts = _used(cells)
    values = [None if text is None else told[text] for text in texts]
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        found = np.empty(len(values), dtype=object)
        found[:] = [pd.NA if value is None else value for value in values]
        return pd.Series(found[codes], index=cells.index, dtype=object)
    known: dict[Any, int] = {}
    own = [-1 if value is None else known.setdefault(value, len(known)) for value in values]
    found_codes = np.array([*own, -1], dtype=_kind(len(known)))[codes]
    return _categorical(found_codes, list(known)).set_axis(cells.index)


def constant(value: str | None, index: pd.Index[Any]) -> pd.Series[str]:
    """Return a column that says the same in every row; nothing where the value is None."""
    codes = np.full(len(index), -1 if value is None else 0, dtype=np.int8)
    return _categorical(codes, [] if value is None else [value]).set_axis(index)


def held(cells: pd.Series[str]) -> NDArray[np.bool_]:
    """Tell which cells of a column hold anything, shape (n,)."""
    own = cells.array
    if isinstance(own, Texts):
        return own.held
    if not isinstance(own, pd.Categorical):
        return np.asarray(own, dtype=object).astype(np.bool_)
    texts = own.categories.tolist()
    nothing = texts.index("") if "" in texts else len(texts)
    return np.asarray(own.codes != nothing, dtype=np.bool_)


def filled(cells: pd.DataFrame) -> NDArray[np.int64]:
    """Return how many cells of every row hold anything, shape (n,)."""
    counts, always = np.zeros(len(cells), dtype=np.int16), 0
    for position in cells:
        own = held(cells[position])
        if own.all():
            always += 1
        else:
            counts += own.view(np.int8)
    return counts.astype(np.int64) + always


def said(cells: pd.Series[str]) -> list[str]:
    """Return every text of a column at least once; there may be some of rows that are left out."""
    own = cells.array
    if isinstance(own, pd.Categorical):
        return own.categories.tolist()
    return cells.tolist()


def says(cells: pd.Series[str], text: str) -> bool:
    """Tell whether a bare text stands in a column, be it in a row that is left out."""
    own = cells.array
    if isinstance(own, Texts):
        return bool((own == text).any())
    told = said(cells)
    return text in "\n".join(told) and text in map(str.strip, told)


def are_figures(cells: pd.Series[str]) -> bool:
    """Tell whether every text of a column is figures and nothing else."""
    own = cells.array
    if isinstance(own, Texts):
        return own.are_figures
    texts = said(cells)
    joined = "".join(texts)
    return joined.isascii() and joined.isdecimal() and "" not in texts


def numbers_of(cells: pd.Series[str]) -> NDArray[np.int64] | None:
    """Return the numbers that cells of figures are, shape (n,); None where one is too long."""
    own = cells.array
    if isinstance(own, Texts):
        return own.numbers()
    texts = cells.tolist()
    if max(map(len, texts)) > FIGURES:
        return None
    return np.fromiter(map(int, texts), np.int64, len(texts))


def taken(cells: pd.DataFrame, rows: pd.Index[int]) -> pd.DataFrame:
    """Return some rows of a table, in its order: the table itself where these are all of its rows."""
    return cells if len(rows) == len(cells) else cells.loc[rows]


def rows_alike(columns: Sequence[Places]) -> tuple[Places, Places]:
    """Give rows numbers: those of one number are equal in every column.

    Returns
    -------
    which : ndarray of int, shape (n,)
    first : ndarray of int, shape (numbers,)
        Place of the first row of every number.

    Notes
    -----
    Columns are mixed into one number a row; where two rows have the same, they are compared.
    """
    height = len(columns[0]) if columns else 0
    mixed = np.zeros(height, dtype=np.uint64)
    for codes in columns:
        mixed *= _MIX
        mixed += codes.astype(np.uint64)
    which = pd.factorize(mixed)[0]
    first = firsts(which)
    own = first[which]
    again = np.flatnonzero(own != np.arange(height))
    if not all(bool((codes[again] == codes[own[again]]).all()) for codes in columns):
        which = pd.factorize(pd.MultiIndex.from_arrays(list(columns)))[0]
        first = firsts(which)
    return which, first


def firsts(which: Places) -> Places:
    """Return the place of the first row of every number, shape (numbers,)."""
    found = np.zeros(int(which.max(initial=-1)) + 1, dtype=np.intp)
    found[which[::-1]] = np.arange(len(which) - 1, -1, -1)
    return found
