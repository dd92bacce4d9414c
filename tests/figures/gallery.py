"""Every chart on realistic and on hard data; `python -m tests.figures.gallery FILE.pdf` prints it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from evalkit import figures
from evalkit.definitions.roster import Subject
from evalkit.simulation.ground import invented_boundaries

_SHORT = (
    "玉佛城 普陀一村 普陀二村 澳门新村 叶家宅 长寿新村 陆家宅 梅芳里 常德名园 大自鸣钟 武宁小城 "
    "半岛花园 圣骊河滨苑 秋月枫舍 安远苑 新湖明珠 达安花园 亚新生活广场 锦绣里 江宁小区 胶州新邨 "
    "音乐广场 上青佳园 西康公寓 中远两湾城滨河第三 光新新村 顺义小区 苏堤春晓 泰欣嘉园 合德里 "
    "澳门路第一 九茂家园 宜昌公寓 知音苑"
)
LONG = "东新路第二联合居民区筹备工作小组临时办公"
HOSTILE = "<b>甲&乙\"丙'\x0b丁</b>"
NAMES = [*_SHORT.split(), LONG]
BANDS = [("优秀", 90.0), ("良好", 85.0), ("中等", 75.0), ("合格", 60.0)]
GRADES = ["优秀", "良好", "中等", "合格", "待改进"]
DIMENSIONS = [
    "服务群众能效",
    "工作者队伍建设",
    "诉求回应与矛盾化解",
    "自治共治与党建引领",
    "小区环境与平安",
]
_INDICATORS = (
    "便民办事 走访联系 重点人群关怀 文体公益活动 服务态度 业务能力 责任担当 公道正派 反映渠道 "
    "响应速度 解决实效 结果反馈 居务公开与协商 居民参与 党组织党员作用 资源对接 环境卫生 平安有序 "
    "物业业委会协调 归属感"
)
INDICATORS = _INDICATORS.split()


@dataclass(frozen=True)
class Case:
    """One chart to draw: the same arguments give the chart, its spec and its SVG."""

    name: str
    figure: figures.Figure[Any]
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def chart(self) -> alt.LayerChart:
        return self.figure(*self.arguments, **self.options)

    def svg(self) -> str:
        return self.figure.svg(*self.arguments, **self.options)


def street(count: int, seed: int = 1) -> pd.DataFrame:
    """Scores, intervals and ranks of a street; the seventh (or last) committee is highlighted."""
    rng = np.random.Generator(np.random.PCG64(seed))
    score = np.clip(rng.normal(86.5, 4.2, count), 0, 99)
    se = rng.uniform(1.2, 2.6, count)
    frame = pd.DataFrame(
        {
            "id": [f"C{i + 1:03d}" for i in range(count)],
            "name": [NAMES[i] if i < len(NAMES) else f"第{i + 1}居民区" for i in range(count)],
            "score": score,
            "value": score,
            "se": se,
            "low": score - 1.96 * se,
            "high": score + 1.96 * se,
            "highlight": [i == min(6, count - 1) for i in range(count)],
        }
    )
    frame["rank"] = frame["score"].rank(ascending=False, method="min").astype(int)
    return frame


def boundaries(count: int = 35, seed: int = 4) -> dict[str, Any]:
    """Jittered quadrilaterals, seven a row, where Changshou Road lies."""
    rng = np.random.Generator(np.random.PCG64(seed))
    rows = -(-count // 7)
    corner = {
        (i, j): [
            121.42 + 0.006 * i + rng.normal(0, 0.0011),
            31.23 + 0.005 * j + rng.normal(0, 0.0009),
        ]
        for i in range(8)
        for j in range(rows + 1)
    }
    features = []
    for k in range(count):
        i, j = k % 7, k // 7
        around = ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j))
        features.append(
            {
                "type": "Feature",
                "properties": {"id": f"C{k + 1:03d}"},
                "geometry": {"type": "Polygon", "coordinates": [[corner[c] for c in around]]},
            }
        )
    return {"type": "FeatureCollection", "features": features}


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


def ground(count: int) -> dict[str, Any]:
    """A street of that many committees, as the demo's."""
    ids = street(count)["id"]
    return invented_boundaries([Subject(id=i, name=i, zone=f"{k % 5}") for k, i in enumerate(ids)])


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


def grade_frame(counts: tuple[tuple[int, ...], ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (f"{2014 + w}年", grade, n)
            for w, wave in enumerate(counts)
            for grade, n in zip(GRADES, wave, strict=True)
        ],
        columns=["wave", "grade", "count"],
    )


def answer_frame() -> pd.DataFrame:
    options = ["非常满意", "满意", "基本满意", "不满意", "非常不满意", "不了解"]
    items = {
        "居委会工作人员办事是否热情、耐心、一次讲清？": [0.452, 0.31, 0.15, 0.05, 0.018, 0.02],
        "您向居民区反映的问题，最后解决得怎么样？": [0.21, 0.28, 0.26, 0.13, 0.07, 0.05],
    }
    return pd.DataFrame(
        [
            (item, option, share, k, 62)
            for item, shares in items.items()
            for k, (option, share) in enumerate(zip(options, shares, strict=True))
        ],
        columns=["item", "option", "share", "order", "n"],
    )


def importance_frame() -> pd.DataFrame:
    rng = np.random.Generator(np.random.PCG64(11))
    count = len(INDICATORS)
    frame = pd.DataFrame(
        {
            "name": INDICATORS,
            "importance": rng.gamma(4, 1.25, count),
            "performance": rng.normal(84, 4, count),
        }
    )
    for axis, half in (("importance", 1.2), ("performance", 2.2)):
        frame[f"{axis}_low"] = frame[axis] - half
        frame[f"{axis}_high"] = frame[axis] + half
    return frame


