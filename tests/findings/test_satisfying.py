"""Satisfied residents as shares: a street that one can count on one's fingers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from evalkit.findings.satisfying import notes, overall_before
from evalkit.methods.proportions import difference_from_all
from evalkit.tables import Opinions, ResidentsOfAKind, check
from tests.answers import street
from tests.findings.satisfied_street import (
    documents,
    form,
    marked,
    result_of,
    row,
    scheme,
    table,
    wave,
)

close = pytest.approx
JIA, YI = ("jia", "key"), ("yi", "key")
JIA_RANDOM, YI_RANDOM = ("jia", "random"), ("yi", "random")


def overall(jia: str, yi: str, **more: Any) -> Any:
    """Two committees whose key residents ticked these digits of the overall question."""
    return wave({JIA: {"overall": jia}, YI: {"overall": yi}}, **more)


# --- shares ---


def test_a_committee_pools_its_groups_and_the_street_its_committees_by_opinions() -> None:
    """Jia: three of four and one of three, whose others have no opinion; yi: none and all of four."""
    found = table(
        wave(
            {
                JIA: {"overall": "1112"},
                JIA_RANDOM: {"overall": "123444"},
                YI: {"overall": "2233"},
                YI_RANDOM: {"overall": "1111"},
            }
        )
    )
    jia, yi, all_ = row(found, "jia"), row(found, "yi"), row(found, "all")
    assert (jia["n"], yi["n"], all_["n"]) == (7, 8, 15)
    assert (jia["share"], yi["share"], all_["share"]) == close((4 / 7, 4 / 8, 8 / 15))
    for own, hits in ((jia, 4), (yi, 4), (all_, 8)):
        assert own["street"] == close(8 / 15)
        ends = proportion_confint(hits, own["n"], method="wilson")
        assert (own["low"], own["high"]) == close(ends)
    assert (jia["role"], jia["by"], jia["label"], jia["name"]) == ("overall", "all", "", "总体满意")


def test_the_street_comes_first_then_the_committees_question_by_question() -> None:
    found = table(overall("1122", "1111"))
    assert list(zip(found["item"], found["subject"], strict=True)) == [
        (item, subject)
        for item in ("overall", "r1", "r2", "r3")
        for subject in ("all", "jia", "yi")
    ]
    assert list(found["role"]) == ["overall"] * 3 + ["scored"] * 9


@pytest.mark.parametrize(
    ("limits", "share", "acceptable"),
    [
        ({}, 1 / 4, 1 / 4),
        ({"acceptable_from": 50}, 1 / 4, 3 / 4),
        ({"acceptable_from": 50.1}, 1 / 4, 1 / 4),
        ({"satisfied_from": 50, "acceptable_from": 50}, 3 / 4, 3 / 4),
        ({"satisfied_from": 100, "acceptable_from": 1}, 1 / 4, 3 / 4),
    ],
)
def test_the_scheme_says_who_is_satisfied(
    limits: dict[str, float], share: float, acceptable: float
) -> None:
    """One at 100, two at 50, one at 0."""
    under = documents(scheme(**limits))
    jia = row(table(overall("1223", "1111", under=under), None, under), "jia")
    assert (jia["share"], jia["acceptable"]) == close((share, acceptable))


def test_where_everybody_is_satisfied_the_interval_says_how_far_that_reaches() -> None:
    yi = row(table(overall("1122", "1111")), "yi")
    assert (yi["share"], yi["high"]) == (1.0, 1.0)
    assert yi["low"] == close(4 / (4 + 1.959963984540054**2))  # n / (n + z²)


def test_weights_move_the_share_and_make_answers_worth_less() -> None:
    """Weights 3 1 1 1: half of six; 36/12 = 3 answers of four. With four more of weight 1: 7 of 8."""
    said = {JIA: {"overall": "1222"}, YI: {"overall": "1122"}, YI_RANDOM: {"overall": "1122"}}
    found = table(wave(said, weight=[3, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1]))
    jia, yi, all_ = row(found, "jia"), row(found, "yi"), row(found, "all")
    assert (jia["share"], jia["n"]) == (close(0.5), 4)
    assert (jia["low"], jia["high"]) == close(proportion_confint(1.5, 3, method="wilson"))
    # yi: (3 + 1)/6 of four, two of four; both groups together weigh by their opinions.
    assert yi["share"] == close((4 * 4 / 6 + 2) / 8)
    ends = proportion_confint(7 * yi["share"], 7, method="wilson")
    assert (yi["low"], yi["high"]) == close(ends)
    # The street: a third of opinions worth 3, two thirds worth 7.
    worth = 1 / ((1 / 3) ** 2 / 3 + (2 / 3) ** 2 / 7)
    assert all_["share"] == close((4 * 0.5 + 8 * yi["share"]) / 12)
    ends = proportion_confint(worth * all_["share"], worth, method="wilson")
    assert (all_["low"], all_["high"]) == close(ends)


def test_confidence_is_the_schemes() -> None:
    under = documents(scheme(confidence=0.8))
    jia = row(table(overall("1122", "1111", under=under), None, under), "jia")
    assert (jia["low"], jia["high"]) == close(proportion_confint(2, 4, 0.2, method="wilson"))


# --- who is told ---


def test_a_committee_of_too_few_opinions_is_not_told_and_does_not_count() -> None:
    """Jia's three opinions would be the street's seven less yi's four."""
    found = table(overall("1234", "1112"))
    own = found[found["item"] == "overall"]
    assert list(own["subject"]) == ["all", "yi"]
    assert (row(found, "all")["n"], row(found, "all")["share"]) == (4, close(0.75))
    assert pd.isna(row(found, "yi")["p_adjusted"])  # it is all there is
    assert row(found, "yi")["verdict"] == "未检验"


