"""A library of actions: what a committee, or the street, can do, who does it, by when.

The prescription of a diagnosis is drawn from it, and the street's own tasks: what residents need
and a committee cannot do. A preset ships one; a workspace's own ``actions.yaml`` takes its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from operator import not_

from pydantic import Field

from evalkit.definitions.calendar import unknown_years
from evalkit.definitions.documents import Basis, Document, Identifier, Part, Text, Title
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.faults import Fault, duplicates
from evalkit.errors import Problem


class Action(Part):
    """One thing to do about one indicator."""

    indicator: Identifier = Field(title="指标", description="针对哪个指标，如 A1")
    what: Text = Field(title="措施", description="做什么，一句话")
    who: Title = Field(title="责任人", description="由谁负责，写岗位，不写姓名")
    days: int = Field(ge=1, le=366, title="期限", description="诊断书下发后多少天内完成")
    shown_by: Text = Field(title="检验", description="下一次评估怎样看出见效")
    items: list[Identifier] = Field(
        default_factory=list,
        exclude_if=not_,
        title="题目",
        description="针对指标里的哪几道题：同步办由其中一道题的差评而起时，先用针对它的措施",
    )
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")


class StreetTask(Part):
    """One thing that the street does about a need that many residents tick."""

    need: Text = Field(title="诉求", description="问卷急难愁盼题的选项文字，如“停车难”")
    what: Text = Field(title="措施", description="街道做什么，一句话")
    who: Title = Field(title="牵头部门", description="由哪个部门牵头")
    days: int = Field(ge=1, le=366, title="期限", description="报告印发后多少天内完成")
    shown_by: Text = Field(title="检验", description="下一次评估怎样看出见效")
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")


class Matter(Part):
    """A kind of needs, projects and resources, and the indicators that it is about."""

    kind: Text = Field(title="类别", description="需求、项目、资源清单里的类别，如 助餐养老")
    indicators: list[Identifier] = Field(
        min_length=1, title="指标", description="这一类事对应方案的哪些指标，如 A3"
    )


class ActionLibrary(Document):
    """Actions by indicator, the first to start with; and the street's tasks by need."""

    id: Identifier = Field(title="代码", description="措施库的代码")
    title: Text = Field(title="标题", description="措施库的名称")
    assumptions: list[Text] = Field(
        default_factory=list, title="假定", description="须在诊断书中注明的假定，每条一项"
    )
    actions: list[Action] = Field(default_factory=list, title="措施", description="按指标排列")
    street: list[StreetTask] = Field(
        default_factory=list,
        title="街道统筹",
        description="居民区自己办不了、由街道牵头的诉求，每项诉求一条",
    )
    matters: list[Matter] = Field(
        default_factory=list,
        exclude_if=not_,
        title="事项类别",
        description="清单里的类别各对应哪些指标：短板由此找到能用的项目",
    )

    def faults(self) -> Iterator[Fault]:
        """Yield actions that stand twice under one indicator, and needs with two tasks."""
        yield from duplicates(
            "街道统筹的诉求",
            [(("street", at, "need"), task.need) for at, task in enumerate(self.street)],
        )
        yield from duplicates(
            "事项类别",
            [(("matters", at, "kind"), matter.kind) for at, matter in enumerate(self.matters)],
        )
        yield from duplicates(
            "同一指标的措施",
            [
                (("actions", at, "what"), f"{action.indicator} {action.what}")
                for at, action in enumerate(self.actions)
            ],
        )

    def of(self, indicator: str) -> tuple[Action, ...]:
        """Return an indicator's actions, the first to do first."""
        return tuple(action for action in self.actions if action.indicator == indicator)

    def about(self, indicator: str, item: str) -> tuple[Action, ...]:
        """Return an indicator's actions where one of its questions is what is bad: those for it first."""
        return tuple(sorted(self.of(indicator), key=lambda action: item not in action.items))

    def kinds_of(self, indicator: str) -> tuple[str, ...]:
        """Return the kinds of needs and projects that an indicator is about, in their order."""
        return tuple(m.kind for m in self.matters if indicator in m.indicators)

    def for_need(self, name: str) -> StreetTask | None:
        """Return what the street does about a need, by its option's label; None if nothing."""
        return next((task for task in self.street if task.need == name), None)


def unknown_deadlines(library: ActionLibrary, order: EvaluationOrder) -> list[Problem]:
    """Return a problem for every year of a deadline whose working days nobody told.

    Deadlines become days where the order names the day its papers are signed.
    """
    if order.signed is None:
        return []
    lengths = [entry.days for entry in library.actions] + [task.days for task in library.street]
    days = [order.signed + dt.timedelta(days=length) for length in lengths]
    return unknown_years(order.calendar, days, "措施的完成时限")
