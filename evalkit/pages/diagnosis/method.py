"""Section 7: data and method. What it rests on, how sure it is and why, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from evalkit.codes import NoteCode
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import behind, extremes, method, profile, weights
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.opinions import opinions
from evalkit.tables import Evaluation

OF_THE_STREET = (
    NoteCode.CLAIMS_CONTRADICTED,
    NoteCode.FLAGGED_ANSWERS,
    NoteCode.RATERS_MATCHED,
)
"""Notes on what the street published, or on its answers and raters as a whole: the technical note has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method(Section):
    """Who answered, how sure the score is, what to mind, and the basis of it all."""

    template = "diagnosis/method.html.j2"
    groups: Sequence[Mapping[str, str]]
    sure: Sequence[str]
    notes: Sequence[str]
    basis: method.Basis
    behind: str
    weights: str


def section(facts: Facts) -> Method:
    """Plan data and method of one committee; how to read its numbers stands by its profile."""
    return Method(
        title="数据与方法",
        takeaway=_takeaway(facts),
        groups=_groups(facts) if facts.scored else [],
        sure=_sure(facts),
        notes=method.notes(
            tuple(note for note in facts.notes if note.code not in OF_THE_STREET),
            facts.evaluation.order,
        ),
        basis=_basis(facts),
        behind=behind.heading(facts.evaluation.scheme),
        weights=weights.head_of_groups(facts.evaluation.scheme),
    )


def _basis(facts: Facts) -> method.Basis:
    """Return the method note without what the street report lists, or the profile explains."""
    whole = method.basis(facts.evaluation)
    if profile.known_of(facts):
        whole = replace(whole, reading=None)
    elif facts.place is None:
        whole = replace(whole, reading=method.reading(facts.evaluation, ranked=False))
    return replace(whole, published=[], assumptions=[], assumed=assumed(facts.evaluation))


class _Based(Protocol):
    """Part of a document that says what it rests on."""

    @property
    def basis(self) -> str: ...


def assumed(evaluation: Evaluation) -> str:
    """Say in one sentence what is assumed and where it is written out; empty if nothing is."""
    scheme = evaluation.scheme
    parts: dict[str, Sequence[_Based]] = {
        "评价主体及其权重": scheme.groups,
        "维度、指标及其权重": (*scheme.dimensions, *scheme.indicators),
        "等第分数线": scheme.grades,
        "问卷的题目与分值": [i for q in evaluation.questionnaires.values() for i in q.items],
        "台账的取值与度量": [
            *evaluation.decided.ledgers.values(),
            *(m for one in evaluation.decided.ledgers.values() for m in one.measures),
        ],
        "处方中的措施": evaluation.decided.actions.actions
        if evaluation.decided.actions is not None
        else (),
    }
    own = [name for name, listed in parts.items() if any(p.basis == "assumption" for p in listed)]
    number = len(method.assumptions(evaluation))
    if not own and not number:
        return ""
    what = f"{say.joined(own)}中有编者拟定、没有公开出处的内容；" if own else ""
    where = f"全部 {number} 条规定和假定逐条列在技术说明。" if number else ""
    return f"{what}{where}".rstrip("；") + ("" if where else "。")


def _takeaway(facts: Facts) -> str:
    counts, scheme = known.answers_by_group(facts), facts.evaluation.scheme
    what = f"以上结论依据关于{facts.name}的"
    if any(counts.get(g.code, 0) < g.minimum_n for g in scheme.groups):
        return f"{what}{behind.heading(scheme)}，各类评价主体的{behind.amount(scheme)}见表。"
    first, *others = behind.together(facts.evaluation.decided, counts)
    total = sum(counts[g.code] for g in scheme.asked)
    residents = sum(counts[g.code] for g in scheme.residents)
    share = f"，其中居民 {residents:,} 份" if 0 < residents < total else ""
    more = f"{'；还有 ' if share else '和 '}{say.joined(others)}" if others else ""
    return f"{what} {first}{share}{more}。"


def _groups(facts: Facts) -> list[dict[str, str]]:
    weighing = weights.of_groups(facts.evaluation.scheme)
    return [
        {
            "name": group.name,
            "weight": weighing[group.code],
            "n": row["n"],
            "estimate": say.fixed(row["estimate"]),
            "interval": say.interval(row["low"], row["high"]),
        }
        for group, row in zip(facts.evaluation.scheme.groups, opinions(facts), strict=True)
    ]


def _sure(facts: Facts) -> list[str]:
    if not facts.scored:
        return []
    evaluation = facts.evaluation
    ranking = evaluation.current.ranking
    other = "换一批居民来答" if evaluation.scheme.asked else "换一段时间、来的事不同"
    ends = say.interval(facts.score["low"], facts.score["high"])
    error = f"综合得分的误差范围是 {ends} 分：{other}，得分大致会在这里面。"
    if facts.common.alike or facts.place is None:
        return [error]
    said = [
        error,
        f"就本{facts.word}的得分精度而言，与其他{facts.word}的差异中约 "
        f"{say.percent(facts.place['reliability'])} 是真实差别，其余是偶然。",
    ]
    if line := extremes.own_line(facts):
        said.append(line)
    if facts.subject.id in ranking.unstable:
        said.append("名次范围的一端正在临界处，可能差一名。")
    return said
