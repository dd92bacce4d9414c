"""Weights of the scheme beside those in fact: what a group does not judge, others take the place of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.words import WORDS
from evalkit.pages.press.section import Section
from evalkit.pages.telling import weights
from evalkit.pages.telling.weights import Weight
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights(Section):
    """Weights of the scheme beside those in fact."""

    template = "technical/weights.html.j2"
    rows: Sequence[Mapping[str, object]]


def section(evaluation: Evaluation) -> Weights | None:
    """Plan the weights; None where nobody has a score."""
    scheme, found = evaluation.scheme, weights.of_measures(evaluation)
    if not found:
        return None
    rows = []
    for dimension in scheme.dimensions:
        rows.append(_row(dimension.name, found[dimension.code], whole=True))
        rows += [_row(one.name, found[one.code]) for one in dimension.indicators]
    return Weights(
        title=f"{weights.NOMINAL}与{weights.EFFECTIVE}",
        takeaway=(
            f"某类主体不评某项指标时，它的权重{WORDS['uncovered'][scheme.uncovered]}，"
            f"所以一项在总分里真正的分量（{weights.EFFECTIVE}）与方案写的（{weights.NOMINAL}）不完全相同；"
            f"各项得分按{weights.EFFECTIVE}相加，就是综合得分。"
            if weights.differ(found)
            else f"{weights.EFFECTIVE}与方案写的{weights.NOMINAL}相同；各项得分按它相加，就是综合得分。"
        ),
        rows=rows,
    )


def _row(name: str, weight: Weight, *, whole: bool = False) -> dict[str, object]:
    return {
        "name": name,
        "whole": whole,
        "scheme": f"{weight.nominal:g}",
        "mean": weight.mean,
        "range": weight.reach,
    }
