"""The first things to do, as page 1 of a diagnosis tells them: tasks of the list, then what is none."""

from __future__ import annotations

from evalkit.definitions.checklist import Task
from evalkit.pages.press import wording as say
from evalkit.pages.telling import tasks
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.precision import precision
from evalkit.pages.telling.priorities import (
    FIRST,
    Priority,
    evidence,
    more_answers,
    priorities,
    strengths,
)
from evalkit.tables import Finding

STEPS = 3
"""On the first page."""

KEPT = 2
"""Strengths to keep that stand before what is merely lowest."""


def go_on(facts: Facts) -> str:
    """Say what is left to do where nothing comes first; records are not sampled."""
    how = "按同样的抽样办法" if facts.evaluation.scheme.asked else "照常登记、"
    return f"保持现有做法，{how}参加下一次评估"


def first_steps(facts: Facts) -> list[dict[str, str]]:
    """Return the first tasks of the committee's list, in its order, with what they rest on.

    Where the list is shorter: which answers lack, what is to be kept, where there is room left.
    None of these is a task, so none has somebody in charge or a deadline.
    """
    told = [_step(facts, task, priority) for task, priority in tasks.asked(facts)]
    kept = [_keep(facts, finding) for finding in strengths(facts)]
    told += [*more_answers(facts), *kept[:KEPT], *_hints(facts), *kept[KEPT:]]
    if not told:
        return [
            {
                "what": go_on(facts),
                "why": "本次没有哪一项需要优先处理。",
            }
        ]
    return told[:STEPS]


def waiting(facts: Facts) -> list[str]:
    """Say what is low and waits until the list is done, in the one order."""
    left = priorities(facts).ordered[FIRST:]
    said = []
    rest = [f"{p.name}（维度）" if p.kind == "dimension" else p.name for p in left if p.sure]
    if rest:
        said.append(f"其余 {len(rest)} 项按同一次序接着办：{'、'.join(rest)}。")
    leaning = [p.name for p in left if not p.sure]
    if leaning:
        said.append(f"还有偏低苗头、清单办完再核实的：{'、'.join(leaning)}。")
    return said


def further(facts: Facts) -> list[str]:
    """Say what else is on the list, where page 1 does not tell all of it, and what waits."""
    names = [
        "答复居民最盼的事" if tasks.is_answer(task) else say.quoted(task.problem)
        for task, _ in tasks.asked(facts)
    ]
    told = (
        [f"清单共 {len(names)} 件，另有{'、'.join(names[STEPS:])}。"] if len(names) > STEPS else []
    )
    return told + waiting(facts)


def _step(facts: Facts, task: Task, priority: Priority | None) -> dict[str, str]:
    name = say.quoted(task.problem)
    if priority is None:
        if tasks.is_answer(task):
            wished = "、".join(map(say.quoted, task.problem.split(tasks.BETWEEN)))
            why = f"{tasks.brief(facts)}（哪个部门、何时，见“处方”）。{_charge(task)}"
            return {"what": f"答复居民最盼的{wished}", "why": why}
        return {
            "what": f"居民急盼的{name}：{task.what}",
            "why": f"{task.evidence}。{_charge(task)}",
        }
    start = "同步办，不得等：" if task.kind == tasks.AT_ONCE else ""
    start += f"{name}{task.evidence}"
    if priority.kind == "dimension" and task.who:
        start += f"，从其中偏低最多的{say.quoted(str(priority.indicator['name']))}做起"
    if task.who or task.kind == tasks.LOOK:
        return {"what": task.what, "why": f"{start}。{_charge(task)}"}
    begin = "立即核查" if task.kind == tasks.AT_ONCE else "优先改进"
    return {"what": f"{begin}{name}", "why": f"{start}。{task.what}"}


def _charge(task: Task) -> str:
    """Say who is in charge of a task and by when, in the words of the list."""
    if task.who == task.by:
        return f"谁负责、何时办完{task.who}。" if task.who else ""
    return f"{task.who}负责，{task.by}。"


def _hints(facts: Facts) -> list[dict[str, str]]:
    """Return what is merely the lowest: no task."""
    return [
        {
            "what": f"如有余力，从得分最低的{say.quoted(priority.name)}找改进余地",
            "why": f"{evidence(facts, priority)}。",
        }
        for priority in priorities(facts).ordered
        if priority.kind == "lowest"
    ]


def _keep(facts: Facts, finding: Finding) -> dict[str, str]:
    return {
        "what": f"总结并保持{say.quoted(finding.name)}的做法",
        "why": f"明显高于{facts.street_word}平均 {_ahead(facts, finding)}。",
    }


def _ahead(facts: Facts, finding: Finding) -> str:
    reach = precision(facts, finding.code).margin(facts.evaluation.scheme.confidence)
    return f"{say.fixed(finding.difference)} ± {say.fixed(reach)} 分"
