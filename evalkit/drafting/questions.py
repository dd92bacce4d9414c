"""A sheet's columns as the questions they belong to, described for comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from evalkit import numerals
from evalkit.definitions.questionnaire import Item, Option
from evalkit.definitions.text import bare_option, comparable
from evalkit.definitions.vocabulary import TICKED
from evalkit.drafting.likeness import Profile, bare_number
from evalkit.files.alike import counted, taken
from evalkit.intake.cleaning import sift
from evalkit.personal import heading_is_personal, identifies
from evalkit.platforms import PERSONAL, Codebook, Platform, RawColumn, RawSheet, of

Meaning = Literal["text", "number", "score"]
"""What an answer says: an option's label, its number, or its score."""

_PERSONAL_SHARE = 0.5
"""A column half of whose answers are telephone or identity numbers or addresses is personal."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a sheet.

    Attributes
    ----------
    columns : tuple of RawColumn
        One, or the option columns of one multi-select or ranking.
    spread : bool
        Whether `columns` hold one option each.
    meaning : str
        What the answers in `profile` say: labels also where a codebook translated numbers.
    labels : dict of str to str
        Label of every number, from the codebook; empty where there is none.
    counts : dict of str to int
        Answers as they stand in the file (choices of one cell apart), and how many rows have them.
    """

    columns: tuple[RawColumn, ...]
    spread: bool
    meaning: Meaning
    profile: Profile
    labels: Mapping[str, str]
    counts: Mapping[str, int]

    @property
    def first(self) -> RawColumn:
        """The column that stands for the question."""
        return self.columns[0]

    @property
    def text(self) -> str:
        """What is asked, as near as the headers tell."""
        if self.spread:
            return self.first.stem or self.first.text or f"{self.first.option}等"
        return self.first.text or self.first.stem or self.first.header

    @property
    def name(self) -> str:
        """How the question is called in sentences."""
        number = self.profile.number
        return f"“{self.text}”" if number is None else f"第 {number} 题“{self.text}”"


Tally = Mapping[int, Mapping[str, int]]
"""By position: every different cell, and in how many rows it stands."""


def tally(sheet: RawSheet) -> Tally:
    """Count the cells of a sheet without blank rows, footers and repeated headers."""
    rows, _ = sift(sheet)
    cells = taken(sheet.cells, rows)
    return {column.position: Counter(counted(cells[column.position])) for column in sheet.columns}


def why_left_out(column: RawColumn, cells: Mapping[str, int]) -> str | None:
    """Return why a column is never drafted; None if it may be a question."""
    if column.metadata in PERSONAL:
        return "个人信息，不导入"
    if column.metadata is not None:
        return "平台字段，不导入"
    answers = sum(count for cell, count in cells.items() if cell)
    if not answers and not column.header.strip():
        return "空列"
    identifying = sum(count for cell, count in cells.items() if identifies(cell))
    if answers and identifying >= _PERSONAL_SHARE * answers:
        return "个人信息，不导入"
    return "个人信息，不导入" if heading_is_personal(column.text) else None


def questions(
    sheet: RawSheet,
    cells: Tally,
    meaning: Meaning,
    codebook: Codebook | None = None,
) -> tuple[Question, ...]:
    """Return the questions of a sheet, in file order, without platform and personal columns.

    Parameters
    ----------
    cells : Tally
        Of the same sheet.
    meaning : str
        What the sheet's cells say.
    codebook : Codebook or None
        Labels of the numbers, if `meaning` is ``"number"``.
    """
    asked = [c for c in sheet.columns if why_left_out(c, cells[c.position]) is None]
    return tuple(
        _spread(columns, cells, meaning)
        if columns[0].option is not None
        else _single(columns[0], cells[columns[0].position], meaning, codebook, of(sheet))
        for columns in _grouped(asked)
    )


def _grouped(columns: list[RawColumn]) -> Iterator[tuple[RawColumn, ...]]:
    def key(column: RawColumn) -> tuple[object, ...]:
        if column.option is None:
            return (column.position,)
        return (column.number, column.stem, column.occurrence)

    for _, group in groupby(columns, key):
        yield tuple(group)


def _spread(columns: tuple[RawColumn, ...], cells: Tally, meaning: Meaning) -> Question:
    first = columns[0]
    kind = "ranking" if first.kind == "ranking" else "multiple"
    texts = tuple(comparable(text) for text in (first.stem, first.text) if text)
    options = frozenset(bare_option(column.option or "") for column in columns)
    profile = Profile(first.number, texts, kind=kind, options=options)
    chosen = {
        column.option or "": sum(
            count
            for cell, count in cells[column.position].items()
            if comparable(cell) in TICKED
            or (numerals.whole(cell) or 0) > 0
            or (cell and bare_option(cell) == bare_option(column.option or ""))
        )
        for column in columns
    }
    return Question(columns, True, meaning, profile, {}, chosen)


def _single(
    column: RawColumn,
    cells: Mapping[str, int],
    meaning: Meaning,
    codebook: Codebook | None,
    platform: Platform,
) -> Question:
    labels = codebook.labels(column) if codebook is not None and meaning == "number" else {}
    counts = _counts(column, cells, meaning, platform)
    values: Counter[str] = Counter()
    for value, count in counts.items():
        values[bare_option(labels.get(value, value))] += count
    number = column.number if column.number is not None else bare_number(column.header)
    profile = Profile(
        number,
        (comparable(column.text or column.header),),
        stem=comparable(column.stem or ""),
        codes=frozenset(map(comparable, (column.header, *column.names))) - {""},
        kind="single" if column.kind == "matrix" else column.kind,
        values=values,
    )
    return Question((column,), False, "text" if labels else meaning, profile, labels, counts)


def _counts(
    column: RawColumn, cells: Mapping[str, int], meaning: Meaning, platform: Platform
) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for text, rows in cells.items():
        if platform.missing_state(text, meaning) is not None:
            continue
        if column.kind == "multiple" and meaning == "text":
            found = platform.choices(text)
        elif column.kind == "ranking" and meaning == "text":
            found = platform.ranking(text)
        else:
            found = [platform.label(text)]
        for value in found:
            counts[value] += rows
    return dict(sorted(counts.items()))


def profile_of_item(item: Item, options: list[Option], meaning: Meaning) -> Profile:
    """Describe an item the way a column is described whose answers have this meaning."""
    said = {
        "text": [option.label for option in options],
        "number": [option.code for option in options],
        "score": [f"{option.score:g}" for option in options if option.score is not None],
    }[meaning]
    names = [comparable(name) for name in (item.text, item.header) if name]
    return Profile(
        item.number,
        tuple(dict.fromkeys(names)),
        stem=comparable(item.stem or ""),
        codes=frozenset(comparable(name) for name in (item.id, item.header) if name),
        kind=item.kind,
        options=frozenset(bare_option(value) for value in said),
    )
