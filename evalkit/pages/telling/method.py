"""Data and method: how to read the numbers and what they rest on, in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.errors import Note
from evalkit.pages.press import wording as say
from evalkit.pages.press.sentences import Words, said
from evalkit.pages.telling import assumed
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.behind import amount, minimums
from evalkit.pages.telling.weights import head_of_groups, of_groups
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True)
class Reading:
    """What is particular to an evaluation in how its numbers are read.

    Attributes
    ----------
    ranked : bool
        Whether the paper shows ranks; else only says which numbers are withheld.
    sources : bool
        Whether methods are named.
    placed : bool
        Whether what is told of has a rank and a grade; else only scores and differences are explained.
    grades : sequence of (name, cut-off)
        The cut-off of the lowest grade is empty.
    compared : bool
        Whether there is a wave before.
    few : sequence of str
        What is not published: the groups' answers, or a ledger's records, below their least number.
    least : int
        The largest of these numbers, as an example of what is printed instead.
    several : bool
        Whether the groups differ in it.
    amount : str
        What how many there are is called.
    listed : str
        Names of the rater groups asked from a list, who are no sample of all residents.
    """

    ranked: bool
    sources: bool
    placed: bool
    confidence: str
    word: str
    street_word: str
    grades: Sequence[tuple[str, str]]
    false_discovery: str
    compared: bool
    few: Sequence[str]
    least: int
    several: bool
    amount: str
    listed: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What the method note of every paper says.

    Attributes
    ----------
    reading : Reading or None
        How to read the numbers; None where the paper says it elsewhere.
    published, assumptions : sequence of str
        Published facts, and everything that is assumed.
    assumed : str
        Where the assumptions are written out, in a paper that does not list them.
    """

    reading: Reading | None
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
        *assumed.sentences(evaluation.decided),
        *evaluation.scheme.assumptions,
        *(
            f"{form.title}：{said}"
            for form in evaluation.questionnaires.values()
            for said in form.assumptions
        ),
        *evaluation.needs.assumptions,
        *(
            f"《{ledger.title}》：{said}"
            for ledger in evaluation.decided.ledgers.values()
            for said in ledger.assumptions
        ),
        *(library.assumptions if library is not None else ()),
    ]


def reading(
    evaluation: Evaluation, *, sources: bool = False, ranked: bool = True, placed: bool = True
) -> Reading:
    """Return what how-to-read says of this evaluation; the words stand in ``reading.html.j2``."""
    order, scheme = evaluation.order, evaluation.scheme
    return Reading(
        ranked=ranked,
        sources=sources,
        placed=placed,
        confidence=known.confidence(evaluation),
        word=order.subject_word,
        street_word=order.street_word,
        grades=[(g.name, f"{g.cutoff:g}" if g.cutoff > 0 else "") for g in scheme.grades],
        false_discovery=say.percent(scheme.false_discovery_rate),
        compared=placed and known.changes_of(evaluation) is not None,
        few=_few(evaluation),
        least=max(group.minimum_n for group in scheme.groups),
        amount=amount(scheme),
        several=len({(group.minimum_n, group.ledger) for group in scheme.groups}) > 1,
        listed="、".join(group.name for group in scheme.groups if group.sample == "list"),
    )


def _few(evaluation: Evaluation) -> list[str]:
    """Say of every kind of evidence below how many it is not published."""
    found: dict[tuple[str, str], list[int]] = {}
    for _, own, least in minimums(evaluation.decided):
        found.setdefault((own.noun, own.unit), []).append(least)
    told = []
    for (noun, unit), numbers in found.items():
        if len(numbers) == 1:
            told.append(f"{noun}少于 {numbers[0]} {unit}")
        else:
            listed = "、".join(f"{n} {unit}" for n in sorted(numbers))
            told.append(f"{noun}少于最低{unit}数（{listed}，因评价主体而异）")
    return told


def weights(evaluation: Evaluation) -> str:
    """Say how the composite is made up, marking what is assumed."""
    own = of_groups(evaluation.scheme)
    parts = [
        f"{g.name} {own[g.code]}{'（假定）' if g.basis == 'assumption' else ''}"
        for g in evaluation.scheme.groups
    ]
    return f"评价主体{head_of_groups(evaluation.scheme)}：{'，'.join(parts)}。"


def noted(note: Note, order: EvaluationOrder) -> str:
    """Write a note in this evaluation's words."""
    return said(note, Words.of(order))


def notes(found: tuple[Note, ...], order: EvaluationOrder) -> list[str]:
    """Write notes for the reader, in this evaluation's words."""
    return [counted(note, Words.of(order)) for note in found]


def counted(note: Note, words: Words) -> str:
    """Write a note with how often it applies, unless its sentence says so."""
    text = said(note, words)
    if note.count is None or str(note.count) in re.findall(r"\d+", text.replace(",", "")):
        return text
    return f"{text}（{note.count:,} 处）"
