"""Unions of committees over two waves: their numbers by hand, who is compared with whom, what is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evalkit.codes import Lack, TaskState
from evalkit.definitions.checklist import Report, Returned, Task
from evalkit.definitions.decided import Decided
from evalkit.definitions.levels import Count, Level
from evalkit.definitions.lineage import Lineage
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.territory import Territory
from evalkit.findings import lineage, scoring, trending
from evalkit.findings.following_up import follow_up
from evalkit.findings.unions import united
from evalkit.tables import Changes, GroupCells, WaveResult, frame
from tests.deciding import decided, order
from tests.definitions.test_lineage import lineage as told
from tests.findings.small_street import cells_of, group_of, one_group, scheme_of

SCHEME = one_group()
SPREAD = 400.0
"""Variance of one answer, everywhere: nothing is drawn towards anything."""


def roster(*rows: tuple[str, str | None, str | None, int | None], counts: str = "") -> Roster:
    """Committees as (id, since, until, population); households as ``id wave number;``."""
    subjects = [
        Subject(id=one, name=f"{one}村", since=since, until=until, population=people)
        for one, since, until, people in rows
    ]
    counted = [line.split() for line in counts.split(";") if line.strip()]
    if not counted:
        return Roster(subjects=subjects)
    return Territory(
        subjects=subjects,
        levels=[Level(code="committee", name="居民区")],
        evaluated="committee",
        counts=[Count(unit=u, wave=w, households=int(n)) for u, w, n in counted],
    )


def documents(of: Roster, events: Lineage | None, scheme: Any = SCHEME, **more: Any) -> Decided:
    asked = order(("2014", "2015", "2016")).model_copy(update=more)
    return decided(scheme, {}, of, order=asked, lineage=events)


def wave(
    name: str,
    of: Mapping[str, tuple[float, int]],
    documents: Decided,
    group: GroupCells | None = None,
) -> WaveResult:
    """A wave of residents: each committee's mean and number of answers."""
    means = [[mean] for mean, _ in of.values()]
    n = [number for _, number in of.values()]
    own = group or group_of(means, [[SPREAD / number] for number in n], n)
    cells = cells_of(documents.scheme, {"r": own}, wave=name, subjects=tuple(of))
    scores = scoring.score(cells, documents.scheme, documents.roster)
    return WaveResult(None, cells, scores, None, None)  # type: ignore[arg-type]


def compared(before: WaveResult, after: WaveResult, documents: Decided) -> Changes:
    settings = documents.order.settings.model_copy(update={"draws": 1000, "seed": 1})
    order = documents.order.model_copy(update={"settings": settings})
    return lineage.compare(before, after, replace(documents, order=order))


def row(changes: Changes, subject: str) -> dict[str, Any]:
    (found,) = changes.table[changes.table["subject"] == subject].to_dict("records")
    return found


MERGE = told("2015 merge a c 1200", "2015 merge b c 400")
MERGED = (("a", None, "2014", 1200), ("b", None, "2014", 400), ("c", "2015", None, 1600))
REST = (("d", None, None, 900), ("e", None, None, 700))
ROWS = {
    "a": [100.0, 60.0] * 15,
    "b": [80.0, 40.0] * 5,
    "c": [100.0, 60.0, 80.0, 40.0] * 5,
    "d": [80.0] * 25,
    "e": [70.0] * 40,
}
"""Answers of every committee, row by row."""


def of_rows(*codes: str) -> dict[str, tuple[float, int]]:
    return {code: (float(np.mean(ROWS[code])), len(ROWS[code])) for code in codes}


def merged(people: bool, **more: Any) -> tuple[Changes, Decided]:
    rows = [(c, s, u, n if people else None) for c, s, u, n in (*MERGED, *REST)]
    of = documents(roster(*rows), MERGE, **more)
    before, after = (
        wave("2014", of_rows("a", "b", "d", "e"), of),
        wave("2015", of_rows("c", "d", "e"), of),
    )
    return compared(before, after, of), of


def test_a_merged_pairs_change_is_that_of_its_rows_pooled() -> None:
    """Nobody's people are known: every answer counts the same, as if all had been one committee's."""
    changes, _ = merged(people=False)
    pooled = np.array([*ROWS["a"], *ROWS["b"]])
    found = row(changes, "c")
    assert found["score_from"] == pytest.approx(pooled.mean())
    assert found["score_to"] == pytest.approx(np.mean(ROWS["c"]))
    assert found["change"] == pytest.approx(70.0 - 75.0)
    assert found["change_se"] == pytest.approx((SPREAD / len(pooled) + SPREAD / 20) ** 0.5)


