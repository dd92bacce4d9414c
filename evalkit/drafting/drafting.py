"""A crosswalk drafted for a file that nobody has mapped yet: proposals, with their reasons.

Columns are proposed by likeness; what their values mean is not. A value belongs to an option if
the two are the same once normalised, or if a codebook says so; every other value is left open,
with the option it resembles named in the reason, for the analyst to decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.text import comparable
from evalkit.drafting.layout_changes import Change, ChangeKind, compare, meaning_of, paired
from evalkit.drafting.likeness import MINIMUM, Likeness, Pairing, closest, likeness, pair
from evalkit.drafting.questions import (
    Meaning,
    Question,
    Tally,
    profile_of_item,
    questions,
    tally,
    why_left_out,
)
from evalkit.platforms import Codebook, RawColumn, RawSheet

__all__ = ["Change", "ChangeKind", "compare", "draft"]

SUGGESTED = 0.3
"""Likeness from which an option is named beside a value; only what an analyst reads hangs on it."""

MOST_SUGGESTED = 5
"""More open values of one column than this are counted, not named, in its reason."""

MOST_VALUES = 50
"""A column with more unknown answers than this is no closed question: its values are not listed,
and the import reports them all."""


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What the analyst approved for the last wave, by question of this wave's file."""

    items: Mapping[int, tuple[str | None, float]] = field(default_factory=dict)
    reversed: frozenset[str] = frozenset()
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    subjects: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Values:
    """How a column's values stand to its item's options."""

    open: Mapping[str, str | None] = field(default_factory=dict)
    backwards: bool = False
    reasons: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


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
    cells = tally(sheet)
    meaning = _meaning(sheet, cells, questionnaire, codebook)
    asked = questions(sheet, cells, meaning, codebook)
    earlier = _earlier(asked, previous, previous_crosswalk, questionnaire)
    pairings, table = _paired(asked, questionnaire, earlier)
    mappings = {m.column: m for m in _left_out(sheet, cells)}
    values: dict[str, dict[str, str | None]] = {}
    changes = [c.detail for c in compare(previous, sheet, codebook=codebook)] if previous else []
    proposed = {p.left: p for p in pairings}
    subjects: dict[str, str | None] = {}
    for at, question in enumerate(asked):
        found = proposed.get(at)
        if found is None:
            mappings.update(_unmapped(question, table[at], questionnaire))
            continue
        item = questionnaire.items[found.right]
        options = questionnaire.options_of(item)
        if question.spread:
            mappings.update(_option_columns(question, item, options, found))
            continue
        told = _values(question, item, options, meaning, earlier)
        if told.open:
            values[item.id] = dict(told.open)
        changes += told.changes
        if item.role == "subject":
            subjects = {
                name: subject
                for name, subject in earlier.subjects.items()
                if comparable(name) in question.profile.values
            }
        rival = None if found.rival is None else questionnaire.items[found.rival].id
        also = "" if rival is None else f"题目 {rival} 也相似，请核对"
        reasons = (found.likeness.because(), also, *told.reasons)
        mappings.update(
            _mapping(question.first, item.id, None, found.certainty, reasons, told.backwards)
        )
    return Crosswalk(
        id=crosswalk_id,
        questionnaire=questionnaire.id,
        layout=layout,
        variant=meaning,
        drafted_from=sheet.file,
        changes=changes,
        columns=[mappings[column] for column in sorted(mappings)],
        values=values,
        subjects=subjects,
    )


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
        found, _ = _paired(questions(sheet, cells, meaning), questionnaire, _Earlier())
        return sum(p.likeness.evidence.get("options", 0.0) for p in found)

    meanings: tuple[Meaning, ...] = ("text", "number", "score")
    return max(meanings, key=explained)


