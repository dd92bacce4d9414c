"""Scores by hand: intervals, grades and their probabilities, who is incomplete, what is notes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings import scoring
from evalkit.findings.scoring import grade_probability, score
from evalkit.pages.press.sentences import said
from evalkit.tables import Cells, Scores
from tests.findings.small_street import (
    cells_of,
    group_of,
    one_group,
    roster_of,
    scheme_of,
    t2_cdf,
    t2_quantile,
)

close = pytest.approx


def scored(cells: Cells, scheme: Scheme) -> Scores:
    return score(cells, scheme, roster_of(cells.subjects))


def one(mean: float, variance: float = 4.0, n: int = 3, **scheme: Any) -> dict[str, Any]:
    """The row of a committee of `n` answers, whose standard error is the root of the variance."""
    made = one_group(**scheme)
    found = scored(cells_of(made, {"r": group_of([[mean]], [[variance]], [n])}), made)
    assert len(found.table) == 1
    row: dict[str, Any] = found.table.iloc[0].to_dict()
    return row


# --- a score, its interval ---


def test_an_interval_is_the_score_and_t_standard_errors_on_either_side() -> None:
    """Three answers, two degrees of freedom: t is 4.3027 at 95%."""
    row = one(75.0)
    assert t2_quantile(0.975) == close(4.302652729749464)
    assert (row["wave"], row["subject"], row["name"]) == ("2016", "a", "a村")
    assert (row["score"], row["se"], row["complete"]) == (75.0, 2.0, True)
    assert row["low"] == close(75 - 2 * t2_quantile(0.975), abs=1e-10)
    assert row["high"] == close(75 + 2 * t2_quantile(0.975), abs=1e-10)


def test_the_confidence_is_the_schemes() -> None:
    row = one(75.0, confidence=0.9)
    assert row["low"] == close(75 - 2 * t2_quantile(0.95), abs=1e-10)
    assert row["high"] == close(75 + 2 * t2_quantile(0.95), abs=1e-10)


def test_degrees_of_freedom_matter() -> None:
    """Five answers: t with four degrees is 2.776445 (any table)."""
    row = one(75.0, n=5)
    assert row["high"] - 75 == close(2 * 2.7764451051977987, abs=1e-10)


def test_intervals_end_with_the_scale() -> None:
    assert one(95.0)["high"] == 100.0
    assert one(95.0)["low"] == close(95 - 2 * t2_quantile(0.975))
    assert one(3.0)["low"] == 0.0
    assert one(3.0)["high"] == close(3 + 2 * t2_quantile(0.975))


def test_a_census_has_no_interval() -> None:
    made = one_group()
    counted = made.groups[0].model_copy(update={"population": 3})
    made = made.model_copy(update={"groups": [counted]})
    found = scored(cells_of(made, {"r": group_of([[75.0]], [[0.0]], [3])}), made)
    row = found.table.iloc[0].to_dict()
    assert (row["se"], row["low"], row["high"], row["grade_probability"]) == (0.0, 75, 75, 1.0)
    edge = group_of([[90.0], [60.0], [59.0]], [[0.0]] * 3, [3] * 3)
    found = scored(cells_of(made, {"r": edge}), made)
    assert found.table["grade"].tolist() == ["优秀", "合格", "待改进"]
    assert found.table["grade_probability"].tolist() == [1.0] * 3


def test_where_all_answers_are_alike_the_error_is_unknown_and_the_score_is_not() -> None:
    row = one(75.0, variance=0.0)
    assert (row["score"], row["grade"], row["complete"]) == (75.0, "合格", True)
    assert np.isnan([row["se"], row["low"], row["high"], row["grade_probability"]]).all()


def test_what_never_varies_takes_no_error_from_what_does_and_one_group_counted_in_full_has_none() -> (
    None
):
    """Everybody answers A2 alike, the last of the measures; or both groups do, one of them a census."""
    made = scored(street(r_variances=[[4.0, 0.0]] * 3), TWO)
    assert np.isfinite(made.covariance).all()
    assert np.isnan(made.variance[-1]).all()
    assert made.table["se"].tolist() == close([(0.28**2 * 4 + 0.3**2 * 9) ** 0.5] * 3)
    groups = [
        g.model_copy(update={"population": 10 if g.code == "r" else None}) for g in TWO.groups
    ]
    counted = TWO.model_copy(update={"groups": groups})
    alike = street(r_variances=[[0.0, 0.0]] * 3, o_variances=[[0.0, np.nan]] * 3)
    assert scored(alike, counted).table["se"].tolist() == [0.0] * 3


# --- grades ---


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        (100.0, "优秀"),
        (90.0, "优秀"),
        (np.nextafter(90.0, 0.0), "合格"),
        (89.96, "合格"),
        (60.0, "合格"),
        (np.nextafter(60.0, 0.0), "待改进"),
        (0.0, "待改进"),
    ],
)
def test_a_grade_is_cut_on_the_unrounded_score(points: float, grade: str) -> None:
    assert one(points)["grade"] == grade


def test_a_grades_probability_is_what_lies_between_its_cut_offs() -> None:
    """80 with error 2 and two degrees: 合格 from 60 to 90 is -10 to 5 errors."""
    scheme = one_group()
    middle = t2_cdf(5.0) - t2_cdf(-10.0)
    assert grade_probability(scheme, "合格", 80.0, 2.0, 2.0) == close(middle, abs=1e-12)
    assert grade_probability(scheme, "优秀", 80.0, 2.0, 2.0) == close(1 - t2_cdf(5.0), abs=1e-12)
    assert grade_probability(scheme, "待改进", 80.0, 2.0, 2.0) == close(t2_cdf(-10.0), abs=1e-12)


def test_a_grades_probability_is_around_the_score_drawn_to_the_others() -> None:
    """70, 80, 90 of variance 4: tau2 is 96, so 4% of a distance is given up: 90 is expected at 89.6.

    Its mean squared error is .96 * 4 + .04^2 * 100 / 3 + 2 * 2 * 4^2 / (3 * 100). The first is in
    the best grade, and yet more likely not to belong there.
    """
    made = one_group()
    cells = cells_of(made, {"r": group_of([[90.0], [80.0], [70.0]], [[4.0]] * 3, [3] * 3)})
    found = scored(cells, made)
    error = (0.96 * 4.0 + 0.0016 * 100.0 / 3.0 + 64.0 / 300.0) ** 0.5
    above = stats.t.sf(0.4 / error, found.df[0, 0])
    first = found.table.iloc[0]
    assert (first["score"], first["grade"]) == (90.0, "优秀")
    assert first["grade_probability"] == close(above, abs=1e-9)
    assert above < 0.5


@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_true_scores_are_expected_by_the_errors_of_composites_however_small(scale: float) -> None:
    """Two indicators of variance 4 and 12, a quarter of each: the composites' 4, as above."""
    made = scheme_of({"r": 100}, {"A": {"A1": 50}, "B": {"B1": 50}})
    group = group_of([[x, x] for x in (90.0, 80.0, 70.0)], [[4 * scale, 12 * scale]] * 3, [3] * 3)
    found = scored(cells_of(made, {"r": group}), made)
    v = 4.0 * scale
    given = v / 100.0
    error = ((1 - given) * v + given**2 * 100.0 / 3.0 + 4.0 * v**2 / 300.0) ** 0.5
    above = stats.t.sf(10.0 * given / error, found.df[0, 0])
    assert found.table["grade_probability"].iloc[0] == close(above, abs=1e-9)


