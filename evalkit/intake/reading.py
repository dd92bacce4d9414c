"""A raw sheet as coded answers: every cell an option code and a typed state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from evalkit import personal
from evalkit.codes import NoteCode
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.resemblance import suggested
from evalkit.errors import Note, Problem, Problems
from evalkit.files.alike import coded, constant, counted, different, taken
from evalkit.intake.branches import joined
from evalkit.intake.coding import Coder, Open, known_as, lookup_of
from evalkit.intake.columns import ColumnPlan, plan_columns
from evalkit.intake.linking import Link, link
from evalkit.intake.marks import Marks, code_marks, counts_of, read_marks
from evalkit.platforms import Codebook, Platform, RawColumn, RawSheet, of
from evalkit.problems import cells as cell_faults
from evalkit.problems import intake as faults
from evalkit.tables import State


@dataclass(frozen=True, slots=True)
class CodedSheet:
    """One sheet, coded. All frames are indexed by the row number in the file.

    Attributes
    ----------
    codes, states : DataFrame
        Columns are the questionnaire's item ids; states hold `State` values.
    meta : DataFrame
        Platform columns that were there: sequence, submitted, seconds, ip.
    unknown : tuple of (item id, value, count)
        Values that nothing explains, as they may be shown.
    notes : tuple of Note
        What was read in one of two ways, and which columns were taken for one question.
    links : dict of item id to Link
        Scored items whose scale is another one in this file, and how the crosswalk links it.
    """

    raw: RawSheet
    plan: ColumnPlan
    variant: str
    codes: pd.DataFrame
    states: pd.DataFrame
    meta: pd.DataFrame
    unknown: tuple[tuple[str, str, int], ...]
    notes: tuple[Note, ...] = ()
    links: Mapping[str, Link] = field(default_factory=dict)


def code_sheet(
    sheet: RawSheet,
    questionnaire: Questionnaire,
    entry: ResponseFile,
    crosswalk: Crosswalk | None,
    codebook: Codebook | None,
    rows: pd.Index[int],
    problems: Problems,
) -> CodedSheet | None:
    """Code the answers of `rows`; collect every column and value that has no place.

    Parameters
    ----------
    rows : Index
        Row numbers that are answers at all (no blanks, footers, repeated headers).

    Returns
    -------
    CodedSheet or None
        None where what the cells hold cannot be told; the reason is among the problems.
    """
    plan = plan_columns(sheet, questionnaire, crosswalk, entry.group is not None, problems, rows)
    cells = joined(sheet, taken(sheet.cells, rows), plan.single, plan.more)
    variant: str | None = entry.variant or (crosswalk.variant if crosswalk else None)
    variant = variant or _variant(cells, plan, questionnaire, of(sheet), sheet.variant)
    if variant is None:
        problems.collect(faults.unclear_variant(sheet.file, sheet.sheet))
        return None
    codes: dict[str, pd.Series[str]] = {}
    states: dict[str, pd.Series[str]] = {}
    unknown: list[tuple[str, str, int]] = []
    notes = list(plan.notes)
    links: dict[str, Link] = {}
    for item in questionnaire.items:
        if item.id in plan.single:
            column = plan.single[item.id]
            backwards = item.id in plan.reversed
            coder = Coder(item, questionnaire, variant, backwards, of(sheet), entry.between_choices)
            coder.learn(crosswalk, codebook, column)
            code, state = coder.code(cells[column.position])
            unknown += _report_strange(sheet, column, coder, cells[column.position], problems)
            links |= _linked(coder, crosswalk, cells[column.position], code)
        elif item.id in plan.spread:
            columns, options = _spread(plan, questionnaire, item)
            block = _labelled(cells[[column.position for column in columns]], columns, codebook)
            said = crosswalk.values.get(item.id, {}) if crosswalk else {}
            ranked = item.kind == "ranking"
            marks = read_marks(counts_of(block), options, of(sheet), said, ranked=ranked)
            code, state = code_marks(block, options, item, marks)
            unknown += _report_marks(sheet, columns, item, marks, block, problems)
            if marks.one_and_two:
                notes.append(Note(NoteCode.ONE_AND_TWO, sheet.file, len(rows), {"item": item.id}))
        else:
            code, state = constant(None, rows), constant(State.NOT_ASKED.value, rows)
        codes[item.id], states[item.id] = code, state
    meta = {column.metadata: cells[column.position] for column in sheet.columns if column.metadata}
    return CodedSheet(
        sheet,
        plan,
        variant,
        pd.DataFrame(codes, index=rows, copy=False),
        pd.DataFrame(states, index=rows, copy=False),
        pd.DataFrame(meta, index=rows, copy=False),
        tuple(unknown),
        tuple(notes),
        links,
    )


def _linked(
    coder: Coder, crosswalk: Crosswalk | None, cells: pd.Series[str], codes: pd.Series[str]
) -> dict[str, Link]:
    """Return how a scored item's other scale is linked, by its id; nothing where it has its own."""
    item = coder.item
    if crosswalk is None or item.role not in ("scored", "overall"):
        return {}
    said = crosswalk.values.get(item.id, {})
    found = link(item, coder.options, said, (cells, codes), coder.platform)
    return {item.id: found} if found else {}


def _labelled(
    block: pd.DataFrame, columns: list[RawColumn], codebook: Codebook | None
) -> pd.DataFrame:
    """Return option columns with the labels of their numbers, where these have any: 1 may be 否."""
    if codebook is None:
        return block
    block = block.copy()
    for column in columns:
        said = codebook.labels(column) | dict.fromkeys(codebook.missing(column), "")
        cells = block[column.position]
        block[column.position] = coded(
            cells, {cell: said.get(cell, cell) for cell in different(cells)}
        )
    return block


