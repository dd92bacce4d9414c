"""Claims (公布的数): what a street has published, and how each number can be worked out again.

Every number stands as it was printed, since its last digit and the words beside it say how far it
was rounded. What is worked out from what is one of a few ways; what nothing at hand can tell says
why.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from evalkit.definitions.calendar import Day
from evalkit.definitions.claim_faults import faults_of
from evalkit.definitions.documents import (
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeText,
    Part,
    Prose,
    Text,
    Title,
)
from evalkit.definitions.faults import Fault
from evalkit.definitions.printed import Printed
from evalkit.methods.ranges import Range

Recomputed = Literal["sum", "share", "ratio", "growth", "listed", "none"]
Side = Literal["over", "under", "both"]


class Term(Part):
    """One number from which a claim is worked out.

    It comes from one source: printed, another claim, a ledger, the roster, or days from one to
    another. Without any, it is a part of which only the name is known.

    Attributes
    ----------
    column : str or None
        Of a ledger: what is added up; None counts its records.
    where : dict of column to texts
        Of a ledger: only records that hold one of these texts in each of these columns.
    measure : str or None
        Of a ledger: the street's number of one of its measures, instead of a count or a sum.
    wave : str or None
        Of a ledger or the roster: the wave; None is the one that is evaluated.
    times : float
        What it is multiplied by, such as 0.6, or -1 for what is taken off.
    side : {"over", "under", "both"}
        Of a share or ratio: above the line, below it, or in both.
    """

    name: Title = Field(title="名称", description="这一项是什么，如 户籍人口")
    printed: MaybeText = Field(
        default=None, title="写出的数", description="照原文写，连单位，如 26,476 户、86.76 万元"
    )
    claim: MaybeIdentifier = Field(
        default=None, title="另一公布数", description="用另一个公布的数，写它的代码"
    )
    ledger: MaybeIdentifier = Field(
        default=None, title="台账", description="由哪份台账的记录算；什么都不写就是数条数"
    )
    column: MaybeIdentifier = Field(
        default=None, title="求和列", description="台账：把哪一列加起来；不写就是数条数"
    )
    where: dict[Identifier, list[Text]] = Field(
        default_factory=dict, title="条件", description="台账：列 -> 取值；只计符合的记录"
    )
    measure: MaybeIdentifier = Field(
        default=None, title="度量", description="台账：用它的哪个度量（占比、得分或比率）"
    )
    roster: Literal["subjects", "population"] | None = Field(
        default=None, title="名册", description="名册上的个数，或人口合计"
    )
    wave: MaybeText = Field(
        default=None, title="批次", description="台账、名册：哪个批次；不写就是本次"
    )
    since: Day | None = Field(default=None, title="起", description="天数：从哪一天（含）")
    until: Day | None = Field(default=None, title="止", description="天数：到哪一天（含）")
    workdays: bool = Field(default=False, title="只计工作日", description="天数：只数工作日")
    times: float = Field(
        default=1.0,
        ge=-1e6,
        le=1e6,
        title="系数",
        description="乘以多少，如基本满意按 0.6 计；减去的写 -1",
    )
    side: Side = Field(
        default="over", title="位置", description="占比、比值：在分子、分母，还是两处都有"
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """Say where the number comes from, by key; one, if nothing is wrong."""
        days = self.since is not None or self.until is not None
        told = {
            "printed": self.printed is not None,
            "claim": self.claim is not None,
            "ledger": self.ledger is not None,
            "roster": self.roster is not None,
            "since": days,
        }
        return tuple(key for key, given in told.items() if given)

    @property
    def is_named_only(self) -> bool:
        """Whether nothing is known of it but its name."""
        return not self.sources


class Claim(Part):
    """One number that was published.

    Attributes
    ----------
    way : str
        ``sum`` of terms, ``share`` of some in others, ``ratio`` of some to others (times `per`),
        ``growth`` of the first over the second, ``listed`` the number of what is listed, ``none``.
    whole : str or None
        Whether a whole number is exact or was rounded to the unit. Unless said, results of
        divisions and what is measured (元) were rounded and everything else is exact.
    complete : bool
        Whether all parts of a sum are listed; what is listed by name may always be a part.
    """

    id: Identifier = Field(title="代码", description="公布数的代码，如 needs-2024")
    text: Text = Field(title="原文", description="公布时怎样说的，照抄一句")
    printed: Text = Field(
        title="公布的数",
        description="照原文写，连单位和约、余、近、以上等字，如 9,742 项、94.69%、约 500",
    )
    source: Text = Field(title="出处", description="哪一份材料，如 2024 年度工作总结")
    page: MaybeText = Field(default=None, title="页码", description="在第几页，或网址")
    date: Day | None = Field(default=None, title="日期", description="公布的日期，如 2024-03-05")
    way: Recomputed = Field(title="算法", description="怎样重新算出来")
    per: float = Field(
        default=1.0, ge=1, le=1e9, title="每", description="比值乘以多少，如每千人写 1000"
    )
    whole: Literal["exact", "rounded"] | None = Field(
        default=None,
        title="整数",
        description="不写时：除出来的和金额等量出来的整数算四舍五入到个位，其余的整数算确数",
    )
    complete: bool = Field(
        default=True, title="列全", description="各项是不是都列出来了；原文写“包括”“其中”的写否"
    )
    listed: list[Title] = Field(
        default_factory=list, title="列出的", description="逐一点名的，用来数有几个"
    )
    reason: Prose = Field(default="", title="理由", description="无法核对的：为什么")
    terms: list[Term] = Field(default_factory=list, title="各项", description="由哪些数算出")

    @property
    def published_in(self) -> str:
        """Say where and when it was published, on one line."""
        return "，".join(x for x in (self.source, str(self.date or ""), self.page or "") if x)

    @property
    def divides(self) -> bool:
        """Whether it is worked out by a division."""
        return self.way in ("share", "ratio", "growth")

    def range_of(self, printed: Printed, *, own: bool) -> Range:
        """Return the numbers that are printed like this: its own number, or one of its terms."""
        counted = not printed.is_measured and not (own and self.divides)
        if self.whole is not None:
            counted = self.whole == "exact"
        return printed.reach(counted=counted)


class Claims(Document):
    """The numbers that a street has published."""

    id: Identifier = Field(title="代码", description="这份清单的代码")
    title: Title = Field(title="标题", description="清单的名称，如 2024 年公布数")
    assumptions: list[Text] = Field(
        default_factory=list, title="假定", description="须在页面注明的假定，每条一项"
    )
    claims: list[Claim] = Field(min_length=1, title="公布的数", description="每个公布的数一条")

    def claim(self, code: str) -> Claim | None:
        """Return the claim of that id, if there is one."""
        return next((claim for claim in self.claims if claim.id == code), None)

    def faults(self) -> Iterator[Fault]:
        """Yield everything wrong with this document that its types alone do not show."""
        yield from faults_of(self)
