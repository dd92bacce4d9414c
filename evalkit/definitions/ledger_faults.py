"""What can be wrong with a ledger that its types alone do not show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from evalkit import numerals
from evalkit.definitions.faults import Fault, duplicates
from evalkit.definitions.places import Steps
from evalkit.definitions.text import comparable

if TYPE_CHECKING:
    from evalkit.definitions.ledger import Clock, Holds, How, Ledger, LedgerMeasure

_CODES: Steps = ("columns", "*", "code")

_MADE_OF: Mapping[How, tuple[Holds, ...]] = {
    "share": ("option",),
    "score": ("option",),
    "rate": ("number",),
    "level": ("number", "option"),
    "points": ("number", "option"),
}
"""What the column of a measure may hold, by how it is made."""

_IN_KEYS: tuple[Holds, ...] = ("code", "unit", "option", "time", "number", "person")
_IN_CONDITIONS: tuple[Holds, ...] = ("option", "code")


def faults_of(ledger: Ledger) -> Iterator[Fault]:
    """Yield doubled codes, references to nothing, and measures that lack what they are made of."""
    columns = [(("columns", at, "code"), c.code) for at, c in enumerate(ledger.columns)]
    measures = [(("measures", at, "code"), m.code) for at, m in enumerate(ledger.measures)]
    clocks = [(("clocks", at, "code"), c.code) for at, c in enumerate(ledger.clocks)]
    yield from duplicates("列的代码", columns)
    yield from duplicates("度量的代码", measures)
    yield from duplicates("时限的代码", clocks)
    if not ledger.holding("unit"):
        yield Fault(
            ("columns",),
            "ledger_without_unit",
            "台账没有一列说明记录属于哪个评估对象",
            expected="一列 holds: unit",
            found="没有",
            remedy="补上这一列",
            needs=(("columns",),),
        )
    yield from _references(ledger)
    for at, clock in enumerate(ledger.clocks):
        steps: Steps = ("clocks", at)
        for field, code in (("start", clock.start), ("stop", clock.stop), ("due", clock.due)):
            yield from _known((*steps, field), code, ledger, ("time",))
        yield from _clock(steps, clock)
    yield from _loops(ledger)
    for at, measure in enumerate(ledger.measures):
        yield from _measure(("measures", at), measure, ledger)


def _loops(ledger: Ledger) -> Iterator[Fault]:
    """Yield what states, passages and tables of events lack or misname."""
    names = [state.name for state in ledger.states]
    places = [(("states", at, "name"), name) for at, name in enumerate(names)]
    yield from duplicates("环节的名称", places)
    for at, state in enumerate(ledger.states):
        steps: Steps = ("states", at)
        yield from _known((*steps, "at"), state.at, ledger, ("time",))
        yield from _known((*steps, "column"), state.column, ledger, ("option",))
        column = state.column or ledger.state
        yield from _undeclared((*steps, "values"), column, state.values, ledger)
        if ledger.case is not None:
            if state.at is not None or state.column is not None:
                expected = "一行一次流转的表只看状态列：不写 at 和 column"
                yield _lacks(steps, state.name, expected, "写了")
        elif state.at is None and not (column and state.values):
            yield _lacks(steps, state.name, "时间列（at），或取值（values）和它所在的列", "没有")
    for at, passage in enumerate(ledger.transitions):
        for field, name in (("before", passage.before), ("after", passage.after)):
            if name not in names:
                yield _unknown(("transitions", at, field), name, names)
    yield from _known(("case",), ledger.case, ledger, ("code",))
    yield from _known(("happened",), ledger.happened, ledger, ("time",))
    if (ledger.case is None) != (ledger.happened is None) or (ledger.case and not ledger.state):
        expected = "一行一次流转的表：case、state、happened 三样都写"
        yield _lacks(("case",), ledger.title, expected, "只写了一部分")
    if ledger.case is not None and not ledger.key:
        expected = (
            "主键（key）：事项、环节、时间三列，或每次流转自己的编号；没有主键，重复的行会计两次"
        )
        yield _lacks(("key",), ledger.title, expected, "没有")
    if ledger.case is not None and ledger.measures:
        expected = "一行一次流转的表不算度量，因为一行不是一件事；要算的另写一份一行一件的台账"
        yield _lacks(("measures",), ledger.title, expected, f"{len(ledger.measures)} 个")


def _clock(steps: Steps, clock: Clock) -> Iterator[Fault]:
    if (clock.due is None) == (clock.limit is None):
        found = "两样都没有" if clock.due is None else "两样都写了"
        yield _lacks(steps, clock.name, "截止列（due）或限期（limit），写一样", found)
    elif clock.hours is not None and (clock.limit is None or clock.unit != "hours"):
        expected = "办公时间（hours）只与按小时计的限期（limit、unit: hours）一起写"
        yield _lacks((*steps, "hours"), clock.name, expected, clock.hours)
    if clock.limit is not None and clock.unit == "workdays" and clock.limit % 1:
        expected = "整数个工作日；不满一天的写 unit: hours 和 hours（办公时间）"
        yield _lacks((*steps, "limit"), clock.name, expected, f"{clock.limit:g}")


def _references(ledger: Ledger) -> Iterator[Fault]:
    for at, code in enumerate(ledger.key):
        yield from _known(("key", at), code, ledger, _IN_KEYS)
    for field in ("wave_by", "opened", "closed", "ends"):
        yield from _known((field,), getattr(ledger, field), ledger, ("time",))
    yield from _known(("state",), ledger.state, ledger, ("option",))
    if ledger.ends is not None and not ledger.running:
        expected = "到期列（ends）与进行值（running）一起写：要知道过了期的是不是还在进行"
        yield _lacks(("ends",), ledger.title, expected, "没有写 running")
    yield from _known(("capacity",), ledger.capacity, ledger, ("number",))
    for at, column in enumerate(ledger.columns):
        if column.points_to and column.holds != "code":
            expected = "指向（points_to）只写在编号列（holds: code）上"
            yield _lacks(("columns", at, "points_to"), column.code, expected, column.holds)
    for field in ("withdrawn", "finished", "running"):
        yield from _undeclared((field,), ledger.state, getattr(ledger, field), ledger)
    for code in ledger.values:
        yield from _known(("values", code), code, ledger, ("option",))
    for at, entry in enumerate(ledger.exclude):
        steps: Steps = ("exclude", at)
        yield from _known((*steps, "column"), entry.column, ledger, ())
        yield from _undeclared((*steps, "values"), entry.column, entry.values, ledger)
    for at, balance in enumerate(ledger.balances):
        for place, code in enumerate((balance.total, *balance.parts)):
            steps = ("balances", at, "parts", place - 1) if place else ("balances", at, "total")
            yield from _known(steps, code, ledger, ("number",))


def _measure(steps: Steps, measure: LedgerMeasure, ledger: Ledger) -> Iterator[Fault]:
    kinds = _MADE_OF.get(measure.how, ())
    unfit = [*_known((*steps, "column"), measure.column, ledger, kinds)]
    yield from unfit
    for field in ("where", "category"):
        yield from _known((*steps, field), getattr(measure, field), ledger, _IN_CONDITIONS)
    named = (
        ("hits", measure.column, measure.hits),
        ("among", measure.where, measure.among),
        ("reached", measure.where, measure.reached),
        ("caps", measure.category, measure.caps),
    )
    for field, column, texts in named:
        yield from _undeclared((*steps, field), column, texts, ledger)
    for field in ("numerator", "denominator", "exposure", "stated", "longitude", "latitude"):
        yield from _known((*steps, field), getattr(measure, field), ledger, ("number",))
    for code in measure.parts:
        yield from _known((*steps, "parts", code), code, ledger, ("number",))
    codes = [clock.code for clock in ledger.clocks]
    if measure.clock is not None and measure.clock not in codes:
        yield _unknown((*steps, "clock"), measure.clock, codes)
    others = [m.code for m in ledger.measures if m.code != measure.code and m.how != "curve"]
    if measure.of is not None and measure.of not in others:
        yield _unknown((*steps, "of"), measure.of, others)
    if measure.per_unit is not None and measure.how != "rate":
        yield _lacks((*steps, "per_unit"), measure.name, "只有比率才写 per_unit", measure.per_unit)
    if bool(measure.where) != bool(measure.among):
        yield _lacks(steps, measure.name, "where 和 among 一起写", "只写了一样")
    needed = _needed(measure, ledger)
    if needed is not None and not unfit:
        yield _lacks(steps, measure.name, needed, "没有")
    if measure.how == "coverage" and measure.system is None:
        yield Fault(
            (*steps, "system"),
            "coordinates_without_system",
            f"“{measure.name}”没有写明经纬度的坐标系：认错了，位置差几百米到一千多米",
            expected="wgs84（卫星定位、测绘）、gcj02（高德、腾讯地图）或 bd09（百度地图）",
            found="没有",
            remedy="问清经纬度是从哪里取的，写明 system；问不到的，不算覆盖",
            needs=((*steps, "system"),),
        )
    for text in measure.breaks:
        if numerals.number(text) is None:
            yield _lacks((*steps, "breaks", text), measure.name, "度量的值，一个数", text)


def _needed(measure: LedgerMeasure, ledger: Ledger) -> str | None:
    """Return what a measure of its kind lacks; None where it has everything."""
    counted = ledger.rows == "counts"
    whole: object
    ends = measure.worst is not None and measure.best not in (None, measure.worst)
    options = ledger.values.get(measure.column or "", {})
    in_points = any(score is not None for score in options.values()) or measure.column not in {
        column.code for column in ledger.holding("option")
    }
    match measure.how:
        case "share" if counted:
            whole = measure.numerator and measure.denominator
            return None if whole else "分子列（numerator）和分母列（denominator）"
        case "share":
            whole = bool(measure.column and measure.hits) != bool(measure.clock)
            return None if whole else "所用列（column）和算是（hits），或时限（clock）"
        case "score" if counted:
            return None if measure.parts else "各档（parts）：列 -> 分值"
        case "score":
            known = any(score is not None for score in options.values())
            return None if known else "所用列（column），它的取值在 values 中有分值"
        case "rate" if measure.per_unit and measure.exposure:
            return "基数列（exposure）和按人或按户（per_unit）写一样"
        case "rate":
            whole = not measure.scored or (ends and bool(measure.reason.strip()))
            return None if whole else "计分的比率：0 分处、100 分处（worst、best）和理由（reason）"
        case "level" | "points" if not in_points:
            return "所用列（column）是数；是选项的，取值在 values 中有分值"
        case "level":
            whole = measure.column and ends and measure.width is not None
            return None if whole else "所用列、0 分处、100 分处（worst、best）和误差（width）"
        case "points":
            return None if measure.column and measure.full else "所用列（column）和满分（full）"
        case "coverage":
            whole = measure.longitude and measure.latitude and measure.radius and not counted
            whole = whole and bool(measure.where) >= bool(measure.reached)
            return (
                None
                if whole
                else (
                    "一行一条记录、经度列（longitude）、纬度列（latitude）和半径（radius）；"
                    "写了被覆盖的（reached），还要条件列（where）"
                )
            )
        case _:
            whole = measure.of and len(measure.breaks) >= 2
            return None if whole else "由何度量（of）和至少两个分段点（breaks）"


def _known(
    steps: Steps, code: str | None, ledger: Ledger, kinds: Sequence[Holds]
) -> Iterator[Fault]:
    codes = [c.code for c in ledger.columns if not kinds or c.holds in kinds]
    if code is not None and code not in codes:
        yield _unknown(steps, code, codes)


def _undeclared(
    steps: Steps, column: str | None, texts: Iterable[str], ledger: Ledger
) -> Iterator[Fault]:
    """Yield texts that a column of options never holds, since `values` does not have them."""
    if column is None or column not in {c.code for c in ledger.holding("option")}:
        return
    declared = list(ledger.values.get(column, {}))
    # A column without `values` is kept as it is written; what counts as a hit is asked of all.
    if not declared and steps[-1] != "hits":
        return
    known = {comparable(text) for text in declared} if steps[0] == "exclude" else {*declared}
    for text in texts:
        if (comparable(text) if steps[0] == "exclude" else text) not in known:
            yield Fault(
                steps,
                "undeclared_value",
                f"values 里没有写明列 {column} 有这个取值",
                expected=" / ".join(declared) or f"先在 values 里写明列 {column} 的各个取值",
                found=text,
                remedy="改正文字，一字不差；或在 values 里补上这个取值",
                needs=(("values",),),
            )


def _unknown(steps: Steps, code: str, known: Sequence[str]) -> Fault:
    return Fault(
        steps,
        "unknown_reference",
        "引用了不存在的代码，或引用了内容不合的列",
        expected="、".join(known) or "（没有）",
        found=code,
        remedy="改正代码，或补上它所指的内容",
        needs=(_CODES,),
    )


def _lacks(steps: Steps, name: str, expected: str, found: str) -> Fault:
    return Fault(
        steps,
        "ledger_incomplete",
        f"“{name}”缺少算出它所需的内容",
        expected=expected,
        found=found,
        remedy="补上或改正",
        needs=(steps,),
    )
