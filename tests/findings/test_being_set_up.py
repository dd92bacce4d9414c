"""Committees that are being set up: scored, held against the others, and in no number of theirs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.codes import NoteCode
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.roster import Roster
from evalkit.definitions.territory import Territory
from evalkit.findings import peer_groups, ranking, street_means
from evalkit.findings.combining import apportion, combine, weigh
from evalkit.findings.diagnosing import diagnose
from evalkit.findings.rollup import roll_up_wave
from evalkit.findings.scoring import notes, score
from evalkit.tables import WaveResult
from tests.deciding import decided
from tests.definitions.test_levels import a_street, order
from tests.findings.small_street import cells_of, group_of, one_group, scheme_of
from tests.findings.test_rollup import NO_RANKING, ZONES, committees, of, rolled, territory, wave

close = pytest.approx

FOUR = group_of([[60], [70], [80], [90]], [[6]] * 4, [20] * 4)


def with_a_fourth(status: str) -> tuple[Roster, EvaluationOrder]:
    own = committees("e", "e", "e", "w", d={"status": status})
    return territory(*ZONES, *own)


def test_it_is_scored_and_held_against_the_mean_of_the_others() -> None:
    """Mean of the three 70; 90 - 70 = 20 with variance 6 + 18/9 = 8; t = 7.07 with its df."""
    roster, _ = with_a_fourth("provisional")
    cells = cells_of(one_group(), {"r": FOUR}, subjects=list("abcd"))
    found = score(cells, one_group(), roster)
    assert found.subjects == ("a", "b", "c")
    assert found.provisional is not None
    assert found.provisional.subjects == ("d",)
    row = found.table.set_index("subject").loc["d"]
    assert (row["score"], row["complete"]) == (90.0, False)
    assert row["se"] == close(6**0.5)
    reach = 6**0.5 * stats.t.ppf(0.975, 76)  # four committees of twenty answers are pooled
    assert (row["low"], row["high"]) == close((90 - reach, 90 + reach))
    assert pd.isna(row["grade"])
    diagnoses = diagnose(found, one_group(), None)
    own = diagnoses["d"].profile.set_index("code").loc["composite"]
    assert (own["estimate"], own["street"], own["difference"]) == (90.0, 70.0, 20.0)
    assert own["difference_se"] == close(8**0.5)
    expected = 2 * stats.t.sf(20 / 8**0.5, found.provisional.df[0, 0])
    assert own["p_adjusted"] == close(expected)
    assert own["verdict"] == "高于"


def test_what_raters_have_in_common_is_no_difference_from_those_it_is_held_against() -> None:
    """It is d less a third of a, b and c; their composites' covariances are those of all four together."""
    roster, _ = with_a_fourth("provisional")
    scheme = scheme_of({"r": 50, "o": 50}, {"A": {"A1": 40}, "B": {"B1": 60}}, covers={"o": ["A1"]})
    r = group_of([[60, 50], [70, 60], [80, 70], [90, 80]], [[6, 6]] * 4, [20] * 4)
    joint = np.full((4, 4), 2.0) + 4.0 * np.eye(4)
    gap = np.nan
    o = group_of([[60, gap]] * 3 + [[95, gap]], [[6, gap]] * 4, [20] * 4, joint=joint)
    cells = cells_of(scheme, {"r": r, "o": o}, subjects=list("abcd"))
    found = score(cells, scheme, roster).provisional
    assert found is not None
    joined = combine(cells, ("r", "o"), apportion(weigh(scheme), scheme, cells), np.arange(4))
    assert joined.covariance[3, 0] > 0.25
    less = np.array([-1 / 3, -1 / 3, -1 / 3, 1])
    assert found.difference_variance[0, 0] == close(less @ joined.covariance @ less)
    assert found.cell_weights[0] == close(np.array([[0.2, 0.3], [0.5, 0.0]]))
    assert found.cell_means[0, 0].tolist() == [90.0, 80.0]
    assert found.cell_means[0, 1, 0] == 95.0
    assert found.cell_means.shape == (1, 2, 2)


def test_it_is_held_against_those_of_whom_a_measure_is_known() -> None:
    """a was not asked B1, nor d, which is being set up, A1: 6 + (6 + 6)/4 for B1, nothing for A1."""
    roster, _ = with_a_fourth("provisional")
    scheme, gap = scheme_of({"r": 100}, {"A": {"A1": 40}, "B": {"B1": 60}}), np.nan
    means = [[60, gap], [70, 60], [80, 70], [gap, 80]]
    variances = [[6, gap], [6, 6], [6, 6], [gap, 6]]
    cells = cells_of(scheme, {"r": group_of(means, variances, [20] * 4)}, subjects=list("abcd"))
    scores = score(cells, scheme, roster)
    found = scores.provisional
    assert found is not None
    codes = [measure.code for measure in scores.measures]
    against = dict(zip(codes, found.difference_variance[:, 0], strict=True))
    assert against["B1"] == close(9.0)
    assert np.isnan(against["A1"])
    assert found.estimate[codes.index("B1"), 0] == 80.0