def mover_frame() -> pd.DataFrame:
    change = np.array([6.1, 4.2, 3.3, 2.1, 0.8, -0.6, -2.2, -3.4, -5.9, -0.04])
    return pd.DataFrame(
        {
            "name": [*NAMES[:9], LONG],
            "change": change,
            "low": change - 3,
            "high": change + 3,
            "verdict": np.select([change > 3, change < -3], ["明显上升", "明显下降"], "无明显变化"),
        }
    )


def profile_frame() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "name": DIMENSIONS,
            "estimate": [88.2, 84.1, 79.3, 86, 81.2],
            "street": [86, 85.2, 83, 84, 84.5],
            "previous": [85, 85.5, np.nan, 83, 82],
        }
    )
    return frame.assign(low=frame["estimate"] - 3.1, high=frame["estimate"] + 3.1)


def group_frame() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "group": ["重点居民", "随机居民", "街道职能部门", "共建单位", "居民区互评"],
            "estimate": [89.2, 81.3, 86, np.nan, 84],
            "n": [46, 23, 12, "<10", 34],
            "street": [87, 84.2, 85.5, 86, np.nan],
        }
    )
    return frame.assign(low=frame["estimate"] - 4, high=frame["estimate"] + 4)


def two_waves(highlighted: tuple[int, ...], column: str) -> pd.DataFrame:
    before, after = street(35, seed=2), street(35)
    return pd.DataFrame(
        {
            "name": after["name"],
            "from_value": before[column],
            "to_value": after[column],
            "highlight": [i in highlighted for i in range(35)],
        }
    )


def rank_frame(count: int) -> pd.DataFrame:
    frame = street(count)
    return frame.assign(
        low=np.maximum(1, frame["rank"] - 7), high=np.minimum(count, frame["rank"] + 9)
    )


def cases() -> Iterator[Case]:
    """Yield every chart, realistic data first, then the hard ones."""

    def case(name: str, figure: Callable[..., Any], *arguments: Any, **options: Any) -> Case:
        assert isinstance(figure, figures.Figure)
        return Case(name, figure, arguments, options)

    for count in (35, 3, 6, 120):
        yield case(f"caterpillar-{count}", figures.caterpillar, street(count), bands=BANDS, mean=86)
    yield case("strip", figures.strip, street(35), bands=BANDS, mean=86.3)
    yield case("profile", figures.profile, profile_frame(), subject="玉佛城", previous="2015年")
    yield case("profile-first-wave", figures.profile, profile_frame().drop(columns="previous"))
    waves = {"from_label": "2015年", "to_label": "2016年"}
    yield case("slope-rank", figures.slope, two_waves((6,), "rank"), **waves)
    several = two_waves((3, 6, 34), "score")
    yield case("slope-score", figures.slope, several, kind="score", width=680, **waves)
    rng = np.random.Generator(np.random.PCG64(3))
    parts = pd.DataFrame({"name": INDICATORS, "points": rng.normal(0.2, 0.5, len(INDICATORS))})
    yield case("contributions", figures.contributions, parts)
    falling = parts.assign(points=-parts["points"].abs()).head(4)
    yield case("contributions-falling", figures.contributions, falling, largest=None)
    usual = grade_frame(((3, 12, 16, 3, 1), (5, 13, 15, 2, 0), (12, 16, 6, 1, 0)))
    yield case("grade-counts", figures.grade_counts, usual, order=GRADES)
    slim = grade_frame(((3, 12, 16, 3, 1), (40, 71, 6, 2, 1)))
    yield case("grade-counts-120", figures.grade_counts, slim, order=GRADES)
    yield case("movers", figures.movers, mover_frame())
    yield case("rank-intervals", figures.rank_intervals, rank_frame(35))
    yield case("groups", figures.groups, group_frame())
    runs = pd.DataFrame(
        {
            "name": ["重点/随机 35/35", "重点/随机 50/20", "剔除可疑答卷", "不加权"],
            "value": [12, 13.2, 15, 11],
            "low": [9, 10, 11, np.nan],
            "high": [17, 18, 22, np.nan],
            "highlight": [True, False, False, False],
        }
    )
    yield case(
        "sensitivity",
        figures.sensitivity_bars,
        runs,
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
    patchy = street(35)
    patchy.loc[4, "value"] = np.nan
    zones = ["东片区"] * 12 + ["中片区"] * 13 + ["西片区"] * 10
    yield case("tiles-zones", figures.tile_grid, patchy.assign(zone=zones))
    yield case("map", figures.choropleth, boundaries(), patchy.drop(index=9))
    yield case("map-120", figures.choropleth, ground(120), marked(120), **MAP_WORDS)
    small = {**MAP_WORDS, "small": True, "width": 332}
    yield case("map-small-35", figures.choropleth, ground(35), marked(35), **small)
    yield case("map-small-120", figures.choropleth, ground(120), marked(120), foot=False, **small)
    yield case("tiles-small-35", figures.tile_grid, marked(35), **small)
    hard = marked(7).assign(name=[NAMES[0], "㛃龘居民区", LONG, *NAMES[3:7]])
    yield case("map-awkward", figures.choropleth, awkward(), hard, **MAP_WORDS)
    yield case("map-equal", figures.choropleth, ground(6), street(6).assign(value=80.0))
    nobody = marked(3).assign(value=np.nan, note="不完整")
    yield case("map-nobody", figures.choropleth, ground(3), nobody, **MAP_WORDS)


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
