"""A crosswalk drafted for a file that nobody has mapped yet: proposals, with their reasons.

Columns are proposed by likeness; what their values mean is not (`drafting.values`). What nobody
can know, a value or a column, is drafted as `UNDECIDED`: an evaluation stops at it, approved or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from evalkit.definitions.crosswalk import UNDECIDED, ColumnMapping, Crosswalk
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.text import comparable
from evalkit.drafting.layout_changes import Change, ChangeKind, compare, meaning_of, paired
from evalkit.drafting.likeness import MINIMUM, Likeness, Pairing, likeness, pair
from evalkit.drafting.marked_options import options_like, with_marked_options
from evalkit.drafting.questions import (
    Meaning,
    Question,
    Tally,
    profile_of_item,
    questions,
    tally,
    why_left_out,
)
from evalkit.drafting.values import Earlier, open_value, values_of, values_of_marks
from evalkit.intake.coding import known_as, lookup_of
from evalkit.intake.headings import with_options
from evalkit.personal import heading_shown, shown
from evalkit.platforms import Codebook, RawColumn, RawSheet

__all__ = ["Change", "ChangeKind", "compare", "draft"]

MOST_NAMED = 3
"""More items with the same options than this are a shared scale, which tells nothing."""

DOUBTFUL = 0.4
"""How certain a proposal is that rests on number and options alone, the wording being another."""


def draft(
    sheet: RawSheet,
    questionnaire: Questionnaire,
    *,
    crosswalk_id: str,
    layout: str,
    codebook: Codebook | None = None,
    previous: RawSheet | None = None,
    previous_crosswalk: Crosswalk | None = None,
) -> Crosswalk:
    """Propose what every column of a file is.

    Parameters
    ----------
    sheet : RawSheet
    questionnaire : Questionnaire
    crosswalk_id, layout : str
        Name of the document, and the fingerprint of the file's header rows.
    codebook : Codebook or None
        Labels of the file's numbers, from its by-text twin.
    previous : RawSheet or None
        The last wave's file: what changed since goes into `Crosswalk.changes`.
    previous_crosswalk : Crosswalk or None
        The mapping of `previous`; counts only if it was approved and for this questionnaire.

    Returns
    -------
    Crosswalk
        Not approved. Every column is listed; `certainty` is 0 to 1 where an item is proposed, and
        `because` says why, or why not.
    """
    sheet = replace(sheet, columns=with_options(sheet.columns, questionnaire))
    cells = tally(sheet)
    sheet = with_marked_options(sheet, cells, questionnaire)
    meaning = _meaning(sheet, cells, questionnaire, codebook)
    asked = questions(sheet, cells, meaning, codebook)
    earlier = _earlier(asked, previous, previous_crosswalk, questionnaire)
    pairings, table = _paired(asked, questionnaire, earlier)
    proposals = _Proposals(sheet, cells, meaning, questionnaire, earlier)
    proposals.mappings.update((m.column, m) for m in _left_out(sheet, cells))
    if previous is not None:
        proposals.changes += [c.detail for c in compare(previous, sheet, codebook=codebook)]
    proposed = {p.left: p for p in pairings}
    complete = len({p.right for p in pairings}) == len(questionnaire.items)
    for at, question in enumerate(asked):
        found = proposed.get(at)
        if found is None:
            silent = not question.counts and not question.spread
            target = None if complete or silent else UNDECIDED
            proposals.mappings.update(_unmapped(question, table[at], questionnaire, target))
        elif question.spread:
            proposals.propose_options(question, found)
        else:
            proposals.propose(question, found)
    return Crosswalk(
        id=crosswalk_id,
        questionnaire=questionnaire.id,
        layout=layout,
        variant=meaning,
        drafted_from=sheet.file,
        changes=proposals.changes,
        columns=[proposals.mappings[column] for column in sorted(proposals.mappings)],
        values=proposals.values,
        subjects=proposals.subjects,
    )


@dataclass(slots=True)
class _Proposals:
    """What is proposed so far: for columns, for their values, for the committees' names."""

    sheet: RawSheet
    cells: Tally
    meaning: Meaning
    questionnaire: Questionnaire
    earlier: Earlier
    mappings: dict[int, ColumnMapping] = field(default_factory=dict)
    values: dict[str, dict[str, str | None]] = field(default_factory=dict)
    subjects: dict[str, str | None] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    def propose_options(self, question: Question, found: Pairing) -> None:
        """Propose an item that has a column for every option."""
        item = self.questionnaire.items[found.right]
        options = self.questionnaire.options_of(item)
        self.mappings.update(_option_columns(question, item, options, found))
        told = values_of_marks(self.sheet, self.cells, question, item, options, self.earlier)
        if told.open:
            self.values[item.id] = dict(told.open)

    def propose(self, question: Question, found: Pairing) -> None:
        """Propose an item in one column, with what its values may mean."""
        item = self.questionnaire.items[found.right]
        told = values_of(
            self.sheet,
            self.cells,
            question,
            self.questionnaire,
            item,
            self.meaning,
            self.earlier,
        )
        if told.open:
            self.values[item.id] = dict(told.open)
        self.changes += told.changes
        if item.role == "subject":
            self.subjects = {
                name: subject
                for name, subject in self.earlier.subjects.items()
                if comparable(name) in question.profile.values and subject != UNDECIDED
            }
        rival = None if found.rival is None else self.questionnaire.items[found.rival].id
        also = "" if rival is None else f"题目 {rival} 也相似，请核对"
        otherwise = found.likeness.is_worded_otherwise
        doubt = "题干不像，请核对是不是同一道题" if otherwise else ""
        certain = min(found.certainty, DOUBTFUL) if otherwise else found.certainty
        reasons = (found.likeness.because(), doubt, also, *told.reasons)
        mapping = _mapping(question.first, item.id, None, certain, reasons, told.backwards)
        self.mappings.update(mapping)


