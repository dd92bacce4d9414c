"""No number that is too small to tell can be bounded by what is told about its committee."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from evalkit.findings.disclosure import Committee, Line, Withheld, withhold

WIDE = 10.0


def ends(told: list[Line], means: np.ndarray, wanted: Line) -> tuple[float, float]:
    """Between which ends a sum of cells must lie: an attack, not the code under test."""
    known = np.array([line.weights for line in told]).reshape(len(told), len(means))
    found = [
        sign * linprog(sign * wanted.weights, A_eq=known, b_eq=known @ means, bounds=(0, 100)).fun
        for sign in (1.0, -1.0)
    ]
    return found[0], found[1]


def made_up(seed: int, groups: int, dimensions: int, inside: int) -> Committee:
    """Every line about a committee whose groups judge some of the indicators."""
    rng = np.random.Generator(np.random.PCG64(seed))
    indicators = dimensions * inside
    covered = rng.random((groups, indicators)) < 0.8
    covered[0] = True
    weights = covered * rng.uniform(1.0, 9.0, (groups, indicators))
    weights /= weights.sum()
    of = np.arange(indicators) // inside
    masks = [(np.ones(indicators, dtype=bool), "score")]
    masks += [(of == d, "dimension") for d in range(dimensions)]
    masks += [(np.arange(indicators) == i, "indicator") for i in range(indicators)]
    lines: list[Line] = []
    small = []
    for g in (None, *range(groups)):
        for mask, level in masks:
            own = weights * mask
            if g is not None:
                own = own * (np.arange(groups) == g)[:, None]
            if not own.sum():
                continue
            n = int(rng.integers(1, 60)) if g is not None and level == "indicator" else 60
            if n < 10:
                small.append(len(lines))
            kind = {"score": "score", "dimension": "all", "indicator": "all"}[level]
            if g is not None:
                kind = "cell" if level == "indicator" else "group"
            lines.append(Line(own.ravel() / own.sum(), kind, n, float(own.sum())))  # type: ignore[arg-type]
    means = rng.uniform(20.0, 95.0, weights.size)
    return Committee(lines, small, means)


def told_of(committee: Committee, found: Withheld) -> list[Line]:
    return [line for at, line in enumerate(committee.lines) if at not in found.lines[0]]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
def test_nothing_small_is_known_within_five_points(
    seed: int, groups: int, dimensions: int, inside: int
) -> None:
    committee = made_up(seed, groups, dimensions, inside)
    found = withhold([committee])
    assert set(committee.small) <= found.lines[0]
    told = told_of(committee, found)
    scores = [line for line in told if line.level == "score"]
    for at in committee.small:
        line = committee.lines[at]
        low, high = ends(told, committee.means, line)
        assert low <= line.weights @ committee.means + 1e-6 <= high + 2e-6
        if at in found.given_away[0]:
            mean = float(line.weights @ committee.means)
            low, high = ends(scores, committee.means, line)
            assert min(high - mean, mean - low) < 5.1
        else:
            assert high - low > WIDE


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 3))
def test_nothing_is_left_out_for_nothing(seed: int, groups: int, inside: int) -> None:
    """Whatever is told again lets some small number be known too well, on one side at least."""
    committee = made_up(seed, groups, 2, inside)
    found = withhold([committee])
    told = told_of(committee, found)
    for again in found.lines[0] - set(committee.small):
        reached = []
        for at in committee.small:
            line = committee.lines[at]
            low, high = ends([*told, committee.lines[again]], committee.means, line)
            mean = float(line.weights @ committee.means)
            reached.append(min(mean - low - min(mean, 5.01), high - mean - min(100 - mean, 5.01)))
            reached.append(high - low - 10.02)
        assert min(reached) < 1e-4


def test_what_is_large_enough_is_told() -> None:
    committee = made_up(1, 3, 2, 2)
    assert withhold([Committee(committee.lines, [], committee.means)]).lines == [set()]


def test_without_it_a_small_cell_would_follow() -> None:
    committee = made_up(2, 3, 2, 2)
    cell = next(at for at, line in enumerate(committee.lines) if line.level == "cell")
    others = [line for at, line in enumerate(committee.lines) if at != cell]
    low, high = ends(others, committee.means, committee.lines[cell])
    assert high - low < 1e-6
