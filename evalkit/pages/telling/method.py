"""Data and method: how to read the numbers and what they rest on, in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.errors import Note
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
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


@dataclass(frozen=True, slots=True)
class Basis:
    """What the method note of every paper says.

    Attributes
    ----------
    reading : sequence of (term, explanation)
        How to read the numbers.
    published, assumptions : sequence of str
        Published facts, and everything that is assumed.
    assumed : str
        Where the assumptions are written out, in a paper that does not list them.
    """

    reading: Sequence[tuple[str, str]]
    published: Sequence[str]
    assumptions: Sequence[str]
    assumed: str
    fingerprint: str
    weights: str


def basis(evaluation: Evaluation) -> Basis:
    """Return what a paper about the whole street says of its method."""
    return Basis(
        reading=reading(evaluation, sources=True),
        published=list(evaluation.scheme.published),
        assumptions=assumptions(evaluation),
        assumed="",
        fingerprint=evaluation.fingerprint,
        weights=weights(evaluation),
    )


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