def test_a_question_with_too_few_opinions_everywhere_has_no_rows() -> None:
    found = table(overall("1234", "1144"))
    assert "overall" not in set(found["item"])
    assert "r1" in set(found["item"])


def test_a_group_below_its_minimum_is_left_out() -> None:
    found = table(
        wave({JIA: {"overall": "1112"}, JIA_RANDOM: {"overall": "222"}, YI: {"overall": "1122"}})
    )
    assert (row(found, "jia")["n"], row(found, "jia")["share"]) == (4, close(0.75))
    assert row(found, "all")["n"] == 8


def test_an_indicator_that_is_not_told_hides_its_question_and_no_other() -> None:
    """One key resident judges r1: pooled less the random ones' mean would be his answer."""
    said = {
        JIA: {"r1": "2444"},
        JIA_RANDOM: {"r1": "1122"},
        YI: {"r1": "1112"},
        YI_RANDOM: {"r1": "1111"},
    }
    found = table(wave(said))
    assert list(found.loc[found["item"] == "r1", "subject"]) == ["all", "yi"]
    assert (row(found, "all", "r1")["n"], row(found, "all", "r1")["share"]) == (8, close(7 / 8))
    assert row(found, "jia", "r2")["n"] == 8


def test_a_group_none_of_which_has_an_opinion_hides_nothing() -> None:
    """Nor are its answers' weights anything to the others'."""
    said = {JIA: {"r1": "4444"}, JIA_RANDOM: {"r1": "1122"}, YI: {"r1": "1112"}}
    found = table(wave(said, weight=[5, 1, 1, 1, *[1] * 8]))
    jia = row(found, "jia", "r1")
    assert (jia["n"], jia["share"]) == (4, close(0.5))
    assert (jia["low"], jia["high"]) == close(proportion_confint(2, 4, method="wilson"))


def test_residents_who_do_not_judge_an_indicator_do_not_count_for_its_question() -> None:
    under = documents(scheme(random={"covers": ["A1", "B1"]}))
    said = {JIA: {"r2": "1122"}, JIA_RANDOM: {"r2": "3333"}, YI: {"r2": "1111"}}
    found = table(wave(said, under), None, under)
    assert (row(found, "jia", "r2")["n"], row(found, "jia", "r2")["share"]) == (4, close(0.5))
    assert row(found, "jia", "r1")["n"] == 8


