"""Correlations that shared raters make: by hand, on simulated raters, and never indefinite."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.methods.shared_raters import shared_errors

close = pytest.approx


def simulated(raters: int, subjects: int, seed: int, severity: float = 0.5) -> np.ndarray:
    """Influence of raters whose severity makes that share of every error."""
    rng = np.random.Generator(np.random.PCG64(seed))
    common = rng.standard_normal((raters, 1)) * severity**0.5
    x = common + rng.standard_normal((raters, subjects)) * (1 - severity) ** 0.5
    return np.asarray((x - x.mean(axis=0)) / raters)


def test_three_subjects_by_hand() -> None:
    """Four raters, influences of length 1: the correlations are the products' sums.

    a = (1, 1, -1, -1)/2, b = a, c = (1, -1, 1, -1)/2: r_ab = 1, r_ac = r_bc = 0, their mean is
    1/3. Around it they scatter by (2/3)² + 2 (1/3)² = 2/3. The products of a and b are all 1/4 and
    do not vary; those of a and c are (1, -1, -1, 1)/4: 4 times their variance, 4/3 · 4 · (1/4)² =
    1/3, each of the two pairs. So the whole scatter may be chance: drawn in full.
    """
    a, c = np.array([1, 1, -1, -1]) / 2, np.array([1, -1, 1, -1]) / 2
    found = shared_errors(np.column_stack([a, a, c]))
    assert (found.common, found.intensity) == close((1 / 3, 1.0))
    assert found.correlation == close(np.full((3, 3), 1 / 3) + np.eye(3) * 2 / 3)


def test_half_of_the_scatter_is_error_by_hand() -> None:
    """Eight raters, all products' variances halve: 8/7 · 8 · (1/8)² = 1/7 each of two pairs.

    The scatter is 2/3 as with four, the error 2/7: drawn by 3/7 towards 1/3.
    """
    a = np.repeat([1, 1, -1, -1], 2) / 8**0.5
    c = np.repeat([1, -1, 1, -1], 2) / 8**0.5
    found = shared_errors(np.column_stack([a, a, c]))
    assert (found.common, found.intensity) == close((1 / 3, 3 / 7))
    drawn = 3 / 7 / 3
    assert found.correlation[0, 1] == close(drawn + 4 / 7)
    assert found.correlation[0, 2] == close(drawn)


def test_raters_of_others_share_nothing_and_half_of_the_raters_half_the_cosine() -> None:
    """Two raters each of two subjects; the third is judged by one rater of either."""
    u = np.array([[1.0, 0, 1.0], [-1.0, 0, 0], [0, 1.0, -1.0], [0, -1.0, 0]])
    found = shared_errors(u)
    assert found.correlation[0, 1] == 0.0
    alike = 1 / 2
    own = (1 / 2, -1 / 2)
    assert found.common == close(max(alike * sum(own) / (2 * alike**2), 0.0))
    assert found.common == 0.0
    assert found.intensity == 0.0  # a single common rater tells nothing of its own scatter
    assert found.correlation[0, 2] == close(own[0])
    assert found.correlation[1, 2] == close(own[1])


def test_whoever_judged_without_moving_counts_where_it_is_said() -> None:
    u = np.array([[1.0, 1.0], [-1.0, -1.0], [0.0, 1.0], [0.0, -1.0]])
    seen = shared_errors(u, judged=np.ones((4, 2)))
    blind = shared_errors(u)
    own = 2 / (2 * 4) ** 0.5
    assert seen.common == close(own)
    assert blind.common == close(min(own / (2 / 8**0.5), 1.0))


def test_subjects_without_error_and_single_subjects_have_no_correlation() -> None:
    found = shared_errors([[1.0, 0.0], [-1.0, 0.0]], judged=np.ones((2, 2)))
    assert found.correlation.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert (found.common, found.intensity) == (0.0, 0.0)
    assert shared_errors(np.zeros((3, 0))).correlation.shape == (0, 0)
    assert shared_errors([[1.0], [-1.0]]).correlation.tolist() == [[1.0]]


@pytest.mark.parametrize("raters", [4, 6, 8, 12, 30])
def test_few_raters_come_nearer_to_what_is_true(raters: int) -> None:
    """Severity is half of every error: all correlations are truly a half."""
    off = ~np.eye(35, dtype=bool)
    plain, drawn = [], []
    for seed in range(20):
        u = simulated(raters, 35, seed)
        plain.append(((np.corrcoef(u.T) - 0.5)[off] ** 2).mean())
        drawn.append(((shared_errors(u).correlation - 0.5)[off] ** 2).mean())
    assert np.mean(drawn) < 0.35 * np.mean(plain)


def test_many_raters_of_another_structure_keep_it() -> None:
    """Two severities, for the first half of the subjects and for the second: blocks stay blocks."""
    halves = [simulated(200, 10, seed, 0.9) for seed in (1, 2)]
    found = shared_errors(np.hstack(halves))
    assert found.intensity < 0.05
    assert found.correlation[0, 1] > 0.8
    assert abs(found.correlation[0, 15]) < 0.2


@given(st.integers(1, 8), st.integers(1, 7), st.integers(0, 10**6), st.floats(0.0, 1.0))
def test_it_is_a_correlation_matrix_whoever_judges_whom(
    raters: int, subjects: int, seed: int, missing: float
) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    judged = rng.random((raters, subjects)) >= missing
    found = shared_errors(np.where(judged, rng.standard_normal((raters, subjects)), 0.0), judged)
    assert np.array_equal(found.correlation, found.correlation.T)
    assert np.array_equal(np.diag(found.correlation), np.ones(subjects))
    assert np.linalg.eigvalsh(found.correlation).min() > -1e-9
    assert 0.0 <= found.common <= 1.0
    assert 0.0 <= found.intensity <= 1.0


def test_what_is_no_table_of_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="raters by subjects"):
        shared_errors([1.0, 2.0])
    with pytest.raises(ValueError, match="finite"):
        shared_errors([[np.nan]])
    with pytest.raises(ValueError, match="shape of the influence"):
        shared_errors([[1.0]], judged=[[1.0, 1.0]])
