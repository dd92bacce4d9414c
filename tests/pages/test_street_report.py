"""The street report: its sentences against the tables, and its pages read back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import weasyprint

from evalkit.pages import street, technical
from evalkit.pages.press import printing, sheets
from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Pressed
from evalkit.pages.street import (
    fieldwork,
    grades,
    league,
    means,
    movers,
    needs,
    peers,
    summary,
    views,
)
from evalkit.pages.technical import appendix, drivers, moves, sampling, trust
from evalkit.pages.telling import overall
from evalkit.tables import Evaluation, Needs, frame, no_rows
from tests.deciding import with_wave
from tests.pages.conftest import pages_of, read, text_of, words
from tests.pages.looking_back import looked_back
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


def with_grades(last: list[str], now: list[str]) -> Evaluation:
    """An evaluation whose committees hold these grades."""
    made = made_up(Street(count=len(now)))
    for wave, given in zip(made.waves, (last, now), strict=True):
        scores = made.waves[wave].scores
        table = scores.table.assign(grade=given)
        made = with_wave(made, wave, scores=replace(scores, table=table))
    return made


def good(number: int, total: int) -> list[str]:
    return ["良好"] * number + ["中等"] * (total - number)


def test_growth_is_told_in_percentage_points_alone() -> None:
    told = overall.grade_sentences(with_grades(good(18, 35), good(28, 35)))
    assert told == ["优秀和良好由 18 个到 28 个，占比由 51.4% 到 80.0%（+28.6 个百分点）。"]


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        (0, 3, "由 0 个到 3 个，占比由 0.0% 到 50.0%（+50.0 个百分点）"),
        (4, 2, "由 4 个到 2 个，占比由 66.7% 到 33.3%（−33.3 个百分点）"),
        (3, 3, "两次都是 3 个，占 50.0%。"),
    ],
)
def test_growth_of_any_sign(last: int, now: int, expected: str) -> None:
    assert expected in overall.grade_sentences(with_grades(good(last, 6), good(now, 6)))[0]


def test_nobody_good_in_either_wave() -> None:
    told = overall.grade_sentences(with_grades(good(0, 6), good(0, 6)))
    assert told == ["两次都没有等第为优秀和良好的居民区。"]


@pytest.mark.parametrize(("now", "said"), [(0, "0%"), (6, "100%"), (2, "33.3%")])
def test_none_and_all_need_no_decimals(now: int, said: str) -> None:
    made = made_up(Street(count=6, waves=("2016",)))
    scores = made.waves["2016"].scores
    table = scores.table.assign(grade=good(now, 6))
    made = with_wave(made, "2016", scores=replace(scores, table=table))
    assert overall.grade_sentences(made) == [f"优秀和良好 {now} 个，占 {said}。"]


def test_a_first_wave_only_counts() -> None:
    made = made_up(Street(count=6, waves=("2016",)))
    assert re.fullmatch(r"优秀和良好 \d 个，占 [\d.]+%。", overall.grade_sentences(made)[0])


def test_what_can_be_told_apart_follows_from_the_joint_sets() -> None:
    made = made_up(Street(between=8.0, noise=0.2, mean=80.0))
    table = made.waves["2016"].ranking.table
    told = overall.told_apart(made)[1]
    upper, lower, *first = (int(x) for x in re.findall(r"的有 (\d+) 个", told))
    assert upper == sum(table["rank_high_joint"] <= 17)
    assert lower == sum(table["rank_low_joint"] > 18)
    leading = table.loc[table["rank_low_joint"] == 1, "name"]
    assert first == ([len(leading)] if len(leading) > 1 else [])
    assert len(leading) > 1 or f"第一名可以确定是{leading.iloc[0]}" in told
    assert upper > 0


def test_it_does_not_claim_halves_that_nobody_is_certain_of() -> None:
    told = overall.told_apart(made_up(Street(between=0.0, noise=3.0)))[1]
    assert "没有一个居民区能确定排在前 17 名或后 17 名" in told


def test_movers_are_those_that_clearly_moved_and_no_rank_is_told(evaluation: Evaluation) -> None:
    section = movers.section(evaluation)
    table = evaluation.waves["2016"].changes.table
    clear = table[
        (table["verdict"] != "无明显变化") | table["change_verdict"].isin(["上升", "下降"])
    ]
    assert {row["name"] for row in section.rows} == set(clear["name"])
    told = " ".join(str(value) for row in section.rows for value in row.values())
    assert "第" not in told


def test_what_chance_makes_of_ranks_is_told_in_the_technical_note(evaluation: Evaluation) -> None:
    section = moves.section(evaluation)
    changes = evaluation.waves["2016"].changes
    biggest = changes.table.loc[changes.table["rank_change"].abs().idxmax()]
    (own,) = (row for row in section.rows if row["name"] == biggest["name"])
    assert own["own"] == say.chance(changes.luck_own[biggest["subject"]])
    assert own["any"] == say.chance(changes.luck_any[biggest["subject"]])
    assert own["ranks"] == f"{biggest['rank_from']} → {biggest['rank_to']}"
    assert moves.section(made_up(Street(count=4, waves=("2016",)))) is None


def test_the_chart_of_movers_shows_every_clear_change(evaluation: Evaluation) -> None:
    frame = movers.section(evaluation).chart.frame
    table = evaluation.waves["2016"].changes.table
    assert set(table.loc[table["verdict"] != "无明显变化", "name"]) <= set(frame["name"])
    assert ((frame["low"] < frame["change"]) & (frame["change"] < frame["high"])).all()


def test_dimensions_are_counted_as_the_diagnoses_say(evaluation: Evaluation) -> None:
    profiles = pd.concat([d.profile for d in evaluation.diagnoses.values()])
    verdicts = profiles.loc[profiles["level"] == "dimension", "verdict"]
    told = means.dimensions(evaluation).takeaway
    total, high, low, rest = (int(x) for x in re.findall(r"\d+", told))
    assert (total, high, low) == (
        len(verdicts),
        sum(verdicts == "高于"),
        sum(verdicts == "低于"),
    )
    assert rest == total - high - low


def test_only_a_weight_beyond_the_others_intervals_is_called_heaviest() -> None:
    frame = pd.DataFrame(
        {
            "name": ["甲", "乙", "丙"],
            "total": [0.5, 0.45, 0.1],
            "total_low": [0.4, 0.35, 0.05],
            "total_high": [0.6, 0.55, 0.15],
        }
    )
    assert trust.heaviest(frame)[0].startswith(
        "各项权重中，甲、乙的权重对名次影响最大，彼此分不出先后（甲的名次变动中与它有关的份额 0.50"
    )
    assert trust.heaviest(frame.iloc[[0, 2]])[0].startswith(
        "各项权重中，甲的权重对名次影响最大（名次变动中与它有关的份额 0.50，误差范围 0.40–0.60）"
    )


def test_without_assurance_there_are_no_such_sections() -> None:
    made = made_up(Street(count=6, assured=False))
    assert trust.section(made) is None
    assert sampling.section(made) is None


# --- the league table's honest verdict ---


def judged(made: Evaluation, verdicts: list[str]) -> Evaluation:
    """The same evaluation, its composites judged against the street's mean in roster order."""
    diagnoses = {}
    for (subject, own), verdict in zip(made.diagnoses.items(), verdicts, strict=True):
        profile = own.profile.copy()
        profile.loc[profile["level"] == "composite", "verdict"] = verdict
        diagnoses[subject] = replace(own, profile=profile)
    return replace(made, diagnoses=diagnoses)


