"""Maps: colours by value, verdicts by hatching and arrows, and the published SVG files' own words."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from evalkit.pages import street
from evalkit.pages.telling import maps
from tests.pages import published
from tests.pages.reading import Files, Page, fixed, percent, read
from tests.pages.test_street_numbers import verdict_of

LIGHT_TO_DARK = ["#eff3f8", "#bdd7e7", "#6baed6", "#2171b5", "#08386f"]


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> Page:
    return read(street.plan(files.evaluation))


def codes(files: Files) -> list[str]:
    return ["composite", *(d.code for d in files.evaluation.scheme.dimensions)]


def values(files: Files, code: str) -> dict[str, float]:
    """Every complete committee's own number, as the map prints it."""
    complete = [r["subject"] for r in files.table("scores") if r["complete"]]
    rows = {
        s: files.one("indicators", subject=s, code=code, group="all")["estimate"] for s in complete
    }
    return {s: float(fixed(v)) for s, v in rows.items()}


def quantile(ordered: list[float], share: float) -> float:
    """Linear between neighbours."""
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def classes(own: dict[str, float]) -> dict[str, int]:
    ordered = sorted(own.values())
    breaks = [quantile(ordered, share) for share in (0.2, 0.4, 0.6, 0.8)]
    return {s: sum(b < v for b in breaks) for s, v in own.items()}


def drawn(files: Files, code: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = maps.chart(files.evaluation, code).spec()["datasets"]["rows"]
    return rows


def test_colours_go_from_light_to_dark_by_fifths_of_the_printed_values(files: Files) -> None:
    for code in codes(files):
        own = values(files, code)
        place = classes(own)
        assert set(place.values()) == {0, 1, 2, 3, 4}
        fills = {r["id"]: r["fill"] for r in drawn(files, code) if r["part"] == "area"}
        for subject in own:
            assert fills[subject] == LIGHT_TO_DARK[place[subject]]
        for row in files.table("scores"):
            if not row["complete"]:
                assert fills[row["subject"]] not in LIGHT_TO_DARK
        told = [r["text"] for r in drawn(files, code) if r["part"] == "tick"]
        expected = []
        for k in range(5):
            inside = [v for s, v in own.items() if place[s] == k]
            ends = (fixed(min(inside)), fixed(max(inside)))
            expected.append(ends[0] if ends[0] == ends[1] else "～".join(ends))
        assert told == expected


def test_what_cannot_be_told_from_the_mean_is_hatched_and_the_rest_has_an_arrow(
    files: Files,
) -> None:
    seen = set()
    for code in codes(files):
        rows = drawn(files, code)
        hatched = {r["id"] for r in rows if r["part"] == "hatch"}
        texts = [str(r.get("text", "")) for r in rows]
        for subject, value in values(files, code).items():
            verdict = verdict_of(files, subject, code)
            assert (subject in hatched) == (verdict == "无显著差异")
            mark = {"高于": "▲", "低于": "▼", "无显著差异": ""}[verdict]
            assert any(f"{mark}{fixed(value)}" in text for text in texts)
            seen.add(verdict)
        for row in files.table("scores"):
            if not row["complete"]:
                assert row["subject"] in hatched
    assert len(seen) == 3


def test_the_published_files_carry_every_name_and_number_once_at_least(files: Files) -> None:
    assert sorted(p.name for p in (files.folder / "maps").iterdir()) == sorted(
        f"{code}.svg" for code in codes(files)
    )
    titles = {d.code: d.name for d in files.evaluation.scheme.dimensions}
    for code in codes(files):
        root = ET.fromstring((files.folder / f"maps/{code}.svg").read_text(encoding="utf-8"))
        text = "".join("".join(root.itertext()).split())
        assert titles.get(code, "综合得分") in text
        assert "2016年度" in text
        for row in files.table("scores"):
            assert row["name"] in text
            if not row["complete"]:
                assert "不完整" in text
        for value in values(files, code).values():
            assert fixed(value) in text


def test_the_report_names_the_dimension_that_differs_most(files: Files, page: Page) -> None:
    (part,) = (p for p in page.parts if p.title.startswith("综合得分与"))
    spread = []
    for d in files.evaluation.scheme.dimensions:
        rows = files.where("indicators", code=d.code, group="all")
        complete = {r["subject"] for r in files.table("scores") if r["complete"]}
        own = [r["estimate"] for r in rows if r["subject"] in complete]
        clear = sum(verdict_of(files, s, d.code) != "无显著差异" for s in complete)
        spread.append((max(own) - min(own), d.name, min(own), max(own), clear, len(own)))
    _, name, low, high, clear, n = max(spread)
    tail = f"{n} 个中 {clear} 个能与街道平均区分开。"
    assert part.takeaway == (
        f"居民区之间差别最大的维度是“{name}”：最低 {fixed(low)} 分，最高 {fixed(high)} 分，{tail}"
    )
    numeral = "零一二三四五六七八九十"[len(files.evaluation.scheme.dimensions)]
    assert part.title == f"综合得分与{numeral}张指数地图"
    rate = percent(files.evaluation.scheme.false_discovery_rate)
    assert f"误报的比例预期不超过 {rate}" in part.text


def test_the_reports_maps_hold_the_same_numbers_as_the_files(files: Files, page: Page) -> None:
    (part,) = (p for p in page.parts if p.title.startswith("综合得分与"))
    assert [c.options["title"] for c in part.charts] == [
        "综合得分",
        *(d.name for d in files.evaluation.scheme.dimensions),
    ]
    for chart, code in zip(part.charts, codes(files), strict=True):
        told = dict(zip(chart.frame["id"], chart.frame["value"], strict=True))
        se = dict(zip(chart.frame["id"], chart.frame["se"], strict=True))
        for subject in values(files, code):
            row = files.one("indicators", subject=subject, code=code, group="all")
            assert told[subject] == row["estimate"]
            assert se[subject] == row["se"]
        names = dict(zip(chart.frame["id"], chart.frame["name"], strict=True))
        assert names == {r["subject"]: r["name"] for r in files.table("scores")}
