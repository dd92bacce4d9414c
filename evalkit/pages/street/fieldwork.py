"""What was done: issued, returned, valid, rejected and why, and how many speak for a committee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.decided import Decided
from evalkit.definitions.raters import RaterGroup
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.street.answered import unlisted
from evalkit.pages.telling import weights
from evalkit.pages.telling.behind import behind, heading, number
from evalkit.pages.telling.fieldwork import done, rejected
from evalkit.tables import Cells, Evaluation

NAMED = 2
"""Committees named beside the smallest and the largest number of answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fieldwork(Section):
    """What became of every questionnaire, by rater group."""

    template = "street/fieldwork.html.j2"
    groups: Sequence[Mapping[str, str]]
    asked: bool
    heads: Sequence[str]
    rejected: Sequence[tuple[str, str]]
    unlisted: Sequence[str]


def section(evaluation: Evaluation) -> Fieldwork:
    """Plan the account of the fieldwork."""
    return Fieldwork(
        title="做了什么",
        takeaway=done(evaluation),
        groups=_groups(evaluation),
        asked=bool(evaluation.scheme.asked),
        heads=_heads(evaluation),
        rejected=rejected(evaluation),
        unlisted=unlisted(evaluation),
    )


def _groups(evaluation: Evaluation) -> list[dict[str, str]]:
    cells = evaluation.current.cells
    sent = evaluation.order.issued(evaluation.wave)
    names = [evaluation.roster.subject(subject).name for subject in cells.subjects]
    return [
        _group(group, evaluation.decided, cells, sent.get(group.code), names)
        for group in evaluation.scheme.groups
    ]


def _heads(evaluation: Evaluation) -> list[str]:
    """Return the heads: weights, and what is counted: answers, records, or both."""
    scheme, word = evaluation.scheme, evaluation.order.subject_word
    what = "" if scheme.asked and scheme.ledgers else "份数" if scheme.asked else "条数"
    total = "有效" if not scheme.ledgers else heading(scheme)
    return [
        weights.head_of_groups(scheme), total, f"{what}最少的{word}", f"{what}最多的{word}",
        f"低于最低{what or '数目'}",
    ]  # fmt: skip


def _group(
    group: RaterGroup, decided: Decided, cells: Cells, sent: int | None, names: Sequence[str]
) -> dict[str, str]:
    n = [int(x) for x in cells.groups[group.code].n]
    total, below = sum(n), sum(x < group.minimum_n for x in n)
    unit = behind(group, decided).unit
    return {
        "name": group.name,
        "weight": weights.of_groups(decided.scheme)[group.code],
        "issued": say.count(sent),
        "n": number(group, decided, total),
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
