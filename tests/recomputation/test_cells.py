"""Cells from the kept rows against those in the database, to the last digits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.recomputation import cells
from tests.recomputation.conftest import Cases
from tests.recomputation.every import every_street

TIGHT = {"rtol": 1e-10, "atol": 1e-12}


@every_street
def test_cells_are_those_in_the_database(case: Cases, name: str) -> None:
    street = case(name)
    assert street.cells
    for wave, groups in street.cells.items():
        assert list(groups) == [group["code"] for group in street.street.groups()]
        for code, cell in groups.items():
            found = street.arrays(wave, code)
            for what in ("n", "n_measure", "df"):
                np.testing.assert_array_equal(getattr(cell, what), found[what], err_msg=code)
            for what in ("n_effective", "mean", "covariance"):
                np.testing.assert_allclose(getattr(cell, what), found[what], **TIGHT)
            assert ("influence" in found) == (cell.joint is not None)
            if cell.joint is not None:
                influence = found["influence"]
                joint = np.einsum("rki,rlj->kilj", influence, influence)
                np.testing.assert_allclose(joint, cell.joint, **TIGHT)


@every_street
def test_the_long_table_of_cells_has_the_same(case: Cases, name: str) -> None:
    street = case(name)
    for wave, groups in street.cells.items():
        found = {
            (subject, group, measure): numbers
            for subject, group, measure, *numbers in street.query(
                "select subject, rater_group, measure, answers, n_effective, n, mean, se"
                " from cells where wave = ?",
                wave,
            )
        }
        expected = {}
        for code, cell in groups.items():
            for k, subject in enumerate(street.street.subjects(wave)):
                for i, measure in enumerate(cells.measures(street.street)):
                    se = np.sqrt(cell.covariance[k, i, i])
                    numbers = (cell.n[k], cell.n_effective[k], cell.n_measure[k, i])
                    expected[subject, code, measure] = [*numbers, cell.mean[k, i], se]
        assert found.keys() == expected.keys()
        for key, numbers in found.items():
            given = [math.nan if number is None else number for number in numbers]
            np.testing.assert_allclose(given, expected[key], err_msg=str(key), **TIGHT)


@every_street
def test_distributions_are_those_in_the_database(case: Cases, name: str) -> None:
    street = case(name)
    for wave, read in street.rows.items():
        own = cells.distributions(street.street, read)
        found = {
            (subject, group, item, option): (n, share)
            for subject, group, item, option, n, share in street.query(
                'select subject, rater_group, item, "option", n, share from distributions'
                " where wave = ?",
                wave,
            )
        }
        expected = {
            (subject, group, item, option): (n, share)
            for subject, group, item, option, n, share in own.itertuples(index=False)
        }
        assert found.keys() == expected.keys()
        assert len(found) > 10
        for key, (n, share) in found.items():
            assert n == expected[key][0]
            assert share == pytest.approx(expected[key][1], rel=1e-12)


def test_the_streets_have_what_they_are_for(case: Cases) -> None:
    """Without these the comparisons above would not bite."""
    changing = case("changing_roster")
    scores = cells.scored(changing.street, changing.rows["2016"])
    of_raters = changing.rows["2016"].kept["group"].isin(["office", "peer"])
    assert (scores[of_raters].isna().all(axis=1)).any(), "a rater who says nothing that counts"

    few = case("known_departments").cells["2016"]["office"]
    assert (few.n_measure < few.n[:, None])[few.n_measure > 0].any(), "holes in the answers"
    assert len(set(few.n)) > 1, "offices that rate some committees only"

    weights = case("weighted").rows["2016"].kept
    assert weights.loc[weights["group"] == "resident", "weight"].nunique() > 3
    assert (weights["weight"] == 1.0).any(), "somebody without a profile"

    lacking = case("lacking").cells["2016"]
    assert lacking["office"].n[1] == 0
    assert lacking["resident"].n[4] == 1
    assert np.isnan(lacking["resident"].covariance[4]).all()

    alike = case("alike").cells["2016"]["resident"]
    assert (np.diagonal(alike.covariance[2]) == 0.0).all()
    assert (alike.mean[0] == alike.mean[1]).all()


def test_raked_weights_reach_their_margins(case: Cases) -> None:
    """2016 has sexes of its own, 40 to 60; 2015 the general 35 to 65. Age is 30 to 70 in both."""
    for wave, men in (("2015", 0.35), ("2016", 0.40)):
        kept = case("weighted").rows[wave].kept
        placed = kept[(kept["group"] == "resident") & kept["sex"].notna() & kept["age"].notna()]
        total = placed["weight"].sum()
        assert total == pytest.approx(len(placed), rel=1e-12)
        assert placed.loc[placed["sex"] == "1", "weight"].sum() / total == pytest.approx(men)
        assert placed.loc[placed["age"] == "3", "weight"].sum() / total == pytest.approx(0.7)


def test_a_weighted_street_is_planned_in_whole_questionnaires(case: Cases) -> None:
    """What this wave delivers is its residents' answers: 30 + 25 + 40 + 35 of four committees."""
    street = case("weighted")
    effective = street.cells["2016"]["resident"].n_effective
    assert (effective != np.floor(effective)).any()
    plan = street.table("plan").set_index(["target", "group"])
    present = plan.loc[("present", "resident")]
    assert present["n_total"] == street.cells["2016"]["resident"].n.sum() == 130
    assert present["n_per_subject"] == 32.5
