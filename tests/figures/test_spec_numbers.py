"""What a chart of a real evaluation draws, in its Vega-Lite specification, against its plan."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pandas as pd
import pytest

from evalkit.figures.examples import two_waves
from evalkit.pages import diagnosis, street, technical
from evalkit.pages.press.planned import Chart
from tests.pages import published
from tests.pages.reading import Files, fixed, percent, read, signed

SIX = 1e-6
"""Specifications carry six decimals."""


@pytest.fixture(scope="module")
def files(request: pytest.FixtureRequest) -> Files:
    return published.street("town", request)


@pytest.fixture(scope="module")
def charts(files: Files) -> list[Chart]:
    papers = diagnosis.plan_all(files.evaluation)
    return [
        *(c for paper in papers for c in read(paper).charts),
        *read(street.plan(files.evaluation)).charts,
        *read(technical.plan(files.evaluation)).charts,
    ]


def of(charts: list[Chart], figure: str) -> list[Chart]:
    found = [c for c in charts if c.figure == figure]
    assert found
    return found


def rows(chart: Chart) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.spec()["datasets"]["rows"]
    return found


HALF = 0.05 + SIX
"""A chart holds a number as it is printed: half of its last decimal may be gone."""


def near(found: float | None, expected: float | None, decimals: int = 1) -> bool:
    if expected is None or math.isnan(expected):
        return found is None
    return found is not None and abs(found - expected) <= HALF * 10.0 ** (1 - decimals)


DOTS = {"profile": "estimate", "groups": "estimate", "sensitivity_bars": "value"}


@pytest.mark.parametrize("figure", DOTS)
def test_dots_stand_at_their_values_between_their_ends_with_the_number_beside(
    charts: list[Chart], figure: str
) -> None:
    texts = Counter[str]()
    for chart in of(charts, figure):
        decimals = chart.options.get("decimals", 1)
        for row, own in zip(rows(chart), chart.frame.to_dict("records"), strict=True):
            value = own[DOTS[figure]]
            assert near(row["x"], value, decimals)
            if not math.isnan(value):
                assert near(row["low"], own["low"], decimals)
                assert near(row["high"], own["high"], decimals)
                assert row["aside"] == own.get("aside", fixed(value, decimals))
            for key in {"street", "previous"} & set(own):
                assert near(row[key], own[key], decimals)
            name = own.get("name", own.get("group"))
            assert row["label"].startswith(name)
            if figure == "groups":
                assert f"（{own['n']}{chart.options.get('unit', '份')}）" in row["label"]
            if "highlight" in own:
                assert row["strong"] == own["highlight"]
                assert row["shape"] == ("diamond" if own["highlight"] else "circle")
            texts[row["aside"][:1]] += 1
    assert texts
    if figure == "sensitivity_bars":
        assert texts["+"] > 1
        assert texts["−"] > 1


def test_the_caterpillar_stands_in_ranking_order(charts: list[Chart]) -> None:
    for chart in of(charts, "caterpillar"):
        for row, own in zip(rows(chart), chart.frame.to_dict("records"), strict=True):
            assert near(row["x"], own["score"])
            assert near(row["low"], own["low"])
            assert near(row["high"], own["high"])
            assert str(own["rank"]) in row["label"]
            assert own["name"] in row["label"]
            assert row["strong"] == own["highlight"]


def test_movers_stand_from_the_largest_rise_to_the_largest_fall(charts: list[Chart]) -> None:
    (chart,) = of(charts, "movers")
    own = sorted(chart.frame.to_dict("records"), key=lambda r: -r["change"])
    shapes = {"明显上升": "triangle-up", "明显下降": "triangle-down", "尚看不出变化": "circle"}
    for row, r in zip(rows(chart), own, strict=True):
        assert row["label"] == r["name"]
        assert near(row["x"], r["change"])
        assert near(row["low"], r["low"])
        assert near(row["high"], r["high"])
        assert row["shape"] == shapes[r["verdict"]]
        assert row["aside"].split() == [signed(r["change"]), r["verdict"]]


def test_a_strip_has_everybodys_score_and_one_text(charts: list[Chart]) -> None:
    for chart in of(charts, "strip"):
        own = chart.frame.to_dict("records")
        drawn = sorted(r["score"] for r in rows(chart))
        assert drawn == pytest.approx(sorted(r["score"] for r in own), abs=HALF)
        marked = [r for r in own if r["highlight"]]
        told = [r for r in rows(chart) if r["strong"]]
        assert len(told) == len(marked) < 2
        for row, r in zip(told, marked, strict=True):
            assert row["text"].split() == [r["name"], fixed(r["score"])]
            assert near(row["low"], r["low"])
            assert near(row["high"], r["high"])


def test_slopes_go_from_the_last_rank_to_this_one() -> None:
    options = {"from_label": "2015年", "to_label": "2016年", "kind": "rank"}
    chart = Chart("slope", two_waves((6,), "rank"), "名次", options)
    own = chart.frame.to_dict("records")
    drawn = Counter((r["from"], r["to"], r["strong"]) for r in rows(chart))
    assert drawn == Counter(
        (float(r["from_value"]), float(r["to_value"]), r["highlight"]) for r in own
    )
    (mine,) = (r for r in rows(chart) if r["strong"])
    assert f"第{mine['from']:.0f}名" in mine["from_text"]
    assert f"第{mine['to']:.0f}名" in mine["to_text"]


def test_parts_of_a_change_are_laid_end_to_end_and_add_up(charts: list[Chart]) -> None:
    for chart in of(charts, "contributions"):
        own = dict(zip(chart.frame["name"], chart.frame["points"], strict=True))
        *parts, total = rows(chart)
        at = 0.0
        for row in parts:
            points = own.pop(row["name"], None)
            if points is None:  # the smallest, together behind the others
                assert (row is parts[-1], row["name"]) == (True, f"其余{len(own)}项")
                points, own = math.fsum(own.values()), {}
            assert near(row["start"], at)
            at += points
            assert abs(row["end"] - at) <= HALF
            assert row["text"] == signed(points)
        assert own == {}
        assert abs(total["end"] - math.fsum(chart.frame["points"])) <= HALF
        assert total["text"] == signed(math.fsum(chart.frame["points"]))


def test_bars_of_answers_are_as_long_as_their_shares(charts: list[Chart]) -> None:
    for chart in of(charts, "distribution"):
        own = chart.frame.to_dict("records")
        bars = [r for r in rows(chart) if r["start"] is not None]
        assert len(bars) == len(own)
        for row, r in zip(bars, own, strict=True):
            assert abs(row["end"] - row["start"] - r["share"]) <= HALF / 5
            if row["text"]:
                assert row["text"].split()[0] in (r["option"], percent(r["share"]))
        heads = [(r["head"], r["aside"]) for r in rows(chart) if r["head"]]
        assert heads == list(dict.fromkeys((r["item"], r["aside"]) for r in own))


def test_grades_are_stacked_by_their_counts(charts: list[Chart]) -> None:
    (chart,) = of(charts, "grade_counts")
    own = [r for r in chart.frame.to_dict("records") if r["count"]]
    bars = [r for r in rows(chart) if r["start"] is not None]
    assert [r["end"] - r["start"] for r in bars] == [r["count"] for r in own]
    assert [r["text"] for r in bars] == [str(r["count"]) for r in own]


def importance(files: Files) -> Chart:
    """The map that researchers draw of the drivers; no paper holds it."""
    drivers = files.evaluation.assurance.drivers
    reach = 1.96 * drivers["performance_se"]
    frame = pd.DataFrame(
        {
            "name": drivers["name"],
            "label": drivers["name"],
            "importance": 100 * drivers["importance"],
            "importance_low": 100 * drivers["low"],
            "importance_high": 100 * drivers["high"],
            "performance": drivers["performance"],
            "performance_low": drivers["performance"] - reach,
            "performance_high": drivers["performance"] + reach,
        }
    )
    lines = {f"{axis}_line": float(frame[axis].mean()) for axis in ("importance", "performance")}
    return Chart("importance_performance", frame, "影响力与得分", lines)


def test_the_map_of_importance_draws_every_point_with_both_intervals(files: Files) -> None:
    columns = [
        f"{axis}{end}" for axis in ("importance", "performance") for end in ("", "_low", "_high")
    ]
    for chart in (importance(files),):
        own = {str(r["label"]): r for r in chart.frame.to_dict("records")}
        drawn = {r["name"]: r for r in rows(chart)}
        assert set(drawn) == set(own)
        lines = [chart.options[f"{axis}_line"] for axis in ("importance", "performance")]
        for name, r in own.items():
            for column in columns:
                assert near(drawn[name][column], r[column])
            apart = all(
                r[f"{axis}_low"] > line or r[f"{axis}_high"] < line
                for axis, line in zip(("importance", "performance"), lines, strict=True)
            )
            assert drawn[name]["sure"] == apart
