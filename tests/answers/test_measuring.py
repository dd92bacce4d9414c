"""From answers to cells by hand: a respondent's score, a cell's mean, its variance, its shares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.answers import distributions, measuring
from evalkit.answers.comparability import declared, definitions
from evalkit.answers.distributions import distributed
from evalkit.answers.measuring import _small_sample, measure
from evalkit.answers.scores import item_scores, score_respondents
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.tables import Answers, check
from tests.answers import cells, street
from tests.deciding import decided

NAN = float("nan")


def scored(made: Answers, by: Scheme | None = None) -> pd.DataFrame:
    form = cells.form()
    return score_respondents(made, decided(by or cells.scheme(), {form.id: form}))


# --- a respondent -------------------------------------------------------------------------------


def test_an_answer_scores_by_its_option_and_what_is_no_answer_does_not() -> None:
    made = cells.answers(*[("jia", "", {"c": code}) for code in ("1", "2", "3", "4", "")])
    assert list(scored(made)) == ["A1", "A2", "B1", "overall"]
    np.testing.assert_array_equal(scored(made)["A2"], [100, 50, 0, NAN, NAN])


def test_a_number_runs_from_its_minimum_to_its_maximum() -> None:
    made = cells.answers(*[("jia", "", {"t": t}) for t in ("5", "15", "7.5", "")])
    np.testing.assert_allclose(scored(made)["B1"], [0, 100, 25, NAN], rtol=1e-12)


def test_a_number_with_options_scores_by_them_if_it_has_no_bounds() -> None:
    text = cells.FORM.replace("kind: number, minimum: 5, maximum: 15", "kind: number, scale: s")
    form = Questionnaire.model_validate(yaml.safe_load(text))
    codes = pd.Series(["1", "2", "4", None], dtype=object)
    np.testing.assert_array_equal(item_scores(codes, form.item("t"), form), [100, 50, NAN, NAN])


def test_an_indicator_is_the_mean_of_the_items_that_were_answered() -> None:
    given = [{"a": "1", "b": "2"}, {"a": "1"}, {"b": "3"}, {"a": "4", "b": "4"}, {}]
    made = cells.answers(*[("jia", "", codes) for codes in given])
    np.testing.assert_allclose(scored(made)["A1"], [75, 100, 0, NAN, NAN], rtol=1e-12)


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [
        (1 / 3, [100, 75, 50]),
        (0.34, [NAN, 75, 50]),
        (0.5, [NAN, 75, 50]),
        (2 / 3, [NAN, 75, 50]),
        (0.67, [NAN, NAN, 50]),
        (1.0, [NAN, NAN, 50]),
    ],
)
def test_enough_items_must_be_answered(minimum: float, expected: list[float]) -> None:
    document = yaml.safe_load(cells.SCHEME) | {"minimum_answered": minimum}
    document["dimensions"][0]["indicators"][0]["items"] = {"q": ["a", "b", "c"]}
    document["dimensions"][0]["indicators"][1]["items"] = {"q": ["t"]}
    given = [{"a": "1"}, {"a": "1", "c": "2"}, {"a": "1", "b": "2", "c": "3"}]
    made = cells.answers(*[("jia", "", codes) for codes in given])
    found = scored(made, Scheme.model_validate(document))["A1"]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_what_a_group_does_not_judge_does_not_count_even_if_answered() -> None:
    full = {"a": "1", "b": "1", "c": "2", "t": "15", "all": "3"}
    made = cells.answers(("jia", "key", full), ("jia", "office", full))
    np.testing.assert_array_equal(scored(made), [[100, 50, 100, 0], [100, 50, NAN, 0]])


def test_every_questionnaire_has_items_of_its_own() -> None:
    form = cells.form()
    other = form.model_copy(update={"id": "p"})
    document = yaml.safe_load(cells.SCHEME)
    document["groups"][1] |= {"questionnaire": "p", "covers": None}
    document["dimensions"][0]["indicators"][0]["items"] = {"q": ["a", "b"], "p": ["c"]}
    one = cells.answers(("jia", "key", {"a": "1", "b": "1", "c": "3", "all": "1"}))
    two = cells.answers(("jia", "office", {"a": "1", "b": "1", "c": "3", "all": "2"}))
    named = pd.Index(["b#2"], name="respondent")
    made = Answers(
        "2016",
        pd.concat([one.respondents, two.respondents.set_axis(named).assign(respondent=named)]),
        {"q": one.codes["q"], "p": two.codes["q"].set_axis(named)},
        {"q": one.states["q"], "p": two.states["q"].set_axis(named)},
    )
    found = score_respondents(
        made, decided(Scheme.model_validate(document), {"q": form, "p": other})
    )
    np.testing.assert_array_equal(found, [[100, 0, NAN, 100], [0, NAN, NAN, 50]])


# --- a cell -------------------------------------------------------------------------------------


def test_sums_of_whole_numbers_tell_what_the_rows_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [{"a": a, "b": b, "c": a, "t": t} for a in "1234" for b in "123" for t in ("6", "7.5")]
    rows = [(place, "", codes) for place in ("jia", "yi") for codes in given]
    made = cells.answers(*rows, ("jia", "", {"a": "1"}))
    document = yaml.safe_load(cells.SCHEME)
    document["dimensions"][0]["indicators"][0]["items"] = {"q": ["a", "b", "c"]}
    document["dimensions"][0]["indicators"][1]["items"] = {"q": ["t"]}
    scheme, form = Scheme.model_validate(document), cells.form()
    plain = decided(scheme, {form.id: form}, cells.roster())
    asked: list[bool] = []
    of_whole = measuring.whole

    def whole(*numbers: np.ndarray) -> np.ndarray | None:
        found = of_whole(*numbers)
        asked.append(found is not None)
        return found

    monkeypatch.setattr(measuring, "whole", whole)
    exact = measure(made, plain, street.InMemory()).groups["key"]
    monkeypatch.setattr(measuring, "fits", lambda numbers, of: False)
    floating = measure(made, plain, street.InMemory()).groups["key"]
    assert any(asked)
    np.testing.assert_array_equal(exact.n, floating.n)
    np.testing.assert_array_equal(exact.n_measure, floating.n_measure)
    np.testing.assert_array_equal(exact.n_effective, floating.n_effective)
    np.testing.assert_allclose(exact.mean, floating.mean, rtol=1e-15)
    np.testing.assert_allclose(exact.covariance, floating.covariance, atol=1e-12 * 2500, rtol=0)


def test_answers_added_up_as_bytes_are_those_added_up_as_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = [{"a": a, "b": b, "c": a, "t": t} for a in "1234" for b in "123" for t in ("6", "15")]
    rows = [(place, "", codes) for codes in given for place in ("jia", "yi")]
    made = cells.answers(*rows, ("jia", "", {"a": "1"}), ("jia", "", {}))
    form = cells.form()
    plain = decided(cells.scheme(), {form.id: form}, cells.roster())
    added: list[object] = []

    def summed(*what: Any) -> object:
        added.append(of_bytes(*what))
        return added[-1]

    of_bytes = measuring.summed
    monkeypatch.setattr(measuring, "summed", summed)
    as_bytes = measure(made, plain, street.InMemory()).groups["key"]
    monkeypatch.setattr(measuring, "summed", lambda *_: None)
    as_numbers = measure(made, plain, street.InMemory()).groups["key"]
    assert added
    assert added[0] is not None
    for name in ("n", "n_measure", "n_effective", "mean", "covariance", "df"):
        np.testing.assert_array_equal(getattr(as_bytes, name), getattr(as_numbers, name))


def test_a_cell_is_the_weighted_mean_with_its_variance() -> None:
    # A2 of jia: 100, 50, 0 with weights 1, 2, 1: mean 50, z = 12.5, 0, -12.5
    rows = [("jia", "", {"c": c}) for c in "123"] + [("yi", "", {"c": "2"})]
    own = cells.measured(cells.answers(*rows, weight=[1, 2, 1, 3])).groups["key"]
    assert own.n.tolist() == [3, 1]
    assert own.n_measure[:, 1].tolist() == [3, 1]
    assert own.mean[:, 1].tolist() == [50, 50]
    assert own.n_effective.tolist() == pytest.approx([16 / 6, 1], rel=1e-12)
    assert own.covariance[0, 1, 1] == pytest.approx(3 / 2 * (12.5**2 * 2), rel=1e-12)
    assert np.isnan(own.covariance[1]).all()
    assert own.df.tolist() == [2, 0]
    assert own.influence is None


def test_a_known_number_of_residents_corrects_the_variance() -> None:
    made = cells.answers(*[("jia", "", {"c": c}) for c in "123"])
    plain = cells.measured(made).groups["key"].covariance[0, 1, 1]
    own = cells.measured(made, cells.scheme(key={"population": 12})).groups["key"]
    assert plain == pytest.approx(3 / 2 * 2 * (50 / 3) ** 2, rel=1e-12)
    assert own.covariance[0, 1, 1] == pytest.approx(plain * (1 - 3 / 12), rel=1e-12)


def test_an_unweighted_cell_of_two_measures() -> None:
    # A2: 100, 100, 0, 0; overall: 100, 0, 0, 0; means 50 and 25
    rows = [("yi", "", {"c": c, "all": o}) for c, o in (("1", "1"), ("1", "3"), ("3", "3"), ("3", "3"))]  # fmt: skip
    own = cells.measured(cells.answers(*rows)).groups["key"]
    assert own.mean[1].tolist() == pytest.approx([NAN, 50, NAN, 25], nan_ok=True)
    # sum of products over n (n - 1) = 12: 50 * (75 - 25 + 25 + 25) = 5000
    assert own.covariance[1, 1, 3] == pytest.approx(5000 / 12, rel=1e-12)
    assert own.covariance[1, 1, 1] == pytest.approx(10000 / 12, rel=1e-12)
    assert own.covariance[1, 3, 3] == pytest.approx((75**2 + 3 * 25**2) / 12, rel=1e-12)


def test_nobody_answering_is_an_empty_cell() -> None:
    own = cells.measured(cells.answers(("jia", "", {"c": "1"}))).groups
    assert own["key"].n.tolist() == [1, 0]
    assert np.isnan(own["key"].mean[1]).all()
    assert own["office"].n.tolist() == [0, 0]
    assert own["office"].influence is None
    assert np.isnan(own["office"].covariance).all()


def test_committees_are_those_of_the_wave_in_the_order_of_the_roster() -> None:
    roster = cells.roster(
        Subject(id="new", name="新", since="2017"),
        Subject(id="yi", name="乙", since="2016"),
        Subject(id="jia", name="甲", until="2016"),
        Subject(id="old", name="旧", until="2015"),
    )
    made = cells.answers(("jia", "", {"c": "1"}), ("yi", "", {"c": "3"}))
    found = cells.measured(made, among=roster)
    assert found.subjects == ("yi", "jia")
    assert found.measures == cells.MEASURES
    assert found.wave == "2016"
    assert found.groups["key"].mean[:, 1].tolist() == [0, 100]


def test_groups_are_measured_apart() -> None:
    made = cells.answers(
        ("jia", "key", {"c": "1"}), ("jia", "office", {"c": "3"}), raters=["", "r1"]
    )
    found = cells.measured(made)
    assert list(found.groups) == ["key", "office"]
    assert [g.mean[0, 1] for g in found.groups.values()] == [100, 0]


def test_raters_of_several_committees_are_the_clusters_of_each() -> None:
    """A2 of jia by three raters: 100, 50, 0; of yi by two of them: 100, 0. Three raters in all.

    Each counts 1/3 and 1/2; m/(m - 1) is 3/2 and 2, 1/2 and 0 degrees: (50² + 50²)/9·3/2 = 2500/3,
    50²·2/4·2 = 2500; in common (50·50 + 50·50)/6·√3. What one alone judges has no error that is known.
    A second sheet of the first rater about jia, on which A2 is left empty, changes nothing of it.
    """
    rows = [("jia", "office", {"c": c}) for c in "123"] + [("yi", "office", {"c": c}) for c in "13"]
    raters = ["r1", "r2", "r3", "r1", "r3", "r1"]
    made = cells.answers(*rows, ("jia", "office", {"a": "1"}), raters=raters)
    found = cells.measured(made).groups["office"]
    assert found.mean[:, 1].tolist() == [50, 50]
    assert found.df.tolist() == [2, 1]
    assert found.influence is not None
    joint = np.einsum("rk,rl->kl", found.influence[:, :, 1], found.influence[:, :, 1])
    common = 5000 / 6 * 3**0.5
    np.testing.assert_allclose(joint, [[2500 / 3, common], [common, 2500]], rtol=1e-12)
    np.testing.assert_allclose(found.covariance[:, 1, 1], np.diag(joint), rtol=1e-12)
    roster = cells.roster(*(Subject(id=name, name=name) for name in ("jia", "yi", "bing", "ding")))
    alone = cells.answers(*rows, ("bing", "office", {"c": "1"}), raters=["r1", "r2", "r3"] * 2)
    more = cells.measured(alone, among=roster).groups["office"]
    assert more.df.tolist() == [2, 1, 0, 0]
    np.testing.assert_allclose(more.covariance[:2, 1, 1], [2500 / 3, 2500], rtol=1e-12)
    assert np.isnan(more.covariance[2:, 1, 1]).all()
    two = cells.measured(cells.answers(*rows[:2], raters=["r1", "r2"])).groups["office"]
    assert two.covariance[0, 1, 1] == pytest.approx(25**2 * 2 / 4 * 2, rel=1e-12)
    assert found.who is None
    told = replace(made, who={"a.xlsx#2": "mark 1", "a.xlsx#6": "mark 3", "a.xlsx#3": ""})
    known = cells.measured(told).groups["office"].who
    assert known is not None
    assert known.tolist() == ["mark 1", "", "mark 3"]


def test_the_frame_of_respondents_is_checked() -> None:
    made = cells.answers(("jia", "", {"c": "1"}))
    spoiled = Answers("2016", made.respondents.drop(columns="seconds"), made.codes, made.states)
    with pytest.raises(ValueError, match="respondents"):
        measure(
            spoiled, decided(cells.scheme(), {"q": cells.form()}, cells.roster()), street.InMemory()
        )


# --- distributions ------------------------------------------------------------------------------


def shares(made: Answers) -> dict[tuple[str, str, str, str], tuple[int, float]]:
    table = check(cells.measured(made).distributions, "distributions")
    assert table.index.tolist() == list(range(len(table)))
    keys = zip(table["subject"], table["group"], table["item"], table["option"], strict=True)
    return dict(zip(keys, zip(table["n"], table["share"], strict=True), strict=True))


def test_shares_are_weighted_and_of_those_who_answered() -> None:
    rows = [("jia", "", {"c": c}) for c in ("1", "1", "2", "", "4")]
    found = shares(cells.answers(*rows, weight=[3, 1, 1, 9, 9]))
    assert found == {
        ("jia", "key", "c", "1"): (2, pytest.approx(0.8, rel=1e-12)),
        ("jia", "key", "c", "2"): (1, pytest.approx(0.2, rel=1e-12)),
    }


def test_several_options_of_one_answer_share_its_weight_in_full() -> None:
    rows = [("jia", "", {"n": n}) for n in ("x;y", "x", "y", "")]
    found = shares(cells.answers(*rows, weight=[2, 1, 1, 5]))
    assert found == {
        ("jia", "key", "n", "x"): (2, pytest.approx(3 / 4, rel=1e-12)),
        ("jia", "key", "n", "y"): (2, pytest.approx(3 / 4, rel=1e-12)),
    }


def test_shares_are_of_their_own_committee_and_group() -> None:
    made = cells.answers(
        ("yi", "key", {"c": "2"}),
        ("jia", "key", {"c": "1"}),
        ("jia", "key", {"c": "3"}),
        ("jia", "office", {"c": "3"}),
        raters=["", "", "", "r1"],
    )
    assert shares(made) == {
        ("jia", "key", "c", "1"): (1, 0.5),
        ("jia", "key", "c", "3"): (1, 0.5),
        ("jia", "office", "c", "3"): (1, 1.0),
        ("yi", "key", "c", "2"): (1, 1.0),
    }


def test_unweighted_answers_count_alike_whether_few_texts_are_told_apart_or_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of jia three in four and one in four; two of yi ticked both of two needs, a third the last."""
    rows = [("jia", "", {"c": c}) for c in ("1", "1", "2", "1", "")]
    rows += [("yi", "", {"n": n}) for n in ("x;y", "y", "x;y")]
    expected = {
        ("jia", "key", "c", "1"): (3, 0.75), ("jia", "key", "c", "2"): (1, 0.25),
        ("yi", "key", "n", "x"): (2, pytest.approx(2 / 3)), ("yi", "key", "n", "y"): (3, 1.0),
    }  # fmt: skip
    assert shares(cells.answers(*rows)) == expected
    monkeypatch.setattr(distributions, "_DENSE", 0)
    assert shares(cells.answers(*rows)) == expected


