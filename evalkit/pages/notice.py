"""The notice of one committee: what residents said, and what is done about it, on one sheet.

For a notice board: nothing of other committees, no rank, no score, and no statistical word but
the margin of error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.codes import TaskState
from evalkit.definitions.checklist import Task
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Paper
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import follow_up, lineage, needs, satisfaction, tasks
from evalkit.pages.telling.facts import Common, Facts, Row
from evalkit.tables import Evaluation

ENDS = 3
"""Questions named at either end, and wishes that are told of at least."""
WISHES = 6
"""Wishes named; of more their number is told."""
PLANNED = 4
"""Things to be done that fit on the sheet."""
LONGEST = {"question": 40, "need": 30, "problem": 45, "what": 84}
"""Characters of a text of the documents, so that there is always one sheet."""

PUBLIC = {
    TaskState.DONE: "已完成并经核查的",
    TaskState.SAID_DONE: "报告已完成、还没有核查的",
    TaskState.GOING_ON: "正在做的",
    TaskState.NOT_BEGUN: "还没有开始的",
    TaskState.DROPPED: "不再需要做的",
    TaskState.UNREPORTED: "没有报告办理情况的",
}
"""What residents read of a state."""


def plan_all(evaluation: Evaluation) -> list[Paper]:
    """Plan the notices of all committees whose residents' satisfaction may be told."""
    if not evaluation.order.notice:
        return []
    common = known.common(evaluation)
    return [
        _plan(known.gather(common, subject), common)
        for subject in common.scores
        if satisfaction.overall(evaluation, subject) is not None
    ]


def _plan(facts: Facts, common: Common) -> Paper:
    evaluation, order = common.evaluation, common.evaluation.order
    row = satisfaction.overall(evaluation, facts.subject.id)
    assert row is not None
    return Paper(
        path=f"notice/{facts.subject.id}.pdf",
        template="notice.html.j2",
        title=f"关于{facts.name}{facts.wave}居民满意度测评结果的公示",
        subject=f"{order.street}{order.title}",
        created=known.wave_date(evaluation),
        context={
            "name": facts.name,
            "wave": facts.wave,
            "street": order.street,
            "evaluation_title": order.title,
            "synthetic": order.synthetic,
            "word": facts.word,
            "street_word": facts.street_word,
            "when": _when(evaluation),
            "n": say.count(row["n"]),
            "satisfied": satisfied(row, facts),
            "meaning": satisfaction.options(evaluation, evaluation.scheme.satisfied_from),
            "good": satisfaction.GOOD,
            **_ends(facts),
            "wishes": _wishes(facts),
            "planned": planned(facts),
            "promised": promised(facts),
            "contact": order.contact or "",
        },
        proof={"name": facts.name, "satisfied": satisfaction.share(row)},
        most=1,
    )


def satisfied(row: Row, facts: Facts) -> dict[str, str]:
    """Say how many are satisfied, with the margin of error, and how that changed."""
    low, high = (satisfaction.share(row, float(row[end])) for end in ("low", "high"))
    moved = ""
    if not say.missing(row["change"]):
        before = satisfaction.share(row, float(row["previous"]))
        whose = "合起来" if lineage.is_union(facts.evaluation, facts.subject.id) else ""
        moved = f"上次{whose}为 {before}，{satisfaction.moved_word(row)}"
    return {"share": satisfaction.share(row), "margin": f"{low} 到 {high}", "moved": moved}


def _when(evaluation: Evaluation) -> str:
    for wave in evaluation.order.waves:
        if wave.id == evaluation.wave and wave.start and wave.end:
            return "至".join(f"{d.year}年{d.month}月{d.day}日" for d in (wave.start, wave.end))
    return evaluation.order.wave_name(evaluation.wave)


def _ends(facts: Facts) -> dict[str, Sequence[str]]:
    best, worst = satisfaction.ends(facts.evaluation, ENDS, facts.subject.id)
    return {"best": [_told(row) for row in best], "worst": [_told(row) for row in worst]}


def _told(row: Row) -> str:
    text = _cut(say.unpunctuated(str(row["name"])), "question")
    return f"{text}（{satisfaction.share(row)}）"


def _wishes(facts: Facts) -> Sequence[str]:
    rows = needs.wishes(facts, ENDS)
    told = [f"{_cut(str(row['name']), 'need')}（{say.percent(row['share'])}）" for row in rows]
    return told if len(told) <= WISHES else [*told[:WISHES], f"等 {len(told)} 项"]


def promised(facts: Facts) -> str:
    """Say what became of what was promised last time; nothing where no list came back."""
    own = [
        row
        for row in follow_up.rows(facts.evaluation, facts.subject.id)
        if row["kind"] != tasks.LOOK
    ]
    if not own:
        return ""
    parts = "，".join(f"{PUBLIC[state]} {n} 件" for state, n in follow_up.counts(own))
    return f"{follow_up.last_wave(facts.evaluation)}要做的 {len(own)} 件事：{parts}。"


def planned(facts: Facts) -> list[dict[str, Any]]:
    """Return what the committee is going to do: what must not wait, what is low, what is wished.

    Where there is more than fits, the last is still the answer to what residents wish.
    """
    own = [task for task in tasks.of_committee(facts) if task.kind != tasks.LOOK]
    if len(own) > PLANNED:
        last = own[-1] if own[-1].kind == tasks.WISH else own[PLANNED - 1]
        own = [*own[: PLANNED - 1], last]
    return [_row(facts, task) for task in own]


def _row(facts: Facts, task: Task) -> dict[str, str]:
    """Tell one of them; the departments that an answer goes through stand in it once."""
    who = task.who
    if tasks.is_answer(task) and who.startswith(f"{facts.word}，会同"):
        who = f"{facts.word}，会同{facts.street_word}牵头部门"
    return {
        "problem": _cut(task.problem, "problem"),
        "what": _cut(_done(facts, task), "what"),
        "who": who,
        "by": tasks.shortly(facts, task),
    }


def _done(facts: Facts, task: Task) -> str:
    """Say what is done; to residents the library of actions is nothing."""
    if task.kind == tasks.WISH or task.who:
        return task.what
    return f"办法由{facts.word}与{facts.street_word}商定"


def _cut(text: str, what: str) -> str:
    most = LONGEST[what]
    return text if len(text) <= most else f"{text[: most - 1]}…"
