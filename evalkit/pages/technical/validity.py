"""Do records and residents say the same: correlations, corrected for the errors of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.methods.attenuation import FEWEST
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Row
from evalkit.tables import Evaluation

APART = 1.0
"""Width of an interval from which on the pages say that it tells little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity(Section):
    """Every measure beside the indicator that people are asked of."""

    template = "technical/validity.html.j2"
    confidence: str
    rows: Sequence[Mapping[str, str]]
    remarks: str


def section(evaluation: Evaluation) -> Validity | None:
    """Plan the section; None where no measure stands beside an indicator."""
    rows = [row for row in known.records(evaluation.validity) if not say.missing(row["r"])]
    if not rows:
        return None
    word = evaluation.order.subject_word
    return Validity(
        title="记录与评价是否一致",
        takeaway=_takeaway(rows),
        confidence=known.confidence(evaluation),
        rows=[_row(evaluation, row) for row in rows],
        remarks=(
            "相关系数看的是：记录里做得好的，居民是不是也说好。两边都有误差，直接算会偏低；校正后是"
            "假如两边都没有误差，会有多像（误差各处不同，按似然估计，误差范围连误差的误差一起计入）。"
            f"只用两边都公布的{word}，不足 {FEWEST} 个的不算。相关低，不说明哪一边错：记录和评价"
            "本来就可能说的是两回事。"
        ),
    )


def _takeaway(rows: Sequence[Row]) -> str:
    told = [row for row in rows if not say.missing(row["low"])]
    alike = [row for row in told if float(row["low"]) > 0]
    wide = sum(float(row["high"]) - float(row["low"]) > APART for row in told)
    said = f"{len(rows)} 对度量与指标中，{len(alike)} 对能断定方向一致"
    return f"{said}；{wide} 对的误差范围太宽，说明不了什么。" if wide else f"{said}。"


def _row(evaluation: Evaluation, row: Row) -> dict[str, str]:
    ledger = evaluation.decided.ledgers[str(row["ledger"])]
    names = {one.code: one.name for one in evaluation.scheme.indicators}
    return {
        "measure": f"《{ledger.title}》{ledger.measure(str(row['measure'])).name}",
        "indicator": names[str(row["indicator"])],
        "r": say.fixed(row["r"], 2),
        "corrected": say.fixed(row["corrected"], 2),
        "interval": _interval(row),
        "n": str(row["n"]),
    }


def _interval(row: Row) -> str:
    if say.missing(row["low"]):
        return say.MISSING
    return f"{say.fixed(row['low'], 2)} 至 {say.fixed(row['high'], 2)}"
