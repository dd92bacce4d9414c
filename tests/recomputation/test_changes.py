"""`changes.csv` and `contributions.csv` of every workspace with two waves."""

from __future__ import annotations

import pytest

from tests.recomputation import against, changes, evaluations


@pytest.mark.parametrize("name", evaluations.TWO_WAVES)
def test_changes_verdicts_and_rank_changes(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    file = against.published(own.out / "changes.csv")
    before, now = own.both
    table = changes.table(before, now, own.scheme, own.names, draws=own.draws, seed=own.seed)
    against.assert_same(table, file)


@pytest.mark.parametrize("name", evaluations.TWO_WAVES)
def test_what_a_change_is_made_of(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    file = against.published(own.out / "contributions.csv")
    before, now = own.both
    table = changes.contributions(before, now, own.scheme)
    against.assert_same(table, file)
    change = against.published(own.out / "changes.csv").set_index("subject")["change"]
    points = table.groupby("subject")["points"].sum()
    assert len(points)
    assert points.to_dict() == pytest.approx(change.to_dict(), abs=1e-9)


@pytest.mark.parametrize("name", evaluations.ONE_WAVE)
def test_a_first_wave_has_no_changes(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    assert own.before is None
    assert against.published(own.out / "changes.csv").empty
    assert against.published(own.out / "contributions.csv").empty


def test_holm_multiplies_by_the_tests_that_are_left() -> None:
    # Sorted .01 .02 .04 times 3 2 1: .03, .04, .04; the largest never falls below the one before.
    assert changes.holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert changes.holm([0.03, 0.02]) == pytest.approx([0.04, 0.04])
    assert changes.holm([0.9, 0.8]) == [1.0, 1.0]
