"""What a library of actions says of a scheme and of questionnaires that these do not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.faults import Fault
from evalkit.definitions.places import Steps
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme


def action_faults(library: ActionLibrary, scheme: Scheme) -> Iterator[Fault]:
    """Yield actions, and kinds of needs, that are about indicators that the scheme does not have."""
    known = [indicator.code for indicator in scheme.indicators]
    named: list[tuple[Steps, str]] = [
        (("actions", at, "indicator"), action.indicator)
        for at, action in enumerate(library.actions)
    ]
    for at, matter in enumerate(library.matters):
        own = enumerate(matter.indicators)
        named += [(("matters", at, "indicators", place), code) for place, code in own]
    for steps, code in named:
        if code not in known:
            yield Fault(
                steps,
                "unknown_indicator",
                "方案里没有这个指标",
                expected="、".join(known),
                found=code,
                remedy="改正指标代码，或删去这一条",
            )
    for at, action in enumerate(library.actions):
        asked = [
            item
            for indicator in scheme.indicators
            if indicator.code == action.indicator
            for items in indicator.items.values()
            for item in items
        ]
        for place, item in enumerate(action.items):
            if action.indicator in known and item not in asked:
                yield Fault(
                    ("actions", at, "items", place),
                    "unknown_item",
                    "措施的指标里没有这道题",
                    expected="、".join(asked),
                    found=item,
                    remedy="改正题目代码，或删去 items",
                )


def task_faults(
    library: ActionLibrary, questionnaires: Mapping[str, Questionnaire]
) -> Iterator[Fault]:
    """Yield tasks of the street for needs that no questionnaire asks for."""
    asked = [(form, item) for form in questionnaires.values() for item in form.of_role("need")]
    known = dict.fromkeys(o.label for form, item in asked for o in form.options_of(item))
    for at, task in enumerate(library.street):
        if task.need not in known:
            yield Fault(
                ("street", at, "need"),
                "unknown_need",
                "问卷的急难愁盼题里没有这个选项",
                expected="、".join(known) or "问卷里要有一道 role: need 的题",
                found=task.need,
                remedy="改成与问卷选项相同的文字，或删去这条",
            )
