"""Who rates: a rater group of the scheme, through a questionnaire or through a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from evalkit.definitions.documents import Basis, Identifier, MaybeIdentifier, Part, Prose, Title
from evalkit.definitions.faults import Fault
from evalkit.definitions.places import Steps


class RaterGroup(Part):
    """Who rates. Weights of all groups add to 100.

    A group speaks through a questionnaire or through a ledger, never through both.

    Attributes
    ----------
    residents : bool
        Counts towards the residents' share.
    residents_reason : str
        Why a ledger (a hotline's ratings, say) counts towards it.
    raters : {"respondent", "rater"}
        Whether every answer is a rater of its own, or one rater rates several committees and is
        therefore one cluster.
    covers : list of str or None
        Indicators this group can judge; None for all that its questionnaire has items for.
    minimum_n : int
        Below this many valid answers the cell is not published.
    population : int or None
        Number of raters in the group where all of them are known (finite-population correction).
    sample : {"unsaid", "random", "list"}
        How its people were found: drawn at random, or asked because their names are on a list (who
        are no sample of anybody but the list). The roster's ``listed`` is the list's length.
    design_effect : float
        How many times larger variances are than those of independent answers, where the files do not
        tell which answers are of one building, household or interviewer (role ``cluster``).
    """

    code: Identifier = Field(title="主体", description="评价主体代码")
    name: Title = Field(title="名称", description="评价主体的名称")
    description: Prose = Field(default="", title="说明", description="包括哪些人")
    weight: float = Field(gt=0, title="权重", description="各主体之和为 100")
    questionnaire: MaybeIdentifier = Field(
        default=None, title="问卷", description="该主体填写的问卷代码；由台账说话的主体不写"
    )
    residents: bool = Field(default=False, title="居民", description="计入居民权重的主体")
    raters: Literal["respondent", "rater"] = Field(
        default="respondent", title="答卷方式", description="一份答卷一人，还是一人评多个对象"
    )
    covers: Annotated[list[Identifier], Field(min_length=1)] | None = Field(
        default=None, title="可评指标", description="只评其中一部分指标时写明指标代码；留空为全部"
    )
    minimum_n: int = Field(
        default=10, ge=2, title="最少份数", description="有效答卷少于此数的不公布"
    )
    population: int | None = Field(
        default=None, ge=1, title="总人数", description="该主体全部人数已知时填写"
    )
    design_effect: float = Field(
        default=1.0, ge=1, le=20, title="设计效应", description="没有登记同组时，误差方差的放大倍数"
    )
    sample: Literal["unsaid", "random", "list"] = Field(
        default="unsaid",
        title="抽样",
        description="怎样找到答卷人",
    )
    rates_itself: bool = Field(
        default=True, title="可评自己", description="互评时为否：不得评价自己"
    )
    ledger: MaybeIdentifier = Field(
        default=None, title="台账", description="该主体由哪份台账说话（台账代码）；填问卷的主体不写"
    )
    residents_reason: Prose = Field(
        default="", title="计入居民的理由", description="台账计入居民权重时，写明为什么"
    )
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")

    @property
    def source(self) -> str:
        """The questionnaire or the ledger that it speaks through: the key of indicators' items."""
        return self.questionnaire or self.ledger or ""

    @property
    def source_name(self) -> str:
        """What it speaks through, in words for analysts."""
        return f"台账 {self.ledger} 的度量" if self.ledger else f"问卷 {self.questionnaire} 的题目"

    @property
    def source_named(self) -> str:
        """Where something of it stands, in words for analysts."""
        return (
            f"台账 {self.ledger} 中有度量" if self.ledger else f"问卷 {self.questionnaire} 中有题目"
        )

    def faults(self, steps: Steps) -> Iterator[Fault]:
        """Yield a group that speaks through nothing or through two, and what suits no ledger."""
        if (self.questionnaire is None) == (self.ledger is None):
            yield Fault(
                steps,
                "group_source",
                f"评价主体“{self.name}”要由一份问卷或一份台账说话",
                expected="questionnaire 或 ledger，写一样",
                found="两样都没有" if self.ledger is None else "两样都写了",
                remedy="填问卷的写 questionnaire，由记录说话的写 ledger",
                needs=((*steps, "questionnaire"), (*steps, "ledger")),
            )
        if self.ledger is None:
            return
        if self.residents and not self.residents_reason.strip():
            yield Fault(
                (*steps, "residents"),
                "ledger_as_residents",
                f"台账主体“{self.name}”计入居民权重，没有写理由",
                expected="residents_reason：为什么这些记录能代表居民",
                found="（空）",
                remedy="写明理由；或改为 residents: false",
                needs=((*steps, "residents_reason"),),
            )
        for field, usual in (
            ("raters", "respondent"),
            ("population", None),
            ("design_effect", 1.0),
            ("sample", "unsaid"),
        ):
            if getattr(self, field) != usual:
                yield Fault(
                    (*steps, field),
                    "not_of_a_ledger",
                    f"这一项只对填问卷的主体有意义，主体“{self.name}”由台账说话",
                    expected="不写",
                    found=str(getattr(self, field)),
                    remedy="删去这一项",
                )
