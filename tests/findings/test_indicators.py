"""The table of indicators by hand: what every row says, how many answers, and what is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.definitions.scheme import Scheme
from evalkit.findings.scoring import score
from evalkit.findings.withholding import told
from evalkit.tables import GroupCells
from tests.findings.small_street import cells_of, group_of, roster_of, scheme_of

close = pytest.approx
ONE_DIMENSION = {"A": {"A1": 40, "A2": 60}}
SCHEME = scheme_of({"r": 70, "o": 30}, ONE_DIMENSION, covers={"o": ["A1"]}, minimum_n=10)


def table_of(scheme: Scheme, **groups: GroupCells) -> pd.DataFrame:
    cells = cells_of(scheme, groups)
    scores, _ = told(score(cells, scheme, roster_of(cells.subjects)), cells, scheme)
    return scores.indicators


def rows(table: pd.DataFrame, subject: str, column: str) -> dict[tuple[str, str], Any]:
    own = table[table["subject"] == subject]
    return {
        (group, code): None if pd.isna(value) else value
        for group, code, value in zip(own["group"], own["code"], own[column], strict=True)
    }


def residents(*counts: list[int]) -> GroupCells:
    return group_of(
        [[80.0, 70.0]] * len(counts),
        [[4.0, 9.0]] * len(counts),
        [max(own) for own in counts],
        n_measure=counts,
    )


def offices(*n: int) -> GroupCells:
    return group_of([[60.0, np.nan]] * len(n), [[16.0, np.nan]] * len(n), n)


def test_every_measure_over_all_groups_and_by_group() -> None:
    """A1 is 0.28 of residents and 0.3 of offices, A2 0.42 of residents: shares 28 : 30 and all."""
    table = table_of(SCHEME, r=residents([20, 15]), o=offices(12))
    assert rows(table, "a", "estimate") == {
        ("all", "composite"): close(69.8),
        ("all", "A"): close(69.8),
        ("all", "A1"): close((28 * 80 + 30 * 60) / 58),
        ("all", "A2"): close(70.0),
        ("r", "composite"): close(0.4 * 80 + 0.6 * 70),
        ("r", "A"): close(74.0),
        ("r", "A1"): close(80.0),
        ("r", "A2"): close(70.0),
        ("o", "composite"): close(60.0),
        ("o", "A"): close(60.0),
        ("o", "A1"): close(60.0),
    }
    errors = rows(table, "a", "se")
    assert errors["r", "A2"] == close(3.0)
    assert errors["o", "A1"] == close(4.0)
    assert errors["r", "composite"] == close((0.4**2 * 4 + 0.6**2 * 9) ** 0.5)
    assert errors["all", "composite"] == close((0.28**2 * 4 + 0.42**2 * 9 + 0.3**2 * 16) ** 0.5)
    assert set(table["wave"]) == {"2016"}
    assert dict(zip(table["code"], table["level"], strict=True)) == {
        "composite": "composite",
        "A": "dimension",
        "A1": "indicator",
        "A2": "indicator",
    }


def test_answers_are_added_over_groups_and_a_dimension_has_those_of_its_fullest_indicator() -> None:
    table = table_of(SCHEME, r=residents([20, 15]), o=offices(12))
    assert rows(table, "a", "n") == {
        ("all", "composite"): 32,
        ("all", "A"): 32,
        ("all", "A1"): 32,
        ("all", "A2"): 15,
        ("r", "composite"): 20,
        ("r", "A"): 20,
        ("r", "A1"): 20,
        ("r", "A2"): 15,
        ("o", "composite"): 12,
        ("o", "A"): 12,
        ("o", "A1"): 12,
    }


def test_a_group_that_judges_the_last_dimension_alone_counts_there_and_in_the_composite() -> None:
    dimensions = {"A": {"A1": 40}, "B": {"B1": 60}}
    scheme = scheme_of({"r": 70, "o": 30}, dimensions, covers={"o": ["B1"]}, minimum_n=10)
    offices_of_b = group_of([[np.nan, 60.0]], [[np.nan, 16.0]], [12], n_measure=[[0, 12]])
    table = table_of(scheme, r=residents([20, 15]), o=offices_of_b)
    told_of = rows(table, "a", "n")
    assert {code: n for (group, code), n in told_of.items() if group == "all"} == {
        "composite": 32, "A": 20, "B": 27, "A1": 20, "B1": 27,
    }  # fmt: skip


def test_the_composite_counts_whoever_answered_anything() -> None:
    """Twenty answered, no indicator has more than 15."""
    group = group_of([[80.0, 70.0]], [[4.0, 9.0]], [20], n_measure=[[12, 15]])
    counts = rows(table_of(SCHEME, r=group, o=offices(12)), "a", "n")
    assert (counts["r", "composite"], counts["r", "A"]) == (20, 15)
    assert (counts["all", "composite"], counts["all", "A"]) == (32, 27)


def test_a_committee_has_its_own_rows_in_order() -> None:
    group = group_of([[80.0, 70.0], [50.0, 40.0]], [[4.0, 9.0]] * 2, [20, 30])
    table = table_of(SCHEME, r=group, o=offices(12, 14))
    assert rows(table, "b", "estimate")["r", "A2"] == close(40.0)
    assert rows(table, "b", "n")["r", "A2"] == 30
    assert rows(table, "b", "n")["o", "A1"] == 14
    assert list(table.loc[table["group"] == "all", "subject"]) == ["a"] * 4 + ["b"] * 4


def test_as_many_answers_as_the_minimum_are_published_and_one_fewer_is_not() -> None:
    table = table_of(SCHEME, r=residents([20, 20], [20, 20]), o=offices(10, 9))
    assert rows(table, "a", "estimate")["o", "A1"] == close(60.0)
    assert rows(table, "b", "estimate")["o", "A1"] is None


def test_what_would_give_a_small_cell_away_goes_with_it() -> None:
    """Offices are nine. A1 over all groups less the residents' A1 is theirs: that goes, too.

    The residents' A1 follows from their dimension and A2, and so does their composite: these two
    sums of twenty answers go, and A2, which does not help any more, is told. The offices' A1 is
    then (40.4 - 0.28 r) / 0.3 for any r from 0 to 100: between 41.3 and 100.
    """
    table = table_of(SCHEME, r=residents([20, 20], [20, 20]), o=offices(12, 9))
    hidden = {key for key, value in rows(table, "b", "estimate").items() if value is None}
    assert hidden == {(g, code) for g in "ro" for code in ("A1", "A", "composite")}
    assert all(value is not None for value in rows(table, "a", "estimate").values())


def test_answers_of_sums_go_where_a_part_is_left_out() -> None:
    """32 of everybody less 23 of the residents would be the nine."""
    table = table_of(SCHEME, r=residents([23, 23]), o=offices(9))
    counts, estimates = rows(table, "a", "n"), rows(table, "a", "estimate")
    assert estimates["all", "composite"] is not None
    for code in {code for (_, code), value in estimates.items() if value is None}:
        assert counts["all", code] is None
    for key, value in estimates.items():
        assert value is not None or counts[key] is None
    assert counts["o", "A1"] is None


def test_a_lonely_groups_small_cell_takes_another_with_it() -> None:
    """0.4 A1 + 0.6 A2 = 74 is the score: without A2, A1 is anything from 35 to 100."""
    scheme = scheme_of({"r": 100}, ONE_DIMENSION, minimum_n=10)
    table = table_of(scheme, r=residents([9, 30]))
    hidden = {key for key, value in rows(table, "a", "estimate").items() if value is None}
    assert hidden == {(g, code) for g in ("r", "all") for code in ("A1", "A2")}
    assert rows(table, "a", "se")["all", "composite"] is not None


def test_a_street_mean_takes_a_number_of_a_second_committee() -> None:
    """Twice the street's A1 less the other's A1 would be the small one, and so with A2."""
    scheme = scheme_of({"r": 100}, ONE_DIMENSION, minimum_n=10)
    table = table_of(scheme, r=residents([9, 30], [40, 40], [30, 30]))
    gone = {key for key, value in rows(table, "c", "estimate").items() if value is None}
    assert gone == {(g, code) for g in ("r", "all") for code in ("A1", "A2")}
    assert all(value is not None for value in rows(table, "b", "estimate").values())


def test_a_score_at_the_scales_end_gives_small_cells_away_and_a_note_says_so() -> None:
    """0.4 A1 + 0.6 A2 = 99: A1 is 97.5 at the least, whatever is left out."""
    scheme = scheme_of({"r": 100}, ONE_DIMENSION, minimum_n=10)
    cells = cells_of(
        scheme, {"r": group_of([[99.0, 99.0]], [[4.0, 9.0]], [30], n_measure=[[9, 30]])}
    )
    scores, notes = told(score(cells, scheme, roster_of(cells.subjects)), cells, scheme)
    assert [(note.code, note.where, note.count) for note in notes] == [
        ("given_away_by_scores", "2016", 1)
    ]
    hidden = scores.indicators.loc[scores.indicators["estimate"].isna(), "code"]
    assert set(hidden) == {"A1", "A2"}


def test_a_cell_of_a_single_answer_is_not_published() -> None:
    group = group_of([[80.0, 70.0]], [[4.0, np.nan]], [20], n_measure=[[20, 1]])
    table = table_of(SCHEME, r=group, o=offices(12))
    assert rows(table, "a", "estimate")["r", "A2"] is None
    # nor the other indicator, which the group's sum and it would tell
    assert rows(table, "a", "estimate")["r", "A1"] is None


def test_composites_alone_are_the_same_composites() -> None:
    cells = cells_of(SCHEME, {"r": residents([20, 15], [18, 15]), "o": offices(12, 9)})
    whole = score(cells, SCHEME, roster_of(cells.subjects))
    alone = score(cells, SCHEME, roster_of(cells.subjects), parts=False)
    pd.testing.assert_frame_equal(alone.table, whole.table)
    np.testing.assert_array_equal(alone.estimate, whole.estimate[:1])
    np.testing.assert_array_equal(alone.covariance, whole.covariance)
    assert not len(alone.indicators)
    assert list(alone.indicators) == list(whole.indicators)
