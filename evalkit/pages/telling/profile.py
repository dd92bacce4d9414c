"""The profile of one committee: dimensions and indicators against the street, in words."""

from __future__ import annotations

import math

import pandas as pd

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import weights
from evalkit.pages.telling.facts import MARKS, SURE, UNTOLD, Facts, Row


def known_of(facts: Facts) -> bool:
    """Tell whether the committee has a profile."""
    return facts.scored and bool(facts.profile("dimension"))


def takeaway(facts: Facts) -> str:
    """Say which dimensions the data can tell from the street's mean."""
    dimensions = facts.profile("dimension")
    mean = f"{facts.street_word}平均"
    high = [str(d["name"]) for d in dimensions if d["verdict"] == Comparison.ABOVE]
    low = [str(d["name"]) for d in dimensions if d["verdict"] == Comparison.BELOW]
    one = str(dimensions[0]["name"]) if len(dimensions) == 1 else ""
    if not high and not low:
        return f"{one or f'{len(dimensions)} 个维度均'}与{mean}尚看不出差别。"
    for names, word in ((high, "高于"), (low, "低于")):
        if len(names) == len(dimensions):
            return f"{one or f'{len(dimensions)} 个维度都'}明显{word}{mean}。"
    parts = [
        f"{say.joined(names)}明显{word}{mean}"
        for names, word in ((high, "高于"), (low, "低于"))
        if names
    ]
    rest = len(dimensions) - len(high) - len(low)
    tail = f"；其余 {rest} 个尚看不出差别" if rest else ""
    return f"{len(dimensions)} 个维度中，{'；'.join(parts)}{tail}。"


def chart(facts: Facts) -> Chart:
    """Plan the chart of the dimensions."""
    frame = pd.DataFrame(facts.profile("dimension"))[
        ["name", "estimate", "low", "high", "street", "previous"]
    ]
    before = last_wave(facts)
    if before is None:
        frame = frame.assign(previous=math.nan)
    return Chart(
        "profile",
        frame,
        f"{facts.name}各维度得分及误差范围，与{facts.street_word}平均、上次得分对照；数字见下表",
        {
            "subject": f"本{facts.word}",
            "street": f"{facts.street_word}平均",
            "previous": before or "上次",
            "domain": facts.common.dimension_axis,
        },
    )


def rows(facts: Facts) -> list[dict[str, object]]:
    """Return every dimension, its indicators after it, as a table shows them.

    What is not told has its line, too, and says so.
    """
    named = {str(row["code"]): row for row in facts.rows}
    found = []
    for dimension in facts.evaluation.scheme.dimensions:
        if dimension.code in named:
            found.append(_line(facts, named[dimension.code], "dimension"))
        found += [
            _line(facts, named[i.code], "indicator")
            for i in dimension.indicators
            if i.code in named
        ]
    return found


def _line(facts: Facts, row: Row, level: str) -> dict[str, object]:
    return {
        "level": level,
        "code": row["code"],
        "name": row["name"],
        "weight": weights.told(100.0 * known.weight(facts, str(row["code"]))),
        "estimate": say.fixed(row["estimate"]),
        "interval": say.interval(row["low"], row["high"]),
        "street": say.fixed(row["street"]),
        "difference": say.signed(row["difference"]),
        "verdict": UNTOLD if say.missing(row["estimate"]) else MARKS[str(row["verdict"])],
        "sure": row["verdict"] in SURE,
        "previous": say.fixed(row["previous"]),
    }


def last_wave(facts: Facts) -> str | None:
    """Return the name of the wave before, if any dimension was measured then.

    None for who is being set up: it is compared with no other wave.
    """
    measured = not facts.provisional and any(
        not say.missing(row["previous"]) for row in facts.profile("dimension")
    )
    return facts.last_wave if measured else None
