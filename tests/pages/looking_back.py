"""Made-up streets whose list of last wave's tasks came back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import cycle

from evalkit.codes import TaskState
from evalkit.definitions.checklist import Report, Returned, Task
from evalkit.findings.following_up import follow_up
from evalkit.tables import ALL_GROUPS, Evaluation

STATES = (
    TaskState.DONE, TaskState.SAID_DONE, TaskState.GOING_ON, TaskState.NOT_BEGUN, TaskState.DROPPED,
)  # fmt: skip


def returned(evaluation: Evaluation, *, silent: int = 1, of_each: int = 2) -> Returned:
    """One list: so many indicators of each committee of the last wave, the first ones silent."""
    before = evaluation.previous
    assert before is not None
    wave, states = before.scores.wave, cycle(STATES)
    indicators = evaluation.scheme.indicators
    reports = []
    for place, subject in enumerate(before.scores.subjects):
        for number in range(1, of_each + 1):
            about = indicators[(place + 7 * number) % len(indicators)]
            task = Task(
                f"{wave}-{subject}-{number:02d}", subject, evaluation.roster.subject(subject).name,
                "整改", about.name, "", "集中办理", "书记", "60 天内", "下次得分", about.code,
            )  # fmt: skip
            state = TaskState.UNREPORTED if place < silent else next(states)
            done = state in (TaskState.DONE, TaskState.SAID_DONE)
            reports.append(
                Report(
                    task,
                    state,
                    done=dt.date(int(wave) + 1, 3, number) if done else None,
                    evidence=done,
                    checked=state is TaskState.DONE,
                    until=dt.date(int(wave) + 2, 3, 31) if state is TaskState.GOING_ON else None,
                    reason=state is TaskState.DROPPED,
                )
            )
    wish = Task(
        f"{wave}-{ALL_GROUPS}-01", ALL_GROUPS, evaluation.order.street, "街道统筹", "停车难", "",
        "清点车位", "城管办", "90 天内", "勾选的人数",
    )  # fmt: skip
    return Returned(wave, (f"follow-up/{wave}.xlsx",), (Report(wish), *reports))


def looked_back(evaluation: Evaluation, *, silent: int = 1, of_each: int = 2) -> Evaluation:
    """The same evaluation with the list of its last wave."""
    table = follow_up(
        returned(evaluation, silent=silent, of_each=of_each),
        evaluation.current,
        evaluation.previous,
        evaluation.scheme,
    )
    return replace(evaluation, follow_up=table)
