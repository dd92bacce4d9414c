"""Section 7: data and method. What it rests on, how sure it is and why, in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalkit.definitions.actions import Action
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Item
from evalkit.definitions.scheme import Dimension, Grade, Indicator, RaterGroup
from evalkit.errors import Note
from evalkit.pages.diagnosis import voices
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts, Section
from evalkit.tables import Evaluation

LISTING = frozenset(
    {
        "measured_differently",
        "question_in_one_file",
        "columns_unmatched",
        "label_with_two_codes",
        "code_with_two_labels",
        "label_without_code",
    }
)
"""Notes with names that do not stand in quotation marks; beside these they have nothing to reword."""


def section(facts: Facts) -> Section:
    """Plan data and method of one committee; how to read its numbers stands by its profile."""
    profiled = facts.place is not None and bool(facts.profile("dimension"))
    return Section(
        "diagnosis/method.html.j2",
        "数据与方法",
        _takeaway(facts),
        {
            "groups": _groups(facts) if facts.place is not None else [],
            "sure": _sure(facts),
            "notes": notes(facts.notes, facts.evaluation.order),
            **shared(facts.evaluation, ranked=facts.place is not None),
            **({"reading": []} if profiled else {}),
            "published": [],
            "assumptions": [],
            "assumed": assumed(facts.evaluation),
        },
    )


def shared(evaluation: Evaluation, *, ranked: bool = True) -> dict[str, object]:
    """Return what the method note of every paper says; less for what is not ranked."""
    return {
        "reading": reading(evaluation, sources=True) if ranked else [undisclosed(evaluation)],
        "published": list(evaluation.scheme.published),
        "assumptions": assumptions(evaluation),
        "assumed": "",
        "fingerprint": evaluation.fingerprint,
        "scheme_title": evaluation.scheme.title,
        "weights": weights(evaluation),
    }


def assumptions(evaluation: Evaluation) -> list[str]:
    """Return everything that is assumed: by scheme, questionnaires, themes and actions."""
    library = evaluation.decided.actions
    return [
        *evaluation.scheme.assumptions,
        *(
            f"{form.title}：{said}"
            for form in evaluation.questionnaires.values()
            for said in form.assumptions
        ),
        *evaluation.heard.assumptions,
        *(library.assumptions if library is not None else ()),
    ]


def assumed(evaluation: Evaluation) -> str:
    """Say in one sentence what is assumed and where it is written out; empty if nothing is."""
    scheme = evaluation.scheme
    parts: dict[str, Sequence[RaterGroup | Dimension | Indicator | Grade | Item | Action]] = {
        "评价主体及其权重": scheme.groups,
        "维度、指标及其权重": (*scheme.dimensions, *scheme.indicators),
        "等第分数线": scheme.grades,
        "问卷的题目与分值": [i for q in evaluation.questionnaires.values() for i in q.items],
        "处方中的措施": evaluation.decided.actions.actions
        if evaluation.decided.actions is not None
        else (),
    }
    own = [name for name, listed in parts.items() if any(p.basis == "assumption" for p in listed)]
    number = len(assumptions(evaluation))
    if not own and not number:
        return ""
    what = f"{say.joined(own)}中有编者拟定、没有公开出处的内容；" if own else ""
    report = f"{evaluation.order.street_word}工作报告"
    where = f"全部 {number} 条假定逐条列在{report}的末节。" if number else ""
    return f"{what}{where}".rstrip("；") + ("" if where else "。")


def _takeaway(facts: Facts) -> str:
    counts, groups = known.answers_by_group(facts), facts.evaluation.scheme.groups
    if any(counts.get(g.code, 0) < g.minimum_n for g in groups):
        return f"以上结论依据关于{facts.name}的有效答卷，各类评价主体的份数见表。"
    total = sum(counts[g.code] for g in groups)
    residents = sum(counts[g.code] for g in groups if g.residents)
    share = f"，其中居民 {residents:,} 份" if 0 < residents < total else ""
    return f"以上结论依据关于{facts.name}的 {total:,} 份有效答卷{share}。"


def _groups(facts: Facts) -> list[dict[str, str]]:
    return [
        {
            "name": group.name,
            "weight": f"{group.weight:g}",
            "n": row["n"],
            "estimate": say.fixed(row["estimate"]),
            "se": say.fixed(row["se"]),
        }
        for group, row in zip(facts.evaluation.scheme.groups, voices.opinions(facts), strict=True)
    ]


def _sure(facts: Facts) -> list[str]:
    if facts.place is None:
        return []
    evaluation = facts.evaluation
    ranking = evaluation.current.ranking
    error = f"综合得分的标准误为 {say.fixed(facts.score['se'], 2)} 分：换一批居民来答，得分大致会有这样的出入。"
    if facts.common.alike:
        return [error]
    said = [
        error,
        f"就本{facts.word}的得分精度而言，与其他{facts.word}的差异中约 "
        f"{say.percent(facts.place['reliability'])} 是真实差别，其余是抽样的偶然。",
    ]
    if facts.subject.id in ranking.unstable:
        said.append("名次区间的一端处在临界，重新模拟一次可能相差一名。")
    return said


def reading(evaluation: Evaluation, *, sources: bool = False) -> list[tuple[str, str]]:
    """Return how to read the numbers, as (term, explanation); with the methods' names or without."""

    def named(source: str) -> str:
        return f"（{source}）" if sources else ""

    sure = known.confidence(evaluation)
    word = evaluation.order.subject_word
    grades = "，".join(
        f"{g.name} {g.cutoff:g} 分及以上" if g.cutoff > 0 else f"其余为{g.name}"
        for g in evaluation.scheme.grades
    )
    terms = [
        (
            "得分与区间",
            f"0 到 100 分，由各评价主体、各指标的平均分按权重相加。{sure} 区间表示抽样带来的出入："
            f"用同样办法反复抽样，约 {sure} 的区间会包含真实得分。",
        ),
        ("等第", f"按未四舍五入的得分划定：{grades}。可能性表示真实得分落在该等第之内的概率。"),
        (
            "名次与名次区间",
            f"名次按未四舍五入的得分排定，同分并列。名次区间列出在 {sure} 的把握下可能的全部名次"
            f"{named('Mogstad、Romano、Shaikh 与 Wilhelm 2024')}；区间重叠的两个"
            f"{word}，不能只凭名次说谁先谁后。",
        ),
        (
            "显著与倾向",
            "同时比较了全部" + word + "的全部指标，错报率控制在 "
            f"{say.percent(evaluation.scheme.false_discovery_rate)} 以内仍成立的才称显著"
            f"{named('Benjamini-Hochberg')}；其余至多称倾向，不作为优势或短板。",
        ),
    ]
    if known.changes_of(evaluation) is not None:
        terms.append(
            (
                "变化",
                "上次结果按本次方案重新计分后再比。明显上升或下降，"
                f"是指扣除{evaluation.order.street_word}平均的变化之后，"
                f"经多重比较校正{named('Holm')}仍然显著。",
            )
        )
    return [*terms, undisclosed(evaluation)]