@pytest.mark.parametrize(
    ("high", "low", "level", "expected"),
    [
        (0, 0, 4, "4 个居民区的得分都与街道平均尚看不出差别。"),
        (
            1,
            0,
            3,
            "1 个居民区明显高于街道平均，没有一个居民区明显低于街道平均，其余 3 个尚看不出差别。",
        ),
        (2, 2, 0, "2 个居民区明显高于街道平均，2 个居民区明显低于街道平均。"),
        (
            0,
            1,
            3,
            "没有一个居民区明显高于街道平均，1 个居民区明显低于街道平均，其余 3 个尚看不出差别。",
        ),
    ],
)
def test_who_stands_above_or_below_the_mean(high: int, low: int, level: int, expected: str) -> None:
    verdicts = ["高于"] * high + ["低于"] * low + ["无显著差异"] * level
    made = judged(made_up(Street(count=4)), verdicts)
    assert league.against_street(made) == expected
    named = {box["title"]: box["n"] for box in summary.boxes(made)}
    assert named["明显高于街道平均"] == high
    assert named["明显低于街道平均"] == low
    drawn = league.section(made).chart.frame["standing"].value_counts()
    assert [drawn.get(standing, 0) for standing in (1, 0, -1)] == [high, level, low]


def test_nobody_is_named_for_praise_who_cannot_be_told_from_the_mean() -> None:
    made = judged(made_up(Street(count=4)), ["无显著差异"] * 4)
    assert "没有一个居民区与街道平均有明显差异" in summary.advice(made)[0]
    made = judged(made_up(Street(count=4)), ["高于", *["无显著差异"] * 3])
    high, low, _ = summary.boxes(made)
    assert (high["names"], high["n"]) == ([made.roster.subjects[0].name], 1)
    assert (low["names"], low["n"]) == ([], 0)


