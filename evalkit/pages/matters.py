"""Section 5: what matters most. Importance against performance, needs, and what residents wrote."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evalkit.pages import facts as known
from evalkit.pages import wording as say
from evalkit.pages.base import Chart
from evalkit.pages.facts import Facts, Row, Section
from evalkit.tables import ALL_GROUPS, ANYTHING

MAP = {"width": 400, "height": 330}
QUADRANTS = ("优先改进", "继续保持", "可缓一步", "维持现状")
"""Important and poor, important and good, unimportant and poor, unimportant and good."""
MOST_NEEDS = 5
MOST_THEMES = 4
VERDICTS = {"高于": "▲ 高于街道", "低于": "▼ 低于街道", "无显著差异": "无显著差异"}
NO_NEED = ("目前没有", "没有", "暂无", "暂时没有", "都没有", "以上都没有", "无")
"""What an option begins with that says there is no need."""
OTHER = ("其他", "其它")


def section(facts: Facts) -> Section | None:
    """Plan what matters most; None where neither importance nor needs nor themes are known."""
    points = _points(facts)
    needs, themes = _needs(facts), _themes(facts)
    if not points and needs is None and not themes:
        return None
    return Section(
        "matters.html.j2",
        "什么最要紧",
        takeaway(facts, points, needs, themes),
        {
            "map": _map(facts, points) if points else None,
            "list": [_line(row) for row in points],
            "reading": _reading(facts, points),
            "needs": needs,
            "themes": themes,
            "confidence": known.confidence(facts.evaluation),
            "minimum": facts.evaluation.heard.minimum_n,
            "word": facts.word,
            "false_discovery": say.percent(facts.evaluation.scheme.false_discovery_rate),
        },
    )


# --- importance and performance -------------------------------------------------------------


def _points(facts: Facts) -> list[Row]:
    """Return the drivers that this committee has an estimate of, most important first."""
    drivers = facts.evaluation.assurance.drivers
    if facts.place is None or len(drivers) < 2:
        return []
    profile = {str(row["code"]): row for row in facts.rows}
    points: list[Row] = []
    for row in known.records(drivers):
        own = profile.get(str(row["code"]))
        if own is None or say.missing(own["estimate"]):
            continue
        points.append(
            {
                "number": len(points) + 1,
                "name": row["name"],
                "importance": 100 * row["importance"],
                "importance_low": 100 * row["low"],
                "importance_high": 100 * row["high"],
                "performance": own["estimate"],
                "performance_low": own["low"],
                "performance_high": own["high"],
            }
        )
    if len(points) < 2:
        return []
    lines = {axis: _mean(points, axis) for axis in ("importance", "performance")}
    return [{**p, **{axis: p[axis] for axis in lines}, "quadrant": _quadrant(p, lines)} for p in points]


def _mean(points: Sequence[Row], axis: str) -> float:
    return sum(float(p[axis]) for p in points) / len(points)


def _quadrant(point: Row, lines: dict[str, float]) -> str:
    """Return the quadrant a point lies in with both its intervals, or nothing."""
    sides = []
    for axis, line in lines.items():
        low, high = point[f"{axis}_low"], point[f"{axis}_high"]
        if say.missing(low) or say.missing(high) or low <= line <= high:
            return ""
        sides.append(low > line)
    important, good = sides
    return QUADRANTS[(0 if important else 2) + (1 if good else 0)]


def _map(facts: Facts, points: list[Row]) -> Chart:
    frame = pd.DataFrame(points).drop(columns=["quadrant"])
    frame["short"] = [str(p["number"]) for p in points]
    return Chart(
        "importance_performance",
        frame,
        f"{facts.name}各项工作的影响力与得分：" + _certain(points),
        {
            "importance_line": _mean(points, "importance"),
            "performance_line": _mean(points, "performance"),
            "importance_title": "对总体满意度的影响力（%）",
            "performance_title": f"本{facts.word}得分（十字线为各项平均）",
            "quadrants": QUADRANTS,
            **MAP,
        },
    )


def _line(point: Row) -> dict[str, object]:
    return {
        "number": point["number"],
        "name": point["name"],
        "importance": say.fixed(point["importance"]),
        "range": say.interval(point["importance_low"], point["importance_high"]),
        "score": say.fixed(point["performance"]),
        "sure": bool(point["quadrant"]),
    }


def _in(points: Sequence[Row], quadrant: str) -> list[str]:
    return [str(p["name"]) for p in points if p["quadrant"] == quadrant]


def _certain(points: Sequence[Row]) -> str:
    """Say which points lie in a quadrant for certain."""
    said = [
        f"{quadrant}——{say.joined(names)}"
        for quadrant in QUADRANTS
        if (names := _in(points, quadrant))
    ]
    return "；".join(said) if said else "没有一项能确定落在哪一格"


def _reading(facts: Facts, points: list[Row]) -> str:
    """Say what the map says and what it does not."""
    if not points:
        return ""
    drivers = facts.evaluation.assurance.drivers
    explained, n = float(drivers["r_squared"].iloc[0]), int(drivers["n"].iloc[0])
    sure = sum(bool(p["quadrant"]) for p in points)
    return (
        f"{len(points)} 项中有 {sure} 项的两条区间都不碰十字线，图上写名（逐项判断，未作多重比较校正）；"
        f"其余为灰色空心，只标编号，归不进哪一格。影响力按全街道 {n:,} 名居民计算，各{facts.word}通用，"
        f"合起来说明总体满意度差别的 {say.percent(explained)}；它只表示两者同高同低，"
        "不证明改好这一项总体满意度就会上升。"
    )


# --- needs ----------------------------------------------------------------------------------


def _needs(facts: Facts) -> dict[str, object] | None:
    """Return this committee's needs beside the street's, most ticked first; None if not asked."""
    street = facts.common.needs.get(ALL_GROUPS)
    if street is None:
        return None
    item = str(street["item"].iloc[0])
    own = facts.common.needs.get(facts.subject.id)
    rows = known.records(own[own["item"] == item]) if own is not None else []
    listed = sorted(
        (row for row in rows if not str(row["name"]).startswith((*NO_NEED, *OTHER))),
        key=lambda row: -float(row["share"]),
    )
    nothing = next((r for r in rows if str(r["name"]).startswith(NO_NEED)), None)
    everywhere = street[(street["item"] == item)].sort_values("share", ascending=False, kind="stable")
    most = [str(n) for n in everywhere["name"] if not str(n).startswith((*NO_NEED, *OTHER))]
    return {
        "rows": [
            {
                "name": row["name"],
                "share": say.percent(row["share"]),
                "interval": _percents(row),
                "n": int(row["n"]),
                "street": say.percent(row["street"]),
                "verdict": VERDICTS[str(row["verdict"])],
                "sure": row["verdict"] != "无显著差异",
            }
            for row in listed[:MOST_NEEDS]
        ],
        "top": listed[0] if listed else None,
        "high": [str(row["name"]) for row in listed if row["verdict"] == "高于"],
        "of": int(rows[0]["of"]) if rows else 0,
        "nothing": "" if nothing is None else say.percent(nothing["share"]),
        "street_most": say.joined(most[:3]),
    }


def _percents(row: Row) -> str:
    return f"{say.interval(100 * row['low'], 100 * row['high'], 0)}%"


# --- themes ---------------------------------------------------------------------------------


def _themes(facts: Facts) -> list[dict[str, object]]:
    """Return, by open question, what is spoken of here and in the street."""
    street = facts.common.themes.get(ALL_GROUPS)
    if street is None:
        return []
    own = facts.common.themes.get(facts.subject.id)
    texts = {i.id: i.text for q in facts.evaluation.questionnaires.values() for i in q.items}
    found: list[dict[str, object]] = []
    for item, part in street.groupby("item", sort=False):
        here = [] if own is None else known.records(own[own["item"] == item])
        wrote = next((int(row["n"]) for row in here if row["code"] == ANYTHING), None)
        everywhere = [row for row in _by_count(known.records(part)) if row["code"] != ANYTHING]
        found.append(
            {
                "question": texts.get(str(item), str(item)),
                "wrote": wrote,
                "spoken": [
                    {"name": row["name"], "n": int(row["n"])}
                    for row in _by_count(here)
                    if row["code"] != ANYTHING
                ][:MOST_THEMES],
                "street": [
                    f"{row['name']} {int(row['n'])} 人" for row in everywhere[:3]
                ],
            }
        )
    return found


def _by_count(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: -int(row["n"]))


# --- the sentence ---------------------------------------------------------------------------


def takeaway(
    facts: Facts,
    points: list[Row],
    needs: dict[str, object] | None,
    themes: list[dict[str, object]],
) -> str:
    """Say in one sentence what to put first, and what residents ask for most."""
    parts = []
    if points:
        first = _in(points, QUADRANTS[0])
        parts.append(
            f"影响大而得分偏低、应当优先的是{say.joined(map(say.quoted, first), 3)}"
            if first
            else "没有一项工作能确定既影响大、得分又偏低"
        )
    if needs is not None:
        parts.append(_wanted(needs, facts))
    elif themes and not points:
        spoken = [t["name"] for q in themes for t in q["spoken"]]  # type: ignore[attr-defined]
        parts.append(
            f"居民写得最多的是{say.joined(spoken, 3)}"
            if spoken
            else f"居民写下的意见中，没有一个主题达到 {facts.evaluation.heard.minimum_n} 人"
        )
    return f"{'；'.join(parts)}。"


def _wanted(needs: dict[str, object], facts: Facts) -> str:
    top, high = needs["top"], needs["high"]
    least = facts.evaluation.heard.minimum_n
    if not isinstance(top, dict):
        return f"居民的诉求中，没有一项的人数够得上公布（至少 {least} 人）"
    said = f"居民勾选最多的诉求是{say.quoted(str(top['name']))}（{say.percent(top['share'])}）"
    if isinstance(high, list) and high:
        return f"{said}，显著高于全街道的有{say.joined(map(say.quoted, high), 3)}"
    return f"{said}，公布的各项与全街道无显著差异" if top["verdict"] == "无显著差异" else said
