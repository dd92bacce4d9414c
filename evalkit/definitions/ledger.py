"""A ledger (台账): a declared table whose rows, records, answer by facts what people are not asked."""

from __future__ import annotations

from collections.abc import Iterator
from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from evalkit.definitions.documents import (
    Basis,
    Document,
    Identifier,
    MaybeIdentifier,
    Name,
    Part,
    Prose,
    Text,
    Title,
)
from evalkit.definitions.faults import Fault
from evalkit.definitions.ledger_faults import faults_of
from evalkit.definitions.ledger_rules import Balance, Exclusion
from evalkit.definitions.opening_hours import MaybeHours
from evalkit.errors import UnknownId

Holds = Literal["code", "unit", "option", "time", "number", "person", "title", "words"]
How = Literal["share", "score", "rate", "level", "points", "coverage", "curve"]

PLAIN = "记录"
"""What a record is called where its ledger does not say."""

Score = Annotated[float, Field(ge=0, le=100)]


class LedgerColumn(Part):
    """What one column of the table holds.

    Attributes
    ----------
    headers : list of str
        What the column may be called in a file, the first of them that it has; a file that calls it
        otherwise needs a crosswalk.
    holds : str
        ``code`` a running number, ``unit`` the committee, ``option`` one of declared values,
        ``time``, ``number``, ``person`` (becomes a running number at the door, and a cluster of the
        variance), ``title`` what a record is called in public, ``words`` (never kept).
    points_to : list of str
        Of a code: the ledgers of which it is a record's key.
    """

    code: Identifier = Field(title="列", description="列的代码，如 closed")
    headers: list[Name] = Field(
        min_length=1,
        title="列名",
        description="文件里可能的列名，用分号隔开；有几个的，取写在前面的",
    )
    holds: Holds = Field(title="内容", description="这一列是什么")
    required: bool = Field(default=True, title="必有", description="文件里没有这一列就停下")
    points_to: list[Identifier] = Field(
        default_factory=list, title="指向", description="这一列写的是哪份台账的编号，如 needs"
    )


class Clock(Part):
    """How long something may take, from one moment to another.

    Attributes
    ----------
    due : str or None
        The column with the deadline; else `limit` in `unit` after `start`.
    hours : str or None
        Of a limit in hours: when offices are open on working days, and only then the clock runs;
        without, it runs day and night.
    """

    code: Identifier = Field(title="时限", description="时限的代码，如 on_time")
    name: Title = Field(title="名称", description="时限的名称，如 按时办结")
    start: Identifier = Field(title="起", description="从哪一列的时间起算")
    stop: Identifier = Field(title="止", description="到哪一列的时间为止；空着是没有办结")
    due: MaybeIdentifier = Field(default=None, title="截止列", description="写着截止时间的列")
    limit: float | None = Field(
        default=None, gt=0, le=10_000, title="限期", description="没有截止列时的限期"
    )
    unit: Literal["hours", "days", "workdays"] = Field(
        default="days", title="限期单位", description="限期按什么计"
    )
    hours: MaybeHours = Field(
        default=None,
        title="办公时间",
        description="按小时计的限期：工作日几点到几点才计时，如 09:00-17:00；空着是昼夜都计",
    )


class State(Part):
    """A step of the loop that a record goes through, and what shows that it was reached.

    Attributes
    ----------
    at : str or None
        The column with the time at which it was reached.
    column, values : str or None, list of str
        The column of options, and its values that say that it was reached; without `column` the
        ledger's `state`, which says where a record is now.
    optional : bool
        Whether a record may go on without it.
    """

    name: Title = Field(title="环节", description="环节的名称，如 接单；按先后顺序写")
    at: MaybeIdentifier = Field(default=None, title="时间列", description="到这一环节的时间")
    column: MaybeIdentifier = Field(
        default=None, title="看哪一列", description="没有时间的，看哪一列的取值；不写则看状态列"
    )
    values: list[Text] = Field(
        default_factory=list, title="取值", description="该列的哪些取值说明到了这一环节"
    )
    optional: bool = Field(
        default=False, title="可略过", description="是：不经过这一环节也可以，如 转办"
    )


class Passage(Part):
    """A step from one state to another that is foreseen beside those in order: back, or ahead."""

    before: Title = Field(title="从", description="从哪个环节，如 接单")
    after: Title = Field(title="到", description="到哪个环节，如 派单（退回重派）")