def test_where_people_are_known_each_half_counts_as_many_as_it_has() -> None:
    changes, _ = merged(people=True)
    weights = np.array([1200, 400]) / 1600
    found = row(changes, "c")
    assert found["score_from"] == pytest.approx(weights @ [80.0, 60.0])
    variance = weights**2 @ [SPREAD / 30, SPREAD / 10]
    assert found["change_se"] == pytest.approx((variance + SPREAD / 20) ** 0.5)


def test_households_of_the_wave_go_before_people_of_no_wave() -> None:
    of = documents(roster(*MERGED, *REST, counts="a 2014 300;b 2014 300"), MERGE)
    found = compared(
        wave("2014", of_rows("a", "b", "d", "e"), of), wave("2015", of_rows("c", "d", "e"), of), of
    )
    assert row(found, "c")["score_from"] == pytest.approx(70.0)


@pytest.mark.parametrize(
    ("by", "score"), [("equal", 70.0), ("answers", 75.0), ("population", 75.0)]
)
def test_what_is_declared_goes_before_what_is_known(by: str, score: float) -> None:
    changes, _ = merged(people=True, unions=by)
    assert row(changes, "c")["score_from"] == pytest.approx(score)


def test_the_union_has_a_place_in_the_family_and_no_rank() -> None:
    changes, _ = merged(people=True)
    assert list(changes.p.index) == ["c", "d", "e"]
    assert changes.compared == 3
    assert changes.street_change == pytest.approx((70 - 75 + 0 + 0) / 3)
    own = row(changes, "c")
    assert [own[name] is not None and own[name] == own[name] for name in lineage.RANKS] == [
        False
    ] * 5
    assert (own["change_rank"], changes.luck_own.index.tolist()) == (3, ["d", "e"])
    assert "c" in changes.margin.index
    assert row(changes, "d")["rank_from"] == 1  # of three: the union is there, too


def test_who_is_unchanged_has_the_change_of_today() -> None:
    changes, of = merged(people=True)
    plain = replace(of, lineage=None)
    before = wave("2014", of_rows("a", "b", "d", "e"), plain)
    today = compared(before, wave("2015", of_rows("c", "d", "e"), plain), plain)
    for subject in ("d", "e"):
        for column in ("score_from", "score_to", "change", "change_se"):
            assert row(changes, subject)[column] == row(today, subject)[column]
    assert set(today.table["subject"]) == {"d", "e"}
    assert today.not_compared["c"] == ("2014", Lack.ABSENT)
    assert changes.not_compared == {}


def test_points_of_a_union_add_up_to_its_change() -> None:
    changes, _ = merged(people=True)
    parts = changes.contributions
    assert parts[parts["subject"] == "c"]["points"].sum() == pytest.approx(
        row(changes, "c")["change"]
    )


def test_halves_of_a_split_tell_one_change_and_one_test() -> None:
    events = told("2015 split a b 124")
    of = documents(
        roster(("a", None, None, None), ("b", "2015", None, None), *REST,
               counts="a 2014 910;a 2015 786;b 2015 124"), events,
    )  # fmt: skip
    before = wave("2014", {"a": (70.0, 50), "d": (80.0, 25), "e": (70.0, 40)}, of)
    after = wave("2015", {"a": (80.0, 40), "b": (60.0, 10), "d": (80.0, 25), "e": (70.0, 40)}, of)
    changes = compared(before, after, of)
    weights = np.array([786, 124]) / 910
    for code in ("a", "b"):
        found = row(changes, code)
        assert found["name"] == f"{code}村"
        assert found["score_from"] == pytest.approx(70.0)
        assert found["score_to"] == pytest.approx(weights @ [80.0, 60.0])
        assert found["change_se"] ** 2 == pytest.approx(
            SPREAD / 50 + weights**2 @ [SPREAD / 40, SPREAD / 10]
        )
    assert changes.table["subject"].tolist() == ["a", "b", "d", "e"]
    assert changes.stands_for == {"b": "a"}
    assert (changes.compared, len(changes.p)) == (3, 3)
    assert changes.margin["a"] == changes.margin["b"]
    assert set(changes.contributions["subject"]) == {"a", "b", "d", "e"}


