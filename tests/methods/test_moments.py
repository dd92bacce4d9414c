from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from evalkit.methods.moments import cell_moments, domain_means

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT.parent / "shared" / "peers"
GOLDEN = json.loads((ROOT / "tests/golden/moments.json").read_text())

# R prints 15 digits; both sides only add and multiply, so a relative 1e-10 leaves room for order.
TIGHT = 1e-10


def api(name: str) -> pd.DataFrame:
    return pd.read_csv(PEERS / f"{name}.csv")


def agrees(mean: Any, covariance: Any, key: str, order: list[int] | None = None) -> None:
    expected = GOLDEN[key]
    expected_mean = np.atleast_1d(expected["mean"])
    expected_covariance = np.array(expected["covariance"])
    order = list(range(expected_mean.size)) if order is None else order
    assert_allclose(np.ravel(mean), expected_mean[order], rtol=TIGHT)
    scale = np.abs(expected_covariance).max()
    assert_allclose(
        covariance, expected_covariance[np.ix_(order, order)], rtol=TIGHT, atol=TIGHT * scale
    )


@pytest.mark.shared
class TestAgainstSurvey:
    def test_cell(self) -> None:
        schools = api("apistrat").query("stype == 'E'")
        weights = schools["pw"] * (1 + schools["meals"] / 100)
        cell = cell_moments(schools[["api00", "api99", "meals"]], weights)
        agrees(cell.mean, cell.covariance, "cell")
        counted = cell_moments(
            schools[["api00", "api99", "meals"]], weights, population=schools["fpc"].iloc[0]
        )
        agrees(counted.mean, counted.covariance, "cell_fpc")
        assert (cell.n, cell.df) == (100, 99)
        assert cell.n_by_indicator.tolist() == [100, 100, 100]

    def test_cell_is_the_plain_design(self) -> None:
        schools = api("apistrat")
        cell = cell_moments(schools[["api00", "api99"]], schools["pw"])
        agrees(cell.mean, cell.covariance, "plain")

    def test_published_stratified_mean(self) -> None:
        d = api("apistrat")
        everyone = np.zeros(len(d))
        result = domain_means(d["api00"], d["pw"], everyone, strata=d["stype"], population=d["fpc"])
        agrees(result.mean, result.covariance, "stratified")
        # as printed in the documentation of survey: 662.29, SE 9.4089
        assert_allclose(result.mean[0, 0], 662.2873632, atol=5e-8)
        assert_allclose(np.sqrt(result.covariance[0, 0]), 9.408940803, atol=5e-9)

    def test_domains_that_are_strata(self) -> None:
        d = api("apistrat")
        result = domain_means(
            d["api00"], d["pw"], d["stype"], strata=d["stype"], population=d["fpc"]
        )
        agrees(result.mean, result.covariance, "stratified_by_stype")
        assert result.domains.tolist() == ["E", "H", "M"]
        assert result.n.tolist() == [100, 50, 50]
        assert result.df == 197
        assert_allclose(
            np.sqrt(np.diag(result.covariance)), [12.38247979, 14.93712919, 16.21470731], atol=5e-9
        )

    def test_domains_across_strata_joint_covariance(self) -> None:
        d = api("apistrat")
        result = domain_means(
            d[["api00", "api99"]], d["pw"], d["awards"], strata=d["stype"], population=d["fpc"]
        )
        # survey orders by variable, evalkit by domain
        agrees(result.mean, result.covariance, "stratified_by_award", [0, 2, 1, 3])

    def test_missing_item_keeps_the_design(self) -> None:
        d = api("apistrat")
        result = domain_means(
            d[["api00", "target"]],
            d["pw"],
            np.zeros(len(d)),
            strata=d["stype"],
            population=d["fpc"],
        )
        assert d["target"].isna().any()
        agrees(result.mean[:, 1], result.covariance[1:, 1:], "stratified_missing")
        clus = api("apiclus2")
        ultimate = domain_means(
            clus[["api00", "mobility"]], clus["pw"], np.zeros(len(clus)), clusters=clus["dnum"]
        )
        agrees(ultimate.mean[:, 1], ultimate.covariance[1:, 1:], "ultimate_missing")

    def test_one_stage_clusters_with_fpc(self) -> None:
        d = api("apiclus1")
        everyone = np.zeros(len(d))
        whole = domain_means(d["api00"], d["pw"], everyone, clusters=d["dnum"], population=d["fpc"])
        agrees(whole.mean, whole.covariance, "one_stage")
        assert_allclose(np.sqrt(whole.covariance[0, 0]), 23.54, atol=0.005)  # as documented
        by = domain_means(d["api00"], d["pw"], d["stype"], clusters=d["dnum"], population=757)
        agrees(by.mean, by.covariance, "one_stage_by_stype")
        assert by.df == GOLDEN["one_stage_df"]

    def test_ultimate_clusters(self) -> None:
        d = api("apiclus2")
        whole = domain_means(d[["api00", "api99"]], d["pw"], np.zeros(len(d)), clusters=d["dnum"])
        agrees(whole.mean, whole.covariance, "ultimate")
        by = domain_means(d["api00"], d["pw"], d["stype"], clusters=d["dnum"])
        agrees(by.mean, by.covariance, "ultimate_by_stype")

    def test_clusters_nested_in_strata(self) -> None:
        d = api("apiclus2")
        design: dict[str, Any] = {"strata": d["cnum"] % 2, "clusters": d["dnum"]}
        whole = domain_means(d["api00"], d["pw"], np.zeros(len(d)), **design)
        agrees(whole.mean, whole.covariance, "nested")
        by = domain_means(d["api00"], d["pw"], d["stype"], **design)
        agrees(by.mean, by.covariance, "nested_by_stype")
        assert by.df == GOLDEN["nested_df"]


