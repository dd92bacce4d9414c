"""What makes a row this answer and no other: equal ticks are no evidence that it is the same one.

Two satisfied residents tick the same boxes, on the same day, in the same minute. A row is told
from all others by a time to the second, by an id, or by an address together with a duration; and
only where these do tell rows apart in this file. A time that a typist's batch shares, a committee's
number under the header of an id, or a running number that begins again say nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.util import hash_array

from evalkit.definitions.vocabulary import IDS
from evalkit.files.alike import (
    Places,
    are_figures,
    firsts,
    held,
    numbers_of,
    rows_alike,
    taken,
)
from evalkit.files.grid import legible
from evalkit.intake.times import Times
from evalkit.platforms import RawSheet

_MIX, _HALF = np.uint64(0xD6E8FEB86659FD93), np.uint64(32)

TELLS_APART = 0.9
"""Share of different rows that must differ in a value for it to tell rows apart."""
DENSE = 10
"""Ids that leave fewer than this many places unused for each used one have been counted up."""

_NUMBERED = re.compile(r"(.*?)(\d{1,15})", re.DOTALL)


@dataclass(frozen=True)
class Identity:
    """What tells the rows of one file apart.

    Attributes
    ----------
    rows : Index
        Row numbers.
    first : ndarray of int, shape (n,)
        Place of the first row that says the same; its own where none did before.
    numbers : Series of str
        Running numbers, by row; ``""`` where there is none.
    here, everywhere : ndarray of bool, shape (n,)
        Rows that no other answer of this file, or of any file, can equal by chance.
    restarts : ndarray of bool, shape (n,)
        Rows whose running number or id stood before, beside other answers.
    columns : tuple of columns
        What the rows say but their running number, the time as a time.
    """

    rows: pd.Index[int]
    first: Places
    numbers: pd.Series[str]
    here: NDArray[np.bool_]
    everywhere: NDArray[np.bool_]
    restarts: NDArray[np.bool_]
    columns: tuple[_Said, ...]

    @property
    def repeats(self) -> NDArray[np.bool_]:
        """Rows that equal an earlier one, shape (n,)."""
        return np.asarray(self.first != np.arange(len(self.first)))

    @cached_property
    def marks(self) -> NDArray[np.uint64]:
        """Hashes of what the rows say, to be held against rows of other files, shape (n,).

        Of two million rows two that differ have the same by chance once in ten million times.
        """
        mixed = np.full(len(self.rows), len(self.columns), dtype=np.uint64)
        for column in self.columns:
            mixed ^= mixed >> _HALF
            mixed *= _MIX
            mixed += column.hashes()
        return mixed


class _Said(NamedTuple):
    """One column of what rows say: a code for every row, and what the codes mean.

    `different` is how many codes there are; 0 where nobody has counted them.
    """

    codes: Places
    meaning: Callable[[], list[str]]
    different: int = 0

    def hashes(self) -> NDArray[np.uint64]:
        texts = np.array([*self.meaning(), ""], dtype=object)
        return np.asarray(hash_array(texts, categorize=False)[self.codes])


def identify(
    sheet: RawSheet, rows: pd.Index[int], times: Times | None, panel: int | None = None
) -> Identity:
    """Tell which rows are told apart, and by what.

    Parameters
    ----------
    rows : Index
        Row numbers of the answers.
    times : Times or None
        Of these rows.
    panel : int or None
        Position of the column by which people are known again in another file: whoever answers as
        before stands in both with one number, and it is not one answer.
    """
    metadata = {c.metadata: c.position for c in reversed(sheet.columns) if c.metadata}
    named_ids = (c.position for c in sheet.columns if legible(c.header).casefold() in IDS)
    ids = metadata["id"] if "id" in metadata else next(named_ids, None)
    sequence = metadata.get("sequence")
    cells = taken(sheet.cells, rows)
    content = [c.position for c in sheet.columns if c.position != sequence or c.position == ids]
    columns = tuple(
        _moments(times, cells[position])
        if times is not None and position == times.column.position
        else _texts(cells[position])
        for position in content
    )
    which = first = np.arange(len(cells))
    if not any(column.different == len(cells) for column in columns):
        which, first = rows_alike([column.codes for column in columns])
    numbers, named = _given(cells, sequence), _given(cells, ids)
    moments = _nothing(len(cells))
    if times is not None:
        place = content.index(times.column.position)
        moments = np.where(times.to_the_second, columns[place].codes, moments)
    timed = _telling(moments, which, numbers)
    placed = _telling(_sent(cells, metadata), which, numbers)
    by_id = _telling(named, which, numbers)
    counted = ids == panel or _counted_up(cells[ids][named >= 0] if ids is not None else [])
    return Identity(
        rows,
        first if which is first else first[which],
        cells[sequence] if sequence is not None else pd.Series("", index=rows, dtype=object),
        timed | placed | by_id,
        timed | placed | (by_id & (not counted)),
        _restarts(numbers, which) | _restarts(named, which),
        columns,
    )


def _texts(cells: pd.Series[str]) -> _Said:
    own = cells.array
    if isinstance(own, pd.Categorical):
        return _Said(own.codes, own.categories.tolist)
    codes, texts = pd.factorize(cells)
    return _Said(codes, texts.tolist, len(texts))


def _moments(times: Times, cells: pd.Series[str]) -> _Said:
    """Return the column of times: moments where they are exact, else what the cells say."""
    codes = np.empty(len(cells), dtype=np.intp)
    codes[times.to_the_second], moments = times.numbered()
    others, texts = pd.factorize(cells[~times.to_the_second])
    codes[~times.to_the_second] = others + len(moments)

    def meaning() -> list[str]:
        told = moments.astype("datetime64[us]").tolist()
        return [*map(str, told), *map(str, texts)]

    return _Said(codes, meaning, len(moments) + len(texts))


def _nothing(count: int) -> Places:
    """Return -1 for every row, shape (n,), that takes no room."""
    return np.broadcast_to(np.intp(-1), count)


def _sent(cells: pd.DataFrame, metadata: Mapping[str, int]) -> Places:
    """Return the number of every row's address and duration together, shape (n,); -1 without one of them."""
    if not {"ip", "seconds"} <= metadata.keys():
        return _nothing(len(cells))
    addresses, durations = (_given(cells, metadata[name]) for name in ("ip", "seconds"))
    sent, both = np.full(len(cells), -1), (addresses >= 0) & (durations >= 0)
    sent[both] = pd.factorize(_paired(addresses[both], durations[both]))[0]
    return sent


