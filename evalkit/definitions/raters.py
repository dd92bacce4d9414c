"""Who rates: a rater group of the scheme, and how its people were found."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evalkit.definitions.documents import Basis, Identifier, Part, Prose, Title


class RaterGroup(Part):
    """Who rates. Weights of all groups add to 100.

    Attributes
    ----------
    residents : bool
        Counts towards the residents' share.
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
    questionnaire: Identifier = Field(title="问卷", description="该主体填写的问卷代码")
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
        description="怎样找到答卷人：random 随机抽取，list 按名单约请，unsaid 没有说明",
    )
    rates_itself: bool = Field(
        default=True, title="可评自己", description="互评时为否：不得评价自己"
    )
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")