def test_who_is_low_stands_with_the_dimension_farthest_below() -> None:
    made = judged(made_up(Street(count=4)), ["低于", *["无显著差异"] * 3])
    subject = made.roster.subjects[0]
    profile = made.diagnosis(subject.id).profile.copy()
    dimensions = profile["level"] == "dimension"
    profile.loc[dimensions, "verdict"] = ["低于", "无显著差异", "低于", "高于", "无显著差异"]
    profile.loc[dimensions, "difference"] = [-3.0, -9.0, -5.0, 4.0, 0.0]
    profile.loc[dimensions, "estimate"] = [80.0, 74.0, 77.96, 88.0, 85.0]
    own = replace(made.diagnosis(subject.id), profile=profile)
    told = replace(made, diagnoses={**made.diagnoses, subject.id: own})
    assert summary.boxes(told)[1]["names"] == [f"{subject.name}（诉求回应与矛盾化解 78.0）"]
    profile.loc[dimensions, "verdict"] = "无显著差异"
    assert summary.boxes(told)[1]["names"] == [subject.name]


def test_of_many_only_the_first_are_named_and_the_rest_is_counted() -> None:
    made = judged(made_up(Street(count=40)), ["高于"] * 20 + ["低于"] * 3 + ["无显著差异"] * 17)
    high, low, _ = summary.boxes(made)
    assert (high["n"], len(high["names"]), high["more"]) == (20, 10, "等 20 个，见“得分分组”")
    assert (low["n"], len(low["names"]), low["more"]) == (3, 3, "")
    moved = made.current.changes.table.assign(verdict="明显上升")
    changed = with_wave(made, changes=replace(made.current.changes, table=moved))
    assert summary.boxes(changed)[2]["more"] == "等 40 个，见“变化”"


def test_a_lone_committee_stands_out_from_nobody() -> None:
    made = made_up(Street(count=1, waves=("2016",)))
    assert summary.boxes(made) == []
    assert league.section(made) is None
    assert league.table(made).takeaway == "只有一个居民区有完整得分，无从排名。"


def test_only_what_is_sure_is_praised_or_reproached() -> None:
    made = judged(made_up(Street(count=4)), ["高于", *["无显著差异"] * 3])
    assert "其余的与街道平均分不出高低，不宜凭得分表扬或批评" in summary.advice(made)[0]
    sure = judged(made_up(Street(count=4)), ["高于", "高于", "低于", "低于"])
    assert not any("分不出高低" in line for line in summary.advice(sure))


