"""The manual's sections on ledgers: through which steps records go, by when, and how they are handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Clock, Ledger
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import loops as told
from evalkit.pages.telling.behind import of_ledger

WHEN_NONE = {
    "street_mean": "按全{street}平均计、误差放宽，不是 0 分",
    "incomplete": "不完整，只列出、不排名",
}


def ledgers(decided: Decided) -> list[Ledger]:
    """Return the ledgers that groups speak through, then those that the last wave has files of."""
    entries = decided.order.waves[-1].files
    names = [*decided.scheme.ledgers, *(entry.ledger for entry in entries if entry.ledger)]
    return [decided.ledgers[name] for name in dict.fromkeys(names) if name in decided.ledgers]


def _weight(decided: Decided, ledger: Ledger) -> float:
    return sum(group.weight for group in decided.scheme.groups if group.ledger == ledger.id)


# --- 工作流程 -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow(Section):
    """The loop of every ledger that declares one."""

    template = "manual/workflow.html.j2"
    loops: Sequence[Mapping[str, object]]


def workflow(decided: Decided) -> Workflow | None:
    """Plan the steps of every loop; None where no ledger declares states."""
    loops = [_loop(ledger) for ledger in ledgers(decided) if ledger.states]
    if not loops:
        return None
    return Workflow(
        title="工作流程：一件事经过哪些环节",
        takeaway=(
            f"{len(loops)} 份台账规定了环节；每到一个环节当时就登记时间，"
            "程序按登记的时间算每一步有多快、卡在哪里。"
        ),
        loops=loops,
    )


def _loop(ledger: Ledger) -> dict[str, object]:
    headers = {column.code: column.headers[0] for column in ledger.columns}
    steps = []
    for number, state in enumerate(ledger.states, start=1):
        shown = [f"“{headers[state.at]}”列有时间"] if state.at in headers else []
        if state.values:
            column = headers.get(state.column or ledger.state or "", "状态")
            shown.append(f"“{column}”列写着{say.joined(state.values, 4)}")
        steps.append(
            {
                "number": str(number),
                "name": state.name,
                "shown": "，或".join(shown) or "流转表里有这一行",
                "needed": "可以不经过" if state.optional else "必经",
            }
        )
    others = [f"{step.before} → {step.after}" for step in ledger.transitions]
    return {
        "title": ledger.title,
        "steps": steps,
        "others": "；".join(others),
        "ends": _ends(ledger, headers),
    }


def _ends(ledger: Ledger, headers: Mapping[str, str]) -> str:
    said = []
    if ledger.finished:
        said.append(
            f"“{headers.get(ledger.state or '', '状态')}”写着{say.joined(ledger.finished)}的算办结"
        )
    if ledger.withdrawn:
        said.append(f"写着{say.joined(ledger.withdrawn)}的算撤销，不计分")
    return f"{'；'.join(said)}。" if said else ""


# --- 服务规范 -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards(Section):
    """Limits, and what is measured of every ledger."""

    template = "manual/standards.html.j2"
    clocks: Sequence[Mapping[str, str]]
    measures: Sequence[Mapping[str, str]]
    own_days: bool
    working: bool
    rules: Sequence[str]


def standards(decided: Decided) -> Standards | None:
    """Plan limits and measures; None without ledgers."""
    own = ledgers(decided)
    if not own:
        return None
    clocks = [_clock(ledger, clock) for ledger in own for clock in ledger.clocks]
    scored = [one for one in own if _weight(decided, one)]
    return Standards(
        title="服务规范：多久办好，怎样算好",
        takeaway=(
            f"{len(clocks)} 项时限、{sum(len(one.measures) for one in own)} 项度量；"
            + (
                f"{len(scored)} 份台账计分，其余只作参考。"
                if scored
                else "台账都不计分，只作参考。"
            )
        ),
        clocks=clocks,
        measures=[row for ledger in own for row in _measures(decided, ledger)],
        own_days=bool(decided.order.calendar),
        working=any(c.unit == "workdays" or c.hours for one in own for c in one.clocks),
        rules=list(_rules(decided, own)),
    )


def _clock(ledger: Ledger, clock: Clock) -> dict[str, str]:
    headers = {column.code: column.headers[0] for column in ledger.columns}
    if clock.due is not None:
        limit = f"到“{headers.get(clock.due, clock.due)}”为止"
    else:
        limit = f"{clock.limit:g}{say.SPACE}{told.UNITS[clock.unit]}"
        limit += f"（只计 {clock.hours}）" if clock.hours else ""
    return {
        "name": clock.name,
        "ledger": ledger.title,
        "start": headers.get(clock.start, clock.start),
        "stop": headers.get(clock.stop, clock.stop),
        "limit": limit,
    }


def _measures(decided: Decided, ledger: Ledger) -> Iterator[dict[str, str]]:
    scheme = decided.scheme
    for measure in ledger.measures:
        used = [i.name for i in scheme.indicators if measure.code in i.items.get(ledger.id, ())]
        yield {
            "ledger": ledger.title,
            "name": measure.name,
            "how": _how(ledger, measure.code),
            "use": f"计入{say.joined(used)}" if used else "只作参考",
            "minimum": f"{ledger.minimum_n} {of_ledger(ledger).unit}",
        }


def _how(ledger: Ledger, code: str) -> str:
    measure = ledger.measure(code)
    headers = {column.code: column.headers[0] for column in ledger.columns}

    def named(column: str | None) -> str:
        return f"“{headers.get(column or '', column or '')}”"

    only = f"（只看{say.joined(measure.among, 3)}）" if measure.among else ""
    match measure.how:
        case "share" if measure.clock is not None:
            said = f"到期的记录中按“{ledger.clock(measure.clock).name}”做到的占比"
        case "share" if measure.numerator is not None:
            said = f"{named(measure.numerator)}除以{named(measure.denominator)}"
        case "share":
            said = f"{named(measure.column)}写着{say.joined(measure.hits, 3)}的占比；没有写的不计"
        case "score" if measure.parts:
            parts = (f"{named(c)} {s:g} 分" for c, s in measure.parts.items())
            said = f"按档计分取平均：{say.joined(parts)}"
        case "score":
            scores = ledger.values.get(measure.column or "", {})
            parts = (f"{text} {score:g}" for text, score in scores.items() if score is not None)
            said = f"{named(measure.column)}的分值取平均：{say.joined(parts, 6)}；没有评价的不计"
        case "rate":
            what = "合计" if ledger.adds_amounts(measure) else "条数"
            said = f"每 {measure.per:g} 人的{what}"
        case "coverage":
            said = f"{say.joined(measure.reached) or '面积'}在 {measure.radius:g} 米之内的占比"
        case "points":
            said = f"{named(measure.column)}相加，{measure.full:g} 为满分"
        case "curve":
            said = f"由“{ledger.measure(str(measure.of)).name}”分段换算"
        case _:
            said = (
                f"{named(measure.column)}的数，{measure.worst:g} 为 0 分、{measure.best:g} 为满分"
            )
    return f"{said}{only}"


def _rules(decided: Decided, own: Sequence[Ledger]) -> Iterator[str]:
    """Say the rules of the door that anybody who fills in a ledger must know."""
    since, until = decided.order.waves[-1].recorded
    if since and until and any(ledger.wave_by for ledger in own):
        yield f"按时间归批的台账，算 {since} 至 {until} 的记录。"
    if any(ledger.clocks for ledger in own):
        yield "按时率以本期到期的为分母：到期没有办结的算不按时，还没有到期的不算。"
    excluded = [rule.reason for ledger in own for rule in ledger.exclude]
    if excluded:
        yield f"不计的记录：{say.joined(dict.fromkeys(excluded))}；不计多少条，报告里写明。"
    for ledger in own:
        if _weight(decided, ledger):
            none = WHEN_NONE[ledger.when_none].format(street=decided.order.street_word)
            yield f"《{ledger.title}》里一条记录也没有的{decided.order.subject_word}：{none}。"


# --- 台账怎样登记、怎样交 -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers(Section):
    """What each ledger's table has, and how it is handed in."""

    template = "manual/registers.html.j2"
    wave_id: str
    rows: Sequence[Mapping[str, str]]


def registers(decided: Decided) -> Registers | None:
    """Plan the tables that are handed in; None without ledgers."""
    own = ledgers(decided)
    if not own:
        return None
    files: dict[str, list[str]] = {}
    for entry in decided.order.waves[-1].files:
        if entry.ledger is not None:
            files.setdefault(entry.ledger, []).append(entry.file)
    return Registers(
        title="台账：记什么，怎样交",
        takeaway="当时记、照实记；交上来的表原样读入，每一行都有下落，人名、电话、地址不读。",
        wave_id=decided.order.waves[-1].id,
        rows=[
            {
                "title": ledger.title,
                "key": "、".join(ledger.column(code).headers[0] for code in ledger.key) or "没有",
                "needed": say.joined(c.headers[0] for c in ledger.columns if c.required),
                "dropped": say.joined(ledger.drop, 6) if ledger.drop else "没有",
                "file": "；".join(files.get(ledger.id, [])) or say.MISSING,
            }
            for ledger in own
        ],
    )
