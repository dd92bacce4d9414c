"""Variances over clusters, design effects and stacked waves against R's survey."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.clusters import design_effect
from evalkit.methods.moments import CellMoments, cell_moments, domain_means
from evalkit.methods.tails import t_quantile
from evalkit.methods.two_waves import Drawn, repeated_means
from tests.goldens import FOLDER, golden

GOLDEN = golden("clusters")
TIGHT = 1e-12
"""Both sides only add and multiply; R prints 15 digits."""


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "clusters_answers.csv")


def cell(answers: pd.DataFrame, committee: str, *, weighted: bool, clustered: bool) -> CellMoments:
    own = answers[(answers["wave"] == 1) & (answers["committee"] == committee)]
    weights = own["weight"] if weighted else np.ones(len(own))
    clusters = own["building"].to_numpy() if clustered else None
    return cell_moments(own[["q1", "q2"]], weights, clusters=clusters)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("committee", ["a", "b", "c"])
def test_a_cell_of_clusters(answers: pd.DataFrame, committee: str, weighted: bool) -> None:
    expected = GOLDEN["weighted" if weighted else "alike"][committee]
    found = cell(answers, committee, weighted=weighted, clustered=True)
    alone = cell(answers, committee, weighted=weighted, clustered=False)
    for at, question in enumerate(("q1", "q2")):  # of q2 some answers are missing
        assert_allclose(found.mean[at], expected[question]["mean"], rtol=TIGHT)
        assert_allclose(
            found.covariance[at, at], expected[question]["covariance"][0][0], rtol=TIGHT
        )
    assert_allclose(alone.covariance[0, 0], expected["independent"]["covariance"][0][0], rtol=TIGHT)
    assert found.df == expected["df"]
    reach = t_quantile(0.975, found.df) * found.covariance[0, 0] ** 0.5
    assert_allclose(found.mean[0] + np.array([-reach, reach]), expected["t_interval"], rtol=1e-11)


@pytest.mark.parametrize("committee", ["a", "b", "c"])
def test_two_questions_answered_by_all(answers: pd.DataFrame, committee: str) -> None:
    found = cell(answers[answers["q2"].notna()], committee, weighted=True, clustered=True)
    expected = GOLDEN["complete"][committee]
    assert_allclose(found.mean, expected["mean"], rtol=TIGHT)
    assert_allclose(found.covariance, expected["covariance"], rtol=1e-11)


def test_committees_are_strata_of_their_street(answers: pd.DataFrame) -> None:
    first = answers[answers["wave"] == 1]
    where = first["committee"].to_numpy()
    found = domain_means(
        first["q1"], first["weight"], where, strata=where, clusters=first["building"]
    )
    expected = GOLDEN["stratified_by_committee"]
    assert_allclose(found.mean[:, 0], expected["mean"], rtol=TIGHT)
    assert_allclose(found.covariance, expected["covariance"], rtol=TIGHT, atol=TIGHT)
    assert found.df == GOLDEN["stratified_df"]


@pytest.mark.parametrize("committee", ["a", "b", "c"])
def test_a_design_effect_is_of_clusters_alone(answers: pd.DataFrame, committee: str) -> None:
    """`deff` of survey also has what unlike weights cost: ours times V(independent) / V(srs).

    Where all weigh alike the two are one.
    """
    for weighted in (True, False):
        pair = [cell(answers, committee, weighted=weighted, clustered=c) for c in (True, False)]
        found = design_effect(*([one.covariance[:1, :1]] for one in pair), [1.0])
        expected = GOLDEN["weighted" if weighted else "alike"][committee]
        of_weights = expected["independent"]["covariance"][0][0] / expected["srs_variance"]
        assert_allclose(found * of_weights, expected["deff_replace"], rtol=TIGHT)
        assert (of_weights == pytest.approx(1.0, rel=1e-12)) is not weighted


@pytest.mark.parametrize("unit", ["person", "building"])
def test_both_waves_stacked(answers: pd.DataFrame, unit: str) -> None:
    own = answers[answers["committee"] == "a"]
    expected = GOLDEN[f"by_{unit}"]
    found = domain_means(own["q1"], own["weight"], own["wave"], clusters=own[unit])
    assert_allclose(found.covariance, expected["covariance"], rtol=TIGHT)
    change = np.array([-1.0, 1.0])
    assert_allclose(change @ found.mean[:, 0], expected["change"], rtol=1e-11)
    assert_allclose((change @ found.covariance @ change) ** 0.5, expected["change_se"], rtol=TIGHT)
    assert found.df + 1 == expected["units"]


@pytest.mark.parametrize("unit", ["person", "building"])
def test_a_covariance_of_waves_is_scaled_as_their_variances_are(
    answers: pd.DataFrame, unit: str
) -> None:
    """survey takes u / (u - 1) for the units u of both waves, ours n / (n - 1) of each (its root)."""
    own = answers[answers["committee"] == "a"]
    waves = [own[own["wave"] == wave].reset_index(drop=True) for wave in (1, 2)]
    both = waves[0].reset_index().merge(waves[1].reset_index(), on="person")
    assert len(both) == GOLDEN["answered_twice"]
    drawn = [drawn_of(wave, unit) for wave in waves]
    found = repeated_means(*drawn, (both["index_x"], both["index_y"]))
    stacked = GOLDEN[f"by_{unit}"]
    u = stacked["units"]
    n = [wave[unit].nunique() for wave in waves]
    scale = (u - 1) / u * np.sqrt(n[0] / (n[0] - 1) * n[1] / (n[1] - 1))
    expected = stacked["covariance"][0][1] * scale
    if unit == "person":
        assert_allclose(found.covariance[0, 0], expected, rtol=1e-11)
        return
    # By buildings, only who answered twice counts: neighbours who answered once do not.
    assert found.covariance[0, 0] != pytest.approx(expected, rel=0.05)
    alone = [own_share(wave, both["person"]) for wave in waves]
    assert_allclose(found.covariance[0, 0], scale * u / (u - 1) * (alone[0] @ alone[1]), rtol=1e-11)


def drawn_of(wave: pd.DataFrame, unit: str) -> Drawn:
    clusters = wave["building"].to_numpy(dtype=object) if unit == "building" else None
    return Drawn(wave[["q1"]].to_numpy(float), wave["weight"].to_numpy(float), clusters)


def own_share(wave: pd.DataFrame, twice: pd.Series[Any]) -> np.ndarray:
    """Return what those who answered twice add, by building, to the error of a wave's mean."""
    mean = np.average(wave["q1"], weights=wave["weight"])
    z = wave["weight"] * (wave["q1"] - mean) / wave["weight"].sum()
    kept = z.where(wave["person"].isin(twice), 0.0)
    return kept.groupby(wave["building"]).sum().sort_index().to_numpy()
