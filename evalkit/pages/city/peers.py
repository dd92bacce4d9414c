"""Committees among their like across the city: in bands, with no place among all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.codes import Comparison
from evalkit.pages.city.facts import BANDS, CityFacts, interval, peers_name
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling.facts import records

LISTED = 60
"""Up to so many committees of one verdict the report names; of more it says how many a street has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers(Section):
    """Kinds of committees, and those that surely differ from their like."""

    template = "city/peers.html.j2"
    like: str
    kinds: Sequence[Mapping[str, Any]]
    flagged: Sequence[Mapping[str, Any]]
    untested: int
    rate: str
    partial: str


def section(facts: CityFacts) -> Peers | None:
    """Plan the comparison with the like; None where nobody has enough of them."""
    tested = facts.peers[facts.peers["verdict"] != Comparison.UNTESTED.value]
    if not len(tested):
        return None
    return Peers(
        title=f"与全市同类{facts.word}相比",
        takeaway=_takeaway(facts, tested),
        like=facts.like,
        kinds=[_kind(row, tested) for row in records(facts.groups) if row["by"] == "peers"],
        flagged=[
            _flagged(facts, tested, verdict) for verdict in (Comparison.ABOVE, Comparison.BELOW)
        ],
        untested=len(facts.peers) - len(tested),
        rate=say.percent(facts.rate),
        partial=facts.partial,
    )


def _takeaway(facts: CityFacts, tested: pd.DataFrame) -> str:
    above, below = (
        int((tested["verdict"] == verdict.value).sum())
        for verdict in (Comparison.ABOVE, Comparison.BELOW)
    )
    if not above and not below:
        return f"{len(tested)} 个{facts.word}中，没有一个的居民评分与全市同类的平均有明显差异。"
    return (
        f"{len(tested)} 个{facts.word}中，居民评分明显高于全市同类平均的 {above} 个，"
        f"明显低于的 {below} 个，其他的分不出。"
    )


def _kind(row: Any, tested: pd.DataFrame) -> dict[str, Any]:
    own = tested[tested["peers"] == row["value"]]
    counts = {v: int((own["verdict"] == v.value).sum()) for v in list(Comparison)[:3]}
    return {
        "name": peers_name(row["value"]),
        "streets": int(row["streets"]),
        "n": int(row["n"]),
        "mean": say.fixed(row["mean"]),
        "interval": interval(row),
        "above": counts[Comparison.ABOVE],
        "level": counts[Comparison.LEVEL],
        "below": counts[Comparison.BELOW],
    }


def _flagged(facts: CityFacts, tested: pd.DataFrame, verdict: Comparison) -> dict[str, Any]:
    own = tested[tested["verdict"] == verdict.value]
    streets = dict(zip(facts.streets["street"], facts.streets["name"], strict=True))
    by_street = {
        str(streets[street]): [
            f"{row['name']}（{BANDS[str(row['band'])]}）" for row in records(rows)
        ]
        for street, rows in own.groupby("street", sort=False)
    }
    if len(own) > LISTED:
        counts = "、".join(f"{name} {len(who)} 个" for name, who in by_street.items())
        told = [{"name": f"各{facts.street_word}", "who": counts}]
    else:
        told = [{"name": name, "who": "、".join(who)} for name, who in by_street.items()]
    return {
        "title": f"居民评分明显{verdict.value}同类的",
        "streets": told,
        "named": len(own) <= LISTED,
        "n": len(own),
    }