def _meaning(
    sheet: RawSheet,
    cells: Tally,
    questionnaire: Questionnaire,
    codebook: Codebook | None,
) -> Meaning:
    """Return what the cells say: as the platform has it, else as explains most of them."""
    if sheet.variant is not None:
        return meaning_of(sheet)
    if codebook is not None:
        return "number"

    def explained(meaning: Meaning) -> float:
        found, _ = _paired(questions(sheet, cells, meaning), questionnaire, Earlier())
        return sum(p.likeness.evidence.get("options", 0.0) for p in found)

    meanings: tuple[Meaning, ...] = ("text", "number", "score")
    return max(meanings, key=explained)


def _paired(
    asked: Sequence[Question], questionnaire: Questionnaire, earlier: Earlier
) -> tuple[tuple[Pairing, ...], list[list[Likeness]]]:
    """Pair a file's questions with the questionnaire's items."""
    needed: set[Meaning] = {question.meaning for question in asked} | {"text"}
    profiles = {
        meaning: [
            profile_of_item(item, questionnaire.options_of(item), meaning)
            for item in questionnaire.items
        ]
        for meaning in sorted(needed)
    }

    numbers = Counter(question.profile.number for question in asked)
    item_numbers = Counter(item.number for item in questionnaire.items)

    def compared(i: int, j: int, expected: int | None) -> Likeness:
        question, item = asked[i], questionnaire.items[j]
        if question.spread and item.kind not in ("multiple", "ranking"):
            return Likeness(0.0, {})
        known = earlier.items.get(i)
        support = None if known is None else known[1] * float(known[0] == item.id)
        meaning: Meaning = "text" if question.spread else question.meaning
        found = likeness(question.profile, profiles[meaning][j], expected, support)
        alone = numbers[question.profile.number] == 1 == item_numbers[item.number]
        if expected is not None and expected == item.number and alone:
            return found.by_number_and_options()
        return found

    return pair([question.profile for question in asked], profiles["text"], compared)


def _left_out(sheet: RawSheet, cells: Tally) -> list[ColumnMapping]:
    found = []
    for column in sheet.columns:
        why = why_left_out(column, cells[column.position])
        if why is not None:
            found.append(
                ColumnMapping(
                    column=column.position + 1, header=heading_shown(column.header), because=why
                )
            )
    return found