# --- against the street ---


def test_committees_are_tested_in_two_families() -> None:
    """The overall question apart from the three others, of which two are everybody's 1."""
    said = {
        JIA: {"overall": "11" + "3" * 18, "r1": "1" * 12 + "3" * 8},
        YI: {"overall": "1" * 20, "r1": "1" * 18 + "33"},
    }
    found = table(wave(said))
    p = difference_from_all([0.1, 1.0], [20, 20], [0.5, 0.5])
    small, large = sorted(p.tolist())
    adjusted = sorted([min(2 * small, large), large])
    own = [row(found, s)["p_adjusted"] for s in ("jia", "yi")]
    assert sorted(own) == close(adjusted)
    assert [row(found, s)["verdict"] for s in ("jia", "yi")] == ["低于", "高于"]
    p = difference_from_all([0.6, 0.9], [20, 20], [0.5, 0.5])
    small, large = sorted(p.tolist())
    own = [row(found, s, "r1")["p_adjusted"] for s in ("jia", "yi")]
    assert sorted(own) == close(sorted([min(2 * small, large), large]))
    assert row(found, "jia", "r1")["verdict"] == "无显著差异"
    # Where everybody says the same there is nothing to test.
    assert row(found, "jia", "r2")["verdict"] == "未检验"
    assert pd.isna(row(found, "all")["verdict"])
    assert pd.isna(row(found, "all")["p_adjusted"])


# --- changes ---


def test_a_first_wave_has_no_changes() -> None:
    found = table(overall("1122", "1111"))
    assert set(found["change_verdict"]) == {"未比较"}
    assert found[["previous", "change", "change_p_adjusted"]].isna().all(axis=None)


def test_changes_are_of_committees_told_in_both_waves() -> None:
    """Yi had three opinions last year: the street is compared by jia alone, whose all are now."""
    before = overall("1133333333", "1234", name="2015")
    found = table(overall("1" * 10, "1122"), before)
    p = proportions_ztest([10, 2], [10, 10])[1]
    ends = confint_proportions_2indep(10, 10, 2, 10, method="newcomb", compare="diff")
    assert row(found, "all")["share"] == close(12 / 14)
    for subject in ("jia", "all"):
        own = row(found, subject)
        assert (own["previous"], own["change"]) == close((0.2, 0.8))
        assert (own["change_low"], own["change_high"]) == close(ends)
        assert own["change_p_adjusted"] == close(p)
        assert own["change_verdict"] == "上升"
    assert pd.isna(row(found, "yi")["change"])
    assert row(found, "yi")["change_verdict"] == "未比较"


def test_where_no_committee_is_told_in_both_waves_the_street_is_not_compared() -> None:
    before = overall("123", "1133333333", name="2015")
    found = table(overall("1133333333", "123"), before)
    for subject in ("all", "jia"):
        own = row(found, subject)
        assert own["share"] == close(0.2)
        assert own[["previous", "change", "change_p_adjusted"]].isna().all()
        assert own["change_verdict"] == "未比较"


def test_changes_of_committees_are_corrected_for_their_number() -> None:
    found = table(overall("1" * 9 + "3", "1" * 10), overall("1" * 10, "1133333333", name="2015"))
    p = {
        "jia": proportions_ztest([9, 10], [10, 10])[1],
        "yi": proportions_ztest([10, 2], [10, 10])[1],
    }
    assert row(found, "yi")["change_p_adjusted"] == close(2 * p["yi"])
    assert row(found, "jia")["change_p_adjusted"] == close(p["jia"])
    assert row(found, "jia")["change"] == close(-0.1)
    assert row(found, "jia")["change_verdict"] == "无显著变化"
    assert row(found, "all")["change"] == close(19 / 20 - 12 / 20)
    assert row(found, "all")["change_p_adjusted"] == close(proportions_ztest([19, 12], [20, 20])[1])
    # Nothing moved in the scored questions, of which everybody was satisfied twice.
    assert row(found, "jia", "r1")["change_p_adjusted"] == 1.0
    assert row(found, "jia", "r1")["change_verdict"] == "无显著变化"