def test_124_households_that_went_over_leave_two_committees_to_be_compared_as_one() -> None:
    events = told("2015 transfer a b 124")
    counts = "a 2014 910;b 2014 1850;a 2015 786;b 2015 1974"
    of = documents(
        roster(("a", None, None, None), ("b", None, None, None), *REST, counts=counts), events
    )
    both = {"d": (80.0, 25), "e": (70.0, 40)}
    before = wave("2014", {"a": (60.0, 20), "b": (80.0, 20), **both}, of)
    after = wave("2015", {"a": (64.0, 20), "b": (80.0, 20), **both}, of)
    changes = compared(before, after, of)
    first, second = np.array([910, 1850]) / 2760, np.array([786, 1974]) / 2760
    expected = second @ [64.0, 80.0] - first @ [60.0, 80.0]
    assert [row(changes, code)["change"] for code in "ab"] == pytest.approx([expected] * 2)
    table = lineage.lineage({"2014": before, "2015": after}, of)
    (mixed,) = table[table["kind"] == "mixed"].to_dict("records")
    assert (mixed["component"], mixed["before"], mixed["after"]) == ("a", "a;b", "a;b")
    assert (mixed["comparable"], mixed["reason"], mixed["weights"]) == (
        False,
        "union",
        "households",
    )


def test_a_renamed_committee_is_itself_with_its_rank() -> None:
    of = documents(
        roster(("a", None, "2014", 5), ("b", "2015", None, 5), *REST), told("2015 rename a b")
    )
    rest = {"d": (80.0, 25), "e": (70.0, 40)}
    changes = compared(
        wave("2014", {"a": (60.0, 20), **rest}, of), wave("2015", {"b": (90.0, 20), **rest}, of), of
    )
    plain = documents(roster(("b", None, None, 5), *REST), None)
    same = compared(
        wave("2014", {"b": (60.0, 20), **rest}, plain), wave("2015", {"b": (90.0, 20), **rest}, plain),
        plain,
    )  # fmt: skip
    assert row(changes, "b") == row(same, "b")
    assert row(changes, "b")["rank_change"] == -2


def test_a_union_with_an_incomplete_half_is_not_compared() -> None:
    scheme = scheme_of({"r": 60, "o": 40}, {"A": {"A1": 100}})
    of = documents(roster(*MERGED, *REST), MERGE, scheme)
    results = []
    for name, codes, lacking in (("2014", "abde", "b"), ("2015", "cde", "")):
        n = [0 if code in lacking else 5 for code in codes]
        means = [[np.nan if code in lacking else 75.0] for code in codes]
        office = group_of(means, [[4.0]] * len(codes), n)
        residents = group_of([[70.0]] * len(codes), [[4.0]] * len(codes), [20] * len(codes))
        cells = cells_of(scheme, {"r": residents, "o": office}, wave=name, subjects=tuple(codes))
        scores = scoring.score(cells, scheme, of.roster)
        results.append(WaveResult(None, cells, scores, None, None))  # type: ignore[arg-type]
    changes = compared(results[0], results[1], of)
    assert changes.not_compared == {"c": ("2014", Lack.INCOMPLETE)}
    assert changes.table["subject"].tolist() == ["d", "e"]
    table = lineage.lineage({"2014": results[0], "2015": results[1]}, of)
    assert table.set_index("component").loc["c", "reason"] == "incomplete"


def test_raters_of_both_halves_are_in_the_unions_error() -> None:
    """A C A' by hand: the departments who judge both make the halves' errors alike."""
    of = documents(roster(*MERGED, *REST), MERGE)
    joint = np.array(
        [[4.0, 2.0, 0.0, 0.0], [2.0, 9.0, 0.0, 0.0], [0.0, 0.0, 4.0, 0.0], [0.0, 0.0, 0.0, 4.0]]
    )
    group = group_of(
        [[70.0], [60.0], [80.0], [75.0]], [[x] for x in np.diag(joint)], [8] * 4, joint=joint
    )
    before = wave("2014", dict.fromkeys("abde", (0.0, 8)), of, group)
    found = united(before, {"c": {"a": 0.75, "b": 0.25}}, SCHEME)
    scores, w = before.scores, np.array([0.75, 0.25, 0.0, 0.0])
    assert found.scores.subjects == ("c", "d", "e")
    assert found.scores.variance[0, 0] == pytest.approx(w @ scores.covariance @ w)
    assert found.scores.covariance[0, 0] == pytest.approx(found.scores.variance[0, 0])
    assert found.scores.covariance[0, 1:] == pytest.approx(w @ scores.covariance[:, 2:])
    assert (found.scores.covariance[1:, 1:] == scores.covariance[2:, 2:]).all()
    own = found.cells.groups["r"]
    v, c = joint[:2, :2].diagonal(), joint[0, 1]
    assert own.covariance[0, 0, 0] == pytest.approx(w[:2] ** 2 @ v + 2 * w[0] * w[1] * c)


