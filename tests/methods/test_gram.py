"""Whole-number sums: the same bits whatever the order, and the moments that the rows give."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.methods.gram import CellSums, cell_sums, whole
from evalkit.methods.moments import cell_moments

SCALE = np.array([1, 2, 6, 300, 60])


def called(count: int) -> list[tuple[str, ...]]:
    return [(f"c{at}",) for at in range(count)]


def street(n: int = 400, cells: int = 9, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Scores of five indicators, some missing, and the cells of their rows."""
    rng = np.random.default_rng(seed)
    numbers = rng.integers(0, 100 * SCALE + 1, (n, len(SCALE))).astype(float)
    numbers[rng.random(numbers.shape) < 0.1] = np.nan
    return numbers, rng.integers(0, cells, n)


def test_the_sums_do_not_depend_on_order_or_blocks() -> None:
    numbers, cells = street()
    once = cell_sums(numbers, SCALE, cells, called(10))
    shuffled = np.random.default_rng(5).permutation(len(numbers))
    assert (
        cell_sums(numbers[shuffled], SCALE, cells[shuffled], called(10)).digest() == once.digest()
    )
    parts = [
        cell_sums(numbers[rows], SCALE, cells[rows], called(10))
        for rows in np.array_split(shuffled, 7)
    ]
    together = sum(parts[1:], parts[0])
    assert together.digest() == once.digest()
    numbers[0, 0] = 1.0 if numbers[0, 0] != 1.0 else 2.0
    assert cell_sums(numbers, SCALE, cells, called(10)).digest() != once.digest()


def test_all_less_some_is_the_rest() -> None:
    numbers, cells = street()
    flagged = np.arange(len(numbers)) % 7 == 0
    every = cell_sums(numbers, SCALE, cells, called(9))
    some = cell_sums(numbers[flagged], SCALE, cells[flagged], called(9))
    rest = cell_sums(numbers[~flagged], SCALE, cells[~flagged], called(9))
    assert (every - some).digest() == rest.digest()
    assert (rest + some).digest() == every.digest()


@pytest.mark.parametrize("population", [None, 500])
def test_moments_are_those_of_the_rows(population: int | None) -> None:
    numbers, cells = street()
    sums = cell_sums(numbers, SCALE, cells, called(10))
    for cell in range(10):
        values = numbers[cells == cell] / SCALE
        theirs = cell_moments(values, np.ones(len(values)), population)
        ours = sums.moments(cell, population)
        assert (ours.n, ours.n_effective, ours.units, ours.df) == (
            theirs.n,
            theirs.n_effective,
            theirs.units,
            theirs.df,
        )
        np.testing.assert_array_equal(ours.n_by_indicator, theirs.n_by_indicator)
        np.testing.assert_array_equal(ours.units_by_indicator, theirs.units_by_indicator)
        np.testing.assert_allclose(ours.mean, theirs.mean, rtol=1e-15)
        largest = np.nanmax(theirs.covariance) if len(values) else 1.0
        np.testing.assert_allclose(ours.covariance, theirs.covariance, atol=1e-12 * largest)


def test_means_of_whole_scores_are_the_same_to_the_bit() -> None:
    rng = np.random.default_rng(1)
    values = rng.choice([0.0, 30.0, 60.0, 80.0, 100.0, np.nan], (300, 6))
    sums = cell_sums(values, np.ones(6), np.zeros(300, dtype=int), called(1))
    theirs = cell_moments(values, np.ones(300))
    np.testing.assert_array_equal(sums.moments(0).mean, theirs.mean)


def test_identical_answers_have_no_variance_at_all() -> None:
    numbers = np.full((30, 2), 200.0)  # 66.66... times 3
    sums = cell_sums(numbers, [3, 3], np.zeros(30, dtype=int), called(1))
    assert (sums.moments(0).covariance == 0.0).all()


def test_few_answers_tell_no_variance() -> None:
    sums = cell_sums([[1, 2], [3, np.nan]], [1, 1], [0, 0], called(2))
    covariance = sums.moments(0).covariance
    assert covariance[0, 0] == 1.0  # of 1 and 3: variance 2, over n = 2
    assert np.isnan(covariance[1]).all()
    assert np.isnan(sums.moments(1).mean).all()


def test_large_cells_are_taken_with_whole_numbers_of_any_size() -> None:
    numbers = np.tile([[0.0, 0.0], [60_000.0, 30_000.0]], (20_000, 1))
    sums = cell_sums(numbers, [600, 300], np.zeros(40_000, dtype=int), called(1))
    theirs = cell_moments(numbers / [600, 300], np.ones(40_000))
    np.testing.assert_allclose(sums.moments(0).covariance, theirs.covariance, rtol=1e-12)


def test_scores_of_another_scale_are_seen() -> None:
    assert whole([[1 / 3]], [2]) is None
    found = whole([[1 / 3, np.nan, 66.67]], [3, 1, 100])
    assert found is not None
    np.testing.assert_array_equal(found, [[1.0, np.nan, 6667.0]])


def test_what_would_not_be_exact_is_refused() -> None:
    for numbers in ([[0.5]], [[1e8]]):
        with pytest.raises(ValueError, match="whole"):
            cell_sums(numbers, [1], [0], called(1))
    with pytest.raises(ValueError, match="rows by indicators"):
        cell_sums([[1.0]], [1, 2], [0], called(1))
    one = cell_sums([[1.0]], [1], [0], called(1))
    with pytest.raises(ValueError, match="scales"):
        one + cell_sums([[1.0]], [2], [0], called(1))
    assert isinstance(one + one, CellSums)
    with pytest.raises(ValueError, match="population"):
        (one + one).moments(0, 1)