def test_a_fall_is_called_so() -> None:
    found = table(overall("3" * 10, "1" * 10), overall("1" * 10, "1" * 10, name="2015"))
    assert row(found, "jia")["change_verdict"] == "下降"


@pytest.mark.parametrize("mark", ["otherwise", None])
def test_what_was_asked_otherwise_or_nobody_knows_how_is_not_compared(mark: str | None) -> None:
    before = overall("1122", "1111", name="2015")
    found = table(overall("1122", "1111"), marked(before, overall=mark))
    assert row(found, "jia")["change_verdict"] == "未比较"
    assert row(found, "all")["change_verdict"] == "未比较"
    assert row(found, "jia", "r1")["change_verdict"] == "无显著变化"
    found = table(overall("1122", "1111"), marked(before, A1="otherwise"))
    assert row(found, "jia")["change_verdict"] == "无显著变化"
    assert row(found, "jia", "r1")["change_verdict"] == "未比较"


# --- waves before the last one ---


def test_earlier_waves_have_the_overall_question_by_their_own_answers() -> None:
    waves = {
        "2014": overall("1111", "3333", name="2014"),
        "2015": overall("1133333333", "1234", name="2015"),
        "2016": overall("1" * 10, "1122"),
    }
    found = check(overall_before(waves, documents()), "satisfaction")
    told = {
        (wave, subject): share
        for wave, subject, share in found[["wave", "subject", "share"]].itertuples(index=False)
    }
    assert told == close(
        {
            ("2014", "all"): 0.5,
            ("2014", "jia"): 1.0,
            ("2014", "yi"): 0.0,
            ("2015", "all"): 0.2,
            ("2015", "jia"): 0.2,
        }
    )
    assert set(found["item"]) == {"overall"}
    assert found["change"].isna().all()


def test_an_earlier_wave_that_asked_otherwise_is_left_out() -> None:
    asked = marked(overall("1111", "3333", name="2015"), overall="otherwise")
    waves = {"2015": asked, "2016": overall("1111", "1111")}
    assert not len(overall_before(waves, documents()))
    assert not len(overall_before({"2016": overall("1111", "1111")}, documents()))


# --- kinds of residents ---


def kind(value: str, n: int, hits: int, *, shown: bool = True, by: str = "age") -> ResidentsOfAKind:
    return ResidentsOfAKind(by, value, f"第{value}类", Opinions(n, n, hits / n, hits / n), shown)


KINDS = [kind("1", 40, 10), kind("2", 30, 28), kind("3", 30, 22, shown=False)]


def test_kinds_are_held_against_all_kinds_also_those_not_told() -> None:
    found = table(overall("1122", "1111"), kinds=KINDS)
    assert list(found.loc[found["by"] == "age", "value"]) == ["1", "2"]
    p = difference_from_all([10 / 40, 28 / 30, 22 / 30], [40, 30, 30], [0.4, 0.3, 0.3])
    one, two = row(found, "all", value="1"), row(found, "all", value="2")
    assert one["street"] == close(60 / 100)
    small, large = sorted([float(p[0]), float(p[1])])
    adjusted = [min(2 * small, 1.0), max(2 * small, large)]
    assert sorted([one["p_adjusted"], two["p_adjusted"]]) == close(adjusted)
    assert (one["verdict"], two["verdict"]) == ("低于", "高于")
    assert (one["label"], one["n"], one["change_verdict"]) == ("第1类", 40, "未比较")
    assert set(found.loc[found["by"] == "age", "item"]) == {"overall"}