def test_shares_are_of_those_who_filled_in_the_questionnaire() -> None:
    """Offices have a form of their own, and stand first; residents weigh 1 and 3."""
    form = cells.form()
    document = yaml.safe_load(cells.SCHEME)
    document["groups"][1] |= {"questionnaire": "p", "covers": None}
    two = cells.answers(("yi", "office", {"c": "2"}), raters=["r1"], weight=[5])
    one = cells.answers(*[("jia", "key", {"c": c}) for c in "13"], weight=[1, 3])
    named = pd.Index(["b#2"], name="respondent")
    made = Answers(
        "2016",
        pd.concat([two.respondents.set_axis(named).assign(respondent=named), one.respondents]),
        {"q": one.codes["q"], "p": two.codes["q"].set_axis(named)},
        {"q": one.states["q"], "p": two.states["q"].set_axis(named)},
    )
    both = {"q": form, "p": form.model_copy(update={"id": "p"})}
    table = distributed(made, decided(Scheme.model_validate(document), both, cells.roster()))
    assert table.sort_values(["group", "option"]).to_numpy().tolist() == [
        ["jia", "key", "c", "1", 1, 0.25],
        ["jia", "key", "c", "3", 1, 0.75],
        ["yi", "office", "c", "2", 1, 1.0],
    ]


