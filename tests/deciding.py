"""Documents as one value, for tests that need only some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import EvaluationOrder, Wave
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme


def order(waves: Iterable[str] = ("2016",)) -> EvaluationOrder:
    """The shortest order: a title, a street and waves without files."""
    return EvaluationOrder(title="小评估", street="测试街道", waves=[Wave(id=w) for w in waves])


def decided(
    scheme: Scheme,
    questionnaires: Mapping[str, Questionnaire],
    roster: Roster | None = None,
    **others: Any,
) -> Decided:
    """These documents, with the shortest order and an empty roster where none are given."""
    others.setdefault("order", order())
    roster = Roster.model_construct(subjects=[]) if roster is None else roster
    return Decided(scheme=scheme, questionnaires=questionnaires, roster=roster, **others)