def test_a_certain_first_place_is_named() -> None:
    made = made_up(Street(between=10.0, noise=0.05, mean=75.0, count=6))
    table = made.waves["2016"].ranking.table
    assert sum(table["rank_low_joint"] == 1) == 1
    assert f"第一名可以确定是{table['name'].iloc[0]}" in overall.told_apart(made)[1]


def test_the_executive_page_takes_its_numbers_from_the_tables(evaluation: Evaluation) -> None:
    boxes = {box["label"]: box for box in summary.headlines(evaluation)}
    mean = evaluation.street_means.iloc[0]
    assert list(boxes) == ["居民总体满意率", "综合得分平均", "优秀和良好", "与街道平均明显不同"]
    assert boxes["综合得分平均"]["value"] == say.fixed(mean["mean"])
    assert say.interval(mean["low"], mean["high"]) in boxes["综合得分平均"]["detail"]
    held = evaluation.waves["2016"].scores.table["grade"]
    assert boxes["优秀和良好"]["value"] == str(held.isin(["优秀", "良好"]).sum())
    tiers = league.against_mean(evaluation)
    assert boxes["与街道平均明显不同"]["value"] == str(len(tiers["高于"]) + len(tiers["低于"]))
    satisfied = evaluation.satisfaction.iloc[0]
    assert boxes["居民总体满意率"]["value"] == say.percent(satisfied["share"], 1)


# --- fieldwork ---


def test_a_group_below_its_minimum_names_nobody() -> None:
    made = made_up(Street(count=6, few={2: "random"}))
    rows = {row["name"]: row for row in fieldwork.section(made).groups}
    assert rows["随机居民"]["least"] == "<10 份"
    assert rows["随机居民"]["below"] == "1 个"
    largest = made.waves["2016"].cells.groups["key"].n.max()
    assert rows["重点居民"]["most"].startswith(f"{largest} 份（")


# --- grades ---


def test_transitions_count_every_committee_once(evaluation: Evaluation) -> None:
    table = grades.transitions(evaluation)
    last, now = (evaluation.waves[w].scores.table.set_index("subject") for w in ("2015", "2016"))
    both = [s for s in now.index if now.loc[s, "complete"] and s in last.index]
    assert table.to_numpy().sum() == len(both)
    for grade in table.index:
        came = [s for s in both if last.loc[s, "grade"] == grade]
        assert table.loc[grade].sum() == len(came)
        assert table.loc[grade, grade] == sum(now.loc[s, "grade"] == grade for s in came)


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        (["良好", "中等"], ["良好", "中等"], "两次都有等第的 2 个，等第都没有变。"),
        (["中等", "良好"], ["良好", "中等"], "两次都有等第的 2 个中，1 个升等，1 个降等。"),
        (["中等", "中等"], ["优秀", "良好"], "两次都有等第的 2 个中，2 个升等。"),
    ],
)
def test_moves_between_grades(last: list[str], now: list[str], expected: str) -> None:
    assert grades.moved_sentence(with_grades(last, now)).startswith(expected)


def test_a_first_wave_has_no_transitions() -> None:
    made = made_up(Street(count=3, waves=("2016",)))
    assert grades.moved_sentence(made) == ""
    assert grades.section(made).moves == []


def test_doubtful_grades_are_counted(evaluation: Evaluation) -> None:
    probability = evaluation.waves["2016"].scores.table["grade_probability"].dropna()
    doubt = int((probability < grades.DOUBTFUL).sum())
    assert doubt > 0
    assert f"有 {doubt} 个（{say.percent(doubt / len(probability))}）" in grades.doubt_sentence(
        evaluation
    )


# --- street means, peers, views ---


def test_highest_and_lowest_indicators_are_those_of_the_table(evaluation: Evaluation) -> None:
    own = overall.of_street(evaluation)
    own = own[own["level"] == "indicator"].sort_values("mean")
    told = means.section(evaluation).takeaway
    low, high = list(own["name"][:3]), list(own["name"][-3:])
    assert re.findall(r"[\u4e00-\u9fff]+(?=（)", told.split("最低的")[0]) == [
        f"最高的 3 项指标是{high[2]}".split(" 3 ")[1],
        *high[1::-1],
    ]
    assert [told.index(name, told.index("最低的")) for name in low] == sorted(
        told.index(name, told.index("最低的")) for name in low
    )


