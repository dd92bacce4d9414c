"""What the street does itself: needs that many residents tick and no committee can meet alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Row
from evalkit.pages.telling.tasks import MOST, for_street, of_street, wished
from evalkit.tables import Evaluation

NAMED = 3
"""Committees named beside a task."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """The street's tasks.

    Attributes
    ----------
    rows : sequence of dict
        need, evidence, what, who, by.
    remark : str
        What they rest on, or why there are none.
    """

    title: str
    rows: Sequence[Mapping[str, str]]
    remark: str


def plan(evaluation: Evaluation) -> Tasks:
    """List what most residents need among what the library gives to the street.

    Needs that more residents tick than those listed, and that the library says nothing of, are
    named. Without tasks in the library the needs themselves are listed, and who takes the lead is
    left to the street.
    """
    street, library = evaluation.order.street_word, evaluation.decided.actions
    if not wished(evaluation):
        asked = any(q.of_role("need") for q in evaluation.questionnaires.values())
        why = "可公布的诉求不足" if asked else "问卷没有问居民急难愁盼的事"
        why = why if evaluation.scheme.asked else "没有发问卷，居民急难愁盼的事"
        return Tasks(f"{street}要办的事", [], f"{why}，无从列出。")
    chosen = [row for row, _ in for_street(evaluation)]
    if not chosen:
        return Tasks(f"{street}要办的事", [], "措施库没有写居民所盼的事由谁牵头。")
    rows = [
        {
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
    return Tasks(
        f"{street}要办的 {len(rows)} 件事",
        rows,
        f"按勾选的居民多少排；{whose}。{_left(evaluation, chosen)}",
    )


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
