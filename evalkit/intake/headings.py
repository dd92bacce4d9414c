"""Headings that carry two things: a question and one of its options, or a stem and its row.

Platforms write ``需求/停车``, ``需求 [停车]``, ``需求:停车``, ``需求.停车``, or two rows of headers; a
matrix is ``总题干—行``. Such a heading is taken apart only at what the questionnaire itself has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.text import comparable, option_key, question_key, undecorated
from evalkit.definitions.vocabulary import HEADING_BRACKETS, HEADING_JOINT, HEADING_NUMBER
from evalkit.platforms.base import RawColumn

_BETWEEN = re.compile(HEADING_JOINT)
_OPENS, _CLOSES = (re.compile(one) for one in HEADING_BRACKETS)
_NUMBER = re.compile(HEADING_NUMBER)

LEAST = 2
"""Columns of one stem that must name options of an item before a stem that it does not have counts."""


def halves(heading: str) -> Iterator[tuple[str, str]]:
    """Yield every way to part a heading in two, the stem first.

    Examples
    --------
    >>> list(halves("需求/停车"))
    [('需求', '停车')]
    >>> list(halves("需求 [停车/充电]"))
    [('需求', '停车/充电'), ('需求 [停车', '充电]')]
    >>> list(halves("需求（可多选）[停车]"))
    [('需求', '可多选）[停车'), ('需求（可多选）', '停车')]
    """
    whole = heading.strip()
    if whole and _CLOSES.fullmatch(whole[-1]):
        for match in _OPENS.finditer(whole):
            stem, tail = whole[: match.start()].rstrip(), whole[match.end() : -1]
            if stem and tail:
                yield stem, tail
    for match in _BETWEEN.finditer(heading):
        if match.start() and match.end() < len(heading):
            yield heading[: match.start()], heading[match.end() :]


def is_row_of(column: RawColumn, item: Item) -> bool:
    """Tell a heading that is the item's stem and its text, however the two are joined."""
    if item.stem is None:
        return False
    stem, text = question_key(item.stem), question_key(item.text)
    whole = {column.text, column.header, _unnumbered(column.header)}
    return any(
        question_key(above) == stem and question_key(below) == text
        for heading in whole
        for above, below in halves(heading)
    )


def names_of(item: Item) -> frozenset[str]:
    """Return what an item may be called in a heading, comparable."""
    names = {question_key(item.text)} | {comparable(n) for n in (item.header, item.id) if n}
    return frozenset(names | ({question_key(f"{item.stem}-{item.text}")} if item.stem else set()))


def with_options(
    columns: Sequence[RawColumn], questionnaire: Questionnaire
) -> tuple[RawColumn, ...]:
    """Return the columns, those headed by a question and one of its options taken apart.

    A stem that is the question itself is enough; of another one, `LEAST` columns must name
    different options of the item, and of no other item.
    """
    several = [item for item in questionnaire.items if item.kind in ("multiple", "ranking")]
    if not several:
        return tuple(columns)
    columns = _rows_that_are_options(columns, several, questionnaire)
    exact: dict[int, RawColumn] = {}
    likely: dict[tuple[str, str], dict[int, tuple[str, Option]]] = {}
    for column in columns:
        if column.metadata is not None or column.option is not None:
            continue
        for item in several:
            for stem, option, padded in _apart(column, questionnaire.options_of(item)):
                if question_key(_unnumbered(stem)) in names_of(item):
                    exact[column.position] = _option_column(column, item.text, option.label, item)
                elif not padded and not _is_some_item(column, questionnaire):
                    key = (item.id, question_key(stem))
                    likely.setdefault(key, {})[column.position] = (stem, option)
    owners: dict[int, set[str]] = {}
    for (item_id, _), found in likely.items():
        for position in found:
            owners.setdefault(position, set()).add(item_id)
    for (item_id, _), found in likely.items():
        item = questionnaire.item(item_id)
        telling = len({option.code for _, option in found.values()}) >= LEAST
        for position, (stem, option) in found.items():
            if telling and owners[position] == {item_id} and position not in exact:
                column = next(c for c in columns if c.position == position)
                exact[position] = _option_column(column, _unnumbered(stem), option.label, item)
    _add_strange_options(exact, columns, several, questionnaire)
    return tuple(exact.get(column.position, column) for column in columns)


