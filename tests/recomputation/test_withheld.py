"""`indicators.csv` of every workspace: all groups, each group, and what is left out."""

from __future__ import annotations

import pytest

from tests.recomputation import against, evaluations, weights, withheld


@pytest.mark.parametrize("name", evaluations.ALL)
def test_indicators_as_far_as_they_are_told(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    file = against.published(own.out / "indicators.csv")
    against.assert_same(withheld.indicators(own.now, own.scheme, file), file)


@pytest.mark.parametrize("name", evaluations.TWO_WAVES)
def test_indicators_of_the_wave_before(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    before, _ = own.both
    kept = against.of_past_wave(own.folder / "evaluation.duckdb", "indicators", before.name)
    against.assert_same(withheld.indicators(before, own.scheme, kept), kept)


SMALL_CELLS = ["all_kinds", "wide", "wide_spread"]


def judged(own: evaluations.Recomputed, place: int) -> dict[tuple[str, str], bool]:
    """Whether each cell (indicator, group) of a committee has the answers to be published."""
    table = weights.in_composite(own.scheme)
    return {
        (code, group["code"]): int(own.now.cells[group["code"]].n_measure[place, i])
        >= group["minimum_n"]
        for group in own.scheme["groups"]
        for i, code in enumerate(table.columns)
        if table.loc[group["code"], code] > 0
    }


@pytest.mark.parametrize("name", SMALL_CELLS)
def test_no_small_number_is_known_within_five_points(
    request: pytest.FixtureRequest, name: str
) -> None:
    """Except by the scores and the street's means alone, which are told in any case."""
    own = evaluations.recomputed(request, name)
    file = against.published(own.out / "indicators.csv")
    left_out = withheld.keys(file[file["estimate"].isna()])
    small = withheld.small(own.now, own.scheme)
    assert small <= set(left_out)
    outsider = withheld.Outsider(own.now, own.scheme, left_out)
    assert small
    for key in sorted(small):
        if outsider.width(key) <= 2 * withheld.POINTS:
            assert outsider.width(key, only=outsider.fixed) <= 2 * withheld.POINTS, key


@pytest.mark.parametrize("name", SMALL_CELLS)
def test_a_committee_with_enough_answers_everywhere_tells_everything(
    request: pytest.FixtureRequest, name: str
) -> None:
    """Unless it covers another's number in the street's means, which that one leaves out as well."""
    own = evaluations.recomputed(request, name)
    file = against.published(own.out / "indicators.csv")
    full = [s for at, s in enumerate(own.now.subjects) if all(judged(own, at).values())]
    assert full
    empty = file[file["estimate"].isna()]
    whole = empty[empty["group"] == withheld.ALL]
    few = set(whole.loc[~whole["subject"].isin(full), "code"])
    for subject in full:
        covered = set(whole.loc[whole["subject"] == subject, "code"])
        assert covered <= few
        assert covered or subject not in set(empty["subject"])