def undisclosed(evaluation: Evaluation) -> tuple[str, str]:
    """Say which numbers are withheld and why."""
    least = sorted({group.minimum_n for group in evaluation.scheme.groups})
    return (
        "不公布的数字",
        f"有效答卷少于最低份数（{say.joined(f'{n} 份' for n in least)}，因评价主体而异）的单元"
        f"只写“<{least[-1]}”这样的界限，不给分数，以免推知个人的答案。"
        if len(least) > 1
        else f"有效答卷少于 {least[0]} 份的单元只写“<{least[0]}”，不给分数，以免推知个人的答案。",
    )


def weights(evaluation: Evaluation) -> str:
    """Say how the composite is made up, marking what is assumed."""
    parts = [
        f"{g.name} {g.weight:g}{'（假定）' if g.basis == 'assumption' else ''}"
        for g in evaluation.scheme.groups
    ]
    return f"评价主体权重：{'，'.join(parts)}。"


def noted(note: Note, order: EvaluationOrder) -> str:
    """Write a note's message in this evaluation's words."""
    return note.message if note.code in LISTING else say.reworded(note.message, order)


def notes(found: tuple[Note, ...], order: EvaluationOrder) -> list[str]:
    """Write notes for the reader, in this evaluation's words."""
    return [noted(note, order) + _count(note) for note in found]


def _count(note: Note) -> str:
    """Write how often a note applies, unless its message says so."""
    if note.count is None:
        return ""
    written = re.findall(r"\d+", note.message.replace(",", ""))
    return "" if str(note.count) in written else f"（{note.count:,} 处）"