def test_with_fewer_than_three_committees_nobody_knows_how_likely_a_grade_is() -> None:
    assert np.isnan(one(80.0)["grade_probability"])
    made = one_group()
    two = scored(cells_of(made, {"r": group_of([[80.0], [70.0]], [[4.0]] * 2, [3] * 2)}), made)
    assert two.table["grade_probability"].isna().all()


def test_without_error_a_score_lies_in_its_grade_alone() -> None:
    scheme = one_group()
    assert [grade_probability(scheme, g, 90.0, 0.0, 5.0) for g in ("优秀", "合格", "待改进")] == [
        1.0,
        0.0,
        0.0,
    ]
    assert grade_probability(scheme, "合格", 60.0, 0.0, 5.0) == 1.0
    assert grade_probability(scheme, "待改进", 60.0, 0.0, 5.0) == 0.0


def test_an_error_that_is_small_or_not_known_is_no_error_that_is_none() -> None:
    assert grade_probability(one_group(), "优秀", 90.0, 0.5, 5.0) == close(0.5)
    assert np.isnan(grade_probability(one_group(), "优秀", 90.0, np.nan, 5.0))


def test_endless_degrees_of_freedom_are_the_normal_distribution() -> None:
    """Two errors above the cut-off: 0.97725."""
    found = grade_probability(one_group(), "优秀", 94.0, 2.0, np.inf)
    assert found == close(0.9772498680518208, abs=1e-9)