def test_changes_of_indicators_are_counted_as_tested(evaluation: Evaluation) -> None:
    own = overall.of_street(evaluation)
    own = own[own["level"] == "indicator"]
    some = own.assign(verdict=["上升"] * 3 + ["下降"] + ["无显著变化"] * (len(own) - 4))
    assert (
        f"有 3 项明显上升，1 项明显下降，其余 {len(own) - 4} 项尚看不出变化"
        in means.moved_sentence(some, "街道")
    )
    falling = own.assign(verdict="下降")
    assert "街道平均都明显下降" in means.moved_sentence(falling, "街道")
    level = own.assign(verdict="无显著变化")
    assert "没有一项" in means.moved_sentence(level, "街道")


def with_peers(made: Evaluation, verdicts: list[str]) -> pd.DataFrame:
    table = made.peer_groups[made.peer_groups["by"] == "housing"]
    return table.assign(verdict=verdicts)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["无显著差异"] * 3, "没有一组的平均分与其余居民区有明显差异。"),
        (["未检验"] * 3, "各组的居民区太少，只列出，不作检验。"),
        (["高于", "低于", "无显著差异"], "明显高于其余居民区，"),
        (["高于", "高于", "低于"], "明显低于其余居民区。"),
    ],
)
def test_peer_groups_in_words(evaluation: Evaluation, verdicts: list[str], expected: str) -> None:
    assert expected in peers.takeaway(with_peers(evaluation, verdicts), "居民区")


def test_the_gap_between_residents_is_that_of_the_means() -> None:
    made = made_up(Street(count=20))
    table = made.street_means[made.street_means["code"] == "composite"].set_index("group")
    gap = views.residents_gap(made)
    if table.loc["key", "n"] != table.loc["random", "n"]:
        assert gap is None
        return
    assert gap.value == pytest.approx(table.loc["key", "mean"] - table.loc["random", "mean"])
    assert gap.reach == pytest.approx(
        1.959964 * (table.loc["key", "se"] ** 2 + table.loc["random", "se"] ** 2) ** 0.5
    )


def test_gaps_over_different_committees_are_not_taken() -> None:
    assert views.residents_gap(made_up(Street(count=8, few={2: "random"}))) is None


@pytest.mark.parametrize(
    ("value", "reach", "expected"),
    [
        (2.0, 1.0, "重点居民的评分平均比随机居民高 2.0 ± 1.0 分。"),
        (-2.0, 1.0, "重点居民的评分平均比随机居民低 2.0 ± 1.0 分。"),
        (0.5, 1.0, "重点居民与随机居民的评分尚看不出差别：平均相差 +0.5 ± 1.0 分。"),
    ],
)
def test_the_gap_in_words(value: float, reach: float, expected: str) -> None:
    assert views.gap_sentence(views.Gap("重点居民", "随机居民", value, reach)) == expected


# --- what needs rows: drivers, quality, needs ---


