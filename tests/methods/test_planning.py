from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from evalkit.methods.planning import Components, deliver, extra, needed, split

Z = stats.norm.isf(0.025)
STREET = Components(within_sd=[16.0, 20.0], group_weights=[0.4, 0.3], between_variance=9.0)


def variance(n: np.ndarray, sd: np.ndarray, w: np.ndarray, population: float = np.inf) -> float:
    return float((w**2 * sd**2 * (1 / n - 1 / population)).sum())


def test_a_plan_delivers_what_the_formula_says() -> None:
    got = deliver([[51, 15], [30, 30]], STREET)
    v = 0.16 * 256 / 51 + 0.09 * 400 / 15
    assert got.variance[0] == pytest.approx(v)
    assert got.half_width[0] == pytest.approx(Z * np.sqrt(v))
    assert got.reliability[0] == pytest.approx(9 / (9 + v))
    # everybody asked: no sampling variance but that of the other groups
    census = Components([16.0, 20.0], [0.4, 0.3], 9.0, population=[51, 15], fixed_variance=0.5)
    np.testing.assert_allclose(deliver([[51, 15]], census).variance, 0.5)


@pytest.mark.parametrize("target", [{"reliability": 0.8}, {"half_width": 4.0}])
@pytest.mark.parametrize("population", [np.inf, 40.0])
def test_needed_is_the_cheapest_of_all_plans(target: dict, population: float) -> None:
    sd, w = np.array([16.0, 20.0]), np.array([0.4, 0.3])
    got = needed(Components(sd, w, 9.0, population=population), least=3, **target)
    limit = 9 * 0.2 / 0.8 if "reliability" in target else (4 / Z) ** 2
    plans = [np.array(n) for n in product(range(3, 41), repeat=2)]
    enough = [n for n in plans if variance(n, sd, w, population) <= limit]
    fewest = min(n.sum() for n in enough)
    best = min(variance(n, sd, w, population) for n in enough if n.sum() == fewest)
    assert got.n.sum() == fewest
    assert got.variance[0] == pytest.approx(best)


def test_needed_in_numbers_a_street_can_check() -> None:
    # Neyman: n_g = W_g S_g sum(W S) / V; here W S = 6.4 and 6.0, sum 12.4
    for reliability, target in [(0.7, 9 * 3 / 7), (0.8, 9 / 4), (0.9, 1.0)]:
        got = needed(STREET, reliability=reliability, least=1)
        exact = np.array([6.4, 6.0]) * 12.4 / target
        assert (np.abs(got.n[0] - exact) <= 1).all()
        assert got.reliability[0] >= reliability
    two_points = needed(STREET, half_width=2.0)
    assert two_points.half_width[0] <= 2.0
    assert two_points.n.sum() == pytest.approx(12.4**2 * (Z / 2) ** 2, abs=1.5)


def test_needed_for_a_city_of_demanding_subjects_stays_exact() -> None:
    rng = np.random.default_rng(1)
    sd = rng.uniform(10, 25, (6000, 2))
    got = needed(Components(sd, [0.4, 0.3], 9.0), half_width=0.5)
    assert (got.half_width <= 0.5).all()
    assert got.n.sum(axis=1).max() > 4000
    fewer = got.n.copy()
    fewer[np.arange(6000), (got.n * [0.4, 0.3] / sd).argmin(axis=1)] -= 1
    assert (deliver(fewer, Components(sd, [0.4, 0.3], 9.0)).half_width > 0.5).all()


def test_what_no_number_of_questionnaires_reaches_is_infinite() -> None:
    components = Components([16.0, 20.0], [0.4, 0.3], 9.0, fixed_variance=[0.5, 3.0])
    got = needed(components, reliability=0.8)
    assert np.isfinite(got.n[0]).all()
    assert np.isinf(got.n[1]).all()
    assert np.isnan(got.reliability[1])


@pytest.mark.parametrize(
    ("target", "limit"),
    [
        ({"reliability": 0.5}, 9.0),
        ({"reliability": 0.75}, 3.0),
        ({"half_width": float(stats.norm.isf((1 - 0.95) / 2))}, 1.0),
    ],
)
def test_a_target_at_what_the_other_groups_vary_is_reached_by_a_census_only(
    target: dict, limit: float
) -> None:
    known = Components(
        [[10.0], [10.0]], [1.0], 9.0, population=[[8], [np.inf]], fixed_variance=limit
    )
    assert needed(known, least=1, **target).n.tolist() == [[8.0], [np.inf]]


def test_small_groups_are_asked_in_full() -> None:
    got = needed(Components([20.0, 20.0], [0.4, 0.3], 9.0, population=[8, 500]), reliability=0.7)
    assert got.n[0, 0] == 8
    assert got.reliability[0] >= 0.7


def test_split_is_the_best_of_all_splits() -> None:
    sd = np.array([[16.0, 20.0], [8.0, 25.0]])
    w = np.array([0.4, 0.3])
    got = split([61, 40], Components(sd, w, 9.0), least=5)
    for j, total in enumerate([61, 40]):
        best = min(variance(np.array([n, total - n]), sd[j], w) for n in range(5, total - 4))
        assert got.n[j].sum() == total
        assert got.variance[j] == pytest.approx(best)
    with pytest.raises(
        ValueError, match="subject 1: 9 questionnaires do not cover the least of 10"
    ):
        split([61, 9], Components(sd, w, 9.0), least=5)


