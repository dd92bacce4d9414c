"""Records with clocks: a hotline as its system exports it, and orders from the click to the rating.

Nobody called. Names and telephone numbers, which such exports have, are blotted out in these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from evalkit.definitions.calendar import working_days
from evalkit.definitions.roster import Subject
from evalkit.simulation.ledger_truth import LedgerTruth

Row = list[str]

PER_1000 = 14.0
"""Calls of an ordinary committee in a year, per 1,000 inhabitants."""
LIMIT = dt.timedelta(days=5)
"""How long a call may take by the deadline in its row."""
ORDERS = 40.0
"""Orders of an ordinary committee in a year."""
LAST = dt.timedelta(days=25)
"""Before the end nothing is claimed or passed on any more: nothing waits there at the end."""

HOTLINE_TITLE = "诉求工单明细表（模拟数据）"
HOTLINE = (
    "序号", "工单编号", "处置单位", "登记时间", "办理截止时间", "办结时间", "办件状态", "诉求类型",
    "解决情况", "回访评价", "来电人", "联系电话", "诉求内容",
)  # fmt: skip
ORDER = (
    "单号", "接单单位", "点单时间", "派单时间", "认领时间", "接单时间", "转办时间", "办结时间", "状态",
    "评单时间", "评单", "点单人", "联系电话",
)  # fmt: skip

_KINDS = (
    "物业管理",
    "噪声扰民",
    "停车管理",
    "违法搭建",
    "环境卫生",
    "房屋修缮",
    "养老助残",
    "其他",
)
_KIND_SHARES = (0.22, 0.14, 0.16, 0.09, 0.13, 0.12, 0.07, 0.07)
_BLOTTED = ("某某", "139****0000", "（略）")
_BEYOND, _RECALLED, _NOBODY, _TWICE = 26, 34, 21, 5
"""Rows that are not this wave's, were withdrawn, name no unit, and stand twice."""


def hotline(
    subjects: Sequence[Subject], truth: LedgerTruth, start: dt.date, end: dt.date, seed: int
) -> list[Row]:
    """Return a year's calls as rows of `HOTLINE`, the numbers of rows that do not count as above."""
    rng = np.random.Generator(np.random.PCG64([seed, 2]))
    people = np.array([subject.population or 0 for subject in subjects])
    calls = rng.poisson(PER_1000 * truth.reporting * people / 1000.0)
    rows: list[Row] = []
    for place, subject in enumerate(subjects):
        called = moments(start, end, int(calls[place]), rng)
        rows += [_call(subject, place, truth, at, end, rng) for at in called]
    before = moments(start - dt.timedelta(days=60), start - dt.timedelta(days=20), _BEYOND, rng)
    for at in before:
        place = int(rng.integers(len(subjects)))
        rows.append(_call(subjects[place], place, truth, at, end, rng))
    odd = moments(start, end, _RECALLED + _NOBODY, rng)
    for number, which in enumerate(rng.permutation(len(odd))):
        place = int(rng.integers(len(subjects)))
        row = _call(subjects[place], place, truth, odd[int(which)], end, rng)
        if number < _RECALLED:
            row[4], row[5], row[7], row[8] = "", "作废", "", ""
        else:
            row[1] = ""
        rows.append(row)
    rows.sort(key=lambda row: (row[2], row[1]))
    numbered = [[f"SH{start.year}{at:05d}", *row[1:]] for at, row in enumerate(rows, start=1)]
    twice = rng.choice(len(numbered), size=_TWICE, replace=False)
    numbered += [list(numbered[int(at)]) for at in sorted(twice)]
    told = [[str(at), *row, *_BLOTTED] for at, row in enumerate(numbered, start=1)]
    return [*told, ["合计", str(len(told)), *[""] * (len(HOTLINE) - 2)]]


def _call(
    subject: Subject,
    place: int,
    truth: LedgerTruth,
    at: dt.datetime,
    end: dt.date,
    rng: np.random.Generator,
) -> Row:
    """Return one call without its number: unit, times, state, kind, solved, rated."""
    due = at + LIMIT
    in_time = rng.random() < truth.quick[place]
    share = rng.beta(2.0, 2.0)
    took = LIMIT * share if in_time else LIMIT * (1.05 + 1.6 * share)
    closed = at + took
    kind = _KINDS[int(rng.choice(len(_KINDS), p=_KIND_SHARES))]
    unit = f"{subject.name}居民区"
    if closed.date() > end:
        return ["", unit, _stamp(at), _stamp(due), "", "办理中", kind, "", ""]
    solved = rng.random() < truth.solved[place]
    silent = rng.random() < truth.silent[place] * (0.8 if solved else 1.6)
    return [
        "", unit, _stamp(at), _stamp(due), _stamp(closed), "已办结", kind,
        "已解决" if solved else "未解决",
        "未评价" if silent else _rated(solved, truth.pleased[place], rng),
    ]  # fmt: skip


