"""A made-up list of the first wave's tasks, filled in, so that the demo can look back.

Its tasks are drawn from the truth behind the first wave, not from an evaluation of it; who did
what, and when, is invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from evalkit.codes import TaskState
from evalkit.definitions import checklist
from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.checklist import Task
from evalkit.definitions.scheme import Scheme
from evalkit.simulation.truth import Truth

EACH = 2
"""Tasks of every committee: the indicators in which it was farthest below the street."""

SILENT = 2
"""Committees that report nothing."""

INVENTED = "模拟事项，不是由评估得出"
KIND = "整改"

CHANCES: Mapping[str, float] = {
    TaskState.DONE.value: 0.40,
    TaskState.SAID_DONE.value: 0.15,
    TaskState.GOING_ON.value: 0.30,
    TaskState.NOT_BEGUN.value: 0.10,
    TaskState.DROPPED.value: 0.05,
}
"""How often a reported task is in which state."""


def returned_list(
    truth: Truth, scheme: Scheme, library: ActionLibrary, title: str, seed: int
) -> bytes:
    """Return the filled-in list of the first wave's tasks, as a workbook."""
    wave = truth.waves[0]
    tasks = list(_tasks(truth, scheme, library, wave))
    draw = np.random.default_rng(seed)
    silent = set(draw.choice([s.id for s in truth.subjects], SILENT, replace=False).tolist())
    year = int(wave) + 1
    filled = {task.id: _filled(draw, year) for task in tasks if task.subject not in silent}
    return checklist.as_workbook(wave, tasks, title=title, synthetic=True, filled=filled)


def _tasks(truth: Truth, scheme: Scheme, library: ActionLibrary, wave: str) -> list[Task]:
    names = {indicator.code: indicator.name for indicator in scheme.indicators}
    own = np.nanmean(truth.mean[truth.waves.index(wave)], axis=1)
    behind = own - np.nanmean(own, axis=0)
    found = []
    for place, subject in enumerate(truth.subjects):
        lowest = np.argsort(behind[place], kind="stable")[:EACH]
        for number, at in enumerate(lowest, start=1):
            code = truth.indicators[at]
            action = library.of(code)[0]
            found.append(
                Task(
                    f"{wave}-{subject.id}-{number:02d}",
                    subject.id,
                    subject.name,
                    KIND,
                    names[code],
                    INVENTED,
                    action.what,
                    action.who,
                    f"{action.days} 天内",
                    action.shown_by,
                    code,
                )
            )
    return found


def _filled(draw: np.random.Generator, year: int) -> dict[str, str]:
    state = str(draw.choice(list(CHANCES), p=list(CHANCES.values())))
    day = dt.date(year, 2, 1) + dt.timedelta(days=int(draw.integers(0, 240)))
    given = {checklist.STATE: state}
    if state in (TaskState.DONE, TaskState.SAID_DONE):
        given = {
            checklist.STATE: TaskState.DONE.value,
            checklist.DONE: day.isoformat(),
            checklist.CARRIED_OUT: "模拟：已办",
            checklist.EVIDENCE: "模拟：台账",
        }
        if state == TaskState.DONE:
            given |= {checklist.CHECKED: "模拟：属实", checklist.CHECKED_BY: "模拟"}
    elif state == TaskState.GOING_ON:
        given[checklist.UNTIL] = dt.date(year + 1, 3, 31).isoformat()
        given[checklist.WHY] = "模拟：未办完"
    elif state == TaskState.DROPPED:
        given[checklist.WHY] = "模拟：已并入其他事项"
    return given
