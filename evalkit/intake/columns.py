"""Which column of a sheet is which item: exactly, or through an approved crosswalk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evalkit import personal
from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.questionnaire import Item, Option, Questionnaire, Role
from evalkit.definitions.resemblance import CODE
from evalkit.definitions.text import comparable, option_key, question_key
from evalkit.errors import Note, Problems
from evalkit.files.alike import different, taken
from evalkit.intake.branches import branches, filled_twice
from evalkit.intake.headings import is_row_of, with_options
from evalkit.intake.marks import holds_marks
from evalkit.intake.misplaced import (
    ambiguous,
    answers,
    header_row,
    report_missing,
    report_undecided,
)
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
        Of the answers; all rows if None.
    """
    cells = taken(sheet.cells, sheet.cells.index if rows is None else rows)
    if crosswalk is not None:
        return _from_crosswalk(sheet, cells, questionnaire, crosswalk, problems)
    questions = [
        column
        for column in with_options(sheet.columns, questionnaire)
        if column.metadata is None or _is_asked_for(column, questionnaire)
    ]
    found = _exact(sheet, questionnaire, questions, problems)
    more, notes = _joined(sheet, cells, questionnaire, found, problems)
    _report_filled_twice(sheet, cells, questionnaire, found.spread, problems)
    free = [column for column in questions if column.position not in found.taken]
    for item_id in found.not_asked:
        item = questionnaire.item(item_id)
        if item.role in NEEDED_ROLES and not (item.role == "group" and group_is_known):
            report_missing(sheet, item, free, problems)
    return ColumnPlan(
        found.single,
        found.spread,
        frozenset(),
        tuple(found.not_asked),
        _headers(free),
        _personal(sheet),
        more,
        tuple(notes),
    )


def column_of(
    role: Role, sheet: RawSheet, questionnaire: Questionnaire, crosswalk: Crosswalk | None
) -> int | None:
    """Return the position of the first column of a role's item, before anything else is known."""
    items = questionnaire.of_role(role)
    if crosswalk is not None:
        ids = {item.id for item in items}
        return next((m.column - 1 for m in crosswalk.columns if m.item in ids), None)
    named = (
        column.position
        for column in sheet.columns
        for item in items
        if _is_named(column, item) or question_key(column.text) == question_key(item.text)
    )
    return next(named, None)


@dataclass(slots=True)
class _Found:
    """The columns of items that are found so far.

    Attributes
    ----------
    taken : set of int
        Positions that are some item's.
    alike : dict of item id to RawColumns
        Several columns that may be the item: that read like it, or that a crosswalk names.
    """

    single: dict[str, RawColumn] = field(default_factory=dict)
    spread: dict[str, tuple[tuple[RawColumn, str], ...]] = field(default_factory=dict)
    not_asked: list[str] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    alike: dict[str, list[RawColumn]] = field(default_factory=dict)


def _exact(
    sheet: RawSheet,
    questionnaire: Questionnaire,
    questions: Sequence[RawColumn],
    problems: Problems,
) -> _Found:
    """Find the columns that are an item without any guessing, item by item."""
    so_far = _Found()
    for item in questionnaire.items:
        labels = frozenset(_codes(questionnaire.options_of(item)))
        free = [column for column in questions if column.position not in so_far.taken]
        found = [column for column in free if _is_exactly(column, item, labels)]
        if item.kind in ("multiple", "ranking"):
            options = _option_columns(found, item, questionnaire)
            if options:
                so_far.spread[item.id] = options
                so_far.taken.update(column.position for column, _ in options)
                so_far.taken.update(_optionless(sheet, item, options, free, problems))
                continue
        if len(found) > 1:
            so_far.alike[item.id] = found
            found = _narrowed(found, item)
        if len(found) == 1:
            so_far.single[item.id] = found[0]
            so_far.taken.add(found[0].position)
        elif not found:
            so_far.not_asked.append(item.id)
    return so_far


def _joined(
    sheet: RawSheet,
    cells: pd.DataFrame,
    questionnaire: Questionnaire,
    so_far: _Found,
    problems: Problems,
) -> tuple[dict[str, tuple[RawColumn, ...]], list[Note]]:
    """Join the columns of one question asked in several branches; add them to what is found.

    Columns alike that are no branches of one question are a problem, unless nobody filled them and
    one was chosen.
    """
    more: dict[str, tuple[RawColumn, ...]] = {}
    notes: list[Note] = []
    for item_id, columns in so_far.alike.items():
        item, chosen = questionnaire.item(item_id), so_far.single.get(item_id)
        found = _one_question(chosen, columns, item, so_far.taken)
        if len(found) < 2:
            continue
        told = branches(sheet, cells, item, found)
        if told.one and not _reads_like_another(found, item, questionnaire):
            so_far.single[item_id], more[item_id] = found[0], tuple(found[1:])
            notes += told.notes
            so_far.taken.update(column.position for column in found)
        elif chosen is None or told.row is not None:
            problems.collect(ambiguous(sheet, item, found, told.row))
    return more, notes


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


