"""What is to be done, item by item: one list behind the slip, the workbook and the first page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from evalkit.definitions.actions import Action, StreetTask
from evalkit.definitions.checklist import Task
from evalkit.pages.press import wording as say
from evalkit.pages.telling import deadlines, detecting, needs
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts, Row
from evalkit.pages.telling.priorities import FIRST, Priority, evidence, no_entry, priorities, within
from evalkit.tables import ALL_GROUPS, Evaluation

AT_ONCE, MEND, LOOK, WISH, STREET = "同步办", "整改", "核实", "诉求", "统筹"
"""Kinds of tasks: what must not wait, what is certainly low, what leans low, what residents need."""

COUNTED = "办成的件数；回访的人数、认可的人数"
"""What shows that something was done whose score cannot show it."""

MOST_WISHED = "居民最盼："
BETWEEN = "；"
"""What stands between wishes that one task answers."""

MOST = 3
"""Tasks of the street that are listed."""

AT_ONE_POST, SOON = 2, 90
"""Things that one post is given to do within so many days; the next is another post's."""


def of_committee(facts: Facts) -> list[Task]:
    """Return what one committee is asked to do: the one list of page 1, prescription and slip.

    What residents wish most is answered in any case. Nothing where it is incomplete; to keep up
    good work is no task, nor is what is merely the committee's own lowest score.
    """
    return [task for task, _ in asked(facts)]


def asked(facts: Facts) -> list[tuple[Task, Priority | None]]:
    """Return the tasks of one committee, each with the priority behind it; None behind a wish."""
    if not facts.scored:
        return []
    found = priorities(facts)
    first = [p for p in found.ordered[:FIRST] if p.kind != "lowest"]
    parts = [
        *((AT_ONCE, priority) for priority in found.at_once),
        *((MEND if priority.sure else LOOK, priority) for priority in first),
    ]
    busy: Counter[str] = Counter()
    told: list[tuple[Task, Priority | None]] = [
        (_task(facts, number, kind, one, _chosen(one, kind, busy)), one)
        for number, (kind, one) in enumerate(parts, start=1)
    ]
    urgent = enumerate(needs.urgent_wishes(facts), start=len(told) + 1)
    told += [(_wish(facts, number, row), None) for number, row in urgent]
    others = _answered(facts)
    return [*told, *([(_answer(facts, len(told) + 1, others), None)] if others else [])]


def of_street(evaluation: Evaluation) -> list[Task]:
    """Return what the street does itself about the needs that most residents tick."""
    name = evaluation.order.street
    return [
        Task(
            f"{evaluation.wave}-{ALL_GROUPS}-{number:02d}",
            ALL_GROUPS,
            name,
            f"{evaluation.order.street_word}{STREET}",
            str(row["name"]),
            ticked(row),
            "" if task is None else task.what,
            "" if task is None else task.who,
            "" if task is None else deadlines.within(evaluation.order, task.days),
            "" if task is None else task.shown_by,
        )
        for number, (row, task) in enumerate(for_street(evaluation), start=1)
    ]


def for_street(evaluation: Evaluation) -> list[tuple[Row, StreetTask | None]]:
    """Choose the street's needs, most ticked first, each with what the library has for it.

    Where the library has tasks for the street, needs without one are left out.
    """
    library = evaluation.decided.actions
    chosen = [
        (row, None if library is None else library.for_need(str(row["name"])))
        for row in wished(evaluation)
    ]
    if library is not None and library.street:
        chosen = [(row, task) for row, task in chosen if task is not None]
    return chosen[:MOST]


def wished(evaluation: Evaluation) -> list[Row]:
    """Return the rows of the street's needs, most ticked first; of the first question of needs."""
    table = evaluation.needs.table
    own = table[(table["subject"] == ALL_GROUPS) & (table["n"] >= evaluation.needs.minimum_n)]
    if not len(own):
        return []
    first = own[own["item"] == own["item"].iloc[0]]
    return [row for row in needs.by_share(known.records(first)) if needs.is_need(row)]


def ticked(row: Row) -> str:
    """Say how many tick a need."""
    return f"{say.percent(row['share'])} 的居民勾选（{say.count(row['n'])} 人）"


def everything(evaluation: Evaluation) -> Iterator[Task]:
    """Yield the street's tasks, then those of the committees in roster order."""
    yield from of_street(evaluation)
    common = known.common(evaluation)
    for subject in common.scores:
        yield from of_committee(known.gather(common, subject))


def _chosen(priority: Priority, kind: str, busy: Counter[str]) -> Action | None:
    """Return the first action whose post has room for it; what must not wait has its first."""
    actions = priority.actions
    free = (a for a in actions if kind == AT_ONCE or a.days > SOON or busy[_post(a)] < AT_ONE_POST)
    action = next(free, actions[0] if actions else None)
    if action is not None and action.days <= SOON:
        busy[_post(action)] += 1
    return action


def _post(action: Action) -> str:
    """Return the post that leads: 居委会主任 of 居委会主任会同物业经理."""
    return action.who.partition("会同")[0]


