"""Every chart on realistic and on hard data; `python -m tests.figures.gallery FILE.pdf` prints it."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from evalkit import figures
from evalkit.definitions.roster import Subject
from evalkit.figures import style
from evalkit.figures.examples import (
    BANDS,
    GRADES,
    boundaries,
    parts,
    scenarios,
    street,
    two_waves,
)
from evalkit.figures.examples import LONG as LONG
from evalkit.figures.examples import NAMES as NAMES
from evalkit.figures.examples import answers as answer_frame
from evalkit.figures.examples import dimensions as profile_frame
from evalkit.figures.examples import grades as grade_frame
from evalkit.figures.examples import groups as group_frame
from evalkit.figures.examples import importance as importance_frame
from evalkit.figures.examples import movers as mover_frame
from evalkit.figures.examples import ranks as rank_frame
from evalkit.figures.examples import standings as standing_frame
from evalkit.simulation.ground import invented_boundaries

HOSTILE = "<b>甲&乙\"丙'\x0b丁</b>"


@dataclass(frozen=True)
class Case:
    """One chart to draw: the same arguments give the chart, its spec and its SVG.

    What takes long to make is given as a function without arguments, and made when it is drawn:
    every process that collects tests knows all cases by their names.
    """

    name: str
    figure: figures.Figure[Any]
    given: tuple[Any, ...]
    options: dict[str, Any]

    @cached_property
    def arguments(self) -> tuple[Any, ...]:
        return tuple(one() if callable(one) else one for one in self.given)

    def chart(self) -> alt.LayerChart:
        return self.figure(*self.arguments, **self.options)

    def svg(self) -> str:
        return self.figure.svg(*self.arguments, **self.options)

    @cached_property
    def drawn(self) -> tuple[str, bool]:
        """Its SVG, drawn once, and whether what was given to draw it is as it was."""
        frames = [a for a in self.arguments if isinstance(a, pd.DataFrame)]
        before = [frame.copy(deep=True) for frame in frames]
        svg = self.svg()
        return svg, all(old.equals(new) for old, new in zip(before, frames, strict=True))


def awkward() -> dict[str, Any]:
    """A ring with a hole and an island in it, two islands, a sliver, a speck and a long strip."""

    def box(x: float, y: float, wide: float, high: float) -> list[list[float]]:
        corners = ((0, 0), (wide, 0), (wide, high), (0, high), (0, 0))
        return [[round(123 + (x + i) / 1000, 6), round(30 + (y + j) / 1000, 6)] for i, j in corners]

    shapes: list[list[list[list[list[float]]]]] = [
        [[box(0, 0, 60, 50), box(10, 10, 40, 30)]],
        [[box(20, 15, 20, 20)]],
        [[box(64, 0, 12, 12)], [box(64, 20, 26, 30)]],
        [[box(0, 52, 90, 1)]],
        [[box(80, 4, 0.4, 0.4)]],
        [[box(-8, -40, 3, 95)]],
        [[box(0, -40, 90, 30), box(40, -38, 6, 26)], [box(42, -36, 2, 22)]],
    ]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": f"C{k:03d}"},
                "geometry": {"type": "MultiPolygon", "coordinates": shape},
            }
            for k, shape in enumerate(shapes, start=1)
        ],
    }


@cache
def _ground(count: int) -> dict[str, Any]:
    ids = street(count)["id"]
    return invented_boundaries([Subject(id=i, name=i, zone=f"{k % 5}") for k, i in enumerate(ids)])


def ground(count: int) -> dict[str, Any]:
    """A street of that many committees, as the demo's; whoever changes it changes nobody else's."""
    return copy.deepcopy(_ground(count))


def marked(count: int) -> pd.DataFrame:
    """A street with one committee that has no score, and the others compared with the mean."""
    frame = street(count)
    away = (frame["value"] - frame["value"].mean()) / frame["se"]
    frame["hatched"] = away.abs() < 1.96
    frame["mark"] = np.where(frame["hatched"], "", np.where(away > 0, "▲", "▼"))
    frame["note"] = ""
    frame.loc[1, ["value", "se", "hatched", "note"]] = [np.nan, np.nan, False, "不完整"]
    return frame


MAP_WORDS = {
    "title": "自治共治与党建引领",
    "subtitle": "长寿路街道 2016年度 模拟数据 边界为示意",
    "hatch_label": "与街道平均无显著差异",
    "blank_label": "不完整，不计分",
}


KINDS: dict[str, Any] = {
    "kinds": (
        ("明显高于平均", "▲", style.STANDINGS[0]),
        ("尚看不出差别", "", style.STANDINGS[1]),
        ("明显低于平均", "▼", style.STANDINGS[2]),
    ),
    "title": "综合得分",
    "blank_label": "不完整，不计分",
}
SMALL = {"small": True, "width": 332}


def sorted_(count: int) -> pd.DataFrame:
    """Everybody in one of three kinds; one of none."""
    frame = marked(count)
    kind = frame["mark"].map({"▲": 0.0, "": 1.0, "▼": 2.0}).where(frame["value"].notna())
    return frame[["id", "name"]].assign(kind=kind)


@cache
def by_name() -> dict[str, Case]:
    """The same charts for everybody who asks in a process."""
    return {case.name: case for case in cases()}


def cases() -> Iterator[Case]:
    """Yield every chart, realistic data first, then the hard ones."""

    def case(name: str, figure: Callable[..., Any], *arguments: Any, **options: Any) -> Case:
        assert isinstance(figure, figures.Figure)
        return Case(name, figure, arguments, options)

    for count in (35, 3, 6, 120):
        yield case(f"caterpillar-{count}", figures.caterpillar, street(count), bands=BANDS, mean=86)
    for count in (35, 3, 120):
        yield case(f"standings-{count}", figures.standings, standing_frame(count), mean=86.3)
    level = standing_frame(6).assign(standing=0, name=[LONG, *NAMES[:5]])
    yield case("standings-first-wave", figures.standings, level.drop(columns="previous"))
    yield case("strip", figures.strip, street(35), bands=BANDS, mean=86.3)
    yield case("profile", figures.profile, profile_frame(), subject="玉佛城", previous="2015年")
    yield case("profile-first-wave", figures.profile, profile_frame().drop(columns="previous"))
    waves = {"from_label": "2015年", "to_label": "2016年"}
    yield case("slope-rank", figures.slope, two_waves((6,), "rank"), **waves)
    several = two_waves((3, 6, 34), "score")
    yield case("slope-score", figures.slope, several, kind="score", width=680, **waves)
    for count in (1, 2, 5):
        yield case(f"trend-{count}", figures.trend, trend_frame(count), bands=BANDS)
    narrow = {"bands": BANDS, "width": 340}
    yield case("trend-narrow", figures.trend, trend_frame(5), **narrow)
    yield case("profile-narrow", figures.profile, profile_frame(), previous="2015年度", width=340)
    changes = parts()
    yield case("contributions", figures.contributions, changes)
    falling = changes.assign(points=-changes["points"].abs()).head(4)
    yield case("contributions-falling", figures.contributions, falling, largest=None)
    yield case("grade-counts", figures.grade_counts, grade_frame(), order=GRADES)
    slim = grade_frame(((3, 12, 16, 3, 1), (40, 71, 6, 2, 1)))
    yield case("grade-counts-120", figures.grade_counts, slim, order=GRADES)
    yield case("movers", figures.movers, mover_frame())
    yield case("rank-intervals", figures.rank_intervals, rank_frame(35))
    yield case("groups", figures.groups, group_frame())
    yield case(
        "sensitivity",
        figures.sensitivity_bars,
        scenarios(),
        title="名次",
        reference=12,
        reference_label="现行方案 12",
    )
    yield case(
        "importance-performance",
        figures.importance_performance,
        importance_frame(),
        importance_line=5.0,
        performance_line=84.0,
        importance_title="重要性（对总体满意度的解释力，%）",
    )
    yield case("distribution", figures.distribution, answer_frame())
    mixed = pd.DataFrame(
        {"item": "过去一年，居民区干部有没有到您家走访？", "option": ["有", "没有"]}
    )
    mixed = pd.concat([answer_frame(), mixed.assign(share=[0.63, 0.37], order=[0, 1], n=60)])
    yield case("distribution-mixed", figures.distribution, mixed)
    for count in (35, 3, 120):
        yield case(f"tiles-{count}", figures.tile_grid, street(count))
    yield case("tiles-narrow", figures.tile_grid, street(35), columns=5, width=340)
    patchy = street(35)
    patchy.loc[4, "value"] = np.nan
    zones = ["东片区"] * 12 + ["中片区"] * 13 + ["西片区"] * 10
    yield case("tiles-zones", figures.tile_grid, patchy.assign(zone=zones))
    yield case("map", figures.choropleth, boundaries(), patchy.drop(index=9))
    yield case("map-120", figures.choropleth, partial(ground, 120), marked(120), **MAP_WORDS)
    small = {**MAP_WORDS, "small": True, "width": 332}
    yield case("map-small-35", figures.choropleth, partial(ground, 35), marked(35), **small)
    yield case(
        "map-small-120", figures.choropleth, partial(ground, 120), marked(120), foot=False, **small
    )
    yield case("tiles-small-35", figures.tile_grid, marked(35), **small)
    for count in (35, 120):
        yield case(
            f"map-kinds-{count}",
            figures.choropleth,
            partial(ground, count),
            sorted_(count),
            **KINDS,
        )
    for count in (35, 6):
        yield case(f"tiles-kinds-{count}", figures.tile_grid, sorted_(count), **KINDS)
    yield case(
        "map-small-kinds-35", figures.choropleth, partial(ground, 35), sorted_(35), **KINDS, **SMALL
    )
    hard = marked(7).assign(name=[NAMES[0], "㛃龘居民区", LONG, *NAMES[3:7]])
    yield case("map-awkward", figures.choropleth, awkward(), hard, **MAP_WORDS)
    spots = pd.DataFrame(
        {"longitude": [123.2, 123.201], "latitude": [30.6, 30.601], "kind": [0, 1]}
    )
    here = street(6)[["id", "name"]].assign(here=[True] + [False] * 5)
    words = {"kinds": ["助餐点 1 处", HOSTILE], "title": HOSTILE, "subtitle": "2016年度 模拟数据"}
    yield case("points", figures.point_map, partial(ground, 6), here, points=spots, **words)
    yield case("points-none", figures.point_map, partial(ground, 6), here, points=spots.head(0), **SMALL,
               kinds=[])  # fmt: skip
    yield case("map-equal", figures.choropleth, partial(ground, 6), street(6).assign(value=80.0))
    nobody = marked(3).assign(value=np.nan, note="不完整")
    yield case("map-nobody", figures.choropleth, partial(ground, 3), nobody, **MAP_WORDS)


def trend_frame(count: int) -> pd.DataFrame:
    score = np.array([82.4, 88.1, np.nan, 89.97, 93.2])[:count]
    return pd.DataFrame(
        {
            "wave": [f"{2012 + i}年度" for i in range(count)],
            "score": score,
            "low": score - 2.6,
            "high": score + 2.6,
            "street": np.array([84.0, 86.1, 86.9, 87.4, 88.0])[:count],
            "label": ["", "", "", "89.97", ""][:count],
        }
    )


def sheet() -> str:
    """Return an HTML page with every chart."""
    body = "".join(f"<section><h4>{c.name}</h4>{c.svg()}</section>" for c in cases())
    return (
        "<!doctype html><html lang='zh'><meta charset='utf-8'><style>@page{size:A4;margin:15mm}"
        "body{font-family:'Noto Sans CJK SC';margin:0}h4{margin:10px 0 4px;font-size:10px;"
        f"color:#999}}section{{break-inside:avoid}}svg{{display:block}}</style>{body}</html>"
    )


if __name__ == "__main__":
    import weasyprint

    Path(sys.argv[1]).write_bytes(weasyprint.HTML(string=sheet()).write_pdf())
