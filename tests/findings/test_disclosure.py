"""No cell that is too small to publish follows from what is published about its committee."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import evalkit as ek
from evalkit.findings.combining import weigh
from evalkit.findings.disclosure import Line, withheld


def _follows(told: list[np.ndarray], wanted: np.ndarray) -> bool:
    """Whether a weighted sum of what is told is the cell: an attack, not the code under test."""
    if not told:
        return False
    matrix = np.array(told).T
    answer = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
    return bool(np.abs(matrix @ answer - wanted).max() < 1e-6)


def _street(seed: int, groups: int, dimensions: int, inside: int) -> list[Line]:
    """Every line about a committee whose groups judge some of the indicators."""
    rng = np.random.Generator(np.random.PCG64(seed))
    indicators = dimensions * inside
    covered = rng.random((groups, indicators)) < 0.8
    covered[0] = True
    weights = covered * rng.uniform(1.0, 9.0, (groups, indicators))
    of = np.arange(indicators) // inside
    lines: list[Line] = []

    def add(mask: np.ndarray, level: Literal["cell", "group", "all"], n: int) -> None:
        own = (weights * mask).ravel()
        if own.any():
            lines.append(Line(own / own.sum(), level, n))

    for g in range(groups):
        only = np.zeros((groups, indicators))
        only[g] = 1.0
        for i in range(indicators):
            add(only * (np.arange(indicators) == i), "cell", int(rng.integers(1, 60)))
        for d in range(dimensions):
            if (weights[g, of == d] > 0).sum():
                add(only * (of == d), "group", 60)
        add(only, "group", 60)
    for i in range(indicators):
        add(np.ones((groups, 1)) * (np.arange(indicators) == i), "all", 90)
    for d in range(dimensions):
        add(np.ones((groups, 1)) * (of == d), "all", 90)
    add(np.ones((groups, indicators)), "all", 90)
    return lines


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
def test_nothing_too_small_follows(seed: int, groups: int, dimensions: int, inside: int) -> None:
    lines = _street(seed, groups, dimensions, inside)
    small = [at for at, line in enumerate(lines) if line.level == "cell" and line.n < 10]
    gone = withheld(lines, small)
    assert set(small) <= gone
    told = [line.weights for at, line in enumerate(lines) if at not in gone]
    for at in small:
        assert not _follows(told, lines[at].weights)


def test_what_is_large_enough_is_told() -> None:
    assert withheld(_street(1, 3, 2, 2), []) == set()


def test_without_it_a_small_cell_would_follow() -> None:
    lines = _street(2, 3, 2, 2)
    cell = next(at for at, line in enumerate(lines) if line.level == "cell")
    others = [line.weights for at, line in enumerate(lines) if at != cell]
    assert _follows(others, lines[cell].weights)


def test_the_demo_streets_table_cannot_be_solved(demo_evaluation: ek.Evaluation) -> None:
    scheme, scores = demo_evaluation.scheme, demo_evaluation.current.scores
    weighing = weigh(scheme)
    codes = [i.code for i in scheme.indicators]
    groups = [g.code for g in scheme.groups]
    place = {m.code: at for at, m in enumerate(weighing.measures)}
    cells = demo_evaluation.waves[demo_evaluation.wave].cells

    def answers(row: Any) -> int:
        at = cells.subjects.index(row.subject), cells.measures.index(row.code)
        return int(cells.groups[row.group].n_measure[at])

    attacked = 0
    for _, own in scores.indicators.groupby("subject"):
        told = []
        for row in own[own["estimate"].notna()].itertuples(index=False):
            weights = weighing.weights[place[row.code]].copy()
            if row.group != "all":
                weights[[g for g, code in enumerate(groups) if code != row.group]] = 0.0
            told.append(weights.ravel() / weights.sum())
        hidden = own[own["estimate"].isna() & (own["level"] == "indicator")]
        for row in hidden[hidden["group"] != "all"].itertuples(index=False):
            if answers(row) >= scheme.group(row.group).minimum_n:
                continue  # left out only to protect another
            cell = np.zeros((len(groups), len(codes)))
            cell[groups.index(row.group), codes.index(row.code)] = 1.0
            assert not _follows(told, cell.ravel()), (row.subject, row.code, row.group)
            attacked += 1
        sums = own[own["group"] == "all"].set_index("code")["n"]
        assert sums.loc[hidden["code"].unique()].isna().all()
    assert attacked
