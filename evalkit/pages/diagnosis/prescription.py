"""Section 6: the prescription. What to do first, who, by when, and what the next wave can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.checklist import Task
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import answers, detecting, resources, tasks
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import needs as asked
from evalkit.pages.telling.behind import amount, behind, number
from evalkit.pages.telling.facts import Facts, Row
from evalkit.pages.telling.priorities import (
    FIRST,
    TIE,
    Priorities,
    Priority,
    crowded,
    evidence,
    margin,
    more_answers,
    no_entry,
    priorities,
)
from evalkit.pages.telling.steps import go_on, waiting

TITLE = "处方：先做什么"

KEPT = 5
"""Strengths that are named to be kept."""

SEEN = "下次就看得出"
"""What is said of a rise that the next wave can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription(Section):
    """What to do first, and how much better it must become; or which answers to complete."""

    template = "diagnosis/prescription.html.j2"
    at_once: Sequence[Mapping[str, object]]
    remedies: Sequence[Mapping[str, object]]
    wishes: Sequence[Mapping[str, object]] = ()
    lacking: Sequence[Mapping[str, str]]
    further: Sequence[str]
    reading: str
    behind: str = ""

    @property
    def blocks(self) -> list[Mapping[str, object]]:
        """The tasks in the order of the list; what is merely lowest, no task, behind them."""
        hints = [one for one in self.remedies if one["hint"]]
        tasks = [one for one in self.remedies if not one["hint"]]
        return [*self.at_once, *tasks, *self.wishes, *hints]


def section(facts: Facts) -> Prescription:
    """Plan the prescription."""
    if not facts.scored:
        return _complete_first(facts)
    found = priorities(facts)
    first = found.ordered[:FIRST]
    listed = tasks.asked(facts)
    own = {
        str(priority.row["code"]): (str(number), task)
        for number, (task, priority) in enumerate(listed, start=1)
        if priority is not None
    }
    return Prescription(
        title=TITLE,
        takeaway=takeaway(facts, found),
        at_once=[
            _remedy(facts, priority, found, own[str(priority.row["code"])])
            for priority in found.at_once
        ],
        remedies=[
            _remedy(facts, priority, found, own.get(str(priority.row["code"])))
            for priority in first
        ],
        wishes=[
            _wish(number, task)
            for number, (task, priority) in enumerate(listed, start=1)
            if priority is None
        ],
        lacking=[],
        further=_further(facts, found),
        reading=_reading(facts, found) if first or found.at_once else "",
    )


def takeaway(facts: Facts, found: Priorities) -> str:
    """Say in one sentence what comes first."""
    ordered = found.ordered
    names = "、".join(say.quoted(priority.name) for priority in found.at_once)
    if not ordered:
        if names:
            return f"{names}事关安全或困难群体，立即核查、同步办理；其余没有哪一项需要优先处理。"
        return f"没有哪一项需要优先处理：{go_on(facts)}。"
    first = f"{names}事关安全或困难群体，同步办，不得等；" if names else ""
    return f"{first}{_order(facts, ordered, bool(names))}"


def _order(facts: Facts, found: tuple[Priority, ...], beside: bool) -> str:
    """Say what leads the order; `beside` tells whether something else must not wait."""
    names = "、".join(say.quoted(priority.name) for priority in found[:FIRST])
    more = len(found) > FIRST
    kinds = Counter(priority.kind for priority in found)
    also, none = ("另有", "此外没有") if beside else ("有", "没有")
    if kinds["weakness"]:
        low = f"、{kinds['dimension']} 个整体偏低的维度" if kinds["dimension"] else ""
        which = f"先办其中 {FIRST} 项：" if more else "先办"
        return f"{also} {kinds['weakness']} 项短板{low}，{which}{names}。"
    if kinds["dimension"]:
        return f"{none}单项短板，但{names}整体明显偏低，从其中偏低最多的一项入手。"
    if kinds["tendency"]:
        which = f"其中下列 {FIRST} 项" if more else "是否属实"
        return f"{none}能断定的短板，{len(found)} 项有偏低的苗头：先翻台账、走访居民，核实{which}，属实再办。"
    if wishes := asked.urgent_wishes(facts):
        first = f"先把居民急盼的{'、'.join(say.quoted(str(row['name'])) for row in wishes)}办好"
    elif facts.diagnosis.of_kind("strength"):
        first = "守住长处为先"
    else:
        first = "没有哪一项需要优先处理"
    return f"没有能断定的短板，{first}；如有余力，从得分最低的{names}找改进余地。"