def test_cells_of_a_union_are_those_of_its_committees() -> None:
    of = documents(roster(*MERGED, *REST), MERGE)
    before = wave("2014", of_rows("a", "b", "d", "e"), of)
    shares = [
        ("a", "1", 20, 2 / 3),
        ("a", "2", 10, 1 / 3),
        ("b", "1", 10, 1.0),
        ("d", "1", 25, 1.0),
    ]
    names = ("subject", "option", "n", "share")
    columns = {
        name: list(values) for name, values in zip(names, zip(*shares, strict=True), strict=True)
    }
    table = frame("distributions", {**columns, "group": ["r"] * 4, "item": ["A1"] * 4})
    before = replace(before, cells=replace(before.cells, distributions=table))
    cells = united(before, {"c": {"a": 0.75, "b": 0.25}}, SCHEME).cells
    group = cells.groups["r"]
    assert cells.subjects == ("c", "d", "e")
    assert group.mean[0, 0] == pytest.approx(0.75 * 80 + 0.25 * 60)
    assert (group.n[0], group.n_measure[0, 0]) == (40, 40)
    assert group.n_effective[0] == pytest.approx(1 / (0.75**2 / 30 + 0.25**2 / 10))
    own = cells.distributions[cells.distributions["subject"] == "c"].set_index("option")
    assert own["share"].to_dict() == pytest.approx({"1": 0.75 * 2 / 3 + 0.25, "2": 0.25})
    assert own["n"].to_dict() == {"1": 30, "2": 10}


def test_one_who_took_others_in_has_their_past_and_who_was_parted_has_none() -> None:
    of = documents(
        roster(*MERGED, ("s", None, None, 50), ("t", "2015", None, 50), *REST),
        Lineage(events=[*MERGE.events, *told("2015 split s t").events]),
    )
    before = wave("2014", {"s": (50.0, 10), **of_rows("a", "b", "d", "e")}, of)
    after = wave("2015", {"s": (50.0, 10), "t": (50.0, 10), **of_rows("c", "d", "e")}, of)
    past = lineage.seen_from(before, after, of)
    assert set(past.scores.subjects) & set(after.scores.subjects) == {"c", "d", "e"}
    assert set(past.cells.subjects) & set(after.cells.subjects) == {"c", "d", "e"}
    at = past.scores.subjects.index("c")
    assert past.scores.composite[at] == pytest.approx(75.0)


def test_without_a_lineage_nothing_is_touched() -> None:
    of = documents(roster(*MERGED, *REST), None)
    before, after = (
        wave("2014", of_rows("a", "b", "d", "e"), of),
        wave("2015", of_rows("c", "d", "e"), of),
    )
    both = lineage.pair(before, after, of)
    assert both.before is before
    assert both.after is after
    assert lineage.seen_from(before, after, of) is before
    assert len(lineage.lineage({"2014": before, "2015": after}, of)) == 0


# --- three waves ----------------------------------------------------------------------------


def three(events: Lineage, rows: Sequence[Any], means: Mapping[str, Mapping[str, float]]) -> Any:
    of = documents(roster(*rows), events)
    found: dict[str, WaveResult] = {}
    for name, own in means.items():
        now = wave(name, {code: (mean, 25) for code, mean in own.items()}, of)
        earlier = list(found.values())[-1:]
        changes = compared(earlier[0], now, of) if earlier else None
        found[name] = replace(now, changes=changes)
    last = list(found.values())[-1]
    lined_up = {w: r if r is last else lineage.seen_from(r, last, of) for w, r in found.items()}
    return trending.over_years(found, of.scheme, lined_up)


def test_a_line_passes_through_a_merge() -> None:
    means = {
        "2014": {"a": 60.0, "b": 80.0, "d": 70.0, "e": 75.0},
        "2015": {"c": 70.0, "d": 72.0, "e": 75.0},
        "2016": {"c": 75.0, "d": 74.0, "e": 75.0},
    }
    years = three(MERGE, (*MERGED, *REST), means)
    series = years.history.series
    own = series[(series["subject"] == "c") & (series["code"] == "composite")]
    assert own["estimate"].tolist() == pytest.approx([0.75 * 60 + 0.25 * 80, 70.0, 75.0])
    assert own["se"].iloc[0] ** 2 == pytest.approx(0.625 * SPREAD / 25)  # 9/16 + 1/16
    trends = years.history.trends
    (line,) = trends[(trends["subject"] == "c") & (trends["code"] == "composite")].to_dict(
        "records"
    )
    assert (line["n"], line["slope"]) == (3, pytest.approx(5.0))
    # four lines (the street's and three committees') and three changes in each of two years
    assert line["tests"] == 4 + 3 + 3


