"""Satisfied residents by what they say of themselves: who counts, and which kinds are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.answers.satisfaction import by_kind
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.themes import Theme, Themes
from evalkit.tables import Answers, ResidentsOfAKind
from tests.answers import street
from tests.answers.cells import roster
from tests.deciding import decided

close = pytest.approx
Some = tuple[int, str, str]
"""How many, their sex, what they ticked of the overall question (1 satisfied, 2 so-so, 4 unknown)."""


def kinds(
    *people: Some,
    group: str = "key",
    others: Sequence[tuple[str, str, Some]] = (),
    weight: Sequence[float] | None = None,
    themes: int | None = None,
    form: str = street.SMALL_FORM,
    key: dict[str, Any] | None = None,
    **changes: Any,
) -> list[ResidentsOfAKind]:
    """Kinds of residents by sex, of jia's key residents, and others of (committee, group)."""
    document = yaml.safe_load(street.SMALL_SCHEME)
    document["groups"][0].update(key or {})
    by = Scheme.model_validate(document | changes)
    sheet = Questionnaire.model_validate(yaml.safe_load(form))
    everybody = [("jia", group, one) for one in people] + list(others)
    rows = [(s, g, sex, tick) for s, g, (n, sex, tick) in everybody for _ in range(n)]
    codes = {
        "sex": [sex for _, _, sex, _ in rows],
        "overall": [tick for *_, tick in rows],
        "r1": ["1"] * len(rows),
    }
    made = street.answers(
        "2016", sheet, codes, group=[g for _, g, *_ in rows], subject=[s for s, *_ in rows], weight=weight,
    )  # fmt: skip
    words = themes and Themes(
        id="t",
        title="主题",
        minimum_n=themes,
        themes=[Theme(code="p", name="停车", words=["停车"])],
    )
    documents = decided(by, {sheet.id: sheet}, roster(), themes=words or None)
    return list(by_kind(made, documents))


def test_shares_are_of_those_with_an_opinion() -> None:
    """Twelve of 22 men and ten of thirty women are satisfied; five know nothing."""
    men, women = kinds(
        (12, "1", "1"), (10, "1", "2"), (5, "1", "4"), (10, "2", "1"), (20, "2", "3")
    )
    assert (men.by, men.value, men.label, men.shown) == ("sex", "1", "男", True)
    assert men.opinions[:3] == (22, 22, close(12 / 22))
    assert women.opinions[:3] == (30, 30, close(1 / 3))


def test_how_many_of_a_kind_are_content_is_not_told() -> None:
    """All but five are content: a share would tell how many are not."""
    (men,) = kinds((20, "1", "1"), (10, "1", "3"), (5, "1", "5"))
    assert men.shown
    assert np.isnan(men.opinions.acceptable)


def test_weights_count() -> None:
    (men,) = kinds((10, "1", "1"), (10, "1", "3"), weight=[3.0] * 10 + [1.0] * 10)
    assert men.opinions[:3] == (20, close(40**2 / 100), close(0.75))


@pytest.mark.parametrize(
    ("yes", "no", "told"), [(10, 10, True), (9, 40, False), (40, 9, False), (10, 9, False)]
)
def test_a_kind_needs_ten_on_either_side(yes: int, no: int, told: bool) -> None:
    (men,) = kinds((yes, "1", "1"), (no, "1", "2"))
    assert men.shown is told


def test_what_is_left_out_takes_another_with_it_where_it_would_follow_by_subtraction() -> None:
    """Three women are not satisfied: all less the men would be they."""
    found = kinds((30, "1", "1"), (30, "1", "2"), (30, "2", "1"), (3, "2", "2"))
    assert [kind.shown for kind in found] == [False, False]
    assert [kind.opinions.n for kind in found] == [60, 33]


@pytest.mark.parametrize(("themes", "least"), [(None, 10), (15, 15)])
def test_the_minimum_is_ten_or_what_the_themes_ask_for(themes: int | None, least: int) -> None:
    (men,) = kinds((least, "1", "1"), (least, "1", "2"), themes=themes)
    assert men.shown
    (men,) = kinds((least - 1, "1", "1"), (least, "1", "2"), themes=themes)
    assert not men.shown


