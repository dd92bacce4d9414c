"""What a crosswalk refers to that its questionnaire or the roster does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit import numerals
from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.faults import Fault
from evalkit.definitions.places import Steps
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.units import Units

TICKS = ["1", "0"]
"""What a mark can mean where every option has a column of its own: chosen, and not chosen."""


def against(
    crosswalk: Crosswalk, questionnaires: Mapping[str, Questionnaire], roster: Roster | None
) -> Iterator[Fault]:
    """Yield items, options, numbers and subjects that are not there; what is undecided is not."""
    questionnaire = questionnaires.get(crosswalk.source)
    if questionnaire is not None:
        yield from _items(crosswalk, questionnaire)
    if roster is not None:
        units = Units.of(roster)
        ids = {unit.id for unit in (*units.subjects, *units.inside)}
        for name, subject_id in crosswalk.subjects.items():
            if subject_id not in (None, UNDECIDED) and subject_id not in ids:
                yield Fault(
                    ("subjects", name),
                    "unknown_subject",
                    "名册里没有这个评估对象",
                    expected="名册中的代码",
                    found=subject_id,
                    remedy="改正代码；不计入的留空",
                )


def _items(crosswalk: Crosswalk, questionnaire: Questionnaire) -> Iterator[Fault]:
    codes = {
        item.id: [option.code for option in questionnaire.options_of(item)]
        for item in questionnaire.items
    }
    for at, mapping in enumerate(crosswalk.columns):
        if mapping.item is not None and mapping.item != UNDECIDED:
            path: Steps = ("columns", at)
            yield from _unknown_code(path, "item", mapping.item, list(codes))
            yield from _unknown_option((*path, "option"), mapping.option, codes.get(mapping.item))
    spread = {m.item for m in crosswalk.columns if m.option is not None}
    several = {item.id for item in questionnaire.items if item.kind in ("multiple", "ranking")}
    numbers = {item.id for item in questionnaire.items if item.kind == "number"}
    for item, values in crosswalk.values.items():
        yield from _unknown_code(("values",), item, item, list(codes))
        known = TICKS if item in spread else codes.get(item)
        for text, code in values.items():
            path = ("values", item, text)
            if item in numbers:
                yield from _no_number(path, code, questionnaire.item(item), known or [])
            elif item in several and item not in spread and code is not None:
                for one in code.split(";"):
                    yield from _unknown_option(path, one.strip() or code, known)
            else:
                yield from _unknown_option(path, code, known)


def _unknown_code(steps: Steps, key: str, item: str, known: list[str]) -> Iterator[Fault]:
    if item not in known:
        yield Fault(
            (*steps, key),
            "unknown_item",
            "问卷没有这道题",
            expected="、".join(known),
            found=item,
            remedy="改正题目代码",
        )


def _unknown_option(steps: Steps, code: str | None, known: list[str] | None) -> Iterator[Fault]:
    if code not in (None, UNDECIDED) and known and code not in known:
        yield Fault(
            steps,
            "unknown_option",
            "题目没有这个选项",
            expected="、".join(known),
            found=code,
            remedy="改正选项序号；回答无效的留空",
        )


def _no_number(steps: Steps, code: str | None, item: Item, known: list[str]) -> Iterator[Fault]:
    if code in (None, UNDECIDED, *known) or item.has(numerals.number(code or "")):
        return
    yield Fault(
        steps,
        "unknown_option",
        "数值题的取值只能对应范围内的数，或不计分的选项",
        expected="；".join([item.range_in_words, *known]),
        found=code,
        remedy="改正；回答无效的留空",
    )
