"""How shares of satisfied residents are told: what is marked, what is left out, what is not claimed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.definitions.questionnaire import Option
from evalkit.pages import notice, slides
from evalkit.pages import street as report
from evalkit.pages.press.section import Section
from evalkit.pages.street import satisfied, summary
from evalkit.pages.telling import satisfaction
from evalkit.tables import Evaluation, no_rows
from tests.deciding import with_decided
from tests.pages.reading import read
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def street() -> Evaluation:
    return made_up(Street(count=4, mean=89.0))


def with_first(made: Evaluation, **changed: object) -> Evaluation:
    """The same street with other numbers in the row of its overall question."""
    table = made.satisfaction.copy()
    assert (table.loc[0, "role"], table.loc[0, "subject"]) == ("overall", "all")
    for name, value in changed.items():
        table.loc[0, name] = value
    return replace(made, satisfaction=table)


def planned(made: Evaluation) -> Section:
    section = satisfied.section(made)
    assert section is not None
    return section


@pytest.mark.parametrize(
    ("verdict", "change", "said"),
    [
        ("上升", 0.052, "比上次高 5.2 个百分点，明显提高。"),
        ("下降", -0.052, "比上次低 5.2 个百分点，明显下降。"),
        ("无显著变化", 0.021, "比上次高 2.1 个百分点，升降尚看不出。"),
    ],
)
def test_the_first_sentence_claims_a_change_only_where_it_is_sure(
    street: Evaluation, verdict: str, change: float, said: str
) -> None:
    made = with_first(street, n=812, share=0.873, change=change, change_verdict=verdict)
    assert summary.takeaway(made).startswith(f"居民总体满意率 87.3%，{said}")
    mark = {"上升": " ▲", "下降": " ▼"}.get(verdict, "")
    (first, *_) = satisfied.section(made).rows
    assert first["change"] == f"{100 * change:+.1f}{mark}".replace("-", "−")


def test_of_fewer_than_two_hundred_residents_a_share_has_no_decimal(street: Evaluation) -> None:
    for n, said in ((199, "87%"), (200, "87.3%")):
        made = with_first(street, n=n, share=0.873, low=0.8, high=0.92)
        row = satisfaction.overall(made)
        assert row is not None
        assert satisfaction.share(row) == said
        ends = "80–92%" if n == 199 else "80.0–92.0%"
        assert satisfaction.reach(row) == ends


def test_a_first_wave_compares_with_nothing() -> None:
    made = made_up(Street(count=3, waves=("2016",)))
    section = planned(made)
    assert (section.compared, section.last) == (False, "")
    assert {row["change"] for row in section.rows} == {"—"}
    row = satisfaction.overall(made)
    assert row is not None
    assert satisfaction.changed(row) == ""
    assert "上次" not in summary.takeaway(made)


def test_without_an_overall_question_the_page_speaks_of_the_others() -> None:
    made = made_up(Street(count=3, waves=("2016",), overall=False))
    assert satisfied.section(made) is None
    section = satisfied.questions(made)
    assert section is not None
    assert not any(row["overall"] for row in section.rows)
    assert (section.kinds, section.acceptable) == ([], "")
    assert section.meaning.startswith("满意率是选满意或同样好的回答（75 分以上，含）的居民")
    assert "满意率" not in summary.takeaway(made)
    assert next(box["label"] for box in summary.headlines(made)) == "综合得分平均"


def test_without_kinds_of_residents_there_is_no_table_of_them() -> None:
    made = made_up(Street(count=3, waves=("2016",), kinds=False))
    assert planned(made).kinds == []


def test_kinds_are_marked_only_where_they_surely_differ_from_all() -> None:
    made = made_up(Street(count=8, waves=("2016",)))
    table = made.satisfaction.copy()
    of = table.index[table["by"] == "age"]
    assert len(of) > 1
    table.loc[of, "verdict"] = "无显著差异"
    table.loc[of[0], "verdict"] = "低于"
    ((text, rows),) = planned(replace(made, satisfaction=table)).kinds
    assert text == "您的年龄"
    assert [row["verdict"] for row in rows] == ["明显低于全体", *[""] * (len(of) - 1)]


def test_where_nothing_may_be_told_there_is_no_section(street: Evaluation) -> None:
    made = replace(street, satisfaction=no_rows("satisfaction"))
    assert satisfied.section(made) is None
    assert satisfied.questions(made) is None
    assert satisfaction.overall(made) is None


def asking(made: Evaluation, shares: list[float], *, alike: bool = True) -> Evaluation:
    """The street with these shares of 150 residents for 甲, 乙, 丙, 丁; 丁 with other options."""
    names = ("甲？", "乙。", "丙", "丁")
    table = made.satisfaction
    scored = table.index[(table["role"] == "scored") & (table["subject"] == "all")][: len(shares)]
    kept = table.loc[scored].copy()
    kept["name"], kept["share"], kept["n"] = names[: len(shares)], shares, 150
    own = [kept.assign(subject=s) for s in ("all", *(s.id for s in made.roster.subjects))]
    overall = table[(table["role"] == "overall") & (table["by"] == "all")]
    made = replace(made, satisfaction=pd.concat([overall, *own], ignore_index=True))
    if alike:
        return made
    sheet = made.questionnaires["resident"]
    yes_no = [Option(code="1", label="是", score=100), Option(code="2", label="否", score=0)]
    items = [
        item.model_copy(update={"scale": None, "options": yes_no})
        if item.id == kept["item"].iloc[-1]
        else item
        for item in sheet.items
    ]
    sheets = {**made.questionnaires, "resident": sheet.model_copy(update={"items": items})}
    return with_decided(made, questionnaires=sheets)


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([0.7], "甲：满意率 70%。"),
        ([0.7, 0.7], "各题的满意率都是 70%。"),
        ([0.7, 0.9], "满意率最高的是“乙”（90%）；最低的是“甲”（70%）。"),
        (
            [0.7, 0.9, 0.5, 0.6],
            "满意率最高的是“乙”（90%）、“甲”（70%）；最低的是“丙”（50%）、“丁”（60%）。",
        ),
    ],
)
def test_no_question_is_named_at_both_ends(
    shares: list[float], said: str, street: Evaluation
) -> None:
    made = asking(street, shares)
    assert satisfied.takeaway(made) == said


def test_whoever_ranks_the_column_finds_the_questions_that_the_papers_name(
    street: Evaluation,
) -> None:
    """Whether asked how satisfied or whether: one column, one order, in report, slides, notice."""
    made = asking(street, [0.7, 0.9, 0.8, 0.2], alike=False)
    low = {"street": "最低的是“丁”（20%）、“甲”（70%）。", "notice": "最少：丁（20%）；甲（70%）。"}
    assert satisfied.takeaway(made).endswith(low["street"])
    (slide,) = (
        s
        for s in slides.plan(made, report.plan(made)).slides
        if s.title == satisfied.takeaway(made)
    )
    assert "丁" in str(slide.body)
    for paper in notice.plan_all(made):
        page = read(paper)
        said = page.part("居民评价最高的和最低的").texts[1]
        assert said.endswith(low["notice"])


def test_points_that_were_set_otherwise_are_named_by_the_options_they_take_in(
    street: Evaluation,
) -> None:
    assert satisfaction.options(street, 75.0) == "“非常满意”“满意”"
    assert satisfaction.options(street, 100.0) == "“非常满意”"
    assert satisfaction.options(street, 60.0) == "“非常满意”“满意”“基本满意”"
