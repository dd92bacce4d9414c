"""Who says what, and what residents wish for: what the two sections say and what they keep to themselves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.definitions.questionnaire import Option
from evalkit.pages.diagnosis import matters, opinions
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling import answers, verdict
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.needs import wishes
from evalkit.tables import ALL_GROUPS, FRAMES, Evaluation, Needs, frame, no_rows
from tests.pages.made_up_voices import SCALE
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

MINIMUM = 10


@pytest.fixture(scope="module")
def few() -> Evaluation:
    """One committee with two random residents only, one whose random residents are missing."""
    return made_up(Street(mean=89.0, few={3: "random"}, incomplete={4: ("random",)}, new=(5,)))


def about(evaluation: Evaluation, subject: str) -> Facts:
    return known.gather(known.common(evaluation), subject)


def with_quality(evaluation: Evaluation, **changes: object) -> Evaluation:
    quality = evaluation.assurance.quality.assign(**changes)
    return replace(evaluation, assurance=replace(evaluation.assurance, quality=quality))


# --- the gap between key and random residents ---


def gap_of(evaluation: Evaluation, subject: str = "CS002") -> tuple[str, str]:
    section = opinions.section(about(evaluation, subject))
    assert section is not None
    return section.takeaway, str(section.gap)


def test_a_usual_gap_is_called_usual_and_an_outlier_is_not(evaluation: Evaluation) -> None:
    usual, sentence = gap_of(evaluation)
    assert "没有明显不同" in usual
    assert "在通常的波动之内" in sentence
    unusual, sentence = gap_of(with_quality(evaluation, gap_statistic=4.4, gap_outlier=True))
    assert "明显不同" in unusual
    assert "没有" not in unusual.split("，")[-1]
    assert "4.4 倍抽样误差" in sentence
    assert "应核查重点居民问卷" in sentence


def test_without_a_test_of_the_gap_nothing_is_called_usual(evaluation: Evaluation) -> None:
    bare = replace(evaluation, assurance=replace(evaluation.assurance, quality=no_rows("quality")))
    takeaway, sentence = gap_of(bare)
    assert "通常" not in takeaway
    assert "全街道的通常差距（按精度加权" in sentence
    assert not sentence.endswith("通常的波动之内。")
    nothing = replace(bare, assurance=replace(bare.assurance, gap={}))
    assert "全街道" not in gap_of(nothing)[1]


def test_the_gap_is_the_difference_of_the_two_groups(evaluation: Evaluation) -> None:
    own = evaluation.waves["2016"].scores.indicators
    own = own[(own["subject"] == "CS002") & (own["level"] == "composite")].set_index("group")
    difference = own.loc["key", "estimate"] - own.loc["random", "estimate"]
    assert f"相差 {difference:+.1f}".replace("-", "−") in gap_of(evaluation)[1]


def test_a_group_that_is_too_small_has_no_gap(few: Evaluation) -> None:
    section = opinions.section(about(few, "CS004"))
    assert section is not None
    assert section.gap == ""
    chart = section.groups
    assert isinstance(chart, Chart)
    row = chart.frame.set_index("group").loc["随机居民"]
    assert row["n"] == "<10"
    assert pd.isna(row["estimate"])


# --- answers ---


def test_answers_of_a_group_too_small_are_left_aside(few: Evaluation) -> None:
    """With the number of key residents beside it, theirs could be had by subtraction."""
    counts = few.current.cells.groups["key"].n[3]
    items = list(answers.told(about(few, "CS004")))
    assert items
    assert {item.n for item in items} == {int(counts)}


def test_no_part_of_a_bar_stands_for_fewer_than_the_minimum(evaluation: Evaluation) -> None:
    for subject in evaluation.diagnoses:
        for item in answers.told(about(evaluation, subject)):
            assert all(round(share * item.n) >= MINIMUM for _, share, _ in item.parts)
            assert sum(share for _, share, _ in item.parts) == pytest.approx(1)
            assert item.low <= item.mean <= item.high


def test_the_shown_items_are_the_worst(evaluation: Evaluation) -> None:
    facts = about(evaluation, "CS002")
    section = opinions.section(facts)
    assert section is not None
    means = {item.text: item.mean for item in answers.told(facts)}
    assert section.worst is not None
    worst = list(dict.fromkeys(section.worst.frame["item"]))
    ordered = sorted(means.values(), reverse=True)
    assert [means[text] for text in worst] == ordered[-opinions.WORST :]
    assert section.worst_title == "得分最低的 2 道题"


def test_two_items_that_are_told_are_not_all_where_more_were_asked(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = about(evaluation, "CS002")
    two = list(answers.told(facts))[:2]
    asked = answers.asked(facts)
    assert asked == sum(
        len(form.of_role("scored"))
        for name, form in evaluation.questionnaires.items()
        if name in {group.source for group in answers.published(facts)}
    )
    monkeypatch.setattr(answers, "told", lambda _: iter(two))
    for number, title in ((asked, "能公布的 2 道题"), (2, "全部 2 道题")):
        monkeypatch.setattr(answers, "asked", lambda _, number=number: number)
        section = opinions.section(facts)
        assert section is not None
        assert section.worst_title == title


def test_questions_of_a_committee_are_all_told_where_an_overall_one_was_not_asked() -> None:
    made = made_up(Street(count=4, mean=89.0, overall=False))
    section = opinions.section(about(made, "CS002"))
    assert section is not None
    assert section.questions is not None
    assert len(section.questions.frame) == len(made.scheme.indicators)
    assert not section.overall
    assert section.meaning.startswith(
        "满意率是选满意或同样好的回答（75 分以上，含）的居民占表态居民的比例：问有没有"
    )
    labels = [box["label"] for box in verdict.headlines(about(made, "CS002"))]
    assert labels[0] == "综合得分"


def test_a_share_that_could_not_be_tested_claims_no_difference() -> None:
    made = made_up(Street(count=4, constant=100.0))
    assert set(made.satisfaction["verdict"].dropna()) == {"未检验"}
    (box, *_) = verdict.headlines(about(made, "CS002"))
    assert box["value"] == "100%"
    assert "全街道 100%" in box["details"]
    assert not any("明显" in line or "差别" in line for line in box["details"])


def test_an_items_mean_is_that_of_its_options(evaluation: Evaluation) -> None:
    table = evaluation.waves["2016"].cells.distributions
    item = next(iter(answers.told(about(evaluation, "CS002"))))
    own = table[(table["subject"] == "CS002") & (table["item"] == "rA1")]
    scores = {str(at + 1): score for at, (_, score) in enumerate(SCALE)}
    points = own["option"].map(scores) * own["n"]
    assert item.n == own["n"].sum()
    assert item.mean == pytest.approx(points.sum() / own["n"].sum())


OPTIONS = [Option(code=str(at), label=f"第{at}项", score=100 - 20 * at) for at in range(5)]


@given(st.lists(st.integers(0, 60), min_size=5, max_size=5))
def test_joined_options_keep_their_order_and_their_sum(counts: list[int]) -> None:
    total = sum(counts)
    shares = [count / max(total, 1) for count in counts]
    parts = answers.merged(OPTIONS, counts, shares, MINIMUM, 2)
    if max(sum(counts[:2]), sum(counts[2:])) < MINIMUM:
        assert parts == ()
        return
    assert all(share * total > MINIMUM - 0.5 for _, share, _ in parts)
    assert sum(share for _, share, _ in parts) == pytest.approx(1)
    scores = [score for *_, score in parts]
    assert scores == sorted(scores, reverse=True)


def test_a_joined_part_is_named_by_its_ends() -> None:
    def names(*counts: int) -> list[str]:
        shares = np.array(counts) / sum(counts)
        return [label for label, *_ in answers.merged(OPTIONS, counts, list(shares), MINIMUM, 2)]

    assert names(40, 20, 15, 12, 11) == [f"第{at}项" for at in range(5)]
    assert names(40, 20, 4, 3, 5) == ["第0项", "第1项", "第2项及以下"]
    assert names(40, 20, 15, 3, 8) == ["第0项", "第1项", "第2项", "第3项、第4项"]
    assert names(3, 4, 20, 12, 30) == ["第2项及以上", "第3项", "第4项"]


def test_an_incomplete_committee_is_not_compared(few: Evaluation) -> None:
    section = opinions.section(about(few, "CS005"))
    assert section is not None
    assert section.takeaway.startswith("评估不完整")
    assert section.groups is None


# --- what residents wish for ---


def test_needs_below_the_minimum_are_not_on_the_page(evaluation: Evaluation) -> None:
    needs = evaluation.needs.table
    bare = needs[needs["subject"] == ALL_GROUPS]
    alone = replace(evaluation, needs=Needs(bare, evaluation.needs.themes))
    section = matters.section(about(alone, "CS002"))
    assert section is not None
    assert section.table == []
    assert "没有一项的人数够得上公布" in section.takeaway
    with_own = matters.section(about(evaluation, "CS002"))
    assert with_own is not None
    assert len(with_own.table) > 0
    names = [row["name"] for row in with_own.table]
    assert not any(name.startswith(("目前没有", "其他")) for name in names)


def test_without_needs_and_remarks_there_is_nothing_to_say(evaluation: Evaluation) -> None:
    bare = replace(evaluation, needs=Needs.nothing())
    assert matters.section(about(bare, "CS002")) is None
    assert wishes(about(bare, "CS002")) == ()


def test_wishes_are_the_surely_higher_needs_and_then_the_most_ticked(
    evaluation: Evaluation,
) -> None:
    needs = evaluation.needs.table.copy()
    own = needs[needs["subject"] == "CS002"].sort_values("share", ascending=False)
    own = own[~own["name"].str.startswith(("其他", "目前没有"))]
    assert len(own) >= 2
    needs.loc[own.index, "verdict"] = "无显著差异"
    needs.loc[own.index[-1], "verdict"] = "高于"
    told = replace(evaluation, needs=replace(evaluation.needs, table=needs))
    found = [row["name"] for row in wishes(about(told, "CS002"))]
    assert found == [own["name"].iloc[-1], *own["name"].iloc[:-1]][:3]


def test_a_significant_need_is_named_and_others_are_not(evaluation: Evaluation) -> None:
    needs = evaluation.needs.table.copy()
    own = needs.index[needs["subject"] == "CS002"]
    needs.loc[own, "verdict"] = "无显著差异"
    plain = replace(evaluation, needs=replace(evaluation.needs, table=needs))
    assert "明显高于" not in matters.section(about(plain, "CS002")).takeaway  # type: ignore[union-attr]
    needs = needs.copy()
    needs.loc[own, "verdict"] = "高于"
    told = replace(evaluation, needs=replace(evaluation.needs, table=needs))
    assert "明显高于全街道" in matters.section(about(told, "CS002")).takeaway  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("counts", "border", "runs"),
    [
        # 46 very satisfied, 9 satisfied, 3 so so, 2 not: 55 of 60 are satisfied, which is told.
        ((46, 9, 3, 2), 2, [(0, 4)]),
        ((46, 10, 3, 2), 2, [(0, 1), (1, 4)]),
        ((30, 12, 10, 11), 2, [(0, 1), (1, 2), (2, 3), (3, 4)]),
        ((4, 3, 20, 30), 2, [(0, 3), (3, 4)]),
        ((3, 3, 3), 1, []),
    ],
)
def test_a_bar_is_cut_where_the_satisfied_end_and_never_beside_too_few(
    counts: tuple[int, ...], border: int, runs: list[tuple[int, int]]
) -> None:
    assert answers._runs(counts, 10, border) == runs


@given(st.lists(st.integers(0, 40), min_size=2, max_size=6), st.integers(0, 6), st.integers(1, 12))
def test_no_part_of_a_bar_and_the_share_of_the_satisfied_give_a_small_number_together(
    counts: list[int], border: int, least: int
) -> None:
    border = min(border, len(counts))
    runs = answers._runs(counts, least, border)
    if not runs:
        return
    assert (runs[0][0], runs[-1][1]) == (0, len(counts))
    assert all(a[1] == b[0] for a, b in pairwise(runs))
    cuts = sorted({0, border, len(counts), *(end for run in runs for end in run)})
    for start, stop in pairwise(cuts):
        whole_side = (start, stop) in ((0, border), (border, len(counts)))
        assert whole_side or sum(counts[start:stop]) >= least


def frame_of_gaps(evaluation: Evaluation) -> pd.DataFrame:
    """Frame ``samples`` of two committees, with gaps that only it has."""
    rows = {c.name: [0.0, 0.0] for c in FRAMES["samples"]}
    gaps = {"gap": [3.25, -8.5], "gap_low": [1.125, -12.0], "gap_high": [5.375, -5.0]}
    return frame(
        "samples", rows | gaps | {"wave": "2016", "subject": ["CS002", "CS001"], "name": ""}
    )


def test_the_gap_of_a_diagnosis_is_that_of_frame_samples(evaluation: Evaluation) -> None:
    table = frame_of_gaps(evaluation)
    made = replace(evaluation, assurance=replace(evaluation.assurance, samples=table))
    for row in table.to_dict("records"):
        told = gap_of(made, str(row["subject"]))[1]
        # The frame has list less random; the page says who comes first.
        sign = 1 if f"相差 {say.signed(row['gap'])} 分" in told else -1
        low, high = sorted((sign * row["gap_low"], sign * row["gap_high"]))
        assert (
            f"相差 {say.signed(sign * row['gap'])} 分（误差范围 {say.interval(low, high)}" in told
        )
