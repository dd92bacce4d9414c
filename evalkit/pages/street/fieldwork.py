"""What was done: issued, returned, valid, rejected and why, and how many speak for a committee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.raters import RaterGroup
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.street.answered import unlisted
from evalkit.pages.telling.fieldwork import done, rejected
from evalkit.tables import Cells, Evaluation

NAMED = 2
"""Committees named beside the smallest and the largest number of answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fieldwork(Section):
    """What became of every questionnaire, by rater group."""

    template = "street/fieldwork.html.j2"
    groups: Sequence[Mapping[str, str]]
    rejected: Sequence[tuple[str, str]]
    unlisted: Sequence[str]


def section(evaluation: Evaluation) -> Fieldwork:
    """Plan the account of the fieldwork."""
    return Fieldwork(
        title="做了什么",
        takeaway=done(evaluation),
        groups=_groups(evaluation),
        rejected=rejected(evaluation),
        unlisted=unlisted(evaluation),
    )


def _groups(evaluation: Evaluation) -> list[dict[str, str]]:
    cells = evaluation.current.cells
    sent = evaluation.order.issued(evaluation.wave)
    names = [evaluation.roster.subject(subject).name for subject in cells.subjects]
    return [_group(group, cells, sent.get(group.code), names) for group in evaluation.scheme.groups]


def _group(
    group: RaterGroup, cells: Cells, sent: int | None, names: Sequence[str]
) -> dict[str, str]:
    n = [int(x) for x in cells.groups[group.code].n]
    total, below = sum(n), sum(x < group.minimum_n for x in n)
    unit = "条" if group.ledger else "份"
    return {
        "name": group.name,
        "weight": f"{group.weight:g}",
        "issued": say.count(sent),
        "n": say.count(total, group.minimum_n),
        "rate": say.percent(total / sent) if sent else say.MISSING,
        "least": _extreme(min(n, default=0), n, names, group.minimum_n, unit),
        "most": _extreme(max(n, default=0), n, names, group.minimum_n, unit),
        "below": f"{below} 个" if below else "没有",
    }


def _extreme(number: int, n: Sequence[int], names: Sequence[str], minimum: int, unit: str) -> str:
    """Write a number of answers and whose it is; nobody is named below what may be published."""
    text = f"{say.count(number, minimum)} {unit}"
    holders = [name for name, own in zip(names, n, strict=True) if own == number]
    if number < minimum or not holders:
        return text
    if len(holders) == len(names):
        return f"{text}（都一样）" if len(names) > 1 else text
    return f"{text}（{say.joined(holders) if len(holders) <= NAMED else f'{len(holders)} 个'}）"
