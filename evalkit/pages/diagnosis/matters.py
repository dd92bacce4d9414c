"""Section 5: what matters most. Importance against performance, needs, and what residents wrote."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import needs as asked
from evalkit.pages.telling.facts import Facts, Row
from evalkit.tables import ALL_GROUPS, ANYTHING

MAP = {"width": 410, "height": 282}
QUADRANTS = ("优先改进", "继续保持", "可缓一步", "维持现状")
"""Important and poor, important and good, unimportant and poor, unimportant and good."""
NAMED = 3
"""Points without a certain quadrant that carry their names."""
MOST_NEEDS = 4
MOST_THEMES, MOST_ELSEWHERE = 4, 3
MARKS: Mapping[str, str] = {Comparison.ABOVE: "▲", Comparison.BELOW: "▼"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters(Section):
    """Needs, what residents wrote about, and importance against performance."""

    template = "diagnosis/matters.html.j2"
    map: Chart | None
    points: Sequence[Row]
    reading: str
    needs: OwnNeeds | None
    table: Sequence[Row]
    shorter: bool
    nothing: str
    themes: Sequence[Spoken]
    confidence: str
    minimum: int
    false_discovery: str


def section(facts: Facts) -> Matters | None:
    """Plan what matters most; None where neither importance nor needs nor themes are known."""
    points = _points(facts)
    needs, themes = _needs(facts), _themes(facts)
    if not points and needs is None and not themes:
        return None
    return Matters(
        title="什么最要紧",
        takeaway=takeaway(facts, points, needs, themes),
        map=_map(facts, points) if points else None,
        points=[_line(row) for row in points],
        reading=_reading(facts, points),
        needs=needs,
        table=_table(facts, needs) if needs else [],
        shorter=needs is not None and len(needs.rows) > MOST_NEEDS,
        nothing=say.percent(needs.nothing["share"]) if needs and needs.nothing else "",
        themes=themes,
        confidence=known.confidence(facts.evaluation),
        minimum=facts.evaluation.needs.minimum_n,
        false_discovery=say.percent(facts.evaluation.scheme.false_discovery_rate),
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
    if len(points) < 2 or _spread(points) < known.ALIKE:
        return []
    lines = {axis: _mean(points, axis) for axis in ("importance", "performance")}
    return [{**p, "quadrant": _quadrant(p, lines), "leans": _leans(p, lines)} for p in points]


def _spread(points: Sequence[Row]) -> float:
    told = [float(point["performance"]) for point in points]
    return max(told) - min(told)


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
    return _named(*sides)


def _leans(point: Row, lines: dict[str, float]) -> str:
    """Return the quadrant of a point's estimates, however unsure; nothing on a cross-hair."""
    if any(math.isclose(point[axis], line, abs_tol=1e-9) for axis, line in lines.items()):
        return ""
    return _named(*(bool(point[axis] > line) for axis, line in lines.items()))


def _named(important: bool, good: bool) -> str:
    return QUADRANTS[(0 if important else 2) + (1 if good else 0)]


def _first(points: Sequence[Row], *, sure: bool) -> list[str]:
    """Return what to put first: for certain, or by the estimates alone."""
    kind = "quadrant" if sure else "leans"
    return [
        str(p["name"]) for p in points if p[kind] == QUADRANTS[0] and (sure or not p["quadrant"])
    ]


def _map(facts: Facts, points: list[Row]) -> Chart:
    frame = pd.DataFrame(points).drop(columns=["quadrant", "leans"])
    named = [*_in(points, QUADRANTS[0]), *_in(points, QUADRANTS[1])]
    named += _first(points, sure=False)[:NAMED]
    frame["label"] = [p["name"] if p["name"] in named else str(p["number"]) for p in points]
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
    found = (
        f"实心 {sure} 项，两条区间都不碰十字线；空心的归不进哪一格"
        if sure
        else "各项的区间都碰到十字线，归不进哪一格"
    )
    leaning = f"，倾向“{QUADRANTS[0]}”、影响力居前的写名" if _first(points, sure=False) else ""
    return (
        f"{found}{leaning}（逐项判断，未作多重比较校正）。影响力由全{facts.street_word} {n:,} 名居民算出，"
        f"合起来说明总体满意度差别的 {say.percent(explained)}；只是同高同低，改好一项，总体满意度不一定上升。"
    )


# --- needs ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnNeeds:
    """What a committee's residents tick as urgent.

    Attributes
    ----------
    rows : tuple of dict
        Of frame ``needs``, most ticked first; without "other" and "none".
    of : int
        Residents who answered; 0 where no need may be shown.
    nothing : dict or None
        The row of those who have no need.
    street : tuple of str
        What the street ticks most.
    """

    rows: tuple[Row, ...]
    of: int
    nothing: Row | None
    street: tuple[str, ...]