def test_where_all_are_being_set_up_nobody_is_held_against_anybody() -> None:
    every = committees("e", "w", a={"status": "provisional"}, b={"status": "provisional"})
    roster, _ = territory(*ZONES, *every)
    group = group_of([[60], [80]], [[4], [4]], [30, 30])
    found = score(cells_of(one_group(), {"r": group}, subjects=["a", "b"]), one_group(), roster)
    assert found.provisional is not None
    assert found.provisional.estimate[0].tolist() == [60, 80]
    assert np.isnan(found.provisional.difference_variance).all()


def test_it_changes_no_number_of_the_others() -> None:
    """Three committees are ranked, compared and averaged as if they were alone.

    Only how sure the scatter of answers is, degrees of freedom, is learned from all four.
    """
    roster, _ = with_a_fourth("provisional")
    scheme = one_group()
    cells = cells_of(scheme, {"r": FOUR}, subjects=list("abcd"))
    found = score(cells, scheme, roster)
    alone = Territory.of(Roster(subjects=roster.subjects[:3]), order(), None)
    three = group_of([[60], [70], [80]], [[6]] * 3, [20] * 3)
    other = score(cells_of(scheme, {"r": three}, subjects=list("abc")), scheme, alone)
    np.testing.assert_array_equal(found.composite, other.composite)
    np.testing.assert_allclose(found.covariance, other.covariance, rtol=1e-12)
    ranks = [
        ranking.rank(one, roster, confidence=0.95, draws=500, seed=1).table
        for one in (found, other)
    ]
    pd.testing.assert_frame_equal(*ranks)
    assert len(ranks[0]) == 3
    both = ((cells, found), (cells_of(scheme, {"r": three}, subjects=list("abc")), other))
    parts = [
        street_means.means(WaveResult(None, own, its, NO_RANKING, None), None, scheme)
        for own, its in both
    ]
    pd.testing.assert_frame_equal(*(part[["code", "n", "mean", "se"]] for part in parts))
    assert set(peer_groups.compare(found, scheme, roster)["n"]) <= {3}
    own = diagnose(found, scheme, None)
    for subject, diagnosis in diagnose(other, scheme, None).items():
        same = ["code", "estimate", "se", "street", "difference", "difference_se"]
        pd.testing.assert_frame_equal(own[subject].profile[same], diagnosis.profile[same])


def test_a_reader_is_told_and_its_zone_is_without_it() -> None:
    made, found = rolled(FOUR, with_a_fourth("provisional"))
    assert (of(made, "e").members, of(made, "w").members) == (3, 0)
    assert pd.isna(of(made, "w").mean)
    assert (of(made, "all").mean, of(made, "all").members) == (close(70), 3)
    told_of = notes(found.cells, found.scores, one_group(), with_a_fourth("formal")[0])
    (note,) = [n for n in told_of if n.code is NoteCode.PROVISIONAL]
    assert (note.count, note.facts["names"]) == (1, ("d居",))


def test_of_46_units_45_are_ranked() -> None:
    """5 zones, 31 committees and one of 筹备, 14 villages."""
    street = a_street(46, 5)
    subjects = [
        row.model_copy(update={"status": "provisional"}) if row.id == "c31" else row
        for row in street.subjects
    ]
    said = order().model_copy(
        update={"settings": order().settings.model_copy(update={"draws": 500})}
    )
    roster = Territory.of(Roster(subjects=subjects), said, None)
    rng = np.random.Generator(np.random.PCG64(46))
    group = group_of(rng.uniform(60, 95, (46, 1)), np.full((46, 1), 4.0), [30] * 46)
    scheme = one_group()
    cells = cells_of(scheme, {"r": group}, subjects=[s.id for s in roster.subjects])
    found = wave(cells, scheme, roster)
    table = ranking.rank(found.scores, roster, confidence=0.95, draws=500, seed=1).table
    assert (len(found.scores.table), len(table)) == (46, 45)
    assert "c31" not in set(table["subject"])
    made, _ = roll_up_wave(found, decided(scheme, {}, roster, order=said), None)
    zones = made[(made["grouping"] == "zone") & (made["code"] == "composite")]
    assert (len(zones), int(zones["members"].sum())) == (5, 45)
    assert sorted(zones["rank"]) == [1, 2, 3, 4, 5]
