"""Who answered, counted by hand; what few chose cannot be had by subtraction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.answers.composing import _item, compose
from evalkit.definitions.margins import Margin, Margins
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.methods.small_counts import tellable
from tests.answers import street
from tests.deciding import decided
from tests.pages import town

FORM = Questionnaire.model_validate(yaml.safe_load(town.RESIDENT))
SCHEME = Scheme.model_validate(yaml.safe_load(town.SCHEME))
GROUPS = [group for group in SCHEME.groups if group.residents]


def rows(key: str, random: str, margins: Margins | None = None) -> pd.DataFrame:
    """The rows of the question of age, of answers written as codes."""
    documents = decided(SCHEME, {"resident": FORM}, margins=margins)
    given = [pd.Series(list(key)), pd.Series(list(random))]
    names = ["wave", "group", "item", "name", "option", "label", "n", "of", "share", "known"]
    found = _item("2016", FORM, FORM.item("age"), GROUPS, given, documents)
    return pd.DataFrame(list(found), columns=names)


def test_options_are_counted_by_group() -> None:
    found = rows("1" * 20 + "2" * 30 + "3" * 50, "1" * 12 + "2" * 13 + "3" * 15)
    assert found["n"].tolist() == [20, 30, 50, 12, 13, 15]
    assert found["of"].tolist() == [100] * 3 + [40] * 3
    assert found["share"].tolist() == pytest.approx([0.2, 0.3, 0.5, 0.3, 0.325, 0.375])
    assert found["known"].isna().all()


def test_what_few_chose_goes_with_as_much_as_hides_it_in_all_groups() -> None:
    found = rows("1" * 20 + "2" * 30 + "3" * 50, "1" * 9 + "2" * 13 + "3" * 15)
    told = found.set_index(["group", "option"])["n"]
    assert told.isna().tolist() == [True, True, False] * 2
    assert told["key", "3"] == 50
    assert found["of"].tolist() == [100] * 3 + [37] * 3
    assert found["share"].isna().tolist() == [True, True, False] * 2


def test_as_many_as_the_largest_minimum_are_told_and_one_fewer_is_not() -> None:
    """Ten by the rule of all, where no group asks for more; thirteen where one of them does."""
    for least, key, told in ((5, 10, True), (5, 9, False), (13, 13, True), (13, 12, False)):
        groups = [
            g.model_copy(update={"minimum_n": m}) for g, m in zip(GROUPS, (5, least), strict=True)
        ]
        given = [pd.Series(["1"] * key), pd.Series(["1"] * 40)]
        documents = decided(SCHEME, {"resident": FORM})
        found = list(_item("2016", FORM, FORM.item("age"), groups, given, documents))
        assert found[0][7] == (key if told else None)
        given = [pd.Series(list("1" * key + "2" * 50 + "3" * 50)), pd.Series(list("123" * 40))]
        found = list(_item("2016", FORM, FORM.item("age"), groups, given, documents))
        assert found[0][6] == (key if told else None)


def test_a_margin_of_other_categories_than_the_first_groups_stands_beside_nothing() -> None:
    two = (frozenset({"1", "2"}), frozenset({"3"}))
    other = (frozenset({"1"}), frozenset({"2", "3"}))
    own = Margin("", "key", "age", "您的年龄", two, np.array([0.6, 0.4]), 2)
    theirs = Margin("", "random", "age", "您的年龄", other, np.array([0.3, 0.7]), 2)
    given = "1" * 20 + "2" * 30 + "3" * 50
    found = rows(given, given, Margins("m.csv", (own, theirs)))
    assert found["label"].tolist() == ["18–39 岁 / 40–64 岁", "65 岁及以上"] * 2
    assert found["known"].tolist()[:2] == [0.6, 0.4]
    assert found["known"].isna().tolist() == [False, False, True, True]


def test_nothing_is_told_of_a_handful() -> None:
    found = rows("12", "3")
    assert found["n"].isna().all()
    assert found["of"].isna().all()


def test_a_margin_stands_beside_the_options_it_takes_together() -> None:
    categories = (frozenset({"1", "2"}), frozenset({"3"}))
    margin = Margin("", "random", "age", "您的年龄", categories, np.array([0.6, 0.4]), 2)
    found = rows("1" * 20 + "3" * 50, "1" * 12 + "2" * 13 + "3" * 15, Margins("m.csv", (margin,)))
    assert found["label"].tolist() == ["18–39 岁 / 40–64 岁", "65 岁及以上"] * 2
    assert found["n"].tolist() == [20, 50, 25, 15]
    assert found["known"].tolist()[2:] == [0.6, 0.4]
    assert found["known"].isna().tolist() == [True, True, False, False]


def test_residents_of_committees_that_there_are_are_counted_by_questions_that_were_asked() -> None:
    """Of old, which was there until 2015, and of offices nobody counts; age is not in the file."""
    scheme, forms = street.small()
    offices = scheme.groups[0].model_copy(update={"code": "office", "residents": False})
    scheme = scheme.model_copy(update={"groups": [offices, *scheme.groups]})
    roster = Roster(
        subjects=[Subject(id="a", name="甲"), Subject(id="old", name="旧", until="2015")]
    )
    people = [("key", "a", "1")] * 12 + [("key", "a", "2")] * 10 + [("key", "old", "1")] * 30
    people += (
        [("random", "a", "2")] * 11 + [("random", "a", "1")] * 15 + [("office", "a", "1")] * 20
    )
    people += [("random", "a", "")] * 3
    group, subject, sex = zip(*people, strict=True)
    made = street.answers("2016", forms["resident"], {"sex": sex}, group=group, subject=subject)
    table = compose(made, decided(scheme, forms, roster))
    assert [tuple(row) for row in table.drop(columns="known").itertuples(index=False)] == [
        ("2016", "key", "sex", "性别", "1", "男", 12, 22, pytest.approx(12 / 22)),
        ("2016", "key", "sex", "性别", "2", "女", 10, 22, pytest.approx(10 / 22)),
        ("2016", "random", "sex", "性别", "1", "男", 15, 26, pytest.approx(15 / 26)),
        ("2016", "random", "sex", "性别", "2", "女", 11, 26, pytest.approx(11 / 26)),
    ]
    silent = scheme.groups[1].model_copy(update={"code": "silent", "questionnaire": "other"})
    wider = scheme.model_copy(update={"groups": [*scheme.groups, silent]})
    both = forms | {"other": forms["resident"].model_copy(update={"id": "other"})}
    pd.testing.assert_frame_equal(compose(made, decided(wider, both, roster)), table)
    sexes = forms["resident"].item("sex").model_copy(update={"kind": "multiple"})
    several = forms["resident"].model_copy(update={"items": [sexes]})
    assert compose(made, decided(scheme, {"resident": several}, roster)).empty
    none = street.answers("2016", forms["resident"], {"r1": ["1"]}, group=["key"], subject=["a"])
    assert compose(none, decided(scheme, forms, roster)).empty


def test_without_rows_nothing_is_told() -> None:
    assert compose(None, decided(SCHEME, {"resident": FORM})).empty


def test_left_out_counts_are_never_known_from_the_total() -> None:
    rng = np.random.Generator(np.random.PCG64(12))
    for _ in range(200):
        n = rng.integers(0, 40, size=(2, int(rng.integers(2, 7))))
        shown = tellable(n, 10)
        assert (n[:, shown] >= 10).all()
        if not shown.all():
            hidden = n[:, ~shown]
            assert not shown.any() or (hidden.shape[1] >= 2 and (hidden.sum(axis=1) >= 10).all())
