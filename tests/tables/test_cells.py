"""What cells and scores tell of themselves: one number changed, and it is noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from evalkit.tables import ALL_GROUPS, Cells, GroupCells, Measure, Needs
from evalkit.tables.cells import Overlap
from evalkit.tables.persons import TrackSummary
from evalkit.tables.results import Diagnosis, Finding, Provisional
from tests.findings.small_street import cells_of, group_of, one_group, scores_of

OVERLAP = Overlap("a mark", np.array([3, 0]), np.array([0.5, 0.0]), np.arange(8.0).reshape(2, 2, 2))


def group(**more: object) -> GroupCells:
    made = group_of([[11], [12]], [[1.0], [2.0]], [8, 9], joint=[[1.0, 0.1], [0.1, 2.0]])
    mean = made.mean.copy()
    mean[:, -1] = (71, 72)  # of the overall question
    who = np.array([f"rater {at}" for at in range(2)])
    return replace(made, mean=mean, who=who, again={"2017": OVERLAP}, **more)


def cells() -> Cells:
    return cells_of(one_group(), {"r": group()}, definitions={"A1": "as asked"})


def changed(name: str) -> Callable[[GroupCells], GroupCells]:
    """The last number of an array is another one."""

    def change(made: GroupCells) -> GroupCells:
        own = np.array(getattr(made, name))
        own.flat[-1] = "another" if own.dtype.kind == "U" else 7
        return replace(made, **{name: own})

    return change


def overlapping(**more: object) -> Callable[[GroupCells], GroupCells]:
    return lambda made: replace(made, again={"2017": replace(OVERLAP, **more)})


OF_A_GROUP = {
    name: changed(name)
    for name in ("n", "n_effective", "n_measure", "mean", "covariance", "influence", "df", "who")
} | {
    "nobody known": lambda made: replace(made, who=None),
    "another wave": lambda made: replace(made, again={"2018": OVERLAP}),
    "mark": overlapping(mark="another"),
    "pairs": overlapping(pairs=np.array([4, 0])),
    "share": overlapping(share=np.array([0.4, 0.0])),
    "common": overlapping(covariance=OVERLAP.covariance + 1),
}


@pytest.mark.parametrize("change", OF_A_GROUP.values(), ids=OF_A_GROUP)
def test_whatever_is_known_of_a_group_is_in_the_fingerprint(
    change: Callable[[GroupCells], GroupCells],
) -> None:
    made = cells()
    other = replace(made, groups={"r": change(made.groups["r"])})
    assert made.fingerprint == cells().fingerprint != other.fingerprint


def test_names_definitions_and_distributions_are_in_the_fingerprint() -> None:
    made = cells()
    row = pd.DataFrame({"n": [3]})
    others = [
        replace(made, wave="2015"),
        replace(made, subjects=("b", "a")),
        replace(made, measures=("A2", "overall")),
        replace(made, groups={"other": made.groups["r"]}),
        replace(made, definitions={"A1": "otherwise"}),
        replace(made, distributions=row),
        replace(made, distributions=row.assign(n=4)),
    ]
    assert len({each.fingerprint for each in (made, *others)}) == 8
    turned = [replace(made, definitions=dict(own)) for own in (["12", "34"], ["34", "12"])]
    assert turned[0].fingerprint == turned[1].fingerprint
    indexed = replace(made, distributions=row.set_axis(["any"]))
    assert indexed.fingerprint == others[5].fingerprint


def test_what_waves_have_in_common_holds_for_the_cells_it_was_worked_out_for() -> None:
    later = group()
    assert len(later.mark) == 16
    earlier = replace(group(), again={"2017": replace(OVERLAP, mark=later.mark)})
    found = earlier.common(later, "2017")
    assert found is not None
    assert found.pairs.tolist() == [3, 0]
    assert earlier.common(later, "2018") is None
    for name in ("n", "mean"):
        assert earlier.common(changed(name)(later), "2017") is None
    # Which indicators are looked at does not matter: all cells have the overall question.
    assert earlier.common(later.at(np.array([1])), "2017") is not None
    assert earlier.at(np.array([1])).again["2017"].covariance.tolist() == [[[3.0]], [[7.0]]]


MEASURES = (
    Measure("composite", "composite", "总分", 100.0),
    Measure("A", "dimension", "维度", 100.0),
)


def test_a_committee_in_the_making_has_its_numbers_elsewhere() -> None:
    beside = Provisional(("new",), *(np.full((2, 1), float(at)) for at in range(6)))
    made = scores_of([80, 70], [1, 2], measures=MEASURES, estimate=[[80, 70], [60, 50]])
    assert made.of("b") == (made, 1)
    assert made.composite.tolist() == [80, 70]
    whole = replace(made, provisional=beside)
    assert whole.of("new") == (beside, 0)
    assert whole.of("b") == (whole, 1)
    for unknown in (whole, made):
        with pytest.raises(ValueError, match="not in tuple"):
            unknown.of("other")


def test_errors_are_known_where_every_composite_has_one() -> None:
    made = scores_of([80, 70], [1, 2], measures=MEASURES)

    def known(variance: list[list[float]]) -> bool:
        return replace(made, variance=np.array(variance)).errors_known

    assert known([[1, 2], [0, np.nan]])
    for none in (0.0, np.nan):
        assert not known([[1, none], [1, 1]])


def test_what_is_not_told_has_a_number_and_no_line() -> None:
    lines = pd.DataFrame(
        {
            "subject": ["a", "a", "b", "b", "b"],
            "code": ["composite", "A", "composite", "A", "A"],
            "group": [ALL_GROUPS, ALL_GROUPS, ALL_GROUPS, ALL_GROUPS, "r"],
            "estimate": [80, np.nan, 70, np.nan, np.nan],
        }
    )
    estimate = [[80, 70], [60, np.nan]]
    made = scores_of([80, 70], 1, measures=MEASURES, estimate=estimate, indicators=lines)
    assert made.untold == {("a", "A")}
    assert made.untold is made.untold
    all_told = replace(made, indicators=lines.assign(estimate=1.0))
    assert all_told.untold == frozenset()
    of_a_group = replace(made, indicators=lines.assign(group="r"))
    assert of_a_group.untold == frozenset()


Kind = Literal["strength", "weakness", "tendency_high", "tendency_low"]


def found(kind: Kind) -> Finding:
    return Finding(kind, "a", "A1", "指标", 80, 70, 10, 1, 0.01)


def test_findings_are_asked_for_by_their_kind_and_keep_their_order() -> None:
    kinds: tuple[Kind, ...] = ("strength", "weakness", "strength", "tendency_low")
    made = Diagnosis("a", True, tuple(map(found, kinds)), pd.DataFrame())
    assert [one.kind for one in made.of_kind("strength")] == ["strength", "strength"]
    assert [one.kind for one in made.of_kind("tendency_low", "weakness")] == [*kinds[1::2]]
    assert made.of_kind() == ()


def test_without_a_word_on_it_ten_residents_make_a_theme() -> None:
    assert Needs.nothing().minimum_n == 10


def test_what_is_known_of_tracks_is_asked_for_by_wave() -> None:
    table = pd.DataFrame({"wave": ["2015", "2016"], "n": [4, 5]})
    grades = pd.DataFrame({"wave": ["2016", "2015", "2016"], "n": [1, 2, 3]})
    of = TrackSummary(table, grades, {"t": "f"}).of("2016")
    assert of.table.to_dict("list") == {"wave": ["2016"], "n": [5]}
    assert of.grades["n"].tolist() == [1, 3]
    assert [list(frame.index) for frame in (of.table, of.grades)] == [[0], [0, 1]]
    assert list(of.grades) == ["wave", "n"]
    assert of.fingerprints == {"t": "f"}
