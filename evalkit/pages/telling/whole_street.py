"""What every paper about the whole street begins with: its title, its words, its marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evalkit.pages.press import meanings
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.sentences import Words
from evalkit.pages.telling import facts as known
from evalkit.tables import Evaluation


def paper(
    evaluation: Evaluation,
    kind: str,
    *,
    path: str,
    template: str,
    context: Mapping[str, Any],
    editable: bool = False,
    most: int | None = None,
) -> Paper:
    """Return a paper about the whole street of the current wave.

    Parameters
    ----------
    evaluation : Evaluation
    kind : str
        What it is called beside the street and the evaluation.
    path, template, editable, most
        See `Paper`.
    context : dict
        What its pages show beyond the words of the evaluation.
    """
    order = evaluation.order
    wave = order.wave_name(evaluation.wave)
    return Paper(
        path=path,
        template=template,
        title=f"{order.street}{order.title}{kind}（{wave}）",
        subject=f"{order.street}{order.title}",
        created=known.wave_date(evaluation),
        context={
            "wave": wave,
            "street": order.street,
            "evaluation_title": order.title,
            "synthetic": order.synthetic,
            "word": order.subject_word,
            "street_word": order.street_word,
            "confidence": known.confidence(evaluation),
            "names": tuple(subject.name for subject in evaluation.roster.subjects),
            "reasons": meanings.reasons(Words.of(order)),
            **context,
        },
        proof={"wave": wave},
        editable=editable,
        most=most,
    )