def _is_asked_for(column: RawColumn, questionnaire: Questionnaire) -> bool:
    """Tell whether a platform's own column is what an item says: its source, say, is the mode."""
    return any(
        _is_named(column, i) or column.text == i.text
        for i in questionnaire.of_role("mode", "panel")
    )


def _is_named(column: RawColumn, item: Item) -> bool:
    """Tell whether a column bears the item's ``header`` or id.

    Platforms number by themselves: Q2 beside another wording than the item's is not the item q2.
    """
    names = {comparable(name) for name in (column.header, *column.names)}
    if item.header and comparable(item.header) in names:
        return True
    own = comparable(item.id)
    if own not in names:
        return False
    asked = comparable(column.text)
    is_worded = asked not in ("", own) and not CODE.fullmatch(asked)
    numbered_alone = CODE.fullmatch(own) is not None
    return not (is_worded and numbered_alone) or question_key(asked) == question_key(item.text)


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
            problems.collect(ambiguous(sheet, questionnaire.item(item_id), columns, row))


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
        and holds_marks(column, different(sheet.cells[column.position]))
    ]
    for column in strange:
        where = f"{column.letters} {personal.heading_shown(column.header)}"
        place = faults.Position(sheet.file, sheet.sheet, header_row(sheet), where)
        shown = personal.shown(column.option or "")
        problems.collect(
            cell_faults.unknown_option_column(place, item.id, shown, answers(sheet, column))
        )
    return [column.position for column in strange]


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
    found = _mapped(sheet, questionnaire, crosswalk, problems)
    more = {item: tuple(columns[1:]) for item, columns in found.alike.items()}
    notes: list[Note] = []
    for item_id, columns in found.alike.items():
        item = questionnaire.item(item_id)
        told = branches(sheet, cells, item, columns)
        notes += told.notes
        if told.row is not None:
            problems.collect(ambiguous(sheet, item, columns, told.row))
    _report_filled_twice(sheet, cells, questionnaire, found.spread, problems)
    letters, asked = {c.position: c.letters for c in sheet.columns}, {*found.single, *found.spread}
    free = [c for c in sheet.columns if c.metadata is None and c.position not in found.taken]
    return ColumnPlan(
        found.single,
        found.spread,
        frozenset(m.item for m in crosswalk.columns if m.reversed and m.item in asked),
        tuple(found.not_asked),
        _headers(free),
        _personal(sheet),
        more,
        tuple(notes),
        tuple(
            f"{letters[m.column - 1]}={m.item}"
            for m in crosswalk.columns
            if m.item in asked
            and m.column - 1 in letters
            and m.certainty is not None
            and m.certainty < LEAST_CERTAIN
        ),
    )


def _mapped(
    sheet: RawSheet, questionnaire: Questionnaire, crosswalk: Crosswalk, problems: Problems
) -> _Found:
    """Find the columns as a crosswalk names them; several of one item, first to last, are alike."""
    by_position = {column.position: column for column in sheet.columns}
    known = {item.id for item in questionnaire.items}
    so_far = _Found()
    for mapping in crosswalk.columns:
        if mapping.item is None:
            continue
        column = by_position.get(mapping.column - 1)
        if mapping.item == UNDECIDED and column is not None:
            so_far.taken.add(column.position)
            report_undecided(sheet, column, crosswalk.id, mapping.because, problems)
            continue
        if column is None or mapping.item not in known:
            problems.collect(
                faults.crosswalk_out_of_place(
                    crosswalk.id, questionnaire.id, len(sheet.columns), mapping.column, mapping.item
                )
            )
            continue
        so_far.taken.add(column.position)
        if mapping.option is not None:
            options = so_far.spread.get(mapping.item, ())
            so_far.spread[mapping.item] = (*options, (column, mapping.option))
        elif mapping.item in so_far.single:
            first = so_far.single[mapping.item]
            so_far.alike.setdefault(mapping.item, [first]).append(column)
        else:
            so_far.single[mapping.item] = column
    asked = so_far.single.keys() | so_far.spread.keys()
    so_far.not_asked += [item.id for item in questionnaire.items if item.id not in asked]
    return so_far


def _headers(columns: Iterable[RawColumn]) -> tuple[str, ...]:
    return tuple(f"{column.letters}: {personal.heading_shown(column.header)}" for column in columns)


def _personal(sheet: RawSheet) -> tuple[str, ...]:
    return _headers(column for column in sheet.columns if column.metadata in PERSONAL)
