"""Who is truly among the best or the worst: by hand, by integration, and calibrated on streets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from evalkit.methods.extremes import among
from evalkit.methods.shrinkage import shrink


def test_two_subjects_are_a_normal_difference() -> None:
    """1 apart, errors 1 and 3: Phi(1 / 2); with 5 degrees of freedom a little less sure."""
    found = among([1.0, 0.0], [1.0, 3.0], best=1, worst=1, draws=200_000)
    assert found.best.tolist() == pytest.approx(
        [stats.norm.cdf(0.5), stats.norm.cdf(-0.5)], abs=4e-3
    )
    assert found.worst.tolist() == pytest.approx(found.best[::-1].tolist())
    assert found.rank.tolist() == pytest.approx([1.0 + found.best[1], 1.0 + found.best[0]])
    few = among([2.0, 0.0], [1.0, 1.0], best=1, worst=1, df=5, draws=200_000)
    assert 0.86 < few.best[0] < stats.norm.cdf(2 / np.sqrt(2)) - 0.01


def test_the_first_of_five_by_integration() -> None:
    """P(all others below) is an integral over the subject's own density."""
    x, se = np.array([3.0, 2.5, 1.0, 0.0, -2.0]), np.array([1.0, 0.5, 2.0, 1.0, 0.7])
    found = among(x, se**2, best=1, worst=1, draws=200_000)

    def first(j: int) -> float:
        others = np.delete(np.arange(5), j)
        return float(
            integrate.quad(
                lambda t: (
                    stats.norm.pdf(t, x[j], se[j])
                    * np.prod(stats.norm.cdf(t, x[others], se[others]))
                ),
                x[j] - 9 * se[j],
                x[j] + 9 * se[j],
            )[0]
        )

    assert found.best.tolist() == pytest.approx([first(j) for j in range(5)], abs=4e-3)
    assert found.best.sum() == pytest.approx(1.0)
    assert among(x, se**2, best=3, worst=2).best.sum() == pytest.approx(3.0)


def test_what_errors_have_in_common_changes_nothing_and_order_neither() -> None:
    x, v = np.array([3.0, 2.0, 1.0, 0.5]), np.array([1.0, 2.0, 1.5, 0.5])
    alone = among(x, v, best=2, worst=1, draws=50_000)
    shared = among(x, np.diag(v) + 100.0, best=2, worst=1, df=[8, 9, 10, 11], draws=50_000)
    known = among(x, v, best=2, worst=1, df=[8, 9, 10, 11], draws=50_000)
    assert shared.best == pytest.approx(known.best, abs=0.01)
    turned = among(x[::-1], v[::-1], best=2, worst=1, draws=50_000)
    assert turned.best[::-1].tolist() == alone.best.tolist()
    assert turned.rank[::-1].tolist() == alone.rank.tolist()


def test_the_error_of_shrunken_scores_is_one_matrix() -> None:
    """Independent errors, given as variances or as a matrix; the mean's error is in all of them."""
    x, v = np.array([4.0, 1.0, -2.0, 0.0, 6.0]), np.array([1.0, 2.0, 1.0, 3.0, 1.5])
    one, other = shrink(x, v), shrink(x, np.diag(v) + 0.0)
    assert np.diagonal(one.covariance).tolist() == one.mse.tolist()
    assert one.covariance == pytest.approx(other.covariance, rel=1e-6)
    assert (one.covariance[~np.eye(5, dtype=bool)] > 0).all()


def test_probabilities_are_calibrated_where_those_of_raw_scores_claim_too_much() -> None:
    """100 streets of 20, errors as large as the true spread, shared raters: the first four."""
    rng = np.random.Generator(np.random.PCG64(11))
    claimed, raw, true = [], [], []
    for _ in range(100):
        theta = 3.0 * rng.standard_normal(20)
        covariance = np.diag(9.0 * np.exp(0.3 * rng.standard_normal(20))) + 4.0
        x = theta + rng.multivariate_normal(np.zeros(20), covariance)
        held = shrink(x, covariance)
        claimed.append(among(held.estimate, held.covariance, best=4, worst=4, draws=1_000).best)
        raw.append(among(x, covariance, best=4, worst=4, draws=1_000).best)
        true.append(theta >= np.sort(theta)[-4])
    p, q, y = (np.concatenate(part) for part in (claimed, raw, true))
    assert p[p > 0.5].mean() == pytest.approx(y[p > 0.5].mean(), abs=0.05)
    assert p[p < 0.2].mean() == pytest.approx(y[p < 0.2].mean(), abs=0.03)
    assert q[q > 0.5].mean() > y[q > 0.5].mean() + 0.05


@pytest.mark.parametrize(("best", "worst"), [(0, 1), (1, 4)])
def test_an_end_of_none_or_of_too_many_is_refused(best: int, worst: int) -> None:
    with pytest.raises(ValueError, match=r"must lie in 1\.\.3"):
        among([1, 2, 3], [1, 1, 1], best=best, worst=worst)


def test_no_degrees_of_freedom_are_refused() -> None:
    with pytest.raises(ValueError, match="degrees of freedom"):
        among([1, 2, 3], [1, 1, 1], best=1, worst=1, df=0)