class LedgerMeasure(Part):
    """What is measured of every committee: a number from 0 to 100, or context.

    Attributes
    ----------
    how : str
        ``share`` of records (100 or 0), ``score`` of an option, ``rate`` of records per exposure,
        ``level`` one number a committee, ``points`` added up, ``coverage`` of a committee's area, or
        of its places, by what lies near, ``curve`` over another measure.
    hits : list of str
        Of a share: the values that count as 100; other values of `column` count as 0.
    where, among : str or None, list of str
        Only records whose column `where` holds one of these count.
    worst, best : float or None
        Of a rate or level: what counts as 0 and as 100 points.
    width : float or None
        Of a level: how far it may be off, in its own unit.
    parts : dict of column to score
        Of counted scores: how many records had each score.
    longitude, latitude, system : str or None
        Of coverage: where records are, and by which of three systems; never guessed.
    radius, detour : float or None, float
        Of coverage: how many metres are near, and how much longer than straight a way may be.
    reached : list of str
        Of coverage: the values of `where` that are places to be reached; without, the area is.
    breaks : dict of number to score
        Of a curve: between them lines, beyond them the ends.
    beside : list of str
        The scheme's indicators that ask people for the same; only to be compared with them.
    stated : str or None
        The column in which the file states the measure itself, in percent: held against it.
    """

    code: Identifier = Field(title="度量", description="度量的代码；方案的指标用它")
    name: Title = Field(title="名称", description="度量的名称，如 按时办结率")
    how: How = Field(title="算法", description="怎样由记录算出")
    column: MaybeIdentifier = Field(default=None, title="所用列", description="由哪一列算")
    hits: list[Text] = Field(
        default_factory=list, title="算是", description="占比：哪些取值算 100 分"
    )
    clock: MaybeIdentifier = Field(
        default=None, title="所用时限", description="占比：按哪个时限算按时；未办结而逾期的算不按时"
    )
    where: MaybeIdentifier = Field(default=None, title="条件列", description="只计这一列符合的记录")
    among: list[Text] = Field(default_factory=list, title="条件值", description="条件列的取值")
    numerator: MaybeIdentifier = Field(default=None, title="分子列", description="汇总表：分子")
    denominator: MaybeIdentifier = Field(default=None, title="分母列", description="汇总表：分母")
    parts: dict[Identifier, Score] = Field(
        default_factory=dict, title="各档", description="汇总表：列 -> 分值"
    )
    bounds: bool = Field(
        default=False, title="报未答范围", description="没有评价的全好、全差时，结果会在哪里"
    )
    per: float = Field(default=1000.0, gt=0, title="每多少人", description="比率：每多少人口")
    exposure: MaybeIdentifier = Field(
        default=None, title="基数列", description="比率：基数在哪一列；不写则用名册的人口"
    )
    per_unit: Literal["population", "households"] | None = Field(
        default=None,
        title="按人或按户",
        description="比率没有基数列时：按 counts.csv 当批次的人口还是户数；不写为人口",
        exclude_if=lambda value: value is None,
    )
    worst: float | None = Field(default=None, title="0 分处", description="水平、比率：多少算 0 分")
    best: float | None = Field(
        default=None, title="100 分处", description="水平、比率：多少算 100 分"
    )
    width: float | None = Field(
        default=None, gt=0, title="误差", description="水平：这个数最多可能差多少"
    )
    category: MaybeIdentifier = Field(
        default=None, title="类别列", description="积分：按哪一列分类"
    )
    caps: dict[Text, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, title="上限", description="积分：类别 -> 最多计多少分"
    )
    full: float | None = Field(default=None, gt=0, title="满分", description="积分：多少算 100 分")
    longitude: MaybeIdentifier = Field(
        default=None, title="经度列", description="覆盖：经度在哪一列"
    )
    latitude: MaybeIdentifier = Field(
        default=None, title="纬度列", description="覆盖：纬度在哪一列"
    )
    system: Literal["wgs84", "gcj02", "bd09"] | None = Field(
        default=None, title="坐标系", description="覆盖：经纬度用的坐标系，须写明"
    )
    radius: float | None = Field(
        default=None, ge=50, le=20_000, title="半径", description="覆盖：多少米以内算覆盖"
    )
    detour: float = Field(
        default=1.3,
        ge=1,
        le=3,
        title="绕行",
        description="覆盖：路程最多是直线的几倍；1 为只看直线",
    )
    reached: list[Text] = Field(
        default_factory=list,
        title="被覆盖的",
        description="覆盖：条件列的哪些取值是要被覆盖的，如 楼栋；空着算面积",
    )
    of: MaybeIdentifier = Field(default=None, title="由何度量", description="分段：由哪个度量换算")
    breaks: dict[Text, Score] = Field(
        default_factory=dict, title="分段", description="分段：度量的值 -> 分值"
    )
    stated: MaybeIdentifier = Field(
        default=None, title="自报列", description="文件自己写的百分比在哪一列，用来核对"
    )
    scored: bool = Field(default=True, title="计分", description="否：只作参考，不进指标")
    beside: list[Identifier] = Field(
        default_factory=list,
        exclude_if=not_,
        title="对照指标",
        description="方案里哪个指标问的是同一件事：两边对照，看记录与居民的评价一致不一致",
    )
    reason: Prose = Field(default="", title="理由", description="比率要计分时，为什么")
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")

    @property
    def lines(self) -> tuple[tuple[float, float], ...]:
        """The breaks of a curve as numbers, in order."""
        return tuple(sorted((float(at), score) for at, score in self.breaks.items()))

    @property
    def covers_area(self) -> bool:
        """Whether it is of the area of committees, which their boundaries tell."""
        return self.how == "coverage" and not self.reached

    @property
    def counted(self) -> tuple[str, ...]:
        """The columns of a sheet of counts that a share or score is made of."""
        if self.how not in ("share", "score"):
            return ()
        return tuple(c for c in (self.numerator, self.denominator, *self.parts) if c is not None)

    @property
    def added(self) -> tuple[str, ...]:
        """The columns that a rate or points add up: with one blank cell the sum is not known."""
        columns = {"rate": (self.column, self.exposure), "points": (self.column,)}
        return tuple(c for c in columns.get(self.how, ()) if c is not None)


