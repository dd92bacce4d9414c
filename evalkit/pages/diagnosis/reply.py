"""The last sheet: what is to be done, to be torn off, filled in, signed and returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.definitions.checklist import Task
from evalkit.pages.press.section import Section
from evalkit.pages.telling import tasks
from evalkit.pages.telling.facts import Facts

LINES = 5
"""Lines of the list at least; the committee fills in its own in those that are left."""
LOWEST = 10
"""With so many lines or more they are as low as they get."""
LONGEST, SHORTEST = 90, 24
"""Characters of what is to be done, of a few tasks and of very many; the prescription has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Section):
    """The list of tasks with blanks, and the receipt."""

    template = "diagnosis/reply.html.j2"
    tasks: Sequence[Task]
    own: Sequence[int]
    lines: int
    receipt: str
    dated: str


def section(facts: Facts) -> Reply | None:
    """Plan the slip; None where there is nothing to be done."""
    own = tasks.of_committee(facts)
    if not own:
        return None
    word, street = facts.word, facts.street_word
    fitting = [_fitting(task, len(own)) for task in own]
    cut = "措施写到“…”为止的，全文见“处方”。" if fitting != own else ""
    return Reply(
        title="整改清单及反馈回执",
        takeaway=f"共 {len(own)} 件。填好办理情况，签字盖章后交回{street}。{cut}",
        tasks=fitting,
        receipt=(
            f"我{word}已收到《{facts.wave}诊断书》，于＿＿月＿＿日经＿＿＿＿＿＿会议研究，"
            f"所列 {len(own)} 件："
        ),
        own=range(len(own) + 1, LINES + 1),
        lines=min(max(len(own), LINES), LOWEST),
        dated="＿＿＿＿年＿＿月＿＿日",
    )


def _fitting(task: Task, count: int) -> Task:
    """Return a task of so many with as much of its text as one sheet has room for."""
    most = max(SHORTEST, min(LONGEST, 1000 // count - 30))
    text = task.what
    return task if len(text) <= most else task._replace(what=f"{text[: most - 1]}…")