def _paired(
    asked: Sequence[Question], questionnaire: Questionnaire, earlier: _Earlier
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

    def compared(i: int, j: int, expected: int | None) -> Likeness:
        question, item = asked[i], questionnaire.items[j]
        if question.spread and item.kind not in ("multiple", "ranking"):
            return Likeness(0.0, {})
        known = earlier.items.get(i)
        support = None if known is None else known[1] * float(known[0] == item.id)
        meaning: Meaning = "text" if question.spread else question.meaning
        return likeness(question.profile, profiles[meaning][j], expected, support)

    return pair([question.profile for question in asked], profiles["text"], compared)


def _left_out(sheet: RawSheet, cells: Tally) -> list[ColumnMapping]:
    found = []
    for column in sheet.columns:
        why = why_left_out(column, cells[column.position])
        if why is not None:
            found.append(
                ColumnMapping(column=column.position + 1, header=column.header, because=why)
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
        header=column.header,
        item=item,
        option=option,
        certainty=None if certainty is None else round(certainty, 2),
        because="；".join(reason for reason in reasons if reason),
        reversed=backwards,
    )
    return {mapping.column: mapping}


def _unmapped(
    question: Question, row: Sequence[Likeness], questionnaire: Questionnaire
) -> dict[int, ColumnMapping]:
    best = max(range(len(row)), key=lambda place: row[place].score)
    reason = "没有相似的题目"
    if row[best].score > 0:
        item = questionnaire.items[best]
        reason = f"没有足够相似的题目；最接近的是 {item.id}，相似度 {row[best].score:.2f}"
        if row[best].score >= MINIMUM:
            reason = f"相似的题目 {item.id} 已由另一列对应"
    mappings: dict[int, ColumnMapping] = {}
    for column in question.columns:
        mappings |= _mapping(column, None, None, None, (reason,))
    return mappings


def _option_columns(
    question: Question, item: Item, options: Sequence[Option], found: Pairing
) -> dict[int, ColumnMapping]:
    codes = {comparable(option.label): option.code for option in options}
    mappings: dict[int, ColumnMapping] = {}
    for column in question.columns:
        label = column.option or ""
        code = codes.pop(comparable(label), None)
        if code is not None:
            reasons = (found.likeness.because(), f"选项文字与 {code} 相同")
            mappings |= _mapping(column, item.id, code, found.certainty, reasons)
        else:
            reason = f"属于题目 {item.id}，但{_open_value(label, None, options)}"
            mappings |= _mapping(column, None, None, None, (reason,))
    return mappings


# --- values -----------------------------------------------------------------------------------


def _values(
    question: Question,
    item: Item,
    options: Sequence[Option],
    meaning: Meaning,
    earlier: _Earlier,
) -> _Values:
    """Sort a column's values into those an option has and those an analyst must decide."""
    if not options or item.kind in ("number", "text"):
        return _Values()
    if question.labels:
        return _coded_values(question, item, options)
    known = profile_of_item(item, list(options), meaning).options
    decided = earlier.values.get(item.id, {})
    strange = _distinct({v: n for v, n in question.counts.items() if comparable(v) not in known})
    backwards = item.id in earlier.reversed and meaning == "number"
    reasons = ["上一批次的序号方向相反，沿用；请核对"] if backwards else []
    if len(strange) > MOST_VALUES:
        reasons.append(f"{len(strange)} 个取值不在选项中，未逐一列出")
        return _Values(backwards=backwards, reasons=tuple(reasons))
    mapped: dict[str, str | None] = {}
    unsettled = []
    for value, count in strange.items():
        if comparable(value) in decided:
            mapped[value] = decided[comparable(value)]
            reasons.append(f"“{value}”沿用上一批次的对照")
        else:
            mapped[value] = None
            unsettled.append(_open_value(value, count, options if meaning == "text" else ()))
    return _Values(mapped, backwards, (*reasons, *_shortened(unsettled)))


def _coded_values(question: Question, item: Item, options: Sequence[Option]) -> _Values:
    """Sort numbers by what the codebook calls them, whatever number the questionnaire gives."""
    by_label = {comparable(option.label): option.code for option in options}
    meant = {code: by_label.get(comparable(label)) for code, label in question.labels.items()}
    certain = {code: option for code, option in meant.items() if option is not None}
    mirror = _mirrored(options)
    straight = all(comparable(code) == comparable(option) for code, option in certain.items())
    backwards = (
        not straight
        and len(certain) > 1
        and all(mirror.get(code, code) == option for code, option in certain.items())
    )
    mapped: dict[str, str | None] = {}
    changes = []
    if backwards:
        changes.append(f"{question.name}的序号与问卷 {item.id} 方向相反，已按反向起草")
    elif not straight:
        shown = "、".join(f"{code}→{option}" for code, option in certain.items())
        changes.append(f"{question.name}的序号与问卷 {item.id} 不同，按选项文字对照：{shown}")
        mapped |= {code: o for code, o in certain.items() if comparable(code) != comparable(o)}
    unsettled = []
    for code, count in question.counts.items():
        if code not in certain:
            mapped[code] = None
            label = question.labels.get(code)
            name = code if label is None else f"{code}（{label}）"
            unsettled.append(_open_value(name, count, options, label))
    reasons = ["序号方向相反（据文本导出）"] if backwards else []
    return _Values(mapped, backwards, (*reasons, *_shortened(unsettled)), tuple(changes))


def _mirrored(options: Sequence[Option]) -> dict[str, str]:
    scale = [option.code for option in options if option.missing is None]
    return dict(zip(scale, reversed(scale), strict=True))


def _distinct(counts: Mapping[str, int]) -> dict[str, int]:
    """Add up spellings that compare equal, under the one seen first."""
    spelling: dict[str, str] = {}
    summed: dict[str, int] = {}
    for value, count in counts.items():
        shown = spelling.setdefault(comparable(value), value)
        summed[shown] = summed.get(shown, 0) + count
    return summed


def _open_value(
    value: str, count: int | None, options: Sequence[Option], label: str | None = None
) -> str:
    rows = "" if count is None else f"（{count} 行）"
    near = closest(label or value, [option.label for option in options])
    text = f"“{value}”{rows}不在选项中"
    if near is None or near[1] < SUGGESTED:
        return text
    code = next(option.code for option in options if option.label == near[0])
    return f"{text}，像“{near[0]}”（{code}），请核对"


def _shortened(sentences: Sequence[str]) -> tuple[str, ...]:
    shown = tuple(sentences[:MOST_SUGGESTED])
    rest = len(sentences) - len(shown)
    return (*shown, f"另有 {rest} 个取值不在选项中") if rest else shown


# --- the last wave ----------------------------------------------------------------------------


def _earlier(
    asked: Sequence[Question],
    previous: RawSheet | None,
    crosswalk: Crosswalk | None,
    questionnaire: Questionnaire,
) -> _Earlier:
    if previous is None or crosswalk is None or not crosswalk.approved:
        return _Earlier()
    if crosswalk.questionnaire != questionnaire.id:
        return _Earlier()
    known = {item.id for item in questionnaire.items}
    by_column = {mapping.column - 1: mapping for mapping in crosswalk.columns}
    before = questions(previous, tally(previous), crosswalk.variant)
    items: dict[int, tuple[str | None, float]] = {}
    for found in paired(before, asked):
        mapping = by_column.get(before[found.left].first.position)
        if mapping is not None and (mapping.item is None or mapping.item in known):
            items[found.right] = (mapping.item, found.likeness.score)
    return _Earlier(
        items=items,
        reversed=frozenset(m.item for m in crosswalk.columns if m.reversed and m.item),
        values={
            item: {comparable(value): code for value, code in values.items()}
            for item, values in crosswalk.values.items()
        },
        subjects=crosswalk.subjects,
    )
