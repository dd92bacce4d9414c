from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evalkit.methods.sensitivity import random_weights, robustness, sobol_indices

NAN = np.nan


def test_sobol_indices_of_the_ishigami_function() -> None:
    a, b = 7.0, 0.1
    angle = stats.uniform(-np.pi, 2 * np.pi)

    def ishigami(x: np.ndarray) -> np.ndarray:
        return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])

    got = sobol_indices(ishigami, [angle] * 3, n=2048, resamples=200, seed=1)
    # Ishigami & Homma (1990), in closed form
    v1 = (1 + b * np.pi**4 / 5) ** 2 / 2
    v2, v13 = a**2 / 8, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = v1 + v2 + v13
    # with 2,048 quasi-random points the estimates are good to about two hundredths
    np.testing.assert_allclose(got.first[0], np.array([v1, v2, 0]) / variance, atol=0.03)
    np.testing.assert_allclose(got.total[0], np.array([v1 + v13, v2, v13]) / variance, atol=0.03)
    assert (got.first_low <= got.first).all()
    assert (got.total <= got.total_high).all()
    assert got.evaluations == 2048 * 5


def test_sobol_indices_of_several_linear_outputs() -> None:
    slopes = np.array([[1.0, 2.0], [3.0, 0.0]])
    got = sobol_indices(
        lambda x: x @ slopes.T, [stats.norm(0, 1), stats.norm(5, 2)], n=1024, resamples=50
    )
    share = slopes**2 * [1, 4]
    share /= share.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(got.first, share, atol=0.03)
    np.testing.assert_allclose(got.total, share, atol=0.03)
    again = sobol_indices(
        lambda x: x @ slopes.T, [stats.norm(0, 1), stats.norm(5, 2)], n=1024, resamples=50
    )
    np.testing.assert_array_equal(got.first, again.first)
    np.testing.assert_array_equal(got.total_high, again.total_high)


@pytest.mark.parametrize(
    ("model", "inputs", "n", "message"),
    [
        (lambda x: x[:, 0], [], 64, "no input"),
        (lambda x: x[:, 0], [stats.norm()], 100, "power of 2"),
        (lambda x: x[:3, 0], [stats.norm()], 64, "one output"),
        (lambda x: x[:, 0] * NAN, [stats.norm()], 64, "missing"),
        (lambda x: np.ones(len(x)), [stats.norm()], 64, "output 0 does not vary"),
    ],
)
def test_malformed_models(model: object, inputs: list, n: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sobol_indices(model, inputs, n=n)  # type: ignore[arg-type]


def test_random_weights_have_the_mean_and_spread_they_promise() -> None:
    nominal = np.array([30.0, 20, 20, 15, 15, 0])
    drawn = random_weights(nominal, draws=20_000, spread=0.25, seed=2)
    assert drawn.shape == (20_000, 6)
    np.testing.assert_allclose(drawn.sum(axis=1), 100)
    assert (drawn >= 0).all()
    np.testing.assert_array_equal(drawn[:, 5], 0)
    # 20,000 draws: means to 0.035, standard deviations to 0.5%; four of these errors allowed
    np.testing.assert_allclose(drawn.mean(axis=0), nominal, atol=0.14)
    np.testing.assert_allclose(drawn[:, 1:3].std(axis=0), 20 * 0.25, rtol=0.03)
    share = nominal[0] / 100
    c = (5 - 1) / 0.25**2 - 1
    assert drawn[:, 0].std() == pytest.approx(
        100 * np.sqrt(share * (1 - share) / (c + 1)), rel=0.03
    )


@pytest.mark.parametrize(
    ("nominal", "options", "message"),
    [
        ([1.0, -1.0], {}, "not negative"),
        ([1.0, 0.0], {}, "at least two"),
        ([1.0, 1.0], {"spread": 1.0}, "spread between 0 and 1"),
        ([1.0, 1.0], {"draws": 0}, "draws"),
    ],
)
def test_malformed_weights(nominal: list, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        random_weights(nominal, **options)


def test_robustness_by_hand() -> None:
    nominal = [95.0, 90.0, 85.0, 80.0, NAN, 70.0, 60.0]
    scores = [
        [95.0, 90.0, 85.0, 80.0, NAN, 70.0, 60.0],
        [89.9, 92.0, 85.0, 80.0, NAN, 70.0, 60.0],
        [90.0, 90.0, 84.9, 91.0, NAN, 70.0, 60.0],
        [95.0, 90.0, 85.0, 80.0, NAN, 59.9, 60.0],
    ]
    got = robustness(scores, nominal, cuts=[90, 85, 75, 60], quantiles=(0.0, 0.5, 1.0))
    np.testing.assert_array_equal(got.rank, [1, 2, 3, 4, NAN, 5, 6])
    np.testing.assert_array_equal(got.same_grade, [0.75, 1, 0.75, 0.75, NAN, 0.75, 1])
    np.testing.assert_array_equal(got.same_place, [0.5, 0.75, 0.75, 0.75, NAN, 0.75, 0.75])
    # thirds of six: ranks 1-2, 3-4, 5-6
    np.testing.assert_array_equal(got.same_third, [1, 1, 1, 0.75, NAN, 1, 1])
    np.testing.assert_array_equal(got.rank_quantiles[0], [1, 1, 3, 1, NAN, 5, 5])
    np.testing.assert_array_equal(got.rank_quantiles[1], [1, 2, 3, 4, NAN, 5, 6])
    np.testing.assert_array_equal(got.rank_quantiles[2], [2, 2, 4, 4, NAN, 6, 6])
    np.testing.assert_array_equal(got.score_low, [89.9, 90, 84.9, 80, NAN, 59.9, 60])
    np.testing.assert_array_equal(got.score_high, [95, 92, 85, 91, NAN, 70, 60])
    assert got.unchanged == 0.25


@pytest.mark.parametrize(
    ("scores", "nominal", "message"),
    [
        ([[1.0, 2.0]], [1.0], "do not match"),
        (np.empty((0, 2)), [1.0, 2.0], "at least one weighting"),
        ([[1.0, NAN], [1.0, 2.0]], [1.0, 2.0], "subject 1 has a score under some"),
        ([[1.0, 2.0]], [1.0, NAN], "subject 1 has a score under some"),
        ([[NAN]], [NAN], "no subject"),
        ([[np.inf]], [1.0], "infinite"),
    ],
)
def test_malformed_scores(scores: object, nominal: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        robustness(scores, nominal, [60.0])  # type: ignore[arg-type]
