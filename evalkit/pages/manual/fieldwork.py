"""The manual's sections on who does what by when, and on how people are asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evalkit.codes import Flag
from evalkit.definitions.calendar import unknown_years, working_days
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.units import Units
from evalkit.errors import Problem
from evalkit.methods.working_time import WorkingDays
from evalkit.pages.press import meanings
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words, written

ALONE, TOGETHER, BOTH, HASTE = (
    "单独出现就算可疑",
    "与“用时不到一般人的一半”同时出现才算",
    "两项同时出现，又与“用时不到一般人的一半”同现才算",
    "本身不算，与另一迹象同时出现才算",
)
SIGNS: Mapping[Flag, str] = {
    Flag.DUPLICATE: ALONE,
    Flag.NEAR_DUPLICATE: ALONE,
    Flag.TOO_FAST: ALONE,
    Flag.HURRIED: HASTE,
    Flag.STRAIGHT_LINE: TOGETHER,
    Flag.UNIFORM: TOGETHER,
    Flag.ODD: TOGETHER,
    Flag.BURST: BOTH,
    Flag.SHARED_DEVICE: BOTH,
}
"""How much each sign of a careless answer counts for, strongest first."""


def residents(decided: Decided) -> list[RaterGroup]:
    """Return the groups of residents."""
    return list(decided.scheme.residents)


def organisations(decided: Decided) -> list[RaterGroup]:
    """Return the other groups."""
    return [group for group in decided.scheme.asked if not group.residents]


def forms(decided: Decided) -> list[Questionnaire]:
    """Return the questionnaires that are used, in the order of the groups that answer them."""
    used = dict.fromkeys(group.source for group in decided.scheme.asked)
    return [decided.questionnaires[name] for name in used]


def committees(decided: Decided) -> int:
    """Return how many committees take part in the latest wave."""
    wave = decided.order.waves[-1]
    return len(Units.of(decided.roster).present(wave.id))


def ranked(decided: Decided) -> int:
    """Return how many of them are ranked: all but those that are being set up."""
    return len(Units.of(decided.roster).counting(decided.order.waves[-1].id))


def named(groups: Sequence[RaterGroup]) -> str:
    """Join the names of groups."""
    return say.joined(group.name for group in groups)


def basis(code: str) -> str:
    """Say whether something is published or assumed."""
    return "假定" if code == "assumption" else "公开资料"


# --- organisation ---------------------------------------------------------------------------


EARLIEST, LATEST = -8, 26
"""Weeks from the first day of fieldwork, and from the last, of the timetable's ends."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """Turns weeks from the first or the last day of fieldwork into words and dates."""

    start: dt.date | None
    end: dt.date | None
    worked: WorkingDays

    @property
    def dated(self) -> bool:
        """Whether the order names any day."""
        return self.start is not None or self.end is not None

    def when(self, anchor: Literal["start", "end"], weeks: int) -> str:
        """Say how many weeks before or after the anchor."""
        day = "开始" if anchor == "start" else "结束"
        if weeks == 0:
            return f"调查{day}当天"
        return f"{day}{'前' if weeks < 0 else '后'} {abs(weeks)} 周"

    def date(self, anchor: Literal["start", "end"], weeks: int) -> str:
        """Write the day, if the order names the anchor; where it is a day off, the next worked.

        The first and the last day of fieldwork are what the order says, whatever they are.
        """
        day = self.start if anchor == "start" else self.end
        if day is None:
            return say.MISSING
        if weeks == 0:
            return day.isoformat()
        return self.worked.on_or_after(day + dt.timedelta(weeks=weeks)).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(Section):
    """Who does what, and when."""

    template = "manual/organisation.html.j2"
    others: str
    peers: str
    period: str
    timetable: Timetable
    own_days: bool
    tracks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfRecords(Organisation):
    """Who does what, and when, where nobody is asked."""

    template = "manual/organisation_of_records.html.j2"


def organisation(decided: Decided) -> Organisation:
    """Plan roles and timetable."""
    order, wave = decided.order, decided.order.waves[-1]
    street, word = order.street_word, order.subject_word
    kind = Organisation if decided.scheme.asked else OfRecords
    return kind(
        title="组织与分工、时间表",
        takeaway=(
            f"{street}定方案，测评中心办实施，{word}只做配合：任何{word}都不经手评价自己的问卷。"
            if decided.scheme.asked
            else f"{street}定方案，{word}当时登记，测评中心收表、核对、计算：谁也不改已经登记的记录。"
        ),
        others=named(organisations(decided)),
        peers=named([g for g in decided.scheme.groups if not g.rates_itself]),
        period=_period(wave.start, wave.end, street),
        timetable=Timetable(wave.start, wave.end, working_days(order.calendar)),
        own_days=bool(order.calendar),
        tracks=say.joined(f"{track.title}（tracks/{track.id}）" for track in order.tracks),
    )


def unknown_days(decided: Decided) -> list[Problem]:
    """Return a problem for every year of the timetable whose working days nobody told."""
    order, wave = decided.order, decided.order.waves[-1]
    ends = ((wave.start, EARLIEST), (wave.end, LATEST))
    days = [d for day, weeks in ends if day for d in (day, day + dt.timedelta(weeks=weeks))]
    return unknown_years(order.calendar, days, "操作手册的时间表")


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
    introductions: Sequence[Mapping[str, str]]
    residents: bool
    rejected: Sequence[str]
    signs: Sequence[Mapping[str, str]]
    meaning: str


def fieldwork(decided: Decided) -> Fieldwork:
    """Plan how to ask, and what is looked at afterwards."""
    words = Words.of(decided.order)
    own = residents(decided)
    return Fieldwork(
        title="实施：怎样问，怎样查",
        takeaway=(
            "没有人能代替别人填写，没有人能知道哪份是谁填的；有疑点的答卷留下来核查，不悄悄删掉。"
        ),
        introductions=[
            {"title": q.title, "text": q.introduction} for q in forms(decided) if q.introduction
        ],
        residents=bool(own),
        rejected=list(meanings.reasons(words).values()),
        signs=[
            {"what": written(meanings.FLAGS[flag], words, {}), "counts": counts}
            for flag, counts in SIGNS.items()
        ],
        meaning=meanings.meaning("quality", words),
    )
