"""The chart of the three groups: everybody is named, on as many sheets as that takes."""

from __future__ import annotations

import pytest

from evalkit.figures.examples import standings
from evalkit.pages.press.planned import Chart
from evalkit.pages.street.league import BELOW_HEADING, ON_A_SHEET, _sheets


def chart(count: int) -> Chart:
    return Chart("standings", standings(count), "三组", {"words": ("高", "平", "低"), "mean": 85.0})


def test_a_street_whose_names_fit_has_one_chart() -> None:
    whole = chart(ON_A_SHEET)
    assert _sheets(whole) == [whole]


@pytest.mark.parametrize(("count", "sheets"), [(43, 2), (78, 2), (79, 3), (120, 3)])
def test_more_committees_have_more_sheets_and_everybody_is_on_one(count: int, sheets: int) -> None:
    whole = chart(count)
    parts = _sheets(whole)
    assert [len(part.frame) <= ON_A_SHEET for part in parts] == [True] * sheets
    assert len(parts[0].frame) == BELOW_HEADING
    names = [name for part in parts for name in part.frame["name"]]
    assert sorted(names) == sorted(whole.frame["name"])
    ranks = [-way for part in parts for way in part.frame["standing"]]
    assert ranks == sorted(ranks)
    totals = tuple(int((whole.frame["standing"] == way).sum()) for way in (1, 0, -1))
    assert {part.options["counts"] for part in parts} == {totals}
    assert len({part.options["domain"] for part in parts}) == 1
    headings = [
        row["label"]
        for part in parts
        for row in part.spec()["datasets"]["rows"]
        if row.get("strong")
    ]
    assert set(headings) == {f"{w} {n} 个" for w, n in zip("高平低", totals, strict=True) if n}
