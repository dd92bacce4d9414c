"""Made-up frames to try every figure on; `docs/figures.md` and the tests draw them.

Names, scores and intervals are invented; the same arguments give the same frame.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

_SHORT = (
    "玉佛城 普陀一村 普陀二村 澳门新村 叶家宅 长寿新村 陆家宅 梅芳里 常德名园 大自鸣钟 武宁小城 "
    "半岛花园 圣骊河滨苑 秋月枫舍 安远苑 新湖明珠 达安花园 亚新生活广场 锦绣里 江宁小区 胶州新邨 "
    "音乐广场 上青佳园 西康公寓 中远两湾城滨河第三 光新新村 顺义小区 苏堤春晓 泰欣嘉园 合德里 "
    "澳门路第一 九茂家园 宜昌公寓 知音苑"
)
LONG = "东新路第二联合居民区筹备工作小组临时办公"
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


def street(count: int = 35, seed: int = 1) -> pd.DataFrame:
    """Scores, intervals and ranks of a street; the seventh (or last) committee is highlighted.

    For `caterpillar`, `strip`, `tile_grid` and `choropleth`.

    Examples
    --------
    >>> street(3)["name"].tolist()
    ['玉佛城', '普陀一村', '普陀二村']
    """
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
    """Invented areas, seven a row, as GeoJSON: for `choropleth`."""
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


def grades(
    counts: tuple[tuple[int, ...], ...] = ((3, 12, 16, 3, 1), (5, 13, 15, 2, 0), (12, 16, 6, 1, 0)),
) -> pd.DataFrame:
    """How many committees hold each grade, by wave: for `grade_counts`."""
    return pd.DataFrame(
        [
            (f"{2014 + w}年", grade, n)
            for w, wave in enumerate(counts)
            for grade, n in zip(GRADES, wave, strict=True)
        ],
        columns=["wave", "grade", "count"],
    )


def answers() -> pd.DataFrame:
    """How residents answered two questions: for `distribution`."""
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


def importance() -> pd.DataFrame:
    """Twenty indicators by importance (%) and score: for `importance_performance`."""
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


def movers() -> pd.DataFrame:
    """Ten committees' changes against the street, with verdicts: for `movers`."""
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


def dimensions() -> pd.DataFrame:
    """One committee's five dimensions beside the street's: for `profile`."""
    frame = pd.DataFrame(
        {
            "name": DIMENSIONS,
            "estimate": [88.2, 84.1, 79.3, 86, 81.2],
            "street": [86, 85.2, 83, 84, 84.5],
            "previous": [85, 85.5, np.nan, 83, 82],
        }
    )
    return frame.assign(low=frame["estimate"] - 3.1, high=frame["estimate"] + 3.1)


def groups() -> pd.DataFrame:
    """One committee as five rater groups see it, one too small to publish: for `groups`."""
    frame = pd.DataFrame(
        {
            "group": ["重点居民", "随机居民", "街道职能部门", "共建单位", "居民区互评"],
            "estimate": [89.2, 81.3, 86, np.nan, 84],
            "n": [46, 23, 12, "<10", 34],
            "street": [87, 84.2, 85.5, 86, np.nan],
        }
    )
    return frame.assign(low=frame["estimate"] - 4, high=frame["estimate"] + 4)


def two_waves(
    highlighted: tuple[int, ...] = (6,), column: Literal["rank", "score"] = "rank"
) -> pd.DataFrame:
    """Ranks or scores of 35 committees in two waves: for `slope`."""
    before, after = street(35, seed=2), street(35)
    return pd.DataFrame(
        {
            "name": after["name"],
            "from_value": before[column],
            "to_value": after[column],
            "highlight": [i in highlighted for i in range(35)],
        }
    )


def ranks(count: int = 35) -> pd.DataFrame:
    """Ranks and rank sets of a street: for `rank_intervals`."""
    frame = street(count)
    return frame.assign(
        low=np.maximum(1, frame["rank"] - 7), high=np.minimum(count, frame["rank"] + 9)
    )


def standings(count: int = 35) -> pd.DataFrame:
    """Group a street by its distances from the mean: for `standings`."""
    frame = street(count)
    away = (frame["score"] - frame["score"].mean()) / frame["se"]
    return frame.assign(
        standing=np.select([away > 1.96, away < -1.96], [1, -1], 0),
        previous=(frame["score"] - 2.5 * np.cos(np.arange(count))).where(np.arange(count) != 4),
    )


def parts() -> pd.DataFrame:
    """Points of a change in score by indicator: for `contributions`."""
    rng = np.random.Generator(np.random.PCG64(3))
    return pd.DataFrame({"name": INDICATORS, "points": rng.normal(0.2, 0.5, len(INDICATORS))})


def scenarios() -> pd.DataFrame:
    """One committee's rank under four sets of rules: for `sensitivity_bars`."""
    return pd.DataFrame(
        {
            "name": ["重点/随机 35/35", "重点/随机 50/20", "剔除可疑答卷", "不加权"],
            "value": [12, 13.2, 15, 11],
            "low": [9, 10, 11, np.nan],
            "high": [17, 18, 22, np.nan],
            "highlight": [True, False, False, False],
        }
    )