def enriched(made: Evaluation, flagged: int = 24) -> Evaluation:
    """The same evaluation with drivers, quality and needs, as if rows had been read."""
    scores = made.current.scores
    indicators = made.scheme.indicators
    k, m = len(scores.subjects), len(indicators)
    names = [made.roster.subject(s).name for s in scores.subjects]
    importance = [0.09] + [0.03] * (m - 1)
    performance = [70.0] + [85.0] * (m - 1)
    ranks = made.current.ranking.table.set_index("subject")["rank"]
    share = [1] * k
    share[0] = flagged - (k - 1) if flagged else 0
    columns = {
        "drivers": {
            "wave": made.wave,
            "code": [i.code for i in indicators],
            "name": [i.name for i in indicators],
            "importance": importance,
            "low": [x - 0.01 for x in importance],
            "high": [x + 0.01 for x in importance],
            "performance": performance,
            "performance_se": 0.5,
            "r_squared": 0.6,
            "n": 400,
        },
        "quality": {
            "wave": made.wave,
            "subject": scores.subjects,
            "name": names,
            "n": 60,
            "flagged": share if flagged else [0] * k,
            "rate": 0.02,
            "street_rate": 0.02,
            "p": 0.5,
            "excess": [True] + [False] * (k - 1),
            "gap": 1.0,
            "gap_statistic": 0.0,
            "gap_outlier": [True] + [False] * (k - 1),
            "rank": pd.array(ranks.loc[list(scores.subjects)], dtype="Int64"),
            "score_without": scores.composite,
            "rank_without": pd.array(ranks.loc[list(scores.subjects)], dtype="Int64"),
        },
    }
    frames = {
        name: frame(name, pd.DataFrame(c, index=range(m if name == "drivers" else k)))
        for name, c in columns.items()
    }
    needed = pd.DataFrame(
        {
            "wave": made.wave,
            "subject": "all",
            "item": "needs",
            "option": ["1", "2", "3"],
            "name": ["加装电梯", "停车难", "助餐"],
            "n": [120, 80, 4],
            "of": 400,
            "share": [0.3, 0.2, 0.01],
            "se": 0.02,
            "low": [0.26, 0.16, 0.0],
            "high": [0.34, 0.24, 0.05],
            "street": [0.3, 0.2, 0.01],
            "p_adjusted": float("nan"),
            "verdict": None,
        }
    )
    return replace(
        made,
        assurance=replace(made.assurance, **frames),
        needs=Needs(frame("needs", needed), no_rows("themes")),
    )


def test_the_first_thing_to_mend_is_certainly_important_and_certainly_worse() -> None:
    made = enriched(made_up(Street(count=4)))
    table = drivers.mapped(made)
    first = made.scheme.indicators[0].name
    assert drivers.priorities(table) == [first]
    assert f"与总体满意度更有关、得分又更低的是{first}" in drivers.section(made).takeaway
    unsure = table.assign(importance_low=0.0)
    assert "没有一项指标能确定" in drivers.priority_sentence(unsure)
    assert "不证明" in drivers.explained_sentence(table)


def test_overlapping_drivers_are_not_put_in_order() -> None:
    table = drivers.mapped(enriched(made_up(Street(count=4))))
    assert "其余各项的误差范围都在它之下" in drivers.level_sentence(table)
    level = table.assign(importance_high=1.0)
    assert f"但有 {len(table) - 1} 项的误差范围与它重叠" in drivers.level_sentence(level)


def test_flagged_answers_in_words() -> None:
    made = made_up(Street(count=4))
    name = made.roster.subjects[0].name
    told = trust.quality(enriched(made, flagged=24))[0]
    assert "240 份居民答卷中有 24 份的答法可疑" in told
    assert f"{name}的可疑答卷多于偶然所能解释" in told
    assert "名次没有变动" in told
    assert "有不到 10 份的" in trust.quality(enriched(made, flagged=5))[0]
    assert trust.quality(enriched(made, flagged=0)) == ["240 份居民答卷中，没有一份的答法可疑。"]


def test_small_numbers_of_flagged_answers_are_not_shown() -> None:
    made = enriched(made_up(Street(count=4)), flagged=24)
    rows = {row["name"]: row for row in appendix.section(made).rows}
    assert rows[made.roster.subjects[0].name]["flagged"] == "21"
    assert rows[made.roster.subjects[1].name]["flagged"] == "<10"


def test_ranks_under_all_scenarios_enclose_the_published_one(evaluation: Evaluation) -> None:
    spans = appendix.spans(evaluation)
    table = evaluation.assurance.sensitivity
    moved = table[table["scenario"] == "equal"].set_index("subject")["rank_change"].abs()
    assert (spans == moved.astype(float).loc[spans.index]).all()
    still = int((spans == 0).sum())
    assert (f"{still} 个居民区" if still else "没有一个居民区") in appendix.takeaway(evaluation)