# --- who is incomplete ---

TWO = scheme_of({"r": 70, "o": 30}, {"A": {"A1": 40, "A2": 60}}, covers={"o": ["A1"]}, minimum_n=10)


def street(**spoilt: Any) -> Cells:
    """Three committees, all equal, and what is otherwise about them."""
    gap = np.nan
    r = {"means": [[80.0, 70.0]] * 3, "variances": [[4.0, 4.0]] * 3, "n": [10, 10, 10]}
    o = {"means": [[60.0, gap]] * 3, "variances": [[9.0, gap]] * 3, "n": [10, 10, 10]}
    r |= {key[2:]: value for key, value in spoilt.items() if key[0] == "r"}
    o |= {key[2:]: value for key, value in spoilt.items() if key[0] == "o"}
    return cells_of(TWO, {"r": group_of(**r), "o": group_of(**o)})  # type: ignore[arg-type]


def lacking(cells: Cells) -> list[tuple[str, tuple[str, ...]]]:
    return [(entry.subject, entry.missing) for entry in scored(cells, TWO).incomplete]


def test_a_cell_without_weight_is_not_missed() -> None:
    """Offices do not judge A2. 0.7·(0.4·80 + 0.6·70) + 0.3·60 = 51.8 + 18 = 69.8."""
    found = scored(street(), TWO)
    assert found.incomplete == ()
    assert found.subjects == ("a", "b", "c")
    assert found.composite == close([69.8] * 3)


GONE: list[list[float]] = [[60.0, np.nan], [np.nan, np.nan], [60.0, np.nan]]
"""The second committee was judged by no office."""


def test_only_a_group_that_did_not_judge_at_all_is_missed() -> None:
    assert lacking(street(o_n=[10, 2, 1])) == []
    nobody = [[80.0, 70.0], [80.0, np.nan], [np.nan, np.nan]]
    assert lacking(street(r_means=nobody)) == [("c", ("r",))]
    assert lacking(street(r_means=nobody, o_means=GONE)) == [("b", ("o",)), ("c", ("r",))]
    single = [[4.0, 4.0], [4.0, np.nan], [np.nan, np.nan]]
    assert lacking(street(r_variances=single)) == []


def test_an_incomplete_committee_is_listed_in_its_place_without_numbers() -> None:
    found = scored(street(o_means=GONE), TWO)
    assert found.subjects == ("a", "c")
    table = found.table
    assert list(table["subject"]) == ["a", "b", "c"]
    assert list(table["complete"]) == [True, False, True]
    numbers = ["score", "se", "low", "high", "grade", "grade_probability"]
    assert table.loc[1, numbers].isna().all()
    assert table.loc[[0, 2], numbers[:-1]].notna().all(axis=None)
    assert found.estimate.shape[1] == found.variance.shape[1] == 2
    assert found.cell_means.tolist()[1][0] == [80.0, 70.0]
    assert found.cell_means.shape == (2, 2, 2)
    assert found.cell_weights == close(np.array([[[0.28, 0.42], [0.3, 0.0]]] * 2))


def test_numbers_of_complete_committees_stand_in_their_own_rows() -> None:
    means = [[80.0, 70.0], [10.0, 10.0], [50.0, 40.0]]
    found = scored(street(r_means=means, o_means=GONE), TWO)
    # 51.8 + 18, and 0.7·(0.4·50 + 0.6·40) + 18 = 30.8 + 18.
    assert found.table["score"].tolist()[::2] == close([69.8, 48.8])
    assert found.cell_means[1, 0].tolist() == [50.0, 40.0]


# --- notes ---


def notes(cells: Cells) -> tuple[Note, ...]:
    return scoring.notes(cells, scored(cells, TWO), TWO, roster_of(cells.subjects))


def test_a_clean_street_has_no_notes() -> None:
    assert notes(street()) == ()


def test_incomplete_committees_and_identical_answers_are_told() -> None:
    cells = street(
        o_means=[[60.0, np.nan], [np.nan, np.nan], [np.nan, np.nan]],
        r_variances=[[0.0, 0.0], [0.0, 0.0], [4.0, 4.0]],
    )
    told = [(n.code, n.where, n.count) for n in notes(cells)]
    assert told == [("identical_answers", "2016", 2), ("incomplete", "2016", 2)]


