"""An alternative may give a rater group no weight at all: "what if only random residents counted"."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from evalkit.definitions.scheme import Scheme
from tests.pages import town


@pytest.fixture
def scheme() -> Scheme:
    return Scheme.model_validate(yaml.safe_load(town.SCHEME))


def test_a_group_of_no_weight_gives_its_part_to_nobody_by_mistake(scheme: Scheme) -> None:
    chance = next(a for a in scheme.alternatives if a.id == "chance")
    under = scheme.under(chance)
    assert [group.code for group in under.groups] == ["random", "office"]
    weights = under.weights()
    indicators = np.array([18.0, 12.0, 16.0, 10.0, 14.0, 19.0, 11.0])
    judged = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    assert weights[0] == pytest.approx(0.7 * indicators / 100, abs=1e-12)
    assert weights[1] == pytest.approx(0.3 * indicators * judged / (18 + 16 + 10 + 19), abs=1e-12)


def test_where_indicators_keep_their_shares_they_keep_them_without_that_group(
    scheme: Scheme,
) -> None:
    chance = next(a for a in scheme.alternatives if a.id == "chance")
    moved = scheme.model_copy(update={"uncovered": "to_covering_groups"})
    weights = moved.under(chance).weights()
    indicators = np.array([18.0, 12.0, 16.0, 10.0, 14.0, 19.0, 11.0])
    judged = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    assert weights[0] == pytest.approx(indicators / 100 * np.where(judged, 0.7, 1.0), abs=1e-12)
    assert weights[1] == pytest.approx(0.3 * judged * indicators / 100, abs=1e-12)