def _rows_that_are_options(
    columns: Sequence[RawColumn], several: Sequence[Item], questionnaire: Questionnaire
) -> Sequence[RawColumn]:
    """Return columns that the platform took for rows of a matrix as the options that they are.

    Of headings such as ``第6题(运动)`` a platform has only the cells to tell choices from ratings,
    and one odd cell misleads it. The questionnaire knows its question's number and options.
    """
    found: dict[int, RawColumn] = {}
    for item in several:
        names = {
            key
            for option in questionnaire.options_of(item)
            for key in (comparable(option.label), option_key(option.label))
        }
        rows = [
            column
            for column in columns
            if (column.kind, column.stem, column.option) == ("matrix", None, None)
            and item.number is not None
            and column.number == item.number
        ]
        named = [c for c in rows if {comparable(c.text), option_key(c.text)} & names]
        if len(named) >= min(LEAST, len(rows)):
            found |= {c.position: replace(c, text="", option=c.text, kind=item.kind) for c in rows}
    return [found.get(column.position, column) for column in columns]


def _add_strange_options(
    exact: dict[int, RawColumn],
    columns: Sequence[RawColumn],
    several: Sequence[Item],
    questionnaire: Questionnaire,
) -> None:
    """Add columns under the stem of options that were found whose own option nobody knows."""
    stems = {question_key(column.stem or "") for column in exact.values()}
    for item in several:
        if question_key(item.text) not in stems:
            continue
        for column in columns:
            known = column.position in exact or column.metadata is not None
            if known or column.option is not None or _is_some_item(column, questionnaire):
                continue
            for stem, tail in halves(column.header):
                if question_key(_unnumbered(stem)) in names_of(item):
                    exact[column.position] = _option_column(column, item.text, tail, item)
                    break


def _is_some_item(column: RawColumn, questionnaire: Questionnaire) -> bool:
    names = {question_key(text) for text in (column.text, column.header)}
    return any(names & names_of(item) or is_row_of(column, item) for item in questionnaire.items)


def _apart(column: RawColumn, options: Sequence[Option]) -> Iterator[tuple[str, Option, bool]]:
    """Yield stems and options; whether the option is a number behind zeros, as of any variable."""
    names: dict[str, Option] = {}
    for option in reversed(options):
        bare = option_key(option.label)
        for key in (undecorated(bare), bare, comparable(option.label)):
            names[key] = option
    codes = {comparable(option.code): option for option in options}
    headings = dict.fromkeys(
        [
            column.header,
            f"{column.stem}\n{column.text}" if column.stem else column.text,
            *column.names,
        ]
    )
    seen = set()
    for heading in headings:
        for stem, tail in halves(heading):
            key = comparable(tail)
            bare = undecorated(option_key(tail))
            known = names.get(key) or names.get(bare) or codes.get(key)
            meant = known or _padded(key, codes)
            if meant is not None and (question_key(stem), meant.code) not in seen:
                seen.add((question_key(stem), meant.code))
                yield stem, meant, known is None


def _padded(key: str, codes: dict[str, Option]) -> Option | None:
    """Return the option whose code stands with zeros before it: ``q_0001``."""
    return codes.get(key.lstrip("0")) if key.startswith("0") and key.isdecimal() else None


def _option_column(column: RawColumn, stem: str, option: str, item: Item) -> RawColumn:
    number = _NUMBER.match(column.header)
    return replace(
        column,
        text=stem,
        stem=stem,
        option=option,
        kind=item.kind,
        number=column.number if number is None else int(number["number"]),
    )


def _unnumbered(heading: str) -> str:
    return _NUMBER.sub("", heading.strip(), count=1)