def _mapping(
    column: RawColumn,
    item: str | None,
    option: str | None,
    certainty: float | None,
    reasons: Sequence[str],
    backwards: bool = False,
) -> dict[int, ColumnMapping]:
    mapping = ColumnMapping(
        column=column.position + 1,
        header=heading_shown(column.header),
        item=item,
        option=option,
        certainty=None if certainty is None else round(certainty, 2),
        because="；".join(reason for reason in reasons if reason),
        reversed=backwards,
    )
    return {mapping.column: mapping}


def _unmapped(
    question: Question,
    row: Sequence[Likeness],
    questionnaire: Questionnaire,
    target: str | None,
) -> dict[int, ColumnMapping]:
    """Map a question to nothing: as nobody knows to what (`UNDECIDED`), or since nothing is left."""
    best = max(range(len(row)), key=lambda place: row[place].score)
    reason = "没有相似的题目"
    if row[best].score > 0:
        item = questionnaire.items[best]
        reason = f"没有足够相似的题目；最接近的是 {item.id}，相似度 {row[best].score:.2f}"
        if row[best].score >= MINIMUM:
            reason = f"相似的题目 {item.id} 已由另一列对应"
    else:
        agreeing = [at for at, found in enumerate(row) if found.has_its_options]
        names = [questionnaire.items[at].id for at in agreeing]
        if 0 < len(names) <= MOST_NAMED:
            reason += f"；回答与 {'、'.join(names)} 的选项相同"
    mappings: dict[int, ColumnMapping] = {}
    for column in question.columns:
        mappings |= _mapping(column, target, None, None, (reason,))
    return mappings


def _option_columns(
    question: Question, item: Item, options: Sequence[Option], found: Pairing
) -> dict[int, ColumnMapping]:
    free = {option.code: option for option in options}
    known = lookup_of(options, "text")
    exact: dict[int, str] = {}
    for column in question.columns:
        key = known_as(column.option or "", column.option or "", known)
        code = None if key is None else known[key]
        if code in free:
            exact[column.position] = code
            del free[code]
    open_labels = [c.option or "" for c in question.columns if c.position not in exact]
    near = options_like(open_labels, tuple(free.values()))
    mappings: dict[int, ColumnMapping] = {}
    for column in question.columns:
        label = column.option or ""
        if (code := exact.get(column.position)) is not None:
            reasons = (found.likeness.because(), f"选项文字与 {code} 相同")
            mappings |= _mapping(column, item.id, code, found.certainty, reasons)
        elif label in near:
            code, alike = near[label]
            reasons = (found.likeness.because(), f"选项文字像 {code}（{free[code].label}），请核对")
            mappings |= _mapping(column, item.id, code, min(found.certainty, alike), reasons)
        else:
            taken = {comparable(c.option or "") for c in question.columns}
            reason = f"属于题目 {item.id}，但{open_value(shown(label), None, options, taken)}"
            mappings |= _mapping(column, UNDECIDED, None, None, (reason,))
    return mappings


# --- the last wave ----------------------------------------------------------------------------


def _earlier(
    asked: Sequence[Question],
    previous: RawSheet | None,
    crosswalk: Crosswalk | None,
    questionnaire: Questionnaire,
) -> Earlier:
    if previous is None or crosswalk is None or not crosswalk.approved:
        return Earlier()
    if crosswalk.questionnaire != questionnaire.id:
        return Earlier()
    known = {item.id for item in questionnaire.items}
    by_column = {mapping.column - 1: mapping for mapping in crosswalk.columns}
    before = questions(previous, tally(previous), crosswalk.variant)
    items: dict[int, tuple[str | None, float]] = {}
    for found in paired(before, asked):
        mapping = by_column.get(before[found.left].first.position)
        if mapping is not None and (mapping.item is None or mapping.item in known):
            items[found.right] = (mapping.item, found.likeness.score)
    return Earlier(
        items=items,
        reversed=frozenset(m.item for m in crosswalk.columns if m.reversed and m.item),
        values={
            item: {comparable(value): code for value, code in values.items() if code != UNDECIDED}
            for item, values in crosswalk.values.items()
        },
        subjects=crosswalk.subjects,
    )