def _given(cells: pd.DataFrame, position: int | None) -> Places:
    """Return the number of every cell's text, shape (n,); -1 where it holds nothing."""
    if position is None:
        return _nothing(len(cells))
    own = cells[position]
    codes: Places = _counting(own)
    if len(codes):
        return codes
    codes, filled = np.full(len(own), -1), held(own)
    codes[filled] = pd.factorize(own[filled])[0]
    return codes


def _counting(cells: pd.Series[str]) -> Places:
    """Return numbers that are written as numbers are, and rise from row to row; else nothing."""
    nothing = np.zeros(0, dtype=np.intp)
    if isinstance(cells.dtype, pd.CategoricalDtype) or not are_figures(cells):
        return nothing
    numbers = numbers_of(cells)
    rise = numbers is not None and bool((np.diff(numbers) > 0).all())
    return np.arange(len(cells)) if rise else nothing


def _paired(first: Places, second: Places) -> Places:
    """Return one number for two, shape (n,)."""
    return np.asarray(first * (int(second.max(initial=0)) + 1) + second)


def _telling(values: Places, which: Places, numbers: Places) -> NDArray[np.bool_]:
    """Return the rows (n,) that a value tells from all others; `which` numbers what they answered.

    Values are numbered without a gap, -1 where there is none.

    Values tell rows apart where nearly every different row has its own, and where repetition is
    the exception: a stamp under which a whole committee was typed in repeats as often as its
    residents agree. Rows that repeat with their running number, as a block that was pasted twice
    does, count once.
    """
    nobody = np.zeros(len(values), dtype=np.bool_)
    valued = np.flatnonzero(values >= 0)
    if not len(valued):
        return nobody
    whole = len(valued) == len(values)
    value, own = (values, which) if whole else (values[valued], which[valued])
    owners = int(value.max()) + 1
    if int(own.max()) + 1 == len(which):  # all rows differ
        different = papers = len(valued)
    else:
        different, numbered = len(pd.unique(own)), numbers[valued] >= 0
        papers = int((~numbered).sum()) + _distinct(own[numbered], numbers[valued][numbered])
    if owners < TELLS_APART * different or 2 * different < papers:
        return nobody
    alone = np.ones(len(valued), dtype=np.bool_)
    if owners < len(valued):
        pairs = pd.unique(_paired(value, own))
        each = np.bincount(pairs // (int(own.max()) + 1), minlength=owners)
        alone = each[value] == 1
    nobody[valued[alone]] = True
    return nobody


def _distinct(first: Places, second: Places) -> int:
    return len(pd.unique(_paired(first, second)))


def _counted_up(ids: Iterable[Hashable]) -> bool:
    """Tell ids that a file counts up for itself, such as 1, 2, 3 or A01, A02, from unique ones."""
    ends: defaultdict[str, set[int]] = defaultdict(set)
    for text in ids:
        match = _NUMBERED.fullmatch(str(text))
        if match is None:
            return False
        ends[match[1]].add(int(match[2]))
    spread = sum(max(found) - min(found) + 1 for found in ends.values())
    return spread <= DENSE * sum(map(len, ends.values()))


def _restarts(numbers: Places, which: Places) -> NDArray[np.bool_]:
    found = np.zeros(len(numbers), dtype=np.bool_)
    numbered = numbers >= 0
    if int(numbers.max(initial=-1)) + 1 == np.count_nonzero(numbered):  # all differ
        return found
    value, own = numbers[numbered], which[numbered]
    found[numbered] = own[firsts(value)[value]] != own
    return found
