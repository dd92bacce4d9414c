"""The paper for a committee's secretary: the committee's own persons, in the roster's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evalkit.codes import Place
from evalkit.pages.persons.known import UNIT, Known, quota_of, rank_of, score_of
from evalkit.pages.press import wording as say
from evalkit.pages.press.meanings import RELIABLE_RULE
from evalkit.pages.press.planned import Paper
from evalkit.pages.telling import facts
from evalkit.tables import ALL_GROUPS


def plan(known: Known, unit: str) -> Paper:
    """Plan a committee's paper."""
    head, name = known.masthead(), known.track.names[unit]
    title = known.evaluation.order.title
    persons = known.of_unit(unit)
    scored = [person for person in persons if not say.missing(known.persons[person]["score"])]
    return Paper(
        path=f"committee/{unit}.pdf",
        template="committee.html.j2",
        title=f"{name}{title}结果（{head['wave']}）",
        subject=f"{head['street']}{title}",
        created=facts.wave_date(known.evaluation),
        context={
            **head,
            "name": name,
            "n": len(persons),
            "scored": len(scored),
            "groups": [group.name for group in known.track.scheme.groups],
            "persons": [_person(known, person) for person in persons],
            "lacking": [
                {"person": person, "why": "；".join(known.lacking(person))}
                for person in persons
                if person not in scored
            ],
            "apart": _apart(known, scored),
            "quotas": _quotas(known, persons),
            "reliability": _reliability(known),
            "rule": RELIABLE_RULE,
            "colleagues": bool(known.track.track.colleagues),
        },
        proof={"name": name},
        most=3,
    )


def _person(known: Known, person: str) -> Mapping[str, Any]:
    row = known.persons[person]
    return {
        "person": person,
        "post": row["post"],
        "score": score_of(row),
        "rank": rank_of(row),
        "groups": [
            say.fixed(known.raters[group.code, person]["estimate"])
            for group in known.track.scheme.groups
        ],
    }


def _apart(known: Known, scored: list[str]) -> str:
    """Say who surely is ahead of whom within the committee, and that the others are not told apart."""
    below: dict[tuple[str, ...], list[str]] = {}
    for one in scored:
        told = known.persons[one]["ahead_of"]
        lower = () if say.missing(told) else tuple(x for x in str(told).split(";") if x)
        if lower:
            below.setdefault(lower, []).append(one)
    pairs = len(scored) * (len(scored) - 1) // 2
    if pairs == 0:
        return ""
    if not below:
        return f"本{known.evaluation.order.unit_word} {len(scored)} 人，数据分不出任何两人的先后。"
    sure = [f"{say.joined(upper)} 高于 {say.joined(lower)}" for lower, upper in below.items()]
    rest = pairs - sum(len(lower) * len(upper) for lower, upper in below.items())
    left = f"其余 {rest} 对分不出先后。" if rest else ""
    return f"数据能分出先后的：{'；'.join(sure)}。{left}"


def _quotas(known: Known, persons: list[str]) -> list[Mapping[str, Any]]:
    """Return every quota with this committee's persons: sure ones, and those nobody can tell."""
    found: dict[str, dict[str, Any]] = {}
    for person in persons:
        for row in known.quotas.get(person, ()):
            told = quota_of(row, known.evaluation.order)
            own = found.setdefault(
                told["name"],
                {
                    "name": told["name"],
                    "best": told["best"],
                    "inside": [],
                    "undecided": [],
                    "outside": 0,
                },
            )
            if row["verdict"] == Place.OUTSIDE:
                own["outside"] += 1
            else:
                key = "inside" if row["verdict"] == Place.INSIDE else "undecided"
                own[key].append(f"{person}（{told['chance']}）")
    return [
        {**own, "inside": say.joined(own["inside"]), "undecided": say.joined(own["undecided"])}
        for own in found.values()
    ]


def _reliability(known: Known) -> list[Mapping[str, str]]:
    """Return how reliable the score and every rater group are."""
    rows: list[Mapping[str, str]] = []
    for code, name in [
        (ALL_GROUPS, "合计得分"),
        *((g.code, g.name) for g in known.track.scheme.groups),
    ]:
        scope = UNIT if code == ALL_GROUPS else None
        row = next(
            (
                r
                for r in facts.records(known.evaluation.appraisal.raters)
                if r["group"] == code and r["subject"] == ALL_GROUPS and scope in (None, r["scope"])
            ),
            None,
        )
        if row is not None:
            rows.append(
                {
                    "name": name,
                    "single": say.fixed(row["single"], 2),
                    "reliability": say.fixed(row["reliability"], 2),
                    "interval": say.interval(row["low"], row["high"], 2),
                    "scope": f"本{known.evaluation.order.unit_word}内"
                    if row["scope"] == UNIT
                    else f"全{known.evaluation.order.street_word}",
                }
            )
    return rows