class TestByHand:
    def test_weighted_pair(self) -> None:
        # mean (1*0 + 3*4)/4 = 3; z = 1*(0-3)/4, 3*(4-3)/4 = -.75, .75; cov 2/1 * 2 * .5625
        cell = cell_moments([[0.0], [4.0]], [1.0, 3.0])
        assert cell.mean[0] == 3.0
        assert cell.covariance[0, 0] == pytest.approx(2.25)
        assert cell.n_effective == pytest.approx(16 / 10)

    def test_unweighted_cell_is_the_textbook_variance(self) -> None:
        x = np.random.Generator(np.random.PCG64(3)).normal(size=(20, 3))
        cell = cell_moments(x, np.ones(20))
        assert_allclose(cell.covariance, np.cov(x.T) / 20)
        assert cell.n_effective == pytest.approx(20)

    def test_shared_rater_makes_subjects_dependent(self) -> None:
        # raters a, b, c mark subjects 1 and 2 alike: the two means are one number
        marks = np.array([60.0, 60, 80, 80, 70, 70])
        result = domain_means(marks, np.ones(6), [1, 2, 1, 2, 1, 2], clusters=list("aabbcc"))
        variance = np.var([60, 80, 70], ddof=1) / 3
        assert_allclose(result.covariance, np.full((2, 2), variance))

    def test_full_count_has_no_sampling_error(self) -> None:
        result = domain_means([1.0, 2.0, 4.0], np.ones(3), [0, 0, 0], population=3)
        assert result.covariance[0, 0] == 0.0
        assert cell_moments([1.0, 2.0, 4.0], np.ones(3), population=3).covariance[0, 0] == 0.0