def test_needs_of_too_few_residents_are_left_out() -> None:
    made = enriched(made_up(Street(count=4)))
    section = needs.section(made)
    assert section.takeaway == "居民勾选最多的是加装电梯（30%）、停车难（20%）。"
    assert [row["name"] for row in section.blocks[0]["rows"]] == ["加装电梯", "停车难"]
    assert needs.section(replace(made, needs=Needs.nothing())) is None


def test_no_need_and_other_are_no_needs_and_themes_are_counted(evaluation: Evaluation) -> None:
    section = needs.section(evaluation)
    block = section.blocks[0]
    table = evaluation.needs.table
    street = table[table["subject"] == "all"].set_index("name")["share"]
    listed = [row["name"] for row in block["rows"]]
    assert not [name for name in listed if name.startswith(("目前没有", "其他"))]
    assert listed == sorted(listed, key=lambda name: -street[name])
    assert block["none"] == say.percent(street["目前没有"])
    spoken = evaluation.needs.themes
    spoken = spoken[(spoken["subject"] == "all") & (spoken["code"] != "*")]
    named = [theme for q in section.questions for theme in q["themes"]]
    assert named
    assert set(named) <= {f"{r.name} {r.n:,} 人" for r in spoken.itertuples(index=False)}


# --- pages ---


def test_it_lists_every_ranked_committee_with_its_sets(
    reported: Pressed, evaluation: Evaluation
) -> None:
    text = text_of(reported)
    for row in evaluation.waves["2016"].ranking.table.itertuples():
        sets = f"{row.rank_low_joint}–{row.rank_high_joint}"
        assert re.search(rf"{row.rank}{re.escape(words(row.name))}\d+%[\d.–]+{sets}", text)


def test_incomplete_committees_are_listed_with_what_they_lack(reported: Pressed) -> None:
    assert "叶家宅随机居民的评分" in text_of(reported)


def test_rows_and_rejections_are_accounted_for(reported: Pressed) -> None:
    text = text_of(reported)
    assert "共读入2个文件2,406行，有效2,378行，剔除28行" in text
    assert "完全相同的重复答卷16行，不符合筛选条件12行" in text


def test_issued_questionnaires_are_told(reported: Pressed) -> None:
    assert re.search(r"重点居民401,790[\d,]+", text_of(reported))


@pytest.fixture(scope="module")
def noted() -> Pressed:
    """The technical note of a small street: what is asked of it hangs on no number of committees."""
    made = made_up(Street(count=6, mean=89.0, incomplete={4: ("random",)}, new=(5,)))
    return printing.press(technical.plan(made))


def test_assumptions_and_fingerprint_are_printed(noted: Pressed, evaluation: Evaluation) -> None:
    text = text_of(noted)
    for sentence in evaluation.scheme.assumptions:
        assert words(sentence) in text
    assert evaluation.fingerprint in text
    assert "假定" in text


def test_it_is_tagged_and_marked(reported: Pressed) -> None:
    reader = read(reported)
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert "工作报告（2016年度）" in reader.metadata.title
    assert all("模拟数据" in page for page in pages_of(reported))


@pytest.mark.parametrize(
    "made",
    [
        Street(count=3, mean=89.0),
        Street(count=2, waves=("2016",)),
        Street(count=45, mean=89.0),
        Street(names=[f"长寿路街道第一居民区联合党总支部服务站{i:02d}" for i in range(20)]),
        Street(count=12, mean=89.0, overall=False, library=False, needs=False),
        Street(count=4, incomplete={0: ("key",), 1: ("key",), 2: ("peer",)}),
        Street(count=1, waves=("2016",), assured=False),
    ],
)
def test_unusual_streets_get_a_report_that_fills_its_sheets(made: Street) -> None:
    paper = street.plan(made_up(made))
    document = printing.lay_out(paper, printing.fill(paper))
    assert sheets.excess(document) < 0.15 or len(document.pages) > sheets.LONG
    for page in document.pages:
        area = page._page_box
        right = area.content_box_x() + area.width
        inked = [
            b for b in every(page) if getattr(b, "text", "").strip() or hasattr(b, "replacement")
        ]
        assert max(b.position_x + b.width for b in inked) <= right + 1
    shown = words("".join(getattr(b, "text", "") for p in document.pages for b in every(p)))
    for section in paper.context["sections"]:
        assert words(section.title) in shown
        assert words(section.takeaway) in shown


