"""Section 2: the profile. Dimensions and indicators against the street, in words."""

from __future__ import annotations

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import method
from evalkit.pages.telling.facts import MARKS, Facts, Row, Section


def section(facts: Facts) -> Section | None:
    """Plan the profile; None for a committee without one."""
    dimensions = facts.profile("dimension")
    if not dimensions or facts.place is None:
        return None
    return Section(
        "diagnosis/profile.html.j2",
        f"画像：与{facts.street_word}平均相比",
        takeaway(facts, dimensions),
        {
            "chart": _chart(facts, dimensions),
            "rows": _rows(facts, dimensions),
            "confidence": known.confidence(facts.evaluation),
            "last_wave": facts.last_wave if _has_previous(dimensions) else None,
            "reading": method.reading(facts.evaluation),
        },
    )


def takeaway(facts: Facts, dimensions: list[Row]) -> str:
    """Say which dimensions the data can tell from the street's mean."""
    mean = f"{facts.street_word}平均"
    high = [str(d["name"]) for d in dimensions if d["verdict"] == "高于"]
    low = [str(d["name"]) for d in dimensions if d["verdict"] == "低于"]
    if not high and not low:
        return f"{len(dimensions)} 个维度均与{mean}无显著差异。"
    for names, word in ((high, "高于"), (low, "低于")):
        if len(names) == len(dimensions):
            return f"{len(dimensions)} 个维度都显著{word}{mean}。"
    parts = [
        f"{say.joined(names)}显著{word}{mean}"
        for names, word in ((high, "高于"), (low, "低于"))
        if names
    ]
    rest = len(dimensions) - len(high) - len(low)
    tail = f"；其余 {rest} 个无显著差异" if rest else ""
    return f"{len(dimensions)} 个维度中，{'；'.join(parts)}{tail}。"


def _chart(facts: Facts, dimensions: list[Row]) -> Chart:
    frame = pd.DataFrame(dimensions)[["name", "estimate", "low", "high", "street", "previous"]]
    return Chart(
        "profile",
        frame,
        f"{facts.name}各维度得分及区间，与{facts.street_word}平均、上次得分对照；数字见下表",
        {
            "subject": f"本{facts.word}",
            "street": f"{facts.street_word}平均",
            "confidence": known.confidence(facts.evaluation),
            "previous": facts.last_wave or "上次",
            "domain": facts.common.dimension_axis,
        },
    )


def _rows(facts: Facts, dimensions: list[Row]) -> list[dict[str, object]]:
    indicators = {str(row["code"]): row for row in facts.profile("indicator")}
    named = {str(row["code"]): row for row in dimensions}
    rows = []
    for dimension in facts.evaluation.scheme.dimensions:
        if dimension.code in named:
            rows.append(_line(named[dimension.code], "dimension"))
        rows += [
            _line(indicators[i.code], "indicator")
            for i in dimension.indicators
            if i.code in indicators
        ]
    return rows


def _line(row: Row, level: str) -> dict[str, object]:
    return {
        "level": level,
        "code": row["code"],
        "name": row["name"],
        "estimate": say.fixed(row["estimate"]),
        "interval": say.interval(row["low"], row["high"]),
        "street": say.fixed(row["street"]),
        "difference": say.signed(row["difference"]),
        "verdict": MARKS[str(row["verdict"])],
        "sure": row["verdict"] != "无显著差异",
        "previous": say.fixed(row["previous"]),
    }


def _has_previous(rows: list[Row]) -> bool:
    return any(not say.missing(row["previous"]) for row in rows)