def _task(facts: Facts, number: int, kind: str, priority: Priority, action: Action | None) -> Task:
    what = no_entry(facts, priority) if action is None else action.what
    if kind == LOOK:
        what = "翻台账、走访居民，核实是否属实" + (f"；属实则{what}" if action is not None else "")
    by, order = "", facts.evaluation.order
    if action is not None:
        by = within(facts, action) if kind == AT_ONCE else deadlines.within(order, action.days)
    return Task(
        _id(facts, number),
        facts.subject.id,
        facts.name,
        kind,
        priority.name,
        evidence(facts, priority),
        what,
        "" if action is None else action.who,
        by,
        "" if action is None else _shown_by(facts, priority, action),
        str(priority.row["code"]),
    )


def _shown_by(facts: Facts, priority: Priority, action: Action) -> str:
    """Say what shows that it helped: no score that could not show it."""
    return COUNTED if detecting.out_of_reach(facts, priority.row) else action.shown_by


def _wish(facts: Facts, number: int, row: Row) -> Task:
    street = facts.street_word
    return Task(
        _id(facts, number),
        facts.subject.id,
        facts.name,
        WISH,
        str(row["name"]),
        f"{say.percent(row['share'])} 的居民勾选，明显高于全{street}的 {say.percent(row['street'])}",
        f"逐户登记、逐项答复；{facts.word}办不了的，报{_lead(facts, row)}",
        *_charged(facts, row),
    )


def _answer(facts: Facts, number: int, rows: Sequence[Row]) -> Task:
    return Task(
        _id(facts, number),
        facts.subject.id,
        facts.name,
        WISH,
        BETWEEN.join(str(row["name"]) for row in rows),
        f"{MOST_WISHED}{needs.wished(rows)}",
        f"{brief(facts)}{_leads(facts, rows)}",
        *_answering(facts, rows),
    )


def brief(facts: Facts) -> str:
    """Say how wishes are answered, without which department leads for which."""
    lead = f"{facts.word}办不了的报{facts.street_word}牵头部门"
    return f"逐项答复居民：能办的定下办法和时间，{lead}"


def _leads(facts: Facts, rows: Sequence[Row]) -> str:
    """Say which department leads for which wish and by when, in brackets, as far as is known."""
    order, told = facts.evaluation.order, dict[str, list[str]]()
    for name, own in _street_tasks(facts, rows).items():
        told.setdefault(f"{own.who} {deadlines.within(order, own.days)}", []).append(name)
    parts = [f"{'、'.join(names)}，{who}" for who, names in told.items()]
    return f"（{'；'.join(parts)}）" if parts else ""


def _answering(facts: Facts, rows: Sequence[Row]) -> tuple[str, str, str]:
    """Return who answers what residents wish most, by when and shown by what: one, one day."""
    found = _street_tasks(facts, rows)
    shown = "逐项答复的记录，居民认可的人数"
    if not found:
        return f"由{facts.word}定", f"由{facts.word}定", shown
    soonest = min(task.days for task in found.values())
    within_days = deadlines.within(facts.evaluation.order, soonest)
    return f"{facts.word}，会同牵头部门", within_days, shown


def is_answer(task: Task) -> bool:
    """Tell whether a task answers what residents wish most, and not one urgent need."""
    return task.kind == WISH and task.evidence.startswith(MOST_WISHED)


def _answered(facts: Facts) -> list[Row]:
    """Return the needs that one answer speaks of: what residents wish most, less what is urgent."""
    urgent = needs.urgent_wishes(facts)
    return [row for row in needs.wishes(facts) if row not in urgent]


def _charged(facts: Facts, row: Row) -> tuple[str, str, str]:
    """Return who answers one wish, by when and shown by what.

    With the department and the days of the street's own task about it; what the library says
    nothing of the committee decides.
    """
    found, decides = _street_tasks(facts, [row]).get(str(row["name"])), f"由{facts.word}定"
    shown = "逐项答复的记录，居民认可的人数"
    if found is None:
        return decides, decides, shown
    by = deadlines.within(facts.evaluation.order, found.days)
    return f"{facts.word}，会同{found.who}", by, shown


def _street_tasks(facts: Facts, rows: Sequence[Row]) -> dict[str, StreetTask]:
    """Return what the street does about these wishes, by name, as far as the library knows."""
    library = facts.evaluation.decided.actions
    found = {str(row["name"]): library and library.for_need(str(row["name"])) for row in rows}
    return {name: task for name, task in found.items() if task}


def _lead(facts: Facts, row: Row) -> str:
    """Name the department that takes the lead for a wish, as far as the library knows it."""
    own = _street_tasks(facts, [row]).values()
    street = f"{facts.street_word}牵头部门"
    return "".join([street, *(f"（{task.who}）" for task in own)])


def _id(facts: Facts, number: int) -> str:
    return f"{facts.evaluation.wave}-{facts.subject.id}-{number:02d}"