def every(page: weasyprint.Page) -> Iterator[Any]:
    return iter(page._page_box.children[0].descendants())


def test_what_is_read_before_the_appendices_has_at_most_twelve_pages(reported: Pressed) -> None:
    reader = read(reported)
    places = {
        entry.title: reader.get_destination_page_number(entry) for entry in _flat(reader.outline)
    }
    assert places["附件"] <= 12
    assert places["附表：各居民区的得分与名次"] >= places["附件"]
    assert places["得分分组"] == 1, "the first page stands alone"


def test_every_section_can_be_found_from_the_first_page() -> None:
    made = looked_back(enriched(made_up(Street(count=5))))
    paper = street.plan(made)
    reader = read(printing.press(paper))
    titles = [section.title for section in paper.context["sections"]]
    # Nothing to say of ledgers, loops, claims, lists, levels, tracks, committees being set up, a line through
    # three waves, who answered, one kind of matters.
    assert len(titles) == len(street.SECTIONS) - 10
    first = words(reader.pages[0].extract_text())
    marks = [entry for entry in _flat(reader.outline) if entry.title in titles]
    assert [entry.title for entry in marks] == titles
    chapters = [e for e in _flat(reader.outline) if e.title in paper.context["chapters"].values()]
    assert [entry.title for entry in chapters] == [*paper.context["chapters"].values()]
    for entry in chapters:
        page = reader.get_destination_page_number(entry) + 1
        assert f"{words(entry.title)}{page}" in first


def test_chapters_are_those_of_a_report_on_work_and_none_is_empty(reported: Pressed) -> None:
    titles = [entry.title for entry in _flat(read(reported).outline)]
    chapters = [title for title in titles if "、" in title[:3]]
    assert chapters == [
        "一、评估概况", "二、总体结果", "三、分项情况", "四、主要成效",
        "五、主要问题", "六、意见建议", "七、需要说明的事项",
    ]  # fmt: skip
    for chapter in chapters:
        assert titles[titles.index(chapter) + 1] not in [*chapters, "附件"]


def test_chapters_without_a_section_are_left_out_and_the_others_numbered_on() -> None:
    sections, chapters = street.planned(made_up(Street(count=1, waves=("2016",), assured=False)))
    names = list(chapters.values())
    assert [name[0] for name in names[:-1]] == list("一二三四五六七"[: len(names) - 1])
    assert "四、主要成效及上次整改落实情况" not in names
    assert max(chapters) <= len(sections)


def test_the_technical_note_holds_what_the_report_does_not(
    noted: Pressed, reported: Pressed
) -> None:
    text, report = text_of(noted), text_of(reported)
    for title in ("方法与假定", "实际权重：平均", "复现"):
        assert title in text
        assert title not in report
    assert "technical-note.pdf" in report
    assert all("模拟数据" in page for page in pages_of(noted))


def _flat(outline: list[object]) -> list[object]:
    return [
        leaf for entry in outline for leaf in (_flat(entry) if isinstance(entry, list) else [entry])
    ]


def test_a_table_of_thirty_five_stays_on_one_page() -> None:
    made = made_up(Street())
    section = league.table(made)
    assert section.whole
    paper = street.plan(made)
    alone = {**paper.context, "sections": [section], "chapters": {}, "long": False}
    pages = read(printing.press(replace(paper, context=alone))).pages
    ranked = [
        f"{row['rank']}{words(row['name'])}{row['satisfied']}{row['score']}" for row in section.rows
    ]
    assert any(
        all(row in text for row in ranked) for text in (words(p.extract_text()) for p in pages)
    )