def _rated(solved: bool, pleased: float, rng: np.random.Generator) -> str:
    good = pleased if solved else 0.35 * pleased
    lot = rng.random()
    if lot < 0.6 * good:
        return "非常满意"
    if lot < good:
        return "满意"
    return "一般" if lot < good + 0.55 * (1.0 - good) else "不满意"


def orders(
    subjects: Sequence[Subject], truth: LedgerTruth, start: dt.date, end: dt.date, seed: int
) -> list[Row]:
    """Return a year's orders as rows of `ORDER`: asked, sent, taken, perhaps passed on, done, rated."""
    rng = np.random.Generator(np.random.PCG64([seed, 3]))
    counts = rng.poisson(ORDERS * truth.reporting)
    rows = [
        _order(subject, place, truth, at, end, rng)
        for place, subject in enumerate(subjects)
        for at in moments(start, end, int(counts[place]), rng)
    ]
    rows.sort(key=lambda row: (row[1], row[0]))
    return [
        [f"DD{start.year}{at:05d}", *row, *_BLOTTED[:2]] for at, row in enumerate(rows, start=1)
    ]


def _order(
    subject: Subject,
    place: int,
    truth: LedgerTruth,
    asked: dt.datetime,
    end: dt.date,
    rng: np.random.Generator,
) -> Row:
    """Return one order without its number, told up to the last day."""
    hours = rng.exponential(1.0, 5)
    sent = asked + dt.timedelta(hours=0.3 + 2.0 * hours[0])
    quick = rng.random() < truth.quick[place]
    wait = dt.timedelta(hours=0.5 + 5.0 * hours[1]) if quick else dt.timedelta(days=12 + hours[1])
    late = end - asked.date() < LAST
    claimed = sent + 0.5 * wait if rng.random() < 0.35 and not late else None
    taken = sent + wait
    turned = rng.random() < 0.08 and not late
    passed = taken + dt.timedelta(hours=4.0 + 12.0 * hours[2]) if turned else None
    done = (passed or taken) + dt.timedelta(hours=12.0 + 84.0 * hours[3])
    rated = done + dt.timedelta(hours=1.0 + 30.0 * hours[4])
    solved = rng.random() < truth.solved[place]
    mark = "" if rng.random() < truth.silent[place] else _rated(solved, truth.pleased[place], rng)
    recalled = rng.random() < 0.02
    steps = {
        "点单": asked,
        "派单": sent,
        "认领": claimed,
        "接单": taken,
        "转办": passed,
        "办结": done,
    }
    known = {n: at for n, at in steps.items() if at is not None and at.date() <= end}
    if recalled:
        known = {name: known[name] for name in ("点单", "派单") if name in known}
    state = next(name for name in reversed(known) if name != "认领")
    told = bool(mark) and "办结" in known and rated.date() <= end
    times = [_stamp(known[name]) if name in known else "" for name in steps]
    state = "撤单" if recalled else "已评" if told else state
    return [
        f"{subject.name}居委会", *times, state, _stamp(rated) if told else "", mark if told else ""
    ]  # fmt: skip


def moments(
    start: dt.date, end: dt.date, count: int, rng: np.random.Generator
) -> list[dt.datetime]:
    """Return moments in office hours of working days, in their order."""
    worked = working_days()
    days = [start + dt.timedelta(days=at) for at in range((end - start).days + 1)]
    days = [day for day in days if worked.on_or_after(day) == day]
    chosen = np.sort(rng.integers(len(days), size=count))
    minutes = rng.integers(8 * 60 + 30, 17 * 60 + 30, size=count)
    seconds = rng.integers(1, 60, size=count)
    return [
        dt.datetime.combine(days[day], dt.time(int(minute) // 60, int(minute) % 60, int(second)))
        for day, minute, second in zip(chosen, minutes, seconds, strict=True)
    ]


def _stamp(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
