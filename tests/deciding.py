"""Documents as one value and results by wave, for tests that need only some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import EvaluationOrder, Wave
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.tables import Cells, Changes, Evaluation, Ranking, Scores, WaveResult


def order(waves: Iterable[str] = ("2016",), **settings: int) -> EvaluationOrder:
    """The shortest order: a title, a street and waves without files."""
    return EvaluationOrder.model_validate(
        {
            "title": "小评估",
            "street": "测试街道",
            "waves": [Wave(id=wave) for wave in waves],
            "settings": settings,
        }
    )


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


def results(
    cells: Mapping[str, Cells],
    scores: Mapping[str, Scores],
    ranking: Mapping[str, Ranking],
    changes: Mapping[str, Changes],
) -> dict[str, WaveResult]:
    """Results by wave, without answers."""
    return {
        wave: WaveResult(None, cells[wave], scores[wave], ranking[wave], changes.get(wave))
        for wave in cells
    }


def with_wave(evaluation: Evaluation, wave: str | None = None, **changed: Any) -> Evaluation:
    """The same evaluation with some of a wave's results changed; the current wave's if none is named."""
    wave = wave or evaluation.wave
    waves = {**evaluation.waves, wave: replace(evaluation.waves[wave], **changed)}
    return replace(evaluation, waves=waves)


def with_decided(evaluation: Evaluation, **changed: Any) -> Evaluation:
    """The same evaluation under some other documents."""
    return replace(evaluation, decided=replace(evaluation.decided, **changed))