class Ledger(Document):
    """How records become measures of committees.

    Attributes
    ----------
    rows : {"records", "counts"}
        One record a row, or one committee's (monthly) counts a row.
    key : list of str
        Columns that tell records apart.
    wave_by : str or None
        The time that says to which wave a record belongs; without, a file's records are of its wave.
    opened, closed, ends : str or None
        Times a record began and ended, for its balance; by when it should no longer go on.
    state, withdrawn, finished, running : str or None, lists of str
        The column and its values by which a record was withdrawn, was closed, or goes on.
    public : bool
        Whether records may be named: projects may, what somebody needs may not.
    capacity : str or None
        The column that says how many records of other ledgers may point to one of these.
    states, transitions : lists of State, of Passage
        The loop in its order, and what else may follow what; what does not is noted.
    case, happened : str or None
        Where a row is an event (`state` says which): what of, and when.
    keys_public : bool
        Whether researchers may have the key, which tells nobody who somebody is.
    values : dict of column to (text to score or None)
        Values of option columns with their points; None says that there was no answer.
    drop : list of str
        Headers that are left out on purpose, also where they look personal.
    when_none : {"street_mean", "incomplete"}
        What stands in for a committee without a record.
    minimum_n : int
        Fewer records behind a number, and it is not published.
    """

    id: Identifier = Field(title="代码", description="台账的代码，与问卷代码不同")
    title: Title = Field(title="标题", description="台账的名称")
    noun: Title = Field(
        default=PLAIN,
        title="记的是什么",
        description="一条记录是什么，如 工单；一行一个汇总数的，写数的是什么，如 案件",
    )
    assumptions: list[Text] = Field(
        default_factory=list, title="假定", description="我们的假定，须注明，每条一项"
    )
    rows: Literal["records", "counts"] = Field(
        default="records", title="行", description="一行一条记录，还是一行一个汇总数"
    )
    columns: list[LedgerColumn] = Field(min_length=1, title="列", description="表里有哪些列")
    key: list[Identifier] = Field(
        default_factory=list, title="主键", description="靠哪几列区分记录"
    )
    wave_by: MaybeIdentifier = Field(
        default=None, title="归批", description="按哪一列的时间归入批次；不写则文件属于哪批就是哪批"
    )
    opened: MaybeIdentifier = Field(default=None, title="发生列", description="记录开始的时间")
    closed: MaybeIdentifier = Field(default=None, title="办结列", description="记录结束的时间")
    state: MaybeIdentifier = Field(default=None, title="状态列", description="记录的状态")
    withdrawn: list[Text] = Field(
        default_factory=list, title="撤销值", description="状态列的哪些取值算撤销"
    )
    finished: list[Text] = Field(
        default_factory=list, title="办结值", description="状态列的哪些取值算办结，用来核对办结时间"
    )
    running: list[Text] = Field(
        default_factory=list,
        exclude_if=not_,
        title="进行值",
        description="状态列的哪些取值是正在进行，如 实施中",
    )
    ends: MaybeIdentifier = Field(
        default=None,
        title="到期列",
        description="到哪一天应当结束，写在哪一列；过了还是“进行值”的会列出来",
        exclude_if=not_,
    )
    public: bool = Field(
        default=False,
        exclude_if=not_,
        title="可点名",
        description="是：这是公开的名录，页面上可以写出一条条记录的名称、编号和所属",
    )
    capacity: MaybeIdentifier = Field(
        default=None, title="容量列", description="一条最多可以对接几条别的台账的记录，写在哪一列"
    )
    states: list[State] = Field(
        default_factory=list,
        title="环节",
        description="依次经过哪些环节，如 点单、派单、接单、评单",
    )
    transitions: list[Passage] = Field(
        default_factory=list, title="另许的流转", description="顺序之外还允许的流转，如 退回重派"
    )
    case: MaybeIdentifier = Field(
        default=None,
        title="事项列",
        description="一行一次流转的表：同一件事的各行，这一列相同；状态列写到了哪个环节",
    )
    happened: MaybeIdentifier = Field(
        default=None, title="流转时间列", description="一行一次流转的表：什么时候到了这个环节"
    )
    keys_public: bool = Field(
        default=False,
        title="编号可给",
        description="是：主键不是证件号、电话之类，可以给研究者；否则换成流水号",
    )
    values: dict[Identifier, dict[Text, Score | None]] = Field(
        default_factory=dict, title="取值", description="选项列 -> 取值 -> 分值；空着为没有评价"
    )
    drop: list[Name] = Field(
        default_factory=list, title="不读的列", description="列名；姓名、电话、地址等列写在这里"
    )
    exclude: list[Exclusion] = Field(
        default_factory=list, title="不计的记录", description="哪些记录不计，为什么"
    )
    clocks: list[Clock] = Field(default_factory=list, title="时限", description="限期办结的规定")
    measures: list[LedgerMeasure] = Field(
        default_factory=list, title="度量", description="由记录算出什么"
    )
    balances: list[Balance] = Field(
        default_factory=list, title="平衡", description="汇总表里哪些列应当加得起来"
    )
    when_none: Literal["street_mean", "incomplete"] = Field(
        default="street_mean", title="没有记录", description="一条记录也没有的对象怎么办"
    )
    minimum_n: int = Field(default=5, ge=1, title="最少条数", description="记录少于此数的不公布")
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")

    def column(self, code: str) -> LedgerColumn:
        """Return the column of that code; `UnknownId` if there is none."""
        for column in self.columns:
            if column.code == code:
                return column
        raise UnknownId("column", code, [column.code for column in self.columns])

    def measure(self, code: str) -> LedgerMeasure:
        """Return the measure of that code; `UnknownId` if there is none."""
        for measure in self.measures:
            if measure.code == code:
                return measure
        raise UnknownId("measure", code, [measure.code for measure in self.measures])

    def clock(self, code: str) -> Clock:
        """Return the clock of that code; `UnknownId` if there is none."""
        for clock in self.clocks:
            if clock.code == code:
                return clock
        raise UnknownId("clock", code, [clock.code for clock in self.clocks])

    def adds_amounts(self, measure: LedgerMeasure) -> bool:
        """Tell whether a measure is a rate of amounts (yuan, say), of which no sum is a count.

        A table of counts holds events; a number in a record is whatever one of them comes to.
        """
        return self.rows == "records" and measure.how == "rate" and measure.column is not None

    def holding(self, *kinds: Holds) -> tuple[LedgerColumn, ...]:
        """Return the columns that hold one of these kinds, in their order."""
        return tuple(column for column in self.columns if column.holds in kinds)

    @property
    def unit(self) -> LedgerColumn:
        """The column with the committee: the first that holds a unit."""
        return self.holding("unit")[0]

    @property
    def loops(self) -> bool:
        """Whether the ledger tells through which states a record goes."""
        return bool(self.states) or self.case is not None

    @property
    def scored(self) -> tuple[LedgerMeasure, ...]:
        """The measures that indicators can be made of."""
        return tuple(measure for measure in self.measures if measure.scored)

    def faults(self) -> Iterator[Fault]:
        """Yield everything wrong with this document that its types alone do not show."""
        yield from faults_of(self)
