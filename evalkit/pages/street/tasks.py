"""What is to be done, on the first page: what must not wait, then what the street does itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.definitions.checklist import Task
from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Row
from evalkit.pages.telling.tasks import AT_ONCE, MOST, everything, for_street, of_street, wished
from evalkit.tables import Evaluation

NAMED = 3
"""Committees named beside a task."""
FEWEST, LETTERS = 3, 18
"""Committees named on the first page beside what must not wait: so many letters of names, no fewer than three.

All of them stand among what is to be solved.
"""


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks of the first page.

    Attributes
    ----------
    rows : sequence of dict
        kind, need, evidence, what, who, by; `kind` is what must not wait, or empty.
    remark : str
        What they rest on, or why there are none.
    left : str
        What more residents tick and the library says nothing of; part of the remark, too.
    """

    title: str
    rows: Sequence[Mapping[str, str]]
    remark: str
    left: str = ""


def first_page(evaluation: Evaluation) -> Tasks:
    """List what must not wait, each with where, who and by when; then the street's own tasks."""
    urgent, own = _urgent(evaluation), plan(evaluation)
    if not urgent:
        return own
    rows = [*urgent, *own.rows]
    first = (
        f"标“{AT_ONCE}”的不参加排序、不得等，由所列{evaluation.order.subject_word}的责任人立即办。"
    )
    beside = (
        f"其余的{own.remark}" if own.rows else f"{evaluation.order.street_word}统筹的：{own.remark}"
    )
    return Tasks(f"要办的 {len(rows)} 件事", rows, first + beside)


def _urgent(evaluation: Evaluation) -> list[dict[str, str]]:
    """Return what must not wait, a row a matter: where it is, and what the list says of it."""
    return [
        {
            "kind": AT_ONCE,
            "need": problem,
            "evidence": _first([task.name for task in own]),
            "what": "；".join(dict.fromkeys(task.what for task in own)),
            "who": "、".join(dict.fromkeys(task.who for task in own if task.who)) or say.MISSING,
            "by": "；".join(dict.fromkeys(task.by for task in own if task.by)) or say.MISSING,
        }
        for problem, own in at_once(evaluation).items()
    ]


def _first(names: Sequence[str]) -> str:
    """Name the first ones, as many as there is room for, and say where all are named."""
    shown = len(names)
    while shown > FEWEST and sum(map(len, names[:shown])) > LETTERS:
        shown -= 1
    return say.joined(names, shown) + ("（见“要解决什么”）" if shown < len(names) else "")


def at_once(evaluation: Evaluation) -> dict[str, list[Task]]:
    """Return what must not wait, by problem: the committees' own tasks of that kind."""
    found: dict[str, list[Task]] = {}
    for task in everything(evaluation):
        if task.kind == AT_ONCE:
            found.setdefault(task.problem, []).append(task)
    return found


def plan(evaluation: Evaluation) -> Tasks:
    """List what most residents need among what the library gives to the street.

    Needs that more residents tick than those listed, and that the library says nothing of, are
    named. Without tasks in the library the needs themselves are listed, and who takes the lead is
    left to the street.
    """
    street, library = evaluation.order.street_word, evaluation.decided.actions
    untitled = "要办的事"
    if not wished(evaluation):
        asked = any(q.of_role("need") for q in evaluation.questionnaires.values())
        why = "可公布的诉求不足" if asked else "问卷没有问居民急难愁盼的事"
        why = why if evaluation.scheme.asked else "没有发问卷，居民急难愁盼的事"
        return Tasks(untitled, [], f"{why}，无从列出。")
    chosen = [row for row, _ in for_street(evaluation)]
    if not chosen:
        return Tasks(untitled, [], "措施库没有写居民所盼的事由谁牵头。")
    rows = [
        {
            "kind": "",
            "need": task.problem,
            "evidence": task.evidence + _where(evaluation, row),
            "what": task.what,
            "who": task.who or say.MISSING,
            "by": task.by or say.MISSING,
        }
        for row, task in zip(chosen, of_street(evaluation), strict=True)
    ]
    whose = (
        "期限从报告印发之日算起，措施和牵头部门取自措施库，是编者的建议"
        if library is not None and library.street
        else f"由谁牵头、何时办成，由{street}定"
    )
    left = _left(evaluation, chosen)
    return Tasks(f"要办的 {len(rows)} 件事", rows, f"按勾选的居民多少排；{whose}。{left}", left)


def _left(evaluation: Evaluation, chosen: Sequence[Row]) -> str:
    """Name the needs that are not listed though more residents tick them than the last listed."""
    listed = {(row["item"], row["option"]) for row in chosen}
    names: list[str] = []
    for row in wished(evaluation):
        if (row["item"], row["option"]) in listed:
            listed.remove((row["item"], row["option"]))
        elif listed or len(chosen) < MOST:
            names.append(f"{row['name']}（{say.percent(row['share'])}）")
    return f"措施库没有写、因而未列的：{say.joined(names, NAMED)}。" if names else ""


def _where(evaluation: Evaluation, row: Row) -> str:
    """Name the committees where surely more residents tick it."""
    table = evaluation.needs.table
    here = table[
        (table["item"] == row["item"])
        & (table["option"] == row["option"])
        & (table["verdict"] == Comparison.ABOVE)
    ]
    names = [evaluation.roster.subject(str(subject)).name for subject in here["subject"]]
    return f"，{say.joined(names, NAMED)}明显更高" if names else ""