class TestUnknownIsNeverZero:
    def test_indicator_without_answers(self) -> None:
        cell = cell_moments([[1.0, np.nan], [2.0, np.nan]], [1.0, 1.0])
        assert np.isnan(cell.mean[1])
        assert_array_equal(np.isnan(cell.covariance), [[False, True], [True, True]])
        assert cell.n_by_indicator.tolist() == [2, 0]

    def test_indicator_with_one_answer_has_a_mean_but_no_variance(self) -> None:
        cell = cell_moments([[1.0, 5.0], [2.0, np.nan]], [1.0, 1.0])
        assert cell.mean[1] == 5.0
        assert np.isnan(cell.covariance[1, 1])
        assert cell.covariance[0, 0] > 0

    def test_one_respondent(self) -> None:
        cell = cell_moments([[3.0, 4.0]], [2.0])
        assert cell.n == 1
        assert cell.mean.tolist() == [3.0, 4.0]
        assert np.isnan(cell.covariance).all()

    @pytest.mark.parametrize("rows", [np.empty((0, 2)), np.full((3, 2), np.nan)])
    def test_nobody(self, rows: np.ndarray) -> None:
        cell = cell_moments(rows, np.ones(len(rows)))
        assert (cell.n, cell.n_effective, cell.df) == (0, 0.0, 0)
        assert np.isnan(cell.mean).all()
        assert np.isnan(cell.covariance).all()

    def test_domain_within_one_cluster(self) -> None:
        result = domain_means(
            [1.0, 2.0, 5.0, 6.0, 9.0], np.ones(5), list("AABBB"), clusters=[1, 1, 2, 3, 3]
        )
        assert np.isnan(result.covariance[0, 0])
        assert result.covariance[1, 1] > 0

    def test_lonely_unit_of_a_stratum_hides_only_its_domains(self) -> None:
        values = [1.0, 2.0, 4.0, 5.0, 7.0]
        strata, domains = list("sssst"), list("AABBB")
        result = domain_means(values, np.ones(5), domains, strata=strata)
        assert result.covariance[0, 0] > 0
        assert np.isnan(result.covariance[1]).all()
        counted = domain_means(
            values, np.ones(5), domains, strata=strata, population=[10, 10, 10, 10, 1]
        )
        assert np.isfinite(counted.covariance).all()

    def test_domain_nobody_answered_for_stays_listed(self) -> None:
        result = domain_means([1.0, 2.0, np.nan], np.ones(3), ["a", "a", "b"])
        assert result.domains.tolist() == ["a", "b"]
        assert result.n.tolist() == [2, 0]
        assert np.isnan(result.mean[1, 0])
        assert np.isnan(result.covariance[1, 1])


class TestRefuses:
    @pytest.mark.parametrize(
        ("values", "weights", "message"),
        [
            (np.ones((2, 1)), [1.0], "one per respondent"),
            (np.ones((2, 1)), [1.0, -1.0], "at least 0"),
            (np.ones((2, 1)), [1.0, np.nan], "missing weight is not 0"),
            (np.array([[1.0], [np.inf]]), [1.0, 1.0], "finite, or NaN"),
            (np.ones((2, 1, 1)), [1.0, 1.0], "respondents by indicators"),
        ],
    )
    def test_bad_answers(self, values: np.ndarray, weights: list[float], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            cell_moments(values, weights)
        with pytest.raises(ValueError, match=message):
            domain_means(values, weights, [0, 0])

    @pytest.mark.parametrize("population", [0.2, np.nan, 2])
    def test_population_below_sample(self, population: float) -> None:
        with pytest.raises(ValueError, match="population"):
            cell_moments([1.0, 2.0, 3.0], np.ones(3), population=population)
        with pytest.raises(ValueError, match="population"):
            domain_means([1.0, 2.0, 3.0], np.ones(3), [0, 0, 0], population=population)

    def test_population_differs_within_stratum(self) -> None:
        with pytest.raises(ValueError, match="varies within a stratum"):
            domain_means([1.0, 2.0], np.ones(2), [0, 0], population=[5, 6])

    def test_cluster_in_two_strata(self) -> None:
        with pytest.raises(ValueError, match="more than one stratum"):
            domain_means([1.0, 2.0], np.ones(2), [0, 0], clusters=["a", "a"], strata=[1, 2])

    @pytest.mark.parametrize("name", ["domains", "strata", "clusters"])
    @pytest.mark.parametrize("gap", [None, np.nan])
    def test_missing_labels(self, name: str, gap: Any) -> None:
        labels: dict[str, Any] = {"domains": ["a", "b"], name: np.array(["a", gap], dtype=object)}
        with pytest.raises(ValueError, match=f"{name} has missing labels"):
            domain_means([1.0, 2.0], np.ones(2), **labels)


cells = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        st.lists(
            st.lists(st.one_of(st.integers(0, 100), st.none()), min_size=3, max_size=3),
            min_size=n,
            max_size=n,
        ),
        st.lists(st.integers(0, 8), min_size=n, max_size=n),
    )
)