def _depth(found: Priorities, priority: Priority) -> int:
    """Return how many actions to list, so that the section keeps to its length."""
    if crowded(found) or priority in found.at_once:
        return 1
    if len(found.ordered[:FIRST]) > 1:
        return 2 if priority.sure else 1
    return 2 if priority.kind == "lowest" else 3


def _remedy(
    facts: Facts, priority: Priority, found: Priorities, listed: tuple[str, Task] | None
) -> dict[str, object]:
    """Tell a priority with its task; a hint, with nobody in charge and no deadline, without one.

    Tasks have the number that they have on the list. Of many, only what the next wave can show is
    told of their scores.
    """
    number, task = ("有余力", None) if listed is None else listed
    goal = visible(facts, priority.row)
    return {
        "number": number,
        "name": priority.name,
        "sure": priority.sure,
        "hint": task is None,
        "tag": _tag(priority, priority in found.at_once),
        "evidence": evidence(facts, priority),
        "remark": _remark(facts, priority, _depth(found, priority), task),
        "actions": [] if task is None or not task.who else [_charged(task)],
        "visible": "" if crowded(found) and SEEN not in goal else goal,
    }


def _tag(priority: Priority, at_once: bool) -> str:
    """Name what is special about a priority; nothing of what is simply low."""
    said = {"tendency": "苗头，先核实", "lowest": "得分最低", "answers": "差评较多"}
    own = [said[priority.kind]] if priority.kind in said else []
    return "，".join(["同步办", *own] if at_once else own)


def _charged(task: Task) -> dict[str, str]:
    return {"what": task.what, "who": task.who, "days": task.by, "shown_by": task.shown_by}


def _wish(number: int, task: Task) -> dict[str, object]:
    answer = tasks.is_answer(task)
    name, evidence = task.problem, task.evidence
    if answer:  # the evidence names the needs with their shares
        name, _, evidence = task.evidence.partition("：")
    return {
        "number": str(number),
        "name": name,
        "sure": False,
        "hint": False,
        "tag": "" if answer else "居民急盼",
        "evidence": evidence,
        "remark": "",
        "actions": [_charged(task)],
        "visible": "",
    }


def _remark(facts: Facts, priority: Priority, depth: int, task: Task | None) -> str:
    said = []
    if priority.kind == "dimension":
        row = priority.indicator
        said.append(
            f"措施针对其中偏低最多的{say.quoted(str(row['name']))}"
            f"（低 {say.fixed(-float(row['difference']))} ± "
            f"{say.fixed(margin(facts, row))} 分，单项尚不足以断定）。"
        )
    if priority.kind == "tendency" and task is not None and not task.who:
        said.append(f"{task.what}。")
    if not priority.actions and facts.evaluation.decided.actions is not None:
        said.append(no_entry(facts, priority))
    left = [a.what for a in priority.actions if task is None or not task.what.endswith(a.what)]
    more = "；".join(left[: depth if task is None else depth - 1])
    if more:
        said.append(f"如有余力，可看：{more}。" if task is None else f"办完接着可做：{more}。")
    named = resources.projects(facts.evaluation, facts.subject.id, str(priority.indicator["code"]))
    if named:
        said.append(f"可用的实施中项目：{'；'.join(named)}。")
    return "".join(said)


def visible(facts: Facts, row: Row) -> str:
    """Say what reaching the street's mean gains, and whether the next wave shows it.

    No number that the score cannot reach, or not by what is asked: that work is judged otherwise.
    """
    least = detecting.least(facts, row)
    estimate, gap = float(row["estimate"]), -float(row["difference"])
    now = f"本次 {say.fixed(estimate)} 分"
    seen = least is not None and not detecting.out_of_reach(facts, row)
    if gap <= 0:
        return f"{now}，升 {say.fixed(least)} 分以上，{SEEN}。" if seen else ""
    gain = gap * known.weight(facts, str(row["code"]))
    goal = f"{now}，补到平均升 {say.fixed(gap)} 分，总分约加 {say.fixed(gain, 2)} 分"
    if not seen or least is None or gap < least:
        return f"{goal}。"
    return f"{goal}；升 {say.fixed(least)} 分以上，{SEEN}。"


