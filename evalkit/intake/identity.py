"""What makes a row this answer and no other: equal ticks are no evidence that it is the same one.

Two satisfied residents tick the same boxes, on the same day, in the same minute. A row is told
from all others by a time to the second, by an id, or by an address together with a duration; and
only where these do tell rows apart in this file. A time that a typist's batch shares, a committee's
number under the header of an id, or a running number that begins again say nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.definitions.vocabulary import IDS
from evalkit.files.grid import legible
from evalkit.intake.times import Times
from evalkit.platforms import RawSheet

Key = tuple[str, ...]
"""A row's cells but its running number, its time as a time."""

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
    keys : dict of row number to Key
    numbers : dict of row number to str
        Running numbers; ``""`` where there is none.
    here, everywhere : frozenset of row numbers
        Rows that no other answer of this file, or of any file, can equal by chance.
    restarts : tuple of row numbers
        Rows whose running number or id stood before, beside other answers.
    """

    keys: Mapping[int, Key]
    numbers: Mapping[int, str]
    here: frozenset[int]
    everywhere: frozenset[int]
    restarts: tuple[int, ...]


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
    places = {c.metadata: c.position for c in reversed(sheet.columns) if c.metadata}
    named_ids = (c.position for c in sheet.columns if legible(c.header).casefold() in IDS)
    ids = places["id"] if "id" in places else next(named_ids, None)
    sequence = places.get("sequence")
    cells = sheet.cells.loc[rows]
    content = [c.position for c in sheet.columns if c.position != sequence or c.position == ids]
    at = [int(row) for row in rows]
    columns = [cells[position].astype(str).tolist() for position in content]
    moments: dict[int, Hashable] = {}
    if times is not None:
        exact = times.exact
        moments = {row: times.moments[row] for row in at if row in exact}
        place = content.index(times.column.position)
        columns[place] = [
            str(moments[row]) if row in moments else text
            for row, text in zip(at, columns[place], strict=True)
        ]
    keys: dict[int, Key] = dict(zip(at, zip(*columns, strict=True), strict=True))
    different: dict[Key, int] = {}
    which = {row: different.setdefault(key, len(different)) for row, key in keys.items()}
    numbers = _filled(cells, sequence)
    named: dict[int, Hashable] = dict(_filled(cells, ids))
    addresses = _filled(cells, places.get("ip"))
    durations = _filled(cells, places.get("seconds"))
    sent: dict[int, Hashable] = {
        row: (address, durations[row]) for row, address in addresses.items() if row in durations
    }
    timed, placed = _telling(moments, which, numbers), _telling(sent, which, numbers)
    by_id = _telling(named, which, numbers)
    counted = ids == panel or _counted_up(list(named.values()))
    return Identity(
        keys,
        {row: numbers.get(row, "") for row in at},
        timed | placed | by_id,
        timed | placed | (frozenset() if counted else by_id),
        tuple(sorted({*_restarts(numbers, which), *_restarts(_filled(cells, ids), which)})),
    )


def _filled(cells: pd.DataFrame, position: int | None) -> dict[int, str]:
    if position is None:
        return {}
    pairs = zip(map(int, cells.index), cells[position], strict=True)
    return {row: str(text) for row, text in pairs if text}


def _telling(
    values: Mapping[int, Hashable], which: Mapping[int, int], numbers: Mapping[int, str]
) -> frozenset[int]:
    """Return the rows that a value tells from all others; `which` numbers what they answered.

    Values tell rows apart where nearly every different row has its own, and where repetition is
    the exception: a stamp under which a whole committee was typed in repeats as often as its
    residents agree. Rows that repeat with their running number, as a block that was pasted twice
    does, count once.
    """
    owners: defaultdict[Hashable, set[int]] = defaultdict(set)
    papers: set[Hashable] = set()
    for row, value in values.items():
        owners[value].add(which[row])
        papers.add((which[row], numbers[row]) if numbers.get(row) else row)
    different = len(set().union(*owners.values()))
    if len(owners) < TELLS_APART * different or 2 * different < len(papers):
        return frozenset()
    return frozenset(row for row, value in values.items() if len(owners[value]) == 1)


def _counted_up(ids: Sequence[Hashable]) -> bool:
    """Tell ids that a file counts up for itself, such as 1, 2, 3 or A01, A02, from unique ones."""
    ends: defaultdict[str, set[int]] = defaultdict(set)
    for text in ids:
        match = _NUMBERED.fullmatch(str(text))
        if match is None:
            return False
        ends[match[1]].add(int(match[2]))
    spread = sum(max(found) - min(found) + 1 for found in ends.values())
    return spread <= DENSE * sum(map(len, ends.values()))


def _restarts(numbers: Mapping[int, str], which: Mapping[int, int]) -> tuple[int, ...]:
    first: dict[str, int] = {}
    return tuple(row for row, n in numbers.items() if first.setdefault(n, which[row]) != which[row])


def first_equals(identity: Identity) -> dict[int, int]:
    """Return every row that equals an earlier one, and the first that it equals."""
    first: dict[Key, int] = {}
    return {
        row: original
        for row, key in identity.keys.items()
        if (original := first.setdefault(key, row)) != row
    }
