"""What an analyst declares of a file that the file alone does not tell.

Several waves may stand in one file, told apart by a column; answers may stand one below the other
(one row a person and question) instead of side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.files.grid import legible
from evalkit.problems import exports as faults

Place = tuple[str, str | None]
"""File and sheet."""

BETWEEN_CHOICES = "┋"
"""Put between several answers of one person to one question of a long table."""

MOST_SHOWN = 12
"""Different values of a column that a message lists."""


@dataclass(frozen=True, slots=True)
class Long:
    """Which columns of a long table hold what: whose answer, to what, and the answer."""

    person: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is declared of a file.

    Attributes
    ----------
    header_rows : int or None
    platform : str or None
        Name of the platform whose export it is.
    where : dict of header to values
        Rows that are meant: those that hold one of the values in every such column.
    long : Long or None
        The file has one row a person and question.
    """

    header_rows: int | None = None
    platform: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    long: Long | None = None


EVERYTHING = Said()


def part_of(
    cells: pd.DataFrame,
    headers: Sequence[str],
    said: Said,
    place: Place,
    problems: Problems,
) -> tuple[pd.DataFrame, str, list[Note]]:
    """Return the rows that are meant, which these are, and how many were left out.

    Rows keep their numbers. A column or a value that is not there is a problem.
    """
    if not said.where:
        return cells, "", []
    kept = pd.Series(True, index=cells.index)
    known = len(problems)
    for header, values in said.where.items():
        at = _column(headers, header, "where", place, problems)
        if at is None:
            continue
        found = cells[at].map(_plain)
        wanted = {_plain(value) for value in values}
        present = [value for value in dict.fromkeys(found) if value]
        for value in sorted(wanted - set(present)):
            problems.collect(faults.where_without_rows(*place, header, value, present[:MOST_SHOWN]))
        kept &= found.isin(wanted)
    if len(problems) == known and not kept.any():
        named = "；".join(f"{header}={'、'.join(values)}" for header, values in said.where.items())
        problems.collect(faults.where_without_rows(*place, named, named, []))
    blank = (cells == "").all(axis=1)
    count = int((~kept & ~blank).sum())
    part = repr(sorted((header, sorted(values)) for header, values in said.where.items()))
    notes = []
    if count:
        facts = {"columns": tuple(said.where), "kept": int(kept.sum())}
        notes.append(Note(NoteCode.ROWS_OF_OTHER_PARTS, place[0], count, facts))
    return cells[kept], part, notes


def widened(
    cells: pd.DataFrame, headers: Sequence[str], said: Said, place: Place, problems: Problems
) -> tuple[list[str], pd.DataFrame]:
    """Lay the answers of a long table side by side: one row a person, one column a question.

    Columns that say the same in all rows of every person stay; of the others nobody knows which
    row is meant, and they are a problem. A person's row has the number of the first of its rows.
    """
    if said.long is None:
        return list(headers), cells
    named = (said.long.person, said.long.question, said.long.answer)
    found = [_column(headers, name, "long", place, problems) for name in named]
    if None in found:
        return list(headers), cells
    person, question, answer = (at for at in found if at is not None)
    cells = cells[(cells != "").any(axis=1)]
    lost = cells.index[(cells[person] == "") | (cells[question] == "")]
    if len(lost):
        problems.collect(faults.long_row_without(*place, int(lost[0]), named[:2], len(lost)))
        return list(headers), cells
    rows: dict[str, list[int]] = {}
    for row, who in zip(cells.index, cells[person], strict=True):
        rows.setdefault(who, []).append(row)
    kept = [at for at in range(len(headers)) if at not in (question, answer)]
    for at in kept:
        who = next((w for w, own in rows.items() if len(set(cells.loc[own, at])) > 1), None)
        if who is not None:
            problems.collect(
                faults.long_column_differs(*place, headers[at], rows[who][0], named[0])
            )
    asked = [str(text) for text in dict.fromkeys(cells[question])]
    given: dict[tuple[str, str], list[str]] = {}
    for who, what, said_so in cells[[person, question, answer]].itertuples(index=False, name=None):
        if said_so:
            given.setdefault((who, what), []).append(said_so)
    table = [
        [
            *cells.loc[own[0], kept],
            *(BETWEEN_CHOICES.join(given.get((who, what), ())) for what in asked),
        ]
        for who, own in rows.items()
    ]
    width = range(len(kept) + len(asked))
    index = [own[0] for own in rows.values()]
    wide = pd.DataFrame(table, index=index, columns=width, dtype=str)
    return [*(headers[at] for at in kept), *asked], wide


def _column(
    headers: Sequence[str], name: str, key: str, place: Place, problems: Problems
) -> int | None:
    """Return the position of the one column of that header; a problem where there is none or more."""
    found = [at for at, header in enumerate(headers) if _plain(header) == _plain(name)]
    if len(found) == 1:
        return found[0]
    shown = [legible(header) for header in headers if header][:MOST_SHOWN]
    problems.collect(faults.declared_column_missing(*place, key, name, len(found), shown))
    return None


def _plain(text: str) -> str:
    return legible(str(text)).casefold()