def test_a_larger_minimum_of_a_group_is_everybodys() -> None:
    (men,) = kinds((19, "1", "1"), (20, "1", "2"), key={"minimum_n": 20})
    assert not men.shown
    (men,) = kinds((20, "1", "1"), (20, "1", "2"), key={"minimum_n": 20})
    assert men.shown


def test_residents_of_a_group_with_too_few_answers_in_their_committee_do_not_count() -> None:
    (men,) = kinds((12, "1", "1"), (12, "1", "2"), others=[("yi", "random", (9, "1", "1"))])
    assert men.opinions.n == 24
    (men,) = kinds((12, "1", "1"), (12, "1", "2"), others=[("yi", "random", (10, "1", "1"))])
    assert men.opinions.n == 34


def test_options_that_nobody_with_an_opinion_chose_are_no_kind() -> None:
    found = kinds((12, "1", "1"), (12, "1", "2"), (12, "2", "4"), (5, "", "1"))
    assert [kind.value for kind in found] == ["1"]


def test_a_wave_known_by_its_cells_has_no_kinds() -> None:
    scheme, forms = street.small()
    assert by_kind(None, decided(scheme, forms, roster())) == ()


def test_a_number_has_no_kinds() -> None:
    asked = "role: overall, kind: number, minimum: 1, maximum: 4}"
    form = street.SMALL_FORM.replace("role: overall, scale: s}", asked)
    assert kinds((12, "1", "1"), (12, "1", "2"), form=form) == []


def test_who_are_no_residents_are_no_kind() -> None:
    found = kinds(
        (12, "1", "1"), (12, "1", "2"), others=[("jia", "random", (50, "2", "1"))],
        groups=[
            {"code": "key", "name": "居民", "weight": 60, "questionnaire": "resident", "residents": True},
            {"code": "random", "name": "单位", "weight": 40, "questionnaire": "resident"},
        ],
        residents_weight=60,
    )  # fmt: skip
    assert [kind.value for kind in found] == ["1"]


def test_options_of_another_questionnaire_are_told_by_their_words_not_their_numbers() -> None:
    """The second form numbers 男 2 and 女 1: what is pooled are men and women, not ones and twos."""
    document = yaml.safe_load(street.SMALL_FORM) | {"id": "other"}
    sex = next(item for item in document["items"] if item["id"] == "sex")
    sex["options"] = [
        option | {"code": str(place)}
        for place, option in enumerate(reversed(sex["options"]), start=1)
    ]
    turned = Questionnaire.model_validate(document)
    first = Questionnaire.model_validate(yaml.safe_load(street.SMALL_FORM))
    parts = [
        street.answers(
            "2016",
            sheet,
            {"sex": [code] * 20, "overall": ["1"] * 10 + ["3"] * 10, "r1": ["1"] * 20},
            group=["key"] * 20,
            subject=["jia"] * 20,
        )
        for sheet, code in ((first, "1"), (turned, "2"))
    ]
    index = [[f"{place}-{i}" for i in part.respondents.index] for place, part in enumerate(parts)]
    both = Answers(
        "2016",
        pd.concat([p.respondents.set_axis(i) for p, i in zip(parts, index, strict=True)]),
        {
            name: own.set_axis(i)
            for p, i in zip(parts, index, strict=True)
            for name, own in p.codes.items()
        },
        {
            name: own.set_axis(i)
            for p, i in zip(parts, index, strict=True)
            for name, own in p.states.items()
        },
    )
    by = Scheme.model_validate(yaml.safe_load(street.SMALL_SCHEME))
    found = by_kind(both, decided(by, {first.id: first, turned.id: turned}, roster()))
    assert [(kind.label, kind.opinions.n) for kind in found] == [("男", 40)]


@pytest.mark.parametrize(("points", "satisfied"), [(50.0, 22), (50.5, 12), (100.0, 12)])
def test_whoever_gives_as_many_points_as_the_scheme_asks_for_is_satisfied(
    points: float, satisfied: int
) -> None:
    """Twelve of 33 men give 100 points, ten 50, eleven none."""
    men, _ = kinds(
        (12, "1", "1"), (10, "1", "2"), (11, "1", "3"), (10, "2", "1"), (20, "2", "3"),
        satisfied_from=points, acceptable_from=min(points, 60.0),
    )  # fmt: skip
    assert men.opinions[:3] == (33, 33, close(satisfied / 33))
