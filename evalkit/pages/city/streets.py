"""The streets beside one another, by residents' score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evalkit.codes import Comparison
from evalkit.pages.city import map as maps
from evalkit.pages.city.facts import CityFacts, interval
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling.facts import records

NAMED = 8
"""Streets that the takeaway names."""
HEIGHT = 340


@dataclass(frozen=True, slots=True, kw_only=True)
class Streets(Section):
    """A row for every street that is counted, with its set of places."""

    template = "city/streets.html.j2"
    chart: Chart
    rows: Sequence[Mapping[str, Any]]
    districts: Sequence[Mapping[str, Any]]
    partial: str
    reading: str


def section(facts: CityFacts) -> Streets | None:
    """Plan the table of streets; None without two of them."""
    if len(facts.counted) < 2:
        return None
    groups = facts.groups[facts.groups["by"] == "district"]
    return Streets(
        title=f"各{facts.street_word}的居民评分",
        takeaway=takeaway(facts),
        chart=_lower(maps.chart(facts)),
        rows=[_row(row) for row in records(facts.counted.sort_values("rank", kind="stable"))],
        districts=[
            {
                "name": str(row["value"]),
                "streets": int(row["streets"]),
                "n": int(row["n"]),
                "mean": say.fixed(row["mean"]),
                "interval": interval(row),
            }
            for row in records(groups)
        ],
        partial=facts.partial,
        reading=maps.reading(facts),
    )


def takeaway(facts: CityFacts) -> str:
    """Say which streets surely differ from the others."""
    word = facts.street_word
    parts = []
    for verdict in (Comparison.ABOVE, Comparison.BELOW):
        names = facts.places(verdict)
        if names:
            parts.append(
                f"{len(names)} 条明显{verdict.value}其余{word}（{say.joined(names, NAMED, '条')}）"
            )
    if not parts:
        return f"没有一条{word}的居民评分与其余{word}的平均有明显差异。"
    rest = "，其他的分不出" if (facts.counted["verdict"] == Comparison.LEVEL).any() else ""
    return f"{len(facts.counted)} 条{word}中，{'，'.join(parts)}{rest}。"


def _lower(chart: Chart) -> Chart:
    """Return the map as it fits above its table."""
    size = {"max_height": HEIGHT} if chart.figure == "choropleth" else {}
    return replace(chart, options={**chart.options, **size, "subtitle": ""})


def _row(row: Any) -> dict[str, Any]:
    return {
        "name": str(row["name"]),
        "district": str(row["district"] or ""),
        "n": f"{int(row['n'])}/{int(row['committees'])}",
        "mean": say.fixed(row["mean"]),
        "interval": interval(row),
        "places": say.places(row["rank_low"], row["rank_high"]),
        "difference": say.signed(row["difference"]),
        "verdict": say.plainly(row["verdict"]),
        "sure": row["verdict"] in (Comparison.ABOVE, Comparison.BELOW),
    }
