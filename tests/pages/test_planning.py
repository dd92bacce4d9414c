"""What a page says, before anything is drawn: no sentence claims what the statistics do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from evalkit.pages import diagnosis, street, technical
from evalkit.pages.press.planned import Chart, Paper
from evalkit.pages.telling import verdict as standing
from evalkit.tables import Evaluation, Finding
from tests.pages.reading import read
from tests.pages.streets_planned import STREETS, VERDICT, planned, section, texts
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(params=STREETS)
def plans(request: pytest.FixtureRequest) -> tuple[Evaluation, list[Paper]]:
    return planned(request.param)


def paper_of(name: str, subject: str) -> Paper:
    return next(p for p in planned(name)[1] if p.context["id"] == subject)


def charts(value: Any) -> Iterator[Chart]:
    """Every chart of a plan."""
    if isinstance(value, Chart):
        yield value
    elif is_dataclass(value):
        yield from charts([getattr(value, field.name) for field in fields(value)])
    elif isinstance(value, dict):
        yield from charts(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from charts(item)


def test_every_subject_of_the_wave_has_a_plan(plans) -> None:
    street, papers = plans
    listed = street.current.scores.table["subject"]
    assert [p.path for p in papers] == [f"diagnosis/{s}.pdf" for s in listed]
    assert papers[0].proof == diagnosis.plan(street, listed[0]).proof


def test_strengths_lie_above_the_mean_and_weaknesses_below() -> None:
    """Over all kinds of streets; each of the four lists is filled somewhere."""
    shown = {
        (key, sure): 0 for key in ("strengths", "weaknesses") for sure in ("certain", "leaning")
    }
    for name in STREETS:
        for paper in planned(name)[1]:
            verdict = section(paper, VERDICT)
            if verdict is None:
                assert name == "gaps"
                continue
            for (key, sure), sign in zip(shown, "++−−", strict=True):
                items = getattr(verdict, key)[sure]
                assert [item["difference"][0] for item in items] == [sign] * len(items)
                shown[key, sure] += len(items)
    assert all(shown.values()), shown


def test_only_significant_findings_are_called_strengths_or_weaknesses(plans) -> None:
    street, papers = plans
    for paper in papers:
        verdict = section(paper, VERDICT)
        if verdict is None:
            continue
        own = street.diagnosis(paper.context["id"])
        for key, kind in (("strengths", "strength"), ("weaknesses", "weakness")):
            certain = {f.name for f in own.of_kind(kind)}
            listed = getattr(verdict, key)
            shown = listed["certain"]
            assert {item["name"] for item in shown} <= certain
            assert len(shown) + listed["more"] == len(certain)
            assert not certain & {item["name"] for item in listed["leaning"]}


def test_the_profile_marks_exactly_what_is_significant(plans) -> None:
    street, papers = plans
    for paper in papers:
        profiled = section(paper, "diagnosis/profile.html.j2")
        if profiled is None:
            continue
        profile = street.diagnosis(paper.context["id"]).profile.set_index("code")
        for row in profiled.rows:
            verdict = profile.loc[row["code"], "verdict"]
            assert (row["verdict"][0] in "▲▼") == (verdict != "无显著差异")
            assert row["sure"] == (verdict != "无显著差异")


def test_the_takeaway_counts_what_the_profile_says(plans) -> None:
    street, papers = plans
    for paper in papers:
        takeaway = paper.context["sections"][0].takeaway
        profile = street.diagnosis(paper.context["id"]).profile
        for level, what in (("dimension", "个维度"), ("indicator", "项指标")):
            verdicts = profile.loc[profile["level"] == level, "verdict"] if len(profile) else []
            if not len(verdicts):
                continue
            told = re.search(rf"{len(verdicts)} {what}([^。；]*)", takeaway).group(1)
            for verdict in ("高于", "低于"):
                number = int((verdicts == verdict).sum())
                everything = f"都明显{verdict}" in told
                counted = re.search(rf"(\d+) {what[0]}明显{verdict}", told)
                assert number == (
                    len(verdicts) if everything else int(counted[1]) if counted else 0
                )
            if (verdicts == "无显著差异").all():
                assert "均与街道平均尚看不出差别" in told


def test_there_are_one_to_three_actions_and_each_says_why(plans) -> None:
    _, papers = plans
    for paper in papers:
        verdict = section(paper, VERDICT)
        if verdict is None:
            continue  # incomplete: the prescription follows on the same page
        actions = verdict.actions
        assert 1 <= len(actions) <= 3
        assert all(action["what"] and action["why"] for action in actions)
        assert len({action["what"] for action in actions}) == len(actions)


def test_how_many_are_certainly_better_or_worse_follows_from_the_rank_set() -> None:
    street, papers = planned("sharp")
    ranking = street.current.ranking.table.set_index("subject")
    for paper in papers:
        row = ranking.loc[paper.context["id"]]
        takeaway = section(paper, "diagnosis/movement.html.j2").takeaway
        better = re.search(r"有 (\d+) 个居民区确定比它高", takeaway)
        worse = re.search(r"有 (\d+) 个确定比它低", takeaway)
        assert (int(better[1]) if better else 0) == row["rank_low_joint"] - 1
        assert (int(worse[1]) if worse else 0) == len(ranking) - row["rank_high_joint"]


def test_the_contributions_chart_adds_up_to_the_change() -> None:
    street, papers = planned("ordinary")
    changes = street.waves[street.wave].changes.table.set_index("subject")["change"]
    for paper in papers:
        chart = section(paper, "diagnosis/movement.html.j2").contributions
        total = chart.frame["points"].sum()
        assert total == pytest.approx(changes[paper.context["id"]], abs=1e-9)


def test_charts_highlight_the_subject_and_nobody_else(plans) -> None:
    street, papers = plans
    for paper in papers:
        scores = street.current.scores.table.set_index("subject")
        for chart in charts(paper.context["sections"]):
            if "highlight" not in chart.frame:
                continue
            own = chart.frame[chart.frame["highlight"]]
            assert len(own) == 1
            if "score" in own:
                assert own["score"].item() == scores.loc[paper.context["id"], "score"]


def test_charts_of_all_subjects_share_their_axis() -> None:
    papers = planned("ordinary")[1]
    for template, key in (
        (VERDICT, "strip"),
        ("diagnosis/profile.html.j2", "chart"),
    ):
        domains = {getattr(section(p, template), key).options["domain"] for p in papers}
        assert len(domains) == 1


def test_an_incomplete_subject_is_listed_and_not_scored() -> None:
    paper = paper_of("gaps", "CS003")
    assert set(paper.proof) == {"id", "name"}
    assert [s.template for s in paper.context["sections"]] == [
        "diagnosis/unranked.html.j2",
        "diagnosis/opinions.html.j2",
        "diagnosis/matters.html.j2",
        "diagnosis/prescription.html.j2",
        "diagnosis/method.html.j2",
    ]
    told = " ".join(texts(paper.context["sections"]))
    assert "随机居民的评分、街道职能部门的评分" in told
    assert not re.search(r"第\s?\d+\s?名|综合得分 \d", told)


def test_a_subject_new_this_wave_is_not_compared_and_says_why() -> None:
    paper = paper_of("gaps", "CS006")
    change = section(paper, VERDICT).headlines[-1]
    assert change["value"] == "不作比较"
    assert change["details"] == ["2015 不存在"]
    assert section(paper, "diagnosis/movement.html.j2").contributions is None


def test_a_first_wave_speaks_of_no_last_one() -> None:
    _, papers = planned("first wave")
    for paper in papers:
        told = " ".join(texts(paper.context["sections"]))
        assert "相比，" not in told
        assert "上次结果" not in told
        assert "上次结果" not in read(paper).html
        assert "没有上一次评估的数据" in told
        assert section(paper, "diagnosis/profile.html.j2").last_wave is None


def test_the_profile_of_everybody_names_the_last_wave() -> None:
    made, papers = planned("ordinary")
    own = {section(paper, "diagnosis/profile.html.j2").last_wave for paper in papers}
    assert own == {made.order.wave_name("2015")}


def test_with_a_wave_before_the_reader_is_told_how_they_are_compared() -> None:
    assert "上次结果按本次方案重新计分后再比" in read(paper_of("ordinary", "CS001")).html


def test_a_small_cell_shows_only_that_it_is_small() -> None:
    paper = paper_of("few", "CS007")
    method = section(paper, "diagnosis/method.html.j2")
    row = next(r for r in method.groups if r["name"] == "街道职能部门")
    assert (row["n"], row["estimate"], row["interval"]) == ("<3", "—", "—")
    assert not re.search(r"\d+ 份有效答卷", method.takeaway), "a total would give the cell away"


def test_a_shared_rank_is_called_shared_and_only_the_set_stands_in_large_type() -> None:
    paper = paper_of("all at 100", "CS003")
    box = next(b for b in section(paper, VERDICT).headlines if b["label"] == "名次范围")
    assert (box["value"], paper.proof["rank"]) == ("1–9", "1–9")
    assert box["details"][-1].startswith("按得分排在并列第")


def test_tiny_tendencies_are_not_shown() -> None:
    """Shown is what lies more than 1.645 standard errors from the mean, nothing else and no less.

    A paper shows some of them only, the largest first, and says how many more there are.
    """
    street, papers = planned("ordinary")
    shown, small = 0, 0
    for paper in papers:
        verdict = section(paper, VERDICT)
        own = street.diagnosis(paper.context["id"])
        for key, kind in (("strengths", "tendency_high"), ("weaknesses", "tendency_low")):
            found = own.of_kind(kind)
            large = {f.name for f in found if abs(f.difference) > 1.645 * f.se}
            told = [item["name"] for item in getattr(verdict, key)["leaning"]]
            assert set(told) <= large
            assert bool(told) == bool(large)
            shown += len(told)
            small += len([f for f in found if f.se < abs(f.difference) <= 1.645 * f.se])
    assert shown > 0
    assert small > 0, "some lie between one standard error and the limit"


@pytest.mark.parametrize(("errors", "shown"), [(1.644, False), (1.646, True)])
def test_the_limit_of_a_tendency(errors: float, shown: bool) -> None:
    """One indicator in ten lies 1.645 standard errors or more from the mean by chance."""
    street, papers = planned("ordinary")
    own = street.diagnosis(papers[0].context["id"])
    low = Finding("tendency_low", own.subject, "A1", "某项", 80.0, 84.0, -errors, 1.0, 0.3)
    facts = SimpleNamespace(diagnosis=replace(own, findings=(low,)))
    found = standing.leanings(facts, "tendency_low")  # type: ignore[arg-type]
    assert found == ([low] if shown else [])
    assert standing.leanings(facts, "tendency_high") == []  # type: ignore[arg-type]


def test_notes_reach_whom_they_concern() -> None:
    first = section(paper_of("ordinary", "CS001"), "diagnosis/method.html.j2").notes
    other = section(paper_of("ordinary", "CS002"), "diagnosis/method.html.j2").notes
    assert len(first) == len(other) + 1


def test_planning_does_not_change_the_evaluation() -> None:
    street = made_up(STREETS["ordinary"])
    before = street.current.scores.table.copy()
    diagnosis.plan_all(street)
    pd.testing.assert_frame_equal(before, street.current.scores.table)


def test_an_unknown_subject_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        diagnosis.plan(planned("three")[0], "CS999")


def test_no_chart_tells_committees_apart_that_are_alike() -> None:
    alike = made_up(Street(constant=100.0))
    sections = [
        *diagnosis.plan(alike, "CS003").context["sections"],
        *street.plan(alike).context["sections"],
        *technical.plan(alike).context["sections"],
    ]
    figures = [chart.figure for chart in charts(sections)]
    telling = {"strip", "caterpillar", "contributions", "movers"}
    assert not telling & set(figures)
    ordinary = made_up(Street(mean=89.0))
    sections = diagnosis.plan(ordinary, "CS003").context["sections"]
    shown = [chart.figure for chart in charts(sections)]
    assert telling - {"movers", "caterpillar"} <= set(shown)
