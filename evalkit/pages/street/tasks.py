"""What the street does itself: needs that many residents tick and no committee can meet alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.definitions.actions import StreetTask
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import needs
from evalkit.pages.telling.facts import Row
from evalkit.tables import ALL_GROUPS, Evaluation

MOST = 3
"""Tasks of the street on its first page."""
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
    """Choose what most residents need among what the library gives to the street.

    Needs that more residents tick than those listed, and that the library says nothing of, are
    named. Without tasks in the library the needs themselves are listed, and who takes the lead is
    left to the street.
    """
    street = evaluation.order.street_word
    wished = _wished(evaluation)
    library = evaluation.decided.actions
    known_tasks = [] if library is None else library.street
    if not wished:
        why = "问卷没有问居民急难愁盼的事，" if not _asked(evaluation) else "可公布的诉求不足，"
        return Tasks(f"{street}要办的事", [], f"{why}无从列出。")
    found = [(row, _task(evaluation, row)) for row in wished]
    chosen = [(row, task) for row, task in found if task is not None or not known_tasks][:MOST]
    rows = [_row(evaluation, row, task) for row, task in chosen]
    title = f"{street}要办的 {len(rows)} 件事" if rows else f"{street}要办的事"
    if not rows:
        return Tasks(title, [], "措施库没有写居民所盼的事由谁牵头。")
    by = "期限从报告印发之日算起，" if known_tasks else ""
    whose = (
        "措施和牵头部门取自措施库，是编者的建议"
        if known_tasks
        else f"由谁牵头、何时办成，由{street}定"
    )
    left = _left_out(wished, [row for row, _ in chosen])
    return Tasks(title, rows, f"按勾选的居民多少排；{by}{whose}。{left}")


def _left_out(wished: Sequence[Row], chosen: Sequence[Row]) -> str:
    """Name the needs that are not listed though more residents tick them than the last listed."""
    listed = [id(row) for row in chosen]
    last = [id(row) for row in wished].index(listed[-1])
    until = last if len(chosen) == MOST else len(wished)
    names = [
        f"{row['name']}（{say.percent(row['share'])}）"
        for row in wished[:until]
        if id(row) not in listed
    ]
    return f"措施库没有写、因而未列的：{say.joined(names, NAMED)}。" if names else ""


def _asked(evaluation: Evaluation) -> bool:
    return any(q.of_role("need") for q in evaluation.questionnaires.values())


def _wished(evaluation: Evaluation) -> list[Row]:
    table = evaluation.needs.table
    own = table[(table["subject"] == ALL_GROUPS) & (table["n"] >= evaluation.needs.minimum_n)]
    return [row for row in needs.by_share(known.records(own)) if needs.is_need(row)]


def _task(evaluation: Evaluation, row: Row) -> StreetTask | None:
    library = evaluation.decided.actions
    return None if library is None else library.for_need(str(row["name"]))


def _row(evaluation: Evaluation, row: Row, task: StreetTask | None) -> dict[str, str]:
    table = evaluation.needs.table
    here = table[
        (table["item"] == row["item"])
        & (table["option"] == row["option"])
        & (table["verdict"] == Comparison.ABOVE)
    ]
    names = [evaluation.roster.subject(str(subject)).name for subject in here["subject"]]
    where = f"，{say.joined(names, NAMED)}显著更高" if names else ""
    return {
        "need": str(row["name"]),
        "evidence": f"{say.percent(row['share'])} 的居民勾选（{say.count(row['n'])} 人）{where}",
        "what": "" if task is None else task.what,
        "who": say.MISSING if task is None else task.who,
        "by": say.MISSING if task is None else f"{task.days} 天内",
    }
