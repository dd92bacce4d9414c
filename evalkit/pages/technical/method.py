"""How the numbers are made, and what the statistical words of this paper mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.pages.press.meanings import meaning
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words
from evalkit.pages.technical import trust
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import method
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Method(Section):
    """How the numbers are made and what they mean."""

    template = "technical/method.html.j2"
    basis: method.Basis
    meanings: Sequence[str]


def section(evaluation: Evaluation) -> Method:
    """Plan method, published facts and assumptions."""
    return Method(
        title="方法与假定",
        takeaway=(
            f"得分由 {len(evaluation.scheme.groups)} 类评价主体、"
            f"{len(evaluation.scheme.dimensions)} 个维度、{len(evaluation.scheme.indicators)} 项指标"
            "按实际权重相加而成。"
        ),
        basis=method.basis(evaluation),
        meanings=_meanings(evaluation),
    )


def _meanings(evaluation: Evaluation) -> list[str]:
    """Return what the figures of this report mean, each in its one sentence."""
    assurance = evaluation.assurance
    random = bool((assurance.sensitivity["scenario"] == trust.RANDOM).any())
    shown = {
        "bands": bool(len(assurance.bands)),
        "shrunken": bool(len(assurance.bands)),
        "adjusted": bool(assurance.bands["adjusted"].notna().any()),
        "gap": "mean" in assurance.gap,
        "same_grade": random,
        "same_third": random,
        "total": bool(len(assurance.weight_influence)),
        "drivers": bool(len(assurance.drivers)),
        "quality": bool(len(assurance.quality)),
        "excess": bool(len(assurance.quality)),
        "grade_probability": True,
        "extremes": bool(len(assurance.extremes)),
        "by_group": len(assurance.by_group) > 1,
        "luck": known.changes_of(evaluation) is not None,
        "plan": bool(len(assurance.plan)),
    }
    return [meaning(key, Words.of(evaluation.order)) for key, on in shown.items() if on]
