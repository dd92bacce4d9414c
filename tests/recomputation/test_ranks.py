"""`ranking.csv` of every workspace: ranks, rank sets at the published draws, reliability."""

from __future__ import annotations

import numpy as np
import pytest

from tests.recomputation import against, evaluations, ranks, weights
from tests.recomputation.scores import combined, complete


@pytest.mark.parametrize("name", evaluations.ALL)
def test_ranks_their_sets_and_reliability(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    table = ranks.table(own.now, own.scheme, own.names, draws=own.draws, seed=own.seed)
    against.assert_same(table, against.published(own.out / "ranking.csv"))


@pytest.mark.parametrize("name", evaluations.TWO_WAVES)
def test_ranks_of_the_wave_before(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    before, _ = own.both
    table = ranks.table(before, own.scheme, own.names, draws=own.draws, seed=own.seed)
    kept = against.of_past_wave(own.folder / "evaluation.duckdb", "ranking", before.name)
    against.assert_same(table, kept)


@pytest.mark.parametrize("name", evaluations.ALL)
def test_draws_of_another_generator_give_the_same_sets_within_simulation_error(
    request: pytest.FixtureRequest, name: str
) -> None:
    """Nothing of the published draws is used; a set may differ only where a pair is in doubt."""
    own = evaluations.recomputed(request, name)
    file = against.published(own.out / "ranking.csv").set_index("subject")
    subjects = complete(own.now, own.scheme)
    found = combined(own.now, weights.measures(own.scheme)[0], subjects)
    errors = ranks.own_errors(found.covariance, 40_000, seed=3)
    confidence = own.scheme["confidence"]
    for kind, suffix in ((ranks.marginal, ""), (ranks.joint, "_joint")):
        sets = kind(found.mean, found.covariance, errors, confidence, found.pair_df)
        clear = ~sets.doubtful
        assert clear.any()
        low = file.loc[subjects, f"rank_low{suffix}"].to_numpy()
        high = file.loc[subjects, f"rank_high{suffix}"].to_numpy()
        assert low[clear].tolist() == sets.low[clear].tolist()
        assert high[clear].tolist() == sets.high[clear].tolist()


def test_two_equal_scores_share_a_rank_and_the_next_is_left_out() -> None:
    assert ranks.competition(np.array([80.0, 90.0, 80.0, 70.0])).tolist() == [2, 1, 2, 4]


def test_a_critical_value_of_one_pair_is_the_normal_one() -> None:
    """Two committees, errors alike: known apart beyond 1.96 standard errors of the difference."""
    covariance = np.eye(2)
    errors = ranks.own_errors(covariance, 200_000, seed=1)
    for distance, told in ((1.90, False), (2.02, True)):
        x = np.array([50.0, 50.0 - distance * np.sqrt(2)])
        sets = ranks.joint(x, covariance, errors, 0.95)
        assert bool(sets.high[0] == 1) is told


def test_variance_between_of_equal_errors_is_what_the_spread_leaves() -> None:
    """Equal variances v: REML is the sample variance less v, here 100/3 - 5, or nothing."""
    x = np.array([60.0, 65.0, 70.0, 70.0 + 10 / 3])
    v = 5.0
    expected = x.var(ddof=1) - v
    assert ranks.between(x, v * np.eye(4)) == pytest.approx(expected, rel=1e-10)
    assert ranks.between(x, 1000.0 * np.eye(4)) == 0.0