def _needs(facts: Facts) -> OwnNeeds | None:
    """Return this committee's needs beside the street's; None if none are known."""
    street = facts.common.needs.get(ALL_GROUPS)
    if street is None:
        return None
    item = street["item"].iloc[0]
    own = facts.common.needs.get(facts.subject.id)
    rows = [] if own is None else asked.by_share(known.records(own[own["item"] == item]))
    everywhere = asked.by_share(known.records(street[street["item"] == item]))
    return OwnNeeds(
        rows=tuple(row for row in rows if asked.is_need(row)),
        of=int(rows[0]["of"]) if rows else 0,
        nothing=next((row for row in rows if asked.is_none(row)), None),
        street=tuple(str(row["name"]) for row in everywhere if asked.is_need(row))[:3],
    )


def _table(facts: Facts, needs: OwnNeeds) -> list[dict[str, object]]:
    return [
        {
            "name": row["name"],
            "share": say.percent(row["share"]),
            "interval": asked.percents(row),
            "n": int(row["n"]),
            "street": say.percent(row["street"]),
            "verdict": _against(facts, str(row["verdict"])),
            "sure": row["verdict"] != Comparison.LEVEL,
        }
        for row in needs.rows[:MOST_NEEDS]
    ]


def _against(facts: Facts, verdict: str) -> str:
    """Write how a share stands against the street's; an arrow only where it is significant."""
    mark = MARKS.get(verdict)
    return verdict if mark is None else f"{mark} {verdict}{facts.street_word}"


# --- themes ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spoken:
    """What residents wrote about under one open question.

    Attributes
    ----------
    wrote : int or None
        Residents of the committee who wrote anything; None where that may not be shown.
    here, street : tuple of str
        Themes with their counts, most spoken of first.
    """

    question: str
    wrote: int | None
    here: tuple[str, ...]
    street: tuple[str, ...]


def _themes(facts: Facts) -> list[Spoken]:
    """Return, by open question, what is spoken of here and in the street."""
    street = facts.common.themes.get(ALL_GROUPS)
    if street is None:
        return []
    own = facts.common.themes.get(facts.subject.id)
    texts = {i.id: i.text for q in facts.evaluation.questionnaires.values() for i in q.items}
    found = []
    for item, part in street.groupby("item", sort=False):
        here = [] if own is None else known.records(own[own["item"] == item])
        found.append(
            Spoken(
                texts.get(str(item), str(item)),
                next((int(row["n"]) for row in here if row["code"] == ANYTHING), None),
                asked.most(here, MOST_THEMES),
                asked.most(known.records(part), MOST_ELSEWHERE),
            )
        )
    return found


# --- the sentence ---------------------------------------------------------------------------


def takeaway(facts: Facts, points: list[Row], needs: OwnNeeds | None, themes: list[Spoken]) -> str:
    """Say in one sentence what residents ask for most, and what to put first."""
    least = facts.evaluation.needs.minimum_n
    parts = []
    if needs is not None:
        parts.append(_wanted(needs, least, facts.street_word))
    if points:
        parts.append(_urgent(points))
    if not parts:
        spoken = [text for question in themes for text in question.here[:1]]
        parts.append(
            f"居民写下的意见中，提到最多的是{say.joined(spoken)}"
            if spoken
            else f"居民写下的意见中，没有一个主题达到 {least} 人"
        )
    return f"{'；'.join(parts)}。"


def _urgent(points: Sequence[Row]) -> str:
    sure, leaning = _first(points, sure=True), _first(points, sure=False)
    if sure:
        return f"影响力大而得分偏低、可优先考虑的是{say.joined(map(say.quoted, sure), 3, '项')}"
    said = "没有一项工作能确定既影响大、得分又偏低"
    if leaning:
        return f"{said}，倾向如此的是{say.joined(map(say.quoted, leaning), 2, '项')}"
    return said


def _wanted(needs: OwnNeeds, least: int, street: str) -> str:
    if not needs.rows:
        return f"居民的诉求中，没有一项的人数够得上公布（至少 {least} 人）"
    top = needs.rows[0]
    said = f"居民勾选最多的诉求是{say.quoted(str(top['name']))}（{say.percent(top['share'])}）"
    sure = top["verdict"] in MARKS
    said += f"，显著{top['verdict']}全{street}" if sure else f"，与全{street}无显著差异"
    others = [
        say.quoted(str(r["name"])) for r in needs.rows[1:] if r["verdict"] == Comparison.ABOVE
    ]
    if not others:
        return said
    also = "同样的还有" if top["verdict"] == Comparison.ABOVE else f"显著高于全{street}的是"
    return f"{said}，{also}{say.joined(others, 3, '项')}"
