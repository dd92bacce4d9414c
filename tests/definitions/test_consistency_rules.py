"""Faults between documents that hang on where something is written, or on what could be loaded."""

from __future__ import annotations

from typing import Any

from evalkit.definitions.consistency import Origins, check
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from tests.definitions.small import Data, fresh


def problems(
    scheme: Data | None = None, organisation: Data | None = None, **origins: Any
) -> list[tuple[str, str | None]]:
    forms = [fresh("resident"), organisation or fresh("organisation")]
    found = check(
        EvaluationOrder.model_validate(fresh("evaluation")),
        Scheme.model_validate(scheme or fresh("scheme")),
        {form["id"]: Questionnaire.model_validate(form) for form in forms},
        None,
        origins=Origins(**origins),
    )
    return [(problem.code, problem.key) for problem in found]


def test_the_small_documents_agree() -> None:
    assert problems() == []


def test_a_score_may_stand_in_a_questionnaire_that_could_not_be_loaded() -> None:
    scheme = fresh("scheme")
    scheme["alternatives"][1]["option_scores"] = {"55": 75}
    told = ("unknown_score", "alternatives[1](even-scores).option_scores.55")
    assert problems(scheme) == [told]
    assert problems(scheme, complete=False) == []
    scheme["alternatives"][1]["option_scores"] = {"80.0": 75}
    assert problems(scheme) == []


def test_options_of_a_group_item_are_named_where_they_are_written() -> None:
    form = fresh("organisation")
    (item,) = [item for item in form["items"] if item.get("role") == "group"]
    at = form["items"].index(item)
    item["options"][0]["group"] = "nobody"
    label = f"({item['id']})"
    option = f"({item['options'][0]['label']})"
    (told,) = problems(organisation=form)
    assert told[0] == "unknown_group"
    assert told[1] == f"items[{at}]{label}.options[0]{option}.group"
    form["scales"] = {**form.get("scales", {}), "sides": item.pop("options")}
    item["scale"] = "sides"
    (told,) = problems(organisation=form)
    assert told[0] == "unknown_group"
    assert told[1] == f"scales.sides[0]{option}.group"
