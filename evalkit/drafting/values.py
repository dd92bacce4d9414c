"""What the values of a column mean, as far as anybody can know; the rest is left to the analyst.

A value belongs to an option if the import itself would take it so, if a codebook says so, or if the
last wave's crosswalk did. Every other value is drafted as `UNDECIDED`, with the option it resembles
named in the reason. What looks like personal data is never listed: it is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evalkit import numerals, personal
from evalkit.definitions.crosswalk import UNDECIDED
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.resemblance import suggested
from evalkit.definitions.text import comparable
from evalkit.drafting.questions import Meaning, Question, Tally
from evalkit.intake.coding import Coder, known_as, lookup_of
from evalkit.intake.marks import read_marks
from evalkit.platforms import RawSheet, of

MOST_SUGGESTED = 5
"""More open values of one column than this are counted, not named, in its reason."""

MOST_VALUES = 50
"""A column with more unknown answers than this is no closed question: its values are not listed,
and the import reports them all."""

_NUMBER = re.compile(r"[0-9０-９]+(?:[.．][0-9０-９]+)?")


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the analyst approved for the last wave, by question of this wave's file."""

    items: Mapping[int, tuple[str | None, float]] = field(default_factory=dict)
    reversed: frozenset[str] = frozenset()
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    subjects: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProposedValues:
    """How a column's values stand to its item's options."""

    open: Mapping[str, str | None] = field(default_factory=dict)
    backwards: bool = False
    reasons: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


def values_of(
    sheet: RawSheet,
    cells: Tally,
    question: Question,
    questionnaire: Questionnaire,
    item: Item,
    meaning: Meaning,
    earlier: Earlier,
) -> ProposedValues:
    """Sort a column's values into those the import knows and those an analyst must decide."""
    options = questionnaire.options_of(item)
    if item.kind == "text" or not (options or item.kind == "number"):
        return ProposedValues()
    if question.labels and item.kind != "number":
        return _coded_values(question, item, options)
    backwards = item.id in earlier.reversed and meaning == "number"
    coder = Coder(item, questionnaire, meaning, backwards, of(sheet))
    column = pd.Series(list(cells[question.first.position]), dtype="object")
    coder.code(column)
    counts: Counter[str] = Counter()
    for cell, count in sorted(cells[question.first.position].items()):
        for part, _ in coder.strange.get(cell, ()):
            counts[part] += count
    reasons = ("上一批次的序号方向相反，沿用；请核对",) if backwards else ()
    seen = coder.own_names(column)
    named = options if meaning == "text" and item.kind != "number" else ()
    told = _decided(counts, item, named, seen, earlier)
    return ProposedValues(told.open, backwards, (*reasons, *told.reasons))


def values_of_marks(
    sheet: RawSheet,
    cells: Tally,
    question: Question,
    item: Item,
    options: Sequence[Option],
    earlier: Earlier,
) -> ProposedValues:
    """Leave the marks open that say neither chosen nor not chosen, in columns of one option."""
    known = lookup_of(options, "text")
    by_code = {option.code: option for option in options}
    columns: list[Mapping[str, int]] = []
    own: list[Option] = []
    for column in question.columns:
        key = known_as(column.option or "", column.option or "", known)
        if key is not None:
            columns.append(cells[column.position])
            own.append(by_code[known[key] or ""])
    marks = read_marks(columns, own, of(sheet), {}, ranked=item.kind == "ranking")
    counts: Counter[str] = Counter()
    for given, strange in zip(columns, marks.strange, strict=True):
        for mark in strange:
            counts[mark] += given[mark]
    return _decided(counts, item, (), set(), earlier)


def _decided(
    counts: Mapping[str, int],
    item: Item,
    options: Sequence[Option],
    seen: Collection[str],
    earlier: Earlier,
) -> ProposedValues:
    """Decide values as the last wave's crosswalk did; leave the others open."""
    decided = earlier.values.get(item.id, {})
    distinct = _distinct(counts)
    strange = {v: n for v, n in distinct.items() if not personal.looks_personal(v, n)}
    hidden = len(distinct) - len(strange)
    unsaid = (f"{hidden} 个取值像个人信息，未列出，请到文件中查看",) if hidden else ()
    if len(strange) > MOST_VALUES:
        return ProposedValues(reasons=(f"{len(strange)} 个取值不在选项中，未逐一列出", *unsaid))
    mapped: dict[str, str | None] = {}
    reasons, unsettled = [], []
    for value, count in strange.items():
        if comparable(value) in decided:
            mapped[value] = decided[comparable(value)]
            reasons.append(f"“{value}”沿用上一批次的对照")
        else:
            mapped[value] = UNDECIDED
            hint = _number_in(value, item) if item.kind == "number" else None
            unsettled.append(
                f"“{value}”（{count} 行）不是{item.range_in_words}"
                + (f"，像 {hint}，请决定" if hint else "")
                if item.kind == "number"
                else open_value(value, count, options, seen)
            )
    return ProposedValues(mapped, False, (*reasons, *_shortened(unsettled), *unsaid))


def _number_in(value: str, item: Item) -> str | None:
    """Return the one number within the limits that a text such as 7分 holds."""
    found = [numerals.plain(match) for match in _NUMBER.findall(value)]
    (only,) = found if len(found) == 1 else (None,)
    bare = only is not None and numerals.number(value) is None
    return only if bare and item.has(numerals.number(only or "")) else None


def _coded_values(question: Question, item: Item, options: Sequence[Option]) -> ProposedValues:
    """Sort numbers by what the codebook calls them, whatever number the questionnaire gives."""
    texts = lookup_of(options, "text")
    keys = {code: known_as(label, label, texts) for code, label in question.labels.items()}
    certain = {
        code: option for code, key in keys.items() if key is not None and (option := texts[key])
    }
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
    seen = {comparable(o.label) for o in options if o.code in certain.values()}
    unsettled = []
    for code, count in question.counts.items():
        label = question.labels.get(code)
        if code in certain or personal.looks_personal(code, count):
            continue
        mapped[code] = UNDECIDED
        name = code if label is None else f"{code}（{personal.shown(label, count)}）"
        unsettled.append(open_value(name, count, options, seen, label))
    reasons = ["序号方向相反（据文本导出）"] if backwards else []
    return ProposedValues(mapped, backwards, (*reasons, *_shortened(unsettled)), tuple(changes))


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


def open_value(
    value: str,
    count: int | None,
    options: Sequence[Option],
    seen: Collection[str],
    label: str | None = None,
) -> str:
    """Say that a value is no option, and which one it may be another name of.

    Parameters
    ----------
    seen : collection of str
        Comparable labels that the column has under their own names: none of them is proposed.
    """
    rows = "" if count is None else f"（{count} 行）"
    text = f"“{value}”{rows}不在选项中"
    near = suggested(label or value, options, seen)
    return text if near is None else f"{text}，像“{near.label}”（{near.code}），请决定"


def _shortened(sentences: Sequence[str]) -> tuple[str, ...]:
    shown = tuple(sentences[:MOST_SUGGESTED])
    rest = len(sentences) - len(shown)
    return (*shown, f"另有 {rest} 个取值不在选项中") if rest else shown
