"""List and random sample of four committees side by side, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.definitions.scheme import Scheme
from evalkit.findings import samples, scoring, standing
from evalkit.tables import Cells, Scores, frame
from tests.findings.small_street import cells_of, group_of, roster_of, scheme_of, scores_of


def scheme(first: str = "list", second: str = "random", **more: Any) -> Scheme:
    made = scheme_of({"key": 60, "random": 40}, {"A": {"A1": 100}}, **more)
    how = {"key": first, "random": second}
    groups = [g.model_copy(update={"residents": True, "sample": how[g.code]}) for g in made.groups]
    return made.model_copy(update={"groups": groups})


def street(hidden: str = "") -> tuple[Cells, Scores]:
    """Key residents 76, 86, 96, 66 with error 1 of eleven; random ones 6 less with error 4."""
    key, drawn = np.array([76.0, 86.0, 96.0, 66.0]), np.array([70.0, 80.0, 90.0, 60.0])
    cells = cells_of(
        scheme(),
        {
            "key": group_of(key[:, None], np.full((4, 1), 1.0), [11] * 4),
            "random": group_of(drawn[:, None], np.full((4, 1), 4.0), [11] * 4),
        },
    )
    told = pd.DataFrame(
        [
            ("2016", s, "composite", "composite", g, np.nan if s == hidden else x, 1.0, 11)
            for g, values in (("key", key), ("random", drawn))
            for s, x in zip(cells.subjects, values, strict=True)
        ],
        columns=["wave", "subject", "code", "level", "group", "estimate", "se", "n"],
    )
    scores = scores_of(
        0.6 * key + 0.4 * drawn, 1.0, subjects=cells.subjects, cell_weights=np.array([[0.6], [0.4]])
    )
    return cells, replace(scores, indicators=frame("indicators", told))


def found(hidden: str = "", by: Scheme | None = None) -> pd.DataFrame:
    cells, scores = street(hidden)
    return samples.samples(cells, scores, by or scheme(), roster_of(cells.subjects))


def test_both_scores_their_gap_and_their_ranks() -> None:
    table = found().set_index("subject")
    assert table["listed"].tolist() == [76.0, 86.0, 96.0, 66.0]
    assert table["drawn"].tolist() == [70.0, 80.0, 90.0, 60.0]
    assert table["listed_rank"].tolist() == table["drawn_rank"].tolist() == [3, 2, 1, 4]
    assert table["gap"].tolist() == pytest.approx([6.0] * 4)
    assert table["gap_se"].tolist() == pytest.approx([5.0**0.5] * 4)
    # each group's variances are pooled over four committees: 40 degrees; 25 / (1/40 + 16/40)
    reach = 5.0**0.5 * stats.t.ppf(0.975, 25 * 40 / 17)
    assert table["gap_low"].tolist() == pytest.approx([6.0 - reach] * 4)
    assert table["gap_high"].tolist() == pytest.approx([6.0 + reach] * 4)
    assert table["listed_se"].tolist() == pytest.approx([1.0] * 4)
    assert table["drawn_se"].tolist() == pytest.approx([2.0] * 4)
    assert table["name"].tolist() == ["a村", "b村", "c村", "d村"]
    assert set(table["wave"]) == {"2016"}


def test_the_blend_takes_the_gap_off_the_list() -> None:
    table = found()
    assert table["blended"].tolist() == pytest.approx([70.0, 80.0, 90.0, 60.0])
    assert table["list_share"].tolist() == pytest.approx([0.8] * 4)
    assert table["blended_rank"].tolist() == [3, 2, 1, 4]


def test_what_is_not_told_of_a_group_is_in_no_line_and_no_rank() -> None:
    table = found(hidden="b")
    assert table["subject"].tolist() == ["a", "c", "d"]
    assert table["listed_rank"].tolist() == [2, 1, 3]


@pytest.mark.parametrize(
    "by",
    [
        scheme("unsaid", "unsaid"),
        scheme("list", "list"),
        scheme("list", "unsaid"),
        scheme("random", "random"),
    ],
)
def test_without_one_list_and_one_random_sample_nothing_stands_side_by_side(by: Scheme) -> None:
    assert samples.pair(by) is None
    assert found(by=by).empty


def test_groups_that_judge_different_things_are_not_compared() -> None:
    made = scheme_of(
        {"key": 60, "random": 40}, {"A": {"A1": 60, "A2": 40}}, covers={"random": ["A2"]}
    )
    how = {"key": "list", "random": "random"}
    groups = [g.model_copy(update={"residents": True, "sample": how[g.code]}) for g in made.groups]
    assert samples.pair(made.model_copy(update={"groups": groups})) is None
    assert samples.pair(scheme()) == ("key", "random")


def test_the_streets_gap_has_an_interval_over_its_committees() -> None:
    """Four committees: t with three degrees of freedom is 3.182."""
    gap = samples.street_gap({"mean": 2.0, "se": 1.0, "tau": 0.5}, 4, 0.95)
    assert (gap["low"], gap["high"]) == pytest.approx((2.0 - 3.1824, 2.0 + 3.1824), abs=1e-4)
    assert samples.street_gap({}, 4, 0.95) == {}


@pytest.mark.parametrize("group", ["key", "random"])
def test_what_one_of_the_groups_does_not_tell_is_in_no_line(group: str) -> None:
    cells, scores = street()
    table = scores.indicators.copy()
    table.loc[(table["group"] == group) & (table["subject"] == "b"), "estimate"] = np.nan
    one = replace(scores, indicators=table)
    made = samples.samples(cells, one, scheme(), roster_of(cells.subjects))
    assert made["subject"].tolist() == ["a", "c", "d"]
    table.loc[(table["group"] == group) & (table["subject"] == "c"), "estimate"] = np.nan
    two = replace(scores, indicators=table)
    assert len(samples.samples(cells, two, scheme(), roster_of(cells.subjects))) == 0


@pytest.mark.parametrize("group", ["key", "random"])
def test_where_one_of_the_groups_did_not_judge_somebody_nothing_is_compared(group: str) -> None:
    cells, scores = street()
    mean = cells.groups[group].mean.copy()
    mean[1] = np.nan
    less = replace(cells.groups[group], mean=mean)
    cells = replace(cells, groups={**cells.groups, group: less})
    assert found_of(cells, scores).empty


def test_without_any_error_or_with_two_committees_nothing_is_compared_and_with_three_it_is() -> (
    None
):
    cells, scores = street()
    unknown = np.full_like(scores.variance, np.nan)
    assert found_of(cells, replace(scores, variance=unknown)).empty
    for count, rows in ((3, 3), (2, 0)):
        few = scores_of(
            [70.0, 80.0, 90.0][:count], 1.0, subjects=cells.subjects[:count],
            cell_weights=np.array([[0.6], [0.4]]),
        )  # fmt: skip
        assert len(found_of(cells, replace(few, indicators=scores.indicators))) == rows


def found_of(cells: Cells, scores: Scores) -> pd.DataFrame:
    return samples.samples(cells, scores, scheme(), roster_of(cells.subjects))


def test_every_score_has_its_own_rank_and_is_told_by_its_own_group() -> None:
    """Random ones put b first and c last; of offices, who tell of all four, nothing is asked."""
    cells, scores = street()
    mean = cells.groups["random"].mean.copy()
    mean[:, 0] = [70.0, 99.0, 40.0, 60.0]
    cells = replace(
        cells, groups={**cells.groups, "random": replace(cells.groups["random"], mean=mean)}
    )
    told = scores.indicators[scores.indicators["group"] == "key"]
    table = pd.concat([scores.indicators, told.assign(group="office")], ignore_index=True)
    table.loc[(table["group"] == "key") & (table["subject"] == "d"), "estimate"] = np.nan
    found = found_of(cells, replace(scores, indicators=table)).set_index("subject")
    assert list(found.index) == ["a", "b", "c"]
    assert found["listed_rank"].tolist() == [3, 2, 1]
    assert found["drawn_rank"].tolist() == [2, 1, 3]
    order = (-found["blended"]).argsort().argsort() + 1
    assert found["blended_rank"].tolist() == order.tolist()
    assert found["blended_rank"].tolist() != found["listed_rank"].tolist()


def test_a_gap_is_that_of_what_each_group_said_of_the_committee() -> None:
    """Key residents: .6·80 + .4·70 = 76, of b A1 alone: 80, and .6·60 + .4·90 = 72; random ones 66."""
    scheme = scheme_of({"key": 60, "random": 40}, {"A": {"A1": 60, "A2": 40}})
    gap = np.nan
    key = group_of(
        [[80, 70], [80, gap], [60, 90]], [[4, 4], [4, gap], [4, 4]], [10] * 3,
        n_measure=[[10, 10], [10, 0], [10, 10]],
    )  # fmt: skip
    random = group_of([[70, 60]] * 3, [[4, 4]] * 3, [10] * 3)
    cells = cells_of(scheme, {"key": key, "random": random})
    scores = scoring.score(cells, scheme, roster_of(cells.subjects))
    by_subject, street = standing.gaps(cells, scores, ("key", "random"))
    assert [by_subject[s][0] for s in "abc"] == pytest.approx([10.0, 14.0, 6.0])
    assert 6.0 < street["mean"] < 14.0
    turned, other = standing.gaps(cells, scores, ("random", "key"))
    assert [turned[s][0] for s in "abc"] == pytest.approx([-10.0, -14.0, -6.0])
    assert (other["mean"], other["se"]) == pytest.approx((-street["mean"], street["se"]))
