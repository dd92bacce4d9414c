"""Numbers that the street has published, worked out again from what is at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import ClaimVerdict
from evalkit.pages.press.section import Section
from evalkit.pages.telling import claims
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled(Section):
    """Published numbers with what they come to and the verdict."""

    template = "street/claims.html.j2"
    rows: Sequence[Mapping[str, str]]
    left: str
    remark: str


def section(evaluation: Evaluation) -> Reconciled | None:
    """Plan the section; None where no published number is to be checked."""
    told = claims.rows(evaluation)
    if not told:
        return None
    shown = claims.shown(evaluation)
    against = sum(claims.verdict(row) is ClaimVerdict.CONTRADICTED for row in told)
    return Reconciled(
        title="数据核对",
        takeaway=(
            f"核对了公布过的 {len(told)} 个数："
            f"{claims.tally(told)}。"
            + ("不符的请提供数字的科室核实，更正前不宜再引用。" if against else "没有不符的。")
        ),
        rows=[claims.line(evaluation, row) for row in shown],
        left=(
            f"这里列出 {len(shown)} 个，全部 {len(told)} 个和算法见技术说明。"
            if len(shown) < len(told)
            else "各数的算法见技术说明。"
        ),
        remark=claims.UNSAID,
    )
