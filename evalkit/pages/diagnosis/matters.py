"""Section 5: what residents wish for: the needs they tick, and what they write about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import needs as asked
from evalkit.pages.telling.facts import ARROWS, Facts, Row
from evalkit.pages.telling.needs import OwnNeeds, needs_of
from evalkit.tables import ALL_GROUPS, ANYTHING

MOST_NEEDS = 4
MOST_THEMES, MOST_ELSEWHERE = 4, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters(Section):
    """OwnNeeds, and what residents wrote about."""

    template = "diagnosis/matters.html.j2"
    needs: OwnNeeds | None
    table: Sequence[Row]
    shorter: bool
    nothing: str
    themes: Sequence[Spoken]
    confidence: str
    minimum: int
    false_discovery: str


def section(facts: Facts) -> Matters | None:
    """Plan what residents wish for; None where neither needs nor themes are known."""
    needs, themes = needs_of(facts), _themes(facts)
    if needs is None and not themes:
        return None
    return Matters(
        title="居民盼什么",
        takeaway=takeaway(facts, needs, themes),
        needs=needs,
        table=[asked.line(facts, row) for row in asked.with_ties(needs.rows, MOST_NEEDS)]
        if needs
        else [],
        shorter=needs is not None
        and len(needs.rows) > len(asked.with_ties(needs.rows, MOST_NEEDS)),
        nothing=say.percent(needs.nothing["share"]) if needs and needs.nothing else "",
        themes=themes,
        confidence=known.confidence(facts.evaluation),
        minimum=facts.evaluation.needs.minimum_n,
        false_discovery=say.percent(facts.evaluation.scheme.false_discovery_rate),
    )


# --- themes ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spoken:
    """What residents wrote about under one open question.

    Attributes
    ----------
    wrote : int or None
        Residents of the committee who wrote anything; None where that may not be shown.
    here, street : tuple of str
        Themes with their counts, most spoken of first.
    """

    question: str
    wrote: int | None
    here: tuple[str, ...]
    street: tuple[str, ...]


def _themes(facts: Facts) -> list[Spoken]:
    """Return, by open question, what is spoken of here and in the street."""
    street = facts.common.themes.get(ALL_GROUPS)
    if street is None:
        return []
    own = facts.common.themes.get(facts.subject.id)
    texts = {i.id: i.text for q in facts.evaluation.questionnaires.values() for i in q.items}
    found = []
    for item, part in street.groupby("item", sort=False):
        here = [] if own is None else known.records(own[own["item"] == item])
        found.append(
            Spoken(
                texts.get(str(item), str(item)),
                next((int(row["n"]) for row in here if row["code"] == ANYTHING), None),
                asked.most(here, MOST_THEMES),
                asked.most(known.records(part), MOST_ELSEWHERE),
            )
        )
    return found


# --- the sentence ---------------------------------------------------------------------------


def takeaway(facts: Facts, needs: OwnNeeds | None, themes: list[Spoken]) -> str:
    """Say in one sentence what residents ask for most."""
    least = facts.evaluation.needs.minimum_n
    if needs is not None:
        return f"{_wanted(needs, least, facts.street_word)}。"
    spoken = [text for question in themes for text in question.here[:1]]
    if spoken:
        return f"居民写下的意见中，提到最多的是{say.joined(spoken)}。"
    return f"居民写下的意见中，没有一个主题达到 {least} 人。"


def _wanted(needs: OwnNeeds, least: int, street: str) -> str:
    if not needs.rows:
        return f"居民的诉求中，没有一项的人数够得上公布（至少 {least} 人）"
    first = asked.with_ties(needs.rows, 1)
    top, names = first[0], "和".join(say.quoted(str(row["name"])) for row in first)
    together = "并列 " if len(first) > 1 else ""
    said = f"居民勾选最多的诉求是{names}（{together}{say.percent(top['share'])}）"
    if len(first) == 1:
        sure = top["verdict"] in ARROWS
        said += f"，明显{top['verdict']}全{street}" if sure else f"，与全{street}尚看不出差别"
    others = [
        say.quoted(str(r["name"]))
        for r in needs.rows[1 if len(first) == 1 else 0 :]
        if r["verdict"] == Comparison.ABOVE
    ]
    if not others:
        return said
    alike = len(first) == 1 and top["verdict"] == Comparison.ABOVE
    also = "同样的还有" if alike else f"明显高于全{street}的是"
    return f"{said}，{also}{say.joined(others, 3, '项')}"
