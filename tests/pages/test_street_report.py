"""The street report: its sentences against the tables, and its pages read back."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from evalkit.pages import base, results, street, trust
from evalkit.pages import wording as say
from evalkit.pages.base import Pressed
from evalkit.tables import Evaluation
from tests.pages.conftest import REASONS, read, text_of, words
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


def with_grades(last: list[str], now: list[str]) -> Evaluation:
    """An evaluation whose committees hold these grades."""
    made = made_up(Street(count=len(now)))
    scores = {
        wave: replace(s, table=s.table.assign(grade=grades))
        for (wave, s), grades in zip(made.scores_by_wave.items(), (last, now), strict=True)
    }
    return replace(made, scores_by_wave=scores)


def good(number: int, total: int) -> list[str]:
    return ["良好"] * number + ["中等"] * (total - number)


def test_growth_is_told_in_percent_and_in_percentage_points() -> None:
    told = results.grade_sentences(with_grades(good(18, 35), good(28, 35)))
    assert told == [
        "优秀和良好由 18 个到 28 个（增幅 +55.56%），占比由 51.43% 到 80.00%（+28.57 个百分点）。"
    ]


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        (0, 3, "上次为 0，无从计算增幅"),
        (4, 2, "增幅 −50.00%"),
        (3, 3, "增幅 0.00%"),
    ],
)
def test_growth_of_any_sign(last: int, now: int, expected: str) -> None:
    assert expected in results.grade_sentences(with_grades(good(last, 6), good(now, 6)))[0]


def test_nobody_good_in_either_wave() -> None:
    told = results.grade_sentences(with_grades(good(0, 6), good(0, 6)))
    assert told == ["优秀和良好两次都是 0 个。"]


def test_a_first_wave_only_counts() -> None:
    made = made_up(Street(count=6, waves=("2016",)))
    assert re.fullmatch(r"优秀和良好 \d 个，占 [\d.]+%。", results.grade_sentences(made)[0])


def test_what_can_be_told_apart_follows_from_the_joint_sets() -> None:
    made = made_up(Street(between=8.0, noise=0.2, mean=80.0))
    table = made.ranking_by_wave["2016"].table
    told = results.told_apart(made)[1]
    upper, lower, first = (int(x) for x in re.findall(r"的有 (\d+) 个", told))
    assert upper == sum(table["rank_high_joint"] <= 17)
    assert lower == sum(table["rank_low_joint"] > 18)
    assert first == sum(table["rank_low_joint"] == 1)
    assert upper > 0


def test_it_does_not_claim_halves_that_nobody_is_certain_of() -> None:
    told = results.told_apart(made_up(Street(between=0.0, noise=3.0)))[1]
    assert "没有一个居民区能确定排在前 17 名或后 17 名" in told


def test_movers_are_those_that_moved_and_carry_the_luck_reference(evaluation: Evaluation) -> None:
    section = results.movers(evaluation)
    changes = evaluation.changes_by_wave["2016"]
    clear = set(changes.table.loc[changes.table["verdict"] != "无明显变化", "name"])
    rows = {row["name"]: row for row in section.content["rows"]}
    assert clear <= set(rows)
    biggest = changes.table.loc[changes.table["rank_change"].abs().idxmax()]
    own = rows[biggest["name"]]
    assert own["own"] == say.chance(changes.luck_own[biggest["subject"]])
    assert own["any"] == say.chance(changes.luck_any[biggest["subject"]])
    assert own["ranks"] == f"{biggest['rank_from']} → {biggest['rank_to']}"


def test_the_chart_of_movers_shows_every_clear_change(evaluation: Evaluation) -> None:
    frame = results.movers(evaluation).content["chart"].frame
    table = evaluation.changes_by_wave["2016"].table
    assert set(table.loc[table["verdict"] != "无明显变化", "name"]) <= set(frame["name"])
    assert ((frame["low"] < frame["change"]) & (frame["change"] < frame["high"])).all()


def test_dimensions_are_counted_as_the_diagnoses_say(evaluation: Evaluation) -> None:
    profiles = pd.concat([d.profile for d in evaluation.diagnoses.values()])
    verdicts = profiles.loc[profiles["level"] == "dimension", "verdict"]
    told = results.dimensions(evaluation).takeaway
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
    assert trust._heaviest(frame) == ["各项权重中，甲、乙的权重对名次影响最大，彼此分不出先后。"]
    assert trust._heaviest(frame.iloc[[0, 2]]) == ["各项权重中，甲的权重对名次影响最大。"]


def test_without_assurance_there_are_no_such_sections() -> None:
    made = made_up(Street(count=6, assured=False))
    assert trust.trust(made) is None
    assert trust.sampling(made) is None


# --- pages ---


def test_it_lists_every_ranked_committee_with_its_sets(
    reported: Pressed, evaluation: Evaluation
) -> None:
    text = text_of(reported)
    for row in evaluation.ranking_by_wave["2016"].table.itertuples():
        sets = f"{row.rank_low}–{row.rank_high}{row.rank_low_joint}–{row.rank_high_joint}"
        assert re.search(rf"{row.rank}{re.escape(words(row.name))}[\d.–]+{sets}", text)


def test_incomplete_committees_are_listed_with_what_they_lack(reported: Pressed) -> None:
    assert "叶家宅随机居民的评分" in text_of(reported)


def test_rows_and_rejections_are_accounted_for(reported: Pressed) -> None:
    text = text_of(reported)
    assert "共读入2个文件2,406行，有效2,378行，剔除28行" in text
    assert "完全相同的重复答卷16行，不符合筛选条件12行" in text


def test_issued_questionnaires_are_told(reported: Pressed) -> None:
    assert re.search(r"重点居民401,790[\d,]+", text_of(reported))


def test_assumptions_and_fingerprint_are_printed(reported: Pressed, evaluation: Evaluation) -> None:
    text = text_of(reported)
    for sentence in evaluation.scheme.assumptions:
        assert words(sentence) in text
    assert evaluation.fingerprint in text
    assert "假定" in text


def test_it_is_tagged_and_marked(reported: Pressed) -> None:
    reader = read(reported)
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert "工作报告（2016年度）" in reader.metadata.title
    assert all("模拟数据" in page.extract_text() for page in reader.pages)


@pytest.mark.parametrize(
    "made",
    [
        Street(count=3, mean=89.0),
        Street(count=2, waves=("2016",)),
        Street(constant=100.0),
        Street(count=4, incomplete={0: ("key",), 1: ("key",), 2: ("peer",)}),
    ],
)
def test_unusual_streets_get_a_report(made: Street) -> None:
    pressed = base.press(street.plan(made_up(made), REASONS))
    assert "工作报告" in text_of(pressed)
