"""Which column of a sheet is which item: exactly, or through an approved crosswalk."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evalkit import personal
from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.text import comparable, option_key, question_key
from evalkit.errors import Note, Problem, Problems
from evalkit.intake.branches import branches, filled_twice
from evalkit.intake.headings import is_row_of, with_options
from evalkit.intake.marks import holds_marks
from evalkit.platforms.base import PERSONAL, RawColumn, RawSheet
from evalkit.problems import cells as cell_faults
from evalkit.problems import intake as faults

NEEDED_ROLES = frozenset({"scored", "subject", "group", "rater", "screening"})
"""Without these a file cannot be evaluated; other items may be absent and are then not asked."""


LEAST_CERTAIN = 0.5
"""Below this certainty of its draft a column is told again, approved or not."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Where every item stands.

    Attributes
    ----------
    single : dict of item id to RawColumn
        Items in one column.
    spread : dict of item id to (column, option code) pairs
        Multi-select and ranking items with one column an option.
    reversed : frozenset of item id
        Items whose numbers in the file run against the questionnaire's option codes.
    not_asked : tuple of item id
    unmapped, dropped : tuple of str
        Headers of columns that are no item, and of platform columns that are never imported.
    more : dict of item id to RawColumns
        Further columns of items in `single`: the same question, asked in other branches.
    notes : tuple of Note
        Which columns were taken for one question.
    doubtful : tuple of str
        Columns of an approved crosswalk, with their items, whose draft was not certain.
    """

    single: dict[str, RawColumn]
    spread: dict[str, tuple[tuple[RawColumn, str], ...]]
    reversed: frozenset[str]
    not_asked: tuple[str, ...]
    unmapped: tuple[str, ...]
    dropped: tuple[str, ...]
    more: Mapping[str, tuple[RawColumn, ...]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    doubtful: tuple[str, ...] = ()


def plan_columns(
    sheet: RawSheet,
    questionnaire: Questionnaire,
    crosswalk: Crosswalk | None,
    group_is_known: bool,
    problems: Problems,
    rows: pd.Index[int] | None = None,
) -> ColumnPlan:
    """Find every item's column; collect a problem for each that is needed and not there.

    Parameters
    ----------
    crosswalk : Crosswalk or None
        Approved and made for this layout; None to accept exact matches only.
    group_is_known : bool
        The rater group is given for the whole file, so no item has to tell it.
    rows : Index or None
        Row numbers of the answers; all rows if None.
    """
    cells = sheet.cells if rows is None else sheet.cells.loc[rows]
    if crosswalk is not None:
        return _from_crosswalk(sheet, cells, questionnaire, crosswalk, problems)
    questions = [
        column for column in with_options(sheet.columns, questionnaire) if column.metadata is None
    ]
    single: dict[str, RawColumn] = {}
    spread: dict[str, tuple[tuple[RawColumn, str], ...]] = {}
    not_asked: list[str] = []
    taken: set[int] = set()
    alike: dict[str, list[RawColumn]] = {}
    for item in questionnaire.items:
        labels = frozenset(_codes(questionnaire.options_of(item)))
        free = [column for column in questions if column.position not in taken]
        found = [column for column in free if _is_exactly(column, item, labels)]
        if item.kind in ("multiple", "ranking"):
            options = _option_columns(found, item, questionnaire)
            if options:
                spread[item.id] = options
                taken.update(column.position for column, _ in options)
                taken.update(_optionless(sheet, item, options, free, problems))
                continue
        if len(found) > 1:
            alike[item.id] = found
            found = _narrowed(found, item)
        if len(found) == 1:
            single[item.id] = found[0]
            taken.add(found[0].position)
        elif not found:
            not_asked.append(item.id)
    more, notes = _joined(sheet, cells, questionnaire, alike, single, taken, problems)
    _report_filled_twice(sheet, cells, questionnaire, spread, problems)
    free = [column for column in questions if column.position not in taken]
    for item_id in not_asked:
        item = questionnaire.item(item_id)
        if item.role in NEEDED_ROLES and not (item.role == "group" and group_is_known):
            _report_missing(sheet, item, free, problems)
    return ColumnPlan(
        single,
        spread,
        frozenset(),
        tuple(not_asked),
        _headers(free),
        _personal(sheet),
        more,
        tuple(notes),
    )


def _joined(
    sheet: RawSheet,
    cells: pd.DataFrame,
    questionnaire: Questionnaire,
    alike: Mapping[str, Sequence[RawColumn]],
    single: dict[str, RawColumn],
    taken: set[int],
    problems: Problems,
) -> tuple[dict[str, tuple[RawColumn, ...]], list[Note]]:
    """Join the columns of one question asked in several branches; add them to `single` and `taken`.

    Columns alike that are no branches of one question are a problem, unless nobody filled them and
    one was chosen.
    """
    more: dict[str, tuple[RawColumn, ...]] = {}
    notes: list[Note] = []
    for item_id, columns in alike.items():
        item, chosen = questionnaire.item(item_id), single.get(item_id)
        found = _one_question(chosen, columns, item, taken)
        if len(found) < 2:
            continue
        told = branches(sheet, cells, item, found)
        if told.one and not _reads_like_another(found, item, questionnaire):
            single[item_id], more[item_id] = found[0], tuple(found[1:])
            notes += told.notes
            taken.update(column.position for column in found)
        elif chosen is None or told.row is not None:
            problems.collect(_ambiguous(sheet, item, found, told.row))
    return more, notes


def _ambiguous(
    sheet: RawSheet, item: Item, columns: Sequence[RawColumn], row: int | None
) -> Problem:
    named = [(column.letters, column.header) for column in columns]
    return faults.ambiguous_column(sheet.file, sheet.sheet, item.id, item.text, named, row)


def _one_question(
    chosen: RawColumn | None, columns: Sequence[RawColumn], item: Item, taken: set[int]
) -> list[RawColumn]:
    """Return the columns that may be one question asked in several branches, the chosen one first.

    Not those that another item takes, or that belong to another stem; and none beside a column
    that the document names.
    """
    if chosen is None:
        return [column for column in columns if column.position not in taken]
    if _is_named(chosen, item):
        return [chosen]
    stem = comparable(chosen.stem or "")
    others = [
        column
        for column in columns
        if column is not chosen
        and column.position not in taken
        and column.option is None
        and comparable(column.stem or "") == stem
    ]
    return [chosen, *others]


def _reads_like_another(
    columns: Sequence[RawColumn], item: Item, questionnaire: Questionnaire
) -> bool:
    """Tell whether a column may be another item of the questionnaire just as well."""
    return any(
        _is_exactly(column, other, frozenset(_codes(questionnaire.options_of(other))))
        for other in questionnaire.items
        if other.id != item.id
        for column in columns
    )


def _is_exactly(column: RawColumn, item: Item, labels: frozenset[str]) -> bool:
    """Tell whether a column is an item, without any guessing.

    A column of one option in the old style carries the question's number and the option's label,
    not its wording: ``第6题(运动)``.
    """
    if _is_named(column, item):
        return True
    if column.option is None and is_row_of(column, item):
        return True
    if column.option is not None:
        if not labels & {comparable(column.option), option_key(column.option)}:
            return False
        if column.stem is not None:
            return question_key(column.stem) == question_key(item.text)
        return item.number is not None and column.number == item.number
    return question_key(column.text) == question_key(item.text) and (
        item.stem is None or column.stem is None or comparable(column.stem) == comparable(item.stem)
    )


def _is_named(column: RawColumn, item: Item) -> bool:
    names = {comparable(name) for name in (item.header, item.id) if name}
    return comparable(column.header) in names


def _narrowed(columns: list[RawColumn], item: Item) -> list[RawColumn]:
    columns = [column for column in columns if _is_named(column, item)] or columns
    by_number = [column for column in columns if column.number == item.number]
    if item.number is not None and by_number:
        columns = by_number
    by_stem = [
        c for c in columns if c.stem and item.stem and comparable(c.stem) == comparable(item.stem)
    ]
    return by_stem or columns


def _option_columns(
    columns: Iterable[RawColumn], item: Item, questionnaire: Questionnaire
) -> tuple[tuple[RawColumn, str], ...]:
    codes = _codes(questionnaire.options_of(item))
    labelled = [(column, column.option) for column in columns if column.option is not None]
    found = [
        (column, codes.get(comparable(label)) or codes.get(option_key(label)))
        for column, label in labelled
    ]
    return tuple((column, code) for column, code in found if code is not None)


def _report_filled_twice(
    sheet: RawSheet,
    cells: pd.DataFrame,
    questionnaire: Questionnaire,
    spread: Mapping[str, Sequence[tuple[RawColumn, str]]],
    problems: Problems,
) -> None:
    """Report options that have several columns, of which a row fills more than one."""
    for item_id, options in spread.items():
        for columns, row in filled_twice(sheet, cells, options):
            problems.collect(_ambiguous(sheet, questionnaire.item(item_id), columns, row))


def _optionless(
    sheet: RawSheet,
    item: Item,
    options: Iterable[tuple[RawColumn, str]],
    free: Iterable[RawColumn],
    problems: Problems,
) -> list[int]:
    """Report the columns that stand among an item's options and name none of them.

    Not those that hold texts alone: what people wrote beside an option is no option.
    """
    known = {column.position: (column.number, column.stem, column.text) for column, _ in options}
    strange = [
        column
        for column in free
        if column.option is not None
        and column.position not in known
        and (column.number, column.stem, column.text) in known.values()
        and holds_marks(column, sheet.cells[column.position].unique())
    ]
    for column in strange:
        where = f"{column.letters} {personal.heading_shown(column.header)}"
        place = faults.Place(sheet.file, sheet.sheet, header_row(sheet), where)
        shown = personal.shown(column.option or "")
        problems.collect(
            cell_faults.unknown_option_column(place, item.id, shown, answers(sheet, column))
        )
    return [column.position for column in strange]


def header_row(sheet: RawSheet) -> int:
    """Return the number of the last row that was taken for a header."""
    return int(sheet.cells.index[0]) - 1 if len(sheet.cells.index) else 1


def answers(sheet: RawSheet, column: RawColumn) -> int:
    """Return how many cells of a column hold something."""
    return int((sheet.cells[column.position] != "").sum())


def _codes(options: Iterable[Option]) -> dict[str, str]:
    """Return the code of every label, as it stands and without what asks for a text beside it."""
    listed = list(options)
    return {option_key(o.label): o.code for o in reversed(listed)} | {
        comparable(o.label): o.code for o in listed
    }


def _from_crosswalk(
    sheet: RawSheet,
    cells: pd.DataFrame,
    questionnaire: Questionnaire,
    crosswalk: Crosswalk,
    problems: Problems,
) -> ColumnPlan:
    by_position = {column.position: column for column in sheet.columns}
    known = {item.id for item in questionnaire.items}
    single: dict[str, RawColumn] = {}
    spread: dict[str, list[tuple[RawColumn, str]]] = {}
    reversed_items: set[str] = set()
    more: dict[str, tuple[RawColumn, ...]] = {}
    taken: set[int] = set()
    for mapping in crosswalk.columns:
        if mapping.item is None:
            continue
        column = by_position.get(mapping.column - 1)
        if mapping.item == UNDECIDED and column is not None:
            taken.add(column.position)
            _report_undecided(sheet, column, crosswalk.id, mapping.because, problems)
            continue
        if column is None or mapping.item not in known:
            problems.collect(
                faults.crosswalk_out_of_place(
                    crosswalk.id, questionnaire.id, len(sheet.columns), mapping.column, mapping.item
                )
            )
            continue
        taken.add(column.position)
        if mapping.option is not None:
            spread.setdefault(mapping.item, []).append((column, mapping.option))
        elif mapping.item in single:
            more[mapping.item] = (*more.get(mapping.item, ()), column)
        else:
            single[mapping.item] = column
        if mapping.reversed:
            reversed_items.add(mapping.item)
    notes: list[Note] = []
    for item_id, others in more.items():
        item, found = questionnaire.item(item_id), [single[item_id], *others]
        told = branches(sheet, cells, item, found)
        notes += told.notes
        if told.row is not None:
            problems.collect(_ambiguous(sheet, item, found, told.row))
    _report_filled_twice(sheet, cells, questionnaire, spread, problems)
    asked = set(single) | set(spread)
    free = [
        column
        for column in sheet.columns
        if column.metadata is None and column.position not in taken
    ]
    return ColumnPlan(
        single,
        {item: tuple(columns) for item, columns in spread.items()},
        frozenset(reversed_items),
        tuple(item.id for item in questionnaire.items if item.id not in asked),
        _headers(free),
        _personal(sheet),
        more,
        tuple(notes),
        tuple(
            f"{by_position[m.column - 1].letters}={m.item}"
            for m in crosswalk.columns
            if m.item in asked and m.certainty is not None and m.certainty < LEAST_CERTAIN
        ),
    )


def _report_undecided(
    sheet: RawSheet, column: RawColumn, crosswalk: str, because: str, problems: Problems
) -> None:
    count = answers(sheet, column)
    if count:
        place = faults.Place(sheet.file, sheet.sheet, header_row(sheet), column.letters)
        header = personal.heading_shown(column.header)
        problems.collect(cell_faults.undecided_column(place, crosswalk, header, count, because))


def _report_missing(sheet: RawSheet, item: Item, free: list[RawColumn], problems: Problems) -> None:
    """Report an item that is needed and not there, with the column that is most like it.

    A column of the very same text that is no match stands under another stem: both are told.
    """
    whole = comparable(f"{item.stem}-{item.text}" if item.stem else item.text)
    texts = {comparable(column.text): column for column in free}
    texts |= {comparable(f"{c.stem}-{c.text}" if c.stem else c.header): c for c in free}
    near = difflib.get_close_matches(whole, list(texts), n=1, cutoff=0.6)
    near = near or difflib.get_close_matches(comparable(item.text), list(texts), n=1, cutoff=0.6)
    guess = None
    if near:
        found = texts[near[0]]
        stem = found.stem if item.stem else None
        guess = (found.letters, personal.heading_shown(found.header), stem)
    row = header_row(sheet)
    problems.collect(
        faults.missing_column(sheet.file, sheet.sheet, item.id, item.stem, item.text, guess, row)
    )


def _headers(columns: Iterable[RawColumn]) -> tuple[str, ...]:
    return tuple(f"{column.letters}: {personal.heading_shown(column.header)}" for column in columns)


def _personal(sheet: RawSheet) -> tuple[str, ...]:
    return _headers(column for column in sheet.columns if column.metadata in PERSONAL)
