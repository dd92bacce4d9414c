"""Rules of pages that the two real streets do not reach, on small tables made up for them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.pages.press import wording as say
from evalkit.pages.street import fieldwork
from evalkit.pages.technical import appendix, drivers, sampling
from evalkit.tables import Evaluation
from tests.deciding import with_wave
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def small() -> Evaluation:
    return made_up(Street(count=6, mean=80.0))


def test_a_chance_of_one_in_a_hundred_is_still_a_number() -> None:
    assert say.chance(0.01) == "1%"
    assert say.chance(0.012) == "1%"
    assert say.chance(0.0099) == "<1%"
    assert say.chance(0.99) == "99%"
    assert say.chance(0.9901) == ">99%"


def test_exactly_the_minimum_of_answers_is_enough(small: Evaluation) -> None:
    group = small.scheme.groups[0]
    cells = small.current.cells
    n = cells.groups[group.code].n.copy()
    n[:] = group.minimum_n + 5
    n[0], n[1] = group.minimum_n, group.minimum_n - 1
    groups = {**cells.groups, group.code: replace(cells.groups[group.code], n=n)}
    thin = with_wave(small, cells=replace(cells, groups=groups))
    row = fieldwork.section(thin).groups[0]
    assert row["below"] == "1 个"
    assert row["least"] == f"<{group.minimum_n} 份"


def test_what_comes_first_is_surely_more_important_and_surely_worse() -> None:
    # means: importance 0.2, performance 80; only the first is off both lines with its whole interval
    table = pd.DataFrame(
        {
            "name": ["甲", "乙", "丙"],
            "importance": [0.3, 0.28, 0.02],
            "importance_low": [0.25, 0.21, 0.0],
            "importance_high": [0.35, 0.35, 0.1],
            "performance": [70.0, 78.0, 92.0],
            "performance_low": [65.0, 75.0, 90.0],
            "performance_high": [75.0, 81.0, 94.0],
        }
    )
    assert drivers.priorities(table) == ["甲"]
    unsure = table.assign(importance_low=[0.19, 0.21, 0.0])
    assert drivers.priorities(unsure) == []


def planned(small: Evaluation, reliability: float, half_width: float) -> str:
    """What is said where the table has a plan of 80 answers beside this wave's 100."""
    rows = [
        ("present", 100, 0.80, 3.0),
        ("reliability 0.8", 80, reliability, half_width),
    ]
    plan = pd.DataFrame(
        [
            {
                "target": target, "group": "all", "n_per_subject": n / 6, "n_total": n,
                "issued_total": 2 * n, "reliability": r, "half_width": h, "reachable": True,
                "detectable": 7.0, "power": 0.4,
            }
            for target, n, r, h in rows
        ]
    )  # fmt: skip
    return sampling.takeaway(replace(small, assurance=replace(small.assurance, plan=plan)))


def test_a_cheaper_plan_is_named_only_where_it_is_as_good_in_both_ways(small: Evaluation) -> None:
    assert "80 份有效答卷就能做到" in planned(small, 0.80, 3.0)
    assert "80 份有效答卷就能做到" in planned(small, 0.81, 2.9)
    assert "就能做到" not in planned(small, 0.79, 2.9)
    assert "就能做到" not in planned(small, 0.81, 3.1)


def test_the_published_rank_is_one_of_those_that_other_choices_span(small: Evaluation) -> None:
    first = small.current.ranking.table.iloc[0]
    worse = pd.DataFrame(
        [
            {
                **dict.fromkeys(small.assurance.sensitivity.columns),
                "wave": small.wave, "scenario": "other", "scenario_name": "另一种",
                "subject": first["subject"], "name": first["name"], "score": 80.0,
                "rank": 4, "rank_change": 4 - int(first["rank"]), "grade": "良好",
            }
        ]
    )  # fmt: skip
    moved = replace(small, assurance=replace(small.assurance, sensitivity=worse))
    section = appendix.section(moved)
    assert section is not None
    assert section.rows[0]["scenarios"] == "1–4"
    assert appendix.spans(moved)[first["subject"]] == 3
