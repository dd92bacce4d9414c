"""What is told of units of other levels, from frame ``rollup``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from evalkit.definitions.units import Units
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import overall
from evalkit.pages.telling.facts import Row
from evalkit.tables import ALL_GROUPS, COMPOSITE, Evaluation

WEIGHTS = {
    "equal": "各{word}算一个",
    "population": "按当批次人口加权",
    "households": "按当批次户数加权",
}
"""How committees are summed up."""


def weighed(evaluation: Evaluation) -> str:
    """Say by what weights committees are summed up."""
    units = Units.of(evaluation.roster)
    return WEIGHTS[units.weights].format(word=evaluation.order.subject_word)


def summed(evaluation: Evaluation) -> pd.DataFrame:
    """Return the rows of frame ``rollup`` that are sums of committees."""
    table = evaluation.rollup
    return table[table["group"] == ALL_GROUPS]


def inside(evaluation: Evaluation) -> pd.DataFrame:
    """Return the rows of frame ``rollup`` of units inside committees."""
    table = evaluation.rollup
    return table[(table["group"] != ALL_GROUPS) & (table["code"] == COMPOSITE)]


def blocks(evaluation: Evaluation, dimensions: Sequence[str]) -> list[dict[str, Any]]:
    """Return every grouping with a row a unit: score, interval, place, and these dimensions."""
    named = overall.groupings(evaluation)
    return [
        {
            "title": "全部" if by == ALL_GROUPS else f"按{named[str(by)]}",
            "rows": [
                _row({str(r["code"]): r for r in known.records(own)}, dimensions)
                for _, own in part.groupby("unit", sort=False)
            ],
        }
        for by, part in summed(evaluation).groupby("grouping", sort=False)
    ]


def _row(own: Mapping[str, Row], dimensions: Sequence[str]) -> dict[str, Any]:
    whole = own[COMPOSITE]
    ranked = not say.missing(whole["rank"])
    return {
        "name": whole["name"],
        "n": int(whole["members"]),
        "mean": score(whole),
        "interval": interval(whole),
        "rank": int(whole["rank"]) if ranked else say.MISSING,
        "places": f"{int(whole['rank_low'])}–{int(whole['rank_high'])}" if ranked else say.MISSING,
        "dimensions": [score(own[code]) for code in dimensions],
    }


def score(row: Row) -> str:
    """Write a unit's number; why there is none where it is not told."""
    return known.UNTOLD if bool(row["suppressed"]) else say.fixed(row["mean"])


def interval(row: Row) -> str:
    """Write the interval of a unit's number."""
    return say.MISSING if say.missing(row["se"]) else say.interval(row["low"], row["high"])
