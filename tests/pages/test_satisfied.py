"""How shares of satisfied residents are told: what is marked, what is left out, what is not claimed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evalkit.pages.press.section import Section
from evalkit.pages.street import satisfied, summary
from evalkit.pages.telling import satisfaction
from evalkit.tables import Evaluation, no_rows
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
        ("上升", 0.052, "比上次 +5.2 个百分点，明显提高。"),
        ("下降", -0.052, "比上次 −5.2 个百分点，明显下降。"),
        ("无显著变化", 0.021, "比上次 +2.1 个百分点，升降尚看不出。"),
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
    section = planned(made)
    assert not any(row["overall"] for row in section.rows)
    assert (section.kinds, section.acceptable) == ([], "")
    assert section.meaning.startswith("满意率是选 75 分以上（含）的选项的居民")
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
    assert [row["verdict"] for row in rows] == ["▼ 明显低于全体", *[""] * (len(of) - 1)]


def test_where_nothing_may_be_told_there_is_no_section(street: Evaluation) -> None:
    made = replace(street, satisfaction=no_rows("satisfaction"))
    assert satisfied.section(made) is None
    assert satisfaction.overall(made) is None


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([0.7], "甲：满意率 70%。"),
        ([0.7, 0.9], "满意率最高的是“乙”（90%）；最低的是“甲”（70%）。"),
        (
            [0.7, 0.9, 0.5, 0.6],
            "满意率最高的是“乙”（90%）、“甲”（70%）；最低的是“丙”（50%）、“丁”（60%）。",
        ),
    ],
)
def test_no_question_is_named_at_both_ends(
    shares: list[float], said: str, street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(satisfaction, "asks_for_satisfaction", lambda evaluation, item: True)
    names = ("甲？", "乙。", "丙", "丁")
    rows = [
        {"role": "scored", "item": name, "name": name, "share": share, "n": 150}
        for name, share in zip(names, shares, strict=False)
    ]
    assert satisfied.takeaway(street, rows) == said


def test_points_that_were_set_otherwise_are_named_by_the_options_they_take_in(
    street: Evaluation,
) -> None:
    assert satisfaction.options(street, 75.0) == "“非常满意”“满意”"
    assert satisfaction.options(street, 100.0) == "“非常满意”"
    assert satisfaction.options(street, 60.0) == "“非常满意”“满意”“基本满意”"