def test_numbers_and_texts_have_no_shares() -> None:
    assert shares(cells.answers(("jia", "", {"t": "7", "w": "修路"}))) == {}


# --- fingerprints -------------------------------------------------------------------------------


def fingerprint(scheme: dict[str, object] | None = None, form: str = cells.FORM) -> dict[str, str]:
    document = scheme or yaml.safe_load(cells.SCHEME)
    made = Questionnaire.model_validate(yaml.safe_load(form))
    return definitions(decided(Scheme.model_validate(document), {made.id: made}))


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("score: 50", "score: 60", {"A1", "A2", "overall"}),
        ("label: 一般", "label: 尚可", {"A1", "A2", "overall"}),
        ("missing: dont_know", "missing: refused", {"A1", "A2", "overall"}),
        ("maximum: 15", "maximum: 16", {"B1"}),
        ("minimum: 5", "minimum: 4", {"B1"}),
        ("办事方便", "办事容易", set()),
        ("label: 停车", "label: 泊车", set()),
    ],
)
def test_another_scale_is_another_measure(old: str, new: str, changed: set[str]) -> None:
    assert cells.FORM.count(old) == 1
    before, after = fingerprint(), fingerprint(form=cells.FORM.replace(old, new))
    assert list(before) == ["A1", "A2", "B1", "overall"]
    assert {code for code in before if before[code] != after[code]} == changed


