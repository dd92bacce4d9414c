"""`satisfaction.csv` of every workspace, and what must not follow from it by subtraction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.recomputation import against, evaluations, listening, satisfaction, withheld


def recomputed(own: evaluations.Recomputed) -> pd.DataFrame:
    now = against.published(own.out / "indicators.csv")
    seen = [_seen(own, -1, now)]
    if own.before is not None:
        database = own.folder / "evaluation.duckdb"
        seen.append(_seen(own, -2, against.of_past_wave(database, "indicators", own.before.name)))
    return satisfaction.table(
        own.street, seen[0], seen[1] if seen[1:] else None, past_rows=not own.past_rows_are_gone
    )


def _seen(own: evaluations.Recomputed, place: int, indicators: pd.DataFrame) -> satisfaction.Seen:
    left_out = set(withheld.keys(indicators[indicators["estimate"].isna()]))
    return satisfaction.Seen(own.street, own.rows[place], own.waves[place], left_out)


@pytest.mark.parametrize("name", evaluations.ALL)
def test_shares_intervals_verdicts_and_changes(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    against.assert_same(recomputed(own), against.published(own.out / "satisfaction.csv"))


@pytest.mark.parametrize("name", evaluations.ALL)
def test_no_number_of_few_follows_from_the_shares(
    request: pytest.FixtureRequest, name: str
) -> None:
    """What is left of the street is nobody or enough; what is pooled is told group by group."""
    own = evaluations.recomputed(request, name)
    table = against.published(own.out / "satisfaction.csv")
    groups = [g for g in own.street.groups() if g["residents"]]
    least = min(g["minimum_n"] for g in groups)
    everybody = table[table["by"] == "all"]
    assert (everybody["n"] >= least).all()
    for _, rows in everybody.groupby("item"):
        rest = rows.loc[rows["subject"] == "all", "n"].sum()
        rest -= rows.loc[rows["subject"] != "all", "n"].sum()
        assert rest == 0 or rest >= least
    file = against.published(own.out / "indicators.csv")
    told = dict(zip(withheld.keys(file), file["estimate"].notna(), strict=True))
    for subject, item in zip(everybody["subject"], everybody["item"], strict=True):
        if subject == "all":
            continue
        place = own.now.subjects.index(subject)
        for group in groups:
            cell = own.now.cells[group["code"]]
            for i, indicator in enumerate(own.street.indicators()):
                used = item in indicator["items"].get(group["questionnaire"], [])
                judged = indicator["code"] in own.street.covered(group["code"])
                many = cell.n[place] >= group["minimum_n"] and cell.n_measure[place, i] > 0
                if used and judged and many:
                    assert told[subject, indicator["code"], group["code"]], (subject, item)


@pytest.mark.parametrize("name", evaluations.ALL)
def test_kinds_of_residents_are_many_on_either_side(
    request: pytest.FixtureRequest, name: str
) -> None:
    own = evaluations.recomputed(request, name)
    table = against.published(own.out / "satisfaction.csv")
    kinds = table[table["by"] != "all"]
    least = listening.minimum(own.street)
    hits = kinds["n"] * kinds["share"]
    if all(rows.kept["weight"].eq(1).all() for rows in own.rows):
        assert (hits > least - 1e-6).all()
        assert (kinds["n"] - hits > least - 1e-6).all()
    assert (kinds["n"] >= 2 * least).all()


def test_the_streets_have_what_they_are_for(request: pytest.FixtureRequest) -> None:
    """Without these the comparisons above would not bite."""
    tables = {
        name: against.published(evaluations.recomputed(request, name).out / "satisfaction.csv")
        for name in evaluations.SMALL
    }
    whole = pd.concat(tables.values())
    committees = whole[whole["subject"] != "all"]
    assert set(committees["verdict"]) >= {"高于", "低于", "无显著差异"}
    assert set(whole["change_verdict"]) == {"上升", "下降", "无显著变化", "未比较"}
    assert set(whole.loc[whole["by"] != "all", "by"]) >= {"sex", "age"}
    assert (whole["share"] == 1).any()
    # Weights, a committee that is not told although it answered, and a question it is not told of.
    assert not np.allclose(tables["weighted"]["n"] * tables["weighted"]["share"] % 1, 0)
    told = tables["all_kinds"].groupby("item")["subject"].nunique()
    assert len(set(told)) > 1
