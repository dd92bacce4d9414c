"""Engines that add up: coded rows in, sums out. Rows stay where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evalkit.errors import InputErrors, Problem
from evalkit.methods.coded import NOTHING, UNKNOWN, CodeBook, Integers
from evalkit.methods.gram import CellSums, together
from evalkit.problems import coded as problems_of

KEYS = ("street", "subject", "group")
"""Columns of coded rows that say whose answers they are; all others are questions."""
MOST = 20
"""Different values that a problem lists."""
NULL = int(np.uint8(UNKNOWN).view(np.int8))
"""What an engine puts in the place of NULL, and of numbers that are no byte."""
SKIPPED = int(np.uint8(NOTHING).view(np.int8))
LARGEST = 126


@dataclass(frozen=True, slots=True)
class Source:
    """The coded rows of one questionnaire.

    Attributes
    ----------
    questionnaire : str
    files : tuple of str
        Parquet: a row an answer sheet, columns `KEYS` as text and the questions of `book` as whole
        numbers. Which files there are, and in which order the rows, does not matter.
    book : CodeBook
    """

    questionnaire: str
    files: tuple[str, ...]
    book: CodeBook


class SumEngine(Protocol):
    """Adds up coded rows."""

    def sums(self, sources: Sequence[Source]) -> dict[str, CellSums]:
        """Return the sums of every questionnaire's cells: street, committee and rater group.

        The same whole numbers, whichever engine adds them up.

        Raises
        ------
        InputErrors
            With all columns that lack or are of another kind, and all values that no option has,
            NULL among them; and where the engine cannot be had or gives up.
        """
        ...


@dataclass(frozen=True, slots=True)
class Partial:
    """What one worker has found: sums by cell, and numbers of no option by column."""

    keys: Sequence[tuple[str, ...]]
    n: Integers
    products: Integers
    unknown: Mapping[str, Mapping[int, int]]


def put_together(source: Source, parts: Iterable[Partial]) -> CellSums:
    """Return the sums of all workers' sums."""
    scale = np.array(source.book.scale, dtype=np.int64)
    width = len(scale) * (2 * len(scale) + 1)
    none = CellSums(scale, (), np.zeros(0, np.int64), np.zeros((0, width), np.int64))
    found = (CellSums(scale, tuple(p.keys), p.n, p.products) for p in parts)
    return together([none, *found])


def unknown_columns(parts: Iterable[Partial]) -> list[str]:
    """Return the columns in which some worker has met numbers of no option."""
    return sorted({column for part in parts for column in part.unknown})


def faults_of_columns(
    source: Source, kinds: Mapping[str, str], whole: Sequence[str]
) -> list[Problem]:
    """Return what is wrong with the columns of coded rows.

    Parameters
    ----------
    kinds : dict of column to the engine's word for its kind.
    whole : the engine's words for whole numbers.
    """
    wanted = [*KEYS, *source.book.scores]
    if lacking := [column for column in wanted if column not in kinds]:
        return [problems_of.lacks_columns(source.questionnaire, lacking, list(kinds))]
    return [
        problems_of.no_whole_column(source.questionnaire, column, kinds[column])
        for column in source.book.scores
        if kinds[column] not in whole
    ]


def fault_of_values(
    source: Source, column: str, found: Iterable[tuple[int | None, int]]
) -> Problem:
    """Return the problem of numbers in a column that no option has, with how many rows each."""
    ordered = sorted(found, key=lambda one: (one[0] is not None, one[0] or 0))
    told = [f"{'NULL' if value is None else value}（{count} 行）" for value, count in ordered]
    more = f" 等 {len(told)} 种" if len(told) > MOST else ""
    options = len(source.book.scores[column])
    text = "、".join(told[:MOST]) + more
    return problems_of.unknown_code(source.questionnaire, column, text, options)


def refuse(problems: Sequence[Problem]) -> None:
    """Raise these problems, if there are any."""
    if problems:
        raise InputErrors(problems)