class TestInvariants:
    @given(cells, st.randoms(use_true_random=False))
    @settings(max_examples=80, deadline=None)
    def test_rows_and_weights(self, cell: tuple[list[list[Any]], list[int]], random: Any) -> None:
        x = np.array(cell[0], dtype=float)
        w = np.array(cell[1], dtype=float)
        base = cell_moments(x, w)
        known = np.isfinite(base.covariance)

        order = np.array(random.sample(range(len(w)), len(w)))
        shuffled = cell_moments(x[order], w[order])
        scaled = cell_moments(x, w * 4.0)
        spoiled = x.copy()
        spoiled[w == 0] = 1e6
        unweighted = cell_moments(spoiled, w)
        for other in (shuffled, scaled, unweighted):
            assert other.n == base.n
            assert_allclose(other.mean, base.mean, rtol=1e-12, atol=1e-12)
            assert_allclose(other.covariance, base.covariance, rtol=1e-9, atol=1e-9)
            assert other.n_effective == pytest.approx(base.n_effective)

        doubled = cell_moments(np.vstack([x, x]), np.concatenate([w, w]))
        assert_allclose(doubled.mean, base.mean, rtol=1e-12)

        assert base.n_effective <= base.n + 1e-9
        low, high = np.nanmin(x, initial=0.0), np.nanmax(x, initial=100.0)
        assert ((base.mean >= low - 1e-9) | np.isnan(base.mean)).all()
        assert ((base.mean <= high + 1e-9) | np.isnan(base.mean)).all()
        estimable = np.flatnonzero(np.diagonal(known))
        part = base.covariance[np.ix_(estimable, estimable)]
        if estimable.size:
            assert np.linalg.eigvalsh(part)[0] >= -1e-9 * max(part.max(), 1.0)

    @given(cells)
    @settings(max_examples=60, deadline=None)
    def test_one_domain_is_one_cell(self, cell: tuple[list[list[Any]], list[int]]) -> None:
        x, w = np.array(cell[0], dtype=float), np.array(cell[1], dtype=float)
        one, joint = cell_moments(x, w), domain_means(x, w, np.zeros(len(w)))
        assert_allclose(joint.mean[0], one.mean)
        assert_allclose(joint.covariance, one.covariance, rtol=1e-9, atol=1e-9)
        assert joint.n[0] == one.n
        assert joint.df == one.df

    @given(cells, cells)
    @settings(max_examples=40, deadline=None)
    def test_separate_strata_are_independent_cells(self, a: Any, b: Any) -> None:
        x = np.array(a[0] + b[0], dtype=float)
        w = np.array(a[1] + b[1], dtype=float)
        domain = np.repeat([0, 1], [len(a[1]), len(b[1])])
        joint = domain_means(x, w, domain, strata=domain)
        for d, rows in enumerate((a, b)):
            cell = cell_moments(np.array(rows[0], dtype=float), rows[1])
            assert_allclose(joint.mean[d], cell.mean)
            block = joint.covariance[3 * d : 3 * d + 3, 3 * d : 3 * d + 3]
            assert_allclose(block, cell.covariance, rtol=1e-9, atol=1e-9)
        across = joint.covariance[:3, 3:]
        assert (np.isnan(across) | (np.abs(across) < 1e-9)).all()