def test_a_kind_is_compared_if_it_was_told_last_time() -> None:
    now, before = overall("1122", "1111"), overall("1122", "1111", name="2015")
    past = [kind("1", 40, 30), kind("2", 30, 20, shown=False)]
    found = table(now, before, kinds=KINDS, kinds_before=past)
    one, two = row(found, "all", value="1"), row(found, "all", value="2")
    assert (one["previous"], one["change"]) == close((0.75, -0.5))
    assert one["change_p_adjusted"] == close(proportions_ztest([10, 30], [40, 40])[1])
    assert one["change_verdict"] == "下降"
    assert pd.isna(two["previous"])
    other = table(now, marked(before, overall=None), kinds=KINDS, kinds_before=past)
    assert pd.isna(row(other, "all", value="1")["previous"])


def test_a_question_called_like_a_family_is_one_of_its_own() -> None:
    """Kinds are corrected by Holm, also where the question that tells them apart is `committees`."""
    plain = table(overall("1112", "1222"), kinds=KINDS)
    named = [one._replace(by="committees") for one in KINDS]
    found = table(overall("1112", "1222"), kinds=named)
    pd.testing.assert_frame_equal(found.drop(columns="by"), plain.drop(columns="by"))


# --- streets without ---


def test_without_an_overall_question_there_are_the_scored_ones() -> None:
    line = "  - {id: overall, text: 总体满意, role: overall, scale: s}\n"
    under = documents(None, form(street.SMALL_FORM.replace(line, "")))
    now = wave({JIA: {"r1": "1122"}, YI: {"r1": "1111"}}, under)
    found = table(now, now, under)
    assert set(found["role"]) == {"scored"}
    assert row(found, "jia", "r1")["change"] == 0.0


def test_a_number_has_no_share() -> None:
    asked = "role: overall, kind: number, minimum: 1, maximum: 4}"
    under = documents(None, form(street.SMALL_FORM.replace("role: overall, scale: s}", asked)))
    found = table(overall("1234", "1122", under=under), None, under)
    assert set(found["role"]) == {"scored"}


def test_without_residents_the_table_is_empty() -> None:
    under = documents(
        scheme(key={"residents": False}, random={"residents": False}, residents_weight=0)
    )
    found = table(overall("1122", "1111", under=under), None, under, KINDS)
    assert found.empty


def test_two_questionnaires_ask_the_same_overall_question_each_in_its_words() -> None:
    """A scored item that both have is one question of all its indicators; others are their own."""
    other = form(
        street.SMALL_FORM.replace("id: resident", "id: other")
        .replace("id: overall, text: 总体满意", "id: sum, text: 总的看")
        .replace("id: r3", "id: x3")
    )
    by = scheme(
        random={"questionnaire": "other"},
        dimensions=[
            {
                "code": "A",
                "name": "服务",
                "weight": 100,
                "indicators": [
                    {
                        "code": "A1",
                        "name": "办事",
                        "weight": 60,
                        "items": {"resident": ["r1"], "other": ["r2"]},
                    },
                    {
                        "code": "B1",
                        "name": "卫生",
                        "weight": 40,
                        "items": {"resident": ["r3"], "other": ["r1", "x3"]},
                    },
                ],
            }
        ],
    )
    under = documents(by, form(), other)
    ticks = {"r1": "1122", "r2": "1111", "r3": "1111", "overall": "1112"}
    first = street.answers(
        "2016",
        form(),
        {i: list(t) for i, t in ticks.items()},
        group=["key"] * 4,
        subject=["jia"] * 4,
    )
    ticks = {"r1": "2222", "r2": "1111", "x3": "3333", "sum": "1333"}
    second = street.answers(
        "2016",
        other,
        {i: list(t) for i, t in ticks.items()},
        group=["random"] * 4,
        subject=["jia"] * 4,
    )
    second.respondents.index = [f"b.xlsx#{n}" for n in range(4)]
    second.respondents["respondent"] = second.respondents.index
    for frames in (second.codes, second.states):
        frames["other"].index = second.respondents.index
    made = type(first)(
        "2016",
        pd.concat([first.respondents, second.respondents]),
        {**first.codes, **second.codes},
        {**first.states, **second.states},
    )
    now = result_of(made, under)
    found = table(now, now, under)
    both = row(found, "jia")
    assert (both["n"], both["share"], both["name"]) == (8, close(0.5), "总体满意")
    assert "sum" not in set(found["item"])
    assert (row(found, "jia", "r1")["n"], row(found, "jia", "r1")["share"]) == (8, close(0.25))
    assert (row(found, "jia", "r3")["n"], row(found, "jia", "x3")["share"]) == (4, 0.0)
    # r1 counts for A1 in one form, for B1 in the other: what changes either is no comparison.
    for code in ("A1", "B1"):
        again = table(now, marked(now, **{code: "otherwise"}), under)
        assert row(again, "jia", "r1")["change_verdict"] == "未比较"