def test_other_items_or_another_minimum_are_another_measure() -> None:
    before = fingerprint()
    document = yaml.safe_load(cells.SCHEME) | {"minimum_answered": 0.6}
    after = fingerprint(document)
    assert [code for code in before if before[code] == after[code]] == ["overall"]
    document = yaml.safe_load(cells.SCHEME)
    document["dimensions"][0]["indicators"][0]["items"] = {"q": ["a"]}
    assert fingerprint(document)["A1"] != before["A1"]
    document["dimensions"][0]["indicators"][0] |= {"weight": 10, "name": "别名"}
    document["dimensions"][0]["indicators"][0]["items"] = {"q": ["a", "b"]}
    assert fingerprint(document) == before


def test_the_order_of_questionnaires_does_not_matter_and_their_names_do() -> None:
    form = cells.form()
    other = form.model_copy(update={"id": "p"})

    def told(items: dict[str, list[str]]) -> str:
        document = yaml.safe_load(cells.SCHEME)
        document["dimensions"][0]["indicators"][0]["items"] = items
        scheme = Scheme.model_validate(document)
        return definitions(decided(scheme, {"q": form, "p": other}))["A1"]

    assert told({"q": ["a"], "p": ["b"]}) == told({"p": ["b"], "q": ["a"]})
    assert told({"q": ["a"]}) != told({"p": ["a"]})


