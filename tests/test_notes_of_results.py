"""Every note that goes with results: when it is said, of how many, and when it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.codes import Lack
from evalkit.errors import Note
from evalkit.findings import comparing, planning, ranking, scoring, sensitivity, standing
from evalkit.pages.press.meanings import read_from
from evalkit.pages.press.sentences import said
from evalkit.tables import FRAMES, Changes, NotCompared, Ranking, no_rows
from tests import tiny
from tests.archive.small import make_cells

SCORES: Any = SimpleNamespace(wave="2016", incomplete=())


def told(notes: tuple[Note, ...]) -> list[tuple[str, str, int | None]]:
    return [(note.code, note.where, note.count) for note in notes]


def rows(name: str, count: int, **given: list[Any]) -> pd.DataFrame:
    kinds: dict[str, Any] = {"text": "x", "integer": 1, "number": 0.5, "flag": True}
    return pd.DataFrame({c.name: given.get(c.name, [kinds[c.kind]] * count) for c in FRAMES[name]})


@pytest.mark.parametrize(
    ("committees", "low", "high", "said"),
    [
        (2, 0.5, 0.69, ["low_reliability"]),
        (2, 0.69, 0.9, ["undecided_reliability"]),
        (2, 0.7, 0.9, []),
        (1, 0.0, 0.0, []),
    ],
)
def test_a_table_of_low_reliability_says_so(
    committees: int, low: float, high: float, said: list[str]
) -> None:
    table = rows("ranking", committees)
    made = Ranking("2016", table, (low + high) / 2, 3.0, 0.0, (), None, low, high)
    assert told(ranking.notes(made)) == [(code, "2016", None) for code in said]


@pytest.mark.parametrize(
    ("reliability", "apart", "said"),
    [
        (0.6, 0.9, "不足以逐名排序"),
        (0.69, 0.9, "定不下来"),
        (0.75, 0.49, "宜分出高、中、低"),
        (0.75, 0.5, "能大致分出先后"),
    ],
)
def test_what_may_be_read_from_a_table(reliability: float, apart: float, said: str) -> None:
    ends = reliability - 0.05, reliability + 0.05
    made = Ranking("2016", rows("ranking", 2), reliability, 3.0, apart, (), None, *ends)
    found = {"reliability": reliability, "distinguishable_pairs": apart}
    found |= {"reliability_low": ends[0], "reliability_high": ends[1]}
    verdict = read_from({**found, "verdict": ranking.verdict(made)})
    assert said in verdict
    assert f"约 {reliability:.0%}" in verdict
    assert f"{ends[0]:.0%} 至 {ends[1]:.0%}" in verdict


def test_bounds_that_another_seed_might_move_are_counted() -> None:
    made = Ranking("2016", rows("ranking", 3), 0.9, 3.0, 0.0, ("s1", "s3"), None, 0.8, 0.95)
    assert told(ranking.notes(made)) == [("monte_carlo", "2016", 2)]


def test_a_plan_that_cannot_be_made_or_reached() -> None:
    assert told(planning.notes(no_rows("plan"), SCORES)) == [("no_plan", "2016", None)]
    wanted = [f"half-width {planning.HALF_WIDTH:g}"]
    wanted += [f"reliability {target:g}" for target in planning.RELIABILITIES]
    first, second, *others = wanted
    targets = [first, first, second, second, *others]
    reachable = [False, False, True, False, *(True for _ in others)]
    plan = rows("plan", len(targets), target=targets, reachable=reachable)
    assert told(planning.notes(plan, SCORES)) == [("unreachable_target", "2016", 2)]
    # of the last target nothing is said: nobody can reach it
    lacking = plan.iloc[:-1]
    assert told(planning.notes(lacking, SCORES)) == [("unreachable_target", "2016", 3)]
    assert planning.notes(rows("plan", len(wanted), target=wanted), SCORES) == ()


def test_weights_that_move_nothing() -> None:
    influence = no_rows("weight_influence")
    assert told(sensitivity.notes(influence, SCORES)) == [("no_weight_matters", "2016", None)]
    assert sensitivity.notes(rows("weight_influence", 1), SCORES) == ()


def test_bands_that_cannot_be_drawn_and_gaps_that_stand_out() -> None:
    assert told(standing.notes(SCORES, no_rows("bands"), 0)) == [("no_bands", "2016", None)]
    assert told(standing.notes(SCORES, rows("bands", 3), 2)) == [("gap_outlier", "2016", 2)]
    assert standing.notes(SCORES, rows("bands", 3), 0) == ()


def test_committees_that_are_not_compared_and_measures_that_are_others() -> None:
    none: pd.Series[float] = pd.Series(dtype=float)
    changes = Changes(
        "2015", "2016", no_rows("changes"), no_rows("contributions"), 0.0, none, none,
        {"s1": NotCompared("2015", Lack.ABSENT), "s2": NotCompared("2016", Lack.INCOMPLETE)}, none, none, none,
    )  # fmt: skip
    before = make_cells("2015", 1)
    same = replace(before, wave="2016")
    assert told(comparing.notes(before, same, changes)) == [("not_compared", "2015-2016", 2)]
    other = replace(same, definitions={**before.definitions, "A1": "sha-9", "B1": "sha-8"})
    found = comparing.notes(before, other, replace(changes, not_compared={}))
    assert told(found) == [("measured_differently", "2015-2016", 2)]
    assert "A1、B1" in said(found[0])


def test_committees_without_all_answers_and_answers_without_difference() -> None:
    cells = make_cells("2016", 1)
    scores: Any = SimpleNamespace(
        incomplete=("s1", "s2", "s3"), subjects=(), errors_known=True, provisional=None
    )
    nothing: Any = SimpleNamespace(groups=(), indicators=(), weights=lambda: np.zeros((0, 0)))
    nobody: Any = None
    assert told(scoring.notes(cells, scores, nothing, nobody)) == [("incomplete", "2016", 3)]
    group = cells.groups["peer"]
    covariance = group.covariance.copy()
    covariance[0] = 0.0
    flat = replace(
        cells,
        groups={
            **cells.groups,
            "peer": replace(
                group,
                covariance=covariance,
                n=np.array([5, 5, 5]),
                n_measure=np.full(group.n_measure.shape, 5),
                mean=np.full(group.mean.shape, 80.0),
            ),
        },
    )
    codes = [code for code, _, _ in told(scoring.notes(flat, scores, nothing, nobody))]
    assert codes == ["identical_answers", "incomplete"]


def test_an_alternative_scale_needs_the_rows_of_its_wave(tmp_path: Path) -> None:
    """All waves come from the archive: other option scores cannot be tried, other weights can."""
    root = tiny.write(tmp_path / "ws")
    scheme = (root / "scheme.yaml").read_text(encoding="utf-8")
    (root / "scheme.yaml").write_text(
        scheme + "  - {id: wide, name: 拉开, option_scores: {80: 75}}\n", encoding="utf-8"
    )
    inputs = ek.open(root).inputs()
    whole = ek.evaluate(inputs)
    archived = {wave: result.cells for wave, result in whole.waves.items()}
    recalled = ek.evaluate(replace(inputs, sources={}, archived=archived))
    codes = [note.code for note in whole.notes]
    assert "alternative_needs_rows" not in codes
    (note,) = (note for note in recalled.notes if note.code == "alternative_needs_rows")
    assert note.where == "2016"
    assert "拉开" in said(note)
    scenarios = {
        name: set(made.assurance.sensitivity["scenario"]) & {"even", "wide"}
        for name, made in (("whole", whole), ("recalled", recalled))
    }
    assert scenarios == {"whole": {"even", "wide"}, "recalled": {"even"}}
    assert recalled.scores.equals(whole.scores)