def _spread(
    plan: ColumnPlan, questionnaire: Questionnaire, item: Item
) -> tuple[list[RawColumn], list[Option]]:
    """Return the columns of an item that has one for every option, and these options."""
    by_code = {option.code: option for option in questionnaire.options_of(item)}
    pairs = plan.spread[item.id]
    return [column for column, _ in pairs], [by_code[option] for _, option in pairs]


def _variant(
    cells: pd.DataFrame,
    plan: ColumnPlan,
    questionnaire: Questionnaire,
    platform: Platform,
    likely: str | None,
) -> str | None:
    """Tell what the cells hold from the scored items: the one reading that explains most.

    Where no scored item is among the columns, the others tell. Where no cell of a closed item holds
    anything, every reading says the same.

    Parameters
    ----------
    likely : str or None
        What the platform takes the file for, which has the cells alone to tell: taken, unless it
        explains no cell and another reading does.
    """
    closed = [
        item
        for item in questionnaire.items
        if item.id in plan.single and item.kind == "single" and questionnaire.options_of(item)
    ]
    scored = questionnaire.of_role("scored", "overall")
    told = [item for item in closed if item in scored] or closed
    explained = dict.fromkeys(("text", "number", "score"), 0)
    for item in told:
        counts = counted(cells[plan.single[item.id].position])
        for variant in explained:
            lookup = lookup_of(questionnaire.options_of(item), variant)
            explained[variant] += sum(
                count
                for value, count in counts.items()
                if known_as(value, platform.label(value), lookup) is not None
            )
    best = max(explained.values())
    if likely is not None and (best == 0 or explained[likely]):
        return likely
    if best == 0:
        held = any(
            platform.missing_state(cell, "number") is None
            for item in told
            for cell in different(cells[plan.single[item.id].position])
        )
        figures = any(item.kind == "number" and item.id in plan.single for item in scored)
        return None if held else "number" if figures else "text"
    winners = [variant for variant, count in explained.items() if count == best]
    return winners[0] if len(winners) == 1 else None


def _report_strange(
    sheet: RawSheet,
    column: RawColumn,
    coder: Coder,
    cells: pd.Series[str],
    problems: Problems,
) -> list[tuple[str, str, int]]:
    """Report every part of a cell that is not explained, once, with its first row."""
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    why: dict[str, Open | None] = {}
    odd = cells[cells.isin([*coder.strange])] if coder.strange else cells.iloc[:0]
    if odd.empty:
        return []
    for row, cell in odd.items():
        for part, reason in coder.strange[str(cell)]:
            counts[part] += 1
            first.setdefault(part, int(row))  # type: ignore[call-overload]
            why.setdefault(part, reason)
    seen = coder.own_names(cells)
    found = []
    for value, count in sorted(counts.items()):
        where = f"{column.letters} {personal.heading_shown(column.header)}"
        place = faults.Position(sheet.file, sheet.sheet, first[value], where)
        problems.collect(_strange(place, coder, value, count, why[value], seen))
        found.append((coder.item.id, personal.shown(value, count), count))
    return found


def _strange(
    place: faults.Position,
    coder: Coder,
    value: str,
    count: int,
    why: Open | None,
    seen: set[str],
) -> Problem:
    item, expected = coder.item, _expected(coder)
    if personal.looks_personal(value, count):
        return cell_faults.personal_answer(place, item.id, personal.masked(value), count)
    if why is None and item.kind == "number":
        return cell_faults.no_number(place, item.id, value, count, item.range_in_words, expected)
    if why is None:
        return cell_faults.unknown_option(place, item.id, value, count, expected)
    near = suggested(why.label or value, coder.options, seen)
    hint = None if near is None else (near.code, near.label)
    if why.label is None:
        return cell_faults.undecided_value(place, item.id, value, count, expected, hint, why.null)
    return cell_faults.label_without_option(
        place, item.id, (value, why.label), count, expected, hint
    )


def _report_marks(
    sheet: RawSheet,
    columns: list[RawColumn],
    item: Item,
    marks: Marks,
    block: pd.DataFrame,
    problems: Problems,
) -> list[tuple[str, str, int]]:
    found = []
    for column, strange in zip(columns, marks.strange, strict=True):
        cells = block[column.position]
        for mark, why in sorted(strange.items()):
            rows = cells.index[cells == mark]
            count = len(rows)
            where = f"{column.letters} {personal.heading_shown(column.header)}"
            place = faults.Position(sheet.file, sheet.sheet, int(rows[0]), where)
            if personal.looks_personal(mark, count):
                problem = cell_faults.personal_answer(place, item.id, personal.masked(mark), count)
            elif why is not None:
                problem = cell_faults.undecided_value(
                    place, item.id, mark, count, cell_faults.MARKS, None, False
                )
            else:
                problem = cell_faults.unknown_mark(
                    place, item.id, mark, count, item.kind == "ranking"
                )
            problems.collect(problem)
            found.append((item.id, personal.shown(mark, count), count))
    return found


def _expected(coder: Coder) -> list[str]:
    if coder.variant == "number" or coder.item.kind == "number":
        return [f"{option.code}={option.label}" for option in coder.options]
    if coder.variant == "text":
        return [option.label for option in coder.options]
    return [f"{option.score:g}" for option in coder.options if option.score is not None]
