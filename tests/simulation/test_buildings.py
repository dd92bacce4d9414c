"""Residents of one building: as alike as was asked for, and nobody else's answers change."""

from __future__ import annotations

import numpy as np

from evalkit.methods.clusters import design_effect, intraclass
from evalkit.methods.moments import cell_moments
from evalkit.simulation.alike import Buildings
from evalkit.simulation.demo import demo_documents
from evalkit.simulation.respondents import Sample, simulate
from evalkit.simulation.truth import street

ISSUED = {"key": 48, "random": 16, "department": 4, "partner": 2, "peer": 2}


def asked(buildings: Buildings | None) -> Sample:
    scheme, forms = demo_documents()
    truth = street(scheme, 12, between_sd=0.0, waves=("2016",), issued=ISSUED, seed=3)
    return simulate(truth, scheme, forms, seed=3, buildings=buildings)


def test_without_likeness_buildings_change_no_answer() -> None:
    plain, housed = asked(None), asked(Buildings(8, 0.0))
    for key, sheet in plain.sheets.items():
        np.testing.assert_array_equal(sheet.choice, housed.sheets[key].choice)
        assert sheet.building is None
    assert housed.sheets["2016", "department"].building is None


def test_buildings_of_a_committee_have_so_many_residents() -> None:
    sheet = asked(Buildings(8, 0.05)).sheets["2016", "key"]
    assert sheet.building is not None
    _, sizes = np.unique(np.stack([sheet.subject, sheet.building]), axis=1, return_counts=True)
    assert sizes.max() == 8
    assert np.mean(sizes == 8) > 0.8


def test_residents_of_a_building_are_as_alike_as_was_asked() -> None:
    """.3 of an answer's latent variance: more of a mean over many, less on a scale of steps."""
    sample = asked(Buildings(8, 0.3))
    sheet, x = sample.sheets["2016", "key"], sample.indicator_scores("2016", "key")
    weights = sample.scheme.weights()[0]
    together, alone = [], []
    for k in range(12):
        own = sheet.subject == k
        ones, houses = np.ones(own.sum()), sheet.building[own]  # type: ignore[index]
        together.append(cell_moments(x[own], ones, clusters=houses).covariance)
        alone.append(cell_moments(x[own], ones).covariance)
    effect = design_effect(together, alone, weights)
    sizes = np.unique(np.stack([sheet.subject, sheet.building]), axis=1, return_counts=True)[1]
    assert 0.2 < intraclass(effect, sizes) < 0.5
