"""A scheme: how answers become a score. Dimensions > indicators > items, rater groups, grades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import fsum
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, StringConstraints, field_validator

from evalkit import numerals
from evalkit.definitions.documents import Basis, Document, Identifier, Part, Text, Title
from evalkit.definitions.faults import Fault, duplicates, sum_fault
from evalkit.definitions.places import Steps
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.spreading import Uncovered, spread
from evalkit.errors import UnknownId

__all__ = [
    "RESERVED", "Alternative", "Dimension", "Grade", "Indicator", "OptionScore", "RaterGroup", "Scheme",
]  # fmt: skip

_GROUPS: Steps = ("groups", "*", "weight")
_CODES: Steps = ("dimensions", "*", "indicators", "*", "code")
_ITEMS: Steps = ("dimensions", "*", "indicators", "*", "items")

RESERVED = frozenset({"composite", "all", "overall"})
"""Codes that cells and the tables of results use themselves."""


def _score_key(value: str) -> str:
    score = numerals.number(value)
    if score is None or not 0 <= score <= 100:
        raise ValueError("原分值，0-100 的数")
    return numerals.plain(value) or value


OptionScore = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_score_key)]
"""An option's score as the key of a replacement."""


class Indicator(Part):
    """What is measured by one or a few items, per questionnaire."""

    code: Identifier = Field(title="指标", description="指标代码，如 A1")
    name: Title = Field(title="名称", description="指标的名称")
    weight: float = Field(
        gt=0, title="权重", description="在总分中的权重；各维度内之和为该维度权重"
    )
    items: dict[Identifier, list[Identifier]] = Field(
        title="题目",
        description="问卷代码 -> 题目代码，或台账代码 -> 度量代码；一道题只归一个指标",
    )
    must_not_wait: bool = Field(
        default=False,
        title="不得等",
        description="事关人身安全或困难群体：偏低时不参加先后排序，同步办",
    )
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")

    @field_validator("items")
    @classmethod
    def _only_questionnaires_with_items(cls, items: dict[str, list[str]]) -> dict[str, list[str]]:
        return {questionnaire: found for questionnaire, found in items.items() if found}


class Dimension(Part):
    """A family of indicators; its weight is what theirs add up to."""

    code: Identifier = Field(title="维度", description="维度代码，如 A")
    name: Title = Field(title="名称", description="维度的名称")
    weight: float = Field(gt=0, title="权重", description="各维度之和为 100")
    indicators: list[Indicator] = Field(min_length=1, title="指标", description="本维度的指标")
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")


class Grade(Part):
    """A grade and the lowest unrounded score that earns it."""

    name: Title = Field(title="等第", description="等第的名称，从高到低")
    cutoff: float = Field(
        ge=0, le=100, title="分数线", description="未取整的得分达到此数即得此等第；最低等第为 0"
    )
    good: bool = Field(default=False, title="优良", description="计入“优秀和良好”")
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")


class Alternative(Part):
    """Another set of weights or option scores, to show how much hangs on the choice."""

    id: Identifier = Field(title="代码", description="备选方案的代码")
    name: Title = Field(title="名称", description="备选方案的名称")
    group_weights: dict[Identifier, Annotated[float, Field(ge=0, le=100)]] = Field(
        default_factory=dict,
        title="主体权重",
        description="评价主体代码 -> 权重；没有写的主体权重不变，合计须为 100",
    )
    option_scores: dict[OptionScore, Annotated[float, Field(ge=0, le=100)]] = Field(
        default_factory=dict, title="替换分值", description="原分值 -> 替换分值"
    )


