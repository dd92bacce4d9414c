"""Maps: classes and signs by verdict, first wishes, and the published SVG files' own words."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any

import pytest

from evalkit.pages.telling import maps
from tests.pages import published
from tests.pages.reading import Files, Page, fixed, percent
from tests.pages.test_street_numbers import verdict_of

FILLS = {"高于": "#6aa5d0", "无显著差异": "#e1e6ea", "低于": "#9a3f10"}
MARKS = {"高于": "▲", "低于": "▼", "无显著差异": ""}
WORDS = {"高于": "明显高于平均", "无显著差异": "尚看不出差别", "低于": "明显低于平均"}
NOBODY = re.compile("(?:没有|目前没有|暂无|无|其他|其它)")


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> Page:
    return published.report(files)


def codes(files: Files) -> list[str]:
    return ["composite", *(d.code for d in files.evaluation.scheme.dimensions)]


def values(files: Files, code: str) -> dict[str, float]:
    """Every complete committee's own number, as the map prints it."""
    complete = [r["subject"] for r in files.table("scores") if r["complete"]]
    rows = {
        s: files.one("indicators", subject=s, code=code, group="all")["estimate"] for s in complete
    }
    return {s: float(fixed(v)) for s, v in rows.items()}


def drawn(files: Files, code: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = maps.chart(files.evaluation, code).spec()["datasets"]["rows"]
    return rows


def test_everybody_is_in_the_class_of_its_verdict_and_the_key_counts_them(files: Files) -> None:
    seen = set()
    for code in codes(files):
        rows = drawn(files, code)
        fills = {r["id"]: r["fill"] for r in rows if r["part"] == "area"}
        key = [r["text"] for r in rows if r["part"] == "key"]
        texts = [str(r.get("text", "")) for r in rows if r["part"] in ("name", "minor", "value")]
        count = Counter(verdict_of(files, s, code) for s in values(files, code))
        assert key[:3] == [f"{MARKS[v]} {WORDS[v]} {count[v]} 个".strip() for v in FILLS]
        for subject in values(files, code):
            assert fills[subject] == FILLS[verdict_of(files, subject, code)]
        signs = Counter(sign for text in texts for sign in re.findall("[▲▼]", text))
        assert signs == +Counter({"▲": count["高于"], "▼": count["低于"]})
        assert not [text for text in texts if re.search(r"\d\.\d", text)]
        for row in files.table("scores"):
            if not row["complete"]:
                assert fills[row["subject"]] not in FILLS.values()
                assert row["subject"] in {r["id"] for r in rows if r["part"] == "hatch"}
        seen |= set(count)
    assert len(seen) == 3


def first_wishes(files: Files) -> dict[str, tuple[str, bool]]:
    """What most residents of each committee tick, and whether surely: from ``needs.csv`` alone."""
    least = files.evaluation.needs.minimum_n
    found = {}
    for row in files.table("scores"):
        own = [
            r for r in files.where("needs", subject=row["subject"]) if not NOBODY.match(r["name"])
        ]
        own.sort(key=lambda r: -r["share"])
        if not own or (len(own) > 1 and math.isclose(own[0]["share"], own[1]["share"])):
            continue
        p, of = own[0]["share"], own[0]["of"]
        q = max((least - 1) / of, own[1]["share"] if len(own) > 1 else 0.0)
        n = p * (1 - p) / own[0]["se"] ** 2
        sure = p > q and (p - q) / math.sqrt((p + q - (p - q) ** 2) / n) > 1.959964
        found[row["subject"]] = (own[0]["name"], sure)
    return found


def test_the_map_of_wishes_colours_only_what_surely_most_residents_tick(files: Files) -> None:
    chart = maps.wishes(files.evaluation)
    assert chart is not None
    rows = chart.spec()["datasets"]["rows"]
    wishes = first_wishes(files)
    key = [r["text"] for r in rows if r["part"] == "key"]
    names = dict.fromkeys(name for name, _ in wishes.values())
    street = {r["name"]: r["share"] for r in files.where("needs", subject="all")}
    ordered = sorted(names, key=lambda name: -street[name])
    told = Counter(name for name, _ in wishes.values())
    sure = Counter(name for name, certain in wishes.values() if certain)
    unsure, none = (
        sum(told.values()) - sum(sure.values()),
        len(files.table("scores")) - sum(told.values()),
    )
    assert key == [
        *(
            f"{sign} {name}（{told[name]} 个，能断定 {sure[name]} 个）"
            for sign, name in zip(maps.SIGNS, ordered, strict=False)
        ),
        f"尚看不出谁最多 {unsure} 个",
        *([f"没有可公布的，或有并列 {none} 个"] if none else []),
    ]
    shown = {r["fill"] for r in rows if r["part"] == "key-area"}
    drawn = {r["fill"] for r in rows if r["part"] == "area"}
    assert shown
    assert shown <= drawn, "no colour in the key that is nowhere on the map"
    fills = {r["id"]: r["fill"] for r in rows if r["part"] == "area"}
    for row in files.table("scores"):
        _, certain = wishes.get(row["subject"], ("", False))
        untold = row["subject"] not in wishes
        assert (fills[row["subject"]] == FILLS["无显著差异"]) == (not certain and not untold)
    coloured = {wishes[s][0]: fills[s] for s, (_, certain) in wishes.items() if certain}
    assert len(set(coloured.values())) == len(coloured)
    marks = dict(zip(chart.frame["id"], chart.frame["mark"], strict=True))
    for subject, mark in marks.items():
        name = wishes.get(subject, ("", False))[0]
        assert mark == (maps.SIGNS[ordered.index(name)] if name else "")


def test_the_published_files_carry_every_name_and_the_wave(files: Files) -> None:
    assert sorted(p.name for p in (files.folder / "maps").glob("*.svg")) == sorted(
        f"{code}.svg" for code in [*codes(files), "wishes"]
    )
    told = bool(files.table("points") or files.table("demand"))
    of_resources = {p.stem for p in (files.folder / "maps/resources").glob("*.svg")}
    subjects = {row["subject"] for row in files.table("scores")}
    assert of_resources == ({*subjects, "street"} if told else set())
    titles = {d.code: d.name for d in files.evaluation.scheme.dimensions}
    titles |= {"composite": "综合得分", "wishes": "居民勾选最多的诉求"}
    for code in [*codes(files), "wishes"]:
        root = ET.fromstring((files.folder / f"maps/{code}.svg").read_text(encoding="utf-8"))
        text = "".join("".join(root.itertext()).split())
        assert titles[code] in text
        assert "2016年度" in text
        for row in files.table("scores"):
            assert row["name"] in text
        lacking = any(not row["complete"] for row in files.table("scores"))
        assert ("不完整" in text) == (lacking and code != "wishes")


def test_the_report_names_the_dimension_that_differs_most(files: Files, page: Page) -> None:
    (part,) = (p for p in page.parts if p.title.startswith("地图"))
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
    rate = percent(files.evaluation.scheme.false_discovery_rate)
    assert f"误报的比例预期不超过 {rate}" in part.text


def test_the_reports_maps_hold_the_same_numbers_as_the_files(files: Files, page: Page) -> None:
    (part,) = (p for p in page.parts if p.title.startswith("地图"))
    charts = [c for c in part.charts if not str(c.options["title"]).endswith("：需求与资源")]
    assert len(part.charts) - len(charts) == bool(files.table("points") or files.table("demand"))
    assert [c.options["title"] for c in charts] == [
        "综合得分",
        "居民勾选最多的诉求",
        *(d.name for d in files.evaluation.scheme.dimensions),
    ]
    first, _, *others = charts
    for chart, code in zip([first, *others], codes(files), strict=True):
        told = dict(zip(chart.frame["id"], chart.frame["value"], strict=True))
        for subject in values(files, code):
            row = files.one("indicators", subject=subject, code=code, group="all")
            assert told[subject] == row["estimate"]
        names = dict(zip(chart.frame["id"], chart.frame["name"], strict=True))
        assert names == {r["subject"]: r["name"] for r in files.table("scores")}