def test_every_thin_cell_is_named_with_committee_group_indicator_and_number() -> None:
    cells = street(
        r_means=[[80.0, 70.0], [80.0, np.nan], [80.0, 70.0]],
        r_variances=[[4.0, 4.0], [4.0, np.nan], [np.nan, 4.0]],
        r_n_measure=[[10, 10], [10, 0], [1, 10]],
    )
    none, one_answer = notes(cells)
    assert (none.code, none.where, one_answer.code) == (
        "no_answer_in_cell", "2016", "one_answer_in_cell",
    )  # fmt: skip
    assert none.facts["subject"] == "b"
    assert said(none).startswith("b村：r（10 份答卷）对“A2指标”没有有效评价（0 份）")
    assert said(one_answer).startswith("c村：r（10 份答卷）对“A1指标”只有 1 份有效评价")
    # what the group does not judge is not missed, nor the cells of a group that is absent
    counts = [[10, 0], [0, 0], [10, 0]]
    assert [n.code for n in notes(street(o_means=GONE, o_n_measure=counts))] == ["incomplete"]
    absent = street(
        r_means=[[80.0, 70.0], [np.nan] * 2, [80.0, 70.0]],
        r_variances=[[4.0, 4.0], [np.nan] * 2, [4.0, 4.0]],
        r_n_measure=[[10, 10], [0, 0], [10, 10]],
        o_n_measure=[[10, 0], [1, 0], [10, 0]],
    )
    of_another = notes(absent)[0]
    assert (of_another.facts["subject"], of_another.facts["group"]) == ("b", "o")
    # records are counted by their own rules
    groups = [TWO.groups[0].model_copy(update={"ledger": "hotline"}), TWO.groups[1]]
    kept = TWO.model_copy(update={"groups": groups})
    assert list(scoring.thin_cells(cells, kept, roster_of(cells.subjects))) == []


def test_a_group_that_never_varies_is_told_unless_all_its_raters_are_counted() -> None:
    alike = street(o_variances=[[0.0, np.nan]] * 3)
    (note,) = notes(alike)
    assert (note.code, note.where, note.facts["group"]) == ("group_never_varies", "2016", "o")
    counted = TWO.model_copy(
        update={"groups": [g.model_copy(update={"population": 10}) for g in TWO.groups]}
    )
    found = score(alike, counted, roster_of(alike.subjects))
    assert scoring.notes(alike, found, counted, roster_of(alike.subjects)) == ()


def test_scores_without_any_error_are_told() -> None:
    nothing = [[0.0, 0.0]] * 3
    told = [n.code for n in notes(street(r_variances=nothing, o_variances=nothing))]
    assert told == ["group_never_varies", "group_never_varies", "not_ranked"]


# --- a scheme's alternative that leaves a group out ---


def test_an_alternative_without_a_group_scores_by_the_others_alone() -> None:
    """Offices of weight 0, one of which is missing: 0.4·80 + 0.6·70 = 74 for all three."""
    alternative = {"id": "r", "name": "只看居民", "group_weights": {"r": 100, "o": 0}}
    scheme = scheme_of(
        {"r": 70, "o": 30},
        {"A": {"A1": 40, "A2": 60}},
        covers={"o": ["A1"]},
        alternatives=[alternative],
    )
    cells = street(o_means=GONE)
    found = score(cells, scheme.under(scheme.alternatives[0]), roster_of(cells.subjects))
    assert found.subjects == ("a", "b", "c")
    assert found.table["score"].tolist() == close([74.0] * 3)
    assert found.table["se"].tolist() == close([(0.4**2 * 4 + 0.6**2 * 4) ** 0.5] * 3)


def test_what_only_a_group_of_weight_0_judges_has_no_estimate() -> None:
    """Without offices A1 is all there is, and nobody is left to judge A2."""
    alternative = {"id": "r", "name": "只看居民", "group_weights": {"r": 100, "o": 0}}
    scheme = scheme_of(
        {"r": 70, "o": 30},
        {"A": {"A1": 40, "A2": 60}},
        covers={"r": ["A1"]},
        uncovered="to_covering_groups",
        alternatives=[alternative],
    )
    group = group_of([[80.0, 70.0]] * 2, [[4.0, 4.0]] * 2, [10, 10])
    cells = cells_of(scheme, {"r": group, "o": group})
    found = score(cells, scheme.under(scheme.alternatives[0]), roster_of(cells.subjects))
    codes = [measure.code for measure in found.measures]
    assert dict(zip(codes, found.estimate[:, 0], strict=True)) == close(
        {"composite": 80.0, "A": 80.0, "A1": 80.0, "A2": np.nan}, nan_ok=True
    )
