"""`scores.csv` of every workspace, from the raw exports."""

from __future__ import annotations

import numpy as np
import pytest

from tests.recomputation import against, evaluations, scores


@pytest.mark.parametrize("name", evaluations.ALL)
def test_scores_errors_intervals_and_grades(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    table = scores.table(own.now, own.scheme, own.names)
    against.assert_same(table, against.published(own.out / "scores.csv"))
    assert table["complete"].any()


@pytest.mark.parametrize("name", evaluations.TWO_WAVES)
def test_scores_of_the_wave_before(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    before, _ = own.both
    table = scores.table(before, own.scheme, own.names)
    kept = against.of_past_wave(own.folder / "evaluation.duckdb", "scores", before.name)
    against.assert_same(table, kept)


def test_an_incomplete_committee_has_no_number(request: pytest.FixtureRequest) -> None:
    own = evaluations.recomputed(request, "lacking")
    table = against.published(own.out / "scores.csv").set_index("subject")
    assert table.loc["s2", ["score", "se", "low", "high", "grade_probability"]].isna().all()
    assert table.loc["s2", "grade"] == ""
    assert table.loc["s2", "complete"] == 0


def test_an_interval_ends_at_0_and_at_100(request: pytest.FixtureRequest) -> None:
    own = evaluations.recomputed(request, "edges")
    table = against.published(own.out / "scores.csv").set_index("subject")
    assert table.loc["e1", "high"] == 100.0
    assert table.loc[["e3", "e4"], "low"].tolist() == [0.0, 0.0]


def test_variances_of_like_scatter_become_one() -> None:
    """Four variances that scatter less than chance: their mean, with all 40 degrees of freedom."""
    variance, df = scores.moderated(np.array([90.0, 100.0, 110.0, 100.0]), np.full(4, 10.0))
    assert variance == pytest.approx([100.0] * 4, abs=1e-12)
    assert df == pytest.approx([40.0] * 4)


def test_identical_answers_take_the_usual_variance() -> None:
    variance, _ = scores.moderated(np.array([0.0, 100.0, 110.0, 90.0]), np.full(4, 10.0))
    assert variance[0] == pytest.approx(75.0, abs=1e-12)


def test_a_grade_is_reached_at_its_cut_off() -> None:
    scheme = {"grades": [{"name": "A", "cutoff": 90}, {"name": "B", "cutoff": 0}]}
    assert scores.grade(90.0, scheme) == "A"
    assert scores.grade(np.nextafter(90.0, 0), scheme) == "B"
    # Half of the mass lies above a score that is at the cut-off.
    assert scores.grade_probability("A", 90.0, 2.0, 7.0, scheme) == pytest.approx(0.5)
    assert scores.grade_probability("B", 90.0, 2.0, 7.0, scheme) == pytest.approx(0.5)
