"""The manual's sections on who does what by when, and on how people are asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import RaterGroup
from evalkit.definitions.units import Units
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section

ALONE, TOGETHER, BOTH, HASTE = (
    "单独出现就算可疑",
    "与“用时不到一般人的一半”同时出现才算",
    "两项同时出现，又与“用时不到一般人的一半”同现才算",
    "本身不算，与另一迹象同时出现才算",
)
SIGNS: Mapping[str, str] = {
    "duplicate": ALONE,
    "near_duplicate": ALONE,
    "too_fast": ALONE,
    "hurried": HASTE,
    "straight_line": TOGETHER,
    "uniform": TOGETHER,
    "odd": TOGETHER,
    "burst": BOTH,
    "shared_device": BOTH,
}
"""How much each sign of a careless answer counts for, strongest first."""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the timetable, in weeks from the first or the last day of fieldwork."""

    anchor: Literal["start", "end"]
    weeks: int
    what: str
    who: str


def residents(decided: Decided) -> list[RaterGroup]:
    """Return the groups of residents."""
    return [group for group in decided.scheme.groups if group.residents]


def organisations(decided: Decided) -> list[RaterGroup]:
    """Return the other groups."""
    return [group for group in decided.scheme.groups if not group.residents]


def forms(decided: Decided) -> list[Questionnaire]:
    """Return the questionnaires that are used, in the order of the groups that answer them."""
    used = dict.fromkeys(group.questionnaire for group in decided.scheme.groups)
    return [decided.questionnaires[name] for name in used]


def committees(decided: Decided) -> int:
    """Return how many committees take part in the latest wave."""
    wave = decided.order.waves[-1]
    return len(Units.of(decided.roster).present(wave.id))


def named(groups: Sequence[RaterGroup]) -> str:
    """Join the names of groups."""
    return say.joined(group.name for group in groups)


def basis(code: str) -> str:
    """Say whether something is published or assumed."""
    return "假定" if code == "assumption" else "公开资料"


# --- organisation ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(Section):
    """Who does what, and when."""

    template = "manual/organisation.html.j2"
    others: str
    peers: str
    dated: bool
    period: str
    steps: Sequence[Mapping[str, str]]


def organisation(decided: Decided) -> Organisation:
    """Plan roles and timetable."""
    order, wave = decided.order, decided.order.waves[-1]
    street, word = order.street_word, order.subject_word
    return Organisation(
        title="组织与分工、时间表",
        takeaway=(
            f"{street}定方案，测评中心办实施，{word}只做配合：任何{word}都不经手评价自己的问卷。"
        ),
        others=named(organisations(decided)),
        peers=named([g for g in decided.scheme.groups if not g.rates_itself]),
        dated=wave.start is not None or wave.end is not None,
        period=_period(wave.start, wave.end, street),
        steps=[
            {
                "when": _when(step),
                "date": _date(step, wave.start, wave.end),
                "what": step.what,
                "who": step.who,
            }
            for step in _steps(decided)
        ],
    )


def _steps(decided: Decided) -> list[Step]:
    order, centre = decided.order, "测评中心"
    street, word = order.street_word, order.subject_word
    raters = organisations(decided)
    steps = [
        Step("start", -8, "审定评估方案、问卷和名册，发文布置；此后不再改动", street),
        Step("start", -6, f"各{word}交出住户清单和名单底册，测评中心核对", f"{centre}、{word}"),
        Step("start", -4, "抽样，锁定样本和后备样本，编问卷号", centre),
        Step("start", -2, "培训访问员，找十来个人试填，改正看不懂的地方", centre),
        Step(
            "start", -1, f"张贴告知书：何时、谁来、不记名、怎样核实身份（{street}统一文本）", word
        ),
        Step("start", 0, "开始调查", centre),
        Step("start", 1, "第一次导出，运行 evalkit check；此后每周一次，查漏补缺", centre),
        Step("end", 0, "停止收卷", centre),
        Step("end", 1, "纸质问卷录入完毕，最后一次导出", centre),
        Step("end", 2, "改完全部问题，批准对照表；运行 evalkit run，双人核对", centre),
        Step("end", 4, f"{street}报告送审，诊断书发给各{word}", f"{street}、{centre}"),
        Step("end", 6, "异议截止", word),
        Step("end", 11, "复核、答复完毕，公布结果", f"{street}、{centre}"),
        Step("end", 26, "回头看：措施做了没有", street),
    ]
    if raters:
        steps.insert(6, Step("start", 0, f"同时请{named(raters)}在线填写单位问卷", centre))
    return steps


def _when(step: Step) -> str:
    day = "开始" if step.anchor == "start" else "结束"
    if step.weeks == 0:
        return f"调查{day}当天"
    side = "前" if step.weeks < 0 else "后"
    return f"{day}{side} {abs(step.weeks)} 周"


def _date(step: Step, start: dt.date | None, end: dt.date | None) -> str:
    day = start if step.anchor == "start" else end
    if day is None:
        return say.MISSING
    return (day + dt.timedelta(weeks=step.weeks)).isoformat()


def _period(start: dt.date | None, end: dt.date | None, street: str) -> str:
    if start and end:
        days = (end - start).days + 1
        return f"任务书定的调查期是 {start.isoformat()} 至 {end.isoformat()}，共 {days} 天。"
    if start or end:
        known = f"{start.isoformat()} 开始" if start else f"{end.isoformat() if end else ''} 结束"
        return f"任务书只写明调查于 {known}，其余日期请{street}补定。"
    return f"任务书没有写明调查日期，下表只列相对的周数，请{street}补定。"


# --- fieldwork ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fieldwork(Section):
    """How to ask, and what the program looks at afterwards."""

    template = "manual/fieldwork.html.j2"
    opening: str
    introductions: Sequence[Mapping[str, str]]
    residents: bool
    rejected: Sequence[str]
    signs: Sequence[Mapping[str, str]]
    meaning: str


def fieldwork(
    decided: Decided, reasons: Mapping[str, str], flags: Mapping[str, str], meaning: str
) -> Fieldwork:
    """Plan how to ask, and what is looked at afterwards.

    Parameters
    ----------
    reasons, flags : dict of code to words
        Why rows are rejected; what is noticed about how people answered.
    meaning : str
        What being flagged says and does not say.
    """
    order = decided.order
    own = residents(decided)
    return Fieldwork(
        title="实施：怎样问，怎样查",
        takeaway=(
            "没有人能代替别人填写，没有人能知道哪份是谁填的；有疑点的答卷留下来核查，不悄悄删掉。"
        ),
        opening=_opening(decided),
        introductions=[
            {"title": q.title, "text": q.introduction} for q in forms(decided) if q.introduction
        ],
        residents=bool(own),
        rejected=[say.reworded(what, order) for what in reasons.values()],
        signs=[
            {"what": say.reworded(flags[code], order), "counts": counts}
            for code, counts in SIGNS.items()
            if code in flags
        ],
        meaning=say.reworded(meaning, order),
    )


def _opening(decided: Decided) -> str:
    order = decided.order
    return (
        f"您好，我是{order.street}委托的测评中心的访问员，这是我的工作证。"
        f"我们想请您评一评{order.subject_word}这一年的工作。问卷不写姓名和门牌，"
        f"填好后当面装进信封封口，{order.subject_word}的人看不到。"
        "哪一题不清楚、不想答，都可以跳过；您不愿意参加，也没有关系。"
    )
