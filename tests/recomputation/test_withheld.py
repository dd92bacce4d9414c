"""`indicators.csv` of every workspace: all groups, each group, and what is left out."""

from __future__ import annotations

import pytest

from tests.recomputation import against, evaluations, weights, withheld


@pytest.mark.parametrize("name", evaluations.ALL)
def test_indicators_and_what_is_left_out(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    table = withheld.indicators(own.now, own.scheme)
    against.assert_same(table, against.published(own.out / "indicators.csv"))


@pytest.mark.parametrize("name", evaluations.TWO_WAVES)
def test_indicators_of_the_wave_before(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    before, _ = own.both
    table = withheld.indicators(before, own.scheme)
    kept = against.of_past_wave(own.folder / "evaluation.duckdb", "indicators", before.name)
    against.assert_same(table, kept)


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
def test_no_small_cell_follows_from_what_is_published(
    request: pytest.FixtureRequest, name: str
) -> None:
    """Subtraction does not give it; with the cells that are hidden for its sake it would."""
    own = evaluations.recomputed(request, name)
    file = against.published(own.out / "indicators.csv")
    lines = {}
    for measure in weights.measures(own.scheme):
        lines[measure.code, withheld.ALL] = measure.weights.to_numpy().ravel()
        for group in own.scheme["groups"]:
            seen = weights.seen_by(measure, group["code"])
            if seen is not None:
                lines[measure.code, group["code"]] = seen.weights.to_numpy().ravel()
    found = 0
    for place, subject in enumerate(own.now.subjects):
        small = [cell for cell, enough in judged(own, place).items() if not enough]
        told = file[(file["subject"] == subject) & file["estimate"].notna()]
        assert not set(small) & set(zip(told["code"], told["group"], strict=True))
        assert withheld.follows(file, lines, subject, small) == []
        found += len(small)
    assert found


@pytest.mark.parametrize("name", SMALL_CELLS)
def test_a_committee_with_enough_answers_everywhere_tells_everything(
    request: pytest.FixtureRequest, name: str
) -> None:
    own = evaluations.recomputed(request, name)
    file = against.published(own.out / "indicators.csv")
    full = [s for at, s in enumerate(own.now.subjects) if all(judged(own, at).values())]
    assert full
    lines = file[file["subject"].isin(full)]
    assert lines["estimate"].notna().all()
    assert lines["n"].notna().all()
