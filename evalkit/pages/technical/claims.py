"""Every published number, what it is worked out from, and how far rounding lets it vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import ClaimVerdict
from evalkit.pages.press.claim_sentences import VERDICTS
from evalkit.pages.press.section import Section
from evalkit.pages.telling import claims
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled(Section):
    """All claims with their terms, and what the verdicts mean."""

    template = "technical/claims.html.j2"
    rows: Sequence[Mapping[str, str]]
    verdicts: Sequence[str]
    assumptions: Sequence[str]


def section(evaluation: Evaluation) -> Reconciled | None:
    """Plan the section; None where no published number is to be checked."""
    told = claims.rows(evaluation)
    if not told or evaluation.decided.claims is None:
        return None
    there = {claims.verdict(row) for row in told}
    return Reconciled(
        title="数据核对的算法",
        takeaway=(
            f"公布过的 {len(told)} 个数逐一重新算：{claims.tally(told)}。"
            "印出来的数按末位推出真数的范围，范围之间只用分数运算，没有容差。"
        ),
        rows=[claims.line(evaluation, row) for row in told],
        verdicts=[f"{one.value}：{VERDICTS[one]}" for one in ClaimVerdict if one in there],
        assumptions=evaluation.decided.claims.assumptions,
    )