def test_more_answers_from_where_residents_are_satisfied_are_no_rise() -> None:
    """Jia is all satisfied and yi not at all, both times; jia's answers grow from 4 to 12."""
    found = table(overall("1" * 12, "3333"), overall("1111", "3" * 12, name="2015"))
    own = row(found, "all")
    assert own["share"] == close(12 / 16)
    assert (own["previous"], own["change"]) == close((12 / 16, 0.0))
    assert own["change_verdict"] == "无显著变化"


@pytest.mark.parametrize("least", [100.5, 0.5])
def test_where_all_options_or_none_count_as_satisfied_nothing_is_told_but_a_note(
    least: float,
) -> None:
    low = form(
        street.SMALL_FORM.replace("score: 100", "score: 60").replace("score: 0}", "score: 40}")
    )
    by = scheme(satisfied_from=min(least, 100.0), acceptable_from=0.25)
    under = documents(by, low)
    assert table(overall("1122", "1111", under=under), None, under).empty
    (note,) = notes(under)
    assert note.code == "no_satisfaction"
    assert notes(documents()) == ()


def test_an_id_that_two_questionnaires_use_for_questions_of_their_own_is_two_questions() -> None:
    """Key residents say r1 of one text, random ones of another: four each, and never eight."""
    other = form(
        street.SMALL_FORM.replace("id: resident", "id: other").replace(
            "id: r1, text: ", "id: r1, text: 另外的"
        )
    )
    items = {"resident": ["r1"], "other": ["r1"]}
    by = scheme(
        random={"questionnaire": "other"},
        dimensions=[
            {
                "code": "A",
                "name": "服务",
                "weight": 100,
                "indicators": [{"code": "A1", "name": "办事", "weight": 100, "items": items}],
            }
        ],
    )
    under = documents(by, form(), other)
    parts = [
        street.answers(
            "2016",
            sheet,
            {"r1": list(ticks), "overall": list("1122")},
            group=[group] * 4,
            subject=["jia"] * 4,
        )
        for sheet, group, ticks in ((form(), "key", "1113"), (other, "random", "3331"))
    ]
    both = replace(
        parts[0],
        respondents=pd.concat(
            [
                part.respondents.rename(index=lambda i, p=place: f"{p}{i}")
                for place, part in enumerate(parts)
            ]
        ),
        codes={
            name: own.rename(index=lambda i, p=place: f"{p}{i}")
            for place, part in enumerate(parts)
            for name, own in part.codes.items()
        },
        states={
            name: own.rename(index=lambda i, p=place: f"{p}{i}")
            for place, part in enumerate(parts)
            for name, own in part.states.items()
        },
    )
    found = table(result_of(both, under), None, under)
    own = found[found["item"].eq("r1") & found["subject"].eq("all")]
    assert list(own["n"]) == [4, 4]
    assert list(own["share"]) == close([3 / 4, 1 / 4])
    assert own["name"].nunique() == 2


def test_rows_of_two_matrices_with_the_same_words_have_their_stem_before_them() -> None:
    stems = re.sub(
        r"\{id: r1, text: [^,}]*", "{id: r1, stem: 居委会, text: 态度", street.SMALL_FORM
    )
    stems = re.sub(r"\{id: r2, text: [^,}]*", "{id: r2, stem: 物业, text: 态度", stems)
    under = documents(None, form(stems))
    found = table(overall("1122", "1111", under=under), None, under)
    assert [n for n in found["name"].unique() if "态度" in n] == ["居委会: 态度", "物业: 态度"]
