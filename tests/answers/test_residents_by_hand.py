"""Whose answers are counted among residents: committees, groups and minima, by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from evalkit.answers.residents import Residents
from evalkit.definitions.decided import Decided
from evalkit.definitions.roster import Roster, Subject
from evalkit.tables import Answers
from tests.answers import street
from tests.deciding import decided


def known() -> Decided:
    """Key residents count from five on, random ones from twelve; offices are no residents."""
    scheme, forms = street.small()
    key, random = (
        g.model_copy(update={"minimum_n": least})
        for g, least in zip(scheme.groups, (5, 12), strict=True)
    )
    offices = key.model_copy(update={"code": "office", "residents": False})
    scheme = scheme.model_copy(update={"groups": [offices, key, random]})
    subjects = [Subject(id=s, name=s) for s in ("a", "b")]
    return decided(
        scheme, forms, Roster(subjects=[*subjects, Subject(id="old", name="旧", until="2015")])
    )


def answers(**counts: int) -> Answers:
    """So many answers of ``group_subject``."""
    people = [name.split("_") for name, count in counts.items() for _ in range(count)]
    group, subject = zip(*people, strict=True)
    form = street.small()[1]["resident"]
    made = street.answers("2016", form, {"sex": ["1"] * len(people)}, group=group, subject=subject)
    return made


def test_residents_of_a_committees_group_count_from_the_larger_minimum_on() -> None:
    made = answers(
        key_a=10, key_b=9, random_a=11, random_b=12, office_a=30, key_old=30, random_old=30
    )
    found = Residents.of(made, known(), 10)
    assert found.subjects == ("a", "b")
    own = made.respondents.loc[found.index]
    assert Counter(zip(own["group"], own["subject"], strict=True)) == {
        ("key", "a"): 10, ("random", "b"): 12,
    }  # fmt: skip
    assert found.place.tolist() == [{"a": 0, "b": 1}[s] for s in own["subject"]]
    assert list(found.index) == sorted(found.index)
    fewer = Residents.of(made, known(), 5)
    kept = made.respondents.loc[fewer.index]
    assert Counter(kept["group"]) == {"key": 19, "random": 12}


def test_one_building_that_is_told_is_enough_and_each_other_answer_is_one_of_its_own() -> None:
    made = answers(key_a=10)
    assert not Residents.of(made, known(), 10).clustered
    clusters = ["x"] + [""] * 9
    told = replace(made, respondents=made.respondents.assign(cluster=clusters))
    found = Residents.of(told, known(), 10)
    assert found.clustered
    units = dict(zip(found.index, found.unit, strict=True))
    assert units == {n: c or n for n, c in zip(made.respondents.index, clusters, strict=True)}
    every = replace(made, respondents=made.respondents.assign(cluster="x"))
    assert Residents.of(every, known(), 10).clustered


def test_an_item_is_that_of_the_first_questionnaire_in_which_a_resident_was_asked_it() -> None:
    made, by = answers(key_a=10, office_a=10), known()
    form = by.questionnaires["resident"]
    forms = {name: form.model_copy(update={"id": name}) for name in ("p", "resident", "z")}
    codes = made.codes["resident"]
    of_offices = codes[(made.respondents["group"] == "office").to_numpy()]
    given = {"z": codes, "resident": codes, "p": of_offices}
    found = Residents.of(replace(made, codes=given), replace(by, questionnaires=forms), 10).items(
        "profile"
    )
    assert {item: questionnaire.id for item, (questionnaire, _) in found.items()} == {
        "sex": "resident"
    }
