from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.methods.casemix import adjust

ROOT = Path(__file__).parents[2]
PEERS = ROOT.parent / "shared" / "peers"


@pytest.mark.shared
def test_rs_lm_with_subject_indicators() -> None:
    d = pd.read_csv(PEERS / "apiclus1.csv").dropna(subset=["enroll"])
    expected = pd.read_csv(ROOT / "tests/golden/casemix.csv", comment="#", dtype={"key": str})
    by = {q: rows.set_index("key")["value"] for q, rows in expected.groupby("quantity")}
    got = adjust(d["api00"], d["dnum"], d[["meals", "ell"]], d["enroll"])
    assert [str(s) for s in got.subjects] == list(by["adjusted"].index)
    # least squares on both sides: only rounding differs
    np.testing.assert_allclose(got.adjusted, by["adjusted"], rtol=1e-10)
    np.testing.assert_allclose(np.sqrt(np.diag(got.covariance)), by["se"], rtol=1e-9)
    np.testing.assert_allclose(got.beta, by["beta"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(got.beta_covariance)), by["beta_se"], rtol=1e-9)
    first, second = (list(got.subjects.astype(str)).index(s) for s in ("61", "135"))
    assert got.covariance[first, second] == pytest.approx(by["covariance"]["61-135"], rel=1e-9)


def street(seed: int, subjects: int = 12, each: int = 40) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(80, 4, subjects)
    share_old = rng.uniform(0.1, 0.9, subjects)
    code = np.repeat(np.arange(subjects), each)
    old = (rng.random(code.size) < share_old[code]).astype(float)
    values = truth[code] + 10 * (old - 0.5) + rng.normal(0, 8, code.size)
    return values, code, old[:, None], truth


def test_takes_out_the_mix_and_keeps_its_promise_of_uncertainty() -> None:
    errors, claimed, raw = [], [], []
    for seed in range(300):
        values, code, old, truth = street(seed)
        got = adjust(values, code, old, reference=[0.5])
        errors.append(got.adjusted - truth)
        claimed.append(np.diag(got.covariance))
        raw.append(got.mean - truth)
    rms_raw, rms = np.std(raw), np.std(errors)
    assert rms_raw > 1.5 * rms
    # 300 x 12 errors: their variance is known to about 2.4%
    assert np.mean(np.square(errors)) == pytest.approx(np.mean(claimed), rel=0.10)


def test_clusters_widen_the_error_as_a_sum_per_rater_says() -> None:
    values, code, old, _ = street(3)
    plain = adjust(values, code, old)
    twice = adjust(
        np.r_[values, values], np.r_[code, code], np.r_[old, old],
        clusters=np.r_[np.arange(values.size), np.arange(values.size)],
    )  # fmt: skip
    np.testing.assert_allclose(twice.adjusted, plain.adjusted)
    # copies of a respondent are one piece of evidence; only the covariate's loss of freedom differs
    spare = [(n - 12) / (n - 13) for n in (values.size, 2 * values.size)]
    np.testing.assert_allclose(twice.covariance / spare[1], plain.covariance / spare[0], rtol=1e-8)


def test_single_respondent_has_a_mean_but_no_error() -> None:
    values, code, old, _ = street(4)
    got = adjust(np.r_[values, 70.0], np.r_[code, 99], np.r_[old, [[1.0]]])
    assert got.n[-1] == 1
    assert got.mean[-1] == 70.0
    assert np.isnan(got.covariance[-1]).all()
    assert np.isnan(got.covariance[:, -1]).all()
    assert np.isfinite(got.covariance[:-1, :-1]).all()


def test_missing_covariate_takes_the_subjects_mean() -> None:
    values, code, old, _ = street(5)
    holes = old.copy()
    holes[::7] = np.nan
    by_hand = holes.copy()
    for j in np.unique(code):
        rows = (code == j) & np.isnan(holes[:, 0])
        by_hand[rows] = np.nanmean(holes[code == j])
    got, expected = adjust(values, code, holes), adjust(values, code, by_hand)
    assert got.imputed.tolist() == [len(values[::7])]
    np.testing.assert_allclose(got.adjusted, expected.adjusted)


def test_covariate_missing_throughout_a_subject_takes_the_overall_mean() -> None:
    values, code, old, _ = street(6)
    old[code == 2] = np.nan
    got = adjust(values, code, old)
    assert got.covariate_means[2, 0] == pytest.approx(np.nanmean(old))


def test_names_the_covariate_that_cannot_be_told_apart() -> None:
    values, code, old, _ = street(7)
    of_subject = code[:, None] * 1.0
    with pytest.raises(ValueError, match="covariate 1 never varies within a subject"):
        adjust(values, code, np.hstack([old, of_subject]))
    with pytest.raises(ValueError, match="covariate 1 is a combination"):
        adjust(values, code, np.hstack([old, 2 * old + of_subject]))
    with pytest.raises(ValueError, match="covariate 0 is missing for every"):
        adjust(values, code, np.full_like(old, np.nan))


def test_too_few_respondents() -> None:
    with pytest.raises(ValueError, match="3 respondents are too few for 2 subjects and 1 cov"):
        adjust([1.0, 2.0, 3.0], [0, 0, 1], [[0.0], [1.0], [1.0]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": [[1.0]]}, "vector"),
        ({"covariates": [1.0, 2.0, 3.0, 4.0]}, r"covariates must be \(4, P\)"),
        ({"subjects": [0, 0]}, "subjects must have shape"),
        ({"covariates": np.empty((4, 0))}, r"covariates must be \(4, P\) with P >= 1"),
        ({"covariates": np.zeros((4, 1))}, "covariate 0 never varies"),
        ({"weights": [1.0, 1.0, 1.0, -1.0]}, "not negative"),
        ({"weights": [1.0, 1.0, 1.0, np.inf]}, "weights must be 4 finite"),
        ({"weights": [1.0, 1.0, 1.0, np.nan]}, "weights must be 4 finite"),
        ({"weights": [0.0] * 4}, "both a value and a weight"),
        ({"values": [1.0, 2.0, np.inf, 1.0]}, "infinite"),
        ({"reference": [1.0, 2.0]}, "reference must be 1"),
        ({"clusters": [1]}, "clusters must have shape"),
    ],
)
def test_malformed_input(change: dict, message: str) -> None:
    given = {
        "values": [1.0, 2.0, 3.0, 5.0],
        "subjects": [0, 0, 0, 0],
        "covariates": [[0.0], [1.0], [2.0], [2.5]],
    }
    adjust(**given)
    with pytest.raises(ValueError, match=message):
        adjust(**(given | change))
