"""The league table by hand: competition ranks, sets of certain and of even streets, reliability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evalkit.findings.ranking import notes, rank, verdict
from evalkit.pages.press.meanings import read_from
from evalkit.pages.press.sentences import said
from evalkit.tables import Ranking, Scores
from tests.findings.small_street import roster_of, scores_of

close = pytest.approx
SURE = 1e-6
"""A variance beside which any difference here is certain."""


def ranked(scores: Scores, confidence: float = 0.95) -> Ranking:
    return rank(scores, roster_of(scores.subjects), confidence=confidence, draws=20_000, seed=7)


def bounds(ranking: Ranking, *columns: str) -> list[tuple[str, ...]]:
    return list(ranking.table[["subject", *columns]].itertuples(index=False, name=None))


def test_equal_scores_share_a_rank_and_the_next_is_skipped() -> None:
    table = ranked(scores_of([80, 90, 80, 70, 90], SURE)).table
    assert list(table["subject"]) == ["b", "e", "a", "c", "d"]
    assert list(table["name"]) == ["b村", "e村", "a村", "c村", "d村"]
    assert list(table["rank"]) == [1, 1, 3, 3, 5]
    assert list(table["score"]) == [90, 90, 80, 80, 70]
    assert set(table["wave"]) == {"2016"}


def test_ranks_are_of_scores_before_rounding() -> None:
    assert list(ranked(scores_of([80.0, 80.0 + 1e-9], 4.0)).table["subject"]) == ["b", "a"]


def test_certain_scores_have_certain_ranks() -> None:
    found = ranked(scores_of([70, 80, 90], SURE))
    columns = ("rank_low", "rank_high", "rank_low_joint", "rank_high_joint")
    assert bounds(found, *columns) == [("c", 1, 1, 1, 1), ("b", 2, 2, 2, 2), ("a", 3, 3, 3, 3)]
    assert found.distinguishable_pairs == 1.0
    assert found.unstable == ()
    assert found.ahead is not None
    assert found.ahead.tolist() == [[False] * 3, [True, False, False], [True, True, False]]


def test_equal_scores_may_each_be_first_or_second() -> None:
    """Of three pairs two are certain: a and b before c."""
    found = ranked(scores_of([90, 90, 10], SURE))
    assert bounds(found, "rank_low", "rank_high") == [("a", 1, 2), ("b", 1, 2), ("c", 3, 3)]
    assert found.distinguishable_pairs == close(2 / 3)


def test_an_even_street_says_nothing_about_ranks() -> None:
    found = ranked(scores_of([80, 80.1, 80.2, 79.9], 4.0))
    assert set(bounds(found, "rank_low", "rank_high")) == {(s, 1, 4) for s in "abcd"}
    assert found.distinguishable_pairs == 0.0


@pytest.mark.parametrize(
    ("apart", "confidence", "last"), [(1.85, 0.95, 2), (2.05, 0.95, 1), (1.75, 0.90, 1)]
)
def test_two_committees_are_told_apart_at_the_normal_quantile(
    apart: float, confidence: float, last: int
) -> None:
    """The difference has standard error 1: 1.96 of it at 95%, 1.645 at 90%."""
    found = ranked(scores_of([80.0 + apart, 80.0], 0.5), confidence)
    assert bounds(found, "rank_high", "rank_high_joint")[0] == ("a", last, last)


def test_what_shared_raters_misjudge_everywhere_does_not_blur_the_order() -> None:
    """Variances 2 with covariance 1.5: the difference has variance 1, not 4."""
    together = scores_of([82.5, 80.0], 2.0, covariance=[[2.0, 1.5], [1.5, 2.0]])
    assert bounds(ranked(together), "rank_high", "rank_high_joint")[0] == ("a", 1, 1)
    apart = scores_of([82.5, 80.0], 2.0)
    assert bounds(ranked(apart), "rank_high", "rank_high_joint")[0] == ("a", 2, 2)


def test_joint_sets_ask_more_than_those_of_one_committee() -> None:
    """Two level committees are 2.28 standard errors above a third.

    The largest of two differences with a common committee exceeds 2.21 in 5% of cases (Dunnett's
    table, infinite degrees), the largest of all three 3.314/√2 = 2.34 (Tukey's).
    """
    found = ranked(scores_of([82.28, 82.28, 80.0], 0.5))
    assert bounds(found, "rank_low", "rank_high")[0] == ("a", 1, 2)
    assert bounds(found, "rank_low_joint", "rank_high_joint")[0] == ("a", 1, 3)
    assert found.distinguishable_pairs == 0.0


def test_reliability_is_the_part_of_the_spread_that_is_real() -> None:
    """Scores scatter by 100; 19 of it is error: 81 is real, tau is 9, the reliability 0.81."""
    found = ranked(scores_of([70, 80, 90], 19.0))
    assert found.tau == close(9.0, rel=1e-6)
    assert found.reliability == close(0.81, rel=1e-6)
    assert list(found.table["reliability"]) == close([0.81] * 3, rel=1e-6)


def test_every_committee_has_a_reliability_of_its_own_and_the_tables_is_their_mean() -> None:
    found = ranked(scores_of([70, 80, 90, 60], [10.0, 40.0, 20.0, 30.0]))
    tau2 = found.tau**2
    own = {s: tau2 / (tau2 + v) for s, v in zip("abcd", (10, 40, 20, 30), strict=True)}
    table = found.table.set_index("subject")["reliability"]
    assert dict(table) == close(own)
    assert found.reliability == close(np.mean(list(own.values())))


def test_what_raters_share_is_no_real_difference_and_hides_none() -> None:
    """A common covariance of 10 moves no committee against another: 100 = 91 real + 9 error."""
    matrix = 10.0 + 9.0 * np.eye(3)
    assert ranked(scores_of([70, 80, 90], 19.0, covariance=matrix)).tau == close(91**0.5, rel=1e-6)


def test_a_single_committee_is_first_without_a_set() -> None:
    found = ranked(scores_of([75.0], 4.0))
    row = found.table.iloc[0].to_dict()
    assert row == {
        "wave": "2016",
        "subject": "a",
        "name": "a村",
        "score": 75.0,
        "rank": 1,
        "rank_low": 1,
        "rank_high": 1,
        "rank_low_joint": 1,
        "rank_high_joint": 1,
        "reliability": 0.0,
    }
    assert (found.reliability, found.tau, found.distinguishable_pairs) == (0.0, 0.0, 0.0)
    assert notes(found) == ()


def test_no_committee_makes_an_empty_table() -> None:
    nobody = replace(scores_of([75.0], 4.0), subjects=(), estimate=np.zeros((1, 0)))
    found = rank(nobody, roster_of("a"), confidence=0.95, draws=20_000, seed=7)
    assert len(found.table) == 0
    assert notes(found) == ()


def test_a_bound_that_another_seed_would_move_is_told() -> None:
    """The difference is the critical value itself: half of all seeds find it certain."""
    scores = scores_of([80.0 + 1.959964, 80.0], 0.5)
    found = [
        rank(scores, roster_of("ab"), confidence=0.95, draws=20_000, seed=seed) for seed in range(8)
    ]
    assert {int(one.table["rank_high"].iloc[0]) for one in found} == {1, 2}
    assert [one.unstable for one in found] == [("a", "b")] * 8
    told = [note for note in notes(found[0]) if note.code == "monte_carlo"]
    assert [(note.count, note.where) for note in told] == [(2, "2016")]
    assert said(told[0]).startswith("有 2 个居民区")


def test_a_bound_in_the_joint_sets_alone_counts_too() -> None:
    """Two committees 2.344 apart from a third: certain in marginal sets, open in joint ones."""
    scores = scores_of([82.344, 82.344, 80.0], 0.5)
    found = [
        rank(scores, roster_of("abc"), confidence=0.95, draws=20_000, seed=seed)
        for seed in range(6)
    ]
    assert {int(one.table["rank_high"].iloc[0]) for one in found} == {2}
    assert {int(one.table["rank_high_joint"].iloc[0]) for one in found} == {2, 3}
    assert all(one.unstable for one in found)


def test_a_bound_in_the_marginal_sets_alone_counts_too() -> None:
    """2.212 is Dunnett's value for two comparisons; the joint sets, at 2.34, are far from it."""
    scores = scores_of([82.212, 82.212, 80.0], 0.5)
    found = [
        rank(scores, roster_of("abc"), confidence=0.95, draws=20_000, seed=seed)
        for seed in range(6)
    ]
    assert {int(one.table["rank_high"].iloc[0]) for one in found} == {2, 3}
    assert {int(one.table["rank_high_joint"].iloc[0]) for one in found} == {3}
    assert all("a" in one.unstable for one in found)


# --- what a leader may read from the table ---


def table_of(low: float, high: float, pairs: float) -> Ranking:
    return replace(
        ranked(scores_of([70, 80], SURE)),
        reliability=(low + high) / 2,
        reliability_low=low,
        reliability_high=high,
        distinguishable_pairs=pairs,
        unstable=(),
    )


@pytest.mark.parametrize(
    ("low", "high", "pairs", "share", "advice"),
    [
        (0.50, 0.699, 0.9, "50% 至 70%", "不足以逐名排序"),
        (0.50, 0.70, 0.9, "50% 至 70%", "定不下来"),
        (0.699, 0.9, 0.9, "70% 至 90%", "定不下来"),
        (0.7, 0.9, 0.499, "约 80%（70% 至 90%）", "只有 50% 能有把握地分出先后"),
        (0.7, 0.9, 0.5, "约 80%（70% 至 90%）", "能大致分出先后"),
        (np.nan, np.nan, 0.5, "", "定不下来"),
    ],
)
def test_only_an_interval_on_one_side_of_the_limit_decides_what_the_table_is_for(
    low: float, high: float, pairs: float, share: str, advice: str
) -> None:
    table = table_of(low, high, pairs)
    ends = {"reliability_low": low, "reliability_high": high}
    facts = {"reliability": table.reliability, "distinguishable_pairs": pairs, **ends}
    text = read_from({"verdict": verdict(table), **facts})
    assert share in text
    assert advice in text


def test_a_table_that_cannot_rank_or_may_not_says_so_in_a_note() -> None:
    (note,) = notes(table_of(0.5, 0.698, 0.9))
    assert (note.code, note.where) == ("low_reliability", "2016")
    assert said(note).startswith("得分差异中约 60%（50% 至 70%）是居民区之间的真实差别")
    (note,) = notes(table_of(0.6, 0.9, 0.9))
    assert (note.code, note.where) == ("undecided_reliability", "2016")
    assert "60% 至 90% 都有可能" in said(note)
    assert notes(table_of(0.7, 0.9, 0.1)) == ()


def test_the_reliability_of_a_table_and_its_interval_by_hand() -> None:
    """70, 80, 90 of variance 4 each, and 5 in common: tau2 = 100 - 4.

    Q = 200 / (tau2 + 4) is 7.378 and 0.0506 at the ends: (Q (tau2 + 4) = 200), so tau2 is
    23.11 and 3945; 4 of it is error, the common 5 moves nobody.
    """
    common = 5.0 + 4.0 * np.eye(3)
    found = ranked(scores_of([70, 80, 90], 9.0, covariance=common))
    assert found.tau == pytest.approx(96.0**0.5, abs=1e-6)
    assert found.reliability == pytest.approx(0.96, abs=1e-9)
    low, high = (200.0 / stats.chi2.ppf(p, 2) - 4.0 for p in (0.975, 0.025))
    assert found.reliability_low == pytest.approx(low / (low + 4.0), abs=1e-9)
    assert found.reliability_high == pytest.approx(high / (high + 4.0), abs=1e-9)