def test_over_the_years_a_split_counts_once_and_both_halves_hear_of_it() -> None:
    rows = (("a", None, None, 75), ("b", "2016", None, 25), *REST)
    means = {
        "2014": {"a": 60.0, "d": 70.0, "e": 75.0},
        "2015": {"a": 60.0, "d": 70.0, "e": 75.0},
        "2016": {"a": 95.0, "b": 95.0, "d": 70.0, "e": 75.0},
    }
    years = three(told("2016 split a b"), rows, means)
    changes = years.results["2016"].changes
    table = changes.table.set_index("subject")
    assert table.loc["a", "p_adjusted"] == table.loc["b", "p_adjusted"] < 0.05
    assert table.loc["b", "verdict"] == table.loc["a", "verdict"]
    assert len(changes.p) == 3
    trends = years.history.trends
    assert set(trends[trends["code"] == "composite"]["subject"]) == {"all", "d", "e"}
    assert set(trends["tests"]) == {3 + 3 + 3, 3}  # lines of composites and changes; of dimensions


def test_where_one_committee_is_left_of_all_nothing_is_compared() -> None:
    of = documents(roster(*MERGED), MERGE)
    changes = compared(wave("2014", of_rows("a", "b"), of), wave("2015", of_rows("c"), of), of)
    assert len(changes.table) == len(changes.p) == 0
    assert changes.not_compared == {}


def test_a_committee_that_an_archive_does_not_know_leaves_its_union_uncompared() -> None:
    of = documents(roster(*MERGED, *REST), MERGE)
    before, after = (
        wave("2014", of_rows("a", "d", "e"), of),
        wave("2015", of_rows("c", "d", "e"), of),
    )
    changes = compared(before, after, of)
    assert changes.table["subject"].tolist() == ["d", "e"]
    assert changes.not_compared == {"c": ("2014", Lack.INCOMPLETE)}


def test_who_lives_on_under_another_code_inherits_its_tasks() -> None:
    events = Lineage(events=[*MERGE.events, *told("2015 split s t").events])
    of = documents(roster(*MERGED, ("s", None, None, 50), ("t", "2015", None, 50), *REST), events)
    before = wave("2014", {"s": (50.0, 10), **of_rows("a", "b", "d", "e")}, of)
    after = wave("2015", {"s": (50.0, 10), "t": (50.0, 10), **of_rows("c", "d", "e")}, of)
    reports = tuple(
        Report(Task(f"2014-{code}-1", code, f"{code}村", "", "", "", "", "", "", "", "A1"),
               TaskState.DONE, None, False, False, None, False)
        for code in "absd"
    )  # fmt: skip
    back = Returned("2014", ("actions.xlsx",), reports)
    found = lineage.inherited(back, before, after, of)
    assert found is not None
    assert [r.task.subject for r in found.reports] == ["c", "c", "s", "d"]
    assert [r.task.name for r in found.reports] == ["a村", "b村", "s村", "d村"]
    assert lineage.inherited(None, before, after, of) is None
    table = follow_up(found, after, lineage.seen_from(before, after, of), SCHEME)
    changes = table.set_index("task")["change"]
    assert changes["2014-a-1"] == changes["2014-b-1"] == pytest.approx(70.0 - 75.0)
    assert np.isnan(changes["2014-s-1"])
    assert changes["2014-d-1"] == 0.0


def test_what_is_not_told_of_one_half_is_not_known_of_the_union() -> None:
    """The other half's number and the union's would give it away."""
    scheme = scheme_of({"r": 100}, {"A": {"A1": 50, "A2": 50}})
    of = documents(roster(*MERGED, *REST), MERGE, scheme)
    n = [30, 10, 25, 40]
    group = group_of([[80.0, 70.0]] * 4, [[4.0, 4.0]] * 4, n)
    cells = cells_of(scheme, {"r": group}, wave="2014", subjects=tuple("abde"))
    scores = scoring.score(cells, scheme, of.roster)
    table = scores.indicators
    table.loc[(table["subject"] == "b") & (table["code"] == "A1"), ["estimate", "se"]] = np.nan
    before = WaveResult(None, cells, replace(scores, indicators=table), None, None)  # type: ignore[arg-type]
    found = united(before, {"c": {"a": 0.75, "b": 0.25}}, scheme).scores
    codes = [measure.code for measure in found.measures]
    at = found.subjects.index("c")
    assert np.isnan(found.estimate[codes.index("A1"), at])
    assert found.estimate[codes.index("A2"), at] == pytest.approx(70.0)
    assert found.composite[at] == pytest.approx(75.0)
