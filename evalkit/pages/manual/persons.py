"""The manual's sections for an evaluation of persons: who judges whom, under which rules, who sees what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.decided import Decided
from evalkit.definitions.tracks import OfTrack
from evalkit.pages.manual.fieldwork import basis
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling.behind import behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging(Section):
    """Who judges persons, with whom they compare, and what keeps it fair."""

    template = "manual/judging.html.j2"
    unit: str
    persons: int
    units: int
    groups: Sequence[Mapping[str, str]]
    colleagues: str
    residents: str
    recorded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving(Section):
    """How results of persons are read, who gets them, how to object."""

    template = "manual/receiving.html.j2"
    unit: str
    colleagues: str
    quotas: Sequence[str]
    grades: Sequence[Mapping[str, str]]
    confidence: str
    seed: str


def judging(decided: Decided, track: OfTrack) -> Judging:
    """Plan who judges, and the rules."""
    order, word, unit = decided.order, decided.order.subject_word, decided.order.unit_word
    inside = [g for g in track.scheme.groups if g.code in track.track.colleagues]
    return Judging(
        title="谁来评，守什么规矩",
        takeaway=f"评的人够多、够独立，分数才说明得了什么；{word}个人的结果只给本人、所在{unit}的书记和主管科室。",
        unit=unit,
        persons=len(track.units),
        units=len(set(track.units.values())),
        groups=[
            {
                "name": group.name,
                "weight": f"{group.weight:g}",
                "who": group.description or say.MISSING,
                "compares": f"本{unit}之内" if group in inside else f"全{order.street_word}",
                "minimum": f"{group.minimum_n} {behind(group, decided).unit}",
                "basis": basis(group.basis),
            }
            for group in track.scheme.groups
        ],
        colleagues=say.joined(group.name for group in inside),
        residents=say.joined(group.name for group in track.scheme.residents),
        recorded=say.joined(decided.ledgers[code].title for code in track.scheme.ledgers),
    )


def receiving(decided: Decided, track: OfTrack) -> Receiving:
    """Plan how results are read, and who gets them."""
    order, unit = decided.order, decided.order.unit_word
    inside = [g.name for g in track.scheme.groups if g.code in track.track.colleagues]
    where = {"unit": f"每个{unit}各算各的", "street": f"全{order.street_word}一起算"}
    return Receiving(
        title="结果怎样读，给谁看",
        takeaway="得分连着误差范围和可靠程度读；分不出先后的，程序不排先后。",
        unit=unit,
        colleagues=say.joined(inside),
        quotas=[
            f"{quota.grade}：参评人数的 {quota.share:g}%，{where[quota.within]}"
            for quota in track.track.quotas
        ],
        grades=[
            {"name": g.name, "cutoff": f"{g.cutoff:g}", "basis": basis(g.basis)}
            for g in track.scheme.grades
        ],
        confidence=say.percent(track.scheme.confidence),
        seed=str(order.settings.seed),
    )
