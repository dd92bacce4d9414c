"""The prescription: drawn from the library, agreeing with page 1, promising nothing unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
import weasyprint
from scipy import stats

from evalkit.pages import diagnosis
from evalkit.pages.diagnosis.method import assumed
from evalkit.pages.press import printing
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.section import Section
from evalkit.pages.press.wording import fixed
from evalkit.pages.telling import assumed as assumed_of
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import method, steps, tasks
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.priorities import FIRST, priorities
from evalkit.tables import Evaluation, Needs
from tests.deciding import with_decided
from tests.pages.streets_planned import STREETS, VERDICT, planned, section, texts
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

PRESCRIPTION = "diagnosis/prescription.html.j2"


def prescription(paper: Paper) -> Section:
    found = section(paper, PRESCRIPTION)
    assert found is not None
    return found


def scored(name: str) -> Iterator[tuple[Evaluation, Paper]]:
    street, papers = planned(name)
    for paper in papers:
        if section(paper, VERDICT) is not None:
            yield street, paper


@pytest.mark.parametrize("name", STREETS)
def test_every_action_is_the_librarys_own(name: str) -> None:
    for street, paper in scored(name):
        own = {
            (a.what, a.who, f"{a.days} 天内"): a.shown_by for a in street.decided.actions.actions
        }
        for remedy in prescription(paper).remedies:
            # What is merely lowest is no task: nobody is charged with it, and it has no day.
            assert len(remedy["actions"]) == (remedy["tag"] != "得分最低")
            for action in remedy["actions"]:
                look = "翻台账、走访居民，核实是否属实；属实则"
                assert action["what"].startswith(look) == (remedy["tag"] == "苗头，先核实")
                shown = own[action["what"].removeprefix(look), action["who"], action["days"]]
                assert action["shown_by"] in (tasks.COUNTED, shown)
            if not remedy["actions"]:
                (what, *_) = street.decided.actions.of(
                    street.diagnosis(paper.context["id"])
                    .profile.set_index("name")
                    .loc[remedy["name"], "code"]
                )
                assert f"如有余力，可看：{what.what}" in remedy["remark"]


@pytest.mark.parametrize("name", STREETS)
def test_only_what_is_significant_is_prescribed_for_without_reserve(name: str) -> None:
    for street, paper in scored(name):
        profile = street.diagnosis(paper.context["id"]).profile.set_index("name")
        content = prescription(paper)
        assert len(content.remedies) <= FIRST
        low = profile[profile["level"].isin(["indicator", "dimension"])]["verdict"] == "低于"
        for remedy in content.remedies:
            assert remedy["sure"] == (profile.loc[remedy["name"], "verdict"] == "低于")
            assert remedy["sure"] == (not remedy["tag"])
        if low.any():
            assert all(remedy["sure"] for remedy in content.remedies)
        else:
            assert not re.search(r"有 \d+ 项短板", prescription(paper).takeaway)


def test_all_weaknesses_are_named() -> None:
    for street, paper in scored("sharp"):
        told = " ".join(texts(prescription(paper)))
        for finding in street.diagnosis(paper.context["id"]).of_kind("weakness"):
            assert finding.name in told


@pytest.mark.parametrize("name", ["ordinary", "sharp", "few", "alike"])
def test_the_first_page_and_the_prescription_agree(name: str) -> None:
    street = planned(name)[0]
    shared = known.common(street)
    for _, paper in scored(name):
        found = priorities(known.gather(shared, paper.context["id"])).ordered
        steps = section(paper, VERDICT).actions
        remedies = prescription(paper).remedies
        assert [r["name"] for r in remedies] == [p.name for p in found[:FIRST]]
        if not found or found[0].kind == "lowest":
            continue
        for step, remedy in zip(steps, remedies, strict=False):
            assert remedy["name"] in step["what"] + step["why"]
            (row,) = remedy["actions"]
            assert step["what"] == row["what"]
            assert step["why"].endswith(f"{row['who']}负责，{row['days']}。")
            assert remedy["sure"] or step["what"].startswith("翻台账、走访居民，核实是否属实")


@pytest.mark.parametrize("name", ["ordinary", "sharp", "alike"])
def test_nothing_is_promised_that_the_next_wave_cannot_show(name: str) -> None:
    seen = set()
    for street, paper in scored(name):
        profile = street.diagnosis(paper.context["id"]).profile.set_index("name")
        lines = 3 * len(street.current.scores.subjects)
        multiple = stats.t.isf(0.025 / lines, 120) + stats.t.ppf(0.8, 120)
        for remedy in prescription(paper).remedies:
            row = profile.loc[remedy["name"]]
            least = float(multiple * row["se"] * 2**0.5)
            reached = row["estimate"] + least <= 100 and max(-row["difference"], 0.0) >= least
            if row["difference"] < 0:
                told = f"升 {fixed(least)} 分以上，下次就看得出。"
                assert remedy["visible"].endswith(told) == reached
                assert ("下次就看得出" in remedy["visible"]) == reached
                assert "看不出" not in remedy["visible"], (
                    "no line says that the work is for nothing"
                )
                seen.add(reached)
    assert seen, "the street has nothing to prescribe"


def test_the_streets_above_show_every_way_it_can_go() -> None:
    ways = [
        remedy["visible"][-6:]
        for name in ("ordinary", "sharp", "alike")
        for _, paper in scored(name)
        for remedy in prescription(paper).remedies
    ]
    assert any(way.endswith("就看得出。") for way in ways)
    assert any(not way.endswith("就看得出。") for way in ways)


def test_without_a_library_nothing_is_invented() -> None:
    street = made_up(Street(between=8.0, noise=0.2, mean=80.0, library=False))
    for paper in diagnosis.plan_all(street):
        content = prescription(paper)
        assert all(remedy["actions"] == [] for remedy in content.remedies)
        if content.remedies:
            assert any("没有措施库" in text for text in content.further)


def test_an_indicator_the_library_lacks_is_said_to_be_lacking() -> None:
    street = planned("sharp")[0]
    paper = next(p for _, p in scored("sharp") if prescription(p).remedies[0]["sure"])
    first = prescription(paper).remedies[0]
    profile = street.diagnosis(paper.context["id"]).profile.set_index("name")
    code = profile.loc[first["name"], "code"]
    left = [action for action in street.decided.actions.actions if action.indicator != code]
    poorer = with_decided(
        street, actions=street.decided.actions.model_copy(update={"actions": left})
    )
    again = diagnosis.plan(poorer, paper.context["id"])
    remedy = next(r for r in prescription(again).remedies if r["name"] == first["name"])
    assert remedy["actions"] == []
    assert f"措施库没有“{first['name']}”的措施" in remedy["remark"]
    assert remedy["visible"] == first["visible"]
    steps = [step["why"] for step in section(again, VERDICT).actions]
    assert sum(f"措施库没有“{first['name']}”的措施" in why for why in steps) == 1


def test_a_weak_dimension_is_taken_up_where_it_is_lowest() -> None:
    found = [
        (street, paper, remedy)
        for name in ("ordinary", "few", "gaps")
        for street, paper in scored(name)
        for remedy in prescription(paper).remedies
        if "整个维度" in remedy["evidence"]
    ]
    assert found
    for street, paper, remedy in found:
        profile = street.diagnosis(paper.context["id"]).profile
        code = profile.set_index("name").loc[remedy["name"], "code"]
        inside = profile[(profile["level"] == "indicator") & profile["code"].str.startswith(code)]
        lowest = inside.loc[inside["difference"].idxmin()]
        assert f"“{lowest['name']}”" in remedy["remark"]
        assert remedy["actions"][0]["what"] == street.decided.actions.of(lowest["code"])[0].what


def test_an_incomplete_committee_is_told_to_complete_its_answers_and_nothing_else() -> None:
    street, papers = planned("gaps")
    paper = next(p for p in papers if p.context["id"] == "CS003")
    content = prescription(paper)
    assert content.remedies == []
    assert [lack["what"] for lack in content.lacking] == [
        "随机居民的评分",
        "街道职能部门的评分",
    ]
    told = " ".join(texts(content))
    assert not any(action.what in told for action in street.decided.actions.actions)


def test_a_committee_without_any_finding_still_reads_sensibly() -> None:
    for _, paper in scored("all at 100"):
        found = prescription(paper)
        assert found.remedies == []
        assert "保持现有做法" in found.takeaway


@pytest.mark.parametrize("name", ["ordinary", "sharp", "alike"])
def test_strengths_are_to_be_kept_where_there_are_any(name: str) -> None:
    for street, paper in scored(name):
        strong = street.diagnosis(paper.context["id"]).of_kind("strength")
        assert strong or "长处" not in prescription(paper).takeaway
        kept = [t for t in prescription(paper).further if t.startswith("守住长处")]
        assert bool(kept) == bool(strong)
        if strong:
            assert strong[0].name in kept[0]


def test_what_is_assumed_is_said_and_written_out_in_the_street_report() -> None:
    street, paper = next(scored("ordinary"))
    said = section(paper, "diagnosis/method.html.j2").basis.assumed
    listed = [
        *assumed_of.sentences(street.decided),
        *street.scheme.assumptions, *street.needs.assumptions, *street.decided.actions.assumptions,
    ]  # fmt: skip
    assert f"全部 {len(listed)} 条规定和假定" in said
    assert "处方中的措施" in said
    assert "等第分数线" in said
    report = method.basis(street).assumptions
    assert report == listed
    published = street.scheme.model_copy(
        update={
            "grades": [g.model_copy(update={"basis": "published"}) for g in street.scheme.grades]
        }
    )
    assert "等第分数线" not in assumed(with_decided(street, scheme=published))
    bare = street.scheme.model_copy(update={"assumptions": []})
    nothing = replace(with_decided(street, scheme=bare, actions=None), needs=Needs.nothing())
    left = len(assumed_of.sentences(nothing.decided))
    assert f"全部 {left} 条规定和假定" in assumed(nothing)


def test_the_confidence_is_the_schemes() -> None:
    street = made_up(Street(mean=89.0, library=False))
    surer = with_decided(street, scheme=street.scheme.model_copy(update={"confidence": 0.9}))
    for subject in ("CS002", "CS003"):
        paper = diagnosis.plan(surer, subject)
        told = " ".join(texts(paper.context["sections"]))
        page = printing.fill(paper)
        assert "（90% 的把握）" in page.text
        assert "95%" not in told
        assert not any("95%" in svg for svg in page.charts.values())
        assert "成效以办成的件数和回访认可为准" in told


def test_subjects_are_called_what_the_order_calls_them() -> None:
    street = made_up(Street(between=8.0, noise=0.2, mean=80.0, library=False))
    named = with_decided(street, order=street.order.model_copy(update={"subject_word": "选区"}))
    for paper in diagnosis.plan_all(named):
        assert "居民区" not in " ".join(texts(prescription(paper)))


def test_no_remedy_breaks_over_two_pages() -> None:
    """Remedies that start lower and lower on a page, until they do not all fit."""
    paper = next(p for _, p in scored("sharp") if len(prescription(p).remedies) == FIRST)
    moved, page = False, printing.fill(paper)
    for lines in range(0, 60, 12):
        pushed = page.text.replace(
            '<section class="prescription">', f'{"<p>·</p>" * lines}<section class="prescription">'
        )
        assert pushed != page.text or not lines
        on = _sheets(printing.lay_out(paper, replace(page, text=pushed)))
        assert len(on) == len(prescription(paper).blocks)
        assert all(len(sheets) == 1 for sheets in on.values())
        moved |= len(set.union(*on.values())) > 1
    assert moved, "nothing had to move"


def _sheets(document: weasyprint.Document) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for number, page in enumerate(document.pages):
        for box in page._page_box.descendants():
            element = getattr(box, "element", None)
            if element is not None and "remedy" in (element.get("class") or "").split():
                found.setdefault(id(element), set()).add(number)
    return found


@pytest.mark.parametrize(("asked", "told"), [(("survey",), "抽样"), ((), "登记")])
def test_who_was_asked_nothing_is_told_of_no_sampling(asked: tuple[str, ...], told: str) -> None:
    scheme = SimpleNamespace(asked=asked)
    facts = SimpleNamespace(evaluation=SimpleNamespace(scheme=scheme))
    said = steps.go_on(cast(Facts, facts))
    assert told in said
    assert ("抽样" in said) == bool(asked)
