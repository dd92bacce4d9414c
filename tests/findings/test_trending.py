"""Three waves and more: lines, who is in them, and one family over committees and years."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from evalkit.findings import comparing, scoring, trending
from evalkit.methods.trends import slope
from evalkit.tables import ALL_GROUPS, WaveResult
from tests.deciding import results
from tests.findings.small_street import cells_of, group_of, one_group, roster_of
from tests.findings.test_following_up import holm

SCHEME = one_group()
SUBJECTS = "abc"
MEANS = {
    "2013": (80.0, 70.0, 75.0),
    "2014": (82.0, 71.0, 75.0),
    "2015": (85.0, 70.0, 74.0),
    "2016": (89.0, 71.0, 76.0),
}


def street(*waves: str, otherwise: tuple[str, ...] = ()) -> dict[str, WaveResult]:
    """Three committees in these waves; in some of them the question was another one."""
    roster = roster_of(SUBJECTS)
    cells = {
        wave: cells_of(
            SCHEME,
            {"r": group_of([[x] for x in MEANS[wave]], [[1.0], [1.2], [0.8]], [30, 25, 40])},
            wave=wave,
            definitions={"A1": "other"} if wave in otherwise else None,
        )
        for wave in waves
    }
    scores = {wave: scoring.score(own, SCHEME, roster) for wave, own in cells.items()}
    changes = {
        later: comparing.compare(scores[a], scores[later], SCHEME, roster, draws=1000, seed=1)
        for a, later in pairwise(waves)
    }
    return results(cells, scores, dict.fromkeys(waves), changes)  # type: ignore[arg-type]


def test_two_waves_are_told_as_they_were() -> None:
    given = street("2015", "2016")
    found = trending.over_years(given, SCHEME)
    assert found.results == given
    assert (len(found.history.series), len(found.history.trends), found.notes) == (0, 0, ())


def test_a_line_goes_through_every_wave_of_a_committee() -> None:
    given = street("2014", "2015", "2016")
    found = trending.over_years(given, SCHEME)
    own = found.history.trends[
        (found.history.trends["code"] == "composite") & (found.history.trends["subject"] == "a")
    ]
    (row,) = own.to_dict("records")
    variances = [given[wave].scores.variance[0, 0] for wave in given]
    assert row["slope"] == pytest.approx((89.0 - 82.0) / 2)
    assert row["slope_se"] ** 2 == pytest.approx((variances[0] + variances[2]) / 4)
    assert (row["from_wave"], row["to_wave"], row["n"]) == ("2014", "2016", 3)
    series = found.history.series[
        (found.history.series["code"] == "composite") & (found.history.series["subject"] == "a")
    ]
    assert series["estimate"].tolist() == [82.0, 85.0, 89.0]
    table = given["2015"].scores.table.set_index("subject")
    assert series["low"].iloc[1] == pytest.approx(table.loc["a", "low"])


def test_the_streets_line_is_that_of_its_means() -> None:
    found = trending.over_years(street("2014", "2015", "2016"), SCHEME)
    own = found.history.series[
        (found.history.series["subject"] == ALL_GROUPS) & (found.history.series["code"] == "A")
    ]
    expected = [np.mean(MEANS[wave]) for wave in ("2014", "2015", "2016")]
    assert own["estimate"].tolist() == pytest.approx(expected)


def test_lines_and_changes_of_all_years_are_one_family() -> None:
    given = street(*MEANS)
    found = trending.over_years(given, SCHEME)
    lines = found.history.trends[found.history.trends["level"] == "composite"]
    steps = [given[wave].changes for wave in ("2014", "2015", "2016")]
    plain = [*_plain(lines), *(p for step in steps for p in step.change_p)]
    adjusted = holm(plain)
    assert lines["p_adjusted"].tolist() == pytest.approx(adjusted[:4])
    assert set(lines["tests"]) == {4 + 9}
    after = [found.results[wave].changes.table for wave in ("2014", "2015", "2016")]
    assert [p for t in after for p in t["change_p_adjusted"]] == pytest.approx(adjusted[4:])
    relative = holm([p for step in steps for p in step.p])
    assert [p for t in after for p in t["p_adjusted"]] == pytest.approx(relative)
    for before, table in zip(steps, after, strict=True):
        assert (table["p_adjusted"] >= before.table["p_adjusted"] - 1e-12).all()
        assert ((table["verdict"] != comparing.SAME) == (table["p_adjusted"] < 0.05)).all()


def _plain(lines: pd.DataFrame) -> list[float]:
    """P-values of lines anew, from slope, error and the degrees of freedom of the given waves."""
    given = street(*MEANS)
    found = []
    for subject in lines["subject"]:
        if subject == ALL_GROUPS:
            variance = [r.scores.covariance.mean() for r in given.values()]
            spread = [
                (r.scores.variance[0] ** 2 / 81.0 / r.scores.df[0]).sum() for r in given.values()
            ]
            df = [v**2 / s for v, s in zip(variance, spread, strict=True)]
            values = [r.scores.composite.mean() for r in given.values()]
        else:
            at = SUBJECTS.index(subject)
            variance = [r.scores.variance[0, at] for r in given.values()]
            df = [r.scores.df[0, at] for r in given.values()]
            values = [r.scores.composite[at] for r in given.values()]
        found.append(slope(values, variance, df).p)
    return found


def test_a_wave_that_asked_otherwise_is_left_out_and_named() -> None:
    found = trending.over_years(street(*MEANS, otherwise=("2014",)), SCHEME)
    assert sorted(set(found.history.series["wave"])) == ["2013", "2015", "2016"]
    (note,) = found.notes
    assert note.code == "not_in_trend"
    assert (note.facts["waves"], note.facts["compared"]) == (("2014",), 3)


def test_a_wave_left_out_keeps_its_place_on_the_line() -> None:
    found = trending.over_years(street(*MEANS, otherwise=("2014",)), SCHEME)
    trends = found.history.trends
    (row,) = trends[(trends["code"] == "composite") & (trends["subject"] == "a")].to_dict("records")
    # 80, 85, 89 at places 0, 2, 3: (-5 * 80 + 85 + 4 * 89) / 14
    assert (row["slope"], row["n"]) == (pytest.approx(41.0 / 14.0), 3)


def test_where_fewer_than_three_can_be_compared_there_is_no_line() -> None:
    given = street(*MEANS, otherwise=("2013", "2014"))
    found = trending.over_years(given, SCHEME)
    assert (len(found.history.series), len(found.history.trends)) == (0, 0)
    assert found.results == given
    assert found.notes[0].facts["compared"] == 2


def test_a_committee_that_was_away_too_often_has_no_line() -> None:
    given = street("2014", "2015", "2016")
    scores = given["2014"].scores
    gone = replace(
        scores,
        subjects=scores.subjects[1:],
        estimate=scores.estimate[:, 1:],
        variance=scores.variance[:, 1:],
        df=scores.df[:, 1:],
    )
    found = trending.over_years(given | {"2014": replace(given["2014"], scores=gone)}, SCHEME)
    assert set(found.history.trends["subject"]) == {ALL_GROUPS, "b", "c"}
    street_mean = found.history.series[found.history.series["subject"] == ALL_GROUPS][
        "estimate"
    ].iloc[0]
    assert street_mean == pytest.approx((71.0 + 75.0) / 2)  # of those there in all three
