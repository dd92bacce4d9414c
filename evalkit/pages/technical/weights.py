"""What every indicator weighs in fact: who did not answer it does not count, others take its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights(Section):
    """Weights of the scheme beside those in fact."""

    template = "technical/weights.html.j2"
    rows: Sequence[Mapping[str, object]]


def section(evaluation: Evaluation) -> Weights | None:
    """Plan the weights; None where nobody has a score."""
    scores = evaluation.current.scores
    if not len(scores.subjects):
        return None
    share = 100.0 * scores.cell_weights.sum(axis=1)
    codes = [indicator.code for indicator in evaluation.scheme.indicators]
    rows = []
    for dimension in evaluation.scheme.dimensions:
        at = [codes.index(indicator.code) for indicator in dimension.indicators]
        rows.append(_row(dimension.name, dimension.weight, share[:, at].sum(axis=1), whole=True))
        rows += [
            _row(indicator.name, indicator.weight, share[:, codes.index(indicator.code)])
            for indicator in dimension.indicators
        ]
    return Weights(
        title="实际权重",
        takeaway=(
            "某类主体不评某项指标时，它的权重由这类主体评的其他指标分担，"
            "所以一项在总分里真正的分量与方案写的不完全相同。"
        ),
        rows=rows,
    )


def _row(
    name: str, weight: float, own: Sequence[float], *, whole: bool = False
) -> dict[str, object]:
    low, high = min(own), max(own)
    mean = sum(own) / len(own)
    return {
        "name": name,
        "whole": whole,
        "scheme": f"{weight:g}",
        "mean": say.fixed(mean),
        "range": say.interval(low, high) if say.fixed(low) != say.fixed(high) else say.fixed(low),
    }
