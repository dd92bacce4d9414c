"""The codebook of a survey, from its by-text and its by-number export.

Neither file alone says which option has which number: by text there are labels without numbers,
by number the reverse. Row by row they tell both. Seen in real pairs: the rows are in the same
order and 序号 joins them even where two thirds were deleted; a multi-select is one column by text
and one column per option by number; the text beside "other, please specify" stands by text only;
metadata may be blanked out, so that only the answers themselves show that two files belong
together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problem
from evalkit.files.alike import spelled_out
from evalkit.platforms.base import RawColumn, RawSheet
from evalkit.platforms.wenjuanxing.cells import answer_rows, missing_state, running_number
from evalkit.platforms.wenjuanxing.codes import (
    Option,
    combinations_of,
    plain,
    several_codes,
    single_codes,
)

SAME_ANSWERS = 0.9
"""Share of joined rows that must say the same in both files; unrelated files agree in far fewer,
because every label must have one number throughout."""


@dataclass(frozen=True, slots=True)
class CodedQuestion:
    """One question as the two files have it together.

    Attributes
    ----------
    number : int or None
        Question number.
    kind : str
        ``"single"``, ``"multiple"``, ``"matrix"``, ``"ranking"``, or ``"text"`` where both files
        hold the same words or figures (open questions; scales whose labels are their numbers).
    text : str
        The question.
    rows : tuple of str
        The rows of a matrix.
    options : tuple of Option
        In the order of their numbers; empty for ``"text"``.
    text_columns, number_columns : tuple of int
        Positions in the two sheets.
    answered : int
        Joined rows with an answer by text.
    agreeing : int
        Joined rows in which both files say the same.
    """

    number: int | None
    kind: str
    text: str
    rows: tuple[str, ...]
    options: tuple[Option, ...]
    text_columns: tuple[int, ...]
    number_columns: tuple[int, ...]
    answered: int
    agreeing: int

    def code(self, label: str) -> int | None:
        """Return the number of a label or one of its other spellings; None if it has none."""
        for option in self.options:
            if label == option.label or label in option.aliases:
                return option.code
        return None


@dataclass(frozen=True, slots=True)
class Codebook:
    """What the pair tells, with every row accounted for.

    Attributes
    ----------
    questions : tuple of CodedQuestion
        In the order of the by-text file.
    joined_by : str
        ``"sequence"`` (序号, and its repetition where it restarts) or ``"position"``.
    text_rows, number_rows : int
        Rows that hold an answer sheet: blank rows, footers and repeated headers are left out.
    joined : int
        Rows found in both.
    agreeing : int
        Joined rows in which all questions and the platform's own columns say the same.
    notes : tuple of Note
        Contradictions: labels with two numbers, numbers with two labels, rows in one file only.
    problems : tuple of Problem
        Why the pair cannot be used; empty where it can.
    """

    questions: tuple[CodedQuestion, ...]
    joined_by: str
    text_rows: int
    number_rows: int
    joined: int
    agreeing: int
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def content(self) -> str:
        """All that it says of labels and numbers, as text."""
        return repr(self.questions)

    def question(self, number: int) -> CodedQuestion:
        """Return the question with this number; raise `KeyError` if there is none."""
        for question in self.questions:
            if question.number == number:
                return question
        raise KeyError(number)

    def labels(self, column: RawColumn) -> dict[str, str]:
        """Return the label of every number that a column of the by-number file may hold.

        The question is found by its number, for unnumbered columns by position; empty where one
        column does not hold the number of an option (open questions, one column per option).
        """
        for question in self.questions:
            same = (
                column.position in question.number_columns
                if column.number is None
                else column.number == question.number
            )
            if same and question.kind in ("single", "matrix"):
                return {str(option.code): option.label for option in question.options}
        return {}

    def missing(self, column: RawColumn) -> frozenset[str]:
        """Name no number: marks of the platform tell what is missing."""
        return frozenset()


def codebook(text: RawSheet, number: RawSheet) -> Codebook:
    """Join a by-text and a by-number export of one survey and read the codes off the rows.

    Parameters
    ----------
    text, number : RawSheet
        The two exports.

    Returns
    -------
    Codebook
        With problems, and no questions, where the two are not the same answers.
    """
    where = f"{text.file} + {number.file}"
    left, right = _answer_rows(text), _answer_rows(number)
    swapped = _swapped(text, number)
    joined_by, pairs = _join(text, number, left, right)
    if swapped is not None or not pairs:
        problem = swapped or _not_joined(where, len(left), len(right))
        return Codebook((), joined_by, len(left), len(right), len(pairs), 0, (), (problem,))
    by_text = spelled_out(text.cells.loc[[row for row, _ in pairs]]).reset_index(drop=True)
    by_number = spelled_out(number.cells.loc[[row for _, row in pairs]]).reset_index(drop=True)
    notes: list[Note] = []
    alone = len(left) + len(right) - 2 * len(pairs)
    if alone:
        notes.append(Note(NoteCode.ROWS_IN_ONE_FILE, where, alone))
    agreeing = _metadata_agrees(text, number, by_text, by_number)
    if not agreeing.all():
        notes.append(Note(NoteCode.METADATA_DIFFERS, where, int((~agreeing).sum())))
    questions = []
    for mine, theirs in _matched(text.columns, number.columns):
        if not theirs:
            facts = {"question": _title(mine[0])}
            notes.append(Note(NoteCode.QUESTION_IN_ONE_FILE, where, facts=facts))
            continue
        question, agrees, more = _question(mine, theirs, by_text, by_number, where)
        questions.append(question)
        agreeing &= agrees
        notes.extend(more)
    count = int(agreeing.sum())
    unlike = count < SAME_ANSWERS * len(pairs)
    return Codebook(
        () if unlike else tuple(questions),
        joined_by,
        len(left),
        len(right),
        len(pairs),
        count,
        tuple(notes),
        (_differs(where, len(pairs), count),) if unlike else (),
    )


def _swapped(text: RawSheet, number: RawSheet) -> Problem | None:
    if text.variant in (None, "text") and number.variant in (None, "number"):
        return None
    return Problem(
        "pair_variants",
        "对照选项编号需要一份按文本、一份按序号的导出",
        file=f"{text.file} + {number.file}",
        expected="text + number",
        found=f"{text.variant} + {number.variant}",
        remedy="按这个顺序给出两份文件",
    )


def _not_joined(where: str, left: int, right: int) -> Problem:
    return Problem(
        "pair_not_joined",
        "两份文件的答卷对不上",
        file=where,
        expected="同一批答卷：序号相同，或行数相同",
        found=f"{left} 行与 {right} 行",
        remedy="重新导出同一批答卷的两种格式",
    )


def _differs(where: str, joined: int, agreeing: int) -> Problem:
    return Problem(
        "pair_differs",
        "两份文件不像是同一批答卷",
        file=where,
        expected=f"至少 {SAME_ANSWERS:.0%} 的行一致",
        found=f"{joined} 行中 {agreeing} 行一致",
        remedy="重新导出同一批答卷的两种格式，不要重新排序",
    )


def _position(sheet: RawSheet, metadata: str) -> int | None:
    return next((c.position for c in sheet.columns if c.metadata == metadata), None)


def _answer_rows(sheet: RawSheet) -> list[int]:
    """Row numbers that hold an answer sheet."""
    kept = answer_rows(sheet.columns, sheet.cells)
    return [int(row) for row in sheet.cells.index[kept.to_numpy(dtype=bool)]]


def _join(
    text: RawSheet, number: RawSheet, left: list[int], right: list[int]
) -> tuple[str, list[tuple[int, int]]]:
    mine, theirs = _position(text, "sequence"), _position(number, "sequence")
    if mine is None or theirs is None:
        return "position", list(zip(left, right, strict=True)) if len(left) == len(right) else []

    def keyed(sheet: RawSheet, position: int, rows: list[int]) -> dict[tuple[int | str, int], int]:
        seen: Counter[int | str] = Counter()
        keys: dict[tuple[int | str, int], int] = {}
        for row, cell in zip(rows, sheet.cells.loc[rows, position], strict=True):
            number = running_number(cell)
            sequence = cell if number is None else number
            keys[sequence, seen[sequence]] = row
            seen[sequence] += 1
        return keys

    own, other = keyed(text, mine, left), keyed(number, theirs, right)
    return "sequence", [(row, other[key]) for key, row in own.items() if key in other]


def _metadata_agrees(
    text: RawSheet, number: RawSheet, by_text: pd.DataFrame, by_number: pd.DataFrame
) -> NDArray[np.bool_]:
    agrees = np.ones(len(by_text), dtype=bool)
    for column in text.columns:
        if column.metadata in (None, "sequence", "total"):
            continue
        other = _position(number, str(column.metadata))
        if other is not None:
            agrees &= (by_text[column.position] == by_number[other]).to_numpy(dtype=bool)
    return agrees


def _matched(
    text: Sequence[RawColumn], number: Sequence[RawColumn]
) -> list[tuple[list[RawColumn], list[RawColumn]]]:
    """Columns of the same question in both files: by number, unnumbered ones by header."""

    def grouped(columns: Iterable[RawColumn]) -> dict[object, list[RawColumn]]:
        groups: dict[object, list[RawColumn]] = defaultdict(list)
        for column in columns:
            if column.metadata is None and column.header.strip():
                key = (plain(column.header), column.occurrence)
                groups[key if column.number is None else column.number].append(column)
        return groups

    mine, theirs = grouped(text), grouped(number)
    return [(columns, theirs.get(key, [])) for key, columns in mine.items()]


def _title(column: RawColumn) -> str:
    return f"第 {column.number} 题" if column.number is not None else f"“{column.text}”"


def _question(
    mine: list[RawColumn],
    theirs: list[RawColumn],
    by_text: pd.DataFrame,
    by_number: pd.DataFrame,
    where: str,
) -> tuple[CodedQuestion, NDArray[np.bool_], list[Note]]:
    title = _title(mine[0])
    notes: list[Note] = []
    positions = [column.position for column in mine]
    others = [column.position for column in theirs]
    stem = next((column.stem for column in (*mine, *theirs) if column.stem), mine[0].text)
    rows: tuple[str, ...] = ()
    if len(mine) == 1 and any(column.option is not None for column in theirs):
        labels = [column.option or column.text for column in theirs]
        index, combinations, counts = combinations_of(by_text, by_number, positions, others)
        ranked = any(column.kind == "ranking" for column in (*mine, *theirs))
        options, verdicts, notes = several_codes(combinations, counts, labels, ranked, title, where)
        kind = "ranking" if ranked else "multiple"
        agrees = verdicts[index]
    elif len(mine) == len(theirs):
        kind, options, agrees, notes = single_codes(mine, theirs, by_text, by_number, title, where)
        if len(mine) > 1 or mine[0].kind == "matrix":
            rows = tuple(column.text for column in mine)
            kind = "matrix" if kind != "text" else kind
    else:
        kind, options = "text", ()
        agrees = np.ones(len(by_text), dtype=bool)
        facts = {"question": title, "by_text": len(mine), "by_number": len(theirs)}
        notes = [Note(NoteCode.COLUMNS_UNMATCHED, where, facts=facts)]
    answered = np.zeros(len(by_text), dtype=bool)
    for position in positions:
        given = by_text[position].map(lambda cell: missing_state(cell, "text") is None)
        answered |= given.to_numpy(dtype=bool)
    question = CodedQuestion(
        mine[0].number,
        kind,
        stem,
        rows,
        options,
        tuple(positions),
        tuple(others),
        int(answered.sum()),
        int(agrees.sum()),
    )
    return question, agrees, notes
