"""Which label has which number: one question's cells by text and by number, side by side."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.platforms.base import RawColumn
from evalkit.platforms.wenjuanxing.cells import (
    missing_state,
    split_multiple,
    split_other,
    split_ranking,
)

_Combination = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Option:
    """One option: what it is called, which number it has, how many rows chose it.

    Attributes
    ----------
    label : str
        The spelling most rows have, without the text beside "other".
    code : int
        Its number; of a multi-select or ranking its place, from 1.
    count : int
        Joined rows that chose (or ranked) it; of a matrix, cells.
    aliases : tuple of str
        Other labels with the same number.
    """

    label: str
    code: int
    count: int
    aliases: tuple[str, ...] = ()


def plain(label: str) -> str:
    """Spelling that does not matter: width of characters, white space."""
    return "".join(unicodedata.normalize("NFKC", label).split())


def combinations_of(
    by_text: pd.DataFrame, by_number: pd.DataFrame, mine: list[int], theirs: list[int]
) -> tuple[NDArray[np.intp], list[_Combination], list[int]]:
    """Distinct combinations of cells of a question, how often each, and which each row has."""
    left = zip(*(by_text[position] for position in mine), strict=True)
    right = zip(*(by_number[position] for position in theirs), strict=True)
    known: dict[_Combination, int] = {}
    index = np.fromiter(
        (known.setdefault(pair, len(known)) for pair in zip(left, right, strict=True)),
        dtype=np.intp,
        count=len(by_text),
    )
    return index, list(known), np.bincount(index, minlength=len(known)).tolist()


def single_codes(
    mine: list[RawColumn],
    theirs: list[RawColumn],
    by_text: pd.DataFrame,
    by_number: pd.DataFrame,
    title: str,
    where: str,
) -> tuple[str, tuple[Option, ...], NDArray[np.bool_], list[Note]]:
    """Single choices and the rows of a matrix: one label and one number in a row's cells."""
    parts = [
        combinations_of(by_text, by_number, [own.position], [other.position])
        for own, other in zip(mine, theirs, strict=True)
    ]
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for _, combinations, counts in parts:
        for ((label_cell,), (code_cell,)), count in zip(combinations, counts, strict=True):
            if _states(label_cell, code_cell) == (None, None):
                tally[split_other(label_cell)[0]][split_other(code_cell)[0]] += count
    codes = {code for counter in tally.values() for code in counter}
    closed = mine[0].kind in ("single", "matrix") or theirs[0].kind in ("single", "matrix")
    verbatim = all(set(counter) == {label} for label, counter in tally.items())
    if not all(code.isdecimal() for code in codes) or (verbatim and not closed):
        agrees = np.ones(len(by_text), dtype=bool)
        for index, combinations, _ in parts:
            same = [_same_words(label, code) for (label,), (code,) in combinations]
            agrees &= np.array(same, dtype=bool)[index]
        return "text", (), agrees, []
    best = {label: counter.most_common(1)[0][0] for label, counter in tally.items()}
    agrees = np.ones(len(by_text), dtype=bool)
    for index, combinations, _ in parts:
        fits = [_fits(label, code, best) for (label,), (code,) in combinations]
        agrees &= np.array(fits, dtype=bool)[index]
    options, notes = _options(tally, best, title, where)
    return "single", options, agrees, notes


def _states(label_cell: str, code_cell: str) -> tuple[str | None, str | None]:
    return missing_state(label_cell, "text"), missing_state(code_cell, "number")


def _same_words(label_cell: str, code_cell: str) -> bool:
    return label_cell == code_cell or None not in _states(label_cell, code_cell)


def _fits(label_cell: str, code_cell: str, best: dict[str, str]) -> bool:
    label_state, code_state = _states(label_cell, code_cell)
    if label_state or code_state:
        return label_state == code_state
    return best[split_other(label_cell)[0]] == split_other(code_cell)[0]


def _options(
    tally: dict[str, Counter[str]], best: dict[str, str], title: str, where: str
) -> tuple[tuple[Option, ...], list[Note]]:
    notes = []
    by_code: dict[int, Counter[str]] = defaultdict(Counter)
    for label, counter in tally.items():
        by_code[int(best[label])][label] += counter[best[label]]
        if len(counter) > 1:
            facts: dict[str, object] = {
                "question": title,
                "label": label,
                "seen": tuple(counter.most_common()),
            }
            other = counter.total() - counter[best[label]]
            notes.append(Note(NoteCode.LABEL_WITH_TWO_CODES, where, other, facts))
    options = []
    for code, labels in sorted(by_code.items()):
        (main, _), *others = labels.most_common()
        aliases = tuple(label for label, _ in others)
        options.append(Option(main, code, labels.total(), aliases))
        if any(plain(alias) != plain(main) for alias in aliases):
            facts = {"question": title, "code": code, "labels": (main, *aliases)}
            other = labels.total() - labels[main]
            notes.append(Note(NoteCode.CODE_WITH_TWO_LABELS, where, other, facts))
    return tuple(options), notes


def several_codes(
    combinations: list[_Combination],
    counts: list[int],
    labels: list[str],
    ranked: bool,
    title: str,
    where: str,
) -> tuple[tuple[Option, ...], NDArray[np.bool_], list[Note]]:
    """Multi-selects and rankings: one cell by text, one column per option by number."""
    place = {plain(label): at for at, label in enumerate(labels)}
    chosen: Counter[int] = Counter()
    unknown: Counter[str] = Counter()
    spellings: dict[int, set[str]] = defaultdict(set)
    verdicts = []
    for ((cell,), codes), count in zip(combinations, counts, strict=True):
        given = _columns_chosen(codes, ranked)
        if missing_state(cell, "text") is not None:
            verdicts.append(not given)
            continue
        names = split_ranking(cell) if ranked else [label for label, _ in split_multiple(cell)]
        expected: dict[int, int] = {}
        for rank, name in enumerate(names, start=1):
            at = place.get(plain(name))
            if at is None:
                unknown[name] += count
                continue
            expected[at] = rank if ranked else 1
            chosen[at] += count
            if name != labels[at]:
                spellings[at].add(name)
        verdicts.append(expected == given and len(expected) == len(names))
    options = tuple(
        Option(label, at + 1, chosen[at], tuple(sorted(spellings[at])))
        for at, label in enumerate(labels)
    )
    notes = [
        Note(NoteCode.LABEL_WITHOUT_CODE, where, count, {"question": title, "label": name})
        for name, count in unknown.items()
    ]
    return options, np.array(verdicts, dtype=bool), notes


def _columns_chosen(codes: tuple[str, ...], ranked: bool) -> dict[int, int]:
    """Return the options a row chose, by place: 1 for a choice, the rank for a ranking."""
    chosen = {}
    for at, cell in enumerate(codes):
        code = split_other(cell)[0]
        if code.isdecimal() and int(code) > 0:  # which no mark of a missing answer is
            chosen[at] = int(code) if ranked else 1
    return chosen