def _reading(facts: Facts, found: Priorities) -> str:
    scheme = facts.evaluation.scheme
    said = "± 后为误差；期限从诊断书下发之日算起。成效以办成的件数和回访认可为准"
    if any(SEEN in visible(facts, p.row) for p in (*found.at_once, *found.ordered[:FIRST])):
        said += (
            f"；写了“{SEEN}”的，下次{amount(scheme)}相当时得分的升幅有 {say.percent(detecting.POWER)} 的把握得到认定"
            f"（全{facts.street_word}的整改清单一起检验、防误报）"
        )
    said += "；得分一两次显不出升幅，不等于没有见效。"
    if len(found.ordered) > 1:
        said += (
            f"先后按补到{facts.street_word}平均时总分可加多少排（差距乘实际权重），"
            f"相差不到 {say.fixed(TIE)} 分的，依次看与总体满意度的关联、先单项后维度、期限。"
        )
    if any(priority.kind == "answers" for priority in found.at_once):
        share, bad = say.percent(scheme.urgent_share), f"{answers.MIDDLE:g}"
        said += f"不得等的指标，有 {share} 以上的居民选差的选项（不到 {bad} 分的）就列入同步办。"
    if facts.evaluation.decided.actions is None:
        return said
    return f"{said}措施是编者的建议，见“数据与方法”。"


def _further(facts: Facts, found: Priorities) -> list[str]:
    """Return what else there is to say: further weaknesses, missing answers, what to keep."""
    said, ordered = [], found.ordered
    if facts.evaluation.decided.actions is None and (ordered or found.at_once):
        said.append(
            "本次评估没有措施库：以上只列出该处理什么，"
            f"具体做什么、谁负责、何时完成，由{facts.word}与{facts.street_word}商定。"
        )
    said += waiting(facts)
    said += [f"{item['what']}：{item['why']}" for item in more_answers(facts)]
    strong = [finding.name for finding in facts.diagnosis.of_kind("strength")]
    if strong:
        counted = f"等 {len(strong)} 项" if len(strong) > KEPT else ""
        said.append(
            f"守住长处：{'、'.join(strong[:KEPT])}{counted}明显高于{facts.street_word}平均，"
            "总结做法，继续保持。"
        )
    return said


# --- incomplete -----------------------------------------------------------------------------


def _complete_first(facts: Facts) -> Prescription:
    gap, scheme = facts.incomplete, facts.evaluation.scheme
    collect, next_time = ("补收后", "务必收齐") if scheme.asked else ("补登后", "务必登记齐全")
    if gap is None:
        first, then = "核查并补收答卷", "核查答卷是否各人自填"
        if not scheme.asked:
            first, then = "核对并补登记录", "核对记录是否照实登记"
        return Prescription(
            title=TITLE,
            takeaway=f"只有一条：{first}。{known.UNSURE}，分不出哪一项做得好、哪一项做得差。",
            at_once=[],
            remedies=[],
            lacking=[],
            further=[f"{then}；调查期未满的，{collect}重新评估。"],
            reading="",
        )
    missing = gap.missing
    return Prescription(
        title=TITLE,
        takeaway="只有一条：补齐缺少的评价。补齐之前不计总分，也不开其他处方。",
        at_once=[],
        remedies=[],
        lacking=[_lack(facts, code) for code in missing],
        behind="现有答卷" if not scheme.ledgers else "现有",
        further=[f"调查期未满的，{collect}重新评估；已经结束的，下一次评估{next_time}。"],
        reading="",
    )


def _lack(facts: Facts, code: str) -> dict[str, str]:
    group = facts.evaluation.scheme.group(code)
    counted = known.answers_by_group(facts).get(code, 0)
    decided = facts.evaluation.decided
    if group.ledger is not None:
        title = decided.ledgers[group.ledger].title
        how = f"核对《{title}》有没有漏登本{facts.word}的记录；确实一条也没有的，由{facts.street_word}决定怎样计"
    elif group.residents:
        how = "按同样的抽样办法补发、补收问卷"
    else:
        how = f"请与本{facts.word}有往来的{group.name}填答问卷"
    return {
        "what": f"{group.name}的评分",
        "n": number(group, decided, counted),
        "least": f"{group.minimum_n} {behind(group, decided).unit}",
        "how": how,
    }
