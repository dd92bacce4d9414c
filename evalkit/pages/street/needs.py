"""What residents ask for and write about, over the street: counted, never quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import needs
from evalkit.tables import ALL_GROUPS, ANYTHING, Evaluation

TOP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs(Section):
    """What residents tick and write about."""

    template = "street/needs.html.j2"
    blocks: Sequence[Mapping[str, object]]
    questions: Sequence[Mapping[str, object]]
    minimum: int


def section(evaluation: Evaluation) -> Needs | None:
    """Plan the street's needs and themes; None where nothing was asked or counted."""
    blocks, questions = _needs(evaluation), _themes(evaluation)
    if not blocks and not questions:
        return None
    return Needs(
        title="居民盼什么",
        takeaway=_takeaway(blocks, questions),
        blocks=blocks,
        questions=questions,
        minimum=evaluation.needs.minimum_n,
    )


def _needs(evaluation: Evaluation) -> list[dict[str, Any]]:
    table = evaluation.needs.table
    table = table[(table["subject"] == ALL_GROUPS) & (table["n"] >= evaluation.needs.minimum_n)]
    blocks: list[dict[str, Any]] = []
    for _, part in table.groupby("item", sort=False):
        every = needs.by_share(known.records(part))
        rows = [row for row in every if needs.is_need(row)]
        if not rows:
            continue
        none = next((row for row in every if needs.is_none(row)), None)
        blocks.append(
            {
                "of": say.count(rows[0]["of"]),
                "none": say.percent(none["share"]) if none is not None else "",
                "rows": [
                    {
                        "name": row["name"],
                        "n": say.count(row["n"]),
                        "share": say.percent(row["share"]),
                        "interval": needs.percents(row),
                    }
                    for row in rows
                ],
            }
        )
    return blocks


def _themes(evaluation: Evaluation) -> list[dict[str, Any]]:
    table = evaluation.needs.themes
    table = table[table["subject"] == ALL_GROUPS]
    texts = {i.id: i.text for q in evaluation.questionnaires.values() for i in q.items}
    questions = []
    for item, part in table.groupby("item", sort=False):
        rows = known.records(part)
        named = needs.most(rows)
        wrote = next((int(row["n"]) for row in rows if row["code"] == ANYTHING), None)
        if named:
            questions.append(
                {
                    "question": texts.get(str(item), str(item)),
                    "wrote": say.count(wrote),
                    "themes": named,
                }
            )
    return questions


def _top(blocks: list[dict[str, Any]]) -> str:
    return "、".join(f"{row['name']}（{row['share']}）" for row in blocks[0]["rows"][:TOP])


def _takeaway(blocks: list[dict[str, Any]], questions: list[dict[str, Any]]) -> str:
    if blocks:
        return f"居民勾选最多的是{_top(blocks)}。"
    return f"居民写下的意见中，提到最多的是{say.joined(q['themes'][0] for q in questions)}。"
