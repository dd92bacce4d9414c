"""Needs and themes, once more, and what must not follow from them by subtraction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.recomputation import listening
from tests.recomputation.conftest import Cases
from tests.recomputation.every import every_street


def agree(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert list(found.columns) == list(expected.columns)
    assert len(found) == len(expected)
    for column in found:
        texts = [not isinstance(value, float | int | np.number) for value in expected[column]]
        if any(texts):
            given = [None if pd.isna(value) else value for value in found[column]]
            assert given == [None if pd.isna(value) else value for value in expected[column]]
        else:
            np.testing.assert_allclose(
                found[column].to_numpy(dtype=float),
                expected[column].to_numpy(dtype=float),
                rtol=1e-10,
                atol=1e-14,
                err_msg=str(column),
            )


@every_street
def test_needs_are_those_of_the_residents(case: Cases, name: str) -> None:
    street = case(name)
    agree(street.table("needs"), listening.needs(street.street, street.rows[street.wave]))


@every_street
def test_themes_are_those_that_residents_wrote_of(case: Cases, name: str) -> None:
    street = case(name)
    agree(street.table("themes"), listening.themes(street.street, street.rows[street.wave]))


def test_the_streets_have_what_they_are_for(case: Cases) -> None:
    """Without these the comparisons above would not bite."""
    needing = case("needing")
    table = needing.table("needs")
    committees = table[table["subject"] != "all"]
    assert set(committees["verdict"]) == {"高于", "低于", "无显著差异"}
    assert set(committees["subject"]) < set(needing.street.subjects("2016"))
    themes = needing.table("themes")
    assert {"parking", "lift", "meals", "*"} == set(themes["code"])
    for name in ("all_kinds", "weighted", "by_number"):
        assert len(case(name).table("needs")) > 4
        assert len(case(name).table("themes")) > 4


@pytest.mark.parametrize(
    "name",
    [
        "all_kinds",
        "weighted",
        "by_number",
        "needing",
        pytest.param("demo", marks=pytest.mark.whole_demo),
    ],
)
def test_no_count_of_too_few_follows_from_the_published_ones(case: Cases, name: str) -> None:
    """Of every option: what the street's count leaves after the committees' is none, or enough."""
    street = case(name)
    least = listening.minimum(street.street)
    table = street.table("needs")
    assert (table["n"] >= least).all()
    assert (table["of"] - table["n"] >= least).all()
    for (_, _), rows in table.groupby(["item", "option"]):
        of_street = rows[rows["subject"] == "all"]
        committees = rows[rows["subject"] != "all"]
        assert len(of_street) == 1
        rest = of_street["n"].sum() - committees["n"].sum()
        others = of_street["of"].sum() - committees["of"].sum() - rest
        assert rest == others == 0 or min(rest, others) >= least
    themes = street.table("themes")
    assert (themes["n"] >= least).all()
    for (_, _), rows in themes.groupby(["item", "code"]):
        committees = rows.loc[rows["subject"] != "all", "n"].sum()
        rest = rows.loc[rows["subject"] == "all", "n"].sum() - committees
        assert rest == 0 or rest >= least


def test_intervals_are_made_on_the_logit_scale() -> None:
    """p = 0.5, se 0.05, 95%: the logit is 0 and reaches 1.959964 * 0.05 / 0.25 = 0.3919928."""
    low, high = listening.logit_interval(0.5, 0.05, 0.95)
    assert low == pytest.approx(1 / (1 + np.exp(0.39199279690801)), abs=1e-12)
    assert low + high == pytest.approx(1.0, abs=1e-12)


def test_what_is_left_out_has_the_minimum_or_takes_another_with_it() -> None:
    many = np.array([100, 100, 100, 100])
    # 4 is too few; alone it would be the street's 54 less 50, so that the smallest other goes.
    shown, street = listening.published(np.array([20, 4, 12, 18]), many, 10, many)
    assert (shown.tolist(), street) == ([True, False, False, True], True)
    # 6 and 7 have the minimum together.
    shown, street = listening.published(np.array([20, 6, 7, 18]), many, 10, many)
    assert (shown.tolist(), street) == ([True, False, False, True], True)
    # Of 100 who answered, 95 said so: the other five are too few as well.
    shown, street = listening.published(np.array([95, 50]), np.array([5, 50]), 10, many[:2])
    assert (shown.tolist(), street) == ([False, False], True)
    shown, street = listening.published(np.array([3, 4]), many[:2], 10, many[:2])
    assert (shown.tolist(), street) == ([False, False], False)