class Scheme(Document):
    """How answers become scores, ranks and grades."""

    id: Identifier = Field(title="代码", description="方案的代码")
    title: Text = Field(title="标题", description="方案的名称")
    published: list[Text] = Field(
        default_factory=list, title="公开资料", description="有公开出处的事实，每条一项"
    )
    assumptions: list[Text] = Field(
        default_factory=list, title="假定", description="我们的假定，须在报告中注明，每条一项"
    )
    residents_weight: Annotated[float, Field(ge=0, le=100)] | None = Field(
        default=None,
        title="居民权重",
        description="居民类主体的权重之和，写了就核对；不写则按各主体的权重算出",
    )
    groups: list[RaterGroup] = Field(min_length=1, title="评价主体", description="谁来评")
    dimensions: list[Dimension] = Field(min_length=1, title="维度", description="评什么")
    grades: list[Grade] = Field(min_length=1, title="等第", description="从高到低")
    uncovered: Uncovered = Field(
        default="within_group",
        title="评不了的指标",
        description="主体评不了的指标，其权重由谁分担",
    )
    minimum_answered: float = Field(
        default=0.5, gt=0, le=1, title="最低作答比例", description="指标内至少答了多大比例才计分"
    )
    confidence: float = Field(
        default=0.95, gt=0.5, lt=1, title="置信水平", description="区间的置信水平，如 0.95"
    )
    false_discovery_rate: float = Field(
        default=0.05, gt=0, lt=0.5, title="错误发现率", description="判定变化时允许的错误发现率"
    )
    urgent_share: float = Field(
        default=0.15,
        gt=0,
        le=1,
        title="紧急占比",
        description="不得等的指标，有这么多居民选差的选项（不到 50 分）就同步办",
    )
    satisfied_from: float = Field(
        default=75.0,
        gt=0,
        le=100,
        title="满意分值",
        description="选项的分值不低于它，算“满意”（满意率）",
    )
    acceptable_from: float = Field(
        default=60.0,
        gt=0,
        le=100,
        title="基本满意分值",
        description="选项的分值不低于它，算“基本满意及以上”；不高于满意分值",
    )
    alternatives: list[Alternative] = Field(
        default_factory=list, title="备选方案", description="用来看结果有多依赖权重和分值"
    )

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """All indicators, in the order of their dimensions."""
        return tuple(i for dimension in self.dimensions for i in dimension.indicators)

    @property
    def asked(self) -> tuple[RaterGroup, ...]:
        """The groups that fill in questionnaires."""
        return tuple(group for group in self.groups if group.questionnaire is not None)

    @property
    def residents(self) -> tuple[RaterGroup, ...]:
        """The groups of residents who fill in questionnaires; a ledger asks nobody."""
        return tuple(group for group in self.asked if group.residents)

    @property
    def ledgers(self) -> tuple[str, ...]:
        """The ledgers that groups speak through."""
        return tuple(dict.fromkeys(g.ledger for g in self.groups if g.ledger is not None))

    def group(self, code: str) -> RaterGroup:
        """Return the rater group of that code; `UnknownId` if there is none."""
        for group in self.groups:
            if group.code == code:
                return group
        raise UnknownId("rater group", code, [group.code for group in self.groups])

    def covered(self, group: RaterGroup) -> tuple[str, ...]:
        """Return the codes of the indicators a group judges, in the scheme's order."""
        has_items = [i.code for i in self.indicators if i.items.get(group.source)]
        return tuple(c for c in has_items if group.covers is None or c in group.covers)

    def weights(self) -> NDArray[np.float64]:
        """Return the weight of every (group, indicator) in the composite.

        Returns
        -------
        ndarray of shape (G, I)
            Non-negative, adding up to 1; groups and indicators in the scheme's order. Zero where
            a group does not judge an indicator.
        """
        return spread(
            np.array([group.weight for group in self.groups]),
            np.array([indicator.weight for indicator in self.indicators]),
            self.coverage(),
            self.uncovered,
        )

    def coverage(self) -> NDArray[np.float64]:
        """Return 1 where a group judges an indicator, else 0; shape (G, I)."""
        judged = [set(self.covered(group)) for group in self.groups]
        return np.array([[i.code in own for i in self.indicators] for own in judged], dtype=float)

    def under(self, alternative: Alternative) -> Scheme:
        """Return this scheme with an alternative's rater-group weights; 0 leaves a group out."""
        groups = [
            group.model_copy(
                update={"weight": alternative.group_weights.get(group.code, group.weight)}
            )
            for group in self.groups
        ]
        return self.model_copy(update={"groups": [g for g in groups if g.weight > 0]})

    def residents_share(self) -> float:
        """Return what the residents' groups weigh together, of 100."""
        return fsum(group.weight for group in self.groups if group.residents)

    def grade_of(self, score: float) -> str:
        """Return the grade of an unrounded score; below all cut-offs it is the lowest grade."""
        for grade in self.grades:
            if score >= grade.cutoff:
                return grade.name
        return self.grades[-1].name

    def faults(self) -> Iterator[Fault]:
        """Yield everything wrong with this document that its types alone do not show."""
        dimensions = [(("dimensions", at, "code"), d.code) for at, d in enumerate(self.dimensions)]
        indicators = [((*steps, "code"), i.code) for steps, i in self._placed_indicators()]
        groups = [(("groups", at, "code"), g.code) for at, g in enumerate(self.groups)]
        yield from duplicates("维度代码", dimensions)
        yield from duplicates("指标代码", indicators)
        yield from duplicates("评价主体代码", groups)
        yield from duplicates(
            "等第名称", [(("grades", at, "name"), g.name) for at, g in enumerate(self.grades)]
        )
        yield from duplicates(
            "备选方案代码",
            [(("alternatives", at, "id"), a.id) for at, a in enumerate(self.alternatives)],
        )
        for steps, code in (*dimensions, *indicators, *groups):
            if code in RESERVED:
                yield Fault(
                    steps,
                    "reserved_code",
                    "代码是保留字",
                    expected=f"不是 {'、'.join(sorted(RESERVED))}",
                    found=code,
                    remedy="换一个代码",
                )
        if self.acceptable_from > self.satisfied_from:
            yield Fault(
                ("acceptable_from",),
                "acceptable_above_satisfied",
                "基本满意的分值高于满意的分值",
                expected=f"不高于 {self.satisfied_from:g}（satisfied_from）",
                found=f"{self.acceptable_from:g}",
                remedy="改小 acceptable_from，或改大 satisfied_from",
            )
        yield from self._weight_faults()
        yield from self._grade_faults()
        yield from self._reference_faults()
        for at, group in enumerate(self.groups):
            yield from group.faults(("groups", at))

    def _placed_indicators(self) -> Iterator[tuple[Steps, Indicator]]:
        for at, dimension in enumerate(self.dimensions):
            for place, indicator in enumerate(dimension.indicators):
                yield ("dimensions", at, "indicators", place), indicator

    def _weight_faults(self) -> Iterator[Fault]:
        groups = [(("groups", at, "weight"), g.weight) for at, g in enumerate(self.groups)]
        yield from sum_fault(("groups", "weight"), "评价主体权重之和", 100, groups, (_GROUPS,))
        yield from self._residents_fault(groups)
        yield from sum_fault(
            ("dimensions", "weight"),
            "维度权重之和",
            100,
            [(("dimensions", at, "weight"), d.weight) for at, d in enumerate(self.dimensions)],
            (("dimensions", "*", "weight"),),
        )
        for at, dimension in enumerate(self.dimensions):
            steps: Steps = ("dimensions", at, "indicators")
            yield from sum_fault(
                (*steps, "weight"),
                f"维度“{dimension.name}”的指标权重之和",
                dimension.weight,
                [((*steps, p, "weight"), i.weight) for p, i in enumerate(dimension.indicators)],
                (("dimensions", at, "weight"), (*steps, "*", "weight")),
            )
        for at, alternative in enumerate(self.alternatives):
            yield from self._alternative_faults(("alternatives", at), alternative)

    def _residents_fault(self, groups: Sequence[tuple[Steps, float]]) -> Iterator[Fault]:
        """Yield a share of the residents that is declared and is not what their groups weigh."""
        if self.residents_weight is None:
            return
        share = f"{self.residents_share():g}"
        yield from sum_fault(
            ("groups", "weight"),
            "居民类主体（residents: true）的权重之和",
            self.residents_weight,
            [weight for weight, group in zip(groups, self.groups, strict=True) if group.residents],
            (_GROUPS, ("groups", "*", "residents"), ("residents_weight",)),
            f"把 residents_weight 改为 {share}，或删去这一行；是居民填写的主体，要写 residents: true",
        )

    def _alternative_faults(self, steps: Steps, alternative: Alternative) -> Iterator[Fault]:
        if not alternative.group_weights and not alternative.option_scores:
            yield Fault(
                steps,
                "empty_alternative",
                "备选方案什么也没有改变",
                expected="主体权重（group_weights）或替换分值（option_scores）",
                found="（空）",
                remedy="写明其中之一，或删去该方案",
                needs=((*steps, "group_weights"), (*steps, "option_scores")),
            )
        codes = [group.code for group in self.groups]
        if alternative.group_weights:
            placed: dict[str, tuple[Steps, float]] = {
                g.code: (("groups", at, "weight"), g.weight) for at, g in enumerate(self.groups)
            }
            for code, weight in alternative.group_weights.items():
                placed[code] = ((*steps, "group_weights", code), weight)
            yield from sum_fault(
                (*steps, "group_weights"),
                f"备选方案“{alternative.name}”的主体权重之和",
                100,
                list(placed.values()),
                ((*steps, "group_weights"), _GROUPS),
            )
            for code in alternative.group_weights:
                yield from _known(
                    (*steps, "group_weights", code), code, codes, (("groups", "*", "code"),)
                )
        yield from duplicates(
            f"备选方案“{alternative.name}”的原分值",
            [
                ((*steps, "option_scores", score), f"{float(score):.15g}")
                for score in alternative.option_scores
            ],
        )

    def _grade_faults(self) -> Iterator[Fault]:
        cutoffs = [grade.cutoff for grade in self.grades]
        places: list[Steps] = [("grades", at, "cutoff") for at in range(len(cutoffs))]
        if any(low >= high for high, low in pairwise(cutoffs)):
            yield Fault(
                ("grades", "cutoff"),
                "cutoffs_out_of_order",
                "等第分数线顺序不对",
                expected="从高到低，各不相同",
                found="、".join(f"{g.name} {g.cutoff:g}" for g in self.grades),
                remedy="按分数线从高到低排列",
                involved=tuple(places),
            )
        if min(cutoffs) != 0:
            yield Fault(
                places[cutoffs.index(min(cutoffs))],
                "no_lowest_grade",
                "最低等第的分数线必须为 0，否则有的得分没有等第",
                expected="0",
                found=f"{min(cutoffs):g}",
                remedy="补上一个分数线为 0 的等第",
                needs=(("grades", "*", "cutoff"),),
            )

    def _reference_faults(self) -> Iterator[Fault]:
        codes = [indicator.code for indicator in self.indicators]
        for at, group in enumerate(self.groups):
            for place, code in enumerate(group.covers or ()):
                yield from _known(("groups", at, "covers", place), code, codes, (_CODES,))
            if not self.covered(group):
                yield Fault(
                    ("groups", at),
                    "group_covers_nothing",
                    f"评价主体“{group.name}”没有任何可评的指标",
                    expected=f"至少一个指标含{group.source_name}",
                    found="0",
                    remedy="在指标的 items 中补上，或删去该主体",
                    needs=(("groups", at), _CODES, _ITEMS),
                )
        for steps, indicator in self._placed_indicators():
            if not any(indicator.code in self.covered(group) for group in self.groups):
                yield Fault(
                    steps,
                    "indicator_without_group",
                    f"没有评价主体能评指标“{indicator.name}”",
                    expected="至少一个主体的问卷有该指标的题目",
                    found="、".join(indicator.items) or "（没有题目）",
                    remedy="补上题目，或把权重分给别的指标",
                    needs=(steps, ("groups", "*", "questionnaire"), ("groups", "*", "covers")),
                )


def _known(steps: Steps, code: str, known: list[str], needs: tuple[Steps, ...]) -> Iterator[Fault]:
    if code not in known:
        yield Fault(
            steps,
            "unknown_reference",
            "引用了不存在的代码",
            expected="、".join(known),
            found=code,
            remedy="改正代码，或补上它所指的内容",
            needs=needs,
        )
