"""The paper for one person: what was said, by whom, how sure that is, and with whom it compares."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.pages.persons.known import Known, quota_of, rank_of, score_of
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Paper
from evalkit.pages.telling import facts, objective
from evalkit.pages.telling.facts import Row
from evalkit.tables import ALL_GROUPS


def plan(known: Known, person: str) -> Paper:
    """Plan a person's paper."""
    row, head = known.persons[person], known.masthead()
    unit = known.track.names[str(row["committee"])]
    title = known.evaluation.order.title
    return Paper(
        path=f"person/{person}.pdf",
        template="person.html.j2",
        title=f"{title}个人结果（{person}，{head['wave']}）",
        subject=f"{head['street']}{title}",
        created=facts.wave_date(known.evaluation),
        context={
            **head,
            "person": person,
            "unit": unit,
            "post": row["post"],
            "score": score_of(row),
            "scored": not say.missing(row["score"]),
            "lacking": known.lacking(person),
            "rank": rank_of(row),
            "of": row["of"],
            "real": say.MISSING
            if say.missing(row["reliability"])
            else say.likely(row["reliability"]),
            "groups": [_group(known, person, at) for at in range(len(known.track.scheme.groups))],
            "items": _items(known, person),
            "points": _points(known, person),
            "quotas": [
                quota_of(one, known.evaluation.order) for one in known.quotas.get(person, ())
            ],
            "colleagues": bool(known.track.track.colleagues),
            "minimum": "、".join(
                f"{group.name} {group.minimum_n} 份"
                for group in known.track.scheme.groups
                if group.questionnaire
            ),
        },
        proof={"person": person, "score": score_of(row)},
        most=2,
    )


def _group(known: Known, person: str, at: int) -> Mapping[str, str]:
    """Say what one rater group says of a person, and how exactly."""
    group = known.track.scheme.groups[at]
    row = known.raters[group.code, person]
    told = not say.missing(row["estimate"])
    n = say.MISSING if say.missing(row["raters"]) else f"{int(row['raters'])} 人"
    return {
        "name": group.name,
        "weight": f"{group.weight:g}",
        "n": n if told else (f"少于 {group.minimum_n} 份" if group.questionnaire else "没有记录"),
        "estimate": say.fixed(row["estimate"]),
        "margin": say.margin(row["se"], known.evaluation.scheme.confidence),
        "compares": known.compares(group),
    }


def _items(known: Known, person: str) -> list[Mapping[str, str]]:
    """Return every indicator as all groups that compare across committees see it."""
    table = known.evaluation.current.scores.indicators
    table = table[(table["group"] == ALL_GROUPS) & (table["level"] == "indicator")]
    own = {str(r["code"]): r for r in facts.records(table[table["subject"] == person])}
    means = table.groupby("code")["estimate"].mean()
    return [
        {
            "name": indicator.name,
            "estimate": say.fixed(own[indicator.code]["estimate"]),
            "margin": say.margin(own[indicator.code]["se"], known.evaluation.scheme.confidence),
            "street": say.fixed(float(means[indicator.code])),
            "against": _against(known, own[indicator.code], float(means[indicator.code])),
        }
        for indicator in known.evaluation.scheme.indicators
        if indicator.code in own and not say.missing(own[indicator.code]["estimate"])
    ]


def _against(known: Known, row: Row, mean: float) -> str:
    """Say whether a score is above or below the others' mean by more than its own error."""
    if say.missing(row["se"]):
        return say.MISSING
    apart = float(row["estimate"]) - mean
    reach = say.normal_quantile(known.evaluation.scheme.confidence) * float(row["se"])
    return "分不出" if abs(apart) <= reach else "高" if apart > 0 else "低"


def _points(known: Known, person: str) -> list[Mapping[str, str]]:
    """Return what the ledgers hold of a person."""
    return [
        {
            "name": objective.named(known.evaluation, row),
            "n": objective.records(row),
            "number": objective.number(known.evaluation, row),
        }
        for row in objective.rows(known.evaluation, person)
    ]
