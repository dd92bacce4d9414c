"""Section 1: the verdict on one page. Score, grade, rank, change; strengths, weaknesses, actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import behind, verdict
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.needs import wished, wishes
from evalkit.pages.telling.steps import first_steps
from evalkit.tables import ALL_GROUPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Section):
    """The verdict on a complete committee."""

    template = "diagnosis/verdict.html.j2"
    headlines: Sequence[Mapping[str, object]]
    strip: Chart | None
    strengths: Mapping[str, object]
    weaknesses: Mapping[str, object]
    confidence: str
    wishes: str
    actions: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unranked(Section):
    """What an incomplete committee's rater groups say, never combined."""

    template = "diagnosis/unranked.html.j2"
    groups: Sequence[Mapping[str, object]]
    behind: str


def section(facts: Facts) -> Section:
    """Plan the verdict page."""
    if not facts.scored:
        return Unranked(
            title="总评",
            takeaway=verdict.takeaway(facts),
            groups=_group_scores(facts),
            behind=behind.heading(facts.evaluation.scheme),
        )
    return Verdict(
        title="总评",
        takeaway=verdict.takeaway(facts),
        headlines=verdict.headlines(facts),
        strip=_strip(facts),
        strengths=verdict.strengths(facts),
        weaknesses=verdict.weaknesses(facts),
        confidence=known.confidence(facts.evaluation),
        wishes=wished(wishes(facts)),
        actions=first_steps(facts),
    )


def _strip(facts: Facts) -> Chart | None:
    evaluation = facts.evaluation
    if facts.common.alike or facts.place is None:
        return None
    table = evaluation.current.scores.table
    table = table[table["complete"].astype(bool)]
    own = table["subject"] == facts.subject.id
    frame = pd.DataFrame(
        {
            "name": table["name"].where(own, ""),
            "score": table["score"],
            "low": table["low"],
            "high": table["high"],
            "highlight": own,
        }
    )
    return Chart(
        "strip",
        frame,
        f"全部 {facts.total} 个{facts.word}的得分，{facts.name} {verdict.own_score(facts)} 分已标出",
        {
            "bands": known.bands(evaluation),
            "mean": facts.common.mean,
            "street": f"{facts.street_word}平均",
            "domain": facts.common.score_axis,
        },
    )


def _group_scores(facts: Facts) -> list[dict[str, object]]:
    """Return what each rater group that did answer said, by dimension; never combined."""
    evaluation = facts.evaluation
    own = facts.common.indicators[facts.subject.id]
    dimensions = own[(own["level"] == "dimension") & (own["group"] != ALL_GROUPS)]
    counts = known.answers_by_group(facts)
    rows: list[dict[str, object]] = []
    for group in evaluation.scheme.groups:
        part = dimensions[dimensions["group"] == group.code].set_index("code")["estimate"]
        rows.append(
            {
                "name": group.name,
                "n": behind.number(group, evaluation.decided, counts.get(group.code, 0)),
                "scores": [say.fixed(part.get(d.code)) for d in evaluation.scheme.dimensions],
            }
        )
    return rows