def test_extra_questionnaires_go_where_they_lower_the_mean_variance_most() -> None:
    sd = np.array([[16.0, 20.0], [8.0, 25.0]])
    components = Components(sd, [0.4, 0.3], 9.0)
    plan = np.array([[12, 9], [10, 8]])
    nothing = extra(plan, components, 0)
    np.testing.assert_array_equal(nothing.added, 0)
    got = extra(plan, components, 7)
    assert got.added.sum() == 7
    best = min(
        deliver(plan + np.reshape(added, (2, 2)), components).variance.sum()
        for added in product(range(8), repeat=4)
        if sum(added) == 7
    )
    assert got.after.variance.sum() == pytest.approx(best)
    np.testing.assert_allclose(got.before.variance, deliver(plan, components).variance)
    np.testing.assert_array_equal(got.after.n, plan + got.added)


def test_extra_for_the_worst_levels_the_half_widths() -> None:
    components = Components([16.0, 20.0], [0.4, 0.3], 9.0)
    plan = np.array([[10, 10], [40, 40], [80, 80]])
    got = extra(plan, components, 30, objective="worst")
    assert got.added[0].sum() == 30
    many = extra(plan, components, 160, objective="worst")
    assert many.added[2].sum() == 0
    assert many.after.variance[0] == pytest.approx(many.after.variance[1], rel=0.03)


def test_extra_between_equals_is_spent_to_the_last() -> None:
    # a price that pays for one of three equal cells pays for all of them
    known = Components([10.0], [1.0], 9.0)
    for objective in ("mean", "worst"):
        for count in (1, 2, 4, 5):
            got = extra([[10], [10], [10]], known, count, objective=objective)  # type: ignore[arg-type]
            assert sorted(got.added.ravel()) == [(count + at) // 3 for at in range(3)]


def test_a_group_of_one_is_a_group() -> None:
    known = Components([16.0, 20.0], [0.4, 0.3], 9.0, population=[1, np.inf])
    assert deliver([[1, 36]], known).variance.tolist() == [pytest.approx(0.09 * 400 / 36)]
    with pytest.raises(ValueError, match="population must be at least 1"):
        deliver([[1, 36]], Components([16.0, 20.0], [0.4, 0.3], 9.0, population=[0.9, np.inf]))


def test_extra_stops_when_everybody_was_asked() -> None:
    components = Components([16.0, 20.0], [0.4, 0.3], 9.0, population=[[12, 11]])
    for objective in ("mean", "worst"):
        got = extra([[10, 10]], components, 50, objective=objective)  # type: ignore[arg-type]
        assert got.added.tolist() == [[2, 1]]
        assert got.after.variance[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"within_sd": [16.0, 0.0]}, "within_sd must be positive"),
        ({"group_weights": [0.4, -0.3]}, "group_weights"),
        ({"between_variance": -1.0}, "between_variance"),
        ({"between_variance": np.inf}, "between_variance must be finite"),
        ({"population": 0}, "population"),
        ({"fixed_variance": -1.0}, "fixed_variance"),
        ({"confidence": 1.0}, "confidence"),
        ({"within_sd": [[16.0, 20.0, 3.0]]}, "do not match"),
    ],
)
def test_malformed_components(change: dict, message: str) -> None:
    given = {"within_sd": [16.0, 20.0], "group_weights": [0.4, 0.3], "between_variance": 9.0}
    with pytest.raises(ValueError, match=message):
        needed(Components(**(given | change)), reliability=0.8)


def test_malformed_targets_and_plans() -> None:
    with pytest.raises(ValueError, match="exactly one target"):
        needed(STREET)
    with pytest.raises(ValueError, match="exactly one target"):
        needed(STREET, reliability=0.8, half_width=2)
    with pytest.raises(ValueError, match="between 0 and 1"):
        needed(STREET, reliability=1.0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        needed(STREET, reliability=0.0)
    with pytest.raises(ValueError, match="must be positive"):
        needed(STREET, half_width=0.0)
    with pytest.raises(ValueError, match="subjects do not differ"):
        needed(Components([16.0], [1.0], 0.0), reliability=0.8)
    with pytest.raises(ValueError, match="least must be"):
        needed(STREET, reliability=0.8, least=0)
    with pytest.raises(ValueError, match="at least one questionnaire"):
        deliver([[0, 5]], STREET)
    with pytest.raises(ValueError, match="whole numbers"):
        deliver([[1.5, 5]], STREET)
    with pytest.raises(ValueError, match="more people than exist"):
        deliver([[10, 5]], Components([16.0, 20.0], [0.4, 0.3], 9.0, population=[9, 9]))
    with pytest.raises(ValueError, match="objective"):
        extra([[10, 5]], STREET, 3, objective="median")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="whole number"):
        extra([[10, 5]], STREET, -3)
    with pytest.raises(ValueError, match="whole number"):
        extra([[10, 5]], STREET, 2.5)  # type: ignore[arg-type]
