"""What became of last wave's tasks, in words: counts, states, and changes that prove nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from evalkit.codes import Comparison, OwnChange, TaskState
from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Row, records
from evalkit.tables import Evaluation

ORDER = (
    TaskState.DONE,
    TaskState.SAID_DONE,
    TaskState.GOING_ON,
    TaskState.NOT_BEGUN,
    TaskState.DROPPED,
    TaskState.UNREPORTED,
)
"""In which states are told."""

SETTLED = (TaskState.DONE, TaskState.SAID_DONE, TaskState.DROPPED)
"""States after which nothing more is meant to be done."""

NOT_ALONE = (
    "得分变化不全由办理而来：列入清单的多是当时偏低的项目，偏低里有一部分是偶然，下次本来就容易回升，"
    "须与办理实绩一并看"
)
"""What stands beside every change of what was on a list."""

VERDICTS = {
    OwnChange.RISEN: "上升",
    OwnChange.FALLEN: "下降",
    OwnChange.SAME: "升降尚看不出",
    OwnChange.UNTESTED: "不能比较",
}


def rows(evaluation: Evaluation, subject: str | None = None) -> list[Row]:
    """Return the tasks of last wave's list, all of them or one subject's, in its order."""
    table = evaluation.follow_up
    return records(table if subject is None else table[table["subject"] == subject])


def last_wave(evaluation: Evaluation) -> str:
    """Return the name of the wave whose list came back."""
    return evaluation.order.wave_name(str(evaluation.follow_up["from_wave"].iloc[0]))


def counts(own: Iterable[Row]) -> list[tuple[TaskState, int]]:
    """Count tasks by state, those that there are."""
    found = Counter(TaskState(row["state"]) for row in own)
    return [(state, found[state]) for state in ORDER if found[state]]


def counted(own: Sequence[Row]) -> str:
    """Say how many tasks there are in which state."""
    parts = "，".join(f"{state.value} {n} 件" for state, n in counts(own))
    return f"{len(own)} 件中，{parts}" if len(own) > 1 else parts


def detail(row: Row) -> str:
    """Say what stands behind a state: day, evidence and check, each only as given or not."""
    state = TaskState(row["state"])
    if state in (TaskState.DONE, TaskState.SAID_DONE):
        return "，".join(
            (
                "完成日期未填" if say.missing(row["done"]) else f"{_day(row['done'])}完成",
                "有佐证" if row["evidence"] else "无佐证",
                "已核查" if row["checked"] else "未核查",
            )
        )
    if state is TaskState.GOING_ON:
        late = say.missing(row["until"])
        return "新时限未填" if late else f"新时限{_day(row['until'])}"
    return ""


def change(row: Row) -> str:
    """Say how what a task is about changed: both scores, the change with its margin."""
    if say.missing(row["change"]):
        return say.MISSING
    ends = f"{say.fixed(row['previous'])} → {say.fixed(row['estimate'])}"
    if say.missing(row["change_high"]):
        return ends
    wide = (float(row["change_high"]) - float(row["change_low"])) / 2
    return f"{ends}（{say.signed(row['change'])} ± {say.fixed(wide)}）"


def verdict(row: Row) -> str:
    """Say what is sure of that change; what residents wish has no score to compare."""
    if not row["code"]:
        return "诉求，不计分"
    return VERDICTS[OwnChange(row["verdict"])]


def silent(evaluation: Evaluation) -> list[str]:
    """Return who reported nothing at all."""
    states: dict[str, set[str]] = {}
    for row in rows(evaluation):
        states.setdefault(str(row["name"]), set()).add(str(row["state"]))
    return [name for name, own in states.items() if own == {TaskState.UNREPORTED.value}]


def still_low(evaluation: Evaluation, subject: str | None = None) -> list[Row]:
    """Return tasks reported as done, or as no longer called for, about what is surely low now.

    Low in this wave: the committee's own indicator or dimension, below the others' mean by the
    same adjusted test as its weaknesses.
    """
    return [
        row
        for row in rows(evaluation, subject)
        if TaskState(row["state"]) in SETTLED
        and row["subject"] in evaluation.diagnoses
        and _is_low(evaluation, str(row["subject"]), str(row["code"]))
    ]


def _is_low(evaluation: Evaluation, subject: str, code: str) -> bool:
    profile = evaluation.diagnosis(subject).profile
    return bool(((profile["code"] == code) & (profile["verdict"] == Comparison.BELOW)).any())


def settled(own: Sequence[Row], *, named: bool) -> str:
    """Say which tasks that were reported as settled are about what is low; nothing without one.

    With the committees' names where the paper is the street's.
    """
    if not own:
        return ""
    found: dict[str, list[str]] = {}
    for row in own:
        what = f"{row['problem']}，{row['state']}"
        found.setdefault(str(row["name"]), []).append(what)
    where = "；".join(
        f"{name}（{'；'.join(each)}）" if named else "；".join(each) for name, each in found.items()
    )
    return f"{_settled(own)}：{where}。先核查，再办。"


def settled_where(own: Sequence[Row]) -> str:
    """Say how many such tasks there are, and of whom; nothing without one."""
    if not own:
        return ""
    counts = Counter(str(row["name"]) for row in own)
    who = [f"{name}（{n} 件）" if n > 1 else name for name, n in counts.items()]
    return f"{_settled(own)}，先核查，再办：{say.joined(who)}。"


def _settled(own: Sequence[Row]) -> str:
    states = [state.value for state in SETTLED if any(row["state"] == state for row in own)]
    return f"上次清单上写{'、'.join(states)}而本次仍明显偏低的 {len(own)} 件"


def _day(iso: object) -> str:
    year, month, day = map(int, str(iso).split("-"))
    return f"{year}年{month}月{day}日"
