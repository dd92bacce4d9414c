"""Raking by hand: who is weighted to what, what is told of it, and what it does to a variance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalkit.answers.measuring import measure
from evalkit.answers.weighting import Weighed, weigh
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problem, Problems
from evalkit.intake.margins import Margin, Margins
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers, GroupCells
from tests.answers import street
from tests.deciding import decided


def sex(*shares: float, group: str = "random", wave: str = "", row: int = 2) -> Margin:
    return Margin(
        wave, group, "sex", "性别", (frozenset("1"), frozenset("2")), np.array(shares), row
    )


def age(*shares: float) -> Margin:
    young, others = frozenset("1"), frozenset("23")
    return Margin("", "random", "age", "年龄", (young, others), np.array(shares), 4)


def people(
    sexes: str,
    ages: str | None = None,
    *,
    good: str | None = None,
    group: str | None = None,
    weight: list[float] | None = None,
    subject: str | None = None,
    wave: str = "2016",
) -> Answers:
    """One letter a respondent: sex and age codes (``-`` is empty), r1 codes, r(andom) or k(ey)."""
    _, questionnaires = street.small()
    n = len(sexes)
    codes = {"sex": sexes, "age": ages or "1" * n, "r1": good or "1" * n}
    names = {"r": "random", "k": "key"}
    made = {item: [c.replace("-", "") for c in text] for item, text in codes.items()}
    # a rake needs r1 only; the form's other items were left empty
    made |= {item: [""] * n for item in ("r2", "r3", "overall")}
    return street.answers(
        wave,
        questionnaires["resident"],
        made,
        group=[names[g] for g in group or "r" * n],
        subject=[{"j": "jia", "y": "yi"}[s] for s in subject or "j" * n],
        weight=weight,
    )


def raked(answers: Answers, *margins: Margin) -> tuple[Weighed, list[Problem]]:
    problems = Problems()
    found = weigh(answers, decided(*street.small(), margins=Margins("m.csv", margins)), problems)
    return found, list(problems)


def weights(answers: Answers, *margins: Margin) -> list[float]:
    found, problems = raked(answers, *margins)
    assert problems == []
    return found.answers.respondents["weight"].tolist()


def test_weights_make_the_shares_and_keep_the_number() -> None:
    assert weights(people("1222"), sex(0.5, 0.5)) == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3])
    assert weights(people("1122"), sex(0.5, 0.5)) == pytest.approx([1, 1, 1, 1])
    assert weights(people("1112"), sex(0.3, 0.7)) == pytest.approx([0.4, 0.4, 0.4, 2.8])


def test_base_weights_are_kept_in_proportion() -> None:
    found = weights(people("1122", weight=[3, 1, 1, 1]), sex(0.5, 0.5))
    assert found == pytest.approx([2.25, 0.75, 1.5, 1.5])


def test_whoever_left_out_one_of_the_items_keeps_the_weight() -> None:
    # of the four who can be placed one is in each cell of the table
    found = weights(people("1212-2", "12211-"), sex(0.25, 0.75), age(0.5, 0.5))
    assert found == pytest.approx([0.5, 1.5, 0.5, 1.5, 1, 1])


def test_only_groups_with_margins_are_weighted_each_to_its_own() -> None:
    answers = people("12221222", group="rrrrkkkk")
    assert weights(answers, sex(0.5, 0.5)) == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3, 1, 1, 1, 1])
    both = weights(answers, sex(0.5, 0.5), sex(0.25, 0.75, group="key"))
    assert both == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3, 1, 1, 1, 1])
    other = weights(answers, sex(0.5, 0.5), sex(0.4, 0.6, group="key"))
    assert other[4:] == pytest.approx([1.6, 0.8, 0.8, 0.8])


def test_a_margin_of_another_wave_does_not_count() -> None:
    assert weights(people("1222"), sex(0.5, 0.5, wave="2015")) == [1] * 4
    found = weights(people("1222", wave="2015"), sex(0.5, 0.5, wave="2015"))
    assert found == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3])


def test_the_street_and_not_the_committee_is_weighted() -> None:
    found = weights(people("12221222", subject="jjjjyyyy"), sex(0.5, 0.5))
    assert found == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3] * 2)


def test_what_was_done_is_told() -> None:
    answers = people("1222-", weight=[1, 1, 1, 1, 2])
    found, _ = raked(answers, sex(0.5, 0.5))
    own = found.raked["random"]
    assert (own.n, own.missing, own.margins) == (5, 1, ("sex",))
    assert own.place == {f"a.xlsx#{at}": at - 2 for at in range(2, 6)}
    # weights 2, 2/3, 2/3, 2/3, 2: 36 / (4 + 4/3 + 4)
    assert own.n_effective == pytest.approx(36 / (28 / 3), rel=1e-9)
    assert own.design_effect == pytest.approx(5 / own.n_effective, rel=1e-9)
    first, second = found.notes
    assert (first.code, first.where, first.count) == ("raked", "2016:random", 5)
    assert said(first).startswith("“随机居民”按“性别”加权到街道的人口构成：5 份答卷，等效份数 4")
    assert (second.code, second.where, second.count) == ("raked_without_profile", "2016:random", 1)
    assert [n.code for n in raked(people("1222"), sex(0.5, 0.5))[0].notes] == ["raked"]


def test_respondents_of_no_weight_are_none_in_the_design_effect() -> None:
    found, _ = raked(people("12222", weight=[1, 1, 1, 1, 0]), sex(0.5, 0.5))
    own = found.raked["random"]
    assert own.n_effective == pytest.approx(16 / (4 + 4 / 3), rel=1e-9)
    assert own.design_effect == pytest.approx(4 / own.n_effective, rel=1e-9)


def test_a_category_is_answered_if_and_only_if_it_has_a_share() -> None:
    found, problems = raked(people("2222"), sex(0.4, 0.6, row=7))
    (problem,) = problems
    assert (problem.code, problem.row, problem.file) == ("margin_without_respondents", 7, "m.csv")
    assert (problem.expected, problem.found) == ("占 40.00%", "random 有 0 份答全个人情况的答卷")
    assert problem.message == "“性别”的“男”在人口中有，答卷里没有"
    assert found.raked == {}
    assert found.answers.respondents["weight"].tolist() == [1] * 4
    _, (problem,) = raked(people("1111"), sex(0.4, 0.6))
    assert (problem.code, problem.expected) == ("margin_without_respondents", "占 60.00%")
    _, (problem,) = raked(people("1222"), sex(0.0, 1.0))
    assert (problem.code, problem.expected) == ("margin_without_share", "占 0.00%")
    assert problem.found == "random 有 1 份答全个人情况的答卷"
    assert problem.message == "“性别”的“男”比例为 0，答卷里却有"


def test_a_category_without_share_and_without_respondents_is_no_fault() -> None:
    assert weights(people("2222"), sex(0.0, 1.0)) == pytest.approx([1] * 4)


def test_shares_that_contradict_one_another_cannot_be_met() -> None:
    found, (problem,) = raked(people("1122", "1122"), sex(0.5, 0.5), age(0.1, 0.9))
    assert (problem.code, problem.key, problem.column) == ("raking_failed", "random", "item")
    assert problem.expected == "sex、age 的比例同时达到"
    assert {problem.row: problem.found}.items() <= {2: "sex 达不到", 4: "age 达不到"}.items()
    assert found.raked == {}
    assert found.notes == ()


# --- the variance -------------------------------------------------------------------------------


def cell(answers: Answers, *margins: Margin, scheme: Scheme | None = None) -> GroupCells:
    found, problems = raked(answers, *margins)
    assert problems == []
    documents = street.small()
    roster = Roster(subjects=[Subject(id=s, name=s) for s in ("jia", "yi")])
    cells = measure(
        found.answers,
        decided(scheme or documents[0], documents[1], roster),
        street.InMemory(),
        sweeps=found.raked,
    )
    return cells.groups["random"]


def test_what_the_margin_explains_is_no_variance() -> None:
    # all men are content and no woman is: the margin knows the mean
    own = cell(people("11222222", good="11333333"), sex(0.5, 0.5))
    assert own.mean[0, 0] == pytest.approx(50)
    assert own.covariance[0, 0, 0] == pytest.approx(0.0, abs=1e-9)


def test_what_varies_within_a_category_is_left() -> None:
    # weights 2, 2, 2/3 six times; men 100 and 0, women three of each: mean 50 in both
    own = cell(people("11222222", good="13131313"), sex(0.5, 0.5))
    influence = np.array([2, 2, *[2 / 3] * 6]) / 8 * 50
    assert own.mean[0, 0] == pytest.approx(50)
    assert own.covariance[0, 0, 0] == pytest.approx(8 / 7 * (influence**2).sum(), rel=1e-9)


def test_who_could_not_be_placed_is_left_as_is() -> None:
    # men 100, women 0, and two without a sex: 100 and 0
    own = cell(people("1122--", good="113313"), sex(0.5, 0.5))
    assert own.mean[0, 0] == pytest.approx(50)
    # influence 50/6 for each; the placed are explained, the two others are not
    assert own.covariance[0, 0, 0] == pytest.approx(6 / 5 * 2 * (50 / 6) ** 2, rel=1e-9)


def test_a_known_number_of_residents_and_few_answers_count_here_too() -> None:
    scheme, _ = street.small()
    groups = [g.model_copy(update={"population": 16}) for g in scheme.groups]
    few = scheme.model_copy(update={"groups": groups})
    answers = people("11222222", good="13131313")
    plain, own = cell(answers, sex(0.5, 0.5)), cell(answers, sex(0.5, 0.5), scheme=few)
    assert own.covariance[0, 0, 0] == pytest.approx(plain.covariance[0, 0, 0] / 2, rel=1e-9)
    # r1 answered by four of eight: their own 4/3 in place of 8/7
    codes = answers.codes["resident"].assign(r1=["1", "3", "1", "3", *[None] * 4], r2=["1"] * 8)
    half = replace(answers, codes={"resident": codes})
    found = cell(half, sex(0.5, 0.5))
    # weights 2, 2, 2/3, 2/3 over 16/3 times 50
    influence = np.array([2, 2, 2 / 3, 2 / 3]) / (16 / 3) * 50
    assert found.n_measure[0, :2].tolist() == [4, 8]
    assert found.covariance[0, 0, 0] == pytest.approx(4 / 3 * (influence**2).sum(), rel=1e-9)


def test_one_answer_has_no_variance_after_raking_either() -> None:
    answers = people("1122", good="1313")
    codes = answers.codes["resident"].assign(r2=["1", None, None, None])
    own = cell(replace(answers, codes={"resident": codes}), sex(0.5, 0.5))
    assert own.mean[0, 1] == 100
    assert np.isnan(own.covariance[0, 1]).all()
    assert np.isnan(own.covariance[0, :, 1]).all()
    assert np.isfinite(own.covariance[0, 0, 0])
    alone = cell(people("11222", good="13131", subject="jyyyy"), sex(0.5, 0.5))
    assert np.isnan(alone.covariance[0]).all()
    assert alone.mean[0, 0] == 100


def test_margins_of_the_street_explain_little_of_a_committee() -> None:
    # jia has one man (100) and one woman (0), yi as well: jia's influence 25, -25 on its own two;
    # over the street's two men the margin takes half of it, and puts as much on yi's
    own = cell(people("1212", good="1313", subject="jjyy"), sex(0.5, 0.5))
    assert own.mean[:, 0].tolist() == pytest.approx([50, 50])
    # residuals: 12.5 and -12.5 in jia, -12.5 and 12.5 in yi, times ... 25 = 50/2
    assert own.covariance[0, 0, 0] == pytest.approx(2 / 1 * 4 * 12.5**2, rel=1e-9)


def test_buildings_are_added_up_after_raking_and_who_could_not_be_placed_with_them() -> None:
    # as above: weights 2, 2, 2/3 six times, influence +, -, ... ; two buildings of four
    answers = people("11222222", good="13131313")
    houses = ["a", "a", "a", "a", "b", "b", "b", "c"]
    told = replace(answers, respondents=answers.respondents.assign(cluster=houses))
    own = cell(told, sex(0.5, 0.5))
    influence = np.array([2, -2, *[2 / 3, -2 / 3] * 3]) / 8 * 50
    sums = [influence[:4].sum(), influence[4:7].sum(), influence[7]]
    assert own.covariance[0, 0, 0] == pytest.approx(3 / 2 * sum(s**2 for s in sums), rel=1e-9)
    assert own.df[0] == 2
    # men 100, women 0 are explained; two without a sex, 100 and 0, live together
    answers = people("1122--", good="113313")
    told = replace(answers, respondents=answers.respondents.assign(cluster=list("abcdee")))
    assert cell(told, sex(0.5, 0.5)).covariance[0, 0, 0] == pytest.approx(0.0, abs=1e-9)