def test_what_a_wave_did_not_ask_a_group_makes_another_measure() -> None:
    made = cells.answers(*(("jia", "", {"a": "1", "b": "2", "c": "1", "t": "9"}),) * 3)
    states = made.states["q"].copy()
    whole = cells.measured(made).definitions
    assert whole == fingerprint()
    states["b"] = "not_asked"
    without = cells.measured(replace(made, states={"q": states})).definitions
    assert [code for code in whole if whole[code] != without[code]] == ["A1"]
    assert declared(without["A1"]) == whole["A1"]  # the scheme itself did not change
    assert cells.measured(replace(made, states={"q": states})).definitions == without
    states.loc[states.index[0], "b"] = "empty"  # one file of the group asked it
    assert cells.measured(replace(made, states={"q": states})).definitions == whole


def test_what_few_of_a_cell_answered_is_corrected_for_those_few() -> None:
    """Of four who answered anything all, two and one: 4/3, 2/1 and nothing for the cell's 4/3."""
    ones = np.ones((3, 3))
    found = _small_sample(ones, np.array([4.0, 2.0, 1.0]), 4)
    assert found[:2, :2] == pytest.approx(np.array([[1.0, 1.5**0.5], [1.5**0.5, 1.5]]))
    assert np.isnan(found[2]).all()
    assert np.isnan(found[:, 2]).all()
    of_two = _small_sample(ones, np.array([2.0, 2.0, 1.0]), 2)
    assert of_two[0, 1] == pytest.approx(1.0)
    assert np.isnan(of_two[2]).all()
    assert _small_sample(ones, np.ones(3), 1) is ones
