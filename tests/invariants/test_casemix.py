from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.methods.casemix import adjust

seeds = st.integers(0, 2**32 - 1)


def street(seed: int, covariates: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    subjects = np.r_[np.repeat(np.arange(5), 4), rng.integers(0, 5, 30)]
    x = rng.normal(size=(50, covariates)) + subjects[:, None] * rng.normal(size=covariates)
    values = 70 + 3 * subjects + x @ rng.normal(size=covariates) + rng.normal(0, 5, 50)
    return {
        "values": values,
        "subjects": subjects,
        "covariates": x,
        "weights": rng.uniform(0.2, 3, 50),
    }


@given(seeds, st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_row_order_and_silent_rows_do_not_matter(seed: int, covariates: int) -> None:
    d = street(seed, covariates)
    plain = adjust(**d)
    order = np.random.default_rng(seed).permutation(50)
    shuffled = adjust(**{k: v[order] for k, v in d.items()})
    np.testing.assert_allclose(shuffled.adjusted, plain.adjusted)
    np.testing.assert_allclose(shuffled.covariance, plain.covariance, atol=1e-9)
    silent = {k: np.concatenate([v, v[:7]]) for k, v in d.items()}
    silent["values"][50:53] = np.nan
    silent["values"][53:] = 1e6
    silent["weights"][53:] = 0
    got = adjust(**silent)
    np.testing.assert_allclose(got.adjusted, plain.adjusted)
    np.testing.assert_allclose(got.covariance, plain.covariance, atol=1e-9)


@given(seeds, st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_doubling_all_rows_leaves_means_alone(seed: int, covariates: int) -> None:
    d = street(seed, covariates)
    plain, twice = adjust(**d), adjust(**{k: np.concatenate([v, v]) for k, v in d.items()})
    np.testing.assert_allclose(twice.mean, plain.mean)
    np.testing.assert_allclose(twice.adjusted, plain.adjusted)
    assert (np.diag(twice.covariance) < np.diag(plain.covariance)).all()


@given(seeds, st.integers(1, 3), st.floats(-50, 50), st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_units_of_values_and_covariates(
    seed: int, covariates: int, shift: float, scale: float
) -> None:
    d = street(seed, covariates)
    plain = adjust(**d)
    moved = adjust(**(d | {"values": d["values"] * scale + shift}))
    np.testing.assert_allclose(moved.adjusted, plain.adjusted * scale + shift, rtol=1e-8)
    np.testing.assert_allclose(moved.covariance, plain.covariance * scale**2, atol=1e-8 * scale**2)
    other = adjust(**(d | {"covariates": d["covariates"] * scale + shift}))
    np.testing.assert_allclose(other.adjusted, plain.adjusted, rtol=1e-8)
    np.testing.assert_allclose(other.covariance, plain.covariance, atol=1e-6)


@given(seeds, st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_adjusting_to_ones_own_mix_changes_nothing(seed: int, covariates: int) -> None:
    d = street(seed, covariates)
    plain = adjust(**d)
    for j in range(5):
        own = adjust(**d, reference=plain.covariate_means[j])
        assert np.isclose(own.adjusted[j], plain.mean[j])
    # the mean over all respondents is not touched by adjusting to the mix of all respondents
    totals = np.bincount(d["subjects"], d["weights"])
    assert np.isclose(totals @ plain.adjusted, totals @ plain.mean)
