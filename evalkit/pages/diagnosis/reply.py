"""The last sheet: what is to be done, to be torn off, filled in, signed and returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.definitions.checklist import TITLE, Task
from evalkit.pages.press.section import Section
from evalkit.pages.telling import tasks
from evalkit.pages.telling.facts import Facts

LINES, MOST = 5, 8
"""Lines of the list at least, the committee fills in its own in those that are left; and at most."""
LONGEST, LONGER = 90, 72
"""Characters of what is to be done, of few tasks and of more lines than `LINES`; the prescription has all."""


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
    shown = [*own[: MOST - 1], _rest(own[MOST - 1 :])] if len(own) > MOST else own
    most = LONGEST if len(shown) <= LINES else LONGER
    fitting = [_fitting(facts, task, most) for task in shown]
    cut = "措施写到“…”为止的，全文见“处方”。" if any(t.what.endswith("…") for t in fitting) else ""
    return Reply(
        title="整改清单及反馈回执",
        takeaway=f"共 {len(own)} 件。填好办理情况，签字盖章后交回{street}。{cut}",
        tasks=fitting,
        receipt=(
            f"我{word}已收到《{facts.wave}诊断书》，于＿＿月＿＿日经＿＿＿＿＿＿会议研究，"
            f"所列 {len(own)} 件："
        ),
        own=range(len(own) + 1, LINES + 1),
        lines=max(len(shown), LINES),
        dated="＿＿＿＿年＿＿月＿＿日",
    )


def _rest(tasks: Sequence[Task]) -> Task:
    """Return the last line of a slip with more tasks than lines: what they are, where they stand."""
    names = "、".join(task.problem for task in tasks)
    where = f"措施见“处方”，办理情况填在 actions.xlsx（{TITLE}）"
    room = LONGER - len(where) - 1
    names = names if len(names) <= room else f"{names[: room - 1]}…"
    return Task("", "", "", "", f"其余 {len(tasks)} 件", "", f"{names}。{where}", "", "", "")


def _fitting(facts: Facts, task: Task, most: int) -> Task:
    """Return a task with as much of its text as its line has room for."""
    text = tasks.brief(facts) if tasks.is_answer(task) else task.what
    task = task._replace(what=text)
    return task if len(text) <= most else task._replace(what=f"{text[: most - 1]}…")
